//! The sockets of connections, and what they have until they are closed.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

#[cfg(feature = "http2")]
use super::flow::Streams;
use super::setting::Connections;

/// What is open on the connections of a server, for its end to wait for.
#[derive(Clone)]
pub(super) struct Open {
    /// Sockets, also those that speak another protocol than HTTP by now.
    pub(super) sockets: TaskTracker,
    #[cfg(feature = "http2")]
    pub(super) streams: Streams,
    /// Tells connections that the server stops.
    pub(super) stop: watch::Receiver<()>,
}

impl Open {
    pub(super) fn new(stop: watch::Receiver<()>, connections: &Connections) -> Self {
        let sockets = connections.sockets.clone();
        // So that waiting ends whenever nothing is there; more can come all the same.
        sockets.close();
        Self {
            sockets,
            #[cfg(feature = "http2")]
            streams: Streams::new(connections.write_timeout),
            stop,
        }
    }

    /// Drops the requests that run beside their connections.
    pub(super) fn cut_off(&self) {
        #[cfg(feature = "http2")]
        self.streams.cut_off();
    }

    /// Waits until no request runs beside its connection.
    pub(super) async fn streams_ended(&self) {
        #[cfg(feature = "http2")]
        self.streams.ended().await;
    }
}

pin_project! {
    /// A socket with its place among the connections: both are given back together, whoever has the socket in the end.
    pub(super) struct Socket<I> {
        // Closed first.
        #[pin]
        io: I,
        write_timeout: Option<Duration>,
        writing: Writing,
        place: Option<OwnedSemaphorePermit>,
        open: TaskTrackerToken,
    }
}

/// How long a write waits for the client to read.
#[derive(Default)]
struct Writing {
    is_waiting: bool,
    /// Made when a write waits for the first time.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<I> Socket<I> {
    pub(super) fn new(
        io: I,
        place: Option<OwnedSemaphorePermit>,
        open: &Open,
        write_timeout: Option<Duration>,
    ) -> Self {
        Self {
            io,
            write_timeout,
            writing: Writing::default(),
            place,
            open: open.sockets.token(),
        }
    }
}

impl Writing {
    /// Makes an error of a write that waits for too long.
    fn limit<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        timeout: Option<Duration>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.is_waiting = false;
            return written;
        }
        let Some(timeout) = timeout else {
            return Poll::Pending;
        };
        if !self.is_waiting {
            // What is beyond all time is no limit.
            let Some(deadline) = Instant::now().checked_add(timeout) else {
                return Poll::Pending;
            };
            self.is_waiting = true;
            match &mut self.timer {
                Some(timer) => timer.as_mut().reset(deadline),
                None => self.timer = Some(Box::pin(sleep_until(deadline))),
            }
        }
        match self.timer.as_mut().map(|timer| timer.as_mut().poll(cx)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the client does not read",
            ))),
            _ => Poll::Pending,
        }
    }
}

impl<I: AsyncRead> AsyncRead for Socket<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().io.poll_read(cx, buffer)
    }
}

impl<I: AsyncWrite> AsyncWrite for Socket<I> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = this.io.poll_write(cx, bytes);
        this.writing.limit(written, *this.write_timeout, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = this.io.poll_write_vectored(cx, slices);
        this.writing.limit(written, *this.write_timeout, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().io.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().io.poll_shutdown(cx)
    }
}
