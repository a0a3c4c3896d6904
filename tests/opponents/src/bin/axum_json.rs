//! The orders API with `axum::Json`.

use std::error::Error;

use opponents::extract::WithAxumJson;
use opponents::{app, serve};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    serve::serve(app::router::<WithAxumJson>()?).await
}
