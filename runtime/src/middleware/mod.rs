//! What stands around all routes of an [`App`] and is off unless asked for, each with one line.
//!
//! From the outside in: addresses behind proxies, hosts, HTTPS, CORS, rate limit, compression, then the layers of the user.
//! The order is fixed, since only one is right: a refusal still has to be readable for a browser, and what is compressed
//! or counted is told by who really asks.

#[cfg(feature = "compression")]
mod compression;
#[cfg(feature = "cors")]
mod cors;
mod forwarded;
mod hosts;
#[cfg(feature = "rate-limit")]
mod rate_limit;
#[cfg(feature = "static-files")]
mod static_files;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};
use http::uri::Scheme;
use tower::util::ServiceExt as _;

use crate::api::Elsewhere;
use crate::app::App;
#[cfg(feature = "rate-limit")]
use crate::dependency::Operations;
use crate::error::Error;
use crate::failure::Errors;
#[cfg(feature = "rate-limit")]
use crate::layered::OperationLayer;
use crate::refusal::{Asked, Reason, Refusal};
use crate::serve::Connections;

#[cfg(unix)]
pub(crate) use forwarded::ByUnixSocket;
pub(crate) use forwarded::TrustedProxies;
#[cfg(feature = "rate-limit")]
pub use rate_limit::RateLimit;

/// What is switched on.
#[derive(Default)]
pub(crate) struct Middleware {
    proxies: TrustedProxies,
    hosts: Vec<String>,
    redirects_to_https: bool,
    #[cfg(feature = "cors")]
    cors: Option<tower_http::cors::CorsLayer>,
    #[cfg(feature = "rate-limit")]
    rate_limit: Option<RateLimit>,
    #[cfg(feature = "rate-limit")]
    limits_operations: bool,
    #[cfg(feature = "compression")]
    compresses: bool,
    #[cfg(feature = "static-files")]
    files: Vec<static_files::Folder>,
    /// What was said that cannot be: the app does not start.
    pub(crate) faults: Vec<String>,
}

impl App {
    /// Names the proxies in front of the server, as addresses or networks such as `10.0.0.0/8`; `unix` stands for whoever
    /// connects to the Unix socket that the server listens on, which has no address.
    ///
    /// What they say of a request in `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` is then taken for the
    /// address of the client ([`Context::peer`](crate::Context::peer)), the scheme
    /// ([`Context::scheme`](crate::Context::scheme)) and the host. Of several addresses, the last that is no trusted proxy
    /// is the client's. What anybody else sends under these names, or as `Forwarded` (RFC 7239), is removed.
    ///
    /// Without this, none of these headers means anything. The app does not start where a network cannot be read, or where
    /// [`connect_info`](Self::connect_info) is off. In a server of your own, requests need axum's
    /// [`ConnectInfo`](axum::extract::ConnectInfo), or nobody is trusted.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn with_proxies(app: specwright::App) -> specwright::App {
    /// app.trusted_proxies(["127.0.0.1", "10.0.0.0/8", "unix"])
    /// # }
    /// ```
    pub fn trusted_proxies<N: AsRef<str>>(mut self, networks: impl IntoIterator<Item = N>) -> Self {
        for network in networks {
            let network = network.as_ref();
            if !self.middleware.proxies.add(network) {
                self.middleware.faults.push(format!(
                    "the trusted proxy `{network}` is neither an address nor a network, nor `unix`"
                ));
            }
        }
        self
    }

    /// Names the hosts that requests may be for, such as `example.com`, or `*.example.com` for all below it; others are
    /// answered with 400.
    ///
    /// Ports do not matter, and are not written. A request without a host is refused too. The app does not start where a
    /// host cannot be one.
    pub fn trusted_hosts<H: Into<String>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        for host in hosts {
            let host = host.into().to_ascii_lowercase();
            match hosts::is_pattern(&host) {
                true => self.middleware.hosts.push(host),
                false => self.middleware.faults.push(format!(
                    "the trusted host `{host}` is no host; write one without a port, such as `example.com` or `*.example.com`"
                )),
            }
        }
        self
    }

    /// Sends clients that come by plain HTTP to the same address by HTTPS, with 307.
    ///
    /// Behind a proxy that ends TLS, name it as one of the [`trusted_proxies`](Self::trusted_proxies): it says how the
    /// client came. The app does not start on a Unix socket whose clients are not trusted, since none would ever get further.
    pub fn https_redirect(mut self, on: bool) -> Self {
        self.middleware.redirects_to_https = on;
        self
    }

    /// Lets browsers call the API from pages of these origins, such as `https://shop.example.com`; `*` stands for all.
    ///
    /// Methods and headers are allowed as they are asked for, responses show all of their headers, preflights are kept for
    /// ten minutes, and no cookies go along; [`cors_layer`](Self::cors_layer) is for anything else. The app does not start
    /// where an origin cannot be one.
    #[cfg(feature = "cors")]
    pub fn cors<O: AsRef<str>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        match cors::layer(origins) {
            Ok(layer) => self.middleware.cors = Some(layer),
            Err(fault) => self.middleware.faults.push(fault),
        }
        self
    }

    /// Lets browsers call the API as a layer of tower-http says, in place of [`cors`](Self::cors).
    ///
    /// It stands outside of all that answers in place of the operations, so that pages can read these responses too. What it
    /// would panic at for each request, such as cookies for all origins, it panics at here.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::App;
    /// use specwright::axum::http::{HeaderValue, Method, header::CONTENT_TYPE};
    /// use tower_http::cors::CorsLayer;
    ///
    /// fn with_cookies(app: App) -> App {
    ///     app.cors_layer(
    ///         CorsLayer::new()
    ///             .allow_origin(HeaderValue::from_static("https://shop.example.com"))
    ///             .allow_methods([Method::GET, Method::POST])
    ///             .allow_headers([CONTENT_TYPE])
    ///             .allow_credentials(true),
    ///     )
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Where the layer allows cookies and, with `*`, all origins, methods or headers.
    #[cfg(feature = "cors")]
    pub fn cors_layer(mut self, layer: tower_http::cors::CorsLayer) -> Self {
        // It checks itself where it is put around a service, here around none.
        let _ = tower::Layer::layer(&layer, ());
        self.middleware.cors = Some(layer);
        self
    }

    /// Limits how often one client may ask; past it the answer is 429 with `Retry-After`.
    ///
    /// The app does not start where [`connect_info`](Self::connect_info) is off, or where it listens on a Unix socket whose
    /// clients are no [`trusted_proxies`](Self::trusted_proxies), since all would be one client.
    #[cfg(feature = "rate-limit")]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.middleware.rate_limit = Some(limit);
        self
    }

    /// Limits how often one client may ask for some operations, such as to sign in, beside [`rate_limit`](Self::rate_limit).
    ///
    /// What is asked of all of them counts together. It is asked as a [layer](Self::layer_for) is: before the credentials and
    /// the body are read. Where no document has such operations, the server does not start.
    ///
    /// # Examples
    ///
    /// ```
    /// # use specwright::{App, Operations, RateLimit};
    /// fn with_slow_guesses(app: App) -> App {
    ///     app.rate_limit_for(Operations::id("signIn"), RateLimit::per_minute(10))
    /// }
    /// ```
    #[cfg(feature = "rate-limit")]
    pub fn rate_limit_for(mut self, operations: Operations, limit: RateLimit) -> Self {
        let limiter = Arc::new(rate_limit::Limiter::new(limit));
        self.middleware.limits_operations = true;
        self.operation_layers.push(OperationLayer {
            operations,
            layer: Arc::new(move |router, endpoint| {
                let endpoint = Arc::clone(endpoint);
                around(router, Arc::clone(&limiter), move |refusal, headers| {
                    refusal.respond(endpoint.asked(headers))
                })
            }),
        });
        self
    }

    /// Compresses responses with Brotli, Zstandard or gzip, as clients accept it.
    ///
    /// What is short, compressed already, an image or a stream of events is sent as it is.
    #[cfg(feature = "compression")]
    pub fn compression(mut self, on: bool) -> Self {
        self.middleware.compresses = on;
        self
    }

    /// Serves the files of a folder under a path such as `/assets`, with conditions and byte ranges; a folder is its
    /// `index.html`.
    ///
    /// They are asked after the operations of the document and after hand-written routes, but before the fallback of those.
    #[cfg(feature = "static-files")]
    pub fn static_files(mut self, path: &str, folder: impl Into<std::path::PathBuf>) -> Self {
        self.middleware
            .files
            .push(static_files::Folder::new(path, folder.into()));
        self
    }

    /// Serves an application of one page: the files of a folder under `/`, and its `index.html` for every other path that a
    /// browser asks for.
    ///
    /// What asks for something else than `text/html` still gets a 404 where there is nothing.
    #[cfg(feature = "static-files")]
    pub fn single_page(mut self, folder: impl Into<std::path::PathBuf>) -> Self {
        self.middleware
            .files
            .push(static_files::Folder::single_page(folder.into()));
        self
    }
}

impl Middleware {
    /// Notes what was said that cannot be.
    pub(crate) fn fault(&mut self, fault: impl Into<String>) {
        self.faults.push(fault.into());
    }

    /// Forgets the proxies that were said before.
    #[cfg(feature = "env")]
    pub(crate) fn forget_proxies(&mut self) {
        self.proxies = TrustedProxies::default();
    }

    /// Forgets the hosts that were said before.
    #[cfg(feature = "env")]
    pub(crate) fn forget_hosts(&mut self) {
        self.hosts.clear();
    }

    /// Reports what was said that cannot be, with the faults of others.
    pub(crate) fn check(&self, connections: &Connections, others: &[String]) -> Result<(), Error> {
        let mut faults = self.faults.clone();
        let mut needs = |is_on: bool, what: &str, why: &str| {
            if is_on {
                faults.push(format!("{what} cannot work where {why}"));
            }
        };
        #[cfg(feature = "rate-limit")]
        let limits_rate = self.rate_limit.is_some() || self.limits_operations;
        #[cfg(not(feature = "rate-limit"))]
        let limits_rate = false;
        if !connections.connect_info {
            let why = "`connect_info` is off: who asks is not known";
            needs(self.proxies.have_addresses(), "`trusted_proxies`", why);
            needs(limits_rate, "`rate_limit`", why);
        }
        if connections.is_unix() && !self.proxies.trust_unix() {
            let why = "the server listens on a Unix socket, unless `trusted_proxies` names `unix`: what the proxy in front says of clients is not believed";
            needs(limits_rate, "`rate_limit`", why);
            let redirects = self.redirects_to_https && *connections.scheme() != Scheme::HTTPS;
            needs(redirects, "`https_redirect`", why);
        }
        faults.extend_from_slice(others);
        match faults.is_empty() {
            true => Ok(()),
            false => Err(Error::new(faults.join("\n"))),
        }
    }

    /// Whom what is sent with a request is believed.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn trusted_proxies(&self) -> TrustedProxies {
        self.proxies.clone()
    }

    /// Whether anything stands around the routes.
    pub(crate) fn is_on(&self) -> bool {
        #[cfg(feature = "compression")]
        if self.compresses {
            return true;
        }
        #[cfg(feature = "rate-limit")]
        if self.rate_limit.is_some() {
            return true;
        }
        #[cfg(feature = "cors")]
        if self.cors.is_some() {
            return true;
        }
        self.redirects_to_https || !self.hosts.is_empty() || !self.proxies.is_empty()
    }

    /// Puts folders of files behind hand-written routes.
    pub(crate) fn beside(
        &mut self,
        beside: Option<Router>,
        elsewhere: &Arc<Elsewhere>,
    ) -> Option<Router> {
        #[cfg(feature = "static-files")]
        let beside = static_files::beside(std::mem::take(&mut self.files), beside, elsewhere);
        #[cfg(not(feature = "static-files"))]
        let _ = elsewhere;
        beside
    }

    /// Puts what is switched on around the routes.
    pub(crate) fn around(self, mut router: Router, errors: &Arc<Errors>) -> Router {
        #[cfg(feature = "compression")]
        if self.compresses {
            router = compression::around(router);
        }
        #[cfg(feature = "rate-limit")]
        if let Some(limit) = self.rate_limit {
            router = before_all(router, rate_limit::Limiter::new(limit), errors);
        }
        #[cfg(feature = "cors")]
        if let Some(cors) = &self.cors {
            router = cors::around(router, cors);
        }
        if self.redirects_to_https {
            router = before_all(router, hosts::HttpsRedirect, errors);
        }
        if !self.hosts.is_empty() {
            router = before_all(router, hosts::TrustedHosts::new(self.hosts), errors);
        }
        if !self.proxies.is_empty() {
            router = before_all(router, self.proxies, errors);
        }
        router
    }
}

/// What looks at a request before all else does, and may answer in place of the rest.
trait Gate: Send + Sync + 'static {
    /// Lets a request pass, changed or not, or answers it.
    fn pass(&self, request: &mut Request) -> Result<(), Answer>;
}

/// What a [`Gate`] answers.
enum Answer {
    Refusal(Refusal),
    /// The same request, at another address.
    Redirect(HeaderValue),
}

impl From<Reason> for Answer {
    fn from(reason: Reason) -> Self {
        Self::Refusal(Refusal::new(reason))
    }
}

impl<G: Gate> Gate for Arc<G> {
    fn pass(&self, request: &mut Request) -> Result<(), Answer> {
        G::pass(self, request)
    }
}

/// Puts a gate before all routes.
fn before_all(router: Router, gate: impl Gate, errors: &Arc<Errors>) -> Router {
    let errors = Arc::clone(errors);
    around(router, gate, move |refusal, headers| {
        refusal.respond(Asked::for_nothing(&errors, headers))
    })
}

/// Puts a gate before a router; `respond` makes what it refuses a response.
fn around(
    router: Router,
    gate: impl Gate,
    respond: impl Fn(Refusal, &HeaderMap) -> Response + Send + Sync + 'static,
) -> Router {
    let (gate, respond) = (Arc::new(gate), Arc::new(respond));
    Router::new().fallback_service(tower::service_fn(move |mut request: Request| {
        let answer = match gate.pass(&mut request) {
            Ok(()) => Ok(request),
            Err(Answer::Redirect(location)) => {
                let headers = [(header::LOCATION, location)];
                Err((StatusCode::TEMPORARY_REDIRECT, headers).into_response())
            }
            Err(Answer::Refusal(refusal)) => Err(respond(refusal, request.headers())),
        };
        let router = router.clone();
        async move {
            match answer {
                Ok(request) => router.oneshot(request).await,
                Err(response) => Ok::<_, Infallible>(response),
            }
        }
    }))
}
