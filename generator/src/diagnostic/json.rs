//! Diagnostics as programs read them: one JSON object a line.

use std::fmt::Write;

use super::{Diagnostic, Diagnostics, printable};
use crate::source::{Sources, Span};

/// One JSON object a line, in the order of [`Diagnostics::sorted`].
///
/// Its members: `code`, `severity`, `message`, `file`, `line` and `column` (from 1, in characters), `end` (a `line`
/// and a `column`, after the last character), `pointer`, `label`, `related` (each with `file`, `line`, `column`,
/// `end` and `label`) and `help`, which may be null.
pub fn to_json(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics.sorted() {
        push_diagnostic(&mut out, diagnostic, sources);
        out.push('\n');
    }
    out
}

fn push_diagnostic(out: &mut String, diagnostic: &Diagnostic, sources: &Sources) {
    out.push('{');
    push_text(out, "code", diagnostic.code.as_str());
    out.push(',');
    push_text(out, "severity", diagnostic.severity.as_str());
    out.push(',');
    push_text(out, "message", &diagnostic.headline);
    out.push(',');
    push_span(out, diagnostic.place.span, sources);
    out.push(',');
    push_text(out, "pointer", &diagnostic.place.pointer.to_string());
    out.push(',');
    push_text(out, "label", &diagnostic.label);
    out.push_str(",\"related\":[");
    for (position, (span, words)) in diagnostic.related.iter().enumerate() {
        out.push_str(if position == 0 { "{" } else { ",{" });
        push_span(out, *span, sources);
        out.push(',');
        push_text(out, "label", words);
        out.push('}');
    }
    out.push_str("],");
    match &diagnostic.help {
        Some(help) => push_text(out, "help", help),
        None => out.push_str("\"help\":null"),
    }
    out.push('}');
}

fn push_span(out: &mut String, span: Span, sources: &Sources) {
    push_text(out, "file", sources.name(span.file));
    let (line, column) = sources.line_column(span);
    let after = Span {
        start: span.end,
        ..span
    };
    let (end_line, end_column) = sources.line_column(after);
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        r#","line":{line},"column":{column},"end":{{"line":{end_line},"column":{end_column}}}"#
    );
}

fn push_text(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, r#""{name}":"#);
    // `Value` is displayed as JSON text, but leaves control characters beyond U+001F as they are.
    for character in serde_json::Value::from(text).to_string().chars() {
        if printable::is_unprintable(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
}
