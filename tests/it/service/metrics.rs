//! What is counted, as Prometheus reads it.

use std::collections::BTreeMap;

use specwright::axum::Router;
use specwright::axum::body::Body;
use specwright::axum::routing::{any, get as written};
use specwright::http::Request;
use specwright::prometheus_client::metrics::counter::Counter;
use specwright::{App, AppService, Metrics};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use super::shop::Shop;
use super::{Server, app, ask, get, read, serve};

fn counted(shop: &Shop) -> App {
    app(shop).metrics(Metrics::new())
}

/// The values by the names and labels of their series.
async fn scrape(service: &AppService) -> BTreeMap<String, f64> {
    let answer = ask(service, get("/metrics")).await;
    assert_eq!(answer.status, 200);
    let content_type = answer.header("content-type").unwrap();
    assert_eq!(content_type, "text/plain; version=0.0.4; charset=utf-8");
    series(answer.text())
}

fn series(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut series = BTreeMap::new();
    for line in lines {
        let (name, value) = line.rsplit_once(' ').unwrap();
        let before = series.insert(name.to_owned(), value.parse().unwrap());
        assert_eq!(before, None, "{name} is there twice");
    }
    series
}

#[tokio::test]
async fn requests_are_counted_by_operation_method_and_status() {
    let service = counted(&Shop::default()).into_service().unwrap();
    for _ in 0..3 {
        ask(&service, get("/orders/nothing")).await;
    }
    ask(&service, get("/orders/not-found")).await;
    ask(&service, get("/orders/error")).await;
    let head = Request::head("/orders/nothing")
        .body(Body::empty())
        .unwrap();
    ask(&service, head).await;
    let body = r#""a book""#;
    let place = Request::post("/orders?key=hunter2").header("content-type", "application/json");
    let placed = ask(&service, place.body(Body::from(body)).unwrap()).await;
    assert_eq!(placed.status, 200);
    let series = scrape(&service).await;
    let requests = |labels: &str| series[&format!("http_server_requests_total{{{labels}}}")];
    assert_eq!(
        requests(r#"operation="run",route="/orders/{way}",method="GET",status="200""#),
        3.0
    );
    assert_eq!(
        requests(r#"operation="run",route="/orders/{way}",method="HEAD",status="200""#),
        1.0
    );
    assert_eq!(
        requests(r#"operation="run",route="/orders/{way}",method="GET",status="404""#),
        1.0
    );
    assert_eq!(
        requests(r#"operation="run",route="/orders/{way}",method="GET",status="500""#),
        1.0
    );
    assert_eq!(
        requests(r#"operation="place",route="/orders",method="POST",status="200""#),
        1.0
    );
    let of = |name: &str, labels: &str| series[&format!("http_server_{name}{{{labels}}}")];
    let labels = r#"operation="run",route="/orders/{way}",method="GET",status="200""#;
    assert_eq!(of("request_duration_seconds_count", labels), 3.0);
    assert!(of("request_duration_seconds_sum", labels) > 0.0);
    let last = series.iter().filter(|(name, _)| {
        name.starts_with("http_server_request_duration_seconds_bucket")
            && name.contains(r#"le="+Inf""#)
    });
    assert_eq!(last.map(|(_, count)| count).sum::<f64>(), 7.0);
    let place = r#"operation="place",route="/orders""#;
    assert_eq!(of("request_body_size_bytes_sum", place), body.len() as f64);
    assert_eq!(
        of("response_body_size_bytes_sum", place),
        placed.body.len() as f64
    );
    assert_eq!(of("active_requests", place), 0.0);
    assert!(!series.keys().any(|name| name.contains("hunter2")));
}

/// However many paths, methods and hosts a client thinks up.
#[tokio::test]
async fn clients_make_no_series() {
    let hand_written = Router::new()
        .route("/written/{word}", any(async || "by hand"))
        .nest_service("/files", any(async || "a file"));
    let app = counted(&Shop::default())
        .health_routes()
        .merge(hand_written);
    let service = app.trusted_hosts(["example.com"]).into_service().unwrap();
    let mut counts = Vec::new();
    for round in 0..3 {
        for number in 0..50 {
            for (method, host, path) in [
                ("GET", "example.com", format!("/{round}/{number}")),
                (
                    "GET",
                    "example.com",
                    format!("/orders/not-found?a={round}.{number}"),
                ),
                ("GET", &format!("{number}.example.com"), "/".to_owned()),
                (
                    &format!("X{round}X{number}"),
                    "example.com",
                    "/file".to_owned(),
                ),
                (&format!("X{round}X{number}"), "example.com", "/".to_owned()),
                (
                    &format!("X{round}X{number}"),
                    "example.com",
                    format!("/written/{round}.{number}"),
                ),
                ("POST", "example.com", format!("/written/{round}.{number}")),
                ("GET", "example.com", format!("/files/{round}/{number}")),
                ("GET", "example.com", "/livez".to_owned()),
            ] {
                let request = Request::builder().method(method).uri(path);
                let request = request.header("host", host).body(Body::empty()).unwrap();
                ask(&service, request).await;
            }
        }
        counts.push(scrape(&service).await.len());
    }
    assert_eq!((counts[0], counts[1]), (counts[2], counts[2]));
    let series = scrape(&service).await;
    let requests = series
        .iter()
        .filter(|(name, _)| name.starts_with("http_server_requests_total"));
    let requests: Vec<_> = requests
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    assert_eq!(
        requests,
        [
            (
                r#"http_server_requests_total{operation="",route="",method="GET",status="200"}"#,
                150.0
            ),
            (
                r#"http_server_requests_total{operation="",route="",method="GET",status="400"}"#,
                150.0
            ),
            (
                r#"http_server_requests_total{operation="",route="",method="GET",status="404"}"#,
                150.0
            ),
            (
                r#"http_server_requests_total{operation="",route="",method="_OTHER",status="404"}"#,
                150.0
            ),
            (
                r#"http_server_requests_total{operation="",route="",method="_OTHER",status="405"}"#,
                150.0
            ),
            (
                r#"http_server_requests_total{operation="",route="/written/{word}",method="POST",status="200"}"#,
                150.0
            ),
            (
                r#"http_server_requests_total{operation="",route="/written/{word}",method="_OTHER",status="200"}"#,
                150.0
            ),
            (
                r#"http_server_requests_total{operation="run",route="/orders/{way}",method="GET",status="404"}"#,
                150.0
            ),
        ]
    );
}

#[tokio::test]
async fn requests_are_active_until_their_responses_have_ended() {
    let shop = Shop::default();
    let service = counted(&shop).into_service().unwrap();
    let streaming = service.clone().oneshot(get("/lines/hang")).await.unwrap();
    let hanging = tokio::spawn(service.clone().oneshot(get("/orders/hang")));
    shop.noted("hanging").await;
    let active = async |operation: &str| {
        let route = match operation {
            "run" => "/orders/{way}",
            "lines" => "/lines/{way}",
            _ => "",
        };
        let labels = format!("operation=\"{operation}\",route=\"{route}\"");
        let name = format!("http_server_active_requests{{{labels}}}");
        scrape(&service).await[&name]
    };
    assert_eq!(
        (active("lines").await, active("run").await, active("").await),
        (1.0, 1.0, 0.0)
    );
    hanging.abort();
    let _ = hanging.await;
    drop(streaming);
    assert_eq!((active("lines").await, active("run").await), (0.0, 0.0));
    let series = scrape(&service).await;
    // The one had a head, and the other had not.
    assert_eq!(
        series[r#"http_server_requests_total{operation="lines",route="/lines/{way}",method="GET",status="200"}"#],
        1.0
    );
    assert_eq!(
        series[r#"http_server_requests_total{operation="run",route="/orders/{way}",method="GET",status=""}"#],
        1.0
    );
}

#[tokio::test]
async fn what_runs_beside_requests_is_counted() {
    let shop = Shop::default();
    let service = counted(&shop).into_service().unwrap();
    ask(&service, get("/orders/background-faulty")).await;
    service.tasks().drained().await;
    ask(&service, get("/orders/background-gated")).await;
    shop.noted("first begins").await;
    let blocking = tokio::spawn(service.clone().oneshot(get("/orders/blocking")));
    shop.noted("blocking").await;
    let holding = tokio::spawn(service.clone().oneshot(get("/orders/till-hangs")));
    shop.noted("+till").await;
    let waiting = tokio::spawn(service.clone().oneshot(get("/orders/till")));
    let till = |what: &str| {
        format!("specwright_dependency_{what}{{dependency=\"it::service::shop::Till\"}}")
    };
    while scrape(&service).await[&till("waiting")] == 0.0 {
        tokio::task::yield_now().await;
    }
    let series = scrape(&service).await;
    let of = |name: &str, labels: &str| series[&format!("specwright_{name}{{{labels}}}")];
    assert_eq!(
        of("background_tasks_ended_total", r#"outcome="finished""#),
        2.0
    );
    assert_eq!(
        of("background_tasks_ended_total", r#"outcome="failed""#),
        1.0
    );
    assert_eq!(
        of("background_tasks_ended_total", r#"outcome="panicked""#),
        1.0
    );
    assert_eq!(
        of("background_tasks_ended_total", r#"outcome="dropped""#),
        0.0
    );
    assert_eq!(of("background_tasks", r#"state="running""#), 1.0);
    assert_eq!(of("background_tasks", r#"state="waiting""#), 1.0);
    assert_eq!(of("blocking_work", r#"state="running""#), 1.0);
    assert_eq!(of("blocking_work_ended_total", r#"outcome="refused""#), 0.0);
    assert_eq!(
        (series[&till("limit")], series[&till("in_use")]),
        (1.0, 1.0)
    );
    assert_eq!(series[&till("refused_total")], 0.0);
    waiting.abort();
    let _ = waiting.await;
    assert_eq!(scrape(&service).await[&till("waiting")], 0.0);
    // Whoever waits for too long is refused.
    tokio::time::pause();
    assert_eq!(ask(&service, get("/orders/till")).await.status, 503);
    tokio::time::resume();
    assert_eq!(scrape(&service).await[&till("refused_total")], 1.0);
    holding.abort();
    blocking.abort();
    shop.0.gate.add_permits(2);
}

#[tokio::test]
async fn metrics_of_your_own_are_served_too() {
    let sold: Counter = Counter::default();
    let metrics = Metrics::new()
        .at("/numbers")
        .register(|registry| registry.register("books_sold", "Books that were sold", sold.clone()));
    let service = app(&Shop::default())
        .metrics(metrics)
        .into_service()
        .unwrap();
    sold.inc_by(3);
    let request = Request::get("/numbers").header(
        "accept",
        "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
    );
    let answer = ask(&service, request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        answer.header("content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(
        answer.text().contains("\nbooks_sold_total 3\n"),
        "{}",
        answer.text()
    );
    assert!(answer.text().ends_with("# EOF\n"));
    assert_eq!(ask(&service, get("/metrics")).await.status, 404);
    let post = Request::post("/numbers").body(Body::empty()).unwrap();
    let answer = ask(&service, post).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, Some("GET, HEAD"))
    );
}

#[tokio::test]
async fn a_path_that_is_taken_and_buckets_that_are_none_are_told_at_the_start() {
    let fault = |metrics| {
        let hand_written = Router::new()
            .route("/written", written(async || "by hand"))
            .nest_service("/files", written(async || "a file"));
        app(&Shop::default())
            .health_routes()
            .merge(hand_written)
            .metrics(metrics)
            .into_service()
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        fault(Metrics::new().at("/orders/1")),
        "`/orders/1` is the path of the metrics, and `/orders/{way}` (operation `run`) answers there: `Metrics::at` takes another"
    );
    assert_eq!(
        fault(Metrics::new().at("/livez")),
        "`/livez` is the path of the metrics, and a health route too: `Metrics::at` takes another"
    );
    assert_eq!(
        fault(Metrics::new().at("/written")),
        "`/written` is the path of the metrics, and a hand-written route answers there: `Metrics::at` takes another"
    );
    assert_eq!(
        fault(Metrics::new().at("metrics")),
        "the path of the metrics is `metrics`: it must begin with `/`"
    );
    for buckets in [[1.0, 1.0], [2.0, 1.0], [1.0, f64::NAN]] {
        assert_eq!(
            fault(
                Metrics::new()
                    .at("/files/metrics")
                    .duration_buckets(buckets)
            ),
            "the buckets of durations are not in ascending order"
        );
    }
}

/// Who reaches the API does not reach them.
#[tokio::test]
async fn they_may_have_an_address_of_their_own() {
    // Whoever takes a port that was free a moment ago is very unlikely to be there.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let metrics = Metrics::new().on(address.to_string());
    let server = serve(app(&Shop::default()).metrics(metrics)).await;
    assert!(
        server
            .exchange("/orders/nothing")
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        server
            .exchange("/metrics")
            .await
            .starts_with("HTTP/1.1 404")
    );
    let beside = Server { address, ..server };
    let text = beside.exchange("/metrics").await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let series = series(body);
    assert_eq!(
        series[r#"http_server_requests_total{operation="run",route="/orders/{way}",method="GET",status="200"}"#],
        1.0
    );
    assert!(series.contains_key("specwright_connections"));
    assert!(
        beside
            .exchange("/orders/nothing")
            .await
            .starts_with("HTTP/1.1 404")
    );
    // A connection that is kept does not keep the server.
    let idle = tokio::net::TcpStream::connect(address).await.unwrap();
    beside.stop().await;
    read(idle).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_address_that_is_taken_is_told_at_the_start() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let app = app(&Shop::default()).metrics(Metrics::new().on(&address));
    let error = app
        .serve_until(listener, std::future::pending)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot listen on {address}: ")),
        "{error}"
    );
}

#[tokio::test]
async fn open_connections_are_counted() {
    let server = serve(counted(&Shop::default())).await;
    let idle = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    loop {
        let text = server.exchange("/metrics").await;
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        // That which asks is one too.
        if series(body)["specwright_connections"] == 2.0 {
            break;
        }
    }
    drop(idle);
    server.stop().await;
}
