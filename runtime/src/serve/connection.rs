//! One connection: what is spoken on it, and until when.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
#[cfg(any(feature = "http2", feature = "tls"))]
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::Request;
#[cfg(feature = "http2")]
use http::StatusCode;
use http::uri::Scheme;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
#[cfg(feature = "http2")]
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, watch};
#[cfg(feature = "http2")]
use tokio::time::Instant;

#[cfg(feature = "http2")]
use super::activity::{Activity, Counted, Idle};
#[cfg(feature = "http2")]
use super::flow::Streams;
use super::front::Front;
use super::listener::Stream;
use super::setting::Connections;
use super::socket::{Open, Socket};
use crate::error::Error;
use crate::guard::ResponseFuture;
#[cfg(unix)]
use crate::middleware::ByUnixSocket;
use crate::security::PeerCertificate;

/// The least that hyper takes for the size of a head.
const LEAST_HEAD: usize = 8 << 10;

/// The most that hyper reads at once, as it is by itself: a body that comes whole is not put together of pieces.
#[cfg(not(feature = "http2"))]
const READ_BUFFER: usize = 8192 + 4096 * 100;

/// What hyper takes by itself, without an allocation for each request.
const HEADERS_OF_HYPER: usize = 100;

/// How often a client of HTTP/2 that says nothing is asked whether it is there; it has as long to answer.
#[cfg(feature = "http2")]
const PING_EVERY: Duration = Duration::from_secs(20);

/// Makes servers of connections.
pub(crate) struct Connector {
    connections: Connections,
    #[cfg(feature = "tls")]
    tls: Option<Arc<super::tls::Tls>>,
}

/// A stream that is not one of TCP.
trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

impl Connector {
    /// Reads the files of TLS.
    pub(crate) fn new(connections: &Connections) -> Result<Self, Error> {
        Ok(Self {
            #[cfg(feature = "tls")]
            tls: connections
                .tls
                .as_ref()
                .map(super::tls::Tls::new)
                .transpose()?
                .map(Arc::new),
            connections: connections.clone(),
        })
    }

    pub(super) fn connections(&self) -> &Connections {
        &self.connections
    }

    /// How clients speak to the server itself.
    pub(super) fn scheme(&self) -> &'static Scheme {
        self.connections.scheme()
    }

    /// Speaks HTTP with one client, until it leaves or the server stops; it has its place until the socket is closed.
    pub(super) fn serve(
        &self,
        stream: Stream,
        place: Option<OwnedSemaphorePermit>,
        front: Front,
        open: &Open,
    ) -> impl Future<Output = ()> + Send + use<> {
        let settings = Settings {
            header_read_timeout: self.connections.header_read_timeout,
            header_limit: self.connections.header_limit,
            header_size_limit: self.connections.header_size_limit.max(LEAST_HEAD),
            #[cfg(feature = "http2")]
            write_timeout: self.connections.write_timeout,
        };
        let connect_info = self.connections.connect_info;
        let write_timeout = self.connections.write_timeout;
        let open = open.clone();
        #[cfg(feature = "tls")]
        let tls = self.tls.clone();
        async move {
            match stream {
                Stream::Tcp(stream, peer) => {
                    // Answers are written whole, so to wait for more to send only delays them.
                    let _ = stream.set_nodelay(true);
                    let requests =
                        Requests::new(front, Some(peer).filter(|_| connect_info), settings);
                    let stream = Socket::new(stream, place, &open, write_timeout);
                    #[cfg(feature = "tls")]
                    if let Some(tls) = tls {
                        return speak_tls(&tls, stream, requests, settings, open).await;
                    }
                    speak(stream, requests, settings, open).await;
                }
                #[cfg(unix)]
                Stream::Unix(stream) => {
                    let mut requests = Requests::new(front, None, settings);
                    requests.is_unix = true;
                    let stream = Socket::new(stream, place, &open, write_timeout);
                    #[cfg(feature = "tls")]
                    if let Some(tls) = tls {
                        return speak_tls(&tls, stream, requests, settings, open).await;
                    }
                    speak(Box::new(stream) as Box<dyn Io>, requests, settings, open).await;
                }
            }
        }
    }
}

/// The limits of one connection.
#[derive(Clone, Copy)]
struct Settings {
    header_read_timeout: Option<Duration>,
    header_limit: usize,
    header_size_limit: usize,
    #[cfg(feature = "http2")]
    write_timeout: Option<Duration>,
}

/// Shakes hands, in the time that a head may take, and speaks HTTP then.
#[cfg(feature = "tls")]
async fn speak_tls<I: Io + 'static>(
    tls: &super::tls::Tls,
    stream: I,
    mut requests: Requests,
    settings: Settings,
    open: Open,
) {
    let tls = tls.acceptor();
    // The request may be under way already, so it goes on where the server stops meanwhile.
    let shaken = match settings.header_read_timeout {
        Some(timeout) => tokio::time::timeout(timeout, tls.accept(stream)).await,
        None => Ok(tls.accept(stream).await),
    };
    match shaken {
        Ok(Ok(stream)) => {
            requests.is_encrypted = true;
            requests.certificate = super::tls::peer_certificate(stream.get_ref().1);
            speak(Box::new(stream) as Box<dyn Io>, requests, settings, open).await;
        }
        Ok(Err(error)) => tracing::debug!("no TLS with {}: {error}", requests.client()),
        Err(_) => tracing::debug!("no TLS with {} in time", requests.client()),
    }
}

/// Speaks HTTP/1.1 with one client, until it leaves or the server stops.
#[cfg(not(feature = "http2"))]
async fn speak<I: Io + 'static>(stream: I, requests: Requests, settings: Settings, open: Open) {
    let client = requests.client();
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(settings.header_read_timeout)
        .max_header_size(settings.header_size_limit)
        .max_buf_size(settings.header_size_limit.max(READ_BUFFER));
    if settings.header_limit != HEADERS_OF_HYPER {
        builder.max_headers(settings.header_limit);
    }
    let connection = builder.serve_connection(TokioIo::new(stream), requests);
    let mut connection = pin!(connection.with_upgrades());
    let stop = stopped(open.stop);
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = stop => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients that go away or talk nonsense are everyday life.
        tracing::debug!("connection with {client}: {error}");
    }
}

/// Speaks HTTP/1.1 or HTTP/2 with one client, as it begins, until it leaves or the server stops.
#[cfg(feature = "http2")]
async fn speak<I: Io + 'static>(stream: I, requests: Requests, settings: Settings, open: Open) {
    let client = requests.client();
    let activity = Arc::clone(&requests.activity);
    let builder = builder(settings, open.streams);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), requests);
    let mut connection = pin!(connection);
    let mut stop = pin!(stopped(open.stop));
    let mut is_stopping = false;
    let mut is_leaving = false;
    // hyper limits the time to wait for requests of HTTP/1.1; this is for what comes before, and for HTTP/2.
    let mut deadline = settings
        .header_read_timeout
        .and_then(|timeout| Instant::now().checked_add(timeout));
    let ended = loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => break ended,
            () = &mut stop, if !is_stopping => {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            () = super::until(deadline), if deadline.is_some() => {
                match activity.is_idle(settings.header_read_timeout.unwrap_or_default()) {
                    Idle::Silent => {
                        tracing::debug!("connection with {client}: no request in time");
                        return;
                    }
                    Idle::Yes if is_leaving => {
                        tracing::debug!("connection with {client}: the last of a response is not taken");
                        return;
                    }
                    Idle::Yes => {
                        (is_stopping, is_leaving) = (true, true);
                        connection.as_mut().graceful_shutdown();
                        // For what waits to be sent of responses that are made.
                        deadline = settings
                            .write_timeout
                            .and_then(|timeout| Instant::now().checked_add(timeout));
                    }
                    Idle::Until(later) => deadline = Some(later),
                    Idle::Http1 => deadline = None,
                }
            }
        }
    };
    if let Err(error) = ended {
        // Clients that go away or talk nonsense are everyday life.
        tracing::debug!("connection with {client}: {error}");
    }
}

/// Completes when the server stops, and what the client had sent by then can be read: a request that is there is answered.
async fn stopped(mut stop: watch::Receiver<()>) {
    let _ = stop.changed().await;
    // Whoever yields is called again when the reactor was asked, unless something else wakes the connection.
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

#[cfg(feature = "http2")]
fn builder(settings: Settings, streams: Streams) -> auto::Builder<Streams> {
    let mut builder = auto::Builder::new(streams);
    let mut http1 = builder.http1();
    http1
        .timer(TokioTimer::new())
        .header_read_timeout(settings.header_read_timeout)
        // hyper-util does not hand `max_header_size` on, so that bodies come in pieces of this size too.
        .max_buf_size(settings.header_size_limit);
    if settings.header_limit != HEADERS_OF_HYPER {
        http1.max_headers(settings.header_limit);
    }
    let size = u32::try_from(settings.header_size_limit).unwrap_or(u32::MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(size)
        // Finds out that a client is gone, as its requests do in HTTP/1.1.
        .keep_alive_interval(PING_EVERY);
    builder
}

/// What hyper calls with the requests of a connection.
struct Requests {
    front: Front,
    peer: Option<SocketAddr>,
    #[cfg(unix)]
    is_unix: bool,
    is_encrypted: bool,
    certificate: Option<PeerCertificate>,
    #[cfg(feature = "http2")]
    header_limit: usize,
    #[cfg(feature = "http2")]
    activity: Arc<Activity>,
}

impl Requests {
    #[cfg_attr(
        not(feature = "http2"),
        expect(unused_variables, reason = "hyper counts headers")
    )]
    fn new(front: Front, peer: Option<SocketAddr>, settings: Settings) -> Self {
        Self {
            front,
            peer,
            #[cfg(unix)]
            is_unix: false,
            is_encrypted: false,
            certificate: None,
            #[cfg(feature = "http2")]
            header_limit: settings.header_limit,
            #[cfg(feature = "http2")]
            activity: Arc::default(),
        }
    }

    /// Who is at the other end, for the log.
    fn client(&self) -> String {
        self.peer
            .map_or_else(|| "a client".to_owned(), |peer| peer.to_string())
    }
}

impl Service<Request<Incoming>> for Requests {
    type Response = Response;
    type Error = Infallible;
    #[cfg(not(feature = "http2"))]
    type Future = ResponseFuture;
    #[cfg(feature = "http2")]
    type Future = Counted<ResponseFuture>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        let extensions = request.extensions_mut();
        if let Some(peer) = self.peer {
            extensions.insert(ConnectInfo(peer));
        }
        #[cfg(unix)]
        if self.is_unix {
            extensions.insert(ByUnixSocket);
        }
        if self.is_encrypted {
            extensions.insert(Scheme::HTTPS);
            if let Some(certificate) = &self.certificate {
                extensions.insert(certificate.clone());
            }
        }
        #[cfg(feature = "http2")]
        {
            let running = self.activity.begin(request.version());
            // hyper counts those of HTTP/1.1.
            let response = match running.is_some() && request.headers().len() > self.header_limit {
                true => self.front.ready(too_many_headers()),
                false => self.front.answer(request),
            };
            Counted::new(response, running)
        }
        #[cfg(not(feature = "http2"))]
        self.front.answer(request)
    }
}

/// As hyper answers in HTTP/1.1.
#[cfg(feature = "http2")]
#[cold]
fn too_many_headers() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    response
}
