//! A client in process: requests go to the service as a connection would hand them over.

use bookshop::{Database, Shop};
use serde_json::Value;
use specwright::axum::body::Body;
use specwright::bytes::Bytes;
use specwright::http::{HeaderMap, Request, request};
use specwright::{App, TestClient};

pub(crate) const EDITOR: (&str, &str) = ("x-api-key", "demo-staff-key");
pub(crate) const INTERN: (&str, &str) = ("x-api-key", "demo-intern-key");
pub(crate) const MARA: (&str, &str) = ("authorization", "Bearer demo-customer-token");
pub(crate) const TOBIAS: (&str, &str) = ("authorization", "Bearer demo-reader-token");

/// The first book of the seed: four editions, two reviews.
pub(crate) const LAMP: &str = "/books/0b5e7a10-0000-4000-8000-000000000001";

/// A shop of its own for each test, whose answers are held against the document.
pub(crate) struct Client {
    pub(crate) server: TestClient,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Client {
    pub(crate) async fn new() -> Self {
        let shop = Shop::open(&Database::InMemory).await.unwrap();
        Self::of(App::new(bookshop::bookshop::api(shop))).await
    }

    pub(crate) async fn of(app: App) -> Self {
        Self {
            server: TestClient::new(app).await,
        }
    }

    /// The same client, which gets what clients see of an error in place of failing the test.
    pub(crate) fn answering_errors(&self) -> Self {
        Self {
            server: self.server.answering_errors(),
        }
    }

    /// Waits until the shop has done what it does after its answers.
    pub(crate) async fn finished(&self) {
        self.server.tasks().drained().await;
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.server.send(request).await;
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().clone(),
        }
    }

    pub(crate) async fn get(&self, uri: &str) -> Answer {
        self.send(builder("GET", uri, &[]).body(Body::empty()).unwrap())
            .await
    }

    /// Sends a request without a body.
    pub(crate) async fn bare(&self, method: &str, uri: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(builder(method, uri, headers).body(Body::empty()).unwrap())
            .await
    }

    /// Sends JSON text.
    pub(crate) async fn json(
        &self,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: impl ToString,
    ) -> Answer {
        let request = builder(method, uri, headers)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        self.send(request).await
    }
}

pub(crate) fn builder(method: &str, uri: &str, headers: &[(&str, &str)]) -> request::Builder {
    let mut builder = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder
}

impl Answer {
    /// The JSON of a response with this status.
    #[track_caller]
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The problem document of a response with this status.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["status"], status);
        assert!(problem["title"].is_string());
        problem
    }

    /// The violations of a 422, each as `in place: code`, sorted.
    #[track_caller]
    pub(crate) fn violations(&self) -> Vec<String> {
        let problem = self.problem(422);
        let mut all: Vec<String> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| {
                let text = |key: &str| error[key].as_str().unwrap_or_default();
                format!(
                    "{} {}{}: {}",
                    text("in"),
                    text("name"),
                    text("pointer"),
                    text("code")
                )
            })
            .collect();
        all.sort();
        all
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
