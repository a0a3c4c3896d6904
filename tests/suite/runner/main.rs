//! Sends each case to its server, and prints what was answered: the program that `cargo suite` compiles with the servers.
//!
//! The arguments are the file of cases, one JSON array of a module's name, a path and a body in each line, and the number of the
//! first one to send. For each case a line is printed: a JSON array of the status and the body of the answer.

use std::io::Write as _;

use specwright::{App, AppService, axum::body, http::Request};
use tower::ServiceExt as _;

mod servers;

type Error = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let cases = std::fs::read_to_string(arguments.next().ok_or("the file of cases is missing")?)?;
    let first = arguments.next().map_or(Ok(0), |it| it.parse())?;
    let mut current: Option<(String, AppService)> = None;
    for line in cases.lines().skip(first) {
        let (name, path, body): (String, String, String) = serde_json::from_str(line)?;
        let service = match &current {
            Some((known, service)) if *known == name => service.clone(),
            _ => {
                let api = servers::api(&name).ok_or("a server is missing")?;
                let service = App::new(api).into_service().map_err(|error| error.to_string())?;
                current = Some((name, service.clone()));
                service
            }
        };
        let request = Request::post(path)
            .header("content-type", "application/json")
            .body(body::Body::from(body))?;
        let (parts, body) = service.oneshot(request).await?.into_parts();
        let text = body::to_bytes(body, usize::MAX).await?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let answer = serde_json::to_string(&(parts.status.as_u16(), text))?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")?;
        // What was answered has to be known even where the next case ends the process.
        out.flush()?;
    }
    Ok(())
}
