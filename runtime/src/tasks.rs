//! Work beside the requests: releases of dependencies and tasks in the background, which the server waits for at its end.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use http::HeaderValue;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::Span;

use crate::blocking::{self, BlockingCounts};
use crate::log;
use crate::problem::Unexpected;

/// The work of a server beside its requests: dependencies that are being released, and tasks in the background.
///
/// [`App::serve`](crate::App::serve) waits for it at its end. Servers of your own, and tests, wait by
/// [`drained`](Self::drained).
#[derive(Clone)]
pub struct Tasks(Arc<Inner>);

struct Inner {
    tracker: TaskTracker,
    /// Cancelled when the server is told to stop.
    stopping: CancellationToken,
    /// Cancelled when the time to stop is over: what still runs is dropped.
    ended: CancellationToken,
    background: Counters,
    blocking: blocking::Counters,
}

/// What became of tasks in the background.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) waiting: AtomicUsize,
    pub(crate) running: AtomicUsize,
    pub(crate) finished: AtomicUsize,
    pub(crate) failed: AtomicUsize,
    pub(crate) panicked: AtomicUsize,
    pub(crate) dropped: AtomicUsize,
}

/// How many tasks of [`Context::background`](crate::Context::background) there are, and what became of those before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskCounts {
    /// Those that wait for their turn.
    pub waiting: usize,
    /// Those that run.
    pub running: usize,
    /// Those that ended well.
    pub finished: usize,
    /// Those that returned an error.
    pub failed: usize,
    /// Those that panicked.
    pub panicked: usize,
    /// Those that the end of the server cut off.
    pub dropped: usize,
}

impl Tasks {
    pub(crate) fn new() -> Self {
        let tracker = TaskTracker::new();
        // So that waiting ends whenever nothing is there; tasks can be added all the same.
        tracker.close();
        Self(Arc::new(Inner {
            tracker,
            stopping: CancellationToken::new(),
            ended: CancellationToken::new(),
            background: Counters::default(),
            blocking: blocking::Counters::default(),
        }))
    }

    /// Waits until no dependency is being released and no task is in the background.
    pub async fn drained(&self) {
        self.0.tracker.wait().await;
    }

    /// Returns how many there are now: releases of one request count as one, as do its tasks in the background.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.tracker.len()
    }

    /// Whether there is nothing to wait for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.tracker.is_empty()
    }

    /// Returns how many tasks are in the background, and what became of those before; for metrics.
    #[must_use]
    pub fn background(&self) -> TaskCounts {
        let get = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let counters = self.counters();
        TaskCounts {
            waiting: get(&counters.waiting),
            running: get(&counters.running),
            finished: get(&counters.finished),
            failed: get(&counters.failed),
            panicked: get(&counters.panicked),
            dropped: get(&counters.dropped),
        }
    }

    /// Returns how much work of [`Context::blocking`](crate::Context::blocking) there is, and what became of that before; for
    /// metrics.
    #[must_use]
    pub fn blocking(&self) -> BlockingCounts {
        self.0.blocking.counts()
    }

    pub(crate) fn blocking_counters(&self) -> &blocking::Counters {
        &self.0.blocking
    }

    /// What the end of the server waits for, as long as there is time.
    pub(crate) fn token(&self) -> TaskTrackerToken {
        self.0.tracker.token()
    }

    /// A token that is cancelled at the end of the server too.
    pub(crate) fn ending(&self) -> CancellationToken {
        self.0.ended.child_token()
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.background
    }

    /// Runs work that the end of the server waits for.
    ///
    /// After [`end`](Self::end) it is dropped where it stands.
    pub(crate) fn spawn(
        &self,
        runtime: &Handle,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        runtime.spawn(self.follow(work))
    }

    /// Makes work, which somebody else runs, such that the end of the server waits for it, as [`spawn`](Self::spawn).
    pub(crate) fn follow<W>(&self, work: W) -> impl Future<Output = ()> + Send + use<W>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let ended = self.0.ended.clone();
        self.0.tracker.track_future(async move {
            ended.run_until_cancelled_owned(work).await;
        })
    }

    /// Tells that the server stops.
    pub(crate) fn stop(&self) {
        self.0.stopping.cancel();
    }

    /// Completes when the server is told to stop.
    pub(crate) fn stopping(&self) -> impl Future<Output = ()> + Send + use<> {
        self.0.stopping.clone().cancelled_owned()
    }

    /// Drops what is left.
    pub(crate) fn end(&self) {
        self.0.ended.cancel();
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks")
            .field("len", &self.len())
            .field("background", &self.background())
            .finish_non_exhaustive()
    }
}

/// The request that work is left of, for the log.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) operation: &'static str,
    pub(crate) request_id: Option<HeaderValue>,
    /// Whether requests have spans, and so has what follows from them.
    pub(crate) has_spans: bool,
}

/// Makes a span of its own for what follows from a request, since the request's ends with the response.
macro_rules! span_after {
    ($origin:expr, $request:expr, $name:literal) => {{
        let (origin, request): (&Origin, &Span) = ($origin, $request);
        if origin.has_spans {
            let id = origin.request_id.as_ref();
            let span = tracing::info_span!(
                target: "specwright::request",
                parent: None,
                $name,
                operation = origin.operation,
                request_id = id.and_then(|id| id.to_str().ok()),
            );
            span.follows_from(request);
            span
        } else {
            Span::none()
        }
    }};
}

impl Origin {
    /// The span of what runs once the response is sent.
    pub(crate) fn after_response(&self) -> Span {
        span_after!(self, &Span::current(), "after_response")
    }

    /// The span of what runs on a connection that speaks another protocol since `request`.
    pub(crate) fn upgraded(&self, request: &Span) -> Span {
        span_after!(self, request, "upgraded")
    }

    /// Logs what went wrong with `what`.
    #[cold]
    pub(crate) fn log(&self, what: &dyn fmt::Display, why: &dyn fmt::Display) {
        let message = format_args!("{what} of `{}` {why}", self.operation);
        log::error(self.request_id.as_ref(), &message);
    }

    /// Logs why a dependency could not be released, where that is no answer.
    #[cold]
    pub(crate) fn log_release(&self, error: &Unexpected) {
        let why = format_args!("failed: {}", error.words());
        self.log(&"the release of a dependency", &why);
    }
}

/// Runs a future to its end; where it panics, what it said.
pub(crate) async fn catch_panic<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    std::future::poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(log::panic(&*panic))),
        },
    )
    .await
}
