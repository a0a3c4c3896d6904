//! The specification's nouns: OpenAPI 3.2 and JSON Schema 2020-12, read tolerantly from a tree.
//!
//! **Invariant:** one vocabulary. `upgrade` lifts what an older version says before it is read; nothing after it asks
//! for the version. Nothing here resolves a `$ref` or decides about Rust.

mod consistency;
mod fault;
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

pub(crate) use fault::{Beyond, Judge, fault};
pub(crate) use number::Decimal;
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
    /// The dynamic scope that it is read in.
    pub scope: Scope,
    /// Whether it is a `$dynamicRef`, which leads where the scope says.
    pub is_dynamic: bool,
}

impl Reference {
    /// A plain `$ref` outside of any dynamic scope.
    pub fn new(target: Rc<str>, place: Place) -> Self {
        Self {
            target,
            place,
            scope: Scope::default(),
            is_dynamic: false,
        }
    }
}

/// A dynamic scope (JSON Schema 2020-12 Core, section 7.1): what `$dynamicRef`s lead to. A schema that is read in several
/// scopes is several schemas. What a scope holds is known to whoever follows references; the default is the empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(pub u32);

/// An object, or a reference to one.
#[derive(Clone, Debug)]
pub enum OrReference<T> {
    /// The object itself.
    Inline(Rc<T>),
    /// A reference to it (OAS 3.2, Reference Object).
    Reference(Reference),
}
