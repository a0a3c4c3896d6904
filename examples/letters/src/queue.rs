//! The queue, which apalis keeps, and the worker that empties it.

use std::{path::PathBuf, pin::Pin, time::Duration};

use apalis::prelude::{WorkerBuilder, WorkerBuilderExt as _, WorkerError};
use apalis_sqlite::SqliteStorage;
use specwright::{Api, Lifespan};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use tokio::sync::watch;
use ulid::Ulid;

use crate::{
    letters::{self, LetterInput},
    mailboxes::{Mailboxes, deliver},
    office::Office,
};

/// What the queue is called, among others in the same database.
const NAME: &str = "letters";

/// So many letters are under way at a time.
const CONCURRENCY: usize = 16;

/// How often a worker says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// What a worker has begun is another's where it has not said so this often.
const MISSED_HEARTBEATS: usize = 5;

/// So long a worker rests that could not work, such as where the database does not answer.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Where the queue is kept.
#[derive(Clone, Debug)]
pub enum Queue {
    /// In a database in a file, which this server has for itself.
    Sqlite(PathBuf),
    /// In a database that several servers share, at this URL. What it keeps over a restart of its own is for it to say.
    #[cfg(feature = "redis")]
    Redis(String),
}

/// Opens the queue and starts its worker, which finishes what it has begun when the server ends.
///
/// # Errors
///
/// Where the database does not answer.
pub async fn open(
    queue: Queue,
    mailboxes: Mailboxes,
    lifespan: &Lifespan,
) -> specwright::Result<Api> {
    match queue {
        Queue::Sqlite(file) => {
            let pool = SqlitePool::connect_with(
                SqliteConnectOptions::new()
                    .filename(file)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // What is answered with 202 is on the disk.
                    .synchronous(SqliteSynchronous::Full),
            )
            .await?;
            SqliteStorage::<()>::migrations().run(&pool).await?;
            let config = apalis_sqlite::Config::default()
                .queue(NAME)
                .heartbeat_interval(HEARTBEAT)
                .missed_heartbeats(MISSED_HEARTBEATS);
            let storage = SqliteStorage::<LetterInput>::new(&pool).with_config(config);
            // What is noted last is done first: the worker still needs the database.
            lifespan.at_end(async move { pool.close().await });
            let queue = storage.clone();
            work(lifespan, move |stop| {
                let worker = WorkerBuilder::new(name().as_str()).backend(queue.clone());
                let worker = worker.data(mailboxes.clone());
                let worker = worker.concurrency(CONCURRENCY).catch_panic();
                worker.build(deliver).run_until(stop)
            });
            Ok(letters::api(Office(storage)))
        }
        #[cfg(feature = "redis")]
        Queue::Redis(url) => {
            let connection = apalis_redis::connect(url).await?;
            let config = apalis_redis::Config::default()
                .queue(NAME)
                .heartbeat_interval(HEARTBEAT)
                .missed_heartbeats(MISSED_HEARTBEATS);
            let storage = apalis_redis::RedisStorage::<LetterInput>::new(connection);
            let storage = storage.with_config(config);
            let queue = storage.clone();
            work(lifespan, move |stop| {
                let worker = WorkerBuilder::new(name().as_str()).backend(queue.clone());
                let worker = worker.data(mailboxes.clone());
                let worker = worker.concurrency(CONCURRENCY).catch_panic();
                worker.build(deliver).run_until(stop)
            });
            Ok(letters::api(Office(storage)))
        }
    }
}

/// No two workers have one name: what a worker has begun is taken up by another once that one is known to be dead.
fn name() -> String {
    format!("postman-{}", Ulid::generate())
}

/// Lets a worker work until the server ends, another one where it fails, and waits for it then.
fn work<F>(lifespan: &Lifespan, run: impl Fn(Stop) -> F + Send + 'static)
where
    F: Future<Output = Result<(), WorkerError>> + Send + 'static,
{
    let (stop, mut stopped) = watch::channel(());
    let working = tokio::spawn(async move {
        loop {
            match tokio::spawn(run(until(stopped.clone()))).await {
                Ok(Ok(())) => break,
                Ok(Err(error)) => tracing::error!("letters are not delivered: {error}"),
                Err(panic) => tracing::error!("letters are not delivered: {panic}"),
            }
            // The rest ends where the server does.
            if tokio::time::timeout(AFTER_FAILURE, stopped.changed())
                .await
                .is_ok()
            {
                break;
            }
        }
    });
    lifespan.at_end(async move {
        let _ = stop.send(());
        working.await
    });
}

type Stop = Pin<Box<dyn Future<Output = Result<(), WorkerError>> + Send>>;

fn until(mut stopped: watch::Receiver<()>) -> Stop {
    Box::pin(async move {
        // Where nobody is left to say so, the server is gone too.
        let _ = stopped.changed().await;
        Ok(())
    })
}
