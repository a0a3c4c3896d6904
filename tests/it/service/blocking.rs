//! Work that blocks its thread.

use std::time::Duration;

use specwright::{AppService, TaskCounts};
use tokio::task::JoinSet;

use super::shop::Shop;
use super::{app, ask, get, serve};

const PATH: &str = "/orders/blocking";

/// Waits until there is so much that waits, runs, and was dropped before it began.
async fn until(service: &AppService, wanted: (usize, usize, usize)) {
    let counts = || {
        let counts = service.tasks().blocking();
        (counts.waiting, counts.running, counts.dropped)
    };
    while counts() != wanted {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn work_that_blocks_has_threads_and_a_queue_within_limits() {
    let shop = Shop::default();
    let limited = app(&shop).blocking_limit(1).blocking_queue(1);
    let service = limited.into_service().unwrap();
    let start = || {
        let service = service.clone();
        tokio::spawn(async move { ask(&service, get(PATH)).await })
    };
    let first = start();
    until(&service, (0, 1, 0)).await;
    let second = start();
    until(&service, (1, 1, 0)).await;
    let third = ask(&service, get(PATH)).await;
    assert_eq!(
        (third.status, third.header("retry-after")),
        (503, Some("1"))
    );
    assert!(third.text().contains("too much work waits for a thread"));
    // The second goes away before it began, and makes place for another.
    second.abort();
    until(&service, (0, 1, 1)).await;
    let fourth = start();
    until(&service, (1, 1, 1)).await;
    shop.0.gate.add_permits(2);
    assert_eq!(first.await.unwrap().text(), "\"unblocked\"");
    assert_eq!(fourth.await.unwrap().text(), "\"unblocked\"");
    let counts = service.tasks().blocking();
    assert_eq!(
        (counts.finished, counts.refused, counts.panicked),
        (2, 1, 0)
    );
    assert_eq!(service.tasks().background(), TaskCounts::default());
}

#[tokio::test]
async fn a_task_in_the_background_may_block_too() {
    let shop = Shop::default();
    let service = app(&shop).into_service().unwrap();
    let answer = ask(&service, get("/orders/background-blocking")).await;
    assert_eq!(answer.status, 200);
    service.tasks().drained().await;
    let notes = shop.notes();
    assert_eq!(notes[notes.len() - 2..], ["shrunk", "last"]);
    assert_eq!(service.tasks().blocking().finished, 1);
}

#[tokio::test]
async fn work_can_ask_whether_anybody_waits_for_it() {
    let shop = Shop::default();
    let service = app(&shop).into_service().unwrap();
    let other = service.clone();
    let asking = tokio::spawn(async move { ask(&other, get(PATH)).await });
    shop.noted("blocking").await;
    asking.abort();
    shop.noted("cancelled").await;
    // Where the request takes too long, too.
    let shop = Shop::default();
    let hasty = app(&shop).request_timeout(Duration::from_millis(20));
    let service = hasty.into_service().unwrap();
    assert_eq!(ask(&service, get(PATH)).await.status, 503);
    shop.noted("cancelled").await;
    service.tasks().drained().await;
}

/// What nobody waits for is dropped where it was made, and that thread goes on.
#[tokio::test]
async fn a_panic_of_what_work_returns_takes_no_thread() {
    let shop = Shop::default();
    let service = app(&shop).blocking_limit(1).into_service().unwrap();
    let gone = tokio::spawn({
        let service = service.clone();
        async move { ask(&service, get("/orders/blocking-bomb")).await }
    });
    shop.noted("armed").await;
    gone.abort();
    shop.0.gate.add_permits(1);
    assert_eq!(ask(&service, get(PATH)).await.status, 200);
}

#[tokio::test]
async fn a_panic_of_blocking_work_is_told_to_nobody() {
    let service = app(&Shop::default()).into_service().unwrap();
    let answer = ask(&service, get("/orders/blocking-panics")).await;
    assert_eq!(answer.status, 500);
    assert!(!answer.text().contains("threads"));
    assert_eq!(service.tasks().blocking().panicked, 1);
    // Its thread goes on.
    let shop = Shop::default();
    shop.0.gate.add_permits(1);
    let service = app(&shop).into_service().unwrap();
    assert_eq!(ask(&service, get(PATH)).await.status, 200);
}

#[tokio::test]
async fn the_end_of_the_server_tells_work_to_end() {
    let shop = Shop::default();
    let server = serve(app(&shop).shutdown_timeout(Duration::from_secs(10))).await;
    let _asking = server.send(PATH).await;
    shop.noted("blocking").await;
    server.stop_without_time().await;
    shop.noted("cancelled").await;
}

/// Those who sign in together wait for their turn, and beyond so many they are told to come again.
#[tokio::test]
async fn passwords_are_hashed_within_limits_too() {
    let service = app(&Shop::default()).into_service().unwrap();
    let mut asking = JoinSet::new();
    let refused = loop {
        // A hash takes longer than this by far, so that those which wait become more and more.
        assert!(asking.len() < 10_000);
        let service = service.clone();
        asking.spawn(async move { ask(&service, get("/orders/password")).await });
        tokio::task::yield_now().await;
        match asking.try_join_next().transpose().unwrap() {
            Some(answer) if answer.status != 200 => break answer,
            _ => {}
        }
    };
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (503, Some("1"))
    );
    assert!(refused.text().contains("too much work waits for a thread"));
    assert!(asking.len() > 1024, "{}", asking.len());
    // Who goes away gives up the place.
    asking.shutdown().await;
    let answer = ask(&service, get("/orders/password")).await;
    assert!(answer.text().starts_with("\"$argon2id$"), "{answer:?}");
}
