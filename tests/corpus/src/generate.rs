//! One document: read, lowered and spelt, in a thread of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use specwright_build::{
    Generator,
    diagnostic::{Diagnostics, Severity},
    ir::Api,
};

use crate::{message::Finding, operations, options::Options, stub};

/// A document that takes longer has failed.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// What a build script's main thread has on Linux.
const STACK_SIZE: usize = 8 << 20;

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
    /// Each error in words, with its place.
    pub(crate) headlines: Vec<String>,
    /// The lines of generated code.
    pub(crate) lines: usize,
    /// How long reading, lowering and spelling took.
    pub(crate) seconds: f64,
    /// The `recursion_limit` that the code needs, where rustc's default is too low.
    pub(crate) recursion_limit: Option<usize>,
    /// Why there is no result at all: a panic, or too much time.
    pub(crate) failure: Option<String>,
    /// The generated module's folder, where it is going to be compiled.
    pub(crate) module: Option<PathBuf>,
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
        modules: options.compile.then(|| options.target.join("documents")),
    };
    let panicked = Arc::new(Mutex::new(String::new()));
    let words = Arc::clone(&panicked);
    std::panic::set_hook(Box::new(move |info| {
        if let Ok(mut words) = words.lock() {
            *words = info.to_string().replace('\n', " ");
        }
    }));
    let (send, receive) = mpsc::channel();
    let started = Instant::now();
    let spawned = thread::Builder::new()
        .stack_size(STACK_SIZE)
        .spawn(move || {
            // Nobody listens where the time is over.
            let _ = send.send(job.run());
        });
    let answer = match spawned {
        Ok(_) => receive
            .recv_timeout(TIME_LIMIT)
            .map_err(|error| match error {
                mpsc::RecvTimeoutError::Timeout => {
                    format!("no end after {} s", TIME_LIMIT.as_secs())
                }
                mpsc::RecvTimeoutError::Disconnected => panicked
                    .lock()
                    .map_or_else(|_| "panicked".to_owned(), |words| words.clone()),
            }),
        Err(error) => Err(error.to_string()),
    };
    drop(std::panic::take_hook());
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
    modules: Option<PathBuf>,
}

impl Job {
    fn run(&self) -> io::Result<Outcome> {
        let path = self.folder.join(&self.file);
        let started = Instant::now();
        let generator = Generator::new(&path).root(&self.folder);
        let generated = generator.check();
        let mut outcome = Outcome {
            file: self.file.clone(),
            ..Outcome::default()
        };
        count(&generated.diagnostics, &mut outcome);
        for diagnostic in generated.diagnostics.sorted() {
            if diagnostic.severity == Severity::Error {
                let (line, column) = generated.sources.line_column(diagnostic.place.span);
                outcome.headlines.push(format!(
                    "{}: {} ({}:{line}:{column})",
                    diagnostic.code.as_str(),
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
            let mut files = vec![("mod", modules.root)];
            files.extend(modules.children);
            outcome.lines = files.iter().map(|(_, text)| text.lines().count()).sum();
            if let Some(folder) = &self.modules {
                let module = folder.join(module_name(&self.file));
                write(&module, api, &files)?;
                outcome.module = Some(module);
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

/// Writes the generated module as `api` below a module of its own, and the handlers beside it.
fn write(module: &Path, api: &Api, files: &[(&str, String)]) -> io::Result<()> {
    let folder = module.join("api");
    fs::create_dir_all(&folder)?;
    for (name, text) in files {
        write_if_changed(&folder.join(format!("{name}.rs")), text)?;
    }
    write_if_changed(&folder.join("openapi.json"), &api.served.json)?;
    write_if_changed(&folder.join("openapi.yaml"), &api.served.yaml)?;
    let handlers = files
        .iter()
        .find(|(name, _)| *name == "handlers")
        .map_or("", |(_, text)| text);
    let stub = stub::stub(handlers).map_err(io::Error::other)?;
    write_if_changed(&module.join("stub.rs"), &stub)?;
    write_if_changed(&module.join("mod.rs"), stub::ROOT)
}

/// Cargo compiles what is newer, so what has not changed must not become newer.
pub(crate) fn write_if_changed(path: &Path, text: &str) -> io::Result<()> {
    match fs::read(path) {
        Ok(before) if before == text.as_bytes() => Ok(()),
        _ => fs::write(path, text),
    }
}
