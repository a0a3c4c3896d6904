//! Greets whoever asks.

use hello::{GreetRequest, Greeting, GreetingsApi};
use specwright::{App, Context, Unexpected};

specwright::include_api!(
    /// What `hello.yaml` became.
    pub mod hello
);

struct Greeter;

impl GreetingsApi for Greeter {
    async fn greet(&self, _cx: &Context, request: GreetRequest) -> Result<Greeting, Unexpected> {
        let line = format!("Hello, {}!", request.name);
        let lines = (0..request.times).map(|_| line.clone()).collect();
        Ok(Greeting { lines })
    }
}

#[tokio::main]
async fn main() -> specwright::Result {
    App::new(hello::api(Greeter)).serve().await
}
