//! What a client would send to get around a check, and what the reading of requests must not mix up.

use serde_json::json;
use specwright::codegen::Bytes;
use specwright::http::Request;
use specwright::{Context, Unexpected};

use super::Echo;
use super::parameters::each;

specwright::include_api!(pub mod evasion);

use evasion::{ClosedRequest, Reading, ReadingRequest, RestRequest};

impl evasion::DefaultApi for Echo {
    async fn reading(&self, _: &Context, it: ReadingRequest) -> Result<Bytes, Unexpected> {
        Ok(match it.it {
            None => "none",
            Some(Reading::Count(_)) => "count",
            Some(Reading::Amount(_)) => "amount",
            Some(Reading::Word(_)) => "word",
        }
        .into())
    }

    async fn closed(&self, _: &Context, it: ClosedRequest) -> Result<Bytes, Unexpected> {
        Ok(it.form.and_then(|form| form.q).unwrap_or_default().into())
    }

    async fn rest(&self, _: &Context, it: RestRequest) -> Result<Bytes, Unexpected> {
        let red = it.colors.and_then(|colors| colors.red);
        let read = json!([it.rest, it.page, it.tags, red]);
        Ok(read.to_string().into())
    }
}

#[tokio::test]
async fn readings_of_a_text_do_not_answer_for_each_other() {
    let get = |it: &str| Request::get(format!("/reading?it={it}"));
    let rows = vec![
        // One number is of two branches, and then a text of one only.
        (get("12"), "200 word"),
        // Each of these is no number of one of the branches.
        (get("7"), "200 amount"),
        (get("8"), "200 count"),
        (get("1.5"), "200 amount"),
        (get("9"), "422 query it oneOf"),
        (get("x"), "200 word"),
    ];
    each(evasion::api(Echo), rows).await;
}

#[tokio::test]
async fn keys_that_cannot_be_decoded_are_not_overlooked() {
    let get = |query: &str| Request::get(format!("/closed?{query}"));
    let rows = vec![
        (get("q=a"), "200 a"),
        (
            get("q=a&r=1"),
            "422 querystring form /r additionalProperties",
        ),
        (get("q=a&%ff=1"), "422 querystring form encoding"),
        (get("%zz"), "422 querystring form encoding"),
    ];
    each(evasion::api(Echo), rows).await;
}

#[tokio::test]
async fn names_in_cookies_are_free_in_the_query() {
    let get = |query: &str, cookies: &str| {
        Request::get(format!("/rest?{query}")).header("cookie", cookies)
    };
    let rows = vec![
        (
            get("tags=1&red=2&colors=3&page=4", ""),
            r#"200 [{"colors":"3","red":"2","tags":"1"},"4",null,null]"#,
        ),
        (
            get("tags=1&red=2", "tags=a; tags=b; red=c; page=d"),
            r#"200 [{"red":"2","tags":"1"},null,["a","b"],"c"]"#,
        ),
    ];
    each(evasion::api(Echo), rows).await;
}
