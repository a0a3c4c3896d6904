//! Delimiters: what separates the items and members that stand in one text.

use std::borrow::Cow;

use super::{
    Parameter, Style, field_value,
    source::{Coding, Fault},
};
use crate::decode::{Keyword, Section};

const NO_DOT: Fault = (Keyword::Style, Cow::Borrowed("must begin with `.`"));
const NO_NAME: Fault = (
    Keyword::Style,
    Cow::Borrowed("must be written as `;name=value`"),
);

/// What stands between items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delimiter {
    /// This ASCII character.
    Char(u8),
    /// This ASCII character, also where it is percent-encoded; for a space also `+`.
    Encoded(u8),
}

impl Delimiter {
    /// What separates items and members in the style of a parameter.
    pub(super) fn of(parameter: &Parameter) -> Self {
        match (parameter.style, parameter.explode) {
            (Style::SpaceDelimited, _) => Self::Encoded(b' '),
            (Style::PipeDelimited, _) => Self::Encoded(b'|'),
            (Style::Label, true) => Self::Char(b'.'),
            (Style::Matrix, true) => Self::Char(b';'),
            _ => Self::Char(b','),
        }
    }

    /// The length of the delimiter at the start of a text; `None` where there is none.
    fn length(self, rest: &[u8]) -> Option<usize> {
        let first = *rest.first()?;
        match self {
            Self::Char(char) => (first == char).then_some(1),
            Self::Encoded(char) if first == char => Some(1),
            Self::Encoded(b' ') if first == b'+' => Some(1),
            Self::Encoded(char) if first == b'%' => {
                let digits = str::from_utf8(rest.get(1..3)?).ok()?;
                let is_it = digits.bytes().all(|digit| digit.is_ascii_hexdigit())
                    && u8::from_str_radix(digits, 16) == Ok(char);
                is_it.then_some(3)
            }
            Self::Encoded(_) => None,
        }
    }

    pub(super) fn stands_in(self, raw: &str) -> bool {
        self.find(raw).is_some()
    }

    /// Where the first delimiter is, and how long.
    fn find(self, raw: &str) -> Option<(usize, usize)> {
        let bytes = raw.as_bytes();
        (0..bytes.len()).find_map(|at| Some((at, self.length(bytes.get(at..)?)?)))
    }

    /// Splits a text; an empty one has no items.
    pub(super) fn split(self, raw: &str) -> impl Iterator<Item = &str> {
        let mut rest = (!raw.is_empty()).then_some(raw);
        std::iter::from_fn(move || {
            let text = rest?;
            let Some((at, length)) = self.find(text) else {
                rest = None;
                return Some(text);
            };
            rest = text.get(at + length..);
            text.get(..at)
        })
    }
}

/// What is left of a path's segment without what its style puts in front; for an exploded matrix, pairs.
pub(super) fn without_prefix<'r>(
    parameter: &Parameter,
    raw: &'r str,
    is_scalar: bool,
) -> Result<&'r str, Fault> {
    match parameter.style {
        Style::Label => raw.strip_prefix('.').ok_or(NO_DOT),
        Style::Matrix => {
            let rest = raw.strip_prefix(';').ok_or(NO_NAME)?;
            if parameter.explode && !is_scalar {
                return Ok(rest);
            }
            matrix_value(parameter, rest)
        }
        _ => Ok(raw),
    }
}

/// The value of `name=value`; a name alone has an empty one.
pub(super) fn matrix_value<'r>(parameter: &Parameter, pair: &'r str) -> Result<&'r str, Fault> {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    if Coding::Percent.decode(key)? == parameter.name {
        Ok(value)
    } else {
        Err(NO_NAME)
    }
}

/// An item without the blanks that may stand around it in a header (RFC 9110, section 5.6.1).
pub(super) fn trimmed<'r>(parameter: &Parameter, item: &'r str) -> &'r str {
    match parameter.section {
        Section::Header => field_value::trimmed(item),
        _ => item,
    }
}
