//! Bodies that are forms: fields by name, read into one object that the schema's own decoder takes.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{self, HeaderMap};
use indexmap::IndexMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::decode::{Decoder, Keyword, PART_HEADERS, PART_VALUE};
use crate::media_type;
use crate::node::{Kind, Node, Tree, TreeBuilder, push_token};
use crate::parameter::{self, Coercion, Fault, Form, Parameter, percent_decoded};
use crate::refusal::Refusal;
use crate::value::Upload;

/// The most fields or parts that a form may have.
const MOST_FIELDS: usize = 1000;

/// The parts of `multipart/form-data` as the document describes them: OAS 3.2, "Encoding Object".
#[derive(Debug)]
#[non_exhaustive]
pub struct Multipart {
    /// The properties that are no files.
    pub form: Form,

    /// The files, and the parts whose content type or headers are declared.
    pub parts: &'static [Part],
}

/// A part of `multipart/form-data`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Part {
    /// Its name.
    pub name: &'static str,

    /// Whether it is a file.
    pub is_file: bool,

    /// Whether there may be several of it, which make a list.
    pub is_list: bool,

    /// The media types and ranges that it may have; empty where it does not matter.
    pub content_types: &'static [&'static str],

    /// How many bytes a file may have. A longer one is not read to its end.
    pub max_size: u64,

    /// The headers that are declared for it; with one, its value is a `BodyPart`.
    pub headers: &'static [Parameter],
}

impl Multipart {
    /// Describes a body.
    #[must_use]
    pub const fn new(form: Form, parts: &'static [Part]) -> Self {
        Self { form, parts }
    }

    /// What is known of the part of this name.
    pub(crate) fn part(&self, name: &str) -> Option<&'static Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}

impl Part {
    const fn new(name: &'static str, is_file: bool) -> Self {
        Self {
            name,
            is_file,
            is_list: false,
            content_types: &[],
            max_size: u64::MAX,
            headers: &[],
        }
    }

    /// Describes a part that is no file.
    #[must_use]
    pub const fn field(name: &'static str) -> Self {
        Self::new(name, false)
    }

    /// Describes a file.
    #[must_use]
    pub const fn file(name: &'static str) -> Self {
        Self::new(name, true)
    }

    /// Makes it a list.
    #[must_use]
    pub const fn list(mut self) -> Self {
        self.is_list = true;
        self
    }

    /// Sets how many bytes a file may have.
    #[must_use]
    pub const fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = bytes;
        self
    }

    /// Sets the media types and ranges that it may have.
    #[must_use]
    pub const fn content_types(mut self, types: &'static [&'static str]) -> Self {
        self.content_types = types;
        self
    }

    /// Sets the headers that are declared for it.
    #[must_use]
    pub const fn headers(mut self, headers: &'static [Parameter]) -> Self {
        self.headers = headers;
        self
    }

    /// What is wrong with a content type that is none of those that are declared.
    ///
    /// A part without one is plain text (RFC 7578, section 4.4), which many clients mean for everything but files. The
    /// charset of a file does not matter, since its bytes are not read as text.
    pub(crate) fn wrong_type(&self, content_type: Option<&str>) -> Option<Fault> {
        let is_fine = self.content_types.is_empty()
            || match content_type {
                Some(content_type) => {
                    let told = if self.is_file {
                        media_type::essence(content_type)
                    } else {
                        content_type
                    };
                    media_type::find(self.content_types, told).is_some()
                }
                None => !self.is_file,
            };
        (!is_fine).then(|| {
            let types = self.content_types.join(" or ");
            let detail = format!("must have the content type {types}");
            (Keyword::ContentType, Cow::Owned(detail))
        })
    }
}

/// A form that was read and is not decoded yet.
#[derive(Debug)]
pub(crate) struct ReceivedForm {
    tree: Tree<'static>,
    /// What is wrong before the schema is asked, each by its pointer.
    faults: Vec<(String, Fault)>,
    uploads: Vec<Upload>,
}

impl ReceivedForm {
    /// Decodes the object of all fields; `None` where a violation was recorded.
    pub(crate) fn decode<T>(
        self,
        cx: &mut Decoder,
        decode: impl FnOnce(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        if !self.uploads.is_empty() {
            cx.set_uploads(self.uploads);
        }
        let before = cx.violation_count();
        let value = decode(self.tree.root(), cx);
        if self.faults.is_empty() {
            return value;
        }
        cx.replace_violations(before, &self.faults);
        None
    }
}

fn pointer_of(name: &str) -> String {
    let mut pointer = String::with_capacity(name.len() + 1);
    push_token(&mut pointer, name);
    pointer
}

fn finish(builder: TreeBuilder) -> Result<Tree<'static>, Refusal> {
    builder
        .finish()
        .map_err(|_| Refusal::part_too_large("the form is too large"))
}

#[cold]
fn too_many() -> Refusal {
    Refusal::part_too_large(format!(
        "the form must not have more than {MOST_FIELDS} fields"
    ))
}

/// Reads a body of `application/x-www-form-urlencoded` (WHATWG URL, section 5.1).
///
/// # Errors
///
/// 400 where it is no such text, 413 where it has too many fields.
pub(crate) fn read_urlencoded(form: &'static Form, bytes: &Bytes) -> Result<ReceivedForm, Refusal> {
    let malformed = || {
        Refusal::malformed("the body is not a form: it must be UTF-8 with valid percent-encoding")
    };
    let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
    let mut pairs = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == MOST_FIELDS {
            return Err(too_many());
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = percent_decoded(name, true).ok_or_else(malformed)?;
        pairs.push((name, value));
    }
    let (mut builder, mut faults) = (TreeBuilder::new(), Vec::new());
    builder.begin_object();
    form.write_members(
        pairs.into_iter(),
        &mut builder,
        Coercion::Strict,
        &mut faults,
    );
    builder.end();
    Ok(ReceivedForm {
        tree: finish(builder)?,
        faults: faults
            .into_iter()
            .map(|(name, fault)| (pointer_of(&name), fault))
            .collect(),
        uploads: Vec::new(),
    })
}

/// What separates values in a style stays as it is, so that a text part may be a list in a style.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b',').remove(b'|');

/// Gathers the parts of `multipart/form-data`. Without `Debug`, since fields may be confidential.
pub(crate) struct Parts {
    description: &'static Multipart,
    count: usize,
    /// The names and encoded values of those that are no files, as a form would have them.
    fields: Vec<(String, String)>,
    files: IndexMap<&'static str, (bool, Vec<Option<Upload>>)>,
    /// Those of the parts that have some declared, in the order of the parts of each name.
    headers: IndexMap<&'static str, Vec<HeaderMap>>,
    faults: Vec<(String, Fault)>,
}

impl Parts {
    pub(crate) fn new(description: &'static Multipart) -> Self {
        Self {
            description,
            count: 0,
            fields: Vec::new(),
            files: IndexMap::new(),
            headers: IndexMap::new(),
            faults: Vec::new(),
        }
    }

    pub(crate) fn description(&self) -> &'static Multipart {
        self.description
    }

    /// Counts a part.
    ///
    /// # Errors
    ///
    /// 413 past the limit.
    pub(crate) fn count(&mut self) -> Result<(), Refusal> {
        self.count += 1;
        if self.count > MOST_FIELDS {
            return Err(too_many());
        }
        Ok(())
    }

    /// Adds what is wrong with a part that is no file.
    pub(crate) fn fault(&mut self, name: &str, fault: Fault) {
        self.faults.push((pointer_of(name), fault));
    }

    /// Adds a part that is no file.
    pub(crate) fn field(&mut self, name: String, headers: &HeaderMap, bytes: &[u8]) {
        let part = self.description.part(&name);
        let content_type = content_type_of(headers);
        if let Some(fault) = part.and_then(|part| part.wrong_type(content_type)) {
            return self.fault(&name, fault);
        }
        let is_utf8 = content_type.is_none_or(media_type::is_utf8);
        match std::str::from_utf8(bytes) {
            Ok(text) if is_utf8 => {
                let value = utf8_percent_encode(text, VALUE).to_string();
                self.fields.push((name, value));
                self.keep_headers(part, headers);
            }
            _ => self.fault(&name, (Keyword::Encoding, "must be UTF-8".into())),
        }
    }

    fn keep_headers(&mut self, part: Option<&'static Part>, headers: &HeaderMap) {
        if let Some(part) = part.filter(|part| !part.headers.is_empty()) {
            let known = self.headers.entry(part.name).or_default();
            known.push(headers.clone());
        }
    }

    /// Adds a file, or what is wrong with it.
    pub(crate) fn file(
        &mut self,
        part: &'static Part,
        headers: &HeaderMap,
        file: Result<Upload, Fault>,
    ) {
        self.keep_headers(Some(part), headers);
        let (_, files) = self
            .files
            .entry(part.name)
            .or_insert_with(|| (part.is_list, Vec::new()));
        let pointer = pointer_of(part.name);
        match file {
            _ if !part.is_list && !files.is_empty() => {
                let fault = (Keyword::Repeated, "must be given only once".into());
                self.faults.push((pointer, fault));
            }
            Ok(upload) => files.push(Some(upload)),
            Err(fault) => {
                let pointer = if part.is_list {
                    format!("{pointer}/{}", files.len())
                } else {
                    pointer
                };
                files.push(None);
                self.faults.push((pointer, fault));
            }
        }
    }

    /// Makes the object of all parts.
    ///
    /// # Errors
    ///
    /// 413 when there are 4 GiB of text.
    pub(crate) fn finish(mut self) -> Result<ReceivedForm, Refusal> {
        let (mut builder, mut faults) = (TreeBuilder::new(), Vec::new());
        let mut uploads = Vec::new();
        builder.begin_object();
        let fields = self.fields.iter();
        self.description.form.write_members(
            fields.map(|(name, value)| (Cow::Borrowed(name.as_str()), value.as_str())),
            &mut builder,
            Coercion::Strict,
            &mut faults,
        );
        for (name, (is_list, files)) in self.files {
            builder.key(name);
            if is_list {
                builder.begin_array();
            }
            for file in files {
                match file {
                    Some(upload) => {
                        builder.text(&uploads.len().to_string());
                        uploads.push(upload);
                    }
                    None => builder.null(),
                }
            }
            if is_list {
                builder.end();
            }
        }
        builder.end();
        let faults = faults.into_iter();
        self.faults
            .extend(faults.map(|(name, fault)| (pointer_of(&name), fault)));
        let mut tree = finish(builder)?;
        if !self.headers.is_empty() {
            tree = with_headers(&tree, self.description, &self.headers, &mut self.faults)?;
        }
        Ok(ReceivedForm {
            tree,
            faults: self.faults,
            uploads,
        })
    }
}

/// The object of all parts, in which those with declared headers are objects of value and headers.
fn with_headers(
    tree: &Tree<'_>,
    description: &Multipart,
    headers: &IndexMap<&'static str, Vec<HeaderMap>>,
    faults: &mut Vec<(String, Fault)>,
) -> Result<Tree<'static>, Refusal> {
    let mut builder = TreeBuilder::new();
    builder.begin_object();
    for (key, node) in tree.root().members() {
        builder.key(key);
        let part = description.part(key);
        let (Some(part), Some(headers)) = (part, headers.get(key)) else {
            builder.copy(node);
            continue;
        };
        let pointer = pointer_of(key);
        if !(part.is_list && node.kind() == Kind::Array) {
            write_part(node, part, headers.first(), &pointer, &mut builder, faults);
            continue;
        }
        builder.begin_array();
        for (index, item) in node.items().enumerate() {
            // Where one part holds the whole list, its headers are those of every item.
            let own = headers.get(index).or(headers.last());
            let pointer = format!("{pointer}/{index}");
            write_part(item, part, own, &pointer, &mut builder, faults);
        }
        builder.end();
    }
    builder.end();
    finish(builder)
}

/// Writes a part with its headers.
fn write_part(
    value: Node<'_>,
    part: &'static Part,
    headers: Option<&HeaderMap>,
    pointer: &str,
    builder: &mut TreeBuilder,
    faults: &mut Vec<(String, Fault)>,
) {
    builder.begin_object();
    builder.key(PART_VALUE);
    builder.copy(value);
    builder.key(PART_HEADERS);
    builder.begin_object();
    let mut found = Vec::new();
    if let Some(headers) = headers {
        parameter::write_headers(part.headers, headers, builder, &mut found);
    }
    builder.end();
    builder.end();
    for (name, fault) in found {
        let name = pointer_of(name);
        faults.push((format!("{pointer}/{PART_HEADERS}{name}"), fault));
    }
}

/// The content type that the headers of a part say.
pub(crate) fn content_type_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()
}
