//! What a test holds against the document, and what not: errors of the server itself, parts of files, and headers without a
//! trace.

use std::time::Duration;

use specwright::http::Method;
use specwright::{
    App, ByteStream, ClientError, Context, ResponseFault, StatusCode, TestClient, Unexpected,
    Upload,
};

use super::tests::failure_of;

specwright::include_api!(pub mod client_held);

use client_held::client::Client;
use client_held::*;

/// Answers as it is asked to; the errors of the server have this code.
#[derive(Clone, Copy)]
struct Held {
    code: i32,
}

async fn answered(how: HeldHow) -> Result<String, Unexpected> {
    match how {
        HeldHow::Well => Ok("well".to_owned()),
        HeldHow::Panics => panic!("no paper"),
        HeldHow::Slowly => std::future::pending().await,
    }
}

impl ErrorBodies for Held {
    fn fault(&self, _: &specwright::Failure) -> Fault {
        Fault { code: self.code }
    }
}

impl DefaultApi for Held {
    async fn held(&self, _: &Context, request: HeldRequest) -> Result<String, HeldError> {
        Ok(answered(request.how).await?)
    }

    async fn told(&self, _: &Context, request: ToldRequest) -> Result<String, ToldError> {
        Ok(answered(request.how).await?)
    }

    async fn made(&self, _: &Context, request: MadeRequest) -> Result<String, MadeError> {
        Ok(answered(request.how).await?)
    }

    async fn free(&self, _: &Context, request: FreeRequest) -> Result<String, Unexpected> {
        answered(request.how).await
    }

    async fn file(&self, _: &Context) -> Result<ByteStream, FileError> {
        Ok(ByteStream::bytes(&b"0123456789"[..]).with_etag("\"v1\""))
    }

    async fn cookies(
        &self,
        _: &Context,
        request: CookiesRequest,
    ) -> Result<CookiesResponse, Unexpected> {
        let cookies = (0..request.count).map(|it| format!("a{it}=1"));
        Ok(CookiesResponse {
            set_cookie: cookies.collect(),
        })
    }

    async fn add_photos(&self, _: &Context, request: AddPhotosRequest) -> Result<i32, Unexpected> {
        Ok(i32::try_from(request.body.photos.len())?)
    }
}

async fn server(code: i32) -> TestClient {
    let app = App::new(client_held::api(Held { code }));
    TestClient::new(app.request_timeout(Duration::from_millis(10))).await
}

/// The errors that the server answers by itself, and how to get them.
const ERRORS: [(u16, &str, Method, &str); 4] = [
    (405, "well", Method::DELETE, "*/*"),
    (406, "well", Method::GET, "image/png"),
    (500, "panics", Method::GET, "*/*"),
    (503, "slowly", Method::GET, "*/*"),
];

/// What a test says of one of them, or the status where it says nothing.
async fn said(
    server: &TestClient,
    path: &str,
    error: &(u16, &'static str, Method, &'static str),
) -> String {
    let (_, how, method, accept) = error;
    let target = format!("/{path}?how={how}");
    let (server, method, accept) = (server.answering_errors(), method.clone(), *accept);
    let test = tokio::spawn(async move {
        let request = server.request(method, target).header("accept", accept);
        request.await.status().as_u16().to_string()
    });
    match test.await {
        Ok(status) => status,
        Err(failed) => *failed.into_panic().downcast::<String>().unwrap(),
    }
}

#[tokio::test(start_paused = true)]
async fn errors_of_the_server_are_as_the_document_says_or_not_in_it() {
    let server = server(500).await;
    for error in &ERRORS {
        let status = StatusCode::from_u16(error.0).unwrap();
        for path in ["told", "made", "free"] {
            let said = said(&server, path, error).await;
            assert_eq!(said, error.0.to_string(), "{path}");
        }
        let said = said(&server, "held", error).await;
        let words = format!(
            "`held` answered {status}: it is not what the document says:\nheader X-Reason: is required\n"
        );
        assert!(said.starts_with(&words), "{said}");
    }
    // A panic is told in place of what is answered.
    let said = failure_of(&server, "/held?how=panics").await;
    assert!(said.contains("panicked: no paper"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_body_of_an_error_that_breaks_the_document_fails_the_test() {
    let server = server(600).await;
    for error in &ERRORS {
        let target = format!("/made?how={}", error.1);
        let (own, method, accept) = (server.clone(), error.2.clone(), error.3);
        let test = tokio::spawn(async move {
            let _ = own.request(method, target).header("accept", accept).await;
        });
        let said = test.await.unwrap_err().into_panic();
        let said = *said.downcast::<String>().unwrap();
        // What failed first is why there is an error at all.
        let words = match error.0 {
            500 => "panicked: no paper",
            _ => "is not what the document says:\nbody /code: must be at most 599",
        };
        assert!(
            said.starts_with("`made` answered ") && said.contains(words),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_part_of_a_file_is_no_error_of_the_document() {
    let server = server(500).await;
    assert_eq!(server.get("/file").await.text(), "0123456789");
    let part = server.get("/file").header("range", "bytes=0-3").await;
    assert_eq!((part.status().as_u16(), part.text()), (206, "0123"));
    let same = server.get("/file").header("if-none-match", "\"v1\"").await;
    assert_eq!((same.status().as_u16(), same.text()), (304, ""));
    // A client that asks so gets what it is not told of.
    for (name, value, status) in [
        ("range", "bytes=0-3", 206),
        ("if-none-match", "\"v1\"", 304),
    ] {
        let mut client = client_held::client(&server);
        client.options.headers.insert(name, value.parse().unwrap());
        let error = client.file().await.unwrap_err();
        let answer = error.response().unwrap();
        assert_eq!(
            (answer.status.as_u16(), &answer.fault),
            (status, &ResponseFault::Status)
        );
    }
}

#[tokio::test]
async fn a_list_of_cookies_that_has_to_be_there_is_not_empty() {
    let server = server(500).await;
    let client = client_held::client(&server);
    let cookies = client.cookies(CookiesRequest { count: 2 }).await.unwrap();
    assert_eq!(cookies.set_cookie, ["a0=1", "a1=1"]);
    let said = failure_of(&server, "/cookies/0").await;
    let words = "`cookies` answered 500 Internal Server Error: the response header `Set-Cookie` is required";
    assert!(said.starts_with(words), "{said}");
}

#[tokio::test]
async fn files_are_as_long_as_they_may_be() {
    let server = server(500).await;
    let client: Client<_> = client_held::client(&server);
    let file = |length| Upload::new("a.bin", "application/octet-stream", vec![7; length]);
    let send = async |photos: Vec<usize>, cover: Option<usize>| {
        let body = AddPhotosRequestBody {
            photos: photos.into_iter().map(file).collect(),
            cover: cover.map(file),
        };
        client.add_photos(AddPhotosRequest { body }).await
    };
    // More than ten of them, so that what stands for the bytes of some while they are read back is longer than their like.
    let many = || vec![3; 12];
    assert_eq!(send(many(), Some(1)).await.unwrap(), 12);
    assert_eq!(send(many(), Some(0)).await.unwrap(), 12);
    let mut long = many();
    long[11] = 4;
    let mut empty = many();
    empty[1] = 0;
    for (photos, cover, words) in [
        (long, Some(1), "body /photos/11: maxLength"),
        (empty, Some(1), "body /photos/1: minLength"),
        (many(), Some(2), "body /cover: maxLength"),
        (many(), Some(100_000), "body /cover: maxLength"),
    ] {
        let error = send(photos, cover).await.unwrap_err();
        let ClientError::Request(error) = error else {
            panic!("{error}");
        };
        let violations = error.violations().unwrap();
        let found: Vec<String> = violations
            .iter()
            .map(|it| format!("body {}: {}", it.pointer, it.keyword.as_str()))
            .collect();
        assert_eq!(found, [words]);
    }
}
