//! How a document is read: what `check` and `generate` have in common.

use std::path::{Path, PathBuf};

use specwright_build::Generator;

/// What is chosen about reading a document.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The folder that references may not leave.
    pub(crate) root: Option<PathBuf>,
    /// The folders that stand for URIs, by what those begin with.
    pub(crate) uris: Vec<(String, PathBuf)>,
    /// Whether the formats of JSON Schema are annotations.
    pub(crate) format_annotation: bool,
}

impl Reading {
    /// The generator of a document.
    pub(crate) fn generator(&self, document: &Path) -> Generator {
        let mut generator = Generator::new(document).format_annotation(self.format_annotation);
        if let Some(root) = &self.root {
            generator = generator.root(root);
        }
        for (prefix, folder) in &self.uris {
            generator = generator.map_uri(prefix, folder);
        }
        generator
    }
}
