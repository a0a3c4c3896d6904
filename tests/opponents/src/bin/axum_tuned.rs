//! The orders API with `serde_json::from_slice`.

use std::error::Error;

use opponents::extract::WithSerdeJson;
use opponents::{app, serve};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    serve::serve(app::router::<WithSerdeJson>()?).await
}
