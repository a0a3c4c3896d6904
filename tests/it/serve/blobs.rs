//! Bytes that flow, and files that are longer than they may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Channel};
use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, ByteStream, Context, JsonStream, Unexpected};
use tower::ServiceExt as _;

use super::request::{send, send_to};

specwright::include_api!(pub mod blobs);

use blobs::*;

struct Counter;

impl DefaultApi for Counter {
    async fn count(&self, _: &Context, mut request: CountRequest) -> Result<i64, Unexpected> {
        let mut count = 0;
        while let Some(bytes) = request.body.next().await {
            count += bytes?.len() as i64;
        }
        Ok(count)
    }

    async fn echo(&self, _: &Context, request: EchoRequest) -> Result<ByteStream, Unexpected> {
        let nothing = || ByteStream::reader(&b"nothing"[..]);
        Ok(request.body.unwrap_or_else(nothing))
    }

    async fn upload(&self, _: &Context, request: UploadRequest) -> Result<i64, Unexpected> {
        Ok(request.body.file.size as i64)
    }

    async fn parts(&self, _: &Context, mut request: PartsRequest) -> Result<i64, Unexpected> {
        let mut count = 0;
        while let Some(part) = request.body.next().await {
            let (PartsRequestPart::File(mut file) | PartsRequestPart::Small(mut file)) = part?;
            while let Some(bytes) = file.next().await {
                count += bytes?.len() as i64;
            }
        }
        Ok(count)
    }

    async fn items(&self, _: &Context, mut request: ItemsRequest) -> Result<i64, Unexpected> {
        let mut count = 0;
        while let Some(file) = request.body.next().await {
            count += file?.size as i64;
        }
        Ok(count)
    }
}

fn bytes(method: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri("/blobs")
        .header("content-type", "application/octet-stream")
        .body(body.into())
        .unwrap()
}

/// A body of so many pieces, and how many of them were taken.
fn pieces(head: &str, piece: &'static [u8], count: usize, tail: &str) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let (head, tail) = (Bytes::from(head.to_owned()), Bytes::from(tail.to_owned()));
    let middle = (0..count).map(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Bytes::from_static(piece)
    });
    let all = std::iter::once(head).chain(middle).chain([tail]);
    let stream: ByteStream = ByteStream::iter(all);
    (Body::from_stream(Results(stream)), taken)
}

/// Errors as axum wants them.
struct Results(ByteStream);

impl futures_core::Stream for Results {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let next = std::pin::Pin::new(&mut self.0).poll_next(cx);
        next.map(|item| item.map(|it| it.map_err(|_| std::io::Error::other("broken"))))
    }
}

#[tokio::test]
async fn bytes_flow_beyond_the_limit_of_bodies() {
    let app = || App::new(blobs::api(Counter)).body_limit(10);
    let (body, _) = pieces("", &[7; 65536], 100, "end");
    let answer = send_to(app(), bytes("POST", body)).await;
    assert_eq!(answer.summary(), format!("200 {}", 65536 * 100 + 3));
    assert_eq!(send_to(app(), bytes("POST", "")).await.summary(), "200 0");
    let untyped = Request::post("/blobs").body(Body::from("x")).unwrap();
    assert_eq!(send_to(app(), untyped).await.summary(), "415");
}

#[tokio::test]
async fn what_comes_is_sent_at_once() {
    let service = App::new(blobs::api(Counter)).into_service().unwrap();
    let (mut sender, body) = Channel::<Bytes, std::io::Error>::new(1);
    let response = service
        .oneshot(bytes("PUT", Body::new(body)))
        .await
        .unwrap();
    let mut answers = response.into_body();
    for word in ["one", "two"] {
        sender.send_data(Bytes::from(word)).await.unwrap();
        let frame = answers.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), word);
    }
    // A body that breaks off ends the response before its end.
    sender.abort(std::io::Error::other("gone"));
    assert!(answers.frame().await.unwrap().is_err());

    let none = Request::put("/blobs").body(Body::empty()).unwrap();
    let answer = send(blobs::api(Counter), none).await;
    assert_eq!(answer.summary(), "200 nothing");
}

/// Whether it is kept whole, read as it comes, or an item of a stream: behind its limit nothing of it is read any more.
#[tokio::test]
async fn a_file_that_is_too_long_is_not_read_to_its_end() {
    let head = |name: &str| {
        format!(
            "--x\r\ncontent-disposition: form-data; name={name}; filename=a\r\ncontent-type: application/octet-stream\r\n\r\n"
        )
    };
    let post = |path: &str, content_type: &str, body: Body| {
        Request::post(path)
            .header("content-type", format!("{content_type}; boundary=x"))
            .body(body)
            .unwrap()
    };
    for (path, content_type, refused) in [
        ("/files", "multipart/form-data", "422 body /small maxLength"),
        ("/parts", "multipart/form-data", "422 body /small maxLength"),
        ("/items", "multipart/mixed", "422 body /0 maxLength"),
    ] {
        let (body, taken) = pieces(&head("small"), &[7; 1000], 1000, "\r\n--x--\r\n");
        let answer = send(blobs::api(Counter), post(path, content_type, body)).await;
        assert_eq!(answer.summary(), refused, "{path}");
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken < 10, "{taken} pieces of {path} were read");
    }
    for path in ["/files", "/parts"] {
        let (body, _) = pieces(&head("file"), &[7; 1000], 1000, "\r\n--x--\r\n");
        let answer = send(blobs::api(Counter), post(path, "multipart/form-data", body)).await;
        assert_eq!(answer.summary(), "200 1000000", "{path}");
    }
}

#[test]
fn streams_say_what_they_are() {
    let stream = ByteStream::iter([Bytes::from_static(b"secret")]);
    assert_eq!(format!("{stream:?}"), "ByteStream { .. }");
    let items: JsonStream<u8> = JsonStream::iter([1]);
    assert_eq!(format!("{items:?}"), "JsonStream { .. }");
}
