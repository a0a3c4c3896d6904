//! Errors as FastAPI tells them: `{"detail": [{"type", "loc", "msg", "input", "ctx"}]}`.
//!
//! Types and messages are those of Pydantic 2 where it has the rule, and in the same style where it has not.

use axum::response::Response;
use http::header::HeaderValue;

use crate::decode::{Expected, Keyword, Section, Violation};
use crate::failure::{Cause, Failure};
use crate::node::{Kind, Node, SyntaxError, SyntaxErrorKind, Tree, write_json_string};
use crate::response;

mod reason;

/// What Python calls the type of a union's branch.
pub(crate) fn branch_name(name: &'static str) -> &'static str {
    match name {
        "String" => "str",
        "Integer" | "I8" | "I16" | "I32" | "I64" | "U8" | "U16" | "U32" | "U64" => "int",
        "Number" | "F32" | "F64" => "float",
        "Boolean" | "Bool" => "bool",
        name => name,
    }
}

/// Makes the response of an error.
pub(crate) fn respond(failure: &Failure) -> Response {
    let mut body = Vec::new();
    body.extend_from_slice(b"{\"detail\":");
    let mut status = failure.status();
    match (failure.cause(), &failure.syntax) {
        (Cause::Invalid, _) => {
            let is_embedded = is_embedded(failure);
            list(
                &mut body,
                failure
                    .violations()
                    .map(|it| Entry::of(it, is_embedded, failure.echoes)),
            );
        }
        (Cause::Syntax, Some(error)) => {
            status = failure.violation_status;
            list(&mut body, [Entry::syntax(error)].into_iter());
        }
        (Cause::BodyMissing, _) => {
            status = failure.violation_status;
            let body_of = failure.operation().and_then(|operation| operation.body);
            match body_of.filter(|it| !it.fields.is_empty()) {
                Some(it) => list(
                    &mut body,
                    it.fields
                        .iter()
                        .map(|field| Entry::missing(Some(field), failure)),
                ),
                None => list(&mut body, [Entry::missing(None, failure)].into_iter()),
            }
        }
        _ => write_json_string(&mut body, &detail(failure)),
    }
    body.push(b'}');
    let response = response::content(status, HeaderValue::from_static("application/json"), body);
    failure.complete(response)
}

/// Whether the fields of the body are parameters of their own to FastAPI.
fn is_embedded(failure: &Failure) -> bool {
    let body = failure.operation().and_then(|operation| operation.body);
    body.is_some_and(|body| body.is_embedded)
}

/// The words of `HTTPException`s that FastAPI raises itself; else those of the failure.
fn detail(failure: &Failure) -> String {
    let own = failure.detail().filter(|_| failure.has_own_detail);
    let known = match failure.cause() {
        Cause::Unauthenticated => Some("Not authenticated"),
        Cause::BodyTooLarge => Some("Content Too Large"),
        Cause::NotFound | Cause::MethodNotAllowed | Cause::Forbidden | Cause::Internal => {
            failure.status().canonical_reason()
        }
        _ => None,
    };
    let words = own.or(known).or(failure.detail());
    words
        .or(failure.status().canonical_reason())
        .unwrap_or_default()
        .to_owned()
}

fn list(out: &mut Vec<u8>, entries: impl Iterator<Item = Entry>) {
    out.push(b'[');
    for (index, entry) in entries.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        entry.write(out);
    }
    out.push(b']');
}

/// One violation in FastAPI's words.
struct Entry {
    code: String,
    location: Vec<Step>,
    message: String,
    /// A JSON text.
    input: Option<Vec<u8>>,
    context: Vec<(&'static str, Fact)>,
}

enum Step {
    Name(String),
    Position(String),
}

/// A value of `ctx`.
enum Fact {
    Text(String),
    /// A JSON text.
    Json(String),
}

impl Entry {
    fn of(violation: &Violation, is_embedded: bool, echoes: bool) -> Self {
        let place = match violation.section {
            Section::Querystring => "query",
            section => section.as_str(),
        };
        let mut location = vec![Step::Name(place.to_owned())];
        if violation.section != Section::Body && violation.section != Section::Querystring {
            location.push(Step::Name(violation.name.to_string()));
        }
        location.extend(violation.tokens().map(|(token, is_position)| {
            if is_position {
                Step::Position(token)
            } else {
                Step::Name(token)
            }
        }));
        let input = violation.input.as_deref();
        let (code, message, context) = words(violation);
        // What is missing has no value: that of a model's field is the model, that of a parameter is null.
        let is_parameter = violation.section != Section::Body && violation.pointer.is_empty();
        let is_field_of_body =
            is_embedded && violation.section == Section::Body && location.len() == 2;
        let has_no_input = code == "missing" && (is_parameter || is_field_of_body);
        Self {
            code,
            location,
            message: if violation.is_authored {
                violation.detail.to_string()
            } else {
                message
            },
            input: match has_no_input {
                true => echoes.then(|| b"null".to_vec()),
                false => input.map(as_python),
            },
            context,
        }
    }

    fn syntax(error: &SyntaxError) -> Self {
        Self {
            code: "json_invalid".to_owned(),
            location: vec![
                Step::Name("body".to_owned()),
                Step::Position(error.offset().to_string()),
            ],
            message: "JSON decode error".to_owned(),
            input: Some(b"{}".to_vec()),
            context: vec![("error", Fact::Text(syntax_words(error)))],
        }
    }

    /// A body that was not sent, or a field of it. Of one that is a model, the input is an empty one.
    fn missing(field: Option<&str>, failure: &Failure) -> Self {
        let mut location = vec![Step::Name("body".to_owned())];
        location.extend(field.map(|field| Step::Name(field.to_owned())));
        let is_model = field.is_some() && !is_embedded(failure);
        let input: &[u8] = if is_model { b"{}" } else { b"null" };
        Self {
            code: "missing".to_owned(),
            location,
            message: "Field required".to_owned(),
            input: failure.echoes.then(|| input.to_vec()),
            context: Vec::new(),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":");
        write_json_string(out, &self.code);
        out.extend_from_slice(b",\"loc\":[");
        for (index, step) in self.location.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            match step {
                Step::Name(name) => write_json_string(out, name),
                Step::Position(position) => out.extend_from_slice(position.as_bytes()),
            }
        }
        out.extend_from_slice(b"],\"msg\":");
        write_json_string(out, &self.message);
        if let Some(input) = &self.input {
            out.extend_from_slice(b",\"input\":");
            out.extend_from_slice(input);
        }
        for (index, (name, fact)) in self.context.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b",\"ctx\":{" } else { b"," });
            write_json_string(out, name);
            out.push(b':');
            match fact {
                Fact::Text(text) => write_json_string(out, text),
                Fact::Json(json) => out.extend_from_slice(json.as_bytes()),
            }
        }
        if !self.context.is_empty() {
            out.push(b'}');
        }
        out.push(b'}');
    }
}

type Words = (String, String, Vec<(&'static str, Fact)>);

fn plain(code: &str, message: impl Into<String>) -> Words {
    (code.to_owned(), message.into(), Vec::new())
}

/// Type, message and context of a violation.
fn words(violation: &Violation) -> Words {
    let expected = &violation.expected;
    match (violation.keyword, expected) {
        (Keyword::Required, Expected::Tag { name, .. }) => {
            let discriminator = format!("'{name}'");
            let message = format!("Unable to extract tag using discriminator {discriminator}");
            let context = vec![("discriminator", Fact::Text(discriminator))];
            ("union_tag_not_found".to_owned(), message, context)
        }
        (Keyword::OneOf, Expected::Tag { name, values }) => unknown_tag(violation, name, values),
        (Keyword::Required, _) => plain("missing", "Field required"),
        (
            Keyword::AdditionalProperties
            | Keyword::UnevaluatedProperties
            | Keyword::UnevaluatedItems
            | Keyword::Unknown,
            _,
        ) => plain("extra_forbidden", "Extra inputs are not permitted"),
        (Keyword::Type, expected) => mistyped(violation, expected),
        (Keyword::Minimum, bound) => bounded(
            "greater_than_equal",
            "ge",
            "greater than or equal to",
            bound,
        ),
        (Keyword::ExclusiveMinimum, bound) => bounded("greater_than", "gt", "greater than", bound),
        (Keyword::Maximum, bound) => {
            bounded("less_than_equal", "le", "less than or equal to", bound)
        }
        (Keyword::ExclusiveMaximum, bound) => bounded("less_than", "lt", "less than", bound),
        (Keyword::MultipleOf, bound) => {
            bounded("multiple_of", "multiple_of", "a multiple of", bound)
        }
        (Keyword::MinLength, Expected::Count { limit, .. }) => {
            counted("string_too_short", "min_length", "at least", *limit)
        }
        (Keyword::MaxLength, Expected::Count { limit, .. }) => {
            counted("string_too_long", "max_length", "at most", *limit)
        }
        (Keyword::Pattern, Expected::Pattern(pattern)) => (
            "string_pattern_mismatch".to_owned(),
            format!("String should match pattern '{pattern}'"),
            vec![("pattern", Fact::Text((*pattern).to_owned()))],
        ),
        (Keyword::MinItems, Expected::Count { limit, found }) => sized(
            "too_short",
            "min_length",
            "at least",
            "List",
            *limit,
            *found,
        ),
        (Keyword::MaxItems, Expected::Count { limit, found }) => {
            sized("too_long", "max_length", "at most", "List", *limit, *found)
        }
        (Keyword::MinProperties, Expected::Count { limit, found }) => sized(
            "too_short",
            "min_length",
            "at least",
            "Dictionary",
            *limit,
            *found,
        ),
        (Keyword::MaxProperties, Expected::Count { limit, found }) => sized(
            "too_long",
            "max_length",
            "at most",
            "Dictionary",
            *limit,
            *found,
        ),
        (Keyword::Enum, Expected::Values(values)) => one_of("enum", values),
        (Keyword::Enum, Expected::Literals(values))
        | (Keyword::Const, Expected::Values(values)) => one_of("literal_error", values),
        (Keyword::Format, Expected::Format(format)) => reason::malformed(violation, format),
        (Keyword::UnsupportedRange, Expected::Format("float" | "double")) => {
            plain("finite_number", "Input should be a finite number")
        }
        (Keyword::UnsupportedRange, _) => plain(
            "int_parsing_size",
            "Unable to parse input string as an integer, exceeded maximum size",
        ),
        (Keyword::Format, _) => plain("value_error", format!("Value error, {}", violation.detail)),
        (keyword, _) => plain(own_code(keyword), format!("Input {}", violation.detail)),
    }
}

/// The types of what Pydantic does not know.
fn own_code(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::UniqueItems => "unique_items",
        Keyword::Contains | Keyword::MinContains | Keyword::MaxContains => "contains",
        Keyword::Const => "const",
        Keyword::Enum => "enum",
        Keyword::PropertyNames => "property_names",
        Keyword::DependentRequired => "dependent_required",
        Keyword::Not | Keyword::FalseSchema => "not_allowed",
        Keyword::OneOf => "one_of_ambiguous",
        Keyword::Repeated => "repeated",
        Keyword::Encoding => "string_unicode",
        Keyword::ContentType => "content_type",
        Keyword::Style => "style",
        Keyword::Syntax => "json_invalid",
        Keyword::TooComplex => "too_complex",
        _ => "value_error",
    }
}

fn unknown_tag(violation: &Violation, name: &str, values: &[&str]) -> Words {
    // The tag is what the client sent, so it is shown only where input is.
    let input = violation.input.as_deref();
    let tree = input.and_then(|input| Tree::parse(input.as_bytes()).ok());
    let tag = tree.and_then(|tree| Some(tree.root().get(name)?.as_str()?.into_owned()));
    let quoted: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
    let (discriminator, tags) = (format!("'{name}'"), quoted.join(", "));
    let shown = tag
        .as_ref()
        .map_or_else(String::new, |tag| format!(" '{tag}'"));
    let message = format!(
        "Input tag{shown} found using {discriminator} does not match any of the expected tags: {tags}"
    );
    let mut context = vec![("discriminator", Fact::Text(discriminator))];
    context.extend(tag.map(|tag| ("tag", Fact::Text(tag))));
    context.push(("expected_tags", Fact::Text(tags)));
    ("union_tag_invalid".to_owned(), message, context)
}

fn mistyped(violation: &Violation, expected: &Expected) -> Words {
    let is_text = matches!(violation.found, Some(Kind::String | Kind::Text));
    let is_number = matches!(violation.found, Some(Kind::Number));
    match expected {
        Expected::Type("string") => plain("string_type", "Input should be a valid string"),
        Expected::Type("integer") if is_text => plain(
            "int_parsing",
            "Input should be a valid integer, unable to parse string as an integer",
        ),
        Expected::Type("integer") if is_number => plain(
            "int_from_float",
            "Input should be a valid integer, got a number with a fractional part",
        ),
        Expected::Type("integer") => plain("int_type", "Input should be a valid integer"),
        Expected::Type("number") if is_text => plain(
            "float_parsing",
            "Input should be a valid number, unable to parse string as a number",
        ),
        Expected::Type("number") => plain("float_type", "Input should be a valid number"),
        Expected::Type("boolean") if is_text || is_number => plain(
            "bool_parsing",
            "Input should be a valid boolean, unable to interpret input",
        ),
        Expected::Type("boolean") => plain("bool_type", "Input should be a valid boolean"),
        Expected::Type("null") => plain("none_required", "Input should be None"),
        Expected::Type("array") => plain("list_type", "Input should be a valid list"),
        Expected::Type("object") => plain(
            "model_attributes_type",
            "Input should be a valid dictionary or object to extract fields from",
        ),
        Expected::Map => plain("dict_type", "Input should be a valid dictionary"),
        _ => plain("value_error", format!("Value error, {}", violation.detail)),
    }
}

/// A bound as it is shown: an integer as it is, and a float as Rust shows it in the message and Python in the context.
fn bounded(code: &str, key: &'static str, words: &str, bound: &Expected) -> Words {
    let (shown, json) = match bound {
        Expected::Integer(bound) => (bound.to_string(), bound.to_string()),
        Expected::Number(text) => match text.parse::<f64>() {
            Ok(number) => (number.to_string(), reason::python_float(number)),
            Err(_) => ((*text).to_owned(), (*text).to_owned()),
        },
        other => (other.to_string(), "null".to_owned()),
    };
    let message = format!("Input should be {words} {shown}");
    (code.to_owned(), message, vec![(key, Fact::Json(json))])
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn counted(code: &str, key: &'static str, words: &str, limit: u64) -> Words {
    let message = format!(
        "String should have {words} {limit} character{}",
        plural(limit)
    );
    (
        code.to_owned(),
        message,
        vec![(key, Fact::Json(limit.to_string()))],
    )
}

fn sized(
    code: &str,
    key: &'static str,
    words: &str,
    noun: &'static str,
    limit: u64,
    found: Option<u64>,
) -> Words {
    let found = found.unwrap_or_default();
    let message = format!(
        "{noun} should have {words} {limit} item{} after validation, not {found}",
        plural(limit)
    );
    let context = vec![
        ("field_type", Fact::Text(noun.to_owned())),
        (key, Fact::Json(limit.to_string())),
        ("actual_length", Fact::Json(found.to_string())),
    ];
    (code.to_owned(), message, context)
}

fn one_of(code: &str, values: &[&str]) -> Words {
    let quoted: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
    let expected = match quoted.as_slice() {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        all => all.join(""),
    };
    let message = format!("Input should be {expected}");
    (
        code.to_owned(),
        message,
        vec![("expected", Fact::Text(expected))],
    )
}

/// What Python's parser says at the same fault.
fn syntax_words(error: &SyntaxError) -> String {
    let words = match error.kind() {
        SyntaxErrorKind::Empty => "Expecting value",
        SyntaxErrorKind::TrailingText => "Extra data",
        SyntaxErrorKind::InvalidEscape => "Invalid \\escape",
        SyntaxErrorKind::ControlCharacter => "Invalid control character at",
        SyntaxErrorKind::UnexpectedByte | SyntaxErrorKind::UnexpectedEnd => {
            match error.expected() {
                expected if expected.contains("value") => "Expecting value",
                expected if expected.contains("key") => {
                    "Expecting property name enclosed in double quotes"
                }
                expected if expected.contains(':') => "Expecting ':' delimiter",
                expected if expected.contains(',') => "Expecting ',' delimiter",
                _ => return error.to_string(),
            }
        }
        _ => return error.to_string(),
    };
    words.to_owned()
}

/// A JSON text as Python writes it after reading it: floats by their shortest digits, and no escapes but those that must
/// be.
fn as_python(json: &str) -> Vec<u8> {
    let mut out = Vec::new();
    match Tree::parse(json.as_bytes()) {
        Ok(tree) => write_python(tree.root(), &mut out),
        Err(_) => out.extend_from_slice(b"null"),
    }
    out
}

fn write_python(node: Node<'_>, out: &mut Vec<u8>) {
    node.write_json_with(out, &mut |_, value, out| {
        if value.kind() != Kind::Number {
            return false;
        }
        let text = value.number().unwrap_or_default();
        let number = text.parse::<f64>().ok();
        match number.filter(|_| text.contains(['.', 'e', 'E'])) {
            Some(number) => out.extend_from_slice(reason::python_float(number).as_bytes()),
            None if text == "-0" => out.push(b'0'),
            None => out.extend_from_slice(text.as_bytes()),
        }
        true
    });
}
