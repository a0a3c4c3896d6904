//! Smaller responses for clients that take them.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use http::HeaderMap;
use http::header::{self, HeaderValue};
use tower::{Layer as _, Service as _, ServiceExt as _, service_fn};
use tower_http::compression::CompressionLayer;

/// In the extensions of a response: it was encoded before.
#[derive(Clone)]
struct Encoded;

/// Compresses what is behind.
pub(super) fn around(router: Router) -> Router {
    let behind = service_fn(move |request: Request| {
        let response = router.clone().call(request);
        async move {
            let mut response = response.await?;
            if response.headers().contains_key(header::CONTENT_ENCODING) {
                response.extensions_mut().insert(Encoded);
            }
            Ok::<_, Infallible>(response)
        }
    });
    let compressing = CompressionLayer::new().layer(behind);
    Router::new().fallback_service(service_fn(move |mut request: Request| {
        never_refuse(request.headers_mut());
        let response = compressing.clone().oneshot(request);
        async move {
            let mut response = response.await?.map(axum::body::Body::new);
            weaken(&mut response);
            Ok::<_, Infallible>(response)
        }
    }))
}

/// Takes out of `Accept-Encoding` that the response must not be sent as it is: the layer would answer 406, after the
/// operation has done its work. To disregard the header is allowed (RFC 9110, section 12.5.3).
fn never_refuse(headers: &mut HeaderMap) {
    let Some(accepted) = headers.get(header::ACCEPT_ENCODING) else {
        return;
    };
    let refuses = |item: &str| {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let is_none = parts.any(|it| {
            let value = it.strip_prefix("q=").or(it.strip_prefix("Q="));
            value.is_some_and(|value| value.parse::<f32>().is_ok_and(|quality| quality <= 0.0))
        });
        is_none && (name == "*" || name.eq_ignore_ascii_case("identity"))
    };
    let Ok(text) = accepted.to_str() else {
        return;
    };
    if text.split(',').any(|item| refuses(item.trim())) {
        let rest: Vec<&str> = text.split(',').filter(|it| !refuses(it.trim())).collect();
        match HeaderValue::try_from(rest.join(",")) {
            Ok(rest) if !rest.is_empty() => headers.insert(header::ACCEPT_ENCODING, rest),
            _ => headers.remove(header::ACCEPT_ENCODING),
        };
    }
}

/// Makes the entity tag of what was compressed a weak one, since other bytes have it too (RFC 9110, section 8.8.3.3).
fn weaken(response: &mut Response) {
    let was_encoded = response.extensions_mut().remove::<Encoded>().is_some();
    let headers = response.headers_mut();
    if was_encoded || !headers.contains_key(header::CONTENT_ENCODING) {
        return;
    }
    let strong = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    if let Some(strong) = strong.filter(|tag| !tag.starts_with("W/"))
        && let Ok(weak) = HeaderValue::try_from(format!("W/{strong}"))
    {
        headers.insert(header::ETAG, weak);
    }
}
