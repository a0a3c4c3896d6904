//! What a handler knows of its request beside the typed parts, and how it adds to its response.

use std::any::Any;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::extract::{ConnectInfo, FromRequestParts};
use cookie::Cookie;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::Scheme;
use http::{Extensions, HeaderMap, Method, Uri};

use crate::background::{self, TaskOutput};
use crate::dependency::{self, Get, Provide, Scope};
use crate::operation::Operation;
use crate::routes::Endpoint;
use crate::tasks::Origin;

/// The header that carries the id of a request, in both directions.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request around a handler.
///
/// Every handler gets `&Context`. What the document declares arrives typed and checked in the request instead, so this
/// is for the rest: who is calling, under which id, and what should be added to the response.
pub struct Context {
    pub(crate) parts: Parts,
    endpoint: Arc<Endpoint>,
    outgoing: Mutex<Vec<Change>>,
    /// Only of requests that ask for something.
    scope: OnceLock<Box<Scope>>,
    /// Only of those who were let in by their credentials.
    principal: OnceLock<Box<dyn Any + Send + Sync>>,
}

/// The scheme that a request came by, which whoever ends TLS puts into its extensions.
pub(crate) fn scheme(extensions: &Extensions) -> &Scheme {
    extensions.get().unwrap_or(&Scheme::HTTP)
}

/// A change to the headers of the response that is not made yet.
#[derive(Clone)]
pub(crate) enum Change {
    Set(HeaderName, HeaderValue),
    Append(HeaderName, HeaderValue),
}

impl Context {
    pub(crate) fn new(parts: Parts, endpoint: Arc<Endpoint>) -> Self {
        Self {
            parts,
            endpoint,
            outgoing: Mutex::new(Vec::new()),
            scope: OnceLock::new(),
            principal: OnceLock::new(),
        }
    }

    /// Returns who is calling: what the operation's `Security` method has said, or a test in place of it.
    ///
    /// Handlers get it as an argument; this is for what is asked for beside them, such as a dependency or a guard. It is
    /// `None` before the credentials are judged, as in `Security` itself, where nobody has to say who they are and nobody has,
    /// and where `P` is another type than the application's principal.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::{Context, Problem, Provide, StatusCode};
    ///
    /// /// The principal of `Security`.
    /// #[derive(Clone)]
    /// enum User {
    ///     Customer { id: i64 },
    ///     Staff,
    /// }
    ///
    /// /// The customer who calls.
    /// struct Customer {
    ///     id: i64,
    /// }
    ///
    /// #[derive(Clone)]
    /// struct Shop;
    ///
    /// impl Provide<Customer> for Shop {
    ///     type Error = Problem;
    ///
    ///     async fn acquire(&self, cx: &Context) -> Result<Customer, Problem> {
    ///         match cx.principal::<User>() {
    ///             Some(User::Customer { id }) => Ok(Customer { id: *id }),
    ///             _ => Err(Problem::new(StatusCode::FORBIDDEN)),
    ///         }
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn principal<P: 'static>(&self) -> Option<&P> {
        self.principal.get()?.downcast_ref()
    }

    pub(crate) fn keep_principal<P: Send + Sync + 'static>(&self, principal: P) {
        // Generated code says it once.
        let _ = self.principal.set(Box::new(principal));
    }

    /// Returns the headers of the request.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// Returns the URI of the request as it was sent.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// Returns the method of the request; `HEAD` where a `GET` operation answers it.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// Returns what tower layers have attached to the request.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.parts.extensions
    }

    /// Returns the address at the other end of the connection.
    ///
    /// It is `None` where the server is not [`App::serve`](crate::App::serve) and does not add axum's
    /// [`ConnectInfo`], as in most tests. Behind a proxy it is the proxy's address, unless that is one
    /// of the [`App::trusted_proxies`](crate::App::trusted_proxies): then it is the client's, with port 0.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|peer| peer.0)
    }

    /// Returns the scheme that the client came by: that of the connection, or what a trusted proxy says
    /// ([`App::trusted_proxies`](crate::App::trusted_proxies)).
    #[must_use]
    pub fn scheme(&self) -> &Scheme {
        scheme(&self.parts.extensions)
    }

    /// Returns the operation of the document that is being answered.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.endpoint.operation
    }

    pub(crate) fn endpoint(&self) -> &Arc<Endpoint> {
        &self.endpoint
    }

    /// Returns the id of the request, which logs and the response carry too.
    ///
    /// It is `None` where [`App::request_ids`](crate::App::request_ids) is off and the client sent none.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.parts.headers.get(REQUEST_ID)?.to_str().ok()
    }

    /// Runs an extractor of axum on this request; the body is not within its reach.
    ///
    /// The extractor works on a copy of the request's head, so what it puts into the extensions is not kept. It finds
    /// the `&'static Operation` there.
    ///
    /// # Errors
    ///
    /// What the extractor is refused with.
    pub async fn extract<T: FromRequestParts<()>>(&self) -> Result<T, T::Rejection> {
        let mut parts = self.parts.clone();
        parts.extensions.insert(self.operation());
        T::from_request_parts(&mut parts, &()).await
    }

    /// Returns a dependency of the request, which is made where it is not there yet.
    ///
    /// `provider` is the application, as `self` in its handlers, or what a handler of its own has of it, such as
    /// `&self.shop`. See [`Provide`] for all that follows from asking.
    ///
    /// # Errors
    ///
    /// What the provider fails with; 503 past the dependency's [`Limits`](crate::Limits); and a logged 500 where dependencies
    /// need each other in a circle.
    ///
    /// # Examples
    ///
    /// ```
    /// # use specwright::{Context, Dep, Provide, Unexpected};
    /// # use std::convert::Infallible;
    /// struct Paging {
    ///     per_page: usize,
    /// }
    ///
    /// #[derive(Clone)]
    /// struct Shop;
    ///
    /// impl Provide<Paging> for Shop {
    ///     type Error = Infallible;
    ///
    ///     async fn acquire(&self, cx: &Context) -> Result<Paging, Infallible> {
    ///         let is_mobile = cx.headers().contains_key("x-mobile");
    ///         Ok(Paging { per_page: if is_mobile { 10 } else { 50 } })
    ///     }
    /// }
    ///
    /// async fn list_books(shop: &Shop, cx: &Context) -> Result<Vec<usize>, Unexpected> {
    ///     let paging: Dep<Paging> = cx.get(shop).await?;
    ///     Ok((0..paging.per_page).collect())
    /// }
    /// ```
    pub fn get<'a, T, P>(&'a self, provider: &'a P) -> Get<'a, T>
    where
        T: Send + Sync + 'static,
        P: Provide<T> + Clone,
    {
        dependency::get(self, provider)
    }

    /// Adds a task that begins once the response is sent: its last byte is handed to the connection, or the client has gone.
    ///
    /// The tasks of a request run one after the other, in the order in which they were added; one that fails or panics does
    /// not keep the next from running, and is logged with the operation and the id of the request. They do not run where the
    /// answer is an error, the handler panics or is dropped, or a dependency cannot be released: then what the handler did
    /// is not kept either. How many there may be is said by [`App::background_limit`](crate::App::background_limit).
    ///
    /// At its end the server waits for them within [`App::shutdown_timeout`](crate::App::shutdown_timeout). They live in
    /// memory only: what must not be lost when the machine is, belongs into a queue that is kept elsewhere.
    ///
    /// Dependencies of the request are released before a task begins, so it makes what it needs by itself; but for those that
    /// are released [after the response](crate::Provide::AFTER_RESPONSE), which are there until the last task has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// # use specwright::Context;
    /// async fn notify(book: u64) {
    ///     // sends an e-mail
    /// #   let _ = book;
    /// }
    ///
    /// fn created(cx: &Context, book: u64) {
    ///     cx.background(notify(book));
    /// }
    /// ```
    pub fn background<F>(&self, task: F)
    where
        F: Future<Output: TaskOutput> + Send + 'static,
    {
        self.scope().add_job(background::job(task));
    }

    /// Completes when the server is told to stop, so that what has no end of its own can end in good order: a stream with
    /// [`EventStream::until`](crate::EventStream::until), or a connection that was upgraded.
    ///
    /// Where the server is not [`App::serve`](crate::App::serve), it never does.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + use<> {
        self.endpoint.settings.background.tasks().stopping()
    }

    /// What the request has beside itself; made when it is first asked for.
    pub(crate) fn scope(&self) -> &Scope {
        self.scope.get_or_init(|| {
            let tasks = self.endpoint.settings.background.tasks().clone();
            Box::new(Scope::new(tasks, self.origin()))
        })
    }

    /// What is said of this request by what goes on after it.
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            operation: self.operation().id,
            request_id: self.parts.headers.get(REQUEST_ID).cloned(),
            has_spans: self.endpoint.settings.has_spans,
        }
    }

    pub(crate) fn existing_scope(&self) -> Option<&Scope> {
        self.scope.get().map(|scope| &**scope)
    }

    pub(crate) fn take_scope(&mut self) -> Option<Box<Scope>> {
        self.scope.take()
    }

    /// Sets a header of the response, whatever the response will be; it replaces all values of that name.
    pub fn set_header(&self, name: HeaderName, value: HeaderValue) {
        self.change(Change::Set(name, value));
    }

    /// Adds a header to the response, whatever the response will be, beside other values of that name.
    pub fn append_header(&self, name: HeaderName, value: HeaderValue) {
        self.change(Change::Append(name, value));
    }

    /// Adds a `Set-Cookie` header to the response, whatever the response will be.
    ///
    /// # Errors
    ///
    /// When the cookie holds characters that no header may hold.
    pub fn set_cookie(&self, cookie: &Cookie<'_>) -> Result<(), header::InvalidHeaderValue> {
        let value = HeaderValue::try_from(cookie.to_string())?;
        self.append_header(header::SET_COOKIE, value);
        Ok(())
    }

    fn change(&self, change: Change) {
        self.outgoing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(change);
    }

    /// The changes that the handler asked for.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(
            self.outgoing
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

impl Change {
    /// Makes them.
    pub(crate) fn apply(changes: Vec<Self>, headers: &mut HeaderMap) {
        for change in changes {
            match change {
                Self::Set(name, value) => {
                    headers.insert(name, value);
                }
                Self::Append(name, value) => {
                    headers.append(name, value);
                }
            }
        }
    }
}

impl fmt::Debug for Context {
    /// Shows no headers, since they carry credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("operation", &self.operation().id)
            .field("method", self.method())
            .field("path", &self.uri().path())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}
