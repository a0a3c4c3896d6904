//! The specification's nouns: OpenAPI 3.2 and JSON Schema 2020-12, read tolerantly from a tree.
//!
//! **Invariant:** one vocabulary. `upgrade` lifts what an older version says before it is read; nothing after it asks
//! for the version. Nothing here resolves a `$ref` or decides about Rust.

mod object;
mod schema;
mod security;

pub use object::*;
pub use schema::*;
pub use security::*;

use std::rc::Rc;

use crate::source::{Node, Place};

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
