//! The runtime of generated servers.

pub mod node;
pub mod number;
