//! Reviews: anyone may write one, and whoever has bought the book is marked.

use serde_json::json;

use crate::books::place;
use crate::client::{Client, LAMP, MARA, TOBIAS};

#[tokio::test]
async fn reviews_are_listed_and_added_without_showing_addresses() {
    let shop = Client::new().await;
    let uri = format!("{LAMP}/reviews");
    let answer = shop.get(&uri).await;
    assert_eq!(answer.json(200).as_array().unwrap().len(), 2);
    assert!(!answer.text().contains('@'));

    let review = json!({
        "rating": 2,
        "text": "Too much lamp.",
        "reviewer": {"name": "Hanne", "email": "hanne@example.com"},
        "source": "https://readers.example/hanne",
        "is_verified": true,
    });
    let answer = shop.json("POST", &uri, &[], review).await;
    let review = answer.json(201);
    assert_eq!(review["is_verified"], false);
    assert_eq!(review["reviewer"], json!({"name": "Hanne"}));

    let listed = shop.get(&format!("{uri}?per_page=1")).await;
    assert_eq!(listed.json(200), json!([review]));
    assert_eq!(listed.headers["x-total-count"], "3");
    let good = shop.get(&format!("{uri}?min_rating=5")).await.json(200);
    assert_eq!(good[0]["source"], "shop");
    assert_eq!(good.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn credentials_are_optional_but_not_guessable() {
    let shop = Client::new().await;
    let uri = format!("{LAMP}/reviews");
    let review = json!({
        "rating": 5,
        "text": "Again.",
        "reviewer": {"name": "Mara", "email": "mara@example.com"},
    });
    let key = ("idempotency-key", "7c9e6679-7425-40de-944b-e07fc1f90ae7");
    shop.json("POST", "/orders", &[MARA, key], place("EB-10001", 1))
        .await
        .json(201);
    for (headers, is_verified) in [(&[MARA][..], true), (&[TOBIAS], false), (&[], false)] {
        let answer = shop.json("POST", &uri, headers, &review).await;
        assert_eq!(answer.json(201)["is_verified"], is_verified);
    }
    let guessed = [("authorization", "Bearer guessed")];
    shop.json("POST", &uri, &guessed, &review)
        .await
        .problem(401);
}

#[tokio::test]
async fn a_review_needs_its_book_and_a_source_that_exists() {
    let shop = Client::new().await;
    let review = json!({
        "rating": 6,
        "text": "",
        "reviewer": {"name": "Mara", "email": "mara"},
        "source": "a friend",
    });
    let answer = shop
        .json("POST", &format!("{LAMP}/reviews"), &[], review)
        .await;
    assert_eq!(
        answer.violations(),
        [
            "body /rating: maximum",
            "body /reviewer/email: format",
            "body /source: anyOf",
            "body /source: enum",
            "body /text: minLength",
        ]
    );
    let nowhere = "/books/0b5e7a10-0000-4000-8000-00000000ffff/reviews";
    shop.get(nowhere).await.problem(404);
}
