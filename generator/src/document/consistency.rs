//! What a schema says against itself: bounds that no value meets, values that the rest of the schema refuses.

use std::{collections::HashMap, rc::Rc};

use crate::{
    diagnostic::Code,
    source::{Node, Value},
};

use super::{
    Literal, Located, Schema,
    fault::{Judge, Nothing, STEPS, canonical, fault, is_of_type, shown},
    number::Decimal,
    reader::Reader,
};

/// Checks a schema that was read, without following its references.
pub(super) fn check(reader: &mut Reader<'_>, schema: &mut Schema) {
    check_bounds(reader, schema);
    for (least, most, names) in [
        (
            &schema.min_length,
            &schema.max_length,
            ("minLength", "maxLength"),
        ),
        (
            &schema.min_items,
            &schema.max_items,
            ("minItems", "maxItems"),
        ),
        (
            &schema.min_contains,
            &schema.max_contains,
            ("minContains", "maxContains"),
        ),
        (
            &schema.min_properties,
            &schema.max_properties,
            ("minProperties", "maxProperties"),
        ),
    ] {
        check_counts(reader, least.as_ref(), most.as_ref(), names);
    }
    check_enum(reader, schema);
    if let Some(value) = &schema.const_
        && let Some(fault) = own_fault(schema, &value.value)
    {
        let headline = format!("no value is valid: the `const` {fault}");
        reader.warning(Code::InvalidValue, &value.place, headline);
    }
    check_default(reader, schema);
}

fn check_bounds(reader: &mut Reader<'_>, schema: &Schema) {
    let lower = [
        (&schema.minimum, false, "minimum"),
        (&schema.exclusive_minimum, true, "exclusiveMinimum"),
    ];
    let upper = [
        (&schema.maximum, false, "maximum"),
        (&schema.exclusive_maximum, true, "exclusiveMaximum"),
    ];
    for (low, low_excluded, low_name) in lower {
        for (high, high_excluded, high_name) in upper {
            let (Some(low), Some(high)) = (low, high) else {
                continue;
            };
            let (Some(least), Some(most)) =
                (Decimal::parse(&low.value), Decimal::parse(&high.value))
            else {
                continue;
            };
            if least > most || (least == most && (low_excluded || high_excluded)) {
                let headline = format!(
                    "no value is valid: `{low_name}` is {}, `{high_name}` is {}",
                    low.value, high.value
                );
                reader
                    .error(Code::ConflictingBounds, &low.place, headline)
                    .related(high.place.span, format!("`{high_name}` is here"));
            }
        }
    }
}

fn check_counts(
    reader: &mut Reader<'_>,
    least: Option<&Located<u64>>,
    most: Option<&Located<u64>>,
    names: (&str, &str),
) {
    if let (Some(least), Some(most)) = (least, most)
        && least.value > most.value
    {
        let headline = format!(
            "no value is valid: `{}` is {}, `{}` is {}",
            names.0, least.value, names.1, most.value
        );
        reader
            .error(Code::ConflictingBounds, &least.place, headline)
            .related(most.place.span, format!("`{}` is here", names.1));
    }
}

fn check_enum(reader: &mut Reader<'_>, schema: &Schema) {
    let Some(values) = &schema.enum_ else {
        return;
    };
    let mut seen: HashMap<String, &Literal> = HashMap::new();
    let mut steps = STEPS;
    for value in &values.value {
        let Some(key) = canonical(&value.value, &mut steps) else {
            return;
        };
        if let Some(first) = seen.insert(key, value) {
            let text = shown(&value.value);
            reader
                .warning(
                    Code::DuplicateItem,
                    &values.place,
                    format!("`enum` holds {text} twice"),
                )
                .related(first.place.span, "first here")
                .related(value.place.span, "again here");
        }
        if let Some(types) = &schema.types
            && !types.value.iter().any(|ty| is_of_type(&value.value, *ty))
        {
            let text = shown(&value.value);
            reader
                .warning(
                    Code::InvalidValue,
                    &value.place,
                    format!("the `enum` value {text} is never valid: `type` does not allow it"),
                )
                .related(types.place.span, "`type` is here");
        }
    }
}

fn check_default(reader: &mut Reader<'_>, schema: &mut Schema) {
    let Some(default) = &schema.default else {
        return;
    };
    let Some(fault) = own_fault(schema, &default.value) else {
        return;
    };
    if matches!(default.value.value, Value::Null) {
        reader
            .warning(
                Code::InvalidDefault,
                &default.place,
                format!("the default {fault}; it is not applied"),
            )
            .help("leave `default` out, or allow null");
        schema.default = None;
        return;
    }
    if is_list_around(schema, &default.value) {
        reader
            .warning(
                Code::InvalidDefault,
                &default.place,
                format!("the default {fault}; it is not applied"),
            )
            .label("this is a default for the list around")
            .help("move it to the schema that has these as its `items`");
        schema.default = None;
        return;
    }
    if let Some(meant) = unquoted(&default.value) {
        let default = Located {
            value: meant,
            place: default.place.clone(),
        };
        if own_fault(schema, &default.value).is_none() {
            reader
                .warning(
                    Code::InvalidDefault,
                    &default.place,
                    format!("the default {fault}; what is in the quotes is applied"),
                )
                .help("write it without quotes");
            schema.default = Some(default);
            return;
        }
    }
    let help = "write a default that the schema allows, or none";
    // What is of another kind was meant to be something else; what is out of bounds is a value that nobody can send, and
    // by JSON Schema a default asserts nothing (2020-12 Validation, section 9.2).
    if is_of_its_kind(schema, &default.value) {
        reader
            .warning(
                Code::InvalidDefault,
                &default.place,
                format!("the default {fault}; it is not applied"),
            )
            .help(help);
    } else {
        reader
            .error(
                Code::InvalidDefault,
                &default.place,
                format!("the default {fault}"),
            )
            .help(help);
    }
    schema.default = None;
}

/// Whether types and values allow it, so that only a bound can refuse it.
fn is_of_its_kind(schema: &Schema, value: &Node) -> bool {
    let types = schema.types.as_ref();
    schema.enum_.is_none()
        && schema.const_.is_none()
        && types.is_none_or(|types| types.value.iter().any(|ty| is_of_type(value, *ty)))
}

/// Whether a value is a list of what the schema allows.
fn is_list_around(schema: &Schema, value: &Node) -> bool {
    let Some(items) = value.as_sequence() else {
        return false;
    };
    items.iter().all(|item| own_fault(schema, item).is_none())
}

/// The number or boolean that a string holds.
fn unquoted(value: &Node) -> Option<Rc<Node>> {
    let meant = match value.as_str()? {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => Decimal::parse(text).map(|_| Value::Number(text.into()))?,
    };
    Some(Rc::new(Node {
        span: value.span,
        value: meant,
    }))
}

/// Why the schema's own keywords refuse a value: references are not followed.
fn own_fault(schema: &Schema, value: &Node) -> Option<String> {
    fault(schema, value, &mut Judge::new(&mut Nothing))
}
