//! Parameters: read by location and style into text, which the decoder turns into types.

use std::borrow::Cow;

use http::header::{self, HeaderMap, HeaderValue};

use crate::decode::{self, Decoder, Keyword, Section};
use crate::node::{BuildError, Items, Kind, Node, Tree, TreeBuilder};

/// How a value is spelled: OAS 3.2, "Style Values".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Style {
    /// Comma-separated; the default in paths and headers.
    Simple,
    /// `name=value`; the default in queries and cookies.
    Form,
}

/// What the schema of a parameter makes of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// One text.
    Scalar,
    /// A list of texts.
    Array,
}

/// A parameter as the document describes it: OAS 3.2, "Parameter Object".
#[derive(Debug)]
#[non_exhaustive]
pub struct Parameter {
    /// The name; in headers, case does not matter.
    pub name: &'static str,

    /// Where it is.
    pub section: Section,

    /// How it is spelled.
    pub style: Style,

    /// Whether each item of an array has its own `name=value`.
    pub explode: bool,

    /// What it is made of.
    pub shape: Shape,
}

impl Parameter {
    /// Describes a scalar parameter with the default style of its location.
    #[must_use]
    pub const fn new(section: Section, name: &'static str) -> Self {
        let (style, explode) = match section {
            Section::Query | Section::Cookie => (Style::Form, true),
            _ => (Style::Simple, false),
        };
        Self {
            name,
            section,
            style,
            explode,
            shape: Shape::Scalar,
        }
    }

    /// Makes it a list.
    #[must_use]
    pub const fn array(mut self) -> Self {
        self.shape = Shape::Array;
        self
    }

    /// Sets whether each item of an array has its own `name=value`.
    #[must_use]
    pub const fn explode(mut self, explode: bool) -> Self {
        self.explode = explode;
        self
    }

    fn as_decoded(&self) -> decode::Parameter {
        decode::Parameter {
            section: self.section,
            name: self.name,
        }
    }
}

/// The parameters of one request, in the order of their description.
#[derive(Debug)]
pub struct Parameters {
    /// An array with a text, an array of texts or null for each.
    tree: Tree<'static>,
    descriptions: &'static [Parameter],
    faults: Vec<(usize, Fault)>,
}

impl Parameters {
    /// Walks over the parameters, in the order of their description.
    pub fn slots(&self) -> Slots<'_> {
        Slots {
            descriptions: self.descriptions.iter(),
            nodes: self.tree.root().items(),
            faults: &self.faults,
            index: 0,
        }
    }
}

/// A walk over the parameters of one request: each call takes the next.
#[derive(Clone)]
pub struct Slots<'p> {
    descriptions: std::slice::Iter<'static, Parameter>,
    nodes: Items<'p>,
    faults: &'p [(usize, Fault)],
    index: usize,
}

impl<'p> Slots<'p> {
    /// Decodes a parameter that must be there; `None` where a violation was recorded.
    pub fn required<T>(
        &mut self,
        cx: &mut Decoder,
        decode: impl FnOnce(Node<'p>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        let (parameter, node) = self.next(cx)?;
        match node {
            Some(node) => cx.parameter(parameter, |cx| decode(node, cx)),
            None => {
                cx.missing_parameter(parameter);
                None
            }
        }
    }

    /// Decodes a parameter that may be absent; the outer `None` is where a violation was recorded.
    pub fn optional<T>(
        &mut self,
        cx: &mut Decoder,
        decode: impl FnOnce(Node<'p>, &mut Decoder) -> Option<T>,
    ) -> Option<Option<T>> {
        let (parameter, node) = self.next(cx)?;
        match node {
            Some(node) => cx.parameter(parameter, |cx| decode(node, cx)).map(Some),
            None => Some(None),
        }
    }

    /// Takes the next parameter, unless it cannot be read.
    fn next(&mut self, cx: &mut Decoder) -> Option<(decode::Parameter, Option<Node<'p>>)> {
        let parameter = self.descriptions.next()?.as_decoded();
        let node = self.nodes.next()?;
        let index = self.index;
        self.index += 1;
        if let Some((_, (keyword, detail))) = self.faults.iter().find(|(at, _)| *at == index) {
            cx.parameter(parameter, |cx| cx.violation(node, *keyword, *detail));
            return None;
        }
        let is_present = node.kind() != Kind::Null;
        Some((parameter, is_present.then_some(node)))
    }
}

/// Why the text of a parameter cannot be read.
type Fault = (Keyword, &'static str);

const REPEATED: Fault = (Keyword::Repeated, "must be given only once");
const NOT_UTF8: Fault = (
    Keyword::Encoding,
    "must be UTF-8 with valid percent-encoding",
);
const NOT_TEXT: Fault = (Keyword::Encoding, "must be visible ASCII characters");

/// Reads all described parameters.
///
/// Delimiters are found before anything is percent-decoded, so an encoded comma belongs to its item.
///
/// # Errors
///
/// When there are 4 GiB of text.
pub(crate) fn read<'r>(
    parameters: &'static [Parameter],
    path: impl Iterator<Item = (&'r str, &'r str)> + Clone,
    query: Option<&'r str>,
    headers: &'r HeaderMap,
) -> Result<Parameters, BuildError> {
    let mut builder = TreeBuilder::new();
    let mut faults = Vec::new();
    builder.begin_array();
    for (index, parameter) in parameters.iter().enumerate() {
        let mut slot = SlotBuilder::new(parameter, &mut builder);
        match parameter.section {
            Section::Path => path
                .clone()
                .filter(|(name, _)| *name == parameter.name)
                .for_each(|(_, value)| slot.encoded(value)),
            Section::Query => query_values(query.unwrap_or_default(), parameter.name)
                .for_each(|value| slot.encoded(value)),
            Section::Header => headers
                .get_all(parameter.name)
                .iter()
                .for_each(|value| slot.header(value)),
            Section::Cookie => cookie_values(headers, parameter.name)
                .take(if slot.is_exploded_array() {
                    usize::MAX
                } else {
                    1
                })
                .for_each(|value| slot.encoded_bytes(value)),
            Section::Body => {}
        }
        if let Some(fault) = slot.finish() {
            faults.push((index, fault));
        }
    }
    builder.end();
    Ok(Parameters {
        tree: builder.finish()?,
        descriptions: parameters,
        faults,
    })
}

/// Writes what is found for one parameter: a text, an array of texts, or null for nothing.
struct SlotBuilder<'p, 'b, 'r> {
    parameter: &'p Parameter,
    builder: &'b mut TreeBuilder,
    scalar: Option<Cow<'r, str>>,
    is_array_open: bool,
    fault: Option<Fault>,
}

impl<'p, 'b, 'r> SlotBuilder<'p, 'b, 'r> {
    fn new(parameter: &'p Parameter, builder: &'b mut TreeBuilder) -> Self {
        Self {
            parameter,
            builder,
            scalar: None,
            is_array_open: false,
            fault: None,
        }
    }

    fn is_exploded_array(&self) -> bool {
        self.parameter.shape == Shape::Array
            && self.parameter.style == Style::Form
            && self.parameter.explode
    }

    /// Takes one occurrence whose text may be percent-encoded.
    fn encoded(&mut self, raw: &'r str) {
        match self.parameter.shape {
            Shape::Scalar => self.encoded_item(raw),
            Shape::Array if self.is_exploded_array() => self.encoded_item(raw),
            // A serializer writes nothing for an empty list, so nothing is not a list of one empty text.
            Shape::Array if raw.is_empty() => self.open_array(),
            Shape::Array => {
                if self.is_array_open {
                    self.fault = Some(REPEATED);
                    return;
                }
                raw.split(',').for_each(|item| self.encoded_item(item));
            }
        }
    }

    fn encoded_bytes(&mut self, raw: &'r [u8]) {
        match std::str::from_utf8(raw) {
            Ok(raw) => self.encoded(raw),
            Err(_) => self.fault = Some(NOT_UTF8),
        }
    }

    fn encoded_item(&mut self, raw: &'r str) {
        let plus_is_space = self.parameter.section == Section::Query;
        match decode(raw, plus_is_space) {
            Some(text) => self.item(text),
            None => self.fault = Some(NOT_UTF8),
        }
    }

    /// Takes one line of a header; those of a list continue each other (RFC 9110, section 5.3).
    fn header(&mut self, value: &'r HeaderValue) {
        let Ok(text) = value.to_str() else {
            self.fault = Some(NOT_TEXT);
            return;
        };
        match self.parameter.shape {
            Shape::Scalar => self.item(Cow::Borrowed(text)),
            Shape::Array => {
                self.open_array();
                // RFC 9110, section 5.6.1.2: blanks around items and empty items mean nothing.
                text.split(',')
                    .map(|item| item.trim_matches([' ', '\t']))
                    .filter(|item| !item.is_empty())
                    .for_each(|item| self.item(Cow::Borrowed(item)));
            }
        }
    }

    fn open_array(&mut self) {
        if !self.is_array_open {
            self.is_array_open = true;
            self.builder.begin_array();
        }
    }

    fn item(&mut self, text: Cow<'r, str>) {
        match self.parameter.shape {
            Shape::Array => {
                self.open_array();
                self.builder.text(&text);
            }
            Shape::Scalar if self.scalar.is_none() => self.scalar = Some(text),
            Shape::Scalar => self.fault = Some(REPEATED),
        }
    }

    fn finish(self) -> Option<Fault> {
        match self.scalar {
            Some(text) => self.builder.text(&text),
            None if self.is_array_open => self.builder.end(),
            None => self.builder.null(),
        }
        self.fault
    }
}

/// Returns the undecoded values of a query parameter; a name without `=` has an empty one.
fn query_values<'q>(query: &'q str, name: &str) -> impl Iterator<Item = &'q str> {
    query.split('&').filter_map(move |pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_it = key == name
            || (key.len() > name.len() || key.contains('+'))
                && key.contains(['%', '+'])
                && decode(key, true).is_some_and(|key| key == name);
        // `a=1&&b=2` has an empty pair, which is no parameter without a name.
        (is_it && !pair.is_empty()).then_some(value)
    })
}

/// Returns the undecoded values of a cookie, from all `Cookie` headers, without the quotes that may stand around them.
fn cookie_values<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h [u8]> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b';'))
        .filter_map(move |pair| {
            let pair = pair.trim_ascii();
            let equals = pair.iter().position(|&byte| byte == b'=')?;
            let (key, value) = pair.split_at_checked(equals)?;
            let value = value.get(1..)?.trim_ascii();
            (key.trim_ascii() == name.as_bytes()).then(|| unquote(value))
        })
}

fn unquote(value: &[u8]) -> &[u8] {
    value
        .strip_prefix(b"\"")
        .and_then(|value| value.strip_suffix(b"\""))
        .unwrap_or(value)
}

/// Removes percent-encoding; `None` where it is malformed or what it encodes is not UTF-8.
pub(crate) fn percent_decoded(raw: &str, plus_is_space: bool) -> Option<Cow<'_, str>> {
    decode(raw, plus_is_space)
}

fn decode(raw: &str, plus_is_space: bool) -> Option<Cow<'_, str>> {
    if !raw
        .bytes()
        .any(|byte| byte == b'%' || plus_is_space && byte == b'+')
    {
        return Some(Cow::Borrowed(raw));
    }
    let mut decoded = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'%' => {
                let &[high, low] = tail.first_chunk::<2>()?;
                let high = char::from(high).to_digit(16)?;
                let low = char::from(low).to_digit(16)?;
                decoded.push(u8::try_from(high << 4 | low).ok()?);
                rest = tail.get(2..)?;
            }
            b'+' if plus_is_space => decoded.push(b' '),
            byte => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// Returns the value of a query parameter that occurs once and is not empty.
pub(crate) fn only_query_value(query: &str, name: &str) -> Option<String> {
    let mut values = query_values(query, name);
    let value = decode(values.next()?, true)?;
    (values.next().is_none() && !value.is_empty()).then(|| value.into_owned())
}

/// Returns the value of a cookie; the first where browsers send several, which is that of the longest path.
pub(crate) fn cookie_value(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = std::str::from_utf8(cookie_values(headers, name).next()?).ok()?;
    decode(value, false).map(Cow::into_owned)
}
