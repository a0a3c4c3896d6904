//! The answer of who judges credentials and lets nobody in.

use http::HeaderValue;

use super::challenge::{Challenge, Scopes};
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
    /// The bearer tokens that were judged.
    bearers: Vec<Scopes>,
    challenges: Vec<Challenge>,
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
            bearers: Vec::new(),
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

    /// Adds a value of `WWW-Authenticate` to a 401, in place of that which is sent for the same scheme otherwise; such as one
    /// that says that the nonce of `Digest` is too old (RFC 7616, section 3.3).
    #[must_use]
    pub fn with_challenge(mut self, challenge: impl Into<Challenge>) -> Self {
        self.0.challenges.push(challenge.into());
        self
    }

    /// Says that a bearer token was judged, which had to have these scopes.
    #[doc(hidden)]
    #[must_use]
    pub fn of_bearer(mut self, scopes: &'static [&'static str]) -> Self {
        self.0.bearers.push(scopes);
        self
    }

    /// Turns this into the answer; `challenges` makes what a 401 asks for.
    #[doc(hidden)]
    pub fn into_refusal<C: Into<Vec<Challenge>>>(self, challenges: impl FnOnce() -> C) -> Refusal {
        match self.0.judgement {
            Judgement::Unexpected(error) => error.into(),
            _ => self.refused(challenges().into()),
        }
    }

    fn refused(self, declared: Vec<Challenge>) -> Refusal {
        let Denial {
            judgement,
            bearers,
            challenges: own,
        } = *self.0;
        match judgement {
            Judgement::Unauthenticated(detail) => {
                let is_replaced =
                    |challenge: &Challenge| own.iter().any(|it| it.has_scheme_of(challenge));
                let mut all: Vec<_> = declared
                    .into_iter()
                    .filter(|challenge| !is_replaced(challenge))
                    .map(|challenge| challenge.with_error("invalid_token", &bearers))
                    .collect();
                all.extend(own);
                Refusal::new(Reason::Unauthenticated(values(all), detail))
            }
            Judgement::Forbidden(detail) => {
                let of_tokens = declared
                    .into_iter()
                    .filter(|challenge| challenge.is_of(&bearers) && challenge.tells_scopes())
                    .map(|challenge| challenge.with_error("insufficient_scope", &bearers));
                Refusal::new(Reason::Forbidden(values(of_tokens.collect()), detail))
            }
            Judgement::Unexpected(error) => error.into(),
        }
    }
}

/// As they are sent, each once.
pub(crate) fn values(challenges: Vec<Challenge>) -> Vec<HeaderValue> {
    let mut values = Vec::with_capacity(challenges.len());
    for value in challenges.into_iter().filter_map(Challenge::into_value) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

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
            return Err(denied.into_refusal(Vec::<Challenge>::new));
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
                first.bearers.extend(other.bearers);
                for challenge in other.challenges {
                    if !first
                        .challenges
                        .iter()
                        .any(|it| it.has_scheme_of(&challenge))
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
    pub fn refuse<C: Into<Vec<Challenge>>>(self, challenges: impl FnOnce() -> C) -> Refusal {
        match self.0 {
            Some(denied) => denied.into_refusal(challenges),
            None => Refusal::unauthenticated(challenges()),
        }
    }

    /// Lets in whoever sent no credentials.
    ///
    /// # Errors
    ///
    /// Fails like [`Self::refuse`] where credentials were sent and none were accepted.
    pub fn unless_denied<C: Into<Vec<Challenge>>>(
        self,
        challenges: impl FnOnce() -> C,
    ) -> Result<(), Refusal> {
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
