//! Routes of an API in axum's router: one per shape of template, with template and method picked here.
//!
//! axum's syntax cannot say `/{id}.json`, `/{x}:cancel` or two names at one position, and panics on conflicts.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::future::BoxFuture;
use http::header::{self, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use hyper::upgrade::OnUpgrade;
use indexmap::IndexMap;
use tower::Service;

use crate::background::Background;
use crate::blocking;
use crate::call::Call;
use crate::context::REQUEST_ID;
use crate::dependency::{Dependencies, Requirement};
use crate::error::Error;
use crate::failure::{ErrorBodies, Errors};
use crate::layered::{self, LayerFn};
use crate::media_type;
use crate::observe::Seen;
use crate::operation::{Document, Operation};
use crate::parameter::{Coercion, UnknownQuery};
use crate::read_only;
use crate::refusal::{Asked, Reason, Refusal};
use crate::template::Template;

/// The generated code of one operation.
pub(crate) type Handler = Arc<dyn Fn(Call) -> Answer + Send + Sync>;

/// A response to come, in the form that axum takes without boxing it once more.
pub(crate) type Answer = BoxFuture<'static, Result<Response, Infallible>>;

/// What all operations of an API share.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The most bytes that a body may have.
    pub(crate) body_limit: u64,
    /// How long no byte of a body may arrive.
    pub(crate) body_idle_timeout: Option<Duration>,
    /// How strictly the texts of parameters are read.
    pub(crate) coercion: Coercion,
    /// What happens to parameters of the query that the document does not know.
    pub(crate) unknown_query: UnknownQuery,
    /// How errors are told.
    pub(crate) errors: Errors,
    /// Whether responses carry their operation, which costs an allocation and is for layers only.
    pub(crate) annotate: bool,
    /// Whether requests carry what is found out of them.
    pub(crate) is_observed: bool,
    /// Whether they have spans, and so has what follows from them.
    pub(crate) has_spans: bool,
    /// What takes the place of dependencies, and how many there are.
    pub(crate) dependencies: Dependencies,
    /// Where tasks go that run beside the requests.
    pub(crate) background: Background,
    /// Where work goes that blocks.
    pub(crate) blocking: blocking::BlockingPool,
}

/// An operation at its place.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) operation: &'static Operation,
    pub(crate) document: &'static Document,
    /// The template with the prefixes under which the API was nested.
    pub(crate) path: String,
    pub(crate) handler: Handler,
    pub(crate) error_bodies: Option<ErrorBodies>,
    /// What has to be there before the handler runs.
    pub(crate) requirements: Vec<Requirement>,
    /// What stands around it, the innermost first.
    pub(crate) layers: Vec<LayerFn>,
}

/// What a request calls in the end.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) operation: &'static Operation,
    pub(crate) document: &'static Document,
    /// The template with its prefixes, as it was written.
    pub(crate) path: String,
    pub(crate) template: Template,
    pub(crate) settings: Arc<Settings>,
    pub(crate) requirements: Vec<Requirement>,
    /// The operation within its layers, where it has any.
    pub(crate) layered: Option<Router>,
    handler: Handler,
    error_bodies: Option<ErrorBodies>,
}

/// The endpoint that a request was routed to, for whoever stands around the router; only of APIs whose errors have bodies
/// of the application's, or whose operations have timeouts of their own.
#[derive(Clone, Default)]
pub(crate) struct AskedEndpoint(pub(crate) Arc<OnceLock<Arc<Endpoint>>>);

/// The operations by the shapes of their templates, each shape in axum's syntax.
pub(crate) struct Routes(Vec<(String, Arc<Shape>)>);

impl Routes {
    /// Sorts operations into shapes.
    ///
    /// # Errors
    ///
    /// Templates that cannot be read, and operations that cannot be told apart; all of them, each naming both places.
    pub(crate) fn new(routes: &[Route], settings: &Arc<Settings>) -> Result<Self, Error> {
        let mut groups: IndexMap<String, Vec<Path>> = IndexMap::new();
        let mut names = HashMap::new();
        let mut faults = Vec::new();
        for route in routes {
            if let Err(fault) = insert(&mut groups, &mut names, route, settings) {
                faults.push(fault);
            }
        }
        if !faults.is_empty() {
            return Err(Error::new(faults.join("\n")));
        }
        let mut shapes = Vec::new();
        for (shape, mut paths) in groups {
            paths.sort_by_key(|path| std::cmp::Reverse(path.specificity));
            for path in &mut paths {
                path.allow = path.allow()?;
            }
            shapes.push((shape, Arc::new(Shape(paths))));
        }
        Ok(Self(shapes))
    }

    /// Registers them; what nothing matches goes to `fallback`.
    pub(crate) fn router(&self, fallback: &Router) -> Router {
        let router = Router::new().without_v07_checks();
        self.0
            .iter()
            .fold(router, |router, (path, shape)| {
                let group = Group {
                    shape: Arc::clone(shape),
                    fallback: fallback.clone(),
                };
                router.route_service(path, group)
            })
            .fallback_service(fallback.clone())
    }

    /// Reports paths that are taken by something else, and by an operation too.
    ///
    /// Each comes with what it is, and with what gives it another place.
    pub(crate) fn check_free<'p>(
        &self,
        paths: impl Iterator<Item = (&'p str, &'p str, &'p str)>,
    ) -> Result<(), Error> {
        let mut faults = Vec::new();
        let mut before: Vec<(&str, &str)> = Vec::new();
        for (path, what, setting) in paths {
            if let Some((_, other)) = before.iter().find(|(other, _)| *other == path) {
                faults.push(format!(
                    "`{path}` is {what}, and {other} too: `{setting}` takes another"
                ));
            }
            before.push((path, what));
            let operations = self.0.iter().flat_map(|(_, shape)| shape.paths());
            for endpoint in operations.flat_map(|it| &it.endpoints).map(|it| &it.1) {
                if endpoint.template.matches(path).is_some() {
                    faults.push(format!(
                        "`{path}` is {what}, and `{}` (operation `{}`) answers there: `{setting}` takes another",
                        endpoint.path, endpoint.operation.id
                    ));
                }
            }
        }
        match faults.as_slice() {
            [] => Ok(()),
            faults => Err(Error::new(faults.join("\n"))),
        }
    }

    /// The shapes in axum's syntax.
    pub(crate) fn shapes(&self) -> impl Iterator<Item = (&str, &Arc<Shape>)> {
        self.0.iter().map(|(path, shape)| (path.as_str(), shape))
    }
}

/// The templates of one shape, which are one route to axum; those that say most come first.
pub(crate) struct Shape(Vec<Path>);

/// Templates that match the same paths, with a method each.
pub(crate) struct Path {
    pattern: String,
    specificity: usize,
    pub(crate) endpoints: Vec<(Method, Arc<Endpoint>)>,
    pub(crate) allow: HeaderValue,
}

type PathValues = Vec<std::ops::Range<u32>>;

impl Shape {
    /// The templates of this shape.
    pub(crate) fn paths(&self) -> &[Path] {
        &self.0
    }

    /// Finds the template for a path that has the shape, and where the parameters are in it.
    pub(crate) fn find(&self, path: &str) -> Option<(&Path, PathValues)> {
        self.0.iter().find_map(|candidate| {
            let (_, endpoint) = candidate.endpoints.first()?;
            // Literals have been compared by the router, so a static template needs no second look.
            let values = match endpoint.template.is_static() {
                true => Vec::new(),
                false => endpoint.template.matches(path)?,
            };
            Some((candidate, values))
        })
    }
}

fn insert(
    groups: &mut IndexMap<String, Vec<Path>>,
    names: &mut HashMap<String, String>,
    route: &Route,
    settings: &Arc<Settings>,
) -> Result<(), String> {
    let operation = route.operation;
    let template = Template::parse(&route.path)
        .map_err(|fault| format!("operation `{}`: {fault}", operation.id))?;
    let method = Method::from_bytes(operation.method.as_bytes()).map_err(|_| {
        format!(
            "operation `{}`: `{}` is not an HTTP method",
            operation.id, operation.method
        )
    })?;
    let shape = template.to_axum(|path, name| {
        names
            .entry(path.to_owned())
            .or_insert_with(|| axum_name(path, name))
            .clone()
    });
    let paths = groups.entry(shape).or_default();
    let pattern = template.pattern();
    let specificity = template.specificity();
    let endpoint = Endpoint {
        operation,
        document: route.document,
        path: route.path.clone(),
        template,
        settings: Arc::clone(settings),
        handler: Arc::clone(&route.handler),
        error_bodies: route.error_bodies.clone(),
        requirements: route.requirements.clone(),
        layered: None,
    };
    let endpoint = Arc::new(layered::around(endpoint, &route.layers));
    let Some(path) = paths.iter_mut().find(|path| path.pattern == pattern) else {
        paths.push(Path {
            pattern,
            specificity,
            endpoints: vec![(method, endpoint)],
            allow: HeaderValue::from_static(""),
        });
        return Ok(());
    };
    if let Some((_, other)) = path.endpoints.iter().find(|(taken, _)| *taken == method) {
        // Within one document, the operations say enough.
        let of = |document: &Document| match std::ptr::eq(other.document, route.document) {
            true => String::new(),
            false => format!(" of {} {}", document.title, document.version),
        };
        return Err(format!(
            "`{method} {}` (operation `{}`{}) and `{method} {}` (operation `{}`{}) match the same requests",
            other.path,
            other.operation.id,
            of(other.document),
            route.path,
            operation.id,
            of(route.document)
        ));
    }
    path.endpoints.push((method, endpoint));
    Ok(())
}

/// Returns a name that axum takes: the document's own, where it has no meaning in axum's syntax.
fn axum_name(path: &str, name: &str) -> String {
    if name.starts_with('*') || name.contains(['/', '{', '}']) {
        format!("p{}", path.len())
    } else {
        name.to_owned()
    }
}

impl Path {
    /// Lists the methods for `Allow`: the declared ones, with `HEAD` from `GET`, and `OPTIONS`.
    fn allow(&self) -> Result<HeaderValue, Error> {
        let mut list = String::new();
        for (method, _) in &self.endpoints {
            let _ = write!(list, "{method}, ");
            if *method == Method::GET && self.find(&Method::HEAD).is_none() {
                list.push_str("HEAD, ");
            }
        }
        if self.find(&Method::OPTIONS).is_none() {
            list.push_str("OPTIONS");
        }
        Ok(HeaderValue::try_from(list.trim_end_matches(", "))?)
    }

    pub(crate) fn find(&self, method: &Method) -> Option<&Arc<Endpoint>> {
        self.endpoints
            .iter()
            .find(|(declared, _)| declared == method)
            .map(|(_, endpoint)| endpoint)
    }

    /// The operation that answers a method: `GET` answers `HEAD` where no other does.
    pub(crate) fn operation(&self, method: &Method) -> Option<&Arc<Endpoint>> {
        self.find(method).or_else(|| match *method == Method::HEAD {
            true => self.find(&Method::GET),
            false => None,
        })
    }

    /// Answers a method that no operation has: `OPTIONS` with the methods that there are, everything else with 405.
    ///
    /// `allow` are all methods that there are at the path.
    #[cold]
    pub(crate) fn refuse(
        &self,
        method: &Method,
        headers: &HeaderMap,
        allow: HeaderValue,
    ) -> Response {
        if *method == Method::OPTIONS {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response.headers_mut().insert(header::ALLOW, allow);
            return response;
        }
        // No operation was asked for; the first that declares a body for 405 speaks for its path.
        let declares = |operation: &Operation| operation.error_bodies.iter().any(|it| it.0 == 405);
        let mut endpoints = self.endpoints.iter().map(|(_, endpoint)| &**endpoint);
        let first = self.endpoints.first().map(|(_, endpoint)| &**endpoint);
        let endpoint = endpoints.find(|it| declares(it.operation)).or(first);
        refuse(Reason::MethodNotAllowed(allow), headers, endpoint)
    }

    /// The methods that `Allow` lists where something else answers `others` at the same path.
    pub(crate) fn allow_with(&self, others: &HeaderValue) -> HeaderValue {
        let lists = [&self.allow, others];
        let mut methods: Vec<&str> = Vec::new();
        for method in lists
            .iter()
            .filter_map(|list| list.to_str().ok())
            .flat_map(|list| list.split(','))
        {
            let method = method.trim();
            if !method.is_empty() && !methods.contains(&method) {
                methods.push(method);
            }
        }
        // Names of methods and commas are a good header value, as they were before.
        HeaderValue::try_from(methods.join(", ")).unwrap_or_else(|_| self.allow.clone())
    }
}

/// The service that axum calls for one shape.
#[derive(Clone)]
struct Group {
    shape: Arc<Shape>,
    fallback: Router,
}

impl Service<Request> for Group {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.shape.find(request.uri().path()) {
            Some((path, values)) => dispatch(path, request, values),
            None => Box::pin(self.fallback.call(request)),
        }
    }
}

/// The path has decided; now the method does.
fn dispatch(path: &Path, request: Request, values: PathValues) -> Answer {
    if let Some(endpoint) = path.find(request.method()) {
        return run(endpoint, request, values);
    }
    let method = request.method();
    if *method == Method::HEAD
        && let Some(endpoint) = path.find(&Method::GET)
    {
        let mut request = request;
        // A connection becomes another protocol's after a body that is never sent (RFC 9110, sections 7.8 and 9.3.2).
        request.headers_mut().remove(header::UPGRADE);
        request.extensions_mut().remove::<OnUpgrade>();
        let response = run(endpoint, request, values);
        return Box::pin(async move { response.await.map(read_only::without_body) });
    }
    let response = path.refuse(method, request.headers(), path.allow.clone());
    Box::pin(std::future::ready(Ok(response)))
}

fn run(endpoint: &Arc<Endpoint>, request: Request, values: PathValues) -> Answer {
    if endpoint.settings.is_observed
        && let Some(seen) = request.extensions().get::<Seen>()
    {
        seen.route(endpoint);
    }
    let produces = endpoint.operation.produces;
    if !produces.is_empty() && !is_acceptable(produces, request.headers()) {
        let reason = Reason::NotAcceptable(produces);
        let mut response = refuse(reason, request.headers(), Some(endpoint));
        media_type::vary(response.headers_mut());
        return Box::pin(std::future::ready(Ok(response)));
    }
    if (endpoint.error_bodies.is_some() || endpoint.operation.timeout.is_some())
        && let Some(asked) = request.extensions().get::<AskedEndpoint>()
    {
        // Only the first is kept, and there is only one.
        let _ = asked.0.set(Arc::clone(endpoint));
    }
    let id = match endpoint.operation.timeout {
        Some(_) => request.headers().get(REQUEST_ID).cloned(),
        None => None,
    };
    let answer = match &endpoint.layered {
        None => endpoint.call(request, values),
        Some(layered) => {
            let mut request = request;
            request.extensions_mut().insert(endpoint.operation);
            Box::pin(layered.clone().call(request))
        }
    };
    match endpoint.operation.timeout {
        Some(timeout) => within(timeout, answer, id, Arc::clone(endpoint)),
        None => answer,
    }
}

/// Answers as the operation does, or with 503 where it takes longer than it says of itself.
fn within(
    timeout: Duration,
    answer: Answer,
    id: Option<HeaderValue>,
    endpoint: Arc<Endpoint>,
) -> Answer {
    Box::pin(async move {
        match tokio::time::timeout(timeout, answer).await {
            Ok(answer) => answer,
            Err(_) => {
                let headers = HeaderMap::new();
                Ok(Refusal::new(Reason::Timeout).respond(Asked {
                    id: id.as_ref(),
                    ..endpoint.asked(&headers)
                }))
            }
        }
    })
}

/// Answers before there is a call.
#[cold]
pub(crate) fn refuse(reason: Reason, headers: &HeaderMap, endpoint: Option<&Endpoint>) -> Response {
    let Some(endpoint) = endpoint else {
        // A path has operations.
        return Response::new(Body::empty());
    };
    Refusal::new(reason).respond(endpoint.asked(headers))
}

impl Endpoint {
    /// Answers a request that nothing else stands before.
    pub(crate) fn call(self: &Arc<Self>, request: Request, values: PathValues) -> Answer {
        let (parts, body) = request.into_parts();
        (self.handler)(Call::new(parts, body, Arc::clone(self), values))
    }

    /// The most bytes that its body may have.
    pub(crate) fn body_limit(&self) -> u64 {
        self.operation.max_body.unwrap_or(self.settings.body_limit)
    }

    /// What is known where a request to it is refused.
    pub(crate) fn asked<'r>(&'r self, headers: &'r HeaderMap) -> Asked<'r> {
        Asked {
            errors: &self.settings.errors,
            operation: Some(self.operation),
            document: Some(self.document),
            headers: Some(headers),
            id: None,
            bodies: self.error_bodies.as_ref(),
        }
    }
}

/// Whether the client takes one of the media types.
fn is_acceptable(produces: &[&str], headers: &HeaderMap) -> bool {
    match headers.get(header::ACCEPT) {
        None => true,
        Some(accept) if accept == "*/*" => true,
        // What most clients send needs no reading: one of the media types, and nothing else.
        Some(accept) if produces.iter().any(|it| accept == it) => true,
        Some(_) => media_type::negotiate(produces, headers).is_some(),
    }
}
