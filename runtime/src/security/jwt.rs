//! JSON Web Tokens (RFC 7519) as bearer tokens.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
pub use jsonwebtoken::Algorithm as JwtAlgorithm;
use jsonwebtoken::errors::{Error as JwtError, ErrorKind};
use jsonwebtoken::{AlgorithmFamily, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::jwks::KeySet;
use super::{Bearer, Denied};
use crate::error::Error;
use crate::problem::Unexpected;

/// A secret is at least as long as the hash that is made with it (RFC 7518, section 3.2).
const LEAST_SECRET: usize = 32;

/// Checks JSON Web Tokens: their signature, `exp`, `nbf`, and the issuer and audience that are asked for.
///
/// The algorithms are fixed here and never taken from a token (RFC 8725, section 3.1), and there is no `none` among them. A
/// token has to have an `exp`. One that has an `aud` is good only where its audience is asked for with
/// [`audience`](Self::audience) (RFC 7519, section 4.1.3). A minute of difference between clocks is let pass.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use specwright::{Bearer, Denied, JwtSigner, JwtVerifier, Scopes};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Claims {
///     sub: String,
///     exp: i64,
///     #[serde(default, skip_serializing)]
///     scope: Scopes,
/// }
///
/// async fn user(tokens: &JwtVerifier, token: &Bearer, scopes: &[&str]) -> Result<String, Denied> {
///     let claims: Claims = tokens.verify(token).await?;
///     claims.scope.require(scopes)?;
///     Ok(claims.sub)
/// }
///
/// let secret = b"32 bytes or more of a good secret";
/// let tokens = JwtVerifier::hs256(secret)?;
/// let claims = Claims {
///     sub: "ada".to_owned(),
///     exp: specwright::jiff::Timestamp::now().as_second() + 600,
///     scope: Scopes::default(),
/// };
/// let token = Bearer::new(JwtSigner::hs256(secret)?.sign(&claims)?);
/// assert_eq!(user(&tokens, &token, &[]).await.ok().as_deref(), Some("ada"));
/// assert!(user(&tokens, &token, &["books:write"]).await.is_err());
/// # Ok::<(), specwright::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct JwtVerifier {
    keys: Keys,
    /// One for each algorithm.
    validations: Vec<Validation>,
}

#[derive(Clone)]
enum Keys {
    One(DecodingKey),
    Set(Arc<KeySet>),
}

impl JwtVerifier {
    fn new(keys: Keys, algorithms: &[JwtAlgorithm]) -> Self {
        let validation = |algorithm: &JwtAlgorithm| {
            let mut validation = Validation::new(*algorithm);
            validation.validate_nbf = true;
            validation
        };
        Self {
            keys,
            validations: algorithms.iter().map(validation).collect(),
        }
    }

    /// Checks tokens that are signed with a shared secret, by HMAC with SHA-256.
    ///
    /// # Errors
    ///
    /// When the secret has fewer than 32 bytes (RFC 7518, section 3.2).
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        let secret = long_enough(secret.as_ref())?;
        let key = DecodingKey::from_secret(secret);
        Ok(Self::new(Keys::One(key), &[JwtAlgorithm::HS256]))
    }

    /// Checks tokens that are signed with one private key, of which this is the public one in PEM.
    ///
    /// # Errors
    ///
    /// When the key is not one for the algorithm, or the algorithm takes a shared secret.
    pub fn public_key(algorithm: JwtAlgorithm, pem: impl AsRef<[u8]>) -> Result<Self, Error> {
        let pem = pem.as_ref();
        let key = match algorithm.family() {
            AlgorithmFamily::Rsa => DecodingKey::from_rsa_pem(pem)?,
            AlgorithmFamily::Ec => DecodingKey::from_ec_pem(pem)?,
            AlgorithmFamily::Ed => DecodingKey::from_ed_pem(pem)?,
            AlgorithmFamily::Hmac => return Err(shared(algorithm)),
        };
        Ok(Self::new(Keys::One(key), &[algorithm]))
    }

    /// Checks tokens by the keys that their issuer publishes, a JSON Web Key Set (RFC 7517).
    ///
    /// `fetch` loads its text, from the `jwks_uri` of the issuer with the HTTP client of your choice. That happens when the
    /// first token comes, again after ten minutes, and, at most once in half a minute, when a token names a key that is not
    /// there yet. A set that cannot be loaded again is used for a day. One load runs at a time and ends after ten seconds.
    ///
    /// A key is used only for the algorithm that it names, if it names one, and never for encryption or as a shared secret.
    ///
    /// # Errors
    ///
    /// When an algorithm takes a shared secret, which is never published, or there are none.
    pub fn jwks<F, R, E>(algorithms: &[JwtAlgorithm], fetch: F) -> Result<Self, Error>
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<Bytes, E>> + Send + 'static,
        E: Into<Unexpected>,
    {
        let is_shared =
            |algorithm: &&JwtAlgorithm| matches!(algorithm.family(), AlgorithmFamily::Hmac);
        if let Some(algorithm) = algorithms.iter().find(is_shared) {
            return Err(shared(*algorithm));
        }
        if algorithms.is_empty() {
            return Err(Error::new("tokens have to be signed by some algorithm"));
        }
        let set = KeySet::new(move || {
            let text = fetch();
            Box::pin(async move { text.await.map_err(Into::into) })
        });
        Ok(Self::new(Keys::Set(Arc::new(set)), algorithms))
    }

    /// Asks that `iss` is this; more than one may be good.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        for validation in &mut self.validations {
            let issuers = validation.iss.get_or_insert_with(HashSet::new);
            issuers.insert(issuer.clone());
            validation.required_spec_claims.insert("iss".to_owned());
        }
        self
    }

    /// Asks that this is among `aud`; more than one may be good.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        let audience = audience.into();
        for validation in &mut self.validations {
            let audiences = validation.aud.get_or_insert_with(HashSet::new);
            audiences.insert(audience.clone());
            validation.required_spec_claims.insert("aud".to_owned());
        }
        self
    }

    /// Sets how far clocks may differ, a minute unless set; to the second.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        for validation in &mut self.validations {
            validation.leeway = leeway.as_secs();
        }
        self
    }

    /// Checks a token, and returns its claims.
    ///
    /// # Errors
    ///
    /// [`Denied::unauthenticated`] when the token is not good or lacks claims of `C`; an error, which is answered with a 503,
    /// when no keys could be loaded.
    pub async fn verify<C: DeserializeOwned>(&self, token: &Bearer) -> Result<C, Denied> {
        let header = jsonwebtoken::decode_header(token.token()).map_err(denied)?;
        // An extension that has to be understood (RFC 7515, section 4.1.11); none is.
        if header.crit.is_some() {
            return Err(Denied::unauthenticated());
        }
        let is_its = |validation: &&Validation| validation.algorithms.contains(&header.alg);
        let Some(validation) = self.validations.iter().find(is_its) else {
            return Err(Denied::unauthenticated());
        };
        let found;
        let key = match &self.keys {
            Keys::One(key) => key,
            Keys::Set(set) => {
                found = set.find(header.kid.as_deref(), header.alg).await?;
                &*found
            }
        };
        jsonwebtoken::decode(token.token(), key, validation)
            .map(|data| data.claims)
            .map_err(denied)
    }
}

impl fmt::Debug for JwtVerifier {
    /// Shows no key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms = self.validations.iter().flat_map(|it| &it.algorithms);
        f.debug_struct("JwtVerifier")
            .field("algorithms", &algorithms.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Signs JSON Web Tokens.
///
/// What stands in them is said by whoever asks: any type that serializes as an object. Give it an `exp`, the second since
/// 1970 from which on it is worth nothing (RFC 7519, section 4.1.4), since [`JwtVerifier`] asks for one. See there for an
/// example.
#[derive(Clone)]
pub struct JwtSigner {
    key: EncodingKey,
    header: Header,
}

impl JwtSigner {
    /// Signs with a shared secret, by HMAC with SHA-256.
    ///
    /// # Errors
    ///
    /// When the secret has fewer than 32 bytes (RFC 7518, section 3.2).
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        let secret = long_enough(secret.as_ref())?;
        Ok(Self {
            key: EncodingKey::from_secret(secret),
            header: Header::new(JwtAlgorithm::HS256),
        })
    }

    /// Signs with a private key in PEM.
    ///
    /// # Errors
    ///
    /// When the key is not one for the algorithm, or the algorithm takes a shared secret.
    pub fn private_key(algorithm: JwtAlgorithm, pem: impl AsRef<[u8]>) -> Result<Self, Error> {
        let pem = pem.as_ref();
        let key = match algorithm.family() {
            AlgorithmFamily::Rsa => EncodingKey::from_rsa_pem(pem)?,
            AlgorithmFamily::Ec => EncodingKey::from_ec_pem(pem)?,
            AlgorithmFamily::Ed => EncodingKey::from_ed_pem(pem)?,
            AlgorithmFamily::Hmac => return Err(shared(algorithm)),
        };
        Ok(Self {
            key,
            header: Header::new(algorithm),
        })
    }

    /// Names the key in each token, as `kid`, by which it is found in a key set.
    #[must_use]
    pub fn key_id(mut self, id: impl Into<String>) -> Self {
        self.header.kid = Some(id.into());
        self
    }

    /// Returns a token with these claims.
    ///
    /// # Errors
    ///
    /// When the claims are no JSON object, or the key cannot sign.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, Error> {
        Ok(jsonwebtoken::encode(&self.header, claims, &self.key)?)
    }
}

impl fmt::Debug for JwtSigner {
    /// Shows no key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtSigner")
            .field("algorithm", &self.header.alg)
            .field("key_id", &self.header.kid)
            .finish_non_exhaustive()
    }
}

fn long_enough(secret: &[u8]) -> Result<&[u8], Error> {
    match secret.len() {
        LEAST_SECRET.. => Ok(secret),
        length => Err(Error::new(format!(
            "the secret of tokens has {length} bytes, and needs {LEAST_SECRET} or more"
        ))),
    }
}

#[cold]
fn shared(algorithm: JwtAlgorithm) -> Error {
    Error::new(format!(
        "{algorithm:?} takes a shared secret, and no public key"
    ))
}

/// What is wrong with a token is not told but for its age, which whoever sent it can mend.
#[cold]
fn denied(error: JwtError) -> Denied {
    let denied = Denied::unauthenticated();
    match error.kind() {
        ErrorKind::ExpiredSignature => denied.with_detail("the token has expired"),
        ErrorKind::ImmatureSignature => denied.with_detail("the token is not valid yet"),
        _ => denied,
    }
}
