//! The errors that the runtime itself answers with, as the hooks of the user see them, and how an app wants them.

use std::error::Error as StdError;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderMap, HeaderValue};
use http::{HeaderName, StatusCode};

use crate::decode::{Manner, Violation, Violations};
use crate::fastapi;
use crate::log;
use crate::messages::{self, Messages};
use crate::node::SyntaxError;
use crate::operation::{Document, Operation};
use crate::parameter::Coercion;
use crate::problem::Problem;
use crate::refusal::{Refusal, RuntimeError, marked};

/// How the errors of the runtime look: those that a request gets in place of a handler's response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorFormat {
    /// `application/problem+json` (RFC 9457), with the violations as the extension member `errors`.
    #[default]
    Problem,
    /// As FastAPI's: `{"detail": [{"type": ..., "loc": [...], "msg": ..., "input": ..., "ctx": ...}]}` for violations,
    /// with status 422, and `{"detail": "Not Found"}` for the rest.
    ///
    /// `input` is there where [`App::echo_input`](crate::App::echo_input) is on. Malformed JSON and a missing body are
    /// violations too, as they are there. What FastAPI has no word for has one in the same style, such as `unique_items`.
    FastApi,
}

/// Why the runtime answers in place of a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// No template matches the path: 404.
    NotFound,
    /// The path has no such method: 405.
    MethodNotAllowed,
    /// The client accepts none of the media types of the responses: 406.
    NotAcceptable,
    /// The body has none of the declared content types, or is compressed: 415.
    UnsupportedMediaType,
    /// The body, or a part of it, is too long: 413.
    BodyTooLarge,
    /// The body did not arrive in time: 408.
    BodyTimeout,
    /// The body ended early: 400.
    BodyIncomplete,
    /// The body has to be there: 400.
    BodyMissing,
    /// The body is not JSON: 400.
    Syntax,
    /// The body cannot be read otherwise: 400.
    Malformed,
    /// Credentials are missing or wrong: 401.
    Unauthenticated,
    /// The credentials are good and do not allow this: 403.
    Forbidden,
    /// The request breaks rules of the document: 422.
    Invalid,
    /// The client asks for another version of a file than there is: 412.
    PreconditionFailed,
    /// The client asks for a part of a file that is not there: 416.
    RangeNotSatisfiable,
    /// The handler took too long: 503.
    Timeout,
    /// As many requests as the app allows are being answered, or it is still starting: 503.
    Overloaded,
    /// The client asks too often: 429.
    TooManyRequests,
    /// The request is for another host, or for none: 400.
    UntrustedHost,
    /// Something failed that clients must not see, or code panicked: 500.
    Internal,
}

impl Cause {
    /// The cause as message tables name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NotAcceptable => "not_acceptable",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyTimeout => "body_timeout",
            Self::BodyIncomplete => "body_incomplete",
            Self::BodyMissing => "body_missing",
            Self::Syntax => "syntax",
            Self::Malformed => "malformed",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::Invalid => "invalid",
            Self::PreconditionFailed => "precondition_failed",
            Self::RangeNotSatisfiable => "range_not_satisfiable",
            Self::Timeout => "timeout",
            Self::Overloaded => "overloaded",
            Self::TooManyRequests => "too_many_requests",
            Self::UntrustedHost => "untrusted_host",
            Self::Internal => "internal",
        }
    }
}

/// An error of the runtime on its way to the client.
///
/// It is what [`App::error_response`](crate::App::error_response) and the generated trait `ErrorBodies` make responses of.
/// Nothing in it is secret, but for the [`input`](Violation::input) of violations where that is switched on.
#[derive(Clone)]
pub struct Failure {
    pub(crate) cause: Cause,
    pub(crate) problem: Problem,
    /// What is wrong with a body that is not JSON.
    pub(crate) syntax: Option<SyntaxError>,
    /// The status of violations, and whether they show values.
    pub(crate) violation_status: StatusCode,
    pub(crate) echoes: bool,
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) request_id: Option<HeaderValue>,
    /// Whether a verifier or a table gave the words.
    pub(crate) has_own_detail: bool,
}

impl Failure {
    /// Why the runtime answers.
    #[must_use]
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// The status that the response gets unless a hook says otherwise.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.problem.status
    }

    /// What went wrong this time, in the client's language where a table has it.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.problem.detail.as_deref()
    }

    /// What the request breaks; empty unless the cause is [`Cause::Invalid`].
    pub fn violations(&self) -> impl ExactSizeIterator<Item = &Violation> + '_ {
        let violations = self.problem.violations.as_ref();
        violations.map_or_else(Default::default, |it| it.iter())
    }

    /// The operation that was asked for; `None` where no operation was found, and for
    /// panics and timeouts unless the document declares bodies for them.
    #[must_use]
    pub fn operation(&self) -> Option<&'static Operation> {
        self.operation
    }

    /// The id of the request, which is in the log too.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_ref()?.to_str().ok()
    }

    /// The headers that the response gets whatever its body is, such as `Allow` and `WWW-Authenticate`.
    pub fn headers(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> + '_ {
        self.problem
            .headers
            .iter()
            .map(|(name, value)| (name, value))
    }

    /// The problem document (RFC 9457) that is answered by default.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Adds the headers that go with the error to a response of another body.
    pub(crate) fn complete(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        let own: Vec<HeaderName> = headers.keys().cloned().collect();
        for (name, value) in self.headers() {
            if !own.contains(name) {
                headers.append(name.clone(), value.clone());
            }
        }
        response
    }
}

/// Shows no values that were sent.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("cause", &self.cause)
            .field("problem", &self.problem)
            .field("operation", &self.operation.map(|it| it.id))
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// A function of the user that makes responses of errors.
pub(crate) type Respond = Arc<dyn Fn(&Failure) -> Response + Send + Sync>;

/// What makes the bodies of errors that a document declares, by their number.
pub(crate) type ErrorBodies =
    Arc<dyn Fn(&Failure, usize) -> Result<Response, Refusal> + Send + Sync>;

/// A function of the user that makes a problem of the errors of one type.
pub(crate) type MapError = Arc<dyn Fn(&(dyn StdError + 'static)) -> Option<Problem> + Send + Sync>;

/// How an app wants errors to be told.
#[derive(Clone)]
pub(crate) struct Errors {
    /// What handlers may return besides what the document declares.
    pub(crate) map: Vec<MapError>,
    pub(crate) format: Option<ErrorFormat>,
    pub(crate) respond: Option<Respond>,
    pub(crate) echo_input: bool,
    pub(crate) violation_status: StatusCode,
    pub(crate) messages: Vec<Messages>,
}

impl Default for Errors {
    fn default() -> Self {
        Self {
            map: Vec::new(),
            format: None,
            respond: None,
            echo_input: false,
            violation_status: StatusCode::UNPROCESSABLE_ENTITY,
            messages: Vec::new(),
        }
    }
}

impl fmt::Debug for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Errors")
            .field("format", &self.format)
            .field("echo_input", &self.echo_input)
            .field("violation_status", &self.violation_status)
            .finish_non_exhaustive()
    }
}

impl Errors {
    /// The format of the errors of a document's operations: what the app says, else what the document describes.
    pub(crate) fn format_of(&self, document: Option<&Document>) -> ErrorFormat {
        let described = document.map(|it| it.error_format).unwrap_or_default();
        self.format.unwrap_or(described)
    }

    /// How requests to a document's operations are decoded.
    pub(crate) fn manner(&self, document: &Document, coercion: Coercion) -> Manner {
        let is_fastapi =
            self.format_of(Some(document)) == ErrorFormat::FastApi && self.respond.is_none();
        Manner {
            echoes: self.echo_input,
            secrets: document.secrets,
            branch_name: is_fastapi.then_some(fastapi::branch_name),
            is_lax: coercion == Coercion::Lax,
        }
    }

    /// The problem that the app makes of an error, or of what it comes from.
    ///
    /// # Errors
    ///
    /// The message of a panic.
    pub(crate) fn map(&self, error: &(dyn StdError + 'static)) -> Result<Option<Problem>, String> {
        if self.map.is_empty() {
            return Ok(None);
        }
        let mut chain = std::iter::successors(Some(error), |&error| error.source());
        let mapped = || chain.find_map(|error| self.map.iter().rev().find_map(|map| map(error)));
        catch_unwind(AssertUnwindSafe(mapped)).map_err(|panic| log::panic(&*panic))
    }

    /// Makes the response of an error.
    pub(crate) fn answer(
        &self,
        mut failure: Failure,
        document: Option<&Document>,
        headers: Option<&HeaderMap>,
        bodies: Option<&ErrorBodies>,
    ) -> Response {
        let language =
            headers.and_then(|headers| messages::translate(&mut failure, &self.messages, headers));
        // An error is answered outside of what catches the panics of handlers.
        let made = catch_unwind(AssertUnwindSafe(|| {
            declared(&failure, bodies)
                .or_else(|| self.respond.as_ref().map(|respond| respond(&failure)))
        }));
        let mut response = match made {
            Ok(Some(response)) => failure.complete(response),
            Ok(None) => match self.format_of(document) {
                ErrorFormat::Problem => failure.problem.into_response(),
                ErrorFormat::FastApi => fastapi::respond(&failure),
            },
            Err(_) => {
                let why = "the function that makes responses of errors panicked";
                log::error(failure.request_id.as_ref(), &why);
                let mark = RuntimeError {
                    unexpected: Some(why.into()),
                    operation: failure.operation,
                };
                let problem = Problem::new(StatusCode::INTERNAL_SERVER_ERROR);
                marked(problem.into_response(), mark)
            }
        };
        if !self.messages.is_empty() {
            let headers = response.headers_mut();
            headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
            if let Some(language) = language {
                headers.insert(header::CONTENT_LANGUAGE, language);
            }
        }
        response
    }
}

/// The body that the operation declares for this status, where that is not the runtime's own.
fn declared(failure: &Failure, bodies: Option<&ErrorBodies>) -> Option<Response> {
    let status = failure.status().as_u16();
    let list = failure.operation?.error_bodies;
    let (_, index) = list.iter().find(|(declared, _)| *declared == status)?;
    match bodies?(failure, *index) {
        Ok(response) => Some(response),
        // What cannot be sent is logged, and nothing is left to say.
        Err(refusal) => {
            Some(refusal.respond_as_problem(failure.operation, failure.request_id.as_ref()))
        }
    }
}

impl From<&Failure> for Violations {
    /// What the request breaks.
    fn from(failure: &Failure) -> Self {
        failure.problem.violations.clone().unwrap_or_default()
    }
}
