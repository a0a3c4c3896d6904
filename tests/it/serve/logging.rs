//! What the server says about itself has no secret in it.

use std::fmt::{self, Debug, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use specwright::axum::body::Body;
use specwright::axum::response::IntoResponse as _;
use specwright::http::{Request, request};
use specwright::{ApiKey, App, Basic, Bearer, Context, Denied, ErrorFormat, Unexpected};
use tower::ServiceExt as _;
use tracing::field::{Field, Visit};
use tracing::span;

specwright::include_api!(pub mod logging);

use logging::{Login, LoginMode, LoginRequest, LoginRequestBody};

/// Every secret has this in it; those of other requests are longer or shorter.
const SECRET: &str = "hunter2";

/// What was logged, and what was shown by `Debug`.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn write(&self, text: fmt::Arguments<'_>) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(log, "{text}").unwrap();
    }

    fn show(&self, value: &dyn Debug) {
        self.write(format_args!("shown {value:?} {value:#?}"));
    }

    fn text(&self) -> String {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Writes everything that is traced, whatever its level.
struct Everything(Log);

impl Visit for &Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.write(format_args!("{field}={value:?}"));
    }
}

impl tracing::Subscriber for Everything {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        self.0
            .write(format_args!("span {}", attributes.metadata().name()));
        attributes.record(&mut { self });
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut { self });
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        self.0
            .write(format_args!("event {}", event.metadata().level()));
        event.record(&mut { self });
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Lets in whoever has a secret, and shows all that it is given.
struct Server(Log);

impl Server {
    fn admit(&self, cx: &Context, credentials: &dyn Debug, secret: &str) -> Result<(), Denied> {
        self.0.show(cx);
        self.0.show(credentials);
        let outcome = match secret.len() {
            12 => Ok(()),
            13 => Err(Denied::forbidden()),
            _ => Err(Denied::unauthenticated()),
        };
        self.0.show(&outcome);
        outcome
    }
}

impl logging::Security for Server {
    type Principal = ();

    async fn header_key(&self, cx: &Context, key: ApiKey, _: &[&str]) -> Result<(), Denied> {
        self.admit(cx, &key, key.as_str())
    }

    async fn query_key(&self, cx: &Context, key: ApiKey, _: &[&str]) -> Result<(), Denied> {
        self.admit(cx, &key, key.as_str())
    }

    async fn cookie_key(&self, cx: &Context, key: ApiKey, _: &[&str]) -> Result<(), Denied> {
        self.admit(cx, &key, key.as_str())
    }

    async fn token(&self, cx: &Context, token: Bearer, _: &[&str]) -> Result<(), Denied> {
        self.admit(cx, &token, token.token())
    }

    async fn password(&self, cx: &Context, basic: Basic, _: &[&str]) -> Result<(), Denied> {
        self.admit(cx, &basic, basic.password())
    }
}

impl logging::DefaultApi for Server {
    async fn login(&self, cx: &Context, _: (), request: LoginRequest) -> Result<Login, Unexpected> {
        self.0.show(cx);
        self.0.show(&request);
        let (LoginRequestBody::Json(login) | LoginRequestBody::Form(login)) = request.body;
        match login.mode {
            LoginMode::Fine => Ok(login),
            LoginMode::Fail => Err(Unexpected::new("the store is closed")),
            LoginMode::Panic => panic!("the store is gone"),
        }
    }
}

/// Credentials of each kind: good, known and not allowed, unknown, and unreadable.
fn credentials() -> Vec<(String, &'static str, String)> {
    let mut list = Vec::new();
    for secret in ["hunter2-good", "hunter2-known", "hunter2", "hunter2 \u{e9}"] {
        let escaped = secret.replace(' ', "%20").replace('\u{e9}', "%C3%A9");
        let in_uri = |query: String| (format!("/login?{query}"), "x-other", String::new());
        let in_header = |name: &'static str, value: String| ("/login".to_owned(), name, value);
        list.extend([
            in_header("x-key", secret.to_owned()),
            in_uri(format!("key={escaped}")),
            in_uri(format!("key=%{escaped}")),
            in_header("cookie", format!("a=b; key={secret}")),
            in_header("authorization", format!("Bearer {secret}")),
            in_header("authorization", format!("Basic {}", basic(secret))),
            in_header("authorization", format!("Basic {secret}")),
            in_header("authorization", secret.to_owned()),
        ]);
    }
    list
}

fn basic(password: &str) -> String {
    BASE64_STANDARD.encode(format!("ann:{password}"))
}

/// Bodies with secrets: good, wrong, and unreadable.
fn bodies() -> Vec<(&'static str, String)> {
    let json = "application/json";
    let form = "application/x-www-form-urlencoded";
    let mut list = Vec::new();
    for mode in ["fine", "fail", "panic", "other"] {
        list.push((
            json,
            format!(r#"{{"mode":"{mode}","password":"hunter2-hunter2"}}"#),
        ));
        list.push((form, format!("mode={mode}&password=hunter2-hunter2")));
    }
    list.extend([
        (json, r#"{"mode":"fine","password":"hunter2"}"#.to_owned()),
        (json, r#"{"mode":"fine","password":["hunter2"]}"#.to_owned()),
        (json, r#"{"mode":"fine","password":"hunter2-hunter2","older":["hunter2-hunter2","hunter2-hunter2","hunter2"]}"#.to_owned()),
        (json, r#"{"mode":"fine","password":"hunter2-hunter2",,"#.to_owned()),
        (json, r#""hunter2""#.to_owned()),
        (form, "mode=fine&password=hunter2".to_owned()),
        (form, "mode=fine&password=hunter2-hunter2&password=hunter2-hunter2".to_owned()),
        (form, "mode=fine&password=hunter2-hunter2%".to_owned()),
        ("text/plain", "hunter2".to_owned()),
    ]);
    list
}

/// Sends a request, and says with which status and id it was answered.
async fn send(
    app: App,
    log: &Log,
    request: request::Builder,
    body: String,
) -> (u16, String, Bytes) {
    log.show(&app);
    let service = app.into_service().unwrap();
    log.show(&service);
    let request = request.body(Body::from(body)).unwrap();
    let response = service.oneshot(request).await.unwrap();
    let id = response.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let status = response.status().as_u16();
    (
        status,
        id,
        response.into_body().collect().await.unwrap().to_bytes(),
    )
}

fn app(log: &Log, format: Option<ErrorFormat>) -> App {
    let app = App::new(logging::api(Server(log.clone())))
        .echo_input(true)
        .access_log(true);
    match format {
        Some(format) => app.error_format(format),
        None => {
            let log = log.clone();
            app.error_response(move |failure| {
                log.show(failure);
                log.show(failure.problem());
                for violation in failure.violations() {
                    log.write(format_args!("violation {violation}"));
                }
                failure.status().into_response()
            })
        }
    }
}

fn assert_silent(log: &Log) {
    let text = log.text();
    for needle in [SECRET, &basic(SECRET)[..12]] {
        let found = text.lines().find(|line| line.contains(needle));
        assert_eq!(found, None, "{needle} is shown");
    }
}

#[tokio::test]
async fn no_secret_is_logged_or_shown() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(Everything(log.clone()));
    let mut statuses = Vec::new();
    for format in [None, Some(ErrorFormat::Problem), Some(ErrorFormat::FastApi)] {
        for (uri, header, value) in credentials() {
            let request = Request::post(uri)
                .header(header, value)
                .header("content-type", "application/json");
            let body = r#"{"mode":"fine","password":"hunter2-hunter2"}"#.to_owned();
            let (status, ..) = send(app(&log, format), &log, request, body).await;
            statuses.push(status);
        }
        for (content_type, body) in bodies() {
            let request = Request::post("/login")
                .header("x-key", "hunter2-good")
                .header("content-type", content_type);
            let (status, id, answer) = send(app(&log, format), &log, request, body.clone()).await;
            statuses.push(status);
            if status != 200 {
                let answer = String::from_utf8(answer.to_vec()).unwrap();
                assert!(!answer.contains(SECRET), "{body}: {answer}");
            }
            // That there is something to be found in is what makes this a test.
            if status == 500 {
                assert!(log.text().contains(&id), "{body}");
            }
        }
    }
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses, [200, 400, 401, 403, 415, 422, 500]);
    let text = log.text();
    for said in [
        "event ERROR",
        "span request",
        "answered",
        "the store is closed",
        "panicked: the store is gone",
        "shown",
        "violation body /password",
    ] {
        assert!(text.contains(said), "{said}");
    }
    assert_silent(&log);
}
