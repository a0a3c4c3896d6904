//! From the command line to connections.

use std::error::Error;
use std::io;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::serve::ListenerExt;
use bytes::Bytes;
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::Service;

use crate::defaults::{HEADER_READ_TIMEOUT, defaults};

/// `ADDRESS [--defaults]`.
pub struct Arguments {
    /// Where to listen.
    pub address: String,
    /// Whether to carry limits, timeouts, panic guard and request id.
    pub defaults: bool,
}

impl Arguments {
    /// Reads the command line.
    pub fn from_env() -> Result<Self, String> {
        let mut arguments = std::env::args().skip(1);
        let address = arguments.next();
        let defaults = arguments.next();
        match (address, defaults.as_deref(), arguments.next()) {
            (Some(address), None | Some("--defaults"), None) => Ok(Self {
                address,
                defaults: defaults.is_some(),
            }),
            _ => Err("usage: ADDRESS [--defaults]".to_owned()),
        }
    }
}

/// Serves an axum router until the process ends.
pub async fn serve(router: Router) -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::from_env()?;
    let listener = TcpListener::bind(arguments.address).await?;
    if arguments.defaults {
        // The limit of the layers takes the place of axum's own.
        let router = router.layer(DefaultBodyLimit::disable()).layer(defaults());
        return Ok(serve_with_timeouts(listener, router).await?);
    }
    let listener = listener.tap_io(|stream| {
        // A connection that is gone already fails when it is read.
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

/// Serves with a header-read timeout, which `axum::serve` does not offer.
pub async fn serve_with_timeouts<S, B>(listener: TcpListener, service: S) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT);
    loop {
        let connection = http.serve_connection(
            accept(&listener).await?,
            TowerToHyperService::new(service.clone()),
        );
        tokio::spawn(async move {
            // What ends a connection is the client's business.
            let _ = connection.await;
        });
    }
}

/// The next connection, without delaying small writes.
pub async fn accept(listener: &TcpListener) -> io::Result<TokioIo<TcpStream>> {
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok(TokioIo::new(stream))
}
