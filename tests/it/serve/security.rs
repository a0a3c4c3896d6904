//! Security schemes: credentials are asked for before anything else is read.

use bytes::Bytes;
use specwright::axum::body::Body;
use specwright::http::{HeaderValue, Request};
use specwright::{
    ApiKey, App, Basic, Bearer, Context, Denied, HttpCredentials, PeerCertificate, Problem,
    StatusCode, Unexpected,
};

use super::request::{Answer, send, send_bare};

specwright::include_api!(pub mod security);

/// Lets `good` in, knows `poor` but does not let it in, and has never heard of anybody else.
struct Guard;

/// Who is calling, and how they showed it.
#[derive(Clone)]
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
        if token.token() == "broken" {
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE).into());
        }
        admit("bearer", token.token())
    }

    async fn call(&self, _: &Context, call: ApiKey, _: &[&str]) -> Result<User, Denied> {
        admit("call", call.as_str())
    }

    async fn app(&self, _: &Context, app: ApiKey, _: &[&str]) -> Result<User, Denied> {
        admit("app", app.as_str())
    }

    async fn certificate(
        &self,
        _: &Context,
        certificate: PeerCertificate,
        _: &[&str],
    ) -> Result<User, Denied> {
        assert_eq!(certificate.chain().len(), 2);
        admit("certificate", &String::from_utf8_lossy(certificate.der()))
    }

    async fn hashed(
        &self,
        _: &Context,
        hashed: HttpCredentials,
        _: &[&str],
    ) -> Result<User, Denied> {
        assert_eq!(hashed.scheme(), "digest");
        let response = hashed.parameter("response").unwrap_or_default();
        let admitted = admit(&hashed.parameter("username").unwrap_or_default(), &response);
        match response.as_str() {
            "stale" => admitted.map_err(|denied| {
                denied.with_challenge(HeaderValue::from_static("digest nonce=\"2\", stale=true"))
            }),
            _ => admitted,
        }
    }

    async fn api_key(&self, _: &Context, key: ApiKey, _: &[&str]) -> Result<User, Denied> {
        admit("one", key.as_str())
    }

    async fn api_key2(&self, _: &Context, key: ApiKey, _: &[&str]) -> Result<User, Denied> {
        admit("other", key.as_str())
    }

    async fn cx_and_scopes(
        &self,
        _: &Context,
        cx: ApiKey,
        scopes: ApiKey,
        asked: [&[&str]; 2],
    ) -> Result<User, Denied> {
        assert_eq!(asked, [&[][..], &["a"]]);
        admit("cx", cx.as_str())?;
        admit("both", scopes.as_str())
    }

    async fn header_key_and_query_key(
        &self,
        _: &Context,
        header: ApiKey,
        query: ApiKey,
        _: [&[&str]; 2],
    ) -> Result<User, Denied> {
        admit("header", header.as_str())?;
        admit("both", query.as_str())
    }
}

impl security::DefaultApi for Guard {
    async fn named(&self, _: &Context, user: User) -> Result<String, Unexpected> {
        Ok(user.0)
    }

    async fn several(&self, _: &Context, user: User) -> Result<String, Unexpected> {
        Ok(user.0)
    }

    async fn last(&self, _: &Context, user: User) -> Result<String, Unexpected> {
        Ok(user.0)
    }

    async fn maybe(&self, cx: &Context, user: Option<User>) -> Result<String, Unexpected> {
        // Dependencies see the same.
        let known = cx.principal::<User>().map(|user| &user.0);
        assert_eq!(known, user.as_ref().map(|user| &user.0));
        Ok(user.map_or_else(|| "nobody".to_owned(), |user| user.0))
    }

    async fn supported(&self, _: &Context, user: User) -> Result<String, Unexpected> {
        Ok(user.0)
    }

    async fn digest(&self, _: &Context, user: User) -> Result<String, Unexpected> {
        Ok(user.0)
    }

    async fn token(&self, _: &Context, user: User) -> Result<String, Unexpected> {
        Ok(user.0)
    }

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
    // The problem of a method that fails is not in the document.
    send_bare(
        App::new(security::api(Guard)),
        request.body(Body::empty()).unwrap(),
    )
    .await
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
        (
            "/digest",
            "authorization",
            r#"DIGEST username="a, \"b\"" , qop=auth,response="good""#.to_owned(),
            r#"200 "a, \"b\"""#,
        ),
        (
            "/digest",
            "authorization",
            "Digest response=poor".to_owned(),
            "403",
        ),
        // Neither names of two words nor the padding of a token are of parameters.
        (
            "/digest",
            "authorization",
            "Digest user name=a, response=good".to_owned(),
            "401",
        ),
        (
            "/digest",
            "authorization",
            "Digest username=a=, response=good".to_owned(),
            "401",
        ),
        (
            "/digest",
            "authorization",
            "Digest username=a/b;c, response=good".to_owned(),
            r#"200 "a/b;c""#,
        ),
        // What says two things, or is cut off, says nothing.
        (
            "/digest",
            "authorization",
            "Digest response=good, response=bad".to_owned(),
            "401",
        ),
        (
            "/digest",
            "authorization",
            "Digest response=good, username=\"".to_owned(),
            "401",
        ),
        ("/digest", "authorization", basic(good), "401"),
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
async fn the_first_alternative_that_accepts_lets_in() {
    let [good, poor, bad, broken] =
        ["good", "poor", "bad", "broken"].map(|word| format!("Bearer {word}"));
    type Row<'t> = (&'t str, &'t [(&'t str, &'t str)], &'t str);
    let table: &[Row<'_>] = &[
        (
            "/either",
            &[("authorization", &bad), ("x-key", "good")],
            r#"200 "header""#,
        ),
        (
            "/either",
            &[("authorization", &poor), ("x-key", "good")],
            r#"200 "header""#,
        ),
        (
            "/either",
            &[("authorization", &good), ("x-key", "bad")],
            r#"200 "bearer""#,
        ),
        (
            "/either",
            &[("authorization", &bad), ("x-key", "bad")],
            "401",
        ),
        // Who is known and may not hears so, in whichever order.
        (
            "/either",
            &[("authorization", &poor), ("x-key", "bad")],
            "403",
        ),
        (
            "/either",
            &[("authorization", &bad), ("x-key", "poor")],
            "403",
        ),
        // What fails is no judgement of the credentials, so the others are not asked.
        (
            "/either",
            &[("authorization", &broken), ("x-key", "good")],
            "503",
        ),
        ("/several?key=good", &[("x-key", "good")], r#"200 "both""#),
        ("/several?key=bad", &[("x-key", "good")], "401"),
        ("/several?key=good", &[("x-key", "poor")], "403"),
        ("/several?key=good", &[], "401"),
        (
            "/several?key=good",
            &[("authorization", &bad), ("x-key", "good")],
            r#"200 "both""#,
        ),
        ("/maybe", &[], r#"200 "nobody""#),
        (
            "/maybe",
            &[("authorization", &bad), ("x-key", "good")],
            r#"200 "header""#,
        ),
        // Credentials that are refused are refused, also where none are needed.
        ("/maybe", &[("authorization", &bad)], "401"),
        ("/maybe", &[("x-key", "poor")], "403"),
        ("/optional", &[("authorization", &bad)], "401"),
        ("/supported", &[("x-key", "good")], r#"200 "header""#),
        ("/supported", &[], "401"),
        ("/token", &[("authorization", &good)], r#"200 "bearer""#),
        ("/token", &[("x-call", "good")], r#"200 "call""#),
        ("/token", &[("x-app", "good")], r#"200 "app""#),
        // Schemes whose names differ in their spelling only, and those named as the methods' own arguments.
        ("/named", &[("x-one", "good")], r#"200 "one""#),
        ("/named", &[("x-other", "good")], r#"200 "other""#),
        (
            "/named",
            &[("x-cx", "good"), ("x-scopes", "good")],
            r#"200 "both""#,
        ),
    ];
    for (path, headers, wanted) in table {
        let answer = get(path, headers).await;
        assert!(
            answer.summary().starts_with(wanted),
            "{path} {headers:?}: {}",
            answer.summary()
        );
    }
}

#[tokio::test]
async fn a_401_tells_every_way_to_be_let_in() {
    let realm = "realm=\"Schemes of security\"";
    let bearer = &*format!("Bearer {realm}");
    let basic = &*format!("Basic {realm}, charset=\"UTF-8\"");
    // What follows is made for the request.
    let digest = &*format!("Digest {realm}, qop=\"auth\", algorithm=SHA-256, nonce=\"");
    for (path, challenges) in [
        ("/bearer", vec![bearer]),
        ("/either", vec![bearer, "ApiKey"]),
        ("/several", vec![bearer, basic, "ApiKey"]),
        ("/supported", vec!["MutualTLS", "ApiKey"]),
        ("/digest", vec![digest]),
        // What is said of the key does not hide what is said of the token.
        ("/last", vec!["ApiKey", bearer, digest]),
    ] {
        // A token that was looked at and is none (RFC 6750, section 3.1).
        let invalid = format!("{bearer}, error=\"invalid_token\"");
        let judged = challenges
            .iter()
            .map(|challenge| match *challenge == bearer {
                true => &*invalid,
                false => challenge,
            });
        for (headers, challenges) in [
            (&[][..], challenges.clone()),
            (
                &[("authorization", "Bearer bad"), ("x-key", "bad")],
                judged.collect(),
            ),
        ] {
            let answer = get(path, headers).await;
            assert_eq!(answer.status, 401, "{path}");
            let sent = answer.headers.get_all("www-authenticate").iter();
            let sent: Vec<_> = sent.map(|it| it.to_str().unwrap()).collect();
            assert_eq!(sent.len(), challenges.len(), "{path} {sent:?}");
            for (sent, challenge) in sent.iter().zip(challenges) {
                match challenge == digest {
                    true => assert!(sent.starts_with(challenge), "{path} {sent}"),
                    false => assert_eq!(*sent, challenge, "{path}"),
                }
            }
        }
    }
}

/// Where nobody says which nonce it is, no two are the same.
#[tokio::test]
async fn a_digest_is_asked_for_as_clients_want_it() {
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let answer = get("/digest", &[]).await;
        let challenge = answer.header("www-authenticate").unwrap();
        let mut client = http_auth::PasswordClient::try_from(challenge).unwrap();
        let answered = client.respond(&http_auth::PasswordParams {
            username: "mia",
            password: "open sesame",
            uri: "/digest",
            method: "GET",
            body: None,
        });
        let credentials = answered.unwrap();
        let credentials = HttpCredentials::new("digest", credentials.split_once(' ').unwrap().1);
        let realm = credentials.parameter("realm");
        assert_eq!(realm.as_deref(), Some("Schemes of security"));
        nonces.push(credentials.parameter("nonce").unwrap());
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn a_challenge_may_be_made_for_the_request() {
    let headers = [("authorization", "Digest username=a, response=stale")];
    let answer = get("/digest", &headers).await;
    assert_eq!(answer.status, 401);
    // In place of the one that the document gives.
    let challenge = answer.header("www-authenticate");
    assert_eq!(challenge, Some("digest nonce=\"2\", stale=true"));
    // Also where other credentials were refused before.
    let headers = [headers[0], ("x-key", "bad")];
    let answer = get("/last", &headers).await;
    let sent: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
    let bearer = "Bearer realm=\"Schemes of security\"";
    assert_eq!(sent, ["ApiKey", bearer, "digest nonce=\"2\", stale=true"]);
}

#[tokio::test]
async fn a_certificate_comes_with_the_connection() {
    for (der, wanted) in [
        ("good", r#"200 "certificate""#),
        ("poor", "403"),
        ("bad", "401"),
    ] {
        let chain = [der, "issuer"].map(|it| Bytes::from_static(it.as_bytes()));
        let mut request = Request::get("/supported").body(Body::empty()).unwrap();
        request.extensions_mut().insert(PeerCertificate::new(chain));
        let answer = send(security::api(Guard), request).await;
        assert_eq!(answer.summary(), wanted);
    }
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
