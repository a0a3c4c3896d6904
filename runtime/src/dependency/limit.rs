//! How many of a dependency there may be at a time, and how long things may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::replace::Dependencies;
use super::scope::Key;
use crate::problem::{Unexpected, unavailable};

/// Limits of a dependency: what [`Provide::limits`](crate::Provide::limits) returns.
///
/// Past the limits of asking, the answer is 503 with `Retry-After`, so a client knows that it may come again.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use specwright::Limits;
///
/// let limits = Limits::new()
///     .concurrency(8)
///     .wait_timeout(Duration::from_millis(200))
///     .acquire_timeout(Duration::from_secs(2));
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    concurrency: Option<usize>,
    wait_timeout: Duration,
    acquire_timeout: Option<Duration>,
    pub(super) release_timeout: Option<Duration>,
}

impl Limits {
    /// No limits, but for 30 seconds to release it.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            concurrency: None,
            wait_timeout: Duration::from_secs(1),
            acquire_timeout: None,
            release_timeout: Some(Duration::from_secs(30)),
        }
    }

    /// Sets how many requests may have one at the same time, until it is released; at least 1.
    ///
    /// What the first request says holds for the whole time of the server.
    #[must_use]
    pub const fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = Some(requests);
        self
    }

    /// Sets how long to wait where [`concurrency`](Self::concurrency) is reached; 1 second unless set.
    #[must_use]
    pub const fn wait_timeout(mut self, timeout: Duration) -> Self {
        self.wait_timeout = timeout;
        self
    }

    /// Sets how long it may take to make one, apart from that; no limit but the request's unless set.
    #[must_use]
    pub const fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = Some(timeout);
        self
    }

    /// Sets how long it may take to release one; past it the release is dropped and has failed.
    #[must_use]
    pub const fn release_timeout(mut self, timeout: Duration) -> Self {
        self.release_timeout = Some(timeout);
        self
    }

    /// Waits until there may be one more.
    pub(super) async fn admit(
        &self,
        dependencies: &Dependencies,
        key: Key,
        name: &'static str,
    ) -> Result<Option<OwnedSemaphorePermit>, Unexpected> {
        let Some(concurrency) = self.concurrency else {
            return Ok(None);
        };
        let places = dependencies.places(key, || Places::new(name, concurrency));
        let free = Arc::clone(&places.free);
        if let Ok(permit) = Arc::clone(&free).try_acquire_owned() {
            return Ok(Some(permit));
        }
        let _waiting = Waiting::new(&places.waiting);
        match timeout(self.wait_timeout, free.acquire_owned()).await {
            // The semaphore is never closed.
            Ok(permit) => Ok(permit.ok()),
            Err(_) => {
                places.refused.fetch_add(1, Ordering::Relaxed);
                Err(unavailable("too many requests need the same at the moment"))
            }
        }
    }

    /// Runs what makes one.
    pub(super) async fn within<T>(
        &self,
        acquire: impl Future<Output = Result<T, Unexpected>>,
    ) -> Result<T, Unexpected> {
        let Some(limit) = self.acquire_timeout else {
            return acquire.await;
        };
        match timeout(limit, acquire).await {
            Ok(result) => result,
            Err(_) => Err(unavailable("what the request needs was not ready in time")),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// The places of a dependency with a limit.
#[cfg_attr(
    not(feature = "metrics"),
    expect(dead_code, reason = "only metrics ask what it is called")
)]
pub(super) struct Places {
    /// The type of the dependency.
    pub(super) name: &'static str,
    limit: usize,
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    refused: AtomicUsize,
}

impl Places {
    fn new(name: &'static str, concurrency: usize) -> Self {
        let limit = concurrency.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            name,
            limit,
            free: Arc::new(Semaphore::new(limit)),
            waiting: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
        }
    }
}

/// How much there is of a dependency.
#[cfg(feature = "metrics")]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) limit: usize,
    pub(crate) in_use: usize,
    pub(crate) waiting: usize,
    pub(crate) refused: usize,
}

#[cfg(feature = "metrics")]
impl Counts {
    pub(super) fn add(&mut self, places: &Places) {
        self.limit += places.limit;
        self.in_use += places.limit.saturating_sub(places.free.available_permits());
        self.waiting += places.waiting.load(Ordering::Relaxed);
        self.refused += places.refused.load(Ordering::Relaxed);
    }
}

/// A request that waits, counted until this is dropped.
struct Waiting<'p>(&'p AtomicUsize);

impl<'p> Waiting<'p> {
    fn new(waiting: &'p AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
