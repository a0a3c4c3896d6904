//! `cargo suite`: the official tests of JSON Schema, each sent to a server that is generated from its schema.
//!
//! Every group of tests becomes an OpenAPI document whose one operation takes the group's schema as its body. All servers
//! are compiled, and one process sends each test's instance to its server: an instance that reaches the handler is valid,
//! one that is answered with 422 is not. Nothing is written but below `target/suite`.

#![expect(clippy::print_stdout, reason = "the figures are the product")]

mod case;
mod corpus;
mod dialect;
mod expected;
mod generate;
mod metaschema;
mod options;
mod oracle;
mod random;
mod report;
mod run;
mod sample;

use std::process::ExitCode;

use specwright_servers::Error;

use crate::{
    expected::Expected,
    options::{Options, USAGE},
};

fn main() -> ExitCode {
    specwright_servers::run("suite", suite)
}

/// Whether everything passed but what is expected to fail.
fn suite() -> Result<bool, Error> {
    let Some(options) = Options::from_args()? else {
        println!("{USAGE}");
        return Ok(true);
    };
    if options.corpus {
        return corpus::corpus(&options);
    }
    if options.random.is_none() && specwright_servers::is_skipped(&options.folder) {
        return Ok(true);
    }
    let groups = match options.random {
        Some(count) => random::groups(count, options.seed)?,
        None => case::load(&options)?,
    };
    let mut servers = generate::generate(&options, &groups)?;
    let answers = run::run(&options, &groups, &mut servers)?;
    let expected = Expected::read()?;
    Ok(report::report(&options, &groups, &answers, &expected))
}
