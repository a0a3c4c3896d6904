//! Whether the server is alive, and ready for requests: what orchestrators and load balancers ask.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use futures_util::future::BoxFuture;
use http::header::{self, HeaderValue};
use http::{Request, StatusCode};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::app::App;
use crate::log;
use crate::problem::Unexpected;
use crate::read_only;
use crate::routes::Answer;
use crate::tasks::catch_panic;

/// How long a check may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// For so long the outcome of the checks is taken for what it still is, so that nobody makes the server ask all the time.
const FRESH: Duration = Duration::from_secs(1);

/// Asks whether something that requests need is there.
type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), Unexpected>> + Send + Sync>;

/// What an app says of itself, and where.
#[derive(Clone, Default)]
pub(crate) struct Routes {
    paths: Option<(String, String)>,
    checks: Vec<(String, Check)>,
}

impl App {
    /// Serves `/livez`, which says that the server is alive, and `/readyz`, which says whether it is ready for requests: with
    /// 200, or 503 while it starts, once it was told to stop, and where one of the
    /// [`readiness_check`](Self::readiness_check)s fails.
    ///
    /// They are answered before all else: whatever the host, and also where there are as many requests as are allowed. The
    /// app does not start where an operation has one of the paths; [`health_routes_at`](Self::health_routes_at) has others.
    pub fn health_routes(self) -> Self {
        self.health_routes_at("/livez", "/readyz")
    }

    /// As [`health_routes`](Self::health_routes), at paths of your own.
    pub fn health_routes_at(mut self, live: impl Into<String>, ready: impl Into<String>) -> Self {
        let paths = (live.into(), ready.into());
        for path in [&paths.0, &paths.1] {
            if !path.starts_with('/') {
                let path = path.escape_debug();
                self.middleware.fault(format!(
                    "a health route is `{path}`: it must begin with `/`"
                ));
            }
        }
        self.health.paths = Some(paths);
        self
    }

    /// Adds a check to what the server asks itself before it says that it is ready: whether the database answers, for example.
    ///
    /// All checks run at a time, each for five seconds at most; what they found holds for a second. One that fails is logged,
    /// and named in the answer, without its error.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct Pool;
    /// # impl Pool { async fn ping(&self) -> Result<(), std::io::Error> { Ok(()) } }
    /// # fn with_checks(app: specwright::App, pool: std::sync::Arc<Pool>) -> specwright::App {
    /// app.health_routes().readiness_check("database", move || {
    ///     let pool = pool.clone();
    ///     async move { pool.ping().await }
    /// })
    /// # }
    /// ```
    pub fn readiness_check<F, R, E>(mut self, name: impl Into<String>, check: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Unexpected>,
    {
        let check: Check = Arc::new(move || {
            let checking = check();
            Box::pin(async move { checking.await.map_err(Into::into) })
        });
        self.health.checks.push((name.into(), check));
        self
    }
}

impl Routes {
    /// The paths that are taken.
    pub(crate) fn taken(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let paths = self.paths.iter();
        let paths = paths.flat_map(|(live, ready)| [live.as_str(), ready.as_str()]);
        paths.map(|path| (path, "a health route", "App::health_routes_at"))
    }

    /// What answers there.
    pub(crate) fn health(&self, phase: Phase) -> Option<Arc<Health>> {
        let (live, ready) = self.paths.clone()?;
        Some(Arc::new(Health {
            live,
            ready,
            checks: self.checks.clone(),
            phase: AtomicU8::new(phase as u8),
            found: Arc::default(),
        }))
    }
}

type Found = Option<(Instant, Vec<String>)>;

/// How far the server is, and never less far than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Starting,
    Started,
    Stopping,
}

/// Answers whoever asks.
pub(crate) struct Health {
    live: String,
    ready: String,
    checks: Vec<(String, Check)>,
    phase: AtomicU8,
    /// When the checks were made, and which failed.
    found: Arc<Mutex<Found>>,
}

impl Health {
    pub(crate) fn enter(&self, phase: Phase) {
        // A start that ends while the server stops makes it no more ready.
        self.phase.fetch_max(phase as u8, Ordering::AcqRel);
    }

    /// Whether a request is for it.
    pub(crate) fn is_asked(&self, request: &Request<Body>) -> bool {
        let path = request.uri().path();
        path == self.live || path == self.ready
    }

    /// Answers a request that is for it.
    pub(crate) fn answer(self: &Arc<Self>, request: &Request<Body>) -> Option<Answer> {
        if !self.is_asked(request) {
            return None;
        }
        let is_live = request.uri().path() == self.live;
        let method = request.method().clone();
        let health = Arc::clone(self);
        Some(Box::pin(async move {
            if let Some(refused) = read_only::refused(&method) {
                return Ok(refused);
            }
            let (status, body) = match is_live {
                true => (StatusCode::OK, serde_json::json!({"status": "live"})),
                false => health.readiness().await,
            };
            let mut response = Response::new(Body::from(body.to_string()));
            *response.status_mut() = status;
            let headers = response.headers_mut();
            let json = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, json);
            let no_store = HeaderValue::from_static("no-store");
            headers.insert(header::CACHE_CONTROL, no_store);
            Ok(read_only::answered(&method, response))
        }))
    }

    async fn readiness(self: &Arc<Self>) -> (StatusCode, serde_json::Value) {
        let unready = |status: &str| {
            let body = serde_json::json!({ "status": status });
            (StatusCode::SERVICE_UNAVAILABLE, body)
        };
        let phase = self.phase.load(Ordering::Acquire);
        if phase == Phase::Starting as u8 {
            return unready("starting");
        }
        if phase == Phase::Stopping as u8 {
            return unready("stopping");
        }
        let failing = self.failing().await;
        if failing.is_empty() {
            return (StatusCode::OK, serde_json::json!({"status": "ready"}));
        }
        let body = serde_json::json!({"status": "failing", "checks": failing});
        (StatusCode::SERVICE_UNAVAILABLE, body)
    }

    /// The checks that fail. Whoever asks meanwhile waits for the same answer.
    async fn failing(self: &Arc<Self>) -> Vec<String> {
        if self.checks.is_empty() {
            return Vec::new();
        }
        let found = Arc::clone(&self.found).lock_owned().await;
        if let Some((when, failing)) = &*found
            && when.elapsed() < FRESH
        {
            return failing.clone();
        }
        // A task, so that a client that goes away does not end the round, and the next does not begin another.
        let health = Arc::clone(self);
        let round = tokio::spawn(async move { health.ask(found).await });
        // It ends early where the runtime does.
        let all = |_| self.checks.iter().map(|(name, _)| name.clone()).collect();
        round.await.unwrap_or_else(all)
    }

    /// Makes the checks.
    async fn ask(&self, mut found: OwnedMutexGuard<Found>) -> Vec<String> {
        let mut running = JoinSet::new();
        for (index, (name, check)) in self.checks.iter().enumerate() {
            let (name, check) = (name.clone(), Arc::clone(check));
            running.spawn(async move {
                // Made within, so that a panic is one of the check.
                let checked = catch_panic(async move { check().await });
                let why = match tokio::time::timeout(CHECK_TIMEOUT, checked).await {
                    Ok(Ok(Ok(()))) => return (index, true),
                    Ok(Ok(Err(error))) => error.words().to_string(),
                    Ok(Err(message)) => format!("it panicked: {message}"),
                    Err(_) => "it takes too long".to_owned(),
                };
                log::error(
                    None,
                    &format_args!("the server is not ready: `{name}`: {why}"),
                );
                (index, false)
            });
        }
        let mut is_good = vec![false; self.checks.len()];
        while let Some(ended) = running.join_next().await {
            if let Ok((index, good)) = ended
                && let Some(entry) = is_good.get_mut(index)
            {
                *entry = good;
            }
        }
        let failing: Vec<String> = self
            .checks
            .iter()
            .zip(is_good)
            .filter(|(_, good)| !good)
            .map(|((name, _), _)| name.clone())
            .collect();
        *found = Some((Instant::now(), failing.clone()));
        failing
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health")
            .field("live", &self.live)
            .field("ready", &self.ready)
            .finish_non_exhaustive()
    }
}
