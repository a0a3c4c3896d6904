//! The steps from what a handler returned to a response.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header::SET_COOKIE};

use axum::response::Response;

use crate::{
    encode::{Encode, to_vec},
    node::{Kind, Node, Tree},
    parameter::{Escape, Form, ascii_json, field_value, joined, scalar, simple},
    problem::Unexpected,
    refusal::Refusal,
    response::{self, Check, MediaContent},
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
    check: Check,
) -> Result<Response, Refusal> {
    Ok(content(
        status,
        content_type,
        checked(status, value, check)?,
    ))
}

/// The JSON text of a body, in debug builds held against the document.
fn checked(status: StatusCode, value: &impl Encode, check: Check) -> Result<Vec<u8>, Refusal> {
    let text = to_vec(value).map_err(Unexpected::from)?;
    if cfg!(debug_assertions) {
        check_response(status, &text, check)?;
    }
    Ok(text)
}

fn check_response(status: StatusCode, text: &[u8], check: Check) -> Result<(), Refusal> {
    let tree = Tree::parse(text).map_err(|error| Unexpected::new(error.to_string()))?;
    response::hold_against(check, tree.root()).map_err(|violations| {
        let what = format_args!("the body of the {status} response");
        response::unlike(what, &violations).into()
    })
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
    check: Check,
) -> Result<Response, Refusal> {
    let json = checked(status, value, check)?;
    let tree = Tree::parse(&json).map_err(|error| Unexpected::new(error.to_string()))?;
    let text = scalar(tree.root()).unwrap_or_default();
    Ok(content(status, content_type, text))
}

/// A response with a body of `application/x-www-form-urlencoded`. In debug builds it is held against the document.
///
/// # Errors
///
/// As [`json`], and when a property has no spelling that could be read back, such as an item that holds the delimiter of
/// its style.
pub fn form(
    status: StatusCode,
    content_type: &'static str,
    form: &'static Form,
    value: &impl Encode,
    check: Check,
) -> Result<Response, Refusal> {
    let json = checked(status, value, check)?;
    let tree = Tree::parse(&json).map_err(|error| Unexpected::new(error.to_string()))?;
    let fields = form.fields(tree.root(), Escape::Percent);
    let fields = fields.map_err(|(name, why)| {
        Unexpected::new(format!(
            "the property `{name}` of a form cannot be written: {why}"
        ))
    })?;
    Ok(content(status, content_type, joined(&fields)))
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
    let content_type = response::declared_media(&body.content_type, ranges)?;
    Ok(response::content(status, content_type, body.bytes))
}

/// A response with a body of a content type that the document names.
pub fn content(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    response::content(status, HeaderValue::from_static(content_type), body)
}

/// How the value of a header is written (OAS 3.2, Header Object).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderLayout {
    /// `a,b` and `R,100,G,200`.
    Simple,
    /// `a,b` and `R=100,G=200`.
    Exploded,
    /// A JSON text.
    Json,
}

/// Sets a declared header, as [`header_as`] does in the layout that headers have by default.
///
/// # Errors
///
/// As [`header_as`].
pub fn header(
    response: &mut Response,
    name: &'static str,
    value: &impl Encode,
    check: Check,
) -> Result<(), Refusal> {
    header_as(response, name, HeaderLayout::Simple, value, check)
}

/// Sets a declared header where there is a value.
///
/// # Errors
///
/// As [`header_as`].
pub fn optional_header(
    response: &mut Response,
    name: &'static str,
    value: &Option<impl Encode>,
    check: Check,
) -> Result<(), Refusal> {
    optional_header_as(response, name, HeaderLayout::Simple, value, check)
}

/// Sets a declared header. In debug builds the value is held against the document before.
///
/// A list of `Set-Cookie` has a line for each item, since cookies cannot be joined (RFC 6265, section 3).
///
/// # Errors
///
/// A logged 500 when the value holds what is not read back from a header, such as a line break, a character beyond ASCII,
/// blanks around it, or a delimiter within an item; and, in debug builds, what the document does not allow.
pub fn header_as(
    response: &mut Response,
    name: &'static str,
    layout: HeaderLayout,
    value: &impl Encode,
    check: Check,
) -> Result<(), Refusal> {
    let json = to_vec(value).map_err(Unexpected::from)?;
    let is_sent = write_header(response, name, layout, &json, check)?;
    if cfg!(debug_assertions) && !is_sent {
        let why = format!("the response header `{name}` is required, and its value has no trace");
        return Err(Unexpected::new(why).into());
    }
    Ok(())
}

/// Whether there is a line of it after that.
fn write_header(
    response: &mut Response,
    name: &'static str,
    layout: HeaderLayout,
    json: &[u8],
    check: Check,
) -> Result<bool, Refusal> {
    let tree = Tree::parse(json).map_err(|error| Unexpected::new(error.to_string()))?;
    let root = tree.root();
    if cfg!(debug_assertions) {
        check_header(name, root, check)?;
    }
    // The generator writes names that are tokens only.
    let Ok(header_name) = HeaderName::try_from(name) else {
        return Ok(true);
    };
    let headers = response.headers_mut();
    let written = |text: Result<String, _>| {
        let value = text.and_then(|text| field_value::write(&text));
        value.map_err(|why| {
            Unexpected::new(format!(
                "the value of the response header `{name}` cannot be written: {why}"
            ))
        })
    };
    match (root.kind(), layout) {
        (_, HeaderLayout::Json) => {
            headers.insert(header_name, written(Ok(ascii_json(root)))?);
        }
        (Kind::Array, _) if header_name == SET_COOKIE => {
            for item in root.items() {
                headers.append(&header_name, written(simple(item, false))?);
            }
            return Ok(root.len() > 0);
        }
        (Kind::Null, _) => return Ok(false),
        (_, layout) => {
            let text = simple(root, layout == HeaderLayout::Exploded);
            headers.insert(header_name, written(text)?);
        }
    }
    Ok(true)
}

/// Sets a declared header where there is a value.
///
/// # Errors
///
/// As [`header_as`].
pub fn optional_header_as(
    response: &mut Response,
    name: &'static str,
    layout: HeaderLayout,
    value: &Option<impl Encode>,
    check: Check,
) -> Result<(), Refusal> {
    match value {
        Some(value) => {
            let json = to_vec(value).map_err(Unexpected::from)?;
            write_header(response, name, layout, &json, check).map(|_| ())
        }
        None => Ok(()),
    }
}

fn check_header(name: &str, value: Node<'_>, check: Check) -> Result<(), Refusal> {
    response::hold_against(check, value).map_err(|violations| {
        response::unlike(format_args!("the response header `{name}`"), &violations).into()
    })
}
