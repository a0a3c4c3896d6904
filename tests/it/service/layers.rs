//! Tower layers around single operations.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Channel};
use specwright::axum::body::Body;
use specwright::axum::extract::Request;
use specwright::axum::middleware::{Next, from_fn};
use specwright::axum::response::{IntoResponse as _, Response};
use specwright::http::{HeaderMap, StatusCode, Uri};
use specwright::{App, Context, Operation, Operations, Problem, Provide};
use tower::layer::layer_fn;
use tower::limit::ConcurrencyLimit;
use tower::{Layer, Service, ServiceExt as _};

use super::shop::Shop;
use super::{app, ask, get};

/// What happened, in its order.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn note(&self, note: String) {
        self.0.lock().unwrap().push(note);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Notes requests to operations, and the statuses of their responses.
    fn layer<S>(
        &self,
        name: &'static str,
    ) -> impl Layer<
        S,
        Service: Service<Request, Response = Response, Error = S::Error, Future: Send>
                     + Clone
                     + Send
                     + Sync,
    > + Clone
    + Send
    + Sync
    + use<S>
    where
        S: Service<Request, Response = Response, Future: Send> + Clone + Send + Sync + 'static,
    {
        let notes = self.clone();
        layer_fn(move |service: S| {
            let (before, after) = (notes.clone(), notes.clone());
            service
                .map_request(move |request: Request| {
                    let operation = request.extensions().get::<&'static Operation>();
                    before.note(format!("{name} {}", operation.map_or("-", |it| it.id)));
                    request
                })
                .map_response(move |response: Response| {
                    after.note(format!("{name} {}", response.status().as_str()));
                    response
                })
        })
    }
}

/// That somebody is at the door.
struct Open;

#[derive(Clone)]
struct Door(Notes);

impl Provide<Open> for Door {
    type Error = Problem;

    async fn acquire(&self, _: &Context) -> Result<Open, Problem> {
        self.0.note("required".to_owned());
        Ok(Open)
    }
}

fn place(content_type: &str, body: Body) -> Request {
    Request::post("/orders")
        .header("content-type", content_type)
        .body(body)
        .unwrap()
}

#[tokio::test]
async fn they_are_around_an_app_a_tag_or_an_operation() {
    let teapot = from_fn(async |_: Request, _: Next| StatusCode::IM_A_TEAPOT.into_response());
    for (operations, expected) in [
        (Operations::All, [418, 418, 418, 200]),
        (Operations::tag("orders"), [418, 200, 200, 200]),
        // Whichever of its tags an operation has first.
        (Operations::tag("streams"), [200, 418, 418, 200]),
        (Operations::tag("files"), [200, 200, 418, 200]),
        (Operations::id("file"), [200, 200, 418, 200]),
    ] {
        let app = app(&Shop::default()).layer_for(operations, teapot.clone());
        let service = app.into_service().unwrap();
        let mut statuses = [0; 4];
        let paths = ["/orders/nothing", "/lines/ok", "/file", "/openapi.json"];
        for (index, path) in paths.into_iter().enumerate() {
            statuses[index] = ask(&service, get(path)).await.status;
        }
        assert_eq!(statuses, expected);
    }
}

/// The last that was added sees a request first, within those of the app and around all that the operation does itself.
#[tokio::test]
async fn their_order_is_the_one_that_is_promised() {
    let notes = Notes::default();
    let app = app(&Shop::default())
        .layer_for(Operations::All, notes.layer("inner"))
        .layer_for(Operations::tag("orders"), notes.layer("outer"))
        .layer_for(Operations::tag("streams"), notes.layer("other"))
        .layer(notes.layer("app"))
        .require::<Open, _>(Operations::All, Door(notes.clone()))
        .body_limit(10);
    let service = app.into_service().unwrap();
    let answer = ask(
        &service,
        place("application/json", Body::from("\"a book\"")),
    )
    .await;
    assert_eq!(answer.text(), "\"a book\"");
    assert_eq!(
        notes.take(),
        [
            "app -",
            "outer place",
            "inner place",
            "required",
            "inner 200",
            "outer 200",
            "app 200"
        ]
    );
    // What is said of the body is said inside, and what the path and `Accept` say outside.
    for (request, status) in [
        (
            place("application/json", Body::from("\"a long book\"")),
            "413",
        ),
        (place("text/plain", Body::from("a")), "415"),
    ] {
        ask(&service, request).await;
        let within = [format!("inner {status}"), format!("outer {status}")];
        assert_eq!(notes.take()[4..6], within);
    }
    let mut request = get("/orders/nothing");
    let accept = "text/plain".parse().unwrap();
    request.headers_mut().insert("accept", accept);
    assert_eq!(ask(&service, request).await.status, 406);
    assert_eq!(notes.take(), ["app -", "app 406"]);
}

/// Whoever is refused by a layer need not send a body first, and parameters of the path arrive where there is a layer.
#[tokio::test]
async fn a_layer_may_refuse_before_the_body_has_come() {
    let guard = from_fn(async |headers: HeaderMap, request: Request, next: Next| {
        match headers.contains_key("x-guest") {
            true => next.run(request).await,
            false => StatusCode::FORBIDDEN.into_response(),
        }
    });
    let app = app(&Shop::default()).layer_for(Operations::tag("orders"), guard);
    let service = app.into_service().unwrap();
    let (_sender, body) = Channel::<Bytes>::new(1);
    let body = Body::new(body.map_err(|never| match never {}));
    assert_eq!(
        ask(&service, place("application/json", body)).await.status,
        403
    );
    let mut request = get("/orders/nothing");
    request
        .headers_mut()
        .insert("x-guest", "1".parse().unwrap());
    assert_eq!(ask(&service, request).await.text(), "\"nothing\"");
}

/// An operation is one service, which is not made anew for each request.
#[tokio::test]
async fn what_a_layer_counts_is_of_one_operation() {
    let shop = Shop::default();
    let one = layer_fn(|service| ConcurrencyLimit::new(service, 1));
    let app = app(&shop).layer_for(Operations::All, one);
    let service = app.into_service().unwrap();
    let hanging = tokio::spawn(service.clone().oneshot(get("/orders/hang")));
    shop.noted("hanging").await;
    let mut waiting = tokio::spawn(service.clone().oneshot(get("/orders/nothing")));
    assert_eq!(ask(&service, get("/lines/ok")).await.status, 200);
    assert!(still_waits(&mut waiting).await);
    hanging.abort();
    assert_eq!(waiting.await.unwrap().unwrap().status(), 200);
}

/// Whether it has not ended, though it had the time to.
async fn still_waits<T>(task: &mut tokio::task::JoinHandle<T>) -> bool {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    !task.is_finished()
}

#[tokio::test]
async fn a_path_that_a_layer_makes_another_is_not_found() {
    let elsewhere = async |mut request: Request, next: Next| {
        *request.uri_mut() = Uri::from_static("/somewhere/else");
        next.run(request).await
    };
    let app = app(&Shop::default()).layer_for(Operations::All, from_fn(elsewhere));
    let service = app.into_service().unwrap();
    assert_eq!(ask(&service, get("/orders/nothing")).await.status, 404);
}

#[tokio::test]
async fn around_nothing_an_app_does_not_start() {
    let nothing = from_fn(async |request: Request, next: Next| next.run(request).await);
    let app: App = app(&Shop::default())
        .layer_for(Operations::tag("order"), nothing.clone())
        .layer_for(Operations::id("flie"), nothing);
    assert_eq!(
        app.into_service().unwrap_err().to_string(),
        "there is a layer for the operations of the tag `order`, and no document has such; there are: `files`, `orders`, `streams`\n\
         there is a layer for the operation `flie`, and no document has such; there are: `events`, `file`, `lines`, `place`, `run`"
    );
}
