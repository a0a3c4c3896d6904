//! The post office's server.
//!
//! ```text
//! letters [--port PORT] [--mailboxes FOLDER] [--database FILE | --redis URL]
//! ```

use std::path::PathBuf;

use letters::{Mailboxes, Queue};
use specwright::{App, Error, Log};

const USAGE: &str =
    "usage: letters [--port PORT] [--mailboxes FOLDER] [--database FILE | --redis URL]";

/// What the command line asks for.
struct Options {
    /// 0 takes a free port.
    port: u16,
    mailboxes: PathBuf,
    database: PathBuf,
    redis: Option<String>,
}

#[tokio::main]
async fn main() -> specwright::Result {
    let options = options(lexopt::Parser::from_env())?;
    let address = format!("127.0.0.1:{}", options.port);
    App::start(async |lifespan| {
        let mailboxes = Mailboxes::open(options.mailboxes)?;
        letters::open(
            queue(options.database, options.redis)?,
            mailboxes,
            &lifespan,
        )
        .await
    })
    .bind(address)
    .log(Log::new())
    .access_log(true)
    .health_routes()
    .serve()
    .await
}

fn queue(database: PathBuf, redis: Option<String>) -> specwright::Result<Queue> {
    match redis {
        #[cfg(feature = "redis")]
        Some(url) => Ok(Queue::Redis(url)),
        #[cfg(not(feature = "redis"))]
        Some(_) => Err(Error::new("`--redis` needs the feature `redis`")),
        None => Ok(Queue::Sqlite(database)),
    }
}

fn options(mut arguments: lexopt::Parser) -> specwright::Result<Options> {
    use lexopt::prelude::{Long, ValueExt as _};
    let mut options = Options {
        port: 8000,
        mailboxes: PathBuf::from("mailboxes"),
        database: PathBuf::from("letters.db"),
        redis: None,
    };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => options.port = arguments.value()?.parse()?,
            Long("mailboxes") => options.mailboxes = arguments.value()?.into(),
            Long("database") => options.database = arguments.value()?.into(),
            Long("redis") => options.redis = Some(arguments.value()?.parse()?),
            Long("help") => return Err(Error::new(USAGE)),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}
