//! The stamp beside generated files: what they were generated from, so that nothing is done where nothing changed.
//!
//! **Invariant:** a stamp is written last and only where no error was found, and it is gone while files are written. So
//! where there is one that fits, the files beside it are whole and those of the inputs as they are.

use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    hash::{Hash, Hasher},
    io,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};

use crate::source::{Disk, FileReader};

const NAME: &str = "stamp.json";

/// What a folder of generated files was made from and of.
#[derive(Debug, PartialEq)]
pub(crate) struct Stamp {
    /// Stands for the settings and every file that was read: its path and its content.
    inputs: String,
    /// The files that were read, in the order of reading.
    pub(crate) files: Vec<PathBuf>,
    /// The names and sizes in bytes of the files that were written.
    outputs: Vec<(String, u64)>,
    /// What was said about the document, drawn.
    pub(crate) warnings: String,
}

impl Stamp {
    /// The stamp of files that were written just now.
    pub(crate) fn new<'s>(
        settings: &impl Hash,
        files: impl Iterator<Item = (&'s Path, &'s str)>,
        outputs: Vec<(String, u64)>,
        warnings: &str,
    ) -> Self {
        let mut inputs = Inputs::of(settings);
        let mut paths = Vec::new();
        for (path, text) in files {
            inputs.add(path, text.as_bytes());
            paths.push(path.to_owned());
        }
        Self {
            inputs: inputs.finish(),
            files: paths,
            outputs,
            warnings: warnings.to_owned(),
        }
    }

    /// The stamp of a folder in which all is as these settings and the files on disk would make it.
    pub(crate) fn current(folder: &Path, settings: &impl Hash) -> Option<Self> {
        let stamp = Self::parse(&fs::read(folder.join(NAME)).ok()?)?;
        let mut inputs = Inputs::of(settings);
        for path in &stamp.files {
            inputs.add(path, &Disk.read(path).ok()?);
        }
        let has_size = |(name, size): &(String, u64)| {
            fs::metadata(folder.join(name)).is_ok_and(|it| it.is_file() && it.len() == *size)
        };
        (inputs.finish() == stamp.inputs && stamp.outputs.iter().all(has_size)).then_some(stamp)
    }

    /// Takes the stamp away, so that none stands beside files of which only some are new.
    ///
    /// # Errors
    ///
    /// It is there and cannot be removed.
    pub(crate) fn remove(folder: &Path) -> io::Result<()> {
        match fs::remove_file(folder.join(NAME)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Writes the stamp. Paths that are not UTF-8 cannot be written in it; then there is none, and the next run
    /// generates again.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let files: Option<Vec<&str>> = self.files.iter().map(|path| path.to_str()).collect();
        let Some(files) = files else {
            return Ok(());
        };
        let outputs: Map<String, Value> = self
            .outputs
            .iter()
            .map(|(name, size)| (name.clone(), Value::from(*size)))
            .collect();
        let text = json!({
            "inputs": self.inputs,
            "files": files,
            "outputs": outputs,
            "warnings": self.warnings,
        });
        fs::write(folder.join(NAME), text.to_string())
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(text).ok()?;
        let path = |value: &Value| value.as_str().map(PathBuf::from);
        let size = |(name, size): (&String, &Value)| Some((name.clone(), size.as_u64()?));
        Some(Self {
            inputs: value.get("inputs")?.as_str()?.to_owned(),
            files: value
                .get("files")?
                .as_array()?
                .iter()
                .map(path)
                .collect::<Option<_>>()?,
            outputs: value
                .get("outputs")?
                .as_object()?
                .iter()
                .map(size)
                .collect::<Option<_>>()?,
            warnings: value.get("warnings")?.as_str()?.to_owned(),
        })
    }
}

/// Everything that decides what is generated, as a hash.
struct Inputs(DefaultHasher);

impl Inputs {
    fn of(settings: &impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        settings.hash(&mut hasher);
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        // The generator is linked into the build script, so this tells two builds of one version apart.
        let program = env::current_exe().and_then(fs::metadata).ok();
        program.as_ref().map(fs::Metadata::len).hash(&mut hasher);
        program.and_then(|it| it.modified().ok()).hash(&mut hasher);
        Self(hasher)
    }

    fn add(&mut self, path: &Path, content: &[u8]) {
        path.hash(&mut self.0);
        content.hash(&mut self.0);
    }

    fn finish(self) -> String {
        format!("{:016x}", self.0.finish())
    }
}
