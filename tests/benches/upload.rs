//! How much memory it takes to receive 1 GiB: as a stream, and as a file of a form. `cargo bench -p specwright-tests --bench
//! upload`, on Linux only. Fails where it is more than 64 MiB.

use std::io::{Error, Write as _};
use std::pin::Pin;
use std::task::{Context as Waker, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http_body_util::BodyExt as _;
use specwright::axum::body::Body;
use specwright::http::{Request, Response};
use specwright::{App, ByteStream, Context, Unexpected};
use tower::ServiceExt as _;

specwright::include_api!(
    /// What `blobs.yaml` became.
    pub mod blobs
);

use blobs::{CountRequest, EchoRequest, UploadRequest};

/// How much is sent.
const SIZE: usize = 1 << 30;

/// How much of it at once.
const PIECE: usize = 64 << 10;

/// What the whole process may have taken at most, in KiB.
const GOAL: u64 = 64 << 10;

struct Counter;

impl blobs::DefaultApi for Counter {
    async fn count(&self, _: &Context, mut request: CountRequest) -> Result<i64, Unexpected> {
        let mut count = 0;
        while let Some(bytes) = request.body.next().await {
            count += i64::try_from(bytes?.len())?;
        }
        Ok(count)
    }

    async fn echo(&self, _: &Context, request: EchoRequest) -> Result<ByteStream, Unexpected> {
        Ok(request
            .body
            .unwrap_or_else(|| ByteStream::iter([Bytes::new()])))
    }

    async fn upload(&self, _: &Context, request: UploadRequest) -> Result<i64, Unexpected> {
        Ok(i64::try_from(request.body.file.size)?)
    }
}

/// The pieces of a body.
struct Pieces(Box<dyn Iterator<Item = Bytes> + Send>);

impl Stream for Pieces {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

fn pieces(head: &'static str, tail: &'static str) -> Body {
    let piece = Bytes::from(vec![b'7'; PIECE]);
    let middle = (0..SIZE / PIECE).map(move |_| piece.clone());
    let head = std::iter::once(Bytes::from_static(head.as_bytes()));
    let tail = std::iter::once(Bytes::from_static(tail.as_bytes()));
    Body::from_stream(Pieces(Box::new(head.chain(middle).chain(tail))))
}

async fn send(path: &str, content_type: &str, body: Body) -> specwright::Result<String> {
    let limit = 2 * SIZE as u64;
    let service = App::new(blobs::api(Counter))
        .body_limit(limit)
        .into_service()?;
    let request = Request::post(path)
        .header("content-type", content_type)
        .body(body)?;
    let response: Response<Body> = match service.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let body = response.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// The most memory that the process has had so far, in KiB.
fn peak() -> specwright::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.unwrap_or_default().parse()?)
}

#[tokio::main]
async fn main() -> specwright::Result {
    let mut out = std::io::stdout().lock();
    let stream = send("/blobs", "application/octet-stream", pieces("", "")).await?;
    writeln!(out, "stream: {stream} bytes, {} KiB at most", peak()?)?;
    let head = "--x\r\ncontent-disposition: form-data; name=file; filename=a\r\n\r\n";
    let form = pieces(head, "\r\n--x--\r\n");
    let form = send("/files", "multipart/form-data; boundary=x", form).await?;
    let peak = peak()?;
    writeln!(out, "file: {form} bytes, {peak} KiB at most")?;
    if peak > GOAL || [stream, form].iter().any(|it| *it != SIZE.to_string()) {
        return Err(Error::other(format!("more than {GOAL} KiB, or not all of it")).into());
    }
    Ok(())
}
