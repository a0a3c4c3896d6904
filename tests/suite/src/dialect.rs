//! Which tests of draft 4 apply to OpenAPI 3.0, which has a part of its words.

use serde_json::Value;

use crate::case::Group;

/// The dialect of a schema, told by the version of the document that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// OpenAPI 3.0: a part of draft 4, with words of its own.
    OpenApi30,
    /// OpenAPI 3.1: JSON Schema 2020-12.
    OpenApi31,
}

impl Dialect {
    /// The version that a document says.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::OpenApi30 => "3.0.4",
            Self::OpenApi31 => "3.1.1",
        }
    }
}

/// The words of draft 4 that OpenAPI 3.0 does not have (OAS 3.0.4, section 4.7.24.1).
const DROPPED: [&str; 6] = [
    "$schema",
    "id",
    "definitions",
    "dependencies",
    "patternProperties",
    "additionalItems",
];

/// Whether the schema of a group of draft 4 means the same in OpenAPI 3.0.
///
/// It does not where a schema in it has a word that was dropped, where a reference leads to a document that has them, or
/// where `type: array` stands without `items`, which OpenAPI 3.0 demands beside it.
pub(crate) fn has_only_words_of_3_0(group: &Group) -> bool {
    serde_json::from_str(group.schema.get()).is_ok_and(|schema| is_of_3_0(&schema))
}

fn is_of_3_0(schema: &Value) -> bool {
    let Some(members) = schema.as_object() else {
        return true;
    };
    if members.get("type").is_some_and(|it| it == "array") && !members.contains_key("items") {
        return false;
    }
    members.iter().all(|(key, value)| match key.as_str() {
        key if DROPPED.contains(&key) => false,
        // A reference to the meta-schema, whose words were dropped, or into a remote file with `definitions`.
        "$ref" => value
            .as_str()
            .is_none_or(|it| !it.contains("json-schema.org") && !it.contains("definitions")),
        "type" => value.is_string() && value != "null",
        "items" => !value.is_array() && is_of_3_0(value),
        "additionalProperties" | "not" => is_of_3_0(value),
        "properties" => value
            .as_object()
            .is_none_or(|them| them.values().all(is_of_3_0)),
        "allOf" | "anyOf" | "oneOf" => value
            .as_array()
            .is_none_or(|them| them.iter().all(is_of_3_0)),
        _ => true,
    })
}
