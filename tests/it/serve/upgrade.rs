//! Responses that switch to another protocol.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use serde_json::json;
use specwright::axum::body::Body;
use specwright::axum::response::Response;
use specwright::http::{Request, header};
use specwright::{App, Context, Metrics, Unexpected, Upgrade};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::request::send;
use crate::support::lines::Lines;
use crate::support::server::{Server, read, serve};

specwright::include_api!(pub mod upgrade);

use upgrade::*;

struct Parrot;

impl DefaultApi for Parrot {
    async fn echo(&self, cx: &Context, request: EchoRequest) -> Result<EchoResponse, Unexpected> {
        if cx.headers().get(header::UPGRADE).is_none() {
            return Ok(EchoResponse::Ok("ask for `parrot`".to_owned()));
        }
        let times = request.times;
        let body = Upgrade::new(cx, "parrot", move |mut connection| async move {
            let mut byte = [0];
            while connection.read_exact(&mut byte).await.is_ok() {
                tracing::info!(note = "heard");
                assert_ne!(byte, *b"!", "out of breath");
                let echo = byte.repeat(usize::try_from(times).unwrap());
                if connection.write_all(&echo).await.is_err() {
                    break;
                }
            }
        })?;
        Ok(EchoResponse::SwitchingProtocols {
            x_times: times,
            body,
        })
    }

    async fn raw(&self, cx: &Context) -> Result<Upgrade, Unexpected> {
        match cx.extract::<WebSocketUpgrade>().await {
            Ok(asked) => Upgrade::try_from(asked.on_upgrade(Upgrade::callback(cx, talk))),
            Err(_) => Upgrade::try_from(Response::new(Body::empty())),
        }
    }
}

/// Says one word, and waits for the client to leave.
async fn talk(mut socket: WebSocket) {
    tracing::info!(note = "heard");
    let _ = socket.send(Message::text("hi")).await;
    while let Some(Ok(_)) = socket.recv().await {}
}

/// Connects and sends the head of a request.
async fn connect(head: &str) -> TcpStream {
    let server = serve(App::new(upgrade::api(Parrot))).await;
    connect_to(&server, head).await
}

async fn connect_to(server: &Server, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// A connection that has switched to the protocol.
async fn switched(server: &Server, times: usize) -> TcpStream {
    let head = format!(
        "GET /echo?times={times} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: parrot\r\n\r\n"
    );
    let mut stream = connect_to(server, &head).await;
    let response = read_until(&mut stream, "\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 101 "), "{response}");
    stream
}

/// A connection that has switched to a WebSocket, on which the server has said its word.
async fn web_socket(server: &Server) -> (TcpStream, String) {
    let head = "GET /raw HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
                sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let mut stream = connect_to(server, head).await;
    let response = read_until(&mut stream, "\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 101 "), "{response}");
    // A frame of text with two bytes.
    assert_eq!(read_until(&mut stream, "hi").await, "\u{81}\u{2}hi");
    (stream, response)
}

/// Reads until a text comes.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut received = String::new();
    while !received.ends_with(end) {
        let byte = tokio::time::timeout(Duration::from_secs(5), stream.read_u8()).await;
        received.push(char::from(byte.unwrap().unwrap()));
    }
    received
}

#[tokio::test]
async fn another_protocol_follows_the_response() {
    let head = "GET /echo?times=2 HTTP/1.1\r\nhost: x\r\nconnection: keep-alive, Upgrade\r\nupgrade: Parrot\r\n\r\n";
    let mut stream = connect(head).await;
    let response = read_until(&mut stream, "\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 101 "), "{response}");
    for line in ["upgrade: parrot", "connection: upgrade", "x-times: 2"] {
        assert!(response.contains(&format!("\r\n{line}\r\n")), "{response}");
    }
    stream.write_all(b"ab").await.unwrap();
    assert_eq!(read_until(&mut stream, "bb").await, "aabb");
    stream.write_all(b"c").await.unwrap();
    assert_eq!(read_until(&mut stream, "cc").await, "cc");
}

#[tokio::test]
async fn who_does_not_ask_for_it_is_told_to() {
    let api = || upgrade::api(Parrot);
    let plain = Request::get("/echo").body(Body::empty()).unwrap();
    assert_eq!(
        send(api(), plain).await.summary(),
        r#"200 "ask for `parrot`""#
    );

    let head = "GET /echo HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: crow\r\n\r\n";
    let response = read_until(&mut connect(head).await, "\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 426 "), "{response}");
    assert!(response.contains("\r\nupgrade: parrot\r\n"), "{response}");

    // What has no body after its head has no other protocol either.
    let head = "HEAD /echo HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: parrot\r\n\r\n";
    let response = read_until(&mut connect(head).await, "\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");

    // Without a connection that could be handed over.
    let asked = Request::get("/echo")
        .header("connection", "upgrade")
        .header("upgrade", "parrot");
    let answer = send(api(), asked.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.summary(), "426");
    assert_eq!(answer.headers["connection"], "upgrade");

    let invalid = Request::get("/echo?times=0").body(Body::empty()).unwrap();
    assert_eq!(
        send(api(), invalid).await.summary(),
        "422 query times minimum"
    );
    let raw = Request::get("/raw").body(Body::empty()).unwrap();
    assert_eq!(send(api(), raw).await.summary(), "500");
}

const PLAIN: &str = "GET /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn connections_that_switched_keep_their_place() {
    let server = serve(App::new(upgrade::api(Parrot)).connection_limit(1)).await;
    let mut first = switched(&server, 1).await;
    let second = connect_to(&server, PLAIN).await;
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        second.try_read(&mut [0]).unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
    first.write_all(b"a").await.unwrap();
    assert_eq!(read_until(&mut first, "a").await, "a");
    drop(first);
    assert!(read(second).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn the_end_of_the_server_waits_for_connections_that_switched() {
    let app = App::new(upgrade::api(Parrot)).shutdown_timeout(Duration::from_secs(3600));
    let server = serve(app).await;
    let mut stream = switched(&server, 2).await;
    server.stop.notify_one();
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert!(!server.task.is_finished());
    stream.write_all(b"a").await.unwrap();
    assert_eq!(read_until(&mut stream, "aa").await, "aa");
    drop(stream);
    server.ended().await;
    // What does not end is cut off.
    let app = App::new(upgrade::api(Parrot)).shutdown_timeout(Duration::from_secs(10));
    let server = serve(app).await;
    let stream = switched(&server, 2).await;
    server.stop_without_time().await;
    assert_eq!(read(stream).await, "");
}

/// Time passes only when nothing else is left to happen.
#[tokio::test]
async fn who_does_not_read_is_left() {
    let app = App::new(upgrade::api(Parrot)).write_timeout(Duration::from_secs(10));
    let server = serve(app.connection_limit(1)).await;
    let mut first = switched(&server, 50_000_000).await;
    first.write_all(b"a").await.unwrap();
    let second = connect_to(&server, PLAIN).await;
    tokio::time::pause();
    assert!(read(second).await.starts_with("HTTP/1.1 200 "));
    tokio::time::resume();
    assert!(read(first).await.len() < 50_000_000);
}

/// What is said on a connection has a span of its own, since that of the request ends with its response.
#[tokio::test]
async fn what_runs_after_the_switch_is_within_a_span_of_its_operation() {
    let observed = || App::new(upgrade::api(Parrot)).access_log(true);
    let id = |response: &str| {
        let (_, rest) = response.split_once("x-request-id: ").unwrap();
        rest.split_once("\r\n").unwrap().0.to_owned()
    };
    for (operation, route) in [("echo", "/echo"), ("raw", "/raw")] {
        let (lines, _listening) = Lines::listen();
        let server = serve(observed().metrics(Metrics::new())).await;
        let (stream, response) = match operation {
            "raw" => web_socket(&server).await,
            _ => {
                let head = "GET /echo HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: parrot\r\n\r\n";
                let mut stream = connect_to(&server, head).await;
                let response = read_until(&mut stream, "\r\n\r\n").await;
                stream.write_all(b"a").await.unwrap();
                assert_eq!(read_until(&mut stream, "a").await, "a");
                (stream, response)
            }
        };
        let heard = lines.with("note", |it| it == "heard");
        assert_eq!(heard.len(), 1);
        assert_eq!(
            heard[0]["span"],
            json!({ "name": "upgraded", "operation": operation, "request_id": id(&response) })
        );
        assert_eq!(heard[0]["spans"].as_array().unwrap().len(), 1);
        // The request has ended, and the connection goes on.
        let log = lines.access_log();
        assert_eq!(log.len(), 1, "{log:?}");
        assert_eq!(log[0]["message"], "answered");
        assert_eq!(log[0]["span"]["status"], 101);
        assert_eq!(log[0]["span"]["operation"], operation);
        assert_eq!(log[0]["span"]["request_id"], id(&response).as_str());
        let labels = format!(r#"operation="{operation}",route="{route}""#);
        let metrics = server.exchange("/metrics").await;
        for series in [
            format!("http_server_requests_total{{{labels},method=\"GET\",status=\"101\"}} 1\n"),
            format!("http_server_active_requests{{{labels}}} 0\n"),
        ] {
            assert!(metrics.contains(&series), "{series} in {metrics}");
        }
        drop(stream);
        server.stop().await;
        assert_eq!(lines.access_log().len(), 1);
    }
}

#[tokio::test]
async fn what_is_not_observed_has_no_span_after_the_switch() {
    let (lines, _listening) = Lines::listen();
    let server = serve(App::new(upgrade::api(Parrot)).metrics(Metrics::new())).await;
    let (stream, _) = web_socket(&server).await;
    let heard = lines.with("note", |it| it == "heard");
    assert_eq!((heard.len(), heard[0].get("span")), (1, None));
    drop(stream);
    server.stop().await;
}

#[tokio::test]
async fn a_panic_on_a_connection_that_switched_is_logged() {
    let (lines, _listening) = Lines::listen();
    let server = serve(App::new(upgrade::api(Parrot)).access_log(true)).await;
    let mut stream = switched(&server, 1).await;
    stream.write_all(b"!").await.unwrap();
    assert_eq!(read(stream).await, "");
    let said = "the upgraded connection of `echo` panicked: ";
    let told = lines.with("message", |it| it.contains(said));
    assert_eq!(told.len(), 1, "{}", lines.text());
    assert_eq!(told[0]["span"]["name"], "upgraded");
    // Nobody else hears of it.
    assert!(server.exchange("/echo").await.starts_with("HTTP/1.1 200 "));
}

/// However its library runs it.
#[tokio::test]
async fn the_end_of_the_server_cuts_off_web_sockets_too() {
    let app = App::new(upgrade::api(Parrot)).shutdown_timeout(Duration::from_secs(10));
    let server = serve(app).await;
    let (stream, _) = web_socket(&server).await;
    server.stop_without_time().await;
    assert_eq!(read(stream).await, "");
}
