//! The types of values that Rust's own types cannot tell: absent or null, any JSON, secrets.

mod decimal_string;
mod json;
mod maybe;
mod password;

pub use decimal_string::DecimalString;
pub use json::Json;
pub use maybe::Maybe;
pub use password::Password;

pub use crate::format::OffsetTime;
