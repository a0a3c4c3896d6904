//! One integration binary.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed expectation is what a test is for, and it says what it skips"
)]

mod client;
mod diagnostics;
mod document;
mod fixtures;
mod formats;
mod generator;
mod golden;
mod http;
mod invalid;
mod json;
mod number;
mod patterns;
mod readme;
mod robust;
mod serve;
mod service;
mod source;
mod support;
mod tidy;
mod unions;
