//! Discriminators: what their names stand for must be there.

use std::rc::Rc;

use super::Lowering;
use crate::{
    diagnostic::{Code, closest},
    document::{Discriminator, Located, Reference},
};

impl Lowering<'_> {
    /// Reports the names of a `mapping` that stand for no schema, once.
    pub(super) fn check_mapping(&mut self, discriminator: &Discriminator) {
        let place = &discriminator.place;
        let spot = format!("discriminator {}#{}", place.span.file.0, place.pointer);
        if !self.references.is_news(spot) {
            return;
        }
        let named = discriminator.mapping.iter().map(|(_, target)| target);
        for target in named.chain(&discriminator.default_mapping) {
            self.check_target(target);
        }
    }

    /// A target is the name of a component or a URI reference (OAS 3.2, Discriminator Object).
    fn check_target(&mut self, target: &Located<Rc<str>>) {
        let schemas = &self.document.components.schemas;
        if schemas.iter().any(|(name, _)| *name == target.value) {
            return;
        }
        let is_reference = target.value.contains(['#', '/', '.']);
        if is_reference {
            let reference = Reference::new(Rc::clone(&target.value), target.place.clone());
            self.references.schema(&reference, self.diagnostics);
            return;
        }
        let names = schemas.iter().map(|(name, _)| &**name);
        let help = match closest(&target.value, names) {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => "write the name of a schema in `components/schemas`, or a reference".to_owned(),
        };
        let name = target.value.escape_debug();
        self.diagnostics
            .error(
                Code::UnresolvedReference,
                &target.place,
                format!("there is no schema `{name}`"),
            )
            .label("the discriminator leads to nothing")
            .help(help);
    }
}
