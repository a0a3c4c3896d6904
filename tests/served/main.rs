//! A server in a process of its own, for what only a process can show: its environment, signals and sockets.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hello::{GreetRequest, Greeting, GreetingsApi};
use specwright::axum::Router;
use specwright::axum::routing::any;
use specwright::{App, Context, OpenTelemetry, Unexpected};

specwright::include_api!(
    /// The server of the README.
    pub mod hello
);

/// How many requests were handled.
static HANDLED: AtomicUsize = AtomicUsize::new(0);

struct Greeter;

impl GreetingsApi for Greeter {
    async fn greet(&self, cx: &Context, request: GreetRequest) -> Result<Greeting, Unexpected> {
        let line = format!("Hello, {}!", request.name);
        if request.name == "Slow" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if request.name == "Later" {
            cx.background(async { tracing::info!("greeted") });
        }
        if request.name == "Thinking" {
            cx.blocking(|_| tracing::info_span!("thought").in_scope(|| tracing::info!("so it is")))
                .await?;
        }
        HANDLED.fetch_add(1, Ordering::Relaxed);
        let lines = (0..request.times).map(|_| line.clone()).collect();
        Ok(Greeting { lines })
    }
}

#[tokio::main]
async fn main() -> specwright::Result {
    let prefix = std::env::var("SERVED_PREFIX").unwrap_or_else(|_| "SPECWRIGHT_".to_owned());
    if std::env::var_os("SERVED_LOG").is_some() {
        // As a program sets up a log of its own.
        let log = tracing_subscriber::fmt().without_time().with_target(false);
        log.with_ansi(false).with_writer(std::io::stderr).init();
    }
    let traces = std::env::var("SERVED_TRACES").ok();
    let mut app = App::start(async |lifespan| {
        lifespan.at_end(async {
            let mut output = std::io::stdout();
            if std::env::var_os("SERVED_COUNTS").is_some() {
                let _ = writeln!(output, "handled {}", HANDLED.load(Ordering::Relaxed));
            }
            let _ = writeln!(output, "released");
        });
        Ok(hello::api(Greeter))
    });
    if let Some(traces) = traces {
        let wanted = OpenTelemetry::new().optional(traces == "optional");
        app = app.open_telemetry(wanted.trust_all(traces == "all"));
    }
    if let Ok(hosts) = std::env::var("SERVED_HOSTS") {
        app = app.trusted_hosts(hosts.split(','));
    }
    app = app.merge(Router::new().route("/written/{word}", any(async || "by hand")));
    app = app
        .health_routes()
        .socket_activation(true)
        .env_with_prefix(&prefix);
    if std::env::var_os("SERVED_SETTINGS").is_some() {
        let settings = format!("{app:?}");
        app.started().await?.into_service()?;
        let _ = writeln!(std::io::stdout(), "{settings}");
        return Ok(());
    }
    app.serve().await
}
