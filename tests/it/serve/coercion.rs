//! JSON strings that are read as the scalars that they spell, where the app reads laxly.

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, Coercion};

use super::request::send_to;
use super::{Echo, lax_bodies};

async fn answer(body: &'static str) -> String {
    let app = App::new(lax_bodies::api(Echo)).coerce(Coercion::Lax);
    let request = Request::post("/")
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap();
    send_to(app, request).await.summary()
}

/// Every check sees the scalar, those of the value and those of what it stands in, as if it had been sent.
#[tokio::test]
async fn what_a_string_spells_is_what_is_checked() {
    let mut differences = Vec::new();
    for (sent, expected) in [
        (r#"{"any":"4"}"#, r#"200 {"any":4}"#),
        (
            r#"{"any":"5"}"#,
            "422 body /any anyOf, body /any multipleOf",
        ),
        (r#"{"list":["1",1]}"#, "422 body /list uniqueItems"),
        (r#"{"list":["1","02",3]}"#, r#"200 {"list":[1,2,3]}"#),
        (r#"{"not":"5"}"#, "422 body /not not"),
        (r#"{"not":"-007"}"#, r#"200 {"not":-7}"#),
        (r#"{"enum":"1"}"#, r#"200 {"enum":1}"#),
        (r#"{"enum":"3"}"#, "422 body /enum enum"),
        (r#"{"number":"9.5"}"#, r#"200 {"number":9.5}"#),
        (r#"{"number":"10"}"#, "422 body /number not"),
        (r#"{"boolean":"false"}"#, r#"200 {"boolean":false}"#),
        (r#"{"boolean":"true"}"#, "422 body /boolean not"),
        (r#"{"bound":"9","any":"6"}"#, "422 body /bound maximum"),
        (r#"{"time":"2020-01-01T00:00:00"}"#, "422 body /time not"),
        (
            r#"{"plain_time":"2020-01-01T00:00:00"}"#,
            r#"200 {"plain_time":"2020-01-01T00:00:00Z"}"#,
        ),
        (r#"{"held":"\"4\""}"#, r#"200 {"held":"4"}"#),
        (r#"{"held":"\"5\"","any":"2"}"#, "422 body /held not"),
        (r#"{"bound":"x","any":"2"}"#, "422 body /bound type"),
        (
            r#"{"bound":"99999999999999999999"}"#,
            "422 body /bound unsupported_range",
        ),
    ] {
        let found = answer(sent).await;
        if found != expected {
            differences.push((sent, found));
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
}

/// While branches are told apart, a string is a string.
#[tokio::test]
async fn branches_are_told_apart_strictly() {
    let sent = r#"{"time_or_word":"2020-01-01T00:00:00"}"#;
    assert_eq!(answer(sent).await, format!("200 {sent}"));
    assert_eq!(
        answer(r#"{"union":{"a":"1"},"any":"2"}"#).await,
        "422 body /union oneOf, body /union/a type"
    );
}
