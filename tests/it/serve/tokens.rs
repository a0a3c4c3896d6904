//! JSON Web Tokens: which are let in, and by which keys.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::jiff::Timestamp;
use specwright::{
    Bearer, Context, Denied, JwtAlgorithm, JwtSigner, JwtVerifier, Scopes, Unexpected,
};

use super::request::{Answer, send};

specwright::include_api!(pub mod tokens);

const SECRET: &[u8] = b"a secret of thirty-two bytes, yes";

/// Keys of nobody, made for this.
pub(super) const ED_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJPo3O9k1YCa74JvHDQrSEciHn7JHQH6c601tIGHANlu
-----END PRIVATE KEY-----";
const ED_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAz6HWFcAS7VOYcGRAditjlnWVbr8/VwlswqERgBkrOZI=
-----END PUBLIC KEY-----";
pub(super) const ED_X: &str = "z6HWFcAS7VOYcGRAditjlnWVbr8_VwlswqERgBkrOZI";
pub(super) const OTHER_ED_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIE4E5LpNUlGZsFFieXy8MPlhg3K+FeI4rJA61Hhe/VR0
-----END PRIVATE KEY-----";
pub(super) const OTHER_ED_X: &str = "-5NcMiT_Rt4MOq36YY5t7JBbhDUXTh6ljgXwaR2yaIc";
pub(super) const EC_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
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
pub(super) const P384_X: &str = "GVsr5YH2RZEJJq7mqUeChA9JbcsqdZAiFOa5MCQmbKL2KQogQ2-AQwlyF2fqs3kH";
pub(super) const P384_Y: &str = "Il5BNNduf9dXk4KHan-bgJSctYyuFWNY6vCdMg6Z9UKgkicmOQ2sbKKE5ofbJ2sv";
const RSA_PRIVATE: &str = include_str!("../../fixtures/tokens/rsa.pem");
const RSA_PUBLIC: &str = include_str!("../../fixtures/tokens/rsa-public.pem");
const RSA_PUBLIC_PKCS1: &str = include_str!("../../fixtures/tokens/rsa-public-pkcs1.pem");
pub(super) const EC_X: &str = "OK0zwpjTB7Hrr8UwtjxqNw52c1cIcQ9ritHCFiJhHME";
pub(super) const EC_Y: &str = "TURgnyFuLeiW30NINtz9CKo_WLbdRt2QAXboy_TzGHs";

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

pub(super) async fn ask(verifier: &JwtVerifier, token: &str) -> Answer {
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
pub(super) fn with_head(head: &Value, secret: &[u8]) -> String {
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

pub(super) fn token(algorithm: JwtAlgorithm, pem: &str, id: Option<&str>) -> String {
    let mut signer = JwtSigner::private_key(algorithm, pem).unwrap();
    if let Some(id) = id {
        signer = signer.key_id(id);
    }
    signer.sign(&claims(json!({}))).unwrap()
}
