//! One integration binary.

mod document;
