//! Enums of strings.

use super::{Lowering, facet::Facets, name, schema::Slot};
use crate::{
    document::Type as SchemaType,
    ir::{Check, Enum, EnumVariant, Type, TypeKind, Value},
    source::{self, Node},
};

/// The JSON Schema type of a value of the document.
pub(super) fn type_of(node: &Node) -> SchemaType {
    match &node.value {
        source::Value::Null => SchemaType::Null,
        source::Value::Bool(_) => SchemaType::Boolean,
        source::Value::Number(text) if super::literal::integer(text).is_some() => {
            SchemaType::Integer
        }
        source::Value::Number(_) => SchemaType::Number,
        source::Value::String(_) => SchemaType::String,
        source::Value::Sequence(_) => SchemaType::Array,
        source::Value::Mapping(_) => SchemaType::Object,
    }
}

impl Lowering<'_> {
    /// An enum of the facets' strings.
    pub(super) fn string_enum(&mut self, facets: &Facets, slot: &mut Slot) -> Value {
        let mut values: Vec<String> = Vec::new();
        for value in facets.values.iter().flatten() {
            // A value of another type can never be sent where `type: string` stands beside the enum.
            if let Some(text) = value.value.as_str()
                && !values.iter().any(|known| known == text)
            {
                values.push(text.to_owned());
            }
        }
        if values.is_empty() {
            return Value {
                ty: Type::Json,
                checks: vec![Check::Never],
            };
        }
        let mut names: Vec<String> = values.iter().map(|value| name::type_name(value)).collect();
        name::distinct(&mut names);
        let variants = names
            .into_iter()
            .zip(values)
            .map(|(name, value)| EnumVariant { name, value })
            .collect();
        let id = self.reserve(slot, facets);
        let pointer = self.types.get(id.0).map(|def| def.pointer.as_str());
        let is_named = pointer
            .and_then(|pointer| pointer.strip_prefix("/components/schemas/"))
            .is_some_and(|name| !name.contains('/'));
        self.define(
            id,
            TypeKind::Enum(Enum {
                variants,
                constant: facets.constant,
                checks: Vec::new(),
                is_named,
            }),
        )
    }
}
