//! Asking for a dependency.

use std::fmt;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use super::scope::{self, Scope};
use super::{Dep, Provide};
use crate::context::Context;
use crate::problem::Unexpected;
use futures_util::future::BoxFuture;

/// A dependency that is being waited for: what [`Context::get`] returns.
///
/// It has a name, and no bounds, so that a handler may wait for a type with a lifetime in it, such as a transaction that is
/// `'static`: rustc forgets that while it looks at what a future holds.
#[must_use = "a dependency is not made before it is awaited"]
pub struct Get<'a, T>(State<'a, T>);

enum State<'a, T> {
    /// It was there already, until it is taken.
    There(Option<Dep<T>>),
    Coming(BoxFuture<'a, Result<Dep<T>, Unexpected>>),
}

/// Returns a dependency of the request; makes it where it is not there.
pub(crate) fn get<'a, T, P>(cx: &'a Context, provider: &'a P) -> Get<'a, T>
where
    T: Send + Sync + 'static,
    P: Provide<T> + Clone,
{
    let there = cx.existing_scope().and_then(Scope::find::<T, P>);
    Get(match there {
        Some(dependency) => State::There(Some(dependency)),
        None => State::Coming(Box::pin(scope::make(cx, provider))),
    })
}

impl<T> Unpin for Get<'_, T> {}

impl<T> Future for Get<'_, T> {
    type Output = Result<Dep<T>, Unexpected>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            // Nothing polls a future after its end but by mistake.
            State::There(dependency) => dependency
                .take()
                .map_or(Poll::Pending, |it| Poll::Ready(Ok(it))),
            State::Coming(future) => future.as_mut().poll(cx),
        }
    }
}

impl<T> fmt::Debug for Get<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Get").finish_non_exhaustive()
    }
}
