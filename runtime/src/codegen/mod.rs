//! What generated code names beside the public API. It may change with every release, together with the generator.

mod errors;
mod interop;
mod read;
mod send;

pub use std::sync::Arc;

pub use axum::response::Response;
pub use bytes::Bytes;
pub use http::StatusCode;
pub use indexmap::IndexMap;
pub use jiff::{SpanFieldwise as Duration, Timestamp, civil::Date};
pub use rust_decimal::Decimal;
pub use url::Url;
pub use uuid::Uuid;

pub use crate::{
    body::ReceivedBody,
    call::Call,
    client::{Exchange, Received, RequestWriter, ResponseReader, Sent, checked, credentials},
    conversions,
    decode::{Branch, Coverage, Covers, Decode, Decoder, Found, Section, TypeName, Values, When},
    encode::{Encode, Encoder},
    errors,
    form::{Multipart as MultipartForm, Part as FormPart},
    format, interop, members,
    multipart::{FlowRules, Positions},
    newtype,
    node::{Kind, Node},
    parameter::{Empty, Form as FormFields, Parameter, Shape, Style},
    pattern::{BacktrackingPattern, CharClass, LinearPattern, Sequence, SimplePattern, Step},
    refusal::Refusal,
    response::{check_status, empty},
    security::Denials,
    string_const, string_enum, string_literals,
};

pub use interop::{deserialize, serialize, validate};
pub use read::{Incoming, Reader, read};
pub use send::{
    HeaderLayout, content, form, header, header_as, json, media, optional_header,
    optional_header_as, status, text,
};

use crate::number;

/// A bound of the document whose digits fit into 64 bits.
pub const fn decimal(negative: bool, mantissa: u64, exponent: i32) -> number::Decimal<'static> {
    number::Decimal::from_parts(negative, mantissa, exponent)
}

/// A bound of the document with more digits.
pub fn long_decimal(text: &'static str) -> number::Decimal<'static> {
    // The generator writes number texts only.
    number::Decimal::parse(text).unwrap_or(number::Decimal::from_parts(false, 0, 0))
}

/// Hands each error its share of the application.
pub fn error_bodies<App>(
    app: &Arc<App>,
    function: fn(&App, &crate::Failure, usize) -> Result<Response, Refusal>,
) -> impl Fn(&crate::Failure, usize) -> Result<Response, Refusal> + Send + Sync + 'static + use<App>
where
    App: Send + Sync + 'static,
{
    let app = Arc::clone(app);
    move |failure, index| function(&app, failure, index)
}

/// The handlers of a tag with secured operations, and the application, which tells who may call.
#[derive(Debug)]
pub struct SecuredHandlers<App, Handlers> {
    pub security: Arc<App>,
    pub handlers: Arc<Handlers>,
}

/// Puts handlers and application together.
pub fn secured<App, Handlers>(
    app: &Arc<App>,
    handlers: &Arc<Handlers>,
) -> Arc<SecuredHandlers<App, Handlers>> {
    Arc::new(SecuredHandlers {
        security: Arc::clone(app),
        handlers: Arc::clone(handlers),
    })
}

/// Hands each call its own share of the application.
pub fn handler<App, R>(
    app: &Arc<App>,
    function: fn(Arc<App>, Call) -> R,
) -> impl Fn(Call) -> R + Send + Sync + 'static + use<App, R>
where
    App: Send + Sync + 'static,
    R: 'static,
{
    let app = Arc::clone(app);
    move |call| function(Arc::clone(&app), call)
}
