//! What an operator sees of requests: a span around each, and a line of the access log.
//!
//! A server that is not observed pays for none of it.

#[cfg(feature = "metrics")]
mod beside;
mod body;
#[cfg(feature = "opentelemetry")]
mod collector;
#[cfg(feature = "opentelemetry")]
mod conventions;
#[cfg(feature = "metrics")]
mod counted;
mod found;
#[cfg(feature = "log")]
mod log;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(any(feature = "log", feature = "opentelemetry"))]
mod subscriber;
#[cfg(feature = "opentelemetry")]
mod traces;
#[cfg(feature = "opentelemetry")]
mod variables;

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use http::uri::Scheme;
use http::{HeaderValue, Method, StatusCode};
#[cfg(feature = "metrics")]
use http_body::Body as _;
use tokio::time::Instant as Deadline;
use tracing::field::{self, Empty};
use tracing::{Instrument as _, Span};

use crate::app::App;
use crate::error::Error;
use crate::middleware::Middleware;
#[cfg(feature = "opentelemetry")]
use crate::middleware::TrustedProxies;
use crate::routes::{Answer, Endpoint};

use body::ObservedBody;
#[cfg(feature = "metrics")]
use counted::Counted;
use found::Found;
#[cfg(feature = "log")]
pub use log::{Log, LogFormat};
#[cfg(feature = "metrics")]
use metrics::Ended;
#[cfg(feature = "metrics")]
pub use metrics::Metrics;
#[cfg(feature = "metrics")]
pub(crate) use metrics::Recorder;
#[cfg(feature = "opentelemetry")]
pub use traces::OpenTelemetry;

/// The name of the span around a request.
const NAME: &str = "request";

/// The target of what is told of requests.
const TARGET: &str = "specwright::request";

/// What OpenTelemetry calls methods that nobody has declared.
#[cfg(any(feature = "metrics", feature = "opentelemetry"))]
const OTHER: &str = "_OTHER";

/// The methods that are known without any document.
#[cfg(any(feature = "metrics", feature = "opentelemetry"))]
fn known(method: &str) -> Option<&'static str> {
    const KNOWN: [&str; 10] = [
        "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "QUERY", "TRACE", "CONNECT",
    ];
    KNOWN.into_iter().find(|known| method == *known)
}

/// What is switched on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    access_log: bool,
    health_routes: bool,
    #[cfg(feature = "log")]
    log: Option<Log>,
    #[cfg(feature = "metrics")]
    pub(crate) metrics: Option<Arc<Recorder>>,
    #[cfg(feature = "opentelemetry")]
    pub(crate) traces: traces::Traces,
}

impl Settings {
    /// The paths that are taken.
    pub(crate) fn taken(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        #[cfg(feature = "metrics")]
        let path = self.metrics.as_ref().and_then(|it| it.path());
        #[cfg(not(feature = "metrics"))]
        let path = None;
        path.into_iter()
            .map(|path| (path, "the path of the metrics", "Metrics::at"))
    }

    /// What is wrong with what was asked for.
    pub(crate) fn faults(&self) -> &[String] {
        #[cfg(feature = "opentelemetry")]
        return self.traces.faults();
        #[cfg(not(feature = "opentelemetry"))]
        &[]
    }

    /// Sets up who hears what is told, where that was asked for and nobody else did.
    ///
    /// # Errors
    ///
    /// Where traces cannot be sent.
    pub(crate) fn subscribe(&self) -> Result<(), Error> {
        #[cfg(feature = "log")]
        let layers: Vec<_> = self.log.iter().filter_map(Log::layer).collect();
        #[cfg(all(feature = "opentelemetry", not(feature = "log")))]
        let layers = Vec::new();
        #[cfg(feature = "opentelemetry")]
        if self.traces.are_sent() {
            return self.traces.subscribe(layers);
        }
        #[cfg(feature = "log")]
        if !layers.is_empty() {
            // Whoever hears it already is left alone.
            subscriber::subscribe(layers);
        }
        Ok(())
    }

    /// Sends what waits to be sent, until a point in time.
    pub(crate) async fn flush_by(&self, deadline: Option<Deadline>) {
        #[cfg(feature = "opentelemetry")]
        if self.traces.are_sent() {
            traces::flush_by(deadline).await;
        }
        #[cfg(not(feature = "opentelemetry"))]
        let _ = deadline;
    }

    /// Whether requests have spans.
    pub(crate) fn has_spans(&self) -> bool {
        #[cfg(feature = "opentelemetry")]
        if self.traces.are_sent() {
            return true;
        }
        self.access_log
    }

    /// Lets hand-written routes tell that a request is for them, where anything asks.
    pub(crate) fn around(&self, written: axum::Router) -> axum::Router {
        #[cfg(feature = "matched-path")]
        if self.is_on() {
            return found::tell(written);
        }
        written
    }

    /// Whether anything is observed.
    fn is_on(&self) -> bool {
        #[cfg(feature = "metrics")]
        if self.metrics.is_some() {
            return true;
        }
        self.has_spans()
    }

    /// What observes requests, where anything does.
    pub(crate) fn observer(&self, middleware: &Middleware) -> Option<Arc<Observer>> {
        #[cfg(not(feature = "opentelemetry"))]
        let _ = middleware;
        self.is_on().then(|| {
            Arc::new(Observer {
                settings: self.clone(),
                #[cfg(feature = "opentelemetry")]
                proxies: middleware.trusted_proxies(),
            })
        })
    }
}

impl App {
    /// Sets whether each request has a span, and a line of the access log once its response is sent; off unless set.
    ///
    /// Both are told through [`tracing`](https://docs.rs/tracing), at the level `info` with the target `specwright::request`,
    /// to whatever subscribes: `App::log` (feature `log`), or a subscriber of your own. The span is called `request`, and what
    /// handlers log is within it:
    ///
    /// | field | holds |
    /// |---|---|
    /// | `method` | the method |
    /// | `operation` | the `operationId`, where the request is for an operation |
    /// | `route` | the template of its path, such as `/books/{id}`, also of a hand-written route ([`merge`](Self::merge)) |
    /// | `status` | the status of the response |
    /// | `request_id` | the id that the response carries too |
    /// | `peer` | the address at the other end of the connection |
    /// | `client` | the address of the client, where a trusted proxy says it |
    ///
    /// What follows from a request has a span of its own, which lasts as long as that does and has `operation` and `request_id`:
    /// `after_response` around tasks in the background and what is released last, and `upgraded` around what runs on a
    /// connection that has switched to another protocol. The request itself ends with its 101 then.
    ///
    /// The line is an event within the span `request`: `answered`, `aborted` where the client or the server went away before the end, and
    /// `failed` where a stream did. It has the bytes of the body that the connection has taken (`bytes`), and the milliseconds
    /// until the head of the response (`head_ms`) and until its end (`duration_ms`). Whether a client has read what the
    /// connection has taken, nobody knows: a body that is in memory is taken at once.
    ///
    /// The template of a hand-written route needs the feature `matched-path`, which `log`, `metrics` and `opentelemetry` turn
    /// on, and there is none for what a nested service, a fallback or a folder of files answers.
    ///
    /// Neither has the path, the query or a header as the client sent them, since any of these may hold a secret; the one
    /// exception is a good `X-Request-Id`. What is refused before it is a request, such as a head that cannot be read, has no
    /// line, and neither has what is answered before the app has started ([`start`](Self::start)).
    ///
    /// # Examples
    ///
    /// ```
    /// # fn observed(app: specwright::App) -> specwright::App {
    /// app.access_log(true)
    /// # }
    /// ```
    pub fn access_log(mut self, on: bool) -> Self {
        self.observe.access_log = on;
        self
    }

    /// Sets whether the requests to [`health_routes`](Self::health_routes) are observed as all others are; they are not
    /// unless set, since they come every few seconds and say nothing.
    pub fn observe_health_routes(mut self, on: bool) -> Self {
        self.observe.health_routes = on;
        self
    }
}

/// Observes the requests of an app.
#[derive(Debug)]
pub(crate) struct Observer {
    settings: Settings,
    /// Whose traces are continued.
    #[cfg(feature = "opentelemetry")]
    proxies: TrustedProxies,
}

impl Observer {
    /// Answers a request that is for what was counted.
    pub(crate) fn answer(&self, request: &Request) -> Option<Answer> {
        #[cfg(feature = "metrics")]
        if let Some(metrics) = &self.settings.metrics
            && metrics.is_asked(request)
        {
            return Some(Box::pin(std::future::ready(Ok(metrics.answer(request)))));
        }
        let _ = request;
        None
    }

    pub(crate) fn observes_health_routes(&self) -> bool {
        self.settings.health_routes
    }

    /// A request begins, and carries what is found out on its way.
    pub(crate) fn begin(
        self: &Arc<Self>,
        request: &mut Request,
        id: Option<&HeaderValue>,
    ) -> Box<Observation> {
        let span = match self.settings.has_spans() {
            true => span(request, id),
            false => Span::none(),
        };
        #[cfg(feature = "opentelemetry")]
        self.settings
            .traces
            .begin(&span, request, || self.proxies.trust_peer(request));
        let seen = Seen(Arc::new(Inner {
            span,
            found: OnceLock::new(),
            #[cfg(feature = "metrics")]
            counted: self.settings.metrics.as_ref().map(Counted::begin),
        }));
        request.extensions_mut().insert(seen.clone());
        #[cfg(feature = "metrics")]
        seen.count_body(request);
        Box::new(Observation {
            observer: Arc::clone(self),
            seen,
            method: request.method().clone(),
            begun: Instant::now(),
            head: None,
            sent: 0,
            end: End::Aborted,
        })
    }
}

fn span(request: &Request, id: Option<&HeaderValue>) -> Span {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    tracing::info_span!(
        target: TARGET,
        NAME,
        method = request.method().as_str(),
        operation = Empty,
        route = Empty,
        request_id = id.and_then(|id| id.to_str().ok()),
        peer = peer.map(|peer| field::display(peer.0)),
        client = Empty,
        status = Empty,
    )
}

/// What is found out of a request on its way, in its extensions.
#[derive(Clone)]
pub(crate) struct Seen(Arc<Inner>);

struct Inner {
    span: Span,
    found: OnceLock<Found>,
    #[cfg(feature = "metrics")]
    counted: Option<Counted>,
}

impl Seen {
    /// The request is for this operation.
    pub(crate) fn route(&self, endpoint: &Arc<Endpoint>) {
        self.found(Found::Operation(Arc::clone(endpoint)));
    }

    fn found(&self, found: Found) {
        // Only the first is kept, and there is only one.
        if self.0.found.set(found).is_err() {
            return;
        }
        let Some(found) = self.0.found.get() else {
            return;
        };
        let span = &self.0.span;
        if let Some(operation) = found.operation() {
            span.record("operation", operation.id);
        }
        span.record("route", found.route());
        #[cfg(feature = "metrics")]
        if let Some(counted) = &self.0.counted {
            counted.found(found);
        }
    }

    /// Counts what is read of the body.
    #[cfg(feature = "metrics")]
    fn count_body(&self, request: &mut Request) {
        if self.0.counted.is_some() && !request.body().is_end_stream() {
            let body = std::mem::take(request.body_mut());
            *request.body_mut() = counted::body(body, self.clone());
        }
    }

    /// A trusted proxy says who the client is.
    pub(crate) fn client(&self, address: IpAddr) {
        self.0.span.record("client", field::display(address));
    }

    /// A trusted proxy says how the client speaks to it.
    pub(crate) fn scheme(&self, scheme: &Scheme) {
        #[cfg(feature = "opentelemetry")]
        traces::scheme(&self.0.span, scheme);
        #[cfg(not(feature = "opentelemetry"))]
        let _ = scheme;
    }
}

/// How a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Complete,
    /// Nobody waits for the rest.
    Aborted,
    /// There is no rest, though there should be.
    Failed,
}

/// A request from its head to the end of its response, told when this is dropped.
pub(crate) struct Observation {
    observer: Arc<Observer>,
    seen: Seen,
    method: Method,
    begun: Instant,
    /// The status, and when it was there.
    head: Option<(StatusCode, Duration)>,
    /// The bytes of the body.
    sent: u64,
    end: End,
}

impl Observation {
    pub(crate) fn span(&self) -> &Span {
        &self.seen.0.span
    }

    /// Observes the response to come.
    pub(crate) fn observe<F>(self: Box<Self>, response: F) -> Answer
    where
        F: Future<Output = Result<Response, Infallible>> + Send + 'static,
    {
        let span = self.span().clone();
        Box::pin(async move {
            let response = response.instrument(span).await?;
            Ok(self.respond(response))
        })
    }

    /// The response is there, and goes on being observed.
    fn respond(mut self: Box<Self>, response: Response) -> Response {
        let status = response.status();
        self.head = Some((status, self.begun.elapsed()));
        self.span().record("status", status.as_u16());
        let is_unsent = self.method == Method::HEAD
            || status.is_informational()
            || status == StatusCode::NO_CONTENT
            || status == StatusCode::NOT_MODIFIED;
        response.map(|body| ObservedBody::around(body, self, is_unsent))
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        #[cfg(feature = "metrics")]
        if let Some(counted) = &self.seen.0.counted {
            counted.end(&Ended {
                found: self.seen.0.found.get(),
                method: &self.method,
                status: self.head.map(|(status, _)| status),
                duration: self.begun.elapsed(),
                sent: self.sent,
            });
        }
        if self.observer.settings.access_log {
            self.log();
        }
        #[cfg(feature = "opentelemetry")]
        if self.end == End::Failed && self.observer.settings.traces.are_sent() {
            traces::failed(self.span());
        }
    }
}

impl Observation {
    fn log(&self) {
        let bytes = self.sent;
        let duration_ms = milliseconds(self.begun.elapsed());
        let head_ms = self.head.map(|(_, after)| milliseconds(after));
        // Each has a place of its own in the program, whose name a subscriber may show.
        macro_rules! tell {
            ($message:literal) => {
                tracing::info!(
                    target: TARGET,
                    parent: self.span(),
                    bytes,
                    head_ms,
                    duration_ms,
                    $message
                )
            };
        }
        match self.end {
            End::Complete => tell!("answered"),
            End::Aborted => tell!("aborted"),
            End::Failed => tell!("failed"),
        }
    }
}

/// Milliseconds, to the microsecond.
fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1e3
}
