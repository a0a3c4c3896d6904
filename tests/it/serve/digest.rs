//! Digest access authentication (RFC 7616): nonces that a layer and the verifier make for each request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};
use specwright::axum::extract::{Request, State};
use specwright::axum::middleware::{Next, from_fn_with_state};
use specwright::axum::response::Response;
use specwright::http::{HeaderValue, header};
use specwright::{App, Context, Denied, HttpCredentials};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::security::{Guard, User, security};
use crate::support::server::{Server, read, serve};

const PASSWORD: &str = "Circle of Life";

/// The nonces that were given out, each with the last count that came with it.
#[derive(Clone, Default)]
pub(super) struct Nonces(Arc<Mutex<HashMap<String, u64>>>);

impl Nonces {
    /// A challenge with a nonce of its own.
    fn challenge(&self, stale: &str) -> HeaderValue {
        let mut given = self.0.lock().unwrap();
        let nonce = format!("nonce-{}", given.len());
        let challenge = format!(
            "Digest realm=\"books\", qop=\"auth\", algorithm=SHA-256, nonce=\"{nonce}\"{stale}"
        );
        given.insert(nonce, 0);
        HeaderValue::try_from(challenge).unwrap()
    }

    /// What the verifier says of credentials.
    pub(super) fn judge(&self, cx: &Context, sent: &HttpCredentials) -> Result<User, Denied> {
        let of = |name: &str| sent.parameter(name).unwrap_or_default();
        let denied = |stale| Denied::unauthenticated().with_challenge(self.challenge(stale));
        let (nonce, nc) = (of("nonce"), of("nc"));
        let known = digest(cx.method().as_str(), &of("uri"), &nonce, &nc, PASSWORD);
        if of("username") != "simba"
            || of("uri") != cx.uri().path()
            || of("response") != known
            || cx.headers().get_all(header::AUTHORIZATION).iter().count() != 1
        {
            return Err(denied(""));
        }
        // The password is right: a nonce that is not known, or comes again, is to be taken anew.
        let count = u64::from_str_radix(&nc, 16).unwrap_or_default();
        let mut given = self.0.lock().unwrap();
        match given.get_mut(&nonce).filter(|last| count > **last) {
            Some(last) => *last = count,
            None => {
                drop(given);
                return Err(denied(", stale=true"));
            }
        }
        Ok(User("simba".to_owned()))
    }
}

/// Lets the verifier know the nonces, and gives one to those who have sent nothing.
async fn challenged(State(nonces): State<Nonces>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(nonces.clone());
    let mut response = next.run(request).await;
    for (name, value) in response.headers_mut() {
        if *name == header::WWW_AUTHENTICATE && *value == "Digest" {
            *value = nonces.challenge("");
        }
    }
    response
}

fn hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(method: &str, uri: &str, nonce: &str, nc: &str, password: &str) -> String {
    let secret = hash(&format!("simba:books:{password}"));
    let asked = hash(&format!("{method}:{uri}"));
    hash(&format!("{secret}:{nonce}:{nc}:once:auth:{asked}"))
}

/// The value of `Authorization` for `GET /digest`.
fn credentials(nonce: &str, nc: &str, password: &str) -> String {
    let response = digest("GET", "/digest", nonce, nc, password);
    format!(
        "Digest username=\"simba\", realm=\"books\", uri=\"/digest\", algorithm=SHA-256, nonce=\"{nonce}\", \
         nc={nc}, cnonce=\"once\", qop=auth, response=\"{response}\""
    )
}

async fn ask(server: &Server, path: &str, authorization: Option<String>) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let authorization =
        authorization.map_or_else(String::new, |it| format!("authorization: {it}\r\n"));
    let head =
        format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{authorization}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    read(stream).await
}

/// The nonce of a refusal, and whether it says that only the nonce was wrong.
fn refused(answer: &str) -> (String, bool) {
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    let mut challenges = answer.lines().filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        (name == "www-authenticate").then_some(value)
    });
    let challenge = challenges.next().unwrap();
    assert_eq!(challenges.next(), None);
    assert!(
        challenge.starts_with("Digest realm=\"books\""),
        "{challenge}"
    );
    let (_, nonce) = challenge.split_once("nonce=\"").unwrap();
    let (nonce, rest) = nonce.split_once('"').unwrap();
    (nonce.to_owned(), rest == ", stale=true")
}

#[tokio::test]
async fn a_nonce_is_given_to_those_who_sent_nothing_and_is_good_once() {
    let layer = from_fn_with_state(Nonces::default(), challenged);
    let server = serve(App::new(security::api(Guard)).layer(layer)).await;
    let (first, is_stale) = refused(&ask(&server, "/digest", None).await);
    assert!(!is_stale);
    let ask = async |nonce: &str, nc: &str, password: &str| {
        ask(&server, "/digest", Some(credentials(nonce, nc, password))).await
    };
    let is_let_in = |answer: String| {
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.ends_with("\r\n\r\n\"simba\""), "{answer}");
    };
    is_let_in(ask(&first, "00000001", PASSWORD).await);
    // The same again is a replay, though the next count is none.
    let (second, is_stale) = refused(&ask(&first, "00000001", PASSWORD).await);
    assert!(is_stale);
    assert_ne!(second, first);
    is_let_in(ask(&first, "0000000a", PASSWORD).await);
    let (_, is_stale) = refused(&ask(&first, "00000002", PASSWORD).await);
    assert!(is_stale);
    // The nonce of the refusal is good, and so is none that was never given out.
    is_let_in(ask(&second, "00000001", PASSWORD).await);
    let (_, is_stale) = refused(&ask("nonce-of-mine", "00000001", PASSWORD).await);
    assert!(is_stale);
    // A wrong password is not told to try again with another nonce.
    let (third, is_stale) = refused(&ask(&second, "00000002", "Hakuna Matata").await);
    assert!(!is_stale);
    is_let_in(ask(&third, "00000001", PASSWORD).await);
}
