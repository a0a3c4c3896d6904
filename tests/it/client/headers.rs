//! Random headers of responses: the client gets what the handler returned, or the handler's mistake is told.

use std::sync::{Arc, Mutex};

use specwright::{App, ClientError, Context, HttpTransport, Transport, Unexpected};
use tokio::net::TcpListener;

use super::random::{Random as _, Rng};
use crate::serve::responses::response_headers;

use response_headers::{AnswerRequest, AnswerResponse, Color};

/// Answers with what it was given.
#[derive(Clone, Default)]
struct Given(Arc<Mutex<Option<AnswerResponse>>>);

impl response_headers::DefaultApi for Given {
    async fn answer(&self, _: &Context, _: AnswerRequest) -> Result<AnswerResponse, Unexpected> {
        let given = self.0.lock().unwrap().clone();
        given.ok_or_else(|| Unexpected::new("nothing was given"))
    }
}

/// Whether a header says it and nothing else: ASCII without control characters, and without blanks around it.
fn is_text(text: &str) -> bool {
    let is_sign = |it: u8| matches!(it, b'\t' | b' '..=b'~');
    text.trim_matches([' ', '\t']) == text && text.bytes().all(is_sign)
}

/// Whether it can stand between commas.
fn is_part(text: &str) -> bool {
    is_text(text) && !text.contains(',')
}

/// Whether a list can hold it, since empty items mean nothing.
fn is_item(text: &str) -> bool {
    is_part(text) && !text.is_empty()
}

/// Whether every value is one of the schema that its style can say.
fn is_writable(it: &AnswerResponse) -> bool {
    let is_color = |it: &Color| it.r <= 255;
    let name = |it: &Option<Color>| it.as_ref().and_then(|it| it.name.clone());
    let is_code = |it: &String| !it.is_empty() && it.bytes().all(|it| it.is_ascii_lowercase());
    let colors = [&it.x_color, &it.x_exploded].into_iter().flatten();
    it.x_count <= 9
        && it.x_code.as_ref().is_none_or(is_code)
        && it
            .x_tags
            .as_ref()
            .is_none_or(|it| it.len() <= 2 && it.iter().all(|it| is_item(it)))
        && colors.into_iter().all(is_color)
        && name(&it.x_color).is_none_or(|it| is_part(&it))
        && name(&it.x_exploded).is_none_or(|it| is_part(&format!("name={it}")))
        && it.x_json.as_ref().is_none_or(|it| it.iter().all(is_color))
        && it
            .x_gaps
            .as_ref()
            .is_none_or(|it| it.iter().all(|it| it.as_deref().is_some_and(is_item)))
        && it
            .x_note
            .as_ref()
            .is_none_or(|it| it.chars().count() <= 9 && is_text(it))
        && it
            .set_cookie
            .as_ref()
            .is_none_or(|it| it.iter().all(|it| is_text(it) && !it.is_empty()))
}

/// Calls with random answers: each comes as it is, or its handler is told why it is none.
async fn answers(given: &Given, transport: impl Transport, count: usize) {
    let client = response_headers::client(transport);
    let (mut read, mut refused) = (0, 0);
    let mut rng = Rng::new(5);
    for _ in 0..count {
        let answer = AnswerResponse::random(&mut rng);
        *given.0.lock().unwrap() = Some(answer.clone());
        let kind = "any".to_owned();
        match client.answer(AnswerRequest { kind }).await {
            Ok(it) => {
                assert!(is_writable(&answer), "{answer:?}");
                // Each cookie has a line of its own, so that none of them is no header.
                let mut told = answer;
                told.set_cookie = told.set_cookie.filter(|it| !it.is_empty());
                assert_eq!(it, told);
                read += 1;
            }
            Err(ClientError::Response(it)) if it.status == 500 => {
                assert!(!is_writable(&answer), "{answer:?}");
                refused += 1;
            }
            Err(error) => panic!("{error}\n{answer:?}"),
        }
    }
    println!("{read} read, {refused} refused");
    assert!(20 * read > count, "{read} of {count}");
}

#[tokio::test]
async fn headers_of_responses() {
    let given = Given::default();
    let app = || App::new(response_headers::api(given.clone()));
    answers(&given, app().into_service().unwrap(), 6000).await;

    // Blanks get lost only here.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(app().serve_until(listener, std::future::pending));
    answers(&given, HttpTransport::new(&url).unwrap(), 1000).await;
    server.abort();
}
