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
use axum::response::IntoResponse as _;
use http::StatusCode;
use http::header::{self, HeaderValue};
use ipnet::IpNet;
use tower::util::ServiceExt as _;

use crate::api::Elsewhere;
use crate::app::App;
use crate::error::Error;
use crate::failure::Errors;
use crate::refusal::{Asked, Reason, Refusal};

#[cfg(feature = "opentelemetry")]
pub(crate) use forwarded::TrustedProxies;
#[cfg(feature = "rate-limit")]
pub use rate_limit::RateLimit;

/// What is switched on.
#[derive(Default)]
pub(crate) struct Middleware {
    proxies: Vec<IpNet>,
    hosts: Vec<String>,
    redirects_to_https: bool,
    #[cfg(feature = "cors")]
    cors: Option<tower_http::cors::CorsLayer>,
    #[cfg(feature = "rate-limit")]
    rate_limit: Option<RateLimit>,
    #[cfg(feature = "compression")]
    compresses: bool,
    #[cfg(feature = "static-files")]
    files: Vec<static_files::Folder>,
    /// What was said that cannot be: the app does not start.
    pub(crate) faults: Vec<String>,
}

impl App {
    /// Names the proxies in front of the server, as addresses or networks such as `10.0.0.0/8`.
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
    /// app.trusted_proxies(["127.0.0.1", "10.0.0.0/8"])
    /// # }
    /// ```
    pub fn trusted_proxies<N: AsRef<str>>(mut self, networks: impl IntoIterator<Item = N>) -> Self {
        for network in networks {
            match forwarded::network(network.as_ref()) {
                Some(network) => self.middleware.proxies.push(network),
                None => self.middleware.faults.push(format!(
                    "the trusted proxy `{}` is neither an address nor a network",
                    network.as_ref()
                )),
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
    /// client came.
    pub fn https_redirect(mut self, on: bool) -> Self {
        self.middleware.redirects_to_https = on;
        self
    }

    /// Lets browsers call the API from pages of these origins, such as `https://shop.example.com`; `*` stands for all.
    ///
    /// Methods and headers are allowed as they are asked for, responses show all of their headers, preflights are kept for
    /// ten minutes, and no cookies go along. For anything else, add a [`CorsLayer`](tower_http::cors::CorsLayer) as a
    /// [`layer`](Self::layer). The app does not start where an origin cannot be one.
    #[cfg(feature = "cors")]
    pub fn cors<O: AsRef<str>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        match cors::layer(origins) {
            Ok(layer) => self.middleware.cors = Some(layer),
            Err(fault) => self.middleware.faults.push(fault),
        }
        self
    }

    /// Limits how often one client may ask; past it the answer is 429 with `Retry-After`.
    ///
    /// The app does not start where [`connect_info`](Self::connect_info) is off, since all would be one client.
    #[cfg(feature = "rate-limit")]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.middleware.rate_limit = Some(limit);
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

    /// Reports what was said that cannot be, with the faults of others.
    pub(crate) fn check(&mut self, knows_peers: bool, others: &[String]) -> Result<(), Error> {
        if !knows_peers {
            let mut needs = |is_on: bool, what: &str| {
                if is_on {
                    self.faults.push(format!(
                        "{what} cannot work where `connect_info` is off: who asks is not known"
                    ));
                }
            };
            needs(!self.proxies.is_empty(), "`trusted_proxies`");
            #[cfg(feature = "rate-limit")]
            needs(self.rate_limit.is_some(), "`rate_limit`");
        }
        match [&self.faults, others].concat().as_slice() {
            [] => Ok(()),
            faults => Err(Error::new(faults.join("\n"))),
        }
    }

    /// Whom what is sent with a request is believed.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn trusted_proxies(&self) -> TrustedProxies {
        TrustedProxies::new(self.proxies.clone())
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
            router = around(router, rate_limit::Limiter::new(limit), errors);
        }
        #[cfg(feature = "cors")]
        if let Some(cors) = &self.cors {
            router = cors::around(router, cors);
        }
        if self.redirects_to_https {
            router = around(router, hosts::HttpsRedirect, errors);
        }
        if !self.hosts.is_empty() {
            router = around(router, hosts::TrustedHosts::new(self.hosts), errors);
        }
        if !self.proxies.is_empty() {
            router = around(router, forwarded::TrustedProxies::new(self.proxies), errors);
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

/// Puts a gate before all routes.
fn around(router: Router, gate: impl Gate, errors: &Arc<Errors>) -> Router {
    let (gate, errors) = (Arc::new(gate), Arc::clone(errors));
    Router::new().fallback_service(tower::service_fn(move |mut request: Request| {
        let answer = match gate.pass(&mut request) {
            Ok(()) => Ok(request),
            Err(Answer::Redirect(location)) => {
                let headers = [(header::LOCATION, location)];
                Err((StatusCode::TEMPORARY_REDIRECT, headers).into_response())
            }
            Err(Answer::Refusal(refusal)) => {
                let asked = Asked::for_nothing(&errors, request.headers());
                Err(refusal.respond(asked))
            }
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
