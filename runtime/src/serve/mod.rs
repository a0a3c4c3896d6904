//! The server on its sockets: the loop that accepts connections, and how it ends.

#[cfg(feature = "http2")]
mod activity;
mod connection;
#[cfg(feature = "http2")]
mod flow;
mod front;
mod listener;
#[cfg(feature = "metrics")]
mod metrics;
mod setting;
mod signal;
mod socket;
#[cfg(feature = "tls")]
mod tls;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::error::Error;
use crate::guard::AppService;
use crate::health::Phase;
use crate::lifespan::Lifespan;
use crate::observe;
use crate::tasks::Tasks;

pub(crate) use connection::Connector;
pub(crate) use front::Front;
pub use listener::Listener;
pub(crate) use setting::Connections;
use socket::Open;

/// How long to wait after the system has refused a connection, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many connections that the system has made already are served at the end: it may make more all the while.
const MOST_WAITING: usize = 1024;

/// Serves until the first signal, then lets requests finish until the timeout or the second signal.
///
/// `starting` makes what answers; what was noted on the way, and by the app, is done at the end in any case.
pub(crate) async fn run<S, F>(
    listener: Listener,
    connector: Connector,
    front: Front,
    mut starting: BoxFuture<'_, Result<AppService, Error>>,
    beside: Beside,
    signal: S,
) -> crate::Result
where
    S: Fn() -> F,
    F: Future<Output = ()>,
{
    let connections = connector.connections();
    let (timeout, delay) = (connections.shutdown_timeout, connections.shutdown_delay);
    match listener.place(connector.scheme()) {
        Ok(place) => tracing::info!("listening on {place}"),
        Err(error) => tracing::warn!("listening on a socket that has no name: {error}"),
    }
    let (stopping, stop) = watch::channel(());
    let open = Open::new(stop, connections);
    let mut tasks = JoinSet::new();
    let mut places = Places::new(connections.connection_limit);
    // Whether the second signal came already.
    let mut stop = pin!(async {
        signal().await;
        front.enter(Phase::Stopping);
        if delay.is_zero() {
            return false;
        }
        tokio::select! {
            () = tokio::time::sleep(delay) => false,
            () = signal() => true,
        }
    });
    let mut is_started = false;
    let mut result = Ok(());
    let mut at_once = false;
    // The last error of accepting connections.
    let mut told = None;
    loop {
        let is_open = is_started || front.answers_while_starting();
        tokio::select! {
            // What is there already has started before anything can stop it, and however many come, those that end are seen.
            biased;
            made = &mut starting, if !is_started => match made {
                Ok(service) => {
                    is_started = true;
                    front.start(service);
                }
                Err(error) => {
                    result = Err(error);
                    break;
                }
            },
            second = &mut stop => {
                at_once = second;
                break;
            }
            Some(_) = tasks.join_next() => {}
            accepted = async { (places.take().await, listener.accept().await) }, if is_open => match accepted {
                (place, Ok(stream)) => {
                    told = None;
                    tasks.spawn(connector.serve(stream, place, front.clone(), &open));
                }
                (_, Err(error)) if listener::is_of_one_connection(&error) => {}
                (_, Err(error)) => {
                    // One that stays is told once.
                    let kind = Some((error.kind(), error.raw_os_error()));
                    if told != kind {
                        told = kind;
                        tracing::error!("cannot accept a connection: {error}");
                    }
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    // What has not started by now has nothing that is released after this.
    drop(starting);
    // Heard from here on, however long the rest takes.
    let mut second = pin!(signal());
    at_once = at_once
        || tokio::select! {
            biased;
            () = &mut second => true,
            () = std::future::ready(()) => false,
        };
    if is_started && !at_once {
        // Whoever the system has connected already would lose a request that it may have sent.
        let mut waiting = listener.into_waiting().take(MOST_WAITING);
        while let Some(place) = places.try_take()
            && let Some(stream) = waiting.next()
        {
            tasks.spawn(connector.serve(stream, place, front.clone(), &open));
        }
    } else {
        drop(listener);
    }
    tracing::info!("stopping, with {} connections open", open.sockets.len());
    beside.tasks.stop();
    let _ = stopping.send(());
    let is_second = match at_once {
        true => true,
        false => tokio::select! {
            () = finish(tasks, &open, &beside, timeout) => false,
            () = second => true,
        },
    };
    if is_second {
        tracing::warn!("stopping at once, at the second signal");
    }
    open.cut_off();
    beside.tasks.end();
    result
}

/// What there is beside requests.
pub(crate) struct Beside {
    pub(crate) tasks: Tasks,
    /// What is released when all else is over.
    pub(crate) lifespan: Lifespan,
    /// What has to be sent after that.
    pub(crate) observe: observe::Settings,
}

/// Lets requests finish, then the work that they left, and releases then what all of them had.
async fn finish(mut requests: JoinSet<()>, open: &Open, beside: &Beside, timeout: Duration) {
    let now = Instant::now();
    let after = |time: Duration| now.checked_add(time);
    // What is cut off has dependencies to release, and they may need what is released last.
    let (last_call, last_task) = (after(timeout - timeout / 10), after(timeout - timeout / 20));
    tokio::select! {
        () = async {
            while requests.join_next().await.is_some() {}
            open.sockets.wait().await;
            open.streams_ended().await;
        } => {}
        () = until(last_call) => {
            tracing::warn!("requests were still running when the time to stop was over");
        }
    }
    open.cut_off();
    let tasks = &beside.tasks;
    tokio::select! {
        () = async {
            requests.shutdown().await;
            open.streams_ended().await;
            tasks.drained().await;
        } => {}
        () = until(last_task) => {
            tracing::warn!("{} tasks beside requests were cut off", tasks.len());
        }
    }
    tasks.end();
    beside.lifespan.end_by(after(timeout)).await;
    beside.observe.flush_by(after(timeout)).await;
}

/// Completes at a point in time, or never where it is beyond all time.
pub(crate) async fn until(deadline: Option<Instant>) {
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
