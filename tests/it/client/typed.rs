//! What users see of a generated client: credentials, answers and errors.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use specwright::axum::body::Body;
use specwright::http::{HeaderMap, Request, Response, StatusCode, Uri, response};
use specwright::{
    ApiKey, App, Basic, Bearer, ClientError, HttpCredentials, HttpTransport, ResponseFault,
    Transport, TransportError,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::serve::Echo;
use crate::serve::content_parameters::content_parameters;
use crate::serve::parameters::query_parameters;
use crate::serve::responses::{bytes, response_headers, responses};
use crate::serve::security::security;
use crate::serve::uploads::uploads;

/// Answers everything alike, and keeps what it was asked.
#[derive(Clone)]
pub(super) struct Recorder {
    asked: Arc<Mutex<Vec<(Uri, HeaderMap)>>>,
    status: u16,
    content_type: &'static str,
    body: &'static str,
    cookies: Vec<&'static str>,
}

impl Recorder {
    pub(super) fn answering(status: u16, content_type: &'static str, body: &'static str) -> Self {
        Self {
            asked: Arc::default(),
            status,
            content_type,
            body,
            cookies: Vec::new(),
        }
    }

    /// The same with lines of `Set-Cookie`.
    pub(super) fn setting(&self, cookies: &[&'static str]) -> Self {
        Self {
            cookies: cookies.to_vec(),
            ..self.clone()
        }
    }

    pub(super) fn was_asked(&self) -> bool {
        !self.asked.lock().unwrap().is_empty()
    }

    /// The one request since the last time.
    pub(super) fn asked(&self) -> (String, HeaderMap) {
        let mut asked = self.asked.lock().unwrap();
        let (uri, headers) = asked.pop().unwrap();
        assert!(asked.is_empty());
        (uri.to_string(), headers)
    }
}

impl Transport for Recorder {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let asked = (request.uri().clone(), request.headers().clone());
        self.asked.lock().unwrap().push(asked);
        let answer = Response::builder().status(self.status);
        let answer = match self.content_type {
            "" => answer,
            content_type => answer.header("content-type", content_type),
        };
        let set = |answer: response::Builder, line: &&str| answer.header("set-cookie", *line);
        let answer = self.cookies.iter().fold(answer, set);
        Ok(answer.body(Body::from(self.body)).unwrap())
    }
}

#[tokio::test]
async fn credentials_go_where_they_are_asked_for() {
    let recorder = Recorder::answering(200, "application/json", "\"who\"");
    let mut client = security::client(recorder.clone());
    let sent = |recorder: &Recorder| {
        let (uri, headers) = recorder.asked();
        let names = ["authorization", "cookie", "x-key"];
        let found = names.into_iter().filter_map(|name| {
            let value = headers.get(name)?;
            Some(format!("{name}: {}", value.to_str().unwrap()))
        });
        let mut all = vec![uri];
        all.extend(found);
        all.join(" ")
    };
    client.header().await.unwrap();
    assert_eq!(sent(&recorder), "/header");
    client.credentials = security::client::Credentials {
        header_key: Some(ApiKey::new("secret-h")),
        query_key: Some(ApiKey::new("secret q&")),
        cookie_key: Some(ApiKey::new("secret;c")),
        password: Some(Basic::new("ann", "secret-p")),
        token: Some(Bearer::new("secret-t")),
        hashed: Some(HttpCredentials::new("digest", "username=\"ann\"")),
        ..Default::default()
    };
    client.header().await.unwrap();
    assert_eq!(sent(&recorder), "/header x-key: secret-h");
    client.query().await.unwrap();
    assert_eq!(sent(&recorder), "/query?key=secret%20q%26");
    client.cookie().await.unwrap();
    assert_eq!(sent(&recorder), "/cookie cookie: key=secret%3Bc");
    client.basic().await.unwrap();
    assert_eq!(
        sent(&recorder),
        "/basic authorization: Basic YW5uOnNlY3JldC1w"
    );
    client.bearer().await.unwrap();
    assert_eq!(sent(&recorder), "/bearer authorization: Bearer secret-t");
    client.digest().await.unwrap();
    assert_eq!(
        sent(&recorder),
        "/digest authorization: digest username=\"ann\""
    );
    // Whoever asks for none gets none, and of several the first that is whole.
    client.public().await.unwrap();
    assert_eq!(sent(&recorder), "/public");
    client.either().await.unwrap();
    assert_eq!(sent(&recorder), "/either authorization: Bearer secret-t");
    client.credentials.token = None;
    client.credentials.password = None;
    client.several().await.unwrap();
    assert_eq!(
        sent(&recorder),
        "/several?key=secret%20q%26 x-key: secret-h"
    );
    client.credentials.query_key = None;
    client.several().await.unwrap();
    assert_eq!(sent(&recorder), "/several");

    let shown = format!("{client:?}", client = client.credentials);
    assert!(!shown.contains("secret"), "{shown}");
    client.credentials.header_key = Some(ApiKey::new("a\nb"));
    let error = client.header().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request was not sent: a credential holds what no header may hold"
    );
}

#[tokio::test]
async fn options_hold_for_all_requests() {
    let recorder = Recorder::answering(200, "text/plain", "read");
    let mut client = query_parameters::client(recorder.clone());
    client.options.prefix = "/v1/".to_owned();
    client
        .options
        .headers
        .insert("accept", "text/csv".parse().unwrap());
    client
        .options
        .headers
        .insert("x-trace", "7".parse().unwrap());
    client.read(query()).await.unwrap();
    let (uri, headers) = recorder.asked();
    assert_eq!(uri, "/v1/?q=a&limit=20&sort=asc");
    assert_eq!(headers["accept"], "text/csv");
    assert_eq!(headers["x-trace"], "7");
    client.options = Default::default();
    client.read(query()).await.unwrap();
    assert_eq!(recorder.asked().1["accept"], "text/plain; charset=utf-8");
}

pub(super) fn query() -> query_parameters::ReadRequest {
    query_parameters::ReadRequest {
        q: "a".to_owned(),
        limit: 20,
        ratio: None,
        flag: None,
        id: None,
        sort: query_parameters::ReadSort::Asc,
        tag: None,
        day: None,
        a_b: None,
        free: None,
    }
}

#[tokio::test]
async fn what_cannot_be_written_is_not_sent() {
    let recorder = Recorder::answering(200, "text/plain", "read");
    let client = query_parameters::client(&recorder);
    let request = query_parameters::ReadRequest {
        limit: 101,
        tag: Some(vec!["a".to_owned(), "a".to_owned()]),
        ..query()
    };
    let error = client.read(request).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request was not sent: it breaks rules of the document\n\
         query limit: must be at most 100\n\
         query tag: must not have equal items"
    );
    let ClientError::Request(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.violations().unwrap().len(), 2);
    // An empty list has no trace in this style.
    let request = query_parameters::ReadRequest {
        tag: Some(Vec::new()),
        ..query()
    };
    let error = client.read(request).await.unwrap_err();
    assert!(error.to_string().contains("another value"), "{error}");

    let client = content_parameters::client(&recorder);
    let infinite = content_parameters::Point {
        x: f64::INFINITY,
        y: None,
    };
    let request = content_parameters::JsonRequest {
        search: Some(infinite),
    };
    let error = client.json(request).await.unwrap_err();
    assert!(error.to_string().contains("`search`"), "{error}");

    let client = bytes::client(&recorder);
    for path in [".", ".."] {
        let client = responses::client(client.transport);
        let kind = path.to_owned();
        let error = client.answer(responses::AnswerRequest { kind }).await;
        assert!(error.unwrap_err().to_string().contains("segment"));
    }
    assert!(recorder.asked.lock().unwrap().is_empty());
}

async fn read(
    client: &responses::client::Client<impl Transport>,
    kind: &str,
) -> Result<responses::AnswerResponse, ClientError<responses::AnswerError>> {
    let kind = kind.to_owned();
    client.answer(responses::AnswerRequest { kind }).await
}

#[tokio::test]
async fn every_documented_answer_comes_as_what_the_handler_returned() {
    use responses::{AnswerError, AnswerResponse, Missing, Thing};

    let service = App::new(responses::api(Echo)).into_service().unwrap();
    let client = responses::client(&service);
    assert_eq!(
        read(&client, "ok").await.unwrap(),
        AnswerResponse::Ok(Thing { size: 9 })
    );
    assert_eq!(
        read(&client, "tags").await.unwrap(),
        AnswerResponse::Accepted {
            retry_after: 30,
            x_tags: Some(vec!["a".to_owned(), "b c".to_owned()]),
        }
    );
    assert_eq!(
        read(&client, "nothing").await.unwrap(),
        AnswerResponse::NoContent
    );
    let documented = async |kind| read(&client, kind).await.unwrap_err().documented().unwrap();
    assert!(matches!(
        documented("missing").await,
        AnswerError::NotFound(Missing(Thing { size: 1 }))
    ));
    assert!(matches!(
        documented("teapot").await,
        AnswerError::ClientError {
            status: StatusCode::IM_A_TEAPOT,
            body: Thing { size: 2 }
        }
    ));
    assert!(matches!(
        documented("gateway").await,
        AnswerError::Default {
            status: StatusCode::BAD_GATEWAY,
            body: Thing { size: 5 }
        }
    ));
    // Its status is documented, and its body is another.
    let error = read(&client, "problem").await.unwrap_err();
    let response = error.response().unwrap();
    assert_eq!(
        (response.operation.id, response.status),
        ("answer", StatusCode::SERVICE_UNAVAILABLE)
    );
    assert!(
        matches!(response.fault, ResponseFault::Invalid(_)),
        "{error}"
    );
    responses::client(&service).remove().await.unwrap();

    let service = App::new(response_headers::api(Echo))
        .into_service()
        .unwrap();
    let client = response_headers::client(&service);
    let kind = "all".to_owned();
    let answer = client
        .answer(response_headers::AnswerRequest { kind })
        .await
        .unwrap();
    assert_eq!(answer.x_exploded.unwrap().name.unwrap(), "dark red");
    assert_eq!(
        answer.x_json.unwrap()[0].name.as_deref(),
        Some("r\u{e9}, \u{1f534}")
    );
    assert_eq!(
        answer.set_cookie.unwrap(),
        ["a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT", "b=2"]
    );
}

#[tokio::test]
async fn an_answer_that_is_not_described_says_why() {
    let answers = [
        (
            200,
            "application/json",
            "{\"size\": 12}",
            "`answer` answered 200 OK: it is not what the document says:\nbody /size: must be at most 9",
        ),
        (
            200,
            "application/json",
            "{",
            "`answer` answered 200 OK: its body is malformed: it is not JSON: expected a key or `}`, found the end at line 1 column 2",
        ),
        (
            200,
            "text/html",
            "<p>",
            "`answer` answered 200 OK: its content type must be application/json",
        ),
        (
            202,
            "",
            "",
            "`answer` answered 202 Accepted: it is not what the document says:\nheader Retry-After: is required",
        ),
        (
            204,
            "text/plain",
            "something",
            "`answer` answered 204 No Content: it has a body, and the document declares none",
        ),
    ];
    for (status, content_type, body, words) in answers {
        let client = responses::client(Recorder::answering(status, content_type, body));
        let error = read(&client, "a").await.unwrap_err();
        assert_eq!(error.to_string(), words);
        assert_eq!(format!("{error:?}"), format!("Response({words})"));
    }
    let client = bytes::client(Recorder::answering(418, "text/plain", "short and stout"));
    let error = client
        .put_text(bytes::PutTextRequest {
            body: "a".to_owned(),
        })
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`putText` answered 418 I'm a teapot: the document does not describe this status\nshort and stout"
    );
}

/// A server that answers its first connection with this text.
async fn answering(text: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        std::future::pending::<()>().await;
    });
    url
}

#[tokio::test]
async fn http_has_limits() {
    let ask = async |transport: HttpTransport| {
        let client = query_parameters::client(transport);
        client.read(query()).await.unwrap_err().to_string()
    };
    let silent = HttpTransport::new(&answering("").await).unwrap();
    let error = ask(silent.timeout(Duration::from_millis(50))).await;
    assert!(error.ends_with("did not answer within 0.05 s"), "{error}");

    let long = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\r\n123456789";
    let limited = HttpTransport::new(&answering(long).await).unwrap();
    let error = ask(limited.response_limit(8)).await;
    assert!(error.contains("length limit exceeded"), "{error}");

    let elsewhere =
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n";
    let error = ask(HttpTransport::new(&answering(elsewhere).await).unwrap()).await;
    assert!(
        error.contains("302 Found: the document does not describe"),
        "{error}"
    );

    for (url, why) in [
        ("shop.example", "is none"),
        ("ftp://shop.example", "must begin"),
        (
            "http://ann:secret@shop.example",
            "must not hold credentials",
        ),
        ("http://shop.example/?a=b", "must end with its path"),
    ] {
        let error = HttpTransport::new(url).unwrap_err().to_string();
        assert!(error.contains(why) && !error.contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn authorities_are_those_that_are_given() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let app = App::new(query_parameters::api(Echo));
    let app = app.tls("fixtures/tls/server.pem", "fixtures/tls/server-key.pem");
    let server = tokio::spawn(app.serve_until(listener, std::future::pending));
    let ask = async |authority: &[u8]| {
        let transport = HttpTransport::with_authorities(&url, authority).unwrap();
        query_parameters::client(transport).read(query()).await
    };
    let authority = std::fs::read("fixtures/tls/authority.pem").unwrap();
    ask(&authority).await.unwrap();
    let other = std::fs::read("fixtures/tls/client.pem").unwrap();
    let error = ask(&other).await.unwrap_err().to_string();
    assert!(
        error.contains("did not answer") && error.contains("certificate"),
        "{error}"
    );
    for none in [
        &b""[..],
        b"no PEM",
        b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    ] {
        let error = HttpTransport::with_authorities(&url, none).unwrap_err();
        assert!(
            error.to_string().contains("no certificates in PEM"),
            "{error}"
        );
    }
    server.abort();
}

#[tokio::test]
async fn files_are_read_while_they_are_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    std::fs::write(&path, vec![7; 100_000]).unwrap();
    let recorder = Recorder::answering(200, "text/plain", "stored");
    let client = uploads::client(&recorder);
    let photo = specwright::Upload::open(&path, "image/png").await.unwrap();
    let request = uploads::AddAlbumRequest {
        body: uploads::AddAlbumRequestBody {
            title: None,
            photos: Some(vec![photo]),
            table: None,
        },
    };
    client.add_album(request).await.unwrap();
    let (_, headers) = recorder.asked();
    let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
    assert!(length > 100_000, "{length}");
}
