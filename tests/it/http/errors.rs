//! What an app may say about the errors of the runtime.

use serde_json::json;
use specwright::axum::body::Body;
use specwright::axum::response::IntoResponse as _;
use specwright::http::{HeaderMap, Request};
use specwright::{Cause, Failure, Messages, StatusCode};

use super::{app, create, get_path, send};

fn with_own_errors() -> specwright::App {
    app().error_response(|failure: &Failure| {
        let places: Vec<_> = failure
            .violations()
            .map(|it| format!("{}{} {}", it.name, it.pointer, it.keyword))
            .collect();
        let operation = failure.operation().map_or("nothing", |it| it.id);
        let words = format!(
            "{} of {operation}: {}",
            failure.cause().as_str(),
            places.join(", ")
        );
        (failure.status(), words).into_response()
    })
}

#[tokio::test]
async fn a_function_of_the_user_makes_the_responses() {
    let invalid = create("/books/x").body(Body::from(r#"{"title":1,"pages":9}"#));
    let (status, headers, body) = send(with_own_errors(), invalid.unwrap()).await;
    assert_eq!(
        (status, &*body),
        (422, "invalid of createBook: shelf type, /title type")
    );
    assert!(headers.contains_key("x-request-id"));

    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    let (status, _, body) = send(with_own_errors(), get("/nothing")).await;
    assert_eq!((status, &*body), (404, "not_found of nothing: "));

    let put = Request::put("/health").body(Body::empty()).unwrap();
    let (status, headers, body) = send(with_own_errors(), put).await;
    assert_eq!((status, &*body), (405, "method_not_allowed of health: "));
    assert_eq!(headers["allow"], "GET, HEAD, OPTIONS");

    let anonymous = Request::post("/books/7").body(Body::empty()).unwrap();
    let (status, headers, body) = send(with_own_errors(), anonymous).await;
    assert_eq!((status, &*body), (401, "unauthenticated of createBook: "));
    assert!(headers.contains_key("www-authenticate"));

    let (status, _, body) = send(with_own_errors(), get("/books/panic")).await;
    assert_eq!((status, &*body), (500, "internal of nothing: "));
}

/// A function that panics is no way to bring the server down.
#[tokio::test]
async fn a_function_that_panics_is_an_opaque_500() {
    let broken = || app().error_response(|_: &Failure| panic!("no words"));
    for path in ["/nothing", "/books/panic"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (status, _, body) = send(broken(), request).await;
        assert_eq!(status, 500, "{path}");
        assert!(!body.contains("no words"));
    }
}

#[tokio::test]
async fn violations_may_have_another_status() {
    let app = app().violation_status(StatusCode::BAD_REQUEST);
    let invalid = create("/books/7").body(Body::from(r#"{"title":1,"pages":9}"#));
    let (status, _, body) = send(app, invalid.unwrap()).await;
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["status"]), (400, &json!(400)));
    assert_eq!(body["title"], "Bad Request");
    assert_eq!(body["errors"][0]["code"], "type");
}

async fn in_language(accepted: &str) -> (HeaderMap, serde_json::Value) {
    let german = Messages::new("de")
        .with("type", "muss {expected} sein")
        .with("type/string", "muss ein Text sein")
        .with("minimum", "ist zu klein")
        .with("invalid", "{count} Fehler")
        .with(Cause::NotFound.as_str(), "gibt es nicht");
    let app = app()
        .messages(german)
        .messages(Messages::new("pt-BR").with("minimum", "pequeno demais"));
    let request = create("/books/x")
        .header("accept-language", accepted)
        .body(Body::from(r#"{"title":1,"pages":0}"#));
    let (status, headers, body) = send(app, request.unwrap()).await;
    assert_eq!(status, 422);
    assert_eq!(headers["vary"], "Accept-Language");
    (headers, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn messages_are_in_the_language_of_the_client() {
    let english = [
        "must be an integer",
        "must be a string",
        "must be at least 1",
    ];
    let german = ["muss integer sein", "muss ein Text sein", "ist zu klein"];
    let brazilian = ["must be an integer", "must be a string", "pequeno demais"];
    for (accepted, language, details) in [
        ("de", Some("de"), german),
        ("de-AT, en;q=0.5", Some("de"), german),
        ("fr, DE;q=0.9, en;q=0.8", Some("de"), german),
        ("en, de;q=0.9", None, english),
        ("en-GB, de", None, english),
        ("fr", None, english),
        ("de;q=0", None, english),
        ("*", None, english),
        ("pt-BR", Some("pt-BR"), brazilian),
        ("pt", None, english),
        (";;,q=,\u{e9}", None, english),
    ] {
        let (headers, body) = in_language(accepted).await;
        let found: Vec<_> = body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["detail"].as_str().unwrap())
            .collect();
        assert_eq!(found, details, "{accepted}");
        let told = headers.get("content-language");
        assert_eq!(told.map(|it| it.to_str().unwrap()), language, "{accepted}");
        if language == Some("de") {
            assert_eq!(body["detail"], "3 Fehler");
        }
    }
    let (_, headers, _) = get_path("/nothing").await;
    assert!(!headers.contains_key("vary"));
}
