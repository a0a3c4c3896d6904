//! What is printed, and the same as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use specwright_servers::Finding;

use crate::{generate::Outcome, options::Options};

/// A document that takes this many seconds is marked.
const SLOW: f64 = 10.0;

/// The names of the table's columns.
pub(crate) fn heading() -> String {
    format!(
        "{:<58} {:>4} {:>4} {:>6} {:>4} {:>7} {:>6}  errors; warnings",
        "document", "ops", "gen", "nodes", "Json", "lines", "s"
    )
}

/// One document's row: operations in it and generated, schemas, how many became `Json` although they have a natural
/// type, lines of code, seconds, diagnostics by code.
pub(crate) fn row(outcome: &Outcome) -> String {
    let shown = |count: Option<usize>| count.map_or_else(|| "-".to_owned(), |it| it.to_string());
    let mut words = match &outcome.failure {
        Some(failure) => format!("FAILED: {failure}"),
        None => format!(
            "{}; {}",
            by_code(&outcome.errors),
            by_code(&outcome.warnings)
        ),
    };
    if outcome.seconds >= SLOW {
        words.push_str(" (slow)");
    }
    format!(
        "{:<58} {:>4} {:>4} {:>6} {:>4} {:>7} {:>6.2}  {words}",
        shortened(&outcome.file),
        shown(outcome.operations),
        shown(outcome.generated),
        outcome.schemas,
        outcome.untyped,
        outcome.lines,
        outcome.seconds,
    )
}

fn shortened(file: &str) -> String {
    let count = file.chars().count();
    if count <= 58 {
        return file.to_owned();
    }
    format!("…{}", file.chars().skip(count - 57).collect::<String>())
}

fn by_code(counts: &BTreeMap<&'static str, usize>) -> String {
    if counts.is_empty() {
        return "-".to_owned();
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(code, count)| format!("{code} {count}"))
        .collect();
    counts.join(", ")
}

/// What follows the table: errors by code, what rustc found, and the documents that are not counted.
pub(crate) fn summary(options: &Options, outcomes: &[Outcome]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut codes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for outcome in outcomes {
        for (code, count) in &outcome.errors {
            let (documents, errors) = codes.entry(code).or_default();
            *documents += 1;
            *errors += count;
        }
    }
    if !codes.is_empty() {
        lines.push(String::new());
        lines.push("errors by code: documents, errors".to_owned());
    }
    let mut codes: Vec<_> = codes.into_iter().collect();
    codes.sort_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then(a.cmp(b)));
    for (code, (documents, errors)) in codes {
        lines.push(format!("  {code:<40} {documents:>4} {errors:>6}"));
    }
    if options.compile {
        lines.extend(findings(outcomes, true));
        lines.extend(findings(outcomes, false));
    } else {
        lines.push(String::new());
        lines.push("not compiled: ask for it with --compile".to_owned());
    }
    let without = outcomes
        .iter()
        .filter(|it| it.is_without_operations())
        .count();
    lines.push(format!("without operations: {without} documents"));
    let partly: Vec<&Outcome> = outcomes
        .iter()
        .filter(|it| !it.is_without_operations() && it.is_complete() && !it.is_generated())
        .collect();
    lines.push(format!(
        "with all operations, but content that is not typed yet (not counted as generated): {} documents, {} compiled",
        partly.len(),
        partly.iter().filter(|it| it.compiled == Some(true)).count()
    ));
    lines
}

/// The findings of rustc by code, each with the first document.
fn findings(outcomes: &[Outcome], errors: bool) -> Vec<String> {
    let mut codes: BTreeMap<&str, (usize, usize, &Outcome, &Finding)> = BTreeMap::new();
    for outcome in outcomes {
        let mut seen = Vec::new();
        for finding in outcome.findings.iter().filter(|it| it.is_error == errors) {
            let code = finding.code.as_str();
            let (documents, count, ..) = codes.entry(code).or_insert((0, 0, outcome, finding));
            *count += 1;
            if !seen.contains(&code) {
                seen.push(code);
                *documents += 1;
            }
        }
    }
    let mut lines = Vec::new();
    if !codes.is_empty() {
        let what = if errors { "errors" } else { "warnings" };
        lines.push(String::new());
        lines.push(format!(
            "{what} of rustc by code: documents, {what}, the first"
        ));
    }
    for (code, (documents, count, outcome, finding)) in codes {
        lines.push(format!(
            "  {code:<34} {documents:>4} {count:>6}  {}: {}",
            outcome.file, finding.headline
        ));
    }
    lines
}

/// The line that other programs read.
pub(crate) fn last_line(outcomes: &[Outcome]) -> String {
    let counted: Vec<&Outcome> = outcomes
        .iter()
        .filter(|it| !it.is_without_operations())
        .collect();
    let generated = counted.iter().filter(|it| it.is_generated()).count();
    let compiled = counted
        .iter()
        .filter(|it| it.is_generated() && it.compiled == Some(true))
        .count();
    format!(
        "corpus: {} documents, {generated} generated, {compiled} compiled",
        counted.len()
    )
}

/// Everything that is known about each document.
pub(crate) fn json(outcomes: &[Outcome]) -> String {
    let documents: Vec<Value> = outcomes
        .iter()
        .map(|it| {
            let findings: Vec<Value> = it
                .findings
                .iter()
                .map(|it| {
                    json!({
                        "level": if it.is_error { "error" } else { "warning" },
                        "code": it.code,
                        "headline": it.headline,
                        "rendered": it.rendered,
                    })
                })
                .collect();
            json!({
                "file": it.file,
                "operations": it.operations,
                "operations_generated": it.generated,
                "generated": it.is_generated(),
                "schemas": it.schemas,
                "untyped": it.untyped,
                "errors": it.errors,
                "warnings": it.warnings,
                "headlines": it.headlines,
                "lines": it.lines,
                "seconds": it.seconds,
                "recursion_limit": it.recursion_limit,
                "failure": it.failure,
                "compiled": it.compiled,
                "findings": findings,
            })
        })
        .collect();
    format!("{:#}\n", Value::from(documents))
}
