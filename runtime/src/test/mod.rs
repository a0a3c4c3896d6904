//! Tests of servers: a client within the process that holds every answer against the document.

mod check;
mod cookies;
mod request;
mod response;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::{HOST, HeaderValue};
use http::{Method, Request, Response};
use tokio::time::Instant;

use crate::app::App;
use crate::client::{Transport, TransportError};
use crate::guard::AppService;
use crate::lifespan::Lifespan;
use crate::security::ReplacedPrincipal;

use cookies::Cookies;
pub use request::TestRequest;
pub use response::TestResponse;

/// A client for tests of an [`App`], without a socket.
///
/// The app is started as by [`App::serve`], and its end comes with [`close`](Self::close). Cookies are kept, and sent back.
/// Every answer of an operation is held against the document: its status, its headers, its content type and its body. One
/// that the document does not describe fails the test. Errors that the server makes by itself need no description, but where
/// they have one, they have to be as it says. A 500 that comes of a panic, or of an error that clients must not see, fails the
/// test too, and says what failed; so does what a handler returns and the document does not allow.
///
/// It is a [`Transport`], so a generated client works over it: `bookshop::client(&server)`. The code has to be generated with
/// `Generator::client(true)`, which makes what holds answers against the document.
///
/// Clones share the app and the cookies.
///
/// # Panics
///
/// Its methods panic where the test is at fault, and where an answer is not what the document says. A client whose app has
/// something to do at its end panics too when it is dropped without [`close`](Self::close).
///
/// # Examples
///
/// ```no_run
/// use specwright::{App, TestClient};
///
/// # mod bookshop { pub fn api<T>(_: T) -> specwright::Api { unimplemented!() } }
/// # struct Shop;
/// # async fn test() {
/// let server = TestClient::new(App::new(bookshop::api(Shop))).await;
/// let answer = server.get("/books?per_page=500").await;
/// assert_eq!(answer.status(), 422);
/// assert_eq!(answer.violations(), ["query per_page: maximum"]);
/// server.close().await;
/// # }
/// ```
#[derive(Clone)]
pub struct TestClient {
    server: Arc<Server>,
    cookies: Arc<Mutex<Cookies>>,
    principal: Option<ReplacedPrincipal>,
    host: HeaderValue,
    is_checked: bool,
    fails_at_errors: bool,
}

/// An app that has started.
struct Server {
    service: AppService,
    lifespan: Lifespan,
    shutdown_timeout: Duration,
    is_closed: AtomicBool,
}

impl TestClient {
    /// Starts an app.
    ///
    /// # Panics
    ///
    /// It does not start.
    pub async fn new(app: App) -> Self {
        match Self::start(app).await {
            Ok(client) => client,
            Err(error) => fail(&error.to_string()),
        }
    }

    /// Starts an app that may fail to start.
    ///
    /// # Errors
    ///
    /// What the start fails with, or that its routes conflict. Then what was noted to be done at the end has been done.
    pub async fn start(app: App) -> crate::Result<Self> {
        let app = app.started().await?;
        let (lifespan, shutdown_timeout) = (app.lifespan.clone(), app.connections.shutdown_timeout);
        let ended = app.ended();
        // A layer lets answers say which operation they are of.
        let service = match app
            .layer(tower::layer::util::Identity::new())
            .into_service()
        {
            Ok(service) => service,
            Err(error) => {
                ended.await;
                return Err(error);
            }
        };
        Ok(Self {
            server: Arc::new(Server {
                service,
                lifespan,
                shutdown_timeout,
                is_closed: AtomicBool::new(false),
            }),
            cookies: Arc::default(),
            principal: None,
            host: HeaderValue::from_static("localhost"),
            is_checked: true,
            fails_at_errors: true,
        })
    }

    /// Returns a client of the same app whose answers are not held against the document, with the same cookies.
    #[must_use]
    pub fn unchecked(&self) -> Self {
        Self {
            is_checked: false,
            fails_at_errors: false,
            ..self.clone()
        }
    }

    /// Returns a client of the same app that gets what clients see of panics and of errors that they must not see, a 500, in
    /// place of failing the test. All answers are held against the document all the same.
    #[must_use]
    pub fn answering_errors(&self) -> Self {
        Self {
            fails_at_errors: false,
            ..self.clone()
        }
    }

    /// Returns a client of the same app that asks this host in place of `localhost`, with cookies of its own. A request whose
    /// headers name another asks that.
    ///
    /// # Panics
    ///
    /// It is no text that a header may hold.
    #[must_use]
    #[track_caller]
    pub fn host(&self, host: &str) -> Self {
        let Ok(value) = HeaderValue::try_from(host) else {
            fail(&format!("`{host}` is no host"));
        };
        Self {
            host: value,
            cookies: Arc::new(Mutex::new(Cookies::of(host))),
            ..self.clone()
        }
    }

    /// Returns a client of the same app that calls as somebody, with cookies of its own.
    ///
    /// Secured operations get what `make` makes in place of asking `Security`, whatever credentials are sent. `P` is the
    /// application's principal.
    ///
    /// An app has no such switch: behind a socket it would let anybody in. A server in a test gets another `impl Security`.
    #[must_use]
    pub fn as_principal<P: 'static>(&self, make: impl Fn() -> P + Send + Sync + 'static) -> Self {
        Self {
            principal: Some(ReplacedPrincipal::new(make)),
            cookies: Arc::new(Mutex::new(self.cookies().of_same_host())),
            ..self.clone()
        }
    }

    /// Begins a request; `target` is a path, and a query where there is one.
    #[track_caller]
    pub fn request(&self, method: Method, target: impl Into<String>) -> TestRequest<'_> {
        TestRequest::new(self, method, target.into())
    }

    /// Begins a GET request.
    #[track_caller]
    pub fn get(&self, target: impl Into<String>) -> TestRequest<'_> {
        self.request(Method::GET, target)
    }

    /// Begins a POST request.
    #[track_caller]
    pub fn post(&self, target: impl Into<String>) -> TestRequest<'_> {
        self.request(Method::POST, target)
    }

    /// Begins a PUT request.
    #[track_caller]
    pub fn put(&self, target: impl Into<String>) -> TestRequest<'_> {
        self.request(Method::PUT, target)
    }

    /// Begins a PATCH request.
    #[track_caller]
    pub fn patch(&self, target: impl Into<String>) -> TestRequest<'_> {
        self.request(Method::PATCH, target)
    }

    /// Begins a DELETE request.
    #[track_caller]
    pub fn delete(&self, target: impl Into<String>) -> TestRequest<'_> {
        self.request(Method::DELETE, target)
    }

    /// Sends any request.
    ///
    /// # Panics
    ///
    /// As said at the [type](Self).
    #[track_caller]
    pub fn send(&self, request: Request<Body>) -> impl Future<Output = TestResponse> + Send {
        self.send_at(request, Location::caller())
    }

    /// Sends a request that stands at a place of the test.
    async fn send_at(&self, request: Request<Body>, at: &Location<'_>) -> TestResponse {
        match self.exchange(request).await {
            Ok(Ok(response)) => response,
            Ok(Err(why)) => fail(&format!("{why}\n(asked at {at})")),
            Err(error) => fail(&format!("{error}\n(asked at {at})")),
        }
    }

    /// Returns the value of a cookie that the client has, whatever its path.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.get(name).map(str::to_owned)
    }

    /// Returns what the server does beside its requests, to be counted or waited for.
    #[must_use]
    pub fn tasks(&self) -> &crate::tasks::Tasks {
        self.server.service.tasks()
    }

    /// Ends the app: tasks in the background are waited for, then what was noted is done, as at the end of
    /// [`App::serve`]. What is sent after that is answered all the same.
    ///
    /// # Panics
    ///
    /// Tasks are not done within [`App::shutdown_timeout`].
    pub async fn close(self) {
        let server = &self.server;
        let deadline = Instant::now().checked_add(server.shutdown_timeout);
        server.is_closed.store(true, Ordering::Relaxed);
        let tasks = server.service.tasks();
        tasks.stop();
        let is_late = tokio::select! {
            () = tasks.drained() => false,
            () = crate::serve::until(deadline) => true,
        };
        let left = tasks.len();
        tasks.end();
        server.lifespan.end_by(deadline).await;
        if is_late {
            fail(&format!(
                "{left} tasks beside requests are not done in time"
            ));
        }
    }

    /// Sends a request, and holds the answer against the document; else why the test fails.
    async fn exchange(
        &self,
        mut request: Request<Body>,
    ) -> Result<Result<TestResponse, String>, TransportError> {
        let headers = request.headers_mut();
        headers.entry(HOST).or_insert_with(|| self.host.clone());
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        self.cookies().put(&path, request.headers_mut());
        let extensions = request.extensions_mut();
        if extensions.get::<ConnectInfo<SocketAddr>>().is_none() {
            extensions.insert(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))));
        }
        if let Some(principal) = &self.principal {
            extensions.insert(principal.clone());
        }
        let (head, body) = self.server.service.send(request).await?.into_parts();
        self.cookies().keep(&path, &head.headers);
        if let Some(fault) = self.principal.as_ref().and_then(ReplacedPrincipal::fault) {
            return Ok(Err(fault));
        }
        let answered = check::Answered::read(method, path, head, body).await?;
        if self.fails_at_errors
            && let Some(why) = answered.unexpected()
        {
            return Ok(Err(why));
        }
        let answered = match self.is_checked {
            false => Ok(answered),
            true => answered.checked().await,
        };
        Ok(answered.map(check::Answered::into_response))
    }

    fn cookies(&self) -> std::sync::MutexGuard<'_, Cookies> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fails the test.
#[expect(clippy::panic, reason = "this is how a test fails")]
#[track_caller]
fn fail(why: &str) -> ! {
    panic!("{why}")
}

impl Transport for TestClient {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        match self.exchange(request).await? {
            Ok(response) => Ok(response.into_http()),
            // A typed client is between this and the test, so that nothing tells the place.
            Err(why) => fail(&why),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let is_over = *self.is_closed.get_mut() || self.lifespan.is_done();
        if !is_over && !std::thread::panicking() {
            fail(
                "a `TestClient` whose app has something to do at its end has to be closed: `client.close().await`",
            );
        }
    }
}

impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient")
            .field("is_checked", &self.is_checked)
            .finish_non_exhaustive()
    }
}
