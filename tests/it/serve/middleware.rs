//! What stands around all routes and is switched on with one line.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use specwright::axum::body::Body;
use specwright::axum::extract::{ConnectInfo, Request as AxumRequest};
use specwright::axum::{Router, routing::get};
use specwright::http::{HeaderValue, Request, request};
use specwright::{App, Operations, RateLimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower::ServiceExt as _;
use tower_http::cors::{self, CorsLayer};

use super::request::{Answer, send_bare as send_to};
use super::{Echo, numbers, strings};

fn app() -> App {
    App::new(strings::api(Echo))
}

/// Answers with what is known of the client.
fn who() -> Router {
    Router::new().route(
        "/who",
        get(async |request: AxumRequest| {
            let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
            let scheme = request.extensions().get::<specwright::http::uri::Scheme>();
            format!(
                "{} {} {:?} {:?}",
                peer.map_or_else(String::new, |it| it.0.ip().to_string()),
                scheme.map_or("-", |it| it.as_str()),
                request.headers().get("host"),
                request.headers().get("x-forwarded-for"),
            )
        }),
    )
}

fn from(peer: &str) -> request::Builder {
    let peer: SocketAddr = peer.parse().unwrap();
    Request::get("/who")
        .header("host", "inner")
        .extension(ConnectInfo(peer))
}

fn empty(request: request::Builder) -> Request<Body> {
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn what_proxies_say_counts_only_where_they_are_trusted() {
    let app = || app().merge(who()).trusted_proxies(["10.0.0.0/8", "::1"]);
    let proxied = |peer| {
        from(peer)
            .header("x-forwarded-for", "1.1.1.1, 203.0.113.7")
            .header("x-forwarded-for", "10.9.9.9")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", "shop.example")
    };
    for (request, wanted) in [
        // The nearest address that no proxy has; what is before it could be made up.
        (
            proxied("10.1.2.3:5"),
            r#"203.0.113.7 https Some("shop.example") Some("1.1.1.1, 203.0.113.7")"#,
        ),
        (
            proxied("[::1]:5"),
            r#"203.0.113.7 https Some("shop.example") Some("1.1.1.1, 203.0.113.7")"#,
        ),
        (
            proxied("[::ffff:10.1.2.3]:5"),
            r#"203.0.113.7 https Some("shop.example") Some("1.1.1.1, 203.0.113.7")"#,
        ),
        (proxied("11.0.0.1:5"), r#"11.0.0.1 - Some("inner") None"#),
        (
            from("10.1.2.3:5").header("x-forwarded-for", "evil, 10.1.1.1"),
            r#"10.1.2.3 - Some("inner") Some("evil, 10.1.1.1")"#,
        ),
        (
            from("10.1.2.3:5").header("x-forwarded-for", "[2001:db8::1]:443"),
            r#"2001:db8::1 - Some("inner") Some("[2001:db8::1]:443")"#,
        ),
        (
            from("10.1.2.3:5")
                .header("x-forwarded-host", "a b")
                .header("x-forwarded-proto", "gopher"),
            r#"10.1.2.3 - Some("inner") None"#,
        ),
        // Nobody is known to be a proxy.
        (
            Request::get("/who").header("x-forwarded-for", "1.1.1.1"),
            " - None None",
        ),
    ] {
        let answer = send_to(app(), empty(request)).await;
        assert_eq!(answer.text(), wanted);
    }
}

#[tokio::test]
async fn requests_are_for_trusted_hosts_only() {
    let app = || {
        app()
            .merge(who())
            .trusted_hosts(["Example.com", "*.example.org"])
    };
    for (host, status) in [
        (Some("example.com"), 200),
        (Some("EXAMPLE.com:8000"), 200),
        (Some("a.example.org"), 200),
        (Some("a.b.example.org:1"), 200),
        (Some("example.org"), 400),
        (Some("badexample.org"), 400),
        (Some("example.com.evil"), 400),
        (Some("user@example.com"), 400),
        (Some(""), 400),
        (None, 400),
    ] {
        let mut request = Request::get("/who");
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let answer = send_to(app(), empty(request)).await;
        assert_eq!(answer.status, status, "{host:?}: {}", answer.text());
    }
    let twice = Request::get("/who")
        .header("host", "example.com")
        .header("host", "evil.com");
    assert_eq!(send_to(app(), empty(twice)).await.status, 400);
    // Where the target says it, nobody is told otherwise.
    let target = Request::get("http://example.com/who").header("host", "evil.example");
    assert_eq!(
        send_to(app(), empty(target)).await.text(),
        r#" - Some("example.com") None"#
    );
    let proxied = from("10.0.0.1:1")
        .uri("http://inner/who")
        .header("x-forwarded-host", "example.com");
    let answer = send_to(app().trusted_proxies(["10.0.0.1"]), empty(proxied)).await;
    assert_eq!(answer.text(), r#"10.0.0.1 - Some("example.com") None"#);
}

#[tokio::test]
async fn plain_http_is_sent_to_https() {
    let app = || {
        app()
            .merge(who())
            .https_redirect(true)
            .trusted_proxies(["10.0.0.0/8"])
    };
    let request = Request::get("/who?a=%20b").header("host", "example.com:80");
    let answer = send_to(app(), empty(request)).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (307, Some("https://example.com/who?a=%20b"))
    );
    let secure = from("10.0.0.1:1").header("x-forwarded-proto", "https");
    assert_eq!(send_to(app(), empty(secure)).await.status, 200);
    let nowhere = Request::get("/who");
    assert_eq!(send_to(app(), empty(nowhere)).await.status, 400);
}

#[tokio::test]
async fn pages_of_other_origins_may_call() {
    let app = || app().cors(["https://shop.example.com", "http://localhost:3000"]);
    let preflight = |origin: &str| {
        empty(
            Request::options("/")
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type"),
        )
    };
    let answer = send_to(app(), preflight("https://shop.example.com")).await;
    assert_eq!(answer.status, 200);
    for (name, value) in [
        ("access-control-allow-origin", "https://shop.example.com"),
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "content-type"),
        ("access-control-max-age", "600"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let answer = send_to(app(), preflight("https://evil.example")).await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    // What is refused can be read by the page, and so can what was limited.
    let faulty = || {
        Request::post("/")
            .header("origin", "http://localhost:3000")
            .header("content-type", "application/json")
            .body(Body::from("1"))
            .unwrap()
    };
    let service = app()
        .rate_limit(RateLimit::per_minute(1))
        .into_service()
        .unwrap();
    for status in [422, 429] {
        let response = service.clone().oneshot(faulty()).await.unwrap();
        let answer = Answer::of(response).await;
        assert_eq!(answer.status, status);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("http://localhost:3000")
        );
    }
    // What is no preflight is the operation's, or tells of the methods of its path.
    let options = Request::options("/").header("origin", "http://localhost:3000");
    let answer = send_to(app(), empty(options)).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (204, Some("POST, OPTIONS"))
    );
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("http://localhost:3000")
    );
    let any = App::new(numbers::api(Echo)).cors(["*"]);
    let answer = send_to(any, preflight("https://anywhere.example")).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

/// Clients of a Unix socket have no address, and are the proxy in front, or nobody knows.
#[cfg(unix)]
#[tokio::test]
async fn who_connects_to_a_unix_socket_can_be_a_proxy() {
    for (trusted, wanted) in [
        (
            "unix",
            r#"203.0.113.7 https Some("inner") Some("203.0.113.7")"#,
        ),
        ("127.0.0.1", r#" - Some("inner") None"#),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.sock");
        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        let app = app().merge(who()).trusted_proxies([trusted]);
        tokio::spawn(app.serve_until(listener, std::future::pending::<()>));
        let mut stream = tokio::net::UnixStream::connect(&path).await.unwrap();
        let request = "GET /who HTTP/1.1\r\nhost: inner\r\nconnection: close\r\n\
            x-forwarded-for: 203.0.113.7\r\nx-forwarded-proto: https\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert!(text.ends_with(&format!("\r\n\r\n{wanted}")), "{text}");
    }
    // Who asks would be one client for all, and a redirect would never end.
    let app = || app().bind("unix:shop.sock");
    let faulty = || {
        app()
            .rate_limit(RateLimit::per_second(1))
            .https_redirect(true)
    };
    let error = faulty().into_service().unwrap_err().to_string();
    for part in ["`rate_limit` cannot work", "`https_redirect` cannot work"] {
        assert!(error.contains(part), "{error}");
    }
    assert!(faulty().trusted_proxies(["unix"]).into_service().is_ok());
}

/// A page has to see that its request took too long, or that the server failed.
#[tokio::test]
async fn pages_of_other_origins_see_what_the_guards_answer() {
    let routes = Router::new()
        .route("/slow", get(async || std::future::pending::<()>().await))
        .route("/panic", get(async || -> () { panic!("the shelf fell") }));
    let service = app()
        .merge(routes)
        .cors(["https://Shop.example.com:443"])
        .request_timeout(Duration::from_millis(20))
        .into_service()
        .unwrap();
    for (path, status) in [("/slow", 503), ("/panic", 500)] {
        let request = Request::get(path).header("origin", "https://shop.example.com");
        let response = service.clone().oneshot(empty(request)).await.unwrap();
        let answer = Answer::of(response).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("https://shop.example.com")
        );
        assert!(answer.header("x-request-id").is_some());
    }
}

/// With cookies, too, a page has to see what the guards answer.
#[tokio::test]
async fn a_layer_of_your_own_says_who_may_call() {
    let routes = Router::new().route("/panic", get(async || -> () { panic!("the shelf fell") }));
    let layer = CorsLayer::new()
        .allow_origin(HeaderValue::from_static("https://shop.example.com"))
        .allow_credentials(true);
    let app = app().merge(routes).cors_layer(layer);
    let request = Request::get("/panic").header("origin", "https://shop.example.com");
    let answer = send_to(app, empty(request)).await;
    assert_eq!(answer.status, 500);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://shop.example.com")
    );
    assert_eq!(
        answer.header("access-control-allow-credentials"),
        Some("true")
    );
}

#[test]
#[should_panic = "Cannot combine `Access-Control-Allow-Credentials: true`"]
fn cookies_for_all_origins_are_told_at_once() {
    let _ = app().cors_layer(
        CorsLayer::new()
            .allow_origin(cors::Any)
            .allow_credentials(true),
    );
}

#[tokio::test]
async fn what_cannot_be_meant_keeps_the_app_from_starting() {
    let faulty = app()
        .cors(["shop.example.com/"])
        .trusted_hosts(["a.example:80", "*.b.example"])
        .trusted_proxies(["10.0.0.0/99", "10.0.0.1", "proxy"])
        .rate_limit(RateLimit::per_second(1))
        .bare();
    let error = faulty.into_service().unwrap_err().to_string();
    for part in [
        "`shop.example.com/`",
        "`a.example:80`",
        "`10.0.0.0/99`",
        "`proxy`",
        "`trusted_proxies` cannot",
        "`rate_limit` cannot",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(error.lines().count(), 6, "{error}");
    for origin in [
        "https://*.example.com",
        "https://user@a.example",
        "a.example",
    ] {
        assert!(app().cors([origin]).into_service().is_err(), "{origin}");
    }
}

#[tokio::test]
async fn who_asks_too_often_has_to_wait() {
    let service = app()
        .merge(who())
        .rate_limit(RateLimit::per_minute(1).burst(2))
        .into_service()
        .unwrap();
    let ask = async |peer: &str| {
        let response = service.clone().oneshot(empty(from(peer))).await.unwrap();
        Answer::of(response).await
    };
    for status in [200, 200, 429] {
        assert_eq!(ask("192.0.2.1:1").await.status, status);
    }
    let refused = ask("192.0.2.1:2").await;
    assert_eq!(refused.summary(), "429");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    // Others have an allowance of their own; those of one IPv6 network share theirs.
    assert_eq!(ask("192.0.2.2:1").await.status, 200);
    assert_eq!(ask("[2001:db8::1]:1").await.status, 200);
    assert_eq!(ask("[2001:db8::2]:1").await.status, 200);
    assert_eq!(ask("[2001:db8::3]:1").await.status, 429);
    assert_eq!(ask("[2001:db8:0:1::3]:1").await.status, 200);
}

#[tokio::test]
async fn what_is_guessed_at_can_be_limited_alone() {
    let limited = || {
        app()
            .merge(who())
            .rate_limit_for(Operations::id("echo"), RateLimit::per_minute(1).burst(2))
    };
    let service = limited().into_service().unwrap();
    let ask = async |peer: &str| {
        let peer: SocketAddr = peer.parse().unwrap();
        let request = Request::post("/")
            .header("content-type", "application/json")
            .extension(ConnectInfo(peer))
            .body(Body::from("{}"));
        let response = service.clone().oneshot(request.unwrap()).await.unwrap();
        Answer::of(response).await
    };
    for status in [200, 200, 429] {
        assert_eq!(ask("192.0.2.1:1").await.status, status);
    }
    let refused = ask("192.0.2.1:1").await;
    assert!(refused.header("retry-after").is_some());
    assert_eq!(
        refused.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(ask("192.0.2.2:1").await.status, 200);
    let other = service.clone().oneshot(empty(from("192.0.2.1:1"))).await;
    assert_eq!(other.unwrap().status(), 200);

    let missing = app().rate_limit_for(Operations::id("ehco"), RateLimit::per_minute(1));
    let error = missing.into_service().unwrap_err().to_string();
    assert!(
        error.contains("a layer for the operation `ehco`"),
        "{error}"
    );
    assert!(limited().bare().into_service().is_err());
}

#[tokio::test]
async fn long_responses_are_compressed() {
    let long = format!(r#"{{"min_length":"{}"}}"#, "a".repeat(4000));
    let request = |encoding: &str, body: &str| {
        Request::post("/")
            .header("content-type", "application/json")
            .header("accept-encoding", encoding)
            .body(Body::from(body.to_owned()))
            .unwrap()
    };
    for encoding in ["gzip", "br", "zstd"] {
        let answer = send_to(app().compression(true), request(encoding, &long)).await;
        assert_eq!(answer.header("content-encoding"), Some(encoding));
        assert!(answer.body.len() < 1000, "{}", answer.body.len());
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
    }
    let answer = send_to(app().compression(true), request("identity", &long)).await;
    assert_eq!(answer.header("content-encoding"), None);
    let answer = send_to(app().compression(true), request("gzip", r#"{"a":1}"#)).await;
    assert_eq!(answer.header("content-encoding"), None);
    // The work is done by then, so nothing is refused.
    for accepted in ["identity;q=0", "*;q=0", "br;q=0, identity;q=0.0"] {
        let answer = send_to(app().compression(true), request(accepted, &long)).await;
        assert_eq!(answer.status, 200, "{accepted}");
    }
    let answer = send_to(
        app().compression(true),
        request("identity;q=0, gzip;q=0.5", &long),
    )
    .await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
}

#[tokio::test]
async fn files_are_served_beside_the_api() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("folder");
    fs::create_dir_all(folder.join("sub")).unwrap();
    fs::write(folder.join("index.html"), "<p>home").unwrap();
    fs::write(folder.join("a.txt"), "0123456789".repeat(20)).unwrap();
    fs::write(folder.join("sub/index.html"), "<p>sub").unwrap();
    fs::write(root.path().join("secret.txt"), "secret").unwrap();
    let app = || app().merge(who()).static_files("/assets", &folder);
    for (path, wanted) in [
        ("/assets/", "200 <p>home"),
        ("/assets/index%2ehtml", "200 <p>home"),
        ("/assets/sub/", "200 <p>sub"),
        ("/who", "200  - None None"),
    ] {
        let answer = send_to(app(), empty(Request::get(path))).await;
        assert_eq!(
            format!("{} {}", answer.status, answer.text()),
            wanted,
            "{path}"
        );
    }
    for (path, location) in [
        ("/assets/sub?a=b", "/assets/sub/?a=b"),
        ("/assets", "/assets/"),
    ] {
        let answer = send_to(app(), empty(Request::get(path))).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (307, Some(location))
        );
    }
    let file = || Request::get("/assets/a.txt");
    let answer = send_to(app(), empty(file())).await;
    assert_eq!(
        (
            answer.status,
            answer.body.len(),
            answer.header("content-type")
        ),
        (200, 200, Some("text/plain; charset=utf-8"))
    );
    let tag = answer.header("etag").unwrap();
    for (name, value, condition, status) in [
        ("range", "bytes=2-4", ("if-range", tag), 206),
        ("range", "bytes=2-4", ("if-range", "\"old\""), 200),
        ("range", "items=0-1", ("x-none", ""), 200),
        ("range", "bytes=500-", ("x-none", ""), 416),
        ("if-none-match", tag, ("x-none", ""), 304),
        ("if-match", "\"old\"", ("x-none", ""), 412),
    ] {
        let request = file().header(name, value).header(condition.0, condition.1);
        let answer = send_to(app(), empty(request)).await;
        assert_eq!(answer.status, status, "{name}: {value}");
    }
    let head = Request::head("/assets/a.txt").header("range", "bytes=2-4");
    let answer = send_to(app(), empty(head)).await;
    assert_eq!(
        (
            answer.status,
            answer.header("content-length"),
            answer.text()
        ),
        (200, Some("200"), "")
    );
    // Other bytes are another version, but for a client that does not look at them one by one.
    let compressed = file().header("accept-encoding", "gzip");
    let answer = send_to(app().compression(true), empty(compressed)).await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert_eq!(answer.header("etag"), Some(&*format!("W/{tag}")));
    for path in [
        "/assets/none",
        "/assetsx",
        "/assets/../secret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/..%2fsecret.txt",
        "/assets/..%5csecret.txt",
        "/assets//etc/passwd",
        "/assets/sub%2findex.html",
        "/assets/%00",
        "/assets/a.txt/",
        "/assets/a.txt/b",
        &format!("/assets/{}", "a".repeat(300)),
    ] {
        let answer = send_to(app(), empty(Request::get(path))).await;
        assert_eq!(answer.summary(), "404", "{path}");
    }
    // The path of an operation is that operation's.
    assert_eq!(send_to(app(), empty(Request::get("/"))).await.status, 405);
}

#[tokio::test]
async fn every_page_is_the_one_page() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "<p>one").unwrap();
    fs::write(folder.path().join("main.js"), "1").unwrap();
    let app = || app().single_page(folder.path());
    let browser = |path: &str| empty(Request::get(path).header("accept", "text/html,*/*;q=0.8"));
    for (path, wanted) in [
        ("/main.js", "200 1"),
        ("/index.html", "200 <p>one"),
        ("/books/7", "200 <p>one"),
    ] {
        let answer = send_to(app(), browser(path)).await;
        assert_eq!(
            format!("{} {}", answer.status, answer.text()),
            wanted,
            "{path}"
        );
    }
    for accept in ["application/json", "*/*", "text/html;q=0"] {
        let script = Request::get("/books/7").header("accept", accept);
        let answer = send_to(app(), empty(script)).await;
        assert_eq!(
            (answer.summary().as_str(), answer.header("vary")),
            ("404", Some("Accept"))
        );
    }
    let post = Request::post("/books/7").header("accept", "text/html");
    assert_eq!(send_to(app(), empty(post)).await.status, 404);
}
