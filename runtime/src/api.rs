//! An API: documents, and handlers for their operations.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use futures_util::FutureExt as _;
use http::HeaderMap;

use crate::background::{self, Background};
use crate::blocking;
use crate::call::Call;
use crate::dependency::{self, Dependencies, Requirement};
use crate::documents;
use crate::error::Error;
use crate::failure::{ErrorBodies, Errors, Failure};
use crate::layered::{self, OperationLayer};
use crate::operation::{Document, Operation};
use crate::parameter::{Coercion, UnknownQuery};
use crate::refusal::{Asked, Reason, Refusal};
use crate::routes::{Route, Routes, Settings};
use crate::tasks::Tasks;

/// The most bytes of a body unless set: 2 MiB.
pub(crate) const BODY_LIMIT: u64 = 2 << 20;

/// How long no byte of a body may arrive unless set.
pub(crate) const BODY_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// A document and the handlers of its operations: what the generated `api` function returns.
///
/// [`App`](crate::App) serves it. To mount it in an axum server of your own, convert it into a [`Router`].
#[derive(Clone)]
pub struct Api {
    documents: Vec<(String, &'static Document)>,
    document: &'static Document,
    routes: Vec<Route>,
}

impl Api {
    /// Creates an API without operations.
    #[must_use]
    pub fn new(document: &'static Document) -> Self {
        Self {
            documents: vec![(document.base.to_owned(), document)],
            document,
            routes: Vec::new(),
        }
    }

    /// Adds an operation. Generated code calls it, with generated code.
    #[doc(hidden)]
    #[must_use]
    pub fn operation<F, R>(mut self, operation: &'static Operation, handler: F) -> Self
    where
        F: Fn(Call) -> R + Send + Sync + 'static,
        R: Future<Output = Response> + Send + 'static,
    {
        self.routes.push(Route {
            operation,
            document: self.document,
            path: format!(
                "{}{}",
                operation.base.unwrap_or(self.document.base),
                operation.template
            ),
            error_bodies: None,
            requirements: Vec::new(),
            layers: Vec::new(),
            // An `async` block would hold the future twice: as what it was given, and as what it waits for.
            handler: Arc::new(move |call| Box::pin(handler(call).map(Ok))),
        });
        self
    }

    /// Sets what makes the bodies of errors that the document declares. Generated code calls it, with generated code.
    #[doc(hidden)]
    #[must_use]
    pub fn error_bodies<F>(mut self, make: F) -> Self
    where
        F: Fn(&Failure, usize) -> Result<Response, Refusal> + Send + Sync + 'static,
    {
        let make: ErrorBodies = Arc::new(make);
        for route in &mut self.routes {
            route.error_bodies = Some(Arc::clone(&make));
        }
        self
    }

    /// Whether errors of some operation have bodies that the application makes, or a timeout of its own is there: then it
    /// matters from outside which one a request is for.
    pub(crate) fn asks_endpoint(&self) -> bool {
        let matters =
            |route: &Route| route.error_bodies.is_some() || route.operation.timeout.is_some();
        self.routes.iter().any(matters)
    }

    /// Adds the operations and documents of another API.
    ///
    /// Where both say the same path and method, the server does not start, and says so. Each document keeps its format of
    /// errors, and is served under the prefix that it was nested under.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.documents.extend(other.documents);
        self.routes.extend(other.routes);
        self
    }

    /// Puts all operations and documents under a prefix such as `/v1`, which may hold parameters.
    ///
    /// It stands before the paths of servers, where the generator was told to follow them
    /// (`Generator::server_paths`).
    #[must_use]
    pub fn nest(mut self, prefix: &str) -> Self {
        let prefix = prefix.trim_end_matches('/');
        for route in &mut self.routes {
            route.path.insert_str(0, prefix);
        }
        for (path, _) in &mut self.documents {
            path.insert_str(0, prefix);
        }
        self
    }

    /// Returns the operations in the order in which they are registered.
    pub fn operations(&self) -> impl Iterator<Item = &'static Operation> + '_ {
        self.routes.iter().map(|route| route.operation)
    }

    /// Converts the operations into a router of axum, without what [`App`](crate::App) adds.
    ///
    /// Dependencies are released and tasks run in the background there too, but nobody waits for them at the end.
    ///
    /// # Errors
    ///
    /// When two operations match the same requests, or a path is not a template; all such faults at once, with the
    /// operations.
    pub fn into_router(self) -> Result<Router, Error> {
        let fallback = not_found(&self.elsewhere(&Errors::default()));
        let tasks = Tasks::new();
        let settings = Settings {
            body_limit: BODY_LIMIT,
            body_idle_timeout: Some(BODY_IDLE_TIMEOUT),
            coercion: Coercion::Strict,
            unknown_query: UnknownQuery::Ignore,
            errors: Errors::default(),
            annotate: true,
            is_observed: false,
            has_spans: false,
            dependencies: Dependencies::default(),
            background: Background::new(tasks.clone(), background::Limits::default()),
            blocking: blocking::BlockingPool::new(tasks, blocking::Limits::default()),
        };
        Ok(self.routes(None, settings)?.router(&fallback))
    }

    /// Puts layers around the operations that they are about.
    pub(crate) fn layer(&mut self, layers: &[OperationLayer]) -> Result<(), Error> {
        layered::assign(layers, &mut self.routes).map_err(|faults| Error::new(faults.join("\n")))
    }

    /// Gives requirements to the operations that they are about.
    pub(crate) fn require(&mut self, requirements: &[Requirement]) -> Result<(), Error> {
        dependency::assign(requirements, &mut self.routes)
            .map_err(|faults| Error::new(faults.join("\n")))
    }

    /// Sorts the operations, and the documents that are served.
    pub(crate) fn routes(
        mut self,
        documents: Option<&str>,
        settings: Settings,
    ) -> Result<Routes, Error> {
        if let Some(path) = documents {
            self.routes.extend(documents::routes(&self.documents, path));
        }
        Routes::new(&self.routes, &Arc::new(settings))
    }
}

impl Api {
    /// How errors are told where no operation is asked for.
    pub(crate) fn elsewhere(&self, errors: &Errors) -> Arc<Elsewhere> {
        let mut formats = self.documents.iter().map(|(_, it)| it.error_format);
        let described = formats
            .next()
            .filter(|first| formats.all(|other| other == *first));
        let mut errors = errors.clone();
        errors.format = errors.format.or(described);
        Arc::new(Elsewhere {
            errors: Arc::new(errors),
            documents: self.documents.clone(),
        })
    }
}

/// Errors of requests for which there is no operation: as the document tells them that they stand under.
pub(crate) struct Elsewhere {
    /// As all documents tell errors, or else by default.
    pub(crate) errors: Arc<Errors>,
    documents: Vec<(String, &'static Document)>,
}

impl Elsewhere {
    /// Answers a request for a path that no operation has.
    pub(crate) fn refuse(&self, reason: Reason, path: &str, headers: &HeaderMap) -> Response {
        self.respond(Refusal::new(reason), path, headers)
    }

    /// As [`refuse`](Self::refuse), for a refusal that is made already.
    pub(crate) fn respond(&self, refusal: Refusal, path: &str, headers: &HeaderMap) -> Response {
        let is_under = |prefix: &str| {
            let rest = path.strip_prefix(prefix);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let candidates = self.documents.iter().filter(|(it, _)| is_under(it));
        // Of several under one prefix, the first.
        let nearest = candidates.min_by_key(|(prefix, _)| Reverse(prefix.len()));
        refusal.respond(Asked {
            document: nearest.map(|(_, document)| *document),
            ..Asked::for_nothing(&self.errors, headers)
        })
    }
}

impl TryFrom<Api> for Router {
    type Error = Error;

    fn try_from(api: Api) -> Result<Self, Error> {
        api.into_router()
    }
}

/// Answers 404 to everything.
pub(crate) fn not_found(elsewhere: &Arc<Elsewhere>) -> Router {
    let elsewhere = Arc::clone(elsewhere);
    Router::new().fallback(async move |request: axum::extract::Request| {
        elsewhere.refuse(Reason::NotFound, request.uri().path(), request.headers())
    })
}
