//! Spans for OpenTelemetry, sent by OTLP.
//!
//! The names of attributes are made when spans are sent, in a thread of the exporter, so that the log keeps its own.

#[cfg(feature = "env")]
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use axum::extract::Request;
use opentelemetry::global;
use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator as _};
use opentelemetry::trace::{Status, TracerProvider as _};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::Layer as _;

use super::collector::Collector;
use super::conventions::Conventional;
use super::subscriber::{Boxed, directives};
use super::variables::{Lookup, Variables};
use crate::app::App;
use crate::context;
use crate::error::Error;
use crate::serve::until;

/// What sends the spans of this process, once it was set up.
static PROVIDER: Mutex<Option<SdkTracerProvider>> = Mutex::new(None);

/// Which spans are sent, and whose traces they continue: see [`App::open_telemetry`].
///
/// # Examples
///
/// ```
/// use specwright::OpenTelemetry;
///
/// let traces = OpenTelemetry::new().filter("info,sqlx=debug");
/// # let _ = traces;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTelemetry {
    filter: String,
    trusts_all: bool,
    is_optional: bool,
}

impl OpenTelemetry {
    /// Spans from the level `info` on, which continue the traces of [trusted proxies](App::trusted_proxies).
    #[must_use]
    pub fn new() -> Self {
        Self {
            filter: "info".to_owned(),
            trusts_all: false,
            is_optional: false,
        }
    }

    /// Sets which spans are sent, with the events in them: a level, and others for targets, such as `info,sqlx=debug`, as
    /// [`EnvFilter`] reads them. What the log has is another matter.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = filter.into();
        self
    }

    /// Sets whether the traces of all clients are continued; only those of trusted proxies are unless set.
    ///
    /// Whoever is trusted decides by the flag `sampled` which requests are recorded, and can put them into any trace, so
    /// this is for servers that no stranger reaches.
    #[must_use]
    pub fn trust_all(mut self, on: bool) -> Self {
        self.trusts_all = on;
        self
    }

    /// Sets whether nothing is sent where no variable says where the collector is; it is looked for at
    /// `http://localhost:4318` then unless set.
    ///
    /// So a service has traces where it is deployed beside a collector, and looks for none elsewhere.
    #[must_use]
    pub fn optional(mut self, on: bool) -> Self {
        self.is_optional = on;
        self
    }

    /// Reads the filter.
    fn directives(&self) -> Result<EnvFilter, String> {
        directives("the traces", &self.filter)
    }

    /// What hears of the spans that `provider` sends, where the filter can be read.
    fn layer(&self, provider: &SdkTracerProvider) -> Option<Boxed> {
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("specwright"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false);
        Some(layer.with_filter(self.directives().ok()?).boxed())
    }
}

impl Default for OpenTelemetry {
    fn default() -> Self {
        Self::new()
    }
}

impl App {
    /// Sends spans to a collector of [OpenTelemetry](https://opentelemetry.io), by OTLP over HTTP; off unless set.
    ///
    /// Each request has the span that [`access_log`](Self::access_log) describes, though its line is written only where that
    /// is on too, and what your handlers and libraries tell through [`tracing`](https://docs.rs/tracing) is within it. It is
    /// named by method and route, such as `GET /books/{id}`, and has the attributes of the stable
    /// [conventions for HTTP](https://opentelemetry.io/docs/specs/semconv/http/http-spans/): `http.request.method` (`_OTHER`
    /// where nobody has declared it), `http.route`, `http.response.status_code`, `url.scheme`, `client.address`,
    /// `network.peer.address`, `network.peer.port`, and `error.type` where the answer is a 5xx; beside them `operation`
    /// and `request_id`. None of them holds the path, the query, the host or another header as the client sent them.
    ///
    /// Where to, and how much of it, are the standard variables, without a prefix; where `App::env` is called, before or after
    /// this, also those in a file `.env` that the environment does not have:
    ///
    /// | variable | holds | unless set |
    /// |---|---|---|
    /// | `OTEL_EXPORTER_OTLP_ENDPOINT` | the URL of the collector, to which `/v1/traces` is added | `http://localhost:4318` |
    /// | `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` | the whole URL | |
    /// | `OTEL_EXPORTER_OTLP_HEADERS` | headers for the collector, such as `api-key=...` | none |
    /// | `OTEL_EXPORTER_OTLP_TIMEOUT` | the time for each message, in milliseconds | 10000 |
    /// | `OTEL_EXPORTER_OTLP_CERTIFICATE` | a file in PEM with the authorities that are trusted | those of the system |
    /// | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | what the service is | `unknown_service` |
    /// | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | which traces are recorded, such as `parentbased_traceidratio` and `0.1` | `parentbased_always_on` |
    /// | `OTEL_PROPAGATORS` | what is read of requests and handed on: `tracecontext`, `baggage`, both with a comma, or `none` | `tracecontext` |
    /// | `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`, `OTEL_SPAN_EVENT_COUNT_LIMIT`, `OTEL_SPAN_LINK_COUNT_LIMIT` | how much one span may have | 128 of each |
    /// | `OTEL_BSP_SCHEDULE_DELAY`, `OTEL_BSP_MAX_QUEUE_SIZE`, `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` | how spans are gathered; what finds the queue full is dropped, and no request waits | 5000 ms, 2048, 512 |
    /// | `OTEL_TRACES_EXPORTER` | `otlp`, or `none` to send nothing | `otlp` |
    /// | `OTEL_SDK_DISABLED` | `true` to send nothing | |
    ///
    /// The app does not start where one of them cannot be read, or asks for what there is not: gRPC, JSON, compression,
    /// certificates of clients and other propagators, such as `b3`.
    ///
    /// A trace that comes with a request (`traceparent`, [W3C Trace Context](https://www.w3.org/TR/trace-context/)) is
    /// continued where the other end of the connection is one of the [`trusted_proxies`](Self::trusted_proxies), or
    /// [`OpenTelemetry::trust_all`] is on. Else a trace begins here: a stranger could have every request recorded, or none,
    /// and mix up traces that are not theirs. What a request brings as `baggage` is believed of the same peers only. For requests that handlers make, the global propagator and tracer provider of
    /// the crate `opentelemetry` are set.
    ///
    /// Spans are sent from the start of [`serve`](Self::serve) on, from a thread of their own, and what is left at the end,
    /// after requests, tasks and [`at_end`](Self::at_end), within [`shutdown_timeout`](Self::shutdown_timeout) and five
    /// seconds. That they cannot be sent is logged. With [`log`](Self::log), one subscriber serves both; with a subscriber
    /// of your own the app does not start, since nothing would be sent: add `tracing-opentelemetry` to that one.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::{App, OpenTelemetry};
    ///
    /// fn traced(app: App) -> App {
    ///     app.open_telemetry(OpenTelemetry::new())
    /// }
    /// ```
    pub fn open_telemetry(mut self, traces: OpenTelemetry) -> Self {
        if let Err(fault) = traces.directives() {
            self.middleware.fault(fault);
        }
        self.observe.traces.ask(traces);
        self
    }
}

/// The traces that were asked for, and what the variables say of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traces {
    asked: Option<OpenTelemetry>,
    lookup: Lookup,
    /// Nothing where nothing is to be sent.
    sent: Option<Sent>,
    faults: Vec<String>,
}

/// Traces that are sent.
#[derive(Clone, Debug)]
struct Sent {
    variables: Arc<Variables>,
    propagator: Arc<TextMapCompositePropagator>,
}

impl Traces {
    fn ask(&mut self, traces: OpenTelemetry) {
        self.asked = Some(traces);
        self.read();
    }

    /// Looks variables up in a file, too.
    #[cfg(feature = "env")]
    pub(crate) fn take_file(&mut self, file: &HashMap<String, String>) {
        self.lookup = Lookup::with_file(file);
        self.read();
    }

    fn read(&mut self) {
        self.sent = None;
        self.faults = Vec::new();
        let Some(asked) = &self.asked else { return };
        match Variables::read(&self.lookup) {
            Ok(variables) => {
                let is_wanted = |it: &Variables| it.endpoint.is_some() || !asked.is_optional;
                self.sent = variables.filter(is_wanted).map(|it| Sent {
                    propagator: Arc::new(it.propagator()),
                    variables: Arc::new(it),
                });
            }
            Err(faults) => self.faults = faults,
        }
    }

    /// What is wrong with the variables.
    pub(super) fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Whether anything is sent.
    pub(super) fn are_sent(&self) -> bool {
        self.sent.is_some()
    }

    /// Sets up what sends spans, and lets it hear what is told, beside others; `None` where nothing is sent.
    pub(super) fn subscribe(&self, beside: Vec<Boxed>) -> Result<(), Error> {
        match (&self.asked, &self.sent) {
            (Some(asked), Some(sent)) => subscribe(asked, &sent.variables, beside),
            _ => Ok(()),
        }
    }

    /// The span of a request begins, in the trace that came with it where whoever sent it is trusted.
    pub(super) fn begin(&self, span: &Span, request: &Request, is_proxy: impl FnOnce() -> bool) {
        let (Some(asked), Some(sent)) = (&self.asked, &self.sent) else {
            return;
        };
        if asked.trusts_all || is_proxy() {
            let parent = sent.propagator.extract(&HeaderExtractor(request.headers()));
            // Without a layer that hears of it there is no trace to continue.
            let _ = span.set_parent(parent);
        }
        scheme(span, context::scheme(request.extensions()));
    }
}

fn subscribe(
    traces: &OpenTelemetry,
    variables: &Variables,
    mut beside: Vec<Boxed>,
) -> Result<(), Error> {
    let mut known = PROVIDER.lock().unwrap_or_else(PoisonError::into_inner);
    if known.is_some() {
        // Of another app in this process.
        return Ok(());
    }
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_headers(variables.headers.clone())
        .with_http_client(Collector::new(variables)?);
    if let Some(endpoint) = &variables.endpoint {
        exporter = exporter.with_endpoint(endpoint);
    }
    let exporter = exporter
        .build()
        .map_err(|error| Error::new(format!("traces cannot be sent: {error}")))?;
    let sending = BatchSpanProcessor::builder(Conventional(exporter))
        .with_batch_config(variables.batches())
        .build();
    let provider = variables
        .apply(SdkTracerProvider::builder())
        .with_span_processor(sending)
        .build();
    beside.extend(traces.layer(&provider));
    if !super::subscriber::subscribe(beside) {
        let message = "traces cannot be sent: a subscriber of `tracing` is set up already; leave it to `App::log` and \
                       `App::open_telemetry`, or add `tracing-opentelemetry` to it in place of the latter";
        return Err(Error::new(message));
    }
    global::set_text_map_propagator(variables.propagator());
    global::set_tracer_provider(provider.clone());
    *known = Some(provider);
    Ok(())
}

/// Sends what is left, until a point in time.
pub(super) async fn flush_by(deadline: Option<Instant>) {
    let provider = PROVIDER
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let Some(provider) = provider else { return };
    let (done, flushed) = oneshot::channel();
    // It blocks, and a thread of the runtime would keep that from ending.
    let thread = thread::Builder::new().name("specwright-traces".to_owned());
    let flushing = thread.spawn(move || {
        // Who waits may have gone away.
        let _ = done.send(provider.force_flush());
    });
    if let Err(error) = flushing {
        tracing::warn!("the last traces were not sent: {error}");
        return;
    }
    tokio::select! {
        flushed = flushed => if let Ok(Err(error)) = flushed {
            tracing::warn!("the last traces were not sent: {error}");
        },
        () = until(deadline) => {
            tracing::warn!("the last traces were not sent in time");
        }
    }
}

/// How the client speaks to the server, or to the proxy in front of it.
pub(super) fn scheme(span: &Span, scheme: &http::uri::Scheme) {
    span.set_attribute("url.scheme", scheme.as_str().to_owned());
}

/// The response did not come to its end.
pub(super) fn failed(span: &Span) {
    span.set_status(Status::error("the response ended before its end"));
}
