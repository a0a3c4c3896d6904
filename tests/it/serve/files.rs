//! Files in responses, and the parts and versions of them that clients ask for.

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use http_body_util::BodyExt as _;
use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, ByteStream, Cause, Context, Failure, MediaContent, StatusCode, Unexpected};
use tempfile::NamedTempFile;
use tokio::io::AsyncReadExt as _;
use tower::ServiceExt as _;

use super::request::{Answer, send};

specwright::include_api!(pub mod files);

use files::*;

/// 2026-01-01T00:00:00Z
const CHANGED: Duration = Duration::from_secs(1_767_225_600);

struct Shelf(NamedTempFile);

impl DefaultApi for Shelf {
    async fn read(&self, context: &Context) -> Result<ByteStream, Unexpected> {
        context.set_header("x-shelf".try_into()?, "7".try_into()?);
        Ok(ByteStream::open(self.0.path()).await?)
    }

    async fn make(&self, _: &Context) -> Result<ByteStream, Unexpected> {
        // Whatever was read before is sent all the same.
        let mut file = tokio::fs::File::open(self.0.path()).await?;
        file.read_u8().await?;
        Ok(ByteStream::file(file).await?)
    }

    async fn cover(&self, _: &Context) -> Result<CoverResponse, CoverError> {
        let bytes = ByteStream::bytes(&b"\x89PNG and more"[..]).with_etag("\"not this\"");
        Ok(CoverResponse {
            etag: "\"v7\"".to_owned(),
            body: MediaContent::new("image/png", bytes),
        })
    }

    async fn any(&self, _: &Context) -> Result<AnyResponse, Unexpected> {
        Ok(AnyResponse::Successful {
            status: StatusCode::OK,
            body: ByteStream::open(self.0.path()).await?,
        })
    }

    async fn broken(&self, _: &Context, request: BrokenRequest) -> Result<ByteStream, Unexpected> {
        let path = self.0.path();
        Ok(match request.how {
            BrokenHow::Etag => ByteStream::open(path).await?.with_etag("no quotes"),
            BrokenHow::Shorter => {
                let file = tokio::fs::File::open(path).await?;
                let opened = ByteStream::file(file).await?;
                self.0.as_file().set_len(3)?;
                opened
            }
            BrokenHow::Folder => ByteStream::open(std::env::temp_dir()).await?,
            BrokenHow::Missing => ByteStream::open(path.with_extension("gone")).await?,
        })
    }
}

impl ErrorBodies for Shelf {
    fn cover_range_not_satisfiable_body(&self, failure: &Failure) -> CoverRangeNotSatisfiableBody {
        assert_eq!(failure.cause(), Cause::RangeNotSatisfiable);
        CoverRangeNotSatisfiableBody {
            length: failure.detail().unwrap_or_default().to_owned(),
        }
    }
}

/// Serves a file of these bytes that was last changed at [`CHANGED`].
pub(crate) fn shelf(bytes: &[u8]) -> specwright::Api {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let changed = SystemTime::UNIX_EPOCH + CHANGED;
    file.as_file().set_modified(changed).unwrap();
    files::api(Shelf(file))
}

async fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(shelf(b"0123456789"), request.body(Body::empty()).unwrap()).await
}

/// What of `0123456789` is answered to a `Range`, as status, `Content-Range` and body.
async fn part(range: &str) -> String {
    let answer = ask("GET", "/file", &[("range", range)]).await;
    let sent = answer.headers.get("content-range");
    let sent = sent.map_or("-", |it| it.to_str().unwrap());
    let body = if answer.status < 300 {
        answer.text()
    } else {
        ""
    };
    if answer.status < 300 {
        assert_eq!(answer.headers["content-length"], body.len().to_string());
    }
    format!("{} {sent} {body}", answer.status)
}

#[tokio::test]
async fn a_part_of_a_file() {
    let table = [
        ("bytes=0-3", "206 bytes 0-3/10 0123"),
        ("bytes=4-", "206 bytes 4-9/10 456789"),
        ("bytes=-2", "206 bytes 8-9/10 89"),
        ("bytes=-20", "206 bytes 0-9/10 0123456789"),
        ("bytes=9-9", "206 bytes 9-9/10 9"),
        ("bytes=8-400", "206 bytes 8-9/10 89"),
        ("bytes=10-", "416 bytes */10 "),
        ("bytes=18446744073709551615-", "416 bytes */10 "),
        // What is no range is ignored, and so are several.
        ("bytes=3-1", "200 - 0123456789"),
        ("bytes=x-1", "200 - 0123456789"),
        ("lines=0-1", "200 - 0123456789"),
        ("bytes=18446744073709551616-", "200 - 0123456789"),
        ("bytes=0-1,4-5", "200 - 0123456789"),
    ];
    for (range, expected) in table {
        assert_eq!(part(range).await, expected, "{range}");
    }
}

#[tokio::test]
async fn all_of_a_file() {
    let answer = ask("GET", "/file", &[]).await;
    assert_eq!(answer.summary(), "200 0123456789");
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    assert_eq!(answer.headers["content-length"], "10");
    assert_eq!(answer.headers["accept-ranges"], "bytes");
    assert_eq!(
        answer.headers["last-modified"],
        "Thu, 01 Jan 2026 00:00:00 GMT"
    );
    let head = ask("HEAD", "/file", &[("range", "bytes=0-1")]).await;
    assert_eq!(head.summary(), "200");
    assert_eq!(head.headers["content-length"], "10");
    assert_eq!(head.headers["etag"], answer.headers["etag"]);
    // Only what is got has parts.
    let made = ask("POST", "/file", &[("range", "bytes=0-1")]).await;
    assert_eq!(made.summary(), "200 0123456789");
    assert!(!made.headers.contains_key("accept-ranges"));

    let request = Request::get("/file").header("range", "bytes=0-");
    let empty = send(shelf(b""), request.body(Body::empty()).unwrap()).await;
    assert_eq!(empty.headers["content-range"], "bytes */0");
    let empty = Request::get("/file").body(Body::empty()).unwrap();
    let empty = send(shelf(b""), empty).await;
    assert_eq!(empty.summary(), "200");
    assert_eq!(empty.headers["content-length"], "0");
}

#[tokio::test]
async fn versions_of_a_file() {
    let etag = ask("GET", "/file", &[]).await.headers["etag"].clone();
    let etag = etag.to_str().unwrap();
    let weak = format!("W/{etag}, \"b\"");
    let same = "Thu, 01 Jan 2026 00:00:00 GMT";
    let before = "Wed, 31 Dec 2025 23:59:59 GMT";
    let part = ("range", "bytes=0-1");
    let table: [(&[(&str, &str)], &str); 15] = [
        (&[("if-none-match", etag)], "304 "),
        (&[("if-none-match", &weak)], "304 "),
        (&[("if-none-match", "*")], "304 "),
        (&[("if-none-match", etag), part], "304 "),
        (
            &[("if-none-match", "\"b\""), ("if-modified-since", same)],
            "200 0123456789",
        ),
        (&[("if-modified-since", same)], "304 "),
        (&[("if-modified-since", before)], "200 0123456789"),
        (&[("if-modified-since", "yesterday")], "200 0123456789"),
        (&[("if-range", etag), part], "206 01"),
        (&[("if-range", "\"b\""), part], "200 0123456789"),
        (&[("if-range", same), part], "206 01"),
        (&[("if-range", before), part], "200 0123456789"),
        (
            &[("if-match", etag), ("if-unmodified-since", before)],
            "200 0123456789",
        ),
        (&[("if-match", "\"b\"")], "412"),
        (&[("if-unmodified-since", before)], "412"),
    ];
    for (headers, expected) in table {
        let answer = ask("GET", "/file", headers).await;
        let summary = answer.summary();
        assert_eq!(summary.trim_end(), expected.trim_end(), "{headers:?}");
        assert_eq!(answer.headers["etag"], etag, "{headers:?}");
        assert_eq!(answer.headers["x-shelf"], "7", "{headers:?}");
        if answer.status == 304 {
            assert!(!answer.headers.contains_key("content-type"));
            assert!(!answer.headers.contains_key("content-length"));
        }
    }
}

#[tokio::test]
async fn bytes_have_the_version_that_the_response_declares() {
    let answer = ask("GET", "/cover", &[("range", "bytes=1-3")]).await;
    assert_eq!(answer.summary(), "206 PNG");
    assert_eq!(answer.headers["content-type"], "image/png");
    assert_eq!(answer.headers["etag"], "\"v7\"");
    let known = ask("GET", "/cover", &[("if-none-match", "\"v7\"")]).await;
    assert_eq!(known.status, 304);
    let other = ask("GET", "/cover", &[("if-none-match", "\"not this\"")]).await;
    assert_eq!(other.status, 200);
    // The document says what a 416 looks like.
    let behind = ask("GET", "/cover", &[("range", "bytes=99-")]).await;
    assert_eq!(behind.status, 416);
    assert_eq!(behind.text(), r#"{"length":"there are only 13 bytes"}"#);
    assert_eq!(behind.headers["content-range"], "bytes */13");
    assert_eq!(behind.headers["content-type"], "application/json");
}

#[tokio::test]
async fn what_cannot_be_sent() {
    for how in ["etag", "folder", "missing"] {
        let answer = ask("GET", &format!("/broken?how={how}"), &[]).await;
        assert_eq!(answer.status, 500, "{how}");
    }
    // A file that becomes shorter on the way ends the response before its end.
    let service = App::new(shelf(b"0123456789")).into_service().unwrap();
    let request = Request::get("/broken?how=shorter")
        .body(Body::empty())
        .unwrap();
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-length"], "10");
    assert!(response.into_body().collect().await.is_err());
}

#[tokio::test]
async fn a_long_file_is_never_in_memory() {
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|it| it as u8).collect();
    let service = App::new(shelf(&bytes)).into_service().unwrap();
    let request = Request::get("/file").header("range", "bytes=1000-2499999");
    let request = request.body(Body::empty()).unwrap();
    let mut body = service.oneshot(request).await.unwrap().into_body();
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        let data = frame.unwrap().into_data().unwrap();
        assert!(data.len() <= 80 << 10, "{} bytes at once", data.len());
        all.extend_from_slice(&data);
    }
    assert_eq!(all, &bytes[1000..2_500_000]);
}

#[tokio::test]
async fn a_handler_may_read_what_it_was_to_send() {
    let mut stream = ByteStream::from(b"abc".to_vec());
    assert_eq!(stream.next().await.unwrap().unwrap(), "abc");
    assert!(stream.next().await.is_none());
}
