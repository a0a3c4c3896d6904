//! Forms whose parts are handed over as they come (`x-stream: true`).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{self, Poll};

use bytes::Bytes;
use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, Context, Unexpected, UploadStream};

use super::Echo;
use super::request::{Answer, Part, form_data, send, send_to};

specwright::include_api!(pub mod multipart_stream);

use multipart_stream::AddBookRequestPart as Came;

/// How much of a file came, and in how many pieces at least.
async fn length(mut file: UploadStream) -> Result<String, Unexpected> {
    let (mut length, mut longest) = (0, 0);
    while let Some(bytes) = file.next().await {
        let bytes = bytes?;
        length += bytes.len();
        longest = longest.max(bytes.len());
    }
    assert!(longest <= 256 << 10, "{longest} bytes at once");
    assert!(file.next().await.is_none());
    Ok(format!(
        "{:?} {:?} {length}",
        file.filename, file.content_type
    ))
}

impl multipart_stream::DefaultApi for Echo {
    async fn add_book(
        &self,
        cx: &Context,
        request: multipart_stream::AddBookRequest,
    ) -> Result<String, Unexpected> {
        let mut parts = request.body;
        let skips = cx.headers().contains_key("x-skip");
        let goes_on = cx.headers().contains_key("x-go-on");
        let mut read = Vec::new();
        let mut left = None;
        while let Some(part) = parts.next().await {
            let part = match part {
                Ok(part) => part,
                Err(problem) if goes_on => {
                    let json: serde_json::Value = serde_json::from_slice(&problem.to_json())?;
                    let faults = json["errors"].as_array().into_iter().flatten();
                    let faults = faults.map(|it| format!("!{} {}", it["pointer"], it["code"]));
                    read.extend(faults.map(|it| it.replace('"', "")));
                    continue;
                }
                Err(problem) => return Err(problem.into()),
            };
            read.push(match part {
                Came::Cover(file) if skips => {
                    left = Some(file);
                    "left".to_owned()
                }
                Came::Cover(file) => format!("cover={}", length(file).await?),
                Came::Samples(file) => {
                    let page = file.headers.x_page;
                    format!("sample={page} {}", length(file.value).await?)
                }
                other => format!("{other:?}"),
            });
        }
        assert!(parts.next().await.is_none());
        if let Some(mut file) = left {
            assert!(file.next().await.is_some_and(|it| it.is_err()));
            assert!(file.next().await.is_none());
        }
        Ok(read.join(", "))
    }
}

fn request(body: impl Into<Body>, header: Option<&str>) -> Request<Body> {
    let request =
        Request::post("/books").header("content-type", "multipart/form-data; boundary=frontier");
    let request = match header {
        Some(name) => request.header(name, "1"),
        None => request,
    };
    request.body(body.into()).unwrap()
}

async fn post(parts: &[Part<'_>]) -> Answer {
    send(multipart_stream::api(Echo), request(form_data(parts), None)).await
}

const TITLE: Part<'_> = ("name=title", b"Emma");
const COVER: Part<'_> = (
    "name=cover; filename=\"c.png\"\nContent-Type: image/png",
    b"\x89PNG",
);
const SHOWN: &str = r#"cover=Some("c.png") Some("image/png") 4"#;

#[tokio::test]
async fn parts_come_in_their_order() {
    let table: [(&[Part<'_>], String); 4] = [
        (&[TITLE, COVER], format!("200 Title(\"Emma\"), {SHOWN}")),
        (&[COVER, TITLE], format!("200 {SHOWN}, Title(\"Emma\")")),
        (
            &[
                ("name=pages", b"12"),
                COVER,
                ("name=tags", b"aa"),
                ("name=numbers", b"[1, 2]"),
                ("name=tags", b"bb"),
                ("name=numbers", b"3"),
                ("name=author", br#"{"name":"Jane"}"#),
                TITLE,
            ],
            format!(
                "200 Pages(12), {SHOWN}, Tags(\"aa\"), Numbers(1), Numbers(2), Tags(\"bb\"), Numbers(3), Author(AddBookRequestPartAuthor {{ name: \"Jane\" }}), Title(\"Emma\")"
            ),
        ),
        (
            &[
                ("name=samples; filename=\"\"", b""),
                ("name=samples; filename=s\nX-Page: 7", b"abc"),
                ("name=samples\nX-Page: 8", b""),
                TITLE,
                COVER,
            ],
            format!(
                "200 sample=7 Some(\"s\") None 3, sample=8 None None 0, Title(\"Emma\"), {SHOWN}"
            ),
        ),
    ];
    for (parts, wanted) in table {
        assert_eq!(post(parts).await.summary(), wanted, "{parts:?}");
    }
}

#[tokio::test]
async fn each_part_is_checked() {
    let table: [(&[Part<'_>], &str); 13] = [
        (&[], "422 body /title required, body /cover required"),
        (&[COVER], "422 body /title required"),
        (&[("name=title", b"E"), COVER], "422 body /title minLength"),
        (&[("name=pages", b"x")], "422 body /pages type"),
        (&[TITLE, TITLE], "422 body /title repeated"),
        (&[COVER, COVER], "422 body /cover repeated"),
        (
            &[("name=more", b"x")],
            "422 body /more additionalProperties",
        ),
        (
            &[("name=cover\nContent-Type: image/gif", b"x")],
            "422 body /cover contentType",
        ),
        (
            &[("name=tags", b"aa"), ("name=tags", b"b")],
            "422 body /tags/1 minLength",
        ),
        (
            &[TITLE, COVER, ("name=tags", b"aa")],
            "422 body /tags minItems",
        ),
        (
            &[
                ("name=tags", b"aa"),
                ("name=tags", b"aa"),
                ("name=tags", b"aa"),
                ("name=tags", b"aa"),
            ],
            "422 body /tags maxItems",
        ),
        (
            &[("name=samples", b"x")],
            "422 body /samples/0/headers/X-Page required",
        ),
        (&[("name=author", b"{")], "422 body /author syntax"),
    ];
    for (parts, wanted) in table {
        assert_eq!(post(parts).await.summary(), wanted, "{parts:?}");
    }
}

#[tokio::test]
async fn what_follows_a_fault_can_be_read() {
    let parts = form_data(&[
        ("name=more", b"x"),
        ("name=pages", b"0"),
        ("name=numbers", b"[1, 0, 2]"),
        ("name=cover\nContent-Type: image/gif", b"x"),
        TITLE,
    ]);
    let answer = send(multipart_stream::api(Echo), request(parts, Some("x-go-on"))).await;
    assert_eq!(
        answer.summary(),
        "200 !/more additionalProperties, !/pages minimum, Numbers(1), !/numbers/1 minimum, Numbers(2), !/cover contentType, Title(\"Emma\"), !/cover required"
    );
}

#[tokio::test]
async fn files_may_be_longer_than_a_body() {
    let large = vec![7; 4 << 20];
    let cover = "name=cover; filename=c\nContent-Type: image/png";
    let sample = "name=samples\nX-Page: 1";
    let parts = form_data(&[(cover, &large), (sample, &large), TITLE]);
    let app = || App::new(multipart_stream::api(Echo)).body_limit(1 << 20);
    let in_pieces = || {
        Body::new(Frames(
            parts.chunks(100_000).map(Bytes::copy_from_slice).collect(),
        ))
    };
    let answer = send_to(app(), request(in_pieces(), None)).await;
    assert_eq!(
        answer.summary(),
        "200 cover=Some(\"c\") Some(\"image/png\") 4194304, sample=1 None None 4194304, Title(\"Emma\")"
    );
    // What is not read is skipped.
    let answer = send_to(app(), request(in_pieces(), Some("x-skip"))).await;
    assert_eq!(
        answer.summary(),
        "200 left, sample=1 None None 4194304, Title(\"Emma\")"
    );
    let huge = vec![7; 5_000_001];
    let long = form_data(&[(cover, &huge), TITLE]);
    let answer = send_to(app(), request(long, None)).await;
    assert_eq!(answer.summary(), "422 body /cover maxLength");
    let wordy = form_data(&[("name=title", &large)]);
    assert_eq!(send_to(app(), request(wordy, None)).await.status, 413);
    let many = form_data(&vec![("name=numbers", &b"1"[..]); 1001]);
    assert_eq!(send_to(app(), request(many, None)).await.status, 413);
}

#[tokio::test]
async fn broken_bodies_end_the_stream() {
    let good = form_data(&[TITLE, COVER]);
    for end in [1, 20, 60, good.len() - 20, good.len() - 6] {
        let answer = send(
            multipart_stream::api(Echo),
            request(good[..end].to_vec(), None),
        )
        .await;
        assert_eq!(answer.status, 400, "{end} {answer:?}");
    }
    for content_type in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=other",
    ] {
        let request = Request::post("/books").header("content-type", content_type);
        let request = request.body(Body::from(good.clone())).unwrap();
        let answer = send(multipart_stream::api(Echo), request).await;
        assert_eq!(answer.status, 400, "{content_type}");
    }
    let endless = format!("name=title\nX-Long: {}", "y".repeat(100 << 10));
    let long = form_data(&[(&endless, b"x")]);
    let frames = long.chunks(1000).map(Bytes::copy_from_slice).collect();
    let answer = send(
        multipart_stream::api(Echo),
        request(Body::new(Frames(frames)), None),
    )
    .await;
    assert_eq!(answer.status, 413, "{answer:?}");
}

/// A body in frames.
struct Frames(VecDeque<Bytes>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut task::Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        let next = self.0.pop_front();
        Poll::Ready(next.map(|bytes| Ok(http_body::Frame::data(bytes))))
    }
}
