//! What echoes of the input keep back, wherever a document says that something is secret.

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, Context, ErrorFormat, Problem, Unexpected};

use super::Echo;
use super::request::{Answer, form_data, send_bare as send_to};

specwright::include_api!(pub mod secrets);
specwright::include_api!(pub mod secret_fields);
specwright::include_api!(pub mod secret_headers);

use secrets::*;

impl secrets::DefaultApi for Echo {
    async fn parts(&self, _: &Context, _: PartsRequest) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn conditional(&self, _: &Context, _: ConditionalRequest) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn patterns(&self, _: &Context, _: PatternsRequest) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn union(&self, _: &Context, _: UnionRequest) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn typed(&self, _: &Context, _: TypedRequest) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn parameter(&self, _: &Context, _: ParameterRequest) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn lines(&self, _: &Context, mut request: LinesRequest) -> Result<(), Unexpected> {
        while let Some(line) = request.body.next().await {
            line.map_err(|problem: Problem| problem)?;
        }
        Ok(())
    }
}

impl secret_fields::DefaultApi for Echo {
    async fn fields(&self, _: &Context, _: secret_fields::FieldsRequest) -> Result<(), Unexpected> {
        Ok(())
    }
}

impl secret_headers::DefaultApi for Echo {
    async fn named(&self, _: &Context, _: secret_headers::NamedRequest) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn listed(
        &self,
        _: &Context,
        _: secret_headers::ListedRequest,
    ) -> Result<(), Unexpected> {
        Ok(())
    }
}

async fn post(app: App, path: &str, content_type: &str, body: &str) -> Answer {
    let request = Request::post(path)
        .header("content-type", content_type)
        .body(Body::from(body.to_owned()));
    send_to(app.echo_input(true), request.unwrap()).await
}

fn part(name: &str, value: &str) -> String {
    format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b--\r\n")
}

#[tokio::test]
async fn secrets_are_found_in_every_content_and_in_what_only_tests() {
    let json = "application/json";
    let multipart = "multipart/form-data; boundary=b";
    let table = [
        ("/parts", multipart, part("code", "hunter2")),
        ("/parts", multipart, part("login", r#"{"pw":"hunter2",,"#)),
        ("/parts", multipart, part("login", r#"{"pw":"hunter2"}"#)),
        ("/then", json, r#"{"name":"a","pin":"hunter2"}"#.to_owned()),
        ("/patterns", json, r#"{"keys":{"x":"hunter2"}}"#.to_owned()),
        (
            "/union",
            json,
            r#""{\"user\":\"u\",\"pw\":\"hunter2\"}""#.to_owned(),
        ),
        ("/union", json, r#"["hunter2"]"#.to_owned()),
        ("/union", json, r#"{"user":1,"pw":"hunter2"}"#.to_owned()),
        (
            "/typed",
            json,
            r#"{"id":1,"typed":"{\"pw\":\"hunter2\",,"}"#.to_owned(),
        ),
        (
            "/typed",
            json,
            r#"{"id":1,"typed":"{\"pw\":\"hunter2\"}"}"#.to_owned(),
        ),
        (
            "/typed",
            json,
            r#"{"typed":"{\"user\":\"\",\"pw\":\"hunt\"}","plain":"hunter2"}"#.to_owned(),
        ),
        (
            "/typed",
            json,
            r#"{"id":1,"plain":"{\"pw\":\"hunter2\"}"}"#.to_owned(),
        ),
        (
            "/parameter?login=%7B%22pw%22:%22hunter2%22%7D",
            json,
            String::new(),
        ),
        (
            "/parameter?login=%7B%22pw%22:%22hunter2%22,,",
            json,
            String::new(),
        ),
        (
            "/lines",
            "application/jsonl",
            r#"{"user":1,"pw":"hunter2"}"#.to_owned(),
        ),
    ];
    for (path, content_type, body) in &table {
        for format in [ErrorFormat::FastApi, ErrorFormat::Problem] {
            let app = App::new(secrets::api(Echo)).error_format(format);
            let answer = post(app, path, content_type, body).await;
            let text = answer.text();
            assert_eq!(answer.status, 422, "{path} {body}: {text}");
            assert!(!text.contains("hunt"), "{path} {body}: {text}");
        }
    }
    // What is no secret is shown.
    let app = App::new(secrets::api(Echo));
    let answer = post(app, "/then", json, r#"{"name":"longer than that"}"#).await;
    assert!(answer.text().contains("longer than that"), "{answer:?}");
    let app = App::new(secrets::api(Echo));
    let answer = post(app, "/typed", json, r#"{"id":"shown"}"#).await;
    assert!(answer.text().contains("shown"), "{answer:?}");
}

#[tokio::test]
async fn fields_without_names_make_a_secret_of_the_form() {
    let form = "application/x-www-form-urlencoded";
    let app = App::new(secret_fields::api(Echo));
    let answer = post(app, "/", form, "a=hunter2").await;
    assert_eq!(answer.summary(), "422 body /a maxLength");
    assert!(!answer.text().contains("hunter2"), "{answer:?}");
    assert!(answer.text().contains("**********"), "{answer:?}");
}

#[tokio::test]
async fn headers_of_parts_may_be_secret() {
    let table = [
        (
            "/named",
            "X-Token: hunter2",
            "/note/headers/X-Token maxLength",
        ),
        (
            "/named",
            r#"X-Login: {"pw":"hunter2"}"#,
            "/note/headers/X-Login/user required",
        ),
        ("/listed", "X-Pin: hunter2", "/0/headers/X-Pin maxLength"),
    ];
    for (path, header, wanted) in table {
        let head = format!("name=note\n{header}");
        let body = String::from_utf8(form_data(&[(&head, b"x")])).unwrap();
        let kind = match path {
            "/named" => "multipart/form-data; boundary=frontier",
            _ => "multipart/mixed; boundary=frontier",
        };
        let app = App::new(secret_headers::api(Echo));
        let answer = post(app, path, kind, &body).await;
        assert_eq!(answer.summary(), format!("422 body {wanted}"));
        assert!(!answer.text().contains("hunter2"), "{answer:?}");
        assert!(answer.text().contains("**********"), "{answer:?}");
    }
    let head = "name=note\nX-Plain: shown";
    let rest = form_data(&[("name=note", b"x"), ("name=note\nX-Code: hunter2", b"x")]);
    let shown = form_data(&[(head, b"x")]);
    for (path, body, is_shown) in [("/listed", rest, false), ("/named", shown, true)] {
        let kind = match path {
            "/named" => "multipart/form-data; boundary=frontier",
            _ => "multipart/mixed; boundary=frontier",
        };
        let app = App::new(secret_headers::api(Echo));
        let answer = post(app, path, kind, std::str::from_utf8(&body).unwrap()).await;
        assert_eq!(answer.status, 422);
        let text = answer.text();
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(text.contains("shown"), is_shown, "{text}");
        assert_eq!(text.contains("**********"), !is_shown, "{text}");
    }
}
