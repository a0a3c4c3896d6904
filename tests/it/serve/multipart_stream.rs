//! Forms whose parts are handed over as they come (`x-stream: true`).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::task::{self, Poll, ready};

use bytes::Bytes;
use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, Context, Unexpected, UploadStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

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

/// What comes of a file that was left.
async fn how_it_ends(file: &mut UploadStream) -> String {
    let next = file.next().await;
    assert!(file.next().await.is_none());
    match next {
        Some(Ok(_)) => "more",
        Some(Err(_)) => "cut off",
        None => "whole",
    }
    .to_owned()
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
            if let Some(mut file) = left.take() {
                read.push(how_it_ends(&mut file).await);
            }
            read.push(match part {
                Came::Cover(file) if skips => {
                    left = Some(file);
                    "left".to_owned()
                }
                Came::Cover(file) => match length(file).await {
                    Ok(length) => format!("cover={length}"),
                    Err(_) if goes_on => "broken".to_owned(),
                    Err(error) => return Err(error),
                },
                Came::Samples(file) => {
                    let page = file.headers.x_page;
                    format!("sample={page} {}", length(file.value).await?)
                }
                other => format!("{other:?}"),
            });
        }
        assert!(parts.next().await.is_none());
        if let Some(mut file) = left {
            read.push(how_it_ends(&mut file).await);
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
    let table: [(&[Part<'_>], &str); 17] = [
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
        (&[("name=numbers", b"{}")], "422 body /numbers/0 type"),
        (
            &[("name=sizes", b"[1, 2]"), ("name=sizes", b"[3, 4, 0]")],
            "422 body /sizes/4 minimum",
        ),
        (
            &[("name=sizes", b"1"), ("name=sizes\nX-Unit: é", b"[2, 3]")],
            "422 body /sizes/1/headers/X-Unit encoding, body /sizes/2/headers/X-Unit encoding",
        ),
        (
            &[("name=codes", b"1"), ("name=codes", b"[2, 3]")],
            "422 body /codes maxItems",
        ),
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
async fn a_list_in_one_part_is_bounded_and_told_once() {
    let list = format!("[0{}]", ",0".repeat(400_000));
    let table: [(&[Part<'_>], &str); 3] = [
        // None of the items is handed over.
        (&[("name=codes", b"[1, 2, 3]")], "!/codes maxItems"),
        (
            &[("name=codes", b"[1, 2]"), ("name=codes", b"3")],
            "Codes(1), Codes(2), !/codes maxItems",
        ),
        (&[("name=codes", b"[]")], ""),
    ];
    let required = "!/title required, !/cover required";
    for (parts, wanted) in table {
        let request = request(form_data(parts), Some("x-go-on"));
        let answer = send(multipart_stream::api(Echo), request).await;
        let separator = if wanted.is_empty() { "" } else { ", " };
        let wanted = format!("200 {wanted}{separator}{required}");
        assert_eq!(answer.summary(), wanted, "{parts:?}");
    }
    let parts = form_data(&[("name=sizes\nX-Unit: é", list.as_bytes())]);
    let answer = send(multipart_stream::api(Echo), request(parts, Some("x-go-on"))).await;
    let told = answer.text().matches("X-Unit encoding").count();
    assert_eq!((answer.status, told), (200, 100));
    let long = format!("name=sizes\nX-Unit: {}", "m".repeat(15_000));
    let answer = post(&[(&long, list.as_bytes())]).await;
    assert_eq!(answer.status, 413, "{answer:?}");
}

#[tokio::test]
async fn a_file_that_was_left_is_cut_off() {
    let table: [(&[Part<'_>], &str); 3] = [
        (&[COVER, TITLE], r#"200 left, cut off, Title("Emma")"#),
        (&[TITLE, COVER], r#"200 Title("Emma"), left, cut off"#),
        (
            &[COVER, ("name=samples\nX-Page: 8", b"abc"), TITLE],
            r#"200 left, cut off, sample=8 None None 3, Title("Emma")"#,
        ),
    ];
    for (parts, wanted) in table {
        let request = request(form_data(parts), Some("x-skip"));
        let answer = send(multipart_stream::api(Echo), request).await;
        assert_eq!(answer.summary(), wanted, "{parts:?}");
    }
    // Where a file fails, the form is told to be no whole one.
    let huge = vec![7; 5_000_001];
    let parts = form_data(&[TITLE, (COVER.0, &huge)]);
    let app = App::new(multipart_stream::api(Echo));
    let answer = send_to(app, request(parts, Some("x-go-on"))).await;
    assert_eq!(
        answer.summary(),
        "200 Title(\"Emma\"), broken, !/cover maxLength"
    );
}

/// Reads files in tasks of their own, and sends the rest of the body once the next part is asked for.
struct Apart {
    rest: Mutex<Option<(UnboundedSender<Bytes>, Bytes)>>,
}

async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

impl multipart_stream::DefaultApi for Apart {
    async fn add_book(
        &self,
        _: &Context,
        request: multipart_stream::AddBookRequest,
    ) -> Result<String, Unexpected> {
        let mut parts = request.body;
        let Some(Ok(Came::Cover(mut file))) = parts.next().await else {
            return Ok("no cover".to_owned());
        };
        let reader = tokio::spawn(async move {
            let first = file.next().await.is_some_and(|it| it.is_ok());
            format!("{first} {}", how_it_ends(&mut file).await)
        });
        settle().await;
        assert!(!reader.is_finished());
        let mut next = pin!(parts.next());
        let polled = poll_fn(|cx| Poll::Ready(next.as_mut().poll(cx))).await;
        assert!(polled.is_pending());
        settle().await;
        assert!(reader.is_finished());
        if let Some((sender, rest)) = self.rest.lock().unwrap().take() {
            sender.send(rest)?;
        }
        let next = next.await;
        Ok(format!("{} {next:?}", reader.await?))
    }
}

#[tokio::test]
async fn a_task_that_reads_a_file_learns_that_it_was_left() {
    let whole = Bytes::from(form_data(&[(COVER.0, &[7; 1000]), TITLE]));
    let (sender, frames) = unbounded_channel();
    sender.send(whole.slice(..500)).unwrap();
    let rest = Mutex::new(Some((sender, whole.slice(500..))));
    let api = multipart_stream::api(Apart { rest });
    let answer = send(api, request(Body::new(Sent(frames)), None)).await;
    assert_eq!(
        answer.summary(),
        r#"200 true cut off Some(Ok(Title("Emma")))"#
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
        "200 left, cut off, sample=1 None None 4194304, Title(\"Emma\")"
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

/// A body whose frames are sent.
struct Sent(UnboundedReceiver<Bytes>);

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        let next = ready!(self.0.poll_recv(cx));
        Poll::Ready(next.map(|bytes| Ok(http_body::Frame::data(bytes))))
    }
}
