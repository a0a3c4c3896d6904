//! Writes a pattern in the syntax of `regex` and `fancy-regex`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use regex_syntax::hir::ClassUnicode;

use super::ast::{Class, Kind, Node};

/// The engine that a text is written for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Engine {
    Linear,
    Backtracking,
}

/// `\b` for an engine whose own one knows Unicode's letters.
const BOUNDARY: &str = "(?:(?<=[0-9A-Z_a-z])(?![0-9A-Z_a-z])|(?<![0-9A-Z_a-z])(?=[0-9A-Z_a-z]))";
/// `\B` likewise.
const NO_BOUNDARY: &str = "(?:(?<=[0-9A-Z_a-z])(?=[0-9A-Z_a-z])|(?<![0-9A-Z_a-z])(?![0-9A-Z_a-z]))";

/// Writes a pattern for an engine. Only groups that are referred to capture.
pub(super) fn print(node: &Node, engine: Engine) -> String {
    let mut printer = Printer {
        engine,
        text: String::new(),
        referenced: BTreeSet::new(),
        numbers: BTreeMap::new(),
        closed: BTreeSet::new(),
    };
    collect_references(node, &mut printer.referenced);
    printer.alternation(node);
    printer.text
}

/// Writes the ranges of a class, without brackets.
pub(super) fn write_ranges(set: &ClassUnicode, text: &mut String) {
    for range in set.ranges() {
        write_char(range.start(), text);
        if range.start() != range.end() {
            if u32::from(range.end()) > u32::from(range.start()) + 1 {
                text.push('-');
            }
            write_char(range.end(), text);
        }
    }
}

struct Printer {
    engine: Engine,
    text: String,
    referenced: BTreeSet<u32>,
    numbers: BTreeMap<u32, usize>,
    closed: BTreeSet<u32>,
}

impl Printer {
    /// Writes a node that stands where an alternation may.
    fn alternation(&mut self, node: &Node) {
        let Kind::Alternation(parts) = &node.kind else {
            return self.concat(node);
        };
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.text.push('|');
            }
            self.concat(part);
        }
    }

    /// Writes a node that stands where a sequence may.
    fn concat(&mut self, node: &Node) {
        match &node.kind {
            Kind::Concat(parts) => parts.iter().for_each(|part| self.concat(part)),
            Kind::Alternation(_) => self.enclosed("(?:", node),
            _ => self.term(node),
        }
    }

    fn enclosed(&mut self, opening: &str, node: &Node) {
        self.text.push_str(opening);
        self.alternation(node);
        self.text.push(')');
    }

    fn term(&mut self, node: &Node) {
        match &node.kind {
            Kind::Empty => {}
            Kind::Char(character) => write_char(*character, &mut self.text),
            Kind::Class(class) => write_class(class, &mut self.text),
            Kind::Start => self.text.push('^'),
            Kind::End => self.text.push_str(match self.engine {
                Engine::Linear => "$",
                Engine::Backtracking => r"\z",
            }),
            Kind::WordBoundary { negated: true } => self.text.push_str(NO_BOUNDARY),
            Kind::WordBoundary { negated: false } => self.text.push_str(match self.engine {
                Engine::Linear => r"(?-u:\b)",
                Engine::Backtracking => BOUNDARY,
            }),
            Kind::Look {
                ahead,
                negated,
                body,
            } => {
                let opening = match (ahead, negated) {
                    (true, false) => "(?=",
                    (true, true) => "(?!",
                    (false, false) => "(?<=",
                    (false, true) => "(?<!",
                };
                self.enclosed(opening, body);
                if *negated {
                    self.forget_groups(body);
                }
            }
            Kind::Group { index, body } => self.group(*index, body),
            Kind::Backreference(index) => self.backreference(*index),
            Kind::Repeat { min, max, body } => self.repeat(*min, *max, body),
            Kind::Concat(_) | Kind::Alternation(_) => self.concat(node),
        }
    }

    fn group(&mut self, index: Option<u32>, body: &Node) {
        let Some(index) = index.filter(|index| self.referenced.contains(index)) else {
            return self.enclosed("(?:", body);
        };
        self.numbers.insert(index, self.numbers.len() + 1);
        self.enclosed("(", body);
        self.closed.insert(index);
    }

    /// Writes a backreference. In ECMA-262 a group that has captured nothing matches the empty text, which is always
    /// so for one that is not closed yet.
    fn backreference(&mut self, index: u32) {
        if let Some(number) = self.numbers.get(&index)
            && self.closed.contains(&index)
        {
            let _ = write!(self.text, "(?({number})\\{number}|)");
        } else {
            self.text.push_str("(?:)");
        }
    }

    fn repeat(&mut self, min: u32, max: Option<u32>, body: &Node) {
        match body.kind {
            Kind::Char(_) | Kind::Class(_) | Kind::Group { .. } => self.term(body),
            _ => self.enclosed("(?:", body),
        }
        let _ = match (min, max) {
            (0, None) => write!(self.text, "*"),
            (1, None) => write!(self.text, "+"),
            (0, Some(1)) => write!(self.text, "?"),
            (min, None) => write!(self.text, "{{{min},}}"),
            (min, Some(max)) if min == max => write!(self.text, "{{{min}}}"),
            (min, Some(max)) => write!(self.text, "{{{min},{max}}}"),
        };
    }

    /// After a negative lookaround succeeded, nothing inside of it has matched.
    fn forget_groups(&mut self, node: &Node) {
        if let Kind::Group {
            index: Some(index), ..
        } = node.kind
        {
            self.closed.remove(&index);
        }
        for child in node.children() {
            self.forget_groups(child);
        }
    }
}

fn collect_references(node: &Node, found: &mut BTreeSet<u32>) {
    if let Kind::Backreference(index) = node.kind {
        found.insert(index);
    }
    for child in node.children() {
        collect_references(child, found);
    }
}

fn write_class(class: &Class, text: &mut String) {
    if let Some(symbolic) = &class.symbolic {
        text.push_str(symbolic);
        return;
    }
    let mut rest = class.set.clone();
    rest.negate();
    if class.set.ranges().is_empty() {
        text.push_str(r"[^\x{0}-\x{10FFFF}]");
    } else if !rest.ranges().is_empty() && rest.ranges().len() < class.set.ranges().len() {
        text.push_str("[^");
        write_ranges(&rest, text);
        text.push(']');
    } else {
        text.push('[');
        write_ranges(&class.set, text);
        text.push(']');
    }
}

/// Writes one character, so that neither engine takes it for syntax inside or outside of a class.
fn write_char(character: char, text: &mut String) {
    match character {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        _ if character.is_ascii_alphanumeric() => text.push(character),
        ' ' | '!' | '"' | '%' | '\'' | ',' | '/' | ':' | ';' | '<' | '=' | '>' | '@' | '_'
        | '`' => {
            text.push(character);
        }
        _ if character.is_ascii_punctuation() => {
            text.push('\\');
            text.push(character);
        }
        _ => {
            let _ = write!(text, "\\x{{{:X}}}", u32::from(character));
        }
    }
}
