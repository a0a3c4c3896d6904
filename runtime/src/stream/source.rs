//! What handlers return where a response is a stream: items as they come.

use std::error::Error as StdError;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::sync::mpsc;

use super::event::ServerEvent;
use crate::problem::Unexpected;

/// The items of a stream to come.
pub(super) type Source<T> = Pin<Box<dyn Stream<Item = Result<T, Unexpected>> + Send>>;

/// What a stream of `T` can be made of: `T`, or a `Result` whose error ends the stream and is logged. A stream of
/// [`ServerEvent<T>`](ServerEvent) is made of `T` just as well.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no item of a stream of `{T}`",
    note = "items are `{T}`, or `Result<{T}, E>` with an error that converts into `specwright::Unexpected`"
)]
pub trait StreamItem<T> {
    /// The item, or why there is none.
    ///
    /// # Errors
    ///
    /// What ends the stream.
    fn into_item(self) -> Result<T, Unexpected>;
}

impl<T> StreamItem<T> for T {
    fn into_item(self) -> Result<T, Unexpected> {
        Ok(self)
    }
}

impl<T, E: Into<Unexpected>> StreamItem<T> for Result<T, E> {
    fn into_item(self) -> Result<T, Unexpected> {
        self.map_err(Into::into)
    }
}

impl<T> StreamItem<ServerEvent<T>> for T {
    fn into_item(self) -> Result<ServerEvent<T>, Unexpected> {
        Ok(ServerEvent::new(self))
    }
}

impl<T, E: Into<Unexpected>> StreamItem<ServerEvent<T>> for Result<T, E> {
    fn into_item(self) -> Result<ServerEvent<T>, Unexpected> {
        self.map(ServerEvent::new).map_err(Into::into)
    }
}

/// A response that is one JSON value after the other: `application/jsonl`, `application/x-ndjson` or
/// `application/json-seq`.
///
/// Items are sent as they come. In debug builds each is held against the document. An error in the stream, or an item that
/// the document does not allow, is logged and ends the response before its regular end, which clients notice.
///
/// # Examples
///
/// ```
/// use specwright::JsonStream;
///
/// let all: JsonStream<u32> = JsonStream::iter([1, 2, 3]);
///
/// // A task may make the items: it waits where the client reads more slowly.
/// let (items, later) = JsonStream::<u32>::channel(8);
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// tokio::spawn(async move {
///     for number in 0..100 {
///         if items.send(number).await.is_err() {
///             break; // the client has left
///         }
///     }
/// });
/// # });
/// # let _ = (all, later);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct JsonStream<T> {
    pub(super) source: Source<T>,
}

/// A response of server-sent events (WHATWG HTML, section 9.2): `text/event-stream`.
///
/// Its items are what the document says of events; where it only says what their data is, they are an [`ServerEvent`] of that,
/// and the data itself will do. In debug builds each is held against the document. An error in the stream, or an item that
/// the document does not allow, is logged and ends the response before its regular end; clients then connect again.
///
/// While nothing is to be sent, a comment every 15 seconds keeps the connection open.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use specwright::{ServerEvent, EventStream};
///
/// let ticks: EventStream<ServerEvent<u32>> =
///     EventStream::iter([3, 2, 1]).with_keep_alive(Duration::from_secs(5));
/// let named: EventStream<ServerEvent<u32>> =
///     EventStream::iter([ServerEvent::new(7).with_event("tick").with_id("tick-7")]);
/// # let _ = (ticks, named);
/// ```
pub struct EventStream<E = ServerEvent> {
    pub(super) source: Source<E>,
    pub(super) keep_alive: Option<Duration>,
}

/// How long an event stream may be silent.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

impl<T: Send + 'static> JsonStream<T> {
    /// Sends what a stream yields: values, or results.
    pub fn new<S>(stream: S) -> Self
    where
        S: Stream + Send + 'static,
        S::Item: StreamItem<T>,
    {
        Self {
            source: source(stream),
        }
    }

    /// Sends what an iterator yields. It must not block for long; what it has to wait for comes better from a
    /// [`channel`](Self::channel).
    pub fn iter<I>(items: I) -> Self
    where
        I: IntoIterator,
        I::IntoIter: Send + 'static,
        I::Item: StreamItem<T>,
    {
        Self {
            source: iter(items),
        }
    }

    /// Sends what an iterator yields, which are items that cannot fail; the type of the stream is known by theirs.
    ///
    /// [`iter`](Self::iter) takes results too, so that an `Ok` without an error type needs an annotation there. As with it,
    /// the iterator must not block for long.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::JsonStream;
    ///
    /// let all = JsonStream::of([1_u32, 2, 3]);
    /// # let _ = all;
    /// ```
    pub fn of<I>(items: I) -> Self
    where
        I: IntoIterator<Item = T>,
        I::IntoIter: Send + 'static,
    {
        Self::iter(items)
    }

    /// Sends what is put into a channel, which holds `capacity` items, at least one. The stream ends when all senders are
    /// dropped.
    pub fn channel(capacity: usize) -> (ItemSender<T>, Self) {
        let (sender, receiver) = channel(capacity);
        (sender, Self { source: receiver })
    }
}

impl<E: Send + 'static> EventStream<E> {
    /// Sends what a stream yields: events, or results.
    pub fn new<S>(stream: S) -> Self
    where
        S: Stream + Send + 'static,
        S::Item: StreamItem<E>,
    {
        Self::from_source(source(stream))
    }

    /// Sends what an iterator yields. It must not block for long; what it has to wait for comes better from a
    /// [`channel`](Self::channel).
    pub fn iter<I>(items: I) -> Self
    where
        I: IntoIterator,
        I::IntoIter: Send + 'static,
        I::Item: StreamItem<E>,
    {
        Self::from_source(iter(items))
    }

    /// Sends what an iterator yields, which are events that cannot fail; the type of the stream is known by theirs.
    ///
    /// [`iter`](Self::iter) takes results too, so that an `Ok` without an error type needs an annotation there. As with it,
    /// the iterator must not block for long.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::{EventStream, ServerEvent};
    ///
    /// let all = EventStream::of([1_u32, 2, 3].map(ServerEvent::new));
    /// # let _ = all;
    /// ```
    pub fn of<I>(items: I) -> Self
    where
        I: IntoIterator<Item = E>,
        I::IntoIter: Send + 'static,
    {
        Self::iter(items)
    }

    /// Sends what is put into a channel, which holds `capacity` events, at least one. The stream ends when all senders are
    /// dropped.
    pub fn channel(capacity: usize) -> (ItemSender<E>, Self) {
        let (sender, receiver) = channel(capacity);
        (sender, Self::from_source(receiver))
    }

    fn from_source(source: Source<E>) -> Self {
        Self {
            source,
            keep_alive: Some(KEEP_ALIVE),
        }
    }

    /// Sets after how long a silence a comment is sent, 15 seconds unless set; `None` sends none.
    #[must_use]
    pub fn with_keep_alive(mut self, silence: impl Into<Option<Duration>>) -> Self {
        self.keep_alive = silence.into();
        self
    }
}

pub(super) fn channel<T: Send + 'static>(capacity: usize) -> (ItemSender<T>, Source<T>) {
    let (sender, receiver) = mpsc::channel(capacity.max(1));
    (ItemSender(sender), Box::pin(Receiver(receiver)))
}

/// Puts items into a stream that is a response.
pub struct ItemSender<T>(mpsc::Sender<Result<T, Unexpected>>);

impl<T> ItemSender<T> {
    /// Sends an item, or an error that ends the stream; waits while the channel is full.
    ///
    /// # Errors
    ///
    /// The client has left, or the stream has ended with an error.
    pub async fn send(&self, item: impl StreamItem<T>) -> Result<(), StreamClosed> {
        let item = item.into_item();
        self.0.send(item).await.map_err(|_| StreamClosed(()))
    }

    /// Waits until nobody reads the stream any more.
    pub async fn closed(&self) {
        self.0.closed().await;
    }
}

impl<T> Clone for ItemSender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for ItemSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemSender").finish_non_exhaustive()
    }
}

/// Nobody reads the stream any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamClosed(());

impl fmt::Display for StreamClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads the stream any more")
    }
}

impl StdError for StreamClosed {}

/// A stream whose items are made results.
struct AsItems<S, T> {
    stream: Pin<Box<S>>,
    item: PhantomData<fn() -> T>,
}

/// The source that a stream is.
pub(super) fn source<S, T>(stream: S) -> Source<T>
where
    S: Stream + Send + 'static,
    S::Item: StreamItem<T>,
    T: 'static,
{
    Box::pin(AsItems {
        stream: Box::pin(stream),
        item: PhantomData,
    })
}

impl<S, T> Stream for AsItems<S, T>
where
    S: Stream,
    S::Item: StreamItem<T>,
{
    type Item = Result<T, Unexpected>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.stream.as_mut().poll_next(cx);
        next.map(|item| item.map(StreamItem::into_item))
    }
}

/// The source that an iterator is.
pub(super) fn iter<I, T>(items: I) -> Source<T>
where
    I: IntoIterator,
    I::IntoIter: Send + 'static,
    I::Item: StreamItem<T>,
    T: 'static,
{
    source(Iter(items.into_iter()))
}

struct Iter<I>(I);

// The iterator is never pinned.
impl<I> Unpin for Iter<I> {}

impl<I: Iterator> Stream for Iter<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }
}

struct Receiver<T>(mpsc::Receiver<Result<T, Unexpected>>);

impl<T> Stream for Receiver<T> {
    type Item = Result<T, Unexpected>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx)
    }
}

impl<T> fmt::Debug for JsonStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonStream").finish_non_exhaustive()
    }
}

impl<E> fmt::Debug for EventStream<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("keep_alive", &self.keep_alive)
            .finish_non_exhaustive()
    }
}
