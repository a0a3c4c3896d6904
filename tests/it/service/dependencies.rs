//! Dependencies are made once, shared, and released in the reverse order.

use std::sync::atomic::Ordering;
use std::time::Duration;

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{Context, Outcome, Provide, Unexpected};
use tower::ServiceExt as _;

use super::shop::{Connection, Shop, Till, Transaction};
use super::{app, ask, get, run};

#[tokio::test]
async fn they_are_released_in_the_reverse_order() {
    let (status, notes) = run("ok").await;
    assert_eq!(status, 200);
    assert_eq!(
        notes,
        [
            "+connection",
            "+transaction",
            "handled",
            "-transaction 200",
            "-connection 200"
        ]
    );
}

#[tokio::test]
async fn there_is_one_for_all_who_ask_at_the_same_time() {
    let (status, notes) = run("together").await;
    assert_eq!(status, 200);
    assert_eq!(
        notes,
        [
            "+connection",
            "+transaction",
            "-transaction 200",
            "-connection 200"
        ]
    );
}

#[tokio::test]
async fn who_waits_takes_over_from_who_gives_up() {
    let (status, notes) = run("given-up").await;
    assert_eq!(status, 200);
    assert_eq!(notes.iter().filter(|it| *it == "+transaction").count(), 1);
    assert_eq!(notes.last().unwrap(), "-connection 200");
}

#[tokio::test]
async fn failures_are_not_remembered() {
    assert_eq!(run("flaky").await, (200, vec![]));
}

#[tokio::test]
async fn who_asks_for_nothing_has_nothing() {
    assert_eq!(run("nothing").await, (200, vec![]));
}

/// An error that says why, not a request that waits for itself.
#[tokio::test]
async fn circles_are_told() {
    for way in ["cycle", "crossed"] {
        let (status, notes) = run(way).await;
        assert_eq!((status, notes), (500, vec![]), "{way}");
    }
}

#[tokio::test]
async fn who_is_released_later_cannot_need_who_is_released_before() {
    assert_eq!(run("ghost").await, (500, vec![]));
}

#[tokio::test]
async fn a_failing_release_is_the_answer() {
    for (way, status) in [
        ("commit-fails", 500),
        ("commit-panics", 500),
        ("commit-conflicts", 409),
    ] {
        let (answered, notes) = run(way).await;
        assert_eq!(answered, status, "{way}");
        // What it was made with is told so.
        assert_eq!(
            notes[3..],
            [
                "-transaction 200".to_owned(),
                format!("-connection failed {status}")
            ],
            "{way}"
        );
    }
}

/// The problem of a failed release has the headers of an answer, and nothing of the one that it takes the place of.
#[tokio::test]
async fn a_failing_release_is_a_problem() {
    let service = app(&Shop::default()).into_service().unwrap();
    let answer = ask(&service, get("/orders/commit-fails")).await;
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["title"], "Internal Server Error");
    assert_eq!(
        problem["request_id"],
        answer.headers["x-request-id"].to_str().unwrap()
    );
    assert!(!answer.text().contains("disk"));
}

#[tokio::test(start_paused = true)]
async fn a_release_that_hangs_is_given_up() {
    let shop = Shop::default();
    let service = app(&shop).request_timeout(None).into_service().unwrap();
    let answer = ask(&service, get("/orders/commit-hangs")).await;
    service.tasks().drained().await;
    assert_eq!(answer.status, 500);
    assert_eq!(shop.notes()[4], "-connection failed 500");
}

#[tokio::test(start_paused = true)]
async fn limits_answer_503_with_the_time_to_come_again() {
    let shop = Shop::default();
    let service = app(&shop).request_timeout(None).into_service().unwrap();
    let first = tokio::spawn(service.clone().oneshot(get("/orders/till-hangs")));
    shop.noted("+till").await;
    let second = ask(&service, get("/orders/till")).await;
    assert_eq!(second.status, 503);
    assert_eq!(second.headers["retry-after"], "1");
    assert_eq!(shop.notes(), ["+till"]);

    // The place is free once the first has given it back.
    first.abort();
    shop.noted("-till cancelled").await;
    assert_eq!(ask(&service, get("/orders/till")).await.status, 200);
    assert_eq!(shop.notes()[2..], ["+till", "-till 200"]);

    let slow = ask(&service, get("/orders/slow-till")).await;
    assert_eq!(slow.status, 503);
    assert_eq!(slow.headers["retry-after"], "1");
    assert_eq!(ask(&service, get("/orders/till")).await.status, 200);
}

/// Stands in for the shop's transactions.
#[derive(Clone)]
struct Paper(Shop);

impl Provide<Till> for Paper {
    type Error = Unexpected;

    async fn acquire(&self, cx: &Context) -> Result<Till, Unexpected> {
        let _ = cx.get::<Connection, _>(&self.0).await?;
        self.0.note("+paper");
        Ok(Till)
    }

    async fn release(&self, _: &Till, outcome: &Outcome) -> Result<(), Unexpected> {
        self.0.note(format!("-paper {}", outcome.is_success()));
        Ok(())
    }
}

#[tokio::test]
async fn others_take_their_place_in_tests() {
    let shop = Shop::default();
    let app = app(&shop)
        .override_dependency(|| Connection)
        .override_provider::<Till, _>(Paper(shop.clone()));
    let service = app.into_service().unwrap();
    assert_eq!(ask(&service, get("/orders/ok")).await.status, 200);
    assert_eq!(
        shop.notes(),
        ["+transaction", "handled", "-transaction 200"]
    );
    assert_eq!(ask(&service, get("/orders/till")).await.status, 200);
    assert_eq!(shop.notes()[3..], ["+paper", "-paper true"]);
    // Nobody but the transaction was the shop's own.
    assert_eq!(shop.0.acquired.load(Ordering::Relaxed), 1);
}

/// What is refused before the handler never asks.
#[tokio::test]
async fn refused_requests_have_none() {
    let shop = Shop::default();
    let service = app(&shop).into_service().unwrap();
    let request = Request::post("/orders")
        .header("content-type", "application/json")
        .body(Body::from("7"))
        .unwrap();
    assert_eq!(ask(&service, request).await.status, 422);
    assert!(shop.notes().is_empty());
}

/// A request that is sent from within a dependency is a request of its own.
#[tokio::test]
async fn requests_within_dependencies_stand_alone() {
    #[derive(Clone)]
    struct Outer(Shop);

    impl Provide<Transaction> for Outer {
        type Error = Unexpected;

        async fn acquire(&self, _: &Context) -> Result<Transaction, Unexpected> {
            let service = app(&self.0)
                .into_service()
                .map_err(|it| Unexpected::new(it.to_string()))?;
            let answer = ask(&service, get("/orders/together")).await;
            Err(Unexpected::new(format!("{} inside", answer.status)))
        }
    }

    let shop = Shop::default();
    let service = app(&Shop::default())
        .override_provider::<Transaction, _>(Outer(shop.clone()))
        .into_service()
        .unwrap();
    let request = tokio::time::timeout(Duration::from_secs(60), ask(&service, get("/orders/ok")));
    assert_eq!(request.await.unwrap().status, 500);
    assert_eq!(shop.notes().last().unwrap(), "-connection 200");
}
