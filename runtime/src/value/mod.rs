//! The types of values that Rust's own types cannot tell: absent or null, any JSON, secrets.

mod json;
mod maybe;
mod password;

pub use json::Json;
pub use maybe::Maybe;
pub use password::Password;

pub use crate::format::OffsetTime;
