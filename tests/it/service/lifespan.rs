//! The beginning and the end of a server, and what it says of itself meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use specwright::{App, Lifespan};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::shop::Shop;
use super::{Server, app, ask, get, read, serve, service};

/// An app that opens the shop once the gate is open, and notes what happens.
fn slow(shop: &Shop) -> App {
    let shop = shop.clone();
    App::start(async move |lifespan| {
        close_with(&lifespan, &shop, "till closed");
        close_with(&lifespan, &shop, "door closed");
        shop.note("starting");
        shop.0.gate.acquire().await?.forget();
        shop.note("started");
        Ok(service::api(shop))
    })
}

fn close_with(lifespan: &Lifespan, shop: &Shop, note: &'static str) {
    let shop = shop.clone();
    lifespan.at_end(async move { shop.note(note) });
}

/// Asks on an open connection, and reads the head and a body of a known length.
async fn ask_on(stream: &mut TcpStream, path: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut text = String::new();
    while !text.ends_with("\r\n\r\n") {
        text.push(char::from(stream.read_u8().await.unwrap()));
    }
    let length = text.split("content-length: ").nth(1).unwrap();
    let length: usize = length.lines().next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    text + &String::from_utf8(body).unwrap()
}

#[tokio::test]
async fn a_server_tells_how_far_it_is_while_it_starts() {
    let shop = Shop::default();
    let server = serve(slow(&shop).health_routes()).await;
    shop.noted("starting").await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let text = ask_on(&mut stream, "/livez").await;
    assert!(
        text.starts_with("HTTP/1.1 200") && text.ends_with(r#"{"status":"live"}"#),
        "{text}"
    );
    let text = ask_on(&mut stream, "/readyz").await;
    assert!(text.starts_with("HTTP/1.1 503"), "{text}");
    assert!(text.contains("\r\ncache-control: no-store\r\n"), "{text}");
    assert!(text.ends_with(r#"{"status":"starting"}"#), "{text}");
    let text = ask_on(&mut stream, "/orders/nothing").await;
    assert!(text.starts_with("HTTP/1.1 503"), "{text}");
    assert!(text.contains("\r\nretry-after: 1\r\n"), "{text}");
    assert!(text.contains("the server is starting"), "{text}");
    shop.0.gate.add_permits(1);
    while !ask_on(&mut stream, "/readyz")
        .await
        .ends_with(r#"{"status":"ready"}"#)
    {
        tokio::task::yield_now().await;
    }
    // On the same connection.
    assert!(
        ask_on(&mut stream, "/orders/nothing")
            .await
            .starts_with("HTTP/1.1 200")
    );
    server.stop().await;
    assert_eq!(
        shop.notes(),
        ["starting", "started", "door closed", "till closed"]
    );
}

#[tokio::test]
async fn requests_wait_for_the_start_where_nothing_tells_of_it() {
    let shop = Shop::default();
    let server = serve(slow(&shop)).await;
    let request = server.send("/orders/nothing").await;
    shop.noted("starting").await;
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        request.try_read(&mut [0]).unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
    shop.0.gate.add_permits(1);
    assert!(read(request).await.starts_with("HTTP/1.1 200"));
}

#[derive(Debug)]
struct NoStock(std::io::Error);

impl std::fmt::Display for NoStock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cannot open the stock")
    }
}

impl std::error::Error for NoStock {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[tokio::test]
async fn a_start_that_fails_ends_the_server_with_the_reasons() {
    let shop = Shop::default();
    let other = shop.clone();
    let failing = App::start(async move |lifespan| {
        close_with(&lifespan, &other, "closed");
        Err(NoStock(std::io::Error::other("the disk is gone")).into())
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let served = failing
        .serve_until(listener, std::future::pending::<()>)
        .await;
    assert_eq!(
        format!("{:?}", served.unwrap_err()),
        "the server cannot start: cannot open the stock: the disk is gone"
    );
    assert_eq!(shop.notes(), ["closed"]);
}

#[tokio::test]
async fn a_server_that_cannot_serve_ends_too() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shop = Shop::default();
    let other = shop.clone();
    let app = App::new(service::api(shop.clone())).at_end(async move { other.note("closed") });
    let served = app.bind(taken.local_addr().unwrap().to_string()).serve();
    let message = served.await.unwrap_err().to_string();
    assert!(
        message.starts_with("cannot listen on 127.0.0.1:"),
        "{message}"
    );
    assert_eq!(shop.notes(), ["closed"]);

    let shop = Shop::default();
    let other = shop.clone();
    let panics = App::start(async move |lifespan| {
        close_with(&lifespan, &other, "closed");
        std::panic::resume_unwind(Box::new("no key"))
    });
    let served = panics.serve_until(taken, std::future::pending::<()>);
    assert_eq!(
        served.await.unwrap_err().to_string(),
        "the server cannot start: it panicked: no key"
    );
    assert_eq!(shop.notes(), ["closed"]);

    // What is noted while it starts is released in time too.
    let hangs = App::start(async |lifespan| {
        lifespan.at_end(std::future::pending::<()>());
        Err(NoStock(std::io::Error::other("the disk is gone")).into())
    });
    tokio::time::pause();
    assert!(hangs.started().await.is_err());
}

#[tokio::test]
async fn a_signal_ends_a_server_that_starts() {
    let shop = Shop::default();
    let server = serve(slow(&shop)).await;
    shop.noted("starting").await;
    server.stop().await;
    assert_eq!(shop.notes(), ["starting", "door closed", "till closed"]);
}

#[tokio::test]
async fn an_app_can_be_started_without_being_served() {
    let shop = Shop::default();
    let message = slow(&shop).into_service().unwrap_err().to_string();
    assert!(message.contains("`App::started`"), "{message}");
    shop.0.gate.add_permits(1);
    let started = slow(&shop).started().await.unwrap();
    let ended = started.ended();
    let service = started.into_service().unwrap();
    assert_eq!(ask(&service, get("/orders/nothing")).await.status, 200);
    ended.await;
    assert_eq!(
        shop.notes(),
        ["starting", "started", "door closed", "till closed"]
    );
}

#[tokio::test]
async fn what_all_requests_need_is_released_last() {
    let shop = Shop::default();
    let noted = |note: &'static str| {
        let shop = shop.clone();
        async move { shop.note(note) }
    };
    let app = app(&shop)
        .at_end(noted("closed"))
        .at_end(async { Err::<(), _>(std::io::Error::other("it is stuck")) })
        .at_end(async { assert!(std::env::args().count() == 0, "no more") });
    let server = serve(app).await;
    server.exchange("/orders/background-gated").await;
    shop.noted("first begins").await;
    server.stop.notify_one();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    shop.0.gate.add_permits(1);
    server.ended().await;
    assert_eq!(shop.notes()[shop.notes().len() - 2..], ["last", "closed"]);
}

#[tokio::test]
async fn what_is_released_last_has_to_be_in_time() {
    let shop = Shop::default();
    let app = app(&shop)
        .shutdown_timeout(Duration::from_secs(10))
        .at_end(std::future::pending::<()>());
    serve(app).await.stop_without_time().await;
    // A second signal waits for nothing.
    let server = serve(super::app(&shop).at_end(std::future::pending::<()>())).await;
    server.stop.notify_one();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!server.task.is_finished());
    server.stop().await;
}

#[tokio::test]
async fn a_server_is_as_ready_as_what_it_needs() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let is_there = Arc::new(Semaphore::new(0));
    let database = Arc::clone(&is_there);
    let checked = app(&Shop::default())
        .health_routes_at("/alive", "/ready")
        .trusted_hosts(["shop.example"])
        .readiness_check("database", move || {
            count.fetch_add(1, Ordering::Relaxed);
            let database = Arc::clone(&database);
            async move {
                match database.available_permits() {
                    0 => Err(std::io::Error::other("password for shop is wrong")),
                    _ => Ok(()),
                }
            }
        })
        .readiness_check("weather", async || Ok::<_, std::io::Error>(()));
    let service = checked.into_service().unwrap();
    let answer = ask(&service, get("/ready")).await;
    assert_eq!(answer.status, 503);
    assert_eq!(
        answer.text(),
        r#"{"checks":["database"],"status":"failing"}"#
    );
    // What was found holds for a moment, for whoever asks.
    for _ in 0..100 {
        ask(&service, get("/ready")).await;
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    assert_eq!(ask(&service, get("/alive")).await.status, 200);
    // All else is for the trusted host only.
    assert_eq!(ask(&service, get("/orders/nothing")).await.status, 400);
    is_there.add_permits(1);
    let panics = app(&Shop::default()).health_routes().readiness_check(
        "bomb",
        || -> std::future::Ready<Result<(), std::io::Error>> {
            std::panic::resume_unwind(Box::new("it went off"))
        },
    );
    let answer = ask(&panics.into_service().unwrap(), get("/readyz")).await;
    assert_eq!(answer.text(), r#"{"checks":["bomb"],"status":"failing"}"#);
    let request = specwright::http::Request::post("/readyz");
    let request = request.body(specwright::axum::body::Body::empty()).unwrap();
    let ready = app(&Shop::default())
        .health_routes()
        .into_service()
        .unwrap();
    let answer = ask(&ready, request).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, Some("GET, HEAD"))
    );
}

/// A client that asks and leaves does not make the server ask again.
#[tokio::test]
async fn there_is_one_round_of_checks_at_a_time() {
    let shop = Shop::default();
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, gate) = (Arc::clone(&asked), shop.clone());
    let checked = app(&shop).health_routes().readiness_check("gate", move || {
        count.fetch_add(1, Ordering::Relaxed);
        let gate = gate.clone();
        async move { gate.0.gate.acquire().await.map(|it| it.forget()) }
    });
    let service = checked.into_service().unwrap();
    for _ in 0..100 {
        tokio::select! {
            biased;
            answer = ask(&service, get("/readyz")) => panic!("{}", answer.text()),
            () = tokio::task::yield_now() => {}
        }
    }
    shop.0.gate.add_permits(1);
    assert_eq!(ask(&service, get("/readyz")).await.status, 200);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_server_that_was_told_to_stop_is_not_ready_once_it_has_started() {
    let shop = Shop::default();
    let app = slow(&shop).health_routes();
    let server = serve(app.shutdown_delay(Duration::from_secs(3600))).await;
    shop.noted("starting").await;
    server.stop.notify_one();
    let stopping = r#"{"status":"stopping"}"#;
    while !server.exchange("/readyz").await.ends_with(stopping) {
        tokio::task::yield_now().await;
    }
    shop.0.gate.add_permits(1);
    let started = "HTTP/1.1 200";
    while !server
        .exchange("/orders/nothing")
        .await
        .starts_with(started)
    {
        tokio::task::yield_now().await;
    }
    assert!(server.exchange("/readyz").await.ends_with(stopping));
    server.stop().await;
}

#[tokio::test]
async fn health_routes_are_no_operations() {
    let app = app(&Shop::default()).health_routes_at("/orders/live", "/file");
    assert_eq!(
        app.into_service().unwrap_err().to_string(),
        "`/orders/live` is a health route, and `/orders/{way}` (operation `run`) answers there: `App::health_routes_at` takes another\n\
         `/file` is a health route, and `/file` (operation `file`) answers there: `App::health_routes_at` takes another"
    );
}

/// Time to find out that it stops, and to send requests elsewhere.
#[tokio::test]
async fn a_server_can_go_on_for_a_while_after_the_signal() {
    let shop = Shop::default();
    let app = app(&shop)
        .health_routes()
        .request_limit(1)
        .shutdown_delay(Duration::from_secs(3600));
    let server: Server = serve(app).await;
    let _hanging = server.send("/orders/hang").await;
    shop.noted("hanging").await;
    // The limit of requests is not about these.
    assert!(server.exchange("/readyz").await.starts_with("HTTP/1.1 200"));
    server.stop.notify_one();
    while !server
        .exchange("/readyz")
        .await
        .ends_with(r#"{"status":"stopping"}"#)
    {
        tokio::task::yield_now().await;
    }
    assert!(server.exchange("/livez").await.starts_with("HTTP/1.1 200"));
    assert!(!server.task.is_finished());
    server.stop().await;
}
