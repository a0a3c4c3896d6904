//! How much memory and time it takes to receive 1 GiB: as a stream, as a file of a form that is read part by part, and as
//! one that is kept. `cargo bench -p specwright-tests --bench upload`, on Linux only. Fails where it is more than 64 MiB.

use std::io::{Error, Write as _};
use std::pin::Pin;
use std::task::{Context as Waker, Poll};
use std::time::Instant;

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

use blobs::{
    CountRequest, EchoRequest, ItemsRequest, PartsRequest, PartsRequestPart, UploadRequest,
};

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

    async fn parts(&self, _: &Context, mut request: PartsRequest) -> Result<i64, Unexpected> {
        let mut count = 0;
        while let Some(part) = request.body.next().await {
            let (PartsRequestPart::File(mut file) | PartsRequestPart::Small(mut file)) = part?;
            while let Some(bytes) = file.next().await {
                count += i64::try_from(bytes?.len())?;
            }
        }
        Ok(count)
    }

    async fn items(&self, _: &Context, mut request: ItemsRequest) -> Result<i64, Unexpected> {
        let mut count = 0;
        while let Some(file) = request.body.next().await {
            count += i64::try_from(file?.size)?;
        }
        Ok(count)
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
    const HEAD: &str = "--x\r\ncontent-disposition: form-data; name=file; filename=a\r\n\r\n";
    const TAIL: &str = "\r\n--x--\r\n";
    let form = "multipart/form-data; boundary=x";
    let mut out = std::io::stdout().lock();
    // The peak never falls, so what takes most comes last.
    for (what, path, content_type, (head, tail)) in [
        ("stream", "/blobs", "application/octet-stream", ("", "")),
        ("part by part", "/parts", form, (HEAD, TAIL)),
        ("file", "/files", form, (HEAD, TAIL)),
    ] {
        let start = Instant::now();
        let count = send(path, content_type, pieces(head, tail)).await?;
        let (seconds, peak) = (start.elapsed().as_secs_f64(), peak()?);
        writeln!(
            out,
            "{what}: {count} bytes in {seconds:.1} s, {peak} KiB at most"
        )?;
        if peak > GOAL || count != SIZE.to_string() {
            return Err(Error::other(format!("more than {GOAL} KiB, or not all of it")).into());
        }
    }
    Ok(())
}
