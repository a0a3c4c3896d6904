//! What stands around handlers: dependencies, tasks in the background, and the end of the server.

mod background;
mod blocking;
mod dependencies;
mod endings;
mod environment;
mod errors;
mod flow;
mod layers;
mod lifespan;
mod metrics;
mod observe;
mod requirements;
mod serving;
mod shop;
mod shutdown;
mod traces;

use std::time::Duration;

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, AppService};
use tower::ServiceExt as _;

use crate::support::request::Answer;
use crate::support::server::{Server, read, serve};

specwright::include_api!(pub mod service);

use shop::Shop;

/// An app that ends whatever hangs: nothing here takes an hour unless it is broken.
fn app(shop: &Shop) -> App {
    App::new(service::api(shop.clone())).shutdown_timeout(Duration::from_secs(3600))
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

/// Asks a service in this process.
async fn ask(service: &AppService, request: Request<Body>) -> Answer {
    Answer::of(service.clone().oneshot(request).await.unwrap()).await
}

/// Runs `GET /orders/{way}`, waits for what it leaves, and returns the status with what the shop noted.
async fn run(way: &str) -> (u16, Vec<String>) {
    let shop = Shop::default();
    let service = app(&shop).into_service().unwrap();
    let answer = ask(&service, get(&format!("/orders/{way}"))).await;
    service.tasks().drained().await;
    (answer.status, shop.notes())
}
