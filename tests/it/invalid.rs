//! The corpus of invalid and hostile documents: each is refused, or taken, as its row says, at the place that it names.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use specwright_build::{
    Generated, Generator,
    diagnostic::{Diagnostic, Severity, Style, render},
};

use super::support::corpus;

/// Rows that are not met as they stand: what is marked instead, by code and line, and the reason. A row that is met must
/// not stand here.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "inject-cargo-directive.yaml",
        "misspelt-field:8",
        "the operationId is cleaned; what is refused is another field, which only a build can show to be harmless",
    ),
    (
        "inject-component-name.yaml",
        "invalid-component-name:10",
        "each name is marked by itself, below the line of the row",
    ),
    (
        "inject-names.yaml",
        "invalid-header-name:10",
        "the header's name is marked, below the line of the row",
    ),
    (
        "mermade/duplicateRequired.yaml",
        "duplicate-item:12",
        "a warning: the second mention changes nothing, and published documents have such slips",
    ),
    (
        "mermade/invalidPattern.yaml",
        "invalid-pattern:11",
        "the row has the line of a comment; the pattern is marked",
    ),
    (
        "mermade/missingPathItemRef.yaml",
        "file-not-found:11",
        "the row has the line of a comment; the reference is marked",
    ),
    (
        "mermade/serverVariableEnumType.yaml",
        "wrong-kind:15",
        "a warning: the text of a number is clear, no code depends on it, and published documents have such slips",
    ),
    (
        "ogen/allOf-conflicting_property.json",
        "unsatisfiable:22",
        "the `type` of each branch is marked, one line below the property",
    ),
    (
        "ogen/allOf-type_mismatch.json",
        "unsatisfiable:17",
        "the `type` of each branch is marked, inside of the `allOf`",
    ),
    (
        "yaml-alias-bomb-schemas.yaml",
        "too-large:25",
        "refused at the alias that goes beyond the budget, which is before the last",
    ),
    (
        "yaml-alias-bomb.yaml",
        "too-large:8",
        "refused at the alias that goes beyond the budget, which is before the last",
    ),
];

/// One row of the corpus' table.
struct Row {
    file: String,
    what: String,
    pointer: String,
    line: Option<usize>,
    expected: String,
}

impl Row {
    fn of(line: &str) -> Self {
        let mut cells = line.split('\t').map(str::to_owned);
        let mut cell = || cells.next().unwrap();
        Self {
            file: cell(),
            what: cell(),
            pointer: cell(),
            line: cell().parse().ok(),
            expected: cell(),
        }
    }

    /// Whether the document may, and whether it must, be generated from.
    fn accepted(&self) -> (bool, bool) {
        let expected = self.expected.as_str();
        let may = [
            "accept",
            "warn",
            "ignore",
            "support",
            "box",
            "never type",
            "clean",
        ]
        .iter()
        .any(|word| expected.contains(word));
        let must = expected.starts_with("accept") && !expected.contains("reject");
        // Where a name has to be refused, the rest of the row is about what is left.
        let must_not = expected.starts_with("reject the header name");
        (may && !must_not, must)
    }

    /// What of the row does not hold.
    fn fault(&self, checked: &Generated) -> Option<String> {
        let (may_accept, must_accept) = self.accepted();
        let is_refused = checked.diagnostics.has_errors();
        if is_refused == checked.api.is_some() {
            return Some("there are errors and an API, or neither".to_owned());
        }
        match is_refused {
            true if must_accept => return Some("refused".to_owned()),
            false if !may_accept => return Some("accepted".to_owned()),
            false if self.expected.contains("warn") && !self.expected.starts_with("accept") => {}
            // A document that is right needs no diagnostic.
            false => return None,
            true => {}
        }
        let found = checked
            .diagnostics
            .iter()
            .any(|it| (it.severity == Severity::Error || !is_refused) && self.is_at(it, checked));
        (!found).then(|| format!("no diagnostic at {} or line {:?}", self.pointer, self.line))
    }

    /// Whether a diagnostic marks the line of the row or has its pointer.
    fn is_at(&self, diagnostic: &Diagnostic, checked: &Generated) -> bool {
        let line_of = |span| Some(checked.sources.line_column(span).0);
        let spans = std::iter::once(diagnostic.place.span)
            .chain(diagnostic.related.iter().map(|(span, _)| *span));
        let pointer = format!("#{}", diagnostic.place.pointer);
        match self.line {
            None if self.pointer.starts_with('#') => pointer == self.pointer,
            None => true,
            line => pointer == self.pointer || spans.into_iter().any(|span| line_of(span) == line),
        }
    }
}

#[test]
fn every_row_is_met() {
    let Some(folder) = corpus::folder("invalid") else {
        return;
    };
    let table = fs::read_to_string(folder.join("manifest.tsv")).unwrap();
    let rows: Vec<Row> = table.lines().skip(1).map(Row::of).collect();
    assert!(rows.len() >= 108);
    let mut faults = String::new();
    let mut unused: BTreeSet<&str> = EXCEPTIONS.iter().map(|(file, ..)| *file).collect();
    for row in &rows {
        let start = Instant::now();
        let checked = Generator::new(folder.join(&row.file)).check();
        let time = start.elapsed();
        let text = render(&checked.diagnostics, &checked.sources, Style::Plain);
        assert!(time < Duration::from_secs(20), "{}: {time:?}", row.file);
        let Some(fault) = row.fault(&checked) else {
            continue;
        };
        let exception = EXCEPTIONS.iter().find(|(file, ..)| *file == row.file);
        let fault = match exception {
            Some((file, mark, _)) => {
                unused.remove(file);
                (!marks(&checked).contains(&(*mark).to_owned()))
                    .then(|| format!("no longer `{mark}`"))
            }
            None => Some(fault),
        };
        if let Some(fault) = fault {
            let Row {
                file,
                what,
                expected,
                ..
            } = row;
            faults.push_str(&format!(
                "{file}: {fault}\n{what}; expected: {expected}\n{text}\n"
            ));
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(unused.is_empty(), "met, so no exceptions: {unused:?}");
}

/// What is marked: `code:line` of each diagnostic.
fn marks(checked: &Generated) -> Vec<String> {
    checked
        .diagnostics
        .iter()
        .map(|it| {
            let (line, _) = checked.sources.line_column(it.place.span);
            format!("{}:{line}", it.code.as_str())
        })
        .collect()
}

/// Whatever a document holds, it is text in the generated code: comments and strings.
#[test]
fn generated_code_of_hostile_documents_is_inert() {
    let Some(folder) = corpus::folder("invalid") else {
        return;
    };
    let mut generated = 0;
    for name in [
        "inject-description.yaml",
        "inject-pattern-and-default.yaml",
        "inject-extension-rust-type.yaml",
    ] {
        let code = code_of(&Generator::new(folder.join(name)));
        if let Some(code) = code {
            assert_inert(name, &code);
            generated += 1;
        }
    }
    assert_eq!(generated, 3);
}

/// The same for what makes up the corpus' refused documents, put where it is not refused.
#[test]
fn names_that_are_code_become_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api.yaml");
    fs::write(&path, include_str!("../fixtures/hostile-names.yaml")).unwrap();
    let generator = Generator::new(&path);
    let checked = generator.check();
    let text = render(&checked.diagnostics, &checked.sources, Style::Plain);
    let code = code_of(&generator).unwrap_or_else(|| panic!("{text}"));
    assert_inert("hostile-names.yaml", &code);
    generator.run_in(folder.path()).unwrap();
    let files: BTreeSet<_> = corpus::files(folder.path())
        .iter()
        .map(|file| file.strip_prefix(folder.path()).unwrap().to_owned())
        .collect();
    let expected = [
        "api.yaml",
        "api/mod.rs",
        "api/openapi.json",
        "api/openapi.yaml",
        "api/stamp.json",
    ];
    assert_eq!(
        files,
        expected.iter().map(|it| Path::new(it).to_owned()).collect()
    );
}

fn code_of(generator: &Generator) -> Option<String> {
    let checked = generator.check();
    checked.api.map(|api| generator.one_file(&api))
}

/// Parses the code, and looks for the mark of the hostile documents in every token that is not a string.
fn assert_inert(name: &str, code: &str) {
    use std::str::FromStr;
    let file = syn::parse_file(code).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(!file.items.is_empty(), "{name}");
    let tokens = proc_macro2::TokenStream::from_str(code).unwrap();
    let mut idents = Vec::new();
    collect(tokens, &mut idents);
    for ident in &idents {
        // A name may be made of the words, but nothing may be named by them alone.
        let is_code = ["INJECTED", "injected", "compile_error", "unsafe"].contains(&ident.as_str());
        assert!(!is_code, "{name}: {ident}");
    }
    // What rustdoc would compile and run.
    for line in code.lines().map(str::trim_start) {
        if let Some(fence) = line.strip_prefix("/// ```") {
            assert!(
                fence.is_empty() || fence.starts_with("text") || fence.contains("ignore"),
                "{name}: {line}"
            );
        }
    }
}

fn collect(tokens: proc_macro2::TokenStream, idents: &mut Vec<String>) {
    for token in tokens {
        match token {
            proc_macro2::TokenTree::Group(group) => collect(group.stream(), idents),
            proc_macro2::TokenTree::Ident(ident) => idents.push(ident.to_string()),
            _ => {}
        }
    }
}
