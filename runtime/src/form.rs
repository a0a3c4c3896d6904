//! Forms: fields by name, read into one object that the schema's own decoder takes.

use std::borrow::Cow;

use bytes::Bytes;
use http::StatusCode;
use indexmap::IndexMap;

use crate::decode::{Decoder, Keyword};
use crate::media_type;
use crate::node::{BuildError, Node, Tree, TreeBuilder};
use crate::parameter::percent_decoded;
use crate::problem::Problem;
use crate::refusal::Refusal;
use crate::value::Upload;

/// The most fields or parts that a form may have.
pub(crate) const MOST_FIELDS: usize = 1000;

/// A form as the document describes it: OAS 3.2, "Encoding Object".
#[derive(Debug)]
#[non_exhaustive]
pub struct FormBody {
    /// The fields that the schema names.
    pub fields: &'static [FormField],

    /// What other fields are.
    pub rest: FormRest,
}

/// A field of a form.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FormField {
    /// Its name.
    pub name: &'static str,

    /// What it is written as.
    pub kind: FieldKind,

    /// How its items are written, where it is a list.
    pub list: Option<FieldList>,

    /// The media types and ranges that its part may have; empty where it does not matter.
    pub content_types: &'static [&'static str],
}

/// What a field is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// Text.
    Text,
    /// JSON text.
    Json,
    /// A file.
    File,
}

/// How the items of a list are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldList {
    /// Each as a field of its own.
    Repeated,
    /// In one field, with this between them.
    Separated(u8),
}

/// What fields are that the schema does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormRest {
    /// Nobody asks for them.
    Ignored,
    /// Each is one text.
    Text,
    /// Each is a list of texts.
    List,
    /// Each is JSON text.
    Json,
}

impl FormBody {
    /// Describes a form whose other fields are ignored.
    #[must_use]
    pub const fn new(fields: &'static [FormField]) -> Self {
        Self {
            fields,
            rest: FormRest::Ignored,
        }
    }

    /// Sets what other fields are.
    #[must_use]
    pub const fn with_rest(mut self, rest: FormRest) -> Self {
        self.rest = rest;
        self
    }

    /// The description of a field; `None` where nobody asks for it.
    pub(crate) fn find(&self, name: &str) -> Option<FormField> {
        let named = self.fields.iter().find(|field| field.name == name);
        named.copied().or(match self.rest {
            FormRest::Ignored => None,
            FormRest::Text => Some(FormField::text("")),
            FormRest::List => Some(FormField::text("").repeated()),
            FormRest::Json => Some(FormField::json("")),
        })
    }
}

impl FormField {
    const fn new(name: &'static str, kind: FieldKind) -> Self {
        Self {
            name,
            kind,
            list: None,
            content_types: &[],
        }
    }

    /// Describes a field of text.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, FieldKind::Text)
    }

    /// Describes a field of JSON text.
    #[must_use]
    pub const fn json(name: &'static str) -> Self {
        Self::new(name, FieldKind::Json)
    }

    /// Describes a file.
    #[must_use]
    pub const fn file(name: &'static str) -> Self {
        Self::new(name, FieldKind::File)
    }

    /// Makes it a list with a field for each item.
    #[must_use]
    pub const fn repeated(mut self) -> Self {
        self.list = Some(FieldList::Repeated);
        self
    }

    /// Makes it a list in one field.
    #[must_use]
    pub const fn separated(mut self, delimiter: u8) -> Self {
        self.list = Some(FieldList::Separated(delimiter));
        self
    }

    /// Sets the media types and ranges that its part may have.
    #[must_use]
    pub const fn with_content_types(mut self, types: &'static [&'static str]) -> Self {
        self.content_types = types;
        self
    }
}

/// A form that was read and is not decoded yet.
#[derive(Debug)]
pub struct ReceivedForm {
    tree: Tree<'static>,
    faults: Vec<Fault>,
    uploads: Vec<Upload>,
}

/// What is wrong with one field before its schema is asked: the pointer, and what a violation says.
#[derive(Clone, Debug)]
struct Fault {
    pointer: String,
    keyword: Keyword,
    detail: Cow<'static, str>,
}

impl ReceivedForm {
    /// Decodes the object of all fields; `None` where a violation was recorded.
    pub fn decode<T>(
        &mut self,
        cx: &mut Decoder,
        decode: impl FnOnce(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        if !self.uploads.is_empty() {
            cx.set_uploads(std::mem::take(&mut self.uploads));
        }
        let before = cx.violation_count();
        let value = decode(self.tree.root(), cx);
        if self.faults.is_empty() {
            return value;
        }
        let faults = self.faults.iter();
        cx.replace_violations(
            before,
            faults.map(|it| (it.pointer.clone(), it.keyword, it.detail.clone())),
        );
        None
    }
}

/// What one field or part brought.
#[derive(Debug)]
pub(crate) enum Given<'v> {
    Text(Cow<'v, str>),
    File(Upload),
    /// It cannot be read.
    Fault(Keyword, Cow<'static, str>),
}

/// Gathers fields by name, in the order in which each name came first.
#[derive(Debug)]
pub(crate) struct FormReader<'v> {
    description: &'static FormBody,
    fields: IndexMap<String, (FormField, Vec<Given<'v>>)>,
    count: usize,
}

impl<'v> FormReader<'v> {
    pub(crate) fn new(description: &'static FormBody) -> Self {
        Self {
            description,
            fields: IndexMap::new(),
            count: 0,
        }
    }

    /// Counts a field or part.
    ///
    /// # Errors
    ///
    /// 413 past the limit.
    pub(crate) fn count(&mut self) -> Result<(), Refusal> {
        self.count += 1;
        if self.count > MOST_FIELDS {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE)
                .with_detail(format!(
                    "the form must not have more than {MOST_FIELDS} fields"
                ))
                .into());
        }
        Ok(())
    }

    pub(crate) fn description(&self) -> &'static FormBody {
        self.description
    }

    /// Adds what a field brought.
    pub(crate) fn add(&mut self, name: &str, field: FormField, given: Given<'v>) {
        match self.fields.get_mut(name) {
            Some((_, list)) => list.push(given),
            None => {
                self.fields.insert(name.to_owned(), (field, vec![given]));
            }
        }
    }

    /// Makes the object of all fields.
    ///
    /// # Errors
    ///
    /// 400 when JSON in a field is nested too deeply.
    pub(crate) fn finish(self) -> Result<ReceivedForm, Refusal> {
        let mut writer = Writer {
            builder: TreeBuilder::new(),
            faults: Vec::new(),
            uploads: Vec::new(),
        };
        writer.builder.begin_object();
        for (name, (field, given)) in self.fields {
            writer.member(&name, field, given);
        }
        writer.builder.end();
        let tree = writer.builder.finish().map_err(|error| {
            let detail = match error {
                BuildError::TooDeep => "a field of the form is nested too deeply",
                _ => "the form is too large",
            };
            Refusal::from(Problem::new(StatusCode::BAD_REQUEST).with_detail(detail))
        })?;
        Ok(ReceivedForm {
            tree,
            faults: writer.faults,
            uploads: writer.uploads,
        })
    }
}

struct Writer {
    builder: TreeBuilder,
    faults: Vec<Fault>,
    uploads: Vec<Upload>,
}

impl Writer {
    fn member(&mut self, name: &str, field: FormField, given: Vec<Given<'_>>) {
        self.builder.key(name);
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        if field.list.is_some() {
            self.builder.begin_array();
            for (index, given) in given.into_iter().enumerate() {
                self.value(format!("{pointer}/{index}"), field.kind, given);
            }
            self.builder.end();
            return;
        }
        if given.len() > 1 {
            self.fault(
                pointer.clone(),
                Keyword::Repeated,
                "must be given only once",
            );
        }
        if let Some(given) = given.into_iter().next() {
            self.value(pointer, field.kind, given);
        }
    }

    fn value(&mut self, pointer: String, kind: FieldKind, given: Given<'_>) {
        match (kind, given) {
            (_, Given::Fault(keyword, detail)) => {
                self.builder.null();
                self.fault(pointer, keyword, detail);
            }
            (_, Given::File(upload)) => {
                self.builder.text(&self.uploads.len().to_string());
                self.uploads.push(upload);
            }
            (FieldKind::Json, Given::Text(text)) => match Tree::parse(text.as_bytes()) {
                Ok(tree) => self.builder.copy(tree.root()),
                Err(error) => {
                    self.builder.null();
                    let detail = format!("must be JSON: {error}");
                    self.fault(pointer, Keyword::ContentType, detail);
                }
            },
            (_, Given::Text(text)) => self.builder.text(&text),
        }
    }

    fn fault(&mut self, pointer: String, keyword: Keyword, detail: impl Into<Cow<'static, str>>) {
        let detail = detail.into();
        self.faults.push(Fault {
            pointer,
            keyword,
            detail,
        });
    }
}

const NOT_UTF8: Given<'static> = Given::Fault(
    Keyword::Encoding,
    Cow::Borrowed("must be UTF-8 with valid percent-encoding"),
);

/// Reads a body of `application/x-www-form-urlencoded` (WHATWG URL, section 5.1).
///
/// Delimiters are found before anything is decoded, so an encoded comma belongs to its item.
///
/// # Errors
///
/// 400 where it is no such text, 413 where it has too many fields.
pub(crate) fn read_urlencoded(
    description: &'static FormBody,
    bytes: &Bytes,
) -> Result<ReceivedForm, Refusal> {
    let malformed = || {
        Problem::new(StatusCode::BAD_REQUEST)
            .with_detail("the body is not a form: it must be UTF-8 with valid percent-encoding")
    };
    let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
    let mut reader = FormReader::new(description);
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        reader.count()?;
        let (name, raw) = pair.split_once('=').unwrap_or((pair, ""));
        let name = percent_decoded(name, true).ok_or_else(malformed)?;
        let Some(field) = description.find(&name) else {
            continue;
        };
        let given = |raw| percent_decoded(raw, true).map_or(NOT_UTF8, Given::Text);
        match field.list {
            Some(FieldList::Separated(delimiter)) => {
                if reader.fields.contains_key(&*name) {
                    let fault =
                        Given::Fault(Keyword::Repeated, Cow::Borrowed("must be given only once"));
                    reader.add(&name, field, fault);
                    continue;
                }
                reader.fields.insert(
                    name.into_owned(),
                    (field, items(raw, delimiter).map(given).collect()),
                );
            }
            _ => reader.add(&name, field, given(raw)),
        }
    }
    reader.finish()
}

/// The items of a list in one text, not decoded yet; an empty text has none.
fn items(raw: &str, delimiter: u8) -> impl Iterator<Item = &str> {
    let encoded: &[&str] = match delimiter {
        b' ' => &["+", "%20", " "],
        b'|' => &["|", "%7C", "%7c"],
        _ => &[","],
    };
    let mut rest = (!raw.is_empty()).then_some(raw);
    std::iter::from_fn(move || {
        let text = rest?;
        let next = encoded
            .iter()
            .filter_map(|it| Some((text.find(it)?, it.len())))
            .min();
        match next {
            Some((at, length)) => {
                rest = text.get(at + length..);
                text.get(..at)
            }
            None => {
                rest = None;
                Some(text)
            }
        }
    })
}

/// What a text part of a multipart body brought.
pub(crate) fn text_part(
    field: FormField,
    content_type: Option<&str>,
    bytes: &[u8],
) -> Given<'static> {
    if let Some(fault) = wrong_type(field, content_type) {
        return fault;
    }
    let is_utf8 = content_type.is_none_or(media_type::is_utf8);
    match std::str::from_utf8(bytes) {
        Ok(text) if is_utf8 => Given::Text(Cow::Owned(text.to_owned())),
        _ => Given::Fault(Keyword::Encoding, Cow::Borrowed("must be UTF-8")),
    }
}

/// The fault of a part whose content type is none of those that are declared for it.
///
/// A part without one is plain text (RFC 7578, section 4.4), which many clients mean for everything but files.
pub(crate) fn wrong_type(field: FormField, content_type: Option<&str>) -> Option<Given<'static>> {
    if field.content_types.is_empty() {
        return None;
    }
    let is_fine = match content_type {
        Some(content_type) => media_type::find(field.content_types, content_type).is_some(),
        None => field.kind != FieldKind::File,
    };
    (!is_fine).then(|| {
        let detail = format!(
            "must have the content type {}",
            field.content_types.join(" or ")
        );
        Given::Fault(Keyword::ContentType, Cow::Owned(detail))
    })
}
