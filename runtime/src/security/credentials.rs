//! Credentials as a request carries them.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use http::Method;
use http::header::{self, HeaderMap};

use super::constant_time_eq;

/// An API key, from the header, query parameter or cookie that the document names.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// Makes one, such as for a test of what judges it.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// Returns the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the key that was expected; see [`constant_time_eq`].
    #[must_use]
    pub fn matches(&self, expected: &str) -> bool {
        constant_time_eq(&self.0, expected)
    }
}

/// In constant time, as [`matches`](ApiKey::matches).
impl PartialEq for ApiKey {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.0)
    }
}

impl Eq for ApiKey {}

/// The token of `Authorization: Bearer` (RFC 6750), also used for OAuth 2 and OpenID Connect.
#[derive(Clone)]
pub struct Bearer(String);

impl Bearer {
    /// Makes one, such as for a test of what judges it.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// Returns the token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.0
    }

    /// Whether this is the token that was expected; see [`constant_time_eq`].
    #[must_use]
    pub fn matches(&self, expected: &str) -> bool {
        constant_time_eq(&self.0, expected)
    }
}

/// In constant time, as [`matches`](Bearer::matches).
impl PartialEq for Bearer {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.0)
    }
}

impl Eq for Bearer {}

/// The credentials of `Authorization: Basic` (RFC 7617).
#[derive(Clone)]
pub struct Basic {
    username: String,
    password: String,
}

impl Basic {
    /// Makes one, for a client, or a test of what judges it.
    #[must_use]
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            password: password.into(),
        }
    }

    /// Returns the name of the user.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Returns the password.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Whether these are the name and the password that were expected; see [`constant_time_eq`].
    ///
    /// Both are compared in any case, so the time does not tell which of them is wrong.
    #[must_use]
    pub fn matches(&self, username: &str, password: &str) -> bool {
        let username = constant_time_eq(&self.username, username);
        let password = constant_time_eq(&self.password, password);
        username & password
    }
}

/// In constant time, as [`matches`](Basic::matches).
impl PartialEq for Basic {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.username, &other.password)
    }
}

impl Eq for Basic {}

/// The credentials of `Authorization` with a scheme that has no type of its own, such as `Digest` (RFC 7616).
#[derive(Clone)]
pub struct HttpCredentials {
    scheme: &'static str,
    credentials: String,
}

impl HttpCredentials {
    /// Makes one of a scheme, in lower case, and what follows it, for a client, or a test of what judges it.
    #[must_use]
    pub fn new(scheme: &'static str, credentials: impl Into<String>) -> Self {
        Self {
            scheme,
            credentials: credentials.into(),
        }
    }

    /// Returns the scheme, in lower case (RFC 9110, section 11.1).
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// Returns what follows the scheme, as it was sent but for the blanks around it.
    #[must_use]
    pub fn credentials(&self) -> &str {
        &self.credentials
    }

    /// Returns the only parameter of this name, without its quotes (RFC 9110, section 11.2); names are in any case.
    ///
    /// It is `None` also where the parameter is repeated or what was sent is no list of parameters.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let parameters = self.parameters()?;
        let mut own = parameters
            .into_iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let (_, value) = own.next()?;
        own.next().is_none().then_some(value)
    }

    /// Whether this is what was expected to follow the scheme, to the letter; see [`constant_time_eq`].
    #[must_use]
    pub fn matches(&self, expected: &str) -> bool {
        constant_time_eq(&self.credentials, expected)
    }

    /// All of them.
    pub(super) fn parameters(&self) -> Option<Vec<(&str, String)>> {
        auth_parameters(&self.credentials)
    }
}

/// In constant time, as [`matches`](HttpCredentials::matches); the scheme is no secret.
impl PartialEq for HttpCredentials {
    fn eq(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.matches(&other.credentials)
    }
}

impl Eq for HttpCredentials {}

/// The parameters of credentials; `None` where they are malformed.
fn auth_parameters(text: &str) -> Option<Vec<(&str, String)>> {
    let mut parameters = Vec::new();
    let mut rest = text.trim_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim_end_matches([' ', '\t']);
        let after = after.trim_start_matches([' ', '\t']);
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let end = after.find([' ', '\t', ',']).unwrap_or(after.len());
                let (value, after) = after.split_at(end);
                // Some schemes have slashes and semicolons without quotes. An equals sign is the padding of a `token68`.
                if value.is_empty() || value.contains(['=', '"']) {
                    return None;
                }
                (value.to_owned(), after)
            }
        };
        let after = after.trim_start_matches([' ', '\t']);
        if !is_token(name) || !after.is_empty() && !after.starts_with(',') {
            return None;
        }
        parameters.push((name, value));
        rest = after.trim_start_matches([' ', '\t', ',']);
    }
    Some(parameters)
}

/// Whether it is a token (RFC 9110, section 5.6.2), as methods are.
fn is_token(text: &str) -> bool {
    Method::from_bytes(text.as_bytes()).is_ok()
}

/// The text up to the quote that ends it, and what follows (RFC 9110, section 5.6.4).
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    loop {
        match chars.next()? {
            (at, '"') => return Some((value, text.get(at + 1..)?)),
            (_, '\\') => value.push(chars.next()?.1),
            (_, sign) => value.push(sign),
        }
    }
}

/// The certificate with which a client has shown who it is while the connection was made (mutual TLS).
///
/// Where `App::tls_client_authorities` is set, the server verifies the chain and puts this into the extensions of each
/// request. Whoever ends TLS elsewhere has to do both, for example with a tower layer.
#[derive(Clone, PartialEq, Eq)]
pub struct PeerCertificate(Arc<[Bytes]>);

impl PeerCertificate {
    /// Makes one of a verified chain of certificates in DER, the client's own first.
    pub fn new(chain: impl IntoIterator<Item = Bytes>) -> Self {
        Self(chain.into_iter().collect())
    }

    /// Returns the client's own certificate in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.0.first().map_or(&[], |own| own)
    }

    /// Returns all certificates in DER, the client's own first.
    #[must_use]
    pub fn chain(&self) -> &[Bytes] {
        &self.0
    }
}

impl fmt::Debug for HttpCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCredentials")
            .field("scheme", &self.scheme)
            .field("credentials", &format_args!("redacted"))
            .finish()
    }
}

impl fmt::Debug for PeerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PeerCertificate")
            .field(&self.0.len())
            .finish()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(redacted)")
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(redacted)")
    }
}

impl fmt::Debug for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Basic")
            .field("username", &self.username)
            .field("password", &format_args!("redacted"))
            .finish()
    }
}

/// Padding is optional, since not every client sends it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads the token of a `Bearer` credential; `None` also where it is empty or not text.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<Bearer> {
    let token = credentials(headers, "bearer")?;
    Some(Bearer(token.to_owned()))
}

/// Reads the credentials of a scheme, named in lower case.
pub(crate) fn http(headers: &HeaderMap, scheme: &'static str) -> Option<HttpCredentials> {
    Some(HttpCredentials {
        scheme,
        credentials: credentials(headers, scheme)?.to_owned(),
    })
}

/// Reads a `Basic` credential; `None` also where it is malformed.
///
/// User and password are UTF-8, and the first colon separates them (RFC 7617, section 2).
pub(crate) fn basic(headers: &HeaderMap) -> Option<Basic> {
    let encoded = credentials(headers, "basic")?;
    let text = String::from_utf8(BASE64.decode(encoded).ok()?).ok()?;
    let (username, password) = text.split_once(':')?;
    Some(Basic {
        username: username.to_owned(),
        password: password.to_owned(),
    })
}

/// Returns what follows the scheme, whose name is case-insensitive (RFC 9110, section 11.1).
///
/// Two `Authorization` headers are nobody's credentials: two parties could each believe another one.
fn credentials<'h>(headers: &'h HeaderMap, scheme: &str) -> Option<&'h str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (name, rest) = value.split_once(' ')?;
    let rest = rest.trim_matches(' ');
    (name.eq_ignore_ascii_case(scheme) && !rest.is_empty()).then_some(rest)
}

/// Reads an API key from the only header of this name.
pub(crate) fn key_in_header(headers: &HeaderMap, name: &str) -> Option<ApiKey> {
    let mut values = headers.get_all(name).iter();
    let key = values.next()?.to_str().ok()?;
    (values.next().is_none() && !key.is_empty()).then(|| ApiKey::new(key))
}
