//! Reading documents: what the corpus of invalid documents is told, and that real ones are read.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::{Path, PathBuf},
    rc::Rc,
};

use specwright_build::{
    diagnostic::{Code, Diagnostics, Severity},
    document::{Dialect, Document, Located, Schema, Type, read_document},
    source::{Memory, Sources},
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
        "param-path-not-in-template.yaml",
        "needs references, since parameters may be referred to",
    ),
    (
        "mermade/serverVariableEnumType.yaml",
        "a warning, since real documents have it",
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
        "examples/readme-3.0/schema-types.yaml",
        Code::MissingField,
        "an array without items, on purpose",
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
            let codes: Vec<_> = errors
                .iter()
                .filter(|code| !explained(code))
                .map(|code| code.as_str())
                .collect();
            let said = said(&reading);
            let lines = said.lines().filter(|line| {
                codes
                    .iter()
                    .any(|code| line.contains(&format!("Error {code} ")))
            });
            let _ = writeln!(
                unexplained,
                "{file}\n{}",
                lines.take(8).collect::<Vec<_>>().join("\n")
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

/// The diagnostics of a document and the document, which stands in memory.
fn read_text(text: &str) -> Reading {
    let mut diagnostics = Diagnostics::new();
    let mut sources = Sources::with_reader("", Memory::new().with("api.yaml", text));
    let document = sources
        .load("api.yaml", &mut diagnostics)
        .and_then(|(file, root)| read_document(&root, file, &mut diagnostics));
    Reading {
        sources,
        diagnostics,
        document,
    }
}

/// Reads one schema in a document of the version.
fn read_schema(version: &str, schema: &str) -> (Rc<Schema>, Vec<String>) {
    let reading = read_text(&format!(
        "openapi: {version}\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ncomponents: {{schemas: {{S: {schema}}}}}\n"
    ));
    let (document, _) = reading.document.expect("a document");
    let codes = reading
        .diagnostics
        .iter()
        .map(|it| it.code.as_str().to_owned())
        .collect();
    let (_, schema) = document.components.schemas.first().expect("a schema");
    (Rc::clone(schema), codes)
}

fn check_codes(version: &str, schema: &str, expected: &[&str]) -> Rc<Schema> {
    let (read, codes) = read_schema(version, schema);
    assert_eq!(codes, expected, "{version}: {schema}");
    read
}

fn types(schema: &Schema) -> Vec<Type> {
    schema
        .types
        .as_ref()
        .map(|types| types.value.clone())
        .unwrap_or_default()
}

fn text(value: Option<&Located<Rc<str>>>) -> Option<&str> {
    value.map(|value| &*value.value)
}

#[test]
fn nullable_joins_the_type() {
    let schema = check_codes("3.0.3", "{type: string, nullable: true}", &[]);
    assert_eq!(types(&schema), [Type::String, Type::Null]);
    let schema = check_codes("3.0.3", "{type: string, nullable: false}", &[]);
    assert_eq!(types(&schema), [Type::String]);
}

#[test]
fn nullable_without_a_type_is_said_to_do_nothing() {
    const CODE: &[&str] = &["nullable-without-effect"];
    check_codes("3.0.3", "{nullable: true, allOf: [{type: string}]}", CODE);
    check_codes(
        "3.0.3",
        "{$ref: '#/components/schemas/S', nullable: true}",
        CODE,
    );
    let schema = check_codes("3.0.3", "{type: string, nullable: true, enum: [a]}", CODE);
    assert_eq!(
        schema.enum_.as_ref().map(|values| values.value.len()),
        Some(1)
    );
    check_codes(
        "3.0.3",
        "{type: string, nullable: true, enum: [a, null]}",
        &[],
    );
    check_codes("3.0.3", "{nullable: true, description: anything}", &[]);
}

#[test]
fn exclusive_bounds_become_numbers() {
    let schema = check_codes(
        "3.0.3",
        "{type: integer, minimum: 1, exclusiveMinimum: true, maximum: 9}",
        &[],
    );
    assert_eq!(text(schema.exclusive_minimum.as_ref()), Some("1"));
    assert_eq!(text(schema.minimum.as_ref()), None);
    assert_eq!(text(schema.maximum.as_ref()), Some("9"));
    let schema = check_codes("3.0.3", "{minimum: 1, exclusiveMinimum: false}", &[]);
    assert_eq!(text(schema.minimum.as_ref()), Some("1"));
    let schema = check_codes(
        "3.1.0",
        "{maximum: 5, exclusiveMaximum: true}",
        &["misplaced-keyword"],
    );
    assert_eq!(text(schema.exclusive_maximum.as_ref()), Some("5"));
    check_codes("3.0.3", "{exclusiveMinimum: true}", &["ignored-field"]);
}

#[test]
fn references_stand_alone_in_3_0_only() {
    let schema = check_codes("3.0.3", "{$ref: '#/x', maxLength: 5}", &["ignored-field"]);
    assert!(schema.max_length.is_none() && schema.reference.is_some());
    let schema = check_codes("3.0.3", "{$ref: '#/x', description: d}", &[]);
    assert_eq!(schema.description.as_deref(), Some("d"));
    let schema = check_codes("3.1.0", "{$ref: '#/x', maxLength: 5}", &[]);
    assert!(schema.max_length.is_some() && schema.reference.is_some());
}

#[test]
fn newer_and_older_keywords_are_followed_with_a_warning() {
    const CODE: &[&str] = &["misplaced-keyword"];
    assert!(check_codes("3.0.3", "{const: 1}", CODE).const_.is_some());
    assert_eq!(
        types(&check_codes("3.0.3", "{type: [string, 'null']}", CODE)).len(),
        2
    );
    let schema = check_codes(
        "3.1.0",
        "{items: [{type: string}], additionalItems: false}",
        &[CODE[0], CODE[0]],
    );
    assert_eq!(
        schema.prefix_items.as_ref().map(|items| items.value.len()),
        Some(1)
    );
    assert_eq!(
        schema.items.as_ref().and_then(|items| items.boolean),
        Some(false)
    );
    let schema = check_codes("3.1.0", "{dependencies: {a: [b], c: {type: object}}}", CODE);
    assert_eq!(
        (
            schema.dependent_required.len(),
            schema.dependent_schemas.len()
        ),
        (1, 1)
    );
    assert!(
        check_codes("3.1.0", "{nullable: true}", CODE)
            .types
            .is_none()
    );
}

#[test]
fn base64_is_an_encoding() {
    let schema = check_codes("3.0.3", "{type: string, format: byte}", &[]);
    assert_eq!(text(schema.content_encoding.as_ref()), Some("base64"));
    assert_eq!(text(schema.format.as_ref()), Some("byte"));
}

#[test]
fn a_recursive_reference_leads_to_the_schema_around() {
    let schema = "{$recursiveAnchor: true, properties: {a~b: {$recursiveRef: '#'}}}";
    let schema = check_codes("3.1.0", schema, &["misplaced-keyword"]);
    let (_, property) = schema.properties.first().expect("a property");
    let target = property
        .reference
        .as_ref()
        .map(|reference| &*reference.target);
    assert_eq!(target, Some("#/components/schemas/S"));
    check_codes("3.1.0", "{$recursiveRef: '#'}", &["unsupported-feature"]);
}

#[test]
fn misspelt_rules_are_errors_and_other_words_are_notes() {
    check_codes("3.1.0", "{maxLenght: 5}", &["misspelt-field"]);
    check_codes(
        "3.1.0",
        "{max_items: 5, optional: true}",
        &["unknown-field", "unknown-field"],
    );
    check_codes("3.1.0", "{x-anything: 5}", &[]);
}

#[test]
fn defaults_must_be_valid() {
    const CODE: &[&str] = &["invalid-default"];
    assert!(
        check_codes("3.1.0", "{type: string, default: null}", CODE)
            .default
            .is_none()
    );
    for (ty, text, kind) in [
        ("integer", "10", "a number"),
        ("boolean", "false", "a boolean"),
    ] {
        let schema = check_codes("3.1.0", &format!("{{type: {ty}, default: '{text}'}}"), CODE);
        let default = schema.default.as_ref().map(|default| default.value.kind());
        assert_eq!(default, Some(kind));
    }
    for schema in [
        "{type: object, required: [a], default: {}}",
        "{multipleOf: 0.1, default: 0.25}",
        "{items: {maxLength: 1}, default: [ab]}",
        "{allOf: [{const: 1}], default: 2}",
    ] {
        check_codes("3.1.0", schema, CODE);
    }
    check_codes("3.1.0", "{enum: [1.0], default: 1}", &[]);
}

#[test]
fn the_second_opinion_speaks_where_we_are_silent() {
    // A count may be written as `1e2` (JSON Schema 2020-12 Core, section 4.2.3); the other reader wants `100`.
    let schema = check_codes(
        "3.0.3",
        "{type: string, maxLength: 1e2}",
        &["second-opinion"],
    );
    assert_eq!(
        schema.max_length.as_ref().map(|length| length.value),
        Some(100)
    );
    check_codes("3.1.0", "{type: string, maxLength: 1e2}", &[]);
}

#[test]
fn malformed_security_is_an_error_and_never_public() {
    let reading = read_text(
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\nsecurity: {key: []}\n\
         components: {securitySchemes: {key: {type: http, scheme: Basic}}}\n",
    );
    assert!(reading.diagnostics.has_errors());
    for security in [
        "null",
        "[null]",
        "key",
        "[[key]]",
        "[{key: null}]",
        "[{nobody: []}]",
    ] {
        let reading = read_text(&format!(
            "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths: {{}}\nsecurity: {security}\n"
        ));
        assert!(reading.diagnostics.has_errors(), "{security}");
    }
}

/// Every field of every object in turn holds every kind of value.
#[test]
fn values_of_every_kind_are_read_everywhere() {
    const VALUES: [&str; 9] = [
        "null",
        "true",
        "-1",
        "1e999",
        "''",
        "[]",
        "[null]",
        "{}",
        "{a: {$ref: 1}}",
    ];
    const DOCUMENT: &str = include_str!("../fixtures/document/every-field.yaml");
    for version in ["3.0.3", "3.1.0", "3.2.0"] {
        for (number, line) in DOCUMENT.lines().enumerate() {
            let Some((key, _)) = line.split_once(": ") else {
                continue;
            };
            for value in VALUES {
                let mut lines: Vec<&str> = DOCUMENT.lines().collect();
                let changed = format!("{key}: {value}");
                lines[number] = &changed;
                let text = lines.join("\n").replace("VERSION", version);
                let reading = read_text(&text);
                let is_there = reading.document.is_some() || line.starts_with("openapi");
                assert!(is_there, "{version}, {changed}: {}", said(&reading));
            }
        }
    }
}
