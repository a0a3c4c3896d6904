//! Character classes: `[...]`, `.`, `\d`, `\p{...}`.

use regex_syntax::hir::{Class as HirClass, ClassUnicode, ClassUnicodeRange, HirKind};

use super::PatternError;
use super::ast::Class;
use super::escape::{self, Escape};
use super::parse::Cursor;
use super::print;

/// White space and line terminators: ECMA-262, sections 12.2 and 12.3.
const SPACE: [(char, char); 10] = [
    ('\t', '\r'),
    (' ', ' '),
    ('\u{A0}', '\u{A0}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{2000}', '\u{200A}'),
    ('\u{2028}', '\u{2029}'),
    ('\u{202F}', '\u{202F}'),
    ('\u{205F}', '\u{205F}'),
    ('\u{3000}', '\u{3000}'),
    ('\u{FEFF}', '\u{FEFF}'),
];
const DIGIT: [(char, char); 1] = [('0', '9')];
const WORD: [(char, char); 4] = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const LINE_TERMINATOR: [(char, char); 3] = [('\n', '\n'), ('\r', '\r'), ('\u{2028}', '\u{2029}')];

/// General categories that ECMA-262 also names in lower case, after the POSIX classes.
const LOWER_CASE_NAMES: [&str; 4] = ["cntrl", "digit", "punct", "space"];

/// Reads a class whose `[`, at `offset`, is taken already.
pub(super) fn parse(cursor: &mut Cursor<'_>, offset: usize) -> Result<Class, PatternError> {
    let negated = cursor.eat("^");
    let mut set = ClassUnicode::empty();
    let mut properties = Vec::new();
    loop {
        let start = cursor.offset;
        if cursor.peek().is_none() {
            return cursor.error(offset, "unclosed character class");
        }
        if cursor.eat("]") {
            break;
        }
        let first = member(cursor)?;
        let is_range = cursor.rest().starts_with('-') && !cursor.rest().starts_with("-]");
        if is_range && cursor.rest().len() > 1 {
            cursor.eat("-");
            let second = member(cursor)?;
            if let (Escape::Char(first), Escape::Char(second)) = (&first, &second) {
                if first > second {
                    let text = cursor.pattern.get(start..cursor.offset).unwrap_or_default();
                    return cursor.error(start, format!("range out of order: `{text}`"));
                }
                set.push(ClassUnicodeRange::new(*first, *second));
                continue;
            }
            // Annex B: next to a class escape the hyphen is a member like any other.
            set.push(ClassUnicodeRange::new('-', '-'));
            add(&mut set, &mut properties, second);
        }
        add(&mut set, &mut properties, first);
    }
    Ok(finish(set, properties, negated))
}

/// `.`: everything but line terminators.
pub(super) fn dot() -> Class {
    from_ranges(&LINE_TERMINATOR, true)
}

/// `\d`, `\s`, `\w` and their negations, all of them without regard to Unicode's digits and letters.
pub(super) fn shorthand(letter: char) -> Class {
    match letter.to_ascii_lowercase() {
        'd' => from_ranges(&DIGIT, letter == 'D'),
        's' => from_ranges(&SPACE, letter == 'S'),
        _ => from_ranges(&WORD, letter == 'W'),
    }
}

/// Reads the rest of `\p{...}`: a general category, a binary property, or a script.
pub(super) fn property(
    cursor: &mut Cursor<'_>,
    offset: usize,
    negated: bool,
) -> Result<Class, PatternError> {
    let rest = cursor.rest();
    let end = rest.find('}');
    let (Some(end), true) = (end, cursor.eat("{")) else {
        return cursor.error(offset, "expected a property in braces after `\\p`");
    };
    let text = rest.get(1..end).unwrap_or_default();
    cursor.offset += text.len() + 1;
    let Some((name, mut set)) = lookup(text) else {
        return cursor.error(offset, format!("unknown property `{text}`"));
    };
    if negated {
        set.negate();
    }
    let letter = if negated { 'P' } else { 'p' };
    Ok(Class {
        set,
        symbolic: Some(format!("\\{letter}{{{name}}}")),
    })
}

fn member(cursor: &mut Cursor<'_>) -> Result<Escape, PatternError> {
    let offset = cursor.offset;
    match cursor.next() {
        Some('\\') if cursor.eat("b") => Ok(Escape::Char('\u{8}')),
        Some('\\') => escape::parse(cursor, offset),
        Some(character) => Ok(Escape::Char(character)),
        None => cursor.error(offset, "unclosed character class"),
    }
}

fn add(set: &mut ClassUnicode, properties: &mut Vec<Class>, member: Escape) {
    match member {
        Escape::Char(character) => set.push(ClassUnicodeRange::new(character, character)),
        Escape::Class(class) if class.symbolic.is_some() => properties.push(class),
        Escape::Class(class) => set.union(&class.set),
    }
}

fn finish(mut set: ClassUnicode, properties: Vec<Class>, negated: bool) -> Class {
    let mut symbolic = None;
    if !properties.is_empty() {
        let mut text = String::from(if negated { "[^" } else { "[" });
        print::write_ranges(&set, &mut text);
        for property in properties {
            set.union(&property.set);
            text.push_str(&property.symbolic.unwrap_or_default());
        }
        text.push(']');
        symbolic = Some(text);
    }
    if negated {
        set.negate();
    }
    Class { set, symbolic }
}

fn from_ranges(ranges: &[(char, char)], negated: bool) -> Class {
    let ranges = ranges
        .iter()
        .map(|(start, end)| ClassUnicodeRange::new(*start, *end));
    finish(ClassUnicode::new(ranges), Vec::new(), negated)
}

/// Finds a property by the names of ECMA-262, table 67 and following, and gives its name for `regex`.
fn lookup(text: &str) -> Option<(String, ClassUnicode)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (name, value) = text.split_once('=').unwrap_or(("", text));
    let is_upper = value.starts_with(|c: char| c.is_ascii_uppercase());
    if !value.chars().all(is_part) || !(is_upper || LOWER_CASE_NAMES.contains(&value)) {
        return None;
    }
    let in_namespace = |namespace| {
        let name = format!("{namespace}={value}");
        unicode_class(&name).map(|set| (name, set))
    };
    match name {
        "General_Category" | "gc" => in_namespace("gc"),
        "Script" | "sc" => in_namespace("sc"),
        "Script_Extensions" | "scx" => in_namespace("scx"),
        "" if in_namespace("gc").is_some() => {
            unicode_class(value).map(|set| (value.to_owned(), set))
        }
        // A script without `Script=` is known to `regex`, but not to ECMA-262.
        "" if in_namespace("sc").is_none() => {
            unicode_class(value).map(|set| (value.to_owned(), set))
        }
        _ => None,
    }
}

fn unicode_class(name: &str) -> Option<ClassUnicode> {
    let hir = regex_syntax::parse(&format!("\\p{{{name}}}")).ok()?;
    match hir.kind() {
        HirKind::Class(HirClass::Unicode(set)) => Some(set.clone()),
        _ => None,
    }
}
