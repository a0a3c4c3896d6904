//! Clients of HTTP/2 that let nothing be sent to them, and those that want nothing of what they ask for.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use h2::{Reason, RecvStream};
use http_body::Frame;
use specwright::App;
use specwright::axum::Router;
use specwright::axum::body::Body;
use specwright::axum::extract::Path;
use specwright::axum::routing::get;
use specwright::http::{Method, Request};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::shop::Shop;
use super::{Server, app, serve};

/// What responses hold, which is known while it is in memory.
#[derive(Clone, Default)]
struct Stock {
    held: Arc<AtomicUsize>,
    made: Arc<AtomicUsize>,
}

/// The bytes of a response.
struct Goods {
    bytes: Vec<u8>,
    held: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Goods {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Goods {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

impl Stock {
    fn bytes(&self, length: usize) -> Bytes {
        self.held.fetch_add(length, Ordering::Relaxed);
        self.made.fetch_add(length, Ordering::Relaxed);
        Bytes::from_owner(Goods {
            bytes: vec![b'x'; length],
            held: Arc::clone(&self.held),
        })
    }

    /// `/whole/{length}` has so many bytes at once, and `/endless` always some more.
    fn routes(&self) -> Router {
        let (whole, endless) = (self.clone(), self.clone());
        Router::new()
            .route(
                "/whole/{length}",
                get(async move |Path(length): Path<usize>| Body::from(whole.bytes(length))),
            )
            .route(
                "/endless",
                get(async move || Body::new(Endless(endless.clone()))),
            )
    }

    fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    async fn until_nothing_is_held(&self) {
        while self.held() > 0 {
            tokio::task::yield_now().await;
        }
    }
}

struct Endless(Stock);

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Ok(Frame::data(self.0.bytes(1000)))))
    }
}

/// A client whose streams have this window each, as its connection has 65,535 bytes.
async fn client(server: &Server, window: u32) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let mut builder = Builder::new();
    let shaken = builder.initial_window_size(window).handshake(stream).await;
    let (client, connection) = shaken.unwrap();
    tokio::spawn(connection);
    client
}

async fn ask(client: &SendRequest<Bytes>, method: Method, path: &str) -> RecvStream {
    let uri = format!("http://shop.example{path}");
    let request = Request::builder().method(method).uri(uri).body(()).unwrap();
    let mut client = client.clone().ready().await.unwrap();
    let (response, _) = client.send_request(request, true).unwrap();
    let response = response.await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.into_body()
}

/// How many bytes come, and how the stream ends: with nothing or a reset. Nothing is released.
async fn rest(body: &mut RecvStream) -> (usize, Option<Reason>) {
    let mut length = 0;
    while let Some(data) = body.data().await {
        match data {
            Ok(data) => length += data.len(),
            Err(error) => {
                assert!(error.is_reset(), "{error}");
                return (length, error.reason());
            }
        }
    }
    (length, None)
}

fn hasty(shop: &Shop, stock: &Stock) -> App {
    let app = app(shop).merge(stock.routes());
    app.write_timeout(Duration::from_secs(10))
}

/// Time passes only when nothing else is left to happen.
#[tokio::test]
async fn what_may_not_be_sent_is_given_up_stream_by_stream() {
    const NO: Option<Reason> = Some(Reason::CANCEL);
    for (window, asked) in [
        (
            0,
            [
                ("/whole/1", 0, NO),
                ("/whole/3000000", 0, NO),
                ("/endless", 0, NO),
                ("/lines/any", 0, NO),
            ],
        ),
        (
            20_000,
            [
                ("/whole/20000", 20_000, None),
                ("/whole/40000", 20_000, NO),
                ("/endless", 20_000, NO),
                ("/lines/any", 12, None),
            ],
        ),
    ] {
        let (shop, stock) = (Shop::default(), Stock::default());
        let server = serve(hasty(&shop, &stock)).await;
        let client = client(&server, window).await;
        let mut bodies = Vec::new();
        for (path, ..) in asked {
            bodies.push(ask(&client, Method::GET, path).await);
        }
        // Others are served meanwhile, and no more is made than can be sent.
        let other = server.exchange("/orders/nothing").await;
        assert!(other.starts_with("HTTP/1.1 200 "), "{other}");
        let made = stock.made.load(Ordering::Relaxed);
        assert!(made < 3_000_000 + 200_000, "{made}");
        tokio::time::pause();
        for ((path, length, end), body) in asked.into_iter().zip(&mut bodies) {
            assert_eq!(rest(body).await, (length, end), "{path} of {window}");
        }
        tokio::time::resume();
        stock.until_nothing_is_held().await;
        until_released(&shop).await;
        // The connection is as good as before.
        assert_eq!(
            rest(&mut ask(&client, Method::HEAD, "/whole/9").await).await,
            (0, None)
        );
        drop(client);
        server.stop().await;
    }
}

/// All streams together have a window, too.
#[tokio::test]
async fn what_the_connection_does_not_allow_is_given_up_as_well() {
    let (shop, stock) = (Shop::default(), Stock::default());
    let server = serve(hasty(&shop, &stock)).await;
    let client = client(&server, 1 << 30).await;
    let mut bodies = Vec::new();
    for _ in 0..3 {
        bodies.push(ask(&client, Method::GET, "/whole/100000").await);
    }
    tokio::time::pause();
    let mut all = 0;
    for body in &mut bodies {
        let (length, end) = rest(body).await;
        assert_eq!(end, Some(Reason::CANCEL));
        all += length;
    }
    tokio::time::resume();
    assert_eq!(all, 65_535);
    stock.until_nothing_is_held().await;
    drop(client);
    server.stop().await;
}

/// What is left of a response when it is made, and never taken, goes with its connection.
#[tokio::test]
async fn who_takes_all_but_the_last_is_left() {
    let (shop, stock) = (Shop::default(), Stock::default());
    // Before anybody is asked whether it is still there.
    let app = hasty(&shop, &stock).header_read_timeout(Duration::from_secs(5));
    let server = serve(app).await;
    let client = client(&server, 5).await;
    let mut body = ask(&client, Method::GET, "/whole/6").await;
    assert_eq!(body.data().await.unwrap().unwrap(), "xxxxx");
    tokio::time::pause();
    let error = body.data().await.unwrap().unwrap_err();
    tokio::time::resume();
    // It was the connection that ended.
    assert!(error.is_io(), "{error}");
    stock.until_nothing_is_held().await;
    server.stop().await;
}

/// Who takes it slowly gets all of it.
#[tokio::test]
async fn who_lets_some_be_sent_has_time_for_the_rest() {
    const WINDOW: usize = 16 << 10;
    let (shop, stock) = (Shop::default(), Stock::default());
    let server = serve(hasty(&shop, &stock)).await;
    let client = client(&server, 16 << 10).await;
    let mut body = ask(&client, Method::GET, "/whole/200000").await;
    // While a thread is busy, time passes only when it is told to.
    let (done, until_done) = std::sync::mpsc::channel::<()>();
    let busy = tokio::task::spawn_blocking(move || until_done.recv());
    tokio::time::pause();
    let mut length = 0;
    while let Some(data) = body.data().await {
        length += data.unwrap().len();
        if length % WINDOW == 0 {
            // Less than the time that each piece has, and all together far more.
            tokio::time::advance(Duration::from_secs(9)).await;
            body.flow_control().release_capacity(WINDOW).unwrap();
        }
    }
    assert_eq!(length, 200_000);
    drop(done);
    assert!(busy.await.unwrap().is_err());
    tokio::time::resume();
    stock.until_nothing_is_held().await;
    drop(client);
    server.stop().await;
}

/// Waits until everything that was made for a request is taken back.
async fn until_released(shop: &Shop) {
    let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    while count(&shop.0.acquired) != count(&shop.0.released) {
        tokio::task::yield_now().await;
    }
}

/// What was begun for a request ends with it, however many are asked for and reset.
#[tokio::test]
async fn requests_that_are_reset_leave_nothing() {
    let shop = Shop::default();
    let server = serve(app(&shop)).await;
    let client = client(&server, 65_535).await;
    for round in 1..=20 {
        let mut asked = Vec::new();
        for _ in 0..50 {
            let request = Request::get("http://shop.example/orders/hang")
                .body(())
                .unwrap();
            let mut client = client.clone().ready().await.unwrap();
            asked.push(client.send_request(request, true).unwrap());
        }
        let hanging = || shop.notes().iter().filter(|it| *it == "hanging").count();
        while hanging() < round * 50 {
            tokio::task::yield_now().await;
        }
        for (_, stream) in &mut asked {
            stream.send_reset(Reason::CANCEL);
        }
        until_released(&shop).await;
    }
    assert_eq!(
        rest(&mut ask(&client, Method::GET, "/orders/nothing").await).await,
        (9, None)
    );
    drop(client);
    server.stop().await;
}

/// A frame of HTTP/2 (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Requests that are reset by the next frame, before anybody could begin to answer (CVE-2023-44487).
#[tokio::test]
async fn who_asks_and_resets_at_once_is_sent_away() {
    let shop = Shop::default();
    let server = serve(app(&shop)).await;
    let mut attack = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    attack.extend(frame(4, 0, 0, &[]));
    let mut head = vec![0x82, 0x86, 0x41, 1, b'x', 0x04, 12];
    head.extend(b"/orders/hang");
    for number in 0..10_000 {
        let stream = number * 2 + 1;
        // The end of the stream and of its headers; then that it is cancelled.
        attack.extend(frame(1, 0x5, stream, &head));
        attack.extend(frame(3, 0, stream, &8_u32.to_be_bytes()));
    }
    let (mut reading, mut writing) = TcpStream::connect(server.address)
        .await
        .unwrap()
        .into_split();
    let writing = tokio::spawn(async move {
        // It does not get to the end of it.
        let _ = writing.write_all(&attack).await;
        writing
    });
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(length @ 1..) = reading.read(&mut chunk).await {
        received.extend_from_slice(&chunk[..length]);
    }
    let other = server.exchange("/orders/nothing").await;
    assert!(other.starts_with("HTTP/1.1 200 "), "{other}");
    let mut left = received.as_slice();
    let mut said = None;
    while let Some((head, rest)) = left.split_at_checked(9) {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let (payload, rest) = rest.split_at(length);
        if head[3] == 7 {
            said = Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()));
        }
        left = rest;
    }
    assert_eq!(said, Some(Reason::ENHANCE_YOUR_CALM.into()));
    until_released(&shop).await;
    drop(writing);
    server.stop().await;
}
