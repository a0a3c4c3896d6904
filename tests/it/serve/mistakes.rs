//! What is easily got wrong: each of these was, in some framework.

use specwright::axum::body::Body;
use specwright::http::Request;

use super::request::{Expect, post_each, send};
use super::{Echo, traps};

#[tokio::test]
async fn values_are_what_the_schema_says() {
    use Expect::{Refused, Same};
    post_each(
        traps::api(Echo),
        &[
            (r#"{"price":39.44}"#, Same),
            (
                r#"{"price":45600.615038194315}"#,
                Refused("/price multipleOf"),
            ),
            (r#"{"price":0.07}"#, Same),
            (r#"{"price":1.005}"#, Refused("/price multipleOf")),
            (r#"{"gift":0}"#, Refused("/gift type")),
            (r#"{"gift":1}"#, Refused("/gift type")),
            (r#"{"gift":"true"}"#, Refused("/gift type")),
            (r#"{"gift":false}"#, Same),
            (r#"{"note":"<b>bold</b> & <script>"}"#, Same),
            (r#"{"email":"ann@example.test"}"#, Same),
            (r#"{"email":"ann@shop.localhost"}"#, Same),
            (r#"{"email":"ann@nowhere.invalid"}"#, Same),
            (r#"{"email":"ann"}"#, Refused("/email format")),
        ],
    )
    .await;
}

#[tokio::test]
async fn parameters_are_what_was_sent() {
    for (query, wanted) in [
        ("", "200 {}"),
        ("?status=new", "200 {}"),
        ("?status=", "422 query status enum"),
        ("?status", "422 query status enum"),
        ("?status=new&status=new", "422 query status repeated"),
        ("?limit=5&limit=5", "422 query limit repeated"),
        ("?limit=", "422 query limit type"),
        ("?limit=5.0", "422 query limit type"),
        ("?limit=%2B5", "422 query limit type"),
    ] {
        let request = Request::post(format!("/{query}"))
            .header("content-type", "application/json")
            .body(Body::from("{}"));
        let answer = send(traps::api(Echo), request.unwrap()).await;
        assert_eq!(answer.summary(), wanted, "{query}");
    }
}
