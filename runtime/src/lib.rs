//! The runtime of generated servers.

pub mod decode;
pub mod encode;
pub mod format;
pub mod node;
pub mod number;
pub mod pattern;
pub mod value;

pub use decode::{Keyword, Section, Violation, Violations};
pub use node::SyntaxError;
pub use value::{Json, Maybe, OffsetTime, Password};
