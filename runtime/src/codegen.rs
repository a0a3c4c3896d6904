//! What generated code names beside the public API. It may change with every release, together with the generator.

pub use std::sync::Arc;

pub use axum::response::Response;
pub use bytes::Bytes;
pub use http::{HeaderName, HeaderValue, StatusCode};

pub use crate::body::ReceivedBody;
pub use crate::call::Call;
pub use crate::decode::{Decode, Decoder, Keyword, Section, Violations};
pub use crate::encode::{Encode, Encoder};
pub use crate::node::{Node, Tree};
pub use crate::operation::RequestBody;
pub use crate::parameter::{Parameter, Parameters, Shape, Slots, Style};
pub use crate::refusal::Refusal;
pub use crate::response::{check_status, content, content_of_type, empty, json, set_header};
