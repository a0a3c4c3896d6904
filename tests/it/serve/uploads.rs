//! Bodies of `multipart/form-data`: typed parts and files.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{self, Poll};

use bytes::Bytes;
use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, Context, Unexpected, Upload};
use tokio::io::AsyncReadExt as _;
use tower::ServiceExt as _;

use super::Echo;
use super::request::{Answer, Part, form_data as body, send};

specwright::include_api!(pub mod uploads);

async fn shown(upload: Upload) -> Result<String, Unexpected> {
    let bytes = upload.bytes().await?;
    assert_eq!(bytes.len() as u64, upload.size);
    let mut read = Vec::new();
    let mut reader = upload.reader().await?;
    reader.read_to_end(&mut read).await?;
    assert_eq!(read, bytes);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("kept");
    let place = if upload.is_in_memory() {
        "memory"
    } else {
        "file"
    };
    assert_eq!(format!("{reader:?}"), format!("UploadReader({place:?})"));
    let words = format!(
        "{:?} {:?} {} {place}",
        upload.filename, upload.content_type, upload.size
    );
    let new = folder.path().join("new");
    std::fs::write(&new, b"")?;
    let permissions = std::fs::metadata(&new)?.permissions();
    // A copy, then the file itself.
    for upload in [upload.clone(), upload] {
        upload.persist(&path).await?;
        assert_eq!(std::fs::read(&path)?, bytes);
        assert_eq!(std::fs::metadata(&path)?.permissions(), permissions);
    }
    assert_eq!(std::fs::read_dir(folder.path())?.count(), 2);
    Ok(words)
}

impl uploads::DefaultApi for Echo {
    async fn add_book(
        &self,
        _: &Context,
        request: uploads::AddBookRequest,
    ) -> Result<String, Unexpected> {
        let body = request.body;
        let mut read = vec![format!("{} {}", request.shelf, body.title)];
        read.extend(body.pages.map(|it| format!("pages={it}")));
        read.extend(body.tags.map(|it| format!("tags={it:?}")));
        read.extend(
            body.author
                .map(|it| format!("author={} {:?}", it.name, it.born)),
        );
        read.extend(body.numbers.map(|it| format!("numbers={it:?}")));
        read.push(format!("cover={}", shown(body.cover).await?));
        for sample in body.samples.into_iter().flatten() {
            read.push(format!("sample={}", shown(sample).await?));
        }
        Ok(read.join(" "))
    }

    async fn add_album(
        &self,
        _: &Context,
        request: uploads::AddAlbumRequest,
    ) -> Result<String, Unexpected> {
        let body = request.body;
        let photos = body.photos.unwrap_or_default();
        let spooled = photos.iter().filter(|it| !it.is_in_memory()).count();
        let mut read = vec![format!("{} photos, {spooled} spooled", photos.len())];
        read.push(if open_spools()? < 50 {
            "few open".to_owned()
        } else {
            "many open".to_owned()
        });
        if let Some(photo) = photos.last() {
            read.push(format!("{:?}", photo.bytes().await?));
        }
        read.extend(body.table.and_then(|it| it.content_type));
        Ok(read.join(", "))
    }

    async fn add_note(
        &self,
        _: &Context,
        request: uploads::AddNoteRequest,
    ) -> Result<String, Unexpected> {
        Ok(format!("{:?}", request.body))
    }
}

/// How many temporary files this process has open, where the system tells.
fn open_spools() -> std::io::Result<usize> {
    if !cfg!(target_os = "linux") {
        return Ok(0);
    }
    let spools = std::env::temp_dir().join(".tmp");
    let spools = spools.as_os_str().as_encoded_bytes();
    let links = std::fs::read_dir("/proc/self/fd")?.flatten();
    let targets = links.filter_map(|link| std::fs::read_link(link.path()).ok());
    Ok(targets
        .filter(|target| target.as_os_str().as_encoded_bytes().starts_with(spools))
        .count())
}

fn request(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header("content-type", "multipart/form-data; boundary=frontier")
        .body(body.into())
        .unwrap()
}

async fn post(parts: &[Part<'_>]) -> Answer {
    send(uploads::api(Echo), request("/books?shelf=7", body(parts))).await
}

const TITLE: Part<'_> = ("name=\"title\"", b"Emma");
const COVER: Part<'_> = (
    "name=\"cover\"; filename=\"c.png\"\nContent-Type: image/png",
    b"\x89PNG",
);
const SHOWN: &str = r#"cover=Some("c.png") Some("image/png") 4 memory"#;

#[tokio::test]
async fn parts_are_decoded_by_their_schema() {
    let json = "\nContent-Type: application/json";
    let author = format!("name=author{json}");
    let numbers = format!("name=numbers{json}");
    let table: [(&[Part<'_>], String); 7] = [
        (&[TITLE, COVER], format!("200 7 Emma {SHOWN}")),
        (
            &[COVER, ("name=title", "Ému".as_bytes())],
            format!("200 7 Ému {SHOWN}"),
        ),
        (
            &[
                TITLE,
                COVER,
                ("name=pages", b"12"),
                ("name=tags", b"a,b"),
                ("name=tags", b"c"),
            ],
            format!(r#"200 7 Emma pages=12 tags=["a,b", "c"] {SHOWN}"#),
        ),
        (
            &[
                TITLE,
                COVER,
                (&author, br#"{"name":"Jane","born":1775}"#),
                (&numbers, b"[1, 2]"),
            ],
            format!("200 7 Emma author=Jane Some(1775) numbers=[1, 2] {SHOWN}"),
        ),
        // Many clients give the content type of files only.
        (
            &[TITLE, COVER, ("name=author", br#"{"name":"Jane"}"#)],
            format!("200 7 Emma author=Jane None {SHOWN}"),
        ),
        (
            &[
                TITLE,
                COVER,
                ("name=samples", b"x"),
                ("name=samples; filename=b", b"yz"),
            ],
            format!(
                r#"200 7 Emma {SHOWN} sample=None None 1 memory sample=Some("b") None 2 memory"#
            ),
        ),
        // A browser sends this where no file was chosen.
        (
            &[
                TITLE,
                COVER,
                (
                    "name=samples; filename=\"\"\nContent-Type: application/octet-stream",
                    b"",
                ),
            ],
            format!("200 7 Emma {SHOWN}"),
        ),
    ];
    for (parts, wanted) in table {
        assert_eq!(post(parts).await.summary(), wanted, "{parts:?}");
    }
}

#[tokio::test]
async fn every_violation_is_told_at_once() {
    let table: [(&[Part<'_>], &str); 9] = [
        (&[], "422 body /title required, body /cover required"),
        (
            &[("name=title", b"E"), COVER, ("name=pages", b"0")],
            "422 body /title minLength, body /pages minimum",
        ),
        (
            &[
                TITLE,
                (
                    "name=cover; filename=c.gif\nContent-Type: image/gif",
                    b"GIF",
                ),
                ("name=pages", b"x"),
            ],
            "422 body /cover contentType, body /pages type",
        ),
        // A file whose type nobody says cannot be known to be one of those that are declared.
        (
            &[TITLE, ("name=cover; filename=c", b"GIF")],
            "422 body /cover contentType",
        ),
        (
            &[TITLE, COVER, TITLE, COVER],
            "422 body /cover repeated, body /title repeated",
        ),
        (
            &[
                TITLE,
                COVER,
                ("name=author\nContent-Type: text/plain", b"{}"),
                ("name=numbers", b"[1"),
            ],
            "422 body /author contentType, body /numbers syntax",
        ),
        (
            &[
                TITLE,
                COVER,
                ("name=more", b"x"),
                ("name=file; filename=x", b"y"),
            ],
            "422 body /file additionalProperties, body /more additionalProperties",
        ),
        (
            &[
                TITLE,
                COVER,
                ("name=samples", b"1"),
                ("name=samples", b"2"),
                ("name=samples", b"3"),
            ],
            "422 body /samples maxItems",
        ),
        (
            &[
                (
                    "name=title\nContent-Type: text/plain; charset=latin1",
                    b"Emma",
                ),
                COVER,
                ("name=tags", b"\xff"),
            ],
            "422 body /title encoding, body /tags encoding",
        ),
    ];
    for (parts, wanted) in table {
        assert_eq!(post(parts).await.summary(), wanted, "{parts:?}");
    }
    let both = send(
        uploads::api(Echo),
        request("/books?shelf=x", body(&[TITLE])),
    )
    .await;
    assert_eq!(both.summary(), "422 query shelf type, body /cover required");
}

#[tokio::test]
async fn large_files_are_spooled() {
    let app = App::new(uploads::api(Echo)).body_limit(8 << 20);
    let service = app.into_service().unwrap();
    let ask = async |parts: &[Part<'_>]| {
        let answer = service
            .clone()
            .oneshot(request("/books?shelf=7", body(parts)));
        Answer::of(answer.await.unwrap()).await
    };
    let mebibyte = vec![7; 1 << 20];
    let sample = "name=samples; filename=s";
    let fits = ask(&[TITLE, COVER, (sample, &mebibyte[4..])]).await;
    assert_eq!(
        fits.summary(),
        format!("200 7 Emma {SHOWN} sample=Some(\"s\") None 1048572 memory")
    );
    let large = vec![8; 3 << 20];
    let spooled = ask(&[TITLE, (sample, &large), COVER, (sample, &mebibyte)]).await;
    assert_eq!(
        spooled.summary(),
        format!(
            "200 7 Emma {SHOWN} sample=Some(\"s\") None 3145728 file sample=Some(\"s\") None 1048576 file"
        )
    );
    // A file may be longer than a field of text.
    let wordy = ask(&[("name=title", &large), COVER]).await;
    assert_eq!(wordy.status, 413, "{wordy:?}");
    let cover = "name=cover; filename=c.png\nContent-Type: image/png";
    let heavy = ask(&[TITLE, (cover, &large)]).await;
    assert_eq!(heavy.summary(), "422 body /cover maxLength");
    let whole = ask(&[
        TITLE,
        COVER,
        (sample, &large),
        (sample, &large),
        (sample, &large),
    ])
    .await;
    assert_eq!(whole.status, 413, "{whole:?}");
}

#[tokio::test]
async fn files_that_are_spooled_are_not_open() {
    let app = App::new(uploads::api(Echo)).body_limit(8 << 20);
    let first = vec![7; 1 << 20];
    let mut parts: Vec<Part<'_>> = vec![("name=photos; filename=p", &first)];
    parts.resize(300, ("name=photos; filename=p", b"abc"));
    let answer = app
        .into_service()
        .unwrap()
        .oneshot(request("/albums", body(&parts)));
    let answer = Answer::of(answer.await.unwrap()).await;
    assert_eq!(
        answer.summary(),
        r#"200 300 photos, 299 spooled, few open, b"abc""#
    );
}

/// A part that nobody asks for is dropped, and yet is one of the members of which there may be three.
#[tokio::test]
async fn rules_of_all_parts() {
    let file: Part<'_> = (
        "name=more; filename=m\nContent-Type: image/gif",
        b"\xff\xfe",
    );
    let table: [(&[Part<'_>], &str); 3] = [
        (
            &[
                TITLE,
                ("name=table; filename=t\nContent-Type: text/csv", b"1"),
                file,
            ],
            "200 0 photos, 0 spooled, few open, text/csv",
        ),
        (
            &[TITLE, ("name=other", b"x"), file],
            "200 0 photos, 0 spooled, few open",
        ),
        (
            &[TITLE, ("name=other", b"x"), ("name=photos", b"x"), file],
            "422 body maxProperties",
        ),
    ];
    for (parts, wanted) in table {
        let answer = send(uploads::api(Echo), request("/albums", body(parts))).await;
        assert_eq!(answer.summary(), wanted, "{parts:?}");
    }
}

#[tokio::test]
async fn the_charset_of_a_file_is_its_own() {
    let table = [
        ("text/csv", "200 0 photos, 0 spooled, few open, text/csv"),
        (
            "Text/CSV; charset=iso-8859-1",
            "200 0 photos, 0 spooled, few open, Text/CSV; charset=iso-8859-1",
        ),
        ("text/plain", "422 body /table contentType"),
        (
            "text/plain; charset=iso-8859-1",
            "422 body /table contentType",
        ),
    ];
    for (content_type, wanted) in table {
        let head = format!("name=table; filename=t\nContent-Type: {content_type}");
        let parts = [(head.as_str(), &b"\xe9"[..])];
        let answer = send(uploads::api(Echo), request("/albums", body(&parts))).await;
        assert_eq!(answer.summary(), wanted, "{content_type}");
    }
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    let good = body(&[TITLE, COVER]);
    for end in [0, 1, 20, 60, good.len() - 20, good.len() - 6] {
        let answer = send(
            uploads::api(Echo),
            request("/books?shelf=7", good[..end].to_vec()),
        )
        .await;
        assert_eq!(answer.status, 400, "{end} {answer:?}");
    }
    let texts: [&[u8]; 4] = [
        b"no boundary",
        b"--frontier\r\n\r\nx\r\n--frontier--\r\n",
        b"--frontier\r\nContent-Disposition: form-data\r\n\r\nx\r\n--frontier--\r\n",
        b"--frontier\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\nx\r\n--frontier--\r\n",
    ];
    for text in texts {
        let answer = send(uploads::api(Echo), request("/books?shelf=7", text.to_vec())).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    for content_type in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
    ] {
        let request = Request::post("/books?shelf=7")
            .header("content-type", content_type)
            .body(Body::from(good.clone()));
        let answer = send(uploads::api(Echo), request.unwrap()).await;
        assert_eq!(answer.status, 400, "{content_type} {answer:?}");
    }
}

/// RFC 2046, section 5.1.1.
#[tokio::test]
async fn boundaries_have_70_characters_at_most() {
    for (length, status) in [(70, 200), (71, 400), (300_000, 400)] {
        let boundary = "b".repeat(length);
        let text = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=text\r\n\r\nx\r\n--{boundary}--\r\n"
        );
        let request = Request::post("/notes")
            .header(
                "content-type",
                format!("multipart/form-data; boundary={boundary}"),
            )
            .body(Body::from(text));
        let answer = send(uploads::api(Echo), request.unwrap()).await;
        assert_eq!(answer.status, status, "{length}");
    }
}

#[tokio::test]
async fn parts_have_limits() {
    let part: Part<'_> = ("name=text", b"x");
    let notes = async |count: usize| {
        let parts = vec![("name=other", &b"x"[..]); count - 1];
        let parts = [&parts[..], &[part]].concat();
        send(uploads::api(Echo), request("/notes", body(&parts))).await
    };
    assert_eq!(notes(1000).await.status, 200);
    assert_eq!(notes(1001).await.status, 413);
    // Headers that never end are given up in time, however they are cut into frames.
    let endless = format!("name=text\nX-Long: {}", "y".repeat(100 << 10));
    let long = body(&[(&endless, b"x")]);
    let frames = long.chunks(1000).map(Bytes::copy_from_slice).collect();
    let stream = Body::new(Frames(frames));
    let answer = send(uploads::api(Echo), request("/notes", stream)).await;
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

#[tokio::test]
async fn one_body_may_be_a_form_or_json() {
    let form = send(
        uploads::api(Echo),
        request("/notes", body(&[("name=text", b"a")])),
    )
    .await;
    assert_eq!(
        form.summary(),
        r#"200 Some(Multipart(AddNoteRequestBodyMultipart { text: Some("a") }))"#
    );
    // Both schemas are alike, so that they are one type, under the name of the first.
    let json = Request::post("/notes")
        .header("content-type", "application/json")
        .body(Body::from(r#"{"text":"a"}"#));
    let json = send(uploads::api(Echo), json.unwrap()).await;
    assert_eq!(
        json.summary(),
        r#"200 Some(Json(AddNoteRequestBodyMultipart { text: Some("a") }))"#
    );
    let nothing = Request::post("/notes").body(Body::empty()).unwrap();
    assert_eq!(
        send(uploads::api(Echo), nothing).await.summary(),
        "200 None"
    );
}
