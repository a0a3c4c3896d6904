//! JSON values as a flat tree over one source text.
//!
//! A [`Tree`] is one list of small nodes in document order; strings and numbers stay slices of the text until a decoder
//! asks for them, so nothing is converted in vain and no precision is lost. [`TreeBuilder`] makes the same tree from
//! values that were never JSON text: parameters, forms, any serde input.
//!
//! **Invariants:** nothing here knows HTTP or schemas. No input makes it panic, recurse deeper than [`MAX_DEPTH`] or take
//! more than (nearly) linear time.

mod build;
mod equality;
mod error;
mod escape;
mod iter;
mod keys;
mod parse;
mod pointer;
mod scan;
mod serde;
mod tree;
mod write;

pub use build::{BuildError, TreeBuilder};
pub use error::{SyntaxError, SyntaxErrorKind};
pub use iter::{Items, Members};
pub(crate) use pointer::push_token;
pub(crate) use tree::Scalar;
pub use tree::{Kind, Node, Tree};
pub use write::write_json_string;

/// How many containers may be nested in each other.
pub const MAX_DEPTH: usize = 128;

#[cfg(test)]
mod tests;
