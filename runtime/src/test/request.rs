//! Requests that a test writes by hand.

use std::future::IntoFuture;
use std::panic::Location;

use axum::body::Body;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request};
use serde::Serialize;

use super::{TestClient, TestResponse, fail};
use crate::parameter::escaped;

/// A request of a [`TestClient`], sent by `.await`.
///
/// # Examples
///
/// ```no_run
/// # use specwright::TestClient;
/// # async fn test(server: TestClient) {
/// let book = serde_json::json!({"title": "The Lamp at Gull Point"});
/// let answer = server.post("/books").query("dry_run", true).bearer("token").json(&book).await;
/// assert_eq!(answer.status(), 201);
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a request is sent by `.await`"]
pub struct TestRequest<'c> {
    client: &'c TestClient,
    /// Where it stands in the test.
    at: &'static Location<'static>,
    method: Method,
    target: String,
    headers: HeaderMap,
    /// That of the body, unless a header says it.
    content_type: Option<HeaderValue>,
    body: Body,
}

impl<'c> TestRequest<'c> {
    #[track_caller]
    pub(super) fn new(client: &'c TestClient, method: Method, target: String) -> Self {
        Self {
            client,
            at: Location::caller(),
            method,
            target,
            headers: HeaderMap::new(),
            content_type: None,
            body: Body::empty(),
        }
    }

    /// Adds a header.
    ///
    /// # Panics
    ///
    /// It is none.
    #[track_caller]
    pub fn header(mut self, name: &str, value: impl AsRef<str>) -> Self {
        let name = HeaderName::try_from(name);
        let value = HeaderValue::try_from(value.as_ref());
        match (name, value) {
            (Ok(name), Ok(value)) => self.headers.append(name, value),
            (Err(error), _) => fail(&error.to_string()),
            (_, Err(error)) => fail(&error.to_string()),
        };
        self
    }

    /// Adds a pair to the query, percent-encoded.
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        let sign = if self.target.contains('?') { '&' } else { '?' };
        let (name, value) = (escaped(name), escaped(&value.to_string()));
        self.target.push_str(&format!("{sign}{name}={value}"));
        self
    }

    /// Adds `Authorization: Bearer`.
    ///
    /// # Panics
    ///
    /// The token holds what no header may hold.
    #[track_caller]
    pub fn bearer(self, token: impl AsRef<str>) -> Self {
        self.header(AUTHORIZATION.as_str(), format!("Bearer {}", token.as_ref()))
    }

    /// Adds a cookie, beside those that the client keeps.
    ///
    /// # Panics
    ///
    /// It holds what no header may hold.
    #[track_caller]
    pub fn cookie(self, name: &str, value: &str) -> Self {
        self.header(COOKIE.as_str(), format!("{name}={value}"))
    }

    /// Sets a body of JSON.
    ///
    /// # Panics
    ///
    /// The value cannot be written as JSON.
    #[track_caller]
    pub fn json(self, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(value) {
            Ok(json) => self.body("application/json", json),
            Err(error) => fail(&error.to_string()),
        }
    }

    /// Sets a body of `application/x-www-form-urlencoded`.
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs.iter();
        let pairs = pairs.map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
        let text = pairs.collect::<Vec<_>>().join("&");
        self.body("application/x-www-form-urlencoded", text)
    }

    /// Sets a body, and its content type unless a header says it, before or after.
    ///
    /// # Panics
    ///
    /// The content type is no header.
    #[track_caller]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = Body::from(body.into());
        match HeaderValue::try_from(content_type) {
            Ok(value) => self.content_type = Some(value),
            Err(error) => fail(&error.to_string()),
        }
        self
    }
}

impl<'c> IntoFuture for TestRequest<'c> {
    type Output = TestResponse;
    type IntoFuture = BoxFuture<'c, TestResponse>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            client,
            at,
            method,
            target,
            mut headers,
            content_type,
            body,
        } = self;
        if let (false, Some(value)) = (headers.contains_key(CONTENT_TYPE), content_type) {
            headers.insert(CONTENT_TYPE, value);
        }
        Box::pin(async move {
            let mut request = Request::new(body);
            *request.method_mut() = method;
            *request.headers_mut() = headers;
            match target.parse() {
                Ok(uri) => *request.uri_mut() = uri,
                Err(error) => fail(&format!("`{target}` is no path: {error}\n(asked at {at})")),
            }
            client.send_at(request, at).await
        })
    }
}
