//! Names and values that make generated code stumble: it compiles without a warning and means what it says.

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{Context, Unexpected};

use super::Echo;
use super::request::{Answer, send};

specwright::include_api!(
    #[deny(warnings, reason = "generated code is a guest in the user's crate")]
    pub mod awkward
);
specwright::include_api!(
    #[deny(warnings, reason = "generated code is a guest in the user's crate")]
    pub mod no_operations
);

use awkward::{
    AwkwardRequest, AwkwardResponse, EntryRequest, Inner, ListRequest, NobodyRequest, Settings,
    StoreRequest,
};

impl awkward::DefaultApi for Echo {
    async fn awkward(
        &self,
        _: &Context,
        request: AwkwardRequest,
    ) -> Result<AwkwardResponse, Unexpected> {
        Ok(AwkwardResponse {
            header: request.self_,
            optional_header: request.self_query,
            body: request.body,
        })
    }

    async fn store(&self, _: &Context, request: StoreRequest) -> Result<String, Unexpected> {
        Ok(request.body.len().to_string())
    }

    async fn list(&self, _: &Context, request: ListRequest) -> Result<i64, Unexpected> {
        let ListRequest { list } = request;
        Ok(list)
    }

    async fn entry(&self, _: &Context, request: EntryRequest) -> Result<i64, Unexpected> {
        Ok(request.list + request.entry)
    }

    async fn nobody(&self, _: &Context, _: NobodyRequest) -> Result<(), Unexpected> {
        Ok(())
    }
}

async fn post(path: &str, body: &'static str) -> Answer {
    let request = Request::post(path)
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap();
    send(awkward::api(Echo), request).await
}

#[tokio::test]
async fn headers_may_be_named_as_the_functions_that_send_them() {
    let answer = post("/first?self=second", "{}").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["header"], "first");
    assert_eq!(answer.headers["optional-header"], "second");
}

#[tokio::test]
async fn defaults_of_objects_are_applied_from_the_inside_out() {
    let answer = post("/x", "{}").await;
    assert_eq!(
        answer.text(),
        r#"{"settings":{"depth":3,"inner":{"name":"inner"}},"place":{"at":"about:blank"}}"#
    );
    let settings = Settings::default();
    assert_eq!((settings.depth, settings.inner), (3, Inner::default()));
    assert_eq!(Inner::default().name, "inner");
}

#[tokio::test]
async fn regular_expressions_are_checked_as_a_format() {
    assert_eq!(post("/x", r#"{"pattern":"^[a-z]+$"}"#).await.status, 200);
    let answer = post("/x", r#"{"pattern":"[a-"}"#).await;
    assert_eq!(answer.summary(), "422 body /pattern format");
}

#[tokio::test]
async fn branches_take_nullable_parts() {
    for body in [
        r#"{"choice":{"any":null}}"#,
        r#"{"choice":{"any":{"a":1}}}"#,
        r#"{"choice":[null,"ab"]}"#,
    ] {
        assert_eq!(post("/x", body).await.status, 200, "{body}");
    }
    assert_eq!(post("/x", r#"{"choice":["a"]}"#).await.status, 422);
}

/// A branch is asked what stands around its union, and not the union itself.
#[tokio::test]
async fn branches_without_a_type_within_a_list_of_schemas() {
    for (body, status) in [
        (r#"{"untyped":1}"#, 200),
        (r#"{"untyped":{}}"#, 200),
        (r#"{"untyped":true}"#, 422),
        (r#"{"untyped":"a"}"#, 422),
    ] {
        assert_eq!(post("/x", body).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn bytes_and_shared_successes_are_served() {
    let request = Request::put("/stored")
        .header("content-type", "application/octet-stream")
        .body(Body::from("abc"))
        .unwrap();
    let answer = send(awkward::api(Echo), request).await;
    assert_eq!((answer.status, answer.text()), (201, "\"3\""));
}

#[tokio::test]
async fn a_parameter_of_the_longer_path_is_not_asked_of_the_shorter() {
    for (path, text) in [("/lists/7", "7"), ("/lists/7/3", "10")] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = send(awkward::api(Echo), request).await;
        assert_eq!((answer.status, answer.text()), (200, text), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_nothing_satisfies_is_always_refused() {
    for body in ["1", "\"1\"", "null", "{}"] {
        let request = Request::put("/nobody")
            .header("content-type", "application/json")
            .body(Body::from(body))
            .unwrap();
        let answer = send(awkward::api(Echo), request).await;
        assert_eq!(answer.status, 422, "{body}");
    }
}

#[tokio::test]
async fn a_document_without_operations_has_an_api_too() {
    let answer = send(
        no_operations::api(),
        Request::get("/opened").body(Body::empty()).unwrap(),
    )
    .await;
    assert_eq!(answer.status, 404);
}
