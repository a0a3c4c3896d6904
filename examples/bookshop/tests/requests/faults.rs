//! What is wrong with a request, and how it is said.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use http_body::{Body as HttpBody, Frame};
use serde_json::json;
use specwright::axum::body::Body;
use specwright::bytes::Bytes;

use crate::books::{new_book, place};
use crate::client::{Client, EDITOR, LAMP, MARA, builder};

/// A body that remembers whether anybody asked for it.
struct Watched(Arc<AtomicBool>);

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.store(true, Ordering::SeqCst);
        Poll::Ready(None)
    }
}

#[tokio::test]
async fn one_answer_names_the_faults_of_body_and_query_together() {
    let shop = Client::new().await;
    let mut book = new_book();
    book["isbn"] = json!("978-0306406157");
    book["editions"][0]["price"] = json!(14.905);
    book["tags"] = json!(["sea", "sea"]);
    book.as_object_mut().unwrap().remove("title");
    let answer = shop
        .json("POST", "/books?dry_run=perhaps", &[EDITOR], book)
        .await;
    assert_eq!(
        answer.violations(),
        [
            "body /editions/0/price: multipleOf",
            "body /isbn: pattern",
            "body /tags: uniqueItems",
            "body /title: required",
            "query dry_run: type",
        ]
    );
}

#[tokio::test]
async fn a_path_that_holds_no_id_names_the_parameter() {
    let shop = Client::new().await;
    let answer = shop.get("/books/17").await;
    assert_eq!(answer.violations(), ["path book_id: format"]);
}

#[tokio::test]
async fn a_missing_header_is_a_violation_beside_those_of_the_body() {
    let shop = Client::new().await;
    let answer = shop
        .json("POST", "/orders", &[MARA], json!({"lines": []}))
        .await;
    assert_eq!(
        answer.violations(),
        [
            "body /lines: minItems",
            "body /payment: required",
            "body /ship_to: required",
            "header Idempotency-Key: required",
        ]
    );
}

#[tokio::test]
async fn lists_are_split_and_checked_one_by_one() {
    let shop = Client::new().await;
    let answer = shop
        .get("/books?tag=sea&tag=S&format=ebook,scroll&per_page=0")
        .await;
    assert_eq!(
        answer.violations(),
        [
            "query format/1: enum",
            "query per_page: minimum",
            "query tag/1: minLength",
            "query tag/1: pattern",
        ]
    );
}

#[tokio::test]
async fn a_cookie_is_checked_too() {
    let shop = Client::new().await;
    let answer = shop
        .bare("GET", "/books", &[("cookie", "currency=CHF")])
        .await;
    assert_eq!(answer.violations(), ["cookie currency: enum"]);
}

#[tokio::test]
async fn malformed_json_is_told_by_line_and_column() {
    let shop = Client::new().await;
    let answer = shop
        .json(
            "POST",
            "/books",
            &[EDITOR],
            "{\n  \"title\": \"A\",\n  isbn}",
        )
        .await;
    let problem = answer.problem(400);
    assert_eq!(problem["line"], 3);
    assert_eq!(problem["column"], 3);
}

#[tokio::test]
async fn a_repeated_key_is_refused() {
    let shop = Client::new().await;
    let answer = shop
        .json(
            "POST",
            "/books",
            &[EDITOR],
            r#"{"title": "A", "title": "B"}"#,
        )
        .await;
    let problem = answer.problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("repeated key"));
    assert_eq!(problem["column"], 16);
}

#[tokio::test]
async fn a_missing_body_is_malformed() {
    let shop = Client::new().await;
    shop.json("POST", "/books", &[EDITOR], "")
        .await
        .problem(400);
}

#[tokio::test]
async fn another_content_type_is_not_read() {
    let shop = Client::new().await;
    for content_type in ["text/plain", "application/xml", "image/png"] {
        let request = builder("POST", "/books", &[EDITOR, ("content-type", content_type)])
            .body(Body::from("{}"))
            .unwrap();
        shop.send(request).await.problem(415);
    }
    let request = builder("PUT", &format!("{LAMP}/cover"), &[EDITOR])
        .header("content-type", "image/jpeg")
        .body(Body::from("picture"))
        .unwrap();
    shop.send(request).await.problem(415);
}

#[tokio::test]
async fn a_body_past_the_limit_is_refused() {
    let shop = Client::new().await;
    let blurb = "a".repeat(3 << 20);
    let answer = shop
        .json("POST", "/books", &[EDITOR], json!({"blurb": blurb}))
        .await;
    answer.problem(413);
}

#[tokio::test]
async fn without_credentials_the_body_is_never_read() {
    let shop = Client::new().await;
    for headers in [
        &[][..],
        &[("x-api-key", "guessed")],
        &[("authorization", "Bearer demo-customer-token")],
    ] {
        let is_read = Arc::new(AtomicBool::new(false));
        let request = builder("POST", "/books?dry_run=perhaps", headers)
            .header("content-type", "application/json")
            .body(Body::new(Watched(Arc::clone(&is_read))))
            .unwrap();
        let answer = shop.send(request).await;
        answer.problem(401);
        assert!(answer.headers.contains_key("www-authenticate"));
        assert!(!is_read.load(Ordering::SeqCst));
    }
    // The same body is read once there are credentials, so the test can fail.
    let is_read = Arc::new(AtomicBool::new(false));
    let request = builder("POST", "/books", &[EDITOR])
        .header("content-type", "application/json")
        .body(Body::new(Watched(Arc::clone(&is_read))))
        .unwrap();
    shop.send(request).await.problem(400);
    assert!(is_read.load(Ordering::SeqCst));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let shop = Client::new().await;
    shop.get("/bookshelves").await.problem(404);
    shop.get("/books/").await.problem(404);
    let answer = shop.bare("DELETE", "/books", &[]).await;
    answer.problem(405);
    assert_eq!(answer.headers["allow"], "GET, HEAD, POST, OPTIONS");
}

#[tokio::test]
async fn a_union_says_which_branch_failed_and_where() {
    let shop = Client::new().await;
    let mut book = new_book();
    book["editions"] = json!([
        {"format": "scroll", "sku": "PB-90001", "price": 1},
        {"format": "ebook", "sku": "EB-90001", "price": 1, "file_format": "docx"},
        {"format": "paperback", "sku": "PB-90002", "price": 1, "stock": -1, "pages": 10},
        {"sku": "PB-90003", "price": 1},
    ]);
    let answer = shop.json("POST", "/books", &[EDITOR], book).await;
    assert_eq!(
        answer.violations(),
        [
            "body /editions/0/format: enum",
            "body /editions/1/file_format: enum",
            "body /editions/1/size_bytes: required",
            "body /editions/2/stock: minimum",
            "body /editions/3/format: required",
        ]
    );
}

#[tokio::test]
async fn nested_maps_and_recursion_are_checked_to_the_bottom() {
    let shop = Client::new().await;
    let attributes: serde_json::Map<_, _> = (0..21)
        .map(|n| (format!("key{n}"), json!("value")))
        .collect();
    let change = json!({"attributes": attributes, "isbn": "9780306406157"});
    let answer = shop
        .json("PATCH", LAMP, &[EDITOR, ("if-match", "*")], change)
        .await;
    assert_eq!(
        answer.violations(),
        [
            "body /attributes: maxProperties",
            "body /isbn: additionalProperties",
        ]
    );
    let tree = json!([{"slug": "a-b", "name": "A", "children": [
        {"slug": "c-d", "name": "C", "children": [{"slug": "E F", "name": ""}]},
    ]}]);
    let answer = shop.json("PUT", "/categories", &[EDITOR], tree).await;
    assert_eq!(
        answer.violations(),
        [
            "body /0/children/0/children/0/name: minLength",
            "body /0/children/0/children/0/slug: pattern",
        ]
    );
}

#[tokio::test]
async fn an_empty_change_is_none() {
    let shop = Client::new().await;
    let answer = shop
        .json("PATCH", LAMP, &[EDITOR, ("if-match", "*")], "{}")
        .await;
    assert_eq!(answer.violations(), ["body : minProperties"]);
}

#[tokio::test]
async fn an_order_is_checked_line_by_line() {
    let shop = Client::new().await;
    let mut order = place("PB-10001", 0);
    order["lines"]
        .as_array_mut()
        .unwrap()
        .push(json!({"sku": "XX-1", "quantity": 1.5}));
    order["ship_to"]["planet"] = json!("Earth");
    order["payment"] = json!({"method": "cash"});
    let answer = shop
        .json(
            "POST",
            "/orders",
            &[MARA, ("idempotency-key", "soon")],
            order,
        )
        .await;
    assert_eq!(
        answer.violations(),
        [
            "body /lines/0/quantity: minimum",
            "body /lines/1/quantity: type",
            "body /lines/1/sku: pattern",
            "body /payment/method: enum",
            "body /ship_to/planet: additionalProperties",
            "header Idempotency-Key: format",
        ]
    );
}
