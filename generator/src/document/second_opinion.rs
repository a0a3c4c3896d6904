//! What the crate `openapiv3` makes of a 3.0 document, object by object: a check on our own reader, never a stop.
//!
//! Its word counts where ours says nothing: an object that it refuses, or a member that it loses and that we have no
//! use for either, is a warning, unless a diagnostic stands at that place already.

use std::collections::BTreeSet;

use openapiv3::{
    Header, Info, MediaType, Operation, Parameter, ReferenceOr, RequestBody, Response, Schema,
    SecurityScheme, Server, Tag,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};

use crate::{
    diagnostic::{Code, Diagnostics},
    source::{Entry, Mapping, Node, Place, Value},
};

use super::reader::is_known_field;

/// Documents of more nodes are not read twice: a build script runs unoptimised, and its user waits.
const MOST_NODES: usize = 400_000;

/// Hears what the other reader says of the root of a 3.0 document.
pub(super) fn hear(root: &Mapping, place: &Place, diagnostics: &mut Diagnostics) {
    let mut left = MOST_NODES;
    if !root
        .entries()
        .iter()
        .all(|entry| fits(&entry.value, &mut left))
    {
        return;
    }
    let spoken = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.place.pointer.to_string())
        .collect();
    let mut opinion = Opinion {
        diagnostics,
        spoken,
    };
    for entry in root.entries() {
        let place = place.join(&entry.key, entry.key_span);
        match &*entry.key {
            "info" => opinion.object::<Info>(&entry.value, &place),
            "servers" => opinion.items(&entry.value, &place, Opinion::object::<Server>),
            "tags" => opinion.items(&entry.value, &place, Opinion::object::<Tag>),
            "paths" => opinion.members(&entry.value, &place, Opinion::path_item),
            "components" => opinion.members(&entry.value, &place, Opinion::section),
            _ => {}
        }
    }
}

fn fits(node: &Node, left: &mut usize) -> bool {
    let Some(rest) = left.checked_sub(1) else {
        return false;
    };
    *left = rest;
    match &node.value {
        Value::Sequence(items) => items.iter().all(|item| fits(item, left)),
        Value::Mapping(mapping) => mapping
            .entries()
            .iter()
            .all(|entry| fits(&entry.value, left)),
        _ => true,
    }
}

struct Opinion<'d> {
    diagnostics: &'d mut Diagnostics,
    /// The pointers at which something was said before.
    spoken: BTreeSet<String>,
}

impl Opinion<'_> {
    fn items(&mut self, node: &Node, place: &Place, read: impl Fn(&mut Self, &Node, &Place)) {
        for (index, item) in node.as_sequence().unwrap_or_default().iter().enumerate() {
            read(self, item, &place.join(&index.to_string(), item.span));
        }
    }

    fn members(&mut self, node: &Node, place: &Place, read: impl Fn(&mut Self, &Node, &Place)) {
        for entry in members(node) {
            if !entry.key.starts_with("x-") {
                read(self, &entry.value, &place.join(&entry.key, entry.key_span));
            }
        }
    }

    fn section(&mut self, node: &Node, place: &Place) {
        match place.pointer.last() {
            Some("schemas") => self.members(node, place, Self::schema),
            Some("responses") => self.members(node, place, Self::response),
            Some("parameters") => self.members(node, place, Self::parameter),
            Some("requestBodies") => self.members(node, place, Self::request_body),
            Some("headers") => self.members(node, place, Self::object::<ReferenceOr<Header>>),
            Some("securitySchemes") => {
                self.members(node, place, Self::object::<ReferenceOr<SecurityScheme>>)
            }
            _ => {}
        }
    }

    fn path_item(&mut self, node: &Node, place: &Place) {
        self.members(node, place, |opinion, node, place| {
            match place.pointer.last() {
                Some("parameters") => opinion.items(node, place, Self::parameter),
                Some("servers") => opinion.items(node, place, Self::object::<Server>),
                Some(
                    "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace",
                ) => opinion.operation(node, place),
                _ => {}
            }
        });
    }

    /// The parts of an operation, then the operation without them: so a part that is refused is named itself.
    fn operation(&mut self, node: &Node, place: &Place) {
        if node.get("$ref").is_some() {
            return;
        }
        self.members(node, place, |opinion, node, place| {
            match place.pointer.last() {
                Some("parameters") => opinion.items(node, place, Self::parameter),
                Some("requestBody") => opinion.request_body(node, place),
                Some("responses") => opinion.members(node, place, Self::response),
                _ => {}
            }
        });
        let Json::Object(mut own) = json(node) else {
            return;
        };
        own.remove("parameters");
        own.remove("requestBody");
        own.insert("responses".to_owned(), Json::Object(Map::new()));
        self.value::<Operation>(own.into(), place);
    }

    fn parameter(&mut self, node: &Node, place: &Place) {
        self.with_schemas::<ReferenceOr<Parameter>>(node, place);
    }

    fn request_body(&mut self, node: &Node, place: &Place) {
        self.with_schemas::<ReferenceOr<RequestBody>>(node, place);
    }

    fn response(&mut self, node: &Node, place: &Place) {
        self.with_schemas::<ReferenceOr<Response>>(node, place);
    }

    /// An object whose schemas are read apart from it.
    fn with_schemas<T: Serialize + DeserializeOwned>(&mut self, node: &Node, place: &Place) {
        let Json::Object(mut own) = json(node) else {
            return;
        };
        self.members(node, place, |opinion, node, place| {
            match place.pointer.last() {
                Some("schema") => opinion.schema(node, place),
                Some("content") => opinion.members(node, place, |opinion, node, place| {
                    if let Some(entry) = node.get("schema") {
                        opinion.schema(&entry.value, &place.join("schema", entry.key_span));
                    }
                    let mut own = json(node);
                    if let Some(own) = own.as_object_mut() {
                        own.remove("schema");
                    }
                    opinion.value::<MediaType>(own, place);
                }),
                _ => {}
            }
        });
        if own.contains_key("schema") {
            own.insert("schema".to_owned(), Json::Object(Map::new()));
        }
        if let Some(Json::Object(content)) = own.get_mut("content") {
            for media_type in content.values_mut() {
                *media_type = Json::Object(Map::new());
            }
        }
        self.value::<T>(own.into(), place);
    }

    /// A schema and its parts, each without the parts of its own: the other reader tries each kind of schema on each
    /// part in turn, which doubles its work with every level that it refuses.
    fn schema(&mut self, node: &Node, place: &Place) {
        let mut own = Map::new();
        for entry in members(node) {
            let place = place.join(&entry.key, entry.key_span);
            let value = match (&*entry.key, &entry.value.value) {
                ("items" | "not" | "additionalProperties", Value::Mapping(_)) => {
                    self.schema(&entry.value, &place);
                    Json::Object(Map::new())
                }
                ("properties", Value::Mapping(properties)) => {
                    self.members(&entry.value, &place, Self::schema);
                    let names = properties.entries().iter();
                    Json::Object(
                        names
                            .map(|entry| (entry.key.to_string(), Json::Object(Map::new())))
                            .collect(),
                    )
                }
                ("allOf" | "anyOf" | "oneOf", Value::Sequence(branches)) => {
                    self.items(&entry.value, &place, Self::schema);
                    branches.iter().map(|_| Json::Object(Map::new())).collect()
                }
                _ => json(&entry.value),
            };
            own.insert(entry.key.to_string(), value);
        }
        self.value::<ReferenceOr<Schema>>(own.into(), place);
    }

    fn object<T: Serialize + DeserializeOwned>(&mut self, node: &Node, place: &Place) {
        self.value::<T>(json(node), place);
    }

    fn value<T: Serialize + DeserializeOwned>(&mut self, value: Json, place: &Place) {
        match read_back::<T>(&value) {
            Ok(kept) => self.compare(&value, &kept, place),
            Err(refusal) if !self.has_spoken_within(place) => {
                let refusal = first_line(&refusal);
                self.diagnostics
                    .warning(
                        Code::SecondOpinion,
                        place,
                        format!("the crate `openapiv3` does not read this: {refusal}"),
                    )
                    .label("read all the same");
            }
            Err(_) => {}
        }
    }

    /// Names what is in `value` and not in `kept`, save what we leave out on purpose as well.
    fn compare(&mut self, value: &Json, kept: &Json, place: &Place) {
        match (value, kept) {
            (Json::Object(all), Json::Object(kept)) => {
                for (key, value) in all {
                    let place = Place {
                        span: place.span,
                        pointer: place.pointer.join(key),
                    };
                    match kept.get(key) {
                        Some(kept) => self.compare(value, kept, &place),
                        None if key.starts_with("x-")
                            || is_known_field(key)
                            || self.has_spoken_within(&place) => {}
                        None => {
                            let key = key.escape_debug();
                            self.diagnostics.warning(
                                Code::SecondOpinion,
                                &place,
                                format!("the crate `openapiv3` reads nothing of `{key}`"),
                            );
                        }
                    }
                }
            }
            (Json::Array(all), Json::Array(kept)) => {
                for (index, (value, kept)) in all.iter().zip(kept).enumerate() {
                    let place = Place {
                        span: place.span,
                        pointer: place.pointer.join(&index.to_string()),
                    };
                    self.compare(value, kept, &place);
                }
            }
            _ => {}
        }
    }

    /// Whether a diagnostic stands at the place or below it.
    fn has_spoken_within(&self, place: &Place) -> bool {
        let pointer = place.pointer.to_string();
        let below = format!("{pointer}/");
        self.spoken.contains(&pointer)
            || self
                .spoken
                .range(below.clone()..)
                .next()
                .is_some_and(|next| next.starts_with(&below))
    }
}

fn members(node: &Node) -> &[Entry] {
    node.as_mapping().map(Mapping::entries).unwrap_or_default()
}

/// What is left of a value after the other reader has read and written it.
fn read_back<T: Serialize + DeserializeOwned>(value: &Json) -> Result<Json, String> {
    let object = T::deserialize(value).map_err(|error| error.to_string())?;
    serde_json::to_value(object).map_err(|error| error.to_string())
}

fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or("")
        .chars()
        .take(160)
        .collect()
}

fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(text) => text.parse().map_or(Json::Null, Json::Number),
        Value::String(text) => Json::String(text.to_string()),
        Value::Sequence(items) => items.iter().map(|item| json(item)).collect(),
        Value::Mapping(mapping) => {
            let entries = mapping.entries().iter();
            Json::Object(
                entries
                    .map(|entry| (entry.key.to_string(), json(&entry.value)))
                    .collect(),
            )
        }
    }
}
