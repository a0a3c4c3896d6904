//! Path templates (OAS 3.2, "Path Templating"), and which part of a path stands for which parameter.
//!
//! Nothing here decodes: a match yields ranges of the path as it was sent, so an encoded slash stays in its segment.

use std::fmt::Write as _;
use std::ops::Range;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What a literal of a template must not hold in a request line (RFC 3986, section 3.3).
///
/// `%` is left alone, since a document may hold it encoded already.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'|')
    .add(b'\\');

/// A parsed path template.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    segments: Vec<Segment>,
    names: Vec<String>,
}

#[derive(Clone, Debug)]
enum Segment {
    Literal(String),
    /// Literals around and between parameters: one more of them than of parameters.
    Dynamic(Vec<String>),
}

impl Template {
    /// Reads a template such as `/books/{id}.{format}`.
    ///
    /// # Errors
    ///
    /// What is wrong with the template, in words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let Some(path) = text.strip_prefix('/') else {
            return Err(format!("the path `{text}` does not start with `/`"));
        };
        let mut names = Vec::new();
        let segments = path
            .split('/')
            .map(|segment| parse_segment(segment, &mut names))
            .collect::<Option<_>>()
            .ok_or_else(|| {
                format!("the path `{text}` has a brace without its partner, an unnamed parameter, or two parameters with nothing between them")
            })?;
        Ok(Self { segments, names })
    }

    /// Returns the names of the parameters, in the order of the ranges that [`Self::matches`] finds.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether there is nothing to match but literals.
    pub(crate) fn is_static(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns the template with nameless parameters: templates that are equal so match the same paths.
    pub(crate) fn pattern(&self) -> String {
        let mut pattern = String::new();
        for segment in &self.segments {
            pattern.push('/');
            match segment {
                Segment::Literal(literal) => pattern.push_str(literal),
                Segment::Dynamic(literals) => pattern.push_str(&literals.join("{}")),
            }
        }
        pattern
    }

    /// Returns how many bytes of literals stand in segments with parameters; templates with more are tried first.
    pub(crate) fn specificity(&self) -> usize {
        self.segments
            .iter()
            .map(|segment| match segment {
                Segment::Literal(_) => 0,
                Segment::Dynamic(literals) => literals.iter().map(String::len).sum(),
            })
            .sum()
    }

    /// Returns the template in the syntax of axum, which knows parameters of whole segments only.
    ///
    /// axum wants one name at one position, so `name_at` is asked for it with the path up to there and the name here.
    pub(crate) fn to_axum(&self, mut name_at: impl FnMut(&str, &str) -> String) -> String {
        let mut path = String::new();
        let mut names = self.names.iter();
        for segment in &self.segments {
            path.push('/');
            match segment {
                Segment::Literal(literal) => {
                    path.push_str(&literal.replace('{', "{{").replace('}', "}}"));
                }
                Segment::Dynamic(literals) => {
                    let name = names.next().map_or("", String::as_str);
                    // The other names of a mixed segment have no position of their own.
                    names
                        .by_ref()
                        .take(literals.len().saturating_sub(2))
                        .for_each(drop);
                    let name = name_at(&path, name);
                    let _ = write!(path, "{{{name}}}");
                }
            }
        }
        path
    }

    /// Puts a text in the place of each parameter; `None` where one is not a whole segment, or has no text.
    pub(crate) fn fill<S: AsRef<str>>(&self, texts: &[S]) -> Option<String> {
        let mut path = String::new();
        let mut texts = texts.iter();
        for segment in &self.segments {
            path.push('/');
            match segment {
                Segment::Literal(literal) => path.push_str(literal),
                Segment::Dynamic(literals) if literals.iter().all(String::is_empty) => {
                    path.push_str(texts.next()?.as_ref());
                }
                Segment::Dynamic(_) => return None,
            }
        }
        Some(path)
    }

    /// Puts a text in the place of each parameter, also where several share a segment.
    ///
    /// # Errors
    ///
    /// What `text` fails with, which is given each name, and whether something stands beside it in its segment.
    pub(crate) fn compose<E>(
        &self,
        mut text: impl FnMut(&str, bool) -> Result<String, E>,
    ) -> Result<String, E> {
        let mut path = String::new();
        let mut names = self.names.iter();
        for segment in &self.segments {
            path.push('/');
            match segment {
                Segment::Literal(literal) => path.push_str(literal),
                Segment::Dynamic(literals) => {
                    let is_beside = !literals.iter().all(String::is_empty);
                    let mut literals = literals.iter();
                    path.push_str(literals.next().map_or("", String::as_str));
                    for literal in literals {
                        let name = names.next().map_or("", String::as_str);
                        path.push_str(&text(name, is_beside)?);
                        path.push_str(literal);
                    }
                }
            }
        }
        Ok(path)
    }

    /// Matches a path as it was sent and returns where the parameters are in it.
    pub(crate) fn matches(&self, path: &str) -> Option<Vec<Range<u32>>> {
        let mut values = Vec::with_capacity(self.names.len());
        let mut start = 1;
        let mut segments = self.segments.iter();
        for part in path.strip_prefix('/')?.split('/') {
            match segments.next()? {
                Segment::Literal(literal) if literal == part => {}
                Segment::Literal(_) => return None,
                Segment::Dynamic(literals) => match_segment(literals, part, start, &mut values)?,
            }
            start += part.len() + 1;
        }
        segments.next().is_none().then_some(values)
    }
}

fn parse_segment(segment: &str, names: &mut Vec<String>) -> Option<Segment> {
    let mut literals = Vec::new();
    let mut rest = segment;
    while let Some((literal, tail)) = rest.split_once('{') {
        let (name, tail) = tail.split_once('}')?;
        let is_first = literals.is_empty();
        if name.is_empty() || name.contains('{') || literal.contains('}') {
            return None;
        }
        if literal.is_empty() && !is_first {
            return None;
        }
        literals.push(encode(literal));
        names.push(name.to_owned());
        rest = tail;
    }
    if rest.contains('}') {
        return None;
    }
    let last = encode(rest);
    Some(if literals.is_empty() {
        Segment::Literal(last)
    } else {
        literals.push(last);
        Segment::Dynamic(literals)
    })
}

fn encode(literal: &str) -> String {
    utf8_percent_encode(literal, PATH).to_string()
}

/// Matches one segment: no parameter may be empty, and each ends where the literal after it first occurs.
///
/// The last literal must end the segment, so `{name}.json` reads `a.json.json` as `a.json`. To take the first occurrence
/// of all others never loses a match, since what follows it can only be longer.
fn match_segment(
    literals: &[String],
    part: &str,
    start: usize,
    values: &mut Vec<Range<u32>>,
) -> Option<()> {
    let (first, others) = literals.split_first()?;
    let (last, middle) = others.split_last()?;
    let rest = part.strip_prefix(first.as_str())?;
    let mut rest = rest.strip_suffix(last.as_str())?;
    let mut at = start + first.len();
    for literal in middle {
        let from = rest.chars().next()?.len_utf8();
        let length = from + rest.get(from..)?.find(literal.as_str())?;
        values.push(range(at, length)?);
        rest = rest.get(length + literal.len()..)?;
        at += length + literal.len();
    }
    if rest.is_empty() {
        return None;
    }
    values.push(range(at, rest.len())?);
    Some(())
}

fn range(start: usize, length: usize) -> Option<Range<u32>> {
    Some(u32::try_from(start).ok()?..u32::try_from(start + length).ok()?)
}
