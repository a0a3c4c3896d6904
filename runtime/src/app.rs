//! The server around an API: everything that is not in its document.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::Route;
use http::StatusCode;
use tower::{Layer, Service};

use crate::api::{self, Api};
use crate::background::{self, Background};
use crate::beside::{self, Beside};
use crate::blocking;
use crate::dependency::{Dependencies, Requirement};
use crate::error::Error;
use crate::failure::{ErrorFormat, Errors, Failure};
use crate::guard::{AppService, Guards};
use crate::health::{self, Health, Phase};
use crate::layered::OperationLayer;
use crate::lifespan::{Lifespan, Source};
use crate::messages::Messages;
use crate::middleware::Middleware;
use crate::observe;
use crate::parameter::{Coercion, UnknownQuery};
use crate::problem::Problem;
use crate::routes::Settings;
use crate::serve::Connections;
use crate::tasks::Tasks;

/// A server of an [`Api`].
///
/// Every default can be changed or switched off:
///
/// | setting | default |
/// |---|---|
/// | [`bind`](Self::bind) | `127.0.0.1:8000` |
/// | [`documents`](Self::documents) | `/openapi.json` and `/openapi.yaml` |
/// | [`body_limit`](Self::body_limit) | 2 MiB |
/// | [`body_idle_timeout`](Self::body_idle_timeout) | 30 seconds |
/// | [`coerce`](Self::coerce) | [`Coercion::Strict`] |
/// | [`unknown_query`](Self::unknown_query) | [`UnknownQuery::Ignore`] |
/// | [`error_format`](Self::error_format) | what the document describes, else [`ErrorFormat::Problem`] |
/// | [`violation_status`](Self::violation_status) | 422 |
/// | [`echo_input`](Self::echo_input) | off |
/// | [`request_timeout`](Self::request_timeout) | 30 seconds |
/// | [`request_limit`](Self::request_limit) | none |
/// | [`connection_limit`](Self::connection_limit) | 20,000 |
/// | [`header_limit`](Self::header_limit) | 100 |
/// | [`header_size_limit`](Self::header_size_limit) | 64 KiB |
/// | [`header_read_timeout`](Self::header_read_timeout) | 30 seconds |
/// | [`shutdown_timeout`](Self::shutdown_timeout) | 30 seconds |
/// | [`background_limit`](Self::background_limit) | the tasks of 64 requests |
/// | [`background_queue`](Self::background_queue) | the tasks of 1,024 requests |
/// | [`blocking_limit`](Self::blocking_limit) | 40 threads |
/// | [`blocking_queue`](Self::blocking_queue) | 1,024 |
/// | [`request_ids`](Self::request_ids) | on |
/// | [`catch_panics`](Self::catch_panics) | on |
/// | [`connect_info`](Self::connect_info) | on |
#[must_use = "an app does nothing until it serves"]
pub struct App {
    pub(crate) source: Source,
    documents: Option<String>,
    beside: Option<Router>,
    layers: Vec<BoxLayer>,
    pub(crate) operation_layers: Vec<OperationLayer>,
    body_limit: u64,
    body_idle_timeout: Option<Duration>,
    coercion: Coercion,
    unknown_query: UnknownQuery,
    errors: Errors,
    guards: Guards,
    pub(crate) connections: Connections,
    request_limit: Option<usize>,
    pub(crate) lifespan: Lifespan,
    pub(crate) health: health::Routes,
    pub(crate) tasks: Tasks,
    pub(crate) background: background::Limits,
    pub(crate) blocking: blocking::Limits,
    pub(crate) dependencies: Dependencies,
    pub(crate) requirements: Vec<Requirement>,
    pub(crate) middleware: Middleware,
    pub(crate) observe: observe::Settings,
}

type BoxLayer = Box<dyn Fn(Router) -> Router + Send>;

const THIRTY_SECONDS: Duration = Duration::from_secs(30);

impl App {
    /// Creates a server with the defaults.
    pub fn new(api: Api) -> Self {
        Self::from_source(Source::Made(api))
    }

    pub(crate) fn from_source(source: Source) -> Self {
        Self {
            source,
            lifespan: Lifespan::default(),
            health: health::Routes::default(),
            documents: Some("/openapi".to_owned()),
            beside: None,
            layers: Vec::new(),
            operation_layers: Vec::new(),
            body_limit: api::BODY_LIMIT,
            body_idle_timeout: Some(api::BODY_IDLE_TIMEOUT),
            coercion: Coercion::Strict,
            unknown_query: UnknownQuery::Ignore,
            errors: Errors::default(),
            guards: Guards {
                request_ids: true,
                catch_panics: true,
                request_timeout: Some(THIRTY_SECONDS),
            },
            connections: Connections::default(),
            request_limit: None,
            tasks: Tasks::new(),
            background: background::Limits::default(),
            blocking: blocking::Limits::default(),
            dependencies: Dependencies::default(),
            requirements: Vec::new(),
            middleware: Middleware::default(),
            observe: observe::Settings::default(),
        }
    }

    /// Sets the path at which the document is served, without the `.json` and `.yaml` that follow it; `None` serves none.
    ///
    /// APIs that were nested have theirs under their prefix; of several under one prefix, the first is served.
    pub fn documents(mut self, path: impl Into<Option<&'static str>>) -> Self {
        self.documents = path.into().map(str::to_owned);
        self
    }

    /// Sets the most bytes that the body of a request may have; past it the answer is 413.
    ///
    /// In `multipart/form-data`, all parts that are no files may have 1 MiB together, however high the limit is; the same
    /// answer tells of that.
    ///
    /// An operation may have a limit of its own: `x-max-body` in the document, in bytes or as a text such as `10MiB`.
    ///
    /// The limit is for operations of the document. Routes of [`merge`](Self::merge) have axum's own.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Sets how long to wait for the next bytes of a body; past it the answer is 408.
    pub fn body_idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.body_idle_timeout = timeout.into();
        self
    }

    /// Sets how strictly the texts of parameters are read as integers, numbers and booleans.
    ///
    /// With [`Coercion::Lax`] a string in a JSON body may spell a number or a boolean too, and a time without an offset is
    /// one of UTC. What was read so is what every check sees. Branches of unions are told apart as strictly as ever, and the
    /// fields of forms and JSON in parameters are always read strictly.
    pub fn coerce(mut self, coercion: Coercion) -> Self {
        self.coercion = coercion;
        self
    }

    /// Sets what happens to parameters of the query that the document does not know.
    pub fn unknown_query(mut self, unknown: UnknownQuery) -> Self {
        self.unknown_query = unknown;
        self
    }

    /// Sets the format of the errors that the runtime itself answers with, whatever the documents describe.
    ///
    /// Without this, an API has the format of FastAPI where a 422 of its document refers to `HTTPValidationError`, and
    /// problem documents (RFC 9457) elsewhere. A [`Problem`](crate::Problem) that a handler returns is answered as it is.
    pub fn error_format(mut self, format: ErrorFormat) -> Self {
        self.errors.format = Some(format);
        self
    }

    /// Sets a function that makes the responses of the errors that the runtime itself answers with.
    ///
    /// It gets the violations, among others, and its response gets the headers that go with the error, such as `Allow` and
    /// `WWW-Authenticate`, where it has none of the name. Where the document declares a body that the generated trait
    /// `ErrorBodies` makes, that is answered. It should not panic: then the answer is an opaque 500.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::axum::response::IntoResponse as _;
    /// use specwright::{App, Failure};
    ///
    /// fn with_plain_errors(app: App) -> App {
    ///     app.error_response(|failure: &Failure| {
    ///         let lines: Vec<String> = failure.violations().map(|it| it.to_string()).collect();
    ///         (failure.status(), lines.join("\n")).into_response()
    ///     })
    /// }
    /// ```
    pub fn error_response<F>(mut self, respond: F) -> Self
    where
        F: Fn(&Failure) -> Response + Send + Sync + 'static,
    {
        self.errors.respond = Some(Arc::new(respond));
        self
    }

    /// Answers an error of one type with a problem, wherever a handler or a dependency returns it with `?`.
    ///
    /// The error is looked for among its sources too, and the outermost that any such function is for counts; of several for
    /// one type, the one that was added last. What no function is for is an opaque 500, as without them. The problem is
    /// answered as if the handler had returned it, and nothing is logged.
    ///
    /// A function should not panic: then the answer is an opaque 500. Tasks in the background have no answer, so their errors
    /// are logged as they are.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::{App, Problem, StatusCode};
    ///
    /// #[derive(Debug)]
    /// struct SoldOut;
    /// # impl std::fmt::Display for SoldOut {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("sold out") }
    /// # }
    /// # impl std::error::Error for SoldOut {}
    ///
    /// fn with_conflicts(app: App) -> App {
    ///     app.map_error(|error: &SoldOut| {
    ///         Problem::new(StatusCode::CONFLICT).with_detail(error.to_string())
    ///     })
    /// }
    /// ```
    pub fn map_error<E, F>(mut self, map: F) -> Self
    where
        E: std::error::Error + 'static,
        F: Fn(&E) -> Problem + Send + Sync + 'static,
    {
        self.errors
            .map
            .push(Arc::new(move |error| error.downcast_ref::<E>().map(&map)));
        self
    }

    /// Sets the status of requests that break rules of the document; 400 is common besides 422.
    pub fn violation_status(mut self, status: StatusCode) -> Self {
        self.errors.violation_status = status;
        self
    }

    /// Sets whether violations show the value that was sent, as `input`.
    ///
    /// Passwords and what is `writeOnly` are never shown, nor is a value that stands where an object with such members was
    /// expected. The values of one answer have 64 KiB together; further ones are left out.
    pub fn echo_input(mut self, on: bool) -> Self {
        self.errors.echo_input = on;
        self
    }

    /// Adds the words of a language, for clients that ask for it by `Accept-Language`.
    ///
    /// Where there is a table, answers say `Vary: Accept-Language`, and `Content-Language` where one was used.
    pub fn messages(mut self, messages: Messages) -> Self {
        self.errors.messages.push(messages);
        self
    }

    /// Sets how long a request may take from its head to the head of the response; past it the answer is 503.
    ///
    /// The handler is dropped at its next `await`. 503 rather than 504, since no gateway is involved. An operation may have a
    /// time of its own, longer or shorter: `x-timeout` in the document, in seconds or as a text such as `500ms` or `2m`.
    pub fn request_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.guards.request_timeout = timeout.into();
        self
    }

    /// Sets how many requests are answered at a time; past it the answer is 503 with `Retry-After`. There is no limit unless
    /// set.
    ///
    /// A request counts until the head of its response is there, as it does for
    /// [`request_timeout`](Self::request_timeout), so streams that go on for long take no place.
    pub fn request_limit(mut self, requests: impl Into<Option<usize>>) -> Self {
        self.request_limit = requests.into();
        self
    }

    /// Sets whether every request has an id: a valid `x-request-id` that it brings, or a new one.
    ///
    /// Responses carry it in the same header, and problems with status 500 as `request_id`.
    pub fn request_ids(mut self, on: bool) -> Self {
        self.guards.request_ids = on;
        self
    }

    /// Sets whether a panic becomes a 500; otherwise it ends the connection.
    pub fn catch_panics(mut self, on: bool) -> Self {
        self.guards.catch_panics = on;
        self
    }

    /// Switches off what costs anything per request: ids, catching of panics, all timeouts and the address of the peer.
    ///
    /// This is what a bare axum server has, and what benchmarks compare it with.
    pub fn bare(self) -> Self {
        self.request_ids(false)
            .catch_panics(false)
            .connect_info(false)
            .request_timeout(None)
            .body_idle_timeout(None)
            .header_read_timeout(None)
    }

    /// Adds hand-written routes, which get what no operation of the document matches, by path and method.
    ///
    /// A path may have operations and hand-written routes with other methods: `OPTIONS` and 405 tell all methods of both.
    /// Where both match a request, the operation answers: `GET /books/{id}` of the document takes `/books/new` from a
    /// hand-written `GET /books/new`. An explicit hand-written route for the very path and method of an operation, which
    /// nothing could reach, is an error of [`into_service`](Self::into_service).
    ///
    /// A fallback of `router` is kept, for paths that the document does not have. Where `router` answers 404 or 405 without
    /// a body, a problem document takes its place.
    ///
    /// # Panics
    ///
    /// As [`Router::merge`] does, when two hand-written routers have the same route.
    pub fn merge(mut self, router: Router) -> Self {
        self.beside = Some(match self.beside.take() {
            Some(beside) => beside.merge(router),
            None => router,
        });
        self
    }

    /// Adds a tower layer around everything that is served, inside the id, the timeout and the catching of panics.
    ///
    /// The layer that was added last sees a request first, as in axum.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.layers
            .push(Box::new(move |router: Router| router.layer(layer.clone())));
        self
    }

    /// Converts into a tower service, for tests and for servers of your own.
    ///
    /// # Errors
    ///
    /// When routes conflict; all conflicts of operations at once, or else all with hand-written routes, each naming both
    /// places. Before that, when a middleware was given what cannot be.
    pub fn into_service(self) -> Result<AppService, Error> {
        let health = self.health.health(Phase::Started);
        self.into_service_with(health)
    }

    /// What can be known before the start.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.middleware
            .check(&self.connections, self.observe.faults())
    }

    pub(crate) fn errors(&self) -> &Errors {
        &self.errors
    }

    pub(crate) fn into_service_with(
        mut self,
        health: Option<Arc<Health>>,
    ) -> Result<AppService, Error> {
        self.check()?;
        let mut api = match self.source {
            Source::Made(api) => api,
            Source::Making(_) => {
                let message =
                    "the app has not started: `App::started` does that without `App::serve`";
                return Err(Error::new(message));
            }
        };
        api.require(&self.requirements)?;
        api.layer(&self.operation_layers)?;
        let observer = self.observe.observer(&self.middleware);
        let settings = Settings {
            body_limit: self.body_limit,
            body_idle_timeout: self.body_idle_timeout,
            coercion: self.coercion,
            unknown_query: self.unknown_query,
            annotate: !self.layers.is_empty() || !self.operation_layers.is_empty(),
            is_observed: observer.is_some(),
            has_spans: self.observe.has_spans(),
            errors: self.errors.clone(),
            dependencies: self.dependencies,
            background: Background::new(self.tasks.clone(), self.background),
            blocking: blocking::BlockingPool::new(self.tasks.clone(), self.blocking),
        };
        let elsewhere = api.elsewhere(&self.errors);
        let not_found = api::not_found(&elsewhere);
        let asks_endpoint = api.asks_endpoint();
        let routes = api.routes(self.documents.as_deref(), settings)?;
        let taken = || self.health.taken().chain(self.observe.taken());
        routes.check_free(taken())?;
        let mut router = routes.router(&not_found);
        let mut beside = match self.middleware.beside(self.beside, &elsewhere) {
            None => None,
            Some(hand_written) => {
                beside::check_free(&hand_written, taken())?;
                let hand_written = self.observe.around(hand_written);
                Some(Beside::new(&routes, hand_written, &elsewhere)?)
            }
        };
        for layer in self.layers {
            router = layer(router);
            if let Some(beside) = &mut beside {
                beside.router = layer(std::mem::take(&mut beside.router));
            }
        }
        let errors = Arc::clone(&elsewhere.errors);
        let guarded = AppService::new(
            router,
            beside,
            self.guards,
            errors,
            asks_endpoint,
            self.tasks.clone(),
        );
        let outermost = if self.middleware.is_on() {
            // What the guards answer passes the middleware too, which is guarded itself, but for the time that it takes.
            let router = Router::new().fallback_service(guarded);
            let router = self.middleware.around(router, &elsewhere.errors);
            let guards = Guards {
                request_timeout: None,
                ..self.guards
            };
            let errors = Arc::clone(&elsewhere.errors);
            AppService::new(router, None, guards, errors, false, self.tasks)
        } else {
            guarded
        };
        Ok(outermost
            .with_limit(self.request_limit)
            .with_health(health)
            .with_observer(observer))
    }

    /// Converts into a router of axum.
    ///
    /// # Errors
    ///
    /// As [`into_service`](Self::into_service).
    pub fn into_router(self) -> Result<Router, Error> {
        Ok(Router::new().fallback_service(self.into_service()?))
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("documents", &self.documents)
            .field("body_limit", &self.body_limit)
            .field("errors", &self.errors)
            .field("guards", &self.guards)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
