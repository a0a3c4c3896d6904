//! What is only read: GET, and HEAD as GET without its body.

use axum::body::Body;
use axum::response::Response;
use http::header::{self, HeaderValue};
use http::{Method, StatusCode};

/// The answer to a request that would do more than read; `None` where it reads.
pub(crate) fn refused(method: &Method) -> Option<Response> {
    if method == Method::GET || method == Method::HEAD {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    let allow = HeaderValue::from_static("GET, HEAD");
    response.headers_mut().insert(header::ALLOW, allow);
    Some(response)
}

/// What a request of this method gets of the response to GET.
pub(crate) fn answered(method: &Method, response: Response) -> Response {
    match *method == Method::HEAD {
        true => without_body(response),
        false => response,
    }
}

/// Drops the body and says how long it would have been (RFC 9110, section 9.3.2).
pub(crate) fn without_body(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = http_body::Body::size_hint(&body).exact()
        && !parts.headers.contains_key(header::CONTENT_LENGTH)
        && parts.status != StatusCode::NO_CONTENT
        && !parts.status.is_informational()
    {
        parts
            .headers
            .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Body::empty())
}
