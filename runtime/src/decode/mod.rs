//! Turns nodes into typed values: type, every check and the value itself in one pass.
//!
//! Generated code calls the methods of [`Decoder`], one function per schema. A failed part is recorded as a
//! [`Violation`] and decoding goes on, so that one answer carries all of them.
//!
//! **Invariant:** nothing here knows HTTP; parameters and bodies are nodes like any other.

mod applicator;
mod check;
mod container;
mod decoder;
mod found;
mod keyword_value;
mod manner;
mod memo;
mod respelled;
mod scalar;
mod unevaluated;
mod union;
mod upload;
mod violation;

pub use container::Members;
pub use decoder::{Decoder, Parameter, Section};
pub use found::Found;
pub use keyword_value::{TypeName, Values};
pub(crate) use manner::Manner;
pub use scalar::Integer;
pub use unevaluated::{Coverage, When};
pub use union::{Branch, Covers};
pub use violation::{Expected, Keyword, Violation, Violations};

use crate::node::Node;

/// A type that generated code decodes from a node.
pub trait Decode: Sized {
    /// Checks the node against the type's schema and builds the value; records what is wrong and returns `None`
    /// where something is.
    fn decode(node: Node<'_>, cx: &mut Decoder) -> Option<Self>;

    /// Checks the node against the type's schema and records what is wrong; nothing is kept.
    fn check(node: Node<'_>, cx: &mut Decoder) -> bool {
        Self::decode(node, cx).is_some()
    }

    /// Whether the node satisfies the type's schema; nothing is built or recorded.
    fn accepts(node: Node<'_>, cx: &mut Decoder) -> bool {
        cx.probe(|cx| Self::check(node, cx))
    }
}
