//! The runtime of generated servers.

pub mod format;
pub mod pattern;
