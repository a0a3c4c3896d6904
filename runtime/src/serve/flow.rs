//! What a client of HTTP/2 takes of its responses. The streams of a connection have windows of their own, so a client that
//! reads all that comes may still let one of them wait for ever.
//!
//! hyper asks a body for the next piece only where some of the one before could be sent. So whoever has handed over a piece
//! knows that it waits, until it is asked for another. What is left of the last one when a stream has ended, no more than a
//! piece, goes with its connection.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::activity::Running;

/// The most bytes that are handed over at once: what a client has to take for the time to begin anew.
const PIECE: usize = 16 << 10;

tokio::task_local! {
    /// Of the stream whose task this is.
    static HANDED: Arc<Handed>;
}

/// The number of the piece that waits to be sent; 0 where none does.
#[derive(Default)]
struct Handed(AtomicU32);

impl Handed {
    fn set(number: u32) {
        // Where somebody else sends, nobody keeps the time.
        let _ = HANDED.try_with(|handed| handed.0.store(number, Ordering::Relaxed));
    }
}

/// Runs the requests of HTTP/2, each a task of its own, where the end of the server can wait for them.
#[derive(Clone)]
pub(super) struct Streams {
    running: TaskTracker,
    cut_off: CancellationToken,
    write_timeout: Option<Duration>,
}

impl Streams {
    pub(super) fn new(write_timeout: Option<Duration>) -> Self {
        let running = TaskTracker::new();
        running.close();
        Self {
            running,
            cut_off: CancellationToken::new(),
            write_timeout,
        }
    }

    /// Drops those that run.
    pub(super) fn cut_off(&self) {
        self.cut_off.cancel();
    }

    /// Waits until none runs.
    pub(super) async fn ended(&self) {
        self.running.wait().await;
    }
}

impl<F> hyper::rt::Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let cut_off = self.cut_off.clone();
        let stream = Timed {
            stream,
            handed: Arc::default(),
            timeout: self.write_timeout,
            waiting: 0,
            timer: None,
        };
        self.running.spawn(async move {
            cut_off.run_until_cancelled_owned(stream).await;
        });
    }
}

pin_project! {
    /// A stream that ends where the client takes nothing of it for too long.
    struct Timed<F> {
        #[pin]
        stream: F,
        handed: Arc<Handed>,
        timeout: Option<Duration>,
        // The piece whose time runs.
        waiting: u32,
        // Made when a piece waits for the first time.
        timer: Option<Pin<Box<Sleep>>>,
    }
}

impl<F: Future<Output = ()>> Future for Timed<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let stream = this.stream;
        let handed = Arc::clone(this.handed);
        if HANDED.sync_scope(handed, || stream.poll(cx)).is_ready() {
            return Poll::Ready(());
        }
        let number = this.handed.0.load(Ordering::Relaxed);
        if number == 0 {
            *this.waiting = 0;
            return Poll::Pending;
        }
        if number != *this.waiting {
            // What is beyond all time is no limit.
            let deadline = this.timeout.and_then(|it| Instant::now().checked_add(it));
            let Some(deadline) = deadline else {
                return Poll::Pending;
            };
            *this.waiting = number;
            match this.timer {
                Some(timer) => timer.as_mut().reset(deadline),
                None => *this.timer = Some(Box::pin(sleep_until(deadline))),
            }
        }
        match this.timer {
            Some(timer) => {
                ready!(timer.as_mut().poll(cx));
                // What is dropped now is reset, with what waits of it.
                tracing::debug!("a client of HTTP/2 takes nothing of a response");
                Poll::Ready(())
            }
            None => Poll::Pending,
        }
    }
}

/// A body that is handed over piece by piece.
pub(super) struct Pieces {
    body: Body,
    /// What is left of a frame.
    rest: Bytes,
    number: u32,
    /// The request goes on until here.
    _running: Option<Running>,
}

impl Pieces {
    pub(super) fn of(body: Body, running: Option<Running>) -> Body {
        Body::new(Self {
            body,
            rest: Bytes::new(),
            number: 0,
            _running: running,
        })
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        Handed::set(0);
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if data.is_empty() => {
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                    Ok(data) => this.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                ended => return Poll::Ready(ended),
            }
        }
        let length = this.rest.len().min(PIECE);
        this.number = this.number.checked_add(1).unwrap_or(1);
        Handed::set(this.number);
        Poll::Ready(Some(Ok(Frame::data(this.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && http_body::Body::is_end_stream(&self.body)
    }

    fn size_hint(&self) -> SizeHint {
        let left = http_body::Body::size_hint(&self.body);
        let rest = self.rest.len() as u64;
        let mut hint = SizeHint::new();
        if let Some(upper) = left.upper().and_then(|upper| upper.checked_add(rest)) {
            hint.set_upper(upper);
        }
        hint.set_lower(left.lower().saturating_add(rest));
        hint
    }
}
