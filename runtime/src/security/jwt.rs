//! JSON Web Tokens (RFC 7519) as bearer tokens.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
pub use jsonwebtoken::Algorithm as JwtAlgorithm;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
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

/// Clocks that differ by more than a year are none, and times stay far from the limits of their numbers.
const MOST_LEEWAY: u64 = 365 * 24 * 60 * 60;

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
    /// What `typ` has to be, without `application/`.
    token_type: Option<String>,
}

#[derive(Clone)]
enum Keys {
    One(DecodingKey),
    Set(Arc<KeySet>),
}

impl JwtVerifier {
    fn new(keys: Keys, algorithms: &[JwtAlgorithm]) -> Self {
        install_provider();
        let validation = |algorithm: &JwtAlgorithm| {
            let mut validation = Validation::new(*algorithm);
            validation.validate_nbf = true;
            validation
        };
        Self {
            keys,
            validations: algorithms.iter().map(validation).collect(),
            token_type: None,
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
    /// When the key is not one for the algorithm, such as one of another curve, or the algorithm takes a shared secret.
    pub fn public_key(algorithm: JwtAlgorithm, pem: impl AsRef<[u8]>) -> Result<Self, Error> {
        let pem = pem.as_ref();
        let key = match algorithm.family() {
            AlgorithmFamily::Rsa => DecodingKey::from_rsa_pem(pem)?,
            AlgorithmFamily::Ec => DecodingKey::from_ec_pem(pem)?,
            AlgorithmFamily::Ed => DecodingKey::from_ed_pem(pem)?,
            AlgorithmFamily::Hmac => return Err(shared(algorithm)),
        };
        if !fits(algorithm, &key) {
            return Err(Error::new(format!(
                "the public key is none for {algorithm:?}"
            )));
        }
        Ok(Self::new(Keys::One(key), &[algorithm]))
    }

    /// Checks tokens by the keys that their issuer publishes, a JSON Web Key Set (RFC 7517).
    ///
    /// `fetch` loads its text, from the `jwks_uri` of the issuer with the HTTP client of your choice. That happens when the
    /// first token comes, again after ten minutes, and, at most once in half a minute, when a token names a key that is not
    /// there yet. A token waits for a set that is older than twenty minutes to be loaded again, so a key that was withdrawn is
    /// good no longer than that; before, the next one finds the new set. A set that cannot be loaded again is used for a day;
    /// neither can one without a key that is of use. One load runs at a time and ends after ten seconds, none follows one that
    /// failed for five seconds, and nobody waits for half a minute after it.
    ///
    /// A key is used only for the algorithm that it names or that its curve has, if it names one, and never for encryption,
    /// against its `key_ops`, or as a shared secret.
    ///
    /// # Errors
    ///
    /// When an algorithm takes a shared secret, which is never published, or there are none.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::bytes::Bytes;
    /// use specwright::{JwtAlgorithm, JwtVerifier};
    ///
    /// /// Loads with an HTTP client: `client.get(url).send().await?.error_for_status()?.bytes().await` with `reqwest`.
    /// async fn load(url: &str) -> Result<Bytes, std::io::Error> {
    ///     # let _ = url;
    ///     # Ok(Bytes::from_static(b"{}"))
    /// }
    ///
    /// let tokens = JwtVerifier::jwks(&[JwtAlgorithm::RS256, JwtAlgorithm::ES256], || {
    ///     load("https://login.example.com/.well-known/jwks.json")
    /// })?
    /// .issuer("https://login.example.com")
    /// .audience("https://api.example.com");
    /// # Ok::<(), specwright::Error>(())
    /// ```
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

    /// Sets how far clocks may differ, a minute unless set; to the second, and a year at most.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        for validation in &mut self.validations {
            validation.leeway = leeway.as_secs().min(MOST_LEEWAY);
        }
        self
    }

    /// Asks that `typ` in the head of a token is this, in any case and with or without `application/`; such as `at+jwt`, so
    /// that no other token of the same issuer is taken for an access token (RFC 9068, section 4; RFC 8725, section 3.11).
    #[must_use]
    pub fn token_type(mut self, token_type: impl AsRef<str>) -> Self {
        self.token_type = Some(short_type(token_type.as_ref()).to_owned());
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
        if let Some(wanted) = &self.token_type {
            let is_it = |it: &str| short_type(it).eq_ignore_ascii_case(wanted);
            if !header.typ.as_deref().is_some_and(is_it) {
                return Err(Denied::unauthenticated());
            }
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
    fn new(key: EncodingKey, algorithm: JwtAlgorithm) -> Result<Self, Error> {
        install_provider();
        let signer = Self {
            key,
            header: Header::new(algorithm),
        };
        // A key that cannot sign is told at the start, and not by the first token.
        signer.sign(&serde_json::Map::new())?;
        Ok(signer)
    }

    /// Signs with a shared secret, by HMAC with SHA-256.
    ///
    /// # Errors
    ///
    /// When the secret has fewer than 32 bytes (RFC 7518, section 3.2).
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        let secret = long_enough(secret.as_ref())?;
        let key = EncodingKey::from_secret(secret);
        Self::new(key, JwtAlgorithm::HS256)
    }

    /// Signs with a private key in PEM.
    ///
    /// # Errors
    ///
    /// When the key is not one for the algorithm, such as one of another curve, or the algorithm takes a shared secret.
    pub fn private_key(algorithm: JwtAlgorithm, pem: impl AsRef<[u8]>) -> Result<Self, Error> {
        let pem = pem.as_ref();
        let key = match algorithm.family() {
            AlgorithmFamily::Rsa => EncodingKey::from_rsa_pem(pem)?,
            AlgorithmFamily::Ec => EncodingKey::from_ec_pem(pem)?,
            AlgorithmFamily::Ed => EncodingKey::from_ed_pem(pem)?,
            AlgorithmFamily::Hmac => return Err(shared(algorithm)),
        };
        Self::new(key, algorithm)
    }

    /// Names the key in each token, as `kid`, by which it is found in a key set.
    #[must_use]
    pub fn key_id(mut self, id: impl Into<String>) -> Self {
        self.header.kid = Some(id.into());
        self
    }

    /// Sets `typ` in the head of each token, `JWT` unless set; see [`JwtVerifier::token_type`].
    #[must_use]
    pub fn token_type(mut self, token_type: impl Into<String>) -> Self {
        self.header.typ = Some(token_type.into());
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

/// Chooses who does the cryptography. Where another crate turns on the other one, too, nobody would be chosen, and each token
/// would panic.
fn install_provider() {
    // Whom the application has installed before stays.
    let _ = DEFAULT_PROVIDER.install_default();
}

/// Whether a public key can be one for an algorithm.
fn fits(algorithm: JwtAlgorithm, key: &DecodingKey) -> bool {
    let Ok(bytes) = key.try_get_as_bytes() else {
        return false;
    };
    // A point of an elliptic curve is one coordinate or two after a byte that says which (SEC 1, section 2.3.3).
    match algorithm {
        JwtAlgorithm::ES256 => matches!(bytes.len(), 33 | 65),
        JwtAlgorithm::ES384 => matches!(bytes.len(), 49 | 97),
        _ => match algorithm.family() {
            AlgorithmFamily::Rsa => {
                let components = DEFAULT_PROVIDER
                    .key_utils
                    .rsa_pub_components_from_public_key;
                components(bytes).is_ok()
            }
            _ => true,
        },
    }
}

/// A media type as `typ` may have it (RFC 7515, section 4.1.9).
fn short_type(media_type: &str) -> &str {
    const APPLICATION: &str = "application/";
    match media_type.split_at_checked(APPLICATION.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(APPLICATION) => rest,
        _ => media_type,
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
