//! Tasks that run once the response is sent.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument as _;

use crate::app::App;
use crate::problem::{Unexpected, unavailable};
use crate::refusal::Refusal;
use crate::tasks::{Counters, Origin, Tasks, catch_panic};

/// How many requests' tasks run at a time unless set.
const RUNNING: usize = 64;

/// How many requests' tasks may wait besides unless set.
const WAITING: usize = 1024;

/// A task that has not begun.
pub(crate) type Job = Pin<Box<dyn Future<Output = Result<(), Unexpected>> + Send>>;

/// What a task in the background may return: nothing, or a `Result` whose error is logged.
#[diagnostic::on_unimplemented(
    message = "a task in the background cannot return `{Self}`",
    note = "it returns `()`, or `Result<(), E>` with an error that converts into `specwright::Unexpected`"
)]
pub trait TaskOutput {
    /// What there is to log.
    ///
    /// # Errors
    ///
    /// What went wrong.
    fn into_result(self) -> Result<(), Unexpected>;
}

impl TaskOutput for () {
    fn into_result(self) -> Result<(), Unexpected> {
        Ok(self)
    }
}

impl<E: Into<Unexpected>> TaskOutput for Result<(), E> {
    fn into_result(self) -> Result<(), Unexpected> {
        self.map_err(Into::into)
    }
}

/// Makes a job of a task.
pub(crate) fn job<F>(task: F) -> Job
where
    F: Future<Output: TaskOutput> + Send + 'static,
{
    Box::pin(async move { task.await.into_result() })
}

/// How many tasks there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    running: usize,
    waiting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            running: RUNNING,
            waiting: WAITING,
        }
    }
}

impl App {
    /// Sets of how many requests the tasks in the background run at a time; at least 1, and 64 unless set.
    ///
    /// The tasks of one request run one after the other.
    pub fn background_limit(mut self, requests: usize) -> Self {
        self.background.running = requests.clamp(1, Semaphore::MAX_PERMITS / 2);
        self
    }

    /// Sets of how many requests the tasks may wait for their turn besides; 1,024 unless set.
    ///
    /// Where so many wait, a request with tasks is answered with 503 and `Retry-After`, so that work never piles up in memory.
    /// Its dependencies are released as those of a request that failed. It does not wait for a place, since what the others
    /// wait for may be what it holds.
    pub fn background_queue(mut self, requests: usize) -> Self {
        self.background.waiting = requests.min(Semaphore::MAX_PERMITS / 2);
        self
    }

    /// Returns what the server does beside its requests, to be counted or waited for.
    #[must_use]
    pub fn tasks(&self) -> Tasks {
        self.tasks.clone()
    }
}

/// The places for tasks of an app.
#[derive(Clone)]
pub(crate) struct Background {
    tasks: Tasks,
    places: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Background {
    pub(crate) fn new(tasks: Tasks, limits: Limits) -> Self {
        Self {
            tasks,
            places: Arc::new(Semaphore::new(limits.running + limits.waiting)),
            running: Arc::new(Semaphore::new(limits.running)),
        }
    }

    pub(crate) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Takes a place for the tasks of a request.
    ///
    /// # Errors
    ///
    /// When there is none: a 503.
    pub(crate) fn admit(&self, jobs: Vec<Job>) -> Result<Batch, Refusal> {
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => Ok(Batch {
                jobs,
                place,
                background: self.clone(),
            }),
            Err(_) => Err(unavailable("too many tasks wait in the background").into()),
        }
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Background").field(&self.tasks).finish()
    }
}

/// The tasks of a request, which run once its response is sent; dropped, they never begin.
pub(crate) struct Batch {
    jobs: Vec<Job>,
    place: OwnedSemaphorePermit,
    background: Background,
}

impl Batch {
    pub(crate) fn tasks(&self) -> &Tasks {
        &self.background.tasks
    }

    /// Begins, once it is their turn; `then` is done when they have ended.
    pub(crate) fn start(
        self,
        runtime: &Handle,
        origin: Origin,
        then: impl FnOnce() + Send + 'static,
    ) {
        let tasks = self.background.tasks.clone();
        let span = origin.after_response();
        let unfinished = Unfinished::new(tasks.clone(), origin, self.jobs.len());
        let run = async move {
            self.run(unfinished).await;
            then();
        };
        tasks.spawn(runtime, run.instrument(span));
    }

    async fn run(self, mut unfinished: Unfinished) {
        let _turn = self.background.running.acquire().await;
        for job in self.jobs {
            unfinished.begin();
            let result = catch_panic(job).await;
            unfinished.end(result);
        }
        drop(self.place);
    }
}

/// The tasks of a request that have not ended, counted; what is left when this is dropped is lost, and told.
struct Unfinished {
    tasks: Tasks,
    origin: Origin,
    waiting: usize,
    is_running: bool,
}

impl Unfinished {
    fn new(tasks: Tasks, origin: Origin, count: usize) -> Self {
        tasks.counters().waiting.fetch_add(count, Ordering::Relaxed);
        Self {
            tasks,
            origin,
            waiting: count,
            is_running: false,
        }
    }

    fn begin(&mut self) {
        let counters = self.tasks.counters();
        self.waiting -= 1;
        self.is_running = true;
        counters.waiting.fetch_sub(1, Ordering::Relaxed);
        counters.running.fetch_add(1, Ordering::Relaxed);
    }

    fn end(&mut self, result: Result<Result<(), Unexpected>, String>) {
        const WHAT: &str = "a task in the background";
        let counters = self.tasks.counters();
        self.is_running = false;
        counters.running.fetch_sub(1, Ordering::Relaxed);
        let count = |counter: fn(&Counters) -> &AtomicUsize| {
            counter(counters).fetch_add(1, Ordering::Relaxed);
        };
        match result {
            Ok(Ok(())) => count(|it| &it.finished),
            Ok(Err(error)) => {
                count(|it| &it.failed);
                let error = error.words();
                self.origin.log(&WHAT, &format_args!("failed: {error}"));
            }
            Err(message) => {
                count(|it| &it.panicked);
                let why = format_args!("panicked: {message}");
                self.origin.log(&WHAT, &why);
            }
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let left = self.waiting + usize::from(self.is_running);
        if left == 0 {
            return;
        }
        let counters = self.tasks.counters();
        counters.waiting.fetch_sub(self.waiting, Ordering::Relaxed);
        if self.is_running {
            counters.running.fetch_sub(1, Ordering::Relaxed);
        }
        counters.dropped.fetch_add(left, Ordering::Relaxed);
        let what = format_args!("{left} tasks in the background");
        self.origin
            .log(&what, &"were cut off by the end of the server");
    }
}
