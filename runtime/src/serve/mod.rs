//! The server on its sockets: the loop that accepts connections, and how it ends.

#[cfg(feature = "http2")]
mod activity;
mod connection;
mod listener;
mod setting;
mod signal;
#[cfg(feature = "tls")]
mod tls;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::guard::AppService;
use crate::tasks::Tasks;

use connection::Connector;
pub use listener::Listener;
use listener::Stream;
pub(crate) use setting::Connections;

/// How long to wait after the system has refused a connection, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until the first signal, then lets requests finish until the timeout or the second signal.
pub(crate) async fn run<S, F>(
    listener: Listener,
    service: AppService,
    connections: &Connections,
    signal: S,
) -> crate::Result
where
    S: Fn() -> F,
    F: Future<Output = ()>,
{
    let connector = Connector::new(connections)?;
    tracing::info!("listening on {}", listener.place(connector.scheme())?);
    let (stopping, watcher) = watch::channel(());
    let mut tasks = JoinSet::new();
    let mut places = Places::new(connections.connection_limit);
    let mut stop = std::pin::pin!(signal());
    loop {
        tokio::select! {
            accepted = async { (places.take().await, listener.accept().await) } => match accepted {
                (place, Ok(stream)) => {
                    spawn(&mut tasks, place, &connector, stream, &service, &watcher);
                }
                (_, Err(error)) if listener::is_of_one_connection(&error) => {}
                (_, Err(error)) => {
                    tracing::error!("cannot accept a connection: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = tasks.join_next() => {}
            () = &mut stop => break,
        }
    }
    // Whoever the system has connected already would lose a request that it may have sent.
    let mut waiting = listener.into_waiting();
    while let Some(place) = places.try_take()
        && let Some(stream) = waiting.next()
    {
        spawn(&mut tasks, place, &connector, stream, &service, &watcher);
    }
    drop(waiting);
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

/// Serves a connection, which has its place until it ends.
fn spawn(
    tasks: &mut JoinSet<()>,
    place: Option<OwnedSemaphorePermit>,
    connector: &Connector,
    stream: Stream,
    service: &AppService,
    stop: &watch::Receiver<()>,
) {
    let serving = connector.serve(stream, service.clone(), stop.clone());
    tasks.spawn(async move {
        serving.await;
        drop(place);
    });
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

/// The places for connections: who comes when all are taken waits in the queue of the system.
struct Places {
    places: Option<Arc<Semaphore>>,
    /// Whether it was told that all are taken.
    was_told: bool,
}

impl Places {
    fn new(limit: Option<usize>) -> Self {
        let limit = limit.map(|limit| limit.clamp(1, Semaphore::MAX_PERMITS));
        Self {
            places: limit.map(|limit| Arc::new(Semaphore::new(limit))),
            was_told: false,
        }
    }

    /// Waits for a place.
    async fn take(&mut self) -> Option<OwnedSemaphorePermit> {
        let places = self.places.as_ref()?;
        if places.available_permits() == 0 && !self.was_told {
            self.was_told = true;
            tracing::warn!(
                "as many connections as are allowed are open: others wait until one ends"
            );
        }
        // It is never closed.
        Arc::clone(places).acquire_owned().await.ok()
    }

    /// Takes a place where there is one; the inner `None` is the place of a server without a limit.
    fn try_take(&self) -> Option<Option<OwnedSemaphorePermit>> {
        match &self.places {
            None => Some(None),
            Some(places) => Arc::clone(places).try_acquire_owned().ok().map(Some),
        }
    }
}
