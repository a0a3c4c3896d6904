//! What rustc says, as Cargo passes it on.

use serde_json::Value;

/// One error or warning of rustc, at a document's module.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    /// Whether the code does not compile because of it.
    pub(crate) is_error: bool,
    /// `E0277`, or the name of a lint; empty where it has neither.
    pub(crate) code: String,
    /// What is wrong.
    pub(crate) headline: String,
    /// The whole text with its excerpt.
    pub(crate) rendered: String,
}

/// A line of `--message-format=json`: the finding with the module that it stands in, where it stands in one.
pub(crate) fn finding(line: &str, krate: &str) -> Option<(Option<String>, Finding)> {
    let line: Value = serde_json::from_str(line).ok()?;
    if line.get("reason")? != "compiler-message" || line.pointer("/target/name")? != krate {
        return None;
    }
    let message = line.get("message")?;
    let level = message.get("level")?.as_str()?;
    let is_error = level.starts_with("error");
    if !is_error && level != "warning" {
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
    Some((module(message), finding))
}

/// The module of the first place that lies in one.
fn module(message: &Value) -> Option<String> {
    let spans = message.get("spans").and_then(Value::as_array);
    let own = spans.into_iter().flatten().find_map(module_of_span);
    own.or_else(|| {
        let children = message.get("children").and_then(Value::as_array);
        children.into_iter().flatten().find_map(module)
    })
}

fn module_of_span(span: &Value) -> Option<String> {
    let mut span = Some(span);
    while let Some(at) = span {
        let name = at.get("file_name").and_then(Value::as_str).unwrap_or("");
        let inside = name.split_once("/corpus/documents/").map(|(_, rest)| rest);
        if let Some((module, _)) = inside.and_then(|rest| rest.split_once('/')) {
            return Some(module.to_owned());
        }
        // Code from a macro stands in the runtime; the call of the macro stands in the module.
        span = at.pointer("/expansion/span");
    }
    None
}
