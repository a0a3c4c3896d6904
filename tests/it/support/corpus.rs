//! Finds the test data that is not part of the project.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use granit_parser::{Event, Parser};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// A folder of the corpus; where it is absent, says so and gives nothing.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let root = env::var_os("SPECWRIGHT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"),
        PathBuf::from,
    );
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: the corpus has no folder `{name}`");
    None
}

/// All files below a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        })
        .collect()
}

/// Collects every text that follows the text `pattern` in a YAML or JSON file.
///
/// A few of them are no patterns, but keys after a value of that name, which does no harm.
pub(crate) fn patterns(file: &Path, found: &mut BTreeSet<String>) {
    let extension = file.extension().and_then(|extension| extension.to_str());
    if !matches!(extension, Some("json" | "yaml" | "yml")) {
        return;
    }
    let text = fs::read_to_string(file).unwrap();
    let mut follows = false;
    for event in Parser::new_from_str(&text) {
        let Ok((event, _)) = event else {
            return;
        };
        let Event::Scalar(value, ..) = event else {
            follows = false;
            continue;
        };
        if follows {
            found.insert(value.to_string());
        }
        follows = value == "pattern";
    }
}

/// Texts that a pattern likely accepts, and each with small changes.
pub(crate) fn texts_like(pattern: &str) -> Vec<String> {
    let body = pattern.strip_prefix('^').unwrap_or(pattern);
    let body = body.strip_suffix('$').unwrap_or(body);
    let Ok(strategy) = proptest::string::string_regex(body) else {
        return Vec::new();
    };
    let mut runner = TestRunner::deterministic();
    let mut texts = Vec::new();
    for _ in 0..8 {
        let text = strategy.new_tree(&mut runner).unwrap().current();
        let mut shorter = text.clone();
        shorter.pop();
        texts.extend([shorter, format!("{text}!"), format!("!{text}")]);
        texts.extend([text.to_uppercase(), text.replacen('-', "é", 1), text]);
    }
    // The oracle needs a second for a long text where the pattern nests repetitions.
    texts.retain(|text| text.len() <= 50);
    texts
}
