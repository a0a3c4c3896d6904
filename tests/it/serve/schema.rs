//! Every keyword of schemas and every type that they become, at its boundary.

use super::request::Expect::{Back, Refused, Same};
use super::request::post_each;
use super::{Echo, numbers};

#[tokio::test]
async fn checks_of_numbers() {
    post_each(
        numbers::api(Echo),
        &[
            (r#"{"minimum":3}"#, Same),
            (r#"{"minimum":2}"#, Refused("/minimum minimum")),
        ],
    )
    .await;
}
