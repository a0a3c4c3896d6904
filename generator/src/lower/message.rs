//! `x-error-message`: the document's own words for what is wrong with a value.

use std::rc::Rc;

use super::{Lowering, schema::Peeled};
use crate::{
    diagnostic::Code,
    document::{Literal, Schema},
    ir::{Check, Value},
};

/// The extension: a text, or a text for each keyword.
const MESSAGE: &str = "x-error-message";

impl Lowering<'_> {
    /// The value with the words of its schemas, or of what they refer to.
    pub(super) fn authored(&mut self, mut value: Value, schemas: &[Rc<Schema>]) -> Value {
        for schema in schemas {
            let target = match self.peel(schema) {
                Peeled::Named(target) | Peeled::Inline(target) => target,
            };
            for schema in [schema, &target] {
                let found = schema.extensions.iter().find(|(key, _)| &**key == MESSAGE);
                let Some((_, literal)) = found else { continue };
                let messages = self.messages(literal);
                if !messages.is_empty() {
                    value.checks.push(Check::Message(messages));
                    return value;
                }
            }
        }
        value
    }

    fn messages(&mut self, literal: &Literal) -> Vec<(String, String)> {
        if let Some(text) = literal.value.as_str() {
            return vec![(String::new(), text.to_owned())];
        }
        let entries = literal.value.as_mapping().map(|it| it.entries());
        let messages: Option<Vec<_>> = entries.and_then(|entries| {
            let texts = entries.iter();
            texts
                .map(|entry| Some((entry.key.to_string(), entry.value.as_str()?.to_owned())))
                .collect()
        });
        messages.unwrap_or_else(|| {
            let file = literal.place.span.file.0;
            let pointer = &literal.place.pointer;
            if self.references.is_news(format!("message {file}#{pointer}")) {
                self.diagnostics.error(
                    Code::InvalidExtension,
                    &literal.place,
                    "`x-error-message` must be a text, or a text for each keyword",
                );
            }
            Vec::new()
        })
    }
}
