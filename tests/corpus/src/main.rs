//! `cargo corpus`: every document of a folder is generated, and on request the generated servers are compiled.
//!
//! One process reads all documents; each has a thread of its own, so that a panic or a document without an end is that
//! document's failure only. Nothing is written but below `target/corpus`.

#![expect(clippy::print_stdout, reason = "the table is the product")]

mod compile;
mod generate;
mod operations;
mod options;
mod report;

use std::process::ExitCode;

use specwright_servers::Error;

use crate::options::{Options, USAGE};

fn main() -> ExitCode {
    specwright_servers::run("corpus", run)
}

/// Whether nothing panicked and everything that was generated compiles.
fn run() -> Result<bool, Error> {
    let Some(options) = Options::from_args()? else {
        println!("{USAGE}");
        return Ok(true);
    };
    if specwright_servers::is_skipped(&options.folder) {
        return Ok(true);
    }
    let documents = specwright_servers::documents(&options.folder)?;
    let mut outcomes = Vec::new();
    println!("{}", report::heading());
    for document in documents
        .into_iter()
        .filter(|it| it.contains(&options.only))
    {
        let outcome = generate::generate(&options, &document);
        println!("{}", report::row(&outcome));
        outcomes.push(outcome);
    }
    if options.compile {
        compile::compile(&options, &mut outcomes)?;
    }
    for line in report::summary(&options, &outcomes) {
        println!("{line}");
    }
    if let Some(file) = &options.json {
        std::fs::write(file, report::json(&outcomes))?;
    }
    println!("{}", report::last_line(&outcomes));
    Ok(outcomes.iter().all(generate::Outcome::is_sound))
}
