//! Parameters and headers.

use std::rc::Rc;

use crate::{
    diagnostic::Code,
    document::{
        Dialect, Header, Located, OrReference, Parameter, ParameterLocation, ParameterValue,
        Schema, Style, token,
    },
    source::{Mapping, Node, Place},
};

use super::{Field, Reader, content::example_values, fields, is_extension, push_extension};

pub(super) const PARAMETER: &[&str] = &[
    "name",
    "in",
    "description",
    "required",
    "deprecated",
    "allowEmptyValue",
    "style",
    "explode",
    "allowReserved",
    "schema",
    "content",
    "example",
    "examples",
];
pub(super) const HEADER: &[&str] = &[
    "description",
    "required",
    "deprecated",
    "style",
    "explode",
    "schema",
    "content",
    "example",
    "examples",
];

/// What parameters and headers have in common.
#[derive(Default)]
struct Common {
    description: Option<Rc<str>>,
    required: bool,
    deprecated: bool,
    style: Option<Located<Rc<str>>>,
    explode: Option<bool>,
    schema: Option<Rc<Schema>>,
    content: Option<ParameterValue>,
    examples: Vec<Located<Rc<Node>>>,
}

impl Reader<'_> {
    /// Reads a parameter or a reference to one.
    pub fn read_parameter(
        &mut self,
        node: &Rc<Node>,
        place: &Place,
    ) -> Option<OrReference<Parameter>> {
        self.or_reference(node, place, Self::parameter)
    }

    fn parameter(&mut self, node: &Rc<Node>, place: &Place) -> Option<Parameter> {
        let mapping = self.mapping(node, place, "a parameter")?;
        let mut common = Common::default();
        let (mut name, mut location, mut extensions) = (None, None, Vec::new());
        let (mut allow_empty_value, mut allow_reserved) = (false, false);
        for field in fields(mapping, place) {
            match &**field.key {
                "name" => name = self.located_string(&field),
                "in" => location = self.location(&field),
                "allowEmptyValue" => allow_empty_value = self.flag(&field).unwrap_or(false),
                "allowReserved" => allow_reserved = self.flag(&field).unwrap_or(false),
                key if is_extension(key) => push_extension(&mut extensions, &field),
                _ => self.common_field(&mut common, &field, mapping, "a parameter", PARAMETER),
            }
        }
        for required in ["name", "in"] {
            if mapping.get(required).is_none() {
                self.error(
                    Code::MissingField,
                    place,
                    format!("the parameter has no `{required}`"),
                );
            }
        }
        let (name, location) = (name?, location?);
        if location == ParameterLocation::Header && !token::is_token(&name.value) {
            let text = name.value.escape_debug();
            self.error(
                Code::InvalidHeaderName,
                &name.place,
                format!("`{text}` is not a header name"),
            )
            .label("letters, digits and ``!#$%&'*+-.^_`|~`` only");
        }
        self.check_required(&mut common, location, mapping, place);
        let style = self.style(&common, location);
        let value = self.value(&mut common, mapping, place, "the parameter")?;
        if location == ParameterLocation::Querystring && matches!(value, ParameterValue::Schema(_))
        {
            self.error(
                Code::MissingField,
                place,
                "a parameter `in: querystring` needs `content`, not `schema`",
            );
        }
        let parameter = Parameter {
            place: place.clone(),
            name,
            location,
            description: common.description,
            required: common.required,
            deprecated: common.deprecated,
            allow_empty_value,
            style,
            explode: common
                .explode
                .unwrap_or(matches!(style, Style::Form | Style::Cookie)),
            allow_reserved,
            value,
            examples: common.examples,
            extensions,
        };
        if parameter.is_ignored() {
            let name = &parameter.name.value;
            self.warning(Code::IgnoredField, place, format!("the header parameter `{name}` is ignored"))
                .help("`Accept` and `Content-Type` follow from `content`, `Authorization` from `security`");
        }
        Some(parameter)
    }

    /// Reads a header or a reference to one.
    pub fn read_header(&mut self, node: &Rc<Node>, place: &Place) -> Option<OrReference<Header>> {
        self.or_reference(node, place, Self::header)
    }

    fn header(&mut self, node: &Rc<Node>, place: &Place) -> Option<Header> {
        let mapping = self.mapping(node, place, "a header")?;
        let mut common = Common::default();
        for field in fields(mapping, place).filter(|field| !is_extension(field.key)) {
            self.common_field(&mut common, &field, mapping, "a header", HEADER);
        }
        self.style(&common, ParameterLocation::Header);
        if mapping.get("schema").is_none() && mapping.get("content").is_none() {
            self.warning(
                Code::MissingField,
                place,
                "the header has neither `schema` nor `content`; any text is allowed",
            );
            common.schema = Some(Rc::new(Schema::new(place.clone())));
        }
        Some(Header {
            place: place.clone(),
            description: common.description.take(),
            required: common.required,
            deprecated: common.deprecated,
            explode: common.explode.unwrap_or(false),
            value: self.value(&mut common, mapping, place, "the header")?,
        })
    }

    /// Reads named headers.
    pub(super) fn headers(
        &mut self,
        field: &Field<'_>,
    ) -> Vec<(Located<Rc<str>>, OrReference<Header>)> {
        if self.is_blank(field) {
            return Vec::new();
        }
        let place = field.place();
        let mut headers = Vec::new();
        for field in self
            .fields(field.node, &place, "`headers`")
            .into_iter()
            .flatten()
        {
            let place = field.place();
            if is_extension(field.key) && field.node.as_mapping().is_none() {
                continue;
            }
            if !token::is_token(field.key) {
                self.error(
                    Code::InvalidHeaderName,
                    &place,
                    format!("`{}` is not a header name", field.key.escape_debug()),
                )
                .label("letters, digits and ``!#$%&'*+-.^_`|~`` only");
                continue;
            }
            if let Some(header) = self.read_header(field.node, &place) {
                let value = Rc::clone(field.key);
                headers.push((Located { value, place }, header));
            }
        }
        headers
    }

    fn common_field(
        &mut self,
        common: &mut Common,
        field: &Field<'_>,
        siblings: &Mapping,
        what: &str,
        known: &[&'static str],
    ) {
        match &**field.key {
            "description" => common.description = self.text(field),
            "required" => common.required = self.flag(field).unwrap_or(false),
            "deprecated" => common.deprecated = self.flag(field).unwrap_or(false),
            "style" => common.style = self.located_string(field),
            "explode" => common.explode = self.flag(field),
            "schema" => common.schema = self.read_schema(field.node, &field.place()),
            "content" => common.content = self.parameter_content(field),
            "example" | "examples" => common.examples.extend(example_values(field)),
            _ => self.unknown_field(field, what, siblings, known),
        }
    }

    fn parameter_content(&mut self, field: &Field<'_>) -> Option<ParameterValue> {
        let content = self.content(field);
        let place = field.place();
        if field
            .node
            .as_mapping()
            .is_some_and(|mapping| mapping.entries().len() != 1)
        {
            self.error(
                Code::EmptyContent,
                &place,
                "the `content` of a parameter or header must have exactly one media type",
            );
        }
        content
            .into_iter()
            .next()
            .map(|(name, value)| ParameterValue::Content(name.value, value))
    }

    fn value(
        &mut self,
        common: &mut Common,
        mapping: &Mapping,
        place: &Place,
        what: &str,
    ) -> Option<ParameterValue> {
        let has = |name| mapping.get(name).is_some();
        match (has("schema"), has("content")) {
            (true, true) => {
                self.error(
                    Code::InvalidValue,
                    place,
                    format!("{what} has both `schema` and `content`"),
                )
                .help("keep one of them");
            }
            (false, false) => {
                self.error(
                    Code::MissingField,
                    place,
                    format!("{what} has neither `schema` nor `content`"),
                )
                .help("write `schema: {type: string}`, or another type");
            }
            _ => {}
        }
        // One with an unusable schema is read on as one that says nothing: the schema has its own diagnostic.
        let schema = common.schema.take().map(ParameterValue::Schema);
        schema
            .or_else(|| common.content.take())
            .or_else(|| Some(ParameterValue::Schema(Rc::new(Schema::new(place.clone())))))
    }

    fn location(&mut self, field: &Field<'_>) -> Option<ParameterLocation> {
        let location = match &*self.string(field)? {
            "path" => ParameterLocation::Path,
            "query" => ParameterLocation::Query,
            "header" => ParameterLocation::Header,
            "cookie" => ParameterLocation::Cookie,
            "querystring" => {
                self.newer_field(field, Dialect::V3_2);
                ParameterLocation::Querystring
            }
            other => {
                let other = other.escape_debug();
                let diagnostic = self
                    .error(
                        Code::InvalidValue,
                        &field.place(),
                        format!("`{other}` is not a place for a parameter"),
                    )
                    .label("expected `path`, `query`, `header` or `cookie`");
                if matches!(field.node.as_str(), Some("body" | "formData")) {
                    diagnostic.help("this is Swagger 2.0; write a `requestBody`");
                }
                return None;
            }
        };
        Some(location)
    }

    fn check_required(
        &mut self,
        common: &mut Common,
        location: ParameterLocation,
        mapping: &Mapping,
        place: &Place,
    ) {
        if location == ParameterLocation::Path && !common.required {
            let says = if mapping.get("required").is_some() {
                "says `required: false`"
            } else {
                "has no `required: true`"
            };
            self.error(
                Code::OptionalPathParameter,
                place,
                format!("a path parameter is always there, but this one {says}"),
            )
            .help("write `required: true`");
            common.required = true;
        }
    }

    fn style(&mut self, common: &Common, location: ParameterLocation) -> Style {
        let (default, allowed): (Style, &[(&str, Style)]) = match location {
            ParameterLocation::Path => (
                Style::Simple,
                &[
                    ("matrix", Style::Matrix),
                    ("label", Style::Label),
                    ("simple", Style::Simple),
                ],
            ),
            ParameterLocation::Query => (
                Style::Form,
                &[
                    ("form", Style::Form),
                    ("spaceDelimited", Style::SpaceDelimited),
                    ("pipeDelimited", Style::PipeDelimited),
                    ("deepObject", Style::DeepObject),
                ],
            ),
            ParameterLocation::Header => (Style::Simple, &[("simple", Style::Simple)]),
            ParameterLocation::Cookie => (
                Style::Form,
                &[("form", Style::Form), ("cookie", Style::Cookie)],
            ),
            ParameterLocation::Querystring => (Style::Form, &[]),
        };
        let Some(written) = &common.style else {
            return default;
        };
        let Some((_, style)) = allowed.iter().find(|(name, _)| **name == *written.value) else {
            let names: Vec<_> = allowed
                .iter()
                .map(|(name, _)| format!("`{name}`"))
                .collect();
            let place = match location {
                ParameterLocation::Path => "the path",
                ParameterLocation::Query | ParameterLocation::Querystring => "the query",
                ParameterLocation::Header => "a header",
                ParameterLocation::Cookie => "a cookie",
            };
            let style = written.value.escape_debug();
            self.error(
                Code::InvalidStyle,
                &written.place,
                format!("the style `{style}` is not one for {place}"),
            )
            .label(format!(
                "expected {}",
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(" or ")
                }
            ));
            return default;
        };
        if *style == Style::Cookie {
            self.newer(&written.place, "the style `cookie`", Dialect::V3_2);
        }
        *style
    }
}
