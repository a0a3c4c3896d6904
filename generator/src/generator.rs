//! The generator: a document on disk becomes a server's code, in a build script or at the command line.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    config::Options,
    diagnostic::{self, Diagnostics, Style},
    document::read_document,
    emit::{self, Modules},
    ir::Api,
    lower::lower,
    output,
    source::{FileReader, Sources},
};

/// Generates a server from an OpenAPI document.
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
#[derive(Debug)]
pub struct Generator {
    document: PathBuf,
    root: Option<PathBuf>,
    name: Option<String>,
    options: Options,
}

/// What became of a document.
#[derive(Debug)]
pub struct Generated {
    /// What was found in it.
    pub diagnostics: Diagnostics,
    /// The files that were read, which the diagnostics point into.
    pub sources: Sources,
    /// The API as data; present where no error was found.
    pub api: Option<Api>,
}

impl Generator {
    /// A generator for this document, a path relative to the package's folder.
    pub fn new(document: impl Into<PathBuf>) -> Self {
        Self {
            document: document.into(),
            root: None,
            name: None,
            options: Options::default(),
        }
    }

    /// Sets the folder that references may not leave. Default: the folder of the document.
    #[must_use]
    pub fn root(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = Some(root.into());
        self
    }

    /// Sets the name of the generated module. Default: the document's file name without its ending.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the options.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Reads and lowers the document; nothing is written.
    pub fn check(&self) -> Generated {
        let sources = match &self.root {
            Some(root) => Sources::new(root),
            None => Sources::beside(&self.document),
        };
        self.check_in(sources)
    }

    /// Reads and lowers the document from files that need not be on disk.
    pub fn check_with(&self, reader: impl FileReader + 'static) -> Generated {
        self.check_in(Sources::with_reader(
            self.root.clone().unwrap_or_default(),
            reader,
        ))
    }

    fn check_in(&self, mut sources: Sources) -> Generated {
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
        api.served = output::served(&root, file, sources);
        Some(api)
    }

    /// Generates the server's code into `OUT_DIR`, as a build script does. Where the document has errors, they are
    /// printed and the build fails.
    #[expect(
        clippy::print_stdout,
        reason = "Cargo reads what a build script prints"
    )]
    pub fn run(self) {
        let generated = self.check();
        for path in generated.sources.paths() {
            // A path of the document's own choosing must not become a directive of another kind.
            let path = path.display().to_string();
            if !path.contains(['\n', '\r']) {
                println!("cargo::rerun-if-changed={path}");
            }
        }
        let text = diagnostic::render(&generated.diagnostics, &generated.sources, Style::Plain);
        let Some(api) = &generated.api else {
            let _ = io::stderr().write_all(text.as_bytes());
            std::process::exit(1);
        };
        for line in text.lines() {
            println!("cargo::warning={line}");
        }
        let Some(folder) = std::env::var_os("OUT_DIR") else {
            let _ = io::stderr()
                .write_all(b"error: OUT_DIR is not set: call the generator from a build script\n");
            std::process::exit(1);
        };
        if let Err(error) = self.write_into(api, Path::new(&folder)) {
            let _ = writeln!(
                io::stderr(),
                "error: the generated code cannot be written: {error}"
            );
            std::process::exit(1);
        }
    }

    /// Writes the one file that `include_api!` includes, in a folder of its own beside what it includes itself.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn write_into(&self, api: &Api, out_dir: &Path) -> io::Result<()> {
        let folder = out_dir.join(self.module_name());
        std::fs::create_dir_all(&folder)?;
        for (name, text) in output::served_files(&api.served) {
            output::write_if_changed(&folder.join(name), text)?;
        }
        output::write_if_changed(&folder.join("mod.rs"), &self.one_file(api))
    }

    /// Generates a folder of modules to read.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn write_to(&self, api: &Api, folder: &Path) -> io::Result<()> {
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

    fn module_name(&self) -> String {
        let stem = || {
            let name = self
                .document
                .file_stem()
                .map_or_else(String::new, |it| it.to_string_lossy().into_owned());
            name.chars()
                .map(|sign| if sign.is_alphanumeric() { sign } else { '_' })
                .collect()
        };
        self.name.clone().unwrap_or_else(stem)
    }
}
