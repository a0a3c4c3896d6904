//! What an app knows of dependencies: what takes their place in tests, and how many there are.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Provide;
use super::limit::Places;
use super::provider::{Provided, Provider};
use super::scope::Key;
use crate::app::App;
use crate::context::Context;

/// The dependencies of an app.
#[derive(Clone, Default)]
pub(crate) struct Dependencies {
    /// An [`Override`] for each type that has one.
    overrides: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    /// One for each dependency with a limit, made when it is first asked for.
    places: Arc<Mutex<HashMap<Key, Arc<Places>>>>,
}

struct Override<T>(Arc<dyn Provider<T>>);

impl Dependencies {
    /// What provides a `T` in place of the provider that is asked.
    pub(super) fn provider<T: 'static>(&self) -> Option<Arc<dyn Provider<T>>> {
        if self.overrides.is_empty() {
            return None;
        }
        let replaced = self.overrides.get(&TypeId::of::<T>())?;
        let Override(provider) = replaced.downcast_ref()?;
        Some(Arc::clone(provider))
    }

    pub(super) fn places(&self, key: Key, make: impl FnOnce() -> Places) -> Arc<Places> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let places = places.entry(key).or_insert_with(|| Arc::new(make()));
        Arc::clone(places)
    }

    /// How much there is of the dependencies with limits, by the names of their types.
    #[cfg(feature = "metrics")]
    pub(crate) fn counts(&self) -> std::collections::BTreeMap<&'static str, super::Counts> {
        let mut counts = std::collections::BTreeMap::<_, super::Counts>::new();
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        for places in places.values() {
            // Several providers may provide the same type.
            counts.entry(places.name).or_default().add(places);
        }
        counts
    }
}

impl fmt::Debug for Dependencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dependencies")
            .field("overrides", &self.overrides.len())
            .finish_non_exhaustive()
    }
}

impl App {
    /// Puts the values of a function in the place of a dependency, whoever provides it: for tests.
    ///
    /// What provides the dependency is neither asked nor told of the end.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::App;
    ///
    /// struct Clock(u64);
    ///
    /// fn at_noon(app: App) -> App {
    ///     app.override_dependency(|| Clock(12))
    /// }
    /// ```
    pub fn override_dependency<T, F>(self, make: F) -> Self
    where
        T: Send + Sync + 'static,
        F: Fn() -> T + Send + Sync + 'static,
    {
        self.override_provider::<T, _>(Made(make))
    }

    /// Puts a provider in the place of those that provide a dependency, with its own release: for tests.
    pub fn override_provider<T, P>(mut self, provider: P) -> Self
    where
        T: Send + Sync + 'static,
        P: Provide<T>,
    {
        let replaced: Override<T> = Override(Arc::new(Provided(provider)));
        let overrides = &mut self.dependencies.overrides;
        overrides.insert(TypeId::of::<T>(), Arc::new(replaced));
        self
    }
}

/// Provides what a function makes.
struct Made<F>(F);

impl<T, F> Provide<T> for Made<F>
where
    T: Send + Sync + 'static,
    F: Fn() -> T + Send + Sync + 'static,
{
    type Error = Infallible;

    async fn acquire(&self, _: &Context) -> Result<T, Infallible> {
        Ok((self.0)())
    }
}
