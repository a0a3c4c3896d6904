//! The server on its sockets: what is spoken there, and within which limits.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use specwright::axum::Router;
use specwright::axum::extract::Extension;
use specwright::axum::http::uri::Scheme;
use specwright::axum::routing::get;
use specwright::bytes::Bytes;
use specwright::http::{HeaderMap, Request, Response, Version};
use specwright::{App, PeerCertificate};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::shop::Shop;
use super::{Server, app, read, serve};

/// Tells how a request came.
fn how() -> Router {
    let tell = |scheme: Option<Extension<Scheme>>,
                certificate: Option<Extension<PeerCertificate>>| async move {
        let scheme = scheme.map_or("none".to_owned(), |it| it.0.to_string());
        format!("{scheme} {}", certificate.is_some())
    };
    Router::new().route("/how", get(tell))
}

async fn http2<I>(stream: I) -> http2::SendRequest<Empty<Bytes>>
where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let executor = TokioExecutor::new();
    let (sender, connection) = http2::handshake(executor, TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

fn asked(server: &Server, path: &str) -> Request<Empty<Bytes>> {
    let uri = format!("http://{}{path}", server.address);
    Request::get(uri).body(Empty::new()).unwrap()
}

async fn text<B: hyper::body::Body<Error: std::fmt::Debug>>(response: Response<B>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn http_2_is_spoken_with_those_who_begin_with_it() {
    let shop = Shop::default();
    let server = serve(app(&shop)).await;
    let mut client = http2(TcpStream::connect(server.address).await.unwrap()).await;
    let hanging = client.send_request(asked(&server, "/orders/hang"));
    let hanging = tokio::spawn(hanging);
    shop.noted("hanging").await;
    // On the same connection, meanwhile.
    let response = client
        .send_request(asked(&server, "/orders/nothing"))
        .await
        .unwrap();
    assert_eq!(
        (response.status(), response.version()),
        (200.try_into().unwrap(), Version::HTTP_2)
    );
    assert_eq!(text(response).await, "\"nothing\"");
    hanging.abort();
    assert!(
        server
            .exchange("/orders/nothing")
            .await
            .starts_with("HTTP/1.1 200")
    );
    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn requests_of_http_2_finish_when_the_server_stops() {
    let shop = Shop::default();
    let server = serve(app(&shop)).await;
    let mut client = http2(TcpStream::connect(server.address).await.unwrap()).await;
    let response = client
        .send_request(asked(&server, "/lines/hang"))
        .await
        .unwrap();
    let mut body = response.into_body();
    assert_eq!(
        body.frame().await.unwrap().unwrap().into_data().unwrap(),
        "\"one\"\n"
    );
    server.stop.notify_one();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!server.task.is_finished());
    drop(body);
    server.ended().await;
}

#[tokio::test]
async fn requests_of_http_2_are_cut_off_in_time_to_release_what_they_have() {
    let shop = Shop::default();
    let server = serve(app(&shop).shutdown_timeout(Duration::from_secs(10))).await;
    let sender = http2(TcpStream::connect(server.address).await.unwrap()).await;
    let _asked: Vec<_> = (0..50)
        .map(|_| tokio::spawn(sender.clone().send_request(asked(&server, "/orders/hang"))))
        .collect();
    let count = |note: &str| shop.notes().iter().filter(|it| *it == note).count();
    while count("hanging") < 50 {
        tokio::task::yield_now().await;
    }
    server.stop_without_time().await;
    assert_eq!(count("-transaction cancelled"), 50);
    assert_eq!(count("-connection cancelled"), 50);
}

/// A client that says nothing at all, one that says nothing more, and one that never finishes its handshake.
#[tokio::test]
async fn connections_without_requests_end() {
    let app = app(&Shop::default()).header_read_timeout(Duration::from_millis(100));
    let server = serve(app).await;
    let silent = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(read(silent).await, "");
    let mut half = TcpStream::connect(server.address).await.unwrap();
    half.write_all(b"PRI * HTTP/2").await.unwrap();
    assert_eq!(read(half).await, "");
    let mut idle = http2(TcpStream::connect(server.address).await.unwrap()).await;
    idle.send_request(asked(&server, "/orders/nothing"))
        .await
        .unwrap();
    while idle.ready().await.is_ok() {
        tokio::task::yield_now().await;
    }
    let app = tls(App::new(super::service::api(Shop::default())));
    let server = serve(app.header_read_timeout(Duration::from_millis(100))).await;
    let mut shy = TcpStream::connect(server.address).await.unwrap();
    shy.write_all(&[0x16, 3, 1]).await.unwrap();
    assert_eq!(read(shy).await, "");
}

fn fixture(name: &str) -> PathBuf {
    Path::new("fixtures/tls").join(name)
}

fn tls(app: App) -> App {
    app.tls(fixture("server.pem"), fixture("server-key.pem"))
}

/// Shakes hands as a client, which may have a certificate.
async fn shake(
    server: &Server,
    protocols: &[&str],
    certificate: Option<(&str, &str)>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    shake_on(stream, protocols, certificate).await
}

async fn shake_on(
    stream: TcpStream,
    protocols: &[&str],
    certificate: Option<(&str, &str)>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(fixture("authority.pem")).unwrap())
        .unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots);
    let mut config = match certificate {
        None => config.with_no_client_auth(),
        Some((certificate, key)) => {
            let certificate = CertificateDer::from_pem_file(fixture(certificate)).unwrap();
            let key = PrivateKeyDer::from_pem_file(fixture(key)).unwrap();
            config
                .with_client_auth_cert(vec![certificate], key)
                .unwrap()
        }
    };
    config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

/// Asks how a request came, in the protocol that was agreed on.
async fn tell(server: &Server, stream: TlsStream<TcpStream>) -> (Version, String) {
    let request = asked(server, "/how");
    let response = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => http2(stream).await.send_request(request).await.unwrap(),
        _ => {
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        }
    };
    (response.version(), text(response).await)
}

#[tokio::test]
async fn tls_is_spoken_and_the_protocol_within_agreed_on() {
    let app = App::new(super::service::api(Shop::default())).merge(how());
    let server = serve(tls(app)).await;
    let come = "https false".to_owned();
    let stream = shake(&server, &["h2", "http/1.1"], None).await.unwrap();
    assert_eq!(tell(&server, stream).await, (Version::HTTP_2, come.clone()));
    let stream = shake(&server, &["http/1.1"], None).await.unwrap();
    assert_eq!(
        tell(&server, stream).await,
        (Version::HTTP_11, come.clone())
    );
    let stream = shake(&server, &[], None).await.unwrap();
    assert_eq!(tell(&server, stream).await, (Version::HTTP_11, come));
    // Who speaks without is told nothing, and hurts nobody.
    assert!(!server.exchange("/how").await.contains("HTTP"));
    let plain = serve(super::app(&Shop::default()).merge(how())).await;
    assert!(plain.exchange("/how").await.ends_with("none false"));
}

#[tokio::test]
async fn handshakes_go_on_when_the_server_stops() {
    let server = serve(tls(super::app(&Shop::default()))).await;
    let accepted = TcpStream::connect(server.address).await.unwrap();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let waiting = std::net::TcpStream::connect(server.address).unwrap();
    waiting.set_nonblocking(true).unwrap();
    server.stop.notify_one();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    for stream in [accepted, TcpStream::from_std(waiting).unwrap()] {
        shake_on(stream, &[], None).await.unwrap();
    }
    server.ended().await;
}

#[tokio::test]
async fn certificates_of_clients_are_verified_and_handed_on() {
    let app = tls(App::new(super::service::api(Shop::default())).merge(how()));
    let server = serve(app.tls_client_authorities(fixture("authority.pem"))).await;
    let stream = shake(&server, &[], Some(("client.pem", "client-key.pem")))
        .await
        .unwrap();
    assert_eq!(tell(&server, stream).await.1, "https true");
    let stream = shake(&server, &[], None).await.unwrap();
    assert_eq!(tell(&server, stream).await.1, "https false");
    // It is signed by the authority, but not for clients. In TLS 1.3 the client learns of it afterwards.
    let refused = match shake(&server, &[], Some(("server.pem", "server-key.pem"))).await {
        Ok(mut stream) => stream.read(&mut [0]).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(
        refused.to_string().contains("received fatal alert"),
        "{refused}"
    );
}

/// A certificate does not outlast the server that has it.
#[tokio::test]
async fn files_of_tls_are_read_again_when_they_are_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let place = |from: &str, to: &str| {
        let new = folder.path().join("new");
        std::fs::copy(fixture(from), &new).unwrap();
        std::fs::rename(new, folder.path().join(to)).unwrap();
    };
    place("server.pem", "certificates.pem");
    place("server-key.pem", "key.pem");
    let app = super::app(&Shop::default());
    let server = serve(app.tls(
        folder.path().join("certificates.pem"),
        folder.path().join("key.pem"),
    ))
    .await;
    shake(&server, &[], None).await.unwrap();
    // What is signed for clients only is none for a server, by which it is told that it is used.
    place("client.pem", "certificates.pem");
    shake(&server, &[], None).await.unwrap();
    place("client-key.pem", "key.pem");
    let refused = shake(&server, &[], None).await.unwrap_err().to_string();
    assert!(refused.contains("invalid peer certificate"), "{refused}");
    place("authority.pem", "key.pem");
    let refused = shake(&server, &[], None).await.unwrap_err().to_string();
    assert!(refused.contains("invalid peer certificate"), "{refused}");
    place("server.pem", "certificates.pem");
    place("server-key.pem", "key.pem");
    shake(&server, &[], None).await.unwrap();
}

#[tokio::test]
async fn files_of_tls_that_cannot_be_used_are_named() {
    let fault = async |certificates: &str, key: &str| {
        let app = App::new(super::service::api(Shop::default()));
        let app = app.tls(fixture(certificates), fixture(key));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let served = app.serve_until(listener, std::future::pending::<()>).await;
        served.unwrap_err().to_string()
    };
    assert_eq!(
        fault("missing.pem", "server-key.pem").await,
        "cannot use `fixtures/tls/missing.pem` for TLS: No such file or directory (os error 2)"
    );
    assert_eq!(
        fault("server-key.pem", "server-key.pem").await,
        "cannot use `fixtures/tls/server-key.pem` for TLS: it holds no certificate in PEM"
    );
    assert_eq!(
        fault("server.pem", "server.pem").await,
        "cannot use `fixtures/tls/server.pem` for TLS: it holds no private key in PEM"
    );
    let message = fault("server.pem", "client-key.pem").await;
    assert!(
        message.starts_with("cannot use `fixtures/tls/client-key.pem` for TLS: "),
        "{message}"
    );
    assert!(
        message.ends_with("(with the certificate in `fixtures/tls/server.pem`)"),
        "{message}"
    );
}

#[tokio::test]
async fn a_unix_socket_is_listened_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let app = app(&Shop::default());
    tokio::spawn(app.serve_until(listener, std::future::pending::<()>));
    let text = exchange(UnixStream::connect(&path).await.unwrap(), "").await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}

/// The file that a server left behind is no reason not to start, and the one of a running server is.
#[tokio::test]
async fn the_file_of_a_unix_socket_comes_and_goes_with_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let address = format!("unix:{}", path.display());
    let server = tokio::spawn(app(&Shop::default()).bind(&address).serve());
    let stream = loop {
        match UnixStream::connect(&path).await {
            Ok(stream) => break stream,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    assert!(exchange(stream, "").await.starts_with("HTTP/1.1 200"));
    let second = app(&Shop::default()).bind(&address).serve().await;
    let message = second.unwrap_err().to_string();
    assert_eq!(
        message,
        format!("cannot listen on {address}: Address already in use (os error 98)")
    );
    server.abort();
    assert!(server.await.unwrap_err().is_cancelled());
    assert!(!path.exists());
    std::fs::write(&path, "something else").unwrap();
    app(&Shop::default())
        .bind(&address)
        .serve()
        .await
        .unwrap_err();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "something else");
}

/// Sends a request with further headers, and reads all that comes.
async fn exchange<I: AsyncRead + AsyncWrite + Unpin>(mut stream: I, headers: &str) -> String {
    let head =
        format!("GET /orders/nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received).await;
    String::from_utf8(received).unwrap()
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let server = serve(app(&Shop::default()).connection_limit(1)).await;
    let mut first = TcpStream::connect(server.address).await.unwrap();
    first
        .write_all(b"GET /orders/nothing HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    first.read_exact(&mut [0; 12]).await.unwrap();
    let second = server.send("/orders/nothing").await;
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        second.try_read(&mut [0]).unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
    drop(first);
    assert!(read(second).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn requests_beyond_the_limit_are_refused() {
    let shop = Shop::default();
    let server = serve(app(&shop).request_limit(1)).await;
    let first = server.send("/orders/hang").await;
    shop.noted("hanging").await;
    let text = server.exchange("/orders/nothing").await;
    assert!(text.starts_with("HTTP/1.1 503"), "{text}");
    assert!(text.contains("\r\nretry-after: 1\r\n"), "{text}");
    assert!(
        text.contains("\r\ncontent-type: application/problem+json\r\n"),
        "{text}"
    );
    assert!(text.contains("\r\nx-request-id: "), "{text}");
    assert!(
        text.contains("too many requests are being answered"),
        "{text}"
    );
    drop(first);
    shop.noted("-transaction cancelled").await;
    assert!(
        server
            .exchange("/orders/nothing")
            .await
            .starts_with("HTTP/1.1 200")
    );
    // A stream has its head sent, and takes no place.
    let mut stream = server.send("/lines/hang").await;
    stream.read_exact(&mut [0; 12]).await.unwrap();
    assert!(
        server
            .exchange("/orders/nothing")
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn headers_beyond_the_limits_are_refused() {
    let limited = app(&Shop::default())
        .header_limit(10)
        .header_size_limit(9000);
    let server = serve(limited).await;
    let connect = async || TcpStream::connect(server.address).await.unwrap();
    let many = |count: usize| "a: b\r\n".repeat(count);
    let long = |length: usize| format!("a: {}\r\n", "b".repeat(length));
    assert!(
        exchange(connect().await, &many(8))
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        exchange(connect().await, &many(9))
            .await
            .starts_with("HTTP/1.1 431")
    );
    assert!(
        exchange(connect().await, &long(8000))
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        exchange(connect().await, &long(20_000))
            .await
            .starts_with("HTTP/1.1 431")
    );

    let send = async |headers: &[(&'static str, String)]| {
        let mut request = asked(&server, "/orders/nothing");
        let map: &mut HeaderMap = request.headers_mut();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let answer = http2(connect().await).await.send_request(request).await;
        answer.unwrap().status().as_u16()
    };
    let short = ("a", "b".to_owned());
    assert_eq!(send(&vec![short.clone(); 10]).await, 200);
    assert_eq!(send(&vec![short; 11]).await, 431);
    assert_eq!(send(&[("a", "b".repeat(8000))]).await, 200);
    assert_eq!(send(&[("a", "b".repeat(12_000))]).await, 431);
}

/// The system has connected it, and the server has not heard of it.
#[tokio::test]
async fn connections_that_wait_when_the_server_stops_are_served() {
    use std::io::{Read as _, Write as _};

    let server = serve(app(&Shop::default())).await;
    let mut streams: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = std::net::TcpStream::connect(server.address).unwrap();
            let head = b"GET /orders/nothing HTTP/1.1\r\nhost: x\r\n\r\n";
            stream.write_all(head).unwrap();
            stream
        })
        .collect();
    server.stop().await;
    for stream in &mut streams {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    }
}
