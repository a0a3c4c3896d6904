//! What can keep a client from an answer that the document describes.

use std::borrow::Cow;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::transport::TransportError;
use crate::decode::Violations;
use crate::operation::Operation;
use crate::refusal::Refusal;

/// Why a generated client returns no success. `E` is the error enum of the operation.
///
/// # Examples
///
/// ```
/// use specwright::ClientError;
///
/// #[derive(Debug)]
/// enum ReadBookError {
///     NotFound,
/// }
///
/// fn found<T>(answer: Result<T, ClientError<ReadBookError>>) -> Result<Option<T>, ClientError<ReadBookError>> {
///     match answer {
///         Ok(book) => Ok(Some(book)),
///         Err(ClientError::Documented(ReadBookError::NotFound)) => Ok(None),
///         Err(error) => Err(error),
///     }
/// }
/// ```
#[non_exhaustive]
pub enum ClientError<E = Infallible> {
    /// One of the errors that the operation documents.
    Documented(E),
    /// The request cannot be written so that it would be read as what it is. Nothing was sent.
    Request(RequestError),
    /// There is no answer.
    Transport(TransportError),
    /// The answer is not one that the document describes.
    Response(Box<UnexpectedResponse>),
}

impl<E> ClientError<E> {
    /// Returns the documented error, where it is one.
    pub fn documented(self) -> Option<E> {
        match self {
            Self::Documented(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the answer that is not described, where there is one.
    pub fn response(&self) -> Option<&UnexpectedResponse> {
        match self {
            Self::Response(response) => Some(response),
            _ => None,
        }
    }
}

impl<E: fmt::Debug> fmt::Display for ClientError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Documented(error) => write!(f, "the operation failed: {error:?}"),
            Self::Request(error) => error.fmt(f),
            Self::Transport(error) => error.fmt(f),
            Self::Response(response) => response.fmt(f),
        }
    }
}

/// Shows the words, which are what a failed test prints.
impl<E: fmt::Debug> fmt::Debug for ClientError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Documented(error) => f.debug_tuple("Documented").field(error).finish(),
            Self::Request(error) => write!(f, "Request({error})"),
            Self::Transport(error) => f.debug_tuple("Transport").field(error).finish(),
            Self::Response(response) => write!(f, "Response({response})"),
        }
    }
}

impl<E: fmt::Debug> StdError for ClientError<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Transport(error) => error.source(),
            _ => None,
        }
    }
}

/// Why a request was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    what: Cow<'static, str>,
    violations: Option<Violations>,
}

impl RequestError {
    pub(super) fn new(what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            what: what.into(),
            violations: None,
        }
    }

    /// Of a request that the server would refuse.
    pub(super) fn refused(refusal: Refusal) -> Self {
        match refusal.into_violations() {
            Ok(violations) => Self {
                what: Cow::Borrowed("it breaks rules of the document"),
                violations: Some(violations),
            },
            Err(why) => Self::new(why),
        }
    }

    /// Returns the rules of the document that the request breaks, where that is why.
    #[must_use]
    pub fn violations(&self) -> Option<&Violations> {
        self.violations.as_ref()
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request was not sent: {}", self.what)?;
        match &self.violations {
            Some(violations) => write!(f, "\n{violations}"),
            None => Ok(()),
        }
    }
}

impl StdError for RequestError {}

/// An answer that is not one that the document describes.
#[derive(Clone)]
#[non_exhaustive]
pub struct UnexpectedResponse {
    /// What was asked.
    pub operation: &'static Operation,
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// What is wrong with it.
    pub fault: ResponseFault,
}

/// So many characters of a body are shown.
const MOST_SHOWN: usize = 1000;

impl fmt::Display for UnexpectedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation, status, ..
        } = self;
        write!(f, "`{}` answered {status}: {}", operation.id, self.fault)?;
        // What an error says is meant for whoever asked; what a success holds may be anything.
        let is_error = status.is_client_error() || status.is_server_error();
        match std::str::from_utf8(&self.body) {
            Ok(text) if is_error && !text.is_empty() => {
                let shown: String = text.chars().take(MOST_SHOWN).collect();
                write!(f, "\n{shown}")
            }
            _ => Ok(()),
        }
    }
}

/// Shows how long the body is; its bytes may be confidential.
impl fmt::Debug for UnexpectedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnexpectedResponse")
            .field("operation", &self.operation.id)
            .field("status", &self.status)
            .field("fault", &self.fault)
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseFault {
    /// The document has no response of this status for the operation.
    Status,
    /// The content type is none of those that the response declares, which are given.
    ContentType(&'static [&'static str]),
    /// There is a body, and the response declares none.
    Body,
    /// The body is not of its media type; why.
    Malformed(String),
    /// Headers and body break rules of the document.
    Invalid(Violations),
    /// What flows, or was not asked for, is not read; nothing else is wrong.
    #[doc(hidden)]
    Unread,
}

impl fmt::Display for ResponseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => f.write_str("the document does not describe this status"),
            Self::ContentType(types) => {
                write!(f, "its content type must be {}", types.join(" or "))
            }
            Self::Body => f.write_str("it has a body, and the document declares none"),
            Self::Malformed(why) => write!(f, "its body is malformed: {why}"),
            Self::Invalid(violations) => {
                write!(f, "it is not what the document says:\n{violations}")
            }
            Self::Unread => f.write_str("its body was not read"),
        }
    }
}
