//! The answer of who judges credentials and lets nobody in.

use http::HeaderValue;

use crate::problem::Unexpected;
use crate::refusal::{Reason, Refusal};

/// Why a `Security` method lets nobody in.
///
/// Any error converts into it with `?` and becomes an opaque 500; a [`Problem`](crate::Problem) is answered as it is.
#[derive(Debug)]
pub struct Denied(Box<Denial>);

#[derive(Debug)]
struct Denial {
    judgement: Judgement,
    /// The scopes that a bearer token had to have, where one was judged.
    bearer: Option<&'static [&'static str]>,
    challenges: Vec<HeaderValue>,
}

#[derive(Debug)]
enum Judgement {
    Unauthenticated(Option<String>),
    Forbidden(Option<String>),
    Unexpected(Unexpected),
}

impl Denied {
    fn new(judgement: Judgement) -> Self {
        Self(Box::new(Denial {
            judgement,
            bearer: None,
            challenges: Vec::new(),
        }))
    }

    /// Answers 401: nobody is known by these credentials.
    ///
    /// Where they are a bearer token, `WWW-Authenticate` says `error="invalid_token"` (RFC 6750, section 3.1).
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(Judgement::Unauthenticated(None))
    }

    /// Answers 403: the credentials are good, and do not allow this.
    ///
    /// Where they are a bearer token and the operation asks for scopes, `WWW-Authenticate` says
    /// `error="insufficient_scope"` and which (RFC 6750, section 3.1).
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(Judgement::Forbidden(None))
    }

    /// Tells the client why, as the `detail` of the problem; ignored for unexpected errors.
    #[must_use]
    pub fn with_detail(mut self, text: impl Into<String>) -> Self {
        match &mut self.0.judgement {
            Judgement::Unauthenticated(detail) | Judgement::Forbidden(detail) => {
                *detail = Some(text.into());
            }
            Judgement::Unexpected(_) => {}
        }
        self
    }

    /// Adds a value of `WWW-Authenticate` to a 401, in place of that which the document gives for the same scheme; such as
    /// one with the nonce of `Digest` (RFC 7616, section 3.3).
    #[must_use]
    pub fn with_challenge(mut self, challenge: HeaderValue) -> Self {
        self.0.challenges.push(challenge);
        self
    }

    /// Says that a bearer token was judged, which had to have these scopes.
    #[doc(hidden)]
    #[must_use]
    pub fn of_bearer(mut self, scopes: &'static [&'static str]) -> Self {
        self.0.bearer = Some(scopes);
        self
    }

    /// Turns this into the answer; `challenges` are the values of `WWW-Authenticate` for a 401.
    #[doc(hidden)]
    pub fn into_refusal(self, challenges: Challenges) -> Refusal {
        let Denial {
            judgement,
            bearer,
            challenges: own,
        } = *self.0;
        match judgement {
            Judgement::Unauthenticated(detail) => {
                let declared = challenges.iter().map(|challenge| match *challenge {
                    "Bearer" if bearer.is_some() => {
                        HeaderValue::from_static("Bearer error=\"invalid_token\"")
                    }
                    challenge => HeaderValue::from_static(challenge),
                });
                let is_replaced =
                    |challenge: &HeaderValue| own.iter().any(|it| has_same_scheme(it, challenge));
                let mut all: Vec<_> = declared.filter(|it| !is_replaced(it)).collect();
                all.extend(own);
                Refusal::new(Reason::Unauthenticated(all, detail))
            }
            Judgement::Forbidden(detail) => Refusal::new(Reason::Forbidden(
                bearer.and_then(insufficient_scope),
                detail,
            )),
            Judgement::Unexpected(error) => error.into(),
        }
    }
}

/// The challenge to a token that does not allow enough; `None` where no scopes are asked for, or they cannot be told.
fn insufficient_scope(scopes: &[&str]) -> Option<HeaderValue> {
    // RFC 6749, section 3.3.
    let is_scope = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if scopes.is_empty() || !scopes.iter().all(|scope| scope.bytes().all(is_scope)) {
        return None;
    }
    let challenge = format!(
        "Bearer error=\"insufficient_scope\", scope=\"{}\"",
        scopes.join(" ")
    );
    HeaderValue::try_from(challenge).ok()
}

/// Whether two challenges are of one scheme, which is their first word in any case (RFC 9110, section 11.1).
fn has_same_scheme(one: &HeaderValue, other: &HeaderValue) -> bool {
    let scheme = |challenge: &HeaderValue| {
        let first = challenge.as_bytes().split(|byte| *byte == b' ').next();
        first.map(<[u8]>::to_ascii_lowercase)
    };
    scheme(one) == scheme(other)
}

/// The values of `WWW-Authenticate`, one for each kind of credentials that would do (RFC 9110, section 11.6.1).
pub(crate) type Challenges = &'static [&'static str];

/// What was said so far to the credentials of one request, where an operation takes one of several.
#[derive(Default)]
pub struct Denials(Option<Denied>);

impl Denials {
    /// Keeps a denial, so that the next credentials are asked for.
    ///
    /// # Errors
    ///
    /// Fails with what is not a judgement about credentials: an error, or a problem that is answered as it is.
    pub fn keep(&mut self, denied: Denied) -> Result<(), Refusal> {
        if matches!(denied.0.judgement, Judgement::Unexpected(_)) {
            return Err(denied.into_refusal(&[]));
        }
        let Some(Denied(first)) = &mut self.0 else {
            self.0 = Some(denied);
            return Ok(());
        };
        match (&denied.0.judgement, &first.judgement) {
            // Who is known and may not hears so, whatever other credentials are worth.
            (Judgement::Forbidden(_), Judgement::Unauthenticated(_)) => self.0 = Some(denied),
            // The challenges tell of each of them.
            (Judgement::Unauthenticated(_), Judgement::Unauthenticated(_)) => {
                let other = *denied.0;
                first.bearer = first.bearer.or(other.bearer);
                for challenge in other.challenges {
                    if !first
                        .challenges
                        .iter()
                        .any(|it| has_same_scheme(it, &challenge))
                    {
                        first.challenges.push(challenge);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Answers 403 where credentials were good and did not allow this, else 401 with all challenges.
    pub fn refuse(self, challenges: Challenges) -> Refusal {
        match self.0 {
            Some(denied) => denied.into_refusal(challenges),
            None => Refusal::unauthenticated(challenges),
        }
    }

    /// Lets in whoever sent no credentials.
    ///
    /// # Errors
    ///
    /// Fails like [`Self::refuse`] where credentials were sent and none were accepted.
    pub fn unless_denied(self, challenges: Challenges) -> Result<(), Refusal> {
        match self.0 {
            Some(denied) => Err(denied.into_refusal(challenges)),
            None => Ok(()),
        }
    }
}

impl<E: Into<Unexpected>> From<E> for Denied {
    fn from(error: E) -> Self {
        Self::new(Judgement::Unexpected(error.into()))
    }
}
