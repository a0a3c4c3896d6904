//! Errors of the user's own types, which an app answers with problems.

use std::io;

use specwright::{App, Problem, StatusCode};

use super::shop::{NoOrder, Shop, SoldOut};
use super::{app, ask, get};

fn conflict(detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT).with_detail(detail.to_owned())
}

/// What comes of an order, and what the shop noted at the end.
async fn order(with: impl Fn(App) -> App, way: &str) -> (String, String) {
    let shop = Shop::default();
    let service = with(app(&shop)).into_service().unwrap();
    let answer = ask(&service, get(&format!("/orders/{way}"))).await;
    service.tasks().drained().await;
    let detail = answer.json()["detail"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (
        format!("{} {detail}", answer.status),
        shop.notes().pop().unwrap(),
    )
}

#[tokio::test]
async fn an_error_is_answered_as_the_app_says() {
    let with = |app: App| app.map_error(|error: &io::Error| conflict(&error.to_string()));
    let (answer, note) = order(with, "error").await;
    assert_eq!(answer, "409 the till is stuck");
    // Whatever the answer is, the order has failed.
    assert_eq!(note, "-connection failed 409");
    // So are the errors of dependencies.
    let (answer, _) = order(with, "commit-fails").await;
    assert_eq!(answer, "409 the disk is full");
    let (answer, _) = order(with, "sold-out").await;
    assert!(answer.starts_with("500 "), "{answer}");
}

#[tokio::test]
async fn the_outermost_error_counts_and_the_last_function() {
    let source = |app: App| app.map_error(|error: &SoldOut| conflict(&error.to_string()));
    assert_eq!(order(source, "sold-out").await.0, "409 sold out");
    let both = |app: App| source(app).map_error(|error: &NoOrder| conflict(&error.to_string()));
    assert_eq!(order(both, "sold-out").await.0, "409 no order");
    let twice = |app: App| both(app).map_error(|_: &NoOrder| conflict("come tomorrow"));
    assert_eq!(order(twice, "sold-out").await.0, "409 come tomorrow");
}

#[tokio::test]
async fn a_function_that_panics_is_an_opaque_500() {
    let with =
        |app: App| app.map_error(|_: &io::Error| std::panic::resume_unwind(Box::new("no words")));
    let (answer, note) = order(with, "error").await;
    assert!(
        answer.starts_with("500 ") && !answer.contains("words"),
        "{answer}"
    );
    assert_eq!(note, "-connection failed 500");
}
