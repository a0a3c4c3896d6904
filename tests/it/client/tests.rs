//! The client for tests: what it holds answers against, and what it keeps.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use specwright::axum::Router;
use specwright::axum::response::AppendHeaders;
use specwright::axum::routing::get;
use specwright::http::HeaderMap;
use specwright::http::header::SET_COOKIE;
use specwright::{
    ApiKey, App, ClientError, Context, Denied, Error, MediaContent, Problem, StatusCode,
    TestClient, Unexpected,
};

use crate::serve::Echo;
use crate::serve::contents::contents;
use crate::serve::files::shelf;
use crate::serve::parameters::query_parameters;
use crate::serve::responses::{bytes, response_headers, responses};

/// Answers as it is told.
struct Odd;

impl query_parameters::DefaultApi for Odd {
    async fn read(
        &self,
        cx: &Context,
        request: query_parameters::ReadRequest,
    ) -> Result<String, Unexpected> {
        match request.q.as_str() {
            "problem" => Err(Problem::new(StatusCode::CONFLICT))?,
            "error" => Err(std::io::Error::other("no ink"))?,
            "panic" => panic!("no paper"),
            "type" => cx.set_header(
                specwright::http::header::CONTENT_TYPE,
                specwright::http::HeaderValue::from_static("text/html"),
            ),
            _ => {}
        }
        Ok(request.q)
    }
}

/// What a test says that fails.
async fn failure(test: impl Future<Output = ()> + Send + 'static) -> String {
    let panic = tokio::spawn(test).await.unwrap_err().into_panic();
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => (*other.downcast::<&str>().unwrap()).to_owned(),
    }
}

#[tokio::test]
async fn an_answer_that_breaks_the_document_fails_the_test() {
    let server = TestClient::new(App::new(query_parameters::api(Odd))).await;
    assert_eq!(server.get("/?q=a").await.text(), "a");
    for (q, words) in [
        (
            "problem",
            "`read` answered 409 Conflict: the document does not describe this status\n{",
        ),
        (
            "type",
            "`read` answered 200 OK: its content type must be text/plain",
        ),
    ] {
        let (own, target) = (server.clone(), format!("/?q={q}"));
        let said = failure(async move {
            let _ = own.get(target).await;
        });
        let said = said.await;
        assert!(said.starts_with(words), "{said}");
        server.unchecked().get(format!("/?q={q}")).await;
        // So it is for what a typed client sends.
        let own = server.clone();
        let q = q.to_owned();
        let said = failure(async move {
            let mut request = super::typed::query();
            request.q = q;
            let _ = query_parameters::client(own).read(request).await;
        });
        assert!(said.await.starts_with(words));
    }
}

#[tokio::test]
async fn what_the_server_answers_by_itself_needs_no_description() {
    let server = TestClient::new(App::new(query_parameters::api(Odd))).await;
    let answer = server
        .get("/")
        .query("limit", "a b")
        .await
        .expect_status(422);
    assert_eq!(
        answer.violations(),
        ["query q: required", "query limit: type"]
    );
    assert_eq!(answer.operation().unwrap().id, "read");
    assert_eq!(server.post("/").await.status(), 405);
    assert_eq!(
        server.get("/nowhere").await.problem().title.as_deref(),
        Some("Not Found")
    );
    assert_eq!(server.get("/openapi.json").await.status(), 200);
    let answer = server
        .request(specwright::http::Method::HEAD, "/?q=a")
        .await;
    assert_eq!((answer.status(), answer.text()), (StatusCode::OK, ""));
}

/// What a test says that asks for this path.
pub(super) async fn failure_of(server: &TestClient, path: &str) -> String {
    let (own, path) = (server.clone(), path.to_owned());
    let said = failure(async move {
        let _ = own.get(path).await;
    });
    said.await
}

#[tokio::test]
async fn what_a_handler_must_not_return_fails_the_test() {
    let server = TestClient::new(App::new(responses::api(Echo))).await;
    assert_eq!(server.get("/ok").await.status(), 200);
    let said = failure_of(&server, "/broken").await;
    let words = "`answer` answered 500 Internal Server Error: the body of the 200 OK response is not what the document says:\n\
                 body /size: must be at most 9\n(asked at tests/it/client/tests.rs:";
    assert!(said.starts_with(words), "{said}");
    for (path, words) in [
        ("/missing-broken", "body /size: must be at least 1"),
        ("/evil", "header `x-tags`"),
        ("/nothing-known", "an error occurred when formatting"),
    ] {
        let said = failure_of(&server, path).await;
        assert!(said.to_lowercase().contains(words), "{said}");
        let answer = server.answering_errors().get(path).await;
        assert_eq!(answer.problem().status, 500);
        assert_eq!(server.unchecked().get(path).await.status(), 500);
    }

    let server = TestClient::new(App::new(response_headers::api(Echo))).await;
    assert_eq!(server.get("/all").await.header("x-count"), Some("5"));
    // A list of cookies without any has no line.
    assert_eq!(server.get("/empty").await.header("set-cookie"), None);
    for (path, words) in [
        ("/bound", "the response header `X-Count` is not what"),
        ("/member", "the response header `X-Color` is not what"),
        ("/json", "the response header `X-Json` is not what"),
        ("/cookie", "the response header `Set-Cookie` is not what"),
        (
            "/comma",
            "the value of the response header `X-Tags` cannot be written: an item holds the delimiter",
        ),
        (
            "/beyond",
            "the value of the response header `X-Note` cannot be written: it has characters beyond ASCII",
        ),
        (
            "/blanks",
            "the value of the response header `X-Note` cannot be written: it has blanks around it",
        ),
        (
            "/blank-item",
            "the value of the response header `X-Tags` cannot be written: an item has blanks around it",
        ),
        (
            "/no-item",
            "the value of the response header `X-Tags` cannot be written: an item is an empty text",
        ),
    ] {
        let said = failure_of(&server, path).await;
        let words = format!("`answer` answered 500 Internal Server Error: {words}");
        assert!(said.starts_with(&words), "{said}");
    }
    // A typed client fails the test too, in place of returning an error that nobody may look at.
    let said = failure(async move {
        let kind = "bound".to_owned();
        let request = response_headers::AnswerRequest { kind };
        let _ = response_headers::client(server).answer(request).await;
    });
    assert!(said.await.contains("`X-Count`"));
}

#[tokio::test]
async fn errors_and_panics_fail_the_test() {
    let ladder = async || -> &'static str { panic!("the ladder broke") };
    let app =
        App::new(query_parameters::api(Odd)).merge(Router::new().route("/ladder", get(ladder)));
    let server = TestClient::new(app).await;
    for (path, words) in [
        (
            "/?q=error",
            "`read` answered 500 Internal Server Error: no ink\n",
        ),
        (
            "/?q=panic",
            "500 Internal Server Error: panicked: no paper\n",
        ),
        (
            "/ladder",
            "`GET /ladder` was answered 500 Internal Server Error: panicked: the ladder broke\n",
        ),
    ] {
        let said = failure_of(&server, path).await;
        assert!(said.contains(words), "{said}");
        let answer = server.answering_errors().get(path).await;
        assert_eq!(answer.problem().status, 500);
        let shown = answer.text();
        assert!(
            !["ink", "paper", "ladder"]
                .iter()
                .any(|it| shown.contains(it))
        );
    }
    // All else is held against the document.
    let said = failure_of(&server.answering_errors(), "/?q=problem").await;
    assert!(said.starts_with("`read` answered 409 Conflict"), "{said}");
}

#[tokio::test]
async fn a_file_is_chosen_from_whatever_the_document_says_of_ranges_of_statuses() {
    let server = TestClient::new(App::new(shelf(b"0123456789"))).await;
    let whole = server.get("/any").await.expect_status(200);
    let etag = whole.header("etag").unwrap();
    let part = server.get("/any").header("range", "bytes=0-3").await;
    assert_eq!((part.status().as_u16(), part.text()), (206, "0123"));
    let same = server.get("/any").header("if-none-match", etag).await;
    assert_eq!(same.status(), 304);
}

#[tokio::test]
async fn requests_are_written_by_hand() {
    let server = TestClient::new(App::new(bytes::api(Echo))).await;
    let answer = server.put("/text").body("text/plain", "hello").await;
    assert_eq!(answer.expect_status(200).text(), "hello");
    let answer = server.put("/text").body("text/plain", "{}").await;
    assert_eq!(answer.text(), "{}");
    // The header takes the place of what the body says, before and after it.
    for answer in [
        server
            .put("/text")
            .json("a")
            .header("content-type", "text/plain")
            .await,
        server
            .put("/text")
            .header("content-type", "text/plain")
            .json("a")
            .await,
    ] {
        assert_eq!(answer.expect_status(200).text(), "\"a\"");
    }
    let said = failure(async move {
        let _ = server
            .put("/text")
            .body("text/plain", "hello")
            .await
            .expect_status(201);
    });
    let said = said.await;
    assert!(
        said.starts_with("expected the status 201, found 200 OK of `putText`"),
        "{said}"
    );
    assert!(said.ends_with("\n\nhello"), "{said}");
}

/// Sets a cookie by the query, and shows those that came.
fn cookies() -> Router {
    let set = async |query: specwright::axum::extract::RawQuery| {
        let line = query.0.unwrap_or_default().replace("%20", " ");
        AppendHeaders([(SET_COOKIE, line)])
    };
    let show = async |headers: HeaderMap| {
        let cookie = headers.get("cookie");
        cookie.map_or(String::new(), |it| it.to_str().unwrap().to_owned())
    };
    let host = async |headers: HeaderMap| headers["host"].to_str().unwrap().to_owned();
    Router::new()
        .route("/host", get(host))
        .route("/set", get(set))
        .route("/deep/set", get(set))
        .route("/show", get(show))
        .route("/deep/show", get(show))
        .route("/deeper", get(show))
}

#[tokio::test]
async fn cookies_are_kept() {
    let app = || App::new(query_parameters::api(Odd)).merge(cookies());
    let server = TestClient::new(app()).await;
    let set = async |line: &str| {
        server
            .get(format!("/set?{}", line.replace(' ', "%20")))
            .await;
    };
    let shown = async |path: &str| server.get(path).await.text().to_owned();
    set("a=1").await;
    set("b=2; Path=/deep").await;
    set("c=3; Secure; HttpOnly; SameSite=Strict; Max-Age=60").await;
    assert_eq!(shown("/show").await, "a=1; c=3");
    assert_eq!(shown("/deep/show").await, "b=2; a=1; c=3");
    assert_eq!(shown("/deeper").await, "a=1; c=3");
    assert_eq!(server.cookie("b").as_deref(), Some("2"));
    // What a request says itself is taken in place of what is kept.
    let answer = server.get("/show").cookie("a", "9").cookie("d", "4").await;
    assert_eq!(answer.text(), "a=9; d=4; c=3");
    let answer = server
        .get("/show")
        .header("cookie", "a=9")
        .header("cookie", "d=4")
        .await;
    assert_eq!(answer.text(), "a=9; d=4; c=3");
    set("a=5").await;
    set("c=; Max-Age=0").await;
    assert_eq!(shown("/show").await, "a=5");
    set("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT").await;
    assert_eq!(shown("/show").await, "");
    for foreign in [
        "x=1; Domain=elsewhere.example",
        "__Host-x=1; Secure; Path=/deep",
        "__Host-x=1; Path=/",
        "__Secure-x=1",
    ] {
        set(foreign).await;
        assert_eq!(shown("/show").await, "", "{foreign}");
    }
    set("__Host-x=1; Secure; Path=/").await;
    assert_eq!(shown("/show").await, "__Host-x=1");
    server.get("/deep/set?deep=1").await;
    assert_eq!(shown("/show").await, "__Host-x=1");
    assert_eq!(shown("/deep/show").await, "b=2; deep=1; __Host-x=1");
    // Another host has others, and may set those of a domain that it is below.
    let shop = server.host("shop.example.org:8080");
    let answer = shop.get("/host").await;
    assert_eq!(answer.text(), "shop.example.org:8080");
    for (line, kept) in [
        ("x=1; Domain=shop.example.com", ""),
        ("x=1; Domain=hop.example.org", ""),
        ("x=1; Domain=example.org", "x=1"),
        ("y=1; Domain=.shop.example.org", "x=1; y=1"),
    ] {
        shop.get(format!("/set?{}", line.replace(' ', "%20"))).await;
        assert_eq!(shop.get("/show").await.text(), kept, "{line}");
    }
    assert_eq!(server.get("/host").await.text(), "localhost");
    // Somebody else has others.
    let other = server.as_principal(|| ());
    assert_eq!(other.get("/show").await.text(), "");
}

/// Lets in who has the key, and says who it is.
struct Notes;

impl contents::Security for Notes {
    type Principal = String;

    async fn key(&self, _: &Context, key: ApiKey, _: &[&str]) -> Result<String, Denied> {
        match key.matches("good") {
            true => Ok("the key".to_owned()),
            false => Err(Denied::unauthenticated()),
        }
    }
}

impl contents::DefaultApi for Notes {
    async fn add_note(
        &self,
        _: &Context,
        user: String,
        _: contents::AddNoteRequest,
    ) -> Result<contents::AddNoteOkBody, contents::AddNoteError> {
        Ok(contents::AddNoteOkBody::Text(user))
    }

    async fn put_word(
        &self,
        _: &Context,
        user: String,
        _: contents::PutWordRequest,
    ) -> Result<String, Unexpected> {
        Ok(user)
    }

    async fn versions(&self, _: &Context) -> Result<String, Unexpected> {
        Ok("one".to_owned())
    }

    async fn cover(&self, _: &Context) -> Result<MediaContent, Unexpected> {
        Ok(MediaContent::new("image/gif", &b"GIF"[..]))
    }
}

/// Also where the document has no client, so that nothing holds the answers against it.
#[cfg(not(bless))]
#[tokio::test]
async fn a_test_says_who_is_calling_without_a_client() {
    use specwright_tests::golden::operation::handlers::{BooksApi, Security};
    use specwright_tests::golden::operation::models::Book;
    use specwright_tests::golden::operation::requests::ReplaceBookRequest;
    use specwright_tests::golden::operation::responses::{ReplaceBookError, ReplaceBookResponse};

    /// Knows nobody.
    struct Shelf;

    impl Security for Shelf {
        type Principal = String;

        async fn key(&self, _: &Context, _: ApiKey, _: &[&str]) -> Result<String, Denied> {
            Err(Denied::unauthenticated())
        }
    }

    impl BooksApi for Shelf {
        async fn replace_book(
            &self,
            cx: &Context,
            user: String,
            _: ReplaceBookRequest,
        ) -> Result<ReplaceBookResponse, ReplaceBookError> {
            // Whoever asks for it by another type hears nothing.
            assert_eq!(cx.principal::<&str>(), None);
            assert_eq!(cx.principal(), Some(&user));
            Ok(ReplaceBookResponse {
                etag: None,
                body: Book { title: user },
            })
        }
    }

    let api = specwright_tests::golden::operation::api(Shelf);
    let server = TestClient::new(App::new(api)).await.unchecked();
    let book = serde_json::json!({"title": "The Lamp"});
    let refused = server.put("/books/1").header("x-key", "good").json(&book);
    assert_eq!(refused.await.status(), 401);
    let ann = server.as_principal(|| "ann".to_owned());
    let answer = ann.put("/books/1").json(&book).await;
    assert_eq!(answer.text(), r#"{"title":"ann"}"#);
}

#[tokio::test]
async fn a_test_says_who_is_calling() {
    let server = TestClient::new(App::new(contents::api(Notes))).await;
    let word = || contents::PutWordRequest { body: None };
    let refused = contents::client(&server)
        .put_word(word())
        .await
        .unwrap_err();
    let ClientError::Response(refused) = refused else {
        panic!("{refused}");
    };
    assert_eq!(refused.status, 401);
    let ann = server.as_principal(|| "ann".to_owned());
    assert_eq!(
        contents::client(&ann).put_word(word()).await.unwrap(),
        "ann"
    );
    // Whatever credentials are sent.
    let answer = ann.put("/word").header("x-key", "bad").await;
    assert_eq!(answer.json::<String>(), "ann");
    let answer = server.put("/word").header("x-key", "good").await;
    assert_eq!(answer.json::<String>(), "the key");
    let said = failure(async move {
        let _ = server.as_principal(|| 7_u8).put("/word").await;
    });
    let said = said.await;
    let words = "the principal of the application is `alloc::string::String`, not `u8`\n\
                 (asked at tests/it/client/tests.rs:";
    assert!(said.starts_with(words), "{said}");
}

/// An app that counts how often it has ended.
fn ending(ends: &Arc<AtomicUsize>) -> App {
    let ends = Arc::clone(ends);
    App::start(async move |lifespan| {
        lifespan.at_end(async move {
            ends.fetch_add(1, Ordering::Relaxed);
        });
        Ok(query_parameters::api(Odd))
    })
}

#[tokio::test]
async fn an_app_begins_and_ends_with_its_client() {
    let ends = Arc::new(AtomicUsize::new(0));
    let server = TestClient::new(ending(&ends)).await;
    assert_eq!(server.get("/?q=a").await.text(), "a");
    assert_eq!(ends.load(Ordering::Relaxed), 0);
    server.close().await;
    assert_eq!(ends.load(Ordering::Relaxed), 1);

    let own = Arc::clone(&ends);
    let said = failure(async move {
        let server = TestClient::new(ending(&own)).await;
        drop(server);
    });
    assert!(said.await.contains("has to be closed"));
    assert_eq!(ends.load(Ordering::Relaxed), 1);
    // What has nothing to do at its end need not be closed.
    drop(TestClient::new(App::new(query_parameters::api(Odd))).await);

    let failing = App::start(async |_| Err(Error::new("no database")));
    let error = TestClient::start(failing).await.unwrap_err();
    assert_eq!(error.to_string(), "the server cannot start: no database");
}
