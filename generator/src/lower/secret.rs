//! Which names stand before values that are never shown: passwords, and what is `writeOnly`.

use std::{
    collections::{BTreeSet, HashSet},
    rc::Rc,
};

use super::{Lowering, content::Essence, operation::Found, schema::key};
use crate::{
    diagnostic::Diagnostics,
    document::{ParameterValue, Schema},
};

/// A schema, and the name of the nearest member or parameter that its value is in; a body has the empty name.
type Named = (Rc<Schema>, Rc<str>);

/// What requests hold.
#[derive(Default)]
struct Sent {
    values: Vec<Named>,
    /// What may stand as one text with all of its members in it.
    texts: Vec<Named>,
}

impl Lowering<'_> {
    /// The names before what is secret in requests, wherever a schema says so: also where it only tests.
    ///
    /// A secret that no name stands before, such as an item of a list, makes one of what holds it: of the member, of the
    /// parameter, or else of every body, which is said by the empty name.
    pub(super) fn secrets(&mut self, operations: &[Found]) -> Vec<String> {
        let mut sent = Sent::default();
        for found in operations {
            self.sent(found, &mut sent);
        }
        let mut names = BTreeSet::new();
        let mut texts = sent.texts;
        texts.extend(self.secrets_below(sent.values, &mut names));
        let mut seen = HashSet::new();
        for (schema, name) in texts {
            if names.contains(&*name) || !seen.insert((key(&schema), Rc::clone(&name))) {
                continue;
            }
            let mut within = BTreeSet::new();
            self.secrets_below(vec![(schema, Rc::clone(&name))], &mut within);
            if !within.is_empty() {
                names.insert(name.to_string());
                names.extend(within);
            }
        }
        names.into_iter().collect()
    }

    fn sent(&mut self, found: &Found, sent: &mut Sent) {
        // What leads nowhere was reported before.
        let mut quiet = Diagnostics::default();
        for written in found
            .item
            .parameters
            .iter()
            .chain(&found.operation.parameters)
        {
            let Some(parameter) = self.references.parameter(written, &mut quiet) else {
                continue;
            };
            let schema = self.schema_of(&parameter.value);
            let name = &parameter.name.value;
            sent.texts
                .extend(schema.map(|schema| (schema, Rc::clone(name))));
        }
        let body = found.operation.request_body.as_ref();
        let body = body.and_then(|it| self.references.request_body(it, &mut quiet));
        for (essence, content) in body.iter().flat_map(|it| &it.content) {
            let Some(content) = self.references.media_type(content, &mut quiet) else {
                continue;
            };
            let essence = Essence::of(&essence.value);
            for schema in content.schema.iter().chain(&content.item_schema) {
                sent.values.push((Rc::clone(schema), Rc::from("")));
                if essence.is_form() || essence.is_multipart() {
                    sent.texts.extend(self.members_of(schema));
                }
            }
            let named = content.encoding.iter().map(|(_, encoding)| encoding);
            let by_position = content.prefix_encoding.iter().chain(&content.item_encoding);
            for (name, header) in named.chain(by_position).flat_map(|it| &it.headers) {
                let Some(header) = self.references.header(header, &mut quiet) else {
                    continue;
                };
                let schema = self.schema_of(&header.value);
                sent.texts
                    .extend(schema.map(|schema| (schema, Rc::clone(&name.value))));
            }
        }
    }

    /// The schema of a parameter or header.
    fn schema_of(&mut self, value: &ParameterValue) -> Option<Rc<Schema>> {
        match value {
            ParameterValue::Schema(schema) => Some(Rc::clone(schema)),
            ParameterValue::Content(_, content) => {
                let mut quiet = Diagnostics::default();
                let content = self.references.media_type(content, &mut quiet)?;
                content.schema.clone()
            }
        }
    }

    /// The members that a schema describes, or what it is made of.
    fn members_of(&mut self, schema: &Rc<Schema>) -> Vec<Named> {
        let mut members = Vec::new();
        let mut seen = HashSet::new();
        let mut next = vec![Rc::clone(schema)];
        while let Some(schema) = next.pop() {
            if !seen.insert(key(&schema)) {
                continue;
            }
            next.extend(self.in_place(&schema));
            members.extend(own_members(&schema));
        }
        members
    }

    /// Adds the names of the secrets in these values; what may hold some of them as one text is returned.
    fn secrets_below(&mut self, mut next: Vec<Named>, names: &mut BTreeSet<String>) -> Vec<Named> {
        let mut texts = Vec::new();
        let mut seen = HashSet::new();
        while let Some((schema, name)) = next.pop() {
            if !seen.insert((key(&schema), Rc::clone(&name))) {
                continue;
            }
            let is_password = schema
                .format
                .as_ref()
                .is_some_and(|it| &*it.value == "password");
            if is_password || schema.write_only {
                names.insert(name.to_string());
            }
            let content = schema.content_schema.iter().cloned();
            texts.extend(content.map(|content| (content, Rc::clone(&name))));
            let parts = parts(&schema).cloned().collect::<Vec<_>>();
            let below = parts.into_iter().chain(self.in_place(&schema));
            next.extend(below.map(|it| (it, Rc::clone(&name))));
            next.extend(own_members(&schema));
        }
        texts
    }

    /// The schemas that are about the same value.
    fn in_place(&mut self, schema: &Schema) -> Vec<Rc<Schema>> {
        let mut quiet = Diagnostics::default();
        let mut schemas: Vec<Rc<Schema>> = schema
            .references()
            .filter_map(|it| self.references.schema(it, &mut quiet))
            .collect();
        let lists = [&schema.all_of, &schema.any_of, &schema.one_of];
        let lists = lists.into_iter().flatten().flat_map(|list| &list.value);
        let conditional = [&schema.not, &schema.if_, &schema.then, &schema.else_];
        let dependent = schema.dependent_schemas.iter().map(|(_, it)| it);
        schemas.extend(
            lists
                .chain(conditional.into_iter().flatten())
                .chain(dependent)
                .cloned(),
        );
        schemas
    }
}

/// The members that a schema names itself.
fn own_members(schema: &Schema) -> impl Iterator<Item = Named> + '_ {
    let members = schema.properties.iter();
    members.map(|(key, member)| (Rc::clone(member), Rc::clone(key)))
}

/// The schemas of the parts that have no name, or none that is known.
fn parts(schema: &Schema) -> impl Iterator<Item = &Rc<Schema>> {
    let patterns = schema.pattern_properties.iter().map(|(_, it)| it);
    let prefix = schema.prefix_items.iter().flat_map(|list| &list.value);
    let others = [
        &schema.additional_properties,
        &schema.unevaluated_properties,
        &schema.property_names,
        &schema.items,
        &schema.unevaluated_items,
        &schema.contains,
        &schema.content_schema,
    ];
    patterns.chain(prefix).chain(others.into_iter().flatten())
}
