//! Sends each recorded request to its server, and prints what was answered: the program that `cargo replay` compiles with
//! the servers.
//!
//! The argument is the file of requests, one JSON object in each line. For each a line is printed: a JSON array of the
//! status and the body of the answer.

use std::io::Write as _;

use specwright::{App, AppService, Coercion, axum::body, http::Request};
use tower::ServiceExt as _;

mod servers;

type Error = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let file = std::env::args().nth(1).ok_or("the file of requests is missing")?;
    let requests = std::fs::read_to_string(file)?;
    let mut current: Option<(String, AppService)> = None;
    for line in requests.lines() {
        let case: serde_json::Value = serde_json::from_str(line)?;
        let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
        let name = text("server");
        let service = match &current {
            Some((known, service)) if *known == name => service.clone(),
            _ => {
                let api = servers::api(&name).ok_or("a server is missing")?;
                let app = App::new(api).coerce(Coercion::Lax).echo_input(true);
                let service = app.into_service().map_err(|error| error.to_string())?;
                current = Some((name, service.clone()));
                service
            }
        };
        let mut request = Request::builder()
            .method(text("method").as_str())
            .uri(text("path"))
            // What every client sends, and the recording leaves out.
            .header("host", "testserver")
            // What the stub verifiers say to credentials.
            .extension(case["accepts"] == true);
        for header in case["headers"].as_array().into_iter().flatten() {
            let (name, value): (String, String) = serde_json::from_value(header.clone())?;
            request = request.header(name, value);
        }
        let body: Vec<u8> = serde_json::from_value(case["body"].clone())?;
        let answer = service.oneshot(request.body(body::Body::from(body))?).await?;
        let (parts, body) = answer.into_parts();
        let body = body::to_bytes(body, usize::MAX).await?;
        let body = String::from_utf8_lossy(&body).into_owned();
        let answer = serde_json::to_string(&(parts.status.as_u16(), body))?;
        writeln!(std::io::stdout().lock(), "{answer}")?;
    }
    Ok(())
}
