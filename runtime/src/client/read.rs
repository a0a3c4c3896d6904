//! Answers while they are read: the mirror of `codegen::send`.

use std::fmt;

use axum::body::Body;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::StatusCode;
use http::header::{self, HeaderMap};

use super::error::ResponseFault;
use crate::decode::{self, Decoder, Section};
use crate::form;
use crate::media_type;
use crate::multipart;
use crate::node::{Node, Tree, TreeBuilder};
use crate::operation::Operation;
use crate::parameter::{Form, Parameter, Shape, field_value, write_headers};
use crate::refusal::Refusal;
use crate::response::MediaContent;
use crate::stream::ByteStream;

/// A success or a documented error; else what is wrong with the answer.
pub type Received<S, E> = Result<Result<S, E>, ResponseFault>;

/// How the answers of an operation are held against the document.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "test"),
    expect(dead_code, reason = "it is tests that hold answers against a document")
)]
pub(crate) struct Answers {
    /// Tells what is wrong with one.
    pub(crate) check: fn(ResponseReader) -> BoxFuture<'static, Result<(), ResponseFault>>,
    /// The media types of bodies that have no end of their own.
    pub(crate) streams: &'static [&'static str],
}

impl Answers {
    pub(crate) const fn new(
        check: fn(ResponseReader) -> BoxFuture<'static, Result<(), ResponseFault>>,
        streams: &'static [&'static str],
    ) -> Self {
        Self { check, streams }
    }
}

/// What is wrong with an answer, whatever it holds.
pub fn checked<S: Send, E: Send>(
    received: impl Future<Output = Received<S, E>> + Send + 'static,
) -> BoxFuture<'static, Result<(), ResponseFault>> {
    Box::pin(async move {
        match received.await {
            // What is not read is not wrong.
            Ok(_) | Err(ResponseFault::Unread) => Ok(()),
            Err(fault) => Err(fault),
        }
    })
}

/// One answer while it is read.
///
/// Everything is `None` where it is not what the document says, and what is wrong is kept.
pub struct ResponseReader {
    operation: &'static Operation,
    status: StatusCode,
    headers: HeaderMap,
    /// `None` where it is not read, such as that of an answer to HEAD.
    body: Option<Bytes>,
    cx: Decoder,
    fault: Option<ResponseFault>,
}

impl ResponseReader {
    pub(crate) fn new(
        operation: &'static Operation,
        status: StatusCode,
        headers: HeaderMap,
        body: Option<Bytes>,
    ) -> Self {
        Self {
            operation,
            status,
            headers,
            body,
            cx: Decoder::new(),
            fault: None,
        }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The status as a number.
    pub fn code(&self) -> u16 {
        self.status.as_u16()
    }

    /// Which of the media types and ranges the body has.
    pub fn content(&mut self, types: &'static [&'static str]) -> Option<usize> {
        let mut values = self.headers.get_all(header::CONTENT_TYPE).iter();
        let value = values.next().and_then(|value| value.to_str().ok());
        let value = value.filter(|_| values.next().is_none());
        let found = value.and_then(|value| media_type::find(types, value));
        if found.is_none() {
            self.fail(ResponseFault::ContentType(types));
        }
        found
    }

    /// A body of JSON.
    pub fn json<T>(
        &mut self,
        types: &'static [&'static str],
        decode: impl Fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        let bytes = self.bytes(types)?;
        match Tree::parse(&bytes) {
            Ok(tree) => decode(tree.root(), &mut self.cx),
            Err(error) => self.malformed(format!("it is not JSON: {error}")),
        }
    }

    /// A body of text that is the value, without quotes.
    pub fn text<T>(
        &mut self,
        types: &'static [&'static str],
        decode: impl Fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        let bytes = self.bytes(types)?;
        let text = std::str::from_utf8(&bytes).ok().and_then(Tree::text);
        match text {
            Some(tree) => decode(tree.root(), &mut self.cx),
            None => self.malformed("it is not UTF-8"),
        }
    }

    /// A body of bytes as they are.
    pub fn bytes(&mut self, types: &'static [&'static str]) -> Option<Bytes> {
        self.content(types)?;
        self.body.clone()
    }

    /// The same, with the media type that it has.
    pub fn media(&mut self, types: &'static [&'static str]) -> Option<MediaContent> {
        let bytes = self.bytes(types)?;
        let content_type = self.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        Some(MediaContent::new(content_type, bytes))
    }

    /// A body of bytes, as handlers stream it.
    pub fn byte_stream(&mut self, types: &'static [&'static str]) -> Option<ByteStream> {
        self.bytes(types).map(ByteStream::bytes)
    }

    /// The same, with the media type that it has.
    pub fn media_stream(
        &mut self,
        types: &'static [&'static str],
    ) -> Option<MediaContent<ByteStream>> {
        let MediaContent {
            content_type,
            bytes,
        } = self.media(types)?;
        Some(MediaContent {
            content_type,
            bytes: ByteStream::bytes(bytes),
        })
    }

    /// A body of `application/x-www-form-urlencoded`.
    pub fn form<T>(
        &mut self,
        types: &'static [&'static str],
        form: &'static Form,
        decode: impl FnOnce(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        let bytes = self.bytes(types)?;
        match form::read_urlencoded(form, &bytes) {
            Ok(received) => received.decode(&mut self.cx, decode),
            Err(refusal) => self.refused(refusal),
        }
    }

    /// A multipart body.
    pub async fn multipart<T>(
        &mut self,
        types: &'static [&'static str],
        parts: &'static form::Multipart,
        decode: impl FnOnce(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        let bytes = self.bytes(types)?;
        let body = Body::from(bytes);
        match multipart::read(parts, &self.headers, body, u64::MAX, None).await {
            Ok(received) => received.decode(&mut self.cx, decode),
            Err(refusal) => self.refused(refusal),
        }
    }

    /// A body of items, which is not read.
    pub fn stream<T>(&mut self, types: &'static [&'static str]) -> Option<T> {
        self.content(types)?;
        self.body = None;
        None
    }

    /// Another protocol, which is not read.
    pub fn upgrade<T>(&mut self) -> Option<T> {
        self.body = None;
        None
    }

    /// No body that the document describes.
    ///
    /// Of an error whose response has no `content` the document says nothing, and servers, the runtime's own among them, send
    /// what the error is all the same. A success without `content` has no body.
    pub fn empty(&mut self) -> Option<()> {
        let is_error = self.status.is_client_error() || self.status.is_server_error();
        if !is_error && self.body.as_ref().is_some_and(|body| !body.is_empty()) {
            self.fail(ResponseFault::Body);
            return None;
        }
        Some(())
    }

    /// A header that is always there.
    pub fn header<T>(
        &mut self,
        header: &'static Parameter,
        decode: impl Fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        let value = self.optional_header(header, decode)?;
        if value.is_none() {
            self.cx.missing_parameter(described(header));
        }
        value
    }

    /// A header that may be missing.
    pub fn optional_header<T>(
        &mut self,
        header: &'static Parameter,
        decode: impl Fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<Option<T>> {
        let (mut builder, mut faults) = (TreeBuilder::new(), Vec::new());
        builder.begin_object();
        let has_list = header.shapes.iter().any(|it| matches!(it, Shape::Array(_)));
        if has_list && header.name.eq_ignore_ascii_case("set-cookie") {
            // Each has a line, and a comma does not end it (RFC 6265, section 3).
            let mut lines = self.headers.get_all(header::SET_COOKIE).iter().peekable();
            if lines.peek().is_some() {
                builder.key(header.name);
                builder.begin_array();
                for line in lines {
                    match field_value::read(line) {
                        Ok(line) => builder.text(line),
                        Err(fault) => faults.push((header.name, fault)),
                    }
                }
                builder.end();
            }
        } else if let Some(value) = self.one_cookie(header, &decode) {
            return Some(Some(value));
        } else {
            let headers = std::slice::from_ref(header);
            write_headers(headers, &self.headers, &mut builder, &mut faults);
        }
        builder.end();
        let Ok(tree) = builder.finish() else {
            return self.malformed("its headers are too long");
        };
        let cx = &mut self.cx;
        if let Some((_, (keyword, detail))) = faults.into_iter().next() {
            cx.parameter(described(header), |cx| {
                cx.violation(tree.root(), keyword, detail);
            });
            return None;
        }
        match tree.root().get(header.name) {
            None => Some(None),
            Some(node) => cx
                .parameter(described(header), |cx| decode(node, cx))
                .map(Some),
        }
    }

    /// The first line of a `Set-Cookie` that is described as one text, of several that are sent: others are nobody's fault.
    fn one_cookie<T>(
        &self,
        header: &Parameter,
        decode: impl Fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        if !header.name.eq_ignore_ascii_case("set-cookie") {
            return None;
        }
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .find_map(|line| {
                let tree = Tree::text(field_value::read(line).ok()?)?;
                let mut cx = Decoder::new();
                decode(tree.root(), &mut cx).filter(|_| cx.is_valid())
            })
    }

    /// The success, where nothing is wrong.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub fn success<S, E>(self, make: impl FnOnce() -> Option<S>) -> Received<S, E> {
        self.finish(make).map(Ok)
    }

    /// The documented error, where nothing is wrong.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub fn failure<S, E>(self, make: impl FnOnce() -> Option<E>) -> Received<S, E> {
        self.finish(make).map(Err)
    }

    /// A status that nothing describes.
    ///
    /// # Errors
    ///
    /// This.
    pub fn undocumented<S, E>(self) -> Received<S, E> {
        Err(ResponseFault::Status)
    }

    fn finish<T>(self, make: impl FnOnce() -> Option<T>) -> Result<T, ResponseFault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if !self.cx.is_valid() {
            return Err(ResponseFault::Invalid(self.cx.into_violations()));
        }
        make().ok_or(ResponseFault::Unread)
    }

    #[cold]
    fn fail(&mut self, fault: ResponseFault) {
        self.fault.get_or_insert(fault);
    }

    fn malformed<T>(&mut self, why: impl Into<String>) -> Option<T> {
        self.fail(ResponseFault::Malformed(why.into()));
        None
    }

    fn refused<T>(&mut self, refusal: Refusal) -> Option<T> {
        match refusal.into_violations() {
            Ok(violations) => self.fail(ResponseFault::Invalid(violations)),
            Err(why) => self.fail(ResponseFault::Malformed(why.into_owned())),
        }
        None
    }
}

fn described(header: &Parameter) -> decode::Parameter {
    decode::Parameter {
        section: Section::Header,
        name: header.name,
    }
}

/// Shows how long the body is; its bytes may be confidential.
impl fmt::Debug for ResponseReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseReader")
            .field("operation", &self.operation.id)
            .field("status", &self.status)
            .field("body", &self.body.as_ref().map(Bytes::len))
            .finish_non_exhaustive()
    }
}
