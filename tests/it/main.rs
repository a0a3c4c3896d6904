//! One integration binary.

mod json;
mod number;
