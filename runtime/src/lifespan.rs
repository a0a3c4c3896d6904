//! The beginning and the end of a server: how what handlers need is made before the first request, and released after the
//! last.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::api::Api;
use crate::app::App;
use crate::background::{self, Job, TaskOutput};
use crate::error::Error;
use crate::log;
use crate::serve::until;
use crate::tasks::catch_panic;

/// What is released at the end of a server, noted while it starts: see [`App::start`].
#[derive(Clone, Default)]
pub struct Lifespan(Arc<Mutex<Vec<Job>>>);

/// Makes an API.
pub(crate) type Make = Box<dyn FnOnce(Lifespan) -> BoxFuture<'static, crate::Result<Api>> + Send>;

/// Where the API of an app comes from.
pub(crate) enum Source {
    Made(Api),
    Making(Make),
}

impl Lifespan {
    /// Notes what is to be done when the last request and all that it left is over; what was noted last is done first.
    ///
    /// It is done whether the server ends because it was told to, or because it could not start. What fails or panics is
    /// logged, and does not keep the rest from being done.
    pub fn at_end<F>(&self, release: F)
    where
        F: Future<Output: TaskOutput> + Send + 'static,
    {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.push(background::job(release));
    }

    /// Whether nothing is left to be done.
    #[cfg(feature = "test")]
    pub(crate) fn is_done(&self) -> bool {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.is_empty()
    }

    /// Does all that was noted, until a point in time.
    pub(crate) async fn end_by(&self, deadline: Option<Instant>) {
        tokio::select! {
            () = self.end() => {}
            () = until(deadline) => {
                tracing::warn!("what is released at the end was cut off");
            }
        }
    }

    async fn end(&self) {
        loop {
            let job = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(job) = job else { return };
            match catch_panic(job).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    log::error(
                        None,
                        &format_args!("a release at the end failed: {}", error.words()),
                    );
                }
                Err(message) => {
                    log::error(
                        None,
                        &format_args!("a release at the end panicked: {message}"),
                    );
                }
            }
        }
    }
}

impl fmt::Debug for Lifespan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifespan").finish_non_exhaustive()
    }
}

impl App {
    /// Creates a server with the defaults, whose API is made when it starts, of what is opened then; where that fails, so does
    /// [`serve`](Self::serve).
    ///
    /// The address is taken before, so that a second server fails without having opened anything. With
    /// [`health_routes`](Self::health_routes) the server says meanwhile that it is alive, and answers everything else with 503
    /// and `Retry-After`; without, clients wait until it has started. A signal ends it meanwhile too.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use specwright::{Api, App};
    /// # struct Pool;
    /// # impl Pool {
    /// #     async fn connect(_: &str) -> Result<Self, std::io::Error> { Ok(Self) }
    /// #     async fn close(&self) {}
    /// #     fn clone(&self) -> Self { Self }
    /// # }
    /// # mod bookshop { pub fn api<T>(_: T) -> specwright::Api { unimplemented!() } }
    /// # struct Shop { db: Pool }
    /// # async fn run() -> specwright::Result {
    /// let app = App::start(async |lifespan| {
    ///     let db = Pool::connect("shop.db").await?;
    ///     let closed = db.clone();
    ///     lifespan.at_end(async move { closed.close().await });
    ///     Ok(bookshop::api(Shop { db }))
    /// });
    /// app.serve().await
    /// # }
    /// ```
    pub fn start<F, R>(make: F) -> Self
    where
        F: FnOnce(Lifespan) -> R + Send + 'static,
        R: Future<Output = crate::Result<Api>> + Send + 'static,
    {
        Self::from_source(Source::Making(Box::new(|lifespan| {
            Box::pin(make(lifespan))
        })))
    }

    /// Starts an app of [`start`](Self::start) without serving it, for tests and servers of your own; nothing happens where it
    /// has started. What it noted to be done at the end is done by [`serve`](Self::serve), or [`ended`](Self::ended).
    ///
    /// # Errors
    ///
    /// What the start fails with. Then what it noted has been done.
    pub async fn started(self) -> crate::Result<Self> {
        let ended = self.ended();
        match self.made().await {
            Ok(app) => Ok(app),
            Err(error) => {
                ended.await;
                Err(error)
            }
        }
    }

    /// Starts the app, and leaves to others what it noted.
    pub(crate) async fn made(mut self) -> crate::Result<Self> {
        let make = match self.source {
            Source::Made(_) => return Ok(self),
            Source::Making(make) => make,
        };
        let lifespan = self.lifespan.clone();
        match catch_panic(async move { make(lifespan).await }).await {
            Ok(Ok(api)) => {
                self.source = Source::Made(api);
                Ok(self)
            }
            Ok(Err(error)) => Err(Error::new(format!("the server cannot start: {error}"))),
            Err(message) => {
                let message = format!("the server cannot start: it panicked: {message}");
                Err(Error::new(message))
            }
        }
    }

    /// Notes what is to be done when the last request and all that it left is over, as [`Lifespan::at_end`] does.
    pub fn at_end<F>(self, release: F) -> Self
    where
        F: Future<Output: TaskOutput> + Send + 'static,
    {
        self.lifespan.at_end(release);
        self
    }

    /// Returns what is to be done at the end, for servers of your own: [`serve`](Self::serve) does it by itself. It takes no
    /// longer than [`shutdown_timeout`](Self::shutdown_timeout).
    pub fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        let lifespan = self.lifespan.clone();
        let timeout = self.connections.shutdown_timeout;
        async move { lifespan.end_by(Instant::now().checked_add(timeout)).await }
    }
}
