//! The command line.

use std::path::PathBuf;

use lexopt::ValueExt;

use crate::Error;
use crate::scenario::Scenario;
use crate::server::Variant;

/// The text of `--help`.
pub(crate) const USAGE: &str = "\
cargo bench-http [instructions | throughput] [options]

  --server NAME=PATH   also measures this binary, called as `PATH ADDRESS [--defaults]`
  --only NAME,...      measures only these servers
  --scenario NAME,...  health, by-id, list, post, faulty-post, bulk
  --bare, --defaults   one variant only: without or with limits, timeouts, panic guard and request id
  --rounds N           rounds of a throughput figure (9)
  --seconds S          length of a round (2)
  --jobs N             servers under valgrind at a time (one per core)";

/// How to measure.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Method {
    /// User-space instructions of one request, counted by callgrind.
    Instructions,
    /// Requests per second with the server on one core and the load on another.
    Throughput,
}

/// What the command line asks for.
pub(crate) struct Options {
    /// The methods, in the order in which they run.
    pub(crate) methods: Vec<Method>,
    /// The variants, in the order in which they run.
    pub(crate) variants: Vec<Variant>,
    /// The scenarios, in the order of the columns.
    pub(crate) scenarios: Vec<&'static Scenario>,
    /// The binaries given by hand.
    pub(crate) servers: Vec<(String, PathBuf)>,
    /// The names to measure; all where empty.
    pub(crate) only: Vec<String>,
    /// Rounds of a throughput figure; the median is reported.
    pub(crate) rounds: usize,
    /// Length of a round in seconds.
    pub(crate) seconds: f64,
    /// Servers under valgrind at a time.
    pub(crate) jobs: usize,
}

impl Options {
    /// Reads the command line; `None` asks for the help text.
    pub(crate) fn from_args() -> Result<Option<Self>, Error> {
        let mut options = Self {
            methods: Vec::new(),
            variants: Vec::new(),
            scenarios: Vec::new(),
            servers: Vec::new(),
            only: Vec::new(),
            rounds: 9,
            seconds: 2.0,
            jobs: std::thread::available_parallelism()?.get(),
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            use lexopt::Arg::{Long, Short, Value};
            match argument {
                Value(value) if value == "instructions" => {
                    options.methods.push(Method::Instructions)
                }
                Value(value) if value == "throughput" => options.methods.push(Method::Throughput),
                Long("server") => options
                    .servers
                    .push(named_path(&parser.value()?.string()?)?),
                Long("only") => options.only.extend(list(&parser.value()?.string()?)),
                Long("scenario") => {
                    for name in list(&parser.value()?.string()?) {
                        options.scenarios.push(Scenario::named(&name)?);
                    }
                }
                Long("bare") => options.variants.push(Variant::Bare),
                Long("defaults") => options.variants.push(Variant::Defaults),
                Long("rounds") => options.rounds = parser.value()?.parse()?,
                Long("seconds") => options.seconds = parser.value()?.parse()?,
                Long("jobs") => options.jobs = parser.value()?.parse()?,
                Long("help") | Short('h') => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        if options.methods.is_empty() {
            options.methods = vec![Method::Instructions, Method::Throughput];
        }
        if options.variants.is_empty() {
            options.variants = vec![Variant::Bare, Variant::Defaults];
        }
        if options.scenarios.is_empty() {
            options.scenarios = Scenario::ALL.iter().collect();
        }
        options.check()?;
        Ok(Some(options))
    }

    /// Refuses what would never end or measure nothing.
    fn check(&self) -> Result<(), Error> {
        if !(1..=1000).contains(&self.rounds) {
            return Err("`--rounds` takes 1 to 1000".into());
        }
        if !(0.05..=60.0).contains(&self.seconds) {
            return Err("`--seconds` takes 0.05 to 60".into());
        }
        if !(1..=64).contains(&self.jobs) {
            return Err("`--jobs` takes 1 to 64".into());
        }
        Ok(())
    }
}

fn list(value: &str) -> Vec<String> {
    value.split(',').map(str::to_owned).collect()
}

fn named_path(value: &str) -> Result<(String, PathBuf), Error> {
    let (name, path) = value
        .split_once('=')
        .ok_or_else(|| format!("expected `NAME=PATH`, found `{value}`"))?;
    Ok((name.to_owned(), PathBuf::from(path)))
}
