//! Security schemes of every type and flow, as they ask for credentials and are served.

use http_auth::{PasswordClient, PasswordParams};
use specwright::axum::body::Body;
use specwright::http::{Method, Request};
use specwright::{
    ApiKey, App, Basic, Bearer, Challenge, ClientError, Context, Denied, DigestVerifier,
    HttpCredentials, HttpTransport, PeerCertificate, Unexpected,
};
use tokio::net::TcpListener;

use super::request::{Answer, send, send_bare};

specwright::include_api!(pub mod schemes);

/// Lets in whoever has `good` credentials, and says what was asked of them.
#[derive(Clone)]
struct Guard {
    digests: DigestVerifier,
}

/// With signs that have to be escaped.
const REALM: &str = r#"The "Lamp" \ shop"#;

impl Guard {
    fn new() -> Self {
        Self {
            digests: DigestVerifier::new(REALM),
        }
    }
}

fn admit(token: &str, scopes: &[&[&str]]) -> Result<String, Denied> {
    match token {
        "good" => Ok(format!("{scopes:?}").replace('"', "'")),
        "poor" => Err(Denied::forbidden()),
        _ => Err(Denied::unauthenticated()),
    }
}

impl schemes::Security for Guard {
    type Principal = String;

    async fn account(&self, _: &Context, token: Bearer, scopes: &[&str]) -> Result<String, Denied> {
        admit(token.token(), &[scopes])
    }

    async fn identity(
        &self,
        _: &Context,
        token: Bearer,
        scopes: &[&str],
    ) -> Result<String, Denied> {
        admit(token.token(), &[scopes])
    }

    async fn account_and_identity(
        &self,
        _: &Context,
        account: Bearer,
        identity: Bearer,
        scopes: [&[&str]; 2],
    ) -> Result<String, Denied> {
        assert_eq!(account, identity);
        admit(account.token(), &scopes)
    }

    async fn password(&self, _: &Context, basic: Basic, scopes: &[&str]) -> Result<String, Denied> {
        admit(basic.password(), &[scopes])
    }

    async fn account_and_key(
        &self,
        _: &Context,
        _account: Bearer,
        key: ApiKey,
        scopes: [&[&str]; 2],
    ) -> Result<String, Denied> {
        admit(key.as_str(), &scopes)
    }

    async fn certificate(
        &self,
        _: &Context,
        certificate: PeerCertificate,
        scopes: &[&str],
    ) -> Result<String, Denied> {
        assert!(!certificate.der().is_empty());
        admit("good", &[scopes])
    }

    async fn digest(
        &self,
        cx: &Context,
        digest: HttpCredentials,
        _: &[&str],
    ) -> Result<String, Denied> {
        let response = self.digests.read(cx, &digest)?;
        let known = ["mia", "Jäsøn"].contains(&response.username());
        let hash = known.then(|| self.digests.hash(response.username(), "open sesame"));
        response.verify(hash.as_deref())?;
        Ok(format!(
            "{} {}",
            response.username(),
            response.nonce_count()
        ))
    }

    async fn password_challenge(
        &self,
        _: &Context,
        key: ApiKey,
        scopes: &[&str],
    ) -> Result<String, Denied> {
        admit(key.as_str(), &[scopes])
    }

    fn digest_challenge(&self, cx: &Context) -> Challenge {
        assert_eq!(cx.operation().id, "digest");
        self.digests.challenge()
    }
}

/// Handlers that say who calls.
macro_rules! who {
    ($($operation:ident),*) => {$(
        async fn $operation(&self, _: &Context, user: String) -> Result<String, Unexpected> {
            Ok(user)
        }
    )*};
}

impl schemes::DefaultApi for Guard {
    who!(
        account, identity, plain, both, either, roles, connection, digest, named
    );
}

/// `mia:good`, `mia:poor` and `mia:bad`.
const GOOD: &str = "Basic bWlhOmdvb2Q=";
const POOR: &str = "Basic bWlhOnBvb3I=";
const BAD: &str = "Basic bWlhOmJhZA==";

async fn get(path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(
        schemes::api(Guard::new()),
        request.body(Body::empty()).unwrap(),
    )
    .await
}

fn challenges(answer: &Answer) -> Vec<&str> {
    let values = answer.headers.get_all("www-authenticate").iter();
    values
        .map(|it| str::from_utf8(it.as_bytes()).unwrap())
        .collect()
}

#[tokio::test]
async fn each_scheme_is_asked_for_with_its_realm_and_scopes() {
    let realm = r#"realm="The \"Lamp\" \\ Bücher""#;
    let bearer = |rest: &str| format!("Bearer {realm}{rest}");
    let basic = format!("Basic {realm}, charset=\"UTF-8\"");
    let (good, poor, bad) = ("Bearer good", "Bearer poor", "Bearer bad");
    let [read, write] = ["read", "write"].map(|it| format!(", scope=\"{it}\""));
    let profile = ", scope=\"profile\"";
    let (invalid, insufficient) = (
        ", error=\"invalid_token\"",
        ", error=\"insufficient_scope\"",
    );
    let either = |error: &str| {
        [&*read, profile, &write]
            .map(|scope| bearer(&format!("{scope}{error}")))
            .to_vec()
    };
    let both = |error: &str| {
        [&*read, profile]
            .map(|scope| bearer(&format!("{scope}{error}")))
            .to_vec()
    };
    let table = [
        (
            "/account",
            "",
            "",
            401,
            vec![bearer(", scope=\"read write\"")],
        ),
        (
            "/account",
            bad,
            "",
            401,
            vec![bearer(&format!(", scope=\"read write\"{invalid}"))],
        ),
        (
            "/account",
            poor,
            "",
            403,
            vec![bearer(&format!(", scope=\"read write\"{insufficient}"))],
        ),
        ("/identity", "", "", 401, vec![bearer(profile)]),
        (
            "/identity",
            poor,
            "",
            403,
            vec![bearer(&format!("{profile}{insufficient}"))],
        ),
        ("/plain", "", "", 401, vec![bearer("")]),
        ("/plain", bad, "", 401, vec![bearer(invalid)]),
        // No scope would help.
        ("/plain", poor, "", 403, vec![]),
        ("/both", "", "", 401, both("")),
        ("/both", bad, "", 401, both(invalid)),
        ("/both", poor, "", 403, both(insufficient)),
        ("/either", "", "", 401, either("")),
        ("/either", bad, "", 401, either(invalid)),
        // Who is known and may not hears so of the first.
        (
            "/either",
            poor,
            "",
            403,
            vec![bearer(&format!("{read}{insufficient}"))],
        ),
        // The roles of other schemes are nobody's scopes.
        (
            "/roles",
            "",
            "",
            401,
            vec![basic.clone(), bearer(""), "ApiKey".to_owned()],
        ),
        (
            "/roles",
            BAD,
            "",
            401,
            vec![basic.clone(), bearer(""), "ApiKey".to_owned()],
        ),
        ("/roles", POOR, "", 403, vec![]),
        ("/roles", good, "poor", 403, vec![]),
        ("/connection", "", "", 401, vec!["MutualTLS".to_owned()]),
        ("/named", "", "", 401, vec!["ApiKey".to_owned()]),
    ];
    for (path, authorization, key, status, wanted) in table {
        let headers = [("authorization", authorization), ("x-key", key)];
        let sent: Vec<_> = headers
            .into_iter()
            .filter(|(_, it)| !it.is_empty())
            .collect();
        let answer = get(path, &sent).await;
        assert_eq!(answer.status, status, "{path} {authorization}");
        assert_eq!(challenges(&answer), wanted, "{path} {authorization}");
    }
}

#[tokio::test]
async fn each_scheme_is_told_its_own_scopes() {
    let good = ("authorization", "Bearer good");
    for (path, headers, wanted) in [
        ("/account", &[good][..], "[['read', 'write']]"),
        ("/identity", &[good], "[['profile']]"),
        ("/plain", &[good], "[[]]"),
        ("/both", &[good], "[['read'], ['profile']]"),
        ("/either", &[good], "[['read']]"),
        ("/roles", &[("authorization", GOOD)], "[['the keeper']]"),
        ("/roles", &[good, ("x-key", "good")], "[[], ['clerk']]"),
        ("/named", &[("x-odd", "good")], "[[]]"),
    ] {
        let answer = get(path, headers).await;
        assert_eq!(answer.summary(), format!("200 \"{wanted}\""), "{path}");
    }
}

#[tokio::test]
async fn a_certificate_is_shown_over_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let fixture = |name: &str| std::fs::read_to_string(format!("fixtures/tls/{name}")).unwrap();
    let app = App::new(schemes::api(Guard::new()))
        .tls("fixtures/tls/server.pem", "fixtures/tls/server-key.pem")
        .tls_client_authorities("fixtures/tls/authority.pem");
    let server = tokio::spawn(app.serve_until(listener, std::future::pending));

    let nobody = HttpTransport::with_authorities(&url, fixture("authority.pem")).unwrap();
    let refused = schemes::client(nobody.clone()).connection().await;
    let Err(ClientError::Response(refused)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(refused.status, 401);

    let identity = fixture("client.pem") + &fixture("client-key.pem");
    let somebody = nobody.clone().with_identity(identity).unwrap();
    let who = schemes::client(somebody).connection().await.unwrap();
    assert_eq!(who, "[[]]");
    // Who shows nothing is nobody, also after somebody was there.
    assert!(schemes::client(nobody.clone()).connection().await.is_err());

    // One that is for servers.
    let other = fixture("server.pem") + &fixture("server-key.pem");
    let other = nobody.clone().with_identity(other).unwrap();
    let error = schemes::client(other).connection().await.unwrap_err();
    assert!(matches!(error, ClientError::Transport(_)), "{error}");

    let fault = |pem: String| nobody.clone().with_identity(pem).unwrap_err().to_string();
    let no_key = "the identity holds no private key in PEM";
    assert_eq!(
        fault(String::new()),
        "the identity holds no certificate in PEM"
    );
    assert_eq!(fault(fixture("client.pem")), no_key);
    assert_eq!(
        fault("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n".to_owned()),
        "the identity holds a certificate that is none in PEM"
    );
    fault(fixture("client.pem") + &fixture("server-key.pem"));
    let plain = HttpTransport::new("http://localhost").unwrap();
    let error = plain.with_identity(fixture("client.pem")).unwrap_err();
    assert!(error.to_string().contains("`https://` only"), "{error}");
    server.abort();
}

/// Answers a challenge as a client does.
fn respond(challenge: &str, user: &str, method: &str, uri: &str) -> String {
    let (username, password) = user.split_once(':').unwrap();
    let params = PasswordParams {
        username,
        password,
        uri,
        method,
        body: None,
    };
    let mut client = PasswordClient::try_from(challenge).unwrap();
    client.respond(&params).unwrap()
}

async fn digest(guard: &Guard, method: Method, path: &str, credentials: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if !credentials.is_empty() {
        request = request.header("authorization", credentials);
    }
    let request = request.body(Body::empty()).unwrap();
    send_bare(App::new(schemes::api(guard.clone())), request).await
}

#[tokio::test]
async fn a_digest_is_asked_for_and_verified() {
    let new = Guard::new();
    let old = Guard {
        digests: new.digests.clone().md5(),
    };
    for (guard, algorithm) in [(new, "SHA-256"), (old, "MD5")] {
        let refused = digest(&guard, Method::GET, "/digest?a=b", "").await;
        assert_eq!(refused.status, 401);
        let challenge = refused.header("www-authenticate").unwrap();
        let begin = format!(
            r#"Digest realm="The \"Lamp\" \\ shop", qop="auth", algorithm={algorithm}, nonce=""#
        );
        assert!(challenge.starts_with(&begin), "{challenge}");
        let other = digest(&guard, Method::GET, "/digest", "").await;
        assert_ne!(other.header("www-authenticate"), Some(challenge));

        let good = respond(challenge, "mia:open sesame", "GET", "/digest?a=b");
        let extended = respond(challenge, "Jäsøn:open sesame", "GET", "/digest?a=b");
        let extended = extended.replace("username=\"Jäsøn\"", "username*=UTF-8''J%C3%A4s%C3%B8n");
        let absolute = respond(
            challenge,
            "mia:open sesame",
            "GET",
            "http://shop.example/digest?a=b",
        );
        for (credentials, wanted) in [
            (good.clone(), r#"200 "mia 1""#),
            // As the documentation says.
            (good.clone(), r#"200 "mia 1""#),
            (extended, r#"200 "Jäsøn 1""#),
            (absolute, r#"200 "mia 1""#),
            (
                respond(challenge, "mia:open barley", "GET", "/digest?a=b"),
                "401",
            ),
            (
                respond(challenge, "bob:open sesame", "GET", "/digest?a=b"),
                "401",
            ),
            (
                respond(challenge, "mia:open sesame", "PUT", "/digest?a=b"),
                "401",
            ),
            (
                respond(challenge, "mia:open sesame", "GET", "/digest"),
                "401",
            ),
            (
                respond(challenge, "mia:open sesame", "GET", "digest?a=b"),
                "401",
            ),
            (good.replace("nc=00000001", "nc=00000002"), "401"),
            (good.replace("nc=00000001", "nc=1"), "401"),
            (good.replace("nc=00000001", "nc=+0000001"), "401"),
            (good.replace("cnonce", "nonsense"), "401"),
            (good.replace("qop=auth", "qop=auth-int"), "401"),
            (good.replace("realm=\"The", "realm=\"A"), "401"),
            (good.replace("username=", "user="), "401"),
            (format!("{good}, username*=UTF-8''mia"), "401"),
            (format!("{good}, userhash=true"), "401"),
            (format!("{good}, nc=00000001"), "401"),
            ("Digest !".to_owned(), "401"),
        ] {
            let answer = digest(&guard, Method::GET, "/digest?a=b", &credentials).await;
            assert_eq!(answer.summary(), wanted, "{credentials}");
            if answer.status == 401 {
                let challenge = answer.header("www-authenticate").unwrap();
                assert!(challenge.starts_with(&begin), "{challenge}");
                // Who does not know the password hears nothing of the nonce.
                assert!(!challenge.contains("stale"), "{challenge}");
            }
        }
        let head = respond(challenge, "mia:open sesame", "HEAD", "/digest");
        assert_eq!(
            digest(&guard, Method::HEAD, "/digest", &head).await.status,
            200
        );
    }
}

#[tokio::test]
async fn a_nonce_is_of_this_server_and_of_now() {
    let key = "a key of thirty-two bytes or more";
    let new = || DigestVerifier::new(REALM).key(key).unwrap();
    let guard = |digests: DigestVerifier| Guard { digests };
    let fresh = guard(new());
    let asked = async |guard: &Guard| {
        let refused = digest(guard, Method::GET, "/digest", "").await;
        refused.header("www-authenticate").unwrap().to_owned()
    };
    // Another server with the same key.
    let shared = asked(&guard(new())).await;
    let credentials = respond(&shared, "mia:open sesame", "GET", "/digest");
    let answer = digest(&fresh, Method::GET, "/digest", &credentials).await;
    assert_eq!(answer.status, 200);

    // Where nonces last no time, each is too old.
    let hasty = guard(new().nonce_lifetime(std::time::Duration::ZERO));
    let foreign = asked(&Guard::new()).await;
    let (begin, rest) = shared.split_once("nonce=\"").unwrap();
    let (_, end) = rest.split_once('"').unwrap();
    let made_up = |nonce: &str| format!("{begin}nonce=\"{nonce}\"{end}");
    for (guard, challenge) in [
        (&hasty, shared.clone()),
        (&fresh, foreign),
        (&fresh, made_up("")),
        (&fresh, made_up("AAAAAAAA")),
        (&fresh, made_up(&"A".repeat(75))),
        (&fresh, made_up("no base64")),
    ] {
        let credentials = respond(&challenge, "mia:open sesame", "GET", "/digest");
        let answer = digest(guard, Method::GET, "/digest", &credentials).await;
        assert_eq!(answer.status, 401, "{challenge}");
        let again = answer.header("www-authenticate").unwrap();
        assert!(again.ends_with(", stale=true"), "{again}");
        // The new one is as good as any, without anybody being asked once more.
        let credentials = respond(again, "mia:open sesame", "GET", "/digest");
        let answer = digest(&fresh, Method::GET, "/digest", &credentials).await;
        assert_eq!(answer.status, 200, "{again}");
        let credentials = respond(&challenge, "mia:open barley", "GET", "/digest");
        let answer = digest(guard, Method::GET, "/digest", &credentials).await;
        let again = answer.header("www-authenticate").unwrap();
        assert!(answer.status == 401 && !again.contains("stale"), "{again}");
    }

    let short = DigestVerifier::new(REALM).key("short").unwrap_err();
    assert_eq!(
        short.to_string(),
        "the key of nonces has 5 bytes, and needs 32 or more"
    );
    let shown = format!("{:?}", new());
    assert!(!shown.contains("key"), "{shown}");
}
