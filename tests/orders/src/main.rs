//! `ADDRESS [--defaults]`: without it, as bare as the opponents are.

use orders::{Shop, orders::api};
use specwright::{App, Error};

#[tokio::main]
async fn main() -> specwright::Result {
    let mut arguments = std::env::args().skip(1);
    let (address, defaults) = match (arguments.next(), arguments.next().as_deref()) {
        (Some(address), None) => (address, false),
        (Some(address), Some("--defaults")) => (address, true),
        _ => return Err(Error::new("usage: ADDRESS [--defaults]")),
    };
    let app = App::new(api(Shop::seeded()?)).bind(address);
    let app = if defaults { app } else { app.bare() };
    app.serve().await
}
