//! Responses that switch to another protocol.

use std::time::Duration;

use specwright::axum::body::Body;
use specwright::axum::response::Response;
use specwright::http::{Request, header};
use specwright::{App, Context, Unexpected, Upgrade};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::request::send;
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

    async fn raw(&self, _: &Context) -> Result<Upgrade, Unexpected> {
        Upgrade::try_from(Response::new(Body::empty()))
    }
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
