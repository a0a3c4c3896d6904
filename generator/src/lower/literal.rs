//! Values of the document: equality as JSON has it, and the way into `ir`.

use crate::{
    document::Decimal,
    ir::Literal,
    source::{Node, Value},
};

/// Whether two nodes are the same JSON value: numbers by value, objects without order (JSON Schema 2020-12 Core, section
/// 4.2.2).
pub(super) fn equal(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::Number(one), Value::Number(other)) => Decimal::parse(one) == Decimal::parse(other),
        (Value::String(one), Value::String(other)) => one == other,
        (Value::Sequence(one), Value::Sequence(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Mapping(one), Value::Mapping(other)) => {
            one.entries().len() == other.entries().len()
                && one.entries().iter().all(|entry| {
                    other
                        .get(&entry.key)
                        .is_some_and(|found| equal(&entry.value, &found.value))
                })
        }
        _ => false,
    }
}

/// The integer that a number text stands for, `1.0` and `1e2` included.
pub(super) fn integer(text: &str) -> Option<i128> {
    Decimal::parse(text)?.to_integer()
}

/// The value as plain data.
pub(super) fn literal(node: &Node) -> Literal {
    match &node.value {
        Value::Null => Literal::Null,
        Value::Bool(value) => Literal::Boolean(*value),
        Value::Number(text) => Literal::Number(text.to_string()),
        Value::String(text) => Literal::String(text.to_string()),
        Value::Sequence(items) => Literal::Array(items.iter().map(|item| literal(item)).collect()),
        Value::Mapping(mapping) => Literal::Object(
            mapping
                .entries()
                .iter()
                .map(|entry| (entry.key.to_string(), literal(&entry.value)))
                .collect(),
        ),
    }
}
