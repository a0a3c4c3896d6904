//! Doc comments. The document's words are untrusted: no line of theirs may end the comment, run as a doctest or make a
//! link to somewhere in the user's crate.

use proc_macro2::TokenStream;
use quote::quote;

use super::model;
use crate::ir::{Check, Docs, PatternDef, PatternId, Type, Value};

/// Where lines are wrapped, in characters.
const WIDTH: usize = 90;

/// One line of our own words.
pub(super) fn line(text: &str) -> TokenStream {
    let text = format!(" {text}");
    quote! { #[doc = #text] }
}

/// Lines of our own words; an empty one ends a paragraph.
pub(super) fn lines<T: AsRef<str>>(lines: &[T]) -> TokenStream {
    lines
        .iter()
        .map(|line| {
            let line = line.as_ref();
            let text = if line.is_empty() {
                String::new()
            } else {
                format!(" {line}")
            };
            quote! { #[doc = #text] }
        })
        .collect()
}

/// The words of an element, or others where it has none.
pub(super) fn of(docs: &Docs, otherwise: &str) -> TokenStream {
    lines(&paragraphs(docs, otherwise))
}

/// The words of an element as lines: the summary, then the description.
pub(super) fn paragraphs(docs: &Docs, otherwise: &str) -> Vec<String> {
    let mut all = Vec::new();
    for text in [&docs.summary, &docs.description].into_iter().flatten() {
        let inert = inert(text);
        if inert.iter().all(|line| line.is_empty())
            || docs.summary.as_deref() == Some(text.as_str()) && !all.is_empty()
        {
            continue;
        }
        if !all.is_empty() {
            all.push(String::new());
        }
        all.extend(inert);
    }
    if all.is_empty() && !otherwise.is_empty() {
        all.push(otherwise.to_owned());
    }
    all
}

/// The document's words, each line harmless in a doc comment.
fn inert(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut fence: Option<String> = None;
    // Where the text of the list item begins that a line may go on with.
    let mut item: Option<usize> = None;
    for raw in text.split([
        '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{b}', '\u{c}',
    ]) {
        let raw: String = raw
            .chars()
            .filter(|sign| (!sign.is_control() || *sign == '\t') && !is_direction(*sign))
            .collect();
        let trimmed = raw.trim_end();
        let body = trimmed.trim_start();
        let mark = fence_mark(body);
        if let Some(open) = &fence {
            // Only a mark of the same sign and at least the same length closes a block.
            if mark.as_deref().is_some_and(|mark| {
                mark.starts_with(open.as_str()) && body.trim_matches(['`', '~']).is_empty()
            }) {
                lines.push(open.clone());
                fence = None;
            } else {
                lines.push(trimmed.to_owned());
            }
            continue;
        }
        if let Some(mark) = mark {
            // Rustdoc compiles and runs a block without a language.
            lines.push(format!("{mark}text"));
            fence = Some(mark);
            item = None;
            continue;
        }
        // Four blanks or a tab would make the line code, which rustdoc runs.
        let indent = trimmed.len() - body.len();
        let indent = if trimmed.starts_with('\t') || indent > 3 {
            2
        } else {
            indent
        };
        if let Some((marker, text)) = list_item(body) {
            // More blanks after the marker would make the text code.
            let text = format!("{marker} {}", escape(text));
            let begin = indent + marker.len() + 1;
            wrap(indent, begin, &text, &mut lines);
            item = Some(begin);
            continue;
        }
        item = item.filter(|_| !body.is_empty() && !begins_block(body));
        let indent = item.unwrap_or(indent);
        wrap(indent, indent, &escape(body), &mut lines);
    }
    if let Some(open) = fence {
        lines.push(open);
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let first = lines
        .iter()
        .position(|line| !line.is_empty())
        .unwrap_or(lines.len());
    lines.drain(..first);
    lines.dedup_by(|two, one| one.is_empty() && two.is_empty());
    lines
}

/// Whether it turns the direction of text around, so that a line does not read as it is; rustc takes none in a comment.
pub(super) fn is_direction(sign: char) -> bool {
    matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The sign and length of a code fence at the beginning of a line.
fn fence_mark(line: &str) -> Option<String> {
    let sign = line
        .chars()
        .next()
        .filter(|sign| matches!(sign, '`' | '~'))?;
    let mark: String = line.chars().take_while(|it| *it == sign).collect();
    (mark.len() >= 3).then_some(mark)
}

/// The marker of a list item and its text, which is not empty.
fn list_item(line: &str) -> Option<(&str, &str)> {
    let (marker, text) = line.split_once(' ')?;
    let number = marker.strip_suffix(['.', ')']).unwrap_or_default();
    let is_number = (1..=9).contains(&number.len()) && number.bytes().all(|it| it.is_ascii_digit());
    let text = text.trim_start();
    let is_marker = is_number || matches!(marker, "-" | "*" | "+");
    (is_marker && !text.is_empty()).then_some((marker, text))
}

/// Whether a line does not go on with the paragraph before it: a heading, a row of a table, or a rule.
fn begins_block(line: &str) -> bool {
    line.starts_with(['#', '|'])
        || line
            .chars()
            .all(|it| matches!(it, '-' | '=' | '*' | '_' | ' '))
}

/// Escapes what rustdoc would take as a link to an item or as HTML, outside of code spans.
fn escape(line: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    let mut rest = line.chars().peekable();
    let balanced = line.matches('`').count().is_multiple_of(2);
    while let Some(sign) = rest.next() {
        match sign {
            '`' if balanced => {
                in_code = !in_code;
                out.push(sign);
            }
            '`' => out.push_str("\\`"),
            '[' | ']' | '<' | '>' if !in_code => {
                out.push('\\');
                out.push(sign);
            }
            // A bare URL is a lint of rustdoc's; in angle brackets it is a link.
            'h' if !in_code && is_url(line, out.len(), &rest) && !out.ends_with('(') => {
                let mut url = String::from('h');
                while let Some(next) = rest.peek() {
                    if next.is_whitespace()
                        || matches!(next, '<' | '>' | '"' | '`' | ')' | ']' | '[' | '(' | '\\')
                    {
                        break;
                    }
                    url.push(*next);
                    rest.next();
                }
                let tail: String = url
                    .chars()
                    .rev()
                    .take_while(|it| {
                        matches!(it, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_')
                    })
                    .collect();
                let end = url.len() - tail.len();
                out.push_str(&format!("<{}>{}", &url[..end], &url[end..]));
            }
            _ => out.push(sign),
        }
    }
    out
}

fn is_url(_line: &str, _written: usize, rest: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let next: String = rest.clone().take(8).collect();
    next.starts_with("ttp://") || next.starts_with("ttps://")
}

/// Breaks a line at blanks where it is too long; `then` is the indent of what follows.
fn wrap(indent: usize, then: usize, text: &str, lines: &mut Vec<String>) {
    if text.is_empty() {
        lines.push(String::new());
        return;
    }
    // A row of a table is one line.
    if text.starts_with('|') {
        lines.push(text.to_owned());
        return;
    }
    let then = " ".repeat(then);
    let mut line = " ".repeat(indent);
    for word in text.split(' ') {
        // A word at the beginning of a line must not turn it into a list or a heading.
        let starts_block = word.starts_with(['-', '*', '+', '#', '>', '=', '|'])
            || word.ends_with(['.', ')'])
                && word
                    .trim_end_matches(['.', ')'])
                    .chars()
                    .all(|it| it.is_ascii_digit());
        if line.trim().is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() > WIDTH && !starts_block {
            lines.push(std::mem::replace(&mut line, format!("{then}{word}")));
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.push(line.trim_end().to_owned());
}

/// A value's checks in words: `1 to 64 characters`.
pub(super) fn constraints(value: &Value, patterns: &[PatternDef]) -> Option<String> {
    let mut words = Vec::new();
    describe(value, patterns, &mut words);
    let text = words.join(", ");
    let mut signs = text.chars();
    let first = signs.next()?;
    Some(format!("{}{}.", first.to_uppercase(), signs.as_str()))
}

fn describe(value: &Value, patterns: &[PatternDef], words: &mut Vec<String>) {
    let find = |ask: fn(&Check) -> Option<String>| value.checks.iter().find_map(ask);
    let range = |least: Option<String>, most: Option<String>, noun: &str| {
        let plural = |count: &str| {
            if count == "1" {
                noun.to_owned()
            } else {
                format!("{noun}s")
            }
        };
        match (least, most) {
            (Some(least), Some(most)) if least == most => {
                Some(format!("exactly {least} {}", plural(&most)))
            }
            (Some(least), Some(most)) => Some(format!("{least} to {most} {}", plural(&most))),
            (Some(least), None) => Some(format!("at least {least} {}", plural(&least))),
            (None, Some(most)) => Some(format!("at most {most} {}", plural(&most))),
            (None, None) => None,
        }
    };
    words.extend(range(
        find(|it| {
            if let Check::MinLength(n) = it {
                Some(n.to_string())
            } else {
                None
            }
        }),
        find(|it| {
            if let Check::MaxLength(n) = it {
                Some(n.to_string())
            } else {
                None
            }
        }),
        if value.ty == Type::Upload {
            "byte"
        } else {
            "character"
        },
    ));
    words.extend(range(
        find(|it| {
            if let Check::MinItems(n) = it {
                Some(n.to_string())
            } else {
                None
            }
        }),
        find(|it| {
            if let Check::MaxItems(n) = it {
                Some(n.to_string())
            } else {
                None
            }
        }),
        "item",
    ));
    words.extend(range(
        find(|it| {
            if let Check::MinProperties(n) = it {
                Some(n.to_string())
            } else {
                None
            }
        }),
        find(|it| {
            if let Check::MaxProperties(n) = it {
                Some(n.to_string())
            } else {
                None
            }
        }),
        "member",
    ));
    let minimum = find(|it| {
        if let Check::Minimum(n) = it {
            Some(n.clone())
        } else {
            None
        }
    });
    let maximum = find(|it| {
        if let Check::Maximum(n) = it {
            Some(n.clone())
        } else {
            None
        }
    });
    match (minimum, maximum) {
        (Some(least), Some(most)) => words.push(format!("{least} to {most}")),
        (Some(least), None) => words.push(format!("at least {least}")),
        (None, Some(most)) => words.push(format!("at most {most}")),
        (None, None) => {}
    }
    for check in &value.checks {
        match check {
            Check::ExclusiveMinimum(bound) => words.push(format!("greater than {bound}")),
            Check::ExclusiveMaximum(bound) => words.push(format!("less than {bound}")),
            Check::MultipleOf(divisor) => words.push(format!("a multiple of {divisor}")),
            Check::UniqueItems => words.push("no two equal".to_owned()),
            Check::Pattern(PatternId(index)) => {
                if let Some(pattern) = patterns.get(*index) {
                    words.push(format!("matching `{}`", model::inline(&pattern.source)));
                }
            }
            Check::Format(format) => words.push(format.words().to_owned()),
            _ => {}
        }
    }
    if let Type::Nullable(inner) = &value.ty {
        describe(inner, patterns, words);
    }
}
