//! Files as one tree with positions: knows YAML and JSON, not OpenAPI.
//!
//! **Invariant:** values and positions come from the same parse. Nothing here opens a network connection, and nothing
//! outside the root folder is read.

mod node;
mod place;

pub use node::{Entry, Mapping, Node, Value};
pub use place::{FileId, Place, Pointer, Span};
