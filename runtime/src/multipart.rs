//! Multipart bodies: read and written part by part, so that files never have to be in memory.

mod content;
mod flow;
mod headers;
mod parser;
mod position;
mod source;
mod upload;
mod write;

use axum::body::Body;
use http::HeaderMap;
use std::time::Duration;

use crate::chunks::Chunks;
use crate::decode::Keyword;
use crate::form::{Multipart, Parts, ReceivedForm};
use crate::refusal::Refusal;

pub(crate) use content::Contents;
pub(crate) use flow::{DecodePart, Unread};
pub use flow::{FlowRules, PartStream};
pub(crate) use headers::with_headers;
pub(crate) use parser::Parser;
use parser::malformed;
pub(crate) use position::PartItems;
pub use position::Positions;
pub use upload::UploadStream;
pub(crate) use write::{Written, quoted, write};

/// Reads a body of parts.
///
/// # Errors
///
/// 400 where it is malformed, 413 where it or its parts are too long or too many, 408 where it stops to arrive.
pub(crate) async fn read(
    description: &'static Multipart,
    headers: &HeaderMap,
    body: Body,
    limit: u64,
    idle: Option<Duration>,
) -> Result<ReceivedForm, Refusal> {
    let mut parser = Parser::new(headers, Chunks::new(body, limit, idle))?;
    if let Some(positions) = &description.positions {
        return position::read(positions, parser).await;
    }
    let mut parts = Parts::new(description);
    while read_next(&mut parser, description, &mut parts).await? {}
    parts.finish()
}

/// Reads a part that has a name (RFC 7578); `false` where there is none left.
async fn read_next(
    parser: &mut Parser,
    description: &'static Multipart,
    parts: &mut Parts,
) -> Result<bool, Refusal> {
    let Some(part) = parser.next().await? else {
        return Ok(false);
    };
    let name = part
        .name()
        .ok_or_else(|| malformed("a part has no name"))?
        .to_owned();
    match description.part(&name) {
        Some(known) if known.is_file => {
            let headers = part.headers().clone();
            if let Some(file) = parser.file(known, known.name, part).await? {
                parts.file(known, &headers, file);
            }
        }
        _ if !description.form.asks_for(&name) => parser.skip(part).await?,
        // A file would be no text of an additional property.
        None if part.file_name().is_some() && !description.form.is_named(&name) => {
            parser.skip(part).await?;
            if description.form.counts_others {
                // Nothing is made of it, but it is a member.
                parts.field(name, &HeaderMap::new(), b"");
            } else {
                let detail = "is not a file of this form";
                parts.fault(&name, (Keyword::AdditionalProperties, detail.into()));
            }
        }
        _ => {
            let headers = part.headers().clone();
            let bytes = parser.text(part).await?;
            parts.field(name, &headers, &bytes);
        }
    }
    Ok(true)
}
