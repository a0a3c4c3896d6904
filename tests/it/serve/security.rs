//! Security schemes: credentials are asked for before anything else is read.

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{ApiKey, Basic, Bearer, Context, Denied, Unexpected};

use super::request::{Answer, send};

specwright::include_api!(pub mod security);

/// Lets `good` in, knows `poor` but does not let it in, and has never heard of anybody else.
struct Guard;

/// Who is calling, and how they showed it.
struct User(String);

fn admit(scheme: &str, secret: &str) -> Result<User, Denied> {
    match secret {
        "good" => Ok(User(scheme.to_owned())),
        "poor" => Err(Denied::forbidden()),
        _ => Err(Denied::unauthenticated()),
    }
}

impl security::Security for Guard {
    type Principal = User;

    async fn header_key(&self, _: &Context, key: ApiKey, _: &[&str]) -> Result<User, Denied> {
        admit("header", key.as_str())
    }

    async fn query_key(&self, _: &Context, key: ApiKey, _: &[&str]) -> Result<User, Denied> {
        admit("query", key.as_str())
    }

    async fn cookie_key(&self, _: &Context, key: ApiKey, _: &[&str]) -> Result<User, Denied> {
        admit("cookie", key.as_str())
    }

    async fn password(&self, _: &Context, basic: Basic, _: &[&str]) -> Result<User, Denied> {
        admit(basic.username(), basic.password())
    }

    async fn token(&self, _: &Context, token: Bearer, _: &[&str]) -> Result<User, Denied> {
        admit("bearer", token.token())
    }
}

impl security::DefaultApi for Guard {
    async fn header(&self, _: &Context, user: User) -> Result<String, Unexpected> {
        Ok(user.0)
    }

    async fn query(&self, _: &Context, user: User) -> Result<String, Unexpected> {
        Ok(user.0)
    }

    async fn cookie(&self, _: &Context, user: User) -> Result<String, Unexpected> {
        Ok(user.0)
    }

    async fn basic(&self, _: &Context, user: User) -> Result<String, Unexpected> {
        Ok(user.0)
    }

    async fn bearer(&self, _: &Context, user: User) -> Result<String, Unexpected> {
        Ok(user.0)
    }

    async fn either(&self, _: &Context, user: User) -> Result<String, Unexpected> {
        Ok(user.0)
    }

    async fn optional(&self, _: &Context, user: Option<User>) -> Result<String, Unexpected> {
        Ok(user.map_or_else(|| "nobody".to_owned(), |user| user.0))
    }

    async fn public(&self, _: &Context) -> Result<String, Unexpected> {
        Ok("public".to_owned())
    }

    async fn body(
        &self,
        _: &Context,
        user: User,
        _: security::BodyRequest,
    ) -> Result<String, Unexpected> {
        Ok(user.0)
    }
}

async fn get(path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(security::api(Guard), request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn credentials_of_every_scheme() {
    // `emma:good`, `emma:poor` and `emma:bad`.
    let [good, poor, bad] = ["ZW1tYTpnb29k", "ZW1tYTpwb29y", "ZW1tYTpiYWQ="];
    let basic = |text: &str| format!("Basic {text}");
    let table = [
        ("/header", "x-key", "good".to_owned(), r#"200 "header""#),
        ("/header", "x-key", "poor".to_owned(), "403"),
        ("/header", "x-key", "bad".to_owned(), "401"),
        ("/header", "x-other", "good".to_owned(), "401"),
        (
            "/query?key=good",
            "x-key",
            "bad".to_owned(),
            r#"200 "query""#,
        ),
        (
            "/query?key=%67ood",
            "x-key",
            "bad".to_owned(),
            r#"200 "query""#,
        ),
        ("/query?key=poor", "x-key", "good".to_owned(), "403"),
        ("/query?yek=good", "x-key", "good".to_owned(), "401"),
        (
            "/cookie",
            "cookie",
            "a=b; key=good".to_owned(),
            r#"200 "cookie""#,
        ),
        ("/cookie", "cookie", "key=poor".to_owned(), "403"),
        ("/cookie", "cookie", "yek=good".to_owned(), "401"),
        ("/basic", "authorization", basic(good), r#"200 "emma""#),
        (
            "/basic",
            "authorization",
            basic(good).to_lowercase().replace("zw1tytpnb29k", good),
            r#"200 "emma""#,
        ),
        ("/basic", "authorization", basic(poor), "403"),
        ("/basic", "authorization", basic(bad), "401"),
        ("/basic", "authorization", basic("!"), "401"),
        ("/basic", "authorization", "Bearer good".to_owned(), "401"),
        (
            "/bearer",
            "authorization",
            "Bearer good".to_owned(),
            r#"200 "bearer""#,
        ),
        (
            "/bearer",
            "authorization",
            "bearer good".to_owned(),
            r#"200 "bearer""#,
        ),
        ("/bearer", "authorization", "Bearer poor".to_owned(), "403"),
        ("/bearer", "authorization", "Bearer ".to_owned(), "401"),
        ("/bearer", "authorization", basic(good), "401"),
    ];
    for (path, name, value, wanted) in table {
        let answer = get(path, &[(name, &value)]).await;
        assert_eq!(answer.summary(), wanted, "{path} {name}: {value}");
        if answer.status == 401 {
            assert!(answer.headers.contains_key("www-authenticate"), "{path}");
        }
    }
}

#[tokio::test]
async fn alternatives_in_the_order_of_the_document() {
    let bearer = ("authorization", "Bearer good");
    let key = ("x-key", "good");
    assert_eq!(
        get("/either", &[bearer, key]).await.summary(),
        r#"200 "bearer""#
    );
    assert_eq!(get("/either", &[bearer]).await.summary(), r#"200 "bearer""#);
    assert_eq!(get("/either", &[key]).await.summary(), r#"200 "header""#);
    assert_eq!(get("/either", &[]).await.status, 401);

    assert_eq!(get("/optional", &[]).await.summary(), r#"200 "nobody""#);
    assert_eq!(
        get("/optional", &[bearer]).await.summary(),
        r#"200 "bearer""#
    );
    assert_eq!(get("/public", &[]).await.summary(), r#"200 "public""#);
}

#[tokio::test]
async fn the_body_of_a_stranger_is_not_read() {
    let post = async |secret: &str, content_type: &str, body: &'static str| {
        let request = Request::post("/body")
            .header("authorization", format!("Bearer {secret}"))
            .header("content-type", content_type)
            .body(Body::from(body));
        send(security::api(Guard), request.unwrap()).await.summary()
    };
    assert_eq!(post("bad", "text/plain", "{").await, "401");
    assert_eq!(post("poor", "text/plain", "{").await, "403");
    assert_eq!(post("good", "text/plain", "{").await, "415");
    assert_eq!(post("good", "application/json", "{").await, "400");
    assert_eq!(
        post("good", "application/json", "\"1\"").await,
        "422 body type"
    );
    assert_eq!(
        post("good", "application/json", "1").await,
        r#"200 "bearer""#
    );
}
