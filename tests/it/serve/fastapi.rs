//! Errors in the format of FastAPI, to the byte.

use serde_json::{Value, json};
use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, Context, Denied, ErrorFormat, HttpCredentials, UnknownQuery};

use super::Echo;
use super::request::{Answer, send_bare as send_to};

specwright::include_api!(pub mod fastapi);

impl fastapi::DefaultApi for Echo {
    async fn create(
        &self,
        _: &Context,
        _: fastapi::CreateRequest,
    ) -> Result<String, fastapi::CreateError> {
        Ok("created".to_owned())
    }

    async fn login(
        &self,
        _: &Context,
        _: fastapi::LoginRequest,
    ) -> Result<String, fastapi::LoginError> {
        Ok("in".to_owned())
    }

    async fn two(&self, _: &Context, _: fastapi::TwoRequest) -> Result<String, fastapi::TwoError> {
        Ok("two".to_owned())
    }

    async fn secrets(
        &self,
        _: &Context,
        request: fastapi::SecretsRequest,
    ) -> Result<String, fastapi::SecretsError> {
        Ok(format!("{request:?}"))
    }

    async fn private(&self, _: &Context, _: String) -> Result<String, fastapi::PrivateError> {
        Ok("private".to_owned())
    }
}

impl fastapi::Security for Echo {
    type Principal = String;

    async fn digest(
        &self,
        _: &Context,
        digest: HttpCredentials,
        _: &[&str],
    ) -> Result<String, Denied> {
        match digest.credentials() {
            "good" => Ok(digest.scheme().to_owned()),
            "unknown" => Err(Denied::unauthenticated().with_detail("Nobody is called so")),
            _ => Err(Denied::forbidden()),
        }
    }
}

fn app() -> App {
    App::new(fastapi::api(Echo)).echo_input(true)
}

async fn post(app: App, path: &str, body: &str) -> Answer {
    let request = Request::post(path)
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()));
    send_to(app, request.unwrap()).await
}

/// The one violation of an item.
async fn item(body: &str) -> String {
    let answer = post(app(), "/items/1?needed=ab", body).await;
    assert_eq!(answer.status, 422, "{body}: {}", answer.text());
    assert_eq!(answer.headers["content-type"], "application/json");
    let text = answer.text();
    let inner = text.strip_prefix(r#"{"detail":["#).unwrap();
    inner.strip_suffix("]}").unwrap().to_owned()
}

#[tokio::test]
async fn violations_of_bodies() {
    for (body, wanted) in [
        (
            r#"{}"#,
            r#"{"type":"missing","loc":["body","name"],"msg":"Field required","input":{}}"#,
        ),
        (
            r#"{"name": "a", "count": 1.50, "x": null}"#,
            r#"{"type":"int_from_float","loc":["body","count"],"msg":"Input should be a valid integer, got a number with a fractional part","input":1.5},{"type":"extra_forbidden","loc":["body","x"],"msg":"Extra inputs are not permitted","input":null}"#,
        ),
        (
            r#"{"name": "a", "count": "x"}"#,
            r#"{"type":"int_parsing","loc":["body","count"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"x"}"#,
        ),
        (
            r#"{"name": "a", "count": []}"#,
            r#"{"type":"int_type","loc":["body","count"],"msg":"Input should be a valid integer","input":[]}"#,
        ),
        (
            r#"{"name": "a", "ratio": 1e300}"#,
            r#"{"type":"finite_number","loc":["body","ratio"],"msg":"Input should be a finite number","input":1e+300}"#,
        ),
        (
            r#"{"name": "a", "count": 1e300}"#,
            r#"{"type":"int_parsing_size","loc":["body","count"],"msg":"Unable to parse input string as an integer, exceeded maximum size","input":1e+300}"#,
        ),
        (
            r#"{"name": "a", "price": "x"}"#,
            r#"{"type":"float_parsing","loc":["body","price"],"msg":"Input should be a valid number, unable to parse string as a number","input":"x"}"#,
        ),
        (
            r#"{"name": "a", "price": {}}"#,
            r#"{"type":"float_type","loc":["body","price"],"msg":"Input should be a valid number","input":{}}"#,
        ),
        (
            r#"{"name": "a", "price": 1e-5}"#,
            r#"{"type":"greater_than_equal","loc":["body","price"],"msg":"Input should be greater than or equal to 0.5","input":1e-05,"ctx":{"ge":0.5}}"#,
        ),
        (
            r#"{"name": "a", "on": "x"}"#,
            r#"{"type":"bool_parsing","loc":["body","on"],"msg":"Input should be a valid boolean, unable to interpret input","input":"x"}"#,
        ),
        (
            r#"{"name": "a", "on": {}}"#,
            r#"{"type":"bool_type","loc":["body","on"],"msg":"Input should be a valid boolean","input":{}}"#,
        ),
        (
            r#"{"name": "a", "tags": {"é": "\u00e9\n"}}"#,
            r#"{"type":"list_type","loc":["body","tags"],"msg":"Input should be a valid list","input":{"é":"é\n"}}"#,
        ),
        (
            r#"{"name": "a", "tags": []}"#,
            r#"{"type":"too_short","loc":["body","tags"],"msg":"List should have at least 1 item after validation, not 0","input":[],"ctx":{"field_type":"List","min_length":1,"actual_length":0}}"#,
        ),
        (
            r#"{"name": "a", "tags": ["a", 5]}"#,
            r#"{"type":"string_type","loc":["body","tags",1],"msg":"Input should be a valid string","input":5}"#,
        ),
        (
            r#"{"name": "a", "tags": ["a", "a"]}"#,
            r#"{"type":"unique_items","loc":["body","tags"],"msg":"Input must not have equal items","input":["a","a"]}"#,
        ),
        (
            r#"{"name": "a", "extra": {"1": "x"}}"#,
            r#"{"type":"int_parsing","loc":["body","extra","1"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"x"}"#,
        ),
        (
            r#"{"name": "a", "extra": {"a": 1, "b": 2}}"#,
            r#"{"type":"too_long","loc":["body","extra"],"msg":"Dictionary should have at most 1 item after validation, not 2","input":{"a":1,"b":2},"ctx":{"field_type":"Dictionary","max_length":1,"actual_length":2}}"#,
        ),
        (
            r#"{"name": "a", "extra": 5}"#,
            r#"{"type":"dict_type","loc":["body","extra"],"msg":"Input should be a valid dictionary","input":5}"#,
        ),
        (
            "-0",
            r#"{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":0}"#,
        ),
        (
            r#"{"name": "a", "at": "not a date"}"#,
            r#"{"type":"datetime_from_date_parsing","loc":["body","at"],"msg":"Input should be a valid datetime or date, invalid character in year","input":"not a date","ctx":{"error":"invalid character in year"}}"#,
        ),
        (
            r#"{"name": "a", "day": "2020-13-01"}"#,
            r#"{"type":"date_from_datetime_parsing","loc":["body","day"],"msg":"Input should be a valid date or datetime, month value is outside expected range of 1-12","input":"2020-13-01","ctx":{"error":"month value is outside expected range of 1-12"}}"#,
        ),
        (
            r#"{"name": "a", "id": "abc"}"#,
            r#"{"type":"uuid_parsing","loc":["body","id"],"msg":"Input should be a valid UUID, invalid length: expected length 32 for simple format, found 3","input":"abc","ctx":{"error":"invalid length: expected length 32 for simple format, found 3"}}"#,
        ),
        (
            r#"{"name": "a", "link": "abc"}"#,
            r#"{"type":"url_parsing","loc":["body","link"],"msg":"Input should be a valid URL, relative URL without a base","input":"abc","ctx":{"error":"relative URL without a base"}}"#,
        ),
        (
            r#"{"name": "a", "mail": "abc"}"#,
            r#"{"type":"value_error","loc":["body","mail"],"msg":"value is not a valid email address: An email address must have an @-sign.","input":"abc","ctx":{"reason":"An email address must have an @-sign."}}"#,
        ),
        (
            r#"{"name": "a", "pet": {}}"#,
            r#"{"type":"union_tag_not_found","loc":["body","pet"],"msg":"Unable to extract tag using discriminator 'kind'","input":{},"ctx":{"discriminator":"'kind'"}}"#,
        ),
        (
            r#"{"name": "a", "pet": {"kind": "cow"}}"#,
            r#"{"type":"union_tag_invalid","loc":["body","pet"],"msg":"Input tag 'cow' found using 'kind' does not match any of the expected tags: 'cat', 'dog'","input":{"kind":"cow"},"ctx":{"discriminator":"'kind'","tag":"cow","expected_tags":"'cat', 'dog'"}}"#,
        ),
        (
            r#"{"name": "a", "pet": {"kind": "cat", "lives": "x"}}"#,
            r#"{"type":"int_parsing","loc":["body","pet","cat","lives"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"x"}"#,
        ),
        (
            r#"{"name": "a", "one": {"c": 1}}"#,
            r#"{"type":"int_type","loc":["body","one","int"],"msg":"Input should be a valid integer","input":{"c":1}},{"type":"missing","loc":["body","one","Sub","a"],"msg":"Field required","input":{"c":1}},{"type":"missing","loc":["body","one","Other","b"],"msg":"Field required","input":{"c":1}}"#,
        ),
        (
            r#"{"name": "a", "parts": [{"a": 1}, {}]}"#,
            r#"{"type":"missing","loc":["body","parts",1,"a"],"msg":"Field required","input":{}}"#,
        ),
    ] {
        assert_eq!(item(body).await, wanted, "{body}");
    }
}

#[tokio::test]
async fn violations_of_parameters() {
    let answer = post(
        app(),
        "/items/0?size=0&kinds=small&kinds=tiny&kinds=large&order=left",
        r#"{"name": "a"}"#,
    )
    .await;
    let wanted = concat!(
        r#"{"detail":[{"type":"greater_than_equal","loc":["path","item_id"],"msg":"Input should be greater than or equal to 1","input":"0","ctx":{"ge":1}},"#,
        r#"{"type":"greater_than","loc":["query","size"],"msg":"Input should be greater than 0","input":"0","ctx":{"gt":0.0}},"#,
        r#"{"type":"too_long","loc":["query","kinds"],"msg":"List should have at most 2 items after validation, not 3","input":["small","tiny","large"],"ctx":{"field_type":"List","max_length":2,"actual_length":3}},"#,
        r#"{"type":"enum","loc":["query","kinds",1],"msg":"Input should be 'small', 'medium' or 'large'","input":"tiny","ctx":{"expected":"'small', 'medium' or 'large'"}},"#,
        r#"{"type":"literal_error","loc":["query","order"],"msg":"Input should be 'up' or 'down'","input":"left","ctx":{"expected":"'up' or 'down'"}},"#,
        r#"{"type":"missing","loc":["query","needed"],"msg":"Field required","input":null}]}"#,
    );
    assert_eq!(answer.text(), wanted);

    let answer = post(app(), "/items/x?size=10.25&needed=A", r#"{"name": "a"}"#).await;
    let wanted = concat!(
        r#"{"detail":[{"type":"int_parsing","loc":["path","item_id"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"x"},"#,
        r#"{"type":"less_than_equal","loc":["query","size"],"msg":"Input should be less than or equal to 10","input":"10.25","ctx":{"le":10.0}},"#,
        r#"{"type":"multiple_of","loc":["query","size"],"msg":"Input should be a multiple of 0.5","input":"10.25","ctx":{"multiple_of":0.5}},"#,
        r#"{"type":"string_too_short","loc":["query","needed"],"msg":"String should have at least 2 characters","input":"A","ctx":{"min_length":2}},"#,
        r#"{"type":"string_pattern_mismatch","loc":["query","needed"],"msg":"String should match pattern '^[a-z]+$'","input":"A","ctx":{"pattern":"^[a-z]+$"}}]}"#,
    );
    let mut found = answer.json();
    let mut wanted: Value = serde_json::from_str(wanted).unwrap();
    // A bound that fails may hide those after it.
    let kept = |value: &mut Value| {
        let list = value["detail"].as_array_mut().unwrap();
        list.retain(|it| it["type"] != "multiple_of" && it["type"] != "string_pattern_mismatch");
    };
    kept(&mut found);
    kept(&mut wanted);
    assert_eq!(found, wanted);

    let unknown = app().unknown_query(UnknownQuery::Reject);
    let answer = post(unknown, "/items/1?needed=ab&tool=x", r#"{"name": "a"}"#).await;
    assert_eq!(
        answer.json()["detail"][0]["loc"],
        json!(["query", "tool"]),
        "{answer:?}"
    );
    assert_eq!(answer.json()["detail"][0]["type"], "extra_forbidden");
}

#[tokio::test]
async fn bodies_that_are_missing_or_malformed() {
    for (path, wanted) in [
        (
            "/items/1?needed=ab",
            r#"{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}"#,
        ),
        (
            "/two",
            r#"{"detail":[{"type":"missing","loc":["body","first"],"msg":"Field required","input":null},{"type":"missing","loc":["body","second"],"msg":"Field required","input":null}]}"#,
        ),
        (
            "/login",
            r#"{"detail":[{"type":"missing","loc":["body","username"],"msg":"Field required","input":null},{"type":"missing","loc":["body","password"],"msg":"Field required","input":null}]}"#,
        ),
    ] {
        let answer = send_to(app(), Request::post(path).body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, answer.text()), (422, wanted), "{path}");
    }
    let answer = post(app(), "/two", r#"{"first": {}}"#).await;
    assert_eq!(
        answer.text(),
        r#"{"detail":[{"type":"missing","loc":["body","first","a"],"msg":"Field required","input":{}},{"type":"missing","loc":["body","second"],"msg":"Field required","input":null}]}"#
    );
    for (body, error, position) in [
        ("{", "Expecting property name enclosed in double quotes", 1),
        ("{\"a\": }", "Expecting value", 6),
        ("{\"a\" 1}", "Expecting ':' delimiter", 5),
        ("{\"a\": 1 \"b\"}", "Expecting ',' delimiter", 8),
        ("{} x", "Extra data", 3),
    ] {
        let answer = post(app(), "/items/1?needed=ab", body).await;
        let wanted = json!({"detail": [{
            "type": "json_invalid", "loc": ["body", position], "msg": "JSON decode error", "input": {}, "ctx": {"error": error},
        }]});
        assert_eq!((answer.status, answer.json()), (422, wanted), "{body}");
    }
}

#[tokio::test]
async fn errors_that_are_no_violations() {
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    let authorized = |value: &str| {
        Request::get("/private")
            .header("authorization", value)
            .body(Body::empty())
            .unwrap()
    };
    for (request, status, detail) in [
        (get("/nothing"), 404, "Not Found"),
        (get("/login"), 405, "Method Not Allowed"),
        (get("/private"), 401, "Not authenticated"),
        (authorized("Basic good"), 401, "Not authenticated"),
        (authorized("DIGEST unknown"), 401, "Nobody is called so"),
        (authorized("Digest bad"), 403, "Forbidden"),
    ] {
        let answer = send_to(app(), request).await;
        assert_eq!(
            (answer.status, answer.text()),
            (status, &*json!({"detail": detail}).to_string())
        );
        assert_eq!(answer.headers["content-type"], "application/json");
        if status == 401 {
            let challenge = answer.header("www-authenticate").unwrap();
            assert!(challenge.starts_with("Digest realm=\""), "{challenge}");
        }
    }
    assert_eq!(send_to(app(), authorized("digest good")).await.status, 200);
}

/// Neither where the secret itself is at fault, nor within what is shown around it, nor in place of what would hold it.
#[tokio::test]
async fn secrets_are_never_echoed() {
    for body in [
        r#"{"password": "hunter2"}"#,
        r#"{"name": "a", "passwords": ["hunter2"]}"#,
        r#"{"name": "a", "passwords": "hunter2"}"#,
        r#"{"name": "a", "pin": "hunter2"}"#,
        r#"{"name": "a", "pin": 31337}"#,
        r#"{"name": "a", "inner": {"token": "hunter2"}}"#,
        r#"{"name": "a", "inner": "token=hunter2"}"#,
        r#"{"name": "a", "inner": ["token", "hunter2"]}"#,
        r#""password=hunter2""#,
        r#"["hunter2"]"#,
        r#"{"name": {"password": "hunter2", "token": ["31337"]}}"#,
    ] {
        for format in [ErrorFormat::FastApi, ErrorFormat::Problem] {
            let answer = post(app().error_format(format), "/secrets", body).await;
            assert_eq!(answer.status, 422, "{body}");
            let text = answer.text();
            assert!(text.contains("**********"), "{body}: {text}");
            assert!(
                !text.contains("hunter2") && !text.contains("31337"),
                "{body}: {text}"
            );
        }
    }
    let form = Request::post("/login")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("password=hunter2"));
    let answer = send_to(app(), form.unwrap()).await;
    assert!(answer.text().contains("**********"), "{answer:?}");
    assert!(!answer.text().contains("hunter2"), "{answer:?}");
}

/// What a handler gets, printed as a log would.
#[tokio::test]
async fn secrets_are_not_shown_by_debug() {
    let body = r#"{"name": "shown", "password": "hunter2-hunter2-hunter2", "passwords": ["hunter2", "hunter2", "hunter2"],
        "pin": 7, "inner": {"x": "seen", "token": "hunter2"}}"#;
    let answer = post(app(), "/secrets", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = answer.text();
    assert!(text.contains("shown"), "{text}");
    assert!(!text.contains("hunter2") && !text.contains('7'), "{text}");
    assert_eq!(text.matches("redacted").count(), 2, "{text}");
    assert_eq!(text.matches("Password(..)").count(), 4, "{text}");
}

#[tokio::test]
async fn the_app_has_the_last_word() {
    let quiet = App::new(fastapi::api(Echo));
    let answer = post(quiet, "/items/1?needed=ab", "{}").await;
    assert_eq!(
        answer.text(),
        r#"{"detail":[{"type":"missing","loc":["body","name"],"msg":"Field required"}]}"#
    );
    let problem = app().error_format(ErrorFormat::Problem);
    let answer = post(
        problem,
        "/items/1?needed=ab",
        r#"{"name": "a", "count": 1.50}"#,
    )
    .await;
    assert_eq!(
        answer.json()["errors"],
        json!([{"in": "body", "pointer": "/count", "code": "type", "detail": "must be an integer", "input": 1.5}])
    );
    let other = App::new(super::strings::api(Echo)).error_format(ErrorFormat::FastApi);
    let answer = send_to(other, Request::get("/nothing").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.text(), r#"{"detail":"Not Found"}"#);
}
