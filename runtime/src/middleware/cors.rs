//! Which pages of other origins may call the API from a browser.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use http::header::{self, HeaderValue};
use http::{Method, Uri};
use tower::{Layer as _, Service as _, ServiceExt as _, service_fn};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders};

/// How long browsers keep the answer to a preflight.
const MAX_AGE: Duration = Duration::from_secs(600);

/// A layer that lets these origins in, or what is wrong with one of them.
pub(super) fn layer<O: AsRef<str>>(
    origins: impl IntoIterator<Item = O>,
) -> Result<CorsLayer, String> {
    let mut listed = Vec::new();
    let mut all = false;
    for origin in origins {
        match origin.as_ref() {
            "*" => all = true,
            origin => listed.push(header_of(origin).ok_or_else(|| {
                format!("`{origin}` is no origin; write one such as `https://example.com`, or `*`")
            })?),
        }
    }
    let allowed = match all {
        true => AllowOrigin::any(),
        false => AllowOrigin::list(listed),
    };
    Ok(CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(ExposeHeaders::any())
        .max_age(MAX_AGE))
}

/// An origin as browsers send it: scheme, host and port in lower case, and nothing else (RFC 6454, section 6.2). The port
/// that the scheme has anyway is left out.
fn header_of(origin: &str) -> Option<HeaderValue> {
    let uri: Uri = origin.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let is_whole = format!("{scheme}://{authority}").eq_ignore_ascii_case(origin);
    if !is_whole || authority.as_str().contains(['@', '*']) {
        return None;
    }
    let scheme = scheme.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    let host = authority.host().to_ascii_lowercase();
    let spelled = match authority.port_u16().filter(|port| Some(*port) != usual) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    };
    HeaderValue::try_from(spelled).ok()
}

/// In the extensions of a request: it is an `OPTIONS` that is no preflight.
#[derive(Clone)]
struct Options;

/// Puts the layer around all routes.
///
/// It takes every `OPTIONS` for a preflight, but only one that asks for a method is (Fetch, section 4.8): the others pass it
/// as another method, and are what they were behind it.
pub(super) fn around(router: Router, layer: &CorsLayer) -> Router {
    let behind = service_fn(move |mut request: Request| {
        if request.extensions_mut().remove::<Options>().is_some() {
            *request.method_mut() = Method::OPTIONS;
        }
        router.clone().call(request)
    });
    let cors = layer.layer(behind);
    Router::new().fallback_service(service_fn(move |mut request: Request| {
        let asks = request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if request.method() == Method::OPTIONS && !asks {
            request.extensions_mut().insert(Options);
            *request.method_mut() = Method::GET;
        }
        let response = cors.clone().oneshot(request);
        async move { response.await as Result<Response, Infallible> }
    }))
}
