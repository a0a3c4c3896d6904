//! The generator: a document on disk becomes a server's code, in a build script or at the command line.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    thread,
};

use crate::{
    config::Options,
    diagnostic::{self, Diagnostics, Style},
    document::read_document,
    emit::{self, Modules},
    ir::Api,
    lower::lower,
    output::{self, Written},
    source::{FileReader, Sources},
    stamp::Stamp,
};

/// The stack of a run, in bytes.
const STACK: usize = 16 * 1024 * 1024;

/// Generates a server from an OpenAPI document.
///
/// The methods before [`run`](Self::run) choose; `run` is what a build script calls. Everything else is for tools.
///
/// # Examples
///
/// In `build.rs`:
///
/// ```no_run
/// specwright_build::Generator::new("api/bookshop.yaml").run();
/// ```
///
/// and in `src/main.rs`:
///
/// ```ignore
/// specwright::include_api!(pub mod bookshop);
/// ```
///
/// Several documents make several modules, each with a generator of its own:
///
/// ```no_run
/// use specwright_build::Generator;
///
/// Generator::new("api/public.yaml").root("api").run();
/// Generator::new("api/admin.yaml").root("api").name("admin_api").run();
/// ```
#[derive(Debug)]
pub struct Generator {
    document: PathBuf,
    root: Option<PathBuf>,
    name: Option<String>,
    uris: Vec<(String, PathBuf)>,
    options: Options,
}

/// What was found in a document.
#[derive(Debug)]
pub struct Generated {
    /// What is wrong with it.
    pub diagnostics: Diagnostics,
    /// The files that were read, which the diagnostics point into.
    pub sources: Sources,
    /// The API as data; present where no error was found.
    pub api: Option<Api>,
}

/// What a run in a build script did, and what it has to say.
#[derive(Debug)]
pub struct Run {
    /// What became of the document.
    pub outcome: Outcome,
    /// The files that were read, or that were looked for in vain, in the order of reading.
    pub files: Vec<PathBuf>,
    /// The diagnostics, drawn; empty where nothing was found.
    pub text: String,
}

/// What became of a document in a build script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The code was generated.
    Generated(Written),
    /// Nothing has changed since the last run, so nothing was read but the bytes, and nothing was written.
    Unchanged,
    /// The document has errors, so nothing was written.
    Failed,
}

impl Generator {
    /// A generator for this document, a path relative to the package's folder.
    ///
    /// The document is YAML, or JSON where its name ends in `.json`. It may refer to other files.
    pub fn new(document: impl Into<PathBuf>) -> Self {
        Self {
            document: document.into(),
            root: None,
            name: None,
            uris: Vec::new(),
            options: Options::default(),
        }
    }

    /// Sets the folder that references may not leave. Default: the folder of the document.
    ///
    /// # Examples
    ///
    /// `api/bookshop.yaml` refers to `../shared/errors.yaml`:
    ///
    /// ```no_run
    /// specwright_build::Generator::new("api/bookshop.yaml").root(".").run();
    /// ```
    #[must_use]
    pub fn root(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = Some(root.into());
        self
    }

    /// Sets the name of the generated module, by which `include_api!` finds it. Default: the document's file name
    /// without its ending, with `_` for what cannot be in a name: `book_shop` for `book-shop.yaml`.
    ///
    /// A name that is no Rust name is changed in the same way.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// specwright_build::Generator::new("api/v1/openapi.yaml").name("bookshop").run();
    /// ```
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets whether a schema with the keywords of one type but without `type` is taken to have that type. Default: true.
    ///
    /// JSON Schema lets values of all other types pass such a schema unchecked. Authors mean the type, so that is what
    /// is generated, with a warning; switched off, such a schema becomes `Json` with the checks of its keywords.
    ///
    /// # Examples
    ///
    /// With `Pet: { required: [name], properties: { name: { type: string } } }` the text `"Rex"` is a valid `Pet` only
    /// after
    ///
    /// ```no_run
    /// specwright_build::Generator::new("api/pets.yaml").implied_types(false).run();
    /// ```
    #[must_use]
    pub fn implied_types(mut self, implied_types: bool) -> Self {
        self.options.implied_types = implied_types;
        self
    }

    /// Sets whether the formats of JSON Schema, such as `date-time` and `uuid`, are annotations. Default: false, each of
    /// them is checked.
    ///
    /// Switched on, such a value is a plain `String` of any content, as JSON Schema 2020-12 has it where the vocabulary
    /// "format-assertion" is not asked for (Validation, section 7.2.1). The formats that OpenAPI adds (`int32`, `byte`,
    /// `decimal`, `password` and so on) keep their types.
    ///
    /// # Examples
    ///
    /// With `born: { type: string, format: date }` the value `"last year"` is valid only after
    ///
    /// ```no_run
    /// specwright_build::Generator::new("api/pets.yaml").format_annotation(true).run();
    /// ```
    #[must_use]
    pub fn format_annotation(mut self, format_annotation: bool) -> Self {
        self.options.format_annotation = format_annotation;
        self
    }

    /// Sets whether all bodies of bytes, in both directions, are a `ByteStream` in place of `Bytes`, as if their media types
    /// said `x-stream: true`, so that handlers can return files. Default: false. A media type that says `x-stream: false` stays as it is.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// specwright_build::Generator::new("api/files.yaml").stream_bytes(true).run();
    /// ```
    #[must_use]
    pub fn stream_bytes(mut self, stream_bytes: bool) -> Self {
        self.options.stream_bytes = stream_bytes;
        self
    }

    /// Sets whether every string that holds JSON by `contentMediaType: application/json` and a `contentSchema` is read and
    /// checked as what it holds: a [`JsonText`](https://docs.rs/specwright/latest/specwright/struct.JsonText.html) of the
    /// schema's type. Default: false, such a string is a plain `String` of any text.
    ///
    /// By JSON Schema 2020-12 these keywords are annotations (Validation, section 8.1), so that it has to be asked for. One
    /// string is asked for in the document: `x-content: typed` beside its keywords, also where it has no `contentSchema`.
    ///
    /// # Examples
    ///
    /// With `payload: { type: string, contentMediaType: application/json, contentSchema: { type: integer } }` the value
    /// `"five"` is refused only after
    ///
    /// ```no_run
    /// specwright_build::Generator::new("api/queue.yaml").typed_content(true).run();
    /// ```
    #[must_use]
    pub fn typed_content(mut self, typed_content: bool) -> Self {
        self.options.typed_content = typed_content;
        self
    }

    /// Sets whether credentials are optional at every secured operation, as if its `security` ended with `{}`.
    /// Default: false.
    ///
    /// It is for documents that cannot say so themselves: those that FastAPI makes leave `auto_error=False` out. Handlers
    /// get `Option<App::Principal>` then, and credentials that were sent still have to be good.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// specwright_build::Generator::new("api/legacy.json").optional_security(true).run();
    /// ```
    #[must_use]
    pub fn optional_security(mut self, optional_security: bool) -> Self {
        self.options.optional_security = optional_security;
        self
    }

    /// Sets whether the document as it is served has a response for each status that the server answers by itself, such as
    /// 415 and 422, where an operation does not declare it. Default: false, and a warning.
    ///
    /// Operations that stand in other files than the document are left as they are.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// specwright_build::Generator::new("api/bookshop.yaml").document_errors(true).run();
    /// ```
    #[must_use]
    pub fn document_errors(mut self, document_errors: bool) -> Self {
        self.options.document_errors = document_errors;
        self
    }

    /// Sets whether operations are under the path of their server's URL. Default: false, they are where `paths` says, and
    /// `api(app).nest("/v1")` puts all of them under a prefix.
    ///
    /// The path of the first server counts, with the defaults of its variables: the servers of an operation in place of
    /// those of its path item, and these in place of the document's. The document itself is served under the path of its
    /// own first server. What cannot be followed, such as a second server with another path, is told with the code
    /// `server-path` (OAS 3.2, Server Object).
    ///
    /// # Examples
    ///
    /// With `servers: [{url: "https://api.example.com/v1"}]` the path `/books` is `/v1/books` only after
    ///
    /// ```no_run
    /// specwright_build::Generator::new("api/bookshop.yaml").server_paths(true).run();
    /// ```
    #[must_use]
    pub fn server_paths(mut self, server_paths: bool) -> Self {
        self.options.server_paths = server_paths;
        self
    }

    /// Sets whether a typed client is generated beside the server. Default: false.
    ///
    /// The module gets a function `client`, which makes a `client::Client` of a transport: of the app itself, without a
    /// socket, or of a server elsewhere. It has a method for each operation, which takes what the handler receives and
    /// returns what it returns. With it, `TestClient` holds every response in a test against the document.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// specwright_build::Generator::new("api/bookshop.yaml").client(true).run();
    /// ```
    #[must_use]
    pub fn client(mut self, client: bool) -> Self {
        self.options.client = client;
        self
    }

    /// Says which `recursion_limit` the crate that includes the code has. Default: 128, which is rustc's.
    ///
    /// Many schemas that contain each other become types that rustc has to look through one after the other. Where the
    /// limit is too low for them, a warning says how high it has to be; with `#![recursion_limit = "1024"]` at the top of
    /// the crate's root, and 1024 here, there is none.
    #[must_use]
    pub fn recursion_limit(mut self, limit: usize) -> Self {
        self.options.recursion_limit = limit;
        self
    }

    /// Lets a folder stand for every URI that begins with `prefix`: what follows is the path in it. May be called several
    /// times; the longest prefix that fits is taken.
    ///
    /// Nothing is ever fetched over the network, so a reference to a URI is an error without this. Default: no folders.
    ///
    /// # Examples
    ///
    /// `$ref: https://schemas.example.com/money/price.json` is read from `api/schemas/money/price.json`:
    ///
    /// ```no_run
    /// specwright_build::Generator::new("api/bookshop.yaml")
    ///     .map_uri("https://schemas.example.com/", "api/schemas")
    ///     .run();
    /// ```
    #[must_use]
    pub fn map_uri(mut self, prefix: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        self.uris.push((prefix.into(), folder.into()));
        self
    }

    /// Sets all options at once.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Reads and lowers the document; nothing is written.
    ///
    /// # Examples
    ///
    /// A test that the document stays free of errors:
    ///
    /// ```no_run
    /// use specwright_build::{Generator, diagnostic::{Style, render}};
    ///
    /// let checked = Generator::new("api/bookshop.yaml").check();
    /// let text = render(&checked.diagnostics, &checked.sources, Style::Plain);
    /// assert!(!checked.diagnostics.has_errors(), "{text}");
    /// ```
    pub fn check(&self) -> Generated {
        let sources = match &self.root {
            Some(root) => Sources::new(root),
            None => Sources::beside(&self.document),
        };
        self.check_in(sources)
    }

    /// Reads and lowers the document from files that need not be on disk.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright_build::{Generator, source::Memory};
    ///
    /// let files = Memory::new().with("pets.yaml", "openapi: 3.1.1\ninfo: {title: Pets, version: '1'}\npaths: {}\n");
    /// let checked = Generator::new("pets.yaml").check_with(files);
    /// assert!(checked.diagnostics.is_empty());
    /// ```
    pub fn check_with(&self, reader: impl FileReader + 'static) -> Generated {
        self.check_in(Sources::with_reader(
            self.root.clone().unwrap_or_default(),
            reader,
        ))
    }

    fn check_in(&self, mut sources: Sources) -> Generated {
        for (prefix, folder) in &self.uris {
            sources.map_uri(prefix, folder);
        }
        let mut diagnostics = Diagnostics::new();
        let api = self.lower(&mut sources, &mut diagnostics);
        Generated {
            api: api.filter(|_| !diagnostics.has_errors()),
            diagnostics,
            sources,
        }
    }

    fn lower(&self, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Api> {
        let (file, root) = sources.load(&self.document, diagnostics)?;
        let (document, dialect) = read_document(&root, file, diagnostics)?;
        let mut api = lower(&document, dialect, sources, &self.options, diagnostics);
        let errors = self.options.document_errors;
        let root = match errors {
            true => output::with_errors(&root, &api),
            false => root,
        };
        api.served = output::served(&root, file, sources, errors);
        Some(api)
    }

    /// Generates the server's code into `OUT_DIR`, as a build script does. Where the document has errors, they are
    /// printed and the build fails.
    ///
    /// Where neither the document, nor a file that it refers to, nor an option has changed since the last run, and the
    /// generated files are there, nothing is done.
    #[expect(
        clippy::print_stdout,
        reason = "Cargo reads what a build script prints"
    )]
    pub fn run(self) {
        let Some(folder) = std::env::var_os("OUT_DIR") else {
            fail("error: OUT_DIR is not set: call the generator from a build script\n");
        };
        // A build script's own stack is 1 MiB on Windows, which deeply nested documents exceed in unoptimised code.
        let run = thread::Builder::new()
            .stack_size(STACK)
            .spawn(move || self.run_in(Path::new(&folder)))
            .and_then(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
        match run {
            Ok(run) => {
                print!("{}", run.directives());
                if run.outcome == Outcome::Failed {
                    fail(&run.text);
                }
            }
            Err(error) => fail(&format!(
                "error: the generated code cannot be written: {error}\n"
            )),
        }
    }

    /// Does what [`run`](Self::run) does, with another folder in place of `OUT_DIR`, and prints nothing.
    ///
    /// # Errors
    ///
    /// A file cannot be written. That the document has errors is an [`Outcome`].
    pub fn run_in(&self, out_dir: &Path) -> io::Result<Run> {
        let folder = out_dir.join(self.module_name());
        let settings = (
            &self.document,
            &self.root,
            &self.name,
            &self.uris,
            &self.options,
        );
        if let Some(stamp) = Stamp::current(&folder, &settings) {
            return Ok(Run {
                outcome: Outcome::Unchanged,
                files: stamp.files,
                text: stamp.warnings,
            });
        }
        let checked = self.check();
        let text = diagnostic::render(&checked.diagnostics, &checked.sources, Style::Plain);
        let files = checked.sources.paths().map(Path::to_owned).collect();
        let Some(api) = &checked.api else {
            return Ok(Run {
                outcome: Outcome::Failed,
                files,
                text,
            });
        };
        std::fs::create_dir_all(&folder)?;
        Stamp::remove(&folder)?;
        let (written, outputs) = self.write_module(api, &folder)?;
        Stamp::new(&settings, checked.sources.texts(), outputs, &text).write(&folder)?;
        Ok(Run {
            outcome: Outcome::Generated(written),
            files,
            text,
        })
    }

    /// Writes the one file that `include_api!` includes, in a folder of its own beside what it includes itself.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn write_into(&self, api: &Api, out_dir: &Path) -> io::Result<Written> {
        let folder = out_dir.join(self.module_name());
        std::fs::create_dir_all(&folder)?;
        Stamp::remove(&folder)?;
        let (written, _) = self.write_module(api, &folder)?;
        Ok(written)
    }

    /// Writes a module's files, and returns their names and sizes as well.
    fn write_module(&self, api: &Api, folder: &Path) -> io::Result<(Written, Vec<(String, u64)>)> {
        let module = self.one_file(api);
        let [json, yaml] = output::served_files(&api.served);
        let mut written = Written::default();
        let mut outputs = Vec::new();
        for (name, text) in [json, yaml, ("mod.rs", &module)] {
            written.files += 1;
            written.changed += usize::from(output::write_if_changed(folder, name, text)?);
            outputs.push((name.to_owned(), text.len() as u64));
        }
        Ok((written, outputs))
    }

    /// Generates a folder of modules to read.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn write_to(&self, api: &Api, folder: &Path) -> io::Result<Written> {
        output::module_tree(
            &output::header(&self.document),
            &emit::emit(api),
            &api.served,
            folder,
        )
    }

    /// The generated modules as text.
    pub fn emit(&self, api: &Api) -> Modules {
        emit::emit(api)
    }

    /// The whole generated module as one text, as a build script writes it.
    pub fn one_file(&self, api: &Api) -> String {
        output::one_file(&output::header(&self.document), &emit::emit(api))
    }

    /// The name of the generated module, always a Rust name: it is also the name of a folder.
    fn module_name(&self) -> String {
        let stem = || {
            let stem = self.document.file_stem();
            stem.map_or_else(String::new, |it| it.to_string_lossy().into_owned())
        };
        let wanted = self.name.clone().unwrap_or_else(stem);
        let mut name: String = wanted
            .chars()
            .map(|sign| {
                if unicode_ident::is_xid_continue(sign) {
                    sign
                } else {
                    '_'
                }
            })
            .collect();
        if name.is_empty() {
            name.push_str("api");
        }
        // What the name begins with, or all of it where it is a keyword or `_`, can be no name.
        if syn::parse_str::<syn::Ident>(&name).is_err() {
            name.insert(0, '_');
        }
        if name.chars().all(|sign| sign == '_') {
            name.push_str("api");
        }
        name
    }
}

impl Run {
    /// The lines for Cargo: which files to watch, and the warnings. Nothing of the document begins a line.
    ///
    /// Errors are not among them: they go to the standard error, which Cargo shows where a build script fails.
    pub fn directives(&self) -> String {
        let mut lines = String::new();
        for path in &self.files {
            // A path of the document's own choosing must not become a directive of another kind.
            let path = path.display().to_string();
            if !path.contains(['\n', '\r']) {
                lines.push_str(&format!("cargo::rerun-if-changed={path}\n"));
            }
        }
        if self.outcome != Outcome::Failed {
            for line in self.text.lines() {
                lines.push_str(&format!("cargo::warning={line}\n"));
            }
        }
        lines
    }
}

/// Ends the build script with an error.
fn fail(text: &str) -> ! {
    // Where the standard error is closed, there is nobody to tell.
    let _ = io::stderr().write_all(text.as_bytes());
    std::process::exit(1)
}
