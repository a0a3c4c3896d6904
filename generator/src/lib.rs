//! Turns an OpenAPI document into typed requests, validators and handler traits.

pub mod config;
pub mod diagnostic;
pub mod document;
pub mod emit;
mod generator;
pub mod ir;
mod lower;
mod output;
pub mod pattern;
pub mod source;
mod stamp;

pub use generator::{Generated, Generator, Outcome, Run};
pub use output::Written;
