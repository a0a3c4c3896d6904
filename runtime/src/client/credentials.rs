//! Where credentials stand in a request: the way back of `security::credentials`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName};

use super::error::RequestError;
use crate::parameter::escaped;
use crate::security::{ApiKey, Basic, Bearer, HttpCredentials};

/// A credential, and where an operation takes it.
///
/// Without `Debug`, since nobody has to see it.
#[derive(Clone, Copy)]
pub enum SentCredential<'c> {
    /// The value of a header.
    Header(&'static str, &'c ApiKey),
    /// The value of a query parameter.
    Query(&'static str, &'c ApiKey),
    /// The value of a cookie.
    Cookie(&'static str, &'c ApiKey),
    /// `Authorization: Basic`
    Basic(&'c Basic),
    /// `Authorization: Bearer`
    Bearer(&'c Bearer),
    /// `Authorization` with the scheme of its own.
    Http(&'static str, &'c HttpCredentials),
    /// The certificate of the connection, which the transport has.
    Certificate,
}

/// An API key in a header, where it is known.
pub fn header<'c>(name: &'static str, key: &'c Option<ApiKey>) -> Option<SentCredential<'c>> {
    key.as_ref().map(|key| SentCredential::Header(name, key))
}

/// An API key in the query, where it is known.
pub fn query<'c>(name: &'static str, key: &'c Option<ApiKey>) -> Option<SentCredential<'c>> {
    key.as_ref().map(|key| SentCredential::Query(name, key))
}

/// An API key in a cookie, where it is known.
pub fn cookie<'c>(name: &'static str, key: &'c Option<ApiKey>) -> Option<SentCredential<'c>> {
    key.as_ref().map(|key| SentCredential::Cookie(name, key))
}

/// A name and a password, where they are known.
pub fn basic(basic: &Option<Basic>) -> Option<SentCredential<'_>> {
    basic.as_ref().map(SentCredential::Basic)
}

/// A token, where it is known.
pub fn bearer(bearer: &Option<Bearer>) -> Option<SentCredential<'_>> {
    bearer.as_ref().map(SentCredential::Bearer)
}

/// Credentials of another scheme, where they are known.
pub fn http<'c>(
    scheme: &'static str,
    credentials: &'c Option<HttpCredentials>,
) -> Option<SentCredential<'c>> {
    let known = credentials.as_ref();
    known.map(|credentials| SentCredential::Http(scheme, credentials))
}

/// The certificate of the connection.
pub fn certificate() -> Option<SentCredential<'static>> {
    Some(SentCredential::Certificate)
}

impl SentCredential<'_> {
    /// Puts it into a request.
    ///
    /// # Errors
    ///
    /// It holds what has no place there, such as a line break.
    pub(super) fn put(
        self,
        headers: &mut HeaderMap,
        query: &mut Vec<String>,
        cookies: &mut Vec<String>,
    ) -> Result<(), RequestError> {
        match self {
            Self::Header(name, key) => {
                let name = HeaderName::try_from(name);
                let name = name.map_err(|_| RequestError::new("an API key has no header"))?;
                headers.insert(name, secret(key.as_str())?);
            }
            Self::Query(name, key) => {
                query.push(format!("{}={}", escaped(name), escaped(key.as_str())));
            }
            Self::Cookie(name, key) => {
                cookies.push(format!("{name}={}", escaped(key.as_str())));
            }
            Self::Basic(it) => {
                // RFC 7617, section 2: the first colon ends the name.
                if it.username().contains(':') {
                    return Err(RequestError::new("the name of a user holds a colon"));
                }
                let pair = STANDARD.encode(format!("{}:{}", it.username(), it.password()));
                headers.insert(AUTHORIZATION, secret(&format!("Basic {pair}"))?);
            }
            Self::Bearer(it) => {
                headers.insert(AUTHORIZATION, secret(&format!("Bearer {}", it.token()))?);
            }
            Self::Http(scheme, it) => {
                if it.scheme() != scheme {
                    return Err(RequestError::new(format!(
                        "the credentials are of the scheme `{}`, and the operation asks for `{scheme}`",
                        it.scheme()
                    )));
                }
                let text = format!("{scheme} {}", it.credentials());
                headers.insert(AUTHORIZATION, secret(&text)?);
            }
            Self::Certificate => {}
        }
        Ok(())
    }
}

/// The value of a header that is never shown.
fn secret(text: &str) -> Result<HeaderValue, RequestError> {
    let is_whole = !text.is_empty() && text.trim_matches([' ', '\t']) == text;
    let mut value = HeaderValue::try_from(text)
        .ok()
        .filter(|_| is_whole)
        .ok_or_else(|| RequestError::new("a credential holds what no header may hold"))?;
    value.set_sensitive(true);
    Ok(value)
}
