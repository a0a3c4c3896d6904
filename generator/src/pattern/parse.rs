//! Reads a pattern: the grammar of ECMA-262, section 22.2.1, with the `u` flag, and the tolerated part of Annex B.

use std::collections::BTreeMap;

use super::PatternError;
use super::ast::{Kind, Node};
use super::class;
use super::escape::{self, Escape};

/// How deep groups may nest; `regex` and `fancy-regex` have limits of the same order.
const DEPTH_LIMIT: usize = 60;

/// Reads a pattern into its tree.
///
/// # Errors
///
/// Fails with the offset of the first part that is not of the dialect.
pub(super) fn parse(pattern: &str) -> Result<Node, PatternError> {
    let mut parser = Parser {
        cursor: Cursor::new(pattern),
        depth: 0,
        groups: 0,
        names: BTreeMap::new(),
        references: Vec::new(),
    };
    let mut node = parser.alternation()?;
    if let Some(character) = parser.cursor.peek() {
        let message = format!("unmatched `{character}`");
        return Err(PatternError::new(parser.cursor.offset, message));
    }
    let targets = parser.resolve_references()?;
    set_references(&mut node, &targets);
    Ok(node)
}

/// A place in a pattern.
pub(super) struct Cursor<'p> {
    pub(super) pattern: &'p str,
    pub(super) offset: usize,
}

impl<'p> Cursor<'p> {
    fn new(pattern: &'p str) -> Self {
        Self { pattern, offset: 0 }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'p str {
        self.pattern.get(self.offset..).unwrap_or_default()
    }

    /// The next character.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes the next character.
    pub(super) fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.offset += character.len_utf8();
        Some(character)
    }

    /// Takes a text when it is next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.offset += text.len();
        }
        found
    }

    /// Takes as many ASCII digits of a radix as follow, at most `limit`.
    pub(super) fn digits(&mut self, radix: u32, limit: usize) -> &'p str {
        let rest = self.rest();
        let length = rest
            .bytes()
            .take(limit)
            .take_while(|byte| char::from(*byte).is_digit(radix))
            .count();
        self.offset += length;
        rest.get(..length).unwrap_or_default()
    }

    /// Makes an error at an offset.
    pub(super) fn error<T>(
        &self,
        offset: usize,
        message: impl Into<String>,
    ) -> Result<T, PatternError> {
        Err(PatternError::new(offset, message))
    }
}

/// A backreference as written; which group it means is known only at the end of the pattern.
enum Reference<'p> {
    Number(u32),
    Name(&'p str),
}

struct Parser<'p> {
    cursor: Cursor<'p>,
    depth: usize,
    groups: u32,
    names: BTreeMap<&'p str, u32>,
    references: Vec<(usize, Reference<'p>)>,
}

impl<'p> Parser<'p> {
    fn alternation(&mut self) -> Result<Node, PatternError> {
        let offset = self.cursor.offset;
        let first = self.concat()?;
        if self.cursor.peek() != Some('|') {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.cursor.eat("|") {
            parts.push(self.concat()?);
        }
        Ok(Node::new(offset, Kind::Alternation(parts)))
    }

    fn concat(&mut self) -> Result<Node, PatternError> {
        let offset = self.cursor.offset;
        let mut parts = Vec::new();
        while !matches!(self.cursor.peek(), None | Some('|' | ')')) {
            parts.push(self.term()?);
        }
        let last = parts.pop();
        Ok(match last {
            None => Node::new(offset, Kind::Empty),
            Some(only) if parts.is_empty() => only,
            Some(last) => {
                parts.push(last);
                Node::new(offset, Kind::Concat(parts))
            }
        })
    }

    fn term(&mut self) -> Result<Node, PatternError> {
        let atom = self.atom()?;
        let offset = self.cursor.offset;
        let Some((min, max)) = self.quantifier()? else {
            return Ok(atom);
        };
        match atom.kind {
            Kind::Start
            | Kind::End
            | Kind::WordBoundary { .. }
            | Kind::Look { ahead: false, .. } => {
                self.cursor.error(offset, "an assertion cannot be repeated")
            }
            // Annex B: an assertion holds the second time as it did the first, and an empty optional match is none.
            Kind::Look { .. } if min == 0 => Ok(Node::new(atom.offset, Kind::Empty)),
            Kind::Look { .. } => Ok(atom),
            _ if max == Some(0) => Ok(Node::new(atom.offset, Kind::Empty)),
            _ if (min, max) == (1, Some(1)) => Ok(atom),
            _ => {
                let body = Box::new(atom);
                Ok(Node::new(offset, Kind::Repeat { min, max, body }))
            }
        }
    }

    fn quantifier(&mut self) -> Result<Option<(u32, Option<u32>)>, PatternError> {
        let bounds = match self.cursor.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                let Some(bounds) = self.braces()? else {
                    return Ok(None);
                };
                self.cursor.eat("?");
                return Ok(Some(bounds));
            }
            _ => return Ok(None),
        };
        self.cursor.next();
        self.cursor.eat("?");
        Ok(Some(bounds))
    }

    /// Reads `{2}`, `{2,}` or `{2,3}`; anything else in braces is a literal, as in Annex B.
    fn braces(&mut self) -> Result<Option<(u32, Option<u32>)>, PatternError> {
        let start = self.cursor.offset;
        self.cursor.eat("{");
        let min = self.cursor.digits(10, usize::MAX);
        let max = match (min.is_empty(), self.cursor.eat(",")) {
            (true, _) => None,
            (false, false) => Some(min),
            (false, true) => Some(self.cursor.digits(10, usize::MAX)),
        };
        let Some(max) = max.filter(|_| self.cursor.eat("}")) else {
            self.cursor.offset = start;
            return Ok(None);
        };
        if !max.is_empty() && is_less(max, min) {
            let message = format!("quantifier out of order: {min} is more than {max}");
            return self.cursor.error(start, message);
        }
        // No text has as many characters as 32 bits can count, so a larger maximum is none.
        let max = max.parse().ok();
        Ok(Some((min.parse().unwrap_or(u32::MAX), max)))
    }

    fn atom(&mut self) -> Result<Node, PatternError> {
        let offset = self.cursor.offset;
        let Some(character) = self.cursor.next() else {
            return Ok(Node::new(offset, Kind::Empty));
        };
        let kind = match character {
            '^' => Kind::Start,
            '$' => Kind::End,
            '.' => Kind::Class(class::dot()),
            '(' => return self.group(offset),
            '[' => Kind::Class(class::parse(&mut self.cursor, offset)?),
            '\\' => self.escape(offset)?,
            '*' | '+' | '?' => {
                let message = format!("nothing to repeat before `{character}`");
                return self.cursor.error(offset, message);
            }
            '{' => {
                self.cursor.offset = offset;
                if self.braces()?.is_some() {
                    return self.cursor.error(offset, "nothing to repeat before `{`");
                }
                self.cursor.next();
                Kind::Char('{')
            }
            character => Kind::Char(character),
        };
        Ok(Node::new(offset, kind))
    }

    fn escape(&mut self, offset: usize) -> Result<Kind, PatternError> {
        match self.cursor.peek() {
            Some('b') => {
                self.cursor.next();
                Ok(Kind::WordBoundary { negated: false })
            }
            Some('B') => {
                self.cursor.next();
                Ok(Kind::WordBoundary { negated: true })
            }
            Some('1'..='9') => {
                let number = self.cursor.digits(10, usize::MAX);
                let number = number.parse().unwrap_or(u32::MAX);
                Ok(self.reference(offset, Reference::Number(number)))
            }
            Some('k') => {
                self.cursor.next();
                let name = match self.cursor.eat("<") {
                    true => self.group_name()?,
                    false => return self.cursor.error(offset, "expected `<` after `\\k`"),
                };
                Ok(self.reference(offset, Reference::Name(name)))
            }
            _ => Ok(match escape::parse(&mut self.cursor, offset)? {
                Escape::Char(character) => Kind::Char(character),
                Escape::Class(class) => Kind::Class(class),
            }),
        }
    }

    /// Notes a backreference; until the end its number is the place in the list.
    fn reference(&mut self, offset: usize, reference: Reference<'p>) -> Kind {
        let place = u32::try_from(self.references.len()).unwrap_or(u32::MAX);
        self.references.push((offset, reference));
        Kind::Backreference(place)
    }

    fn group(&mut self, offset: usize) -> Result<Node, PatternError> {
        if self.depth == DEPTH_LIMIT {
            let message = format!("groups nest deeper than {DEPTH_LIMIT}");
            return self.cursor.error(offset, message);
        }
        self.depth += 1;
        let look = [
            ("?=", true, false),
            ("?!", true, true),
            ("?<=", false, false),
            ("?<!", false, true),
        ]
        .into_iter()
        .find(|(opening, ..)| self.cursor.eat(opening));
        let node = if let Some((_, ahead, negated)) = look {
            let body = Box::new(self.alternation()?);
            Kind::Look {
                ahead,
                negated,
                body,
            }
        } else if self.cursor.eat("?:") {
            let body = Box::new(self.alternation()?);
            Kind::Group { index: None, body }
        } else {
            self.capturing(offset)?
        };
        self.depth -= 1;
        if !self.cursor.eat(")") {
            return self.cursor.error(offset, "unclosed group");
        }
        Ok(Node::new(offset, node))
    }

    fn capturing(&mut self, offset: usize) -> Result<Kind, PatternError> {
        self.groups += 1;
        let index = self.groups;
        if self.cursor.eat("?<") {
            let start = self.cursor.offset;
            let name = self.group_name()?;
            if self.names.insert(name, index).is_some() {
                let message = format!("the group name `{name}` is used twice");
                return self.cursor.error(start, message);
            }
        } else if self.cursor.peek() == Some('?') {
            let message = "expected `?:`, `?=`, `?!`, `?<=`, `?<!` or `?<name>` after `(`; \
                           inline flags are not supported";
            return self.cursor.error(offset, message);
        }
        let body = Box::new(self.alternation()?);
        Ok(Kind::Group {
            index: Some(index),
            body,
        })
    }

    /// Reads a group's name up to and including `>`.
    fn group_name(&mut self) -> Result<&'p str, PatternError> {
        let start = self.cursor.offset;
        let rest = self.cursor.rest();
        let end = rest.find('>').unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default();
        let is_part = |c: char| c == '$' || c == '_' || c.is_alphanumeric();
        let starts_well = !name.starts_with(char::is_numeric);
        if name.is_empty() || end == rest.len() || !starts_well || !name.chars().all(is_part) {
            return self.cursor.error(start, "expected a group name and `>`");
        }
        self.cursor.offset += end + 1;
        Ok(name)
    }

    /// Gives, for each backreference in order, the index of the group that it means.
    fn resolve_references(&self) -> Result<Vec<u32>, PatternError> {
        let mut targets = Vec::with_capacity(self.references.len());
        for (offset, reference) in &self.references {
            let (target, text) = match reference {
                Reference::Number(number) => (Some(*number), format!("\\{number}")),
                Reference::Name(name) => (self.names.get(name).copied(), format!("\\k<{name}>")),
            };
            match target.filter(|target| *target <= self.groups) {
                Some(target) => targets.push(target),
                None => {
                    let message = format!("`{text}` refers to a group that does not exist");
                    return self.cursor.error(*offset, message);
                }
            }
        }
        Ok(targets)
    }
}

/// Compares two decimal numbers of any length.
fn is_less(left: &str, right: &str) -> bool {
    let left = left.trim_start_matches('0');
    let right = right.trim_start_matches('0');
    (left.len(), left) < (right.len(), right)
}

fn set_references(node: &mut Node, targets: &[u32]) {
    match &mut node.kind {
        Kind::Backreference(place) => {
            let target = usize::try_from(*place)
                .ok()
                .and_then(|place| targets.get(place));
            if let Some(target) = target {
                *place = *target;
            }
        }
        Kind::Look { body, .. } | Kind::Group { body, .. } | Kind::Repeat { body, .. } => {
            set_references(body, targets);
        }
        Kind::Concat(parts) | Kind::Alternation(parts) => {
            for part in parts {
                set_references(part, targets);
            }
        }
        _ => {}
    }
}
