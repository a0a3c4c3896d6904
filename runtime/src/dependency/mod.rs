//! Dependencies of a request: made where a handler asks for them, shared while it runs, released at its end.
//!
//! `scope` is all dependencies of one request, `provider` what makes and releases one of them, `limit` how many there may be
//! at a time, `replace` what takes their place in tests, `require` those that operations need without asking.

mod exclusive;
mod get;
mod limit;
mod outcome;
mod provider;
mod replace;
mod require;
mod scope;

use std::any::TypeId;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

pub use exclusive::{Exclusive, ExclusiveGuard};
pub use get::Get;
pub(crate) use get::get;
#[cfg(feature = "metrics")]
pub(crate) use limit::Counts;
pub use limit::Limits;
pub use outcome::Outcome;
pub(crate) use replace::Dependencies;
pub use require::Operations;
pub(crate) use require::{Requirement, assign};
pub(crate) use scope::{Phase, Scope};

use crate::context::Context;
use crate::problem::Unexpected;

/// What makes the dependency `T` of a request, and takes it back: a database transaction, the account of the caller, a lock.
///
/// A handler asks for it with [`Context::get`]. It is made when it is first asked for and shared by all who ask during the
/// request, also at the same time. To make it, others may be asked for. When the request is over it is released, in the
/// reverse order, whatever became of the request: the server runs the release in a task of its own, so neither a panic nor a
/// timeout nor a client that goes away can prevent it.
///
/// Dependencies are released before the response is sent. When a release fails, such as that of a transaction that cannot be
/// committed, the answer is its error in place of what the handler returned. Of a response that is a stream, they are
/// released after its last item, and a release that fails ends it before its regular end.
///
/// Dependencies are told apart by the types `Self` and `T`: what is needed twice has two types. The provider is cloned into
/// the request, so it is `Clone`, as an [`Arc`] of it is.
///
/// # Examples
///
/// ```
/// use specwright::{Context, Dep, Outcome, Problem, Provide, StatusCode, Unexpected};
///
/// # #[derive(Clone)]
/// # struct Pool;
/// # impl Pool {
/// #     async fn begin(&self) -> std::io::Result<Transaction> { Ok(Transaction) }
/// # }
/// # struct Transaction;
/// # impl Transaction {
/// #     async fn commit(&self) -> std::io::Result<()> { Ok(()) }
/// #     async fn rollback(&self) -> std::io::Result<()> { Ok(()) }
/// # }
/// #[derive(Clone)]
/// struct Shop {
///     db: Pool,
/// }
///
/// impl Provide<Transaction> for Shop {
///     type Error = std::io::Error;
///
///     async fn acquire(&self, _: &Context) -> Result<Transaction, Self::Error> {
///         self.db.begin().await
///     }
///
///     async fn release(&self, tx: &Transaction, outcome: &Outcome) -> Result<(), Self::Error> {
///         match outcome {
///             Outcome::Success(_) => tx.commit().await,
///             _ => tx.rollback().await,
///         }
///     }
/// }
///
/// async fn handler(shop: &Shop, cx: &Context) -> Result<(), Unexpected> {
///     let tx: Dep<Transaction> = cx.get(shop).await?;
///     # drop(tx);
///     Ok(())
/// }
/// ```
///
/// What is not provided does not compile:
///
/// ```compile_fail,E0277
/// # use specwright::{Context, Dep, Unexpected};
/// #[derive(Clone)]
/// struct Shop;
/// struct Transaction;
///
/// async fn handler(shop: &Shop, cx: &Context) -> Result<(), Unexpected> {
///     let tx: Dep<Transaction> = cx.get(shop).await?;
///     Ok(())
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not provide the dependency that is asked for",
    label = "it lacks `Provide` of the type in `Dep<..>`",
    note = "where a `Dep<T>` is asked for, write `impl Provide<T> for {Self}` with `type Error` and `async fn acquire(&self, cx: &Context) -> Result<T, Self::Error>`"
)]
pub trait Provide<T>: Send + Sync + 'static
where
    T: Send + Sync + 'static,
{
    /// Why there is none. A [`Problem`](crate::Problem) is answered as it is, any other error becomes an opaque 500.
    type Error: Into<Unexpected> + Send;

    /// Whether it is released once the response is sent and the [tasks after it](Context::background) have ended, rather than
    /// before the response.
    ///
    /// The client does not wait for it then, and its release cannot change the answer. It can need only dependencies of which
    /// the same is true.
    const AFTER_RESPONSE: bool = false;

    /// Makes it. It may ask for others with [`Context::get`].
    ///
    /// A failure is not remembered: whoever asks next tries again.
    ///
    /// # Errors
    ///
    /// Why there is none.
    fn acquire(&self, cx: &Context) -> impl Future<Output = Result<T, Self::Error>> + Send;

    /// Takes it back; does nothing unless it is written.
    ///
    /// A response that is an error is no success: `outcome` is then [`Outcome::Failed`]. Parts of the value may still be in
    /// use where the handler has given a clone of its [`Dep`] to a task or a connection of its own.
    ///
    /// # Errors
    ///
    /// Why the request has failed after all. Where the answer is sent or is an error already, this is only logged.
    fn release(
        &self,
        value: &T,
        outcome: &Outcome,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        let _ = (value, outcome);
        std::future::ready(Ok(()))
    }

    /// How many there may be at a time, and how long things may take.
    fn limits(&self) -> Limits {
        Limits::new()
    }

    /// Whose dependencies these are: an `Arc` provides those of what it holds.
    #[doc(hidden)]
    fn provider() -> TypeId
    where
        Self: Sized,
    {
        TypeId::of::<Self>()
    }
}

impl<T, P> Provide<T> for Arc<P>
where
    T: Send + Sync + 'static,
    P: Provide<T>,
{
    type Error = P::Error;

    const AFTER_RESPONSE: bool = P::AFTER_RESPONSE;

    fn acquire(&self, cx: &Context) -> impl Future<Output = Result<T, Self::Error>> + Send {
        P::acquire(self, cx)
    }

    fn release(
        &self,
        value: &T,
        outcome: &Outcome,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        P::release(self, value, outcome)
    }

    fn limits(&self) -> Limits {
        P::limits(self)
    }

    fn provider() -> TypeId {
        P::provider()
    }
}

/// A dependency that the request has: a shared reference to the value.
///
/// A clone is the same value.
pub struct Dep<T>(Arc<T>);

impl<T> Dep<T> {
    /// Makes one of a value, which nobody releases: for tests of functions that take one.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T> Clone for Dep<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Dep<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> AsRef<T> for Dep<T> {
    fn as_ref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Dep<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
