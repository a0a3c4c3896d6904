//! Serving the documents themselves, with entity tags.

use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};

use crate::operation::{Document, Operation};
use crate::response;
use crate::routes::Route;

static JSON: Operation = Operation::new("the served document", "GET", "/openapi.json");
static YAML: Operation = Operation::new("the served document", "GET", "/openapi.yaml");

/// Whether an operation is none of a document, but serves one.
#[cfg(feature = "test")]
pub(crate) fn is_document(operation: &'static Operation) -> bool {
    std::ptr::eq(operation, &raw const JSON) || std::ptr::eq(operation, &raw const YAML)
}

static APPLICATION_JSON: HeaderValue = HeaderValue::from_static("application/json");
/// RFC 9512.
static APPLICATION_YAML: HeaderValue = HeaderValue::from_static("application/yaml");

/// Returns the routes that serve documents: each prefix of `documents` is followed by `path` and an extension.
///
/// Of several documents under one prefix, the first is served.
pub(crate) fn routes(documents: &[(String, &'static Document)], path: &str) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for (prefix, document) in documents {
        let json = format!("{prefix}{path}.json");
        if routes.iter().any(|route| route.path == json) {
            continue;
        }
        routes.push(route(
            &JSON,
            document,
            json,
            &APPLICATION_JSON,
            document.json,
        ));
        let yaml = format!("{prefix}{path}.yaml");
        routes.push(route(
            &YAML,
            document,
            yaml,
            &APPLICATION_YAML,
            document.yaml,
        ));
    }
    routes
}

fn route(
    operation: &'static Operation,
    document: &'static Document,
    path: String,
    content_type: &'static HeaderValue,
    text: &'static str,
) -> Route {
    let tag = entity_tag(text);
    Route {
        operation,
        document,
        error_bodies: None,
        requirements: Vec::new(),
        layers: Vec::new(),
        path,
        handler: Arc::new(move |mut call| {
            let response = answer(call.context().headers(), &tag, content_type, text);
            Box::pin(async move { Ok(call.respond(Ok(response)).await) })
        }),
    }
}

fn answer(
    headers: &HeaderMap,
    tag: &HeaderValue,
    content_type: &'static HeaderValue,
    text: &'static str,
) -> Response {
    let mut response = if is_fresh(headers, tag) {
        response::empty(StatusCode::NOT_MODIFIED)
    } else {
        response::content(StatusCode::OK, content_type.clone(), text)
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag.clone());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Whether the client has this very text: RFC 9110, section 13.1.2, by the weak comparison.
fn is_fresh(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b','))
        .map(|candidate| {
            let candidate = candidate.trim_ascii();
            candidate.strip_prefix(b"W/").unwrap_or(candidate)
        })
        .any(|candidate| candidate == b"*" || candidate == tag.as_bytes())
}

fn entity_tag(text: &str) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    let tag = format!("\"{:016x}\"", hasher.finish());
    // Quotes and hexadecimal digits are a good header value.
    HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}
