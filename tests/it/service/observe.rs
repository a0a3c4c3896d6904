//! What an operator sees of requests: spans and the access log.

use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use specwright::App;
use specwright::axum::Router;
use specwright::axum::body::Body;
use specwright::axum::extract::ConnectInfo;
use specwright::axum::routing::{any, get as answer_get};
use specwright::http::Request;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tower::ServiceExt as _;
use tracing::Subscriber;
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{self, Layer, SubscriberExt as _};
use tracing_subscriber::registry::Registry;

use super::shop::Shop;
use super::{app, ask, get, serve};
use crate::support::lines::Lines;

fn observed(shop: &Shop) -> App {
    app(shop).access_log(true)
}

/// The only line of the access log, without its times, which have to be there where `has_head` says so.
fn line(lines: &Lines, has_head: bool) -> Value {
    let mut log = lines.access_log();
    assert_eq!(log.len(), 1, "{log:?}");
    let mut line = log.remove(0);
    let fields = line.as_object_mut().unwrap();
    let head = fields.remove("head_ms").map(|it| it.as_f64().unwrap());
    let end = fields.remove("duration_ms").unwrap().as_f64().unwrap();
    assert_eq!(head.is_some(), has_head);
    assert!(head.unwrap_or_default() <= end);
    for name in ["timestamp", "spans"] {
        fields.remove(name).unwrap();
    }
    line
}

#[tokio::test]
async fn a_request_has_a_line_with_its_operation() {
    let (lines, _listening) = Lines::listen();
    let service = observed(&Shop::default()).into_service().unwrap();
    let mut request = get("/orders/together?key=hunter2");
    let peer: SocketAddr = "192.0.2.7:1234".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    let answer = ask(&service, request).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        line(&lines, true),
        json!({
            "level": "INFO",
            "target": "specwright::request",
            "message": "answered",
            "bytes": answer.body.len(),
            "span": {
                "name": "request",
                "method": "GET",
                "operation": "run",
                "route": "/orders/{way}",
                "status": 200,
                "request_id": answer.header("x-request-id").unwrap(),
                "peer": "192.0.2.7:1234",
            },
        })
    );
    assert!(!lines.text().contains("hunter2"));
}

/// Also in a stream, and in what the response waits for.
#[tokio::test]
async fn what_is_logged_on_the_way_is_within_the_span() {
    let (lines, _listening) = Lines::listen();
    let service = observed(&Shop::default()).into_service().unwrap();
    for (path, notes) in [
        ("/orders/any", ["+connection", "handled", "-connection 200"]),
        (
            "/lines/any",
            ["+connection", "3 of /lines/any", "-connection 200"],
        ),
    ] {
        let answer = ask(&service, get(path)).await;
        let id = answer.header("x-request-id").unwrap();
        for note in notes {
            let mut found = lines.with("note", |it| it == note);
            found.retain(|event| event["span"]["request_id"] == id);
            assert_eq!(found.len(), 1, "{note}");
            assert_eq!(found[0]["span"]["name"], "request");
        }
    }
}

/// The span of a request ends with its response, whatever follows from it.
#[tokio::test]
async fn what_follows_has_a_span_of_its_own() {
    let (lines, _listening) = Lines::listen();
    let service = observed(&Shop::default()).into_service().unwrap();
    for (path, note) in [
        ("/orders/background", "last"),
        ("/orders/audit", "-audit 200"),
    ] {
        let answer = ask(&service, get(path)).await;
        service.tasks().drained().await;
        let found = lines.with("note", |it| it == note);
        assert_eq!(
            found[0]["span"],
            json!({
                "name": "after_response",
                "operation": "run",
                "request_id": answer.header("x-request-id").unwrap(),
            })
        );
        assert_eq!(found[0]["spans"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn errors_are_within_the_span() {
    let (lines, _listening) = Lines::listen();
    let service = observed(&Shop::default()).into_service().unwrap();
    for (way, words) in [("error", "the till is stuck"), ("panic", "no more books")] {
        let answer = ask(&service, get(&format!("/orders/{way}"))).await;
        assert_eq!(answer.status, 500);
        let found = lines.with("message", |it| it.contains(words));
        assert_eq!(found[0]["span"]["operation"], "run", "{way}");
        assert_eq!(lines.access_log().last().unwrap()["span"]["status"], 500);
    }
}

/// How a response ends, and what is known then.
#[tokio::test]
async fn every_end_is_told() {
    let end = async |path: &str, reads: usize| {
        let (lines, _listening) = Lines::listen();
        let service = observed(&Shop::default()).into_service().unwrap();
        let response = service.oneshot(get(path)).await.unwrap();
        let mut body = response.into_body();
        for _ in 0..reads {
            let _ = body.frame().await;
        }
        assert!(lines.access_log().is_empty());
        drop(body);
        let line = line(&lines, true);
        (line["message"].clone(), line["bytes"].clone())
    };
    assert_eq!(
        end("/orders/nothing", 1).await,
        (json!("answered"), json!(9))
    );
    assert_eq!(
        end("/orders/nothing", 0).await,
        (json!("aborted"), json!(0))
    );
    assert_eq!(end("/lines/hang", 1).await, (json!("aborted"), json!(6)));
    assert_eq!(end("/lines/fails", 3).await, (json!("failed"), json!(8)));
}

#[tokio::test]
async fn a_client_that_goes_before_the_head_is_told_of() {
    let (lines, _listening) = Lines::listen();
    let shop = Shop::default();
    let service = observed(&shop).into_service().unwrap();
    let asking = tokio::spawn(service.oneshot(get("/orders/hang")));
    shop.noted("hanging").await;
    assert!(lines.access_log().is_empty());
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    let line = line(&lines, false);
    assert_eq!(
        (&line["message"], &line["bytes"]),
        (&json!("aborted"), &json!(0))
    );
    assert_eq!(line["span"]["operation"], "run");
    assert_eq!(line["span"].get("status"), None);
}

/// The templates of hand-written routes are known, and nothing of the rest but that it was there.
#[tokio::test]
async fn requests_without_an_operation_have_a_line() {
    let nested = Router::new().route("/{id}", answer_get(async || "here"));
    let tell = Router::new()
        .route("/by-hand", answer_get(async || "here"))
        .route("/by-hand/{name}", any(async || "here"))
        .nest("/inner", nested)
        .nest_service("/files", any(async || "here"));
    let app = observed(&Shop::default())
        .merge(tell)
        .trusted_hosts(["example.com"]);
    let service = app.into_service().unwrap();
    let (here, elsewhere) = ("example.com", "elsewhere.example");
    let inner = "/inner/{id}";
    let named = "/by-hand/{name}";
    for (method, host, path, status, bytes, route) in [
        ("GET", here, "/nowhere/hunter2", 404, None, None),
        ("GET", here, "/by-hand", 200, Some(4), Some("/by-hand")),
        ("HEAD", here, "/by-hand", 200, Some(0), Some("/by-hand")),
        ("BREW", here, "/by-hand/hunter2", 200, Some(4), Some(named)),
        ("GET", here, "/inner/hunter2", 200, Some(4), Some(inner)),
        ("POST", here, "/inner/hunter2", 405, None, Some(inner)),
        ("GET", here, "/files/hunter2", 200, Some(4), None),
        ("BREW", here, "/orders/nothing", 405, None, None),
        ("GET", elsewhere, "/orders/nothing", 400, None, None),
    ] {
        let (lines, _listening) = Lines::listen();
        let request = Request::builder().method(method).uri(path);
        let request = request.header("host", host).body(Body::empty()).unwrap();
        let answer = ask(&service, request).await;
        let line = line(&lines, true);
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(line["message"], "answered", "{line}");
        assert_eq!(line["span"]["status"], status);
        assert_eq!(line["span"]["method"], method);
        assert_eq!(line["span"].get("operation"), None);
        let told = line["span"].get("route").map(|it| it.as_str().unwrap());
        assert_eq!(told, route, "{path}");
        assert_eq!(line["bytes"], bytes.unwrap_or(answer.body.len()));
        assert!(!lines.text().contains("hunter2"));
    }
}

#[tokio::test]
async fn behind_a_proxy_the_client_is_told_too() {
    let (lines, _listening) = Lines::listen();
    let app = observed(&Shop::default()).trusted_proxies(["192.0.2.0/24"]);
    let service = app.into_service().unwrap();
    let mut request = get("/orders/nothing");
    let peer: SocketAddr = "192.0.2.7:1234".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    let client = "203.0.113.9".parse().unwrap();
    request.headers_mut().insert("x-forwarded-for", client);
    ask(&service, request).await;
    let span = &line(&lines, true)["span"];
    assert_eq!(
        (&span["peer"], &span["client"]),
        (&json!("192.0.2.7:1234"), &json!("203.0.113.9"))
    );
    assert_eq!(span["operation"], "run");
}

#[tokio::test]
async fn health_routes_are_left_out_unless_asked_for() {
    let (lines, _listening) = Lines::listen();
    for (asked_for, count) in [(false, 0), (true, 2)] {
        let app = observed(&Shop::default()).health_routes();
        let service = app.observe_health_routes(asked_for).into_service().unwrap();
        for path in ["/livez", "/readyz"] {
            assert_eq!(ask(&service, get(path)).await.status, 200);
        }
        assert_eq!(lines.access_log().len(), count);
    }
}

#[tokio::test]
async fn nothing_is_told_unless_asked_for() {
    let (lines, _listening) = Lines::listen();
    let service = app(&Shop::default()).into_service().unwrap();
    ask(&service, get("/orders/nothing")).await;
    ask(&service, get("/orders/background")).await;
    ask(&service, get("/orders/audit")).await;
    service.tasks().drained().await;
    assert!(lines.text().contains("-audit 200"), "{}", lines.text());
    assert!(!lines.text().contains("request_id"), "{}", lines.text());
}

/// Requests that leave nothing to do have no span for it.
#[tokio::test]
async fn only_what_follows_has_a_span_that_follows() {
    let spans = Spans::default();
    let subscriber = Registry::default().with(spans.clone());
    let _listening = tracing::subscriber::set_default(subscriber);
    let service = observed(&Shop::default()).into_service().unwrap();
    for (path, follow) in [
        ("/orders/nothing", 0),
        // These have dependencies, and are done with them by then.
        ("/orders/any", 0),
        ("/lines/any", 0),
        // Nothing follows from what has failed.
        ("/orders/background-not-found", 0),
        ("/orders/background", 1),
        ("/orders/audit", 1),
    ] {
        ask(&service, get(path)).await;
        service.tasks().drained().await;
        let mut made = std::mem::take(&mut *spans.0.lock().unwrap());
        made.retain(|name| ["request", "after_response"].contains(name));
        assert_eq!(made.remove(0), "request", "{path}");
        assert_eq!(made, vec!["after_response"; follow], "{path}");
    }
}

/// The names of the spans that are made.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<&'static str>>>);

impl<S: Subscriber> Layer<S> for Spans {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: layer::Context<'_, S>) {
        self.0.lock().unwrap().push(span.metadata().name());
    }
}

/// Bytes are those that leave the server.
#[tokio::test]
async fn what_is_sent_on_a_socket_is_what_is_told() {
    let (lines, _listening) = Lines::listen();
    let server = serve(observed(&Shop::default())).await;
    let text = server.exchange("/orders/nothing").await;
    server.stop().await;
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    let line = line(&lines, true);
    assert_eq!(
        (&line["message"], &line["bytes"]),
        (&json!("answered"), &json!(body.len()))
    );
    let peer = line["span"]["peer"].as_str().unwrap();
    assert!(peer.starts_with("127.0.0.1:"), "{peer}");
}
