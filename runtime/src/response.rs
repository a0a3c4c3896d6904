//! Responses that generated code builds.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};

use crate::encode::{self, Encode};
use crate::problem::Unexpected;
use crate::refusal::Refusal;

/// Makes a response without a body.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Makes a response with a JSON body.
///
/// # Errors
///
/// A logged 500 when the value holds what JSON cannot say, such as a NaN.
pub fn json(
    status: StatusCode,
    content_type: &HeaderValue,
    value: &impl Encode,
) -> Result<Response, Refusal> {
    match encode::to_vec(value) {
        Ok(text) => Ok(content(status, content_type, text)),
        Err(error) => Err(Unexpected::from(error).into()),
    }
}

/// Makes a response with a body of a content type that the document names.
pub fn content(status: StatusCode, content_type: &HeaderValue, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type.clone());
    response
}

/// Makes a response whose content type the handler chose among those that the document allows.
///
/// # Errors
///
/// A logged 500 when it cannot be a header.
pub fn content_of_type(
    status: StatusCode,
    content_type: &str,
    body: impl Into<Bytes>,
) -> Result<Response, Refusal> {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    set_header(response.headers_mut(), header::CONTENT_TYPE, content_type)?;
    Ok(response)
}

/// Sets a declared header.
///
/// # Errors
///
/// A logged 500 when the value holds a character that no header may hold, such as a line break.
pub fn set_header(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), Refusal> {
    match HeaderValue::try_from(value) {
        Ok(value) => {
            headers.insert(name, value);
            Ok(())
        }
        Err(_) => Err(Unexpected::new(format!(
            "the value of the response header `{name}` holds a character that no header may hold"
        ))
        .into()),
    }
}

/// Checks a status that the handler chose within a range such as `4XX`, or for `default`.
///
/// # Errors
///
/// A logged 500 when it is outside of `first..=last`.
pub fn check_status(status: StatusCode, first: u16, last: u16) -> Result<StatusCode, Refusal> {
    if (first..=last).contains(&status.as_u16()) {
        Ok(status)
    } else {
        Err(Unexpected::new(format!(
            "the handler answered {status}, which is not within {first} to {last}"
        ))
        .into())
    }
}
