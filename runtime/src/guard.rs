//! What stands around every request of an [`App`](crate::App): its id, its timeout, and the catching of panics.
//!
//! One hand-written service, because a stack of generic layers does the same for twice the instructions.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use http::{HeaderMap, HeaderValue};
use pin_project_lite::pin_project;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use tower::Service;

use crate::beside::Beside;
use crate::context::REQUEST_ID;
use crate::failure::Errors;
use crate::health::Health;
use crate::log;
use crate::observe::Observer;
use crate::refusal::{Asked, Reason, Refusal};
use crate::request_id;
use crate::routes::{Answer, AskedEndpoint};
use crate::tasks::Tasks;

/// The parts of the guard that are switched on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guards {
    pub(crate) request_ids: bool,
    pub(crate) catch_panics: bool,
    pub(crate) request_timeout: Option<Duration>,
}

/// An [`App`](crate::App) as a tower service.
#[derive(Clone, Debug)]
pub struct AppService {
    router: Router,
    /// Hand-written routes, where there are any.
    beside: Option<Beside>,
    guards: Guards,
    errors: Arc<Errors>,
    /// Whether it matters from outside which operation a request is for.
    asks_endpoint: bool,
    tasks: Tasks,
    /// How many requests may be answered at a time, where that is limited.
    places: Option<Arc<Semaphore>>,
    /// What is asked before all else.
    health: Option<Arc<Health>>,
    /// What sees all else, where anything does.
    observer: Option<Arc<Observer>>,
}

impl AppService {
    pub(crate) fn new(
        router: Router,
        beside: Option<Beside>,
        guards: Guards,
        errors: Arc<Errors>,
        asks_endpoint: bool,
        tasks: Tasks,
    ) -> Self {
        Self {
            router,
            beside,
            guards,
            errors,
            asks_endpoint,
            tasks,
            places: None,
            health: None,
            observer: None,
        }
    }

    /// Answers whether it is alive and ready.
    pub(crate) fn with_health(mut self, health: Option<Arc<Health>>) -> Self {
        self.health = health;
        self
    }

    /// Observes what it answers.
    pub(crate) fn with_observer(mut self, observer: Option<Arc<Observer>>) -> Self {
        self.observer = observer;
        self
    }

    /// Answers only so many requests at a time.
    pub(crate) fn with_limit(mut self, requests: Option<usize>) -> Self {
        let limit = requests.map(|it| it.clamp(1, Semaphore::MAX_PERMITS));
        self.places = limit.map(|limit| Arc::new(Semaphore::new(limit)));
        self
    }

    /// Returns what the server does beside its requests, to be counted or waited for.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }
}

impl Service<Request> for AppService {
    type Response = Response;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> ResponseFuture {
        self.answer(request)
    }
}

impl AppService {
    /// Answers a request.
    pub(crate) fn answer(&self, request: Request) -> ResponseFuture {
        match &self.observer {
            None => self.answer_unseen(request),
            Some(observer) => self.answer_seen(request, observer),
        }
    }

    #[inline(never)]
    fn answer_seen(&self, mut request: Request, observer: &Arc<Observer>) -> ResponseFuture {
        if let Some(answer) = observer.answer(&request) {
            return ResponseFuture::of(answer, &self.errors);
        }
        let is_health = |health: &Arc<Health>| health.is_asked(&request);
        if !observer.observes_health_routes() && self.health.as_ref().is_some_and(is_health) {
            return self.answer_unseen(request);
        }
        let id = self.guards.request_ids.then(|| identify(&mut request));
        let observation = observer.begin(&mut request, id.as_ref());
        let response = observation.span().in_scope(|| self.answer_unseen(request));
        ResponseFuture::of(observation.observe(response), &self.errors)
    }

    #[inline(always)]
    fn answer_unseen(&self, mut request: Request) -> ResponseFuture {
        if let Some(health) = &self.health
            && let Some(answer) = health.answer(&request)
        {
            return ResponseFuture::of(answer, &self.errors);
        }
        let place = match &self.places {
            None => None,
            Some(places) => match Arc::clone(places).try_acquire_owned() {
                Ok(place) => Some(place),
                Err(_) => return self.refuse(request, Reason::Overloaded),
            },
        };
        let id = self.guards.request_ids.then(|| identify(&mut request));
        let asked = self.asks_endpoint.then(AskedEndpoint::default);
        if let Some(asked) = &asked {
            request.extensions_mut().insert(asked.clone());
        }
        let router = match &self.beside {
            Some(beside) if !beside.table.has_operation(&request) => &beside.router,
            _ => &self.router,
        };
        let routed = router.clone().call(request);
        ResponseFuture {
            catch_panics: self.guards.catch_panics,
            timeout: self.guards.request_timeout,
            sleep: None,
            id,
            errors: Arc::clone(&self.errors),
            asked,
            place,
            inner: Inner::Routed { routed },
        }
    }

    /// Answers in place of whatever the request would be routed to.
    #[cold]
    fn refuse(&self, mut request: Request, reason: Reason) -> ResponseFuture {
        let id = self.guards.request_ids.then(|| identify(&mut request));
        let response = refuse(reason, &self.errors, id.as_ref(), None);
        ResponseFuture {
            id,
            ..ResponseFuture::of(Box::pin(std::future::ready(Ok(response))), &self.errors)
        }
    }
}

impl ResponseFuture {
    /// An answer for which no route is asked.
    pub(crate) fn of(answer: Answer, errors: &Arc<Errors>) -> Self {
        Self {
            inner: Inner::Answered { answer },
            sleep: None,
            timeout: None,
            catch_panics: false,
            id: None,
            errors: Arc::clone(errors),
            asked: None,
            place: None,
        }
    }

    /// A refusal of whatever is asked for.
    pub(crate) fn refused(reason: Reason, errors: &Arc<Errors>) -> Self {
        let response = refuse(reason, errors, None, None);
        Self::of(Box::pin(std::future::ready(Ok(response))), errors)
    }
}

/// Returns the id of a request, which its headers hold from here on.
fn identify(request: &mut Request) -> HeaderValue {
    match request.headers().get(REQUEST_ID) {
        Some(id) if request_id::is_valid(id) => id.clone(),
        _ => {
            let id = request_id::make();
            request.headers_mut().insert(REQUEST_ID, id.clone());
            id
        }
    }
}

pin_project! {
    /// The response of an [`AppService`] to come.
    pub struct ResponseFuture {
        #[pin]
        inner: Inner,
        sleep: Option<Pin<Box<Sleep>>>,
        timeout: Option<Duration>,
        catch_panics: bool,
        id: Option<HeaderValue>,
        errors: Arc<Errors>,
        asked: Option<AskedEndpoint>,
        place: Option<OwnedSemaphorePermit>,
    }
}

pin_project! {
    /// Where the response comes from.
    #[project = InnerProjection]
    enum Inner {
        Routed {
            #[pin]
            routed: RouteFuture<Infallible>,
        },
        /// No route was asked.
        Answered { answer: Answer },
    }
}

impl Future for Inner {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            InnerProjection::Routed { routed } => routed.poll(cx),
            InnerProjection::Answered { answer } => answer.as_mut().poll(cx),
        }
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let inner = this.inner;
        let polled = if *this.catch_panics {
            match catch_unwind(AssertUnwindSafe(|| inner.poll(cx))) {
                Ok(polled) => polled,
                Err(panic) => {
                    let reason = Reason::Panic(log::panic(&*panic));
                    Poll::Ready(Ok(refuse(
                        reason,
                        this.errors,
                        this.id.as_ref(),
                        this.asked.as_ref(),
                    )))
                }
            }
        } else {
            inner.poll(cx)
        };
        let mut response = match polled {
            Poll::Ready(Ok(response)) => response,
            Poll::Pending => {
                let asked = this.asked.as_ref().and_then(|asked| asked.0.get());
                if asked.is_some_and(|endpoint| endpoint.operation.timeout.is_some()) {
                    // It keeps its own time.
                    *this.timeout = None;
                }
                let Some(timeout) = *this.timeout else {
                    return Poll::Pending;
                };
                // A request that is answered at once never touches the timer.
                let sleep = this
                    .sleep
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
                if sleep.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                refuse(
                    Reason::Timeout,
                    this.errors,
                    this.id.as_ref(),
                    this.asked.as_ref(),
                )
            }
        };
        if let Some(id) = this.id.take() {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        Poll::Ready(Ok(response))
    }
}

/// Answers in place of whatever the request was routed to.
#[cold]
fn refuse(
    reason: Reason,
    errors: &Errors,
    id: Option<&HeaderValue>,
    asked: Option<&AskedEndpoint>,
) -> Response {
    let headers = HeaderMap::new();
    let asked = match asked.and_then(|asked| asked.0.get()) {
        Some(endpoint) => endpoint.asked(&headers),
        None => Asked::for_nothing(errors, &headers),
    };
    Refusal::new(reason).respond(Asked {
        id,
        headers: None,
        ..asked
    })
}
