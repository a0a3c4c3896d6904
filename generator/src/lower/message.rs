//! `x-error-message`: the document's own words for what is wrong with a value.

use std::rc::Rc;

use super::{Lowering, schema::Peeled};
use crate::{
    diagnostic::Code,
    document::{Literal, Schema},
    ir::{Check, Value},
};

/// The extension: a text, or a text for each keyword.
const MESSAGE: &str = "x-error-message";

/// What violations of a value are called: keywords of JSON Schema, and the runtime's own words.
const KEYWORDS: [&str; 40] = [
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contains",
    "contentMediaType",
    "dependentRequired",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "false",
    "format",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "propertyNames",
    "required",
    "type",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
    "repeated",
    "encoding",
    "contentType",
    "style",
    "syntax",
    "unknown",
    "unsupported_range",
    "too_complex",
];

impl Lowering<'_> {
    /// The value with the words of its schemas, or of what they refer to.
    pub(super) fn authored(&mut self, mut value: Value, schemas: &[Rc<Schema>]) -> Value {
        for schema in schemas {
            let target = match self.peel(schema) {
                Peeled::Named(target) | Peeled::Inline(target) => target,
            };
            for schema in [schema, &target] {
                let found = schema.extensions.iter().find(|(key, _)| &**key == MESSAGE);
                let Some((_, literal)) = found else { continue };
                let messages = self.messages(literal);
                if !messages.is_empty() {
                    value.checks.push(Check::Message(messages));
                    return value;
                }
            }
        }
        value
    }

    fn messages(&mut self, literal: &Literal) -> Vec<(String, String)> {
        if let Some(text) = literal.value.as_str() {
            return vec![(String::new(), text.to_owned())];
        }
        let entries = literal.value.as_mapping().map(|it| it.entries());
        let messages: Option<Vec<_>> = entries.and_then(|entries| {
            let texts = entries.iter();
            texts
                .map(|entry| Some((entry.key.to_string(), entry.value.as_str()?.to_owned())))
                .collect()
        });
        let Some(messages) = messages else {
            self.invalid_message(
                literal,
                "`x-error-message` must be a text, or a text for each keyword",
            );
            return Vec::new();
        };
        let is_known = |(keyword, _): &(String, String)| KEYWORDS.contains(&keyword.as_str());
        let (known, unknown): (Vec<_>, Vec<_>) = messages.into_iter().partition(is_known);
        if !unknown.is_empty() {
            let names: Vec<String> = unknown
                .iter()
                .map(|(name, _)| format!("`{name}`"))
                .collect();
            let headline = format!(
                "`x-error-message` has words for what no value can break: {}",
                names.join(", ")
            );
            self.invalid_message(literal, &headline);
        }
        known
    }

    fn invalid_message(&mut self, literal: &Literal, headline: &str) {
        let file = literal.place.span.file.0;
        let pointer = &literal.place.pointer;
        if self.references.is_news(format!("message {file}#{pointer}")) {
            self.diagnostics
                .error(Code::InvalidExtension, &literal.place, headline);
        }
    }
}
