//! Contents: media types and their encodings.

use std::rc::Rc;

use crate::{
    diagnostic::Code,
    document::{
        Dialect, Encoding, Located, MediaType, Members, OrReference, Schema, Style, token,
        token::MediaTypeSyntax,
    },
    source::{Mapping, Node, Place},
};

use super::{Field, Reader, fields, is_extension};

pub(super) const MEDIA_TYPE: &[&str] = &[
    "schema",
    "itemSchema",
    "example",
    "examples",
    "encoding",
    "prefixEncoding",
    "itemEncoding",
];
pub(super) const ENCODING: &[&str] = &[
    "contentType",
    "headers",
    "style",
    "explode",
    "allowReserved",
    "encoding",
    "prefixEncoding",
    "itemEncoding",
];

impl Reader<'_> {
    /// Reads what a body may be, by media type.
    pub(super) fn content(
        &mut self,
        field: &Field<'_>,
    ) -> Vec<(Located<Rc<str>>, OrReference<MediaType>)> {
        let place = field.place();
        let mut content = Vec::new();
        for field in self
            .fields(field.node, &place, "`content`")
            .into_iter()
            .flatten()
        {
            let place = field.place();
            if is_extension(field.key) {
                continue;
            }
            if !self.is_media_type(field.key, &place) {
                continue;
            }
            if let Some(media_type) = self.read_media_type(field.node, &place) {
                let value = Rc::clone(field.key);
                content.push((Located { value, place }, media_type));
            }
        }
        content
    }

    /// Reads a media type or a reference to one.
    pub fn read_media_type(
        &mut self,
        node: &Rc<Node>,
        place: &Place,
    ) -> Option<OrReference<MediaType>> {
        self.or_reference(node, place, Self::media_type)
    }

    fn media_type(&mut self, node: &Rc<Node>, place: &Place) -> Option<MediaType> {
        let mapping = self.mapping(node, place, "a media type")?;
        let mut media_type = MediaType {
            place: place.clone(),
            schema: None,
            item_schema: None,
            stream: None,
            encoding: Vec::new(),
            prefix_encoding: Vec::new(),
            item_encoding: None,
            examples: Vec::new(),
        };
        for field in fields(mapping, place) {
            match &**field.key {
                "schema" => media_type.schema = self.read_schema(field.node, &field.place()),
                // Servers made with FastAPI write it in 3.1 documents as well.
                "itemSchema" => {
                    media_type.item_schema = self.read_schema(field.node, &field.place());
                }
                "encoding" => {
                    media_type.encoding = self.encodings(&field);
                }
                "prefixEncoding" => {
                    self.newer_field(&field, Dialect::V3_2);
                    media_type.prefix_encoding = self.prefix_encoding(&field);
                }
                "itemEncoding" => {
                    self.newer_field(&field, Dialect::V3_2);
                    let place = field.place();
                    let mapping = self.mapping(field.node, &place, "an encoding");
                    media_type.item_encoding = mapping.map(|it| self.encoding(it, &place));
                }
                "example" | "examples" => media_type.examples.extend(example_values(&field)),
                "x-stream" => {
                    media_type.stream = self.flag(&field).map(|value| Located {
                        value,
                        place: field.place(),
                    });
                }
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "a media type", mapping, MEDIA_TYPE),
            }
        }
        self.check_encoded_properties(&media_type);
        Some(media_type)
    }

    fn encodings(&mut self, field: &Field<'_>) -> Members<Encoding> {
        let place = field.place();
        let mut encodings = Vec::new();
        for field in self
            .fields(field.node, &place, "`encoding`")
            .into_iter()
            .flatten()
        {
            if is_extension(field.key) && field.node.as_mapping().is_none() {
                continue;
            }
            let place = field.place();
            let Some(mapping) = self.mapping(field.node, &place, "an encoding") else {
                continue;
            };
            let encoding = self.encoding(mapping, &place);
            encodings.push((Rc::clone(field.key), encoding));
        }
        encodings
    }

    fn prefix_encoding(&mut self, field: &Field<'_>) -> Vec<Encoding> {
        let place = field.place();
        let items = self.items(field.node, &place, "`prefixEncoding`");
        let items: Vec<_> = items.into_iter().flatten().collect();
        let mut encodings = Vec::new();
        for (node, place) in items {
            if let Some(mapping) = self.mapping(node, &place, "an encoding") {
                encodings.push(self.encoding(mapping, &place));
            }
        }
        encodings
    }

    fn encoding(&mut self, mapping: &Mapping, place: &Place) -> Encoding {
        let mut encoding = Encoding {
            place: place.clone(),
            content_type: None,
            headers: Vec::new(),
            style: None,
            explode: None,
            allow_reserved: None,
        };
        for field in fields(mapping, place) {
            match &**field.key {
                "contentType" => {
                    self.content_types(&field);
                    encoding.content_type = field.node.as_str().map(|types| Located {
                        value: types.into(),
                        place: field.place(),
                    });
                }
                "headers" => encoding.headers = self.headers(&field),
                "style" => encoding.style = self.encoding_style(&field),
                "explode" => encoding.explode = self.flag(&field),
                "allowReserved" => encoding.allow_reserved = self.flag(&field),
                "encoding" | "prefixEncoding" | "itemEncoding" => {
                    self.newer_field(&field, Dialect::V3_2);
                    self.unsupported(
                        &field.place(),
                        &format!("`{}` inside of an encoding", field.key),
                    );
                }
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "an encoding", mapping, ENCODING),
            }
        }
        encoding
    }

    fn content_types(&mut self, field: &Field<'_>) {
        let Some(types) = self.string(field) else {
            return;
        };
        for name in types.split(',').map(str::trim) {
            self.is_media_type(name, &field.place());
        }
    }

    /// Whether the text can be used as a media type.
    fn is_media_type(&mut self, text: &str, place: &Place) -> bool {
        let syntax = token::media_type_syntax(text);
        let name = text.escape_debug();
        match syntax {
            MediaTypeSyntax::Valid => {}
            MediaTypeSyntax::WrongParameter => {
                self.warning(
                    Code::InvalidMediaType,
                    place,
                    format!("`{name}` has a parameter that is none"),
                )
                .label("expected `name=value` after the `;`");
            }
            MediaTypeSyntax::Invalid => {
                self.error(
                    Code::InvalidMediaType,
                    place,
                    format!("`{name}` is not a media type"),
                )
                .help("write one such as `application/json`");
            }
        }
        syntax != MediaTypeSyntax::Invalid
    }

    fn encoding_style(&mut self, field: &Field<'_>) -> Option<Style> {
        let style = self.string(field)?;
        let found = match &*style {
            "form" => Some(Style::Form),
            "spaceDelimited" => Some(Style::SpaceDelimited),
            "pipeDelimited" => Some(Style::PipeDelimited),
            "deepObject" => Some(Style::DeepObject),
            _ => None,
        };
        if found.is_none() {
            let style = style.escape_debug();
            self.error(
                Code::InvalidStyle,
                &field.place(),
                format!("the style `{style}` is not one for a form"),
            )
            .label("expected `form`, `spaceDelimited`, `pipeDelimited` or `deepObject`");
        }
        found
    }

    /// Encodings of properties that the schema, where it says all of its properties itself, does not have.
    fn check_encoded_properties(&mut self, media_type: &MediaType) {
        let Some(schema) = &media_type.schema else {
            return;
        };
        if !says_all_properties(schema) {
            return;
        }
        for (key, encoding) in &media_type.encoding {
            if is_extension(key) || schema.properties.iter().any(|(name, _)| name == key) {
                continue;
            }
            let key = key.escape_debug();
            self.warning(
                Code::UnknownProperty,
                &encoding.place,
                format!(
                    "`encoding` names `{key}`, which is not a property of the schema; it is ignored"
                ),
            );
        }
    }
}

fn says_all_properties(schema: &Schema) -> bool {
    !schema.properties.is_empty()
        && schema.reference.is_none()
        && schema.dynamic_reference.is_none()
        && schema.all_of.is_none()
        && schema.any_of.is_none()
        && schema.one_of.is_none()
        && schema.additional_properties.is_none()
        && schema.pattern_properties.is_empty()
}

/// The value of `example`, or those of `examples` that are written out (OAS 3.2, Example Object).
pub(super) fn example_values(field: &Field<'_>) -> Vec<Located<Rc<Node>>> {
    let place = field.place();
    if &**field.key == "example" {
        return vec![Located {
            value: Rc::clone(field.node),
            place,
        }];
    }
    let examples = field.node.as_mapping();
    let examples = examples.into_iter().flat_map(|it| fields(it, &place));
    examples
        .filter_map(|example| {
            let place = example.place();
            let mapping = example.node.as_mapping()?;
            let value = fields(mapping, &place)
                .find(|field| matches!(&**field.key, "value" | "dataValue"))?;
            Some(Located {
                value: Rc::clone(value.node),
                place: value.place(),
            })
        })
        .collect()
}
