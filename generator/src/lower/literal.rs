//! Values of the document: equality as JSON has it, and the way into `ir`.

use crate::{
    ir::Literal,
    source::{Node, Value},
};

/// Whether two nodes are the same JSON value: numbers by value, objects without order (JSON Schema 2020-12 Core, section
/// 4.2.2).
pub(super) fn equal(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::Number(one), Value::Number(other)) => normal(one) == normal(other),
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

/// Sign, digits without zeros at either end, and exponent: the same for equal numbers.
pub(super) fn normal(text: &str) -> (bool, String, i64) {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse().unwrap_or(i64::MAX / 2)),
        None => (text, 0_i64),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return (false, String::new(), 0);
    }
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    (
        negative,
        significant.to_owned(),
        exponent
            .saturating_sub(fraction.len() as i64)
            .saturating_add(zeros as i64),
    )
}

/// The integer that a number text stands for, `1.0` and `1e2` included.
pub(super) fn integer(text: &str) -> Option<i128> {
    let (negative, digits, exponent) = normal(text);
    if digits.is_empty() {
        return Some(0);
    }
    let exponent = u32::try_from(exponent).ok()?;
    let value = digits
        .parse::<i128>()
        .ok()?
        .checked_mul(10_i128.checked_pow(exponent)?)?;
    Some(if negative { -value } else { value })
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
