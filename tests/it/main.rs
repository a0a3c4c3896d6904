//! One integration binary.

mod json;
