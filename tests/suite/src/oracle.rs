//! The other validator, on the component schemas of a document.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::Error;

/// Keywords that hold one schema.
const ONE: [&str; 11] = [
    "additionalProperties",
    "items",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];

/// Keywords that hold a list of schemas.
const LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];

/// Keywords that hold schemas by name.
const MAPS: [&str; 4] = [
    "properties",
    "patternProperties",
    "dependentSchemas",
    "$defs",
];

/// One schema, with those that it refers to.
pub(crate) struct Oracle {
    /// `{"components": {"schemas": ..}}`
    root: Value,
    name: String,
    /// None where all has been judged.
    validator: Option<Validator>,
}

/// The schemas as requests see them, in the words of 2020-12.
///
/// A member that is read only is ignored in requests, so its value may be any.
/// Those that are not for the other validator to judge are left out.
pub(crate) fn projected(schemas: &Map<String, Value>, is_3_0: bool) -> Value {
    let lifted = schemas.iter().filter_map(|(name, schema)| {
        let mut schema = schema.clone();
        if schema.get("$recursiveAnchor") == Some(&Value::Bool(true)) {
            refer(
                &mut schema,
                &format!("#/components/schemas/{}", encoded(name)),
            );
        }
        lift(&mut schema, is_3_0).ok()?;
        Some((name.clone(), schema))
    });
    let mut schemas = Value::Object(lifted.collect());
    let before = schemas.clone();
    for (_, schema) in schemas.as_object_mut().into_iter().flatten() {
        project(schema, &before);
    }
    schemas
}

/// Writes a `$ref` for each `$recursiveRef`, a word of 2019-09 that is followed with a warning.
fn refer(value: &mut Value, target: &str) {
    match value {
        Value::Object(members) => {
            if members.remove("$recursiveRef").is_some() {
                members.insert("$ref".to_owned(), json!(target));
            }
            members.values_mut().for_each(|it| refer(it, target));
        }
        Value::Array(items) => items.iter_mut().for_each(|it| refer(it, target)),
        _ => {}
    }
}

/// Says in the words of 2020-12 what OpenAPI says otherwise.
fn lift(schema: &mut Value, is_3_0: bool) -> Result<(), Error> {
    let Some(it) = schema.as_object_mut() else {
        return Ok(());
    };
    if let Some(target) = it.get("$ref").and_then(Value::as_str) {
        if !target.starts_with("#/components/schemas/") {
            return Err(format!("it refers to `{target}`").into());
        }
        if is_3_0 {
            it.retain(|key, _| key == "$ref");
            return Ok(());
        }
    }
    for keyword in [
        "$id",
        "$anchor",
        "$dynamicAnchor",
        "$dynamicRef",
        "$recursiveRef",
        "$schema",
    ] {
        if it.contains_key(keyword) {
            return Err(format!("it has the keyword `{keyword}`").into());
        }
    }
    let is_text = it.get("type").is_some_and(|ty| {
        ty == "string" || *ty == json!(["string", "null"]) || *ty == json!(["null", "string"])
    });
    let is_base64 = it
        .get("format")
        .is_some_and(|it| it == "byte" || it == "base64")
        || is_text && it.get("contentEncoding").is_some_and(|it| it == "base64");
    if is_base64 {
        let pattern =
            "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";
        and(it, json!({"pattern": pattern}));
    }
    if it.get("format").is_some_and(|it| it == "decimal") && is_text {
        and(
            it,
            json!({"pattern": "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$"}),
        );
    }
    // Of the other version, which is followed with a warning where it stands in this one.
    for (bound, exclusive) in [
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ] {
        if let Some(Value::Bool(is_exclusive)) = it.get(exclusive) {
            let is_exclusive = *is_exclusive;
            it.remove(exclusive);
            if is_exclusive && let Some(bound) = it.remove(bound) {
                it.insert(exclusive.to_owned(), bound);
            }
        }
    }
    // The other validator takes an object that has fewer members than names are listed as one that lacks some.
    if let Some(required) = it.get_mut("required").and_then(Value::as_array_mut) {
        let mut seen = BTreeSet::new();
        required.retain(|name| {
            name.as_str()
                .is_none_or(|name| seen.insert(name.to_owned()))
        });
    }
    if let Some(types) = it.get_mut("type").and_then(Value::as_array_mut) {
        for ty in types.iter_mut().filter(|ty| ty.is_null()) {
            *ty = json!("null");
        }
    }
    if is_3_0 {
        if it.remove("nullable") == Some(Value::Bool(true))
            && let Some(Value::String(ty)) = it.get("type").cloned()
        {
            it.insert("type".to_owned(), json!([ty, "null"]));
        }
        for keyword in ["const", "if", "then", "else", "examples"] {
            it.remove(keyword);
        }
    }
    for (key, value) in it.iter_mut() {
        if ONE.contains(&key.as_str()) {
            lift(value, is_3_0)?;
        } else if LISTS.contains(&key.as_str()) {
            for item in value.as_array_mut().into_iter().flatten() {
                lift(item, is_3_0)?;
            }
        } else if MAPS.contains(&key.as_str()) {
            for (_, member) in value.as_object_mut().into_iter().flatten() {
                lift(member, is_3_0)?;
            }
        }
    }
    Ok(())
}

/// Adds another schema to those that have to accept.
fn and(it: &mut Map<String, Value>, schema: Value) {
    let all_of = it.entry("allOf").or_insert_with(|| json!([]));
    if let Some(all_of) = all_of.as_array_mut() {
        all_of.push(schema);
    }
}

/// Takes the rules of members away that are read only.
fn project(schema: &mut Value, schemas: &Value) {
    let Some(it) = schema.as_object_mut() else {
        return;
    };
    let mut ignored = BTreeSet::new();
    read_only(it, schemas, &mut ignored, 0);
    if let Some(properties) = it.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, property) in properties.iter_mut() {
            if ignored.contains(name) {
                *property = Value::Bool(true);
            }
        }
    }
    if let Some(required) = it.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| name.as_str().is_none_or(|name| !ignored.contains(name)));
    }
    for (key, value) in it.iter_mut() {
        if ONE.contains(&key.as_str()) {
            project(value, schemas);
        } else if LISTS.contains(&key.as_str()) {
            value
                .as_array_mut()
                .into_iter()
                .flatten()
                .for_each(|item| project(item, schemas));
        } else if MAPS.contains(&key.as_str()) {
            let members = value.as_object_mut().into_iter().flatten();
            members.for_each(|(_, member)| project(member, schemas));
        }
    }
}

/// The members of a value that some schema of it says to be read only.
fn read_only(
    it: &Map<String, Value>,
    schemas: &Value,
    ignored: &mut BTreeSet<String>,
    depth: usize,
) {
    if depth > 16 {
        return;
    }
    let is_marked = |schema: &Value| schema.get("readOnly") == Some(&Value::Bool(true));
    for (name, property) in it
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let all_of = property.get("allOf").and_then(Value::as_array);
        let parts = all_of.into_iter().flatten().chain([property]);
        for part in parts {
            if is_marked(part) || target(part, schemas).is_some_and(is_marked) {
                ignored.insert(name.clone());
            }
        }
    }
    let all_of = it.get("allOf").and_then(Value::as_array);
    for part in all_of.into_iter().flatten() {
        let part = target(part, schemas).unwrap_or(part);
        if let Some(part) = part.as_object() {
            read_only(part, schemas, ignored, depth + 1);
        }
    }
}

/// The names of the schemas that are referred to anywhere in one.
fn targets(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(target) = members.get("$ref").and_then(Value::as_str)
                && let Some(pointer) = target.strip_prefix("#/components/schemas/")
            {
                let name = pointer.split('/').next().unwrap_or_default();
                let name = percent_decoded(name);
                names.push(name.replace("~1", "/").replace("~0", "~"));
            }
            members.values().for_each(|it| targets(it, names));
        }
        Value::Array(items) => items.iter().for_each(|it| targets(it, names)),
        _ => {}
    }
}

/// A part of a fragment as it is meant.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|it| str::from_utf8(it).ok());
        let decoded = digits.and_then(|it| u8::from_str_radix(it, 16).ok());
        match decoded.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A name as a part of a fragment.
fn encoded(name: &str) -> String {
    let escaped = name.replace('~', "~0").replace('/', "~1");
    let encode = |byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    escaped.bytes().map(encode).collect()
}

/// What the `$ref` of a schema leads to.
fn target<'s>(schema: &Value, schemas: &'s Value) -> Option<&'s Value> {
    let target = schema.get("$ref")?.as_str()?;
    schemas.pointer(target.strip_prefix("#/components/schemas")?)
}

impl Oracle {
    /// The validator of one of the schemas.
    pub(crate) fn new(schemas: &Value, name: &str) -> Result<Self, Error> {
        // Of a large document each schema reaches but a few.
        let mut reached = Map::new();
        let mut rest = vec![name.to_owned()];
        while let Some(name) = rest.pop() {
            if let Some(schema) = schemas.get(&name).filter(|_| !reached.contains_key(&name)) {
                targets(schema, &mut rest);
                reached.insert(name, schema.clone());
            }
        }
        let root = json!({
            "$ref": format!("#/components/schemas/{}", encoded(name)),
            "components": {"schemas": reached},
        });
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(false)
            .build(&root)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            root,
            name: name.to_owned(),
            validator: Some(validator),
        })
    }

    pub(crate) fn root(&self) -> &Value {
        &self.root
    }

    pub(crate) fn schema(&self) -> &Value {
        self.schemas().get(&self.name).unwrap_or(&Value::Null)
    }

    fn schemas(&self) -> &Value {
        self.root
            .pointer("/components/schemas")
            .unwrap_or(&Value::Null)
    }

    pub(crate) fn is_valid(&self, instance: &Value) -> bool {
        self.validator
            .as_ref()
            .is_some_and(|it| it.is_valid(instance))
    }

    /// Keeps the schemas only: the validators of a large document take gigabytes.
    pub(crate) fn forget_validator(&mut self) {
        self.validator = None;
    }

    /// What differs between a value and what came back of it, in the members that the schema evaluates: where it lies.
    pub(crate) fn lost(&self, sent: &Value, found: &Value) -> Option<String> {
        let schema = [self.schema()];
        self.differs(&schema, &schema, sent, found, String::new())
    }

    /// `sure` are the schemas that apply, `possible` those of branches too.
    fn differs(
        &self,
        sure: &[&Value],
        possible: &[&Value],
        sent: &Value,
        found: &Value,
        at: String,
    ) -> Option<String> {
        let (mut all, mut branches) = (Vec::new(), Vec::new());
        for schema in sure {
            self.in_place(schema, false, &mut all, 0);
        }
        for schema in possible {
            self.in_place(schema, true, &mut branches, 0);
        }
        match (sent, found) {
            (Value::Object(sent), Value::Object(found)) => {
                for (key, value) in sent {
                    let (parts, more) = (members(&all, key), members(&branches, key));
                    // What no schema mentions may be left out.
                    match found.get(key) {
                        None if parts.is_empty() => {}
                        None => return Some(format!("`{at}/{key}`")),
                        Some(found) => {
                            let at = format!("{at}/{key}");
                            if let Some(what) = self.differs(&parts, &more, value, found, at) {
                                return Some(what);
                            }
                        }
                    }
                }
                // What was added is a default, maybe of a branch.
                let has = |it: &&Value, key: &str| {
                    it.get("properties").and_then(|it| it.get(key)).is_some()
                };
                let added = found.keys().find(|key| {
                    !sent.contains_key(*key) && !branches.iter().any(|it| has(it, key))
                });
                added.map(|key| format!("`{at}/{key}`"))
            }
            (Value::Array(sent), Value::Array(found)) if sent.len() == found.len() => {
                let (sure, possible) = (items(&all), items(&branches));
                let mut pairs = sent.iter().zip(found).enumerate();
                pairs.find_map(|(index, (sent, found))| {
                    self.differs(&sure, &possible, sent, found, format!("{at}/{index}"))
                })
            }
            (Value::Number(left), Value::Number(right)) => {
                (left.as_f64() != right.as_f64()).then(|| format!("`{at}`"))
            }
            (left, right) => (left != right).then(|| format!("`{at}`")),
        }
    }

    /// The schemas that apply to the same value whatever it is, and the branches that may where they are asked for.
    fn in_place<'s>(
        &'s self,
        schema: &'s Value,
        with_branches: bool,
        all: &mut Vec<&'s Value>,
        depth: usize,
    ) {
        if depth > 32 {
            return;
        }
        all.push(schema);
        if let Some(target) = target(schema, self.schemas()) {
            self.in_place(target, with_branches, all, depth + 1);
        }
        let keywords: &[&str] = match with_branches {
            true => &["allOf", "anyOf", "oneOf"],
            false => &["allOf"],
        };
        for keyword in keywords {
            let parts = schema.get(keyword).and_then(Value::as_array);
            for part in parts.into_iter().flatten() {
                self.in_place(part, with_branches, all, depth + 1);
            }
        }
    }
}

/// What the schemas say of a member.
fn members<'s>(schemas: &[&'s Value], key: &str) -> Vec<&'s Value> {
    let of = |it: &&'s Value| {
        let own = it.get("properties").and_then(|it| it.get(key));
        own.or_else(|| it.get("additionalProperties"))
    };
    schemas.iter().filter_map(of).collect()
}

/// What the schemas say of every item.
fn items<'s>(schemas: &[&'s Value]) -> Vec<&'s Value> {
    schemas.iter().filter_map(|it| it.get("items")).collect()
}
