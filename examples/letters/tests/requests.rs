//! Letters that are sent, delivered, returned, and kept while no server runs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed expectation is what a test is for"
)]

use std::{fs, path::Path, time::Duration};

use letters::{Mailboxes, Queue};
use serde_json::{Value, json};
use specwright::{
    App, AppService,
    axum::body::{self, Body},
    http::{Request, Response, header},
};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// A post office over the queue in a folder, and over mailboxes in the same folder.
async fn office(folder: &Path) -> (AppService, impl Future<Output = ()> + use<>) {
    let database = folder.join("letters.db");
    let mailboxes = Mailboxes::open(folder).unwrap();
    let app = App::start(async |lifespan| {
        letters::open(Queue::Sqlite(database), mailboxes, &lifespan).await
    });
    let app = app.started().await.unwrap();
    let ended = app.ended();
    (app.into_service().unwrap(), ended)
}

async fn send(office: &AppService, to: &str, text: &str) -> String {
    let request = Request::post("/letters")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(json!({"to": to, "text": text}).to_string()))
        .unwrap();
    let response = office.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 202);
    let location = response.headers()[header::LOCATION].to_str().unwrap();
    location.to_owned()
}

async fn get(office: &AppService, uri: &str) -> Response<Body> {
    let request = Request::get(uri).body(Body::empty()).unwrap();
    office.clone().oneshot(request).await.unwrap()
}

async fn letter(office: &AppService, uri: &str) -> Value {
    let response = get(office, uri).await;
    assert_eq!(response.status(), 200);
    let body = body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

/// Asks until a letter waits no more.
async fn settled(office: &AppService, uri: &str) -> Value {
    for _ in 0..600 {
        let letter = letter(office, uri).await;
        if letter["state"] != "waiting" {
            return letter;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the letter is never delivered");
}

/// What lies in a mailbox.
fn found(folder: &Path, mailbox: &str) -> Vec<String> {
    fs::read_dir(folder.join(mailbox))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect()
}

#[tokio::test]
async fn a_letter_is_delivered_after_its_answer() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("ada")).unwrap();
    let (office, ended) = office(folder.path()).await;
    let uri = send(&office, "ada", "Dear Ada").await;
    let letter = settled(&office, &uri).await;
    assert_eq!(letter["state"], "delivered");
    assert_eq!(letter["to"], "ada");
    assert_eq!(letter["text"], "Dear Ada");
    assert_eq!(format!("/letters/{}", letter["id"].as_str().unwrap()), uri);
    assert_eq!(found(folder.path(), "ada"), ["Dear Ada"]);
    ended.await;
}

#[tokio::test]
async fn a_letter_to_nobody_is_returned() {
    let folder = TempDir::new().unwrap();
    let (office, ended) = office(folder.path()).await;
    let uri = send(&office, "nobody", "Hello?").await;
    assert_eq!(settled(&office, &uri).await["state"], "returned");
    let unknown = get(&office, "/letters/01HZ0000000000000000000000").await;
    assert_eq!(unknown.status(), 404);
    let malformed = get(&office, "/letters/1").await;
    assert_eq!(malformed.status(), 422);
    ended.await;
}

#[tokio::test]
async fn a_letter_is_tried_again() {
    let folder = TempDir::new().unwrap();
    let mailbox = folder.path().join("ada");
    // In a file there is no room for letters.
    fs::write(&mailbox, "").unwrap();
    let (office, ended) = office(folder.path()).await;
    let uri = send(&office, "ada", "Dear Ada").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(letter(&office, &uri).await["state"], "waiting");
    fs::remove_file(&mailbox).unwrap();
    fs::create_dir(&mailbox).unwrap();
    assert_eq!(settled(&office, &uri).await["state"], "delivered");
    assert_eq!(found(folder.path(), "ada"), ["Dear Ada"]);
    ended.await;
}

#[tokio::test]
async fn letters_outlive_the_server_that_took_them() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("ada")).unwrap();
    let (first, ended) = office(folder.path()).await;
    let mut uris = Vec::new();
    for number in 0..20 {
        uris.push(send(&first, "ada", &format!("Letter {number}")).await);
    }
    ended.await;
    drop(first);
    let (second, ended) = office(folder.path()).await;
    for uri in &uris {
        assert_eq!(settled(&second, uri).await["state"], "delivered");
    }
    // Each of them once, whichever server delivered it.
    assert_eq!(found(folder.path(), "ada").len(), uris.len());
    ended.await;
}
