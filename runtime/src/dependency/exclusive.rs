//! A value that one at a time uses, and that can be taken away at the end.

use std::any::type_name;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

use crate::problem::Unexpected;

/// A dependency that has to be borrowed mutably while it is used, and owned when it is released, such as a transaction.
///
/// # Examples
///
/// With `sqlx`, where `T` is `sqlx::Transaction<'static, sqlx::Sqlite>`:
///
/// ```
/// use specwright::{Context, Dep, Exclusive, Outcome, Provide, Unexpected};
///
/// # #[derive(Clone)]
/// # struct Pool;
/// # impl Pool {
/// #     async fn begin(&self) -> std::io::Result<Transaction> { Ok(Transaction) }
/// # }
/// # struct Transaction;
/// # impl Transaction {
/// #     async fn commit(self) -> std::io::Result<()> { Ok(()) }
/// #     async fn rollback(self) -> std::io::Result<()> { Ok(()) }
/// # }
/// # async fn insert(tx: &mut Transaction) -> std::io::Result<()> { Ok(()) }
/// # #[derive(Clone)]
/// # struct Shop { db: Pool }
/// impl Provide<Exclusive<Transaction>> for Shop {
///     type Error = std::io::Error;
///
///     async fn acquire(&self, _: &Context) -> Result<Exclusive<Transaction>, Self::Error> {
///         Ok(Exclusive::new(self.db.begin().await?))
///     }
///
///     async fn release(
///         &self,
///         tx: &Exclusive<Transaction>,
///         outcome: &Outcome,
///     ) -> Result<(), Self::Error> {
///         match tx.take().await {
///             Some(tx) if outcome.is_success() => tx.commit().await,
///             Some(tx) => tx.rollback().await,
///             None => Ok(()),
///         }
///     }
/// }
///
/// async fn handler(shop: &Shop, cx: &Context) -> Result<(), Unexpected> {
///     let tx: Dep<Exclusive<Transaction>> = cx.get(shop).await?;
///     let mut tx = tx.lock().await?;
///     insert(&mut tx).await?;
///     Ok(())
/// }
/// ```
pub struct Exclusive<T>(Arc<Mutex<Option<T>>>);

impl<T> Exclusive<T> {
    /// Makes one.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(Some(value))))
    }

    /// Waits until nobody else uses it.
    ///
    /// # Errors
    ///
    /// When it has been taken away: the request is over, or the handler has ended it itself.
    pub async fn lock(&self) -> Result<ExclusiveGuard<T>, Unexpected> {
        let guard = Arc::clone(&self.0).lock_owned().await;
        match OwnedMutexGuard::try_map(guard, Option::as_mut) {
            Ok(guard) => Ok(ExclusiveGuard(guard)),
            Err(_) => Err(Unexpected::new(format!(
                "`{}` has been taken away",
                type_name::<T>()
            ))),
        }
    }

    /// Takes the value away once nobody uses it; `None` where somebody has done so before.
    pub async fn take(&self) -> Option<T> {
        self.0.lock().await.take()
    }
}

impl<T> fmt::Debug for Exclusive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exclusive").finish_non_exhaustive()
    }
}

/// The value of an [`Exclusive`], while nobody else can use it.
///
/// It borrows nothing, so a stream may have it until its end.
pub struct ExclusiveGuard<T>(OwnedMappedMutexGuard<Option<T>, T>);

impl<T> Deref for ExclusiveGuard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for ExclusiveGuard<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for ExclusiveGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
