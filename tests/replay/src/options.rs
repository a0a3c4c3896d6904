//! The command line.

use std::path::PathBuf;

use lexopt::ValueExt as _;

use crate::Error;

/// The text of `--help`.
pub(crate) const USAGE: &str = "\
cargo replay [options] [DIR]

  DIR               the recorded applications ($SPECWRIGHT_CORPUS/fastapi-replay, else in ../shared/corpus)
  --only TEXT       only the applications whose name contains this
  --failures        prints the deviations that are expected too
  --bytes           prints the answers of 422 that are not the same to the byte";

/// What the command line asks for.
pub(crate) struct Options {
    /// The folder of the applications.
    pub(crate) folder: PathBuf,
    /// What an application's name has to contain.
    pub(crate) only: String,
    /// Whether expected deviations are printed.
    pub(crate) failures: bool,
    /// Whether answers that differ in bytes are printed.
    pub(crate) bytes: bool,
    /// The folder that everything is written to.
    pub(crate) target: PathBuf,
}

impl Options {
    /// Reads the command line; `None` asks for the help text.
    pub(crate) fn from_args() -> Result<Option<Self>, Error> {
        let mut folder = None;
        let mut options = Self {
            folder: PathBuf::new(),
            only: String::new(),
            failures: false,
            bytes: false,
            target: PathBuf::new(),
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            use lexopt::Arg::{Long, Short, Value};
            match argument {
                Value(value) if folder.is_none() => folder = Some(PathBuf::from(value)),
                Long("only") => options.only = parser.value()?.string()?,
                Long("failures") => options.failures = true,
                Long("bytes") => options.bytes = true,
                Long("help") | Short('h') => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        options.folder =
            folder.unwrap_or_else(|| specwright_servers::corpus().join("fastapi-replay"));
        options.target = specwright_servers::target("replay")?;
        if options.folder.is_dir() {
            options.folder = options.folder.canonicalize()?;
        }
        Ok(Some(options))
    }
}
