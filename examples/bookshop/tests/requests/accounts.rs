//! Signing in.

use specwright::axum::body::Body;

use crate::client::{Answer, Client, builder};

async fn sign_in(client: &Client, form: &str) -> Answer {
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let request = builder("POST", "/sign-in", &[kind]);
    client
        .send(request.body(Body::from(form.to_owned())).unwrap())
        .await
}

async fn orders(client: &Client, token: &str) -> u16 {
    let authorization = format!("Bearer {token}");
    let request = builder("GET", "/orders", &[("authorization", &authorization)]);
    client
        .send(request.body(Body::empty()).unwrap())
        .await
        .status
}

#[tokio::test]
async fn who_knows_the_password_gets_a_token() {
    let client = Client::new().await;
    let form = "grant_type=password&username=Mara%40example.com&password=demo-password";
    let answer = sign_in(&client, form).await;
    let token = answer.json(200);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(token["token_type"], "bearer");
    assert_eq!(token["expires_in"], 3600);
    assert_eq!(
        orders(&client, token["access_token"].as_str().unwrap()).await,
        200
    );
    client.finished().await;
    assert_eq!(orders(&client, "demo-customer-token").await, 200);
}

#[tokio::test]
async fn nobody_else_does() {
    let client = Client::new().await;
    let mut answers = Vec::new();
    for (name, password) in [
        ("mara@example.com", "demo-passwort"),
        ("nobody@example.com", "demo-password"),
        ("", ""),
    ] {
        let form = format!("grant_type=password&username={name}&password={password}");
        let answer = sign_in(&client, &form).await;
        assert_eq!(answer.problem(400)["error"], "invalid_grant", "{name}");
        answers.push(answer.body);
    }
    // Which of the two was wrong is not told.
    assert!(answers.iter().all(|it| *it == answers[0]));
    let answer = sign_in(&client, "grant_type=code&username=mara%40example.com").await;
    assert_eq!(
        answer.violations(),
        ["body /grant_type: const", "body /password: required"]
    );
    assert_eq!(orders(&client, "demo-expired-token").await, 401);
}
