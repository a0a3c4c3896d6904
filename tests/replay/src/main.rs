//! `cargo replay`: recorded exchanges of FastAPI applications against servers that are generated from their documents.
//!
//! Every application is a folder with `openapi.json` and `exchanges.jsonl`. Its document becomes a server with stub
//! handlers; all servers are compiled in one crate, and one process sends each recorded request and tells the answer.
//! What the framework decides has to be the same; what a handler decides has to reach one. Nothing is written but below
//! `target/replay`.

#![expect(clippy::print_stdout, reason = "the figures are the product")]

mod expected;
mod judge;
mod options;
mod recording;
mod run;

use std::process::ExitCode;

use specwright_servers::Error;

use crate::{
    expected::Expected,
    judge::{Verdict, judge},
    options::{Options, USAGE},
    recording::Application,
};

fn main() -> ExitCode {
    specwright_servers::run("replay", replay)
}

/// Figures of the applications with or without security schemes.
#[derive(Clone, Copy, Default)]
struct Figures {
    passed: usize,
    listed: usize,
    failed: usize,
    identical: usize,
    invalid: usize,
}

/// Whether everything passed but what is expected to deviate.
fn replay() -> Result<bool, Error> {
    let Some(options) = Options::from_args()? else {
        println!("{USAGE}");
        return Ok(true);
    };
    if specwright_servers::is_skipped(&options.folder) {
        return Ok(true);
    }
    let applications = Application::read_all(&options)?;
    let answers = run::run(&options, &applications)?;
    let mut expected = Expected::read()?;
    let mut figures = [Figures::default(); 2];
    let mut is_good = true;
    for (application, answers) in applications.iter().zip(&answers) {
        let mut own = Figures::default();
        for (exchange, answer) in application.exchanges.iter().zip(answers) {
            let verdict = judge(exchange, answer);
            let reason = expected.take(&application.name, &exchange.title());
            if exchange.status == 422 {
                own.invalid += 1;
                let is_identical = answer.body == exchange.resp_body.text();
                own.identical += usize::from(is_identical);
                if options.bytes && !is_identical {
                    println!(
                        "bytes: {}\n  {}\n  {}",
                        exchange.title(),
                        exchange.resp_body.text(),
                        answer.body
                    );
                }
            }
            let title = format!("{}: {}", application.name, exchange.title());
            match (verdict, reason) {
                (Verdict::Same, None) => own.passed += 1,
                (Verdict::Same, Some(_)) => {
                    own.passed += 1;
                    println!("passed, although it is expected to deviate: {title}");
                    is_good = false;
                }
                (Verdict::Differs(how), Some(reason)) => {
                    own.listed += 1;
                    if options.failures {
                        println!("expected: {title}: {how} ({reason})");
                    }
                }
                (Verdict::Differs(how), None) => {
                    own.failed += 1;
                    println!("FAILED: {title}: {how}");
                    is_good = false;
                }
            }
        }
        println!(
            "{:<70} {:>2} passed {:>2} expected {:>2} failed",
            application.name, own.passed, own.listed, own.failed
        );
        if let Some(sum) = figures.get_mut(usize::from(application.is_secured)) {
            sum.passed += own.passed;
            sum.listed += own.listed;
            sum.failed += own.failed;
            sum.identical += own.identical;
            sum.invalid += own.invalid;
        }
    }
    if options.only.is_empty() {
        for (application, title) in expected.rest() {
            println!("expected.tsv lists what there is not: {application}: {title}");
            is_good = false;
        }
    }
    let [open, secured] = figures;
    for (words, it) in [("without", open), ("with", secured)] {
        println!(
            "{words} security schemes: {} passed, {} deviate as expected, {} failed",
            it.passed, it.listed, it.failed
        );
    }
    println!(
        "bodies of 422 that are the same to the byte: {} of {}",
        open.identical + secured.identical,
        open.invalid + secured.invalid
    );
    println!(
        "applications: {} generated and compiled",
        applications.len()
    );
    println!(
        "replay: {} passed, {} failed",
        open.passed + secured.passed,
        open.listed + open.failed + secured.listed + secured.failed
    );
    Ok(is_good)
}
