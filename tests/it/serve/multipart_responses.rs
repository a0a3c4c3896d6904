//! Multipart responses: by name and by position, with files from memory and from disk.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, BodyPart, Upload};

use super::form_responses::form_responses as api;
use super::form_responses::{Gift, get, keeper, post, run, send_back, text};
use super::request::Answer;

fn file() -> impl Strategy<Value = Upload> {
    let bytes = prop_oneof![
        vec(any::<u8>(), 1..64),
        // What looks like boundaries and ends of lines.
        "(--|\r\n|[a-f0-9]){1,40}".prop_map(String::into_bytes),
    ];
    ("[a-zäöü.; =]{1,8}", bytes).prop_map(|(name, bytes)| Upload::new(name, "image/png", bytes))
}

prop_compose! {
    fn any_book()(
        title in text(), pages in of(any::<i64>()), tags in of(vec(text(), 1..3)), name in text(),
        numbers in of(vec(any::<i64>(), 0..3)), notes in of(vec((text(), of("[a-z]{1,3}")), 1..3)), table in of(text()),
        cover in file(), camera in "[a-z]{1,3}", size in of(vec(any::<i64>(), 1..3)), samples in of(vec(file(), 1..3)),
    ) -> api::BookRequestBody {
        api::BookRequestBody {
            title, pages, tags, numbers, table, samples,
            author: Some(api::BookRequestBodyAuthor { name }),
            notes: notes.map(|it| it.into_iter().map(|(note, locale)| {
                BodyPart::new(note, api::BookRequestBodyNotesHeaders { x_locale: locale })
            }).collect()),
            cover: BodyPart::new(cover, api::BookRequestBodyCoverHeaders { x_camera: camera, x_size: size }),
        }
    }
}

prop_compose! {
    fn any_album()(
        author in text(), image in of((file(), of("[a-z]{1,3}"))), rest in vec(text(), 0..3),
    ) -> api::AlbumRequestBody {
        let image = image.map(|(file, x_camera)| {
            BodyPart::new(file, api::AlbumRequestBodyPart2Headers { x_camera })
        });
        // What follows a part that is missing has no position.
        let rest = if image.is_some() { rest } else { Vec::new() };
        api::AlbumRequestBody { part1: api::AlbumRequestBodyPart1 { author }, image, rest }
    }
}

fn any_list() -> impl Strategy<Value = Vec<api::ListRequestBodyItem>> {
    let item = prop_oneof![
        any::<i64>()
            .prop_map(|id| api::ListRequestBodyItem::Object(api::ListRequestBodyItemObject { id })),
        text().prop_map(api::ListRequestBodyItem::Text),
    ];
    vec(item, 0..5)
}

/// The first request of each operation, for which the gift is the answer.
const BOOK: &str = "--x\r\nContent-Disposition: form-data; name=title\r\n\r\na\r\n--x\r\nContent-Disposition: form-data; name=cover; filename=a\r\nContent-Type: image/png\r\nX-Camera: c\r\n\r\nb\r\n--x--\r\n";
const ALBUM: &str = "--x\r\nContent-Type: application/json\r\n\r\n{\"author\":\"a\"}\r\n--x--\r\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_multipart_form_is_read_back(book in any_book()) {
        let keeper = keeper(Gift { book: Some(book.clone()), ..Gift::default() });
        run(async {
            let answer = post(&keeper, "/books", "multipart/form-data; boundary=x", BOOK).await;
            send_back(&keeper, "/books", answer).await;
        });
        prop_assert_eq!(keeper.book.lock().unwrap().clone(), Some(book));
    }

    #[test]
    fn parts_by_position_are_read_back(album in any_album(), list in any_list()) {
        let keeper = keeper(Gift { album: Some(album.clone()), list: Some(list.clone()), ..Gift::default() });
        run(async {
            let answer = post(&keeper, "/albums", "multipart/mixed; boundary=x", ALBUM).await;
            send_back(&keeper, "/albums", answer).await;
            let answer = post(&keeper, "/lists", "multipart/mixed; boundary=x", "--x--\r\n").await;
            send_back(&keeper, "/lists", answer).await;
        });
        prop_assert_eq!(keeper.album.lock().unwrap().clone(), Some(album));
        prop_assert_eq!(keeper.list.lock().unwrap().clone(), Some(list));
    }
}

/// A part as an independent reader has it: its name, file name, content type, another header, and content.
async fn parts(answer: &Answer) -> Vec<String> {
    let content_type = answer.header("content-type").unwrap();
    let (_, parameters) = content_type.split_once(';').unwrap();
    let boundary = multer::parse_boundary(format!("multipart/form-data;{parameters}")).unwrap();
    let body = answer.body.clone();
    let stream = specwright::axum::body::Body::from(body).into_data_stream();
    let mut body = multer::Multipart::new(stream, boundary);
    let mut parts = Vec::new();
    while let Some(part) = body.next_field().await.unwrap() {
        let headers: Vec<String> = part
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
            .collect();
        let bytes = part.bytes().await.unwrap();
        parts.push(format!(
            "{} = {}",
            headers.join(", "),
            String::from_utf8_lossy(&bytes)
        ));
    }
    parts
}

#[tokio::test]
async fn a_multipart_form_has_a_part_for_each_property_and_item() {
    let png = |name: &str| Upload::new(name, "image/png", &b"\x89PNG"[..]);
    let book = api::BookRequestBody {
        title: "Räder".to_owned(),
        pages: Some(3),
        tags: Some(vec!["a".to_owned(), "b".to_owned()]),
        author: Some(api::BookRequestBodyAuthor {
            name: "Ada".to_owned(),
        }),
        numbers: Some(vec![1, 2]),
        notes: Some(vec![BodyPart::new(
            "hm".to_owned(),
            api::BookRequestBodyNotesHeaders {
                x_locale: Some("de".to_owned()),
            },
        )]),
        table: Some("a;b".to_owned()),
        cover: BodyPart::new(
            png("a \"b\"\r\nX-Evil: 1\\.png"),
            api::BookRequestBodyCoverHeaders {
                x_camera: "Leica".to_owned(),
                x_size: Some(vec![1, 2]),
            },
        ),
        samples: Some(vec![png("1"), {
            let mut unnamed = png("2");
            unnamed.filename = None;
            unnamed.content_type = None;
            unnamed
        }]),
    };
    let keeper = keeper(Gift {
        book: Some(book),
        ..Gift::default()
    });
    let answer = post(&keeper, "/books", "multipart/form-data; boundary=x", BOOK).await;
    assert_eq!(
        parts(&answer).await,
        [
            "content-disposition: form-data; name=\"title\", content-type: text/plain; charset=utf-8 = Räder",
            "content-disposition: form-data; name=\"pages\", content-type: text/plain; charset=utf-8 = 3",
            "content-disposition: form-data; name=\"tags\", content-type: text/plain; charset=utf-8 = a",
            "content-disposition: form-data; name=\"tags\", content-type: text/plain; charset=utf-8 = b",
            "content-disposition: form-data; name=\"author\", content-type: application/json = {\"name\":\"Ada\"}",
            "content-disposition: form-data; name=\"numbers\", content-type: application/json = 1",
            "content-disposition: form-data; name=\"numbers\", content-type: application/json = 2",
            "content-disposition: form-data; name=\"notes\", content-type: text/plain; charset=utf-8, x-locale: de = hm",
            "content-disposition: form-data; name=\"table\", content-type: text/csv; charset=utf-8 = a;b",
            "content-disposition: form-data; name=\"cover\"; filename=\"a %22b%22%0D%0AX-Evil: 1%5C.png\", content-type: image/png, x-camera: Leica, x-size: 1,2 = \u{fffd}PNG",
            "content-disposition: form-data; name=\"samples\"; filename=\"1\", content-type: image/png = \u{fffd}PNG",
            "content-disposition: form-data; name=\"samples\"; filename=\"blob\", content-type: application/octet-stream = \u{fffd}PNG",
        ]
    );
    let again = post(&keeper, "/books", "multipart/form-data; boundary=x", BOOK).await;
    assert_ne!(
        answer.header("content-type"),
        again.header("content-type"),
        "a boundary of its own"
    );
}

#[tokio::test]
async fn parts_by_position_are_written_in_order() {
    let related = api::RelatedOkBody {
        part1: Some("<img src='cid:1'>".to_owned()),
        part2: Some(BodyPart::new(
            Upload::new("a.gif", "image/gif", &b"GIF"[..]),
            api::RelatedOkBodyPart2Headers {
                content_id: "<1>".to_owned(),
            },
        )),
    };
    let gift = Gift {
        related: Some(related.clone()),
        ..Gift::default()
    };
    let answer = get(gift, "/related").await;
    // RFC 2387, section 3.1.
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .ends_with("; type=\"text/html\"")
    );
    assert_eq!(
        parts(&answer).await,
        [
            "content-type: text/html; charset=utf-8 = <img src='cid:1'>",
            "content-disposition: attachment; filename=\"a.gif\", content-type: image/gif, content-id: <1> = GIF",
        ]
    );
    assert!(
        parts(&get(Gift::default(), "/related").await)
            .await
            .is_empty()
    );
    // The second without the first would be the first; and only images are declared.
    let second_alone = api::RelatedOkBody {
        part1: None,
        ..related.clone()
    };
    let mut text = related;
    text.part2.as_mut().unwrap().value.content_type = Some("text/plain".to_owned());
    for related in [second_alone, text] {
        let answer = get(
            Gift {
                related: Some(related),
                ..Gift::default()
            },
            "/related",
        )
        .await;
        assert_eq!(answer.status, 500);
    }
}

/// A file on disk is read while it is sent, to the length that it had; what is told of it is checked before.
#[tokio::test]
async fn a_file_on_disk_is_part_of_a_response() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cover.png");
    let bytes: Vec<u8> = (0..1_500_000_u32).map(|it| it as u8).collect();
    std::fs::write(&path, &bytes).unwrap();
    let file = Upload::open(&path, "image/png").await.unwrap();
    assert!(!file.is_in_memory());
    let gift = Gift {
        file: Some(file.clone()),
        ..Gift::default()
    };
    let answer = get(gift.clone(), "/results?kind=file").await;
    let length: usize = answer.header("content-length").unwrap().parse().unwrap();
    assert_eq!(answer.body.len(), length);
    let start = answer
        .body
        .windows(4)
        .position(|it| it == b"\r\n\r\n")
        .unwrap()
        + 4;
    assert!(answer.body[start..].starts_with(&bytes));
    let head = String::from_utf8_lossy(&answer.body[..start]).into_owned();
    assert!(head.contains("name=\"file\"; filename=\"cover.png\"\r\nContent-Type: image/png\r\n"));
    assert!(answer.body[start + bytes.len()..].starts_with(b"\r\n--"));

    // It has grown: no more than was said is sent. It was cut: the body breaks off.
    std::fs::write(&path, [bytes.clone(), vec![0; 9]].concat()).unwrap();
    assert_eq!(
        get(gift.clone(), "/results?kind=file").await.body.len(),
        length
    );
    std::fs::write(&path, b"short").unwrap();
    let request = Request::get("/results?kind=file")
        .body(Body::empty())
        .unwrap();
    let service = App::new(api::api(keeper(gift))).into_service().unwrap();
    let response = tower::ServiceExt::oneshot(service, request).await.unwrap();
    assert!(
        http_body_util::BodyExt::collect(response.into_body())
            .await
            .is_err()
    );

    let mut other = file;
    other.content_type = Some("image/gif\r\nX-Evil: 1".to_owned());
    let answer = get(
        Gift {
            file: Some(other),
            ..Gift::default()
        },
        "/results?kind=file",
    )
    .await;
    assert_eq!(answer.status, 500);
    assert!(Upload::open(folder.path(), "image/png").await.is_err());
}
