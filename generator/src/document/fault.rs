//! Why a schema refuses a value of the document itself: a default, a constant or an example.
//!
//! The generator cannot run the code that it generates, and need not: what refuses such a value is nearly always a keyword
//! that is plain to see. Formats, conditions and what is unevaluated are not looked at.

use std::{fmt::Write as _, rc::Rc};

use super::{Located, Reference, Schema, Type, number::Decimal};
use crate::source::{Node, Value};

/// How many values a check visits at most: more come only from aliases that repeat aliases.
pub(super) const STEPS: u32 = 100_000;

/// What a schema does not say by itself.
pub(crate) trait Beyond {
    /// What a reference leads to; nothing where it is not followed.
    fn schema(&mut self, reference: &Reference) -> Option<Rc<Schema>>;

    /// Whether a text matches a pattern; nothing where that is not known.
    fn matches(&mut self, pattern: &str, text: &str) -> Option<bool>;
}

/// Follows nothing.
pub(super) struct Nothing;

impl Beyond for Nothing {
    fn schema(&mut self, _: &Reference) -> Option<Rc<Schema>> {
        None
    }

    fn matches(&mut self, _: &str, _: &str) -> Option<bool> {
        None
    }
}

/// One check of one value.
pub(crate) struct Judge<'b> {
    steps: u32,
    beyond: &'b mut dyn Beyond,
}

impl<'b> Judge<'b> {
    pub(crate) fn new(beyond: &'b mut dyn Beyond) -> Self {
        Self {
            steps: STEPS,
            beyond,
        }
    }
}

/// Why a schema refuses a value, in words that follow "the default"; nothing where it accepts, where a keyword decides that
/// is not looked at, and where the steps run out.
pub(crate) fn fault(schema: &Schema, value: &Node, judge: &mut Judge<'_>) -> Option<String> {
    judge.steps = judge.steps.checked_sub(1)?;
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
        let key = canonical(value, &mut judge.steps)?;
        let mut known = values
            .value
            .iter()
            .map_while(|value| canonical(&value.value, &mut judge.steps));
        if !known.any(|other| other == key) && judge.steps > 0 {
            return Some(format!("is {}, which is not in `enum`", shown(value)));
        }
    }
    if let Some(only) = &schema.const_ {
        let (left, right) = (
            canonical(value, &mut judge.steps)?,
            canonical(&only.value, &mut judge.steps)?,
        );
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
        Value::String(text) => string_fault(schema, text, judge),
        Value::Sequence(items) => list_fault(schema, items, judge),
        Value::Mapping(_) => object_fault(schema, value, judge),
        Value::Null | Value::Bool(_) => None,
    };
    if own.is_some() {
        return own;
    }
    for branch in schema.all_of.iter().flat_map(|them| &them.value) {
        if let Some(fault) = fault(branch, value, judge) {
            return Some(fault);
        }
    }
    for (keyword, union) in [("oneOf", &schema.one_of), ("anyOf", &schema.any_of)] {
        let Some(union) = union else { continue };
        // A branch that is not seen to refuse may accept.
        let refuses = |branch: &Rc<Schema>| fault(branch, value, judge).is_some();
        if union.value.iter().all(refuses) {
            return Some(format!(
                "is {}, which no branch of `{keyword}` allows",
                shown(value)
            ));
        }
    }
    let reference = schema.reference.as_ref()?;
    let target = judge.beyond.schema(reference)?;
    fault(&target, value, judge)
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

fn string_fault(schema: &Schema, text: &str, judge: &mut Judge<'_>) -> Option<String> {
    let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    let miscounted = count_fault(
        length,
        "characters",
        (&schema.min_length, "minLength"),
        (&schema.max_length, "maxLength"),
    );
    if miscounted.is_some() {
        return miscounted;
    }
    let pattern = schema.pattern.as_ref()?;
    (!judge.beyond.matches(&pattern.value, text)?)
        .then(|| format!("does not match `{}`", pattern.value.escape_debug()))
}

fn list_fault(schema: &Schema, items: &[Rc<Node>], judge: &mut Judge<'_>) -> Option<String> {
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
            Some(format!("has an item that {}", fault(schema, item, judge)?))
        })
    })
}

fn object_fault(schema: &Schema, value: &Node, judge: &mut Judge<'_>) -> Option<String> {
    let members = value.as_mapping()?;
    if let Some(missing) = schema
        .required
        .iter()
        .find(|name| members.get(&name.value).is_none() && !is_one_way(schema, &name.value))
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
                fault(schema, &entry.value, judge)?
            ))
        })
    })
}

/// Whether a member is in requests or in responses only, so that a value for the other direction is without it.
fn is_one_way(schema: &Schema, name: &str) -> bool {
    let property = schema.properties.iter().find(|(key, _)| &**key == name);
    property.is_some_and(|(_, property)| property.read_only || property.write_only)
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

pub(super) fn is_of_type(value: &Node, ty: Type) -> bool {
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
pub(super) fn canonical(value: &Node, steps: &mut u32) -> Option<String> {
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
pub(super) fn shown(value: &Node) -> String {
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
