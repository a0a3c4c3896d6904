//! Turns an OpenAPI document into typed requests, validators and handler traits.

pub mod config;
pub mod diagnostic;
pub mod document;
pub mod ir;
mod lower;
pub mod pattern;
pub mod source;

pub use lower::lower;
