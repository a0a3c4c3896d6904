//! The bodies of responses that are streams.

use std::error::Error as StdError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::bytes::{ByteStream, Held};
use super::event::{self, EventData, ServerEvent};
use super::file::Unselected;
use super::framing::RECORD_SEPARATOR;
use super::source::{EventStream, JsonStream, Source};
use crate::call::Call;
use crate::encode::Encode;
use crate::log;
use crate::media_type;
use crate::multipart::Contents;
use crate::node::Tree;
use crate::problem::Chain;
use crate::refusal::Refusal;
use crate::response::{Check, MediaContent, declared_media, hold_against};

/// Why an item cannot be sent.
pub(super) type Fault = Box<dyn StdError + Send + Sync>;

/// Appends an item to what is sent next; where it fails, part of it may be appended.
type Write<T> = Box<dyn FnMut(&T, &mut Vec<u8>) -> Result<(), Fault> + Send>;

/// So many bytes are sent at once where items come faster than they leave.
const SENT_AT_ONCE: usize = 16 << 10;

impl Call {
    /// A response of bytes that flow, or of a file.
    pub fn byte_stream(
        &self,
        status: StatusCode,
        content_type: &'static str,
        body: ByteStream,
    ) -> Response {
        self.send_bytes(status, HeaderValue::from_static(content_type), body)
    }

    /// A response of bytes that flow, or of a file, of a media type that the handler says.
    ///
    /// # Errors
    ///
    /// A logged 500 when it is none of the ranges that the document names.
    pub fn media_stream(
        &self,
        status: StatusCode,
        ranges: &'static [&'static str],
        body: MediaContent<ByteStream>,
    ) -> Result<Response, Refusal> {
        let content_type = declared_media(&body.content_type, ranges)?;
        Ok(self.send_bytes(status, content_type, body.bytes))
    }

    fn send_bytes(
        &self,
        status: StatusCode,
        content_type: HeaderValue,
        body: ByteStream,
    ) -> Response {
        self.streams();
        let (operation, id) = (self.context().operation().id, self.request_id().cloned());
        bytes_response(status, content_type, body, operation, id)
    }

    /// A response of contents of known length, some of which are read while it is sent.
    pub(crate) fn measured(
        &self,
        status: StatusCode,
        content_type: HeaderValue,
        contents: Contents,
    ) -> Response {
        self.streams();
        let (operation, id) = (self.context().operation().id, self.request_id().cloned());
        let mut sending = Sending::new(operation, id, bytes_writer());
        let length = contents.length();
        sending.length = Some(length);
        sending.source = Some(Box::pin(contents));
        let mut response = response_of(status, content_type, Body::new(sending));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, length.into());
        response
    }

    /// A response of JSON values, each by itself.
    pub fn json_items<T: Encode + Send + 'static>(
        &self,
        status: StatusCode,
        content_type: &'static str,
        body: JsonStream<T>,
        check: Check,
    ) -> Response {
        let is_sequence = media_type::is_json_sequence(content_type);
        let write: Write<T> = Box::new(move |item, out| {
            if is_sequence {
                // RFC 7464, section 2.2.
                out.push(RECORD_SEPARATOR);
            }
            let start = out.len();
            event::write_json(item, out)?;
            check_item(out.get(start..).unwrap_or_default(), check)?;
            out.push(b'\n');
            Ok(())
        });
        respond(self, status, content_type, body.source, write, None)
    }

    /// A response of server-sent events of which the document says all.
    pub fn events<E: Encode + Send + 'static>(
        &self,
        status: StatusCode,
        content_type: &'static str,
        body: EventStream<E>,
        check: Check,
    ) -> Response {
        let mut json = Vec::new();
        let write: Write<E> = Box::new(move |item, out| {
            json.clear();
            event::write_json(item, &mut json)?;
            check_item(&json, check)?;
            event::write_object(Tree::parse(&json)?.root(), out)?;
            Ok(())
        });
        respond_with_events(self, status, content_type, body, write)
    }

    /// A response of server-sent events of which the document says what the JSON of their data is.
    pub fn json_events<T: Encode + Send + 'static>(
        &self,
        status: StatusCode,
        content_type: &'static str,
        body: EventStream<ServerEvent<T>>,
        check: Check,
    ) -> Response {
        let write = data_writer(EventData::Json, check);
        respond_with_events(self, status, content_type, body, write)
    }

    /// A response of server-sent events of which the document says what the text of their data is.
    pub fn text_events<T: Encode + Send + 'static>(
        &self,
        status: StatusCode,
        content_type: &'static str,
        body: EventStream<ServerEvent<T>>,
        check: Check,
    ) -> Response {
        let write = data_writer(EventData::Text, check);
        respond_with_events(self, status, content_type, body, write)
    }
}

fn data_writer<T: Encode>(data: EventData, check: Check) -> Write<ServerEvent<T>> {
    Box::new(move |event, out| event.write(data, out, |json| check_item(json, check)))
}

fn respond_with_events<E: Send + 'static>(
    call: &Call,
    status: StatusCode,
    content_type: &'static str,
    body: EventStream<E>,
    write: Write<E>,
) -> Response {
    let keep_alive = body.keep_alive;
    let mut response = respond(call, status, content_type, body.source, write, keep_alive);
    keep_from_buffers(response.headers_mut());
    response
}

/// Nothing on the way may keep events back.
fn keep_from_buffers(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
}

/// In debug builds, holds an item against the document.
fn check_item(json: &[u8], check: Check) -> Result<(), Fault> {
    if !cfg!(debug_assertions) {
        return Ok(());
    }
    let tree = Tree::parse(json)?;
    hold_against(check, tree.root())
        .map_err(|violations| format!("it is not what the document says:\n{violations}").into())
}

fn respond<T: Send + 'static>(
    call: &Call,
    status: StatusCode,
    content_type: &'static str,
    source: Source<T>,
    write: Write<T>,
    keep_alive: Option<Duration>,
) -> Response {
    call.streams();
    let body = Sending {
        source: Some(source),
        keep_alive: keep_alive.map(|silence| (silence, None)),
        ..Sending::new(
            call.context().operation().id,
            call.request_id().cloned(),
            write,
        )
    };
    response_of(
        status,
        HeaderValue::from_static(content_type),
        Body::new(body),
    )
}

fn bytes_writer() -> Write<Bytes> {
    Box::new(|bytes, out| {
        out.extend_from_slice(bytes);
        Ok(())
    })
}

/// A response of bytes that flow, or of a file; what it is of and for is told where it breaks off.
pub(crate) fn bytes_response(
    status: StatusCode,
    content_type: HeaderValue,
    body: ByteStream,
    what: &'static str,
    request_id: Option<HeaderValue>,
) -> Response {
    let mut sending = Sending::new(what, request_id, bytes_writer());
    match body.into_held() {
        Held::Flow(source) => {
            sending.source = Some(source);
            response_of(status, content_type, Body::new(sending))
        }
        Held::Whole(selection) => {
            let mut response = response_of(status, content_type, Body::empty());
            let unselected = Unselected::new(selection, |source, length| {
                sending.source = Some(source);
                sending.length = Some(length);
                Body::new(sending)
            });
            response.extensions_mut().insert(unselected);
            response
        }
    }
}

fn response_of(status: StatusCode, content_type: HeaderValue, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    response
}

/// A stream as the body of a response.
struct Sending<T> {
    /// Dropped as soon as it has ended, with all that it holds.
    source: Option<Source<T>>,
    write: Write<T>,
    buffer: Vec<u8>,
    /// How long it may be silent, and the timer of the silence.
    keep_alive: Option<(Duration, Option<Pin<Box<Sleep>>>)>,
    has_failed: bool,
    /// How many bytes are to come, where that is known.
    length: Option<u64>,
    operation: &'static str,
    request_id: Option<HeaderValue>,
}

impl<T> Sending<T> {
    /// The body of a response, still without a source.
    fn new(operation: &'static str, request_id: Option<HeaderValue>, write: Write<T>) -> Self {
        Self {
            source: None,
            write,
            buffer: Vec::new(),
            keep_alive: None,
            has_failed: false,
            length: None,
            operation,
            request_id,
        }
    }

    /// Ends the stream before its regular end.
    #[cold]
    fn fail(&mut self, why: &dyn std::fmt::Display) {
        let message = format_args!("the stream of `{}` ended: {why}", self.operation);
        log::error(self.request_id.as_ref(), &message);
        self.has_failed = true;
        self.source = None;
    }

    /// Appends the next item; `None` where there is none yet.
    fn take(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(source) = &mut self.source else {
            return Poll::Ready(());
        };
        // The connection polls this, and a panic would end it without a word.
        let polled = catch_unwind(AssertUnwindSafe(|| source.as_mut().poll_next(cx)));
        match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(None)) => self.source = None,
            Ok(Poll::Ready(Some(Ok(item)))) => {
                let start = self.buffer.len();
                // What writes it may be code of the user, as what makes it is.
                let written =
                    catch_unwind(AssertUnwindSafe(|| (self.write)(&item, &mut self.buffer)));
                if !matches!(written, Ok(Ok(()))) {
                    self.buffer.truncate(start);
                }
                match written {
                    Ok(Ok(())) => {}
                    Ok(Err(fault)) => {
                        self.fail(&format_args!("an item cannot be sent: {}", Chain(&*fault)));
                    }
                    Err(panic) => self.fail(&format_args!("it panicked: {}", log::panic(&*panic))),
                }
            }
            // It is too late for an answer of its own.
            Ok(Poll::Ready(Some(Err(error)))) => self.fail(&error.words()),
            Err(panic) => self.fail(&format_args!("it panicked: {}", log::panic(&*panic))),
        }
        Poll::Ready(())
    }

    /// A comment where nothing was sent for too long.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some((silence, timer)) = &mut self.keep_alive else {
            return Poll::Pending;
        };
        let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(*silence)));
        if timer.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.buffer.extend_from_slice(b":\n\n");
        Poll::Ready(())
    }
}

impl<T> Unpin for Sending<T> {}

impl<T> http_body::Body for Sending<T> {
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let this = &mut *self;
        let mut is_waiting = false;
        while this.source.is_some() && !is_waiting && this.buffer.len() < SENT_AT_ONCE {
            is_waiting = this.take(cx).is_pending();
        }
        if is_waiting && this.buffer.is_empty() && this.poll_silence(cx).is_pending() {
            return Poll::Pending;
        }
        if !this.buffer.is_empty() {
            if let Some((silence, Some(timer))) = &mut this.keep_alive {
                timer.as_mut().reset(Instant::now() + *silence);
            }
            let bytes = Bytes::from(std::mem::take(&mut this.buffer));
            this.length = this.length.map(|it| it.saturating_sub(bytes.len() as u64));
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if std::mem::take(&mut this.has_failed) {
            return Poll::Ready(Some(Err("the stream ended early".into())));
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.source.is_none() && self.buffer.is_empty() && !self.has_failed
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    /// A panic of what writes an item ends the stream as one of what makes it does, and nothing half written is sent.
    #[tokio::test]
    async fn panics_while_an_item_is_written() {
        let write: Write<u32> = Box::new(|item, out| {
            out.push(b'0');
            assert!(*item < 2, "cannot be written");
            out.push(b'1');
            Ok(())
        });
        let body = Sending {
            source: Some(JsonStream::iter([1, 2, 3]).source),
            write,
            buffer: Vec::new(),
            keep_alive: None,
            has_failed: false,
            operation: "test",
            request_id: None,
            length: None,
        };
        let mut body = Body::new(body);
        let mut sent = Vec::new();
        while let Some(frame) = body.frame().await {
            sent.push(frame.ok().and_then(|it| it.into_data().ok()));
        }
        assert_eq!(sent, [Some(Bytes::from_static(b"01")), None]);
    }
}
