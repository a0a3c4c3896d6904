//! Operations with limits of their own: `x-timeout` and `x-max-body`.

use std::time::Duration;

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, Context, ItemStream, Unexpected};
use tower::ServiceExt as _;

use crate::support::request::Answer;

specwright::include_api!(mod limits);

use limits::*;

struct Slow;

/// Takes a minute.
async fn a_minute() {
    tokio::time::sleep(Duration::from_secs(60)).await;
}

impl LimitsApi for Slow {
    async fn short(&self, _: &Context) -> Result<(), Unexpected> {
        a_minute().await;
        Ok(())
    }

    async fn long(&self, _: &Context) -> Result<(), Unexpected> {
        a_minute().await;
        Ok(())
    }

    async fn usual(&self, _: &Context) -> Result<(), Unexpected> {
        a_minute().await;
        Ok(())
    }

    async fn note(&self, _: &Context, _: NoteRequest) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn replace(&self, _: &Context, _: ReplaceRequest) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn stream(&self, _: &Context, request: StreamRequest) -> Result<i64, Unexpected> {
        let mut items: ItemStream<String> = request.body;
        let mut count = 0;
        while let Some(item) = items.next().await {
            item?;
            count += 1;
        }
        Ok(count)
    }
}

async fn ask(app: App, request: Request<Body>) -> Answer {
    let service = app.into_service().unwrap();
    Answer::of(service.oneshot(request).await.unwrap()).await
}

fn app() -> App {
    App::new(limits::api(Slow))
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

fn send(method: &str, path: &str, media_type: &str, body: String) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    request
        .header("content-type", media_type)
        .body(Body::from(body))
        .unwrap()
}

/// Time passes only when nothing else is left to happen.
#[tokio::test(start_paused = true)]
async fn an_operation_may_take_less_or_more_time_than_others() {
    let begun = tokio::time::Instant::now();
    let answer = ask(app(), get("/short")).await;
    assert_eq!(answer.status, 503);
    assert_eq!(begun.elapsed(), Duration::from_millis(500));
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert!(answer.headers.contains_key("x-request-id"));
    assert!(
        answer
            .text()
            .contains("the request was not answered in time")
    );
    assert_eq!(ask(app(), get("/usual")).await.status, 503);
    assert_eq!(ask(app(), get("/long")).await.status, 204);
    assert_eq!(
        ask(app().request_timeout(None), get("/usual")).await.status,
        204
    );
    assert_eq!(
        ask(app().request_timeout(None), get("/short")).await.status,
        503
    );
    // Without an app around it too, and also where a layer waits first.
    let router = limits::api(Slow).into_router().unwrap();
    let answer = router.oneshot(get("/short")).await.unwrap();
    assert_eq!(answer.status(), 503);
    let wait = specwright::axum::middleware::from_fn(
        async |request, next: specwright::axum::middleware::Next| {
            tokio::time::sleep(Duration::from_secs(20)).await;
            next.run(request).await
        },
    );
    assert_eq!(ask(app().layer(wait), get("/long")).await.status, 204);
}

#[tokio::test]
async fn an_operation_may_take_longer_or_shorter_bodies_than_others() {
    let note = |method, length| send(method, "/notes", "text/plain", "a".repeat(length));
    assert_eq!(ask(app(), note("POST", 1024)).await.status, 204);
    let answer = ask(app(), note("POST", 1025)).await;
    assert_eq!(answer.status, 413);
    assert!(answer.text().contains("must not be longer than 1024 bytes"));
    assert_eq!(
        ask(app().body_limit(10), note("POST", 1024)).await.status,
        204
    );
    assert_eq!(ask(app(), note("PUT", 3 << 20)).await.status, 204);
    assert_eq!(ask(app(), note("PUT", (3 << 20) + 1)).await.status, 413);
    // Of a stream, for each item.
    let stream = |lines: &str| send("POST", "/stream", "application/jsonl", lines.to_owned());
    let answer = ask(app(), stream(&"\"0123456789\"\n".repeat(9))).await;
    assert_eq!((answer.status, answer.text()), (200, "9"));
    assert_eq!(
        ask(app(), stream("\"0123456789abcdef\"\n")).await.status,
        413
    );
}
