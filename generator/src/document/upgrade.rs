//! Lifts what older schema dialects say into JSON Schema 2020-12, one schema at a time, before it is read.
//!
//! A lifted member keeps the spans of what it was made from. Nested schemas are lifted when they are read themselves:
//! a fragment is known as a schema only by the reference that reaches it.

use std::rc::Rc;

use crate::{
    diagnostic::Code,
    source::{Entry, Mapping, Node, Place, Pointer, Span, Value},
};

use super::{Dialect, reader::Reader};

/// Keywords that 3.0 does not have and whose meaning is clear.
const NEWER: &[&str] = &[
    "$anchor",
    "$defs",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "const",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// What may stand beside a `$ref` in 3.0 without a warning: it changes no value.
const HARMLESS: &[&str] = &[
    "$comment",
    "deprecated",
    "description",
    "example",
    "examples",
    "externalDocs",
    "summary",
    "title",
    "xml",
];

/// Of these, what is kept: words for people.
const KEPT: &[&str] = &["deprecated", "description", "title"];

/// The members of a schema in the words of 2020-12; `None` where they are so already.
pub(super) fn lift(reader: &mut Reader<'_>, schema: &Mapping, place: &Place) -> Option<Mapping> {
    let mut lift = Lift {
        reader,
        schema,
        place,
        entries: Vec::new(),
        changed: false,
    };
    if lift.reader.dialect == Dialect::V3_0 {
        if let Some(reference) = schema.get("$ref") {
            return lift.lone_reference(reference);
        }
        lift.check_3_0();
    }
    for entry in schema.entries() {
        lift.entry(entry);
    }
    lift.changed.then(|| Mapping::new(lift.entries))
}

struct Lift<'l, 'd> {
    reader: &'l mut Reader<'d>,
    schema: &'l Mapping,
    place: &'l Place,
    entries: Vec<Entry>,
    changed: bool,
}

impl Lift<'_, '_> {
    /// OAS 3.0.3, Reference Object: "this object cannot be extended with additional properties and any properties added
    /// SHALL be ignored".
    fn lone_reference(mut self, reference: &Entry) -> Option<Mapping> {
        let others = || {
            self.schema
                .entries()
                .iter()
                .filter(|entry| &*entry.key != "$ref")
        };
        let ignored: Vec<_> = others()
            .map(|entry| &*entry.key)
            .filter(|key| !HARMLESS.contains(key) && !key.starts_with("x-"))
            .collect();
        if ignored.contains(&"nullable") {
            self.nullable_without_effect("beside a `$ref`");
        }
        let named: Vec<_> = ignored
            .iter()
            .filter(|key| **key != "nullable")
            .map(|key| format!("`{}`", key.escape_debug()))
            .collect();
        if !named.is_empty() {
            self.reader
                .warning(
                    Code::IgnoredField,
                    self.place,
                    format!(
                        "{} beside `$ref` is ignored, as OpenAPI 3.0 says",
                        named.join(", ")
                    ),
                )
                .help("put the `$ref` into an `allOf`, or write the document in OpenAPI 3.1");
        }
        let kept = others()
            .filter(|entry| KEPT.contains(&&*entry.key) || entry.key.starts_with("x-"))
            .cloned();
        let mut entries: Vec<_> = kept.collect();
        entries.push(reference.clone());
        Some(Mapping::new(entries))
    }

    fn check_3_0(&mut self) {
        let Some(ty) = self.schema.get("type") else {
            return;
        };
        if ty.value.as_str() == Some("array") && self.schema.get("items").is_none() {
            let place = self.at(ty);
            let union = self.place.pointer.parent();
            let what = "an array needs `items` in OpenAPI 3.0";
            let diagnostic = if matches!(
                union.as_ref().and_then(Pointer::last),
                Some("anyOf" | "oneOf")
            ) {
                // A list of types in the only way that 3.0 has: the branch says "or an array" and means no more.
                let headline = format!("{what}; every item is allowed");
                self.reader.warning(Code::MissingField, &place, headline)
            } else {
                self.reader.error(Code::MissingField, &place, what)
            };
            diagnostic.help("write `items: {}` for items of every kind");
        }
    }

    fn entry(&mut self, entry: &Entry) {
        if self.reader.dialect == Dialect::V3_0 && self.entry_3_0(entry) {
            return;
        }
        match &*entry.key {
            "exclusiveMinimum" => self.exclusive(entry, "minimum"),
            "exclusiveMaximum" => self.exclusive(entry, "maximum"),
            "minimum" => self.inclusive(entry, "exclusiveMinimum"),
            "maximum" => self.inclusive(entry, "exclusiveMaximum"),
            "items" if entry.value.as_sequence().is_some() => {
                self.older(entry, "a list of `items`", "`prefixItems`");
                self.push("prefixItems", entry.key_span, &entry.value);
            }
            "additionalItems" => {
                if self
                    .schema
                    .get("items")
                    .is_some_and(|items| items.value.as_sequence().is_some())
                {
                    self.older(entry, "`additionalItems`", "`items`");
                    self.push("items", entry.key_span, &entry.value);
                } else {
                    let place = self.at(entry);
                    self.reader.warning(
                        Code::MisplacedKeyword,
                        &place,
                        "`additionalItems` says nothing without a list of `items`",
                    );
                    self.changed = true;
                }
            }
            "dependencies" if entry.value.as_mapping().is_some() => self.dependencies(entry),
            // Nothing but a shelf for schemas, which are read when a reference reaches them.
            "definitions" => self.changed = true,
            _ => self.entries.push(entry.clone()),
        }
    }

    /// Lifts a member of a 3.0 schema; whether there was something to lift.
    fn entry_3_0(&mut self, entry: &Entry) -> bool {
        match &*entry.key {
            "nullable" => self.nullable(entry),
            "type" => return self.ty(entry),
            "format"
                if entry.value.as_str() == Some("byte")
                    && self.schema.get("contentEncoding").is_none() =>
            {
                let base64 = Node {
                    span: entry.value.span,
                    value: Value::String("base64".into()),
                };
                self.entries.push(entry.clone());
                self.push("contentEncoding", entry.key_span, &Rc::new(base64));
            }
            key if NEWER.contains(&key) => {
                let place = self.at(entry);
                self.reader
                    .warning(
                        Code::MisplacedKeyword,
                        &place,
                        format!("`{key}` is a keyword of OpenAPI 3.1, but this document says 3.0; it is followed"),
                    )
                    .help("write `openapi: 3.1.1` at the root of the document");
                return false;
            }
            _ => return false,
        }
        true
    }

    fn is_nullable(&self) -> bool {
        let nullable = self.schema.get("nullable");
        nullable.is_some_and(|entry| {
            matches!(&entry.value.value, Value::Bool(true)) || entry.value.as_str() == Some("true")
        })
    }

    /// OAS 3.0.3, Schema Object: `nullable` "adds "null" to the allowed type specified by the type keyword, only if type
    /// is explicitly defined within the same Schema Object".
    fn nullable(&mut self, entry: &Entry) {
        self.changed = true;
        match &entry.value.value {
            Value::Bool(_) => {}
            Value::String(text) if matches!(&**text, "true" | "false") => {
                let place = self.at(entry);
                self.reader
                    .warning(
                        Code::WrongKind,
                        &place,
                        "`nullable` should be a boolean, found a string",
                    )
                    .help(format!("write `{text}` without quotes"));
            }
            _ => {
                let (place, found) = (self.at(entry), entry.value.kind());
                self.reader.error(
                    Code::WrongKind,
                    &place,
                    format!("`nullable` must be `true` or `false`, found {found}"),
                );
            }
        }
        let has = |key| self.schema.get(key).is_some();
        let enum_refuses = self.schema.get("enum").is_some_and(|values| {
            let values = values.value.as_sequence();
            values.is_some_and(|values| {
                !values
                    .iter()
                    .any(|value| matches!(value.value, Value::Null))
            })
        });
        if !self.is_nullable() {
        } else if enum_refuses {
            self.nullable_without_effect("beside an `enum` that does not hold `null`");
        } else if !has("type") && ["allOf", "anyOf", "oneOf", "not"].into_iter().any(has) {
            self.nullable_without_effect("without a `type`");
        }
    }

    fn nullable_without_effect(&mut self, where_: &str) {
        let Some(entry) = self.schema.get("nullable") else {
            return;
        };
        if !self.is_nullable() {
            return;
        }
        let help = match self.schema.get("enum") {
            Some(_) => "add `null` to the `enum`",
            None => {
                "add `null` where the type is said, or write the document in OpenAPI 3.1 with `{type: \"null\"}` in an `anyOf`"
            }
        };
        let place = self.at(entry);
        self.reader
            .warning(
                Code::NullableWithoutEffect,
                &place,
                format!("`nullable` {where_} has no effect, as OpenAPI 3.0 says"),
            )
            .label("null is allowed only where the rest of the schema allows it")
            .help(help);
    }

    fn ty(&mut self, entry: &Entry) -> bool {
        let place = self.at(entry);
        let null = |span| {
            Rc::new(Node {
                span,
                value: Value::String("null".into()),
            })
        };
        let mut types = match &entry.value.value {
            Value::Sequence(types) => {
                self.reader
                    .error(Code::MisplacedKeyword, &place, "a list of types is OpenAPI 3.1, but this document says 3.0")
                    .help("write one type with `nullable: true`, an `anyOf`, or `openapi: 3.1.1` at the root");
                types.clone()
            }
            _ => {
                if entry.value.as_str() == Some("null") {
                    self.reader
                        .warning(Code::MisplacedKeyword, &place, "the type `null` is OpenAPI 3.1, but this document says 3.0; it is followed")
                        .help("write `nullable: true` beside another type, or `openapi: 3.1.1` at the root");
                }
                vec![Rc::clone(&entry.value)]
            }
        };
        let has_null = types.iter().any(|ty| ty.as_str() == Some("null"));
        if !self.is_nullable() || has_null {
            return false;
        }
        types.push(null(entry.value.span));
        let list = Node {
            span: entry.value.span,
            value: Value::Sequence(types),
        };
        self.push("type", entry.key_span, &Rc::new(list));
        true
    }

    /// OAS 3.0.3 takes both from JSON Schema Wright Draft 00, where they are booleans beside the bound.
    fn exclusive(&mut self, entry: &Entry, bound: &str) {
        let place = self.at(entry);
        let (key, is_3_0) = (&entry.key, self.reader.dialect == Dialect::V3_0);
        match (&entry.value.value, self.schema.get(bound)) {
            (Value::Bool(excluded), inclusive) => {
                if !is_3_0 {
                    self.older(
                        entry,
                        &format!("a boolean `{key}`"),
                        &format!("a number in place of `{bound}`"),
                    );
                }
                match inclusive {
                    Some(inclusive) if *excluded => {
                        self.push(key, entry.key_span, &inclusive.value)
                    }
                    None if *excluded => {
                        self.reader.warning(
                            Code::IgnoredField,
                            &place,
                            format!("`{key}` says nothing without `{bound}`"),
                        );
                    }
                    _ => {}
                }
                self.changed = true;
            }
            (Value::Number(_), _) if is_3_0 => {
                self.reader
                    .error(
                        Code::MisplacedKeyword,
                        &place,
                        format!("a number for `{key}` is OpenAPI 3.1, but this document says 3.0"),
                    )
                    .help(format!("write the number as `{bound}` and `{key}: true`, or `openapi: 3.1.1` at the root"));
                self.entries.push(entry.clone());
            }
            _ => self.entries.push(entry.clone()),
        }
    }

    /// Drops an inclusive bound whose exclusive twin has taken its value.
    fn inclusive(&mut self, entry: &Entry, exclusive: &str) {
        let taken = self
            .schema
            .get(exclusive)
            .is_some_and(|entry| matches!(entry.value.value, Value::Bool(true)));
        if taken {
            self.changed = true;
        } else {
            self.entries.push(entry.clone());
        }
    }

    fn dependencies(&mut self, entry: &Entry) {
        self.older(
            entry,
            "`dependencies`",
            "`dependentRequired` and `dependentSchemas`",
        );
        let all = entry
            .value
            .as_mapping()
            .map(Mapping::entries)
            .unwrap_or_default();
        let (names, schemas): (Vec<_>, Vec<_>) = all
            .iter()
            .cloned()
            .partition(|entry| entry.value.as_sequence().is_some());
        for (key, members) in [("dependentRequired", names), ("dependentSchemas", schemas)] {
            if !members.is_empty() {
                let node = Node {
                    span: entry.value.span,
                    value: Value::Mapping(Mapping::new(members)),
                };
                self.push(key, entry.key_span, &Rc::new(node));
            }
        }
    }

    fn older(&mut self, entry: &Entry, what: &str, now: &str) {
        let place = self.at(entry);
        self.reader
            .warning(
                Code::MisplacedKeyword,
                &place,
                format!("{what} is an older JSON Schema's way to write {now}; it is read as that"),
            )
            .help(format!("write {now}"));
    }

    fn push(&mut self, key: &str, key_span: Span, value: &Rc<Node>) {
        self.changed = true;
        self.entries.push(Entry {
            key: key.into(),
            key_span,
            value: Rc::clone(value),
        });
    }

    fn at(&self, entry: &Entry) -> Place {
        self.place.join(&entry.key, entry.key_span)
    }
}
