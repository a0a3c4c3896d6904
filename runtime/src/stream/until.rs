//! Streams that something ends from outside.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::source::{EventStream, JsonStream, Source};
use crate::problem::Unexpected;

impl<T: Send + 'static> JsonStream<T> {
    /// Ends the stream in good order when `end` completes, such as [`Context::stopping`](crate::Context::stopping).
    ///
    /// What has an end of its own needs this not: the server waits for it while there is time.
    #[must_use]
    pub fn until(mut self, end: impl Future<Output = ()> + Send + 'static) -> Self {
        self.source = until(self.source, end);
        self
    }
}

impl<E: Send + 'static> EventStream<E> {
    /// Ends the stream in good order when `end` completes; clients then connect again, to another server perhaps.
    ///
    /// A stream without an end of its own, such as one of news, keeps a server from stopping before its time is over. What
    /// has one, such as an answer word by word, needs this not: the server waits for it while there is time.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::{Context, EventStream, ServerEvent};
    ///
    /// fn news(cx: &Context) -> EventStream<ServerEvent<String>> {
    ///     let (items, stream) = EventStream::channel(8);
    /// #   drop(items);
    ///     stream.until(cx.stopping())
    /// }
    /// ```
    #[must_use]
    pub fn until(mut self, end: impl Future<Output = ()> + Send + 'static) -> Self {
        self.source = until(self.source, end);
        self
    }
}

fn until<T: Send + 'static>(
    source: Source<T>,
    end: impl Future<Output = ()> + Send + 'static,
) -> Source<T> {
    Box::pin(Until {
        source,
        end: Box::pin(end),
    })
}

struct Until<T> {
    source: Source<T>,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl<T> Stream for Until<T> {
    type Item = Result<T, Unexpected>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Whoever reads it asks no more after the end.
        match self.end.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => self.source.as_mut().poll_next(cx),
        }
    }
}
