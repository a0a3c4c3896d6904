//! An answer, and whether it is one that the document describes.

use axum::body::Body;
use bytes::Bytes;
use http::response::Parts;
use http::{Method, StatusCode, header};
use http_body_util::BodyExt as _;

use super::response::TestResponse;
use crate::client::{ResponseFault, ResponseReader, TransportError, UnexpectedResponse};
use crate::documents;
use crate::media_type;
use crate::operation::Operation;
use crate::refusal::RuntimeError;

/// An answer that was read, but for a body without an end of its own.
pub(super) struct Answered {
    method: Method,
    path: String,
    head: Parts,
    operation: Option<&'static Operation>,
    body: Result<Bytes, Body>,
}

impl Answered {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// The body broke off.
    pub(super) async fn read(
        method: Method,
        path: String,
        head: Parts,
        body: Body,
    ) -> Result<Self, TransportError> {
        let operation = head.extensions.get::<&'static Operation>().copied();
        let streams = operation
            .and_then(|it| it.answers)
            .map_or(&[][..], |it| it.streams);
        let content_type = head.headers.get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|it| it.to_str().ok());
        let is_stream = head.status == StatusCode::SWITCHING_PROTOCOLS
            || content_type.is_some_and(|it| media_type::find(streams, it).is_some());
        let body = if is_stream {
            Err(body)
        } else {
            let read = body.collect().await.map_err(|error| {
                TransportError::new("the body of the answer broke off").with_source(error)
            });
            Ok(read?.to_bytes())
        };
        Ok(Self {
            method,
            path,
            head,
            operation,
            body,
        })
    }

    /// What failed, where an error that clients must not see, or a panic, is why it is what it is.
    pub(super) fn unexpected(&self) -> Option<String> {
        let own = self.head.extensions.get::<RuntimeError>()?;
        let (why, status) = (own.unexpected.as_deref()?, self.head.status);
        Some(match self.operation.or(own.operation) {
            Some(operation) => format!("`{}` answered {status}: {why}", operation.id),
            None => format!(
                "`{} {}` was answered {status}: {why}",
                self.method, self.path
            ),
        })
    }

    /// Holds it against the document.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) async fn checked(self) -> Result<Self, String> {
        let own = self.head.extensions.get::<RuntimeError>();
        let operation = self.operation.or_else(|| own?.operation);
        // What no operation answers, nothing describes; the document itself is no operation of it.
        let Some(operation) = operation else {
            return Ok(self);
        };
        let Some(answers) = operation.answers else {
            if documents::is_document(operation) {
                return Ok(self);
            }
            return Err(format!(
                "nothing tells whether the answers of `{}` are what the document says: the code has to be generated with \
                 `Generator::client(true)`, or `TestClient::unchecked` asks for no check",
                operation.id
            ));
        };
        let body = self.body.as_ref().ok();
        // One that a layer has packed is not the text that the document describes.
        let is_packed = self.head.headers.contains_key(header::CONTENT_ENCODING);
        let is_read = self.method != Method::HEAD && !is_packed;
        let reader = ResponseReader::new(
            operation,
            self.head.status,
            self.head.headers.clone(),
            body.filter(|_| is_read).cloned(),
        );
        let Err(fault) = (answers.check)(reader).await else {
            return Ok(self);
        };
        if fault == ResponseFault::Status && self.needs_no_description() {
            return Ok(self);
        }
        let unexpected = UnexpectedResponse {
            operation,
            status: self.head.status,
            headers: self.head.headers.clone(),
            body: body.cloned().unwrap_or_default(),
            fault,
        };
        Err(unexpected.to_string())
    }

    /// Whether the server answers so by itself: with an error, or with a part of a file (RFC 9110, sections 13 and 14).
    fn needs_no_description(&self) -> bool {
        let is_of_protocol = matches!(
            self.head.status,
            StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED
        );
        is_of_protocol || self.head.extensions.get::<RuntimeError>().is_some()
    }

    pub(super) fn into_response(self) -> TestResponse {
        TestResponse::new(self.head, self.operation, self.body)
    }
}
