//! Bodies of requests: checked by their headers, then read whole within a limit.

use std::error::Error as StdError;
use std::fmt;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderMap, HeaderValue};
use http_body::Body as _;
use http_body_util::{BodyExt as _, LengthLimitError};

use crate::form::ReceivedForm;
use crate::media_type;
use crate::multipart;
use crate::operation::RequestBody;
use crate::refusal::{Reason, Refusal};
use crate::routes::Endpoint;
use crate::stream::Received;

/// A body that was read whole.
pub struct ReceivedBody {
    /// Its bytes.
    pub bytes: Bytes,

    /// Which of the declared media type ranges its content type matched.
    pub content: usize,

    /// What is read item by item; then there are no bytes.
    pub(crate) unread: Option<Box<Received>>,

    /// The form that it is, where its parts were read one by one; then there are no bytes.
    pub(crate) form: Option<Box<ReceivedForm>>,
}

impl ReceivedBody {
    fn of(bytes: Bytes, content: usize) -> Self {
        Self {
            bytes,
            content,
            unread: None,
            form: None,
        }
    }
}

/// Shows how long it is; its bytes may be confidential.
impl fmt::Debug for ReceivedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedBody")
            .field("bytes", &self.bytes.len())
            .field("content", &self.content)
            .field("form", &self.form)
            .finish()
    }
}

/// No more than so much memory is set aside because a client announces a length.
const MOST_AHEAD: u64 = 64 << 10;

/// Checks content type, encoding and announced length, and reads the body; `None` when there is none.
pub(crate) async fn read(
    description: &RequestBody,
    headers: &HeaderMap,
    body: Body,
    endpoint: &Endpoint,
) -> Result<Option<ReceivedBody>, Refusal> {
    if body.is_end_stream() {
        return Ok(empty(description.content, headers));
    }
    let content = check_content_type(description.content, headers)?;
    check_content_encoding(headers)?;
    let limit = endpoint.body_limit();
    let idle = endpoint.settings.body_idle_timeout;
    let declared = description.content.get(content).copied();
    let parts = description.parts.iter();
    let parts = parts.filter(|(name, _)| Some(*name) == declared);
    let parts = parts.map(|(_, parts)| parts).next();
    if let Some(media_type) = declared.filter(|it| description.streamed.contains(it)) {
        let unread = Received::new(body, media_type, parts, headers, endpoint)?;
        return Ok(Some(ReceivedBody {
            unread: Some(Box::new(unread)),
            ..ReceivedBody::of(Bytes::new(), content)
        }));
    }
    if body.size_hint().lower() > limit {
        return Err(Refusal::new(Reason::BodyTooLarge(limit)));
    }
    if let Some(parts) = parts {
        // In a box, since a request of another kind would carry the space for it along.
        let form = Box::pin(multipart::read(parts, headers, body, limit, idle)).await?;
        return Ok(Some(ReceivedBody {
            form: Some(Box::new(form)),
            ..ReceivedBody::of(Bytes::new(), content)
        }));
    }
    let bytes = read_frames(body, limit, idle).await?;
    if bytes.is_empty() {
        return Ok(empty(description.content, headers));
    }
    Ok(Some(ReceivedBody::of(bytes, content)))
}

/// A body without a byte: none at all, unless it has a type in which nothing is a value, such as a form without fields.
fn empty(content: &'static [&'static str], headers: &HeaderMap) -> Option<ReceivedBody> {
    headers.get(header::CONTENT_TYPE)?;
    let content_type = check_content_type(content, headers).ok()?;
    let is_value = content
        .get(content_type)
        .is_some_and(|it| !media_type::is_json(it));
    is_value.then(|| ReceivedBody::of(Bytes::new(), content_type))
}

fn check_content_type(
    content: &'static [&'static str],
    headers: &HeaderMap,
) -> Result<usize, Refusal> {
    let unsupported = || {
        // The generator writes media types, which are good header values; nothing is lost if one is not.
        let accept = HeaderValue::try_from(content.join(", "))
            .unwrap_or_else(|_| HeaderValue::from_static("*/*"));
        Refusal::new(Reason::UnsupportedMediaType(accept))
    };
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let value = values
        .next()
        .and_then(|value| value.to_str().ok())
        .ok_or_else(unsupported)?;
    if values.next().is_some() {
        return Err(unsupported());
    }
    media_type::find(content, value).ok_or_else(unsupported)
}

/// Nothing here decompresses; a layer that does removes the header.
fn check_content_encoding(headers: &HeaderMap) -> Result<(), Refusal> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            Err(Refusal::new(Reason::UnsupportedContentEncoding))
        }
        _ => Ok(()),
    }
}

/// Joins the frames; a body that comes in one is not copied.
async fn read_frames(body: Body, limit: u64, idle: Option<Duration>) -> Result<Bytes, Refusal> {
    let ahead = body.size_hint().lower().min(MOST_AHEAD);
    let mut body = pin!(body);
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    let mut length: u64 = 0;
    while let Some(frame) = within(idle, body.frame()).await? {
        // Trailers say nothing that a document could declare.
        let Ok(bytes) = frame.map_err(|error| broken(&error, limit))?.into_data() else {
            continue;
        };
        length += bytes.len() as u64;
        if length > limit {
            return Err(Refusal::new(Reason::BodyTooLarge(limit)));
        }
        if first.is_empty() {
            first = bytes;
        } else {
            if joined.is_empty() {
                joined.reserve(usize::try_from(ahead).unwrap_or_default());
                joined.extend_from_slice(&first);
            }
            joined.extend_from_slice(&bytes);
        }
        if body.is_end_stream() {
            break;
        }
    }
    Ok(if joined.is_empty() {
        first
    } else {
        joined.freeze()
    })
}

/// Waits for a frame; the timer is set only if the frame is not there yet.
async fn within<F: Future>(idle: Option<Duration>, frame: F) -> Result<F::Output, Refusal> {
    let mut frame = pin!(frame);
    let Some(idle) = idle else {
        return Ok(frame.await);
    };
    let mut sleep = None;
    std::future::poll_fn(|cx| {
        if let std::task::Poll::Ready(output) = frame.as_mut().poll(cx) {
            return std::task::Poll::Ready(Ok(output));
        }
        sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)))
            .as_mut()
            .poll(cx)
            .map(|()| Err(Refusal::new(Reason::BodyTimeout)))
    })
    .await
}

/// A layer may have set a limit of its own.
pub(crate) fn broken(error: &axum::Error, limit: u64) -> Refusal {
    let mut source: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(cause) = source {
        if cause.is::<LengthLimitError>() {
            return Refusal::new(Reason::BodyTooLarge(limit));
        }
        source = cause.source();
    }
    Refusal::new(Reason::BodyIncomplete)
}
