//! The types of values that Rust's own types cannot tell: absent or null, any JSON, JSON within a string, secrets,
//! parts of bodies.

mod body_part;
mod decimal_string;
mod json;
mod json_text;
mod maybe;
mod password;
mod upload;

pub use body_part::BodyPart;
pub(crate) use body_part::{PART_HEADERS, PART_HEADERS_KEY, PART_VALUE, PART_VALUE_KEY};
pub use decimal_string::DecimalString;
pub use json::Json;
pub use json_text::JsonText;
pub use maybe::Maybe;
pub use password::Password;
pub(crate) use upload::UploadData;
pub use upload::{Upload, UploadReader};

pub use crate::format::OffsetTime;
