//! A figure counts only for a server that answers rightly.

use serde_json::Value;

use crate::Error;
use crate::scenario::Scenario;
use crate::server::{Process, Server, Variant};

/// Asks every scenario once and compares status and body with the contract.
pub(crate) fn check(
    server: &Server,
    variant: Variant,
    scenarios: &[&Scenario],
) -> Result<(), Error> {
    let mut process = Process::start(server, variant)?;
    let mut client = process.connect()?;
    for scenario in scenarios {
        let (status, body) = client.send(&scenario.request())?;
        if !server.keeps_contract() {
            continue;
        }
        let answer: Value = serde_json::from_slice(body)?;
        if status != scenario.status || !(scenario.is_right)(&answer) {
            let (server, variant, name) = (&server.name, variant.name(), scenario.name);
            return Err(
                format!("{server} ({variant}) answers {name} wrongly: {status} {answer}").into(),
            );
        }
    }
    process.stop()
}
