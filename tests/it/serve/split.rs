//! The handlers of one document as several values: one for each tag, with one principal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{Api, ApiKey, Context, Denied, Unexpected};

use super::request::send;
use split::{AppApi, BooksApi, HandlerApi, HealthApi, OrdersApi, Security};

specwright::include_api!(pub mod split);

type Answered = Result<String, Unexpected>;

/// Knows who may call, and answers what is of no part.
struct Shop {
    calls: AtomicU32,
}

#[derive(Clone)]
struct Customer(String);

impl Security for Shop {
    type Principal = Customer;

    async fn key(&self, _: &Context, key: ApiKey, _: &[&str]) -> Result<Customer, Denied> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        match key.as_str() {
            "bad" => Err(Denied::forbidden()),
            name => Ok(Customer(name.to_owned())),
        }
    }
}

/// Knows its shelf, and the shop that it is in.
struct Books {
    shelf: &'static str,
    shop: Arc<Shop>,
}

impl BooksApi<Shop> for Books {
    async fn list_books(&self, _: &Context, user: Customer) -> Answered {
        let calls = self.shop.calls.load(Ordering::Relaxed);
        Ok(format!("{} for {}, {calls} asked", self.shelf, user.0))
    }

    async fn count_books(&self, _: &Context) -> Answered {
        Ok(self.shelf.len().to_string())
    }
}

struct Orders;

impl OrdersApi<Shop> for Orders {
    async fn key(&self, _: &Context, user: Option<Customer>) -> Answered {
        Ok(user.map_or("nobody".to_owned(), |user| user.0))
    }
}

impl HealthApi for Shop {
    async fn health(&self, _: &Context) -> Answered {
        Ok("well".to_owned())
    }
}

impl AppApi for Shop {
    async fn app(&self, _: &Context) -> Answered {
        Ok("app".to_owned())
    }
}

impl HandlerApi for Shop {
    async fn handler(&self, _: &Context, user: Customer) -> Answered {
        Ok(format!("handler for {}", user.0))
    }
}

fn api() -> Api {
    let shop = Arc::new(Shop {
        calls: AtomicU32::new(0),
    });
    split::api_of(split::Handlers {
        books: Arc::new(Books {
            shelf: "novels",
            shop: Arc::clone(&shop),
        }),
        orders: Arc::new(Orders),
        health: Arc::clone(&shop),
        app_api: Arc::clone(&shop),
        handler_api: Arc::clone(&shop),
        app: shop,
    })
}

async fn ask(path: &str, key: Option<&str>) -> String {
    let mut request = Request::get(path);
    if let Some(key) = key {
        request = request.header("x-key", key);
    }
    send(api(), request.body(Body::empty()).unwrap())
        .await
        .summary()
}

#[tokio::test]
async fn each_part_answers_its_operations() {
    for (path, key, wanted) in [
        ("/books", Some("Ann"), "200 novels for Ann, 1 asked"),
        ("/books", Some("bad"), "403"),
        ("/books", None, "401"),
        ("/books/count", None, "200 6"),
        ("/orders", Some("Bob"), "200 Bob"),
        ("/orders", Some("bad"), "403"),
        ("/orders", None, "200 nobody"),
        ("/health", None, "200 well"),
        ("/app", None, "200 app"),
        ("/handler", Some("Ann"), "200 handler for Ann"),
        ("/handler", None, "401"),
    ] {
        assert_eq!(ask(path, key).await, wanted, "{path} {key:?}");
    }
}

/// The operations stay in the document's order, whatever part they are of.
#[test]
fn the_document_gives_the_order() {
    let ids: Vec<&str> = api().operations().map(|it| it.id).collect();
    assert_eq!(
        ids,
        ["listBooks", "countBooks", "key", "health", "app", "handler"]
    );
}
