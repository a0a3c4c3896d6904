//! What rustc says, as Cargo passes it on.

use std::path::Path;

use serde_json::Value;

/// One error or warning of rustc, at a document's module.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whether the code does not compile because of it.
    pub is_error: bool,
    /// `E0277`, or the name of a lint; empty where it has neither.
    pub code: String,
    /// What is wrong.
    pub headline: String,
    /// The whole text with its excerpt.
    pub rendered: String,
}

/// A line of `--message-format=json`: the finding with the module below `folder` that it stands in, where it stands in
/// one.
pub(crate) fn finding(
    line: &str,
    is_own: impl Fn(&str) -> bool,
    folder: &Path,
) -> Option<(Option<String>, Finding)> {
    let line: Value = serde_json::from_str(line).ok()?;
    let target = line.pointer("/target/name")?.as_str()?;
    if line.get("reason")? != "compiler-message" {
        return None;
    }
    let message = line.get("message")?;
    let level = message.get("level")?.as_str()?;
    let is_error = level.starts_with("error");
    // Warnings of other crates are nothing new, and an error is always the reason why nothing is compiled.
    if !is_error && (level != "warning" || !is_own(target)) {
        return None;
    }
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let finding = Finding {
        is_error,
        code: text(message.pointer("/code/code")),
        headline: text(message.get("message")),
        rendered: text(message.get("rendered")),
    };
    // The last words of a failed run have no code and no place, and say nothing new.
    let is_closing = finding.headline.starts_with("aborting due to")
        || finding.headline.contains("warnings emitted")
        || finding.headline.contains("warning emitted");
    if is_closing {
        return None;
    }
    Some((module(message, folder), finding))
}

/// The module of the first place that lies in one.
fn module(message: &Value, folder: &Path) -> Option<String> {
    let spans = message.get("spans").and_then(Value::as_array);
    let mut spans = spans.into_iter().flatten();
    let own = spans.find_map(|span| module_of_span(span, folder));
    own.or_else(|| {
        let children = message.get("children").and_then(Value::as_array);
        let mut children = children.into_iter().flatten();
        children.find_map(|child| module(child, folder))
    })
}

fn module_of_span(span: &Value, folder: &Path) -> Option<String> {
    let mut span = Some(span);
    while let Some(at) = span {
        let name = at.get("file_name").and_then(Value::as_str).unwrap_or("");
        let inside = Path::new(name).strip_prefix(folder).ok();
        if let Some(module) = inside.and_then(|rest| rest.components().next()) {
            return Some(module.as_os_str().to_string_lossy().into_owned());
        }
        // Code from a macro stands in the runtime; the call of the macro stands in the module.
        span = at.pointer("/expansion/span");
    }
    None
}
