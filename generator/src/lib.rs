//! Turns an OpenAPI document into typed requests, validators and handler traits.

pub mod diagnostic;
pub mod pattern;
pub mod source;
