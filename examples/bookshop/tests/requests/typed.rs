//! How tests of a server read: its client is generated from the same document, and whatever the server answers is held
//! against that document.

use bookshop::bookshop::client::Credentials;
use bookshop::bookshop::{
    DeleteBookError, DeleteBookRequest, GetBookError, GetBookRequest, GetBookResponse, client,
};
use bookshop::{Database, Shop, User};
use specwright::{ApiKey, App, ClientError, TestClient};
use uuid::Uuid;

use crate::books::place;

/// A shop of its own for each test, which closes with its client.
async fn open() -> TestClient {
    let app = App::start(async |lifespan| {
        let shop = Shop::open(&Database::InMemory).await?;
        let closing = shop.clone();
        lifespan.at_end(async move { closing.close().await });
        Ok(bookshop::bookshop::api(shop))
    });
    TestClient::new(app).await
}

/// The first book of the seed.
const LAMP: Uuid = Uuid::from_u128(0x0b5e_7a10_0000_4000_8000_0000_0000_0001);

fn lamp() -> GetBookRequest {
    GetBookRequest {
        book_id: LAMP,
        if_none_match: None,
    }
}

#[tokio::test]
async fn a_removed_book_is_gone() {
    let server = open().await;
    let mut shop = client(&server);
    let GetBookResponse::Ok { body: book, .. } = shop.get_book(lamp()).await.unwrap() else {
        panic!("nobody has a copy of it yet");
    };
    assert_eq!(book.title, "The Lamp at Gull Point");

    shop.credentials = Credentials::shop_key(ApiKey::new("demo-staff-key"));
    let removal = DeleteBookRequest { book_id: LAMP };
    shop.delete_book(removal).await.unwrap();

    let gone = shop.get_book(lamp()).await.unwrap_err();
    assert!(matches!(gone.documented(), Some(GetBookError::NotFound(_))));
    server.close().await;
}

#[tokio::test]
async fn interns_remove_nothing() {
    let server = open().await;
    let intern = server.as_principal(|| User::Staff { may_edit: false });
    let removal = DeleteBookRequest { book_id: LAMP };
    let refused = client(&intern).delete_book(removal).await;
    assert!(matches!(
        refused,
        Err(ClientError::Documented(DeleteBookError::Forbidden(_)))
    ));
    drop(intern);
    server.close().await;
}

#[tokio::test]
async fn pages_are_not_too_long() {
    let server = open().await;
    let answer = server.get("/books").query("per_page", 500).await;
    let answer = answer.expect_status(422);
    assert_eq!(answer.violations(), ["query per_page: maximum"]);
    server.close().await;
}

/// What the handler asks for sees who calls, as a test says it.
#[tokio::test]
async fn customers_order_and_staff_does_not() {
    let server = open().await;
    let order = place("PB-10001", 1);
    let post = async |somebody: &TestClient| {
        let request = somebody.post("/orders").json(&order);
        let key = Uuid::new_v4().to_string();
        request.header("idempotency-key", key).await
    };
    let mara = server.as_principal(|| User::Customer { id: 1 });
    let placed = post(&mara).await.expect_status(201);
    let own = mara.get(placed.header("location").unwrap_or_default());
    own.await.expect_status(200);
    let clerk = server.as_principal(|| User::Staff { may_edit: true });
    let refused = post(&clerk).await.expect_status(403);
    let problem = refused.problem();
    assert_eq!(problem.detail.as_deref(), Some("only customers can order"));
    drop((mara, clerk));
    server.close().await;
}
