//! Hand-written routes beside those of a document, on other paths and on the same.

use serde_json::json;
use specwright::axum::Router;
use specwright::axum::body::Body;
use specwright::axum::extract::Path;
use specwright::axum::middleware::map_response;
use specwright::axum::response::{IntoResponse as _, Response};
use specwright::axum::routing::{any, delete, get, head, options, patch, post};
use specwright::codegen::Call;
use specwright::http::{Request, StatusCode};
use specwright::{Api, App, Document, Messages, Operation};

use super::Echo;
use super::request::{Answer, send_bare as send_to};
use super::routing::routing;

fn app(router: Router) -> App {
    App::new(routing::api(Echo)).merge(router)
}

async fn ask(app: App, request: &str) -> Answer {
    let (method, path) = request.split_once(' ').unwrap();
    let request = Request::builder().method(method).uri(path);
    send_to(app, request.body(Body::empty()).unwrap()).await
}

/// Routes that say who was asked, and with what.
fn by_hand() -> Router {
    Router::new()
        .route(
            "/orders/{id}",
            delete(async |Path(id): Path<String>| format!("by hand {id}")),
        )
        .route("/orders/special", patch(async || "special"))
        .route(
            "/orders/{id}/lines/{line}",
            post(async |Path((id, line)): Path<(String, u32)>| format!("by hand {id} {line}")),
        )
        .route(
            "/orders/{id}/notes",
            get(async |Path(id): Path<String>| format!("notes {id}")),
        )
        .route(
            "/{name}",
            post(async |Path(name): Path<String>| format!("by hand {name}")),
        )
        .route(
            "/files/{*path}",
            get(async |Path(path): Path<String>| format!("file {path}")),
        )
        .route("/missing", get(async || StatusCode::NOT_FOUND))
}

#[tokio::test]
async fn both_answer_at_one_path() {
    for (request, wanted) in [
        ("GET /orders/7", "200 order 7"),
        ("DELETE /orders/7", "200 by hand 7"),
        ("DELETE /orders/a%2Fb", "200 by hand a/b"),
        ("PUT /orders/7", "200 put 7"),
        // The document has `/orders/bulk` apart.
        ("POST /orders/bulk", "200 bulk"),
        ("DELETE /orders/bulk", "200 by hand bulk"),
        ("PATCH /orders/special", "200 special"),
        ("GET /orders/special", "200 order special"),
        ("GET /orders/7/lines/1", "200 line 7 1"),
        ("POST /orders/7/lines/1", "200 by hand 7 1"),
        ("POST /orders/7/lines/x", "400"),
        ("GET /orders/7/notes", "200 notes 7"),
        ("GET /files/a/b", "200 file a/b"),
        // The document has `/{a}.{b}`, `/report.{format}` and `/{only}`.
        ("GET /a.b", "200 pair a b"),
        ("POST /a.b", "200 by hand a.b"),
        ("POST /report.csv", "200 by hand report.csv"),
        ("POST /reports", "200 by hand reports"),
        ("HEAD /orders/7", "200"),
        ("GET /missing", "200 only missing"),
        ("GET /nothing/here", "404"),
    ] {
        assert_eq!(
            ask(app(by_hand()), request).await.summary(),
            wanted,
            "{request}"
        );
    }
}

/// Where the shape of a template matches and the template does not, as `/report` for `/report.{format}`.
#[tokio::test]
async fn what_no_template_matches_has_the_parameters_of_its_own_route() {
    static DOCUMENT: Document = Document::new("Reports", "1", "{}", "{}");
    static REPORT: Operation = Operation::new("report", "GET", "/v1/report.{format}");
    static PAIR: Operation = Operation::new("pair", "GET", "/v1/{a}-{b}/x");
    let respond = async |mut call: Call| call.respond(Ok("operation".into_response())).await;
    let api = Api::new(&DOCUMENT)
        .operation(&REPORT, respond)
        .operation(&PAIR, respond);
    let router = Router::new()
        .route("/v1/{name}", get(async |Path(name): Path<String>| name))
        .route("/v1/{name}/x", get(async |Path(name): Path<String>| name));
    for (request, wanted) in [
        ("GET /v1/report.csv", "200 operation"),
        ("GET /v1/report", "200 report"),
        ("GET /v1/report.", "200 report."),
        ("GET /v1/a-b/x", "200 operation"),
        ("GET /v1/ab/x", "200 ab"),
        ("POST /v1/ab/x", "405"),
        ("POST /v1/a-b/x", "405"),
    ] {
        let app = App::new(api.clone()).merge(router.clone());
        assert_eq!(ask(app, request).await.summary(), wanted, "{request}");
    }
}

/// A hand-written GET answers HEAD too, but where the document has an operation for that.
#[tokio::test]
async fn an_operation_of_head_beside_a_hand_written_get() {
    static DOCUMENT: Document = Document::new("Reports", "1", "{}", "{}");
    static PEEK: Operation = Operation::new("peek", "HEAD", "/report");
    let api = Api::new(&DOCUMENT).operation(&PEEK, async |mut call: Call| {
        call.respond(Ok([("x-by", "operation")].into_response()))
            .await
    });
    let by_hand = || async { [("x-by", "hand")] };
    let app = |router: Router| App::new(api.clone()).merge(router);
    for (request, status, by) in [
        ("HEAD /report", 200, Some("operation")),
        ("GET /report", 200, Some("hand")),
        ("POST /report", 405, None),
    ] {
        let answer = ask(app(Router::new().route("/report", get(by_hand))), request).await;
        assert_eq!(answer.status, status, "{request}");
        assert_eq!(answer.header("x-by"), by, "{request}");
        if status == 405 {
            let mut allow: Vec<&str> = answer.header("allow").unwrap().split(", ").collect();
            allow.sort_unstable();
            assert_eq!(allow, ["GET", "HEAD", "OPTIONS"]);
        }
    }
    let both = app(Router::new().route("/report", head(by_hand)));
    let fault = both.into_service().err().map(|it| it.to_string());
    assert_eq!(
        fault.unwrap(),
        "`HEAD /report` (operation `peek`) and the hand-written `HEAD /report` match the same requests"
    );
}

#[tokio::test]
async fn methods_of_both_are_told() {
    for (request, status, allow) in [
        ("PATCH /orders/7", 405, "GET, HEAD, PUT, OPTIONS, DELETE"),
        ("OPTIONS /orders/7", 204, "GET, HEAD, PUT, OPTIONS, DELETE"),
        ("GET /orders/bulk", 405, "POST, OPTIONS, DELETE"),
        // What stands at the path decides, not what its template is.
        (
            "DELETE /orders/special",
            405,
            "GET, HEAD, PUT, OPTIONS, PATCH",
        ),
        (
            "OPTIONS /orders/special",
            204,
            "GET, HEAD, PUT, OPTIONS, PATCH",
        ),
        ("DELETE /orders/7/lines/1", 405, "GET, HEAD, OPTIONS, POST"),
        ("PUT /orders/7/notes", 405, "GET,HEAD"),
        ("GET /orders/7:cancel", 405, "POST, OPTIONS, DELETE"),
    ] {
        let answer = ask(app(by_hand()), request).await;
        assert_eq!(answer.status, status, "{request}");
        assert_eq!(answer.headers["allow"], allow, "{request}");
        if status == 405 {
            assert_eq!(
                answer.json(),
                json!({"title": "Method Not Allowed", "status": 405})
            );
        }
    }
}

#[tokio::test]
async fn options_may_be_written_by_hand() {
    let router = Router::new().route(
        "/orders/{id}",
        options(async || "mine").trace(async || "traced"),
    );
    for (request, wanted) in [
        ("OPTIONS /orders/7", "200 mine"),
        ("TRACE /orders/7", "200 traced"),
        ("GET /orders/7", "200 order 7"),
    ] {
        assert_eq!(
            ask(app(router.clone()), request).await.summary(),
            wanted,
            "{request}"
        );
    }
    let every_method = Router::new().route("/orders/{id}", any(async || "any"));
    for (request, wanted) in [
        ("DELETE /orders/7", "200 any"),
        ("OPTIONS /orders/7", "200 any"),
        ("PURGE /orders/7", "200 any"),
        ("GET /orders/7", "200 order 7"),
    ] {
        assert_eq!(
            ask(app(every_method.clone()), request).await.summary(),
            wanted,
            "{request}"
        );
    }
}

#[tokio::test]
async fn a_405_with_a_body_of_its_own_is_kept() {
    let router = Router::new().route(
        "/orders/{id}",
        delete(async || "deleted").fallback(async || (StatusCode::METHOD_NOT_ALLOWED, "not so")),
    );
    let answer = ask(app(router), "PATCH /orders/7").await;
    assert_eq!((answer.status, answer.text()), (405, "not so"));
    assert_eq!(answer.headers["allow"], "GET, HEAD, PUT, OPTIONS, DELETE");
}

/// A fallback is for paths that nobody has: at those of the document it would take every wrong method.
#[tokio::test]
async fn fallbacks_get_paths_that_the_document_does_not_have() {
    let router = Router::new()
        .route("/orders/{id}", delete(async || "deleted"))
        .nest(
            "/orders/7",
            Router::new()
                .route("/x", get(async || "x"))
                .fallback(async || "nested"),
        )
        .fallback(async || "index");
    for (request, wanted) in [
        ("GET /nothing/here", "200 index"),
        ("GET /orders/7/nothing", "200 nested"),
        ("DELETE /orders/7", "200 deleted"),
        ("PATCH /orders/7", "405"),
        ("PATCH /orders/7/lines/1", "405"),
        ("PATCH /orders/bulk/lines/last", "405"),
    ] {
        assert_eq!(
            ask(app(router.clone()), request).await.summary(),
            wanted,
            "{request}"
        );
    }
}

/// Each request passes the layers of the app once, whoever answers, and those of the router where it is asked.
#[tokio::test]
async fn layers_stand_around_both() {
    let count = |name: &'static str| {
        map_response(async move |mut response: Response| {
            let value = name.parse().unwrap();
            response.headers_mut().append("x-layer", value);
            response
        })
    };
    let router = || {
        Router::new()
            .route("/orders/{id}", delete(async || "deleted"))
            .layer(count("router"))
    };
    for (request, wanted) in [
        ("GET /orders/7", "app"),
        ("DELETE /orders/7", "router, app"),
        ("PATCH /orders/7", "router, app"),
        ("OPTIONS /orders/7/lines/1", "app"),
        ("GET /nothing/here", "router, app"),
    ] {
        let answer = ask(app(router()).layer(count("app")), request).await;
        let layers: Vec<_> = answer.headers.get_all("x-layer").iter().collect();
        let layers: Vec<_> = layers.iter().map(|it| it.to_str().unwrap()).collect();
        assert_eq!(layers.join(", "), wanted, "{request}");
    }
}

#[test]
fn a_route_of_both_is_an_error_that_names_both() {
    let fault = |router: Router| app(router).into_service().err().map(|it| it.to_string());
    let both = Router::new()
        .route("/orders/bulk", post(async || ""))
        .route("/orders/{number}", get(async || "").delete(async || ""))
        .route("/orders/{id}/lines/{line}", head(async || ""));
    assert_eq!(
        fault(both).unwrap(),
        "`POST /orders/bulk` (operation `postBulk`) and the hand-written `POST /orders/bulk` match the same requests\n\
         `GET /orders/{order_id}` (operation `readOrder`) and the hand-written `GET /orders/{number}` match the same requests\n\
         `GET /orders/{id}/lines/{line}` (operation `readLine`) and the hand-written `HEAD /orders/{id}/lines/{line}` match the same requests"
    );
    let document = Router::new().route("/openapi.json", get(async || ""));
    assert!(fault(document).unwrap().contains("the served document"));

    let nested = Router::new().nest("/orders", Router::new().route("/{id}", get(async || "")));
    assert!(
        fault(nested)
            .unwrap()
            .contains("hand-written `GET /orders/{id}`")
    );

    for router in [
        Router::new(),
        Router::new().fallback(async || "index"),
        by_hand(),
        // Others of the same path.
        Router::new().route("/orders/{id}", delete(async || "")),
        // What takes every method, or everything under a prefix, gets what is left.
        Router::new().route("/orders/{id}", any(async || "")),
        Router::new().route_service(
            "/orders/bulk",
            tower::service_fn(async |_: Request<Body>| {
                Ok::<_, std::convert::Infallible>("".into_response())
            }),
        ),
        Router::new().route("/{*path}", get(async || "")),
        Router::new().nest_service("/orders", Router::new()),
        Router::new().nest_service("/orders/bulk", Router::new()),
        // A part of what the operation matches, and more than that.
        Router::new().route("/orders/7", get(async || "")),
        Router::new().route("/{a}/{b}", get(async || "")),
        Router::new().route("/{a}/{b}", post(async || "")),
    ] {
        assert_eq!(fault(router), None);
    }
}

/// Whoever answers, errors are those of the document, in the language of the client.
#[tokio::test]
async fn errors_beside_the_document_have_its_format_and_language() {
    let table = Messages::new("de")
        .with("method_not_allowed", "so nicht")
        .with("not_found", "nichts da");
    for request in [
        "PUT /orders/7/notes",
        "GET /nothing/here",
        "PATCH /orders/7",
    ] {
        let (method, path) = request.split_once(' ').unwrap();
        let asked = Request::builder()
            .method(method)
            .uri(path)
            .header("accept-language", "de")
            .body(Body::empty())
            .unwrap();
        let answer = send_to(app(by_hand()).messages(table.clone()), asked).await;
        assert_eq!(answer.headers["content-language"], "de", "{request}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(
            matches!(
                answer.json()["detail"].as_str(),
                Some("so nicht" | "nichts da")
            ),
            "{request}"
        );
    }
}
