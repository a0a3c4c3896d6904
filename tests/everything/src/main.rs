//! Serves everything, on the port that is given.

use std::env;

use specwright::App;
use specwright_everything::{Echo, everything};

#[tokio::main]
async fn main() -> specwright::Result {
    let port = env::args().nth(1).unwrap_or_else(|| "8000".to_owned());
    App::new(everything::api(Echo))
        .bind(format!("127.0.0.1:{port}"))
        .serve()
        .await
}
