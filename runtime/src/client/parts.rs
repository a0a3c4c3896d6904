//! Bodies of parts: how they are written, and read back without the bytes of their files.

use std::io;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{FutureExt as _, TryStreamExt as _};
use http::header::{self, HeaderMap, HeaderValue};

use super::error::RequestError;
use super::write::{WrittenBody, of_body};
use crate::body::ReceivedBody;
use crate::encode::{Encode, to_parts};
use crate::form::{self, ReceivedForm};
use crate::multipart;
use crate::node::Tree;
use crate::problem::Unexpected;
use crate::value::Upload;

/// Writes a body of parts, and reads it back.
pub(super) fn write(
    declared: &'static str,
    parts: &'static form::Multipart,
    position: usize,
    value: &impl Encode,
) -> Result<(HeaderValue, u64, WrittenBody), RequestError> {
    let (json, uploads) = to_parts(value).map_err(|error| of_body(&error.to_string()))?;
    let tree = Tree::parse(&json).map_err(|error| of_body(&error.to_string()))?;
    // As browsers send it, `%22` is a quotation mark, which no server can tell from these three signs.
    let mut names = uploads.iter().filter_map(|it| it.filename.as_deref());
    if names.any(|name| multipart::quoted(name) != name) {
        return Err(of_body(
            "a file name holds a quotation mark, a backslash or a control character, which have no spelling there",
        ));
    }
    let spell = |uploads: &[Upload]| {
        let written = multipart::write(declared, parts, tree.root(), uploads);
        written.map_err(|why| of_body(&why))
    };
    let written = spell(&uploads)?;
    let length = written.contents.length();
    let body = match written.contents.into_bytes() {
        Ok(bytes) => Body::from(bytes),
        Err(contents) => {
            let failed = |error: Unexpected| io::Error::other(error.words().to_string());
            Body::from_stream(contents.map_err(failed))
        }
    };
    // Files may be large, and their bytes stay as they are: a number stands for each, but for those without a byte, since
    // forms of browsers have such a part where no file was chosen.
    let numbers = uploads.iter().enumerate();
    let numbers: Vec<Upload> = numbers
        .map(|(number, upload)| match upload.size {
            0 => upload.with_bytes(Bytes::new()),
            _ => upload.with_bytes(stand_in(number)),
        })
        .collect();
    let form = read(parts, spell(&numbers)?, &uploads)?;
    Ok((
        written.content_type,
        length,
        WrittenBody {
            body,
            received: ReceivedBody {
                bytes: Bytes::new(),
                content: position,
                unread: None,
                form: Some(Box::new(form)),
            },
        },
    ))
}

/// What the server makes of parts, in which a number stands for each file.
fn read(
    parts: &'static form::Multipart,
    written: multipart::Written,
    uploads: &[Upload],
) -> Result<ReceivedForm, RequestError> {
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, written.content_type)]);
    let bytes = written.contents.into_bytes().unwrap_or_default();
    let read = multipart::read(parts, &headers, Body::from(bytes), u64::MAX, None);
    // All of it is there, and none of the files is so long that it would go to the disk.
    let read = read.now_or_never();
    let read = read.ok_or_else(|| of_body("its parts are too long"))?;
    let mut form = read.map_err(RequestError::refused)?;
    for received in &mut form.uploads {
        let bytes = received.in_memory().filter(|bytes| !bytes.is_empty());
        let number = bytes.map(|bytes| number(bytes));
        if let Some(upload) = number.and_then(|it| uploads.get(it)) {
            *received = upload.told_as(received);
        }
    }
    Ok(form)
}

/// The bytes of a number, without zeros before it: what stands for a file is hardly ever longer than the file, which may
/// have to be short.
fn stand_in(number: usize) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros.min(bytes.len() - 1)..].to_vec()
}

fn number(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | usize::from(*byte))
}
