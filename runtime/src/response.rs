//! Responses that generated code builds.

use std::fmt;
use std::ops::RangeInclusive;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::{self, HeaderValue};

use crate::decode::{Decoder, Violations};
use crate::media_type;
use crate::node::Node;
use crate::problem::Unexpected;
use crate::refusal::Refusal;
use crate::stream::ByteStream;
use crate::value::Upload;

/// What tells whether a value is what the document says.
pub(crate) type Check = fn(Node<'_>, &mut Decoder) -> bool;

/// Holds a value that is about to be sent against the document.
pub(crate) fn hold_against(check: Check, value: Node<'_>) -> Result<(), Violations> {
    hold(Decoder::new(), check, value)
}

/// The same of the parts of a body, of which the files stand aside.
pub(crate) fn hold_parts_against(
    check: Check,
    value: Node<'_>,
    uploads: Vec<Upload>,
) -> Result<(), Violations> {
    let mut cx = Decoder::new();
    cx.set_uploads(uploads);
    hold(cx, check, value)
}

fn hold(mut cx: Decoder, check: Check, value: Node<'_>) -> Result<(), Violations> {
    if check(value, &mut cx) && cx.is_valid() {
        return Ok(());
    }
    Err(cx.into_violations())
}

/// Says that something that was to be sent is not what the document says.
pub(crate) fn unlike(what: impl fmt::Display, violations: &Violations) -> Unexpected {
    Unexpected::new(format!(
        "{what} is not what the document says:\n{violations}"
    ))
}

/// Bytes of a media type that a handler says, where the document declares a range such as `image/*`.
///
/// `B` is [`ByteStream`](crate::ByteStream) where the document says `x-stream: true`.
///
/// # Examples
///
/// ```
/// use specwright::MediaContent;
///
/// let cover: MediaContent = MediaContent::new("image/png", &b"\x89PNG"[..]);
/// assert_eq!(cover.content_type, "image/png");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct MediaContent<B = Bytes> {
    /// The value of `Content-Type`. It has to be within the range that is declared; otherwise the answer is a logged 500.
    pub content_type: String,

    /// The body.
    pub bytes: B,
}

impl<B> MediaContent<B> {
    /// Makes a body of this media type.
    pub fn new(content_type: impl Into<String>, bytes: impl Into<B>) -> Self {
        Self {
            content_type: content_type.into(),
            bytes: bytes.into(),
        }
    }
}

/// Shows how long it is; its bytes may be confidential.
impl fmt::Debug for MediaContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaContent")
            .field("content_type", &self.content_type)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

impl fmt::Debug for MediaContent<ByteStream> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaContent")
            .field("content_type", &self.content_type)
            .field("bytes", &self.bytes)
            .finish()
    }
}

/// The media type that a handler says, which has to be one that the document names.
///
/// # Errors
///
/// A logged 500 when it is within none of the ranges.
pub(crate) fn declared_media(
    content_type: &str,
    ranges: &'static [&'static str],
) -> Result<HeaderValue, Refusal> {
    let is_declared = ranges
        .iter()
        .any(|range| media_type::is_within(range, content_type));
    let value = HeaderValue::try_from(content_type).ok();
    value.filter(|_| is_declared).ok_or_else(|| {
        Unexpected::new(format!(
            "the handler answered with the media type `{}`, which is not within {}",
            content_type.escape_debug(),
            ranges.join(", ")
        ))
        .into()
    })
}

/// Makes a response without a body.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Makes a response with a body of this content type.
pub(crate) fn content(
    status: StatusCode,
    content_type: HeaderValue,
    body: impl Into<Bytes>,
) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}

/// Checks a status that the handler chose within a range such as `4XX`, or for `default`: the document says more
/// precisely what `others` look like (OAS 3.2, Responses Object).
///
/// # Errors
///
/// A logged 500 when it is outside of `range`, or one of `others`.
pub fn check_status(
    status: StatusCode,
    range: RangeInclusive<u16>,
    others: &[RangeInclusive<u16>],
) -> Result<StatusCode, Refusal> {
    let code = status.as_u16();
    if !range.contains(&code) {
        let (first, last) = range.into_inner();
        let message =
            format!("the handler answered {status}, which is not within {first} to {last}");
        return Err(Unexpected::new(message).into());
    }
    if others.iter().any(|other| other.contains(&code)) {
        let message = format!("the handler answered {status}, which has a response of its own");
        return Err(Unexpected::new(message).into());
    }
    Ok(status)
}
