//! The runtime of generated servers.

pub mod node;
pub mod number;

mod api;
mod app;
mod body;
mod call;
#[doc(hidden)]
pub mod codegen;
mod context;
mod documents;
mod error;
mod guard;
mod log;
mod media_type;
mod operation;
mod parameter;
mod problem;
mod refusal;
mod request_id;
mod response;
mod routes;
mod security;
mod serve;
mod template;
mod violation;

pub use http::StatusCode;

pub use crate::api::Api;
pub use crate::app::App;
pub use crate::context::Context;
pub use crate::error::{Error, Result};
pub use crate::guard::{AppService, ResponseFuture};
pub use crate::operation::{Document, Operation};
pub use crate::problem::{PROBLEM_JSON, Problem, Unexpected};
pub use crate::security::{ApiKey, Basic, Bearer, Denied};

pub use axum;
pub use cookie;
pub use http;
