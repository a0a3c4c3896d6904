//! Multipart bodies of responses: the way back of what reads them.

use std::fmt::Write as _;

use axum::response::Response;
use http::{HeaderValue, StatusCode};
use uuid::Uuid;

use crate::call::Call;
use crate::encode::{Encode, to_parts};
use crate::form::{Multipart, Part};
use crate::media_type;
use crate::node::{Kind, Node, Tree};
use crate::parameter::{Escape, Field, Shape, json, scalar};
use crate::problem::Unexpected;
use crate::refusal::Refusal;
use crate::response::{self, Check};
use crate::value::{PART_HEADERS, PART_VALUE, Upload};

use super::content::{Content, Contents};
use super::position::Positions;

impl Call {
    /// A response with a multipart body. In debug builds it is held against the document before it is sent.
    ///
    /// Files that are in memory are sent from there; others are read while they are sent.
    ///
    /// # Errors
    ///
    /// A logged 500 when a part has no spelling that could be read back, when a file has a content type that is not
    /// declared, and, in debug builds, when the document does not allow the value.
    pub fn multipart(
        &self,
        status: StatusCode,
        content_type: &'static str,
        description: &'static Multipart,
        value: &impl Encode,
        check: Check,
    ) -> Result<Response, Refusal> {
        let (json, uploads) = to_parts(value).map_err(Unexpected::from)?;
        let tree = Tree::parse(&json).map_err(|error| Unexpected::new(error.to_string()))?;
        if cfg!(debug_assertions) {
            response::hold_parts_against(check, tree.root(), uploads.clone()).map_err(
                |violations| {
                    response::unlike(
                        format_args!("the body of the {status} response"),
                        &violations,
                    )
                },
            )?;
        }
        let written = write(content_type, description, tree.root(), &uploads)
            .map_err(|why| Unexpected::new(format!("a multipart body cannot be written: {why}")))?;
        let Written {
            content_type,
            contents,
        } = written;
        Ok(match contents.into_bytes() {
            Ok(bytes) => response::content(status, content_type, bytes),
            Err(contents) => self.measured(status, content_type, contents),
        })
    }
}

/// Why a body cannot be written.
pub(crate) type Fault = String;

/// A body that is ready to be sent.
pub(crate) struct Written {
    /// Its media type with the boundary.
    pub(crate) content_type: HeaderValue,
    pub(crate) contents: Contents,
}

/// Writes a value, in which files stand by their numbers.
///
/// # Errors
///
/// A part has no spelling that could be read back, or a file has a content type that is not declared.
pub(crate) fn write(
    content_type: &'static str,
    description: &'static Multipart,
    value: Node<'_>,
    uploads: &[Upload],
) -> Result<Written, Fault> {
    let mut body = Body {
        // Random, so that nobody can have put it into what is sent.
        boundary: Uuid::new_v4().simple().to_string(),
        has_names: description.positions.is_none(),
        root_type: None,
        uploads,
        text: String::new(),
        contents: Contents::default(),
    };
    match &description.positions {
        Some(positions) => body.by_position(positions, value)?,
        None => body.by_name(description, value)?,
    }
    Ok(Written {
        content_type: body.content_type(content_type)?,
        contents: body.finish(),
    })
}

fn of_property(key: &str, why: &str) -> Fault {
    format!("of the property `{key}`, {why}")
}

/// A body that is being written.
struct Body<'u> {
    boundary: String,
    /// Whether its parts have names.
    has_names: bool,
    /// The content type of the first part.
    root_type: Option<String>,
    uploads: &'u [Upload],
    /// What was written since the last file.
    text: String,
    contents: Contents,
}

impl Body<'_> {
    /// Writes the members of an object as parts with their names (RFC 7578).
    fn by_name(&mut self, description: &'static Multipart, object: Node<'_>) -> Result<(), Fault> {
        for (key, node) in object.members() {
            let part = description.part(key);
            let Some(part) = part.filter(|it| it.is_file || !it.headers.is_empty()) else {
                self.fields(description, part, key, node, None)?;
                continue;
            };
            let items: Vec<Node<'_>> = match (part.is_list, node.kind()) {
                (_, Kind::Null) => Vec::new(),
                (true, Kind::Array) => node.items().collect(),
                _ => vec![node],
            };
            for item in items {
                let (value, headers) = apart(part, item);
                if part.is_file {
                    self.file(part, key, value, headers)?;
                } else if part.is_list {
                    let spelled = description.form.item_text(key, value);
                    let (text, is_json) = spelled.map_err(|why| of_property(key, why))?;
                    self.text(Some(part), key, &text, is_json, headers)?;
                } else {
                    self.fields(description, Some(part), key, value, headers)?;
                }
            }
        }
        Ok(())
    }

    /// Writes a property that is no file.
    fn fields(
        &mut self,
        description: &'static Multipart,
        part: Option<&Part>,
        key: &str,
        node: Node<'_>,
        headers: Option<Node<'_>>,
    ) -> Result<(), Fault> {
        let mut fields = Vec::new();
        description
            .form
            .field(key, node, Escape::None, &mut fields)
            .map_err(|why| of_property(key, why))?;
        for Field {
            name,
            value,
            is_json,
        } in fields
        {
            self.text(part, &name, &value, is_json, headers)?;
        }
        Ok(())
    }

    /// Writes the members of an object, or the items of a list, as parts in their order.
    fn by_position(&mut self, positions: &'static Positions, node: Node<'_>) -> Result<(), Fault> {
        if !positions.is_object {
            for (index, item) in node.items().enumerate() {
                self.at_position(positions, index, item)?;
            }
            return Ok(());
        }
        let mut next = 0;
        for (key, member) in node.members() {
            let (first, items): (usize, Vec<Node<'_>>) = match key.parse() {
                Ok(index) => (index, vec![member]),
                Err(_) => (positions.prefix.len(), member.items().collect()),
            };
            if first != next && !items.is_empty() {
                return Err(format!("part {} is missing before others", next + 1));
            }
            for item in items {
                self.at_position(positions, next, item)?;
                next += 1;
            }
        }
        Ok(())
    }

    fn at_position(
        &mut self,
        positions: &'static Positions,
        index: usize,
        node: Node<'_>,
    ) -> Result<(), Fault> {
        let Some(part) = positions.part(index) else {
            return Err(format!("nothing says what part {} is", index + 1));
        };
        let (value, headers) = apart(part, node);
        if part.is_file {
            return self.file(part, "", value, headers);
        }
        let takes_text = part.shapes.iter().any(|it| !matches!(it, Shape::Json));
        let takes_json = part.shapes.iter().any(|it| matches!(it, Shape::Json));
        match scalar(value).filter(|_| takes_text) {
            Some(text) => self.text(Some(part), "", &text, false, headers),
            None if value.kind() == Kind::Null && takes_text && !takes_json => {
                Err(format!("part {} is null, which has no spelling", index + 1))
            }
            None => self.text(Some(part), "", &json(value), true, headers),
        }
    }

    /// Writes a part that is no file.
    fn text(
        &mut self,
        part: Option<&Part>,
        name: &str,
        text: &str,
        is_json: bool,
        headers: Option<Node<'_>>,
    ) -> Result<(), Fault> {
        let content_type = type_of_text(part.map_or(&[], |it| it.content_types), is_json);
        self.begin(part, name, None, &content_type, headers)?;
        self.text.push_str(text);
        self.text.push_str("\r\n");
        Ok(())
    }

    fn file(
        &mut self,
        part: &Part,
        name: &str,
        number: Node<'_>,
        headers: Option<Node<'_>>,
    ) -> Result<(), Fault> {
        let number: Option<usize> = number.as_str().and_then(|it| it.parse().ok());
        let Some(upload) = number.and_then(|it| self.uploads.get(it)) else {
            return Err("a file is missing".to_owned());
        };
        let content_type = type_of_file(part, upload)?;
        // What has no file name would be a field to those who read forms; browsers call such a file so.
        let filename = match (&upload.filename, self.has_names) {
            (None, true) => Some("blob"),
            (filename, _) => filename.as_deref(),
        };
        self.begin(Some(part), name, filename, &content_type, headers)?;
        self.contents.push_text(std::mem::take(&mut self.text));
        self.contents.push(Content::of(upload));
        self.text.push_str("\r\n");
        Ok(())
    }

    /// Writes the boundary and the headers of a part.
    fn begin(
        &mut self,
        part: Option<&Part>,
        name: &str,
        filename: Option<&str>,
        content_type: &str,
        headers: Option<Node<'_>>,
    ) -> Result<(), Fault> {
        self.root_type
            .get_or_insert_with(|| content_type.to_owned());
        let text = &mut self.text;
        let _ = write!(text, "--{}\r\n", self.boundary);
        if self.has_names {
            let _ = write!(
                text,
                "Content-Disposition: form-data; name=\"{}\"",
                quoted(name)
            );
        } else if filename.is_some() {
            text.push_str("Content-Disposition: attachment");
        }
        if let Some(filename) = filename {
            let _ = write!(text, "; filename=\"{}\"", quoted(filename));
        }
        if self.has_names || filename.is_some() {
            text.push_str("\r\n");
        }
        let _ = write!(text, "Content-Type: {content_type}\r\n");
        let declared = part.map_or(&[][..], |it| it.headers);
        for header in declared {
            let value = headers.and_then(|it| it.get(header.name));
            let Some(value) = value.filter(|it| it.kind() != Kind::Null) else {
                continue;
            };
            let value = header.header_value(value).map_err(|why| {
                format!(
                    "the header `{}` of a part cannot be written: {why}",
                    header.name
                )
            })?;
            let value = String::from_utf8_lossy(value.as_bytes());
            let _ = write!(text, "{}: {value}\r\n", header.name);
        }
        text.push_str("\r\n");
        Ok(())
    }

    /// The media type with the boundary; of `multipart/related`, also with the type of its first part (RFC 2387).
    fn content_type(&self, declared: &'static str) -> Result<HeaderValue, Fault> {
        let mut content_type = format!("{declared}; boundary={}", self.boundary);
        let is_related = media_type::essence(declared).eq_ignore_ascii_case("multipart/related");
        if let Some(root) = self.root_type.as_deref().filter(|_| is_related) {
            let _ = write!(content_type, "; type=\"{}\"", media_type::essence(root));
        }
        HeaderValue::try_from(content_type).map_err(|error| error.to_string())
    }

    fn finish(mut self) -> Contents {
        let _ = write!(self.text, "--{}--\r\n", self.boundary);
        self.contents.push_text(self.text);
        self.contents
    }
}

/// What a part holds, and its headers where some are declared.
fn apart<'n>(part: &Part, node: Node<'n>) -> (Node<'n>, Option<Node<'n>>) {
    match (part.headers.is_empty(), node.get(PART_VALUE)) {
        (false, Some(value)) => (value, node.get(PART_HEADERS)),
        _ => (node, None),
    }
}

fn is_range(media_type: &str) -> bool {
    media_type::essence(media_type).ends_with("/*")
}

/// The content type of a part that is no file: what is declared, or what OAS 3.2 has for it (Encoding Object).
fn type_of_text(declared: &'static [&'static str], is_json: bool) -> String {
    let mut types = declared.iter().filter(|it| !is_range(it));
    let fitting = types.clone().find(|it| media_type::is_json(it) == is_json);
    let default = match is_json {
        true => "application/json",
        false => "text/plain",
    };
    let chosen = fitting.or_else(|| types.next()).map_or(default, |it| *it);
    let is_text = media_type::is_text(chosen);
    match is_text && !chosen.to_ascii_lowercase().contains("charset") {
        true => format!("{chosen}; charset=utf-8"),
        false => chosen.to_owned(),
    }
}

/// The content type of a file: its own, which has to be declared, or the one that is.
fn type_of_file(part: &Part, upload: &Upload) -> Result<String, Fault> {
    let own = upload.content_type.as_deref();
    let concrete = part.content_types.iter().find(|it| !is_range(it));
    let chosen = match (own, concrete) {
        (Some(own), _) => own,
        (None, Some(declared)) => declared,
        (None, None) => "application/octet-stream",
    };
    let is_header = HeaderValue::try_from(chosen).is_ok();
    if is_header && part.wrong_type(Some(chosen)).is_none() {
        return Ok(chosen.to_owned());
    }
    Err(format!(
        "a file has the content type `{}`, which is not {}",
        chosen.escape_debug(),
        match part.content_types {
            [] => "one".to_owned(),
            types => types.join(" or "),
        }
    ))
}

/// A name or file name within quotes (WHATWG HTML, multipart/form-data encoding). So are all control characters, and the
/// backslash, which some readers take for an escape.
pub(crate) fn quoted(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for char in name.chars() {
        if char.is_ascii_control() || matches!(char, '"' | '\\') {
            let _ = write!(text, "%{:02X}", u32::from(char));
        } else {
            text.push(char);
        }
    }
    text
}
