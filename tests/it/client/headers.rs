//! Random headers of responses: the client gets what the handler returned, or the handler's mistake is told.

use std::sync::{Arc, Mutex};

use specwright::{App, ClientError, Context, Unexpected};

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

/// Whether every value is one of the schema that its style can say.
fn is_writable(it: &AnswerResponse) -> bool {
    let is_text = |text: &str| {
        text.trim() == text
            && !text.contains(',')
            && text.bytes().all(|it| matches!(it, b' '..=b'~'))
    };
    let is_item = |text: &str| is_text(text) && !text.is_empty();
    let is_color = |it: &Color| it.r <= 255;
    let is_told = |it: &Color| {
        is_color(it)
            && it
                .name
                .as_deref()
                .is_none_or(|it| is_item(it) && !it.contains('='))
    };
    it.x_count <= 9
        && it
            .x_code
            .as_deref()
            .is_none_or(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_lowercase()))
        && it
            .x_tags
            .as_ref()
            .is_none_or(|it| it.len() <= 2 && !it.is_empty() && it.iter().all(|it| is_item(it)))
        && it.x_color.as_ref().is_none_or(is_told)
        && it.x_exploded.as_ref().is_none_or(is_told)
        && it.x_json.as_ref().is_none_or(|it| it.iter().all(is_color))
        && it.x_gaps.as_ref().is_none_or(|it| {
            !it.is_empty() && it.iter().all(|it| it.as_deref().is_some_and(is_item))
        })
        && it
            .x_note
            .as_deref()
            .is_none_or(|it| it.len() <= 9 && is_item(it))
        && it
            .set_cookie
            .as_ref()
            .is_none_or(|it| !it.is_empty() && it.iter().all(|it| is_item(it)))
}

#[tokio::test]
async fn headers_of_responses() {
    let given = Given::default();
    let service = App::new(response_headers::api(given.clone()))
        .into_service()
        .unwrap();
    let client = response_headers::client(&service);
    let (mut read, mut refused) = (0, 0);
    let mut rng = Rng::new(5);
    for _ in 0..6000 {
        let answer = AnswerResponse::random(&mut rng);
        *given.0.lock().unwrap() = Some(answer.clone());
        let kind = "any".to_owned();
        match client.answer(AnswerRequest { kind }).await {
            Ok(it) => {
                assert_eq!(it, answer);
                read += 1;
            }
            Err(ClientError::Response(it)) if it.status == 500 => {
                assert!(!is_writable(&answer), "{answer:?}");
                refused += 1;
            }
            Err(error) => panic!("{error}\n{answer:?}"),
        }
    }
    assert!(read > 50, "{read} of {}", read + refused);
}
