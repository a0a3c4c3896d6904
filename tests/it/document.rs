//! Reading documents: what the corpus of invalid documents is told, and that real ones are read.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::{Path, PathBuf},
};

use specwright_build::{
    diagnostic::{Code, Diagnostics, Severity},
    document::{Dialect, Document, read_document},
    source::Sources,
};

struct Reading {
    sources: Sources,
    diagnostics: Diagnostics,
    document: Option<(Document, Dialect)>,
}

fn read(path: &Path) -> Reading {
    let mut diagnostics = Diagnostics::new();
    let mut sources = Sources::beside(path);
    let document = sources
        .load(path, &mut diagnostics)
        .and_then(|(file, root)| read_document(&root, file, &mut diagnostics));
    Reading {
        sources,
        diagnostics,
        document,
    }
}

fn corpus(folder: &str) -> Option<PathBuf> {
    let corpus = std::env::var_os("SPECWRIGHT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"),
        PathBuf::from,
    );
    let folder = corpus.join(folder);
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

/// Rows of the manifest that reading a document alone does not find at their pointer, with the reason.
const NOT_FOUND_BY_READING: &[(&str, &str)] = &[
    ("ref-dangling-schema.yaml", "needs references"),
    ("ref-dangling-parameter.yaml", "needs references"),
    ("ref-wrong-kind.yaml", "needs references"),
    ("ref-self.yaml", "needs references"),
    ("ref-cycle-aliases.yaml", "needs references"),
    ("ref-infinite-required.yaml", "needs references"),
    ("ref-cycle-parameters.yaml", "needs references"),
    ("ref-bad-pointer-escape.yaml", "needs references"),
    ("ref-missing-file.yaml", "needs references"),
    ("ref-bad-file/main.yaml", "needs references"),
    ("ref-cross-file-cycle/main.yaml", "needs references"),
    ("discriminator-mapping-nowhere.yaml", "needs references"),
    ("ogen/cyclic-allOf_double.json", "needs references"),
    ("ogen/cyclic-oneOf_double.json", "needs references"),
    ("ogen/cyclic-anyOf_single.json", "needs references"),
    ("mermade/missingPathItemRef.yaml", "needs references"),
    (
        "pattern-size-bomb.yaml",
        "needs the translation of patterns",
    ),
    (
        "mermade/invalidPattern.yaml",
        "needs the translation of patterns",
    ),
    (
        "ogen/allOf-conflicting_property.json",
        "needs the merging of allOf",
    ),
    (
        "ogen/allOf-type_mismatch.json",
        "needs the merging of allOf",
    ),
    (
        "yaml-alias-bomb.yaml",
        "the limit is passed before the line that the manifest names",
    ),
    (
        "yaml-alias-bomb-schemas.yaml",
        "the limit is passed before the pointer that the manifest names",
    ),
    (
        "deep-nesting-flow.json",
        "the limit is passed deeper than the pointer that the manifest names",
    ),
    ("inject-names.yaml", "said at the header's name"),
    ("inject-component-name.yaml", "said at each name"),
    (
        "inject-cargo-directive.yaml",
        "refused for a misspelt field; lower cleans the name",
    ),
    (
        "mermade/duplicateRequired.yaml",
        "a warning, since real documents have it",
    ),
];

#[test]
fn invalid_documents() {
    let Some(folder) = corpus("invalid") else {
        return;
    };
    let manifest = std::fs::read_to_string(folder.join("manifest.tsv")).expect("a manifest");
    let mut faults = String::new();
    let mut unused: BTreeSet<&str> = NOT_FOUND_BY_READING.iter().map(|(file, _)| *file).collect();
    let mut found = 0;
    for row in manifest.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [file, _, pointer, line, expected, ..] = columns[..] else {
            panic!("a row of other columns: {row}");
        };
        let reading = read(&folder.join(file));
        let is_found = meets(&reading, pointer, line, expected);
        let is_known = unused.remove(file);
        if is_found {
            found += 1;
        }
        if is_found == is_known {
            let said = said(&reading);
            let _ = writeln!(faults, "{file}: {pointer} line {line}: {expected}\n{said}");
        }
    }
    println!("{found} rows found by reading alone");
    assert!(
        faults.is_empty() && unused.is_empty(),
        "{faults}\nnot in the manifest: {unused:?}"
    );
}

/// Whether the diagnostics are what the row asks for.
fn meets(reading: &Reading, pointer: &str, line: &str, expected: &str) -> bool {
    if expected.starts_with("accept")
        || expected.starts_with("support")
        || expected.starts_with("ignore")
    {
        return !reading.diagnostics.has_errors();
    }
    let may_warn = expected.contains("warn");
    reading.diagnostics.iter().any(|diagnostic| {
        let (found, _) = reading.sources.line_column(diagnostic.place.span);
        // Where the manifest names no pointer, its line is the copied document's title at times.
        let on_line = line == "-" || pointer == "(see file)" || line.parse() == Ok(found);
        let at_pointer = match pointer.strip_prefix('#') {
            Some(pointer) => pointer == diagnostic.place.pointer.to_string(),
            None => true,
        };
        on_line && at_pointer && (may_warn || diagnostic.severity == Severity::Error)
    })
}

fn said(reading: &Reading) -> String {
    let mut text = String::new();
    for diagnostic in reading.diagnostics.iter() {
        let (line, column) = reading.sources.line_column(diagnostic.place.span);
        let _ = writeln!(
            text,
            "    {:?} {} at #{} {line}:{column}: {}",
            diagnostic.severity,
            diagnostic.code.as_str(),
            diagnostic.place.pointer,
            diagnostic.headline,
        );
    }
    text
}

/// Errors in documents that exist in the wild, which are the documents' own faults.
const ERRORS_IN_REAL_DOCUMENTS: &[(&str, Code, &str)] = &[
    (
        "real/xero/xero_accounting.yaml",
        Code::DuplicatePath,
        "two operations answer the same requests",
    ),
    (
        "real/superset/superset.json",
        Code::UndeclaredPathParameter,
        "a required parameter that cannot be sent",
    ),
    (
        "examples/readme-3.0/schema-types.yaml",
        Code::MissingField,
        "an array without items, on purpose",
    ),
    (
        "fixtures/openapi-typescript/yaml-merge.yaml",
        Code::InvalidStatus,
        "relies on YAML 1.1 merging",
    ),
    (
        "fixtures/swift/petstore.yaml",
        Code::WrongKind,
        "a number in the enum of a server variable",
    ),
    (
        "fixtures/hey-api/3.0.x-full.yaml",
        Code::UndeclaredPathParameter,
        "a path parameter of no path",
    ),
    (
        "fixtures/hey-api/3.0.x-full.yaml",
        Code::OptionalPathParameter,
        "path parameters with `required: false`",
    ),
    (
        "fixtures/hey-api/3.0.x-full.yaml",
        Code::WrongKind,
        "`required: true` in a property",
    ),
    (
        "fixtures/hey-api/3.0.x-full.yaml",
        Code::InvalidComponentName,
        "a name that is not ASCII",
    ),
    (
        "fixtures/hey-api/3.1.x-full.yaml",
        Code::UndeclaredPathParameter,
        "a path parameter of no path",
    ),
    (
        "fixtures/hey-api/3.1.x-full.yaml",
        Code::OptionalPathParameter,
        "path parameters with `required: false`",
    ),
    (
        "fixtures/hey-api/3.1.x-full.yaml",
        Code::WrongKind,
        "`required: true` in a property",
    ),
    (
        "fixtures/hey-api/3.1.x-full.yaml",
        Code::InvalidComponentName,
        "a name that is not ASCII",
    ),
    (
        "fixtures/ogen/additional_operations.yml",
        Code::UnsupportedFeature,
        "new in OpenAPI 3.2",
    ),
    (
        "fixtures/3.2/openapi-test.openapi.yaml",
        Code::UnsupportedFeature,
        "new in OpenAPI 3.2",
    ),
    (
        "fixtures/3.2/openapi-walk.additionaloperations.openapi.yaml",
        Code::UnsupportedFeature,
        "new in OpenAPI 3.2",
    ),
    (
        "fixtures/3.2/openapi-v3.2-full-spec.yaml",
        Code::UnsupportedFeature,
        "new in OpenAPI 3.2",
    ),
    (
        "fixtures/3.2/openapi-v3.2-query-method.yaml",
        Code::UnsupportedFeature,
        "new in OpenAPI 3.2",
    ),
    (
        "fixtures/3.2/openapi-v3.2-streaming-events.yaml",
        Code::UnsupportedFeature,
        "new in OpenAPI 3.2",
    ),
    (
        "fixtures/3.2/openapi-response-validation-specs-streaming.yaml",
        Code::UnsupportedFeature,
        "new in OpenAPI 3.2",
    ),
    (
        "fixtures/3.2/openapi.net-OpenApiPathItem-pathItemWithQueryAndAdditionalOperations.yaml",
        Code::UnsupportedFeature,
        "new in OpenAPI 3.2",
    ),
    (
        "fixtures/3.2/redocly-cli-generate-client-sse.yaml",
        Code::UnsupportedFeature,
        "new in OpenAPI 3.2",
    ),
    (
        "fixtures/3.2/redocly-cli-generate-client-oas3.2.yaml",
        Code::UnsupportedFeature,
        "new in OpenAPI 3.2",
    ),
];

#[test]
fn documents_in_the_wild() {
    let Some(folder) = corpus("specs") else {
        return;
    };
    let manifest = std::fs::read_to_string(folder.join("manifest.tsv")).expect("a manifest");
    let mut counts: BTreeMap<(&str, &str), (usize, BTreeSet<&str>)> = BTreeMap::new();
    let mut unexplained = String::new();
    let mut unused: BTreeSet<(&str, Code)> = ERRORS_IN_REAL_DOCUMENTS
        .iter()
        .map(|(file, code, _)| (*file, *code))
        .collect();
    let mut documents = 0;
    for row in manifest.lines().skip(1) {
        let file = row.split('\t').next().expect("a first column");
        let reading = read(&folder.join(file));
        documents += usize::from(reading.document.is_some());
        let mut errors = BTreeSet::new();
        for diagnostic in reading.diagnostics.iter() {
            let key = (diagnostic.severity.as_str(), diagnostic.code.as_str());
            let (count, files) = counts.entry(key).or_default();
            *count += 1;
            files.insert(file);
            if diagnostic.severity == Severity::Error {
                errors.insert(diagnostic.code);
            }
        }
        let explained = |code: &Code| {
            ERRORS_IN_REAL_DOCUMENTS
                .iter()
                .any(|it| it.0 == file && it.1 == *code)
        };
        for code in &errors {
            unused.remove(&(file, *code));
        }
        if errors.iter().any(|code| !explained(code)) {
            let said = said(&reading);
            let errors = said.lines().filter(|line| line.contains("Error ")).take(8);
            let _ = writeln!(
                unexplained,
                "{file}\n{}",
                errors.collect::<Vec<_>>().join("\n")
            );
        }
    }
    println!("{documents} documents read");
    for ((severity, code), (count, files)) in &counts {
        println!(
            "{severity:8} {code:28} {count:6} in {:3} documents",
            files.len()
        );
    }
    assert!(
        unexplained.is_empty() && unused.is_empty(),
        "{unexplained}\nno longer there: {unused:?}"
    );
}
