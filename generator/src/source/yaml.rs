//! YAML 1.2 into the tree, event by event.

use std::{borrow::Cow, rc::Rc};

use granit_parser::{Event, Parser, ScalarStyle, Span as EventSpan, StructureStyle, Tag};

use super::{
    FileId, Node, Place, Span, Value,
    scalar::Meaning,
    syntax,
    tree::{GivenUp, MAX_DEPTH, Tree},
};
use crate::diagnostic::{Code, Diagnostics};

/// Reads the one document of a file; none where its syntax is broken or a part is missing.
pub(super) fn read(text: &str, file: FileId, diagnostics: &mut Diagnostics) -> Option<Rc<Node>> {
    let mut reader = Reader {
        text,
        tree: Tree::new(file, diagnostics),
        first_document: None,
    };
    match reader.read() {
        Ok(()) => reader.tree.finish(),
        Err(GivenUp) => None,
    }
}

struct Reader<'t, 'd> {
    text: &'t str,
    tree: Tree<'d>,
    first_document: Option<Span>,
}

impl<'t> Reader<'t, '_> {
    fn read(&mut self) -> Result<(), GivenUp> {
        let options = granit_parser::options! {
            emit_unresolved_aliases: true,
            emit_anchor_events: true,
            emit_comments: false,
            flow_nesting_limit: MAX_DEPTH + 1,
            block_nesting_limit: MAX_DEPTH + 1,
        };
        for item in Parser::new_from_str_with_options(self.text, options) {
            match item {
                Ok((event, span)) => {
                    if !self.event(event, span)? {
                        return Ok(());
                    }
                }
                Err(error) => {
                    syntax::report(&error, self.text, &mut self.tree);
                    return Err(GivenUp);
                }
            }
        }
        if self.first_document.is_none() {
            self.report_empty();
            return Err(GivenUp);
        }
        Ok(())
    }

    /// Takes an event; false ends the reading.
    fn event(&mut self, event: Event<'t>, at: EventSpan) -> Result<bool, GivenUp> {
        let span = self.span(&at);
        match event {
            Event::DocumentStart(..) => return Ok(self.start_document(span)),
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(Rc::from(&*text), style, anchor, tag.as_deref(), &at)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "seq", &at);
                self.tree
                    .open_sequence(span, anchor, style == StructureStyle::Flow)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "map", &at);
                self.tree
                    .open_mapping(span, anchor, style == StructureStyle::Flow)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.tree.close(span.end),
            Event::Anchor(id, _) => self.tree.name_anchor(id, span),
            Event::Alias(id) => {
                let name = self.slice(span).trim_start_matches('*').to_owned();
                self.tree.alias(id, &name, span)?;
            }
            Event::UnresolvedAlias(name) => self.tree.unknown_alias(&name, span)?,
            _ => {}
        }
        Ok(true)
    }

    /// Notes the first document; a second is refused and not read.
    fn start_document(&mut self, span: Span) -> bool {
        let Some(first) = self.first_document else {
            self.first_document = Some(span);
            return true;
        };
        self.tree
            .diagnostics
            .error(
                Code::MultipleDocuments,
                &place_of(span),
                "the file holds more than one YAML document",
            )
            .label("a second document begins here")
            .related(first, "the first document begins here")
            .help("keep each document in a file of its own");
        false
    }

    fn scalar(
        &mut self,
        mut text: Rc<str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: &EventSpan,
    ) -> Result<(), GivenUp> {
        let mut span = self.span(at);
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            if let Some(shorter) = text
                .strip_suffix('\n')
                .filter(|_| self.lacks_last_break(span))
            {
                text = shorter.into();
            }
            span.end = span.start + length(self.slice(span).trim_end());
        }
        // The parser spells a value that is not there as `~`.
        let is_absent = style == ScalarStyle::Plain && span.start == span.end;
        if is_absent {
            text = Rc::from("");
        }
        let is_key = self.tree.expects_key();
        if is_key {
            if is_merge_key(&text, style, tag) {
                self.tree.merge_key(span);
                return Ok(());
            }
            self.tree.key(Rc::clone(&text), span);
            if anchor == 0 {
                return Ok(());
            }
        }
        let value = self.value(&text, style, tag, span, at);
        let node = if is_key {
            Rc::new(Node { span, value })
        } else {
            self.tree.scalar(value, span)?
        };
        if anchor != 0 {
            self.tree.anchor_scalar(anchor, node, text);
        }
        Ok(())
    }

    fn value(
        &mut self,
        text: &Rc<str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
        at: &EventSpan,
    ) -> Value {
        let untagged = |reader: &mut Self| match style {
            ScalarStyle::Plain => reader.plain_value(text, span),
            _ => Value::String(Rc::clone(text)),
        };
        let Some(tag) = tag else {
            return untagged(self);
        };
        if tag.original() == "!" {
            return Value::String(Rc::clone(text));
        }
        match core_type(tag).as_deref() {
            Some("str" | "timestamp" | "binary") => Value::String(Rc::clone(text)),
            Some(kind @ ("null" | "bool" | "int" | "float")) => {
                self.tagged_value(kind, text, span, at)
            }
            Some(kind @ ("seq" | "map")) => {
                self.report_tag_mismatch(kind, "a scalar", at);
                Value::Null
            }
            _ => {
                self.warn_of_tag(at);
                untagged(self)
            }
        }
    }

    fn plain_value(&mut self, text: &Rc<str>, span: Span) -> Value {
        match Meaning::of(text) {
            Meaning::Null => Value::Null,
            Meaning::Bool(it) => Value::Bool(it),
            Meaning::Number(number) => {
                if number.leading_zeros {
                    let place = self.tree.place(span);
                    self.tree
                        .diagnostics
                        .warning(
                            Code::LeadingZeros,
                            &place,
                            format!("`{text}` is the number {}", number.text),
                        )
                        .label("the zeros in front mean nothing")
                        .help(format!("write `\"{text}\"` if the text is meant"));
                }
                Value::Number(number.text)
            }
            Meaning::NotFinite => {
                self.report_number(
                    span,
                    format!("`{text}` is no number in JSON"),
                    "JSON has neither infinity nor NaN",
                );
                Value::Null
            }
            Meaning::TooLong => {
                self.report_number(
                    span,
                    "the number does not fit into 128 bits".to_owned(),
                    "octal and hexadecimal numbers end there",
                );
                Value::Null
            }
            Meaning::String => Value::String(Rc::clone(text)),
        }
    }

    fn tagged_value(&mut self, kind: &str, text: &Rc<str>, span: Span, at: &EventSpan) -> Value {
        match (kind, Meaning::of(text)) {
            ("null", Meaning::Null) => Value::Null,
            ("bool", Meaning::Bool(it)) => Value::Bool(it),
            ("int", Meaning::Number(number)) if !number.text.contains(['.', 'e', 'E']) => {
                Value::Number(number.text)
            }
            ("float", Meaning::Number(number)) => Value::Number(number.text),
            ("int" | "float", Meaning::NotFinite | Meaning::TooLong) => {
                self.plain_value(text, span)
            }
            _ => {
                self.report_tag_mismatch(kind, &format!("`{text}`"), at);
                Value::Null
            }
        }
    }

    fn check_collection_tag(&mut self, tag: Option<&Tag>, own: &str, at: &EventSpan) {
        let Some(tag) = tag else {
            return;
        };
        match core_type(tag).as_deref() {
            Some(kind) if kind == own => {}
            Some(kind @ ("str" | "null" | "bool" | "int" | "float" | "seq" | "map")) => {
                let found = if own == "seq" { "a list" } else { "a mapping" };
                self.report_tag_mismatch(kind, found, at);
            }
            _ if tag.original() == "!" => {}
            _ => self.warn_of_tag(at),
        }
    }

    fn report_number(&mut self, span: Span, headline: String, label: &str) {
        let place = self.tree.place(span);
        self.tree
            .diagnostics
            .error(Code::NotAJsonNumber, &place, headline)
            .label(label)
            .help("put quotes around the value if it is text");
    }

    fn report_tag_mismatch(&mut self, kind: &str, found: &str, at: &EventSpan) {
        let place = self.tree.place(self.tag_span(at));
        self.tree
            .diagnostics
            .error(
                Code::TagMismatch,
                &place,
                format!("the tag `!!{kind}` does not fit {found}"),
            )
            .label("the tag")
            .help("remove the tag, or write a value of its type");
    }

    fn warn_of_tag(&mut self, at: &EventSpan) {
        let span = self.tag_span(at);
        let place = self.tree.place(span);
        let tag = self.slice(span).to_owned();
        self.tree
            .diagnostics
            .warning(
                Code::UnknownTag,
                &place,
                format!("the tag `{tag}` is not known"),
            )
            .label("read as if it were not there")
            .help("remove the tag: an OpenAPI document has JSON's types only");
    }

    fn report_empty(&mut self) {
        let place = Place::root(self.tree.span(0, 0).file);
        self.tree
            .diagnostics
            .error(Code::EmptyFile, &place, "the file is empty")
            .help("an OpenAPI document begins with `openapi: 3.1.1`");
    }

    /// Whether a block scalar ends with the file, and its last line has no line break. The parser adds one, but there
    /// is none to keep (YAML 1.2, section 8.1.1.2).
    fn lacks_last_break(&self, span: Span) -> bool {
        let last_line = self.text.rsplit('\n').next().unwrap_or("");
        span.end as usize == self.text.len() && !last_line.trim().is_empty()
    }

    fn tag_span(&self, at: &EventSpan) -> Span {
        match at.tag_span() {
            Some(tag) => self.span(&tag),
            None => self.span(at),
        }
    }

    fn slice(&self, span: Span) -> &'t str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    fn span(&self, at: &EventSpan) -> Span {
        let range = at.byte_range().unwrap_or(0..0);
        self.tree.span(offset(range.start), offset(range.end))
    }
}

/// The type that a tag of YAML's own namespace names: `!!int`.
fn core_type(tag: &Tag) -> Option<Cow<'_, str>> {
    tag.suffix_in_namespace("tag:yaml.org,2002:")
}

/// Whether a key merges: a plain `<<`, or one whose tag says so (YAML 1.1, merge type).
fn is_merge_key(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> bool {
    text == "<<"
        && match tag {
            Some(tag) => core_type(tag).as_deref() == Some("merge"),
            None => style == ScalarStyle::Plain,
        }
}

fn place_of(span: Span) -> Place {
    Place {
        span,
        ..Place::root(span.file)
    }
}

/// Files are limited to far less than 4 GiB before they are read.
pub(super) fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

fn length(text: &str) -> u32 {
    offset(text.len())
}
