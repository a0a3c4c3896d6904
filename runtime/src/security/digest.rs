//! Digest access authentication (RFC 7616): challenges with nonces that need no memory, and the answers to them.

use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Uri;
use jiff::Timestamp;
use md5::Md5;
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Challenge, Denied, HttpCredentials, constant_time_eq};
use crate::context::Context;
use crate::error::Error;

/// A key is at least as long as the hash that is made with it.
const LEAST_KEY: usize = 32;

/// For so long a nonce is good.
const NONCE_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// The length of what is random in a nonce, after the time.
const RANDOM: usize = 16;

/// The hash of a password that nobody has.
const NOBODY: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Checks the credentials of `Authorization: Digest` (RFC 7616), by SHA-256 and with `qop=auth`.
///
/// A nonce is the time at which it was made, and some random bytes, under a key that only the server has. So none has to be
/// kept, and one that somebody has made up, or that is too old, can be told: where the password is right all the same, the
/// 401 says `stale=true`, and the client tries again by itself.
///
/// What is kept of a password is [`hash`](Self::hash), which is as good as the password itself for whoever steals it: where
/// there is TLS, HTTP basic and `PasswordHasher` keep it better.
///
/// Whoever listens in can send the same request once more until its nonce is too old. TLS keeps listeners out; where there is
/// none, or more is asked for, the application keeps the [nonces](DigestResponse::nonce) of that time, and lets each in only
/// with a higher [count](DigestResponse::nonce_count) than before (RFC 7616, section 5.12).
///
/// The path and the query that were signed have to be those of the request, so no proxy may change them.
///
/// | setting | default |
/// |---|---|
/// | [`key`](Self::key) | a random one, of this process |
/// | [`nonce_lifetime`](Self::nonce_lifetime) | 5 minutes |
/// | [`md5`](Self::md5) | SHA-256 |
///
/// # Examples
///
/// For a scheme that the document calls `digest`:
///
/// ```
/// use specwright::{Challenge, Context, Denied, DigestVerifier, HttpCredentials};
///
/// struct Shop {
///     digests: DigestVerifier,
///     /// Of one user.
///     hash: String,
/// }
///
/// # trait Security {
/// #     type Principal;
/// #     fn digest_challenge(&self, cx: &Context) -> Challenge;
/// #     fn digest(&self, cx: &Context, digest: HttpCredentials, scopes: &[&str])
/// #         -> impl Future<Output = Result<Self::Principal, Denied>>;
/// # }
/// impl Security for Shop {
///     type Principal = String;
///
///     fn digest_challenge(&self, _: &Context) -> Challenge {
///         self.digests.challenge()
///     }
///
///     async fn digest(&self, cx: &Context, digest: HttpCredentials, _: &[&str]) -> Result<String, Denied> {
///         let response = self.digests.read(cx, &digest)?;
///         let known = (response.username() == "mia").then_some(&*self.hash);
///         response.verify(known)?;
///         Ok(response.username().to_owned())
///     }
/// }
///
/// let digests = DigestVerifier::new("The Lamp bookshop");
/// let hash = digests.hash("mia", "open sesame");
/// let shop = Shop { digests, hash };
/// # drop(shop);
/// ```
#[derive(Clone)]
pub struct DigestVerifier {
    realm: Arc<str>,
    key: [u8; 32],
    lifetime: Duration,
    algorithm: Algorithm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Sha256,
    Md5,
}

impl DigestVerifier {
    /// Makes one, whose realm is what people are told that their password is for. It is a part of what is hashed, so where it
    /// changes, the hashes that were kept are good no more.
    #[must_use]
    pub fn new(realm: &str) -> Self {
        let [one, other] = [Uuid::new_v4(), Uuid::new_v4()];
        let random = [one.as_bytes(), other.as_bytes()].map(|bytes| &bytes[..]);
        Self {
            // As it is sent.
            realm: realm
                .replace(|sign: char| sign.is_ascii_control(), " ")
                .into(),
            key: Sha256::digest(random.concat()).into(),
            lifetime: NONCE_LIFETIME,
            algorithm: Algorithm::Sha256,
        }
    }

    /// Sets the key of the nonces, which servers that answer the same clients have in common.
    ///
    /// # Errors
    ///
    /// When it has fewer than 32 bytes.
    pub fn key(mut self, key: impl AsRef<[u8]>) -> Result<Self, Error> {
        let key = key.as_ref();
        if key.len() < LEAST_KEY {
            let length = key.len();
            return Err(Error::new(format!(
                "the key of nonces has {length} bytes, and needs {LEAST_KEY} or more"
            )));
        }
        self.key = Sha256::digest(key).into();
        Ok(self)
    }

    /// Sets how long a nonce is good.
    #[must_use]
    pub fn nonce_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Uses MD5 in place of SHA-256, for clients that know nothing else. It is broken for most uses, and no better than weak
    /// for this one.
    #[must_use]
    pub fn md5(mut self) -> Self {
        self.algorithm = Algorithm::Md5;
        self
    }

    /// What asks for a digest, with a new nonce: a value of `WWW-Authenticate` (RFC 7616, section 3.3).
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        Challenge::digest_with(&self.realm, &self.nonce(), self.algorithm.name())
    }

    /// What to keep of a password: the hash of name, realm and password, in hexadecimal digits (RFC 7616, section 3.4.2).
    #[must_use]
    pub fn hash(&self, username: &str, password: &str) -> String {
        self.algorithm.hash(&[username, &self.realm, password])
    }

    /// Reads what was sent; that it is right is for [`DigestResponse::verify`] to say.
    ///
    /// # Errors
    ///
    /// 401 with a new challenge where it is no answer to a challenge of this realm for this request.
    pub fn read(
        &self,
        cx: &Context,
        credentials: &HttpCredentials,
    ) -> Result<DigestResponse, Denied> {
        self.response(cx, credentials)
            .ok_or_else(|| Denied::unauthenticated().with_challenge(self.challenge()))
    }

    fn response(&self, cx: &Context, credentials: &HttpCredentials) -> Option<DigestResponse> {
        let parameters = credentials.parameters()?;
        let parameter = |name: &str| {
            let mut own = parameters
                .iter()
                .filter(|(other, _)| other.eq_ignore_ascii_case(name));
            let (_, value) = own.next()?;
            own.next().is_none().then_some(value.as_str())
        };
        let is_hashed = parameter("userhash").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let username = match (parameter("username"), parameter("username*")) {
            (Some(name), None) => name.to_owned(),
            (None, Some(extended)) => decoded(extended)?,
            _ => return None,
        };
        let (nonce, uri) = (parameter("nonce")?, parameter("uri")?);
        let (qop, cnonce) = (parameter("qop")?, parameter("cnonce")?);
        let count = parameter("nc").filter(|it| it.len() == 8)?;
        // Without a name it is MD5, as it was before there was another.
        let algorithm = parameter("algorithm").unwrap_or(Algorithm::Md5.name());
        let is_for_this = parameter("realm")? == &*self.realm
            && algorithm.eq_ignore_ascii_case(self.algorithm.name())
            && qop.eq_ignore_ascii_case("auth")
            && is_target(cx.uri(), uri);
        if is_hashed || !is_for_this {
            return None;
        }
        let request = self.algorithm.hash(&[cx.method().as_str(), uri]);
        Some(DigestResponse {
            verifier: self.clone(),
            username,
            nonce: nonce.to_owned(),
            nonce_count: u32::from_str_radix(count, 16).ok()?,
            signed: [nonce, count, cnonce, qop, &request].join(":"),
            response: parameter("response")?.to_ascii_lowercase(),
        })
    }

    /// The time in seconds, random bytes, and what only this server can make of both.
    fn nonce(&self) -> String {
        let mut bytes = now().to_be_bytes().to_vec();
        bytes.extend_from_slice(Uuid::new_v4().as_bytes());
        let code = self.code(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&code);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whether it was made here, and not too long ago.
    fn is_good(&self, nonce: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(nonce) else {
            return false;
        };
        let Some((made, code)) = bytes.split_at_checked(size_of::<u64>() + RANDOM) else {
            return false;
        };
        let Some(made_at) = made.first_chunk().copied().map(u64::from_be_bytes) else {
            return false;
        };
        let age = Duration::from_secs(now().saturating_sub(made_at));
        self.code(made).verify_slice(code).is_ok() && age < self.lifetime
    }

    /// Each realm has nonces of its own.
    fn code(&self, bytes: &[u8]) -> Hmac<Sha256> {
        // As HMAC itself fills up a key.
        let mut key = [0; 64];
        if let Some((begin, _)) = key.split_first_chunk_mut() {
            *begin = self.key;
        }
        let code = Hmac::<Sha256>::new(&key.into());
        code.chain_update(bytes).chain_update(self.realm.as_bytes())
    }
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Md5 => "MD5",
        }
    }

    /// The hash of texts with colons between them.
    fn hash(self, parts: &[&str]) -> String {
        let text = parts.join(":");
        match self {
            Self::Sha256 => hexadecimal(&Sha256::digest(text)),
            Self::Md5 => hexadecimal(&Md5::digest(text)),
        }
    }
}

/// An answer to a challenge of `Digest`, before it is known whether it is right.
pub struct DigestResponse {
    verifier: DigestVerifier,
    username: String,
    nonce: String,
    nonce_count: u32,
    /// What is hashed together with the password.
    signed: String,
    response: String,
}

impl DigestResponse {
    /// Returns the name of the user.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Returns the nonce that it was made with.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Returns how many requests the client has sent with the nonce, this one included, as it says.
    #[must_use]
    pub fn nonce_count(&self) -> u32 {
        self.nonce_count
    }

    /// Checks it with what is kept of the user's password, [`DigestVerifier::hash`]; `None` where nobody has this name, which
    /// takes as long to say.
    ///
    /// # Errors
    ///
    /// 401 with a new challenge, which says `stale=true` where only the nonce is bad.
    pub fn verify(&self, hash: Option<&str>) -> Result<(), Denied> {
        let expected = [hash.unwrap_or(NOBODY), &self.signed];
        let expected = self.verifier.algorithm.hash(&expected);
        let is_right = constant_time_eq(&expected, &self.response) & hash.is_some();
        let challenge = match (is_right, self.verifier.is_good(&self.nonce)) {
            (true, true) => return Ok(()),
            // Only who knows the password hears so (RFC 7616, section 3.3).
            (true, false) => self.verifier.challenge().with_token("stale", "true"),
            (false, _) => self.verifier.challenge(),
        };
        Err(Denied::unauthenticated().with_challenge(challenge))
    }
}

/// Whether a text is the request's own target, or the same with scheme and host.
fn is_target(uri: &Uri, text: &str) -> bool {
    let Some(target) = uri.path_and_query() else {
        return false;
    };
    *target == *text
        || Uri::from_str(text).is_ok_and(|whole| {
            whole.authority().is_some() && whole.path_and_query() == Some(target)
        })
}

/// A name beyond ASCII, in UTF-8 (RFC 8187, section 3.2.1).
fn decoded(extended: &str) -> Option<String> {
    let (charset, rest) = extended.split_once('\'')?;
    let (_language, encoded) = rest.split_once('\'')?;
    let name = percent_decode_str(encoded).decode_utf8().ok()?;
    charset
        .eq_ignore_ascii_case("utf-8")
        .then(|| name.into_owned())
}

/// Seconds; a clock that stands before 1970 is at its beginning.
fn now() -> u64 {
    u64::try_from(Timestamp::now().as_second()).unwrap_or_default()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl fmt::Debug for DigestVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DigestVerifier")
            .field("realm", &self.realm)
            .field("algorithm", &self.algorithm)
            .field("nonce_lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DigestResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DigestResponse")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}
