//! The way from a root to a node along a JSON Pointer in a URI fragment (RFC 6901, section 6).

use std::{borrow::Cow, rc::Rc};

use percent_encoding::percent_decode_str;

use super::{FileId, Node, Place, Value};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, closest};

/// Why a pointer leads nowhere.
#[derive(Debug)]
pub enum PointerError {
    /// The fragment is neither empty nor begins with `/`: it is the name of an anchor, if anything.
    NotAPointer,
    /// A percent-escape is not UTF-8.
    BadPercentEscape,
    /// A `~` is followed by neither `0` nor `1`; the token as it is written.
    BadTildeEscape(String),
    /// A part of the way is missing.
    NotFound(NotFound),
}

/// How far a pointer leads.
#[derive(Debug)]
pub struct NotFound {
    /// The longest way that exists.
    pub reached: Place,
    /// What stands there.
    pub node: Rc<Node>,
    /// The first token that is missing, unescaped.
    pub missing: String,
}

/// Follows a fragment, with or without `#` in front, from the root of a file.
///
/// # Errors
/// Why it leads nowhere.
pub fn walk(
    root: &Rc<Node>,
    file: FileId,
    fragment: &str,
) -> Result<(Rc<Node>, Place), PointerError> {
    walk_from(root, Place::root(file), fragment)
}

/// Follows a fragment, with or without `#` in front, from a node at `place`.
///
/// # Errors
/// Why it leads nowhere.
pub fn walk_from(
    from: &Rc<Node>,
    place: Place,
    fragment: &str,
) -> Result<(Rc<Node>, Place), PointerError> {
    let mut place = place;
    let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
    let pointer = percent_decode_str(fragment)
        .decode_utf8()
        .map_err(|_| PointerError::BadPercentEscape)?;
    let mut node = Rc::clone(from);
    if pointer.is_empty() {
        return Ok((node, place));
    }
    let tokens = pointer.strip_prefix('/').ok_or(PointerError::NotAPointer)?;
    // A bad escape is the better message, even where the way ends before it.
    let tokens: Vec<Cow<'_, str>> = tokens
        .split('/')
        .map(|written| {
            unescaped(written).ok_or_else(|| PointerError::BadTildeEscape(written.to_owned()))
        })
        .collect::<Result<_, _>>()?;
    for token in tokens {
        let Some((next, span)) = step(&node, &token) else {
            return Err(PointerError::NotFound(NotFound {
                reached: place,
                node,
                missing: token.into_owned(),
            }));
        };
        place = place.join(&token, span);
        node = next;
    }
    Ok((node, place))
}

impl PointerError {
    /// Records the error for the reference `reference` at `at`.
    pub fn report<'d>(
        &self,
        reference: &str,
        at: &Place,
        diagnostics: &'d mut Diagnostics,
    ) -> &'d mut Diagnostic {
        match self {
            Self::NotAPointer => diagnostics
                .error(
                    Code::UnresolvedReference,
                    at,
                    format!("`{reference}` is no JSON pointer"),
                )
                .label("expected `/` after `#`")
                .help("a pointer names each member on the way: `#/components/schemas/Pet`"),
            Self::BadPercentEscape => diagnostics
                .error(
                    Code::PointerEscape,
                    at,
                    format!("the percent-escapes of `{reference}` are not UTF-8"),
                )
                .label("not text"),
            Self::BadTildeEscape(token) => diagnostics
                .error(
                    Code::PointerEscape,
                    at,
                    format!("`{token}` has a `~` that begins no escape"),
                )
                .label("not a JSON pointer")
                .help("in a pointer `~0` means `~` and `~1` means `/`"),
            Self::NotFound(missing) => missing.report(reference, at, diagnostics),
        }
    }
}

/// So many suggestions are looked for in one run: the search takes longer than all else about a dangling reference.
const SUGGESTED: usize = 200;

impl NotFound {
    /// The key of the same node that was probably meant.
    pub fn suggestion(&self) -> Option<&str> {
        let keys = self
            .node
            .as_mapping()?
            .entries()
            .iter()
            .map(|entry| &*entry.key);
        closest(&self.missing, keys)
    }

    fn report<'d>(
        &self,
        reference: &str,
        at: &Place,
        diagnostics: &'d mut Diagnostics,
    ) -> &'d mut Diagnostic {
        let suggestion = if diagnostics.len() < SUGGESTED {
            self.suggestion()
        } else {
            None
        };
        let diagnostic = diagnostics.error(
            Code::UnresolvedReference,
            at,
            format!("`{reference}` leads to nothing"),
        );
        let reached = &self.reached.pointer;
        let missing = &self.missing;
        let label = match &self.node.value {
            Value::Mapping(_) if reached.last().is_none() => format!("the file has no `{missing}`"),
            Value::Mapping(_) => format!("`#{reached}` has no `{missing}`"),
            Value::Sequence(items) => {
                format!("`#{reached}` has {} items, and no `{missing}`", items.len())
            }
            _ => format!("`#{reached}` is {}, and holds nothing", self.node.kind()),
        };
        diagnostic.label(label);
        if let Some(suggestion) = suggestion {
            let there = reached.join(suggestion);
            diagnostic.help(format!("did you mean `#{there}`?"));
        }
        diagnostic
    }
}

fn step(node: &Rc<Node>, token: &str) -> Option<(Rc<Node>, super::Span)> {
    match &node.value {
        Value::Mapping(mapping) => {
            let entry = mapping.get(token)?;
            Some((Rc::clone(&entry.value), entry.key_span))
        }
        Value::Sequence(items) => {
            let is_index = token == "0"
                || (!token.starts_with('0') && token.bytes().all(|it| it.is_ascii_digit()));
            let item = items.get(token.parse::<usize>().ok().filter(|_| is_index)?)?;
            Some((Rc::clone(item), item.span))
        }
        _ => None,
    }
}

fn unescaped(token: &str) -> Option<Cow<'_, str>> {
    if !token.contains('~') {
        return Some(Cow::Borrowed(token));
    }
    let mut parts = token.split('~');
    let mut text = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (character, rest) = match part.split_at_checked(1)? {
            ("0", rest) => ('~', rest),
            ("1", rest) => ('/', rest),
            _ => return None,
        };
        text.push(character);
        text.push_str(rest);
    }
    Some(Cow::Owned(text))
}
