//! The runtime of generated servers.

pub mod decode;
pub mod encode;
pub mod format;
pub mod node;
pub mod number;
pub mod pattern;
pub mod value;

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

pub use http::StatusCode;

pub use crate::api::Api;
pub use crate::app::App;
pub use crate::context::Context;
pub use crate::decode::{Keyword, Section, Violation, Violations};
pub use crate::error::{Error, Result};
pub use crate::guard::{AppService, ResponseFuture};
pub use crate::node::SyntaxError;
pub use crate::operation::{Document, Operation};
pub use crate::problem::{PROBLEM_JSON, Problem, Unexpected};
pub use crate::security::{ApiKey, Basic, Bearer, Denied};
pub use crate::value::{Json, Maybe, OffsetTime, Password};

pub use axum;
pub use cookie;
pub use http;
