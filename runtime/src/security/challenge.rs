//! What a 401 asks for: one value of `WWW-Authenticate`.

use std::fmt;

use http::HeaderValue;
use uuid::Uuid;

use super::scopes::is_scope;

/// A value of `WWW-Authenticate`: a scheme of credentials, and what a client has to know to send them (RFC 9110, section
/// 11.3).
///
/// The trait `Security` of a document has a method for each scheme of `Authorization`, which makes what is asked for in a 401;
/// [`Denied::with_challenge`](crate::Denied::with_challenge) puts another in the place of it.
///
/// # Examples
///
/// ```
/// use specwright::Challenge;
///
/// let challenge = Challenge::bearer("The \"Lamp\" bookshop").with("error", "invalid_token");
/// assert_eq!(
///     challenge.to_string(),
///     r#"Bearer realm="The \"Lamp\" bookshop", error="invalid_token""#
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    /// As it is sent, without control characters.
    text: Vec<u8>,
    has_parameters: bool,
    /// What the operation asks for, where this is about a bearer token.
    scopes: &'static [&'static str],
}

impl Challenge {
    /// Asks for credentials of a scheme, such as `Negotiate`, and says no more.
    #[must_use]
    pub fn new(scheme: &str) -> Self {
        Self {
            text: without_controls(scheme.bytes()).collect(),
            has_parameters: false,
            scopes: &[],
        }
    }

    /// Asks for `Basic`: a name and a password in UTF-8 (RFC 7617). The realm is what people are told that it is for.
    #[must_use]
    pub fn basic(realm: &str) -> Self {
        Self::new("Basic")
            .with("realm", realm)
            .with("charset", "UTF-8")
    }

    /// Asks for `Bearer`: a token (RFC 6750, section 3).
    #[must_use]
    pub fn bearer(realm: &str) -> Self {
        Self::new("Bearer").with("realm", realm)
    }

    /// Asks for `Digest` by SHA-256 (RFC 7616, section 3.3), with a nonce that nobody had before.
    ///
    /// Whoever checks the answer cannot tell this nonce from one that a client has made. Where that matters, the challenge is
    /// the one of `DigestVerifier` (feature `digest`), whose nonces can be told, and get too old.
    #[must_use]
    pub fn digest(realm: &str) -> Self {
        let nonce = Uuid::new_v4().simple().to_string();
        Self::digest_with(realm, &nonce, "SHA-256")
    }

    /// The opaque text says nothing: clients send it back, and some do not work without.
    pub(super) fn digest_with(realm: &str, nonce: &str, algorithm: &str) -> Self {
        Self::new("Digest")
            .with("realm", realm)
            .with("qop", "auth")
            .with_token("algorithm", algorithm)
            .with("nonce", nonce)
            .with("opaque", "0")
            .with("charset", "UTF-8")
    }

    /// Adds a parameter, whose value stands in quotes.
    ///
    /// Control characters become blanks. What is beyond ASCII is sent in UTF-8.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.begin(name);
        self.text.push(b'"');
        for byte in without_controls(value.bytes()) {
            if matches!(byte, b'"' | b'\\') {
                self.text.push(b'\\');
            }
            self.text.push(byte);
        }
        self.text.push(b'"');
        self
    }

    /// Adds a parameter whose value has to stand without quotes, such as `stale=true` of `Digest` (RFC 7616, section 3.3).
    #[must_use]
    pub fn with_token(mut self, name: &str, value: &str) -> Self {
        self.begin(name);
        self.text.extend(without_controls(value.bytes()));
        self
    }

    fn begin(&mut self, name: &str) {
        let before: &[u8] = if self.has_parameters { b", " } else { b" " };
        self.text.extend_from_slice(before);
        self.text.extend(without_controls(name.bytes()));
        self.text.push(b'=');
        self.has_parameters = true;
    }

    /// Says which scopes the operation asks for, where this asks for a bearer token (RFC 6750, section 3). Generated code
    /// calls it.
    #[doc(hidden)]
    #[must_use]
    pub fn for_scopes(self, scopes: &'static [&'static str]) -> Self {
        if !self.is_bearer() {
            return self;
        }
        let mut said = match scopes.is_empty() || !can_be_told(scopes) {
            true => self,
            false => self.with("scope", &scopes.join(" ")),
        };
        said.scopes = scopes;
        said
    }

    /// Says what is wrong with the token that was judged, where this asked for it.
    pub(super) fn with_error(self, error: &str, judged: &[Scopes]) -> Self {
        match self.is_of(judged) {
            true => self.with("error", error),
            false => self,
        }
    }

    /// Whether it asks for one of the tokens that were judged, which are told apart by what they had to allow.
    pub(super) fn is_of(&self, judged: &[Scopes]) -> bool {
        self.is_bearer() && judged.contains(&self.scopes)
    }

    /// Whether it says that the operation asks for scopes.
    pub(super) fn tells_scopes(&self) -> bool {
        !self.scopes.is_empty() && can_be_told(self.scopes)
    }

    fn is_bearer(&self) -> bool {
        self.scheme().eq_ignore_ascii_case(b"bearer")
    }

    /// Whether another one is of the same scheme, in any case (RFC 9110, section 11.1).
    pub(super) fn has_scheme_of(&self, other: &Self) -> bool {
        self.scheme().eq_ignore_ascii_case(other.scheme())
    }

    fn scheme(&self) -> &[u8] {
        let end = self.text.iter().position(|byte| *byte == b' ');
        self.text
            .get(..end.unwrap_or(self.text.len()))
            .unwrap_or_default()
    }

    /// As it is sent; `None` where it is empty.
    pub(crate) fn into_value(self) -> Option<HeaderValue> {
        match self.text.is_empty() {
            true => None,
            false => HeaderValue::try_from(self.text).ok(),
        }
    }
}

/// The scopes that a token has to have.
pub(super) type Scopes = &'static [&'static str];

/// Roles of other schemes may hold what no scope may.
fn can_be_told(scopes: &[&str]) -> bool {
    scopes.iter().all(|scope| is_scope(scope))
}

/// No header may hold them, but for tabs.
fn without_controls(bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    bytes.map(|byte| match byte.is_ascii_control() {
        true => b' ',
        false => byte,
    })
}

/// Such as one with the data of `Negotiate` (RFC 4559, section 4.1), which are no parameters.
impl From<HeaderValue> for Challenge {
    fn from(value: HeaderValue) -> Self {
        Self {
            text: value.as_bytes().to_vec(),
            has_parameters: value.as_bytes().contains(&b' '),
            scopes: &[],
        }
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.text))
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Challenge").field(&self.to_string()).finish()
    }
}
