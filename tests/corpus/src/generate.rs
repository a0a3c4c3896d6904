//! One document: read, lowered and spelt, in a thread of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use specwright_build::{
    Generator,
    diagnostic::{Diagnostics, Severity},
    ir::Api,
};
use specwright_servers::{Finding, Server};

use crate::{operations, options::Options};

/// A document that takes longer has failed.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// The warnings that say that a rule of the document is not enforced: with one of them, it does not count as generated.
const NOT_ENFORCED: [&str; 1] = ["not-typed-yet"];

/// What became of one document.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Its path in the folder.
    pub(crate) file: String,
    /// The operations that its tree has in `paths`; absent where it cannot be read.
    pub(crate) operations: Option<usize>,
    /// The operations with a trait method; absent where nothing is generated.
    pub(crate) generated: Option<usize>,
    /// The schemas.
    pub(crate) schemas: usize,
    /// The schemas that became `Json` although they have a natural type.
    pub(crate) untyped: usize,
    /// The errors by code.
    pub(crate) errors: BTreeMap<&'static str, usize>,
    /// The warnings by code.
    pub(crate) warnings: BTreeMap<&'static str, usize>,
    /// Each error in words, with its place, and each warning of a rule that is not enforced.
    pub(crate) headlines: Vec<String>,
    /// The lines of generated code.
    pub(crate) lines: usize,
    /// How long reading, lowering and spelling took.
    pub(crate) seconds: f64,
    /// The `recursion_limit` that the code needs, where rustc's default is too low.
    pub(crate) recursion_limit: Option<usize>,
    /// Why there is no result at all: a panic, or too much time.
    pub(crate) failure: Option<String>,
    /// The generated module, where it is going to be compiled.
    pub(crate) server: Option<Server>,
    /// Whether it compiles, where that was tried.
    pub(crate) compiled: Option<bool>,
    /// What rustc found in the generated code.
    pub(crate) findings: Vec<Finding>,
}

impl Outcome {
    /// Whether every operation of the document has its method and every rule is enforced.
    pub(crate) fn is_generated(&self) -> bool {
        self.is_complete() && !NOT_ENFORCED.iter().any(|it| self.warnings.contains_key(it))
    }

    /// Whether every operation of the document has its method, while some content may be bytes that nothing checks.
    pub(crate) fn is_complete(&self) -> bool {
        self.failure.is_none() && self.generated.is_some() && self.generated == self.operations
    }

    /// Whether it has no operations, so that it is counted apart.
    pub(crate) fn is_without_operations(&self) -> bool {
        self.operations == Some(0)
    }

    /// Whether nothing went wrong that the document is not to blame for.
    pub(crate) fn is_sound(&self) -> bool {
        self.failure.is_none() && self.compiled != Some(false)
    }
}

/// Generates one document.
pub(crate) fn generate(options: &Options, file: &str) -> Outcome {
    let job = Job {
        folder: options.folder.clone(),
        file: file.to_owned(),
        client: options.client,
        modules: options.compile.then(|| options.target.join("documents")),
    };
    let started = Instant::now();
    let answer = specwright_servers::isolated(TIME_LIMIT, move || job.run());
    let answer = answer.and_then(|outcome| outcome.map_err(|error| error.to_string()));
    answer.unwrap_or_else(|failure| Outcome {
        file: file.to_owned(),
        seconds: started.elapsed().as_secs_f64(),
        failure: Some(failure),
        ..Outcome::default()
    })
}

/// One document and where its code goes.
struct Job {
    folder: PathBuf,
    file: String,
    client: bool,
    modules: Option<PathBuf>,
}

impl Job {
    fn run(&self) -> io::Result<Outcome> {
        let path = self.folder.join(&self.file);
        let started = Instant::now();
        let generator = Generator::new(&path).root(&self.folder).client(self.client);
        let generated = generator.check();
        let mut outcome = Outcome {
            file: self.file.clone(),
            ..Outcome::default()
        };
        count(&generated.diagnostics, &mut outcome);
        for diagnostic in generated.diagnostics.sorted() {
            let code = diagnostic.code.as_str();
            if diagnostic.severity == Severity::Error || NOT_ENFORCED.contains(&code) {
                let (line, column) = generated.sources.line_column(diagnostic.place.span);
                outcome.headlines.push(format!(
                    "{code}: {} ({}:{line}:{column})",
                    diagnostic.headline,
                    generated.sources.name(diagnostic.place.span.file),
                ));
            }
        }
        if let Some(api) = &generated.api {
            let modules = generator.emit(api);
            outcome.seconds = started.elapsed().as_secs_f64();
            outcome.generated = Some(methods(api));
            outcome.schemas = api.statistics.schemas;
            outcome.untyped = api.statistics.untyped;
            outcome.recursion_limit = api.recursion_limit;
            let texts = modules.children.iter().map(|(_, text)| text);
            outcome.lines = texts
                .chain([&modules.root])
                .map(|text| text.lines().count())
                .sum();
            if let Some(folder) = &self.modules {
                let name = module_name(&self.file);
                let server = Server::write(folder, &name, &self.file, api, &modules, &[])?;
                outcome.server = Some(server);
            }
        } else {
            outcome.seconds = started.elapsed().as_secs_f64();
        }
        // The second reading is not part of the time.
        outcome.operations = operations::count(&path, &self.folder);
        Ok(outcome)
    }
}

fn count(diagnostics: &Diagnostics, outcome: &mut Outcome) {
    for diagnostic in diagnostics.sorted() {
        let counts = match diagnostic.severity {
            Severity::Error => &mut outcome.errors,
            Severity::Warning => &mut outcome.warnings,
        };
        *counts.entry(diagnostic.code.as_str()).or_default() += 1;
    }
}

/// The operations that some trait has a method for.
fn methods(api: &Api) -> usize {
    let operations: BTreeSet<usize> = api
        .traits
        .iter()
        .flat_map(|it| it.operations.iter().copied())
        .filter(|index| *index < api.operations.len())
        .collect();
    operations.len()
}

/// The file's path as the name of a module.
fn module_name(file: &str) -> String {
    let name: String = file
        .chars()
        .map(|sign| match sign {
            sign if sign.is_ascii_alphanumeric() => sign.to_ascii_lowercase(),
            _ => '_',
        })
        .collect();
    format!("d_{name}")
}
