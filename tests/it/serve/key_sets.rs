//! Key sets of who issues tokens: when they are loaded, and how long they are believed.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use specwright::{JwtAlgorithm, JwtVerifier, Unexpected};
use tokio::time::{Instant, advance, sleep};

use super::tokens::{
    EC_PRIVATE, EC_X, EC_Y, ED_PRIVATE, ED_X, OTHER_ED_PRIVATE, OTHER_ED_X, P384_X, P384_Y, ask,
    token, with_head,
};

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
