//! The HTTP side of the runtime, under a module in the shape of generated code.

mod books;
mod errors;
mod raw;
mod shop;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use specwright::axum::Router;
use specwright::axum::body::Body;
use specwright::axum::response::Response;
use specwright::axum::routing::get;
use specwright::http::{HeaderMap, Request, request};
use specwright::{Api, App, Operation};
use tower::ServiceExt as _;

use shop::Shop;

fn app() -> App {
    App::new(books::api(Shop))
}

async fn send(app: App, request: Request<Body>) -> (u16, HeaderMap, String) {
    let response: Response = app.into_service().unwrap().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (
        parts.status.as_u16(),
        parts.headers,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

async fn get_path(path: &str) -> (u16, HeaderMap, String) {
    send(app(), Request::get(path).body(Body::empty()).unwrap()).await
}

/// A valid request to create a book, up to its body.
fn create(uri: &str) -> request::Builder {
    Request::post(uri)
        .header("content-type", "application/json")
        .header("x-api-key", "good")
}

async fn create_with(uri: &str, body: impl Into<Body>) -> (u16, HeaderMap, String) {
    send(app(), create(uri).body(body.into()).unwrap()).await
}

/// The problem document that a response must be.
fn problem((status, headers, body): (u16, HeaderMap, String)) -> Value {
    assert_eq!(
        headers["content-type"], "application/problem+json",
        "{status} {body}"
    );
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem["status"], status);
    problem
}

const BOOK: &str = r#"{"title":"Emma","pages":474}"#;

#[tokio::test]
async fn a_valid_request_reaches_its_handler() {
    let request = create("/books/7?tags=a%2Cb&tags=c+d&copies=2")
        .header("x-trace", "t1")
        .header("cookie", "other=1; session=s%201; session=later")
        .body(Body::from(BOOK))
        .unwrap();
    let (status, headers, body) = send(app(), request).await;
    assert_eq!(status, 201);
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["x-shelf"], "7");
    assert_eq!(headers["set-cookie"], "seen=yes; HttpOnly");
    assert_eq!(
        body,
        r#"{"title":"Emma for ann: [\"a,b\", \"c d\"] Some(2) Some(\"t1\") Some(\"s 1\")","pages":474.0}"#
    );
}

#[tokio::test]
async fn violations_of_parameters_and_body_come_together() {
    let request = create("/books/x?copies=1&copies=2&tags=%FF")
        .header("x-trace", "a")
        .header("x-trace", "b")
        .header("cookie", "session=%zz")
        .body(Body::from(r#"{"title":1,"pages":0}"#))
        .unwrap();
    let problem = problem(send(app(), request).await);
    assert_eq!(problem["status"], 422);
    let errors: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            let place = error.get("name").unwrap_or_else(|| &error["pointer"]);
            format!("{} {} {}", error["in"], place, error["code"]).replace('"', "")
        })
        .collect();
    assert_eq!(
        errors,
        [
            "path shelf type",
            "query tags encoding",
            "query copies repeated",
            "header X-Trace repeated",
            "cookie session encoding",
            "body /title type",
            "body /pages minimum",
        ]
    );
}

#[tokio::test]
async fn bodies_are_refused_for_what_they_are() {
    let malformed = problem(create_with("/books/7", "{\n  \"title\": }").await);
    assert_eq!(
        (
            &malformed["status"],
            &malformed["line"],
            &malformed["column"]
        ),
        (&json!(400), &json!(2), &json!(12))
    );

    let repeated = problem(create_with("/books/7", r#"{"title":"a","title":"b"}"#).await);
    assert_eq!(repeated["status"], 400);

    let absent = problem(create_with("/books/7", Body::empty()).await);
    assert_eq!(absent["status"], 400);

    let request = Request::post("/books/7")
        .header("content-type", "text/plain")
        .header("x-api-key", "good")
        .body(Body::from(BOOK))
        .unwrap();
    let response = send(app(), request).await;
    assert_eq!(response.1["accept"], "application/json");
    assert_eq!(problem(response)["status"], 415);

    let request = create("/books/7")
        .header("content-encoding", "gzip")
        .body(Body::from(BOOK))
        .unwrap();
    assert_eq!(problem(send(app(), request).await)["status"], 415);

    let request = Request::post("/books/7")
        .header("content-type", "Application/JSON ; charset=utf-8")
        .header("x-api-key", "good")
        .body(Body::from(BOOK))
        .unwrap();
    assert_eq!(send(app(), request).await.0, 201);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_and_without_its_length() {
    let app = || app().body_limit(27);
    let announced = create("/books/7").body(Body::from(BOOK)).unwrap();
    assert_eq!(problem(send(app(), announced).await)["status"], 413);

    let streamed = create("/books/7").body(in_frames(BOOK)).unwrap();
    assert_eq!(problem(send(app(), streamed).await)["status"], 413);

    let fits = create("/books/7").body(in_frames(BOOK)).unwrap();
    assert_eq!(send(app().body_limit(28), fits).await.0, 201);
}

fn in_frames(text: &str) -> Body {
    Body::new(Frames(
        text.as_bytes()
            .chunks(5)
            .map(Bytes::copy_from_slice)
            .collect(),
    ))
}

/// A body of several frames and unknown length.
struct Frames(VecDeque<Bytes>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        Poll::Ready(
            self.0
                .pop_front()
                .map(|bytes| Ok(http_body::Frame::data(bytes))),
        )
    }
}

/// A body that nobody may read.
struct Untouchable;

impl http_body::Body for Untouchable {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        panic!("the body was read")
    }
}

/// A body of which nothing ever arrives.
struct Silent;

impl http_body::Body for Silent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn security_answers_before_the_body_is_read() {
    for (key, status) in [
        (None, 401),
        (Some("bad"), 401),
        (Some("poor"), 403),
        (Some("down"), 500),
    ] {
        let mut request = Request::post("/books/7").header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("x-api-key", key);
        }
        let request = request.body(Body::new(Untouchable)).unwrap();
        let response = send(app().catch_panics(false), request).await;
        assert_eq!(response.0, status, "{key:?}");
        assert_eq!(response.1.contains_key("www-authenticate"), status == 401);
        let problem = problem(response);
        assert!(!problem.to_string().contains("directory"), "{problem}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_a_408() {
    let request = create("/books/7").body(Body::new(Silent)).unwrap();
    let app = app().body_idle_timeout(Duration::from_millis(50));
    assert_eq!(problem(send(app, request).await)["status"], 408);
}

#[tokio::test]
async fn a_handler_that_does_not_answer_is_a_503() {
    let request = Request::get("/books/slow").body(Body::empty()).unwrap();
    let response = send(app().request_timeout(Duration::from_millis(50)), request).await;
    assert!(response.1.contains_key("x-request-id"));
    assert_eq!(problem(response)["status"], 503);
}

/// Else clippy warns of each helper that returns a problem.
#[test]
fn a_result_with_a_problem_is_small() {
    assert_eq!(size_of::<specwright::Problem>(), size_of::<usize>());
    assert!(size_of::<specwright::Unexpected>() <= 2 * size_of::<usize>());
}

#[tokio::test]
async fn errors_of_handlers() {
    let conflict = create_with("/books/7", r#"{"title":"taken","pages":1}"#).await;
    assert_eq!(conflict.0, 409);

    let request = create("/books/7")
        .header("x-request-id", "abc-1")
        .body(Body::from(r#"{"title":"broken","pages":1}"#))
        .unwrap();
    let broken = send(app(), request).await;
    assert_eq!(broken.1["x-shelf"], "7", "what a handler sets is kept");
    let broken = problem(broken);
    assert_eq!(
        broken,
        json!({"title": "Internal Server Error", "status": 500, "request_id": "abc-1"})
    );

    let closed = problem(create_with("/books/7", r#"{"title":"closed","pages":1}"#).await);
    assert_eq!(
        (&closed["status"], &closed["detail"]),
        (&json!(503), &json!("stocktaking"))
    );

    let endless = problem(create_with("/books/7", r#"{"title":"endless","pages":1}"#).await);
    assert_eq!(endless["status"], 500);

    let panicked = problem(get_path("/books/panic").await);
    assert_eq!(panicked["status"], 500);
    assert!(!panicked.to_string().contains("shelf"));
}

#[tokio::test]
async fn request_ids_are_taken_over_or_made() {
    let (_, headers, _) = get_path("/health").await;
    assert_eq!(headers["x-request-id"].len(), 36);
    for (sent, is_kept) in [
        ("a.b-c_9", true),
        ("", false),
        ("a b", false),
        ("a\tb", false),
    ] {
        let request = Request::get("/health")
            .header("x-request-id", sent)
            .body(Body::empty())
            .unwrap();
        let (_, headers, _) = send(app(), request).await;
        assert_eq!(headers["x-request-id"] == sent, is_kept, "{sent:?}");
    }
    let long = "a".repeat(129);
    let request = Request::get("/health")
        .header("x-request-id", &long)
        .body(Body::empty())
        .unwrap();
    assert_ne!(send(app(), request).await.1["x-request-id"], long.as_str());

    let request = Request::get("/health").body(Body::empty()).unwrap();
    assert!(
        !send(app().bare(), request)
            .await
            .1
            .contains_key("x-request-id")
    );
}

#[tokio::test]
async fn the_path_decides_and_then_the_method() {
    assert_eq!(problem(get_path("/nothing").await)["status"], 404);
    assert_eq!(problem(get_path("/books/").await)["status"], 404);
    assert_eq!(problem(get_path("/health/").await)["status"], 404);

    let request = Request::delete("/books/7").body(Body::empty()).unwrap();
    let response = send(app(), request).await;
    assert_eq!(response.1["allow"], "POST, GET, HEAD, OPTIONS");
    assert_eq!(problem(response)["status"], 405);

    let request = Request::post("/books/7.json").body(Body::empty()).unwrap();
    let response = send(app(), request).await;
    assert_eq!(
        (response.0, &response.1["allow"]),
        (405, &"GET, HEAD, OPTIONS".parse().unwrap())
    );

    let request = Request::options("/books/7").body(Body::empty()).unwrap();
    let response = send(app(), request).await;
    assert_eq!((response.0, response.2.as_str()), (204, ""));
    assert_eq!(response.1["allow"], "POST, GET, HEAD, OPTIONS");

    let request = Request::head("/health").body(Body::empty()).unwrap();
    let (status, headers, body) = send(app(), request).await;
    assert_eq!((status, body.as_str()), (200, ""));
    assert_eq!(headers["content-length"], "15");
}

#[tokio::test]
async fn templates_that_axum_cannot_say() {
    for (path, title) in [
        ("/books/7", "7 by readBook"),
        ("/books/7.json", "7 by readBookJson"),
        ("/books/7.json.json", "7.json by readBookJson"),
        ("/books/.json", ".json by readBook"),
        ("/books/a%2Fb", "a/b by readBook"),
        ("/books/a+b", "a+b by readBook"),
        ("/books/%C3%A9", "\u{e9} by readBook"),
    ] {
        let (status, _, body) = get_path(path).await;
        assert_eq!(status, 200, "{path}");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["title"], title, "{path}");
    }
    let request = Request::post("/books/x:y:cancel")
        .body(Body::empty())
        .unwrap();
    let (status, _, body) = send(app(), request).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("x:y by cancelBook"));

    for path in ["/books/%FF", "/books/%", "/books/%4"] {
        let problem = problem(get_path(path).await);
        assert_eq!(
            (&problem["status"], &problem["errors"][0]["code"]),
            (&json!(422), &json!("encoding")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn arrays_are_split_before_they_are_decoded() {
    for (query, expected) in [
        ("", "None"),
        ("?ids=", "([])"),
        ("?ids=a", "([\"a\"])"),
        ("?ids=a,b%2Cc,", "([\"a\", \"b,c\", \"\"])"),
        ("?%69ds=a%20+b&IDS=c", "([\"a  b\"])"),
    ] {
        let (status, _, body) = get_path(&format!("/books/1/pages/2{query}")).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(
            body,
            format!("(\"2\") (\"1\") ({expected}) (None)"),
            "{query}"
        );
    }
    assert_eq!(get_path("/books/1/pages/2?ids=a&ids=b").await.0, 422);

    let request = Request::get("/books/1/pages/2")
        .header("X-Ids", "a , b")
        .header("x-ids", ",c")
        .body(Body::empty())
        .unwrap();
    let (_, _, body) = send(app(), request).await;
    assert_eq!(body, r#"("2") ("1") (None) ((["a", "b", "c"]))"#);

    let request = Request::get("/books/1/pages/2")
        .header("x-ids", &b"\xe9"[..])
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        problem(send(app(), request).await)["errors"][0]["in"],
        "header"
    );
}

#[tokio::test]
async fn documents_are_served_with_entity_tags() {
    let (status, headers, body) = get_path("/openapi.json").await;
    assert_eq!((status, body.as_str()), (200, r#"{"openapi":"3.1.0"}"#));
    assert_eq!(headers["content-type"], "application/json");
    let tag = headers["etag"].to_str().unwrap().to_owned();

    let request = Request::get("/openapi.json")
        .header("if-none-match", format!("\"other\", W/{tag}"))
        .body(Body::empty())
        .unwrap();
    let (status, headers, body) = send(app(), request).await;
    assert_eq!((status, body.as_str()), (304, ""));
    assert_eq!(headers["etag"], tag);

    let (_, headers, body) = get_path("/openapi.yaml").await;
    assert_eq!(
        (&headers["content-type"], body.as_str()),
        (&"application/yaml".parse().unwrap(), "openapi: 3.1.0\n")
    );

    let request = Request::get("/openapi.json").body(Body::empty()).unwrap();
    assert_eq!(send(app().documents(None), request).await.0, 404);
    let request = Request::get("/spec.json").body(Body::empty()).unwrap();
    assert_eq!(send(app().documents("/spec"), request).await.0, 200);
}

#[tokio::test]
async fn apis_nest_and_merge() {
    let api = || {
        books::api(Shop)
            .nest("/v1")
            .merge(books::api(Shop).nest("/{tenant}/v2/"))
    };
    for path in [
        "/v1/health",
        "/acme/v2/health",
        "/v1/openapi.json",
        "/acme/v2/books/7.json",
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(send(App::new(api()), request).await.0, 200, "{path}");
    }
    let request = Request::get("/health").body(Body::empty()).unwrap();
    assert_eq!(send(App::new(api()), request).await.0, 404);

    let router = Router::new().nest("/outer", books::api(Shop).into_router().unwrap());
    let request = Request::get("/outer/books/7.json")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        router.oneshot(request).await.unwrap().status().as_u16(),
        200
    );
}

#[test]
fn conflicts_are_errors_that_name_both_places() {
    static OTHER: Operation = Operation::new("readOther", "GET", "/books/{other}");
    static BAD: Operation = Operation::new("bad", "GET", "/books/{}");
    static SPEC: Operation = Operation::new("readSpec", "GET", "/openapi.json");
    let with = |operation: &'static Operation| -> Api {
        books::api(Shop).operation(operation, |mut call| async move {
            call.respond(Ok(Response::default())).await
        })
    };
    let error = App::new(with(&OTHER))
        .into_service()
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "`GET /books/{id}` (operation `readBook`) and `GET /books/{other}` (operation `readOther`) match the same requests"
    );
    assert!(
        App::new(with(&BAD))
            .into_service()
            .unwrap_err()
            .to_string()
            .contains("operation `bad`")
    );
    assert!(
        App::new(with(&SPEC))
            .into_service()
            .unwrap_err()
            .to_string()
            .contains("operation `readSpec`")
    );
    assert!(with(&SPEC).into_router().is_ok());
}

#[tokio::test]
async fn hand_written_routes_and_layers_work_beside_it() {
    let beside = Router::new()
        .route("/metrics", get(async || "up"))
        .route("/books/{id}/cover.png", get(async || "png"));
    let app = || {
        app()
            .merge(beside.clone())
            .layer(specwright::axum::middleware::map_response(
                async |mut response: Response| {
                    let operation = response
                        .extensions()
                        .get::<&'static Operation>()
                        .map_or("none", |operation| operation.id);
                    response
                        .headers_mut()
                        .insert("x-operation", operation.parse().unwrap());
                    response
                },
            ))
    };
    for (method, path, status, operation) in [
        ("GET", "/metrics", 200, "none"),
        ("GET", "/books/7/cover.png", 200, "none"),
        ("GET", "/books/7", 200, "readBook"),
        ("GET", "/nothing", 404, "none"),
        ("POST", "/metrics", 405, "none"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        let response = send(app(), request).await;
        assert_eq!(response.0, status, "{path}");
        assert_eq!(response.1["x-operation"], operation, "{path}");
        if status >= 400 {
            problem(response);
        }
    }
    let router = app().into_router().unwrap();
    let request = Request::get("/health").body(Body::empty()).unwrap();
    assert_eq!(
        router.oneshot(request).await.unwrap().status().as_u16(),
        200
    );
}
