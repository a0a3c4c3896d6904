//! No keyword is ignored in silence: each is enforced, or asserts nothing.

use std::collections::{BTreeMap, BTreeSet};

use specwright_build::Generator;
use specwright_build::diagnostic::Severity;
use specwright_build::source::Memory;

use super::request::post;
use super::{Echo, keywords};

/// What becomes of a keyword.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// A value that breaks it is a 422; this is such a value for the member of `keywords.yaml` with the keyword's name.
    Enforced(&'static str),
    /// It asserts nothing.
    Annotation,
}

use Fate::{Annotation, Enforced};

/// Every keyword of JSON Schema 2020-12 and of OpenAPI's schemas, in the order of their vocabularies: the schema that it
/// is added to, what is added, and its fate.
const KEYWORDS: &[(&str, &str, &str, Fate)] = &[
    // JSON Schema Core.
    (
        "$schema",
        "type: integer",
        r#"$schema: "https://json-schema.org/draft/2020-12/schema""#,
        Annotation,
    ),
    (
        "$id",
        "type: integer",
        r#"$id: "https://a.example/b""#,
        Annotation,
    ),
    (
        "$ref",
        "description: A text.",
        r##"$ref: "#/components/schemas/Short""##,
        Enforced(r#""ab""#),
    ),
    ("$anchor", "type: integer", "$anchor: here", Annotation),
    (
        "$dynamicRef",
        "description: A text.",
        r##"$dynamicRef: "#/components/schemas/Short""##,
        Enforced(r#""ab""#),
    ),
    (
        "$dynamicAnchor",
        "type: integer",
        "$dynamicAnchor: here",
        Annotation,
    ),
    (
        "$comment",
        "type: integer",
        "$comment: A remark.",
        Annotation,
    ),
    (
        "$defs",
        "type: integer",
        "$defs: {a: {type: string}}",
        Annotation,
    ),
    // Applicators.
    (
        "allOf",
        "type: integer",
        "allOf: [{minimum: 3}]",
        Enforced("2"),
    ),
    (
        "anyOf",
        "description: A value.",
        "anyOf: [{type: integer}, {type: boolean}]",
        Enforced(r#""a""#),
    ),
    (
        "oneOf",
        "description: A value.",
        "oneOf: [{type: integer, maximum: 5}, {type: integer, minimum: 5}]",
        Enforced("5"),
    ),
    (
        "not",
        "description: A value.",
        "not: {type: string}",
        Enforced(r#""a""#),
    ),
    (
        "if",
        "type: integer",
        "if: {minimum: 3}, then: {multipleOf: 2}",
        Enforced(r#"3"#),
    ),
    (
        "then",
        "type: integer",
        "if: {minimum: 3}, then: {multipleOf: 2}",
        Enforced(r#"3"#),
    ),
    (
        "else",
        "type: integer",
        "if: {minimum: 3}, else: {multipleOf: 2}",
        Enforced(r#"1"#),
    ),
    (
        "dependentSchemas",
        "type: object",
        "dependentSchemas: {a: {required: [b]}}",
        Enforced(r#"{"a":1}"#),
    ),
    (
        "prefixItems",
        "type: array",
        "prefixItems: [{type: integer}]",
        Enforced(r#"["a"]"#),
    ),
    (
        "items",
        "type: array",
        "items: {type: integer}",
        Enforced(r#"["a"]"#),
    ),
    (
        "contains",
        "type: array",
        "contains: {type: integer}",
        Enforced(r#"["a"]"#),
    ),
    (
        "properties",
        "type: object",
        "properties: {a: {type: integer}}",
        Enforced(r#"{"a":"b"}"#),
    ),
    (
        "patternProperties",
        "type: object",
        "patternProperties: {^a: {type: integer}}",
        Enforced(r#"{"ab":"c"}"#),
    ),
    (
        "additionalProperties",
        "type: object",
        "additionalProperties: {type: integer}",
        Enforced(r#"{"a":"b"}"#),
    ),
    (
        "propertyNames",
        "type: object",
        "propertyNames: {maxLength: 1}",
        Enforced(r#"{"ab":1}"#),
    ),
    (
        "unevaluatedItems",
        "type: array",
        "unevaluatedItems: false",
        Enforced(r#"[1]"#),
    ),
    (
        "unevaluatedProperties",
        "type: object",
        "unevaluatedProperties: false",
        Enforced(r#"{"a":1}"#),
    ),
    // Validation.
    (
        "type",
        "description: A value.",
        "type: integer",
        Enforced(r#""a""#),
    ),
    ("enum", "type: string", "enum: [a, b]", Enforced(r#""c""#)),
    ("const", "description: A value.", "const: 1", Enforced("2")),
    (
        "multipleOf",
        "type: integer",
        "multipleOf: 3",
        Enforced("4"),
    ),
    ("maximum", "type: integer", "maximum: 3", Enforced("4")),
    (
        "exclusiveMaximum",
        "type: integer",
        "exclusiveMaximum: 3",
        Enforced("3"),
    ),
    ("minimum", "type: integer", "minimum: 3", Enforced("2")),
    (
        "exclusiveMinimum",
        "type: integer",
        "exclusiveMinimum: 3",
        Enforced("3"),
    ),
    (
        "maxLength",
        "type: string",
        "maxLength: 1",
        Enforced(r#""ab""#),
    ),
    (
        "minLength",
        "type: string",
        "minLength: 1",
        Enforced(r#""""#),
    ),
    (
        "pattern",
        "type: string",
        r#"pattern: "^a""#,
        Enforced(r#""b""#),
    ),
    (
        "maxItems",
        "type: array, items: {type: string}",
        "maxItems: 1",
        Enforced("[1,2]"),
    ),
    (
        "minItems",
        "type: array, items: {type: string}",
        "minItems: 1",
        Enforced("[]"),
    ),
    (
        "uniqueItems",
        "type: array, items: {type: string}",
        "uniqueItems: true",
        Enforced("[1,1]"),
    ),
    (
        "maxContains",
        "type: array",
        "contains: {type: integer}, maxContains: 2",
        Enforced(r#"[1,2,3]"#),
    ),
    (
        "minContains",
        "type: array",
        "contains: {type: integer}, minContains: 2",
        Enforced(r#"[1]"#),
    ),
    (
        "maxProperties",
        "type: object",
        "maxProperties: 1",
        Enforced(r#"{"a":1,"b":2}"#),
    ),
    (
        "minProperties",
        "type: object",
        "minProperties: 1",
        Enforced("{}"),
    ),
    ("required", "type: object", "required: [a]", Enforced("{}")),
    (
        "dependentRequired",
        "type: object",
        "dependentRequired: {a: [b]}",
        Enforced(r#"{"a":1}"#),
    ),
    // Format and content; of these only what DESIGN.md gives a type is more than an annotation.
    ("format", "type: string", "format: date", Enforced(r#""a""#)),
    (
        "contentEncoding",
        "type: string",
        "contentEncoding: base64",
        Enforced(r#""a""#),
    ),
    (
        "contentMediaType",
        "type: string",
        "contentMediaType: text/html",
        Annotation,
    ),
    (
        "contentSchema",
        "type: string",
        "contentMediaType: application/json, contentSchema: {type: integer}",
        Annotation,
    ),
    // Meta-data.
    ("title", "type: integer", "title: A number", Annotation),
    (
        "description",
        "type: integer",
        "description: A number.",
        Annotation,
    ),
    ("default", "type: integer", "default: 1", Annotation),
    (
        "deprecated",
        "type: integer",
        "deprecated: true",
        Annotation,
    ),
    ("readOnly", "type: integer", "readOnly: true", Annotation),
    ("writeOnly", "type: integer", "writeOnly: true", Annotation),
    ("examples", "type: integer", "examples: [1]", Annotation),
    // OpenAPI.
    (
        "discriminator",
        "oneOf: [{$ref: \"#/components/schemas/Cat\"}, {$ref: \"#/components/schemas/Dog\"}]",
        "discriminator: {propertyName: kind}",
        Annotation,
    ),
    ("xml", "type: integer", "xml: {name: a}", Annotation),
    (
        "externalDocs",
        "type: integer",
        "externalDocs: {url: \"https://a.example\"}",
        Annotation,
    ),
    ("example", "type: integer", "example: 1", Annotation),
];

/// The keywords that leave no trace, so that the comparison of the others can be trusted.
const REMARKS: [&str; 5] = ["$comment", "example", "examples", "externalDocs", "xml"];

/// The places of a schema, as the schema of a body; `{}` is the schema.
const PLACES: &[(&str, &str)] = &[
    ("the body itself", "{}"),
    ("a property", "{type: object, properties: {a: {}}}"),
    (
        "a required property",
        "{type: object, required: [a], properties: {a: {}}}",
    ),
    ("the items", "{type: array, items: {}}"),
    ("a map", "{type: object, additionalProperties: {}}"),
    ("a part of allOf", "{allOf: [{description: One.}, {}]}"),
    (
        "a property of a part of allOf",
        "{allOf: [{type: object, properties: {a: {}}}, {type: object, properties: {a: {description: One.}}}]}",
    ),
    (
        "a branch of oneOf",
        "{oneOf: [{type: object, required: [a, b, c, d]}, {type: object, required: [z], properties: {z: {}}}]}",
    ),
    (
        "a branch of anyOf",
        "{anyOf: [{type: object, required: [a, b, c, d]}, {type: object, required: [z], properties: {z: {}}}]}",
    ),
    (
        "below not",
        "{not: {type: object, required: [a], properties: {a: {}}}}",
    ),
    (
        "a nullable property",
        "{type: object, properties: {a: {oneOf: [{}, {type: \"null\"}]}}}",
    ),
];

/// A document whose body has this schema.
fn document(schema: &str) -> String {
    let content = format!("content: {{application/json: {{schema: {schema}}}}}");
    format!(
        r#"openapi: 3.1.1
info: {{title: One schema, version: "1"}}
paths:
  /:
    post:
      operationId: send
      requestBody: {{required: true, {content}}}
      responses: {{"204": {{description: Fine.}}}}
components:
  schemas:
    Short: {{type: string, maxLength: 1}}
    Cat: {{type: object, required: [kind], properties: {{kind: {{const: Cat}}}}}}
    Dog: {{type: object, required: [kind], properties: {{kind: {{const: Dog}}}}}}
"#
    )
}

/// What the schema becomes, or the headlines of the errors.
fn generate(schema: &str) -> Result<String, Vec<String>> {
    lowered(document(schema))
}

/// The data of the API; that code says all of it is shown by `keywords.yaml`, which is compiled.
fn lowered(document: String) -> Result<String, Vec<String>> {
    let memory = Memory::new().with("api.yaml", document);
    let generated = Generator::new("api.yaml").check_with(memory);
    let Some(mut api) = generated.api else {
        let errors = generated.diagnostics.iter();
        return Err(errors
            .filter(|it| it.severity == Severity::Error)
            .map(|it| it.headline.clone())
            .collect());
    };
    api.served = Default::default();
    Ok(format!("{api:?}"))
}

#[test]
fn every_keyword_in_every_place() {
    let faults: Vec<_> = PLACES
        .iter()
        .flat_map(|(place, outer)| faults_in(place, outer))
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// The keywords that do not meet their fate in one place.
fn faults_in(place: &str, outer: &str) -> Vec<String> {
    let mut bases = BTreeMap::new();
    let mut before = |base: &'static str| -> String {
        let generated = bases
            .entry(base)
            .or_insert_with(|| generate(&outer.replacen("{}", &format!("{{{base}}}"), 1)).unwrap());
        generated.clone()
    };
    let mut faults = Vec::new();
    for (keyword, base, addition, fate) in KEYWORDS {
        let changed = outer.replacen("{}", &format!("{{{base}, {addition}}}"), 1);
        let met = match (fate, generate(&changed)) {
            // Nothing is decoded there, and by itself an encoding asserts nothing (2020-12 Validation, section 8.1).
            (Enforced(_), Ok(after)) if *keyword == "contentEncoding" && place == "below not" => {
                after == before(base)
            }
            (Enforced(_), Ok(after)) => after != before(base),
            // Words for readers alone change nothing at all.
            (Annotation, Ok(after)) if REMARKS.contains(keyword) => after == before(base),
            (Annotation, Ok(_)) => true,
            _ => false,
        };
        if !met {
            faults.push(format!("`{keyword}` in {place}: {changed}"));
        }
    }
    faults
}

#[tokio::test]
async fn enforced_keywords_answer_422() {
    let mut enforced = BTreeSet::new();
    for (keyword, _, _, fate) in KEYWORDS {
        let Enforced(value) = fate else {
            continue;
        };
        enforced.insert(*keyword);
        let answer = post(keywords::api(Echo), format!(r#"{{"{keyword}":{value}}}"#)).await;
        assert_eq!(answer.status, 422, "{keyword}: {value}");
        let found = answer.violations();
        let place = format!("body /{keyword}");
        assert!(found.starts_with(&place), "{keyword}: {found}");
        // Where a keyword applies other schemas, theirs is the rule that was broken.
        let rule = match *keyword {
            "$ref" | "$dynamicRef" => "maxLength",
            "allOf" => "minimum",
            // No branch is of the value's type.
            "anyOf" => "type",
            "additionalProperties" | "items" | "properties" => "type",
            "contentEncoding" => "format",
            "prefixItems" | "patternProperties" => "type",
            "dependentSchemas" => "required",
            "if" | "then" | "else" => "multipleOf",
            keyword => keyword,
        };
        assert!(found.ends_with(&format!(" {rule}")), "{keyword}: {found}");
    }
    let value: serde_json::Value =
        serde_yaml::from_str(&std::fs::read_to_string("fixtures/serve/keywords.yaml").unwrap())
            .unwrap();
    let members = value["components"]["schemas"]["Value"]["properties"].as_object();
    let members: BTreeSet<_> = members.unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, enforced);
}

/// Keywords of 3.0 are read as what they mean in 2020-12.
#[test]
fn keywords_of_3_0_are_enforced() {
    let generate = |schema: &str| {
        let document = document(schema)
            .replace("3.1.1", "3.0.3")
            .replace("const: Cat", "type: string")
            .replace("const: Dog", "type: string");
        lowered(document).unwrap()
    };
    for (base, addition) in [
        ("type: integer", "nullable: true"),
        ("type: integer, minimum: 3", "exclusiveMinimum: true"),
        ("type: integer, maximum: 3", "exclusiveMaximum: true"),
        ("type: string", "format: byte"),
    ] {
        let before = generate(&format!("{{{base}}}"));
        assert_ne!(
            before,
            generate(&format!("{{{base}, {addition}}}")),
            "{addition}"
        );
    }
}
