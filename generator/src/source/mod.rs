//! Files as one tree with positions: knows YAML and JSON, not OpenAPI.
//!
//! **Invariant:** values and positions come from the same parse. Nothing here opens a network connection, and nothing
//! outside the root folder is read.

mod fragment;
mod json;
mod merge;
mod node;
mod place;
mod reader;
mod scalar;
mod sources;
mod syntax;
mod tree;
mod yaml;

pub use fragment::{NotFound, PointerError, walk, walk_from};
pub use node::{Entry, Mapping, Node, Value};
pub use place::{FileId, Place, Pointer, Span};
pub use reader::{Disk, FileReader, MAX_FILE_SIZE, Memory};
pub use sources::Sources;
pub use tree::{MAX_DEPTH, MAX_FAULTS, MAX_NODES, MAX_SHARED_NODES};
