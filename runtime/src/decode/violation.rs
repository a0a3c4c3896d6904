//! What a request breaks: one violation per rule and place.

use std::{borrow::Cow, fmt};

use super::Section;
use crate::node::Kind;

/// The rule that a violation breaks: the JSON Schema keyword, or one of the few rules of the runtime itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is the keyword of its name")]
pub enum Keyword {
    AdditionalProperties,
    AllOf,
    AnyOf,
    Const,
    Contains,
    ContentMediaType,
    DependentRequired,
    Enum,
    ExclusiveMaximum,
    ExclusiveMinimum,
    FalseSchema,
    Format,
    MaxContains,
    MaxItems,
    MaxLength,
    MaxProperties,
    Maximum,
    MinContains,
    MinItems,
    MinLength,
    MinProperties,
    Minimum,
    MultipleOf,
    Not,
    OneOf,
    Pattern,
    PropertyNames,
    Required,
    Type,
    UnevaluatedItems,
    UnevaluatedProperties,
    UniqueItems,
    /// A parameter that is one value was sent more than once.
    Repeated,
    /// A parameter's text is not valid percent-encoded UTF-8.
    Encoding,
    /// A part of a body is not of a media type that it may have.
    ContentType,
    /// A parameter is not written in its style.
    Style,
    /// The text of a parameter is not of its media type.
    Syntax,
    /// A parameter is not one of the operation's.
    Unknown,
    /// A number is outside of what the Rust type holds: the one rule that the schema does not state.
    UnsupportedRange,
    /// Checking the value would take more work than the budget allows.
    TooComplex,
}

impl Keyword {
    /// The keyword as a violation shows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AdditionalProperties => "additionalProperties",
            Self::AllOf => "allOf",
            Self::AnyOf => "anyOf",
            Self::Const => "const",
            Self::Contains => "contains",
            Self::ContentMediaType => "contentMediaType",
            Self::DependentRequired => "dependentRequired",
            Self::Enum => "enum",
            Self::ExclusiveMaximum => "exclusiveMaximum",
            Self::ExclusiveMinimum => "exclusiveMinimum",
            Self::FalseSchema => "false",
            Self::Format => "format",
            Self::MaxContains => "maxContains",
            Self::MaxItems => "maxItems",
            Self::MaxLength => "maxLength",
            Self::MaxProperties => "maxProperties",
            Self::Maximum => "maximum",
            Self::MinContains => "minContains",
            Self::MinItems => "minItems",
            Self::MinLength => "minLength",
            Self::MinProperties => "minProperties",
            Self::Minimum => "minimum",
            Self::MultipleOf => "multipleOf",
            Self::Not => "not",
            Self::OneOf => "oneOf",
            Self::Pattern => "pattern",
            Self::PropertyNames => "propertyNames",
            Self::Required => "required",
            Self::Type => "type",
            Self::UnevaluatedItems => "unevaluatedItems",
            Self::UnevaluatedProperties => "unevaluatedProperties",
            Self::UniqueItems => "uniqueItems",
            Self::Repeated => "repeated",
            Self::Encoding => "encoding",
            Self::ContentType => "contentType",
            Self::Style => "style",
            Self::Syntax => "syntax",
            Self::Unknown => "unknown",
            Self::UnsupportedRange => "unsupported_range",
            Self::TooComplex => "too_complex",
        }
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a rule asks for, as data: for error bodies of another format, and for messages in other languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// The keyword says all of it.
    #[default]
    Nothing,
    /// A value of this JSON type.
    Type(&'static str),
    /// An object with any members.
    Map,
    /// An integer in relation to this one.
    Integer(i128),
    /// A number in relation to this one, as the document spells it.
    Number(&'static str),
    /// So many characters, items or members, and how many there are.
    Count {
        /// The bound.
        limit: u64,
        /// What was counted; of characters it is not.
        found: Option<u64>,
    },
    /// A text that matches.
    Pattern(&'static str),
    /// One of these texts, from an enum that has a name.
    Values(&'static [&'static str]),
    /// One of these texts, which stand where the value is described.
    Literals(&'static [&'static str]),
    /// A text in this format.
    Format(&'static str),
    /// A member that says which schema is meant.
    Tag {
        /// Its name.
        name: &'static str,
        /// What it may say.
        values: &'static [&'static str],
    },
}

/// What is asked for in short: `5`, `^[a-z]+$`, `"new", "used"`, `integer`.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Type(text) | Self::Number(text) | Self::Pattern(text) | Self::Format(text) => {
                f.write_str(text)
            }
            Self::Map => f.write_str("object"),
            Self::Integer(bound) => bound.fmt(f),
            Self::Count { limit, .. } => limit.fmt(f),
            Self::Values(values) | Self::Literals(values) | Self::Tag { values, .. } => {
                for (index, value) in values.iter().enumerate() {
                    let separator = if index > 0 { ", " } else { "" };
                    write!(f, "{separator}{value:?}")?;
                }
                Ok(())
            }
        }
    }
}

/// One rule that a request breaks, and where.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The part of the request.
    pub section: Section,
    /// The parameter's name; empty for the body.
    pub name: Cow<'static, str>,
    /// The JSON Pointer (RFC 6901) into the body, or into a parameter that is a list.
    pub pointer: String,
    /// The rule.
    pub keyword: Keyword,
    /// What has to hold, in words; never the value that was sent.
    pub detail: Cow<'static, str>,
    /// What has to hold, as data.
    pub expected: Expected,
    /// The value that was sent, as JSON; only where the app has been told to echo it.
    pub input: Option<String>,
    /// Whether the words are the document's or a message table's, and not the keyword's.
    pub(crate) is_authored: bool,
    /// What was sent in place of what is expected; absent where nothing was.
    pub(crate) found: Option<Kind>,
    /// Which tokens of the pointer are positions in lists, from the lowest bit on. Values nest no deeper than it has bits.
    pub(crate) positions: u128,
}

impl Violation {
    /// A violation of a value that is not there, or of which no more is known.
    pub(crate) fn new(
        section: Section,
        name: impl Into<Cow<'static, str>>,
        keyword: Keyword,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            section,
            name: name.into(),
            pointer: String::new(),
            keyword,
            detail: detail.into(),
            expected: Expected::Nothing,
            input: None,
            is_authored: false,
            found: None,
            positions: 0,
        }
    }

    /// The tokens of the pointer, unescaped, each with whether it is a position in a list.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = (String, bool)> {
        let tokens = self.pointer.split('/').skip(1).enumerate();
        tokens.map(|(at, token)| {
            let is_position = at < 128 && self.positions & 1 << at != 0;
            (token.replace("~1", "/").replace("~0", "~"), is_position)
        })
    }
}

/// Never shows the value that was sent.
impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Violation")
            .field("section", &self.section)
            .field("name", &self.name)
            .field("pointer", &self.pointer)
            .field("keyword", &self.keyword)
            .field("detail", &self.detail)
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}

/// What a request breaks, in the order in which it was found; at most [`Violations::LIMIT`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    list: Vec<Violation>,
}

impl Violations {
    /// The number of violations at which decoding stops.
    pub const LIMIT: usize = 100;

    pub(crate) fn push(&mut self, violation: Violation) {
        self.list.push(violation);
    }

    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Violation> {
        self.list.iter_mut()
    }

    /// Takes the violations from `start` on away.
    pub(crate) fn split_off(&mut self, start: usize) -> Vec<Violation> {
        self.list.split_off(start)
    }

    /// Puts the value that they are about into a list or object: under this key.
    pub(crate) fn put_within(&mut self, key: &str) {
        for violation in &mut self.list {
            violation.pointer.insert_str(0, key);
            violation.pointer.insert(0, '/');
            violation.positions = violation.positions << 1 | 1;
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The violations in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.list.iter()
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One line per violation: `body /items/3/quantity: must be at least 1`.
impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{violation}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.section.as_str())?;
        if !self.name.is_empty() {
            write!(f, " {}", self.name)?;
        }
        if !self.pointer.is_empty() {
            write!(f, " {}", self.pointer)?;
        }
        write!(f, ": {}", self.detail)
    }
}

impl std::error::Error for Violations {}
