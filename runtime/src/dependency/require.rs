//! Dependencies that operations need before their handlers run, without a value for them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::Provide;
use crate::app::App;
use crate::context::Context;
use crate::operation::Operation;
use crate::problem::Unexpected;
use crate::routes::Route;
use futures_util::future::BoxFuture;

/// How many names of operations or tags are told.
const MOST_NAMES: usize = 20;

/// The operations that [`App::require`] and [`App::layer_for`] are about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operations {
    /// All of them.
    All,
    /// Those that have this tag, whichever others they have.
    Tag(String),
    /// The one of this `operationId`, or of the name that the generator gave it.
    Id(String),
}

impl Operations {
    /// Those that have this tag, whichever others they have.
    pub fn tag(name: impl Into<String>) -> Self {
        Self::Tag(name.into())
    }

    /// The one of this `operationId`.
    pub fn id(id: impl Into<String>) -> Self {
        Self::Id(id.into())
    }

    /// The routes that `what` is about.
    ///
    /// # Errors
    ///
    /// When there are none, since whoever wrote it believes that something is guarded.
    pub(crate) fn choose<'r>(
        &self,
        what: &str,
        routes: &'r mut [Route],
    ) -> Result<impl Iterator<Item = &'r mut Route>, String> {
        let has_any = routes.iter().any(|route| self.contains(route.operation));
        if has_any || *self == Self::All {
            return Ok(routes
                .iter_mut()
                .filter(|route| self.contains(route.operation)));
        }
        let operations = routes.iter().map(|route| route.operation);
        let known: BTreeSet<&str> = match self {
            Self::Tag(_) => operations.flat_map(|it| it.tags).copied().collect(),
            _ => operations.map(|it| it.id).collect(),
        };
        let mut names: Vec<_> = known
            .iter()
            .take(MOST_NAMES)
            .map(|name| format!("`{name}`"))
            .collect();
        match known.len() {
            0 => names.push("none".to_owned()),
            1..=MOST_NAMES => {}
            count => names.push(format!("and {} more", count - MOST_NAMES)),
        }
        let names = names.join(", ");
        Err(format!(
            "there is {what} for {self}, and no document has such; there are: {names}"
        ))
    }

    fn contains(&self, operation: &Operation) -> bool {
        match self {
            Self::All => true,
            Self::Tag(name) => operation.tags.contains(&name.as_str()),
            Self::Id(id) => operation.id == id,
        }
    }
}

impl fmt::Display for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all operations"),
            Self::Tag(name) => write!(f, "the operations of the tag `{name}`"),
            Self::Id(id) => write!(f, "the operation `{id}`"),
        }
    }
}

/// Asks for a dependency, and leaves its value to the request.
type Ask = Arc<dyn for<'a> Fn(&'a Context) -> BoxFuture<'a, Result<(), Unexpected>> + Send + Sync>;

/// What has to be there before a handler runs.
#[derive(Clone)]
pub(crate) struct Requirement {
    operations: Operations,
    ask: Ask,
}

impl Requirement {
    /// Asks for it.
    ///
    /// # Errors
    ///
    /// Why the handler does not run.
    pub(crate) async fn check(&self, cx: &Context) -> Result<(), Unexpected> {
        (self.ask)(cx).await
    }
}

/// Gives requirements to the routes that they are about.
///
/// # Errors
///
/// Those that are about none.
pub(crate) fn assign(
    requirements: &[Requirement],
    routes: &mut [Route],
) -> Result<(), Vec<String>> {
    let mut faults = Vec::new();
    for requirement in requirements {
        match requirement.operations.choose("a requirement", routes) {
            Ok(chosen) => chosen.for_each(|route| route.requirements.push(requirement.clone())),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

impl App {
    /// Asks for a dependency before the handlers of some operations run, which do not ask for it themselves: what it is
    /// refused with is the answer.
    ///
    /// It is asked for after the credentials, and before anything of the body is read. Several are asked for in the order in
    /// which they were added. A handler that asks for it as well gets the same value, and it is released as any other.
    ///
    /// Where no document has such operations, the server does not start, and says so.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::{App, Context, Operations, Problem, Provide, StatusCode};
    ///
    /// /// That the shop is open.
    /// struct OpeningHours;
    ///
    /// #[derive(Clone)]
    /// struct Door {
    ///     is_open: bool,
    /// }
    ///
    /// impl Provide<OpeningHours> for Door {
    ///     type Error = Problem;
    ///
    ///     async fn acquire(&self, _: &Context) -> Result<OpeningHours, Problem> {
    ///         match self.is_open {
    ///             true => Ok(OpeningHours),
    ///             false => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE)),
    ///         }
    ///     }
    /// }
    ///
    /// fn guarded(app: App, door: Door) -> App {
    ///     app.require::<OpeningHours, _>(Operations::tag("orders"), door)
    /// }
    /// ```
    pub fn require<T, P>(mut self, operations: Operations, provider: P) -> Self
    where
        T: Send + Sync + 'static,
        P: Provide<T> + Clone,
    {
        self.requirements.push(Requirement {
            operations,
            ask: Arc::new(move |cx| {
                let provider = provider.clone();
                Box::pin(async move { cx.get::<T, P>(&provider).await.map(drop) })
            }),
        });
        self
    }
}
