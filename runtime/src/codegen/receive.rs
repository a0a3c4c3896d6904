//! The steps from a body and parameters to a request.

use bytes::Bytes;

use crate::{
    body::ReceivedBody,
    call::Call,
    decode::Decoder,
    form::{self, ReceivedForm},
    node::Tree,
    parameter::Form,
    refusal::{Reason, Refusal},
};

/// Parses a JSON body that has to be there.
///
/// # Errors
///
/// 400 where it is missing or malformed.
pub fn parse_body(body: Option<&ReceivedBody>) -> Result<Tree<'_>, Refusal> {
    Ok(Tree::parse(&body.ok_or_else(missing)?.bytes)?)
}

/// Parses a JSON body that may be missing.
///
/// # Errors
///
/// 400 where it is malformed.
pub fn parse_optional_body(body: Option<&ReceivedBody>) -> Result<Option<Tree<'_>>, Refusal> {
    match body {
        Some(body) => Ok(Some(Tree::parse(&body.bytes)?)),
        None => Ok(None),
    }
}

/// The bytes of a body that has to be there.
///
/// # Errors
///
/// 400 where it is missing.
pub fn body_bytes(body: Option<ReceivedBody>) -> Result<Bytes, Refusal> {
    body.map(|body| body.bytes).ok_or_else(missing)
}

/// A body that has to be there.
///
/// # Errors
///
/// 400 where it is missing.
pub fn required_body(body: Option<ReceivedBody>) -> Result<ReceivedBody, Refusal> {
    body.ok_or_else(missing)
}

/// The text of a body as a tree of one scalar.
///
/// # Errors
///
/// 400 where it is not UTF-8.
pub fn parse_text(body: &ReceivedBody) -> Result<Tree<'_>, Refusal> {
    let text = std::str::from_utf8(&body.bytes).ok();
    text.and_then(Tree::text)
        .ok_or_else(|| Refusal::malformed("the body is not UTF-8"))
}

/// Reads the fields of a body of `application/x-www-form-urlencoded`.
///
/// # Errors
///
/// 400 where it is malformed, 413 where it has too many fields.
pub fn parse_form(body: &ReceivedBody, form: &'static Form) -> Result<ReceivedForm, Refusal> {
    form::read_urlencoded(form, &body.bytes)
}

/// The parts of a body of `multipart/form-data`, which were read as they came.
///
/// # Errors
///
/// 400 where there are none.
pub fn parse_multipart(body: ReceivedBody) -> Result<ReceivedForm, Refusal> {
    body.form.map(|form| *form).ok_or_else(missing)
}

#[cold]
fn missing() -> Refusal {
    Refusal::new(Reason::BodyMissing)
}

/// Refuses a request of an operation that takes nothing, where its query has parameters and the app refuses them.
///
/// # Errors
///
/// 422 with all violations.
pub fn check_query(call: &Call) -> Result<(), Refusal> {
    finish(call.decoder(), Some(()))
}

/// The request, where nothing was found to be wrong with it.
///
/// # Errors
///
/// 422 with all violations.
pub fn finish<T>(cx: Decoder, request: Option<T>) -> Result<T, Refusal> {
    match request {
        Some(request) if cx.is_valid() => Ok(request),
        _ => Err(Refusal::invalid(cx.into_violations())),
    }
}
