//! Requests to a generated server in this process, and tables of them.

use std::fmt::Write as _;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::Value;
use specwright::axum::body::Body;
use specwright::http::{HeaderMap, Request, Response};
use specwright::{Api, App, TestClient};
use tower::ServiceExt as _;

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// Reads a response.
    pub(crate) async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    /// The only value of a header, where there is one.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().unwrap();
        assert!(values.next().is_none(), "several `{name}`: {self:?}");
        Some(value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The rules that were broken, such as `body /pages minimum` or `query limit type`, separated by commas.
    pub(crate) fn violations(&self) -> String {
        assert_eq!(
            self.headers["content-type"], "application/problem+json",
            "{self:?}"
        );
        let problem = self.json();
        let errors = problem["errors"].as_array().unwrap();
        let lines: Vec<_> = errors
            .iter()
            .map(|error| {
                let mut line = error["in"].as_str().unwrap().to_owned();
                for key in ["name", "pointer", "code"] {
                    if let Some(text) = error[key].as_str().filter(|text| !text.is_empty()) {
                        write!(line, " {text}").unwrap();
                    }
                }
                line
            })
            .collect();
        lines.join(", ")
    }

    /// The status, followed by what it is about: the body, or the violations.
    pub(crate) fn summary(&self) -> String {
        match self.status {
            422 => format!("422 {}", self.violations()),
            status if self.body.is_empty() || status >= 400 => status.to_string(),
            status => format!("{status} {}", String::from_utf8_lossy(&self.body)),
        }
    }
}

/// A part: what its headers say after `form-data; `, and its content.
pub(crate) type Part<'p> = (&'p str, &'p [u8]);

/// The text of a body of `multipart/form-data` with the boundary `frontier`.
pub(crate) fn form_data(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (head, content) in parts {
        body.extend_from_slice(b"--frontier\r\nContent-Disposition: form-data; ");
        body.extend_from_slice(head.replace('\n', "\r\n").as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--frontier--\r\n");
    body
}

/// Sends one request, and holds the answer against the document; what clients see of an error is an answer too.
pub(crate) async fn send(api: Api, request: Request<Body>) -> Answer {
    send_to(App::new(api), request).await
}

/// The same with an app that has settings of its own.
pub(crate) async fn send_to(app: App, request: Request<Body>) -> Answer {
    let server = TestClient::new(app).await.answering_errors();
    let response = server.send(request).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer {
        status,
        headers,
        body: response.into_body().collect().await.unwrap().to_bytes(),
    }
}

/// The same just as it is, and whatever is answered.
pub(crate) async fn send_bare(app: App, request: Request<Body>) -> Answer {
    let service = app.into_service().unwrap();
    Answer::of(service.oneshot(request).await.unwrap()).await
}

/// Sends a JSON body to `POST /`.
pub(crate) async fn post(api: Api, body: impl Into<Body>) -> Answer {
    post_to(api, "/", body).await
}

/// Sends a JSON body to `POST` of this path.
pub(crate) async fn post_to(api: Api, path: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(path)
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap();
    send(api, request).await
}

/// What a server that echoes is expected to answer to a body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expect {
    /// 200 with the very text that was sent.
    Same,
    /// 200 with this text.
    Back(&'static str),
    /// 422 with these violations of the body, such as `/a minimum, /b type`.
    Refused(&'static str),
}

/// Posts every body of a table; all that differ from the table are shown together.
pub(crate) async fn post_each(api: Api, table: &[(&str, Expect)]) {
    let mut differences = String::new();
    for (body, expect) in table {
        let answer = post(api.clone(), (*body).to_owned()).await;
        let (found, wanted) = match expect {
            Expect::Same => (answer.summary(), format!("200 {body}")),
            Expect::Back(text) => (answer.summary(), format!("200 {text}")),
            Expect::Refused(rules) => (
                answer.summary().replace("body ", ""),
                format!("422 {rules}"),
            ),
        };
        if found != wanted {
            writeln!(differences, "{body}\n  found  {found}\n  wanted {wanted}").unwrap();
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}
