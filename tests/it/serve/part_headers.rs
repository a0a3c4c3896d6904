//! Headers that are declared for the parts of `multipart/form-data` (OAS 3.2, Encoding Object).

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{BodyPart, Context, Unexpected, Upload};

use super::Echo;
use super::request::{Answer, Part, form_data, send};

specwright::include_api!(pub mod part_headers);

fn file(upload: &Upload) -> String {
    format!("{} bytes", upload.size)
}

impl part_headers::DefaultApi for Echo {
    async fn add_photos(
        &self,
        _: &Context,
        request: part_headers::AddPhotosRequest,
    ) -> Result<String, Unexpected> {
        let body = request.body;
        let BodyPart { value, headers } = body.cover;
        let mut read = vec![format!(
            "cover {} {} {:?} {}",
            file(&value),
            headers.x_camera,
            headers.x_size,
            headers.x_turn
        )];
        for name in body.names.into_iter().flatten() {
            read.push(format!("name {} {:?}", name.value, name.headers.x_locale));
        }
        for photo in body.photos.into_iter().flatten() {
            let camera = photo.headers.x_camera;
            read.push(format!("photo {} {camera}", file(&photo.value)));
        }
        if let Some(place) = body.place {
            let scale = place.headers.x_map.map(|it| it.scale);
            read.push(format!("place {} {scale:?}", place.value.city));
        }
        for point in body.points.into_iter().flatten() {
            read.push(format!("point {} {:?}", point.value, point.headers.x_unit));
        }
        read.extend(body.note);
        Ok(read.join(", "))
    }
}

async fn post(parts: &[Part<'_>]) -> Answer {
    let request = Request::post("/photos")
        .header("content-type", "multipart/form-data; boundary=frontier")
        .body(Body::from(form_data(parts)));
    send(part_headers::api(Echo), request.unwrap()).await
}

const COVER: Part<'_> = (
    "name=cover; filename=c\nContent-Type: image/png\nX-Camera: Leica",
    b"png",
);
const SHOWN: &str = "cover 3 bytes Leica None 0";

async fn check(table: &[(&[Part<'_>], &str)]) {
    for (parts, wanted) in table {
        assert_eq!(post(parts).await.summary(), *wanted, "{parts:?}");
    }
}

#[tokio::test]
async fn headers_stand_beside_the_value() {
    check(&[
        (&[COVER], "200 cover 3 bytes Leica None 0"),
        // Their names have no case, and others do not matter.
        (
            &[(
                "name=cover; filename=c\nContent-Type: image/png\nx-camera:  Leica M \nX-SIZE: 3, 4,5\nX-Turn: 90\nX-Other: 1",
                b"png",
            )],
            "200 cover 3 bytes Leica M Some([3, 4, 5]) 90",
        ),
        (
            &[
                COVER,
                ("name=names\nX-Locale: en", b"Rome"),
                ("name=names", b"Roma"),
                ("name=photos; filename=a\nX-Camera: A", b"1"),
                ("name=note\nX-Anything: 1", b"noted"),
                ("name=photos; filename=b\nX-Camera: B", b"22"),
            ],
            &format!(
                r#"200 {SHOWN}, name Rome Some("en"), name Roma None, photo 1 bytes A, photo 2 bytes B, noted"#
            ),
        ),
        (
            &[
                COVER,
                (
                    "name=place\nContent-Type: application/json\nX-Map: {\"scale\": 7}",
                    br#"{"city":"Rome","headers":1}"#,
                ),
            ],
            &format!("200 {SHOWN}, place Rome Some(7)"),
        ),
        // A list in one part, and one in several.
        (
            &[COVER, ("name=points\nX-Unit: km", b"[1, 2]")],
            &format!("200 {SHOWN}, point 1 Km, point 2 Km"),
        ),
        (
            &[
                COVER,
                ("name=points\nX-Unit: km", b"1"),
                ("name=points\nX-Unit: m", b"2"),
            ],
            &format!("200 {SHOWN}, point 1 Km, point 2 M"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn violations_name_the_part_and_the_header() {
    let cover = "name=cover; filename=c\nContent-Type: image/png";
    let wrong = format!("{cover}\nX-Camera: L\nX-Size: 1, x\nX-Turn: 45");
    let one = format!("{cover}\nX-Camera: Leica\nX-Size: 1");
    let gif = "name=cover; filename=c\nContent-Type: image/gif";
    check(&[
        (&[], "422 body /cover required"),
        (
            &[(cover, b"png")],
            "422 body /cover/headers/X-Camera required",
        ),
        (
            &[(&wrong, b"png")],
            "422 body /cover/headers/X-Camera minLength, body /cover/headers/X-Size/1 type, body /cover/headers/X-Turn enum",
        ),
        (&[(&one, b"png")], "422 body /cover/headers/X-Size minItems"),
        // What is wrong with a part itself is told at the part.
        (&[(gif, b"gif")], "422 body /cover contentType"),
        (
            &[
                COVER,
                ("name=names\nX-Locale: en", b"Rome"),
                ("name=names\nX-Locale: english", b"R"),
            ],
            "422 body /names/1 minLength, body /names/1/headers/X-Locale pattern",
        ),
        (
            &[COVER, ("name=photos; filename=a", b"1")],
            "422 body /photos/0/headers/X-Camera required",
        ),
        (
            &[
                COVER,
                (
                    "name=place\nContent-Type: application/json\nX-Map: {}",
                    br#"{"headers":"x"}"#,
                ),
            ],
            "422 body /place/headers type, body /place/city required, body /place/headers/X-Map/scale required",
        ),
        (
            &[COVER, ("name=place\nX-Map: {", br#"{"city":"Rome"}"#)],
            "422 body /place/headers/X-Map syntax",
        ),
        (
            &[COVER, ("name=points\nX-Unit: mile", b"[1]")],
            "422 body /points/0/headers/X-Unit enum",
        ),
        (
            &[
                COVER,
                ("name=names", b"Rome"),
                ("name=names", b"Roma"),
                ("name=names", b"Rom"),
                ("name=names", b"Roms"),
            ],
            "422 body /names maxItems",
        ),
    ])
    .await;
    let long = vec![b'x'; 1001];
    let head = format!("{cover}\nX-Camera: Leica");
    check(&[(&[(&head, &long)], "422 body /cover maxLength")]).await;
}

#[tokio::test]
async fn text_that_no_header_may_have() {
    let cover = "name=cover; filename=c\nContent-Type: image/png";
    let foreign = format!("{cover}\nX-Camera: Léica");
    check(&[(
        &[(&foreign, b"png")],
        "422 body /cover/headers/X-Camera encoding",
    )])
    .await;
    let broken = format!("{cover}\nX Camera: Leica");
    assert_eq!(post(&[(&broken, b"png")]).await.status, 400);
}
