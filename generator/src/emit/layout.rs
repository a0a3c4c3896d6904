//! Lines: what the pretty-printer breaks early is joined again, up to the width that rustfmt allows.
//!
//! It works on lines and their indentation alone. That is enough, since the printer puts what it breaks on lines of their
//! own, one level deeper; string literals keep their line breaks escaped, so a line of the text is a line of code.

/// The width that rustfmt allows.
pub(super) const WIDTH: usize = 100;

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
        if line.trim_start() == "}" && next.trim_start() == ".await;" {
            lines.remove(index + 1);
            if let Some(line) = lines.get_mut(index) {
                line.push_str(".await;");
            }
            continue;
        }
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
        let closes =
            line.trim_start().starts_with([')', ']', '}']) || line.trim_start().starts_with("> ");
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
        let first = before.last().map_or("", String::as_str);
        let closer = line.trim_start();
        if let Some(joined) = join(first, inner, closer) {
            out.truncate(opener);
            out.push(joined);
        } else if let Some(hugged) = hugged(first, inner, closer) {
            out.truncate(opener);
            out.extend(hugged);
        } else {
            if let Some(filled) = filled(first, inner) {
                out.truncate(opener + 1);
                out.extend(filled);
            }
            out.push(line);
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
        let only = assigned(only.trim());
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
        // A tuple of one is one by its comma, and stands where no call does.
        let is_call = |before: &str| {
            before.ends_with(|it: char| it.is_alphanumeric() || matches!(it, '_' | '!' | '>' | ')'))
        };
        let is_tuple = opener.strip_suffix('(').is_some_and(|it| !is_call(it));
        if opener.ends_with(' ') || inner.is_empty() || is_tuple && inner.len() == 1 {
            return None;
        }
        let inner: Vec<&str> = inner.iter().map(|line| line.trim()).collect();
        let inner = inner.join(" ");
        let inner = inner.strip_suffix(',').unwrap_or(&inner);
        format!("{opener}{inner}{closer}")
    };
    (joined.chars().count() <= WIDTH).then_some(joined)
}

/// An assignment without its semicolon, which the arm of a `match` does not need.
fn assigned(statement: &str) -> &str {
    match statement.strip_suffix(';') {
        Some(bare)
            if bare
                .split_once(" = ")
                .is_some_and(|(name, _)| is_word(name)) =>
        {
            bare
        }
        _ => statement,
    }
}

/// The lines of brackets whose last content has brackets of its own, with one level less: `f(a, &[` up to `])`, and
/// `Ok(body) => f(` up to `),` without the braces of the arm.
fn hugged(opener: &str, inner: &[String], closer: &str) -> Option<Vec<String>> {
    let level = indent(opener) + INDENT;
    let start = inner
        .iter()
        .position(|line| line.ends_with(['(', '[', '{']))?;
    let (plain, block) = inner.split_at(start);
    let (first, rest) = block.split_first()?;
    let (last, middle) = rest.split_last()?;
    let is_one = indent(first) == level
        && indent(last) == level
        && last.trim_start().starts_with([')', ']', '}'])
        && middle
            .iter()
            .all(|line| line.is_empty() || indent(line) > level);
    if !is_one || is_statement(first.trim_start()) {
        return None;
    }
    let (first, last) = (first.trim_start(), last.trim_start());
    let (head, tail) = if let Some(head) = opener.strip_suffix('{') {
        let is_arm = head.ends_with("=> ") && matches!(closer, "}" | "},");
        let last = match assigned(&format!("{first}{last}")).ends_with(';') {
            true => last,
            false => last.trim_end_matches(';'),
        };
        // What is called on the block belongs to it.
        let is_whole = matches!(last.trim_start_matches([')', '}']), "" | "]" | "?");
        if !is_arm || !is_whole || !plain.is_empty() || first.ends_with("| {") {
            return None;
        }
        (format!("{head}{first}"), format!("{last},"))
    } else {
        let is_plain = |line: &String| indent(line) == level && line.ends_with(',');
        let last = last.strip_suffix(',').unwrap_or(last);
        let is_hugged = opener.ends_with('(')
            && closer.starts_with(')')
            && (first.ends_with("&[") || first.ends_with("| {"))
            && matches!(last, "]" | "}");
        if !is_hugged || !plain.iter().all(is_plain) {
            return None;
        }
        let plain: String = plain
            .iter()
            .map(|line| format!("{} ", line.trim()))
            .collect();
        (format!("{opener}{plain}{first}"), format!("{last}{closer}"))
    };
    if head.chars().count() > WIDTH {
        return None;
    }
    let mut lines = vec![head];
    lines.extend(middle.iter().map(|line| match line.as_str() {
        "" => String::new(),
        line => line[INDENT..].to_owned(),
    }));
    lines.push(format!("{}{tail}", " ".repeat(level - INDENT)));
    Some(lines)
}

/// Whether braces belong to it, or are better kept.
fn is_statement(expression: &str) -> bool {
    [
        "let ", "for ", "while ", "if ", "match ", "static ", "const ",
    ]
    .iter()
    .any(|word| expression.starts_with(word))
}

/// A list with as many items on a line as fit: of texts, of descriptions, of a value's fields. The arguments of a call are
/// put on one line where they fit; the signatures that users copy are as rustfmt has them.
fn filled(opener: &str, inner: &[String]) -> Option<Vec<String>> {
    let [first, _, ..] = inner else { return None };
    let level = indent(first);
    let is_item = |line: &String| indent(line) == level && line.ends_with(',');
    if !inner.iter().all(is_item) {
        return None;
    }
    let items: Vec<&str> = inner.iter().map(|line| line.trim()).collect();
    let is_literal = opener.trim_start().starts_with("Some(") && opener.ends_with('{');
    let is_list = items.iter().all(|item| is_text(item))
        || opener.ends_with('[') && items.iter().all(|item| item.starts_with("Parameter::"))
        || is_literal && items.iter().all(|item| is_field(item));
    let is_call = opener.ends_with('(')
        && items
            .iter()
            .all(|item| !item.starts_with(['/', '#']) && *item != "&self,");
    if !is_list && !is_call {
        return None;
    }
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + item.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(item);
            }
            _ => lines.push(format!("{}{item}", " ".repeat(level))),
        }
    }
    (is_list || lines.len() == 1).then_some(lines)
}

/// One string literal.
fn is_text(item: &str) -> bool {
    item.starts_with('"') && item.ends_with("\",") && item.matches('"').count() == 2
}

/// A field that is made of a variable: `name,` or `name: name?,`.
fn is_field(item: &str) -> bool {
    let item = item.trim_end_matches(',');
    match item.split_once(": ") {
        Some((name, value)) => is_word(name) && is_word(value.trim_end_matches('?')),
        None => is_word(item),
    }
}

fn is_word(text: &str) -> bool {
    text.chars()
        .all(|it| it.is_alphanumeric() || matches!(it, '_' | '#'))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}
