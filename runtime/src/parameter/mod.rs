//! Parameters: read by location and style into nodes, which the decoder turns into types.
//!
//! The generator describes each parameter with what its schema can be made of ([`Shape`]). What was sent is split at its
//! delimiters first and percent-decoded then, so an encoded delimiter belongs to its value.

mod coercion;
mod delimiter;
pub(crate) mod field_value;
mod form;
mod group;
mod read;
mod slots;
mod source;
mod spell;
mod write;

pub use coercion::Coercion;
pub use form::Form;
pub(crate) use form::{write_headers, write_text};
pub(crate) use slots::{Parameters, Slots};

pub(crate) use read::{read, unclaimed};
pub(crate) use spell::{Escape, Field, ascii_json, escaped, joined, json, scalar, simple};

pub(crate) use source::{
    Fault, Sources, cookie_value, decode as percent_decoded, only_query_value,
};

use crate::decode::{self, Section};

/// How a value is spelled: OAS 3.2, "Style Values".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Style {
    /// `blue,black`; the default in paths and headers.
    Simple,
    /// `.blue,black`
    Label,
    /// `;color=blue,black`
    Matrix,
    /// `color=blue&color=black`; the default in queries and cookies.
    Form,
    /// `color=blue%20black`
    SpaceDelimited,
    /// `color=blue%7Cblack`
    PipeDelimited,
    /// `color[R]=100&color[G]=200`
    DeepObject,
    /// `color=blue; color=black` in a cookie, without percent-encoding.
    Cookie,
}

/// One of the things that the schema of a parameter can make of its text.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Shape {
    /// A text as it stands.
    Text,
    /// The text of an integer.
    Integer,
    /// The text of a number.
    Number,
    /// The text of a boolean.
    Boolean,
    /// A JSON text.
    Json,
    /// A list; each item has one of these shapes.
    Array(&'static [Self]),
    /// Named members; each has one of the shapes beside its name.
    Object(&'static [(&'static str, &'static [Self])]),
    /// Named members, and others, which have one of the last shapes.
    OpenObject(&'static [(&'static str, &'static [Self])], &'static [Self]),
    /// The members of a form, which is all of the text.
    Form(&'static Form),
}

impl Shape {
    fn is_scalar(&self) -> bool {
        matches!(
            self,
            Self::Text | Self::Integer | Self::Number | Self::Boolean
        )
    }

    /// The shapes of a member; `None` where it has no such member.
    fn member(&self, key: &str) -> Option<&'static [Self]> {
        let (named, others) = match *self {
            Self::Object(named) => (named, None),
            Self::OpenObject(named, others) => (named, Some(others)),
            _ => return None,
        };
        let found = named.iter().find(|(name, _)| *name == key);
        found.map(|(_, shapes)| *shapes).or(others)
    }

    fn is_object(&self) -> bool {
        matches!(self, Self::Object(_) | Self::OpenObject(..))
    }
}

/// What happens to parameters of the query that the document does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownQuery {
    /// They are ignored.
    #[default]
    Ignore,
    /// Each is a violation, and the request is refused.
    Reject,
}

/// What an empty text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Empty {
    /// An empty text.
    Text,
    /// Nothing, as if the parameter was not sent.
    Absent,
    /// Null.
    Null,
}

/// A parameter as the document describes it: OAS 3.2, "Parameter Object".
#[derive(Debug)]
#[non_exhaustive]
pub struct Parameter {
    /// The name; in headers, case does not matter.
    pub name: &'static str,

    /// Where it is.
    pub section: Section,

    /// How it is spelled.
    pub style: Style,

    /// Whether items and members are spelled apart: each `name=value`, or with the style's own delimiter.
    pub explode: bool,

    /// What it may be, in the order in which it is tried.
    pub shapes: &'static [Shape],

    /// What an empty text stands for.
    pub empty: Empty,

    /// Whether reserved characters stay as they are where it is written (OAS 3.2, `allowReserved`).
    pub allow_reserved: bool,
}

impl Parameter {
    /// Describes a text of the path.
    #[must_use]
    pub const fn path(name: &'static str) -> Self {
        Self::new(Section::Path, name, Style::Simple, false)
    }

    /// Describes a text of the query.
    #[must_use]
    pub const fn query(name: &'static str) -> Self {
        Self::new(Section::Query, name, Style::Form, true)
    }

    /// Describes the whole query (OAS 3.2, `in: querystring`).
    #[must_use]
    pub const fn querystring(name: &'static str) -> Self {
        Self::new(Section::Querystring, name, Style::Form, true)
    }

    /// Describes a text of a header.
    #[must_use]
    pub const fn header(name: &'static str) -> Self {
        Self::new(Section::Header, name, Style::Simple, false)
    }

    /// Describes a text of a cookie.
    #[must_use]
    pub const fn cookie(name: &'static str) -> Self {
        Self::new(Section::Cookie, name, Style::Form, true)
    }

    /// Describes a text of a form.
    #[must_use]
    pub const fn field(name: &'static str) -> Self {
        Self::new(Section::Body, name, Style::Form, true)
    }

    /// Describes a text in the style that its location has by default.
    const fn new(section: Section, name: &'static str, style: Style, explode: bool) -> Self {
        Self {
            name,
            section,
            style,
            explode,
            shapes: &[Shape::Text],
            empty: Empty::Text,
            allow_reserved: false,
        }
    }

    /// Sets what it may be.
    ///
    /// Where there are several, the first that the schema accepts is taken. In a style that separates items within one
    /// text, a text with a delimiter is a list or an object, never a scalar.
    #[must_use]
    pub const fn shapes(mut self, shapes: &'static [Shape]) -> Self {
        self.shapes = shapes;
        self
    }

    /// Makes it an integer.
    #[must_use]
    pub const fn integer(self) -> Self {
        self.shapes(&[Shape::Integer])
    }

    /// Makes it a number.
    #[must_use]
    pub const fn number(self) -> Self {
        self.shapes(&[Shape::Number])
    }

    /// Makes it a boolean.
    #[must_use]
    pub const fn boolean(self) -> Self {
        self.shapes(&[Shape::Boolean])
    }

    /// Makes it a list of texts.
    #[must_use]
    pub const fn array(self) -> Self {
        self.shapes(&[Shape::Array(&[Shape::Text])])
    }

    /// Sets the style.
    #[must_use]
    pub const fn style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// Sets whether items and members are spelled apart.
    #[must_use]
    pub const fn explode(mut self, explode: bool) -> Self {
        self.explode = explode;
        self
    }

    /// Sets what an empty text stands for.
    #[must_use]
    pub const fn empty(mut self, empty: Empty) -> Self {
        self.empty = empty;
        self
    }

    /// Leaves reserved characters as they are where it is written.
    #[must_use]
    pub const fn allow_reserved(mut self) -> Self {
        self.allow_reserved = true;
        self
    }

    fn as_decoded(&self) -> decode::Parameter {
        decode::Parameter {
            section: self.section,
            name: self.name,
        }
    }

    /// Whether each item or member has its own `name=value`, so that an occurrence is never taken apart.
    fn repeats_name(&self) -> bool {
        self.explode
            && match self.style {
                Style::Form | Style::Cookie | Style::SpaceDelimited | Style::PipeDelimited => true,
                Style::Simple | Style::Label | Style::Matrix | Style::DeepObject => false,
            }
            && self
                .shapes
                .iter()
                .any(|shape| matches!(shape, Shape::Array(_)) || shape.is_object())
    }

    /// Whether a pair of the query is, or belongs to, this parameter, by its decoded key.
    fn claims(&self, key: &str) -> bool {
        match self.section {
            Section::Querystring => true,
            Section::Query | Section::Body if self.style == Style::DeepObject => {
                let rest = key.strip_prefix(self.name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
            }
            Section::Query | Section::Body if self.repeats_name() => {
                self.shapes.iter().any(|shape| {
                    if shape.is_object() {
                        shape.member(key).is_some()
                    } else {
                        key == self.name
                    }
                })
            }
            Section::Query | Section::Body => key == self.name,
            Section::Path | Section::Header | Section::Cookie => false,
        }
    }

    /// Whether a pair is told by a name that is said, so that an open object leaves it alone.
    fn names(&self, key: &str) -> bool {
        if !self.repeats_name() || self.section == Section::Querystring {
            return self.claims(key);
        }
        self.shapes.iter().any(|shape| match *shape {
            Shape::Object(named) | Shape::OpenObject(named, _) => {
                named.iter().any(|(name, _)| *name == key)
            }
            _ => key == self.name,
        })
    }
}
