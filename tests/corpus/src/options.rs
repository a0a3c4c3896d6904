//! The command line.

use std::path::PathBuf;

use lexopt::ValueExt as _;

use crate::Error;

/// The text of `--help`.
pub(crate) const USAGE: &str = "\
cargo corpus [options] [DIR]

  DIR               the folder of documents ($SPECWRIGHT_CORPUS/specs, else ../shared/corpus/specs)
  --compile         compiles each generated server, with handlers that answer 501
  --clippy          compiles with clippy in place of rustc
  --client          generates a client of each document too
  --only TEXT       only the documents whose path contains this
  --json FILE       writes everything to this file too
  --lines N         lines of generated code that are compiled as one crate (60000)";

/// What the command line asks for.
pub(crate) struct Options {
    /// The folder of documents.
    pub(crate) folder: PathBuf,
    /// Whether generated code is compiled.
    pub(crate) compile: bool,
    /// Whether clippy compiles it.
    pub(crate) clippy: bool,
    /// Whether clients are generated too.
    pub(crate) client: bool,
    /// What a document's path has to contain.
    pub(crate) only: String,
    /// Where everything is written as JSON.
    pub(crate) json: Option<PathBuf>,
    /// Lines of generated code that are compiled as one crate.
    pub(crate) lines: usize,
    /// The folder that generated code is written to.
    pub(crate) target: PathBuf,
}

impl Options {
    /// Reads the command line; `None` asks for the help text.
    pub(crate) fn from_args() -> Result<Option<Self>, Error> {
        let mut folder = None;
        let mut options = Self {
            folder: PathBuf::new(),
            compile: false,
            clippy: false,
            client: false,
            only: String::new(),
            json: None,
            lines: 60_000,
            target: specwright_servers::target("corpus")?,
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            use lexopt::Arg::{Long, Short, Value};
            match argument {
                Value(value) if folder.is_none() => folder = Some(PathBuf::from(value)),
                Long("compile") => options.compile = true,
                Long("clippy") => {
                    options.compile = true;
                    options.clippy = true;
                }
                Long("client") => options.client = true,
                Long("only") => options.only = parser.value()?.string()?,
                Long("json") => options.json = Some(parser.value()?.into()),
                Long("lines") => options.lines = parser.value()?.parse()?,
                Long("help") | Short('h') => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        options.folder = folder.unwrap_or_else(|| specwright_servers::corpus().join("specs"));
        Ok(Some(options))
    }
}
