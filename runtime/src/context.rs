//! What a handler knows of its request beside the typed parts, and how it adds to its response.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use axum::extract::{ConnectInfo, FromRequestParts};
use cookie::Cookie;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::Scheme;
use http::{Extensions, HeaderMap, Method, Uri};

use crate::operation::Operation;

/// The header that carries the id of a request, in both directions.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request around a handler.
///
/// Every handler gets `&Context`. What the document declares arrives typed and checked in the request instead, so this
/// is for the rest: who is calling, under which id, and what should be added to the response.
pub struct Context {
    pub(crate) parts: Parts,
    operation: &'static Operation,
    outgoing: Mutex<Vec<Change>>,
}

/// The scheme that a request came by, which whoever ends TLS puts into its extensions.
pub(crate) fn scheme(extensions: &Extensions) -> &Scheme {
    extensions.get().unwrap_or(&Scheme::HTTP)
}

/// A change to the headers of the response that is not made yet.
enum Change {
    Set(HeaderName, HeaderValue),
    Append(HeaderName, HeaderValue),
}

impl Context {
    pub(crate) fn new(parts: Parts, operation: &'static Operation) -> Self {
        Self {
            parts,
            operation,
            outgoing: Mutex::new(Vec::new()),
        }
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
    /// [`ConnectInfo`], as in most tests. Behind a proxy it is the proxy's address.
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
        self.operation
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
        parts.extensions.insert(self.operation);
        T::from_request_parts(&mut parts, &()).await
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

    /// Makes the changes that the handler asked for.
    pub(crate) fn apply(&mut self, headers: &mut HeaderMap) {
        let changes = self
            .outgoing
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for change in changes.drain(..) {
            match change {
                Change::Set(name, value) => {
                    headers.insert(name, value);
                }
                Change::Append(name, value) => {
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
            .field("operation", &self.operation.id)
            .field("method", self.method())
            .field("path", &self.uri().path())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}
