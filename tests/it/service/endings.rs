//! However a request ends, its dependencies are released, and told how.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http_body_util::BodyExt as _;
use specwright::axum::body::Body;
use specwright::http::Request;
use tokio::io::AsyncReadExt as _;
use tower::ServiceExt as _;

use super::shop::Shop;
use super::{app, ask, get, run, serve};

#[tokio::test]
async fn errors_are_told() {
    for (way, status) in [("not-found", 404), ("error", 500)] {
        let (answered, notes) = run(way).await;
        assert_eq!(answered, status);
        assert_eq!(
            notes[2..],
            [
                format!("-transaction failed {status}"),
                format!("-connection failed {status}")
            ]
        );
    }
}

#[tokio::test]
async fn panics_are_told() {
    let (status, notes) = run("panic").await;
    assert_eq!(status, 500);
    assert_eq!(
        notes[2..],
        ["-transaction panicked", "-connection panicked"]
    );
    // A dependency that panics has what it was made with released.
    let (status, notes) = run("bomb").await;
    assert_eq!(status, 500);
    assert_eq!(notes, ["+connection", "-connection panicked"]);
}

#[tokio::test(start_paused = true)]
async fn timeouts_are_told() {
    let (status, notes) = run("hang").await;
    assert_eq!(status, 503);
    assert_eq!(
        notes[2..],
        ["hanging", "-transaction cancelled", "-connection cancelled"]
    );
}

#[tokio::test]
async fn clients_that_go_away_are_told() {
    let shop = Shop::default();
    let server = serve(app(&shop)).await;
    let stream = server.send("/orders/hang").await;
    shop.noted("hanging").await;
    drop(stream);
    shop.noted("-connection cancelled").await;
    server.stop().await;
    assert_eq!(shop.notes()[3], "-transaction cancelled");
}

/// The response does not wait for what is released after it, and what is released before is not seen by it.
#[tokio::test]
async fn some_are_released_after_the_response() {
    let shop = Shop::default();
    let service = app(&shop).into_service().unwrap();
    let response = service.clone().oneshot(get("/orders/audit")).await.unwrap();
    let before = [
        "+audit",
        "+connection",
        "+transaction",
        "handled",
        "-transaction 200",
        "-connection 200",
    ];
    assert_eq!(shop.notes(), before);
    assert_eq!(
        response.into_body().collect().await.unwrap().to_bytes(),
        "\"audit\""
    );
    service.tasks().drained().await;
    assert_eq!(shop.notes()[6..], ["-audit 200"]);

    // A client that does not wait for the end of the response is told of, as is an answer without a body.
    let response = service.clone().oneshot(get("/orders/audit")).await.unwrap();
    drop(response);
    service.tasks().drained().await;
    assert_eq!(shop.notes().last().unwrap(), "-audit cancelled");
    let head = Request::head("/orders/audit").body(Body::empty()).unwrap();
    let response = ask(&service, head).await;
    assert_eq!(response.headers["content-length"], "7");
    service.tasks().drained().await;
    assert_eq!(shop.notes().last().unwrap(), "-audit 200");

    let server = serve(app(&shop)).await;
    assert!(
        server
            .exchange("/orders/audit")
            .await
            .ends_with("\"audit\"")
    );
    server.stop().await;
    assert_eq!(shop.notes().last().unwrap(), "-audit 200");
}

#[tokio::test]
async fn streams_have_them_to_their_end() {
    let shop = Shop::default();
    let service = app(&shop).into_service().unwrap();
    let answer = ask(&service, get("/lines/ok")).await;
    assert_eq!(answer.text(), "\"1\"\n\"2\"\n\"3\"\n");
    // The end has waited for the release.
    assert_eq!(
        shop.notes(),
        [
            "+connection",
            "+transaction",
            "1 of /lines/ok",
            "2 of /lines/ok",
            "3 of /lines/ok",
            "-transaction 200",
            "-connection 200"
        ]
    );
    let head = Request::head("/lines/ok").body(Body::empty()).unwrap();
    assert_eq!(ask(&service, head).await.status, 200);
    assert_eq!(shop.notes()[9..], ["-transaction 200", "-connection 200"]);
}

/// What fails once the head is sent ends the body before its end.
#[tokio::test]
async fn streams_that_fail_are_told() {
    for (way, told) in [
        (
            "fails",
            ["-transaction failed 500", "-connection failed 500"],
        ),
        (
            "commit-fails",
            ["-transaction 200", "-connection failed 500"],
        ),
    ] {
        let shop = Shop::default();
        let server = serve(app(&shop)).await;
        let text = server.exchange(&format!("/lines/{way}")).await;
        assert!(!text.ends_with("0\r\n\r\n"), "{text}");
        server.stop().await;
        assert_eq!(shop.notes()[5..], told, "{way}");
    }
}

#[tokio::test]
async fn streams_that_nobody_reads_are_told() {
    let shop = Shop::default();
    let server = serve(app(&shop)).await;
    let mut stream = server.send("/lines/hang").await;
    stream.read_exact(&mut [0; 12]).await.unwrap();
    drop(stream);
    shop.noted("-connection cancelled").await;
    server.stop().await;
}

/// The length of a file is known, so nobody comes for its end.
#[tokio::test]
async fn files_have_them_to_their_last_byte() {
    let shop = Shop::default();
    let server = serve(app(&shop)).await;
    assert!(server.exchange("/file").await.ends_with("contents"));
    server.stop().await;
    assert_eq!(shop.notes()[2..], ["-transaction 200", "-connection 200"]);
}

/// How a request of the crowd ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Success,
    Error,
    Panic,
    Timeout,
    Disconnect,
    Stream,
    Shutdown,
    StreamAtShutdown,
}

/// 1,000 requests of each kind in random order: everything that was made is released when the server has stopped.
#[tokio::test]
async fn what_is_made_is_released() {
    use End::{Disconnect, Error, Panic, Shutdown, Stream, StreamAtShutdown, Success, Timeout};
    const ROUNDS: u64 = 20;
    const EACH: usize = 50;
    for round in 0..ROUNDS {
        let shop = Shop::default();
        let hurried = Shop::default();
        // One server answers, one has no patience, and one is asked for what its end has to cut off.
        let quick = serve(app(&shop).request_timeout(None)).await;
        let hasty = serve(app(&hurried).request_timeout(Duration::from_millis(100))).await;
        let stopping = app(&shop)
            .request_timeout(None)
            .shutdown_timeout(Duration::from_secs(10));
        let last = serve(stopping).await;
        let mut kinds: Vec<_> = [
            Success,
            Error,
            Panic,
            Timeout,
            Disconnect,
            Stream,
            Shutdown,
            StreamAtShutdown,
        ]
        .into_iter()
        .flat_map(|kind| [kind; EACH])
        .collect();
        shuffle(&mut kinds, round);
        let mut waiting = tokio::task::JoinSet::new();
        let mut left = Vec::new();
        let mut hanging = 0;
        for kind in kinds {
            match kind {
                Shutdown => left.push(last.send("/orders/hang").await),
                StreamAtShutdown => left.push(last.send("/lines/hang").await),
                Disconnect => {
                    let mut stream = quick.send("/lines/hang").await;
                    waiting.spawn(async move {
                        stream.read_exact(&mut [0; 1]).await.unwrap();
                        String::new()
                    });
                }
                Timeout => {
                    let stream = hasty.send("/orders/hang").await;
                    waiting.spawn(super::read(stream));
                }
                _ => {
                    let path = match kind {
                        Success => "/orders/audit",
                        Error => "/orders/not-found",
                        Panic => "/orders/panic",
                        _ => "/lines/ok",
                    };
                    let stream = quick.send(path).await;
                    waiting.spawn(super::read(stream));
                }
            }
            hanging += usize::from(matches!(kind, Disconnect | Shutdown | StreamAtShutdown));
        }
        let answers = waiting.join_all().await;
        let count = |status: &str| answers.iter().filter(|it| it.starts_with(status)).count();
        assert_eq!(count("HTTP/1.1 200"), 2 * EACH, "{answers:?}");
        assert_eq!(count("HTTP/1.1 404"), EACH);
        assert_eq!(count("HTTP/1.1 500"), EACH);
        assert_eq!(count("HTTP/1.1 503"), EACH);
        let mut notes = shop.0.subscribe();
        let all = notes.wait_for(|notes| {
            notes
                .iter()
                .filter(|it| *it == "hanging" || *it == "streaming")
                .count()
                == hanging
        });
        tokio::time::timeout(Duration::from_secs(60), all)
            .await
            .unwrap()
            .unwrap();
        quick.stop().await;
        hasty.stop().await;
        last.stop_without_time().await;
        drop(left);
        for shop in [&shop, &hurried] {
            let acquired = shop.0.acquired.load(Ordering::Relaxed);
            let released = shop.0.released.load(Ordering::Relaxed);
            assert_eq!(acquired, released, "round {round}: {:?}", shop.notes());
        }
        // Each has a connection and a transaction, and successes an audit besides.
        let acquired = shop.0.acquired.load(Ordering::Relaxed);
        assert_eq!(acquired, 7 * EACH * 2 + EACH);
    }
}

/// The same order every time.
fn shuffle(kinds: &mut [End], seed: u64) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for index in (1..kinds.len()).rev() {
        // Xorshift, which is random enough to mix.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let other = usize::try_from(state % (index as u64 + 1)).unwrap();
        kinds.swap(index, other);
    }
}
