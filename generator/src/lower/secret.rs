//! Which names stand before values that are never shown: passwords, and what is `writeOnly`.

use std::collections::BTreeSet;

use crate::ir::{Additional, Api, Content, Format, Type, TypeDef, TypeKind, Value};

/// Adds the names of passwords to those of members that are `writeOnly`.
///
/// A password that no name stands before, such as an item of a list, makes a secret of what holds it: of the member, of the
/// parameter, or else of every body, which is said by the empty name.
pub(super) fn names(api: &Api, write_only: BTreeSet<String>) -> Vec<String> {
    let mut names = write_only;
    for def in &api.types {
        for (key, value) in members(def) {
            if holds_password(value, api, &mut Vec::new()) {
                names.insert(key.to_owned());
            }
        }
    }
    for request in api.operations.iter().filter_map(|it| it.request.as_ref()) {
        for parameter in &request.parameters {
            if holds_password(&parameter.value, api, &mut Vec::new()) {
                names.insert(parameter.name.clone());
            }
        }
        let contents = request.body.iter().flat_map(|body| &body.contents.list);
        for content in contents {
            let (Content::Json(value) | Content::Text(value)) = &content.content else {
                continue;
            };
            if holds_password(value, api, &mut Vec::new()) {
                names.insert(String::new());
            }
        }
    }
    names.into_iter().collect()
}

fn members(def: &TypeDef) -> impl Iterator<Item = (&str, &Value)> {
    let fields = match &def.kind {
        TypeKind::Struct(it) => it.fields.as_slice(),
        _ => &[],
    };
    fields
        .iter()
        .map(|field| (field.key.as_str(), &field.value))
}

/// Whether a value holds a password that is no member of a struct.
fn holds_password(value: &Value, api: &Api, open: &mut Vec<usize>) -> bool {
    match &value.ty {
        Type::Formatted(Format::Password) => true,
        Type::Named(id) => {
            if open.contains(&id.0) {
                return false;
            }
            open.push(id.0);
            match api.types.get(id.0).map(|def| &def.kind) {
                Some(TypeKind::Newtype(inner) | TypeKind::Alias(inner)) => {
                    holds_password(inner, api, open)
                }
                Some(TypeKind::Union(it)) => it
                    .variants
                    .iter()
                    .any(|variant| holds_password(&variant.value, api, open)),
                Some(TypeKind::Struct(it)) => match &it.additional {
                    Additional::Keep { value, .. } => holds_password(value, api, open),
                    Additional::Ignore | Additional::Refuse { .. } => false,
                },
                _ => false,
            }
        }
        ty => ty
            .parts()
            .iter()
            .any(|part| holds_password(part, api, open)),
    }
}
