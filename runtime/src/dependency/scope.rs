//! What a request has beside itself: its dependencies, and the tasks that run after it.

use std::any::{Any, TypeId, type_name};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use http::StatusCode;
use tokio::runtime::Handle;
use tokio::sync::{OnceCell, oneshot};
use tokio::task::JoinHandle;
use tracing::{Instrument as _, Span};

use super::provider::{Held, HeldValue, Provided, Provider};
use super::{Dep, Outcome, Provide};
use crate::background::Job;
use crate::context::Context;
use crate::problem::Unexpected;
use crate::tasks::{Origin, Tasks};

/// What tells dependencies apart: who provides them, and their type.
pub(super) type Key = (TypeId, TypeId);

type Value = Arc<dyn Any + Send + Sync>;

/// Made for a request that asks for something; the others have none.
///
/// Where it is dropped with values that are not released, the request ended in its middle, and they are released as well.
pub(crate) struct Scope {
    pub(crate) origin: Origin,
    tasks: Tasks,
    runtime: Option<Handle>,
    state: Mutex<State>,
    jobs: Mutex<Vec<Job>>,
    /// What is being released already; the rest has to wait for it.
    releasing: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    slots: Vec<Slot>,
    /// Which slots wait for which others.
    asks: Vec<(usize, usize)>,
    /// In the order in which they were made.
    held: Vec<Box<dyn Held>>,
    held_after_response: Vec<Box<dyn Held>>,
}

/// A dependency that was asked for.
struct Slot {
    key: Key,
    name: &'static str,
    is_after_response: bool,
    value: Arc<OnceCell<Value>>,
}

/// Which dependencies are released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    BeforeResponse,
    AfterResponse,
}

tokio::task_local! {
    /// The slot that is being filled here: which scope's, and which of them.
    static FILLING: (usize, usize);
}

/// Makes a dependency of the request, or waits for whoever makes it.
pub(super) async fn make<T, P>(cx: &Context, provider: &P) -> Result<Dep<T>, Unexpected>
where
    T: Send + Sync + 'static,
    P: Provide<T> + Clone,
{
    let replaced = cx.endpoint().settings.dependencies.provider::<T>();
    let provider = replaced.unwrap_or_else(|| Arc::new(Provided(provider.clone())));
    let key = key::<T, P>();
    let scope = cx.scope();
    let (index, cell) = scope.slot(key, type_name::<T>(), provider.is_after_response());
    let _ask = scope.ask(index)?;
    let fill = || FILLING.scope((scope.id(), index), acquire(cx, scope, key, provider));
    // Whoever is first makes it, and others wait; where the first gives up, the next takes over.
    let value = cell.get_or_try_init(fill).await?;
    // The key says the type.
    dependency(value).ok_or_else(|| Unexpected::new("a dependency has another type than its key"))
}

fn key<T, P>() -> Key
where
    T: Send + Sync + 'static,
    P: Provide<T>,
{
    (P::provider(), TypeId::of::<T>())
}

fn dependency<T: Send + Sync + 'static>(value: &Value) -> Option<Dep<T>> {
    Arc::clone(value).downcast().ok().map(Dep)
}

/// Makes a dependency, which is held from there on.
fn acquire<'a, T: Send + Sync + 'static>(
    cx: &'a Context,
    scope: &'a Scope,
    key: Key,
    provider: Arc<dyn Provider<T>>,
) -> BoxFuture<'a, Result<Value, Unexpected>> {
    Box::pin(async move {
        let limits = provider.limits();
        let permit = limits
            .admit(&cx.endpoint().settings.dependencies, key, type_name::<T>())
            .await?;
        let value = Arc::new(limits.within(provider.acquire(cx)).await?);
        let is_after_response = provider.is_after_response();
        let held = HeldValue {
            provider,
            value: Arc::clone(&value),
            limits,
            _permit: permit,
        };
        // Nothing is awaited between this and the return, so what is made is never forgotten.
        scope.hold(Box::new(held), is_after_response);
        Ok(value as Value)
    })
}

impl Scope {
    pub(crate) fn new(tasks: Tasks, origin: Origin) -> Self {
        Self {
            origin,
            tasks,
            runtime: Handle::try_current().ok(),
            state: Mutex::default(),
            jobs: Mutex::default(),
            releasing: None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a dependency that is there.
    pub(super) fn find<T, P>(&self) -> Option<Dep<T>>
    where
        T: Send + Sync + 'static,
        P: Provide<T>,
    {
        let key = key::<T, P>();
        let state = self.state();
        let slot = state.slots.iter().find(|slot| slot.key == key)?;
        dependency(slot.value.get()?)
    }

    /// Scopes are on the heap, so that each has an address as long as it lives.
    fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn slot(
        &self,
        key: Key,
        name: &'static str,
        is_after_response: bool,
    ) -> (usize, Arc<OnceCell<Value>>) {
        let mut state = self.state();
        if let Some(index) = state.slots.iter().position(|slot| slot.key == key)
            && let Some(slot) = state.slots.get(index)
        {
            return (index, Arc::clone(&slot.value));
        }
        let value = Arc::new(OnceCell::new());
        state.slots.push(Slot {
            key,
            name,
            is_after_response,
            value: Arc::clone(&value),
        });
        (state.slots.len() - 1, value)
    }

    /// Notes who asks for a slot; `None` where it is the handler.
    ///
    /// # Errors
    ///
    /// When the one that asks would be waited for in turn, or lives longer than the other.
    fn ask(&self, to: usize) -> Result<Option<Ask<'_>>, Unexpected> {
        let Ok((id, from)) = FILLING.try_with(|filling| *filling) else {
            return Ok(None);
        };
        if id != self.id() {
            // The request of somebody else, who sent this one.
            return Ok(None);
        }
        let mut state = self.state();
        if let Some(chain) = state.chain(to, from) {
            return Err(state.cycle(&chain));
        }
        if let (Some(asking), Some(asked)) = (state.slots.get(from), state.slots.get(to))
            && asking.is_after_response
            && !asked.is_after_response
        {
            return Err(Unexpected::new(format!(
                "`{}` is released after the response, and needs `{}`, which is released before",
                asking.name, asked.name
            )));
        }
        state.asks.push((from, to));
        Ok(Some(Ask {
            scope: self,
            edge: (from, to),
        }))
    }

    fn hold(&self, held: Box<dyn Held>, is_after_response: bool) {
        let mut state = self.state();
        match is_after_response {
            true => state.held_after_response.push(held),
            false => state.held.push(held),
        }
    }

    pub(crate) fn runtime(&self) -> Option<&Handle> {
        self.runtime.as_ref()
    }

    /// Adds a task that runs after the response.
    pub(crate) fn add_job(&self, job: Job) {
        self.jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(job);
    }

    pub(crate) fn take_jobs(&mut self) -> Vec<Job> {
        mem::take(self.jobs.get_mut().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether something waits to be released.
    pub(crate) fn holds(&self, phase: Phase) -> bool {
        let state = self.state();
        match phase {
            Phase::BeforeResponse => !state.held.is_empty(),
            Phase::AfterResponse => !state.held_after_response.is_empty(),
        }
    }

    /// Releases in a task of its own, after what is being released already. The first error is what is received; the others
    /// are logged, as all are where nobody receives them or the request has failed anyway.
    pub(crate) fn release(
        &mut self,
        phase: Phase,
        outcome: Outcome,
    ) -> oneshot::Receiver<Result<(), Unexpected>> {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let held = mem::take(match phase {
            Phase::BeforeResponse => &mut state.held,
            Phase::AfterResponse => &mut state.held_after_response,
        });
        let (sender, receiver) = oneshot::channel();
        if held.is_empty() {
            let _ = sender.send(Ok(()));
            return receiver;
        }
        let Some(runtime) = &self.runtime else {
            let why = "are dropped without release: they were made outside of a runtime of tokio";
            self.origin.log(&"the dependencies", &why);
            return receiver;
        };
        let before = self.releasing.take();
        let mut releasing = Releasing {
            held,
            outcome,
            origin: self.origin.clone(),
        };
        let task = async move {
            if let Some(before) = before {
                let _ = before.await;
            }
            let origin = releasing.origin.clone();
            if let Err(Err(error)) = sender.send(releasing.run().await) {
                origin.log_release(&error);
            }
        };
        let span = match phase {
            Phase::BeforeResponse => Span::current(),
            Phase::AfterResponse => self.origin.after_response(),
        };
        self.releasing = Some(self.tasks.spawn(runtime, task.instrument(span)));
        receiver
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        // Nobody receives what went wrong, so it is logged.
        drop(self.release(Phase::BeforeResponse, Outcome::of_drop()));
        drop(self.release(Phase::AfterResponse, Outcome::of_drop()));
    }
}

impl State {
    /// The way from one slot to another along what waits for what, both included.
    fn chain(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut ways = vec![vec![from]];
        let mut seen = vec![from];
        while let Some(way) = ways.pop() {
            let last = way.last().copied()?;
            if last == to {
                return Some(way);
            }
            for (_, next) in self.asks.iter().filter(|(asking, _)| *asking == last) {
                if !seen.contains(next) {
                    seen.push(*next);
                    ways.push(way.iter().copied().chain([*next]).collect());
                }
            }
        }
        None
    }

    #[cold]
    fn cycle(&self, chain: &[usize]) -> Unexpected {
        let names = chain.iter().chain(chain.first());
        let names: Vec<_> = names
            .filter_map(|index| self.slots.get(*index))
            .map(|slot| format!("`{}`", slot.name))
            .collect();
        Unexpected::new(format!(
            "dependencies need each other: {}",
            names.join(" needs ")
        ))
    }
}

/// A slot that waits for another.
struct Ask<'s> {
    scope: &'s Scope,
    edge: (usize, usize),
}

impl Drop for Ask<'_> {
    fn drop(&mut self) {
        let mut state = self.scope.state();
        if let Some(index) = state.asks.iter().position(|edge| *edge == self.edge) {
            state.asks.swap_remove(index);
        }
    }
}

/// What is left to release of a request; where it is dropped, that is told.
struct Releasing {
    held: Vec<Box<dyn Held>>,
    outcome: Outcome,
    origin: Origin,
}

impl Releasing {
    /// Releases all, the last made first.
    async fn run(&mut self) -> Result<(), Unexpected> {
        let mut first = Ok(());
        while let Some(held) = self.held.last() {
            let released = held.release(&self.outcome).await;
            if let Err(error) = released {
                if self.outcome.is_success() {
                    let status = error.problem().map(|problem| problem.status);
                    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                    self.outcome = Outcome::Failed(status);
                    first = Err(error);
                } else {
                    self.origin.log_release(&error);
                }
            }
            self.held.pop();
        }
        first
    }
}

impl Drop for Releasing {
    fn drop(&mut self) {
        while let Some(held) = self.held.pop() {
            let what = format_args!("the dependency `{}`", held.name());
            self.origin
                .log(&what, &"was dropped before it was released");
        }
    }
}
