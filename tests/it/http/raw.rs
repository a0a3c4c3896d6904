//! What only a socket can show.

use std::time::Duration;

use specwright::App;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{BOOK, app};
use crate::support::server::{Server, serve};

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends text and reads what comes back until the connection closes, or nothing comes for half a second.
    async fn ask(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        // What is too long is refused before it has all come.
        let _ = stream.write_all(text.as_bytes()).await;
        read(&mut stream).await
    }
}

async fn read(stream: &mut TcpStream) -> String {
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(Ok(length)) =
        tokio::time::timeout(Duration::from_millis(500), stream.read(&mut chunk)).await
    {
        if length == 0 {
            break;
        }
        received.extend_from_slice(&chunk[..length]);
    }
    String::from_utf8(received).unwrap()
}

fn post(headers: &str, body: &str) -> String {
    format!(
        "POST /books/7 HTTP/1.1\r\nhost: x\r\nx-api-key: good\r\ncontent-type: application/json\r\n{headers}\r\n{body}"
    )
}

#[tokio::test]
async fn a_request_without_a_host_is_answered() {
    let server = serve(app()).await;
    let text = server.ask("GET /health HTTP/1.1\r\n\r\n").await;
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(text.ends_with(r#"{"status":"ok"}"#));
    let text = server.ask("GET /health HTTP/1.0\r\n\r\n").await;
    assert!(text.starts_with("HTTP/1.0 200 OK\r\n"), "{text}");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = serve(app()).await;
    let length = BOOK.len();
    let text = format!(
        "GET /health HTTP/1.1\r\nhost: x\r\n\r\n{}GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n",
        post(&format!("content-length: {length}\r\n"), BOOK)
    );
    let text = server.ask(&text).await;
    let statuses: Vec<_> = text
        .match_indices("HTTP/1.1 ")
        .map(|(at, _)| &text[at + 9..at + 12])
        .collect();
    assert_eq!(statuses, ["200", "201", "404"]);
}

#[tokio::test]
async fn chunked_bodies_are_read() {
    let server = serve(app()).await;
    let (one, two) = BOOK.split_at(9);
    let body = format!("9\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n", two.len());
    let text = server
        .ask(&post("transfer-encoding: chunked\r\n", &body))
        .await;
    assert!(text.starts_with("HTTP/1.1 201"), "{text}");

    let text = server
        .ask(&post("transfer-encoding: chunked\r\n", "zz\r\n"))
        .await;
    assert!(text.starts_with("HTTP/1.1 400"), "{text}");
}

#[tokio::test]
async fn truncated_and_slow_bodies_end() {
    let server = serve(app().body_idle_timeout(Duration::from_millis(100))).await;
    let text = server.ask(&post("content-length: 40\r\n", "{")).await;
    assert!(text.starts_with("HTTP/1.1 408"), "{text}");

    let mut stream = server.connect().await;
    stream
        .write_all(post("content-length: 40\r\n", "{").as_bytes())
        .await
        .unwrap();
    stream.shutdown().await.unwrap();
    read(&mut stream).await;
    assert!(
        server
            .ask("GET /health HTTP/1.1\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn an_announced_length_over_the_limit_is_refused_unread() {
    let server = serve(app()).await;
    let text = server
        .ask(&post(
            "content-length: 2097153\r\nexpect: 100-continue\r\n",
            "",
        ))
        .await;
    assert!(text.starts_with("HTTP/1.1 413"), "{text}");
    assert!(text.contains("application/problem+json"));
}

#[tokio::test]
async fn a_body_that_is_wanted_is_asked_for() {
    let server = serve(app()).await;
    let mut stream = server.connect().await;
    let head = post(
        &format!("content-length: {}\r\nexpect: 100-continue\r\n", BOOK.len()),
        "",
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(BOOK.as_bytes()).await.unwrap();
    assert!(read(&mut stream).await.starts_with("HTTP/1.1 201"));
}

#[tokio::test]
async fn slow_heads_end_the_connection() {
    let server = serve(app().header_read_timeout(Duration::from_millis(100))).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /health HTTP/1.1\r\nx-a")
        .await
        .unwrap();
    let mut byte = [0];
    let ended = tokio::time::timeout(Duration::from_secs(5), async {
        while stream.read(&mut byte).await.is_ok_and(|length| length > 0) {}
    });
    assert!(ended.await.is_ok());
}

#[tokio::test]
async fn stopping_lets_requests_finish_and_ends_idle_connections() {
    let server = serve(app()).await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET /health HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let mut busy = server.connect().await;
    busy.write_all(post(&format!("content-length: {}\r\n", BOOK.len()), "").as_bytes())
        .await
        .unwrap();
    read(&mut idle).await;
    server.stop.notify_one();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(server.address).await.is_err());
    assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
    assert!(!server.task.is_finished());
    busy.write_all(BOOK.as_bytes()).await.unwrap();
    assert!(read(&mut busy).await.starts_with("HTTP/1.1 201"));
    tokio::time::timeout(Duration::from_secs(5), server.task)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let server = serve(app().shutdown_timeout(Duration::from_millis(100))).await;
    let mut slow = server.connect().await;
    slow.write_all(b"GET /books/slow HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.notify_one();
    tokio::time::timeout(Duration::from_secs(5), server.task)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(slow.read(&mut [0]).await.unwrap_or_default(), 0);
}

#[tokio::test]
async fn the_client_is_known_by_its_address() {
    let beside = specwright::axum::Router::new().route(
        "/peer",
        specwright::axum::routing::get(
            async |specwright::axum::extract::ConnectInfo(peer): specwright::axum::extract::ConnectInfo<
                std::net::SocketAddr,
            >| peer.to_string(),
        ),
    );
    let server = serve(app().merge(beside)).await;
    let mut stream = server.connect().await;
    let own = stream.local_addr().unwrap();
    stream
        .write_all(b"GET /peer HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    assert!(read(&mut stream).await.ends_with(&own.to_string()));
}

/// HTTP/1.0 has no `Host`, and nothing here needs one.
#[tokio::test]
async fn a_missing_host_breaks_nothing() {
    let server = serve(App::new(super::books::api(super::Shop))).await;
    for version in ["1.0", "1.1"] {
        let request = format!("GET /books/7 HTTP/{version}\r\nconnection: close\r\n\r\n");
        let answer = server.ask(&request).await;
        assert!(
            answer.starts_with(&format!("HTTP/{version} 200")),
            "{answer}"
        );
    }
    server.stop.notify_one();
    server.task.await.unwrap();
}

/// The statuses of what came back, in order.
fn statuses(text: &str) -> Vec<&str> {
    text.match_indices("HTTP/1.")
        .filter_map(|(at, _)| text.get(at + 9..at + 12))
        .collect()
}

/// Nonsense gets a status that says whose fault it is, or a closed connection; the server goes on as if nothing was.
#[tokio::test]
async fn nonsense_is_refused_or_ends_the_connection() {
    let server = serve(app().body_idle_timeout(Duration::from_millis(100))).await;
    let flood: String = (0..200).map(|at| format!("x-{at}: y\r\n")).collect();
    let long = "a".repeat(600 * 1024);
    let requests = [
        // What is no request at all.
        "\r\n\r\n\r\n".to_owned(),
        "\0\0\0\0\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        "GET /health\r\n\r\n".to_owned(),
        "GET /health HTTP/9.9\r\n\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".to_owned(),
        "G\u{e9}T /health HTTP/1.1\r\n\r\n".to_owned(),
        // Line breaks and other controls where none may be.
        "GET /hea\rlth HTTP/1.1\r\n\r\n".to_owned(),
        "GET /hea\nlth HTTP/1.1\r\n\r\n".to_owned(),
        "GET /health HTTP/1.1\r\nx: a\rb\r\n\r\n".to_owned(),
        "GET /health HTTP/1.1\r\nx\r: a\r\n\r\n".to_owned(),
        "GET /health HTTP/1.1\r\n folded: a\r\n\r\n".to_owned(),
        "GET /health HTTP/1.1\r\nx: a\0b\r\n\r\n".to_owned(),
        "GET /health HTTP/1.1\r\n: a\r\n\r\n".to_owned(),
        // Too much of something.
        format!("GET /health HTTP/1.1\r\n{flood}\r\n"),
        format!("GET /health HTTP/1.1\r\nx: {long}\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\n\r\n"),
        // Bodies whose length is not what it says, or says two things.
        post("content-length: -1\r\n", "{}"),
        post("content-length: 2\r\ncontent-length: 3\r\n", "{}"),
        post("content-length: 99999999999999999999\r\n", "{}"),
        post("content-length: 0x2\r\n", "{}"),
        post(
            "content-length: 2\r\ntransfer-encoding: chunked\r\n",
            "0\r\n\r\nGET /health HTTP/1.1\r\n\r\n",
        ),
        post("transfer-encoding: chunked, identity\r\n", "{}"),
        post("transfer-encoding: chunked\r\n", "-1\r\n{}\r\n"),
        post(
            "transfer-encoding: chunked\r\n",
            "ffffffffffffffffff\r\n{}\r\n",
        ),
        post("transfer-encoding: chunked\r\n", "2\r\n{}{}\r\n0\r\n\r\n"),
        post("transfer-encoding: chunked\r\n", "2"),
    ];
    for request in &requests {
        let text = server.ask(request).await;
        let shown = request.get(..80.min(request.len())).unwrap_or("");
        for status in statuses(&text) {
            assert!(
                status.starts_with('4') || status == "200",
                "{shown:?}: {text}"
            );
        }
    }
    let text = server.ask("GET /health HTTP/1.1\r\n\r\n").await;
    assert_eq!(statuses(&text), ["200"]);
}

/// However a body comes, it may not be longer than the limit.
#[tokio::test]
async fn chunked_bodies_have_the_limit_too() {
    let server = serve(app().body_limit(1000)).await;
    let chunk = format!("1f4\r\n{}\r\n", " ".repeat(500));
    let text = server
        .ask(&post("transfer-encoding: chunked\r\n", &chunk.repeat(3)))
        .await;
    assert_eq!(statuses(&text), ["413"], "{text}");
}

/// What follows a refused body is not taken for a request.
#[tokio::test]
async fn the_rest_of_a_refused_body_is_no_request() {
    let server = serve(app().body_limit(10)).await;
    let hidden = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n";
    let text = server
        .ask(&post(
            &format!("content-length: {}\r\n", hidden.len()),
            hidden,
        ))
        .await;
    assert_eq!(statuses(&text), ["413"], "{text}");
}

/// Line breaks that clients encode reach handlers as text, and never a header of the response.
#[tokio::test]
async fn encoded_line_breaks_split_nothing() {
    let server = serve(app()).await;
    for path in [
        "/books/7%0d%0aset-cookie:%20a=b",
        "/nothing%0d%0aset-cookie:%20a=b",
        "/books/7?x=%0d%0aset-cookie:%20a=b",
    ] {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nx-request-id: a%0d%0aset-cookie: a=b\r\nconnection: close\r\n\r\n"
        );
        let text = server.ask(&request).await;
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("\r\nset-cookie:"), "{path}: {text}");
        assert!(
            !statuses(&text).iter().any(|it| it.starts_with('5')),
            "{path}: {text}"
        );
    }
}

/// Requests come byte by byte as well as all at once.
#[tokio::test]
async fn slow_requests_are_answered() {
    let server = serve(app()).await;
    let mut stream = server.connect().await;
    stream.set_nodelay(true).unwrap();
    let request = post(&format!("content-length: {}\r\n", BOOK.len()), BOOK);
    for byte in request.as_bytes() {
        stream.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(statuses(&read(&mut stream).await), ["201"]);
}
