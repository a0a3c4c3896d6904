//! The steps from what a handler returned to a response.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use axum::response::Response;

use crate::{
    decode::Decoder,
    encode::{Encode, to_vec},
    media_type,
    node::{Kind, Node, Tree},
    problem::Unexpected,
    refusal::Refusal,
    response::{self, MediaContent, set_header},
};

/// A status that has no name.
pub fn status(code: u16) -> StatusCode {
    // The generator writes statuses of three digits only.
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A response with a JSON body. In debug builds the text is held against the document before it is sent.
///
/// # Errors
///
/// A logged 500 when the value holds what JSON cannot say, or, in debug builds, what the document does not allow.
#[inline]
pub fn json(
    status: StatusCode,
    content_type: &'static str,
    value: &impl Encode,
    check: fn(Node<'_>, &mut Decoder) -> bool,
) -> Result<Response, Refusal> {
    let text = to_vec(value).map_err(Unexpected::from)?;
    if cfg!(debug_assertions) {
        check_response(status, &text, check)?;
    }
    Ok(content(status, content_type, text))
}

fn check_response(
    status: StatusCode,
    text: &[u8],
    check: fn(Node<'_>, &mut Decoder) -> bool,
) -> Result<(), Refusal> {
    let tree = Tree::parse(text).map_err(|error| Unexpected::new(error.to_string()))?;
    let mut cx = Decoder::new();
    if check(tree.root(), &mut cx) && cx.is_valid() {
        return Ok(());
    }
    let violations = cx.into_violations();
    Err(Unexpected::new(format!(
        "the body of the {status} response is not what the document says:\n{violations}"
    ))
    .into())
}

/// A response with a body of text that is the value, without quotes. In debug builds it is held against the document.
///
/// # Errors
///
/// As [`json`], and when the value is no scalar.
pub fn text(
    status: StatusCode,
    content_type: &'static str,
    value: &impl Encode,
    check: fn(Node<'_>, &mut Decoder) -> bool,
) -> Result<Response, Refusal> {
    let json = to_vec(value).map_err(Unexpected::from)?;
    if cfg!(debug_assertions) {
        check_response(status, &json, check)?;
    }
    let tree = Tree::parse(&json).map_err(|error| Unexpected::new(error.to_string()))?;
    let text = plain_text(tree.root()).unwrap_or_default();
    Ok(content(status, content_type, text))
}

/// A response with bytes of a media type that the handler says.
///
/// # Errors
///
/// A logged 500 when it is none of the ranges that the document names.
pub fn media(
    status: StatusCode,
    ranges: &'static [&'static str],
    body: MediaContent,
) -> Result<Response, Refusal> {
    let is_declared = ranges
        .iter()
        .any(|range| media_type::is_within(range, &body.content_type));
    let content_type = HeaderValue::try_from(&body.content_type).ok();
    match content_type.filter(|_| is_declared) {
        Some(content_type) => Ok(response::content(status, content_type, body.bytes)),
        None => Err(Unexpected::new(format!(
            "the handler answered with the media type `{}`, which is not within {}",
            body.content_type.escape_debug(),
            ranges.join(", ")
        ))
        .into()),
    }
}

/// A response with a body of a content type that the document names.
pub fn content(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    response::content(status, HeaderValue::from_static(content_type), body)
}

/// Sets a declared header.
///
/// # Errors
///
/// A logged 500 when the value holds a character that no header may hold, such as a line break.
pub fn header(
    response: &mut Response,
    name: &'static str,
    value: &impl Encode,
) -> Result<(), Refusal> {
    let json = to_vec(value).map_err(Unexpected::from)?;
    let tree = Tree::parse(&json).map_err(|error| Unexpected::new(error.to_string()))?;
    // The generator writes names that are tokens only.
    let Ok(name) = HeaderName::try_from(name) else {
        return Ok(());
    };
    match plain_text(tree.root()) {
        Some(text) => set_header(response.headers_mut(), name, &text),
        None => Ok(()),
    }
}

/// Sets a declared header where there is a value.
///
/// # Errors
///
/// As [`header`].
pub fn optional_header(
    response: &mut Response,
    name: &'static str,
    value: Option<&impl Encode>,
) -> Result<(), Refusal> {
    match value {
        Some(value) => header(response, name, value),
        None => Ok(()),
    }
}

/// A value in the style `simple` (OAS 3.2, Style Values).
fn plain_text(node: Node<'_>) -> Option<String> {
    match node.kind() {
        Kind::Null | Kind::Object => None,
        Kind::True => Some("true".to_owned()),
        Kind::False => Some("false".to_owned()),
        Kind::Number => node.number().map(str::to_owned),
        Kind::String | Kind::Text => node.as_str().map(|text| text.into_owned()),
        Kind::Array => Some(
            node.items()
                .filter_map(plain_text)
                .collect::<Vec<_>>()
                .join(","),
        ),
    }
}
