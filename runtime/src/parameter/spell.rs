//! Spells values as texts: the fields of forms, and headers. It is the way back of [`read`](super::read).

use std::fmt::Write as _;

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Empty, Form, Parameter, Shape, Style, field_value, group::DEEPEST};
use crate::node::{Kind, Node};

/// What is percent-encoded in a form: all but what RFC 3986 calls unreserved, so that readers of every kind of percent-encoding
/// agree.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The same where `allowReserved` lets reserved characters be (OAS 3.2, Encoding Object), but for those that mean something
/// in a form, and the comma, which separates items.
const RESERVED: &AsciiSet = &UNRESERVED
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'[')
    .remove(b']')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b';');

/// Why a value has no spelling that could be read back.
pub(crate) type Unwritable = &'static str;

const DELIMITED: Unwritable = "an item holds the delimiter, which readers would take apart";
const NESTED: Unwritable =
    "a list or object is within another, which its style has no spelling for";
const EMPTY_ITEM: Unwritable = "a list of one empty text cannot be told from an empty list";
const EMPTY: Unwritable = "an item is an empty text, which means nothing in a header";
const BLANKS: Unwritable = "an item has blanks around it, which do not belong to it in a header";
const OBJECT: Unwritable = "a text that begins as a JSON object could be taken for one";
const BRACKETS: Unwritable = "a key holds a bracket, or is below too many others";
const NULL: Unwritable = "an item is null, which has no spelling";
const TAKEN: Unwritable = "a member has the name of another property";

/// How the values of a form are written within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    /// Percent-encoded.
    Percent,
    /// As they are, since each has a part of its own.
    None,
}

/// A field of a form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its name, not encoded.
    pub(crate) name: String,
    /// Its value as it is written.
    pub(crate) value: String,
    /// Whether it is a JSON text.
    pub(crate) is_json: bool,
}

/// The text of a value without quotes; `None` for lists and objects, and for null, since any text would be another value.
pub(crate) fn scalar(node: Node<'_>) -> Option<String> {
    match node.kind() {
        Kind::True => Some("true".to_owned()),
        Kind::False => Some("false".to_owned()),
        Kind::Number => node.number().map(str::to_owned),
        Kind::String | Kind::Text => node.as_str().map(|text| text.into_owned()),
        Kind::Null | Kind::Array | Kind::Object => None,
    }
}

/// The text of an item.
fn item(node: Node<'_>) -> Result<String, Unwritable> {
    let why = if is_null(node) { NULL } else { NESTED };
    scalar(node).ok_or(why)
}

fn is_null(node: Node<'_>) -> bool {
    node.kind() == Kind::Null
}

/// The members of an object that are written; without a spelling for null, it is as if there were none.
fn members<'n>(object: Node<'n>) -> impl Iterator<Item = (&'n str, Node<'n>)> {
    object.members().filter(|(_, member)| !is_null(*member))
}

/// The JSON text of a value.
pub(crate) fn json(node: Node<'_>) -> String {
    let mut text = Vec::new();
    node.write_json(&mut text);
    // What was parsed is UTF-8.
    String::from_utf8_lossy(&text).into_owned()
}

/// A JSON text with nothing but the printable characters of ASCII, which headers may hold.
pub(crate) fn ascii_json(node: Node<'_>) -> String {
    let json = json(node);
    let mut text = String::with_capacity(json.len());
    for char in json.chars() {
        if matches!(char, ' '..='~') {
            text.push(char);
        } else {
            for unit in char.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// A value in the style `simple` (OAS 3.2, Style Values), as headers have it.
pub(crate) fn simple(node: Node<'_>, explode: bool) -> Result<String, Unwritable> {
    let mut parts = Vec::new();
    match node.kind() {
        Kind::Array => {
            for it in node.items() {
                parts.push(item(it)?);
            }
            // RFC 9110, section 5.6.1.2: empty items of a header mean nothing.
            if parts.iter().any(String::is_empty) {
                return Err(EMPTY);
            }
        }
        Kind::Object => {
            for (key, member) in members(node) {
                let member = item(member)?;
                match explode {
                    true if key.contains('=') => return Err(DELIMITED),
                    true => parts.push(format!("{key}={member}")),
                    false => parts.extend([key.to_owned(), member]),
                }
            }
        }
        _ => return item(node),
    }
    if parts.iter().any(|part| part.contains(',')) {
        return Err(DELIMITED);
    }
    match parts.iter().any(|part| field_value::trimmed(part) != part) {
        true => Err(BLANKS),
        false => Ok(parts.join(",")),
    }
}

impl Parameter {
    /// The value of a header that is declared so.
    pub(crate) fn header_value(&self, node: Node<'_>) -> Result<HeaderValue, Unwritable> {
        match self.shapes {
            [Shape::Json] => field_value::write(&ascii_json(node)),
            _ => field_value::write(&simple(node, self.explode)?),
        }
    }
}

impl Parameter {
    /// The pairs that a parameter of the query, or of cookies, is written as.
    pub(crate) fn pairs(&self, node: Node<'_>) -> Result<Vec<Field>, Unwritable> {
        let mut fields = Vec::new();
        let mut out = Speller {
            escape: match self.style {
                Style::Cookie => Escape::None,
                _ => Escape::Percent,
            },
            name: self.name,
            style: self.style,
            explode: self.explode,
            shapes: self.shapes,
            empty: self.empty,
            allow_reserved: false,
            fields: &mut fields,
        };
        out.write(node)?;
        Ok(fields)
    }

    /// What a parameter stands for that is all of the query.
    pub(crate) fn query_text(&self, node: Node<'_>) -> Result<String, Unwritable> {
        match self.shapes {
            [Shape::Form(form)] => {
                let fields = form.fields(node, Escape::Percent).map_err(|(_, why)| why)?;
                Ok(joined(&fields))
            }
            [Shape::Json] => Ok(escaped(&json(node))),
            _ => item(node).map(|text| escaped(&text)),
        }
    }

    /// The text of a parameter of the path, percent-encoded. Beside others in one segment, all but letters and digits is,
    /// since anything may stand between them.
    pub(crate) fn path_text(&self, node: Node<'_>, is_beside: bool) -> Result<String, Unwritable> {
        let is_dotted = self.style == Style::Label && self.explode;
        let encoded = |text: &str| match is_beside || is_dotted {
            true => utf8_percent_encode(text, NON_ALPHANUMERIC).to_string(),
            false => escaped(text),
        };
        let text = |node| item(node).map(|text| encoded(&text));
        if matches!(self.shapes, [Shape::Json]) {
            return Ok(encoded(&json(node)));
        }
        let is_matrix = self.style == Style::Matrix;
        let named = |text: String| match is_matrix {
            true => format!("{}={text}", encoded(self.name)),
            false => text,
        };
        let (first, between) = match (self.style, self.explode) {
            (Style::Label, true) => (".", "."),
            (Style::Label, false) => (".", ","),
            (Style::Matrix, true) => (";", ";"),
            (Style::Matrix, false) => (";", ","),
            _ => ("", ","),
        };
        let texts: Vec<String> = match (node.kind(), self.explode) {
            (Kind::Array, true) => {
                let items = node.items().map(|item| text(item).map(named));
                items.collect::<Result<_, _>>()?
            }
            (Kind::Array, false) => {
                let items = node.items().map(text).collect::<Result<Vec<_>, _>>()?;
                vec![named(items.join(between))]
            }
            (Kind::Object, true) => {
                let pair = |(key, member)| text(member).map(|it| format!("{}={it}", encoded(key)));
                members(node).map(pair).collect::<Result<_, _>>()?
            }
            (Kind::Object, false) => {
                let mut turns = Vec::new();
                for (key, member) in members(node) {
                    turns.extend([encoded(key), text(member)?]);
                }
                vec![named(turns.join(between))]
            }
            _ => vec![named(text(node)?)],
        };
        Ok(format!("{first}{}", texts.join(between)))
    }
}

/// Fields as the text of a form, names encoded.
pub(crate) fn joined(fields: &[Field]) -> String {
    let pairs = fields.iter();
    let pairs = pairs.map(|field| format!("{}={}", escaped(&field.name), field.value));
    pairs.collect::<Vec<_>>().join("&")
}

impl Form {
    /// The fields that an object is written as, in the order of its members.
    ///
    /// Null is an empty text where that stands for null, and else left out, but for null as an item; a list without items is left out where each
    /// has a field of its own.
    pub(crate) fn fields(
        &self,
        object: Node<'_>,
        escape: Escape,
    ) -> Result<Vec<Field>, (String, Unwritable)> {
        let mut fields = Vec::new();
        for (key, node) in object.members() {
            let spelled = self.field(key, node, escape, &mut fields);
            spelled.map_err(|why| (key.to_owned(), why))?;
        }
        Ok(fields)
    }

    /// The text of one item of a list, and whether it is JSON.
    pub(crate) fn item_text(
        &self,
        key: &str,
        item: Node<'_>,
    ) -> Result<(String, bool), Unwritable> {
        let part = self.parts.iter().find(|part| part.name == key);
        let shapes = part.map_or(&[][..], |part| part.shapes).iter();
        let is_json = shapes
            .filter_map(|shape| match shape {
                Shape::Array(items) => Some(*items),
                _ => None,
            })
            .any(|items| matches!(items, [Shape::Json]));
        match scalar(item).filter(|_| !is_json) {
            Some(text) => Ok((text, false)),
            None if is_null(item) && !is_json => Err(NULL),
            None => Ok((json(item), true)),
        }
    }

    /// Adds the fields of one property.
    pub(crate) fn field(
        &self,
        key: &str,
        node: Node<'_>,
        escape: Escape,
        fields: &mut Vec<Field>,
    ) -> Result<(), Unwritable> {
        let part = self.parts.iter().find(|part| part.name == key);
        let mut out = Speller {
            escape,
            name: key,
            style: part.map_or(Style::Form, |part| part.style),
            explode: part.is_none_or(|part| part.explode),
            shapes: part.map_or(self.others.unwrap_or_default(), |part| part.shapes),
            empty: part.map_or(Empty::Text, |part| part.empty),
            allow_reserved: part.is_some_and(|part| part.allow_reserved),
            fields,
        };
        let before = out.fields.len();
        out.write(node)?;
        // The members of an object that is exploded stand beside the other properties.
        let is_taken = |field: &Field| {
            let others = self.parts.iter().filter(|it| it.name != key);
            field.name != key && others.clone().any(|it| it.names(&field.name))
        };
        match fields.iter().skip(before).any(is_taken) {
            true => Err(TAKEN),
            false => Ok(()),
        }
    }
}

/// Writes one property.
struct Speller<'f> {
    escape: Escape,
    name: &'f str,
    style: Style,
    explode: bool,
    shapes: &'static [Shape],
    empty: Empty,
    allow_reserved: bool,
    fields: &'f mut Vec<Field>,
}

impl Speller<'_> {
    fn write(&mut self, node: Node<'_>) -> Result<(), Unwritable> {
        let takes_json = self.shapes.iter().any(|it| matches!(it, Shape::Json));
        let empty_is_null = self.empty == Empty::Null && self.shapes.iter().any(Shape::is_scalar);
        match node.kind() {
            _ if matches!(self.shapes, [Shape::Json]) => self.push_json(node),
            // Where it does not stand for null, an empty text would be another value.
            Kind::Null if !empty_is_null => {}
            Kind::Array | Kind::Object if self.style == Style::DeepObject => {
                self.brackets(self.name.to_owned(), node, 0)?;
            }
            Kind::Array => match self.items() {
                Some(items) => self.list(node, items)?,
                None => self.push_json(node),
            },
            Kind::Object if !takes_json && self.shapes.iter().any(Shape::is_object) => {
                self.object(node)?;
            }
            Kind::Object => self.push_json(node),
            _ => self.scalar(node)?,
        }
        Ok(())
    }

    /// The shapes of the items of a list; `None` where it is one text.
    fn items(&self) -> Option<&'static [Shape]> {
        if self.shapes.is_empty() {
            return Some(&[]);
        }
        self.shapes.iter().find_map(|shape| match *shape {
            Shape::Array(items) => Some(items),
            _ => None,
        })
    }

    fn scalar(&mut self, node: Node<'_>) -> Result<(), Unwritable> {
        // Where it is written at all, an empty text stands for it.
        let text = if is_null(node) {
            String::new()
        } else {
            item(node)?
        };
        // In a form nothing says which of both it is; a part has a content type.
        let takes_json = self.shapes.iter().any(|it| matches!(it, Shape::Json));
        let opens_object = text.trim_start().starts_with('{');
        if takes_json && opens_object && self.escape == Escape::Percent {
            return Err(OBJECT);
        }
        // A text with a delimiter would be a list where it can be one.
        let is_alone = self.shapes.len() < 2 || self.explode || self.style == Style::DeepObject;
        let text = match is_alone {
            true => self.escaped(&text),
            false => self.item(text)?,
        };
        self.push(self.name.to_owned(), text);
        Ok(())
    }

    fn list(&mut self, node: Node<'_>, items: &[Shape]) -> Result<(), Unwritable> {
        if self.explode {
            // One text that is a list would be taken for the whole.
            let is_whole = match (self.shapes.first(), node.len()) {
                (Some(Shape::Json), 0) => true,
                (Some(Shape::Json), 1) => node.items().any(|it| it.kind() == Kind::Array),
                _ => false,
            };
            if is_whole {
                self.push_json(node);
                return Ok(());
            }
            for item in node.items() {
                match scalar(item) {
                    _ if matches!(items, [Shape::Json]) => self.push_json(item),
                    Some(text) => self.push(self.name.to_owned(), self.escaped(&text)),
                    None if is_null(item) => return Err(NULL),
                    None => self.push_json(item),
                }
            }
            return Ok(());
        }
        let mut texts = Vec::with_capacity(node.len());
        for node in node.items() {
            texts.push(self.item(item(node)?)?);
        }
        if texts.len() == 1 && texts.iter().all(String::is_empty) {
            return Err(EMPTY_ITEM);
        }
        self.push(self.name.to_owned(), texts.join(self.delimiter()));
        Ok(())
    }

    fn object(&mut self, node: Node<'_>) -> Result<(), Unwritable> {
        if self.explode {
            for (key, member) in members(node) {
                match member.kind() {
                    Kind::Array => {
                        for node in member.items() {
                            let text = item(node)?;
                            self.push(key.to_owned(), self.escaped(&text));
                        }
                    }
                    _ => {
                        let text = item(member)?;
                        self.push(key.to_owned(), self.escaped(&text));
                    }
                }
            }
            return Ok(());
        }
        let mut texts = Vec::with_capacity(2 * node.len());
        for (key, member) in members(node) {
            texts.push(self.item(key.to_owned())?);
            texts.push(self.item(item(member)?)?);
        }
        self.push(self.name.to_owned(), texts.join(self.delimiter()));
        Ok(())
    }

    /// `color[R]=100&color[G]=200`, and a list as `color[0]=R`.
    fn brackets(&mut self, name: String, node: Node<'_>, depth: usize) -> Result<(), Unwritable> {
        if depth > DEEPEST {
            return Err(BRACKETS);
        }
        match node.kind() {
            Kind::Object => {
                for (key, member) in members(node) {
                    if key.contains(['[', ']']) {
                        return Err(BRACKETS);
                    }
                    self.brackets(format!("{name}[{key}]"), member, depth + 1)?;
                }
            }
            Kind::Array => {
                for (index, item) in node.items().enumerate() {
                    self.brackets(format!("{name}[{index}]"), item, depth + 1)?;
                }
            }
            _ => {
                let text = item(node)?;
                self.push(name, self.escaped(&text));
            }
        }
        Ok(())
    }

    /// What stands between items that share one text.
    fn delimiter(&self) -> &'static str {
        match (self.style, self.escape) {
            (Style::SpaceDelimited, Escape::Percent) => "%20",
            (Style::SpaceDelimited, Escape::None) => " ",
            (Style::PipeDelimited, Escape::Percent) => "%7C",
            (Style::PipeDelimited, Escape::None) => "|",
            _ => ",",
        }
    }

    /// A text that shares a field with others.
    fn item(&self, text: String) -> Result<String, Unwritable> {
        // A comma can be told from a delimiter where it is encoded; the others are encoded as delimiters.
        let delimiter = match self.style {
            Style::SpaceDelimited => Some(' '),
            Style::PipeDelimited => Some('|'),
            _ if self.escape == Escape::None => Some(','),
            _ => None,
        };
        match delimiter.is_some_and(|it| text.contains(it)) {
            true => Err(DELIMITED),
            false => Ok(self.escaped(&text)),
        }
    }

    fn escaped(&self, text: &str) -> String {
        match (self.escape, self.allow_reserved) {
            (Escape::Percent, true) => utf8_percent_encode(text, RESERVED).to_string(),
            (Escape::Percent, false) => escaped(text),
            (Escape::None, _) => text.to_owned(),
        }
    }

    fn push(&mut self, name: String, value: String) {
        self.fields.push(Field {
            name,
            value,
            is_json: false,
        });
    }

    fn push_json(&mut self, node: Node<'_>) {
        self.fields.push(Field {
            name: self.name.to_owned(),
            value: self.escaped(&json(node)),
            is_json: true,
        });
    }
}

/// A text, percent-encoded.
pub(crate) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}
