//! What a schema says against itself: bounds that no value meets, values that the rest of the schema refuses.

use std::{collections::HashMap, fmt::Write as _, rc::Rc};

use crate::{
    diagnostic::Code,
    source::{Node, Value},
};

use super::{Literal, Located, Schema, Type, number::Decimal, reader::Reader};

/// How many values a check visits at most: more come only from aliases that repeat aliases.
const STEPS: u32 = 100_000;

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
        && let Some(fault) = fault(schema, &value.value, &mut { STEPS })
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
    let Some(fault) = fault(schema, &default.value, &mut { STEPS }) else {
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
        if self::fault(schema, &default.value, &mut { STEPS }).is_none() {
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
    reader
        .error(
            Code::InvalidDefault,
            &default.place,
            format!("the default {fault}"),
        )
        .help("write a default that the schema allows, or none");
    schema.default = None;
}

/// Whether a value is a list of what the schema allows.
fn is_list_around(schema: &Schema, value: &Node) -> bool {
    let Some(items) = value.as_sequence() else {
        return false;
    };
    items
        .iter()
        .all(|item| fault(schema, item, &mut { STEPS }).is_none())
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

/// Why the schema's own keywords refuse a value, in words that follow "the default"; references and unions are not
/// looked into.
fn fault(schema: &Schema, value: &Node, steps: &mut u32) -> Option<String> {
    *steps = steps.checked_sub(1)?;
    if schema.boolean == Some(false) {
        return Some("is not allowed, since nothing is".to_owned());
    }
    if let Some(types) = &schema.types
        && !types.value.iter().any(|ty| is_of_type(value, *ty))
    {
        let names: Vec<_> = types
            .value
            .iter()
            .map(|ty| format!("`{}`", ty.as_str()))
            .collect();
        return Some(format!(
            "is {}, but `type` allows {} only",
            shown(value),
            names.join(" and ")
        ));
    }
    if let Some(values) = &schema.enum_ {
        let key = canonical(value, steps)?;
        let mut known = values
            .value
            .iter()
            .map_while(|value| canonical(&value.value, steps));
        if !known.any(|other| other == key) && *steps > 0 {
            return Some(format!("is {}, which is not in `enum`", shown(value)));
        }
    }
    if let Some(only) = &schema.const_ {
        let (left, right) = (canonical(value, steps)?, canonical(&only.value, steps)?);
        if left != right {
            return Some(format!(
                "is {}, but `const` is {}",
                shown(value),
                shown(&only.value)
            ));
        }
    }
    let own = match &value.value {
        Value::Number(text) => number_fault(schema, text),
        Value::String(text) => string_fault(schema, text),
        Value::Sequence(items) => list_fault(schema, items, steps),
        Value::Mapping(_) => object_fault(schema, value, steps),
        Value::Null | Value::Bool(_) => None,
    };
    own.or_else(|| {
        let branches = schema
            .all_of
            .as_ref()
            .map(|branches| branches.value.as_slice())
            .unwrap_or_default();
        branches
            .iter()
            .find_map(|branch| fault(branch, value, steps))
    })
}

/// Whether a number is beyond a bound.
type IsBeyond = fn(&Decimal, &Decimal) -> bool;

fn number_fault(schema: &Schema, text: &str) -> Option<String> {
    let value = Decimal::parse(text)?;
    let bound = |bound: &Option<Located<Rc<str>>>| {
        let bound = bound.as_ref()?;
        Some((Decimal::parse(&bound.value)?, Rc::clone(&bound.value)))
    };
    let checks: [(&str, _, IsBeyond); 4] = [
        ("minimum", bound(&schema.minimum), |value, bound| {
            value < bound
        }),
        ("maximum", bound(&schema.maximum), |value, bound| {
            value > bound
        }),
        (
            "exclusiveMinimum",
            bound(&schema.exclusive_minimum),
            |value, bound| value <= bound,
        ),
        (
            "exclusiveMaximum",
            bound(&schema.exclusive_maximum),
            |value, bound| value >= bound,
        ),
    ];
    for (keyword, bound, is_beyond) in checks {
        if let Some((bound, written)) = bound
            && is_beyond(&value, &bound)
        {
            return Some(format!("is {text}, but `{keyword}` is {written}"));
        }
    }
    let (step, written) = bound(&schema.multiple_of)?;
    (value.is_multiple_of(&step) == Some(false))
        .then(|| format!("is {text}, which is no multiple of {written}"))
}

fn string_fault(schema: &Schema, text: &str) -> Option<String> {
    let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    count_fault(
        length,
        "characters",
        (&schema.min_length, "minLength"),
        (&schema.max_length, "maxLength"),
    )
}

fn list_fault(schema: &Schema, items: &[Rc<Node>], steps: &mut u32) -> Option<String> {
    let length = u64::try_from(items.len()).unwrap_or(u64::MAX);
    count_fault(
        length,
        "items",
        (&schema.min_items, "minItems"),
        (&schema.max_items, "maxItems"),
    )
    .or_else(|| {
        let prefix = schema
            .prefix_items
            .as_ref()
            .map(|schemas| schemas.value.as_slice())
            .unwrap_or_default();
        items.iter().enumerate().find_map(|(index, item)| {
            let schema = prefix.get(index).or(schema.items.as_ref())?;
            Some(format!("has an item that {}", fault(schema, item, steps)?))
        })
    })
}

fn object_fault(schema: &Schema, value: &Node, steps: &mut u32) -> Option<String> {
    let members = value.as_mapping()?;
    if let Some(missing) = schema
        .required
        .iter()
        .find(|name| members.get(&name.value).is_none())
    {
        return Some(format!(
            "has no `{}`, which is required",
            missing.value.escape_debug()
        ));
    }
    let length = u64::try_from(members.entries().len()).unwrap_or(u64::MAX);
    count_fault(
        length,
        "members",
        (&schema.min_properties, "minProperties"),
        (&schema.max_properties, "maxProperties"),
    )
    .or_else(|| {
        schema.properties.iter().find_map(|(name, schema)| {
            let entry = members.get(name)?;
            Some(format!(
                "has a `{}` that {}",
                name.escape_debug(),
                fault(schema, &entry.value, steps)?
            ))
        })
    })
}

fn count_fault(
    count: u64,
    what: &str,
    least: (&Option<Located<u64>>, &str),
    most: (&Option<Located<u64>>, &str),
) -> Option<String> {
    let below = least
        .0
        .as_ref()
        .filter(|least| count < least.value)
        .map(|bound| (least.1, bound.value));
    let above = most
        .0
        .as_ref()
        .filter(|most| count > most.value)
        .map(|bound| (most.1, bound.value));
    below
        .or(above)
        .map(|(keyword, bound)| format!("has {count} {what}, but `{keyword}` is {bound}"))
}

fn is_of_type(value: &Node, ty: Type) -> bool {
    match (&value.value, ty) {
        (Value::Null, Type::Null)
        | (Value::Bool(_), Type::Boolean)
        | (Value::Number(_), Type::Number)
        | (Value::String(_), Type::String)
        | (Value::Sequence(_), Type::Array)
        | (Value::Mapping(_), Type::Object) => true,
        (Value::Number(text), Type::Integer) => {
            Decimal::parse(text).is_some_and(|number| number.is_integer())
        }
        _ => false,
    }
}

/// A text that is the same for equal values (JSON Schema 2020-12 Core, section 4.2.2); `None` where the steps run out.
fn canonical(value: &Node, steps: &mut u32) -> Option<String> {
    fn write(value: &Node, steps: &mut u32, text: &mut String) -> Option<()> {
        *steps = steps.checked_sub(1)?;
        match &value.value {
            Value::Null => text.push('n'),
            Value::Bool(flag) => text.push(if *flag { 't' } else { 'f' }),
            Value::Number(number) => {
                let _ = write!(text, "{:?}", Decimal::parse(number));
            }
            Value::String(string) => {
                let _ = write!(text, "{string:?}");
            }
            Value::Sequence(items) => {
                text.push('[');
                for item in items {
                    write(item, steps, text)?;
                    text.push(',');
                }
                text.push(']');
            }
            Value::Mapping(mapping) => {
                let mut entries: Vec<_> = mapping.entries().iter().collect();
                entries.sort_by(|left, right| left.key.cmp(&right.key));
                text.push('{');
                for entry in entries {
                    let _ = write!(text, "{:?}:", entry.key);
                    write(&entry.value, steps, text)?;
                    text.push(',');
                }
                text.push('}');
            }
        }
        Some(())
    }
    let mut text = String::new();
    write(value, steps, &mut text)?;
    Some(text)
}

/// A value in the words of a message: itself where it is short, else its kind.
fn shown(value: &Node) -> String {
    match &value.value {
        Value::String(text) if text.chars().count() <= 40 => {
            format!("`\"{}\"`", text.escape_debug())
        }
        Value::Number(text) if text.len() <= 40 => format!("`{text}`"),
        Value::Bool(flag) => format!("`{flag}`"),
        Value::Null => "`null`".to_owned(),
        _ => value.kind().to_owned(),
    }
}
