//! The groups of tests, read from the suite's files.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    Error,
    dialect::{self, Dialect},
    options::Options,
};

/// One schema with its tests.
#[derive(Debug)]
pub(crate) struct Group {
    /// The part of the suite that it belongs to.
    pub(crate) part: Part,
    /// Its file below `tests`, with `/` between folders and without its ending.
    pub(crate) file: String,
    /// Its name, which is that of its server's module.
    pub(crate) name: String,
    /// What it is about, in the suite's words.
    pub(crate) description: String,
    /// The schema as it is written: texts and numbers keep every sign.
    pub(crate) schema: Box<RawValue>,
    /// The instances.
    pub(crate) tests: Vec<Test>,
}

/// One instance.
#[derive(Debug, Deserialize)]
pub(crate) struct Test {
    /// What it is about, in the suite's words.
    pub(crate) description: String,
    /// The instance as it is written.
    pub(crate) data: Box<RawValue>,
    /// Whether the schema accepts it.
    pub(crate) valid: bool,
}

/// A group as the suite's files have it.
#[derive(Deserialize)]
struct Written {
    description: String,
    schema: Box<RawValue>,
    tests: Vec<Test>,
}

/// A part of the suite, with figures of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// What every validator of 2020-12 has to pass, with `format` as an annotation.
    Draft2020,
    /// The formats of 2020-12, asserted.
    Format,
    /// What every validator of draft 4 has to pass, as far as OpenAPI 3.0 has its words.
    Draft4,
    /// What validators may do otherwise; not counted.
    Optional,
    /// Random schemas, judged by another validator.
    Random,
}

impl Part {
    /// The parts in the order of their last lines.
    pub(crate) const ALL: [Self; 5] = [
        Self::Random,
        Self::Optional,
        Self::Draft2020,
        Self::Format,
        Self::Draft4,
    ];

    /// The name in the last lines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft2020 => "draft2020-12",
            Self::Format => "optional/format",
            Self::Draft4 => "draft4",
            Self::Random => "random",
            Self::Optional => "other optional tests (not counted)",
        }
    }
}

impl Group {
    /// The dialect of its schema.
    pub(crate) fn dialect(&self) -> Dialect {
        match self.file.starts_with("draft4") {
            true => Dialect::OpenApi30,
            false => Dialect::OpenApi31,
        }
    }

    /// Whether formats are asserted.
    pub(crate) fn asserts_format(&self) -> bool {
        self.file.contains("optional/format")
    }
}

/// Reads every group that applies to OpenAPI.
pub(crate) fn load(options: &Options) -> Result<Vec<Group>, Error> {
    let folders = [
        ("draft2020-12", Part::Draft2020),
        ("draft2020-12/optional", Part::Optional),
        ("draft2020-12/optional/format", Part::Format),
        ("draft4", Part::Draft4),
        ("draft4/optional", Part::Optional),
        ("draft4/optional/format", Part::Optional),
    ];
    let mut groups = Vec::new();
    let mut foreign = 0;
    for (folder, part) in folders {
        for path in files(&options.folder.join("tests").join(folder))? {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let file = format!("{folder}/{stem}");
            if !file.contains(&options.only) {
                continue;
            }
            let text = fs::read_to_string(&path)?;
            let written: Vec<Written> = serde_json::from_str(&text)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            for (index, written) in written.into_iter().enumerate() {
                let group = Group {
                    part,
                    name: name(&file, index),
                    file: file.clone(),
                    description: written.description,
                    schema: written.schema,
                    tests: written.tests,
                };
                if group.dialect() == Dialect::OpenApi30 && !dialect::has_only_words_of_3_0(&group)
                {
                    foreign += 1;
                } else {
                    groups.push(group);
                }
            }
        }
    }
    if foreign > 0 {
        println!(
            "{foreign} groups of draft 4 use words that OpenAPI 3.0 does not have, and are left aside"
        );
    }
    Ok(groups)
}

/// The JSON files directly in a folder, in order; none where there is no such folder.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|it| it == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The name of a group's module.
fn name(file: &str, index: usize) -> String {
    let mut name = String::new();
    for sign in file.chars() {
        match sign {
            sign if sign.is_ascii_uppercase() => {
                name.push('_');
                name.push(sign.to_ascii_lowercase());
            }
            sign if sign.is_ascii_alphanumeric() => name.push(sign),
            _ => name.push('_'),
        }
    }
    format!("{name}_{}", index + 1)
}
