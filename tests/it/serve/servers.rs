//! Operations under the paths of their servers, and several documents in one app.

use serde_json::{Value, json};
use specwright::axum::body::Body;
use specwright::codegen::Bytes;
use specwright::http::Request;
use specwright::{Api, App, Context, Unexpected};

use super::Echo;
use super::fastapi::fastapi;
use super::request::{Answer, send_to};
use super::routing::routing;

specwright::include_api!(pub mod servers);

type Answered = Result<Bytes, Unexpected>;

impl servers::DefaultApi for Echo {
    async fn read_book(&self, _: &Context, it: servers::ReadBookRequest) -> Answered {
        Ok(format!("book {}", it.id).into())
    }

    async fn drop_book(&self, _: &Context, it: servers::DropBookRequest) -> Answered {
        Ok(format!("dropped {}", it.id).into())
    }

    async fn read_status(&self, _: &Context) -> Answered {
        Ok("fine".into())
    }

    async fn set_status(&self, _: &Context) -> Answered {
        Ok("set".into())
    }
}

async fn ask(api: Api, request: &str) -> Answer {
    let (method, path) = request.split_once(' ').unwrap();
    let request = Request::builder().method(method).uri(path);
    send_to(App::new(api), request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn operations_are_under_the_paths_of_their_servers() {
    for (request, wanted) in [
        ("GET /v1/books/7", "200 book 7"),
        ("HEAD /v1/books/7", "200"),
        ("GET /v1/books/x", "422 path id type"),
        ("DELETE /private%20parts/books/7", "200 dropped 7"),
        ("GET /status", "200 fine"),
        ("PUT /v1/status", "200 set"),
        ("GET /books/7", "404"),
        ("DELETE /v1/books/7", "405"),
        ("DELETE /books/7", "404"),
        ("PUT /status", "405"),
        ("GET /v1", "404"),
    ] {
        let answer = ask(servers::api(Echo), request).await;
        assert_eq!(answer.summary(), wanted, "{request}");
    }
    for (request, wanted) in [
        ("GET /api/v1/books/7", "200 book 7"),
        ("GET /api/status", "200 fine"),
        ("GET /v1/books/7", "404"),
    ] {
        let answer = ask(servers::api(Echo).nest("/api"), request).await;
        assert_eq!(answer.summary(), wanted, "{request}");
    }
    let operation = servers::api(Echo).operations().next().unwrap();
    assert_eq!(operation.template, "/books/{id}");
}

/// The document is where its operations are, and says what it said.
#[tokio::test]
async fn the_document_is_under_the_path_of_its_server() {
    let served = ask(servers::api(Echo), "GET /v1/openapi.json").await.json();
    assert_eq!(served["servers"][0]["url"], "https://{host}/{version}/");
    assert_eq!(
        ask(servers::api(Echo), "GET /openapi.json").await.status,
        404
    );
}

/// Three documents: one nested, one nested under a parameter, and one with a server of its own.
fn several() -> Api {
    routing::api(Echo)
        .nest("/old")
        .merge(fastapi::api(Echo).nest("/{tenant}/python"))
        .merge(servers::api(Echo))
}

#[tokio::test]
async fn several_documents_are_each_served_under_their_prefix() {
    for (request, wanted) in [
        ("GET /old/orders/7", "200 order 7"),
        ("GET /v1/books/7", "200 book 7"),
        ("GET /status", "200 fine"),
        ("GET /orders/7", "404"),
        ("GET /old/books/7", "404"),
    ] {
        assert_eq!(ask(several(), request).await.summary(), wanted, "{request}");
    }
    for (prefix, title) in [
        ("/old", "Paths that look alike"),
        ("/acme/python", "As FastAPI makes it"),
        ("/v1", "Under the paths of servers"),
    ] {
        let json = ask(several(), &format!("GET {prefix}/openapi.json")).await;
        assert_eq!(
            (json.status, &json.json()["info"]["title"]),
            (200, &json!(title))
        );
        let yaml = ask(several(), &format!("GET {prefix}/openapi.yaml")).await;
        assert!(yaml.text().contains(title), "{prefix}");
    }
    assert_eq!(ask(several(), "GET /openapi.json").await.status, 404);
}

#[tokio::test]
async fn several_documents_each_tell_errors_in_their_format() {
    let problem = |status: u16, title: &str| json!({"status": status, "title": title});
    let detail = |detail: &str| json!({"detail": detail});
    for (request, wanted) in [
        ("PATCH /old/orders/7", problem(405, "Method Not Allowed")),
        ("GET /old/nothing/here", problem(404, "Not Found")),
        ("GET /nothing/here", problem(404, "Not Found")),
        ("DELETE /v1/books/7", problem(405, "Method Not Allowed")),
        ("PATCH /acme/python/two", detail("Method Not Allowed")),
    ] {
        let answer = ask(several(), request).await;
        assert_eq!(answer.json(), wanted, "{request}");
    }
    let invalid = ask(several(), "GET /v1/books/x").await.json();
    assert_eq!(invalid["errors"][0]["name"], "id");
    let invalid = ask(several(), "POST /acme/python/two").await.json();
    assert!(invalid["detail"][0]["loc"].is_array(), "{invalid}");

    // What no document has is told as the one tells it that it stands under.
    let api = || {
        routing::api(Echo)
            .nest("/old")
            .merge(fastapi::api(Echo).nest("/python"))
    };
    for (path, wanted) in [
        ("/python/nothing", detail("Not Found")),
        ("/python", detail("Not Found")),
        ("/pythons/nothing", problem(404, "Not Found")),
        ("/old/nothing/here", problem(404, "Not Found")),
    ] {
        let answer = ask(api(), &format!("GET {path}")).await;
        assert_eq!((answer.status, answer.json()), (404, wanted), "{path}");
    }
    let both: Value = ask(fastapi::api(Echo), "GET /nothing").await.json();
    assert_eq!(both, detail("Not Found"));
}

#[test]
fn conflicts_between_documents_name_both() {
    let fault = |api: Api| App::new(api).into_service().err().map(|it| it.to_string());
    assert_eq!(fault(several()), None);
    let both = routing::api(Echo)
        .nest("/v1/books")
        .merge(servers::api(Echo))
        .merge(routing::api(Echo).nest("/other"));
    assert_eq!(
        fault(both).unwrap(),
        "`GET /v1/books/{only}` (operation `only` of Paths that look alike 1) and \
         `GET /v1/books/{id}` (operation `readBook` of Under the paths of servers 1) match the same requests"
    );
    let twice = routing::api(Echo).merge(routing::api(Echo));
    let faults = fault(twice).unwrap();
    assert!(
        faults.starts_with("`POST /orders/bulk` (operation `postBulk`) and"),
        "{faults}"
    );
    assert_eq!(
        faults.lines().count(),
        routing::api(Echo).operations().count()
    );
}
