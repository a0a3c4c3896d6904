//! Hand-written routes beside those of a document: who answers a request.
//!
//! It is decided outside of axum's routers, which leave the parameters of a path in the request for whoever is called
//! next, and whose layers stand around each route.

use std::convert::Infallible;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts as _, RawPathParams, Request};
use axum::response::Response;
use http::header::{self, HeaderMap};
use http::{Method, StatusCode};
use http_body::Body as _;
use tower::{Layer, Service};

use crate::api::Elsewhere;
use crate::context::REQUEST_ID;
use crate::error::Error;
use crate::refusal::Reason;
use crate::routes::{Answer, Path, Routes, Shape};
use crate::template::Template;

/// Which requests are for operations; it matches paths as axum does.
pub(crate) struct Table(matchit::Router<Arc<Shape>>);

impl Table {
    /// Sorts the shapes of a document's routes.
    ///
    /// # Errors
    ///
    /// When two of them cannot be told apart, which axum would panic at.
    fn new(routes: &Routes) -> Result<Self, Error> {
        let mut table = matchit::Router::new();
        for (path, shape) in routes.shapes() {
            table.insert(path, Arc::clone(shape))?;
        }
        Ok(Self(table))
    }

    /// Whether an operation answers.
    pub(crate) fn has_operation(&self, request: &Request) -> bool {
        self.path(request.uri().path())
            .is_some_and(|path| path.operation(request.method()).is_some())
    }

    /// The template that matches a path, whatever its methods.
    fn path(&self, path: &str) -> Option<&Path> {
        let shape = self.0.at(path).ok()?.value;
        shape.find(path).map(|(path, _)| path)
    }
}

/// The hand-written side of an app.
#[derive(Clone)]
pub(crate) struct Beside {
    pub(crate) table: Arc<Table>,
    /// What answers where no operation does, with the layers of the app.
    pub(crate) router: Router,
}

impl Beside {
    /// Puts hand-written routes beside those of a document.
    ///
    /// # Errors
    ///
    /// Routes with the path and the method of an operation, all at once.
    pub(crate) fn new(
        routes: &Routes,
        router: Router,
        elsewhere: &Arc<Elsewhere>,
    ) -> Result<Self, Error> {
        let faults = conflicts(routes, &router);
        if !faults.is_empty() {
            return Err(Error::new(faults.join("\n")));
        }
        let table = Arc::new(Table::new(routes)?);
        let service = HandWritten::new(Arc::clone(&table), router, Arc::clone(elsewhere));
        Ok(Self {
            table,
            router: Router::new().fallback_service(service),
        })
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside").finish_non_exhaustive()
    }
}

/// What no operation answers.
#[derive(Clone)]
struct HandWritten {
    table: Arc<Table>,
    router: Router,
    /// The same without fallbacks, for paths of the document.
    routes: Router,
    elsewhere: Arc<Elsewhere>,
}

/// In the extensions of a response: no route of the router matches the path.
#[derive(Clone)]
struct NoRoute;

impl HandWritten {
    fn new(table: Arc<Table>, router: Router, elsewhere: Arc<Elsewhere>) -> Self {
        let no_route = async || {
            let mut response = Response::new(Body::empty());
            response.extensions_mut().insert(NoRoute);
            response
        };
        Self {
            table,
            routes: router.clone().reset_fallback().fallback(no_route),
            router,
            elsewhere,
        }
    }
}

impl Service<Request> for HandWritten {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let headers = what_errors_need(request.headers());
        let path = request.uri().path().to_owned();
        if self.table.path(&path).is_none() {
            let response = self.router.call(request);
            let elsewhere = Arc::clone(&self.elsewhere);
            return Box::pin(async move {
                let response = response.await?;
                Ok(explain(response, &elsewhere, &path, &headers))
            });
        }
        let table = Arc::clone(&self.table);
        let method = request.method().clone();
        let response = self.routes.call(request);
        Box::pin(async move {
            let mut response = response.await?;
            let Some(path) = table.path(&path) else {
                return Ok(response);
            };
            if response.extensions().get::<NoRoute>().is_some() {
                return Ok(path.refuse(&method, &headers, path.allow.clone()));
            }
            if response.status() == StatusCode::METHOD_NOT_ALLOWED
                && let Some(others) = response.headers().get(header::ALLOW)
            {
                let allow = path.allow_with(others);
                if is_bare(&response) {
                    let own = response.headers();
                    return Ok(with_own_headers(own, path.refuse(&method, &headers, allow)));
                }
                response.headers_mut().insert(header::ALLOW, allow);
            }
            Ok(response)
        })
    }
}

/// The headers by which an error is told: the request itself is gone by then.
fn what_errors_need(headers: &HeaderMap) -> HeaderMap {
    let mut needed = HeaderMap::new();
    for name in [header::ACCEPT_LANGUAGE, REQUEST_ID] {
        for value in headers.get_all(&name) {
            needed.append(name.clone(), value.clone());
        }
    }
    needed
}

/// Gives the body of an error to what axum answers without one.
fn explain(response: Response, elsewhere: &Elsewhere, path: &str, headers: &HeaderMap) -> Response {
    let reason = match response.status() {
        StatusCode::NOT_FOUND if is_bare(&response) => Reason::NotFound,
        StatusCode::METHOD_NOT_ALLOWED if is_bare(&response) => {
            match response.headers().get(header::ALLOW) {
                Some(allow) => Reason::MethodNotAllowed(allow.clone()),
                None => return response,
            }
        }
        _ => return response,
    };
    let explained = elsewhere.refuse(reason, path, headers);
    with_own_headers(response.headers(), explained)
}

/// Keeps what layers of the router have said, such as who may read the response.
fn with_own_headers(own: &HeaderMap, mut response: Response) -> Response {
    let names = own.keys().filter(|name| **name != header::CONTENT_LENGTH);
    let names: Vec<_> = names
        .filter(|name| !response.headers().contains_key(*name))
        .collect();
    for name in names {
        for value in own.get_all(name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    response
}

fn is_bare(response: &Response) -> bool {
    response.body().is_end_stream() && !response.headers().contains_key(header::CONTENT_TYPE)
}

/// Returns the operations that a hand-written route of the same path and method would never be asked for.
///
/// axum does not list the routes of a router, so each operation's path is asked for, of the router in a layer that answers
/// in place of its handlers. A route for all methods, or for all paths under a prefix, is no conflict: it gets the rest.
fn conflicts(routes: &Routes, router: &Router) -> Vec<String> {
    if !router.has_routes() {
        return Vec::new();
    }
    let probe = router.clone().reset_fallback().route_layer(Probe);
    let mut faults = Vec::new();
    for path in routes.shapes().flat_map(|(_, shape)| shape.paths()) {
        for (method, endpoint) in &path.endpoints {
            let mut conflict = conflict(&probe, method, &endpoint.template);
            let mut answered = method;
            // Its answer to HEAD is that of its GET, which it keeps.
            if *method == Method::HEAD
                && self::conflict(&probe, &Method::GET, &endpoint.template).is_some()
            {
                conflict = None;
            }
            if conflict.is_none() && *method == Method::GET && path.find(&Method::HEAD).is_none() {
                answered = &Method::HEAD;
                conflict = self::conflict(&probe, answered, &endpoint.template);
            }
            if let Some(template) = conflict {
                faults.push(format!(
                    "`{method} {}` (operation `{}`) and the hand-written `{answered} {template}` match the same requests",
                    endpoint.path, endpoint.operation.id
                ));
            }
        }
    }
    faults
}

/// Reports paths that are taken by something else, which a hand-written route of the same path would never be asked for.
///
/// Each comes with what it is, and with what gives it another place.
///
/// # Errors
///
/// All of them at once.
pub(crate) fn check_free<'p>(
    router: &Router,
    paths: impl Iterator<Item = (&'p str, &'p str, &'p str)>,
) -> Result<(), Error> {
    if !router.has_routes() {
        return Ok(());
    }
    let probe = router.clone().reset_fallback().route_layer(Probe);
    let mut faults = Vec::new();
    for (path, what, setting) in paths {
        let template = Template::parse(path).ok();
        if template.is_some_and(|it| conflict(&probe, &Method::GET, &it).is_some()) {
            faults.push(format!(
                "`{path}` is {what}, and a hand-written route answers there: `{setting}` takes another"
            ));
        }
    }
    match faults.as_slice() {
        [] => Ok(()),
        faults => Err(Error::new(faults.join("\n"))),
    }
}

/// The hand-written route with this method and the same template, but for the names of parameters.
fn conflict(probe: &Router, method: &Method, template: &Template) -> Option<String> {
    let samples: Vec<String> = (0..template.names().len())
        .map(|it| format!("~{it}"))
        .collect();
    let path = template.fill(&samples)?;
    let matched = ask(probe, method, &path)?;
    if !matched.values.iter().eq(&samples) {
        return None;
    }
    // What takes a path that goes on without a parameter more stands for a whole prefix.
    let beyond = ask(probe, method, &format!("{path}/~"));
    if beyond.is_some_and(|beyond| beyond.values.len() == samples.len()) {
        return None;
    }
    // And what takes this takes every method.
    let unknown = Method::from_bytes(b"X-PROBE").ok()?;
    if ask(probe, &unknown, &path).is_some() {
        return None;
    }
    let names: Vec<String> = matched.names.iter().map(|it| format!("{{{it}}}")).collect();
    template.fill(&names)
}

/// Asks for a route; `None` where there is none, or none with the method.
fn ask(probe: &Router, method: &Method, path: &str) -> Option<Matched> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method.clone();
    *request.uri_mut() = path.parse().ok()?;
    let response = pin!(probe.clone().call(request));
    // Nothing that was written by hand is called, so there is nothing to wait for.
    let Poll::Ready(Ok(mut response)) = response.poll(&mut Context::from_waker(Waker::noop()))
    else {
        return None;
    };
    match response.headers().contains_key(header::ALLOW) {
        true => None,
        false => response.extensions_mut().remove(),
    }
}

/// A route that was found: the parameters of its path.
#[derive(Clone)]
struct Matched {
    names: Vec<String>,
    values: Vec<String>,
}

/// Answers with the parameters of a path, in place of the handler.
#[derive(Clone)]
struct Probe;

impl<S> Layer<S> for Probe {
    type Service = Self;

    fn layer(&self, _: S) -> Self {
        Self
    }
}

impl Service<Request> for Probe {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Box::pin(async move {
            let mut response = Response::new(Body::empty());
            let mut parts = request.into_parts().0;
            // There are none in a path without parameters.
            let found = RawPathParams::from_request_parts(&mut parts, &()).await;
            let pairs: Vec<(&str, &str)> = found.iter().flatten().collect();
            response.extensions_mut().insert(Matched {
                names: pairs.iter().map(|(name, _)| (*name).to_owned()).collect(),
                values: pairs.iter().map(|(_, value)| (*value).to_owned()).collect(),
            });
            Ok(response)
        })
    }
}
