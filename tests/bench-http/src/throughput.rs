//! Requests per second: the server on one core, the load on another, rounds of all servers interleaved.
//!
//! Interleaving spreads what else the machine does over all servers alike; the median forgets the rest.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::Error;
use crate::client::AsyncClient;
use crate::machine::{self, Cores};
use crate::options::Options;
use crate::report::{Figure, Row, Table};
use crate::scenario::Scenario;
use crate::server::{Process, Server, Variant};

/// How long a server runs a scenario before its first round, in seconds.
const WARM_UP: f64 = 0.3;

/// Loads every server with every scenario.
pub(crate) fn measure(
    servers: &[Server],
    variant: Variant,
    options: &Options,
) -> Result<Table, Error> {
    let cores = Cores::choose()?;
    // The load generator has one thread, so to pin this one is enough.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;

    machine::pin(cores.server)?;
    let mut processes = Vec::new();
    for server in servers {
        let mut process = Process::start(server, variant)?;
        process.connect()?;
        processes.push(process);
    }
    machine::pin(cores.load)?;

    let mut rows: Vec<Row> = servers
        .iter()
        .map(|server| Row {
            server: server.name.clone(),
            figures: Vec::new(),
        })
        .collect();
    for scenario in &options.scenarios {
        let request: Arc<[u8]> = scenario.request().into();
        let mut rounds = vec![Vec::with_capacity(options.rounds); servers.len()];
        for (server, process) in servers.iter().zip(&processes) {
            load(
                &runtime,
                server,
                process.address,
                scenario,
                &request,
                WARM_UP,
            )?;
        }
        for round in 0..options.rounds {
            for turn in 0..servers.len() {
                let index = (round + turn) % servers.len();
                let address = processes[index].address;
                let figure = load(
                    &runtime,
                    &servers[index],
                    address,
                    scenario,
                    &request,
                    options.seconds,
                )?;
                rounds[index].push(figure);
            }
        }
        for (row, rounds) in rows.iter_mut().zip(rounds) {
            row.figures.push(Figure::median(rounds));
        }
    }
    for process in processes {
        process.stop()?;
    }
    Ok(Table {
        title: format!("requests per second, {}", variant.name()),
        unit: "requests per second",
        variant: variant.name(),
        scenarios: options
            .scenarios
            .iter()
            .map(|scenario| scenario.name)
            .collect(),
        rows,
    })
}

/// Loads one server for `seconds` and returns its requests per second.
fn load(
    runtime: &Runtime,
    server: &Server,
    address: SocketAddr,
    scenario: &Scenario,
    request: &Arc<[u8]>,
    seconds: f64,
) -> Result<f64, Error> {
    let status = server.keeps_contract().then_some(scenario.status);
    runtime.block_on(async {
        let mut clients = Vec::new();
        for _ in 0..scenario.connections {
            clients.push(AsyncClient::connect(address).await?);
        }
        let start = Instant::now();
        let deadline = start + Duration::from_secs_f64(seconds);
        let mut connections = JoinSet::new();
        for client in clients {
            connections.spawn(repeat(client, Arc::clone(request), status, deadline));
        }
        let patience = Duration::from_secs_f64(seconds + 30.0);
        let answered = tokio::time::timeout(patience, async {
            let mut answered = 0;
            while let Some(count) = connections.join_next().await {
                answered += count??;
            }
            Ok::<u32, Error>(answered)
        })
        .await
        .map_err(|_| format!("{} does not answer {}", server.name, scenario.name))??;
        Ok(f64::from(answered) / start.elapsed().as_secs_f64())
    })
}

/// Sends the request until the deadline and counts the answers.
async fn repeat(
    mut client: AsyncClient,
    request: Arc<[u8]>,
    status: Option<u16>,
    deadline: Instant,
) -> Result<u32, Error> {
    let mut answered = 0;
    while Instant::now() < deadline {
        let found = client.send(&request).await?;
        if let Some(expected) = status.filter(|&expected| expected != found) {
            return Err(format!("expected status {expected}, found {found}").into());
        }
        answered += 1;
    }
    Ok(answered)
}
