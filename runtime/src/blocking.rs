//! Work that blocks its thread, on threads of its own and within limits.
//!
//! They are no threads of tokio's, since a runtime that ends waits for those, however long they take.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::Span;

use crate::app::App;
use crate::context::Context;
use crate::log;
use crate::problem::{Unexpected, unavailable};
use crate::tasks::Tasks;

/// How long a thread without work stays.
const KEPT: Duration = Duration::from_secs(10);

/// How much there may be at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) running: usize,
    pub(crate) waiting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            running: 40,
            waiting: 1024,
        }
    }
}

/// What became of the work of [`Context::blocking`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockingCounts {
    /// What waits for a thread.
    pub waiting: usize,
    /// What runs, also where the request is gone.
    pub running: usize,
    /// What has ended.
    pub finished: usize,
    /// What has panicked.
    pub panicked: usize,
    /// What never began, because its request was gone.
    pub dropped: usize,
    /// What was refused, because too much waited.
    pub refused: usize,
}

/// The counts, as they are.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    waiting: AtomicUsize,
    running: AtomicUsize,
    finished: AtomicUsize,
    panicked: AtomicUsize,
    dropped: AtomicUsize,
    refused: AtomicUsize,
}

impl Counters {
    pub(crate) fn counts(&self) -> BlockingCounts {
        let get = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        BlockingCounts {
            waiting: get(&self.waiting),
            running: get(&self.running),
            finished: get(&self.finished),
            panicked: get(&self.panicked),
            dropped: get(&self.dropped),
            refused: get(&self.refused),
        }
    }
}

/// Whether anybody still waits for work that blocks.
#[derive(Clone, Debug)]
pub struct Cancellation(CancellationToken);

impl Cancellation {
    /// Whether the request is gone, or the time of the server is over: then the work should end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

impl App {
    /// Sets how much work of [`Context::blocking`] runs at a time, each on a thread; at least 1, and 40 unless set.
    pub fn blocking_limit(mut self, threads: usize) -> Self {
        self.blocking.running = threads.max(1);
        self
    }

    /// Sets how much work of [`Context::blocking`] may wait for a thread; 1,024 unless set. Past it the answer is 503 with
    /// `Retry-After`.
    pub fn blocking_queue(mut self, waiting: usize) -> Self {
        self.blocking.waiting = waiting;
        self
    }
}

impl Context {
    /// Runs work that blocks its thread, such as a long computation or a library that is not asynchronous, on a thread of its
    /// own, and waits for what it returns.
    ///
    /// So much runs at a time ([`App::blocking_limit`]), and what comes beyond waits ([`App::blocking_queue`]). Where the
    /// request goes away meanwhile, or takes too long ([`App::request_timeout`]), work that has not begun never does. What has
    /// begun cannot be cut off: it may ask whether it should end. The end of the server waits for it, as long as there is time.
    ///
    /// # Errors
    ///
    /// A 503 where too much waits, or the system makes no thread; a logged 500 where the work panics.
    ///
    /// # Examples
    ///
    /// ```
    /// # use specwright::{Context, Unexpected};
    /// async fn hash(cx: &Context, password: String) -> Result<u64, Unexpected> {
    ///     cx.blocking(move |cancellation| {
    ///         let mut hash = 0;
    ///         for _ in 0..1000 {
    ///             if cancellation.is_cancelled() {
    ///                 break;
    ///             }
    ///             hash ^= password.len() as u64;
    ///         }
    ///         hash
    ///     })
    ///     .await
    /// }
    /// ```
    pub async fn blocking<F, T>(&self, work: F) -> Result<T, Unexpected>
    where
        F: FnOnce(&Cancellation) -> T + Send + 'static,
        T: Send + 'static,
    {
        self.endpoint().settings.blocking.run(work).await
    }

    /// Returns the threads of [`blocking`](Self::blocking), for work that outlives the request.
    ///
    /// # Examples
    ///
    /// ```
    /// # use specwright::{Context, Unexpected};
    /// fn shrink(picture: Vec<u8>) -> Vec<u8> {
    ///     // takes a while
    /// #   picture
    /// }
    ///
    /// fn uploaded(cx: &Context, picture: Vec<u8>) {
    ///     let pool = cx.blocking_pool();
    ///     cx.background(async move {
    ///         let small = pool.run(move |_| shrink(picture)).await?;
    ///         # let _ = small;
    ///         Ok::<(), Unexpected>(())
    ///     });
    /// }
    /// ```
    #[must_use]
    pub fn blocking_pool(&self) -> BlockingPool {
        self.endpoint().settings.blocking.clone()
    }
}

/// A request that waits for its work.
struct Waiting<'p> {
    pool: &'p BlockingPool,
    id: u64,
    token: CancellationToken,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.token.cancel();
        self.pool.withdraw(self.id);
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// The threads of an app for work that blocks, which are made when they are needed; from
/// [`Context::blocking_pool`]. A clone is of the same threads.
#[derive(Clone)]
pub struct BlockingPool(Arc<Shared>);

struct Shared {
    limits: Limits,
    tasks: Tasks,
    state: Mutex<State>,
    /// Tells a thread that there is something to do.
    wake: Condvar,
}

#[derive(Default)]
struct State {
    /// What waits, each with what the end of the server waits for.
    queue: VecDeque<(u64, Work, TaskTrackerToken)>,
    next: u64,
    threads: usize,
    idle: usize,
}

impl BlockingPool {
    pub(crate) fn new(tasks: Tasks, limits: Limits) -> Self {
        Self(Arc::new(Shared {
            limits,
            tasks,
            state: Mutex::default(),
            wake: Condvar::new(),
        }))
    }

    /// Runs work on one of the threads, and waits for what it returns, as [`Context::blocking`]. Where nobody waits any more,
    /// work that has not begun never does.
    ///
    /// # Errors
    ///
    /// A 503 where too much waits, or the system makes no thread; a 500 where the work panics.
    pub async fn run<F, T>(&self, work: F) -> Result<T, Unexpected>
    where
        F: FnOnce(&Cancellation) -> T + Send + 'static,
        T: Send + 'static,
    {
        let token = self.0.tasks.ending();
        let cancellation = Cancellation(token.clone());
        let (sender, receiver) = oneshot::channel();
        let counters = self.0.tasks.clone();
        let span = Span::current();
        let id = self.submit(Box::new(move || {
            let work = || span.in_scope(|| work(&cancellation));
            let worked = catch_unwind(AssertUnwindSafe(work));
            let counters = counters.blocking_counters();
            let count = match worked {
                Ok(_) => &counters.finished,
                Err(_) => &counters.panicked,
            };
            counters.running.fetch_sub(1, Ordering::Relaxed);
            count.fetch_add(1, Ordering::Relaxed);
            // Nobody waits any more where the request is gone.
            let _ = sender.send(worked.map_err(|panic| log::panic(&*panic)));
        }))?;
        let _waiting = Waiting {
            pool: self,
            id,
            token,
        };
        match receiver.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(message)) => Err(Unexpected::new(format!(
                "blocking work panicked: {message}"
            ))),
            Err(_) => Err(Unexpected::new("blocking work was lost")),
        }
    }

    /// Puts work into the queue, and returns its number there.
    fn submit(&self, work: Work) -> Result<u64, Unexpected> {
        let shared = &self.0;
        let counters = shared.tasks.blocking_counters();
        let mut state = shared.state();
        let for_waiting = state.queue.len().saturating_sub(state.idle);
        let has_thread = state.queue.len() < state.idle;
        let makes_thread = !has_thread && state.threads < shared.limits.running;
        if !has_thread && !makes_thread && for_waiting >= shared.limits.waiting {
            counters.refused.fetch_add(1, Ordering::Relaxed);
            return Err(unavailable("too much work waits for a thread"));
        }
        if makes_thread {
            let own = Arc::clone(shared);
            let thread = thread::Builder::new().name("specwright-blocking".to_owned());
            match thread.spawn(move || own.work()) {
                Ok(_) => state.threads += 1,
                // Another thread does it, where there is one, and where it may wait for that.
                Err(_) if state.threads > 0 && for_waiting < shared.limits.waiting => {}
                Err(error) => {
                    tracing::warn!("no thread could be made for work that blocks: {error}");
                    counters.refused.fetch_add(1, Ordering::Relaxed);
                    return Err(unavailable("no thread can be made for the work"));
                }
            }
        }
        let id = state.next;
        state.next += 1;
        counters.waiting.fetch_add(1, Ordering::Relaxed);
        let token = shared.tasks.token();
        state.queue.push_back((id, work, token));
        drop(state);
        shared.wake.notify_one();
        Ok(id)
    }

    /// Takes work out of the queue, where it is still there.
    fn withdraw(&self, id: u64) {
        let mut state = self.0.state();
        if let Some(at) = state.queue.iter().position(|(other, ..)| *other == id) {
            let withdrawn = state.queue.remove(at);
            drop(state);
            drop(withdrawn);
            let counters = self.0.tasks.blocking_counters();
            counters.waiting.fetch_sub(1, Ordering::Relaxed);
            counters.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl std::fmt::Debug for BlockingPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("BlockingPool").field(&self.0.limits).finish()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a thread does until there is nothing to do for a while.
    fn work(&self) {
        let mut state = self.state();
        loop {
            if let Some((_, work, token)) = state.queue.pop_front() {
                drop(state);
                let counters = self.tasks.blocking_counters();
                counters.waiting.fetch_sub(1, Ordering::Relaxed);
                counters.running.fetch_add(1, Ordering::Relaxed);
                // It does not panic itself, but what it returns may, where it is dropped.
                if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                    let message = log::panic(&*panic);
                    log::error(
                        None,
                        &format_args!("what blocking work returned panicked: {message}"),
                    );
                }
                drop(token);
                state = self.state();
                continue;
            }
            state.idle += 1;
            let waited = self.wake.wait_timeout(state, KEPT);
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if timeout.timed_out() && state.queue.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }
}
