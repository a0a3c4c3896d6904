//! How an [`App`] is served: where, and within which limits.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "metrics")]
use super::metrics::MetricsServer;
use super::{Beside, Connector, Front, Listener, run, signal};
use crate::app::App;
use crate::health::Phase;
use crate::lifespan::Source;
use futures_util::future::BoxFuture;
use tokio_util::task::TaskTracker;

/// How connections are treated.
#[derive(Clone)]
pub(crate) struct Connections {
    /// `host:port`, or `unix:` and a path.
    pub(crate) address: String,
    #[cfg(feature = "socket-activation")]
    pub(crate) takes_inherited: bool,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<super::tls::Files>,
    pub(crate) header_read_timeout: Option<Duration>,
    pub(crate) write_timeout: Option<Duration>,
    pub(crate) header_limit: usize,
    pub(crate) header_size_limit: usize,
    pub(crate) connection_limit: Option<usize>,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) shutdown_delay: Duration,
    pub(crate) connect_info: bool,
    /// Those that are open.
    pub(crate) sockets: TaskTracker,
}

/// Less than what a map of headers holds.
const MOST_HEADERS: usize = 20_000;

const THIRTY_SECONDS: Duration = Duration::from_secs(30);

impl Default for Connections {
    fn default() -> Self {
        Self {
            address: "127.0.0.1:8000".to_owned(),
            #[cfg(feature = "socket-activation")]
            takes_inherited: false,
            #[cfg(feature = "tls")]
            tls: None,
            header_read_timeout: Some(THIRTY_SECONDS),
            write_timeout: Some(Duration::from_secs(60)),
            header_limit: 100,
            header_size_limit: 64 << 10,
            connection_limit: Some(20_000),
            shutdown_timeout: THIRTY_SECONDS,
            shutdown_delay: Duration::ZERO,
            connect_info: true,
            sockets: TaskTracker::new(),
        }
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("address", &self.address)
            .field("header_read_timeout", &self.header_read_timeout)
            .field("connection_limit", &self.connection_limit)
            .field("shutdown_timeout", &self.shutdown_timeout)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Sets where [`serve`](Self::serve) listens: `host:port`, where port 0 takes a free one, or `unix:` and the path of a
    /// Unix socket, such as `unix:/run/shop.sock`.
    ///
    /// A Unix socket that nobody listens on any more is replaced, and the file is removed at the end. Requests that come over
    /// one have no address, so [`Context::peer`](crate::Context::peer) is `None`.
    pub fn bind(mut self, address: impl Into<String>) -> Self {
        self.connections.address = address.into();
        self
    }

    /// Sets whether [`serve`](Self::serve) takes the socket that was opened for it, by systemd (`LISTEN_FDS`) or while
    /// developing by systemfd, in place of [`bind`](Self::bind); it may be one of TCP or of Unix. Where none was handed over,
    /// it listens as it would without this.
    ///
    /// The socket stays open while the server is restarted, so no client is refused.
    #[cfg(feature = "socket-activation")]
    pub fn socket_activation(mut self, on: bool) -> Self {
        self.connections.takes_inherited = on;
        self
    }

    /// Speaks TLS (1.2 and 1.3), with the certificates in one file and their private key in another, both in PEM.
    ///
    /// The server's own certificate comes first, then those that lead to its authority. With the feature `http2`, clients may
    /// choose HTTP/2. The files are read when the server starts; it does not where they cannot be used. When they are renewed,
    /// new connections have the new certificate; where what is new cannot be used, that is logged, and the old one stays.
    #[cfg(feature = "tls")]
    pub fn tls(
        mut self,
        certificates: impl Into<std::path::PathBuf>,
        key: impl Into<std::path::PathBuf>,
    ) -> Self {
        let client_authorities = self.connections.tls.and_then(|it| it.client_authorities);
        self.connections.tls = Some(super::tls::Files {
            certificates: certificates.into(),
            key: key.into(),
            client_authorities,
        });
        self
    }

    /// Asks clients for a certificate, which has to be signed by one of the authorities in this file, in PEM.
    ///
    /// They need not have one: operations that do say so (`mutualTLS`), and get it as
    /// [`PeerCertificate`](crate::PeerCertificate). It needs [`tls`](Self::tls), which is called before.
    #[cfg(feature = "tls")]
    pub fn tls_client_authorities(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        match &mut self.connections.tls {
            Some(files) => files.client_authorities = Some(path.into()),
            None => self
                .middleware
                .fault("`tls_client_authorities` needs `tls` before it"),
        }
        self
    }

    /// Sets how many connections may be open, 20,000 unless set; `None` is no limit. One that is idle takes about 25 KB.
    ///
    /// Past it no connection is accepted until one ends: clients wait in the queue of the system.
    pub fn connection_limit(mut self, connections: impl Into<Option<usize>>) -> Self {
        self.connections.connection_limit = connections.into();
        self
    }

    /// Sets how long the head of a request may take to arrive; past it the connection is closed.
    ///
    /// It also ends connections that stay idle between requests, and is the time that a client has for the handshake of TLS.
    pub fn header_read_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.connections.header_read_timeout = timeout.into();
        self
    }

    /// Sets how long a client may read nothing of what is sent to it, a minute unless set; past it the connection is closed, and
    /// the handler's stream and its dependencies are released. `None` is no limit.
    ///
    /// It begins anew whenever the system has taken some of it, so a response may take longer as a whole. It is for all that is
    /// written to the connection, also once it speaks another protocol ([`Upgrade`](crate::Upgrade)). In HTTP/2 it is for each
    /// stream as well: a client that reads, and lets none of the next 16 KiB of one response be sent, loses that stream, and
    /// the others go on.
    pub fn write_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.connections.write_timeout = timeout.into();
        self
    }

    /// Sets how many headers a request may have, 100 unless set; past it the answer is 431.
    ///
    /// It is 20,000 at most, since there is room for as many in each request: the app does not start beyond.
    pub fn header_limit(mut self, headers: usize) -> Self {
        match headers {
            0..=MOST_HEADERS => self.connections.header_limit = headers,
            _ => self.middleware.fault(format!(
                "`header_limit` is {headers}: at most {MOST_HEADERS} headers"
            )),
        }
        self
    }

    /// Sets how many bytes the head of a request may have, 64 KiB unless set and at least 8 KiB; past it the answer is 431.
    ///
    /// With the feature `http2` it is looked at after each read in HTTP/1.1, so a head may be longer by what is read at once, which
    /// is no more than the limit.
    pub fn header_size_limit(mut self, bytes: usize) -> Self {
        self.connections.header_size_limit = bytes;
        self
    }

    /// Sets how long the server may take to stop after the signal.
    ///
    /// Requests may go on, and responses that are streams, until a tenth of the time is left; that is for the dependencies of
    /// those that are cut off then. Tasks in the background have half of that too, and what is released in the end
    /// ([`at_end`](Self::at_end)) has the rest.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.connections.shutdown_timeout = timeout;
        self
    }

    /// Sets how long the server goes on after the signal as if nothing had been, but for saying that it is not ready
    /// ([`health_routes`](Self::health_routes)); not at all unless set.
    ///
    /// A load balancer that finds out by asking has this time to send requests elsewhere; responses of HTTP/1.1 say meanwhile
    /// that their connection ends (`Connection: close`). Then [`shutdown_timeout`](Self::shutdown_timeout) begins.
    pub fn shutdown_delay(mut self, delay: Duration) -> Self {
        self.connections.shutdown_delay = delay;
        self
    }

    /// Sets whether requests know the address that they come from, as axum's
    /// [`ConnectInfo`](axum::extract::ConnectInfo).
    pub fn connect_info(mut self, on: bool) -> Self {
        self.connections.connect_info = on;
        self
    }

    /// Serves until SIGINT (Ctrl-C) or SIGTERM, and prints where on the standard output.
    ///
    /// After the first signal no connection is accepted. Requests may finish, then what they left to be released and to be done
    /// in the background, then what [`at_end`](Self::at_end) says, all within [`shutdown_timeout`](Self::shutdown_timeout); a
    /// second signal ends it at once.
    ///
    /// # Errors
    ///
    /// When routes conflict, the address cannot be listened on, files of TLS cannot be used, or the
    /// [`start`](Self::start) fails. Returned from `main`, the error is printed with its sources, and the exit code is 1.
    pub async fn serve(mut self) -> crate::Result {
        let opened = self.opened().await;
        self.serve_with(opened, signal::signal).await
    }

    /// Serves on a listener of tokio, and prints nothing, until `signal` comes for the first time; a second one ends what is
    /// left.
    ///
    /// # Errors
    ///
    /// When routes conflict, or files of TLS cannot be used.
    pub async fn serve_until<S, F>(
        mut self,
        listener: impl Into<Listener> + Send,
        signal: S,
    ) -> crate::Result
    where
        S: Fn() -> F + Send,
        F: Future<Output = ()> + Send,
    {
        let opened = self.connector().map(|it| (it, listener.into()));
        self.serve_with(opened, signal).await
    }

    async fn opened(&mut self) -> Result<(Connector, Listener), crate::Error> {
        let connector = self.connector()?;
        let listener = self.connections.listen().await?;
        listener.announce(self.connections.scheme())?;
        Ok((connector, listener))
    }

    /// What is wrong with the settings is told before anything is opened.
    fn connector(&mut self) -> Result<Connector, crate::Error> {
        self.check()?;
        // So that what is told from here on is heard.
        self.observe.subscribe()?;
        Connector::new(&self.connections)
    }

    async fn serve_with<S, F>(
        self,
        opened: Result<(Connector, Listener), crate::Error>,
        signal: S,
    ) -> crate::Result
    where
        S: Fn() -> F + Send,
        F: Future<Output = ()> + Send,
    {
        let app = self;
        let (connector, listener) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                app.ended().await;
                return Err(error);
            }
        };
        #[cfg(feature = "metrics")]
        let metrics = match MetricsServer::start(app.observe.metrics.as_ref()).await {
            Ok(metrics) => metrics,
            Err(error) => {
                app.ended().await;
                return Err(error);
            }
        };
        let is_made = matches!(app.source, Source::Made(_));
        let health = app.health.health(Phase::Starting);
        let front = Front::new(
            health.clone(),
            Arc::new(app.errors().clone()),
            !app.connections.shutdown_delay.is_zero(),
        );
        let beside = Beside {
            tasks: app.tasks(),
            lifespan: app.lifespan.clone(),
            observe: app.observe.clone(),
        };
        let starting: BoxFuture<'static, _> = if is_made {
            let made = app.into_service_with(health);
            Box::pin(std::future::ready(made))
        } else {
            // What it noted is released in the end of the server.
            Box::pin(async move { app.made().await?.into_service_with(health) })
        };
        let result = run(listener, connector, front, starting, beside, signal).await;
        #[cfg(feature = "metrics")]
        if let Some(metrics) = metrics {
            metrics.stop().await;
        }
        result
    }
}

impl Connections {
    async fn listen(&self) -> Result<Listener, crate::Error> {
        #[cfg(feature = "socket-activation")]
        if self.takes_inherited
            && let Some(listener) = Listener::inherited()?
        {
            return Ok(listener);
        }
        Listener::bind(&self.address).await
    }

    /// Whether a Unix socket was asked for. One from systemd may be one too, which is known once it is there.
    pub(crate) fn is_unix(&self) -> bool {
        self.address.starts_with(super::listener::UNIX)
    }

    /// How clients speak to the server itself.
    pub(crate) fn scheme(&self) -> &'static http::uri::Scheme {
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return &http::uri::Scheme::HTTPS;
        }
        &http::uri::Scheme::HTTP
    }
}
