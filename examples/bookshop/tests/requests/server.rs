//! The service around the handlers, and the same over TCP.

use bookshop::{Database, Shop};
use specwright::App;
use specwright::axum::Router;
use specwright::axum::routing::get;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::books::place;
use crate::client::{Client, LAMP, MARA};

#[tokio::test]
async fn head_and_options_are_answered_without_being_written_down() {
    let shop = Client::new().await;
    let answer = shop.bare("HEAD", LAMP, &[]).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.headers["etag"], "\"1\"");
    let answer = shop.bare("OPTIONS", LAMP, &[]).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.headers["allow"], "GET, HEAD, PATCH, DELETE, OPTIONS");
}

#[tokio::test]
async fn the_document_is_served() {
    let shop = Client::new().await;
    let document = shop.get("/openapi.json").await.json(200);
    assert_eq!(document["info"]["title"], "Bookshop");
    assert_eq!(
        document["paths"]["/books"]["get"]["operationId"],
        "listBooks"
    );
    let yaml = shop.get("/openapi.yaml").await;
    assert_eq!(yaml.text(), include_str!("../../../../specs/bookshop.yaml"));
}

#[tokio::test]
async fn the_id_of_a_request_comes_back() {
    let shop = Client::new().await;
    let answer = shop
        .bare("GET", "/health", &[("x-request-id", "abc-1")])
        .await;
    assert_eq!(answer.headers["x-request-id"], "abc-1");
    let made = shop.get("/health").await;
    assert_eq!(made.headers["x-request-id"].len(), 36);
}

#[tokio::test]
async fn what_fails_inside_stays_inside() {
    let folder = std::env::temp_dir().join(format!("bookshop-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("shop.db");
    let shop = Shop::open(&Database::File(path.clone())).await.unwrap();
    let client = Client::of(App::new(bookshop::bookshop::api(shop))).await;
    let client = client.answering_errors();
    let saboteur = SqlitePool::connect_with(SqliteConnectOptions::new().filename(&path))
        .await
        .unwrap();
    sqlx::query("ALTER TABLE books RENAME TO stolen")
        .execute(&saboteur)
        .await
        .unwrap();

    let answer = client.bare("GET", LAMP, &[("x-request-id", "abc-2")]).await;
    let problem = answer.problem(500);
    assert_eq!(problem["request_id"], "abc-2");
    assert!(!answer.text().contains("books"));
    // A documented range: the handler chose the status.
    let problem = client.get("/health").await.problem(503);
    assert_eq!(problem["detail"], "the database does not answer");

    saboteur.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What follows from an order is done after its answer.
#[tokio::test]
async fn editions_of_which_few_are_left_are_noted() {
    let folder = std::env::temp_dir().join(format!("bookshop-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("shop.db");
    let shop = Shop::open(&Database::File(path.clone())).await.unwrap();
    let client = Client::of(App::new(bookshop::bookshop::api(shop))).await;
    for (sku, key) in [
        ("PB-10001", "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        ("HC-10002", "7c9e6679-7425-40de-944b-e07fc1f90ae8"),
    ] {
        let key = ("idempotency-key", key);
        client
            .json("POST", "/orders", &[MARA, key], place(sku, 2))
            .await
            .json(201);
    }
    client.finished().await;
    let reader = SqlitePool::connect_with(SqliteConnectOptions::new().filename(&path))
        .await
        .unwrap();
    let noted: Vec<String> = sqlx::query_scalar("SELECT sku FROM reorders")
        .fetch_all(&reader)
        .await
        .unwrap();
    assert_eq!(noted, ["HC-10002"]);
    reader.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_file_keeps_what_was_written() {
    let folder = std::env::temp_dir().join(format!("bookshop-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let database = Database::File(folder.join("shop.db"));
    for removed in [204, 404] {
        let shop = Shop::open(&database).await.unwrap();
        let client = Client::of(App::new(bookshop::bookshop::api(shop))).await;
        let answer = client.bare("DELETE", LAMP, &[crate::client::EDITOR]).await;
        assert_eq!(answer.status, removed);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn fall() -> &'static str {
    panic!("the ladder broke")
}

#[tokio::test]
async fn a_panic_is_an_opaque_500() {
    let shop = Shop::open(&Database::InMemory).await.unwrap();
    let ladder = Router::new().route("/ladder", get(fall));
    let client = Client::of(App::new(bookshop::bookshop::api(shop)).merge(ladder)).await;
    let answer = client.answering_errors().get("/ladder").await;
    answer.problem(500);
    assert!(!answer.text().contains("ladder"));
    client.get("/health").await.json(200);
}

#[tokio::test]
async fn the_shop_answers_over_tcp_and_closes_when_told() {
    let shop = Shop::open(&Database::InMemory).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = std::sync::Arc::new(Notify::new());
    let signal = std::sync::Arc::clone(&stop);
    let server = tokio::spawn(async move {
        App::new(bookshop::bookshop::api(shop))
            .serve_until(listener, move || {
                let signal = std::sync::Arc::clone(&signal);
                async move { signal.notified().await }
            })
            .await
    });
    let body = r#"{"rating": 9}"#;
    for (request, status, part) in [
        (
            "GET /health HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n".to_owned(),
            "200 OK",
            r#"{"status":"open","books":6}"#,
        ),
        (
            format!(
                "POST {LAMP}/reviews HTTP/1.1\r\nhost: shop\r\nconnection: close\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            ),
            "422 Unprocessable Entity",
            r#""pointer":"/rating""#,
        ),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{answer}"
        );
        assert!(answer.contains(part), "{answer}");
    }
    stop.notify_one();
    server.await.unwrap().unwrap();
}
