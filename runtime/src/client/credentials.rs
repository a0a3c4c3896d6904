//! Where credentials stand in a request: the way back of `security::credentials`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::error::RequestError;
use crate::parameter::{cookie_value, escaped, field_value, only_query_value};
use crate::security::{self, ApiKey, Basic, Bearer, HttpCredentials};

/// What the value of a cookie may not hold (RFC 6265, section 4.1.1), and the sign that begins what stands for it.
const NO_COOKIE_OCTET: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b',')
    .add(b';')
    .add(b'\\')
    .add(b'%');

/// A credential where it is known, and where an operation takes it.
///
/// Without `Debug`, since nobody has to see it.
#[derive(Clone, Copy)]
pub enum SentCredential<'c> {
    /// The value of a header.
    Header(&'static str, Option<&'c ApiKey>),
    /// The value of a query parameter.
    Query(&'static str, Option<&'c ApiKey>),
    /// The value of a cookie.
    Cookie(&'static str, Option<&'c ApiKey>),
    /// `Authorization: Basic`
    Basic(Option<&'c Basic>),
    /// `Authorization: Bearer`
    Bearer(Option<&'c Bearer>),
    /// `Authorization` with the scheme of its own.
    Http(&'static str, Option<&'c HttpCredentials>),
    /// The certificate of the connection, which the transport has.
    Certificate,
}

/// An API key in a header.
pub fn header<'c>(name: &'static str, key: &'c Option<ApiKey>) -> SentCredential<'c> {
    SentCredential::Header(name, key.as_ref())
}

/// An API key in the query.
pub fn query<'c>(name: &'static str, key: &'c Option<ApiKey>) -> SentCredential<'c> {
    SentCredential::Query(name, key.as_ref())
}

/// An API key in a cookie.
pub fn cookie<'c>(name: &'static str, key: &'c Option<ApiKey>) -> SentCredential<'c> {
    SentCredential::Cookie(name, key.as_ref())
}

/// A name and a password.
pub fn basic(basic: &Option<Basic>) -> SentCredential<'_> {
    SentCredential::Basic(basic.as_ref())
}

/// A token.
pub fn bearer(bearer: &Option<Bearer>) -> SentCredential<'_> {
    SentCredential::Bearer(bearer.as_ref())
}

/// Credentials of another scheme.
pub fn http<'c>(
    scheme: &'static str,
    credentials: &'c Option<HttpCredentials>,
) -> SentCredential<'c> {
    SentCredential::Http(scheme, credentials.as_ref())
}

/// The certificate of the connection.
pub fn certificate() -> SentCredential<'static> {
    SentCredential::Certificate
}

/// The credentials to send: of the alternatives, the first of which all are known. One that asks for the certificate of the
/// connection alone sends nothing, and nobody knows here whether there is one, so that a known secret comes before it.
pub(super) fn chosen<'a, 'c>(
    alternatives: &[&'a [SentCredential<'c>]],
) -> &'a [SentCredential<'c>] {
    let is_sent = |all: &&&[SentCredential<'_>]| {
        all.iter().all(|it| it.is_known())
            && all
                .iter()
                .any(|it| !matches!(it, SentCredential::Certificate))
    };
    alternatives
        .iter()
        .find(is_sent)
        .copied()
        .unwrap_or_default()
}

impl SentCredential<'_> {
    fn is_known(self) -> bool {
        match self {
            Self::Header(_, key) | Self::Query(_, key) | Self::Cookie(_, key) => key.is_some(),
            Self::Basic(it) => it.is_some(),
            Self::Bearer(it) => it.is_some(),
            Self::Http(_, it) => it.is_some(),
            Self::Certificate => true,
        }
    }

    /// The header that it is, known or not.
    pub(super) fn header(self) -> Option<&'static str> {
        match self {
            Self::Header(name, _) => Some(name),
            Self::Basic(_) | Self::Bearer(_) | Self::Http(..) => Some("authorization"),
            Self::Query(..) | Self::Cookie(..) | Self::Certificate => None,
        }
    }

    /// The cookie that it is, known or not.
    pub(super) fn cookie(self) -> Option<&'static str> {
        match self {
            Self::Cookie(name, _) => Some(name),
            _ => None,
        }
    }

    /// Puts it into a request, where it is known.
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
            Self::Header(name, Some(key)) => {
                let name = HeaderName::try_from(name);
                let name = name.map_err(|_| RequestError::new("an API key has no header"))?;
                headers.insert(name, secret(key.as_str())?);
            }
            Self::Query(name, Some(key)) => {
                query.push(format!("{}={}", escaped(name), escaped(key.as_str())));
            }
            Self::Cookie(name, Some(key)) => {
                let key = utf8_percent_encode(key.as_str(), NO_COOKIE_OCTET);
                cookies.push(format!("{name}={key}"));
            }
            Self::Basic(Some(it)) => {
                // RFC 7617, section 2: the first colon ends the name.
                if it.username().contains(':') {
                    return Err(RequestError::new("the name of a user holds a colon"));
                }
                let pair = STANDARD.encode(format!("{}:{}", it.username(), it.password()));
                headers.insert(AUTHORIZATION, secret(&format!("Basic {pair}"))?);
            }
            Self::Bearer(Some(it)) => {
                headers.insert(AUTHORIZATION, secret(&format!("Bearer {}", it.token()))?);
            }
            Self::Http(scheme, Some(it)) => {
                if it.scheme() != scheme {
                    return Err(RequestError::new(format!(
                        "the credentials are of the scheme `{}`, and the operation asks for `{scheme}`",
                        it.scheme()
                    )));
                }
                let text = format!("{scheme} {}", it.credentials());
                headers.insert(AUTHORIZATION, secret(&text)?);
            }
            Self::Header(_, None)
            | Self::Query(_, None)
            | Self::Cookie(_, None)
            | Self::Basic(None)
            | Self::Bearer(None)
            | Self::Http(_, None)
            | Self::Certificate => {}
        }
        Ok(())
    }

    /// Whether the server reads from a request what is known, where it is.
    ///
    /// # Errors
    ///
    /// It reads none, or another.
    pub(super) fn check(self, headers: &HeaderMap, query: &str) -> Result<(), RequestError> {
        let key = |read: Option<ApiKey>, known| read.as_ref() == known;
        let (what, is_same) = match self {
            Self::Header(name, known) => (name, key(security::key_in_header(headers, name), known)),
            Self::Query(name, known) => {
                let read = only_query_value(query, name).map(ApiKey::new);
                (name, key(read, known))
            }
            Self::Cookie(name, known) => {
                let read = cookie_value(headers, name).filter(|it| !it.is_empty());
                (name, key(read.map(ApiKey::new), known))
            }
            Self::Basic(known) => ("Authorization", security::basic(headers).as_ref() == known),
            Self::Bearer(known) => ("Authorization", security::bearer(headers).as_ref() == known),
            Self::Http(scheme, known) => {
                let read = security::http(headers, scheme);
                ("Authorization", read.as_ref() == known)
            }
            Self::Certificate => return Ok(()),
        };
        match is_same {
            true => Ok(()),
            false => Err(RequestError::new(format!(
                "the credential in `{what}` would be read as another or as none: it is empty, has blanks around it, holds \
                 what its place does not take, or something else of the request has its name"
            ))),
        }
    }
}

/// The value of a header that is never shown.
fn secret(credential: &str) -> Result<HeaderValue, RequestError> {
    let value = field_value::write(credential);
    let mut value =
        value.map_err(|_| RequestError::new("a credential holds what no header may hold"))?;
    value.set_sensitive(true);
    Ok(value)
}
