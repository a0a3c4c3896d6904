//! The runtime of generated servers.

mod api;
mod app;
mod background;
mod beside;
mod blocking;
mod body;
mod call;
mod chunks;
mod client;
#[doc(hidden)]
pub mod codegen;
mod context;
pub mod decode;
mod dependency;
mod documents;
pub mod encode;
#[cfg(feature = "env")]
mod environment;
mod error;
mod failure;
mod fastapi;
mod form;
pub mod format;
mod guard;
mod health;
mod layered;
mod lifespan;
mod log;
mod media_type;
mod messages;
mod middleware;
mod multipart;
pub mod node;
pub mod number;
mod observe;
mod operation;
mod parameter;
pub mod pattern;
mod problem;
mod read_only;
mod refusal;
mod request_id;
mod response;
mod routes;
mod security;
mod sent;
mod serve;
mod stream;
mod tasks;
mod template;
#[cfg(feature = "test")]
mod test;
mod upgrade;
mod validate;
pub mod value;

pub use http::StatusCode;

pub use crate::api::Api;
pub use crate::app::App;
pub use crate::background::TaskOutput;
pub use crate::blocking::{BlockingCounts, BlockingPool, Cancellation};
#[cfg(feature = "client")]
pub use crate::client::HttpTransport;
pub use crate::client::{
    ClientError, ClientOptions, RequestError, ResponseFault, Transport, TransportError,
    UnexpectedResponse,
};
pub use crate::context::Context;
pub use crate::decode::{Expected, Keyword, Section, Violation, Violations};
pub use crate::dependency::{
    Dep, Exclusive, ExclusiveGuard, Get, Limits, Operations, Outcome, Provide,
};
pub use crate::error::{Error, Result};
pub use crate::failure::{Cause, ErrorFormat, Failure};
pub use crate::guard::{AppService, ResponseFuture};
pub use crate::lifespan::Lifespan;
pub use crate::messages::Messages;
#[cfg(feature = "rate-limit")]
pub use crate::middleware::RateLimit;
pub use crate::multipart::{PartStream, UploadStream};
pub use crate::node::SyntaxError;
#[cfg(feature = "metrics")]
pub use crate::observe::Metrics;
#[cfg(feature = "opentelemetry")]
pub use crate::observe::OpenTelemetry;
#[cfg(feature = "log")]
pub use crate::observe::{Log, LogFormat};
pub use crate::operation::{Document, Operation};
pub use crate::parameter::{Coercion, UnknownQuery};
pub use crate::problem::{PROBLEM_JSON, Problem, ProblemMembers, Unexpected};
pub use crate::response::MediaContent;
#[cfg(feature = "password")]
pub use crate::security::PasswordHasher;
pub use crate::security::{
    ApiKey, Basic, Bearer, Challenge, Denied, HttpCredentials, PeerCertificate, Scopes,
    constant_time_eq,
};
#[cfg(feature = "digest")]
pub use crate::security::{DigestResponse, DigestVerifier};
#[cfg(feature = "jwt")]
pub use crate::security::{JwtAlgorithm, JwtSigner, JwtVerifier};
pub use crate::serve::Listener;
pub use crate::stream::{
    ByteStream, EventStream, ItemSender, ItemStream, JsonStream, ServerEvent, StreamClosed,
    StreamItem,
};
pub use crate::tasks::{TaskCounts, Tasks};
#[cfg(feature = "test")]
pub use crate::test::{TestClient, TestRequest, TestResponse};
pub use crate::upgrade::{Upgrade, Upgraded};
pub use crate::validate::{UnknownValue, Validate};
pub use crate::value::{
    BodyPart, DecimalString, Json, JsonText, Maybe, OffsetTime, Password, Upload, UploadReader,
};

pub use axum;
pub use bytes;
pub use cookie;
pub use http;
pub use indexmap;
pub use jiff;
#[cfg(feature = "metrics")]
pub use prometheus_client;
pub use rust_decimal;
#[doc(hidden)]
pub use serde;
pub use url;
pub use uuid;

/// Includes the module that `specwright_build::Generator` made of a document of this name.
///
/// # Examples
///
/// ```ignore
/// specwright::include_api!(pub mod bookshop);
/// ```
#[macro_export]
macro_rules! include_api {
    ($(#[$attribute:meta])* $visibility:vis mod $name:ident) => {
        $(#[$attribute])*
        #[allow(
            dead_code,
            unreachable_pub,
            unused_imports,
            reason = "a program need not name everything that its document describes"
        )]
        #[allow(
            clippy::enum_variant_names,
            clippy::module_inception,
            reason = "a document may have the name of a module inside, such as `models`"
        )]
        $visibility mod $name {
            include!(concat!(env!("OUT_DIR"), "/", stringify!($name), "/mod.rs"));
        }
    };
}
