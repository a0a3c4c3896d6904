//! The bookshop's server.
//!
//! ```text
//! bookshop [--port PORT] [--database FILE | --in-memory]
//! ```
//!
//! The rest is set by variables, or by a file `.env`: `BOOKSHOP_LOG_FORMAT=json` and others of `App::env`, and those of
//! OpenTelemetry. Traces are sent where `OTEL_EXPORTER_OTLP_ENDPOINT` says where to.

use std::path::PathBuf;

use bookshop::{Database, Shop};
use specwright::{App, Error, Log, OpenTelemetry};

/// What the command line asks for.
struct Options {
    /// 0 takes a free port.
    port: u16,
    database: Database,
}

#[tokio::main]
async fn main() -> specwright::Result {
    let options = options(lexopt::Parser::from_env())?;
    let address = format!("127.0.0.1:{}", options.port);
    invite(options.port);
    App::start(async move |lifespan| {
        let shop = Shop::open(&options.database).await?;
        let closing = shop.clone();
        lifespan.at_end(async move { closing.close().await });
        Ok(bookshop::bookshop::api(shop))
    })
    .log(Log::new())
    .access_log(true)
    .health_routes()
    .open_telemetry(OpenTelemetry::new().optional(true))
    .env_with_prefix("BOOKSHOP_")
    .bind(address)
    .serve()
    .await
}

fn options(mut arguments: lexopt::Parser) -> specwright::Result<Options> {
    use lexopt::prelude::{Long, ValueExt as _};
    let mut options = Options {
        port: 8000,
        database: Database::File(PathBuf::from("bookshop.db")),
    };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => options.port = arguments.value()?.parse()?,
            Long("database") => options.database = Database::File(arguments.value()?.into()),
            Long("in-memory") => options.database = Database::InMemory,
            Long("help") => {
                return Err(Error::new(
                    "usage: bookshop [--port PORT] [--database FILE | --in-memory]",
                ));
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

/// Prints what to try first; the address itself is printed by the server, once it listens.
#[expect(
    clippy::print_stdout,
    reason = "whoever starts the shop reads it there"
)]
fn invite(port: u16) {
    println!(
        r#"Three requests to try:
  curl -i 'http://127.0.0.1:{port}/books?tag=sea&format=paperback,ebook&sort=cheapest'
  curl -i 'http://127.0.0.1:{port}/books?tag=S&max_price=1.005&per_page=500'
  curl -i -X PATCH 'http://127.0.0.1:{port}/books/0b5e7a10-0000-4000-8000-000000000001' \
    -H 'X-Api-Key: demo-staff-key' -H 'If-Match: *' -H 'Content-Type: application/json' -d '{{"subtitle": null}}'"#
    );
}
