//! JSON Web Tokens: which are let in, and by which keys.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::jiff::Timestamp;
use specwright::{
    Bearer, Context, Denied, JwtAlgorithm, JwtSigner, JwtVerifier, Scopes, Unexpected,
};
use tokio::time::{Instant, advance, sleep};

use super::request::{Answer, send};

specwright::include_api!(pub mod tokens);

const SECRET: &[u8] = b"a secret of thirty-two bytes, yes";

/// Keys of nobody, made for this.
const ED_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJPo3O9k1YCa74JvHDQrSEciHn7JHQH6c601tIGHANlu
-----END PRIVATE KEY-----";
const ED_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAz6HWFcAS7VOYcGRAditjlnWVbr8/VwlswqERgBkrOZI=
-----END PUBLIC KEY-----";
const ED_X: &str = "z6HWFcAS7VOYcGRAditjlnWVbr8_VwlswqERgBkrOZI";
const OTHER_ED_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIE4E5LpNUlGZsFFieXy8MPlhg3K+FeI4rJA61Hhe/VR0
-----END PRIVATE KEY-----";
const OTHER_ED_X: &str = "-5NcMiT_Rt4MOq36YY5t7JBbhDUXTh6ljgXwaR2yaIc";
const EC_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvBs6r+1f2GlUGtS+
3rMiCfX50JYOd32EPQxMOaOfHO6hRANCAAQ4rTPCmNMHseuvxTC2PGo3DnZzVwhx
D2uK0cIWImEcwU1EYJ8hbi3olt9DSDbc/QiqP1i23UbdkAF26Mv08xh7
-----END PRIVATE KEY-----";
const EC_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOK0zwpjTB7Hrr8UwtjxqNw52c1cI
cQ9ritHCFiJhHMFNRGCfIW4t6JbfQ0g23P0Iqj9Ytt1G3ZABdujL9PMYew==
-----END PUBLIC KEY-----";
const EC_COMPRESSED: &str = "-----BEGIN PUBLIC KEY-----
MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgADOK0zwpjTB7Hrr8UwtjxqNw52c1cI
cQ9ritHCFiJhHME=
-----END PUBLIC KEY-----";
const P384_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAzuMJflZD5SZCUXspd
2vZC4Mpqq7CQO9NXJBHNbb/RS2gn2ItFUO6N/PVgq1gKakOhZANiAAQZWyvlgfZF
kQkmruapR4KED0ltyyp1kCIU5rkwJCZsovYpCiBDb4BDCXIXZ+qzeQciXkE0125/
11eTgodqf5uAlJy1jK4VY1jq8J0yDpn1QqCSJyY5DaxsooTmh9snay8=
-----END PRIVATE KEY-----";
const P384_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEGVsr5YH2RZEJJq7mqUeChA9JbcsqdZAi
FOa5MCQmbKL2KQogQ2+AQwlyF2fqs3kHIl5BNNduf9dXk4KHan+bgJSctYyuFWNY
6vCdMg6Z9UKgkicmOQ2sbKKE5ofbJ2sv
-----END PUBLIC KEY-----";
const P384_X: &str = "GVsr5YH2RZEJJq7mqUeChA9JbcsqdZAiFOa5MCQmbKL2KQogQ2-AQwlyF2fqs3kH";
const P384_Y: &str = "Il5BNNduf9dXk4KHan-bgJSctYyuFWNY6vCdMg6Z9UKgkicmOQ2sbKKE5ofbJ2sv";
const RSA_PRIVATE: &str = include_str!("../../fixtures/tokens/rsa.pem");
const RSA_PUBLIC: &str = include_str!("../../fixtures/tokens/rsa-public.pem");
const RSA_PUBLIC_PKCS1: &str = include_str!("../../fixtures/tokens/rsa-public-pkcs1.pem");
const EC_X: &str = "OK0zwpjTB7Hrr8UwtjxqNw52c1cIcQ9ritHCFiJhHME";
const EC_Y: &str = "TURgnyFuLeiW30NINtz9CKo_WLbdRt2QAXboy_TzGHs";

#[derive(Clone)]
struct Guard(JwtVerifier);

#[derive(serde::Deserialize)]
struct Claims {
    sub: String,
    #[serde(default)]
    scope: Scopes,
}

impl tokens::Security for Guard {
    type Principal = String;

    async fn token(&self, _: &Context, token: Bearer, scopes: &[&str]) -> Result<String, Denied> {
        let claims: Claims = self.0.verify(&token).await?;
        claims.scope.require(scopes)?;
        Ok(claims.sub)
    }
}

impl tokens::DefaultApi for Guard {
    async fn who(&self, _: &Context, user: String) -> Result<String, Unexpected> {
        Ok(user)
    }
}

async fn ask(verifier: &JwtVerifier, token: &str) -> Answer {
    let request = Request::get("/who")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    send(tokens::api(Guard(verifier.clone())), request).await
}

/// Good claims, with these changes; null takes one away.
fn claims(changes: Value) -> Value {
    let now = Timestamp::now().as_second();
    let mut claims = json!({"sub": "ada", "exp": now + 600, "scope": "books:read books:write"});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, it| !it.is_null());
    claims
}

fn signed(changes: Value) -> String {
    let signer = JwtSigner::hs256(SECRET).unwrap();
    signer.sign(&claims(changes)).unwrap()
}

/// A token with this head, signed as HS256 would.
fn with_head(head: &Value, secret: &[u8]) -> String {
    use jsonwebtoken::{Algorithm, EncodingKey, crypto};
    let part = |value: &Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string())
    };
    let message = format!("{}.{}", part(head), part(&claims(json!({}))));
    let key = EncodingKey::from_secret(secret);
    let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

#[tokio::test]
async fn a_token_is_let_in_for_what_it_says() {
    let now = Timestamp::now().as_second();
    let tokens = JwtVerifier::hs256(SECRET).unwrap();
    let strict = tokens.clone().issuer("us").issuer("them").audience("shop");
    let exact = tokens.clone().leeway(Duration::ZERO);
    let loose = tokens.clone().leeway(Duration::MAX);
    let both = json!({"iss": "them", "aud": ["shop", "bank"]});
    for (verifier, changes, wanted) in [
        (&tokens, json!({}), "200 \"ada\""),
        (&tokens, json!({"scope": ["books:read"]}), "200 \"ada\""),
        (&tokens, json!({"exp": null}), "401"),
        (&tokens, json!({"exp": "never"}), "401"),
        (&tokens, json!({"exp": now - 10}), "200"),
        (
            &exact,
            json!({"exp": now - 10}),
            "401 the token has expired",
        ),
        (
            &tokens,
            json!({"exp": now - 90}),
            "401 the token has expired",
        ),
        (
            &tokens,
            json!({"nbf": now + 90}),
            "401 the token is not valid yet",
        ),
        (&loose, json!({"exp": now - 90, "nbf": now + 90}), "200"),
        (&tokens, json!({"sub": null}), "401"),
        (&tokens, json!({"sub": 7}), "401"),
        // Meant for somebody, and not said to be this server.
        (&tokens, json!({"aud": "bank"}), "401"),
        (&strict, json!({}), "401"),
        (&strict, both.clone(), "200 \"ada\""),
        (&strict, json!({"iss": "them"}), "401"),
        (&strict, json!({"aud": "shop"}), "401"),
        (&strict, json!({"iss": "me", "aud": "shop"}), "401"),
        (&strict, json!({"iss": "us", "aud": "bank"}), "401"),
        (&tokens, json!({"scope": "books:write"}), "403"),
        (&tokens, json!({"scope": null}), "403"),
        (&tokens, json!({"scope": 7}), "401"),
    ] {
        let answer = ask(verifier, &signed(changes.clone())).await;
        let said = match answer.status {
            200 => answer.text().to_owned(),
            _ => answer.json()["detail"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        };
        let found = format!("{} {said}", answer.status);
        assert!(found.trim_end().starts_with(wanted), "{changes}: {found}");
        let challenge = match answer.status {
            401 => Some("invalid_token"),
            403 => Some("insufficient_scope"),
            _ => None,
        };
        let challenge = challenge.map(|error| {
            format!("Bearer realm=\"JSON Web Tokens\", scope=\"books:read\", error=\"{error}\"")
        });
        let sent = answer.header("www-authenticate");
        assert_eq!(sent, challenge.as_deref(), "{changes}");
    }
}

#[tokio::test]
async fn the_algorithm_is_never_the_tokens_to_say() {
    let shared = JwtVerifier::hs256(SECRET).unwrap();
    let public = JwtVerifier::public_key(JwtAlgorithm::EdDSA, ED_PUBLIC).unwrap();
    let private = JwtSigner::private_key(JwtAlgorithm::EdDSA, ED_PRIVATE).unwrap();
    let good = private.sign(&claims(json!({}))).unwrap();
    assert_eq!(ask(&public, &good).await.status, 200);
    let plain = with_head(&json!({"alg": "HS256"}), SECRET);
    assert_eq!(ask(&shared, &plain).await.status, 200);
    let unsigned = with_head(&json!({"alg": "none"}), SECRET);
    let (message, _) = unsigned.rsplit_once('.').unwrap();
    for (verifier, token) in [
        (&shared, good.clone()),
        (&public, plain.clone()),
        // The public key, which everybody has, as a secret.
        (
            &public,
            with_head(&json!({"alg": "HS256"}), ED_PUBLIC.as_bytes()),
        ),
        (&shared, unsigned.clone()),
        (&shared, format!("{message}.")),
        (&shared, message.to_owned()),
        (&shared, with_head(&json!({"alg": "HS384"}), SECRET)),
        (
            &shared,
            with_head(&json!({"alg": "HS256", "crit": ["exp"]}), SECRET),
        ),
        (
            &shared,
            with_head(
                &json!({"alg": "HS256"}),
                b"another secret of thirty-two bytes",
            ),
        ),
        (&shared, with_head(&json!({"typ": "JWT"}), SECRET)),
        (&shared, with_head(&json!([]), SECRET)),
        (&shared, "a.b.c".to_owned()),
        (&shared, "..".to_owned()),
        (&shared, "x".repeat(5000)),
    ] {
        assert_eq!(ask(verifier, &token).await.status, 401, "{token}");
    }
}

#[test]
fn keys_that_are_none_are_told_at_the_start() {
    let told = |error: specwright::Error| error.to_string();
    let short = JwtVerifier::hs256(b"short").map_err(told).unwrap_err();
    assert_eq!(
        short,
        "the secret of tokens has 5 bytes, and needs 32 or more"
    );
    assert_eq!(JwtSigner::hs256(b"short").map_err(told).unwrap_err(), short);
    for (algorithm, pem) in [
        (JwtAlgorithm::HS256, ED_PUBLIC),
        (JwtAlgorithm::RS256, ED_PUBLIC),
        // The other curve.
        (JwtAlgorithm::ES256, P384_PUBLIC),
        (JwtAlgorithm::ES256, P384_PRIVATE),
        (JwtAlgorithm::ES384, EC_PUBLIC),
        (JwtAlgorithm::ES384, EC_PRIVATE),
        (JwtAlgorithm::EdDSA, "no key"),
    ] {
        assert!(
            JwtVerifier::public_key(algorithm, pem).is_err(),
            "{algorithm:?}"
        );
        assert!(
            JwtSigner::private_key(algorithm, pem).is_err(),
            "{algorithm:?}"
        );
    }
    let fetch = || async { Ok::<_, Unexpected>(Bytes::new()) };
    assert!(JwtVerifier::jwks(&[], fetch).is_err());
    assert!(JwtVerifier::jwks(&[JwtAlgorithm::ES256, JwtAlgorithm::HS256], fetch).is_err());
    let shown = format!("{:?}", JwtVerifier::hs256(SECRET).unwrap());
    assert_eq!(shown, "JwtVerifier { algorithms: [HS256], .. }");
}

#[tokio::test]
async fn every_kind_of_key_signs_and_verifies() {
    use JwtAlgorithm::{ES256, ES384, EdDSA, PS384, RS256};
    for (algorithm, private, public) in [
        (EdDSA, ED_PRIVATE, ED_PUBLIC),
        (ES256, EC_PRIVATE, EC_PUBLIC),
        (ES256, EC_PRIVATE, EC_COMPRESSED),
        (ES384, P384_PRIVATE, P384_PUBLIC),
        (RS256, RSA_PRIVATE, RSA_PUBLIC),
        (RS256, RSA_PRIVATE, RSA_PUBLIC_PKCS1),
        (PS384, RSA_PRIVATE, RSA_PUBLIC),
    ] {
        let verifier = JwtVerifier::public_key(algorithm, public).unwrap();
        let answer = ask(&verifier, &token(algorithm, private, None)).await;
        assert_eq!(answer.status, 200, "{algorithm:?} {public}");
    }
    assert!(JwtVerifier::public_key(RS256, RSA_PRIVATE).is_err());
}

#[test]
fn who_does_the_cryptography_is_chosen_before_the_first_token() {
    use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
    assert!(JwtVerifier::hs256(SECRET).is_ok());
    assert!(DEFAULT_PROVIDER.install_default().is_err());
}

#[tokio::test]
async fn a_token_may_have_to_be_of_a_type() {
    let tokens = JwtVerifier::hs256(SECRET).unwrap();
    let access = tokens.clone().token_type("at+jwt");
    let long = tokens.token_type("Application/AT+JWT");
    for (head, status) in [
        (json!({"alg": "HS256", "typ": "at+jwt"}), 200),
        (json!({"alg": "HS256", "typ": "application/at+JWT"}), 200),
        (json!({"alg": "HS256", "typ": "JWT"}), 401),
        (json!({"alg": "HS256", "typ": "application/"}), 401),
        (json!({"alg": "HS256"}), 401),
    ] {
        for verifier in [&access, &long] {
            let answer = ask(verifier, &with_head(&head, SECRET)).await;
            assert_eq!(answer.status, status, "{head}");
        }
    }
    let signer = JwtSigner::hs256(SECRET).unwrap().token_type("at+jwt");
    let token = signer.sign(&claims(json!({}))).unwrap();
    assert_eq!(ask(&access, &token).await.status, 200);
}

/// An issuer that publishes keys.
#[derive(Clone, Default)]
struct Issuer {
    keys: Arc<Mutex<Vec<Value>>>,
    is_down: Arc<AtomicBool>,
    loads: Arc<AtomicUsize>,
}

impl Issuer {
    fn verifier(&self) -> JwtVerifier {
        let issuer = self.clone();
        let fetch = move || {
            let issuer = issuer.clone();
            async move {
                issuer.loads.fetch_add(1, Ordering::SeqCst);
                sleep(Duration::from_millis(10)).await;
                if issuer.is_down.load(Ordering::SeqCst) {
                    return Err(Unexpected::from(std::io::Error::other("no route")));
                }
                let keys = issuer.keys.lock().unwrap().clone();
                Ok(Bytes::from(json!({"keys": keys}).to_string()))
            }
        };
        JwtVerifier::jwks(&[JwtAlgorithm::EdDSA, JwtAlgorithm::ES256], fetch).unwrap()
    }

    fn publish(&self, keys: impl IntoIterator<Item = Value>) {
        *self.keys.lock().unwrap() = keys.into_iter().collect();
    }

    fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }
}

fn ed(id: &str, x: &str) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": id, "x": x})
}

fn ec(id: &str) -> Value {
    json!({"kty": "EC", "crv": "P-256", "kid": id, "x": EC_X, "y": EC_Y})
}

fn token(algorithm: JwtAlgorithm, pem: &str, id: Option<&str>) -> String {
    let mut signer = JwtSigner::private_key(algorithm, pem).unwrap();
    if let Some(id) = id {
        signer = signer.key_id(id);
    }
    signer.sign(&claims(json!({}))).unwrap()
}

#[tokio::test(start_paused = true)]
async fn keys_are_found_in_what_the_issuer_publishes() {
    let issuer = Issuer::default();
    let verifier = issuer.verifier();
    let mut for_secrets = ec("secrets");
    for_secrets["use"] = json!("enc");
    let mut for_others = ed("others", ED_X);
    for_others["alg"] = json!("ES256");
    let mut to_sign = ed("signs", ED_X);
    to_sign["key_ops"] = json!(["sign"]);
    let mut two = ec("two");
    two["key_ops"] = json!(["verify"]);
    let p384 = json!({"kty": "EC", "crv": "P-384", "kid": "three", "x": P384_X, "y": P384_Y});
    let mut confused = p384.clone();
    confused["kid"] = json!("confused");
    confused["alg"] = json!("ES256");
    issuer.publish([
        ed("one", ED_X),
        two,
        p384,
        confused,
        to_sign,
        for_secrets,
        for_others,
        json!({"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}),
        json!({"kty": "of tomorrow", "kid": "new"}),
        json!("nonsense"),
    ]);
    use JwtAlgorithm::{ES256, EdDSA};
    for (algorithm, pem, id, status) in [
        (EdDSA, ED_PRIVATE, Some("one"), 200),
        (ES256, EC_PRIVATE, Some("two"), 200),
        // The only one that fits.
        (EdDSA, ED_PRIVATE, None, 200),
        (ES256, EC_PRIVATE, None, 200),
        (EdDSA, OTHER_ED_PRIVATE, Some("one"), 401),
        (EdDSA, ED_PRIVATE, Some("two"), 401),
        (EdDSA, ED_PRIVATE, Some("others"), 401),
        (ES256, EC_PRIVATE, Some("secrets"), 401),
        (EdDSA, ED_PRIVATE, Some("signs"), 401),
        (EdDSA, ED_PRIVATE, Some("new"), 401),
    ] {
        let answer = ask(&verifier, &token(algorithm, pem, id)).await;
        assert_eq!(answer.status, status, "{algorithm:?} {id:?}");
    }
    assert_eq!(issuer.loads(), 1);
    let forged = with_head(&json!({"alg": "HS256", "kid": "shared"}), b"secret");
    assert_eq!(ask(&verifier, &forged).await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn keys_are_loaded_when_they_are_needed() {
    let issuer = Issuer::default();
    let verifier = issuer.verifier();
    issuer.publish([ed("one", ED_X)]);
    let one = token(JwtAlgorithm::EdDSA, ED_PRIVATE, Some("one"));
    let two = token(JwtAlgorithm::EdDSA, OTHER_ED_PRIVATE, Some("two"));
    // A crowd waits for one load.
    let crowd: Vec<_> = (0..20)
        .map(|_| {
            let (verifier, one) = (verifier.clone(), one.clone());
            tokio::spawn(async move { ask(&verifier, &one).await.status })
        })
        .collect();
    for asked in crowd {
        assert_eq!(asked.await.unwrap(), 200);
    }
    assert_eq!(issuer.loads(), 1);
    // What is not there is asked for once in half a minute.
    issuer.publish([ed("one", ED_X), ed("two", OTHER_ED_X)]);
    for _ in 0..5 {
        assert_eq!(ask(&verifier, &two).await.status, 401);
    }
    assert_eq!(issuer.loads(), 1);
    advance(Duration::from_secs(31)).await;
    assert_eq!(ask(&verifier, &two).await.status, 200);
    assert_eq!(issuer.loads(), 2);
    // Old keys are good while they are loaded again, and those that are taken back are not kept.
    issuer.publish([ed("two", OTHER_ED_X)]);
    advance(Duration::from_secs(11 * 60)).await;
    assert_eq!(ask(&verifier, &one).await.status, 200);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(ask(&verifier, &one).await.status, 401);
    assert_eq!(issuer.loads(), 3);
}

/// However quiet the server is, nobody is let in by a key that was withdrawn long ago.
#[tokio::test(start_paused = true)]
async fn old_keys_are_loaded_again_before_they_are_believed() {
    let issuer = Issuer::default();
    let verifier = issuer.verifier();
    issuer.publish([ed("one", ED_X)]);
    let one = token(JwtAlgorithm::EdDSA, ED_PRIVATE, Some("one"));
    let two = token(JwtAlgorithm::EdDSA, OTHER_ED_PRIVATE, Some("two"));
    assert_eq!(ask(&verifier, &one).await.status, 200);
    advance(Duration::from_secs(21 * 60)).await;
    issuer.publish([ed("two", OTHER_ED_X)]);
    // A crowd waits for one load.
    let asked = [&one, &two, &one].map(|token| {
        let (verifier, token) = (verifier.clone(), token.clone());
        tokio::spawn(async move { ask(&verifier, &token).await.status })
    });
    let mut statuses = Vec::new();
    for asked in asked {
        statuses.push(asked.await.unwrap());
    }
    assert_eq!(statuses, [401, 200, 401]);
    assert_eq!(issuer.loads(), 2);
}

/// Where they cannot be loaded, they are good, and not everybody waits to hear so.
#[tokio::test(start_paused = true)]
async fn nobody_waits_twice_for_a_load_that_fails() {
    let loads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&loads);
    let fetch = move || {
        let is_first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if !is_first {
                std::future::pending::<()>().await;
            }
            Ok::<_, Unexpected>(Bytes::from(json!({"keys": [ed("one", ED_X)]}).to_string()))
        }
    };
    let verifier = JwtVerifier::jwks(&[JwtAlgorithm::EdDSA], fetch).unwrap();
    let one = token(JwtAlgorithm::EdDSA, ED_PRIVATE, Some("one"));
    assert_eq!(ask(&verifier, &one).await.status, 200);
    advance(Duration::from_secs(60 * 60)).await;
    let mut waited = Vec::new();
    for pause in [0, 1, 6, 41] {
        sleep(Duration::from_secs(pause)).await;
        let start = Instant::now();
        assert_eq!(ask(&verifier, &one).await.status, 200);
        waited.push(start.elapsed().as_secs());
    }
    // As long as a load may take; then for half a minute not at all, though the set is asked for again.
    assert_eq!(waited, [10, 0, 0, 10]);
    assert_eq!(loads.load(Ordering::SeqCst), 4);
}

/// Those who have waited for a load that failed do not begin the next one, each for itself.
#[tokio::test(start_paused = true)]
async fn a_load_that_fails_late_is_followed_by_a_pause() {
    for end in ["never", "error", "panic"] {
        let loads = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&loads);
        let fetch = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            async move {
                sleep(Duration::from_secs(6)).await;
                match end {
                    "never" => std::future::pending().await,
                    "error" => Err(Unexpected::new("no route")),
                    _ => panic!("no route"),
                }
            }
        };
        let verifier = JwtVerifier::jwks(&[JwtAlgorithm::EdDSA], fetch).unwrap();
        let one = token(JwtAlgorithm::EdDSA, ED_PRIVATE, Some("one"));
        for wanted in [1, 2] {
            let crowd: Vec<_> = (0..5)
                .map(|_| {
                    let (verifier, one) = (verifier.clone(), one.clone());
                    tokio::spawn(async move { ask(&verifier, &one).await.status })
                })
                .collect();
            for asked in crowd {
                assert_eq!(asked.await.unwrap(), 503, "{end}");
            }
            assert_eq!(ask(&verifier, &one).await.status, 503, "{end}");
            assert_eq!(loads.load(Ordering::SeqCst), wanted, "{end}");
            advance(Duration::from_secs(6)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn good_keys_are_not_given_up_for_none() {
    let issuer = Issuer::default();
    let verifier = issuer.verifier();
    let one = token(JwtAlgorithm::EdDSA, ED_PRIVATE, Some("one"));
    assert_eq!(ask(&verifier, &one).await.status, 503);
    advance(Duration::from_secs(6)).await;
    issuer.publish([ed("one", ED_X)]);
    assert_eq!(ask(&verifier, &one).await.status, 200);
    let mut for_secrets = ec("secrets");
    for_secrets["use"] = json!("enc");
    for keys in [vec![], vec![for_secrets]] {
        issuer.publish(keys);
        let loads = issuer.loads();
        advance(Duration::from_secs(11 * 60)).await;
        assert_eq!(ask(&verifier, &one).await.status, 200);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(issuer.loads(), loads + 1);
        assert_eq!(ask(&verifier, &one).await.status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_is_down_is_no_end_of_the_service() {
    let issuer = Issuer::default();
    let verifier = issuer.verifier();
    issuer.publish([ed("one", ED_X)]);
    let one = token(JwtAlgorithm::EdDSA, ED_PRIVATE, Some("one"));
    issuer.is_down.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let answer = ask(&verifier, &one).await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert!(!answer.text().contains("route"), "{answer:?}");
    }
    assert_eq!(issuer.loads(), 1);
    advance(Duration::from_secs(6)).await;
    issuer.is_down.store(false, Ordering::SeqCst);
    // Whoever asked first goes away, and the load goes on.
    let gone = tokio::time::timeout(Duration::from_millis(1), ask(&verifier, &one));
    assert!(gone.await.is_err());
    assert_eq!(ask(&verifier, &one).await.status, 200);
    assert_eq!(issuer.loads(), 2);
    // What was loaded is good for a day.
    issuer.is_down.store(true, Ordering::SeqCst);
    advance(Duration::from_secs(23 * 60 * 60)).await;
    assert_eq!(ask(&verifier, &one).await.status, 200);
    advance(Duration::from_secs(2 * 60 * 60)).await;
    assert_eq!(ask(&verifier, &one).await.status, 503);
}
