//! One request and its answer.

use std::fmt;

use http::header::{ACCEPT, HeaderValue};
use http::{Method, Request};

use super::error::{ClientError, RequestError, UnexpectedResponse};
use super::read::{Received, ResponseReader};
use super::transport::{Transport, collected};
use super::write::{RequestWriter, Sent, Written};
use super::{ClientOptions, SentCredential};
use crate::body::ReceivedBody;
use crate::operation::{Document, Operation};
use crate::refusal::Refusal;

/// A request of a generated client on its way.
#[must_use = "nothing is sent until the answer is received"]
pub struct Exchange<'c, T> {
    transport: &'c T,
    document: &'static Document,
    operation: &'static Operation,
    writer: RequestWriter<'c>,
    /// Tells whether what the server would read is what was given.
    check: Option<Check<'c>>,
}

type Check<'c> = Box<dyn FnOnce(&Sent, Option<ReceivedBody>) -> Result<bool, Refusal> + Send + 'c>;

impl<'c, T: Transport> Exchange<'c, T> {
    /// Begins a request.
    pub fn new(
        document: &'static Document,
        operation: &'static Operation,
        transport: &'c T,
        options: &'c ClientOptions,
    ) -> Self {
        Self {
            transport,
            document,
            operation,
            writer: RequestWriter::new(operation, options),
            check: None,
        }
    }

    /// Names the templates of the document that take a path before this operation does, such as `/users/me` before
    /// `/users/{id}`.
    pub fn after(mut self, before: &'static [&'static str]) -> Self {
        self.writer.before = before;
        self
    }

    /// Adds the credentials of the first alternative of which all are known.
    pub fn credentials(mut self, alternatives: &[&[SentCredential<'c>]]) -> Self {
        self.writer.credentials(alternatives);
        self
    }

    /// Writes what the handler is to receive. `read` is how the server reads it.
    pub fn request<R: PartialEq + Sync>(
        mut self,
        request: &'c R,
        write: fn(&R, &mut RequestWriter<'_>),
        read: fn(&Sent, Option<ReceivedBody>) -> Result<R, Refusal>,
    ) -> Self {
        write(request, &mut self.writer);
        self.check = Some(Box::new(
            move |sent, body| Ok(read(sent, body)? == *request),
        ));
        self
    }

    /// Sends it, and reads the answer.
    ///
    /// # Errors
    ///
    /// Everything that is no success.
    pub async fn receive<S, E, F>(
        self,
        read: impl FnOnce(ResponseReader) -> F + Send,
    ) -> Result<S, ClientError<E>>
    where
        F: Future<Output = Received<S, E>> + Send,
    {
        let Self {
            transport,
            document,
            operation,
            writer,
            check,
        } = self;
        let limit = writer.options().response_limit;
        let request = written(document, operation, writer, check).map_err(ClientError::Request)?;
        let answer = transport.send(request).await;
        let (head, body) = answer.map_err(ClientError::Transport)?.into_parts();
        let body = collected(body, limit)
            .await
            .map_err(ClientError::Transport)?;
        let reader = ResponseReader::new(
            operation,
            head.status,
            head.headers.clone(),
            Some(body.clone()),
        );
        match read(reader).await {
            Ok(Ok(success)) => Ok(success),
            Ok(Err(error)) => Err(ClientError::Documented(error)),
            Err(fault) => Err(ClientError::Response(Box::new(UnexpectedResponse {
                operation,
                status: head.status,
                headers: head.headers,
                body,
                fault,
            }))),
        }
    }
}

/// The request, once the server would read it as what it is.
fn written(
    document: &'static Document,
    operation: &'static Operation,
    writer: RequestWriter<'_>,
    check: Option<Check<'_>>,
) -> Result<Request<axum::body::Body>, RequestError> {
    let Written {
        target,
        mut headers,
        body,
        sent,
        received,
    } = writer.finish(document)?;
    if let Some(check) = check {
        let is_same = check(&sent, received).map_err(RequestError::refused)?;
        if !is_same {
            let why =
                "it would be read as another value, such as an empty list that leaves no trace";
            return Err(RequestError::new(why));
        }
    }
    if !operation.produces.is_empty()
        && !headers.contains_key(ACCEPT)
        && let Ok(accept) = HeaderValue::try_from(operation.produces.join(", "))
    {
        headers.insert(ACCEPT, accept);
    }
    let method = Method::from_bytes(operation.method.as_bytes());
    let mut request = Request::new(body);
    *request.method_mut() = method.map_err(|error| RequestError::new(error.to_string()))?;
    *request.uri_mut() = target
        .parse()
        .map_err(|error| RequestError::new(format!("the path is no URI: {error}")))?;
    *request.headers_mut() = headers;
    Ok(request)
}

impl<T> fmt::Debug for Exchange<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("operation", &self.operation.id)
            .finish_non_exhaustive()
    }
}
