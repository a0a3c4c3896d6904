//! Dependencies that operations need without asking.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Channel};
use specwright::axum::body::Body;
use specwright::http::{Request, StatusCode};
use specwright::{App, Context, Operations, Problem, Provide};

use super::shop::{Shop, Transaction};
use super::{app, ask, get};

/// That somebody is at the door.
struct Open;

#[derive(Clone, Default)]
struct Door {
    is_closed: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

impl Provide<Open> for Door {
    type Error = Problem;

    async fn acquire(&self, _: &Context) -> Result<Open, Problem> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match self.is_closed.load(Ordering::Relaxed) {
            true => Err(Problem::new(StatusCode::FORBIDDEN)),
            false => Ok(Open),
        }
    }
}

async fn statuses(app: App) -> [u16; 4] {
    let service = app.into_service().unwrap();
    let mut statuses = [0; 4];
    for (index, path) in ["/orders/nothing", "/lines/ok", "/file", "/openapi.json"]
        .into_iter()
        .enumerate()
    {
        statuses[index] = ask(&service, get(path)).await.status;
    }
    statuses
}

#[tokio::test]
async fn they_are_of_an_app_a_tag_or_an_operation() {
    let shop = Shop::default();
    let door = Door::default();
    let guarded = |operations| app(&shop).require::<Open, _>(operations, door.clone());
    assert_eq!(statuses(guarded(Operations::All)).await, [200; 4]);
    door.is_closed.store(true, Ordering::Relaxed);
    assert_eq!(
        statuses(guarded(Operations::All)).await,
        [403, 403, 403, 200]
    );
    assert_eq!(
        statuses(guarded(Operations::tag("orders"))).await,
        [403, 200, 200, 200]
    );
    // Whichever of its tags an operation has first.
    assert_eq!(
        statuses(guarded(Operations::tag("streams"))).await,
        [200, 403, 403, 200]
    );
    assert_eq!(
        statuses(guarded(Operations::tag("files"))).await,
        [200, 200, 403, 200]
    );
    assert_eq!(
        statuses(guarded(Operations::id("file"))).await,
        [200, 200, 403, 200]
    );
}

#[tokio::test]
async fn what_guards_nothing_does_not_start() {
    let shop = Shop::default();
    let app = app(&shop)
        .require::<Open, _>(Operations::tag("order"), Door::default())
        .require::<Open, _>(Operations::id("flie"), Door::default());
    assert_eq!(
        app.into_service().unwrap_err().to_string(),
        "there is a requirement for the operations of the tag `order`, and no document has such; there are: `files`, `orders`, `streams`\n\
         there is a requirement for the operation `flie`, and no document has such; there are: `events`, `file`, `lines`, `place`, `run`"
    );
}

/// The body may never come: whoever is not let in is told at once.
#[tokio::test]
async fn they_are_asked_for_before_the_body() {
    let shop = Shop::default();
    let door = Door::default();
    door.is_closed.store(true, Ordering::Relaxed);
    let service = app(&shop)
        .require::<Open, _>(Operations::All, door.clone())
        .into_service()
        .unwrap();
    let (_sender, body) = Channel::<Bytes>::new(1);
    let request = Request::post("/orders")
        .header("content-type", "text/plain")
        .body(Body::new(body.map_err(|never| match never {})))
        .unwrap();
    assert_eq!(ask(&service, request).await.status, 403);
    door.is_closed.store(false, Ordering::Relaxed);
    let request = Request::post("/orders")
        .header("content-type", "application/json")
        .body(Body::from("\"a book\""))
        .unwrap();
    assert_eq!(ask(&service, request).await.text(), "\"a book\"");
    assert_eq!(shop.notes(), ["placed"]);
    assert_eq!(door.asked.load(Ordering::Relaxed), 2);
}

/// What a handler asks for as well is the same, and whoever asks later has what comes before released with it.
#[tokio::test]
async fn they_are_dependencies_as_all_are() {
    let shop = Shop::default();
    let service = app(&shop)
        .require::<Transaction, _>(Operations::All, shop.clone())
        .into_service()
        .unwrap();
    assert_eq!(ask(&service, get("/orders/ok")).await.status, 200);
    assert_eq!(
        shop.notes(),
        [
            "+connection",
            "+transaction",
            "handled",
            "-transaction 200",
            "-connection 200"
        ]
    );
}
