//! The runtime of generated servers.

pub mod pattern;
