//! Multipart bodies whose parts are told by their positions (OAS 3.2, Encoding By Position), whole and as streams.

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, Context, ItemStream, Problem, Unexpected};

use super::Echo;
use super::request::{Answer, send, send_to};

specwright::include_api!(pub mod multipart_positions);

use multipart_positions as api;

impl api::DefaultApi for Echo {
    async fn add_numbers(
        &self,
        _: &Context,
        request: api::AddNumbersRequest,
    ) -> Result<String, Unexpected> {
        Ok(format!("{:?}", request.body))
    }

    async fn add_image(
        &self,
        _: &Context,
        request: api::AddImageRequest,
    ) -> Result<String, Unexpected> {
        let api::AddImageRequestBody {
            part1,
            image,
            part3,
        } = request.body;
        let mut read = vec![part1.author];
        if let Some(image) = image {
            let (file, camera) = (image.value, image.headers.x_camera);
            read.push(format!("{:?} {} {camera}", file.content_type, file.size));
        }
        read.extend(part3.map(|it| it.to_string()));
        Ok(read.join(", "))
    }

    async fn add_album(
        &self,
        _: &Context,
        request: api::AddAlbumRequest,
    ) -> Result<String, Unexpected> {
        let api::AddAlbumRequestBody { part1, rest } = request.body;
        let sizes: Vec<u64> = rest.iter().map(|it| it.size).collect();
        Ok(format!("{part1:?} {sizes:?}"))
    }

    async fn add_entries(
        &self,
        _: &Context,
        request: api::AddEntriesRequest,
    ) -> Result<String, Unexpected> {
        Ok(match request.body {
            Some(api::AddEntriesRequestBody::Items(entries)) => shown(entries).await,
            Some(api::AddEntriesRequestBody::Jsonl(numbers)) => shown(numbers).await,
            None => "nothing".to_owned(),
        })
    }

    async fn add_files(
        &self,
        _: &Context,
        request: api::AddFilesRequest,
    ) -> Result<String, Unexpected> {
        let mut files = request.body;
        let mut read = Vec::new();
        while let Some(file) = files.next().await {
            let file = file?;
            let place = if file.value.is_in_memory() {
                "memory"
            } else {
                "file"
            };
            read.push(format!(
                "{} {place} {:?}",
                file.value.size, file.headers.x_digest
            ));
        }
        Ok(read.join(", "))
    }
}

/// The items, and what is wrong with those that are none.
async fn shown<T: std::fmt::Debug>(mut items: ItemStream<T>) -> String {
    let mut read = Vec::new();
    while let Some(item) = items.next().await {
        read.push(match item {
            Ok(item) => format!("{item:?}"),
            Err(problem) => fault(&problem),
        });
    }
    read.join(", ")
}

fn fault(problem: &Problem) -> String {
    let json: serde_json::Value = serde_json::from_slice(&problem.to_json()).unwrap();
    let errors = json["errors"].as_array().into_iter().flatten();
    let errors = errors.map(|it| format!("{} {}", it["pointer"], it["code"]).replace('"', ""));
    let errors: Vec<String> = errors.collect();
    format!("{} {}", problem.status.as_u16(), errors.join("; "))
}

/// A part: its headers, and its content.
type Part<'p> = (&'p str, &'p [u8]);

fn body(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = b"a preamble\r\n".to_vec();
    for (head, content) in parts {
        body.extend_from_slice(b"--frontier\r\n");
        body.extend_from_slice(head.replace('\n', "\r\n").as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--frontier--\r\nan epilogue");
    body
}

fn request(path: &str, kind: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header("content-type", format!("{kind}; boundary=frontier"))
        .body(body.into())
        .unwrap()
}

async fn check(path: &str, kind: &str, table: &[(&[Part<'_>], &str)]) {
    for (parts, wanted) in table {
        let answer = send(api::api(Echo), request(path, kind, body(parts))).await;
        assert_eq!(answer.summary(), *wanted, "{parts:?}");
    }
}

const TEXT: &str = "Content-Type: text/plain";
const JSON: &str = "Content-Type: application/json";

#[tokio::test]
async fn a_list_of_values() {
    check(
        "/numbers",
        "multipart/mixed",
        &[
            (&[(TEXT, b"1"), ("X-Other: 1", b"22")], "200 [1, 22]"),
            (&[], "422 body minItems"),
            (
                &[(TEXT, b"0"), (TEXT, b"x")],
                "422 body /0 minimum, body /1 type",
            ),
            (&[(TEXT, b"1"), (TEXT, b"1")], "422 body uniqueItems"),
            (
                &[(TEXT, b"1"), (TEXT, b"2"), (TEXT, b"3"), (TEXT, b"4")],
                "422 body maxItems",
            ),
            (&[(TEXT, b"\xff")], "422 body /0 encoding"),
        ],
    )
    .await;
}

#[tokio::test]
async fn parts_of_their_own_kinds() {
    let author: Part<'_> = (JSON, br#"{"author":"Ada"}"#);
    let png = "Content-Type: image/png\nX-Camera: Leica";
    check(
        "/images",
        "multipart/related",
        &[
            (&[author], "200 Ada"),
            (
                &[author, (png, b"\x89PNG"), (TEXT, b"7")],
                r#"200 Ada, Some("image/png") 4 Leica, 7"#,
            ),
            (&[], "422 body /0 required"),
            (
                &[
                    (JSON, br#"{"author":"A"}"#),
                    ("Content-Type: image/png", b""),
                    (TEXT, b"x"),
                ],
                "422 body /0/author minLength, body /1/headers/X-Camera required, body /2 type",
            ),
            (
                &[
                    (JSON, b"{"),
                    ("Content-Type: image/gif\nX-Camera: L", b"GIF"),
                ],
                "422 body /0 syntax, body /1 contentType",
            ),
            (
                &[author, (png, b""), (TEXT, b"7"), (TEXT, b"8")],
                "422 body maxItems",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn parts_that_follow_others() {
    let png = "Content-Type: image/png";
    check(
        "/albums",
        "multipart/mixed",
        &[
            (&[], "200 None []"),
            (
                &[
                    (TEXT, b"Rome"),
                    (png, b"123"),
                    ("Content-Type: image/gif", b""),
                ],
                r#"200 Some("Rome") [3, 0]"#,
            ),
            (
                &[(TEXT, b"R"), (png, b"1"), (TEXT, b"no image")],
                "422 body /2 contentType, body /0 minLength",
            ),
            (
                &[(TEXT, b"Rome"), (png, b"1"), (png, b"123456789")],
                "422 body /2 maxLength",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn items_come_one_by_one() {
    check(
        "/entries",
        "multipart/mixed",
        &[
            (&[], "200"),
            (
                &[(JSON, br#"{"id":1}"#), (TEXT, b"abc"), (JSON, br#""abc""#)],
                "200 Object(AddEntriesRequestItemObject { id: 1 }), Text(\"abc\"), Text(\"abc\")",
            ),
            // What follows an item that is none can still be read.
            (
                &[
                    (JSON, b"{}"),
                    (JSON, b"{"),
                    (TEXT, b"ABC"),
                    ("Content-Type: image/png", b"x"),
                    (TEXT, b"abc"),
                ],
                "200 422 /0/id required, 422 /1 syntax, 422 /2 pattern, 422 /3 contentType, Text(\"abc\")",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn files_come_one_by_one() {
    let file = "Content-Type: application/octet-stream";
    let long = vec![7; 3 << 20];
    let app = || App::new(api::api(Echo)).body_limit(4 << 20);
    let ask = async |parts: &[Part<'_>]| {
        send_to(app(), request("/files", "multipart/mixed", body(parts))).await
    };
    let digest = format!("{file}\nX-Digest: abcd");
    // Together they are longer than a body may be.
    let read = ask(&[
        (&digest, b"x"),
        (file, &long),
        (file, &long),
        (&digest, b""),
    ])
    .await;
    assert_eq!(
        read.summary(),
        r#"200 1 memory Some("abcd"), 3145728 file None, 3145728 file None, 0 memory Some("abcd")"#
    );
    let wrong = ask(&[(file, b"x"), (&format!("{file}\nX-Digest: a"), b"x")]).await;
    assert_eq!(wrong.summary(), "422 body /1/headers/X-Digest minLength");
    let huge = vec![7; 5 << 20];
    assert_eq!(ask(&[(file, b"x"), (file, &huge)]).await.status, 413);
}

#[tokio::test]
async fn broken_bodies_are_refused() {
    let good = body(&[(TEXT, b"1"), (TEXT, b"2")]);
    let paths = [
        ("/numbers", "multipart/mixed"),
        ("/albums", "multipart/mixed"),
    ];
    for (path, kind) in paths {
        for end in [0, 5, 20, 40, good.len() - 25, good.len() - 16] {
            let answer = send(api::api(Echo), request(path, kind, good[..end].to_vec())).await;
            assert_eq!(answer.status, 400, "{path} {end} {answer:?}");
        }
    }
    let statuses = [
        ("multipart/mixed", 400),
        ("multipart/mixed; boundary=", 400),
        ("multipart/mixed; boundary=other", 400),
        ("multipart/form-data; boundary=frontier", 415),
    ];
    for path in ["/numbers", "/files"] {
        for (content_type, status) in statuses {
            let request = Request::post(path)
                .header("content-type", content_type)
                .body(Body::from(good.clone()));
            let answer: Answer = send(api::api(Echo), request.unwrap()).await;
            assert_eq!(answer.status, status, "{path} {content_type}");
        }
    }
    // RFC 2046 allows parts without headers; what they hold could not be told from headers.
    let bare = b"--frontier\r\n\r\n1\r\n\r\n2\r\n--frontier--\r\n".to_vec();
    let answer = send(api::api(Echo), request("/numbers", "multipart/mixed", bare)).await;
    assert_eq!(answer.status, 400);
}
