//! Responses that switch to another protocol.

use std::time::Duration;

use specwright::axum::body::Body;
use specwright::axum::response::Response;
use specwright::http::{Request, header};
use specwright::{App, Context, Unexpected, Upgrade};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::request::send;

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
                for _ in 0..times {
                    connection.write_all(&byte).await.unwrap();
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
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = App::new(upgrade::api(Parrot));
    tokio::spawn(app.serve_until(listener, std::future::pending::<()>));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
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
