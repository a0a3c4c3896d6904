//! The specification's nouns: OpenAPI 3.2 and JSON Schema 2020-12, read tolerantly from a tree.
//!
//! **Invariant:** one vocabulary. `upgrade` lifts what an older version says before it is read; nothing after it asks
//! for the version. Nothing here resolves a `$ref` or decides about Rust.

mod consistency;
mod number;
mod object;
mod path_template;
mod reader;
mod schema;
mod second_opinion;
mod security;
mod spelling;
mod token;
mod upgrade;

pub use object::*;
pub use path_template::PathTemplate;
pub use reader::{Reader, check_security, read_document};
pub use schema::*;
pub use security::*;

use std::rc::Rc;

use crate::source::{Node, Place};

/// The version by which a file is read, as its root's `openapi` field says; a file without one is read by the version of
/// the file that refers to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// OpenAPI 3.0 with its own schema dialect, which is lifted before it is read.
    V3_0,
    /// OpenAPI 3.1 with JSON Schema 2020-12.
    V3_1,
    /// OpenAPI 3.2 with JSON Schema 2020-12.
    V3_2,
}

impl Dialect {
    /// The version in words: `3.1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V3_0 => "3.0",
            Self::V3_1 => "3.1",
            Self::V3_2 => "3.2",
        }
    }
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// Any JSON value of the document, as `default`, `enum` or an example holds it.
pub type Literal = Located<Rc<Node>>;

/// Members in document order: keys as written, each with its value.
pub type Members<T> = Vec<(Rc<str>, T)>;

/// A `$ref`: a URI reference that is resolved in `lower`.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The URI reference as written.
    pub target: Rc<str>,
    /// Where the `$ref` stands; its span's file is the base of a relative reference.
    pub place: Place,
}

/// An object, or a reference to one.
#[derive(Clone, Debug)]
pub enum OrReference<T> {
    /// The object itself.
    Inline(Rc<T>),
    /// A reference to it (OAS 3.2, Reference Object).
    Reference(Reference),
}
