//! A shop that notes what becomes of its dependencies.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use specwright::http::StatusCode;
use specwright::{
    ByteStream, Context, Dep, EventStream, JsonStream, Limits, Outcome, PasswordHasher, Problem,
    Provide, ServerEvent, Unexpected,
};
use tokio::sync::{Semaphore, watch};

use super::service::*;

#[derive(Clone)]
pub(super) struct Shop(pub(super) Arc<Ledger>);

pub(super) struct Ledger {
    notes: watch::Sender<Vec<String>>,
    /// Made or released, whatever it is.
    pub(super) acquired: AtomicUsize,
    pub(super) released: AtomicUsize,
    tries: AtomicUsize,
    /// What tasks in the background wait for.
    pub(super) gate: Semaphore,
    passwords: PasswordHasher,
}

impl Default for Shop {
    fn default() -> Self {
        Self(Arc::new(Ledger {
            notes: watch::Sender::new(Vec::new()),
            acquired: AtomicUsize::new(0),
            released: AtomicUsize::new(0),
            tries: AtomicUsize::new(0),
            gate: Semaphore::new(0),
            passwords: PasswordHasher::new(),
        }))
    }
}

impl Shop {
    pub(super) fn note(&self, note: impl Into<String>) {
        let note = note.into();
        tracing::debug!(note);
        self.0.notes.send_modify(|notes| notes.push(note));
    }

    pub(super) fn notes(&self) -> Vec<String> {
        self.0.notes.borrow().clone()
    }

    /// Waits until a note is there.
    pub(super) async fn noted(&self, note: &str) {
        let mut notes = self.0.notes.subscribe();
        let found = notes.wait_for(|notes| notes.iter().any(|it| it == note));
        tokio::time::timeout(Duration::from_secs(60), found)
            .await
            .unwrap_or_else(|_| panic!("`{note}` is not in {:?}", self.notes()))
            .unwrap();
    }

    fn took(&self, what: &str) {
        self.0.acquired.fetch_add(1, Ordering::Relaxed);
        self.note(format!("+{what}"));
    }

    fn gave_back(&self, what: &str, outcome: &Outcome) {
        self.0.released.fetch_add(1, Ordering::Relaxed);
        let outcome = match outcome {
            Outcome::Success(status) => status.as_str().to_owned(),
            Outcome::Failed(status) => format!("failed {}", status.as_str()),
            Outcome::Panicked => "panicked".to_owned(),
            _ => "cancelled".to_owned(),
        };
        self.note(format!("-{what} {outcome}"));
    }
}

/// A connection of a pool.
pub(super) struct Connection;

impl Provide<Connection> for Shop {
    type Error = Unexpected;

    async fn acquire(&self, _: &Context) -> Result<Connection, Unexpected> {
        tokio::task::yield_now().await;
        self.took("connection");
        Ok(Connection)
    }

    async fn release(&self, _: &Connection, outcome: &Outcome) -> Result<(), Unexpected> {
        tokio::task::yield_now().await;
        self.gave_back("connection", outcome);
        Ok(())
    }
}

/// A transaction on it.
pub(super) struct Transaction {
    way: String,
    _connection: Dep<Connection>,
}

impl Provide<Transaction> for Shop {
    type Error = Unexpected;

    async fn acquire(&self, cx: &Context) -> Result<Transaction, Unexpected> {
        let connection = cx.get(self).await?;
        self.took("transaction");
        Ok(Transaction {
            way: cx.uri().path().to_owned(),
            _connection: connection,
        })
    }

    async fn release(&self, tx: &Transaction, outcome: &Outcome) -> Result<(), Unexpected> {
        tokio::task::yield_now().await;
        self.gave_back("transaction", outcome);
        if tx.way.ends_with("/commit-hangs") {
            std::future::pending::<()>().await;
        }
        if tx.way.ends_with("/background-commit-waits") {
            self.0.gate.acquire().await.unwrap().forget();
        }
        match outcome {
            Outcome::Success(_) if tx.way.ends_with("/commit-fails") => {
                Err(std::io::Error::other("the disk is full").into())
            }
            Outcome::Success(_) if tx.way.ends_with("/commit-conflicts") => {
                Err(Problem::new(StatusCode::CONFLICT).into())
            }
            Outcome::Success(_) if tx.way.ends_with("/commit-panics") => panic!("no pen"),
            _ => Ok(()),
        }
    }

    fn limits(&self) -> Limits {
        Limits::new().release_timeout(Duration::from_secs(600))
    }
}

/// A line in a book that is written when all is over.
pub(super) struct Audit;

impl Provide<Audit> for Shop {
    type Error = Unexpected;

    const AFTER_RESPONSE: bool = true;

    async fn acquire(&self, _: &Context) -> Result<Audit, Unexpected> {
        self.took("audit");
        Ok(Audit)
    }

    async fn release(&self, _: &Audit, outcome: &Outcome) -> Result<(), Unexpected> {
        self.gave_back("audit", outcome);
        Ok(())
    }
}

/// Outlives what it needs, which is not possible.
pub(super) struct Ghost;

impl Provide<Ghost> for Shop {
    type Error = Unexpected;

    const AFTER_RESPONSE: bool = true;

    async fn acquire(&self, cx: &Context) -> Result<Ghost, Unexpected> {
        let _: Dep<Transaction> = cx.get(self).await?;
        Ok(Ghost)
    }
}

/// Which was first?
pub(super) struct Hen;
pub(super) struct Egg;

impl Provide<Hen> for Shop {
    type Error = Unexpected;

    async fn acquire(&self, cx: &Context) -> Result<Hen, Unexpected> {
        tokio::task::yield_now().await;
        let _: Dep<Egg> = cx.get(self).await?;
        Ok(Hen)
    }
}

impl Provide<Egg> for Shop {
    type Error = Unexpected;

    async fn acquire(&self, cx: &Context) -> Result<Egg, Unexpected> {
        tokio::task::yield_now().await;
        let _: Dep<Hen> = cx.get(self).await?;
        Ok(Egg)
    }
}

/// Works the second time.
pub(super) struct Flaky(pub(super) usize);

impl Provide<Flaky> for Shop {
    type Error = Problem;

    async fn acquire(&self, _: &Context) -> Result<Flaky, Problem> {
        match self.0.tries.fetch_add(1, Ordering::Relaxed) {
            0 => Err(Problem::new(StatusCode::BAD_GATEWAY)),
            tries => Ok(Flaky(tries)),
        }
    }
}

/// There is one of these.
pub(super) struct Till;

impl Provide<Till> for Shop {
    type Error = Unexpected;

    async fn acquire(&self, cx: &Context) -> Result<Till, Unexpected> {
        if cx.uri().path().ends_with("/slow-till") {
            std::future::pending::<()>().await;
        }
        self.took("till");
        Ok(Till)
    }

    async fn release(&self, _: &Till, outcome: &Outcome) -> Result<(), Unexpected> {
        self.gave_back("till", outcome);
        Ok(())
    }

    fn limits(&self) -> Limits {
        Limits::new()
            .concurrency(1)
            .wait_timeout(Duration::from_secs(5))
            .acquire_timeout(Duration::from_secs(7))
    }
}

/// Panics while it is made.
pub(super) struct Bomb;

impl Provide<Bomb> for Shop {
    type Error = Unexpected;

    async fn acquire(&self, cx: &Context) -> Result<Bomb, Unexpected> {
        let _: Dep<Connection> = cx.get(self).await?;
        panic!("it went off")
    }
}

impl OrdersApi for Shop {
    async fn place(&self, _: &Context, request: PlaceRequest) -> Result<String, Unexpected> {
        self.note("placed");
        Ok(request.body)
    }

    async fn run(&self, cx: &Context, request: RunRequest) -> Result<String, RunError> {
        match request.way.as_str() {
            "nothing" => return Ok(request.way),
            "blocking" => return Ok(self.block(cx).await?),
            "password" => return Ok(self.0.passwords.hash("open sesame").await?),
            "blocking-panics" => {
                let panic = || std::panic::resume_unwind(Box::new("no more threads"));
                cx.blocking(move |_| panic()).await?;
            }
            "blocking-bomb" => {
                let shop = self.clone();
                cx.blocking(move |cancellation| {
                    shop.note("armed");
                    while !cancellation.is_cancelled() {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    Armed
                })
                .await?;
            }
            "together" => {
                let (one, two) = tokio::join!(
                    cx.get::<Transaction, _>(self),
                    cx.get::<Transaction, _>(self)
                );
                let three: Dep<Transaction> = cx.get(&self.0.same()).await?;
                let (one, two) = (one?, two?);
                assert!(std::ptr::eq(&*one, &*two) && std::ptr::eq(&*two, &*three));
                return Ok(request.way);
            }
            "cycle" => {
                let _: Dep<Hen> = cx.get(self).await?;
            }
            "crossed" => {
                let (hen, egg) = tokio::join!(cx.get::<Hen, _>(self), cx.get::<Egg, _>(self));
                hen?;
                egg?;
            }
            "ghost" => {
                let _: Dep<Ghost> = cx.get(self).await?;
            }
            "flaky" => {
                let first: Result<Dep<Flaky>, _> = cx.get(self).await;
                assert_eq!(first.err().unwrap().problem().unwrap().status, 502);
                let second: Dep<Flaky> = cx.get(self).await?;
                let third: Dep<Flaky> = cx.get(self).await?;
                assert_eq!((second.0, third.0), (1, 1));
                return Ok(request.way);
            }
            "till" | "slow-till" | "till-hangs" => {
                let _: Dep<Till> = cx.get(self).await?;
                if request.way == "till-hangs" {
                    std::future::pending::<()>().await;
                }
                return Ok(request.way);
            }
            "given-up" => {
                // The first is dropped in its middle, and the second takes over.
                tokio::select! {
                    biased;
                    _ = cx.get::<Transaction, _>(self) => {}
                    () = std::future::ready(()) => {}
                }
            }
            "bomb" => {
                let _: Dep<Bomb> = cx.get(self).await?;
            }
            "audit" | "background-after" => {
                let _: Dep<Audit> = cx.get(self).await?;
            }
            _ => {}
        }
        let transaction: Dep<Transaction> = cx.get(self).await?;
        if request.way.starts_with("background") {
            self.add_tasks(cx, &request.way);
        }
        match request.way.as_str() {
            "not-found" | "background-not-found" => {
                return Err(RunError::NotFound("no".to_owned()));
            }
            "error" => return Err(std::io::Error::other("the till is stuck").into()),
            "sold-out" => return Err(NoOrder(SoldOut).into()),
            // Without the words of the panic hook, of which a thousand take their time.
            "panic" | "background-panics" => std::panic::resume_unwind(Box::new("no more books")),
            "hang" => {
                self.note("hanging");
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        drop(transaction);
        self.note("handled");
        Ok(request.way)
    }
}

impl Ledger {
    pub(super) fn subscribe(&self) -> watch::Receiver<Vec<String>> {
        self.notes.subscribe()
    }

    /// The shop once more, behind an `Arc`.
    fn same(self: &Arc<Self>) -> Arc<Shop> {
        Arc::new(Shop(Arc::clone(self)))
    }
}

impl Shop {
    /// Blocks a thread until the gate is open, or nobody waits any more.
    async fn block(&self, cx: &Context) -> Result<String, Unexpected> {
        let shop = self.clone();
        cx.blocking(move |cancellation| {
            shop.note("blocking");
            while shop.0.gate.try_acquire().map(|it| it.forget()).is_err() {
                if cancellation.is_cancelled() {
                    shop.note("cancelled");
                    break;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            "unblocked".to_owned()
        })
        .await
    }

    fn add_tasks(&self, cx: &Context, way: &str) {
        let shop = self.clone();
        let is_gated = way == "background-gated";
        cx.background(async move {
            shop.note("first begins");
            if is_gated {
                shop.0.gate.acquire().await.unwrap().forget();
            }
            shop.note("first ends");
        });
        if way == "background-faulty" {
            cx.background(async move { assert!(is_gated, "no paper") });
            cx.background(async { Err(std::io::Error::other("no ink")) });
        }
        if way == "background-blocking" {
            let (shop, pool) = (self.clone(), cx.blocking_pool());
            cx.background(async move { pool.run(move |_| shop.note("shrunk")).await });
        }
        let shop = self.clone();
        cx.background(async move {
            shop.note("last");
            Ok::<(), Unexpected>(())
        });
    }
}

/// Why there is no order.
#[derive(Debug)]
pub(super) struct NoOrder(SoldOut);

impl fmt::Display for NoOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no order")
    }
}

impl Error for NoOrder {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// Why that is.
#[derive(Debug)]
pub(super) struct SoldOut;

impl fmt::Display for SoldOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sold out")
    }
}

impl Error for SoldOut {}

/// Goes off where nobody wants it.
struct Armed;

impl Drop for Armed {
    fn drop(&mut self) {
        std::panic::resume_unwind(Box::new("it went off"));
    }
}

impl StreamsApi for Shop {
    async fn lines(
        &self,
        cx: &Context,
        request: LinesRequest,
    ) -> Result<JsonStream<String>, Unexpected> {
        let transaction: Dep<Transaction> = cx.get(self).await?;
        if request.way == "background" {
            self.add_tasks(cx, "background");
        }
        if request.way == "hang" {
            let (sender, stream) = JsonStream::channel(1);
            tokio::spawn(async move {
                let _ = sender.send("one".to_owned()).await;
                sender.closed().await;
            });
            self.note("streaming");
            return Ok(stream);
        }
        let shop = self.clone();
        let fails = request.way == "fails";
        let items = (1..=3).map(move |number| {
            // The stream uses it to its end.
            shop.note(format!("{number} of {}", transaction.way));
            match number {
                3 if fails => Err(Unexpected::new("torn")),
                _ => Ok(number.to_string()),
            }
        });
        Ok(JsonStream::iter(items))
    }

    async fn events(&self, cx: &Context) -> Result<EventStream<ServerEvent>, Unexpected> {
        let _: Dep<Transaction> = cx.get(self).await?;
        let (sender, stream) = EventStream::channel(1);
        tokio::spawn(async move {
            let _ = sender.send(ServerEvent::new("news".to_owned())).await;
            sender.closed().await;
        });
        Ok(stream.until(cx.stopping()))
    }

    async fn file(&self, cx: &Context) -> Result<ByteStream, Unexpected> {
        let _: Dep<Transaction> = cx.get(self).await?;
        cx.background(std::future::ready(()));
        Ok(ByteStream::bytes(&b"contents"[..]))
    }
}
