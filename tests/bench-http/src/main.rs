//! `cargo bench-http`: one API on several servers, measured by instructions and by requests per second.
//!
//! It builds the servers, checks that each answers what the contract says, measures them in one run and prints absolute
//! figures with ratios against the hand-written opponents. It talks to 127.0.0.1 only, and every loop ends.

#![expect(clippy::print_stdout, reason = "the table is the product")]

mod build;
mod client;
mod instructions;
mod locks;
mod machine;
mod options;
mod probe;
mod report;
mod scenario;
mod server;
mod throughput;

use std::process::ExitCode;

use crate::options::{Method, Options, USAGE};
use crate::report::Report;

/// What goes wrong in a benchmark: it ends the run and is printed, so its text is all that matters.
type Error = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("bench-http: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Error> {
    let Some(options) = Options::from_args()? else {
        println!("{USAGE}");
        return Ok(());
    };
    let servers = build::servers(&options)?;
    for difference in locks::differences()? {
        println!("{difference}");
    }
    let mut report = Report::default();
    for &variant in &options.variants {
        for server in &servers {
            probe::check(server, variant, &options.scenarios)?;
        }
        for &method in &options.methods {
            let table = match method {
                Method::Instructions => instructions::measure(&servers, variant, &options)?,
                Method::Throughput => throughput::measure(&servers, variant, &options)?,
            };
            println!("{table}");
            report.tables.push(table);
        }
    }
    let path = build::target_directory()?.join("bench-http.json");
    report.write(&path)?;
    println!("written to {}", path.display());
    Ok(())
}
