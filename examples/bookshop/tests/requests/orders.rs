//! Orders: all lines or none, each key once.

use serde_json::{Value, json};

use crate::books::place;
use crate::client::{Client, EDITOR, INTERN, LAMP, MARA, TOBIAS};

const KEY: (&str, &str) = ("idempotency-key", "7c9e6679-7425-40de-944b-e07fc1f90ae7");

async fn stock(shop: &Client, edition: usize) -> Value {
    shop.get(LAMP).await.json(200)["editions"][edition]["stock"].clone()
}

#[tokio::test]
async fn an_order_takes_its_copies_off_the_shelf() {
    let shop = Client::new().await;
    let mut order = place("PB-10001", 3);
    order["lines"]
        .as_array_mut()
        .unwrap()
        .push(json!({"sku": "EB-10001", "quantity": 1, "unit_price": 0.01}));
    let answer = shop.json("POST", "/orders", &[MARA, KEY], order).await;
    let placed = answer.json(201);
    assert_eq!(placed["total"], 47.60);
    assert_eq!(placed["lines"][1]["unit_price"], 8.90);
    assert_eq!(placed["status"], "placed");
    // The token of the card stays in.
    assert_eq!(placed["payment"], json!({"method": "card"}));
    assert!(!answer.text().contains("tok_4242"));
    assert_eq!(stock(&shop, 1).await, 37);
    // The book is another one now, so that copies of it are out of date.
    assert_eq!(shop.get(LAMP).await.headers["etag"], "\"2\"");

    let location = answer.headers["location"].to_str().unwrap();
    let read = shop.bare("GET", location, &[MARA]).await.json(200);
    assert_eq!(read["lines"], placed["lines"]);
    assert_eq!(read["total"], placed["total"]);
}

#[tokio::test]
async fn the_same_key_orders_once() {
    let shop = Client::new().await;
    let first = shop
        .json("POST", "/orders", &[MARA, KEY], place("PB-10001", 2))
        .await
        .json(201);
    let again = shop
        .json("POST", "/orders", &[MARA, KEY], place("PB-10001", 2))
        .await
        .json(200);
    assert_eq!(again["id"], first["id"]);
    assert_eq!(stock(&shop, 1).await, 38);
    // Keys are the customer's own.
    shop.json("POST", "/orders", &[TOBIAS, KEY], place("PB-10001", 2))
        .await
        .json(201);
    assert_eq!(stock(&shop, 1).await, 36);
}

#[tokio::test]
async fn an_order_that_cannot_be_delivered_takes_nothing() {
    let shop = Client::new().await;
    let mut order = place("PB-10001", 1);
    order["lines"].as_array_mut().unwrap().extend([
        json!({"sku": "HC-10001", "quantity": 7}),
        json!({"sku": "PB-99999", "quantity": 1}),
        // Twice the same edition, which together are too many.
        json!({"sku": "HC-10002", "quantity": 2}),
        json!({"sku": "HC-10002", "quantity": 2}),
    ]);
    let problem = shop
        .json("POST", "/orders", &[MARA, KEY], order)
        .await
        .problem(409);
    assert_eq!(
        problem["shortages"],
        json!([
            {"sku": "HC-10001", "available": 6},
            {"sku": "PB-99999", "available": 0},
            {"sku": "HC-10002", "available": 1},
        ])
    );
    assert_eq!(stock(&shop, 1).await, 40);
}

#[tokio::test]
async fn a_declined_card_orders_nothing() {
    let shop = Client::new().await;
    let mut order = place("PB-10001", 1);
    order["payment"]["card_token"] = json!("tok_declined");
    shop.json("POST", "/orders", &[MARA, KEY], &order)
        .await
        .problem(402);
    assert_eq!(stock(&shop, 1).await, 40);
    order["payment"] = json!({"method": "invoice", "vat_number": "NO123456789"});
    let placed = shop
        .json("POST", "/orders", &[MARA, KEY], order)
        .await
        .json(201);
    assert_eq!(placed["payment"]["vat_number"], "NO123456789");
}

#[tokio::test]
async fn orders_are_seen_by_their_customer_and_the_shop() {
    let shop = Client::new().await;
    let answer = shop
        .json("POST", "/orders", &[MARA, KEY], place("PB-10001", 1))
        .await;
    let location = answer.headers["location"].to_str().unwrap().to_owned();
    shop.bare("GET", &location, &[TOBIAS]).await.problem(404);
    shop.bare("GET", &location, &[INTERN]).await.json(200);
    shop.get(&location).await.problem(401);
    for (who, uri, count) in [
        (MARA, "/orders", 1),
        (TOBIAS, "/orders", 0),
        (
            EDITOR,
            "/orders?status=placed,shipped&placed_since=2024-01-01",
            1,
        ),
        (EDITOR, "/orders?status=cancelled", 0),
        (EDITOR, "/orders?placed_since=2999-12-31", 0),
    ] {
        let answer = shop.bare("GET", uri, &[who]).await;
        assert_eq!(answer.json(200).as_array().unwrap().len(), count, "{uri}");
        assert_eq!(answer.headers["x-total-count"], count.to_string());
    }
}

#[tokio::test]
async fn a_cancelled_order_puts_its_copies_back() {
    let shop = Client::new().await;
    let answer = shop
        .json("POST", "/orders", &[MARA, KEY], place("PB-10001", 4))
        .await;
    let uri = format!(
        "{}/cancellation",
        answer.headers["location"].to_str().unwrap()
    );
    shop.json("POST", &uri, &[TOBIAS], "{}").await.problem(404);
    // The body is optional.
    let cancelled = shop.bare("POST", &uri, &[MARA]).await.json(200);
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(stock(&shop, 1).await, 40);
    shop.json("POST", &uri, &[MARA], json!({"reason": "twice"}))
        .await
        .problem(409);
    assert_eq!(stock(&shop, 1).await, 40);
}
