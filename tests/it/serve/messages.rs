//! `x-error-message`, and its translation.

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, Context, Messages, Unexpected};

use super::Echo;
use super::request::send_to;

specwright::include_api!(pub mod messages);

impl messages::DefaultApi for Echo {
    async fn note(&self, _: &Context, _: messages::NoteRequest) -> Result<(), Unexpected> {
        Ok(())
    }
}

async fn details(app: App, query: &str, body: &str, language: &str) -> Vec<String> {
    let request = Request::post(format!("/{query}"))
        .header("content-type", "application/json")
        .header("accept-language", language)
        .body(Body::from(body.to_owned()));
    let answer = send_to(app, request.unwrap()).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    let body = answer.json();
    let errors = body["errors"].as_array().unwrap();
    let detail = |it: &serde_json::Value| it["detail"].as_str().unwrap().to_owned();
    errors.iter().map(detail).collect()
}

#[tokio::test]
async fn words_of_the_document_stand_in_place_of_those_of_the_keywords() {
    let app = || App::new(messages::api(Echo));
    let good = r#"{"code": "AB"}"#;
    for (query, body, wanted) in [
        ("?page=0", good, "Pages are counted from 1."),
        ("?page=x", good, "Pages are counted from 1."),
        ("", r#"{"code": "ab"}"#, "Two capitals."),
        ("", r#"{"code": 5}"#, "Two capitals."),
        ("", r#"{}"#, "is required"),
        ("", r#"{"code": "AB", "size": 6}"#, "Too large."),
        ("", r#"{"code": "AB", "size": "x"}"#, "A number."),
        (
            "",
            r#"{"code": "AB", "size": 3}"#,
            "must be a multiple of 2",
        ),
        (
            "",
            r#"{"code": "AB", "codes": ["AB", "CD"]}"#,
            "One code at most.",
        ),
        ("", r#"{"code": "AB", "codes": ["a"]}"#, "Two capitals."),
        (
            "",
            r#"{"code": "AB", "any": 1}"#,
            "Neither \"short\" nor small.",
        ),
        ("", r#"{"code": "AB", "plain": 1}"#, "must be at least 2"),
    ] {
        let found = details(app(), query, body, "de").await;
        assert_eq!(found, [wanted], "{query} {body}");
    }
}

#[tokio::test]
async fn they_are_translated_by_their_text() {
    let german = Messages::new("de")
        .with("Two capitals.", "Zwei Gro\u{df}buchstaben.")
        .with("minimum", "muss mindestens {expected} sein");
    let app = || App::new(messages::api(Echo)).messages(german.clone());
    let body = r#"{"code": "ab", "size": 6, "plain": 1}"#;
    assert_eq!(
        details(app(), "", body, "de").await,
        [
            "Zwei Gro\u{df}buchstaben.",
            "Too large.",
            "muss mindestens 2 sein"
        ]
    );
    assert_eq!(
        details(app(), "", body, "en").await,
        ["Two capitals.", "Too large.", "must be at least 2"]
    );
}
