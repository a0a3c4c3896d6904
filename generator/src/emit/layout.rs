//! Lines: what the pretty-printer breaks early is joined again, up to the width that rustfmt allows.
//!
//! It works on lines and their indentation alone. That is enough, since the printer puts what it breaks on lines of their
//! own, one level deeper; string literals keep their line breaks escaped, so a line of the text is a line of code.

/// The width that rustfmt allows.
const WIDTH: usize = 100;

/// How far one level is indented.
const INDENT: usize = 4;

/// The text of an item with fewer lines.
pub(super) fn refit(item: &str) -> String {
    let lines = item.lines().map(str::to_owned).collect();
    let mut text = rejoined(calls_on_their_line(lines)).join("\n");
    text.push('\n');
    text
}

/// Puts the one call of a variable's method on the variable's line.
///
/// The printer breaks a call that does not fit before its dot. So does rustfmt in a chain of several; of one call it
/// breaks the arguments.
fn calls_on_their_line(mut lines: Vec<String>) -> Vec<String> {
    let mut index = 0;
    while let [line, next, ..] = lines.get(index..).unwrap_or_default() {
        let depth = indent(next);
        if !ends_with_variable(line) || !next.trim_start().starts_with('.') {
            index += 1;
            continue;
        }
        let rest = lines.get_mut(index + 2..).unwrap_or_default();
        let is_below = |line: &String| indent(line) >= depth || line.is_empty();
        let length = rest.iter().take_while(|line| is_below(line)).count();
        let (block, _) = rest.split_at_mut(length);
        let is_chain = block
            .iter()
            .any(|line| indent(line) == depth && line.trim_start().starts_with('.'));
        if is_chain {
            index += 1;
            continue;
        }
        for line in block.iter_mut().filter(|line| !line.is_empty()) {
            line.drain(..INDENT.min(indent(line)));
        }
        let call = lines.remove(index + 1);
        if let Some(line) = lines.get_mut(index) {
            line.push_str(call.trim_start());
        }
    }
    lines
}

fn ends_with_variable(line: &str) -> bool {
    let before = line.trim_end_matches(|it: char| it.is_ascii_lowercase() || it == '_');
    before.len() < line.len() && (before.is_empty() || before.ends_with([' ', '(', '&', '|']))
}

/// Joins brackets and what stands in them where that fits on a line, from the inside out.
fn rejoined(lines: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    for line in lines {
        let depth = indent(&line);
        let closes = line.trim_start().starts_with([')', ']', '}']);
        let opener = closes
            .then(|| {
                out.iter()
                    .rposition(|it| !it.is_empty() && indent(it) <= depth)
            })
            .flatten();
        let Some(opener) = opener else {
            out.push(line);
            continue;
        };
        let (before, inner) = out.split_at(opener + 1);
        let joined = before
            .last()
            .and_then(|opener| join(opener, inner, line.trim_start()));
        match joined {
            Some(joined) => {
                out.truncate(opener);
                out.push(joined);
            }
            None => {
                if let Some(filled) = filled(inner) {
                    out.truncate(opener + 1);
                    out.extend(filled);
                }
                out.push(line);
            }
        }
    }
    out
}

/// The opening line, what is in the brackets, and the closing line as one line.
fn join(opener: &str, inner: &[String], closer: &str) -> Option<String> {
    let level = indent(opener) + INDENT;
    let is_plain = |line: &String| {
        indent(line) == level
            && !line.trim_start().starts_with(['/', '#'])
            && !line.ends_with(['(', '[', '{'])
    };
    if !inner.iter().all(is_plain) {
        return None;
    }
    let joined = if let Some(head) = opener.strip_suffix('{') {
        // Only what the printer braces because it would not fit: the one expression of an arm or a closure.
        let [only] = inner else { return None };
        let only = only.trim();
        let tail = closer.strip_prefix('}')?;
        if only.ends_with([';', ',']) || is_statement(only) {
            return None;
        }
        match () {
            () if head.ends_with("=> ") && (tail.is_empty() || tail == ",") => {
                format!("{head}{only},")
            }
            () if head.ends_with("| ") => format!("{head}{only}{tail}"),
            () => return None,
        }
    } else {
        let inner: Vec<&str> = inner.iter().map(|line| line.trim()).collect();
        let inner = inner.join(" ");
        let inner = inner.strip_suffix(',').unwrap_or(&inner);
        // A tuple of one is one by its comma.
        if opener.ends_with(' ') || inner.is_empty() || opener.trim_end().ends_with("= (") {
            return None;
        }
        format!("{opener}{inner}{closer}")
    };
    (joined.chars().count() <= WIDTH).then_some(joined)
}

/// Whether braces belong to it, or are better kept.
fn is_statement(expression: &str) -> bool {
    [
        "let ", "for ", "while ", "if ", "match ", "static ", "const ",
    ]
    .iter()
    .any(|word| expression.starts_with(word))
}

/// A list of nothing but strings, with as many on a line as fit.
fn filled(inner: &[String]) -> Option<Vec<String>> {
    let [first, _, ..] = inner else { return None };
    let level = indent(first);
    let is_string = |line: &String| {
        indent(line) == level
            && line.trim_start().starts_with('"')
            && line.ends_with("\",")
            && line.matches('"').count() == 2
    };
    if !inner.iter().all(is_string) {
        return None;
    }
    let mut lines: Vec<String> = Vec::new();
    for item in inner {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + item.trim().chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(item.trim());
            }
            _ => lines.push(item.clone()),
        }
    }
    Some(lines)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}
