//! Why the runtime answers in place of a handler, and the one function that turns such a reason into a response.
//!
//! Every error that the runtime itself produces passes through [`Refusal::respond`], so all of them have one format.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};

use crate::context::REQUEST_ID;
use crate::decode::Violations;
use crate::failure::{Cause, ErrorBodies, Errors, Failure};
use crate::log;
use crate::node::SyntaxError;
use crate::operation::{Document, Operation};
use crate::problem::{Chain, Problem, Unexpected, unavailable_for};
use crate::security::{Challenge, values};
use crate::stream::unsatisfied;

/// Why a request is answered without, or in place of, a declared response.
///
/// Generated code returns it with `?`; the runtime answers with it.
pub struct Refusal(Box<Reason>);

/// Marks a response as one that the runtime made by itself, whether the document describes it or not.
#[derive(Clone, Default)]
pub(crate) struct RuntimeError {
    /// What failed, which clients must not see.
    pub(crate) unexpected: Option<Arc<str>>,

    /// What was asked for, as far as it is known; of a method that no operation has, which one speaks for the path.
    #[cfg_attr(
        not(feature = "test"),
        expect(dead_code, reason = "it is tests that are told")
    )]
    pub(crate) operation: Option<&'static Operation>,
}

/// What the runtime answers by itself; a test has to tell it from what handlers answer, and what has failed first is why.
pub(crate) fn marked(mut response: Response, own: RuntimeError) -> Response {
    let known = response.extensions().get::<RuntimeError>();
    // Whatever failed in the making of the answer did so after that for which it is made.
    let is_told = own.unexpected.is_none() && known.is_some_and(|it| it.unexpected.is_some());
    if cfg!(feature = "test") && !is_told {
        response.extensions_mut().insert(own);
    }
    response
}

/// The reasons that the runtime tells apart.
#[derive(Debug)]
pub(crate) enum Reason {
    /// No template matches the path.
    NotFound,
    /// The path exists without this method; the value of `Allow`.
    MethodNotAllowed(HeaderValue),
    /// The client accepts none of the media types that the operation answers with.
    NotAcceptable(&'static [&'static str]),
    /// The body has a content type that is not declared; the value of `Accept`.
    UnsupportedMediaType(HeaderValue),
    /// The body is compressed and nothing here decompresses.
    UnsupportedContentEncoding,
    /// The body is longer than so many bytes; `u64::MAX` where a layer has a limit of its own.
    BodyTooLarge(u64),
    /// A part of the body is too long; what to say.
    PartTooLarge(Cow<'static, str>),
    /// The body is not of its media type; what to say.
    Malformed(Cow<'static, str>),
    /// The body has to be there.
    BodyMissing,
    /// The body ended early or its framing is broken.
    BodyIncomplete,
    /// No byte of the body arrived for too long.
    BodyTimeout,
    /// The body is not JSON.
    Syntax(SyntaxError),
    /// No credentials, or bad ones; the values of `WWW-Authenticate`, what to say.
    Unauthenticated(Vec<HeaderValue>, Option<String>),
    /// The credentials are good and do not allow this; the values of `WWW-Authenticate`, what to say.
    Forbidden(Vec<HeaderValue>, Option<String>),
    /// The request breaks rules of the document.
    Invalid(Violations),
    /// The version that the client asks for is not the one there is.
    PreconditionFailed,
    /// The part that the client asks for is not there; how many bytes there are.
    RangeNotSatisfiable(u64),
    /// The handler took too long.
    Timeout,
    /// As many requests as are allowed are being answered.
    Overloaded,
    /// The app has not started yet.
    Starting,
    /// The client asks too often; how long to wait.
    #[cfg_attr(
        not(feature = "rate-limit"),
        expect(dead_code, reason = "nothing counts")
    )]
    TooManyRequests(Duration),
    /// The request is for a host that the app is not, or for none.
    UntrustedHost,
    /// A handler, a dependency or a `Security` method made this problem.
    Problem(Problem),
    /// Something failed that clients must not see.
    Unexpected(Box<dyn StdError + Send + Sync>),
    /// Code panicked, and the panic hook has said so.
    Panic(String),
}

impl Refusal {
    #[cold]
    pub(crate) fn new(reason: Reason) -> Self {
        Self(Box::new(reason))
    }

    /// Refuses a request that breaks rules of the document, with 422 and all of the violations.
    pub fn invalid(violations: Violations) -> Self {
        Self::new(Reason::Invalid(violations))
    }

    /// Refuses with 401 because the request carries no credentials.
    ///
    /// `challenges` are the values of `WWW-Authenticate` (RFC 9110, section 11.6.1), which are sent each once.
    pub fn unauthenticated(challenges: impl Into<Vec<Challenge>>) -> Self {
        Self::new(Reason::Unauthenticated(values(challenges.into()), None))
    }

    /// Refuses with 400 because the body is not of its media type.
    pub(crate) fn malformed(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Reason::Malformed(why.into()))
    }

    /// Refuses with 413 because of a part of the body.
    pub(crate) fn part_too_large(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Reason::PartTooLarge(why.into()))
    }

    /// Says of which item of a stream this is.
    pub(crate) fn of_item(self, index: u64) -> Self {
        match *self.0 {
            Reason::Syntax(error) => Problem::new(StatusCode::BAD_REQUEST)
                .with_detail(format!("item {index} of the body is not JSON: {error}"))
                .with("item", index)
                .with("line", error.line())
                .with("column", error.column())
                .own()
                .into(),
            Reason::Malformed(detail) => Problem::new(StatusCode::BAD_REQUEST)
                .with_detail(format!("item {index} of the body {detail}"))
                .with("item", index)
                .own()
                .into(),
            Reason::Problem(mut problem) => {
                let detail = problem.detail.take().unwrap_or_default();
                problem
                    .with_detail(format!("item {index} of the body {detail}"))
                    .with("item", index)
                    .into()
            }
            reason => Self::new(reason),
        }
    }

    /// The rules of the document that are broken; where it is about something else, what it is about in words.
    pub(crate) fn into_violations(self) -> Result<Violations, Cow<'static, str>> {
        match *self.0 {
            Reason::Invalid(violations) => Ok(violations),
            Reason::Unexpected(error) => Err(error.to_string().into()),
            reason => Err(problem_of(reason).detail.take().unwrap_or_default()),
        }
    }

    /// Whether the request breaks rules of the document.
    pub(crate) fn is_invalid(&self) -> bool {
        matches!(*self.0, Reason::Invalid(_))
    }

    /// What to answer as a problem, whatever the app wants errors to be.
    pub(crate) fn into_problem(self, id: Option<&HeaderValue>) -> Problem {
        self.log(id);
        match *self.0 {
            Reason::Problem(problem) => problem,
            Reason::Unexpected(_) | Reason::Panic(_) => internal_server_error(id),
            reason => problem_of(reason).own(),
        }
    }

    /// Takes the problem that the app makes of an error in its place.
    fn map(&mut self, errors: &Errors, id: Option<&HeaderValue>) {
        if let Reason::Unexpected(error) = &*self.0 {
            match errors.map(&**error) {
                Ok(None) => {}
                Ok(Some(problem)) => *self.0 = Reason::Problem(problem),
                Err(message) => {
                    log::error(
                        id,
                        &format_args!("a function of `map_error` panicked: {message}"),
                    );
                }
            }
        }
    }

    /// Logs what clients must not see.
    fn log(&self, id: Option<&HeaderValue>) {
        match &*self.0 {
            Reason::Unexpected(error) => log::error(id, &format_args!("{}", Chain(&**error))),
            Reason::Panic(message) => log::error(id, &format_args!("panicked: {message}")),
            _ => {}
        }
    }

    /// What a test is told of it.
    fn mark(&self, operation: Option<&'static Operation>) -> RuntimeError {
        let unexpected = match &*self.0 {
            _ if !cfg!(feature = "test") => None,
            Reason::Unexpected(error) => Some(Chain(&**error).to_string()),
            Reason::Panic(message) => Some(format!("panicked: {message}")),
            _ => None,
        };
        RuntimeError {
            unexpected: unexpected.map(Arc::from),
            operation,
        }
    }

    /// Answers as a problem, whatever the app wants errors to be.
    pub(crate) fn respond_as_problem(
        self,
        operation: Option<&'static Operation>,
        id: Option<&HeaderValue>,
    ) -> Response {
        let mark = self.mark(operation);
        marked(self.into_problem(id).into_response(), mark)
    }

    /// Answers, in the format that the app, or else the document, wants errors to have.
    pub(crate) fn respond(mut self, asked: Asked<'_>) -> Response {
        let id = asked.id();
        self.map(asked.errors, id);
        self.log(id);
        let mark = self.mark(asked.operation);
        let reason = match *self.0 {
            // What a handler made is answered as it is.
            Reason::Problem(problem) => {
                return match problem.is_own {
                    true => marked(problem.into_response(), mark),
                    false => problem.into_response(),
                };
            }
            reason => reason,
        };
        let cause = cause(&reason);
        let syntax = match &reason {
            Reason::Syntax(error) => Some(error.clone()),
            _ => None,
        };
        let mut problem = match cause {
            Cause::Internal => internal_server_error(id),
            _ => problem_of(reason),
        };
        let has_own_detail =
            matches!(cause, Cause::Unauthenticated | Cause::Forbidden) && problem.detail.is_some();
        if cause == Cause::Invalid {
            problem.set_status(asked.errors.violation_status);
        }
        let failure = Failure {
            cause,
            problem,
            syntax,
            violation_status: asked.errors.violation_status,
            echoes: asked.errors.echo_input,
            operation: asked.operation,
            request_id: id.cloned(),
            has_own_detail,
        };
        let response = asked
            .errors
            .answer(failure, asked.document, asked.headers, asked.bodies);
        marked(response, mark)
    }
}

/// Who asked, and for what, as far as it is known.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'r> {
    pub(crate) errors: &'r Errors,
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) document: Option<&'static Document>,
    pub(crate) headers: Option<&'r HeaderMap>,
    pub(crate) id: Option<&'r HeaderValue>,
    /// What makes the bodies that the document declares.
    pub(crate) bodies: Option<&'r ErrorBodies>,
}

impl<'r> Asked<'r> {
    /// A request for which no operation was found.
    pub(crate) fn for_nothing(errors: &'r Errors, headers: &'r HeaderMap) -> Self {
        Self {
            errors,
            operation: None,
            document: None,
            headers: Some(headers),
            id: None,
            bodies: None,
        }
    }

    fn id(&self) -> Option<&'r HeaderValue> {
        let sent = self.headers.and_then(|headers| headers.get(REQUEST_ID));
        self.id.or(sent)
    }
}

fn cause(reason: &Reason) -> Cause {
    match reason {
        Reason::NotFound => Cause::NotFound,
        Reason::MethodNotAllowed(_) => Cause::MethodNotAllowed,
        Reason::NotAcceptable(_) => Cause::NotAcceptable,
        Reason::UnsupportedMediaType(_) | Reason::UnsupportedContentEncoding => {
            Cause::UnsupportedMediaType
        }
        Reason::BodyTooLarge(_) | Reason::PartTooLarge(_) => Cause::BodyTooLarge,
        Reason::BodyIncomplete => Cause::BodyIncomplete,
        Reason::BodyMissing => Cause::BodyMissing,
        Reason::BodyTimeout => Cause::BodyTimeout,
        Reason::Syntax(_) => Cause::Syntax,
        Reason::Malformed(_) => Cause::Malformed,
        Reason::Unauthenticated(..) => Cause::Unauthenticated,
        Reason::Forbidden(..) => Cause::Forbidden,
        Reason::Invalid(_) => Cause::Invalid,
        Reason::PreconditionFailed => Cause::PreconditionFailed,
        Reason::RangeNotSatisfiable(_) => Cause::RangeNotSatisfiable,
        Reason::Timeout => Cause::Timeout,
        Reason::Overloaded | Reason::Starting => Cause::Overloaded,
        Reason::TooManyRequests(_) => Cause::TooManyRequests,
        Reason::UntrustedHost => Cause::UntrustedHost,
        Reason::Problem(_) | Reason::Unexpected(_) | Reason::Panic(_) => Cause::Internal,
    }
}

/// Says nothing of the cause, which is in the log under the same id.
fn internal_server_error(id: Option<&HeaderValue>) -> Problem {
    let problem = Problem::new(StatusCode::INTERNAL_SERVER_ERROR);
    match id.and_then(|id| id.to_str().ok()) {
        Some(id) => problem.with("request_id", id),
        None => problem,
    }
}

fn problem_of(reason: Reason) -> Problem {
    match reason {
        Reason::NotFound => Problem::new(StatusCode::NOT_FOUND),
        Reason::MethodNotAllowed(allow) => {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED).with_header(header::ALLOW, allow)
        }
        Reason::NotAcceptable(types) => {
            Problem::new(StatusCode::NOT_ACCEPTABLE).with_detail(format!(
                "the response can have the content type {}",
                types.join(" or ")
            ))
        }
        // RFC 9110, section 15.5.16: `Accept` tells which types would have been taken.
        Reason::UnsupportedMediaType(accept) => Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            .with_detail(format!(
                "the body must have the content type {}",
                accept.to_str().unwrap_or("that is declared")
            ))
            .with_header(header::ACCEPT, accept),
        Reason::UnsupportedContentEncoding => Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            .with_detail("the body must not be compressed")
            .with_header(
                header::ACCEPT_ENCODING,
                HeaderValue::from_static("identity"),
            ),
        Reason::BodyTooLarge(u64::MAX) => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE).with_detail("the body is too long")
        }
        Reason::BodyTooLarge(limit) => Problem::new(StatusCode::PAYLOAD_TOO_LARGE)
            .with_detail(format!("the body must not be longer than {limit} bytes")),
        Reason::PartTooLarge(detail) => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE).with_detail(detail)
        }
        Reason::Malformed(detail) => Problem::new(StatusCode::BAD_REQUEST).with_detail(detail),
        Reason::BodyMissing => {
            Problem::new(StatusCode::BAD_REQUEST).with_detail("a body is required")
        }
        Reason::BodyIncomplete => {
            Problem::new(StatusCode::BAD_REQUEST).with_detail("the body is incomplete")
        }
        Reason::BodyTimeout => {
            Problem::new(StatusCode::REQUEST_TIMEOUT).with_detail("the body did not arrive in time")
        }
        Reason::Syntax(error) => Problem::new(StatusCode::BAD_REQUEST)
            .with_detail(format!("the body is not JSON: {error}"))
            .with("line", error.line())
            .with("column", error.column()),
        Reason::Unauthenticated(challenges, detail) => with_challenges(
            with_optional_detail(Problem::new(StatusCode::UNAUTHORIZED), detail),
            challenges,
        ),
        Reason::Forbidden(challenges, detail) => with_challenges(
            with_optional_detail(Problem::new(StatusCode::FORBIDDEN), detail),
            challenges,
        ),
        Reason::Invalid(violations) => Problem::new(StatusCode::UNPROCESSABLE_ENTITY)
            .with_detail(match violations.len() {
                1 => "1 violation".to_owned(),
                count => format!("{count} violations"),
            })
            .with_violations(violations),
        Reason::PreconditionFailed => Problem::new(StatusCode::PRECONDITION_FAILED)
            .with_detail("this is not the version that was asked for"),
        // RFC 9110, section 15.5.17: `Content-Range` tells how much there is.
        Reason::RangeNotSatisfiable(length) => Problem::new(StatusCode::RANGE_NOT_SATISFIABLE)
            .with_detail(format!("there are only {length} bytes"))
            .with_header(header::CONTENT_RANGE, unsatisfied(length)),
        Reason::Timeout => Problem::new(StatusCode::SERVICE_UNAVAILABLE)
            .with_detail("the request was not answered in time"),
        Reason::Overloaded => unavailable_for(1, "too many requests are being answered"),
        Reason::Starting => unavailable_for(1, "the server is starting"),
        Reason::TooManyRequests(wait) => {
            // Whole seconds, so the last one begins before it is over (RFC 9110, section 10.2.3).
            let seconds = wait.as_secs().saturating_add(1);
            Problem::new(StatusCode::TOO_MANY_REQUESTS)
                .with_detail(format!("ask again in {seconds} s"))
                .with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
        }
        Reason::UntrustedHost => {
            Problem::new(StatusCode::BAD_REQUEST).with_detail("the host is not one of this server")
        }
        Reason::Problem(problem) => problem,
        Reason::Unexpected(_) | Reason::Panic(_) => internal_server_error(None),
    }
}

fn with_challenges(problem: Problem, challenges: Vec<HeaderValue>) -> Problem {
    challenges.into_iter().fold(problem, |problem, challenge| {
        problem.with_header(header::WWW_AUTHENTICATE, challenge)
    })
}

fn with_optional_detail(problem: Problem, detail: Option<String>) -> Problem {
    match detail {
        Some(detail) => problem.with_detail(detail),
        None => problem,
    }
}

impl From<Unexpected> for Refusal {
    fn from(unexpected: Unexpected) -> Self {
        Self::new(match unexpected.into_parts() {
            Ok(problem) => Reason::Problem(problem),
            Err(error) => Reason::Unexpected(error),
        })
    }
}

impl From<SyntaxError> for Refusal {
    fn from(error: SyntaxError) -> Self {
        Self::new(Reason::Syntax(error))
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::new(Reason::Problem(problem))
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Refusal").field(&self.0).finish()
    }
}
