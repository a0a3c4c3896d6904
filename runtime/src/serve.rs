//! The loop that accepts connections, and how it ends.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tower::Service as _;

use crate::guard::AppService;
use crate::tasks::Tasks;

/// How connections are treated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connections {
    pub(crate) header_read_timeout: Option<Duration>,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) connect_info: bool,
}

/// How long to wait after the system has refused a connection, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until the first signal, then lets requests finish until the timeout or the second signal.
pub(crate) async fn run<S, F>(
    listener: TcpListener,
    service: AppService,
    connections: Connections,
    signal: S,
) -> crate::Result
where
    S: Fn() -> F,
    F: Future<Output = ()>,
{
    tracing::info!("listening on http://{}", listener.local_addr()?);
    let (stopping, watcher) = watch::channel(());
    let mut tasks = JoinSet::new();
    let mut stop = std::pin::pin!(signal());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let (service, watcher) = (service.clone(), watcher.clone());
                    tasks.spawn(serve_connection(stream, peer, service, connections, watcher));
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!("cannot accept a connection: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = tasks.join_next() => {}
            () = &mut stop => break,
        }
    }
    drop(listener);
    tracing::info!("stopping, with {} connections open", tasks.len());
    let beside = service.tasks().clone();
    beside.stop();
    let _ = stopping.send(());
    tokio::select! {
        () = finish(tasks, &beside, connections.shutdown_timeout) => {}
        () = signal() => tracing::warn!("stopping at once, at the second signal"),
    }
    beside.end();
    Ok(())
}

/// Lets requests finish, and then the work that they left.
async fn finish(mut requests: JoinSet<()>, beside: &Tasks, timeout: Duration) {
    // What is cut off has dependencies to release.
    let now = Instant::now();
    let (last_call, deadline) = (
        now.checked_add(timeout - timeout / 10),
        now.checked_add(timeout),
    );
    tokio::select! {
        () = async { while requests.join_next().await.is_some() {} } => {}
        () = until(last_call) => {
            tracing::warn!("requests were still running when the time to stop was over");
        }
    }
    tokio::select! {
        () = async {
            requests.shutdown().await;
            beside.drained().await;
        } => {}
        () = until(deadline) => {
            tracing::warn!("{} tasks beside requests were cut off", beside.len());
        }
    }
}

/// Completes at a point in time, or never where it is beyond all time.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Speaks HTTP/1.1 with one client, until it leaves or the server stops.
async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    service: AppService,
    connections: Connections,
    mut stop: watch::Receiver<()>,
) {
    // Answers are written whole, so to wait for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: http::Request<Incoming>| {
        let mut request = request.map(Body::new);
        if connections.connect_info {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        service.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(connections.header_read_timeout)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients that go away or talk nonsense are everyday life.
        tracing::debug!("connection with {peer}: {error}");
    }
}

/// Says where on the standard output: one plain line, which is there without any logging set up.
pub(crate) fn announce(listener: &TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    // A closed standard output is no reason not to serve.
    let _ = writeln!(io::stdout(), "listening on http://{address}");
    Ok(())
}

/// Whether only the connection that was about to be accepted is affected.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// Completes on SIGINT or, where there is one, SIGTERM.
pub(crate) async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // Without signals the server runs until it is killed.
        std::future::pending().await
    }
}
