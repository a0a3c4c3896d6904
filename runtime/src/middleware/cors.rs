//! Which pages of other origins may call the API from a browser.

use std::time::Duration;

use http::HeaderValue;
use http::Uri;
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

/// An origin as browsers send it: scheme, host and port, and nothing behind (RFC 6454, section 6.2).
fn header_of(origin: &str) -> Option<HeaderValue> {
    let uri: Uri = origin.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let spelled = format!("{scheme}://{authority}");
    (spelled.eq_ignore_ascii_case(origin)).then(|| HeaderValue::from_str(&spelled).ok())?
}
