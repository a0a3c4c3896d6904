//! Random schemas and instances, judged by another validator.
//!
//! Words and values come from a small world, so that keywords meet: four keys, a few texts, a few numbers.

use fastrand::Rng;
use serde_json::{Map, Value, json, value::to_raw_value};

use crate::{
    Error,
    case::{Group, Part, Test},
};

/// The keys of objects.
const KEYS: [&str; 4] = ["a", "b", "c", "d"];

/// The texts.
const TEXTS: [&str; 8] = ["", "a", "b", "ab", "abc", "é😀", "1", "c d"];

/// Patterns for texts and keys.
const PATTERNS: [&str; 7] = ["^a", "b$", "^[a-c]+$", "^.$", "a|d", "^(a|b)*$", "^$"];

/// The schemas in `$defs`.
const DEFINITIONS: [&str; 3] = ["one", "two", "three"];

/// How deep schemas and values nest.
const DEEPEST: usize = 3;

/// Instances for each schema.
const INSTANCES: usize = 12;

/// So many schemas, each with instances and the verdicts of the other validator.
pub(crate) fn groups(count: usize, seed: u64) -> Result<Vec<Group>, Error> {
    let mut groups = Vec::new();
    for index in 0..count {
        // Each schema has a seed of its own, so that it is the same however many are made.
        let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(index as u64));
        let schema = document(&mut rng);
        let mut instances: Vec<Value> = Vec::new();
        for _ in 0..INSTANCES {
            let likely = like(&mut rng, &schema, &schema, 0);
            let instance = match rng.u8(..4) {
                0 => value(&mut rng, 0),
                1 => mutated(&mut rng, likely),
                _ => likely,
            };
            if !instances.contains(&instance) {
                instances.push(instance);
            }
        }
        groups.push(group(
            &format!("random_{seed}_{index}"),
            &schema,
            &instances,
        )?);
    }
    Ok(groups)
}

/// A schema with instances as a group of tests, with the verdicts of the other validator.
pub(crate) fn group(name: &str, schema: &Value, instances: &[Value]) -> Result<Group, Error> {
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(false)
        .build(schema)
        .map_err(|error| format!("{schema}: {error}"))?;
    let tests = instances.iter().map(|instance| {
        Ok(Test {
            description: instance.to_string(),
            data: to_raw_value(instance)?,
            valid: validator.is_valid(instance),
        })
    });
    Ok(Group {
        part: Part::Random,
        file: "random".to_owned(),
        name: name.to_owned(),
        description: schema.to_string(),
        schema: to_raw_value(schema)?,
        tests: tests.collect::<Result<_, Error>>()?,
    })
}

/// A schema with the definitions that it refers to.
fn document(rng: &mut Rng) -> Value {
    let mut root = schema(rng, 0, 0);
    let mut definitions = Map::new();
    for (index, name) in DEFINITIONS.into_iter().enumerate() {
        definitions.insert(name.to_owned(), schema(rng, 1, index + 1));
    }
    if let Some(members) = root.as_object_mut() {
        members.insert("$defs".to_owned(), Value::Object(definitions));
    }
    root
}

/// A schema; in place it refers to the definitions from `free` on only, so that no reference leads back to itself.
fn schema(rng: &mut Rng, depth: usize, free: usize) -> Value {
    if depth > 0 && rng.u8(..12) == 0 {
        return Value::Bool(rng.bool());
    }
    let mut it = Map::new();
    if rng.u8(..10) < 6 {
        it.insert("type".to_owned(), types(rng));
    }
    let count = rng.usize(1..=if depth == 0 { 4 } else { 2 });
    for _ in 0..count {
        keyword(rng, depth, free, &mut it);
    }
    Value::Object(it)
}

fn types(rng: &mut Rng) -> Value {
    const NAMES: [&str; 7] = [
        "object", "array", "string", "integer", "number", "boolean", "null",
    ];
    let weighted = [0, 0, 0, 1, 1, 2, 3, 4, 5, 6];
    let mut pick = || {
        let at = weighted.get(rng.usize(..weighted.len())).copied();
        NAMES.get(at.unwrap_or(0)).copied().unwrap_or("object")
    };
    let (first, second) = (pick(), pick());
    match rng.u8(..4) {
        0 if first != second => json!([first, second]),
        _ => json!(first),
    }
}

fn keyword(rng: &mut Rng, depth: usize, free: usize, it: &mut Map<String, Value>) {
    let nests = depth < DEEPEST;
    let mut put = |key: &str, value: Value| {
        it.insert(key.to_owned(), value);
    };
    // A schema of a part may refer to every definition; one of the same value only to those further on.
    let part = |rng: &mut Rng| match rng.u8(..5) {
        0 => json!({"$ref": format!("#/$defs/{}", pick(rng, &DEFINITIONS))}),
        _ => schema(rng, depth + 1, free),
    };
    let same = |rng: &mut Rng| match DEFINITIONS.get(free..) {
        Some(later @ [_, ..]) if rng.u8(..5) == 0 => {
            json!({"$ref": format!("#/$defs/{}", pick(rng, later))})
        }
        _ => schema(rng, depth + 1, free),
    };
    let choice = rng.u8(..if nests { 40 } else { 16 });
    match choice {
        0 => put("minimum", number(rng)),
        1 => put("maximum", number(rng)),
        2 => put("exclusiveMinimum", number(rng)),
        3 => put(
            "multipleOf",
            pick(rng, &[json!(2), json!(0.5), json!(3), json!(1)]),
        ),
        4 => put("minLength", json!(rng.u8(..3))),
        5 => put("maxLength", json!(rng.u8(..3))),
        6 => put("pattern", json!(pick(rng, &PATTERNS))),
        7 => put("minItems", json!(rng.u8(..3))),
        8 => put("maxItems", json!(rng.u8(..4))),
        9 => put("uniqueItems", json!(true)),
        10 => put("minProperties", json!(rng.u8(..3))),
        11 => put("maxProperties", json!(rng.u8(..4))),
        12 => put("required", keys(rng)),
        13 => put("enum", {
            let values: Vec<Value> = (0..rng.usize(1..4)).map(|_| value(rng, 1)).collect();
            let mut distinct: Vec<Value> = Vec::new();
            for value in values {
                if !distinct.contains(&value) {
                    distinct.push(value);
                }
            }
            Value::Array(distinct)
        }),
        14 => put("const", value(rng, 1)),
        15 => put("dependentRequired", json!({pick(rng, &KEYS): keys(rng)})),
        16..=19 => {
            let mut members = Map::new();
            for _ in 0..rng.usize(1..3) {
                members.insert(pick(rng, &KEYS).to_owned(), part(rng));
            }
            put("properties", Value::Object(members));
        }
        20 | 21 => put("additionalProperties", part(rng)),
        22 => put(
            "patternProperties",
            json!({pick(rng, &PATTERNS): part(rng)}),
        ),
        23 => put(
            "propertyNames",
            match rng.bool() {
                true => json!({"pattern": pick(rng, &PATTERNS)}),
                false => json!({"maxLength": 1}),
            },
        ),
        24 => put("dependentSchemas", json!({pick(rng, &KEYS): same(rng)})),
        25 | 26 => put("unevaluatedProperties", part(rng)),
        27 | 28 => put("items", part(rng)),
        29 => put(
            "prefixItems",
            (0..rng.usize(1..3)).map(|_| part(rng)).collect(),
        ),
        30 => {
            put("contains", part(rng));
            if rng.bool() {
                put("minContains", json!(rng.u8(..3)));
            }
            if rng.u8(..3) == 0 {
                put("maxContains", json!(rng.u8(2..4)));
            }
        }
        31 => put("unevaluatedItems", part(rng)),
        32 => put("allOf", (0..rng.usize(1..3)).map(|_| same(rng)).collect()),
        33 | 34 => put("anyOf", (0..rng.usize(1..4)).map(|_| same(rng)).collect()),
        35 | 36 => put("oneOf", (0..rng.usize(1..4)).map(|_| same(rng)).collect()),
        37 => put("not", same(rng)),
        38 => {
            put("if", same(rng));
            if rng.u8(..3) > 0 {
                put("then", same(rng));
            }
            if rng.u8(..3) > 0 {
                put("else", same(rng));
            }
        }
        _ => {
            if let Some(later @ [_, ..]) = DEFINITIONS.get(free..) {
                put("$ref", json!(format!("#/$defs/{}", pick(rng, later))));
            }
        }
    }
}

fn pick<T: Clone>(rng: &mut Rng, from: &[T]) -> T {
    // None of the lists is empty.
    from[rng.usize(..from.len())].clone()
}

fn keys(rng: &mut Rng) -> Value {
    KEYS.iter().filter(|_| rng.u8(..3) == 0).copied().collect()
}

fn number(rng: &mut Rng) -> Value {
    let numbers = [
        json!(-1),
        json!(0),
        json!(1),
        json!(1.0),
        json!(1.5),
        json!(2),
        json!(3),
        json!(10),
        json!(0.1),
    ];
    pick(rng, &numbers)
}

/// Any value.
fn value(rng: &mut Rng, depth: usize) -> Value {
    match rng.u8(..if depth < DEEPEST { 8 } else { 5 }) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        2 => number(rng),
        3 | 4 => json!(pick(rng, &TEXTS)),
        5 => (0..rng.usize(..4)).map(|_| value(rng, depth + 1)).collect(),
        _ => {
            let mut members = Map::new();
            for key in KEYS {
                if rng.u8(..3) == 0 {
                    members.insert(key.to_owned(), value(rng, depth + 1));
                }
            }
            Value::Object(members)
        }
    }
}

/// A value that a schema may well accept.
fn like(rng: &mut Rng, schema: &Value, root: &Value, depth: usize) -> Value {
    let Some(it) = schema.as_object() else {
        return value(rng, depth);
    };
    if depth > 2 * DEEPEST {
        return value(rng, depth);
    }
    if let Some(value) = it.get("const") {
        return value.clone();
    }
    if let Some(values) = it.get("enum").and_then(Value::as_array)
        && !values.is_empty()
    {
        return pick(rng, values);
    }
    // What another schema of the same value asks for is often all that matters.
    if rng.u8(..3) > 0 {
        let mut others: Vec<&Value> = Vec::new();
        for key in ["allOf", "anyOf", "oneOf"] {
            others.extend(it.get(key).and_then(Value::as_array).into_iter().flatten());
        }
        for key in ["if", "then", "else"] {
            others.extend(it.get(key));
        }
        let target = it.get("$ref").and_then(Value::as_str);
        others.extend(target.and_then(|it| root.pointer(it.trim_start_matches('#'))));
        if !others.is_empty() {
            let other = pick(rng, &others);
            let value = like(rng, other, root, depth + 1);
            return match value {
                Value::Object(members) if it.contains_key("properties") => {
                    let mut own = object_like(rng, it, root, depth);
                    own.extend(members);
                    Value::Object(own)
                }
                value => value,
            };
        }
    }
    let ty = match it.get("type") {
        Some(Value::String(ty)) => ty.as_str(),
        Some(Value::Array(types)) => pick(rng, types.as_slice()).as_str().map_or("null", |ty| {
            // The text outlives the copy of the value that it was picked from.
            let names = ["object", "array", "string", "integer", "number", "boolean"];
            names.into_iter().find(|name| *name == ty).unwrap_or("null")
        }),
        _ => implied(it),
    };
    match ty {
        "object" => Value::Object(object_like(rng, it, root, depth)),
        "array" => {
            let mut items: Vec<Value> = Vec::new();
            let prefix = it.get("prefixItems").and_then(Value::as_array);
            for schema in prefix.into_iter().flatten() {
                items.push(like(rng, schema, root, depth + 1));
            }
            for key in ["contains", "items", "unevaluatedItems"] {
                if let Some(schema) = it.get(key) {
                    for _ in 0..rng.usize(..3) {
                        items.push(like(rng, schema, root, depth + 1));
                    }
                }
            }
            if items.is_empty() {
                items.extend((0..rng.usize(..3)).map(|_| value(rng, depth + 1)));
            }
            Value::Array(items)
        }
        "string" => json!(pick(rng, &TEXTS)),
        "integer" => json!(rng.i8(-1..5)),
        "number" => number(rng),
        "boolean" => json!(rng.bool()),
        "null" => Value::Null,
        _ => value(rng, depth),
    }
}

/// The type that a schema's keywords are about, where it says none.
fn implied(schema: &Map<String, Value>) -> &'static str {
    let about = [
        ("properties", "object"),
        ("additionalProperties", "object"),
        ("patternProperties", "object"),
        ("unevaluatedProperties", "object"),
        ("required", "object"),
        ("propertyNames", "object"),
        ("dependentRequired", "object"),
        ("dependentSchemas", "object"),
        ("items", "array"),
        ("prefixItems", "array"),
        ("contains", "array"),
        ("unevaluatedItems", "array"),
        ("minLength", "string"),
        ("pattern", "string"),
        ("minimum", "number"),
        ("multipleOf", "number"),
    ];
    let found = about.into_iter().find(|(key, _)| schema.contains_key(*key));
    found.map_or("", |(_, ty)| ty)
}

fn object_like(
    rng: &mut Rng,
    schema: &Map<String, Value>,
    root: &Value,
    depth: usize,
) -> Map<String, Value> {
    let mut members = Map::new();
    let required = schema.get("required").and_then(Value::as_array);
    for key in required.into_iter().flatten().filter_map(Value::as_str) {
        members.insert(key.to_owned(), value(rng, depth + 1));
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, property) in properties.into_iter().flatten() {
        if rng.u8(..4) > 0 {
            members.insert(key.clone(), like(rng, property, root, depth + 1));
        }
    }
    for key in ["additionalProperties", "unevaluatedProperties"] {
        if let Some(schema) = schema.get(key)
            && rng.bool()
        {
            let value = like(rng, schema, root, depth + 1);
            members.entry(pick(rng, &KEYS)).or_insert(value);
        }
    }
    members
}

/// The value with one part changed, left out or added.
fn mutated(rng: &mut Rng, value: Value) -> Value {
    match value {
        Value::Object(mut members) => {
            let key = pick(rng, &KEYS);
            match (members.remove(key), rng.u8(..3)) {
                (Some(_), 0) | (None, 0) => {}
                (Some(member), _) => {
                    members.insert(key.to_owned(), mutated(rng, member));
                }
                (None, _) => {
                    members.insert(key.to_owned(), self::value(rng, 1));
                }
            }
            Value::Object(members)
        }
        Value::Array(mut items) => {
            match rng.u8(..3) {
                0 => {
                    items.pop();
                }
                1 => items.push(self::value(rng, 1)),
                _ => {
                    let last = items.pop();
                    items.extend(last.map(|last| mutated(rng, last)));
                }
            }
            Value::Array(items)
        }
        _ => self::value(rng, 0),
    }
}
