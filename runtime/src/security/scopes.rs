//! What a token allows.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Denied;

/// The scopes of an access token.
///
/// It is read from a text with blanks between the scopes (RFC 6749, section 3.3; RFC 9068, section 2.2.3), or from a list of
/// them, as some servers write it.
///
/// # Examples
///
/// ```
/// use specwright::Scopes;
///
/// #[derive(serde::Deserialize)]
/// struct Claims {
///     sub: String,
///     #[serde(default)]
///     scope: Scopes,
/// }
///
/// let claims: Claims = serde_json::from_str(r#"{"sub": "ada", "scope": "books:read books:write"}"#)?;
/// assert!(claims.scope.require(&["books:read"]).is_ok());
/// assert!(claims.scope.require(&["orders:read"]).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Returns whether a scope is among them.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// Returns the scopes in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Asks for all scopes that an operation needs, which is what a `Security` method is given.
    ///
    /// # Errors
    ///
    /// [`Denied::forbidden`] where one is missing.
    pub fn require(&self, scopes: &[&str]) -> Result<(), Denied> {
        match scopes.iter().all(|scope| self.contains(scope)) {
            true => Ok(()),
            false => Err(Denied::forbidden()),
        }
    }
}

impl<S: Into<String>> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        Self(scopes.into_iter().map(Into::into).collect())
    }
}

/// Scopes as they are written.
#[derive(Deserialize)]
#[serde(untagged, expecting = "scopes are a text or a list of texts")]
enum Written {
    Text(String),
    List(Vec<String>),
}

impl From<Written> for Scopes {
    fn from(written: Written) -> Self {
        match written {
            Written::Text(text) => text.split_ascii_whitespace().collect(),
            Written::List(scopes) => scopes.into_iter().collect(),
        }
    }
}

/// Whether a text can be a scope (RFC 6749, section 3.3).
pub(super) fn is_scope(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    !text.is_empty() && text.bytes().all(allowed)
}
