//! Bytes that flow, in both directions.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::HeaderValue;
use tokio::io::{AsyncRead, ReadBuf};

use super::file::Selection;
use super::source::{ItemSender, Source, StreamItem, channel, iter, source};
use crate::body::ReceivedBody;
use crate::chunks::Chunks;
use crate::problem::Unexpected;

/// A body of bytes that are read or sent as they come, so that it may be of any length: where the document says `x-stream:
/// true` beside the schema of bytes.
///
/// What is received is read as it is asked for, so a client that sends faster waits. Where the body breaks off (400) or
/// stops to come (408), the error is a problem that is answered as it is, and nothing follows. What is sent ends before its
/// end where the stream yields an error, which is logged.
///
/// # Examples
///
/// ```
/// use specwright::{ByteStream, Unexpected};
///
/// async fn length(mut body: ByteStream) -> Result<usize, Unexpected> {
///     let mut length = 0;
///     while let Some(bytes) = body.next().await {
///         length += bytes?.len();
///     }
///     Ok(length)
/// }
/// ```
pub struct ByteStream {
    /// Never locked: a body is not `Sync`, and requests should be.
    held: Mutex<Held>,
}

/// What a [`ByteStream`] is made of.
pub(super) enum Held {
    /// What comes as it comes.
    Flow(Source<Bytes>),
    /// What has a length and a beginning that can be returned to, so that a part of it can be sent.
    Whole(Selection),
}

/// How much of a reader is sent at once.
pub(super) const READ_AT_ONCE: usize = 64 << 10;

impl ByteStream {
    /// Sends what a stream yields: bytes, or results.
    pub fn new<S>(stream: S) -> Self
    where
        S: Stream + Send + 'static,
        S::Item: StreamItem<Bytes>,
    {
        Self::of(source(stream))
    }

    /// Sends what an iterator yields. It must not block for long.
    pub fn iter<I>(items: I) -> Self
    where
        I: IntoIterator,
        I::IntoIter: Send + 'static,
        I::Item: StreamItem<Bytes>,
    {
        Self::of(iter(items))
    }

    /// Sends what is put into a channel, which holds `capacity` pieces, at least one. The stream ends when all senders are
    /// dropped.
    pub fn channel(capacity: usize) -> (ItemSender<Bytes>, Self) {
        let (sender, receiver) = channel(capacity);
        (sender, Self::of(receiver))
    }

    /// Sends what a reader gives, such as a file of tokio.
    pub fn reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Self::of(Box::pin(Read {
            reader: Box::pin(reader),
            buffer: BytesMut::new(),
        }))
    }

    fn of(source: Source<Bytes>) -> Self {
        Self {
            held: Mutex::new(Held::Flow(source)),
        }
    }

    pub(super) fn whole(selection: Selection) -> Self {
        Self {
            held: Mutex::new(Held::Whole(selection)),
        }
    }

    /// Changes what is said of a file; nothing is said of what flows.
    pub(super) fn map_whole(self, change: impl FnOnce(&mut Selection)) -> Self {
        let mut held = self.into_held();
        if let Held::Whole(selection) = &mut held {
            change(selection);
        }
        Self {
            held: Mutex::new(held),
        }
    }

    pub(super) fn into_held(self) -> Held {
        let held = self.held.into_inner();
        held.unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes of a request.
    pub(crate) fn received(body: ReceivedBody) -> Self {
        match body.unread {
            Some(unread) => {
                let (chunks, request_id) = unread.into_chunks();
                Self::of(Box::pin(Received { chunks, request_id }))
            }
            None => Self::iter(Some(body.bytes).filter(|bytes| !bytes.is_empty())),
        }
    }

    /// The next bytes; `None` after the last.
    ///
    /// # Errors
    ///
    /// The body broke off, or stopped to come.
    pub async fn next(&mut self) -> Option<Result<Bytes, Unexpected>> {
        poll_fn(|cx| self.poll_bytes(cx)).await
    }

    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Unexpected>>> {
        let held = self.held.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Held::Whole(selection) = held {
            *held = Held::Flow(selection.take().into_source());
        }
        match held {
            Held::Flow(source) => source.as_mut().poll_next(cx),
            Held::Whole(_) => Poll::Ready(None),
        }
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Unexpected>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_bytes(cx)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream").finish_non_exhaustive()
    }
}

struct Received {
    /// None after a fault.
    chunks: Option<Chunks>,
    request_id: Option<HeaderValue>,
}

impl Stream for Received {
    type Item = Result<Bytes, Unexpected>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(chunks) = &mut self.chunks else {
            return Poll::Ready(None);
        };
        Poll::Ready(match ready!(chunks.poll_next(cx)) {
            Some(Ok(bytes)) => Some(Ok(bytes)),
            None => None,
            Some(Err(refusal)) => {
                self.chunks = None;
                Some(Err(refusal.into_problem(self.request_id.as_ref()).into()))
            }
        })
    }
}

struct Read<R> {
    reader: Pin<Box<R>>,
    buffer: BytesMut,
}

impl<R: AsyncRead> Stream for Read<R> {
    type Item = Result<Bytes, Unexpected>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        this.buffer.resize(READ_AT_ONCE, 0);
        let mut buffer = ReadBuf::new(&mut this.buffer);
        let read: io::Result<()> = ready!(this.reader.as_mut().poll_read(cx, &mut buffer));
        let length = buffer.filled().len();
        Poll::Ready(match read {
            Err(error) => Some(Err(error.into())),
            Ok(()) if length == 0 => None,
            Ok(()) => Some(Ok(this.buffer.split_to(length).freeze())),
        })
    }
}
