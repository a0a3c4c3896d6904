//! A provider without its type, and a value that it has to take back.

use std::any::type_name;
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::{Limits, Outcome, Provide};
use futures_util::future::BoxFuture;

use crate::context::Context;
use crate::problem::Unexpected;
use crate::tasks::catch_panic;

/// What makes a `T`, whoever it is.
///
/// Futures are boxed here, so that dependencies which need each other compile, and can be told of.
pub(super) trait Provider<T>: Send + Sync {
    fn acquire<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<T, Unexpected>>;

    fn release<'a>(
        &'a self,
        value: &'a T,
        outcome: &'a Outcome,
    ) -> BoxFuture<'a, Result<(), Unexpected>>;

    fn limits(&self) -> Limits;

    fn is_after_response(&self) -> bool;
}

/// A provider of the user.
pub(super) struct Provided<P>(pub(super) P);

impl<T, P> Provider<T> for Provided<P>
where
    T: Send + Sync + 'static,
    P: Provide<T>,
{
    fn acquire<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<T, Unexpected>> {
        Box::pin(async move { self.0.acquire(cx).await.map_err(Into::into) })
    }

    fn release<'a>(
        &'a self,
        value: &'a T,
        outcome: &'a Outcome,
    ) -> BoxFuture<'a, Result<(), Unexpected>> {
        Box::pin(async move { self.0.release(value, outcome).await.map_err(Into::into) })
    }

    fn limits(&self) -> Limits {
        self.0.limits()
    }

    fn is_after_response(&self) -> bool {
        P::AFTER_RESPONSE
    }
}

/// A value that waits for its release.
pub(super) trait Held: Send + Sync {
    /// Takes it back; a panic is an error.
    fn release<'a>(&'a self, outcome: &'a Outcome) -> BoxFuture<'a, Result<(), Unexpected>>;

    /// The type of the value.
    fn name(&self) -> &'static str;
}

pub(super) struct HeldValue<T> {
    pub(super) provider: Arc<dyn Provider<T>>,
    pub(super) value: Arc<T>,
    pub(super) limits: Limits,
    /// Given back with the value.
    pub(super) _permit: Option<OwnedSemaphorePermit>,
}

impl<T: Send + Sync + 'static> Held for HeldValue<T> {
    fn release<'a>(&'a self, outcome: &'a Outcome) -> BoxFuture<'a, Result<(), Unexpected>> {
        Box::pin(async move {
            let release = async { self.provider.release(&self.value, outcome).await };
            let released = match self.limits.release_timeout {
                None => catch_panic(release).await,
                Some(limit) => match timeout(limit, catch_panic(release)).await {
                    Ok(released) => released,
                    Err(_) => return Err(self.fault("took too long")),
                },
            };
            match released {
                Ok(result) => result,
                Err(message) => Err(self.fault(&format!("panicked: {message}"))),
            }
        })
    }

    fn name(&self) -> &'static str {
        type_name::<T>()
    }
}

impl<T: Send + Sync + 'static> HeldValue<T> {
    #[cold]
    fn fault(&self, why: &str) -> Unexpected {
        Unexpected::new(format!("the release of `{}` {why}", self.name()))
    }
}
