//! The command line.

use std::path::PathBuf;

use lexopt::ValueExt as _;

use crate::Error;

/// The text of `--help`.
pub(crate) const USAGE: &str = "\
cargo suite [options] [DIR]

  DIR               the JSON-Schema-Test-Suite ($SPECWRIGHT_CORPUS/json-schema-test-suite, else in ../shared/corpus)
  --only TEXT       only the files whose path below `tests` contains this
  --failures        prints each failure, those that are expected too
  --known-gaps      prints the groups whose keywords the generator does not support yet, and counts them apart
  --random N        in place of the suite, N random schemas with instances, judged by the crate `jsonschema` too
  --seed S          what the random schemas are made from (1)
  --corpus          in place of the suite, the component schemas of the corpus's documents with instances, judged by that
                    crate too; valid ones have to come back whole
  --most-lines N    documents with more generated code are left aside (20000)
  --lines N         lines of generated code that are compiled as one crate (20000)";

/// What the command line asks for.
pub(crate) struct Options {
    /// The folder of the suite.
    pub(crate) folder: PathBuf,
    /// What a file's path has to contain.
    pub(crate) only: String,
    /// Whether every failure is printed.
    pub(crate) failures: bool,
    /// Whether groups with keywords that are not supported yet are counted apart.
    pub(crate) known_gaps: bool,
    /// Whether the documents of the corpus are tested in place of the suite.
    pub(crate) corpus: bool,
    /// The most lines of generated code that a document of the corpus may have.
    pub(crate) most_lines: usize,
    /// How many random schemas are tested in place of the suite.
    pub(crate) random: Option<usize>,
    /// What they are made from.
    pub(crate) seed: u64,
    /// Lines of generated code that are compiled as one crate.
    pub(crate) lines: usize,
    /// The folder that documents and generated code are written to.
    pub(crate) target: PathBuf,
    /// The folder that Cargo writes to.
    pub(crate) compiled: PathBuf,
}

impl Options {
    /// Reads the command line; `None` asks for the help text.
    pub(crate) fn from_args() -> Result<Option<Self>, Error> {
        let mut folder = None;
        let mut options = Self {
            folder: PathBuf::new(),
            only: String::new(),
            failures: false,
            known_gaps: false,
            corpus: false,
            most_lines: 20_000,
            random: None,
            seed: 1,
            lines: 20_000,
            target: PathBuf::new(),
            compiled: PathBuf::new(),
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            use lexopt::Arg::{Long, Short, Value};
            match argument {
                Value(value) if folder.is_none() => folder = Some(PathBuf::from(value)),
                Long("only") => options.only = parser.value()?.string()?,
                Long("failures") => options.failures = true,
                Long("known-gaps") => options.known_gaps = true,
                Long("corpus") => options.corpus = true,
                Long("most-lines") => options.most_lines = parser.value()?.parse()?,
                Long("random") => options.random = Some(parser.value()?.parse()?),
                Long("seed") => options.seed = parser.value()?.parse()?,
                Long("lines") => options.lines = parser.value()?.parse()?,
                Long("help") | Short('h') => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        options.folder =
            folder.unwrap_or_else(|| specwright_servers::corpus().join("json-schema-test-suite"));
        // Each has a folder of its own, so that neither makes the other compile again; the runtime is compiled once.
        options.compiled = specwright_servers::target("suite/target")?;
        options.target = specwright_servers::target(match (options.corpus, options.random) {
            (true, _) => "suite/corpus",
            (false, Some(_)) => "suite/random",
            (false, None) => "suite/official",
        })?;
        if options.folder.is_dir() {
            options.folder = options.folder.canonicalize()?;
        }
        Ok(Some(options))
    }
}
