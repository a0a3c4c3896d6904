//! What the server says about itself, through `tracing`, or on the standard error where nobody subscribes.

use std::fmt;
use std::io::Write as _;

/// Logs why a request got a 500.
#[cold]
pub(crate) fn error(request_id: Option<&str>, error: &dyn fmt::Display) {
    let id = request_id.unwrap_or_default();
    if tracing::enabled!(tracing::Level::ERROR) {
        tracing::error!(request_id = id, "{error}");
    } else if !tracing::dispatcher::has_been_set() {
        // Without a subscriber the cause of a 500 would be lost, which nobody wants while writing a server.
        let _ = writeln!(std::io::stderr(), "error: {error} (request {id})");
    }
}
