//! Errors that the server answers with by itself, in the bodies that the document declares.

use std::time::Duration;

use specwright::axum::body::Body;
use specwright::http::{Request, request};
use specwright::{App, Bearer, Cause, Context, Denied, Failure, Unexpected};

use super::Echo;
use super::request::send_to;
use error_bodies::{ErrorBodies, Fault, Faults, StoreError, StoreRequest};

specwright::include_api!(pub mod error_bodies);

impl error_bodies::DefaultApi for Echo {
    async fn store(
        &self,
        cx: &Context,
        _: (),
        request: StoreRequest,
    ) -> Result<String, StoreError> {
        match request.body.size {
            Some(1) => Err(std::io::Error::other("secret").into()),
            Some(2) => panic!("secret"),
            Some(3) => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                Ok(String::new())
            }
            _ => Ok(cx.operation().id.to_owned()),
        }
    }

    async fn clear(&self, _: &Context) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn plain(
        &self,
        _: &Context,
        _: error_bodies::PlainRequest,
    ) -> Result<String, error_bodies::PlainError> {
        Ok(String::new())
    }
}

impl error_bodies::Security for Echo {
    type Principal = ();

    async fn token(&self, _: &Context, token: Bearer, _: &[&str]) -> Result<(), Denied> {
        match token.token() {
            "good" => Ok(()),
            "broken" => Err(Unexpected::new("secret").into()),
            _ => Err(Denied::forbidden()),
        }
    }
}

impl ErrorBodies for Echo {
    fn fault(&self, failure: &Failure) -> Fault {
        Fault {
            code: failure.status().as_u16().into(),
            message: failure.cause().as_str().to_owned(),
        }
    }

    fn error_body(&self, failure: &Failure) -> String {
        assert_eq!(failure.cause(), Cause::UnsupportedMediaType);
        "another type".to_owned()
    }

    fn faults(&self, failure: &Failure) -> Faults {
        let lines: Vec<String> = failure.violations().map(|it| it.to_string()).collect();
        Faults::try_from(lines).unwrap()
    }
}

fn app() -> App {
    App::new(error_bodies::api(Echo)).request_timeout(Duration::from_millis(200))
}

fn post() -> request::Builder {
    Request::post("/things")
        .header("authorization", "Bearer good")
        .header("content-type", "application/json")
}

async fn answer(request: request::Builder, body: &str) -> (u16, String, String) {
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let answer = send_to(app(), request).await;
    let content_type = answer.headers.get("content-type");
    let content_type = content_type.map_or("", |it| it.to_str().unwrap());
    assert!(answer.headers.contains_key("x-request-id"));
    (
        answer.status,
        content_type.to_owned(),
        answer.text().to_owned(),
    )
}

#[tokio::test]
async fn every_error_has_the_body_that_is_declared() {
    let fault = |status: u16, message: &str| {
        let body = format!(r#"{{"code":{status},"message":"{message}"}}"#);
        (status, "application/json".to_owned(), body)
    };
    let accept = |builder: request::Builder| builder.header("accept", "image/png");
    let with_token =
        |token: &str| Request::post("/things").header("authorization", format!("Bearer {token}"));
    for (request, body, wanted) in [
        (post(), "{", fault(400, "syntax")),
        (post(), "", fault(400, "body_missing")),
        (with_token("bad"), "{}", fault(403, "forbidden")),
        (with_token("broken"), "{}", fault(500, "internal")),
        (accept(post()), "{}", fault(406, "not_acceptable")),
        // Another operation of the path speaks for it.
        (
            Request::put("/things"),
            "{}",
            fault(405, "method_not_allowed"),
        ),
        (post(), r#"{"size": 1}"#, fault(500, "internal")),
        (post(), r#"{"size": 2}"#, fault(500, "internal")),
        (post(), r#"{"size": 3}"#, fault(503, "timeout")),
    ] {
        assert_eq!(answer(request, body).await, wanted);
    }
    let (status, content_type, body) = answer(with_token("good"), "{}").await;
    assert_eq!(
        (status, &*content_type, &*body),
        (415, "text/plain; charset=utf-8", "another type")
    );
    let invalid = post().uri("/things?limit=10");
    let (status, content_type, body) = answer(invalid, r#"{"size": "x"}"#).await;
    assert_eq!(
        (status, &*content_type, &*body),
        (
            422,
            "application/vnd.faults+json",
            r#"["query limit: must be at most 9","body /size: must be an integer"]"#
        )
    );
    let (status, content_type, body) = answer(Request::post("/things"), "{}").await;
    assert_eq!((status, &*content_type), (401, "application/problem+json"));
    assert_eq!(body, r#"{"title":"Unauthorized","status":401}"#);
    let (status, content_type, _) = answer(Request::get("/plain?limit=10"), "").await;
    assert_eq!((status, &*content_type), (422, "application/problem+json"));
}

/// The headers that go with an error are there, whoever makes its body.
#[tokio::test]
async fn headers_are_kept() {
    let request = Request::post("/things")
        .header("authorization", "Bearer good")
        .body(Body::from("x"));
    let answer = send_to(app(), request.unwrap()).await;
    assert_eq!((answer.status, answer.text()), (415, "another type"));
    assert_eq!(answer.headers["accept"], "application/json");
}
