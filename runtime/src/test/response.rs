//! Answers that a test looks at.

use std::fmt;

use axum::body::Body;
use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::fail;
use crate::operation::Operation;
use crate::problem::Problem;

/// What a server answered to a [`TestClient`](super::TestClient).
///
/// # Panics
///
/// Its methods panic where the answer is not what they ask for, and show it then.
pub struct TestResponse {
    head: Parts,
    operation: Option<&'static Operation>,
    /// `Err` where it has no end of its own.
    body: Result<Bytes, Body>,
}

impl TestResponse {
    pub(super) fn new(
        head: Parts,
        operation: Option<&'static Operation>,
        body: Result<Bytes, Body>,
    ) -> Self {
        Self {
            head,
            operation,
            body,
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// Returns the answer, where it has this status.
    ///
    /// # Panics
    ///
    /// It has another.
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Self {
        if self.head.status.as_u16() != status {
            fail(&format!("expected the status {status}, found {self:?}"));
        }
        self
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Returns the only value of a header; `None` where there is none.
    ///
    /// # Panics
    ///
    /// There are several, or it is no text.
    #[must_use]
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.head.headers.get_all(name).iter();
        let value = values.next()?;
        match (value.to_str(), values.next()) {
            (Ok(text), None) => Some(text),
            _ => fail(&format!("`{name}` is not one text: {self:?}")),
        }
    }

    /// Returns which operation answered; `None` where none did.
    #[must_use]
    pub fn operation(&self) -> Option<&'static Operation> {
        self.operation
    }

    /// Returns the body.
    ///
    /// # Panics
    ///
    /// It has no end of its own, such as that of server-sent events: [`into_body`](Self::into_body) is it.
    #[must_use]
    #[track_caller]
    pub fn bytes(&self) -> &Bytes {
        match &self.body {
            Ok(bytes) => bytes,
            Err(_) => fail("the body is a stream: `TestResponse::into_body` is it"),
        }
    }

    /// Returns the body as text.
    ///
    /// # Panics
    ///
    /// It is not UTF-8, or a stream.
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> &str {
        match std::str::from_utf8(self.bytes()) {
            Ok(text) => text,
            Err(_) => fail("the body is not UTF-8"),
        }
    }

    /// Returns the body as JSON: a [`Value`], a model, or any other type of serde's.
    ///
    /// # Panics
    ///
    /// It is not JSON of this type, or a stream.
    #[must_use]
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_slice(self.bytes()) {
            Ok(value) => value,
            Err(error) => fail(&format!(
                "the body is not what was expected: {error}: {self:?}"
            )),
        }
    }

    /// Returns the problem document (RFC 9457).
    ///
    /// # Panics
    ///
    /// The body is none.
    #[must_use]
    #[track_caller]
    pub fn problem(&self) -> Problem {
        let is_problem = self
            .header("content-type")
            .is_some_and(|it| it.eq_ignore_ascii_case(crate::PROBLEM_JSON));
        let problem = serde_json::from_slice(self.bytes()).ok();
        let problem = problem.and_then(|it| problem_of(self.head.status, it));
        match problem.filter(|_| is_problem) {
            Some(problem) => problem,
            None => fail(&format!("no problem document: {self:?}")),
        }
    }

    /// Returns the rules that the request broke, each as its place and its code: `query per_page: maximum`, or
    /// `body /editions/0/price: minimum`.
    ///
    /// # Panics
    ///
    /// The body is no problem document with a list of them.
    #[must_use]
    #[track_caller]
    pub fn violations(&self) -> Vec<String> {
        let problem = self.problem();
        let Some(Value::Array(errors)) = problem.extensions.get("errors") else {
            fail(&format!("no violations: {self:?}"));
        };
        errors
            .iter()
            .map(|error| {
                let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
                let (name, pointer) = (text("name"), text("pointer"));
                format!("{} {name}{pointer}: {}", text("in"), text("code"))
            })
            .collect()
    }

    /// Returns the body as it comes; one that has an end of its own has been read already.
    pub fn into_body(self) -> Body {
        match self.body {
            Ok(bytes) => Body::from(bytes),
            Err(body) => body,
        }
    }

    pub(super) fn into_http(self) -> Response<Body> {
        let body = match self.body {
            Ok(bytes) => Body::from(bytes),
            Err(body) => body,
        };
        Response::from_parts(self.head, body)
    }
}

/// The problem that a JSON text describes; `None` where it is of another status, or no object.
fn problem_of(status: StatusCode, json: Value) -> Option<Problem> {
    let Value::Object(mut members) = json else {
        return None;
    };
    let mut text = |key: &str| match members.remove(key) {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text)),
        Some(_) => None,
    };
    let mut problem = Problem::new(status);
    problem.title = text("title")?.map(Into::into);
    problem.type_uri = text("type")?.map(Into::into);
    problem.detail = text("detail")?.map(Into::into);
    problem.instance = text("instance")?.map(Into::into);
    if let Some(told) = members.remove("status")
        && told != status.as_u16()
    {
        return None;
    }
    problem.extensions = members.into_iter().collect();
    Some(problem)
}

/// Shows status, headers and a text of up to 2,000 characters.
impl fmt::Debug for TestResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.head.status)?;
        if let Some(operation) = self.operation {
            write!(f, " of `{}`", operation.id)?;
        }
        for (name, value) in &self.head.headers {
            write!(f, "\n{name}: {value:?}")?;
        }
        match &self.body {
            Err(_) => f.write_str("\n\n(a stream)"),
            Ok(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => {
                    let shown: String = text.chars().take(2000).collect();
                    write!(f, "\n\n{shown}")
                }
                Err(_) => write!(f, "\n\n({} bytes)", bytes.len()),
            },
        }
    }
}
