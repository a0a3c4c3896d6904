//! What is counted of requests, and of what runs beside them, for Prometheus.
//!
//! No label is what a client sends: there are as many series as there are routes, methods and statuses.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::{self, HeaderValue};
use http::{Method, StatusCode};
use prometheus_client::encoding::{
    EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, prometheus_text, text,
};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::beside::Beside;
use super::found::Found;
use super::{OTHER, known};
use crate::app::App;
use crate::operation::Operation;
use crate::read_only;

/// The bounds of durations in seconds, unless set: what OpenTelemetry advises for HTTP.
const SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// The bounds of sizes in bytes: 256 B to 256 MiB.
const BYTES: [f64; 6] = [
    256.0,
    4096.0,
    65536.0,
    1_048_576.0,
    16_777_216.0,
    268_435_456.0,
];

/// What is served to Prometheus, and where: see [`App::metrics`].
///
/// # Examples
///
/// ```
/// use specwright::Metrics;
/// use specwright::prometheus_client::metrics::counter::Counter;
///
/// let sold: Counter = Counter::default();
/// let metrics = Metrics::new()
///     .on("127.0.0.1:9100")
///     .register(|registry| registry.register("books_sold", "Books that were sold", sold.clone()));
/// sold.inc();
/// # let _ = metrics;
/// ```
#[must_use = "metrics are served by an app"]
#[derive(Debug)]
pub struct Metrics {
    path: String,
    address: Option<String>,
    seconds: Vec<f64>,
    registry: Registry,
}

impl Metrics {
    /// Metrics at `/metrics` of the app itself.
    pub fn new() -> Self {
        Self {
            path: "/metrics".to_owned(),
            address: None,
            seconds: SECONDS.to_vec(),
            registry: Registry::default(),
        }
    }

    /// Sets the path.
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Serves them on an address of their own, `host:port` or `unix:` and a path, where clients of the API do not come; the
    /// app itself then has none. It is listened on by [`App::serve`] and [`App::serve_until`].
    pub fn on(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Sets the upper bounds of the buckets of durations, in seconds; 5 ms to 10 s unless set.
    pub fn duration_buckets(mut self, seconds: impl IntoIterator<Item = f64>) -> Self {
        self.seconds = seconds.into_iter().collect();
        self
    }

    /// Adds metrics of your own. What you label them with should not be what clients send, since each value is kept for ever.
    pub fn register(mut self, register: impl FnOnce(&mut Registry)) -> Self {
        register(&mut self.registry);
        self
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl App {
    /// Counts requests, and serves what was counted to Prometheus; off unless set.
    ///
    /// | metric | labels | counts |
    /// |---|---|---|
    /// | `http_server_requests_total` | `operation`, `route`, `method`, `status` | requests |
    /// | `http_server_request_duration_seconds` | the same | the time from the head of the request to the end of the response |
    /// | `http_server_active_requests` | `operation`, `route` | requests whose responses have not ended |
    /// | `http_server_request_body_size_bytes` | `operation`, `route` | what was read of bodies of requests |
    /// | `http_server_response_body_size_bytes` | `operation`, `route` | what connections have taken of bodies of responses |
    /// | `specwright_connections` | | open connections |
    /// | `specwright_background_tasks` | `state` | tasks of [`Context::background`](crate::Context::background) that wait or run |
    /// | `specwright_background_tasks_ended_total` | `outcome` | what became of those before |
    /// | `specwright_blocking_work` | `state` | work of [`Context::blocking`](crate::Context::blocking) that waits or runs |
    /// | `specwright_blocking_work_ended_total` | `outcome` | what became of that before |
    /// | `specwright_dependency_limit` | `dependency` | how many requests may have it: [`Limits::concurrency`](crate::Limits::concurrency) |
    /// | `specwright_dependency_in_use` | `dependency` | how many have it |
    /// | `specwright_dependency_waiting` | `dependency` | how many wait for it |
    /// | `specwright_dependency_refused_total` | `dependency` | how many waited in vain |
    ///
    /// `operation` is the `operationId`, and empty where a request is for no operation; `route` is the template of the path, such
    /// as `/books/{id}`, also of a hand-written route ([`merge`](Self::merge)), and empty where none matched or a nested service
    /// answers; `method` is `_OTHER` where nobody has declared it; `status` is empty where the client went away before there
    /// was one. So however many paths and methods clients think up, the series stay the same.
    /// [`health_routes`](Self::health_routes) and the metrics themselves are not counted. A connection that switches to another
    /// protocol is a request that ends with its 101.
    ///
    /// The format is that of OpenMetrics, or Prometheus's own for those who do not ask for it. Whoever reaches the path can
    /// read all of it: [`Metrics::on`] keeps it from the clients of the API. The app does not start where an operation has
    /// the path, or a bucket is no number.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::{App, Metrics};
    ///
    /// fn counted(app: App) -> App {
    ///     app.metrics(Metrics::new().on("127.0.0.1:9100"))
    /// }
    /// ```
    pub fn metrics(mut self, metrics: Metrics) -> Self {
        if !metrics.seconds.is_sorted_by(|a, b| a < b)
            || metrics.seconds.iter().any(|it| it.is_nan())
        {
            self.middleware
                .fault("the buckets of durations are not in ascending order");
        }
        if !metrics.path.starts_with('/') {
            let path = metrics.path.escape_debug();
            self.middleware.fault(format!(
                "the path of the metrics is `{path}`: it must begin with `/`"
            ));
        }
        let beside = Beside {
            tasks: self.tasks.clone(),
            sockets: self.connections.sockets.clone(),
            dependencies: self.dependencies.clone(),
        };
        self.observe.metrics = Some(Arc::new(Recorder::new(metrics, beside)));
        self
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    operation: &'static str,
    route: Template,
    method: &'static str,
    status: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    operation: &'static str,
    route: Template,
}

impl Of {
    fn found(found: Option<&Found>) -> Self {
        Self {
            operation: operation(found).map_or("", |it| it.id),
            route: Template(found.cloned()),
        }
    }
}

fn operation(found: Option<&Found>) -> Option<&'static Operation> {
    found.and_then(Found::operation)
}

/// The template of the path that a request is for; its text counts, and is not copied.
#[derive(Clone)]
struct Template(Option<Found>);

impl Template {
    fn text(&self) -> &str {
        self.0.as_ref().map_or("", Found::route)
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Template {}

impl Hash for Template {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text().hash(state);
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}

impl EncodeLabelValue for Template {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        EncodeLabelValue::encode(&self.text(), encoder)
    }
}

/// Makes the histograms of a family.
#[derive(Clone)]
struct Buckets(Arc<[f64]>);

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

/// What is counted, and where it is served.
pub(crate) struct Recorder {
    path: String,
    pub(crate) address: Option<String>,
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, Buckets>,
    active: Family<Of, Gauge>,
    received: Family<Of, Histogram, Buckets>,
    sent: Family<Of, Histogram, Buckets>,
    /// The series of requests that there were, so that each is looked up once.
    known: RwLock<HashMap<Labels, Series>>,
}

/// The series of requests with the same labels.
#[derive(Clone)]
struct Series {
    requests: Counter,
    duration: Histogram,
    received: Histogram,
    sent: Histogram,
}

/// A request that has ended.
pub(super) struct Ended<'r> {
    pub(super) found: Option<&'r Found>,
    pub(super) method: &'r Method,
    pub(super) status: Option<StatusCode>,
    pub(super) duration: Duration,
    pub(super) sent: u64,
}

/// A request that is being answered, until this is dropped.
pub(super) struct Active(Gauge);

impl Active {
    fn new(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Recorder {
    fn new(metrics: Metrics, beside: Beside) -> Self {
        let Metrics {
            path,
            address,
            seconds,
            mut registry,
        } = metrics;
        let sizes = Buckets(BYTES.into());
        let recorder = Self {
            path,
            address,
            requests: Family::default(),
            durations: Family::new_with_constructor(Buckets(seconds.into())),
            active: Family::default(),
            received: Family::new_with_constructor(sizes.clone()),
            sent: Family::new_with_constructor(sizes),
            known: RwLock::default(),
            registry: Registry::default(),
        };
        registry.register(
            "http_server_requests",
            "Requests whose responses have ended",
            recorder.requests.clone(),
        );
        registry.register_with_unit(
            "http_server_request_duration",
            "From the head of the request to the end of the response",
            Unit::Seconds,
            recorder.durations.clone(),
        );
        registry.register(
            "http_server_active_requests",
            "Requests whose responses have not ended",
            recorder.active.clone(),
        );
        registry.register_with_unit(
            "http_server_request_body_size",
            "What was read of bodies of requests",
            Unit::Bytes,
            recorder.received.clone(),
        );
        registry.register_with_unit(
            "http_server_response_body_size",
            "What connections have taken of bodies of responses",
            Unit::Bytes,
            recorder.sent.clone(),
        );
        registry.register_collector(Box::new(beside));
        Self {
            registry,
            ..recorder
        }
    }

    /// A request is being answered, by this where it is known.
    pub(super) fn active(&self, found: Option<&Found>) -> Active {
        Active::new(self.active.get_or_create_owned(&Of::found(found)))
    }

    pub(super) fn record(&self, ended: &Ended<'_>, received: u64) {
        let Of { operation, route } = Of::found(ended.found);
        let series = self.series(Labels {
            operation,
            route,
            method: match known(ended.method.as_str()) {
                Some(method) => method,
                None => self::operation(ended.found).map_or(OTHER, |it| it.method),
            },
            status: ended.status.map(|status| status.as_u16()),
        });
        series.requests.inc();
        series.duration.observe(ended.duration.as_secs_f64());
        series.received.observe(received as f64);
        series.sent.observe(ended.sent as f64);
    }

    fn series(&self, labels: Labels) -> Series {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.get(&labels) {
            return series.clone();
        }
        drop(known);
        let of = Of {
            operation: labels.operation,
            route: labels.route.clone(),
        };
        let series = Series {
            requests: self.requests.get_or_create_owned(&labels),
            duration: self.durations.get_or_create_owned(&labels),
            received: self.received.get_or_create_owned(&of),
            sent: self.sent.get_or_create_owned(&of),
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(labels).or_insert(series).clone()
    }

    /// The path that the app itself has for them.
    pub(crate) fn path(&self) -> Option<&str> {
        self.address.is_none().then_some(&self.path)
    }

    /// Whether a request is for the metrics.
    pub(super) fn is_asked(&self, request: &Request) -> bool {
        self.path() == Some(request.uri().path())
    }

    /// What serves them on an address of their own.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        let recorder = Arc::clone(self);
        Router::new().fallback(async move |request: Request| {
            match request.uri().path() == recorder.path {
                true => recorder.answer(&request),
                false => status(StatusCode::NOT_FOUND),
            }
        })
    }

    /// Answers a request for them.
    pub(super) fn answer(&self, request: &Request) -> Response {
        if let Some(refused) = read_only::refused(request.method()) {
            return refused;
        }
        let accept = request.headers().get_all(header::ACCEPT);
        let is_open_metrics = accept.iter().any(|it| {
            it.to_str()
                .is_ok_and(|it| it.contains("application/openmetrics-text"))
        });
        let mut body = String::new();
        let (encoded, content_type) = match is_open_metrics {
            true => (
                text::encode(&mut body, &self.registry),
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
            ),
            false => (
                prometheus_text::encode(&mut body, &self.registry),
                "text/plain; version=0.0.4; charset=utf-8",
            ),
        };
        if encoded.is_err() {
            crate::log::error(None, &"a metric cannot be written");
            return status(StatusCode::INTERNAL_SERVER_ERROR);
        }
        let mut response = Response::new(Body::from(body));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        read_only::answered(request.method(), response)
    }
}

fn status(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("path", &self.path)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
