//! The steps from a body and parameters to a request.

use bytes::Bytes;

use crate::{
    body::ReceivedBody, call::Call, decode::Decoder, node::Tree, problem::Problem, refusal::Refusal,
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

#[cold]
fn missing() -> Refusal {
    Problem::new(http::StatusCode::BAD_REQUEST)
        .with_detail("a body is required")
        .into()
}

/// Refuses a request of an operation that takes nothing, where its query has parameters and the app refuses them.
///
/// # Errors
///
/// 422 with all violations.
pub fn check_query(call: &Call) -> Result<(), Refusal> {
    let mut cx = Decoder::new();
    call.check_query(&mut cx);
    finish(cx, Some(()))
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
