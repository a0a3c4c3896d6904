//! What a client does not send, and which of several credentials it sends.

use specwright::{ApiKey, Basic, Bearer, ClientError, Upload};

use super::typed::Recorder;
use crate::serve::security::security;
use crate::serve::uploads::uploads;

specwright::include_api!(pub mod client_refusals);

use client_refusals::client::{Client, Credentials};
use client_refusals::{
    BooksRequest, DoubledRequest, TracedRequest, UserAsJsonRequest, UserRequest,
};

fn client(recorder: &Recorder) -> Client<Recorder> {
    client_refusals::client(recorder.clone())
}

/// Why a request was not sent.
fn why<S, E: std::fmt::Debug>(answer: Result<S, ClientError<E>>) -> String {
    match answer.err() {
        Some(ClientError::Request(error)) => error.to_string(),
        Some(error) => panic!("{error}"),
        None => panic!("it was sent"),
    }
}

#[tokio::test]
async fn a_known_secret_comes_before_a_certificate() {
    let recorder = Recorder::answering(204, "", "");
    let mut client = client(&recorder);
    client.certified().await.unwrap();
    assert!(!recorder.asked().1.contains_key("authorization"));
    client.credentials = Credentials::token(Bearer::new("t"));
    client.certified().await.unwrap();
    assert_eq!(recorder.asked().1["authorization"], "Bearer t");
}

#[tokio::test]
async fn a_parameter_does_not_take_the_place_of_a_credential() {
    let recorder = Recorder::answering(204, "", "");
    let mut client = client(&recorder);
    let request = |x_key: Option<&str>| DoubledRequest {
        x_key: x_key.map(str::to_owned),
    };
    client.doubled(request(Some("a"))).await.unwrap();
    assert_eq!(recorder.asked().1["x-key"], "a");
    client.credentials = Credentials::key(ApiKey::new("secret"));
    // The server would read the credential as the parameter, which has no value.
    let said = why(client.doubled(request(None)).await);
    assert!(said.contains("another value"), "{said}");
    let said = why(client.doubled(request(Some("a"))).await);
    assert_eq!(
        said,
        "the request was not sent: the header parameter `x-key` cannot be written: a credential is sent in this header"
    );
}

#[tokio::test]
async fn credentials_read_back() {
    let recorder = Recorder::answering(200, "application/json", "\"who\"");
    let mut client = security::client(recorder.clone());
    for key in ["", " a", "a ", "a\u{e9}"] {
        client.credentials = security::client::Credentials::header_key(ApiKey::new(key));
        let said = why(client.header().await);
        assert!(
            said.contains("`X-Key`") || said.contains("no header"),
            "{said}"
        );
        client.credentials = security::client::Credentials::token(Bearer::new(key));
        let said = why(client.bearer().await);
        assert!(
            said.contains("`Authorization`") || said.contains("no header"),
            "{said}"
        );
    }
    client.credentials = security::client::Credentials::query_key(ApiKey::new(""));
    assert!(why(client.query().await).contains("`key`"));
    client.credentials = security::client::Credentials::cookie_key(ApiKey::new(""));
    assert!(why(client.cookie().await).contains("`key`"));
    client.credentials = security::client::Credentials::password(Basic::new("a:b", "c"));
    assert!(why(client.basic().await).contains("colon"));
    assert!(!recorder.was_asked());

    // What is sent reads as what it is, as few signs as there may be encoded, and is not shown.
    let key = "a+b/c=d!#$&'()*:<>?@[]^`{|}~ %;,\"\\\u{e9}";
    client.credentials = security::client::Credentials::cookie_key(ApiKey::new(key));
    client.cookie().await.unwrap();
    let (_, headers) = recorder.asked();
    assert_eq!(
        headers["cookie"],
        "key=a+b/c=d!#$&'()*:<>?@[]^`{|}~%20%25%3B%2C%22%5C%C3%A9"
    );
    assert!(headers["cookie"].is_sensitive());
}

#[tokio::test]
async fn options_stand_for_no_parameter_and_no_credential() {
    let recorder = Recorder::answering(404, "", "");
    let request = |x_trace: Option<&str>, theme: Option<&str>| TracedRequest {
        x_trace: x_trace.map(str::to_owned),
        theme: theme.map(str::to_owned),
    };
    let with = |name: &'static str, value: &str| {
        let mut client = client(&recorder);
        client.options.headers.insert(name, value.parse().unwrap());
        client
    };
    let traced = with("x-trace", "7");
    let said = why(traced.traced(request(None, None)).await);
    assert!(
        said.contains("the header `x-trace` of the client's options"),
        "{said}"
    );
    for cookie in ["theme=dark", "lang=en; session=7"] {
        let said = why(with("cookie", cookie).traced(request(None, None)).await);
        assert!(said.contains("of the client's options"), "{said}");
    }
    let doubled = with("x-key", "7");
    let said = why(doubled.doubled(DoubledRequest { x_key: None }).await);
    assert!(
        said.contains("the header `x-key` of the client's options"),
        "{said}"
    );
    let certified = with("authorization", "Bearer t");
    assert!(why(certified.certified().await).contains("`authorization`"));
    assert!(!recorder.was_asked());

    // What the request has itself is sent.
    let _ = traced.traced(request(Some("8"), None)).await;
    assert_eq!(recorder.asked().1["x-trace"], "8");
    let mut client = with("cookie", "theme=dark; lang=en");
    client.credentials = Credentials::session(ApiKey::new("s"));
    let _ = client.traced(request(None, Some("light"))).await;
    assert_eq!(
        recorder.asked().1["cookie"],
        "session=s; theme=light; lang=en"
    );
}

#[tokio::test]
async fn a_path_of_another_operation_is_not_asked_for() {
    let recorder = Recorder::answering(204, "", "");
    let client = client(&recorder);
    let user = |id: &str| UserRequest { id: id.to_owned() };
    assert_eq!(
        why(client.user(user("me")).await),
        "the request was not sent: its path is that of `/users/me`, which is another operation's"
    );
    assert!(why(client.user(user("a.json")).await).contains("`/users/{id}.json`"));
    assert!(!recorder.was_asked());
    client.user(user("you")).await.unwrap();
    assert_eq!(recorder.asked().0, "/users/you");
    // Others do not stand in their way.
    client.me().await.unwrap();
    assert_eq!(recorder.asked().0, "/users/me");
    let id = "me".to_owned();
    client
        .user_as_json(UserAsJsonRequest { id: id.clone() })
        .await
        .unwrap();
    assert_eq!(recorder.asked().0, "/users/me.json");
    client.books(BooksRequest { id }).await.unwrap();
    assert_eq!(recorder.asked().0, "/users/me/books");
}

#[tokio::test]
async fn a_file_without_name_and_bytes_is_no_file() {
    let recorder = Recorder::answering(200, "text/plain", "stored");
    let client = uploads::client(recorder.clone());
    let request = |photo: Upload| uploads::AddAlbumRequest {
        body: uploads::AddAlbumRequestBody {
            title: None,
            photos: Some(vec![photo]),
            table: None,
        },
    };
    let photo = |name: &str, bytes: &'static [u8]| Upload::new(name, "image/png", bytes);
    // So forms of browsers say that no file was chosen.
    let _ = why(client.add_album(request(photo("", b""))).await);
    assert!(!recorder.was_asked());
    for photo in [photo("a.png", b""), photo("", b"a"), photo("a.png", b"a")] {
        client.add_album(request(photo)).await.unwrap();
        recorder.asked();
    }
}

#[tokio::test]
async fn an_error_without_content_may_have_any_body() {
    let request = || TracedRequest {
        x_trace: None,
        theme: None,
    };
    for (content_type, body) in [
        ("", ""),
        ("text/plain", "gone"),
        (
            "application/problem+json",
            r#"{"title":"Not Found","status":404}"#,
        ),
    ] {
        let recorder = Recorder::answering(404, content_type, body);
        let error = client(&recorder).traced(request()).await.unwrap_err();
        assert!(
            matches!(
                error,
                ClientError::Documented(client_refusals::TracedError::NotFound)
            ),
            "{error}"
        );
    }
    // A success has none.
    let recorder = Recorder::answering(204, "text/plain", "done");
    let error = client(&recorder).certified().await.unwrap_err();
    assert!(error.to_string().contains("it has a body"), "{error}");
}

#[tokio::test]
async fn one_of_several_cookies_is_the_one_that_is_described() {
    let request = || TracedRequest {
        x_trace: None,
        theme: None,
    };
    let recorder = Recorder::answering(200, "", "");
    let own = recorder.setting(&[
        "lang=en; Path=/",
        "id=7; Expires=Wed, 01 Jan 2031 00:00:00 GMT",
    ]);
    let answer = client(&own).traced(request()).await.unwrap();
    assert_eq!(
        answer.set_cookie,
        "id=7; Expires=Wed, 01 Jan 2031 00:00:00 GMT"
    );
    for lines in [&["lang=en"][..], &["lang=en", "theme=dark"], &[]] {
        let own = recorder.setting(lines);
        let error = client(&own).traced(request()).await.unwrap_err();
        assert!(matches!(error, ClientError::Response(_)), "{error}");
    }
}

#[tokio::test]
async fn answers_have_a_limit() {
    let recorder = Recorder::answering(200, "application/json", "\"who\"");
    let mut client = security::client(recorder);
    client.options.response_limit = 5;
    client.public().await.unwrap();
    client.options.response_limit = 4;
    let error = client.public().await.unwrap_err();
    assert!(matches!(error, ClientError::Transport(_)), "{error}");
    assert!(
        error.to_string().contains("length limit exceeded"),
        "{error}"
    );
}
