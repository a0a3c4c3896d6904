//! What the server says about itself, through `tracing`, or on the standard error where nobody subscribes.

use std::any::Any;
use std::fmt;
use std::io::Write as _;

use http::HeaderValue;

/// Logs why a request got a 500, or what has failed that no request waits for.
#[cold]
pub(crate) fn error(request_id: Option<&HeaderValue>, error: &dyn fmt::Display) {
    let id = request_id
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default();
    if tracing::enabled!(tracing::Level::ERROR) {
        tracing::error!(request_id = id, "{error}");
    } else if !tracing::dispatcher::has_been_set() {
        // Without a subscriber the cause of a 500 would be lost, which nobody wants while writing a server.
        let mut out = std::io::stderr();
        let _ = match id {
            "" => writeln!(out, "error: {error}"),
            id => writeln!(out, "error: {error} (request {id})"),
        };
    }
}

/// What a panic said.
pub(crate) fn panic(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "something that is not text".to_owned()
    }
}
