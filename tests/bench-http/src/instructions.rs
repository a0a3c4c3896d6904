//! Instructions of one request: what callgrind counts for many requests less what it counts for few.
//!
//! The difference takes start and end of the process out. One worker thread and one connection make it steady.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::options::Options;
use crate::report::{Figure, Row, Table};
use crate::scenario::Scenario;
use crate::server::{Process, Server, Variant};
use crate::{Error, build};

/// Counts every server in every scenario.
pub(crate) fn measure(
    servers: &[Server],
    variant: Variant,
    options: &Options,
) -> Result<Table, Error> {
    let directory = build::target_directory()?.join("bench-http");
    std::fs::create_dir_all(&directory)?;
    let cells: Vec<_> = servers
        .iter()
        .flat_map(|server| {
            options
                .scenarios
                .iter()
                .map(move |scenario| (server, *scenario))
        })
        .collect();
    let figures = in_parallel(options.jobs, cells.len(), |index| {
        let (server, scenario) = cells[index];
        let log = directory.join(format!("callgrind-{index}.log"));
        per_request(server, variant, scenario, &log)
    })?;
    let rows = servers
        .iter()
        .zip(figures.chunks(options.scenarios.len()))
        .map(|(server, figures)| Row {
            server: server.name.clone(),
            figures: figures.iter().map(|&count| Figure::steady(count)).collect(),
        })
        .collect();
    Ok(Table {
        title: format!("instructions per request, {}", variant.name()),
        unit: "instructions per request",
        variant: variant.name(),
        scenarios: options
            .scenarios
            .iter()
            .map(|scenario| scenario.name)
            .collect(),
        rows,
    })
}

fn per_request(
    server: &Server,
    variant: Variant,
    scenario: &Scenario,
    log: &Path,
) -> Result<f64, Error> {
    let (few, many) = scenario.counts;
    let base = count(server, variant, scenario, few, log)?;
    let total = count(server, variant, scenario, many, log)?;
    Ok((total - base) / f64::from(many - few))
}

/// The instructions of a whole process that answers `requests` requests.
fn count(
    server: &Server,
    variant: Variant,
    scenario: &Scenario,
    requests: u32,
    log: &Path,
) -> Result<f64, Error> {
    let mut process = Process::start_counted(server, variant, log)?;
    let mut client = process.connect()?;
    let request = scenario.request();
    for _ in 0..requests {
        let (status, _) = client.send(&request)?;
        if server.keeps_contract() && status != scenario.status {
            return Err(format!("{} answers {} with {status}", server.name, scenario.name).into());
        }
    }
    drop(client);
    process.stop()?;
    collected(&std::fs::read_to_string(log)?)
}

/// Reads the total from callgrind's log.
fn collected(log: &str) -> Result<f64, Error> {
    log.lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
        .ok_or_else(|| format!("callgrind reports no total:\n{log}").into())
}

/// Runs `job` for each index below `count`, `threads` at a time, and keeps the results in order.
fn in_parallel(
    threads: usize,
    count: usize,
    job: impl Fn(usize) -> Result<f64, Error> + Sync,
) -> Result<Vec<f64>, Error> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(count));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    let result = job(index);
                    if let Ok(mut results) = results.lock() {
                        results.push((index, result));
                    }
                }
            });
        }
    });
    let mut results = results
        .into_inner()
        .map_err(|_| "a measuring thread panicked")?;
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
