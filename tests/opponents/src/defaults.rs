//! What a service in production carries besides its handlers, as layers of tower-http.

use std::time::Duration;

use axum::http::StatusCode;
use tower_http::catch_panic::{CatchPanicLayer, DefaultResponseForPanic};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;

/// How long a handler may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a client may take to send the head of a request.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a body may be, in bytes.
const BODY_LIMIT: usize = 2 << 20;

/// Request id, panic guard, body limit and request timeout, the outermost first.
pub type Defaults = (
    SetRequestIdLayer<MakeRequestUuid>,
    PropagateRequestIdLayer,
    CatchPanicLayer<DefaultResponseForPanic>,
    RequestBodyLimitLayer,
    TimeoutLayer,
);

/// The layers of [`Defaults`].
pub fn defaults() -> Defaults {
    (
        SetRequestIdLayer::x_request_id(MakeRequestUuid),
        PropagateRequestIdLayer::x_request_id(),
        CatchPanicLayer::new(),
        RequestBodyLimitLayer::new(BODY_LIMIT),
        TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT),
    )
}
