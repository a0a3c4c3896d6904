//! Clients: how requests of an operation are built, sent and answered, from the descriptions by which the server reads them.
//!
//! **Invariant:** what is sent is read back by the server's own reader first; where that is another value, nothing is sent.

pub mod credentials;
mod error;
mod exchange;
#[cfg(feature = "client")]
mod http;
mod parts;
mod read;
mod transport;
mod write;

use ::http::HeaderMap;

pub(crate) use credentials::SentCredential;
pub use error::{ClientError, RequestError, ResponseFault, UnexpectedResponse};
pub use exchange::Exchange;
#[cfg(feature = "client")]
pub use http::HttpTransport;
pub(crate) use read::Answers;
pub use read::{Received, ResponseReader, checked};
pub use transport::{Transport, TransportError};
pub use write::{RequestWriter, Sent};

/// What a generated client does with all of its requests.
///
/// # Examples
///
/// ```
/// use specwright::ClientOptions;
/// use specwright::http::{HeaderValue, header};
///
/// let mut options = ClientOptions::default();
/// options.prefix = "/v1".to_owned();
/// options.headers.insert(header::ACCEPT, HeaderValue::from_static("text/csv"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientOptions {
    /// What stands before all paths, such as `/v1` where the API is nested under it. Default: nothing.
    pub prefix: String,

    /// Headers of all requests, but for those that a request has by its parameters, credentials or body. `Accept` takes the
    /// place of the list of all media types of the successes, `Content-Type` chooses one of several that a body may have, and
    /// a `Cookie` stands beside those of the request. Default: none.
    ///
    /// Nothing here stands for a parameter or a credential that a request does not have: then it is not sent
    /// ([`ClientError::Request`]). Credentials do not belong here: these headers are sent to every operation, and shown by
    /// `Debug`.
    pub headers: HeaderMap,

    /// The most bytes that the body of an answer may have; a longer one is [`ClientError::Transport`]. Default: 16 MiB.
    pub response_limit: usize,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            headers: HeaderMap::new(),
            response_limit: 16 << 20,
        }
    }
}
