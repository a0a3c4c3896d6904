//! Values that the schema of a real document may well accept, and changes to them.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// How deep values nest; further down optional parts are left out.
const DEEPEST: usize = 5;

/// A value that a schema may well accept.
pub(crate) fn like(rng: &mut Rng, schema: &Value, root: &Value, depth: usize) -> Value {
    if depth > 4 * DEEPEST {
        return Value::Null;
    }
    let Some(it) = schema.as_object() else {
        return json!("anything");
    };
    let known = ["example", "default", "const"];
    for key in known {
        if let Some(value) = it.get(key)
            && (key == "const" || rng.u8(..4) == 0)
        {
            return value.clone();
        }
    }
    if let Some(values) = it.get("enum").and_then(Value::as_array)
        && !values.is_empty()
    {
        return pick(rng, values).clone();
    }
    let mut value = own(rng, it, root, depth);
    let mut parts: Vec<&Value> = Vec::new();
    if let Some(target) = it.get("$ref").and_then(Value::as_str) {
        parts.extend(root.pointer(target.trim_start_matches('#')));
    }
    parts.extend(
        it.get("allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten(),
    );
    for key in ["oneOf", "anyOf"] {
        if let Some(branches) = it.get(key).and_then(Value::as_array)
            && !branches.is_empty()
        {
            parts.push(pick(rng, branches));
        }
    }
    for part in parts {
        let other = like(rng, part, root, depth + 1);
        value = match (value, other) {
            (Some(Value::Object(mut own)), Value::Object(other)) => {
                for (key, value) in other {
                    own.entry(key).or_insert(value);
                }
                Some(Value::Object(own))
            }
            (None, other) => Some(other),
            (own, _) => own,
        };
    }
    value.unwrap_or_else(|| json!({"any": "thing"}))
}

/// What a schema says by its own keywords; nothing where it says nothing of types.
fn own(rng: &mut Rng, it: &Map<String, Value>, root: &Value, depth: usize) -> Option<Value> {
    let ty = match it.get("type") {
        Some(Value::String(ty)) => ty.clone(),
        Some(Value::Array(types)) if !types.is_empty() => pick(rng, types).as_str()?.to_owned(),
        _ if it.contains_key("properties") => "object".to_owned(),
        _ if it.contains_key("items") => "array".to_owned(),
        _ => return None,
    };
    Some(match ty.as_str() {
        "object" => Value::Object(object(rng, it, root, depth)),
        "array" => {
            let least = bound(it, "minItems").unwrap_or(0.0) as usize;
            let count = match depth > DEEPEST {
                true => least,
                false => least.max(rng.usize(..3)),
            };
            let items = it.get("items").unwrap_or(&Value::Bool(true));
            (0..count.min(50))
                .map(|_| like(rng, items, root, depth + 1))
                .collect()
        }
        "string" => text(rng, it),
        "integer" => number(rng, it, true),
        "number" => number(rng, it, false),
        "boolean" => json!(rng.bool()),
        _ => Value::Null,
    })
}

fn object(
    rng: &mut Rng,
    it: &Map<String, Value>,
    root: &Value,
    depth: usize,
) -> Map<String, Value> {
    let required: Vec<&str> = it
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut members = Map::new();
    let properties = it.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let is_required = required.contains(&name.as_str());
        if is_required || depth <= DEEPEST && rng.u8(..3) > 0 {
            members.insert(name.clone(), like(rng, property, root, depth + 1));
        }
    }
    for name in required {
        if !members.contains_key(name) {
            members.insert(name.to_owned(), json!("required"));
        }
    }
    let least = bound(it, "minProperties").unwrap_or(0.0) as usize;
    if let Some(additional @ Value::Object(_)) = it.get("additionalProperties") {
        for key in ["x", "y"] {
            if members.len() < least || depth <= DEEPEST && rng.bool() {
                members.insert(key.to_owned(), like(rng, additional, root, depth + 1));
            }
        }
    }
    members
}

fn text(rng: &mut Rng, it: &Map<String, Value>) -> Value {
    let format = it.get("format").and_then(Value::as_str).unwrap_or("");
    let known = match format {
        "date-time" => "2026-11-21T08:15:00Z",
        "date" => "2026-11-21",
        "uuid" => "2eb8aa08-aa98-11ea-b4aa-73b441d16380",
        "byte" => "aGk=",
        "decimal" => "1.5",
        "email" => "a@example.com",
        "uri" | "url" => "https://example.com/a",
        _ => "",
    };
    if !known.is_empty() {
        return json!(known);
    }
    let likely = [
        "a",
        "abc",
        "A",
        "ABC",
        "1",
        "12",
        "0123456789",
        "a-b",
        "a_b",
        "EUR",
        "en",
        "en-GB",
        "#fff",
        "/a/b",
        "a.b",
        "2026-11-21",
        "https://example.com/a",
        "v1",
        "é😀",
        "",
    ];
    let text = *pick(rng, &likely);
    let least = bound(it, "minLength").unwrap_or(0.0) as usize;
    let missing = least.saturating_sub(text.chars().count()).min(5000);
    json!(format!("{text}{}", "a".repeat(missing)))
}

fn number(rng: &mut Rng, it: &Map<String, Value>, is_integer: bool) -> Value {
    let least = bound(it, "minimum").or_else(|| bound(it, "exclusiveMinimum").map(|it| it + 1.0));
    let most = bound(it, "maximum").or_else(|| bound(it, "exclusiveMaximum").map(|it| it - 1.0));
    let chosen = match (least, most) {
        (Some(least), Some(most)) => *pick(rng, &[least, most, (least + most) / 2.0]),
        (Some(least), None) => least + f64::from(rng.u8(..5)),
        (None, Some(most)) => most - f64::from(rng.u8(..5)),
        (None, None) => f64::from(rng.i8(..)),
    };
    let chosen = match bound(it, "multipleOf") {
        Some(step) if step > 0.0 => (chosen / step).round() * step,
        _ => chosen,
    };
    if is_integer || rng.bool() && chosen.fract() == 0.0 {
        // The bounds of documents are far from where the conversion loses anything.
        return json!(chosen.round() as i64);
    }
    json!(chosen)
}

fn bound(it: &Map<String, Value>, keyword: &str) -> Option<f64> {
    it.get(keyword)?.as_f64()
}

fn pick<'v, T>(rng: &mut Rng, from: &'v [T]) -> &'v T {
    // None of the lists is empty.
    &from[rng.usize(..from.len())]
}

/// The value with one part changed, left out or added.
pub(crate) fn changed(rng: &mut Rng, value: Value) -> Value {
    let others = [
        Value::Null,
        json!(true),
        json!(0),
        json!(-1.5),
        json!(10_000),
        json!(""),
        json!("other"),
        json!([]),
        json!({}),
        json!([{"a": 1}]),
    ];
    match value {
        Value::Object(mut members) if rng.u8(..6) > 0 => {
            let keys: Vec<String> = members.keys().cloned().collect();
            match (keys.is_empty(), rng.u8(..5)) {
                (true, _) | (_, 0) => {
                    members.insert("other".to_owned(), pick(rng, &others).clone());
                }
                (false, 1) => {
                    members.remove(pick(rng, &keys));
                }
                (false, _) => {
                    let key = pick(rng, &keys);
                    if let Some(member) = members.remove(key) {
                        members.insert(key.clone(), changed(rng, member));
                    }
                }
            }
            Value::Object(members)
        }
        Value::Array(mut items) if !items.is_empty() && rng.u8(..6) > 0 => {
            let at = rng.usize(..items.len());
            match rng.u8(..3) {
                0 => {
                    items.remove(at);
                }
                _ => {
                    let item = items.remove(at);
                    items.insert(at, changed(rng, item));
                }
            }
            Value::Array(items)
        }
        _ => pick(rng, &others).clone(),
    }
}
