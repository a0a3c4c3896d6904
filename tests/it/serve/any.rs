//! `POST /any` with the schema `true`: every JSON text there is.

use std::fs;

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{Context, Json, Unexpected};

use super::Echo;
use super::request::{Answer, send};
use crate::support::corpus;

specwright::include_api!(pub mod any);

impl any::DefaultApi for Echo {
    async fn echo(&self, _: &Context, request: any::EchoRequest) -> Result<Json, Unexpected> {
        Ok(request.body)
    }
}

async fn post_any(body: impl Into<Body>) -> Answer {
    let request = Request::post("/any")
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap();
    send(any::api(Echo), request).await
}

#[tokio::test]
async fn json_texts_of_the_corpus() {
    let Some(folder) = corpus::folder("json-parsing") else {
        return;
    };
    let mut seen = 0;
    for file in corpus::files(&folder) {
        let name = file.file_name().unwrap().to_str().unwrap();
        let text = fs::read(&file).unwrap();
        let answer = post_any(text.clone()).await;
        let accepted = answer.status == 200;
        let expected = match name.get(..2) {
            // Refused on purpose: parsers differ in which of the two they keep (RFC 8259, section 4).
            Some("y_") if name.contains("duplicated_key") => answer.status == 400,
            Some("y_") => accepted,
            Some("n_") => answer.status == 400,
            Some("i_") => accepted || answer.status == 400,
            _ => continue,
        };
        seen += 1;
        assert!(expected, "{name}: {} {:?}", answer.status, answer.body);
        if accepted {
            assert_same(&text, &answer.body, name);
        }
    }
    assert!(seen > 300, "the corpus has {seen} texts");
}

/// The same value with the same spelling of every number.
fn assert_same(sent: &[u8], received: &[u8], name: &str) {
    assert_eq!(significant(sent), significant(received), "{name}");
}

/// The text without the space between tokens, with its strings unescaped.
fn significant(text: &[u8]) -> Vec<String> {
    let text = str::from_utf8(text).unwrap();
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches('\u{feff}');
    while let Some(first) = rest.chars().next() {
        let length = match first {
            ' ' | '\t' | '\n' | '\r' => {
                rest = &rest[1..];
                continue;
            }
            '"' => {
                let mut strings = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                tokens.push(format!("{:?}", strings.next().unwrap().unwrap()));
                rest = &rest[strings.byte_offset()..];
                continue;
            }
            '[' | ']' | '{' | '}' | ':' | ',' => 1,
            _ => rest
                .find([' ', '\t', '\n', '\r', ']', '}', ','])
                .unwrap_or(rest.len()),
        };
        tokens.push(rest[..length].to_owned());
        rest = &rest[length..];
    }
    tokens
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let long_exponent = format!("1e{}", "9".repeat(100));
    let texts = [
        "",
        " ",
        "NaN",
        "Infinity",
        "-Infinity",
        r#""\ud800""#,
        r#""\udc00\ud800""#,
        r#"{"\ud800": 1}"#,
        &deep,
        &"[".repeat(10_000),
        &"{\"a\":".repeat(10_000),
        r#"{"a":1,"\u0061":2}"#,
        "1 2",
        "01",
        "'a'",
        "\u{0}",
    ];
    for text in texts {
        let answer = post_any(text.to_owned()).await;
        assert_eq!(answer.status, 400, "{}", &text[..text.len().min(40)]);
        let problem = answer.json();
        assert!(problem["detail"].is_string(), "{problem}");
    }
    for bytes in [&b"\"\xff\""[..], b"\"\xed\xa0\x80\"", b"\xff\xfe1\0"] {
        assert_eq!(post_any(bytes.to_vec()).await.status, 400, "{bytes:?}");
    }
    for number in ["1e999", "-1e999", &long_exponent] {
        let answer = post_any(number.to_owned()).await;
        assert!((400..500).contains(&answer.status), "{number}: {answer:?}");
    }
}

#[tokio::test]
async fn nothing_is_replaced_silently() {
    let texts = [
        "9007199254740993",
        "45600.615038194315",
        "0.1000000000000000055511151231257827",
        "1.0",
        "1e2",
        "-0",
        "123456789012345678901234567890",
        r#""\u0000""#,
        r#"{"b":1,"a":[null,true,{}],"":""}"#,
    ];
    for text in texts {
        let answer = post_any(text).await;
        assert_eq!(answer.summary(), format!("200 {text}"));
    }
}
