//! Credentials, and what those answer who judge them.
//!
//! `credentials` are as a request carries them, `denied` is the answer of who lets nobody in, `challenge` what it asks for,
//! `scopes` what a token allows.
//! `digest` checks answers to challenges of `Digest`, `jwt` checks and makes JSON Web Tokens, `jwks` keeps the keys of who issues them, `password` hashes passwords.

mod challenge;
mod credentials;
mod denied;
#[cfg(feature = "digest")]
mod digest;
#[cfg(feature = "jwt")]
mod jwks;
#[cfg(feature = "jwt")]
mod jwt;
#[cfg(feature = "password")]
mod password;
mod replaced;
mod scopes;

pub use challenge::Challenge;
pub use credentials::{ApiKey, Basic, Bearer, HttpCredentials, PeerCertificate};
pub(crate) use credentials::{basic, bearer, http, key_in_header};
pub(crate) use denied::values;
pub use denied::{Denials, Denied};
#[cfg(feature = "digest")]
pub use digest::{DigestResponse, DigestVerifier};
#[cfg(feature = "jwt")]
pub use jwt::{JwtAlgorithm, JwtSigner, JwtVerifier};
#[cfg(feature = "password")]
pub use password::PasswordHasher;
#[cfg(feature = "test")]
pub(crate) use replaced::ReplacedPrincipal;
pub use scopes::Scopes;
use subtle::ConstantTimeEq as _;

/// Whether two secrets are the same, in a time that depends on their lengths only.
///
/// `==` is done at the first difference, so that whoever measures well finds a secret byte by byte.
///
/// # Examples
///
/// ```
/// assert!(specwright::constant_time_eq("open sesame", "open sesame"));
/// assert!(!specwright::constant_time_eq("open sesame", "open barley"));
/// ```
#[must_use]
pub fn constant_time_eq(one: impl AsRef<[u8]>, other: impl AsRef<[u8]>) -> bool {
    one.as_ref().ct_eq(other.as_ref()).into()
}
