//! Contents: what a body of each media type holds, and which media types share one type.

use std::rc::Rc;

use super::{
    Lowering,
    direction::Direction,
    facet::{Conjunction, Facets},
    name,
    schema::{Peeled, key},
};
use crate::{
    diagnostic::Code,
    document::{Located, MediaType, OrReference, Schema},
    ir::{Check, Content, Contents, MediaContent, StreamItem, Type, TypeKind, Value},
};

/// A media type or range, in lower case and without parameters.
pub(super) struct Essence(String);

impl Essence {
    pub(super) fn of(media_type: &str) -> Self {
        let essence = media_type.split(';').next().unwrap_or("");
        Self(essence.trim().to_ascii_lowercase())
    }

    /// Whether it is JSON text (RFC 6839, section 3.1).
    pub(super) fn is_json(&self) -> bool {
        self.0 == "application/json" || self.0 == "text/json" || self.0.ends_with("+json")
    }

    /// Whether it says what to change (RFC 7396).
    fn is_merge_patch(&self) -> bool {
        self.0 == "application/merge-patch+json"
    }

    /// Whether it is XML (RFC 7303).
    fn is_xml(&self) -> bool {
        self.0 == "application/xml" || self.0 == "text/xml" || self.0.ends_with("+xml")
    }

    pub(super) fn is_text(&self) -> bool {
        self.0.starts_with("text/")
    }

    pub(super) fn is_plain_text(&self) -> bool {
        self.0 == "text/plain"
    }

    fn is_range(&self) -> bool {
        self.0.ends_with("/*")
    }

    /// Whether `application/json` is one of its types.
    fn admits_json(&self) -> bool {
        self.0 == "*/*" || self.0 == "application/*"
    }

    /// Whether it is one item after the other (OAS 3.2, Sequential Media Types).
    fn is_sequence(&self) -> bool {
        self.is_events()
            || self.0.ends_with("+json-seq")
            || matches!(
                self.0.as_str(),
                "application/jsonl"
                    | "application/jsonlines"
                    | "application/x-jsonlines"
                    | "application/x-ndjson"
                    | "application/ndjson"
                    | "application/json-seq"
            )
    }

    /// Whether its items are server-sent events.
    pub(super) fn is_events(&self) -> bool {
        self.0 == "text/event-stream"
    }

    pub(super) fn is_form(&self) -> bool {
        self.0 == "application/x-www-form-urlencoded"
    }

    pub(super) fn is_multipart(&self) -> bool {
        self.0.starts_with("multipart/") && !self.is_range()
    }
}

/// What could be made of one media type.
pub(super) enum Found {
    Content(Content),
    /// Nothing that has a type yet, and why.
    Untyped(String),
}

/// One media type of a body.
struct Candidate {
    key: Located<Rc<str>>,
    essence: Essence,
    media_type: Rc<MediaType>,
}

impl Lowering<'_> {
    /// What a body may hold. Media types whose contents are the same share one type; where several remain, `hint` names
    /// their enum.
    pub(super) fn contents(
        &mut self,
        content: &[(Located<Rc<str>>, OrReference<MediaType>)],
        hint: &str,
        direction: Direction,
    ) -> Option<Contents> {
        let mut candidates = Vec::new();
        for (key, media_type) in content {
            if let Some(media_type) = self.references.media_type(media_type, self.diagnostics) {
                let essence = Essence::of(&key.value);
                if media_type.item_schema.is_some()
                    && !essence.is_sequence()
                    && !essence.is_multipart()
                {
                    let place = media_type.place.clone();
                    self.unsupported(&place, "`itemSchema` of a media type that has no items");
                }
                // What stands for other media types is their text, or what becomes their text.
                if let Some(schema) = media_type.schema.as_ref().filter(|_| essence.is_json()) {
                    self.check_examples_of(&media_type.place, schema, &media_type.examples);
                }
                candidates.push(Candidate {
                    key: key.clone(),
                    essence,
                    media_type,
                });
            }
        }
        let is_alone = candidates.len() == 1;
        let only_kind = self.is_one_kind(&candidates);
        let mut list: Vec<MediaContent> = Vec::new();
        let mut left: Vec<(Candidate, String)> = Vec::new();
        let says_json = candidates
            .iter()
            .any(|it| it.essence.0 == "application/json");
        let mut ranges: Vec<(Candidate, Content)> = Vec::new();
        for candidate in candidates {
            let hint = if only_kind {
                hint.to_owned()
            } else {
                format!("{hint}{}", kind_name(&candidate.essence))
            };
            let found = if candidate.essence.is_xml() && !is_alone {
                Found::Untyped("XML is neither read nor written".to_owned())
            } else {
                self.content(&candidate, &hint, direction)
            };
            match self.streamed(&candidate, found, direction) {
                Found::Content(content @ Content::Json(_))
                    if says_json && candidate.essence.is_range() =>
                {
                    ranges.push((candidate, content));
                }
                Found::Content(content) => {
                    self.warn_of_range(&candidate, &content, direction);
                    add(&mut list, &candidate, content);
                }
                Found::Untyped(why) => left.push((candidate, why)),
            }
        }
        // Of a range only JSON could be told, and the more specific key says what that is (OAS 3.2, Media Type Object).
        for (candidate, content) in ranges {
            if list.iter().any(|it| it.content == content) {
                self.warn_of_range(&candidate, &content, direction);
                add(&mut list, &candidate, content);
            } else {
                let why = "only JSON fits its schema, and `application/json` has one of its own";
                left.push((candidate, why.to_owned()));
            }
        }
        if list.is_empty() {
            // Where nothing has a type, bytes are better than nothing.
            for (candidate, why) in left {
                self.diagnostics
                    .warning(
                        Code::NotTypedYet,
                        &candidate.key.place,
                        format!("`{}` is not typed yet: {why}", candidate.key.value),
                    )
                    .label("the handler gets and returns the bytes as they are");
                let content = bytes(&candidate.essence, direction);
                add(&mut list, &candidate, content);
            }
        } else {
            for (candidate, why) in left {
                let label = match direction {
                    Direction::Read => "no response is written in it",
                    Direction::Write | Direction::Patch => "a request with it is answered with 415",
                };
                self.diagnostics
                    .warning(
                        Code::ContentNotServed,
                        &candidate.key.place,
                        format!("`{}` is not served: {why}", candidate.key.value),
                    )
                    .label(label);
            }
        }
        name_variants(&mut list);
        let name = match list.len() {
            0 => return None,
            1 => None,
            // One value in several media types: which of them is the client's to say.
            _ if direction == Direction::Read && is_one_value(&list) => None,
            _ => {
                let pointer = content
                    .first()
                    .map_or_else(String::new, |(key, _)| key.place.pointer.to_string());
                Some(self.names.reserve(hint, &format!("{pointer} contents")))
            }
        };
        Some(Contents { name, list })
    }

    /// Whether all of the media types will share one type, as far as that can be told before there are types.
    fn is_one_kind(&mut self, candidates: &[Candidate]) -> bool {
        let mut kinds: Vec<(&'static str, Option<String>)> = Vec::new();
        let served = candidates.iter().filter(|it| !it.essence.is_xml());
        for candidate in served {
            let schema =
                candidate
                    .media_type
                    .schema
                    .as_ref()
                    .map(|schema| match self.peel(schema) {
                        Peeled::Named(target) | Peeled::Inline(target) => key(&target),
                    });
            let kind = (kind_name(&candidate.essence), schema);
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds.len() < 2
    }

    /// What one media type holds.
    fn content(&mut self, candidate: &Candidate, hint: &str, direction: Direction) -> Found {
        let Candidate {
            essence,
            media_type,
            ..
        } = candidate;
        if essence.is_sequence() && !self.is_opaque(essence, media_type) {
            return self.stream(essence, media_type, hint, direction);
        }
        let is_positional = essence.is_multipart() && self.is_positional(media_type);
        self.warn_of_encodings(media_type, is_positional);
        if is_positional {
            return match self.positional(media_type, hint, direction) {
                Ok(content) => Found::Content(content),
                Err(why) => Found::Untyped(why.to_owned()),
            };
        }
        let Some(schema) = &media_type.schema else {
            return Found::Content(if essence.is_json() {
                Content::Json(Value::plain(Type::Json))
            } else if essence.is_text() {
                Content::Text(Value::plain(Type::String))
            } else {
                bytes(essence, direction)
            });
        };
        if essence.is_json() {
            let direction = if essence.is_merge_patch() && direction == Direction::Write {
                Direction::Patch
            } else {
                direction
            };
            return Found::Content(Content::Json(self.value_of(schema, hint, direction)));
        }
        let is_form = essence.is_form() || essence.is_multipart();
        if is_form && !self.is_opaque(essence, media_type) {
            let is_received = direction != Direction::Read;
            if essence.is_multipart() && is_received && self.is_flow(schema, media_type) {
                return match self.flow(schema, media_type, hint) {
                    Ok(content) => Found::Content(content),
                    Err(why) => Found::Untyped(why.to_owned()),
                };
            }
            let form = if essence.is_multipart() {
                self.multipart(schema, media_type, hint, direction)
            } else {
                self.urlencoded(schema, media_type, hint, direction)
            };
            return match form {
                Ok(form) if essence.is_multipart() => Found::Content(Content::Multipart(form)),
                Ok(form) => Found::Content(Content::Form(form)),
                Err(why) => Found::Untyped(why.to_owned()),
            };
        }
        let facets = self.gather(&Conjunction::of(schema));
        if facets.says_string() || facets.says_nothing() {
            return self.string_content(schema, &facets, essence, hint, direction);
        }
        if essence.is_text() {
            let value = self.value_of(schema, hint, direction);
            if self.is_text(&value) {
                return Found::Content(Content::Text(value));
            }
        }
        if essence.admits_json() {
            return Found::Content(Content::Json(self.value_of(schema, hint, direction)));
        }
        Found::Untyped("its schema describes neither text nor plain bytes".to_owned())
    }

    /// Whether the parts of a form are handed over as they come: where `x-stream` says so, or the options for its files.
    fn is_flow(&mut self, schema: &Rc<Schema>, media_type: &MediaType) -> bool {
        match &media_type.stream {
            Some(stream) => stream.value,
            None => {
                self.options.stream_bytes
                    && self.has_files(schema, media_type)
                    && self.can_flow(schema)
            }
        }
    }

    /// Bytes that flow, where `x-stream` says so.
    fn streamed(&mut self, candidate: &Candidate, found: Found, direction: Direction) -> Found {
        let flowing = |content| match content {
            Content::Bytes => Content::ByteStream,
            Content::Media => Content::MediaStream,
            content => content,
        };
        let Some(stream) = &candidate.media_type.stream else {
            return match found {
                Found::Content(content) if self.options.stream_bytes => {
                    Found::Content(flowing(content))
                }
                found => found,
            };
        };
        match found {
            Found::Content(content @ (Content::Bytes | Content::Media)) => {
                Found::Content(if stream.value {
                    flowing(content)
                } else {
                    content
                })
            }
            found @ Found::Content(Content::Multipart(_))
                if direction == Direction::Read && stream.value =>
            {
                self.diagnostics
                    .error(
                        Code::InvalidExtension,
                        &stream.place,
                        "the parts of a response are not handed over one by one",
                    )
                    .help("leave `x-stream` out: a file on disk is read while it is sent");
                found
            }
            found @ Found::Content(Content::PartStream(_) | Content::Multipart(_)) => found,
            Found::Untyped(why) if candidate.essence.is_multipart() => {
                self.diagnostics.error(
                    Code::InvalidExtension,
                    &stream.place,
                    format!("the parts cannot be handed over as they come: {why}"),
                );
                Found::Untyped(why)
            }
            found => {
                self.diagnostics
                    .error(
                        Code::InvalidExtension,
                        &stream.place,
                        "`x-stream` is about bytes as they are, and the parts of a form",
                    )
                    .help("write `schema: {}`, or `type: string` with `format: binary`");
                found
            }
        }
    }

    /// Says that of a range nothing but JSON is read.
    fn warn_of_range(&mut self, candidate: &Candidate, content: &Content, direction: Direction) {
        let is_json = matches!(content, Content::Json(_)) && candidate.essence.admits_json();
        if !is_json || direction == Direction::Read {
            return;
        }
        let range = &candidate.key.value;
        self.diagnostics
            .warning(
                Code::ContentNotServed,
                &candidate.key.place,
                format!("of `{range}` only JSON is read into this schema"),
            )
            .label("a request with another content type is answered with 415")
            .help("write `application/json`");
    }

    /// Whether what has parts is described as one text, or as bytes.
    fn is_opaque(&mut self, essence: &Essence, media_type: &MediaType) -> bool {
        let Some(schema) = &media_type.schema else {
            return false;
        };
        let facets = self.gather(&Conjunction::of(schema));
        media_type.item_schema.is_none() && !essence.is_events() && facets.says_string()
    }

    /// Says which encodings are for another kind of content (OAS 3.2, Media Type Object).
    fn warn_of_encodings(&mut self, media_type: &MediaType, is_positional: bool) {
        let by_position = media_type.prefix_encoding.iter();
        let by_position = by_position.chain(&media_type.item_encoding);
        let by_name = media_type.encoding.iter().map(|(_, encoding)| encoding);
        let (wrong, headline) = match is_positional {
            true => (
                by_name.collect::<Vec<_>>(),
                "`encoding` is for parts with names; it is ignored, since these are told by their positions",
            ),
            false => (
                by_position.collect(),
                "an encoding by position is ignored, since the content is no multipart with an array or an `itemSchema`",
            ),
        };
        if let Some(first) = wrong.first() {
            self.diagnostics
                .warning(Code::IgnoredField, &first.place, headline);
        }
    }

    /// A string outside of JSON: text, or bytes where nothing but that is asked.
    fn string_content(
        &mut self,
        schema: &Rc<Schema>,
        facets: &Facets,
        essence: &Essence,
        hint: &str,
        direction: Direction,
    ) -> Found {
        let asks_nothing = facets.textual.is_empty() && !facets.asks_of_values();
        if facets.is_binary() {
            return if asks_nothing {
                Found::Content(bytes(essence, direction))
            } else {
                Found::Untyped("what its schema asks of the bytes is not checked".to_owned())
            };
        }
        if !essence.is_text() {
            let is_plain = facets.formats.is_empty() && asks_nothing;
            if is_plain {
                return Found::Content(bytes(essence, direction));
            }
        }
        let value = self.value_of(schema, hint, direction);
        if self.is_text(&value) {
            Found::Content(Content::Text(value))
        } else {
            Found::Untyped("its schema does not describe text".to_owned())
        }
    }

    /// Whether a text without quotes can be the value.
    pub(super) fn is_text(&self, value: &Value) -> bool {
        self.is_text_within(value, 16)
    }

    fn is_text_within(&self, value: &Value, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        match &value.ty {
            Type::Named(id) => match self.types.get(id.0).map(|def| &def.kind) {
                Some(TypeKind::Enum(_)) => true,
                Some(TypeKind::Newtype(value) | TypeKind::Alias(value)) => {
                    self.is_text_within(value, depth)
                }
                Some(TypeKind::Union(union)) => union
                    .variants
                    .iter()
                    .all(|variant| self.is_text_within(&variant.value, depth)),
                _ => false,
            },
            Type::Nullable(inner) => self.is_text_within(inner, depth),
            Type::Array(_)
            | Type::Tuple(_)
            | Type::Map(_)
            | Type::Json
            | Type::JsonText(_)
            | Type::Null
            | Type::Upload
            | Type::Part(_) => false,
            _ => true,
        }
    }
}

/// Bytes as they are; of a range, the handler says which media type they are.
fn bytes(essence: &Essence, direction: Direction) -> Content {
    match direction {
        Direction::Read if essence.is_range() => Content::Media,
        _ => Content::Bytes,
    }
}

/// Adds a media type to the contents, to one that holds the same where there is one.
fn add(list: &mut Vec<MediaContent>, candidate: &Candidate, content: Content) {
    let mut media_type = candidate.key.value.to_string();
    // Of a range of which only JSON is served, nothing else is announced.
    if matches!(content, Content::Json(_)) && candidate.essence.is_range() {
        media_type = "application/json".to_owned();
    }
    match list.iter_mut().find(|it| it.content == content) {
        Some(same) if same.media_types.contains(&media_type) => {}
        Some(same) => same.media_types.push(media_type),
        None => list.push(MediaContent {
            variant: kind_name(&candidate.essence).to_owned(),
            media_types: vec![media_type],
            content,
        }),
    }
}

/// Whether all contents are the same value, written as JSON, as text or as a form.
fn is_one_value(list: &[MediaContent]) -> bool {
    let value = |it: &MediaContent| match &it.content {
        Content::Json(value) | Content::Text(value) => Some(value.clone()),
        Content::Form(form) | Content::Multipart(form) => Some(form.value.clone()),
        _ => None,
    };
    let first = list.first().and_then(value);
    first.is_some() && list.iter().all(|it| value(it) == first)
}

/// What contents of a media type are called.
fn kind_name(essence: &Essence) -> &'static str {
    if essence.is_json() || essence.admits_json() {
        "Json"
    } else if essence.is_form() {
        "Form"
    } else if essence.is_multipart() {
        "Multipart"
    } else if essence.is_events() {
        "Events"
    } else if essence.is_sequence() {
        "Items"
    } else if essence.is_text() {
        "Text"
    } else {
        "Bytes"
    }
}

/// Names the variants by what they hold, and where that is not enough, by their media types.
fn name_variants(list: &mut [MediaContent]) {
    for it in list.iter_mut() {
        it.variant = match &it.content {
            Content::Json(_) => "Json",
            Content::Text(_) => "Text",
            Content::Bytes => "Bytes",
            Content::Media => "Media",
            Content::Stream(stream) => match stream.item {
                StreamItem::Json(_) | StreamItem::Part(_) => "Items",
                _ => "Events",
            },
            Content::ByteStream | Content::MediaStream | Content::PartStream(_) => "Stream",
            Content::Upgrade => "Upgrade",
            Content::Form(_) => "Form",
            Content::Multipart(_) | Content::Parts(_) => "Multipart",
        }
        .to_owned();
    }
    let kinds: Vec<String> = list.iter().map(|it| it.variant.clone()).collect();
    let mut names: Vec<String> = list
        .iter()
        .map(|it| {
            let is_first = list.iter().find(|other| other.variant == it.variant);
            let is_alone = kinds.iter().filter(|kind| **kind == it.variant).count() == 1;
            let media_type = it.media_types.first().map_or("", String::as_str);
            if is_alone || is_first.is_some_and(|first| std::ptr::eq(first, it)) {
                return it.variant.clone();
            }
            let subtype = media_type.split_once('/').map_or(media_type, |(_, it)| it);
            match subtype {
                "*" => format!("Any{}", it.variant),
                subtype => name::type_name(subtype.trim_end_matches("+json")),
            }
        })
        .collect();
    name::distinct(&mut names);
    for (it, name) in list.iter_mut().zip(names) {
        it.variant = name;
    }
}

/// Whether a check is about the length of a text, which for a file is the number of its bytes.
pub(super) fn is_length(check: &Check) -> bool {
    matches!(check, Check::MinLength(_) | Check::MaxLength(_))
}
