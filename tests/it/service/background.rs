//! Tasks that begin once the response is sent.

use http_body_util::BodyExt as _;
use specwright::TaskCounts;
use tokio::sync::oneshot;
use tower::ServiceExt as _;

use super::shop::Shop;
use super::{app, ask, get, run, serve};

const TASKS: [&str; 3] = ["first begins", "first ends", "last"];

#[tokio::test]
async fn they_begin_after_the_last_byte() {
    let shop = Shop::default();
    let service = app(&shop).into_service().unwrap();
    let request = get("/orders/background");
    let response = service.clone().oneshot(request).await.unwrap();
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        shop.notes()[2..],
        ["handled", "-transaction 200", "-connection 200"]
    );
    response.into_body().collect().await.unwrap();
    service.tasks().drained().await;
    assert_eq!(shop.notes()[5..], TASKS);
    assert_eq!(service.tasks().background().finished, 2);
}

/// What is released after the response is there as long as a task may use it.
#[tokio::test]
async fn what_is_released_after_the_response_outlives_them() {
    let (_, notes) = run("background-after").await;
    assert_eq!(
        notes[notes.len() - 4..],
        ["first begins", "first ends", "last", "-audit 200"]
    );
}

/// What the handler did is kept, so what follows from it happens.
#[tokio::test]
async fn they_begin_where_the_client_has_gone() {
    let shop = Shop::default();
    let service = app(&shop).into_service().unwrap();
    let request = get("/orders/background");
    drop(service.clone().oneshot(request).await.unwrap());
    service.tasks().drained().await;
    assert_eq!(shop.notes()[5..], TASKS);
}

#[tokio::test]
async fn they_begin_where_the_client_goes_during_the_release() {
    let shop = Shop::default();
    let service = app(&shop).into_service().unwrap();
    let request = get("/orders/background-commit-waits");
    let response = tokio::spawn(service.clone().oneshot(request));
    shop.noted("-transaction 200").await;
    response.abort();
    assert!(response.await.unwrap_err().is_cancelled());
    shop.0.gate.add_permits(1);
    service.tasks().drained().await;
    assert_eq!(shop.notes()[3..5], ["-transaction 200", "-connection 200"]);
    assert_eq!(shop.notes()[5..], TASKS);
}

#[tokio::test]
async fn they_do_not_run_after_errors() {
    for (way, status) in [("background-not-found", 404), ("background-panics", 500)] {
        let (answered, notes) = run(way).await;
        assert_eq!(answered, status);
        assert_eq!(notes.len(), 4, "{notes:?}");
    }
}

#[tokio::test]
async fn streams_have_them_after_their_end() {
    let shop = Shop::default();
    let service = app(&shop).into_service().unwrap();
    ask(&service, get("/lines/background")).await;
    service.tasks().drained().await;
    assert_eq!(shop.notes()[5..7], ["-transaction 200", "-connection 200"]);
    assert_eq!(shop.notes()[7..], TASKS);

    // A stream that is not read to its end has its dependencies rolled back, and so no tasks.
    let request = get("/lines/background");
    drop(service.clone().oneshot(request).await.unwrap());
    service.tasks().drained().await;
    assert_eq!(
        shop.notes()[10..],
        [
            "+connection",
            "+transaction",
            "-transaction cancelled",
            "-connection cancelled"
        ]
    );

    let server = serve(app(&shop)).await;
    assert!(server.exchange("/file").await.ends_with("contents"));
    server.stop().await;
}

#[tokio::test]
async fn one_that_fails_does_not_keep_the_next() {
    let shop = Shop::default();
    let service = app(&shop).into_service().unwrap();
    let answer = ask(&service, get("/orders/background-faulty")).await;
    assert_eq!(answer.status, 200);
    service.tasks().drained().await;
    assert_eq!(shop.notes()[5..], TASKS);
    let counts = service.tasks().background();
    let shown = format!("{counts:?}");
    let TaskCounts {
        finished,
        failed,
        panicked,
        running,
        waiting,
        dropped,
        ..
    } = counts;
    assert_eq!([finished, failed, panicked], [2, 1, 1], "{shown}");
    assert_eq!([running, waiting, dropped], [0, 0, 0], "{shown}");
}

/// Past the limits a request is refused, and nothing of it is kept.
#[tokio::test]
async fn there_are_no_more_than_the_limit() {
    let shop = Shop::default();
    let service = app(&shop)
        .background_limit(1)
        .background_queue(1)
        .into_service()
        .unwrap();
    for _ in 0..2 {
        let answer = ask(&service, get("/orders/background-gated")).await;
        assert_eq!(answer.status, 200);
    }
    shop.noted("first begins").await;
    let counts = service.tasks().background();
    assert_eq!([counts.running, counts.waiting], [1, 3], "{counts:?}");
    let count = |note: &str| shop.notes().iter().filter(|it| *it == note).count();

    let third = ask(&service, get("/orders/background-gated")).await;
    assert_eq!(third.status, 503);
    assert_eq!(third.headers["retry-after"], "1");
    shop.noted("-connection failed 503").await;
    assert_eq!(count("first begins"), 1);

    shop.0.gate.add_permits(2);
    service.tasks().drained().await;
    assert_eq!(count("first ends"), 2);
    assert_eq!(count("last"), 2);
    assert_eq!(ask(&service, get("/orders/background")).await.status, 200);
    service.tasks().drained().await;
    assert_eq!(count("last"), 3);
}

/// Tasks do not keep the connection from the next request.
#[tokio::test]
async fn nobody_waits_for_them() {
    let shop = Shop::default();
    let server = serve(app(&shop)).await;
    let text = server.exchange("/orders/background-gated").await;
    assert!(text.ends_with("\"background-gated\""), "{text}");
    shop.noted("first begins").await;
    let (sender, receiver) = oneshot::channel();
    let gate = shop.clone();
    tokio::spawn(async move {
        gate.noted("stopped").await;
        gate.0.gate.add_permits(1);
        sender.send(()).unwrap();
    });
    shop.note("stopped");
    server.stop().await;
    receiver.await.unwrap();
    assert_eq!(shop.notes().last().unwrap(), "last");
}
