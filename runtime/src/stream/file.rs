//! Files and other bytes of known length, of which a client may ask a part, or nothing if it has them already (RFC 9110,
//! sections 13 and 14).

use std::io;
use std::ops::RangeInclusive;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use http_range_header::{EndPosition, StartPosition};
use tokio::fs::File;
use tokio::io::{AsyncRead as _, AsyncSeek as _, ReadBuf};

use super::bytes::{ByteStream, READ_AT_ONCE};
use super::source::{Source, iter};
use crate::problem::Unexpected;
use crate::refusal::{Reason, Refusal};

/// What has a length, and what is known of its version.
pub(super) struct Selection {
    contents: Contents,
    length: u64,
    etag: Option<String>,
    last_modified: Option<SystemTime>,
}

enum Contents {
    Bytes(Bytes),
    File(File),
}

/// The end of the year 9999, behind which `Last-Modified` has no words.
const LAST_DATE: Duration = Duration::from_secs(253_402_300_800);

impl ByteStream {
    /// Sends the file at this path, as [`file`](Self::file) does.
    ///
    /// The path is taken as it is: one that a client has a say in has to be checked before.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, or is none, such as a directory.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::{ByteStream, Problem, StatusCode, Unexpected};
    ///
    /// async fn cover() -> Result<ByteStream, Unexpected> {
    ///     match ByteStream::open("covers/12.png").await {
    ///         Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
    ///             Err(Problem::new(StatusCode::NOT_FOUND).into())
    ///         }
    ///         opened => Ok(opened?),
    ///     }
    /// }
    /// ```
    pub async fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::file(File::open(path).await?).await
    }

    /// Sends all of a file, with its length, whatever was read of it before. No more than 64 KiB of it are in memory.
    ///
    /// Where the response has the status 200, clients may ask for a part of it, or for nothing if they have it already:
    /// `Range` and `If-Range` are answered with 206 and 416, `If-None-Match` and `If-Modified-Since` with 304, `If-Match`
    /// and `If-Unmodified-Since` with 412 (RFC 9110, sections 13 and 14). The document need not declare these. A request
    /// for several ranges is answered with the whole, as section 14.2 allows.
    ///
    /// `Last-Modified` and a strong `ETag` are those of the file (its time of change and length) unless the response has
    /// headers of these names.
    ///
    /// # Errors
    ///
    /// Its length cannot be told, or it is no regular file.
    pub async fn file(file: File) -> io::Result<Self> {
        let metadata = file.metadata().await?;
        if !metadata.is_file() {
            let message = "it is no regular file";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let length = metadata.len();
        let last_modified = metadata.modified().ok();
        let since = last_modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Self::whole(Selection {
            contents: Contents::File(file),
            length,
            etag: since.map(|since| format!("\"{:x}-{length:x}\"", since.as_nanos())),
            last_modified,
        }))
    }

    /// Sends bytes that are there already, of which clients may ask a part as of a [`file`](Self::file). Nothing is known
    /// of their version unless [`with_etag`](Self::with_etag) or [`with_last_modified`](Self::with_last_modified) says it.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::whole(Selection {
            length: bytes.len() as u64,
            contents: Contents::Bytes(bytes),
            etag: None,
            last_modified: None,
        })
    }

    /// Sets what tells this version of a file or of bytes from all others, as `ETag` has it: `"v7"` with its quotes, or
    /// `W/"v7"`. What is no entity tag is answered with a logged 500. Of what has no length nothing is said.
    #[must_use]
    pub fn with_etag(self, etag: impl Into<String>) -> Self {
        self.map_whole(|it| it.etag = Some(etag.into()))
    }

    /// Sets when a file or bytes were last changed, which `Last-Modified` says in whole seconds.
    #[must_use]
    pub fn with_last_modified(self, time: SystemTime) -> Self {
        self.map_whole(|it| it.last_modified = Some(time))
    }
}

impl From<Bytes> for ByteStream {
    fn from(bytes: Bytes) -> Self {
        Self::bytes(bytes)
    }
}

impl From<Vec<u8>> for ByteStream {
    fn from(bytes: Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

impl Selection {
    /// Takes it out, and leaves nothing.
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(
            self,
            Self {
                contents: Contents::Bytes(Bytes::new()),
                length: 0,
                etag: None,
                last_modified: None,
            },
        )
    }

    /// All of it.
    pub(super) fn into_source(self) -> Source<Bytes> {
        let length = self.length;
        self.contents.part(0, length)
    }
}

impl Contents {
    /// So many bytes from a place on.
    fn part(self, start: u64, length: u64) -> Source<Bytes> {
        match self {
            Self::Bytes(bytes) => {
                let start = usize::try_from(start)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                let end = start.saturating_add(length).min(bytes.len());
                iter(Some(bytes.slice(start..end)).filter(|it| !it.is_empty()))
            }
            Self::File(file) => Box::pin(FilePart {
                file,
                seek: Seek::To(start),
                left: length,
                buffer: BytesMut::new(),
            }),
        }
    }
}

/// A part of a file.
struct FilePart {
    file: File,
    seek: Seek,
    left: u64,
    buffer: BytesMut,
}

enum Seek {
    To(u64),
    Started,
    Done,
}

impl FilePart {
    fn poll_seek(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut file = Pin::new(&mut self.file);
            match self.seek {
                Seek::To(start) => {
                    // What a handler did with the file has to be over first.
                    ready!(file.as_mut().poll_complete(cx))?;
                    file.start_seek(io::SeekFrom::Start(start))?;
                    self.seek = Seek::Started;
                }
                Seek::Started => {
                    ready!(file.poll_complete(cx))?;
                    self.seek = Seek::Done;
                }
                Seek::Done => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl Stream for FilePart {
    type Item = Result<Bytes, Unexpected>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.left == 0 {
            return Poll::Ready(None);
        }
        if let Err(error) = ready!(this.poll_seek(cx)) {
            this.left = 0;
            return Poll::Ready(Some(Err(error.into())));
        }
        let most = usize::try_from(this.left).unwrap_or(READ_AT_ONCE);
        this.buffer.resize(most.min(READ_AT_ONCE), 0);
        let mut buffer = ReadBuf::new(&mut this.buffer);
        let read = ready!(Pin::new(&mut this.file).poll_read(cx, &mut buffer));
        let length = buffer.filled().len();
        Poll::Ready(Some(match read {
            Err(error) => {
                this.left = 0;
                Err(error.into())
            }
            Ok(()) if length == 0 => {
                let message = format!("the file ended {} bytes too early", this.left);
                this.left = 0;
                Err(Unexpected::new(message))
            }
            Ok(()) => {
                this.left -= length as u64;
                Ok(this.buffer.split_to(length).freeze())
            }
        }))
    }
}

/// A file that waits in a response until all headers are known.
#[derive(Clone)]
pub(crate) struct Unselected(std::sync::Arc<Mutex<Option<Waiting>>>);

struct Waiting {
    selection: Selection,
    send: Box<dyn FnOnce(Source<Bytes>, u64) -> Body + Send>,
}

impl Unselected {
    pub(super) fn new(
        selection: Selection,
        send: impl FnOnce(Source<Bytes>, u64) -> Body + Send + 'static,
    ) -> Self {
        Self(std::sync::Arc::new(Mutex::new(Some(Waiting {
            selection,
            send: Box::new(send),
        }))))
    }
}

/// Fills in the body of a response that is a file: all of it, the part that the client asks for, or nothing.
///
/// # Errors
///
/// 412 and 416, and a logged 500 where the handler gave a file an `ETag` that is none.
pub(crate) fn select(
    response: &mut Response,
    method: &Method,
    request: &HeaderMap,
) -> Result<(), Refusal> {
    let Some(Unselected(waiting)) = response.extensions_mut().remove() else {
        return Ok(());
    };
    let waiting = waiting
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let Some(Waiting { selection, send }) = waiting else {
        return Ok(());
    };
    let length = selection.length;
    let mut range = None;
    let can_choose = *method == Method::GET || *method == Method::HEAD;
    if response.status() == StatusCode::OK && can_choose {
        let headers = response.headers_mut();
        set_validators(headers, &selection)?;
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        let version = Version {
            etag: text(headers, &header::ETAG).and_then(|it| tags(it).next()),
            modified: date(headers, &header::LAST_MODIFIED),
        };
        match version.condition(request) {
            // Only GET has ranges (RFC 9110, section 14.2).
            Condition::Passed if *method == Method::GET && version.is_same(request) => {
                range = asked_range(request, length)?;
            }
            Condition::Passed => {}
            Condition::NotModified => {
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                response.headers_mut().remove(header::CONTENT_TYPE);
                *response.body_mut() = Body::empty();
                return Ok(());
            }
            Condition::Failed => return Err(Refusal::new(Reason::PreconditionFailed)),
        }
    }
    let (start, length) = match range {
        None => (0, length),
        Some(range) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let (start, end) = range.into_inner();
            let sent = format!("bytes {start}-{end}/{length}");
            set_text(response.headers_mut(), header::CONTENT_RANGE, &sent);
            (start, end - start + 1)
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    *response.body_mut() = send(selection.contents.part(start, length), length);
    Ok(())
}

/// Sets what tells versions apart, where the response does not say it itself.
fn set_validators(headers: &mut HeaderMap, selection: &Selection) -> Result<(), Refusal> {
    if !headers.contains_key(header::ETAG)
        && let Some(etag) = &selection.etag
    {
        if !is_tag(etag) {
            let etag = etag.escape_debug();
            let message = format!("`{etag}` is no entity tag; its quotes may be missing");
            return Err(Unexpected::new(message).into());
        }
        set_text(headers, header::ETAG, etag);
    }
    if !headers.contains_key(header::LAST_MODIFIED)
        && let Some(time) = selection.last_modified
        && (UNIX_EPOCH..UNIX_EPOCH + LAST_DATE).contains(&time)
    {
        let date = httpdate::fmt_http_date(time);
        set_text(headers, header::LAST_MODIFIED, &date);
    }
    Ok(())
}

fn set_text(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(name, value);
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(text(headers, name)?).ok()
}

/// An entity tag: whether it is weak, and what is between its quotes (RFC 9110, section 8.8.3).
type Tag<'h> = (bool, &'h str);

/// The entity tags of a list.
fn tags(list: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let (before, tag) = rest.split_once('"')?;
        let (tag, after) = tag.split_once('"')?;
        rest = after;
        Some((before.ends_with("W/"), tag))
    })
}

fn is_tag(text: &str) -> bool {
    let text = text.strip_prefix("W/").unwrap_or(text);
    let quoted = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    quoted.is_some_and(|it| {
        it.bytes()
            .all(|byte| byte != b'"' && byte.is_ascii_graphic())
    })
}

/// What is known of the version that is there.
struct Version<'h> {
    etag: Option<Tag<'h>>,
    /// In whole seconds.
    modified: Option<SystemTime>,
}

enum Condition {
    Passed,
    NotModified,
    Failed,
}

impl Version<'_> {
    /// Evaluates the preconditions in the order of RFC 9110, section 13.2.2.
    fn condition(&self, request: &HeaderMap) -> Condition {
        let since = |name| self.modified.zip(date(request, name));
        let holds = match self.is_among(request, &header::IF_MATCH, true) {
            Some(is_among) => is_among,
            None => since(&header::IF_UNMODIFIED_SINCE).is_none_or(|(there, asked)| there <= asked),
        };
        if !holds {
            return Condition::Failed;
        }
        let is_known = match self.is_among(request, &header::IF_NONE_MATCH, false) {
            Some(is_among) => is_among,
            None => since(&header::IF_MODIFIED_SINCE).is_some_and(|(there, asked)| there <= asked),
        };
        match is_known {
            true => Condition::NotModified,
            false => Condition::Passed,
        }
    }

    /// Whether it is one of those that a header lists; `None` where there is no such header.
    fn is_among(&self, request: &HeaderMap, name: &HeaderName, strongly: bool) -> Option<bool> {
        let lines = request.get_all(name);
        lines.iter().next()?;
        let mut lines = lines.iter().filter_map(|line| line.to_str().ok());
        Some(lines.any(|line| line == "*" || tags(line).any(|asked| self.has_tag(asked, strongly))))
    }

    fn has_tag(&self, asked: Tag<'_>, strongly: bool) -> bool {
        self.etag
            .is_some_and(|(is_weak, tag)| tag == asked.1 && !(strongly && (is_weak || asked.0)))
    }

    /// Whether a part of it fits to what the client has (RFC 9110, section 13.1.5).
    fn is_same(&self, request: &HeaderMap) -> bool {
        if !request.contains_key(header::IF_RANGE) {
            return true;
        }
        match date(request, &header::IF_RANGE) {
            Some(asked) => self.modified == Some(asked),
            None => self.is_among(request, &header::IF_RANGE, true) == Some(true),
        }
    }
}

/// The one range that is asked for; `None` where all is to be sent.
///
/// What is no range is to be ignored, and several ranges may be (RFC 9110, section 14.2).
///
/// # Errors
///
/// 416 where it begins behind the end.
fn asked_range(request: &HeaderMap, length: u64) -> Result<Option<RangeInclusive<u64>>, Refusal> {
    let mut lines = request.get_all(header::RANGE).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return Ok(None);
    };
    let parsed = line.to_str().ok();
    let parsed = parsed.and_then(|text| http_range_header::parse_range_header(text).ok());
    let Some([only]) = parsed.as_ref().map(|it| it.ranges.as_slice()) else {
        return Ok(None);
    };
    let start = match only.start {
        StartPosition::Index(start) => start,
        // A suffix that is longer than all is all.
        StartPosition::FromLast(count) => length.saturating_sub(count),
    };
    let end = match only.end {
        EndPosition::Index(end) if end < start => return Ok(None),
        EndPosition::Index(end) => end.min(length.saturating_sub(1)),
        EndPosition::LastByte => length.saturating_sub(1),
    };
    if start >= length {
        return Err(Refusal::new(Reason::RangeNotSatisfiable(length)));
    }
    Ok(Some(start..=end))
}

/// The `Content-Range` of a 416.
pub(crate) fn unsatisfied(length: u64) -> HeaderValue {
    let value = HeaderValue::try_from(format!("bytes */{length}"));
    value.unwrap_or(HeaderValue::from_static("bytes */*"))
}
