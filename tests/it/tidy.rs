//! House rules that the compiler does not know.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What each module of the generator may import of the others.
const GENERATOR: &[(&str, &[&str])] = &[
    ("source", &["diagnostic"]),
    ("diagnostic", &["source"]),
    ("document", &["diagnostic", "source"]),
    ("pattern", &[]),
    ("config", &[]),
    ("ir", &["pattern"]),
    (
        "lower",
        &[
            "config",
            "diagnostic",
            "document",
            "ir",
            "pattern",
            "source",
        ],
    ),
    ("emit", &["ir", "pattern"]),
    ("output", &["diagnostic", "emit", "ir", "source"]),
];

/// What the lower rooms of the runtime must not import.
const RUNTIME: &[(&str, &[&str])] = &[
    (
        "node",
        &[
            "decode", "encode", "value", "app", "api", "body", "call", "context", "refusal",
            "response", "problem",
        ],
    ),
    (
        "number",
        &[
            "node", "decode", "encode", "value", "app", "api", "body", "call", "context",
            "response",
        ],
    ),
    (
        "format",
        &[
            "node", "decode", "encode", "app", "api", "body", "call", "context", "response",
        ],
    ),
    (
        "pattern",
        &[
            "node", "decode", "encode", "app", "api", "body", "call", "context", "response",
        ],
    ),
    (
        "decode",
        &[
            "app",
            "api",
            "body",
            "call",
            "context",
            "refusal",
            "response",
            "problem",
            "parameter",
        ],
    ),
    (
        "encode",
        &[
            "decode",
            "app",
            "api",
            "body",
            "call",
            "context",
            "refusal",
            "response",
            "problem",
            "parameter",
        ],
    ),
    (
        "value",
        &[
            "app",
            "api",
            "body",
            "call",
            "context",
            "refusal",
            "response",
            "problem",
            "parameter",
        ],
    ),
    ("parameter", &["app", "api"]),
    ("body", &["app", "api"]),
    ("response", &["app", "api"]),
    ("security", &["app", "api"]),
    ("stream", &["app", "api"]),
    ("sent", &["app", "api"]),
    ("tasks", &["app", "api", "call", "context"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// The files of a module: `name.rs` and everything in `name/`.
fn module(source: &Path, name: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let file = source.join(format!("{name}.rs"));
    if file.exists() {
        files.push(file);
    }
    let folder = source.join(name);
    if folder.is_dir() {
        rust_files(&folder, &mut files);
    }
    assert!(
        !files.is_empty(),
        "{name} is in the table, but not in {}",
        source.display()
    );
    files
}

/// The modules of the crate that a file names: what follows `crate::`, groups of a `use` included.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut start = true;
            let mut word = String::new();
            for sign in group.chars() {
                match sign {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 1 && start && (sign.is_alphanumeric() || sign == '_') {
                    word.push(sign);
                } else {
                    if !word.is_empty() {
                        found.push(std::mem::take(&mut word));
                    }
                    start = depth == 1 && (sign == ',' || start && sign.is_whitespace());
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            found.push(
                rest.chars()
                    .take_while(|it| it.is_alphanumeric() || *it == '_')
                    .collect(),
            );
        }
    }
    found.retain(|name| name.starts_with(char::is_lowercase));
    found
}

#[test]
fn generator_modules_import_only_what_the_table_allows() {
    let source = root().join("generator/src");
    let modules: Vec<&str> = GENERATOR.iter().map(|(name, _)| *name).collect();
    let mut faults = Vec::new();
    for (name, allowed) in GENERATOR {
        for file in module(&source, name) {
            for import in imports(&fs::read_to_string(&file).unwrap()) {
                if import != *name
                    && modules.contains(&import.as_str())
                    && !allowed.contains(&import.as_str())
                {
                    faults.push(format!("{} imports {import}", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn runtime_modules_do_not_import_upwards() {
    let source = root().join("runtime/src");
    let mut faults = Vec::new();
    for (name, forbidden) in RUNTIME {
        for file in module(&source, name) {
            for import in imports(&fs::read_to_string(&file).unwrap()) {
                if forbidden.contains(&import.as_str()) {
                    faults.push(format!("{} imports {import}", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_module_opens_with_its_purpose() {
    let mut files = Vec::new();
    for folder in ["generator/src", "generator/cli/src", "runtime/src"] {
        rust_files(&root().join(folder), &mut files);
    }
    let silent: Vec<String> = files
        .iter()
        .filter(|file| !file.ends_with("tests.rs"))
        .filter(|file| !fs::read_to_string(file).unwrap().starts_with("//!"))
        .map(|file| file.display().to_string())
        .collect();
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn architecture_stays_short() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(text.lines().count() < 250);
}

/// A schema may have any name, so each name that generated code uses without a path has to be taken.
#[test]
fn names_that_generated_code_imports_are_reserved() {
    let quoted = |file: &str, list: &str| -> Vec<String> {
        let text = fs::read_to_string(Path::new("../generator/src").join(file)).unwrap();
        let (_, rest) = text.split_once(list).unwrap();
        let (list, _) = rest.split_once("];").unwrap();
        let words = list.split('"').skip(1).step_by(2);
        words.map(str::to_owned).collect()
    };
    let reserved = quoted("lower/name.rs", "RESERVED: &[&str] = &[");
    // Each entry is a path and a name.
    let imported = quoted("emit/import.rs", "KNOWN: &[(&str, &str)] = &[");
    let is_type = |name: &&String| name.starts_with(|first: char| first.is_ascii_uppercase());
    let types: Vec<&String> = imported.iter().skip(1).step_by(2).filter(is_type).collect();
    assert!(types.len() > 30);
    for name in types {
        assert!(
            reserved.contains(name),
            "`{name}` is imported, and a schema may be called so"
        );
    }
}
