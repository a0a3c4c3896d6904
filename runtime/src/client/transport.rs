//! How requests get to a server, and answers back.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse as _;
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Limited};
use tower::ServiceExt as _;

use crate::guard::AppService;

/// Sends requests of a generated client, and brings the answers.
///
/// The URI of a request has a path and a query, and nothing before them. An [`AppService`] and a [`Router`] of axum are
/// transports within the process; `HttpTransport` is one over HTTP, with the feature `client`.
///
/// # Examples
///
/// One that says which service is asking:
///
/// ```
/// use specwright::axum::body::Body;
/// use specwright::http::{HeaderValue, Request, Response};
/// use specwright::{Transport, TransportError};
///
/// struct Named<T>(T);
///
/// impl<T: Transport> Transport for Named<T> {
///     async fn send(&self, mut request: Request<Body>) -> Result<Response<Body>, TransportError> {
///         request.headers_mut().insert("x-service", HeaderValue::from_static("orders"));
///         self.0.send(request).await
///     }
/// }
/// ```
pub trait Transport: Send + Sync {
    /// Sends a request, and returns the answer as soon as its head is there.
    ///
    /// # Errors
    ///
    /// There is no answer.
    fn send(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Response<Body>, TransportError>> + Send;
}

/// Why there is no answer.
pub struct TransportError {
    what: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// Makes one of what happened, in words without a final stop.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            source: None,
        }
    }

    /// Adds what it comes from.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        let mut source = self.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransportError({self})")
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

impl<T: Transport> Transport for &T {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        (**self).send(request).await
    }
}

impl<T: Transport> Transport for Arc<T> {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        (**self).send(request).await
    }
}

impl Transport for AppService {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let answer: Result<_, Infallible> = self.clone().oneshot(with_host(request)).await;
        answer.map_err(|never| match never {})
    }
}

impl Transport for Router {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let answer = self.clone().oneshot(with_host(request)).await;
        Ok(answer.into_response())
    }
}

/// All of a body, of so many bytes at most.
pub(super) async fn collected<B>(body: B, limit: usize) -> Result<Bytes, TransportError>
where
    B: http_body::Body<Error: Into<Box<dyn StdError + Send + Sync>>>,
{
    let body = Limited::new(body, limit).collect().await;
    let body = body.map_err(|error| {
        TransportError::new("the body of the answer cannot be read").with_source(error)
    })?;
    Ok(body.to_bytes())
}

/// Within the process there is no host, and a request of HTTP/1.1 has to name one.
fn with_host(mut request: Request<Body>) -> Request<Body> {
    request
        .headers_mut()
        .entry(HOST)
        .or_insert(HeaderValue::from_static("localhost"));
    request
}
