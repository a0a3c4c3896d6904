//! Bodies in several media types: which of them a request has, and which of them a response gets.

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{Api, ApiKey, Context, Denied, MediaContent, Unexpected};

use super::request::{Answer, send};

specwright::include_api!(pub mod contents);

use contents::*;

struct Notes;

impl Security for Notes {
    type Principal = ();

    async fn key(&self, _: &Context, key: ApiKey, _: &[&str]) -> Result<(), Denied> {
        match key.as_str() {
            "good" => Ok(()),
            _ => Err(Denied::unauthenticated()),
        }
    }
}

impl DefaultApi for Notes {
    async fn add_note(
        &self,
        _: &Context,
        _: (),
        request: AddNoteRequest,
    ) -> Result<AddNoteOkBody, AddNoteError> {
        Ok(match request.body {
            AddNoteRequestBody::Json(note) if note.title == "gone" => Err(Gone(note))?,
            AddNoteRequestBody::Json(note) => AddNoteOkBody::Json(note),
            AddNoteRequestBody::Form(note) => {
                AddNoteOkBody::Text(format!("form {} {}", note.title, note.stars))
            }
            AddNoteRequestBody::Text(text) => AddNoteOkBody::Text(format!("text {text}")),
            AddNoteRequestBody::AnyText(number) => AddNoteOkBody::Text(format!("number {number}")),
            AddNoteRequestBody::Bytes(bytes) => {
                let content_type = String::from_utf8_lossy(&bytes).into_owned();
                let length = format!("bytes: {} }}", bytes.len());
                let media = MediaContent::new(content_type, bytes);
                assert!(format!("{media:?}").ends_with(&length), "{media:?}");
                AddNoteOkBody::Media(media)
            }
        })
    }

    async fn put_word(
        &self,
        _: &Context,
        _: (),
        request: PutWordRequest,
    ) -> Result<String, Unexpected> {
        Ok(request
            .body
            .map_or("none", PutWordRequestBody::as_str)
            .to_owned())
    }

    async fn versions(&self, _: &Context) -> Result<String, Unexpected> {
        Ok("text".into())
    }

    async fn cover(&self, _: &Context) -> Result<MediaContent, Unexpected> {
        Ok(MediaContent::new("image/webp", "picture"))
    }
}

fn api() -> Api {
    contents::api(Notes)
}

async fn post(content_type: &str, accept: &str, body: &str) -> Answer {
    let mut request = Request::post("/notes")
        .header("x-key", "good")
        .header("content-type", content_type);
    if !accept.is_empty() {
        request = request.header("accept", accept);
    }
    send(api(), request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn the_content_type_picks_the_content() {
    let note = r#"{"title":"a","stars":3}"#;
    let table = [
        ("application/json", note, r#"200 {"title":"a","stars":3}"#),
        (
            "application/vnd.note+json",
            note,
            r#"200 {"title":"a","stars":3}"#,
        ),
        (
            "application/x-www-form-urlencoded",
            "title=a+b",
            "200 form a b 3",
        ),
        ("Text/Plain", "abc", "200 text abc"),
        ("text/plain;charset=utf-8", "abc", "200 text abc"),
        ("text/csv", "12", "200 number 12"),
        ("image/png", "image/png", "200 image/png"),
        // Every other type is bytes, XML as well.
        (
            "application/json",
            r#"{"title":"","x":1}"#,
            "422 body /title minLength, body /x additionalProperties",
        ),
        (
            "application/x-www-form-urlencoded",
            "title=&stars=many&x=1",
            "422 body /title minLength, body /stars type, body /x additionalProperties",
        ),
        ("text/plain", "abcdef", "422 body maxLength"),
        ("text/csv", "0", "422 body minimum"),
        ("text/csv", "1.0", "422 body type"),
        ("application/json", "{", "400"),
    ];
    for (content_type, body, wanted) in table {
        let answer = post(content_type, "", body).await;
        assert_eq!(answer.summary(), wanted, "{content_type} {body}");
    }
    // A charset that is not read leaves the ranges for text, and what is left takes any bytes.
    let latin = post("text/csv; charset=latin1", "", "image/x").await;
    assert_eq!(latin.summary(), "200 image/x");
}

#[tokio::test]
async fn accept_picks_the_media_type_of_one_value() {
    let vendor = "application/vnd.note+json";
    let table = [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        (vendor, vendor),
        (
            "application/vnd.note+json;q=0.5, application/json;q=0.4",
            vendor,
        ),
        ("application/json;q=0, */*", vendor),
        ("application/json; charset=utf-8", "application/json"),
        ("text/html, APPLICATION/VND.NOTE+JSON;q=0.1", vendor),
        // The handler answers in JSON, whatever else was accepted: it is the one to know.
        ("text/plain", "application/json"),
    ];
    for (accept, wanted) in table {
        let answer = post("application/json", accept, r#"{"title":"a"}"#).await;
        assert_eq!(answer.status, 200, "{accept}");
        assert_eq!(answer.headers["content-type"], wanted, "{accept}");
    }
    let gone = post("application/json", vendor, r#"{"title":"gone"}"#).await;
    assert_eq!(
        (gone.status, &gone.headers["content-type"]),
        (404, &vendor.parse().unwrap())
    );
    for (accept, wanted, text) in [
        ("", "application/json", r#""red""#),
        ("text/*", "text/plain; charset=utf-8", "red"),
        (
            "application/json;q=0.1, text/plain;q=0.2",
            "text/plain; charset=utf-8",
            "red",
        ),
    ] {
        let request = Request::put("/word")
            .header("x-key", "good")
            .header("content-type", "text/plain")
            .header("accept", accept)
            .body(Body::from("red"));
        let answer = send(api(), request.unwrap()).await;
        assert_eq!(answer.headers["content-type"], wanted, "{accept}");
        assert_eq!(answer.text(), text, "{accept}");
    }
}

async fn get(path: &str, accept: &str) -> Answer {
    let request = Request::get(path).header("accept", accept);
    send(api(), request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn parameters_of_what_is_accepted_tell_offers_apart() {
    let (first, second) = ("application/json;v=1", "application/json;v=2");
    for (accept, wanted) in [
        (second, second),
        (first, first),
        ("application/json", first),
        ("Application/JSON; V=\"2\"; q=0.1", second),
        ("application/json;v=1;q=0.1, application/*;q=0.2", second),
        ("application/json;v=1;q=0, application/json", second),
        ("application/json;v=3, */*;q=0.1", first),
    ] {
        let answer = get("/versions", accept).await;
        assert_eq!(answer.status, 200, "{accept}");
        assert_eq!(answer.headers["content-type"], wanted, "{accept}");
    }
    for accept in ["application/json;v=3", "application/json;v=1;w=1"] {
        assert_eq!(get("/versions", accept).await.status, 406, "{accept}");
    }
}

#[tokio::test]
async fn a_range_is_accepted_for_the_best_of_its_types() {
    for (accept, wanted) in [
        ("image/webp, image/png;q=0", 200),
        ("image/png;q=0, image/webp", 200),
        ("image/*;q=0, image/webp", 200),
        ("image/png;q=0, */*", 200),
        ("image/*;q=0, */*", 406),
        ("image/png;q=0", 406),
        ("text/html", 406),
    ] {
        assert_eq!(get("/cover", accept).await.status, wanted, "{accept}");
    }
}

#[tokio::test]
async fn caches_hear_that_accept_had_a_say() {
    for (path, accept, status, vary) in [
        ("/versions", "*/*", 200, true),
        ("/versions", "text/html", 406, true),
        ("/cover", "*/*", 200, false),
        ("/cover", "text/html", 406, true),
        ("/nowhere", "*/*", 404, false),
    ] {
        let answer = get(path, accept).await;
        assert_eq!(answer.status, status, "{path} {accept}");
        let found = answer.headers.get("vary").map(|value| value.as_bytes());
        assert_eq!(found, vary.then_some(&b"Accept"[..]), "{path} {accept}");
    }
    // Errors may be in several media types as well.
    let gone = post("application/json", "", r#"{"title":"gone"}"#).await;
    assert_eq!(
        (gone.status, &gone.headers["vary"]),
        (404, &"Accept".parse().unwrap())
    );
}

#[tokio::test]
async fn what_cannot_be_accepted_is_refused_first() {
    for accept in [
        "text/html",
        "application/xml, audio/*",
        "*/*;q=0",
        "application/json;q=0.000",
    ] {
        // Without credentials and without a body: neither is asked for.
        let request = Request::post("/notes").header("accept", accept);
        let answer = send(api(), request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 406, "{accept}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    // A range that the handler fills may be what is asked for.
    for accept in [
        "image/webp",
        "image/*",
        "text/html, */*;q=0.1",
        "nonsense, text/plain",
    ] {
        let request = Request::post("/notes").header("accept", accept);
        let answer = send(api(), request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 401, "{accept}");
    }
}

#[tokio::test]
async fn the_media_type_of_a_range_is_checked() {
    let answer = post("image/webp", "", "image/webp").await;
    assert_eq!((answer.status, answer.text()), (200, "image/webp"));
    assert_eq!(answer.headers["content-type"], "image/webp");
    for wrong in ["video/mp4", "image", "image/png\r\nx: y", ""] {
        assert_eq!(
            post("image/webp", "", &format!("{wrong} ")).await.status,
            500,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn bodies_that_may_be_missing() {
    let put = async |content_type: Option<&str>, body: &'static str| {
        let mut request = Request::put("/word").header("x-key", "good");
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        send(api(), request.body(Body::from(body)).unwrap()).await
    };
    assert_eq!(put(None, "").await.summary(), r#"200 "none""#);
    assert_eq!(
        put(Some("text/plain"), "green").await.summary(),
        r#"200 "green""#
    );
    assert_eq!(
        put(Some("text/plain"), "blue").await.summary(),
        "422 body enum"
    );
    // Nothing in a media type of text is an empty text.
    assert_eq!(put(Some("text/plain"), "").await.summary(), "422 body enum");
    let refused = put(Some("text/html"), "red").await;
    assert_eq!(
        (refused.status, &refused.headers["accept"]),
        (415, &"text/plain".parse().unwrap())
    );
}

specwright::include_api!(pub mod merge_patch);

impl merge_patch::DefaultApi for Notes {
    async fn patch_book(
        &self,
        _: &Context,
        request: merge_patch::PatchBookRequest,
    ) -> Result<String, Unexpected> {
        use merge_patch::PatchBookRequestBody as Body;
        Ok(match request.body {
            Body::Json(book) => format!("{} {:?}", book.pages, book.author.map(|it| it.name)),
            Body::MergePatch(book) => {
                format!("{:?} {:?}", book.pages, book.author.map(|it| it.name))
            }
        })
    }

    async fn put_note(
        &self,
        _: &Context,
        request: merge_patch::PutNoteRequest,
    ) -> Result<String, Unexpected> {
        use merge_patch::PutNoteRequestBody as Body;
        Ok(match request.body {
            Body::Json(note) => format!("{:?}", note.text),
            Body::JsonPatch(steps) => format!("{} steps", steps.len()),
        })
    }
}

#[tokio::test]
async fn defaults_are_not_applied_in_merge_patches() {
    let merge = "application/merge-patch+json";
    let table = [
        ("PATCH", "/books", "application/json", "{}", "200 7 None"),
        ("PATCH", "/books", merge, "{}", "200 None None"),
        (
            "PATCH",
            "/books",
            merge,
            r#"{"author":{}}"#,
            "200 None Some(None)",
        ),
        (
            "PATCH",
            "/books",
            "application/json",
            r#"{"author":{}}"#,
            r#"200 7 Some("nobody")"#,
        ),
        (
            "PATCH",
            "/books",
            merge,
            r#"{"title":"","pages":"x"}"#,
            "422 body /title minLength, body /pages type",
        ),
        ("PUT", "/books", merge, r#"{"text":null}"#, "200 Null"),
        (
            "PUT",
            "/books",
            "application/json-patch+json",
            r#"[{"op":"add"}]"#,
            "200 1 steps",
        ),
        (
            "PUT",
            "/books",
            "application/json-patch+json",
            r#"[{"op":"move"}]"#,
            "422 body /0/op enum",
        ),
    ];
    for (method, path, content_type, body, wanted) in table {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", content_type)
            .body(Body::from(body));
        let answer = send(merge_patch::api(Notes), request.unwrap()).await;
        assert_eq!(answer.summary(), wanted, "{content_type} {body}");
    }
}
