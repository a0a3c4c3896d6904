//! How a request ended, as its dependencies are told.

use http::StatusCode;

/// What became of a request, as [`Provide::release`](crate::Provide::release) is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The answer is no error: its status is below 400. Before the response is sent, this is what is about to be.
    Success(StatusCode),

    /// The answer is an error, of the handler or of the runtime; or a stream has failed, as 500.
    Failed(StatusCode),

    /// The handler, or what it called, panicked.
    Panicked,

    /// Nobody waits for the answer any more: the client went away, the time for the request or the server's time to stop was
    /// over.
    Cancelled,
}

impl Outcome {
    /// What an answer of this status means.
    pub(crate) fn of(status: StatusCode) -> Self {
        if status.is_client_error() || status.is_server_error() {
            Self::Failed(status)
        } else {
            Self::Success(status)
        }
    }

    /// What it means that a request is dropped here and now.
    pub(crate) fn of_drop() -> Self {
        if std::thread::panicking() {
            Self::Panicked
        } else {
            Self::Cancelled
        }
    }

    /// Whether the request was answered as it was meant to be.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Success(_))
    }
}
