//! Responses of several statuses with headers, and bodies without JSON.

use specwright::axum::body::Body;
use specwright::codegen::Bytes;
use specwright::http::Request;
use specwright::{App, Context, Problem, StatusCode, Unexpected};

use super::Echo;
use super::request::{Answer, send, send_bare};

specwright::include_api!(pub mod responses);
specwright::include_api!(pub mod bytes);
specwright::include_api!(pub mod response_headers);

use responses::{AnswerError, AnswerRequest, AnswerResponse, Missing, Thing};

impl responses::ErrorBodies for Echo {
    fn thing(&self, _: &specwright::Failure) -> responses::Thing {
        responses::Thing { size: 5 }
    }
}

impl responses::DefaultApi for Echo {
    async fn remove(&self, _: &Context) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn answer(
        &self,
        _: &Context,
        request: AnswerRequest,
    ) -> Result<AnswerResponse, AnswerError> {
        let client_error = |status, size| AnswerError::ClientError {
            status,
            body: Thing { size },
        };
        let default = |status| AnswerError::Default {
            status,
            body: Thing { size: 5 },
        };
        let accepted = |tags: Option<&[&str]>| AnswerResponse::Accepted {
            retry_after: 30,
            x_tags: tags.map(|tags| tags.iter().map(|&tag| tag.to_owned()).collect()),
        };
        match request.kind.as_str() {
            "ok" => Ok(AnswerResponse::Ok(Thing { size: 9 })),
            "broken" => Ok(AnswerResponse::Ok(Thing { size: 10 })),
            "accepted" => Ok(accepted(None)),
            "tags" => Ok(accepted(Some(&["a", "b c"]))),
            "evil" => Ok(accepted(Some(&["a\r\nset-cookie: a=b"]))),
            "nothing" => Ok(AnswerResponse::NoContent),
            "missing" => Err(Missing(Thing { size: 1 }))?,
            "missing-broken" => Err(Missing(Thing { size: 0 }))?,
            "teapot" => Err(client_error(StatusCode::IM_A_TEAPOT, 2)),
            "teapot-broken" => Err(client_error(StatusCode::IM_A_TEAPOT, 0)),
            "not-client" => Err(client_error(StatusCode::BAD_GATEWAY, 2)),
            "documented" => Err(client_error(StatusCode::NOT_FOUND, 2)),
            "gateway" => Err(default(StatusCode::BAD_GATEWAY)),
            "default-ok" => Err(default(StatusCode::OK)),
            "problem" => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE))?,
            _ => Err(std::fmt::Error)?,
        }
    }
}

impl bytes::DefaultApi for Echo {
    async fn put_text(
        &self,
        _: &Context,
        request: bytes::PutTextRequest,
    ) -> Result<String, Unexpected> {
        Ok(request.body)
    }

    async fn put_image(
        &self,
        _: &Context,
        request: bytes::PutImageRequest,
    ) -> Result<Bytes, Unexpected> {
        Ok(request.body)
    }

    async fn put_sketch(
        &self,
        _: &Context,
        request: bytes::PutSketchRequest,
    ) -> Result<bytes::PutSketchResponse, Unexpected> {
        Ok(match request.body {
            Some(body) => bytes::PutSketchResponse::Ok(body),
            None => bytes::PutSketchResponse::NoContent,
        })
    }

    async fn put_optional(
        &self,
        _: &Context,
        request: bytes::PutOptionalRequest,
    ) -> Result<Option<i64>, Unexpected> {
        Ok(request.body)
    }
}

impl response_headers::DefaultApi for Echo {
    async fn answer(
        &self,
        _: &Context,
        request: response_headers::AnswerRequest,
    ) -> Result<response_headers::AnswerResponse, Unexpected> {
        let color = |r, name: &str| response_headers::Color {
            r,
            name: (!name.is_empty()).then(|| name.to_owned()),
        };
        let texts = |texts: &[&str]| Some(texts.iter().map(|&it| it.to_owned()).collect());
        let mut answer = response_headers::AnswerResponse {
            x_count: 5,
            x_code: None,
            x_tags: None,
            x_color: None,
            x_exploded: None,
            x_json: None,
            x_gaps: None,
            x_note: None,
            set_cookie: None,
        };
        match request.kind.as_str() {
            "all" => {
                answer.x_code = Some("abc".to_owned());
                answer.x_tags = texts(&["a b", "c=d"]);
                answer.x_color = Some(color(100, "red=1"));
                answer.x_exploded = Some(color(100, "dark red"));
                answer.x_json = Some(vec![color(1, "r\u{e9}, \u{1f534}"), color(2, "")]);
                answer.x_note = Some("a, b".to_owned());
                answer.set_cookie = texts(&["a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT", "b=2"]);
            }
            "deleted" => answer.x_json = Some(vec![color(1, "a\u{7f}~")]),
            "gaps" => answer.x_gaps = Some(vec![Some("a".to_owned()), None]),
            "empty" => {
                answer.x_tags = texts(&[]);
                answer.set_cookie = texts(&[]);
            }
            "bound" => answer.x_count = 10,
            "pattern" => answer.x_code = Some("ABC".to_owned()),
            "items" => answer.x_tags = texts(&["a", "b", "c"]),
            "member" => answer.x_color = Some(color(256, "")),
            "json" => answer.x_json = Some(vec![color(256, "")]),
            "note" => answer.x_note = Some("0123456789".to_owned()),
            "cookie" => answer.set_cookie = texts(&[""]),
            "beyond" => answer.x_note = Some("na\u{ef}ve".to_owned()),
            "blanks" => answer.x_note = Some("a ".to_owned()),
            "blank-item" => answer.x_tags = texts(&["a", " b"]),
            "no-item" => answer.x_tags = texts(&["a", ""]),
            "comma" => answer.x_tags = texts(&["a,b"]),
            "equals" => answer.x_exploded = Some(color(1, "a,b")),
            "break" => answer.set_cookie = texts(&["a=1\r\nx: y"]),
            _ => {}
        }
        Ok(answer)
    }
}

async fn headers(kind: &str) -> Answer {
    let request = Request::get(format!("/{kind}")).body(Body::empty());
    send(response_headers::api(Echo), request.unwrap()).await
}

#[tokio::test]
async fn headers_are_written_in_their_style() {
    let all = headers("all").await;
    assert_eq!(all.status, 204);
    for (name, text) in [
        ("x-count", "5"),
        ("x-code", "abc"),
        ("x-tags", "a b,c=d"),
        ("x-color", "R,100,name,red=1"),
        ("x-exploded", "R=100,name=dark red"),
        (
            "x-json",
            r#"[{"R":1,"name":"r\u00e9, \ud83d\udd34"},{"R":2}]"#,
        ),
        ("x-note", "a, b"),
    ] {
        assert_eq!(all.headers[name], text, "{name}");
    }
    // A cookie may hold a comma, so cookies are never joined.
    let cookies: Vec<_> = all.headers.get_all("set-cookie").iter().collect();
    assert_eq!(
        cookies,
        ["a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT", "b=2"]
    );
    // A client may have sent what no header may hold.
    let deleted = headers("deleted").await;
    assert_eq!(deleted.headers["x-json"], r#"[{"R":1,"name":"a\u007f~"}]"#);
    let empty = headers("empty").await;
    assert_eq!(empty.headers["x-tags"], "");
    assert!(!empty.headers.contains_key("set-cookie"));
    assert!(!empty.headers.contains_key("x-code"));
}

/// In debug builds headers are held against the document, as bodies are.
#[tokio::test]
async fn headers_that_break_the_document_are_an_opaque_500() {
    for kind in [
        "bound",
        "pattern",
        "items",
        "member",
        "json",
        "note",
        "cookie",
        "comma",
        "equals",
        "break",
        "gaps",
        "beyond",
        "blanks",
        "blank-item",
        "no-item",
    ] {
        let answer = headers(kind).await;
        assert_eq!(answer.status, 500, "{kind}: {answer:?}");
        assert!(!answer.headers.contains_key("x-count"), "{kind}");
    }
}

async fn answer(kind: &str) -> Answer {
    let request = Request::get(format!("/{kind}")).body(Body::empty());
    // Some kinds are not what the document says.
    send_bare(App::new(responses::api(Echo)), request.unwrap()).await
}

#[tokio::test]
async fn every_status_has_its_body() {
    let table = [
        ("ok", 200, Some("application/json"), r#"{"size":9}"#),
        ("accepted", 202, None, ""),
        ("nothing", 204, None, ""),
        ("missing", 404, Some("application/json"), r#"{"size":1}"#),
        ("teapot", 418, Some("application/json"), r#"{"size":2}"#),
        (
            "gateway",
            502,
            Some("application/problem+json"),
            r#"{"size":5}"#,
        ),
    ];
    for (kind, status, content_type, body) in table {
        let answer = answer(kind).await;
        assert_eq!((answer.status, answer.text()), (status, body), "{kind}");
        let found = answer.headers.get("content-type");
        assert_eq!(found.map(|it| it.to_str().unwrap()), content_type, "{kind}");
    }
    assert_eq!(answer("problem").await.status, 503);
}

#[tokio::test]
async fn declared_headers_are_sent() {
    let plain = answer("accepted").await;
    assert_eq!(plain.headers["retry-after"], "30");
    assert!(!plain.headers.contains_key("x-tags"));
    assert_eq!(answer("tags").await.headers["x-tags"], "a,b c");
}

/// In debug builds a response that the document does not allow is never sent.
#[tokio::test]
async fn what_breaks_the_document_is_an_opaque_500() {
    for kind in [
        "broken",
        "missing-broken",
        "teapot-broken",
        "not-client",
        "documented",
        "default-ok",
        "evil",
        "error",
    ] {
        let answer = answer(kind).await;
        assert_eq!(answer.status, 500, "{kind}: {answer:?}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(!answer.headers.contains_key("set-cookie"));
        // What the document declares for every other status, made by `ErrorBodies`.
        assert_eq!(answer.text(), r#"{"size":5}"#, "{kind}");
    }
}

#[tokio::test]
async fn bodies_without_json_are_text_or_bytes() {
    let put = async |path: &str, content_type: Option<&str>, body: &[u8]| {
        let mut request = Request::put(path);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let body = Body::from(body.to_vec());
        send(bytes::api(Echo), request.body(body).unwrap()).await
    };
    let text = put("/text", Some("text/plain; charset=UTF-8"), "aé".as_bytes()).await;
    assert_eq!((text.status, text.text()), (200, "aé"));
    assert_eq!(text.headers["content-type"], "text/plain; charset=utf-8");
    let broken = put("/text", Some("text/plain"), b"a\xff").await;
    assert_eq!(broken.status, 400, "{broken:?}");
    assert_eq!(put("/text", Some("text/plain"), b"").await.summary(), "200");
    let latin = put("/text", Some("text/plain; charset=latin1"), b"a").await;
    assert_eq!(
        (latin.status, &latin.headers["accept"]),
        (415, &"text/plain".parse().unwrap())
    );
    let image = put("/image", Some("image/png"), b"\x89PNG").await;
    assert_eq!((image.status, &*image.body), (200, &b"\x89PNG"[..]));
    assert_eq!(image.headers["content-type"], "image/png");
    for content_type in [Some("text/html"), Some("application/json"), None] {
        assert_eq!(put("/text", content_type, b"a").await.status, 415);
    }

    let given = put("/optional", Some("application/json"), b"5").await;
    assert_eq!(given.summary(), "200 5");
    assert_eq!(given.headers["content-type"], "application/vnd.house+json");
    assert_eq!(put("/optional", None, b"").await.summary(), "200 null");
    let zero = put("/optional", Some("application/json"), b"0").await;
    assert_eq!(zero.summary(), "422 body minimum");
    assert_eq!(put("/optional", Some("text/plain"), b"5").await.status, 415);
}
