//! Spans, as a collector gets them from a server in a process of its own.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use prost::Message as _;
use specwright::App;
use specwright::axum::Router;
use specwright::axum::routing::post;
use specwright::http::HeaderMap;

use super::shop::Shop;
use super::{Server, app, serve};
use crate::support::process::{GREET, command, exchange, start};

/// What a client says of its trace: that it is recorded.
const PARENT: &str = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";

/// A collector, with what it got.
struct Collector {
    server: Server,
    got: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

/// A span, with what a test says of it.
#[derive(Debug)]
struct Span {
    name: String,
    kind: i32,
    status: i32,
    trace: String,
    id: String,
    parent: String,
    attributes: BTreeMap<String, String>,
    events: Vec<String>,
    /// The traces of other spans that it follows from.
    links: Vec<String>,
    service: String,
    place: Option<String>,
}

impl Collector {
    async fn start(set: impl FnOnce(App) -> App) -> Self {
        let got = Arc::default();
        let keep = Arc::clone(&got);
        let collect = async move |headers: HeaderMap, body: Bytes| {
            let keep: &Mutex<Vec<_>> = &keep;
            keep.lock().unwrap().push((headers, body));
        };
        let routes = Router::new().route("/v1/traces", post(collect));
        let server = serve(set(app(&Shop::default()).merge(routes))).await;
        Self { server, got }
    }

    /// Serves these heads with these settings, ends the server, and returns what the collector has by then.
    async fn collect(
        &self,
        scheme: &str,
        settings: &[(&'static str, &'static str)],
        heads: &[String],
    ) -> Vec<Span> {
        let endpoint = format!("{scheme}://localhost:{}", self.server.address.port());
        let mut variables = vec![
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("OTEL_SERVICE_NAME", "greeter"),
        ];
        variables.extend(settings);
        self.collect_of(&variables, "", heads).await
    }

    /// As [`collect`](Self::collect), where even the collector is said by these variables and this file.
    async fn collect_of(
        &self,
        variables: &[(&'static str, &str)],
        file: &str,
        heads: &[String],
    ) -> Vec<Span> {
        let owned = variables
            .iter()
            .map(|(name, text)| (*name, (*text).to_owned()));
        let owned: Vec<_> = owned.collect();
        let file = file.to_owned();
        let heads = heads.to_vec();
        let ask = move || {
            let mut variables = vec![
                ("SPECWRIGHT_PORT", "0"),
                ("SERVED_TRACES", ""),
                ("NO_PROXY", "localhost"),
            ];
            variables.extend(owned.iter().map(|(name, text)| (*name, text.as_str())));
            let mut server = start(&variables, &file);
            let address = server.address();
            for head in heads {
                let answer = exchange(TcpStream::connect(&address).unwrap(), &head);
                assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
            }
            server.stop();
        };
        tokio::task::spawn_blocking(ask).await.unwrap();
        self.spans()
    }

    fn spans(&self) -> Vec<Span> {
        let got = self.got.lock().unwrap();
        let mut spans = Vec::new();
        for (_, body) in got.iter() {
            let message = ExportTraceServiceRequest::decode(body.clone()).unwrap();
            for resource in message.resource_spans {
                let of = attributes(resource.resource.unwrap().attributes);
                let scopes = resource.scope_spans.into_iter();
                spans.extend(scopes.flat_map(|it| it.spans).map(|span| Span {
                    name: span.name,
                    kind: span.kind,
                    status: span.status.unwrap_or_default().code,
                    trace: hex(&span.trace_id),
                    id: hex(&span.span_id),
                    parent: hex(&span.parent_span_id),
                    attributes: attributes(span.attributes),
                    events: span.events.into_iter().map(|it| it.name).collect(),
                    links: span.links.iter().map(|it| hex(&it.trace_id)).collect(),
                    service: of["service.name"].clone(),
                    place: of.get("service.namespace").cloned(),
                }));
            }
        }
        spans
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attributes(attributes: Vec<KeyValue>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for KeyValue { key, value, .. } in attributes {
        let text = match value {
            Some(AnyValue {
                value: Some(Value::StringValue(text)),
            }) => text,
            Some(AnyValue {
                value: Some(Value::IntValue(number)),
            }) => format!("number {number}"),
            other => format!("{other:?}"),
        };
        assert_eq!(all.insert(key.clone(), text), None, "{key} is there twice");
    }
    all
}

/// Their names and values, but for those that differ from run to run.
fn settled(span: &Span) -> Vec<(&str, &str)> {
    let attributes = span.attributes.iter();
    attributes
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| !["network.peer.port", "request_id"].contains(name))
        .collect()
}

#[tokio::test]
async fn a_request_is_a_span_under_the_names_of_the_conventions() {
    let collector = Collector::start(|app| app).await;
    let forwarded =
        format!("{PARENT}x-forwarded-for: 192.0.2.7\r\nx-forwarded-proto: https\r\nhost");
    let head = GREET
        .replace("/Ada", "/Ada?times=2&key=hunter2")
        .replace("host", &forwarded);
    let health = GREET.replace("/greetings/Ada", "/livez");
    let settings = [
        ("SPECWRIGHT_TRUSTED_PROXIES", "127.0.0.1"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=of the collector"),
    ];
    let spans = collector.collect("http", &settings, &[head, health]).await;
    assert_eq!(spans.len(), 1, "{spans:?}");
    let span = &spans[0];
    assert_eq!(span.name, "GET /greetings/{name}");
    assert_eq!(span.service, "greeter");
    // That of a server, whose status nobody has set.
    assert_eq!((span.kind, span.status), (2, 0));
    assert_eq!(span.trace, "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(span.parent, "b7ad6b7169203331");
    assert_eq!(
        settled(span),
        [
            ("client.address", "192.0.2.7"),
            ("http.request.method", "GET"),
            ("http.response.status_code", "number 200"),
            ("http.route", "/greetings/{name}"),
            ("network.peer.address", "127.0.0.1"),
            ("operation", "greet"),
            ("url.scheme", "https"),
        ]
    );
    let port = &span.attributes["network.peer.port"];
    assert!(port.starts_with("number "), "{port}");
    assert_eq!(span.attributes["request_id"].len(), 36);
    assert!(span.events.is_empty());
    let got = collector.got.lock().unwrap();
    let secret = b"hunter2";
    assert!(!got[0].1.windows(secret.len()).any(|it| it == secret));
    assert_eq!(got[0].0["api-key"], "of the collector");
    assert_eq!(got[0].0["content-type"], "application/x-protobuf");
}

/// A stranger neither puts requests into a trace, nor says which are recorded.
#[tokio::test]
async fn only_the_traces_of_those_who_are_trusted_are_continued() {
    let stranger = GREET.replace("host", &format!("{PARENT}host"));
    // Not recorded, as whoever sent it says.
    let unrecorded = stranger.replace("331-01", "331-00");
    let heads = [stranger, unrecorded];
    for (trusted, continued) in [("", false), ("all", true)] {
        let collector = Collector::start(|app| app).await;
        let settings = [("SERVED_TRACES", trusted)];
        let spans = collector.collect("http", &settings, &heads).await;
        let are_roots = spans.iter().all(|span| span.parent.is_empty());
        let are_others = spans.iter().all(|span| !span.trace.starts_with("0af7"));
        assert_eq!((are_roots, are_others), (!continued, !continued));
        assert_eq!(spans.len(), if continued { 1 } else { 2 }, "{spans:?}");
    }
}

#[tokio::test]
async fn what_is_for_no_operation_and_what_fails() {
    let collector = Collector::start(|app| app).await;
    let heads = [
        GREET.replace("greetings", "hunter2"),
        GREET.replace("GET", "HUNTER2"),
        GREET.replace("greetings/Ada", "written/hunter2"),
        GREET.replace("GET /greetings/Ada", "HUNTER2 /written/hunter2"),
        GREET.replace("Ada", "Slow"),
    ];
    let settings = [
        ("SPECWRIGHT_REQUEST_TIMEOUT", "1ms"),
        ("SPECWRIGHT_ACCESS_LOG", "true"),
    ];
    let spans = collector.collect("http", &settings, &heads).await;
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    let written = "GET /written/{word}";
    let other = "HTTP /written/{word}";
    let slow = "GET /greetings/{name}";
    assert_eq!(names, ["GET", "HTTP", written, other, slow]);
    let status = |span: &Span| span.attributes["http.response.status_code"].clone();
    assert_eq!(
        (status(&spans[0]).as_str(), spans[0].status),
        ("number 404", 0)
    );
    assert_eq!(spans[1].attributes["http.request.method"], "_OTHER");
    // A route that takes every method has none that is declared.
    assert_eq!(spans[3].attributes["http.request.method"], "_OTHER");
    assert_eq!(spans[3].attributes["http.route"], "/written/{word}");
    assert_eq!(
        (status(&spans[4]).as_str(), spans[4].status),
        ("number 503", 2)
    );
    assert_eq!(spans[4].attributes["error.type"], "503");
    // With the line of the access log, which is within the span.
    assert_eq!(spans[4].events, ["answered"]);
    assert!(!format!("{spans:?}").contains("hunter2"));
    assert!(!format!("{spans:?}").contains("HUNTER2"));
}

/// What follows a response has a trace of its own, which leads to that of the request.
#[tokio::test]
async fn a_task_in_the_background_is_a_span_that_is_linked() {
    let collector = Collector::start(|app| app).await;
    let heads = [GREET.replace("Ada", "Later")];
    let mut spans = collector.collect("http", &[], &heads).await;
    spans.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["GET /greetings/{name}", "after_response"]);
    // That of a part of the program.
    assert_eq!(spans[1].kind, 1);
    assert_eq!(spans[1].attributes["operation"], "greet");
    assert_eq!(spans[1].events, ["greeted"]);
    assert_eq!(spans[1].links, [spans[0].trace.as_str()]);
}

/// On the thread that it blocks, too.
#[tokio::test]
async fn a_span_in_work_that_blocks_is_a_child_of_the_request() {
    let collector = Collector::start(|app| app).await;
    let heads = [GREET.replace("Ada", "Thinking")];
    let mut spans = collector.collect("http", &[], &heads).await;
    spans.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["GET /greetings/{name}", "thought"]);
    assert_eq!(spans[1].parent, spans[0].id);
    assert_eq!(spans[1].trace, spans[0].trace);
    assert_eq!(spans[1].events, ["so it is"]);
}

/// With an authority of its own; without, the collector gets nothing, and the server works.
#[tokio::test]
async fn a_collector_is_reached_by_https() {
    let file = |name: &str| Path::new("fixtures/tls").join(name);
    let collector =
        Collector::start(|app| app.tls(file("server.pem"), file("server-key.pem"))).await;
    let authority = std::fs::canonicalize(file("authority.pem")).unwrap();
    let authority: &str = Box::leak(authority.to_str().unwrap().into());
    let head = GREET.to_owned();
    for (authority, spans) in [(authority, 1), ("", 1)] {
        let settings = [("OTEL_EXPORTER_OTLP_CERTIFICATE", authority)];
        let heads = [head.clone()];
        assert_eq!(
            collector.collect("https", &settings, &heads).await.len(),
            spans
        );
    }
}

#[tokio::test]
async fn nothing_is_sent_where_the_environment_says_so() {
    let collector = Collector::start(|app| app).await;
    for setting in [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_TRACES_SAMPLER", "always_off"),
    ] {
        let spans = collector
            .collect("http", &[setting], &[GREET.to_owned()])
            .await;
        assert!(spans.is_empty(), "{setting:?}: {spans:?}");
    }
}

#[tokio::test]
async fn a_file_says_what_the_environment_does_not() {
    let collector = Collector::start(|app| app).await;
    let port = collector.server.address.port();
    let file = format!(
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:{port}/\n\
         OTEL_EXPORTER_OTLP_HEADERS='api-key=of%20the%20file,tenant=1'\n\
         OTEL_SERVICE_NAME=overruled\n\
         OTEL_RESOURCE_ATTRIBUTES=service.name=nobody,service.namespace=two%20words\n\
         OTEL_BSP_MAX_EXPORT_BATCH_SIZE=1\n"
    );
    let service = [
        ("OTEL_SERVICE_NAME", "of the environment"),
        ("SERVED_TRACES", "optional"),
    ];
    let heads = [GREET.to_owned(), GREET.to_owned()];
    let spans = collector.collect_of(&service, &file, &heads).await;
    assert_eq!(spans.len(), 2, "{spans:?}");
    assert_eq!(spans[0].service, "of the environment");
    assert_eq!(spans[0].place.as_deref(), Some("two words"));
    let got = std::mem::take(&mut *collector.got.lock().unwrap());
    // Each in a message of its own.
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].0["api-key"], "of the file");
    assert_eq!(got[0].0["tenant"], "1");
    // Which are recorded, and that none is to be sent.
    for setting in ["OTEL_TRACES_SAMPLER=always_off", "OTEL_SDK_DISABLED=true"] {
        let file = format!("{file}{setting}\n");
        assert!(collector.collect_of(&[], &file, &heads).await.is_empty());
        // An empty variable of the environment is one that says nothing, and so does not the file.
        let name = setting.split_once('=').unwrap().0;
        let spans = collector.collect_of(&[(name, "")], &file, &heads).await;
        assert_eq!(spans.len(), 2, "{setting}");
        collector.got.lock().unwrap().clear();
    }
}

#[tokio::test]
async fn traces_are_continued_as_the_propagators_say() {
    let collector = Collector::start(|app| app).await;
    let heads = [GREET.replace("host", &format!("{PARENT}baggage: a=b\r\nhost"))];
    for (propagators, is_continued) in [
        ("", true),
        ("tracecontext", true),
        ("baggage, tracecontext", true),
        ("baggage", false),
        ("none", false),
    ] {
        let settings = [("SERVED_TRACES", "all"), ("OTEL_PROPAGATORS", propagators)];
        let spans = collector.collect("http", &settings, &heads).await;
        assert_eq!(spans.len(), 1);
        let is_parent = spans[0].parent == "b7ad6b7169203331";
        assert_eq!(is_parent, is_continued, "{propagators}");
        collector.got.lock().unwrap().clear();
    }
}

/// What keeps an app from its start.
fn fault(settings: &[(&str, &str)], file: &str) -> String {
    let (mut command, _folder) = command(settings, file);
    let output = command
        .env("SERVED_TRACES", "")
        .env("SPECWRIGHT_PORT", "0")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_cannot_be_done_is_told_at_the_start() {
    let text = fault(
        &[
            ("OTEL_TRACES_EXPORTER", "zipkin"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "key.pem"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "me:secret@localhost"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "10%"),
            ("OTEL_PROPAGATORS", "tracecontext,b3"),
        ],
        "OTEL_EXPORTER_OTLP_HEADERS='the key: secret'\nOTEL_RESOURCE_ATTRIBUTES='=secret'\n\
         OTEL_BSP_MAX_QUEUE_SIZE=many\nOTEL_SPAN_EVENT_COUNT_LIMIT=0\nSPECWRIGHT_ACCESS_LOG=1\n",
    );
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "Error: `SPECWRIGHT_ACCESS_LOG` is `1`: expected `true` or `false`",
            "`OTEL_TRACES_EXPORTER`: expected `otlp` or `none`",
            "`OTEL_EXPORTER_OTLP_PROTOCOL`: expected `http/protobuf`",
            "`OTEL_EXPORTER_OTLP_COMPRESSION`: expected `none`",
            "`OTEL_EXPORTER_OTLP_CLIENT_KEY`: expected nothing, since it is not supported",
            "`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`: expected a URL of `http` or `https`",
            "`OTEL_EXPORTER_OTLP_TIMEOUT`: expected milliseconds, more than 0",
            "`OTEL_EXPORTER_OTLP_HEADERS`: expected `name=value`, separated by commas",
            "`OTEL_PROPAGATORS`: expected `tracecontext`, `baggage` or both, separated by commas, or `none`",
            "`OTEL_RESOURCE_ATTRIBUTES`: expected `name=value`, separated by commas",
            "`OTEL_TRACES_SAMPLER_ARG`: expected a number from 0 to 1 for `parentbased_traceidratio`",
            "`OTEL_BSP_MAX_QUEUE_SIZE`: expected a number above 0",
            "`OTEL_SPAN_EVENT_COUNT_LIMIT`: expected a number above 0",
        ]
    );
    let text = fault(&[("SERVED_LOG", "1")], "");
    let said = "traces cannot be sent: a subscriber of `tracing` is set up already";
    assert!(text.contains(said), "{text}");
}

/// Who has both has them side by side, and hears what becomes of spans that cannot be sent.
#[test]
fn a_collector_that_is_not_there_is_logged() {
    let mut server = start(
        &[
            ("SPECWRIGHT_PORT", "0"),
            ("SPECWRIGHT_LOG", "info"),
            ("SPECWRIGHT_ACCESS_LOG", "true"),
            ("SERVED_TRACES", ""),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000"),
            ("NO_PROXY", "localhost"),
        ],
        "",
    );
    let address = server.address();
    exchange(TcpStream::connect(&address).unwrap(), GREET);
    let text = server.logged();
    assert!(
        text.contains("specwright::request: answered bytes=25"),
        "{text}"
    );
    assert!(text.contains("the last traces were not sent"), "{text}");
}

/// What looks for a collector only where it is told to has nothing to say without one.
#[test]
fn a_collector_that_nobody_speaks_of_is_not_looked_for() {
    let mut server = start(
        &[
            ("SPECWRIGHT_PORT", "0"),
            ("SPECWRIGHT_LOG", "info"),
            ("SERVED_TRACES", "optional"),
        ],
        "",
    );
    let address = server.address();
    exchange(TcpStream::connect(&address).unwrap(), GREET);
    let text = server.logged();
    assert!(text.contains("listening on"), "{text}");
    assert!(!text.contains("traces"), "{text}");
}
