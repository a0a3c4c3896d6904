//! Parameters: of the path and of the operation together, each a field of the request.

use std::rc::Rc;

use super::{Lowering, direction::Direction, name, shape::order};
use crate::{
    diagnostic::Code,
    document::{
        MediaType, OrReference, Parameter as DocumentParameter, ParameterLocation, ParameterValue,
        Schema, Style as DocumentStyle,
    },
    ir::{Empty, Format, Location, Parameter, Presence, Shape, Style, Type, TypeKind, Value},
    source::Place,
};

/// Headers that describe the message itself; as parameters they are ignored (OAS 3.2, Parameter Object).
const IGNORED_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

impl Lowering<'_> {
    /// The parameters of an operation; its own come in place of the path's with the same name and location.
    pub(super) fn parameters(
        &mut self,
        of_path: &[OrReference<DocumentParameter>],
        own: &[OrReference<DocumentParameter>],
        owner: &str,
    ) -> Vec<Parameter> {
        let mut found: Vec<Rc<DocumentParameter>> = Vec::new();
        for parameter in of_path.iter().chain(own) {
            let Some(parameter) = self.references.parameter(parameter, self.diagnostics) else {
                continue;
            };
            let same = found.iter().position(|it| {
                it.location == parameter.location && it.name.value == parameter.name.value
            });
            match same.and_then(|index| found.get_mut(index)) {
                Some(before) => *before = parameter,
                None => found.push(parameter),
            }
        }
        let (places, mut parameters): (Vec<Place>, Vec<Parameter>) = found
            .iter()
            .filter_map(|it| Some((it.place.clone(), self.parameter(it, owner)?)))
            .unzip();
        self.check_query_keys(&parameters, &places);
        // The same name in two locations: each but the first says where it is.
        for index in 1..parameters.len() {
            let (before, rest) = parameters.split_at_mut(index);
            if let Some(parameter) = rest.first_mut()
                && before.iter().any(|it| it.field == parameter.field)
            {
                let location = match parameter.location {
                    Location::Path => "path",
                    Location::Query => "query",
                    Location::Querystring => "querystring",
                    Location::Header => "header",
                    Location::Cookie => "cookie",
                };
                // A keyword's substitute ends with one already.
                let name = parameter.field.trim_end_matches('_');
                parameter.field = format!("{name}_{location}");
            }
        }
        let mut names: Vec<String> = parameters.iter().map(|it| it.field.clone()).collect();
        name::distinct(&mut names);
        for (parameter, name) in parameters.iter_mut().zip(names) {
            parameter.field = name;
        }
        parameters
    }

    /// Warns of parameters of the query that are told by the same key: both read it.
    fn check_query_keys(&mut self, parameters: &[Parameter], places: &[Place]) {
        let mut known: Vec<(&str, &Place)> = Vec::new();
        for (parameter, place) in parameters.iter().zip(places) {
            for key in query_keys(parameter) {
                let Some((_, first)) = known.iter().find(|(it, _)| *it == key) else {
                    known.push((key, place));
                    continue;
                };
                let key = key.escape_debug();
                self.diagnostics
                    .warning(
                        Code::AmbiguousParameter,
                        place,
                        format!("two parameters are sent as `{key}`"),
                    )
                    .label("this one reads what is meant for the other as well")
                    .related(first.span, "the other one")
                    .help("give one of them another name, or an object the style `deepObject`");
            }
        }
    }

    fn parameter(&mut self, parameter: &DocumentParameter, owner: &str) -> Option<Parameter> {
        let location = match parameter.location {
            ParameterLocation::Path => Location::Path,
            ParameterLocation::Query => Location::Query,
            ParameterLocation::Header => Location::Header,
            ParameterLocation::Cookie => Location::Cookie,
            ParameterLocation::Querystring => Location::Querystring,
        };
        if location == Location::Header
            && IGNORED_HEADERS
                .iter()
                .any(|name| parameter.name.value.eq_ignore_ascii_case(name))
        {
            return None;
        }
        let hint = format!("{owner}{}", name::type_name(&parameter.name.value));
        if let ParameterValue::Schema(schema) = &parameter.value {
            self.check_examples_of(&parameter.place, schema, &parameter.examples);
        }
        let mut written = match &parameter.value {
            ParameterValue::Schema(schema) => self.styled(parameter, schema, location, &hint)?,
            ParameterValue::Content(media_type, content) => {
                self.content_parameter(parameter, media_type, content, &hint)?
            }
        };
        let schemas: Vec<_> = written.schema.take().into_iter().collect();
        let annotations = self.annotations(&schemas);
        let mut docs = annotations.docs.clone();
        if parameter.description.is_some() {
            docs = crate::ir::Docs {
                summary: None,
                description: parameter.description.as_deref().map(str::to_owned),
            };
        }
        let presence = match (parameter.required, &annotations.default) {
            (true, _) => Presence::Required,
            (false, Some(default)) => self.default_of(default, &schemas, &written.value),
            (false, None) => Presence::Optional,
        };
        Some(Parameter {
            field: annotations
                .name
                .unwrap_or_else(|| name::value_name(&parameter.name.value)),
            name: parameter.name.value.to_string(),
            location,
            docs,
            deprecated: parameter.deprecated,
            value: written.value,
            presence,
            style: written.style,
            explode: written.explode,
            shapes: written.shapes,
            empty: written.empty,
        })
    }

    /// A parameter with a schema, written in a style.
    fn styled(
        &mut self,
        parameter: &DocumentParameter,
        schema: &Rc<Schema>,
        location: Location,
        hint: &str,
    ) -> Option<Written> {
        let mut value = self.value_of(schema, hint, Direction::Write);
        let (value, empty) = self.emptiness(&mut value, parameter);
        let mut shapes = self.shapes_of(&value);
        let style = match parameter.style {
            DocumentStyle::Matrix => Style::Matrix,
            DocumentStyle::Label => Style::Label,
            DocumentStyle::Simple => Style::Simple,
            DocumentStyle::Form => Style::Form,
            DocumentStyle::SpaceDelimited => Style::SpaceDelimited,
            DocumentStyle::PipeDelimited => Style::PipeDelimited,
            DocumentStyle::DeepObject => Style::DeepObject,
            DocumentStyle::Cookie => Style::Cookie,
        };
        let written = Way {
            style,
            explode: parameter.explode,
            location,
        };
        // Which pairs of the query are its members is told by their names alone, so those of any other name count as well.
        if written.repeats_name() && location == Location::Query && self.is_refused_for_more(&value)
        {
            for shape in &mut shapes {
                if let Shape::Object { others, .. } = shape {
                    others.get_or_insert_with(|| vec![Shape::Text]);
                }
            }
        }
        if style == Style::DeepObject {
            self.check_brackets(parameter, &mut shapes, &value);
        } else {
            self.check_style(parameter, written, &mut shapes)?;
        }
        let value = self.authored(value, &[Rc::clone(schema)]);
        Some(Written {
            value,
            shapes,
            style,
            explode: parameter.explode,
            empty,
            schema: Some(Rc::clone(schema)),
        })
    }

    /// What an empty text stands for, and the value without the null that it replaces.
    ///
    /// No text is null, but null is written as an empty text (OAS 3.2, Style Examples, the column "undefined"), as is
    /// what `allowEmptyValue` allows. Where a schema accepts empty texts, such a text is what it is.
    fn emptiness(&mut self, value: &mut Value, parameter: &DocumentParameter) -> (Value, Empty) {
        let mut value = std::mem::replace(value, Value::plain(Type::Null));
        let (inner, nullable) = match value.ty {
            Type::Nullable(mut inner) => {
                inner.checks.append(&mut value.checks);
                (*inner, true)
            }
            ty => (Value { ty, ..value }, false),
        };
        if !(nullable || parameter.allow_empty_value) || self.takes_empty_text(&inner) {
            return (inner, Empty::Text);
        }
        if parameter.required {
            return (super::schema::nullable_value(inner), Empty::Null);
        }
        (inner, Empty::Absent)
    }

    /// Whether an empty text may be a value: it is only certain not to be where it is no scalar but text, or an enum.
    pub(super) fn takes_empty_text(&self, value: &Value) -> bool {
        match &value.ty {
            Type::Named(id) => match self.types.get(id.0).map(|def| &def.kind) {
                Some(TypeKind::Enum(it)) => it.variants.iter().any(|it| it.value.is_empty()),
                Some(TypeKind::Newtype(value) | TypeKind::Alias(value)) => {
                    self.takes_empty_text(value)
                }
                Some(TypeKind::Union(union)) => union
                    .variants
                    .iter()
                    .any(|variant| self.takes_empty_text(&variant.value)),
                _ => true,
            },
            Type::Boolean | Type::Integer(_) | Type::F32 | Type::F64 | Type::Decimal => false,
            Type::Formatted(format) => matches!(format, Format::Base64 | Format::Password),
            _ => true,
        }
    }

    /// Keeps of the shapes what a style can write. What the specification gives no meaning to is read as frameworks write
    /// it and warned of, or refused.
    fn check_style(
        &mut self,
        parameter: &DocumentParameter,
        way: Way,
        shapes: &mut Vec<Shape>,
    ) -> Option<()> {
        let delimited = matches!(way.style, Style::SpaceDelimited | Style::PipeDelimited);
        if delimited && way.explode {
            self.undefined(
                parameter,
                "an exploded list or object in this style",
                "it is read as in the style `form`: each item as `name=value`",
            );
        } else if delimited && !shapes.iter().any(|shape| order(shape) > 0) {
            self.undefined(
                parameter,
                "a value that is no list or object in this style",
                "it is read as in the style `form`",
            );
        }
        let pairs = way.repeats_name();
        let is_open = |shape: &Shape| {
            matches!(
                shape,
                Shape::Object {
                    others: Some(_),
                    ..
                }
            )
        };
        if pairs && way.location == Location::Cookie && shapes.iter().any(is_open) {
            self.unsupported(
                &parameter.place,
                "an object in cookies that takes those of any name",
            );
            return None;
        }
        let is_listed = pairs && shapes.iter().any(has_lists);
        let mut kept = Kept::All;
        let mut is_json_list = false;
        for shape in shapes.iter_mut() {
            match shape {
                Shape::Array(items) => {
                    let items_kept = keep(items, false, pairs);
                    is_json_list |= items_kept == Kept::Json;
                    kept = kept.max(items_kept);
                }
                Shape::Object { members, others } => {
                    for member in members.iter_mut().map(|(_, it)| it).chain(others) {
                        kept = kept.max(keep(member, pairs, pairs));
                    }
                }
                _ => {}
            }
        }
        const NESTED: &str = "a list or object within another in this style";
        match kept {
            Kept::All if is_listed => self.undefined(
                parameter,
                "a list within an exploded object",
                "it is read as the member's name, repeated",
            ),
            Kept::All => {}
            Kept::Some => self.undefined(parameter, NESTED, "only the scalars can be sent"),
            Kept::Json => {
                self.undefined(parameter, NESTED, "it is read as a JSON text");
                if is_json_list {
                    // Some clients write a JSON text for each item, and others one for all of them.
                    shapes.push(Shape::Json);
                }
            }
            Kept::None if shapes.iter().any(|shape| order(shape) == 0) => {
                shapes.retain(|shape| order(shape) == 0);
                self.undefined(parameter, NESTED, "only the other branches can be sent");
            }
            Kept::None => {
                self.diagnostics
                    .error(
                        Code::UndefinedStyle,
                        &parameter.place,
                        format!("the specification does not say how {NESTED} is written"),
                    )
                    .help("write `content: {application/json: {schema: ...}}` in place of `schema`, or the style `deepObject`");
                return None;
            }
        }
        Some(())
    }

    /// Warns of what goes beyond one level of members, which is all that the specification knows of `deepObject`.
    fn check_brackets(
        &mut self,
        parameter: &DocumentParameter,
        shapes: &mut Vec<Shape>,
        value: &Value,
    ) {
        if value.ty == Type::Json && value.checks.is_empty() {
            *shapes = vec![Shape::Object {
                members: Vec::new(),
                others: Some(Vec::new()),
            }];
        }
        let is_flat = |shapes: &Vec<Shape>| shapes.iter().all(|shape| order(shape) == 0);
        for shape in shapes.iter() {
            let (what, reading) = match shape {
                Shape::Object { members, others } => {
                    if members.iter().map(|(_, it)| it).chain(others).all(is_flat) {
                        continue;
                    }
                    (
                        "a list or object within an object in this style",
                        "it is read as `name[a][b]=1`, and lists as `name[a]=1`, `name[a][]=1` or `name[a][0]=1`",
                    )
                }
                Shape::Array(_) => (
                    "a list in this style",
                    "it is read as `name=1`, `name[]=1` or `name[0]=1`",
                ),
                _ => (
                    "a value that is no object in this style",
                    "it is read as in the style `form`",
                ),
            };
            self.undefined(parameter, what, reading);
        }
    }

    fn undefined(&mut self, parameter: &DocumentParameter, what: &str, reading: &str) {
        let headline = format!("the specification does not say how {what} is written");
        let known = self.diagnostics.iter().any(|it| {
            it.code == Code::UndefinedStyle
                && it.place.span == parameter.place.span
                && it.headline == headline
        });
        if !known {
            self.diagnostics
                .warning(Code::UndefinedStyle, &parameter.place, headline)
                .label(reading);
        }
    }

    /// A parameter with one media type (OAS 3.2, Parameter Object, `content`).
    fn content_parameter(
        &mut self,
        parameter: &DocumentParameter,
        media_type: &Rc<str>,
        content: &OrReference<MediaType>,
        hint: &str,
    ) -> Option<Written> {
        let content = self.references.media_type(content, self.diagnostics)?;
        let is_json = super::content::Essence::of(media_type).is_json();
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let is = |name: &str| essence.eq_ignore_ascii_case(name);
        let is_form = is("application/x-www-form-urlencoded")
            && parameter.location == ParameterLocation::Querystring;
        if !(is_json || is_form || is("text/plain")) {
            self.unsupported(
                &parameter.place,
                &format!("a parameter with `{}`", media_type.escape_debug()),
            );
            return None;
        }
        let value = match &content.schema {
            Some(schema) => self.value_of(schema, hint, Direction::Write),
            None if is_json || is_form => Value::plain(Type::Json),
            None => Value::plain(Type::String),
        };
        let shapes = if is_json {
            vec![Shape::Json]
        } else if is_form {
            vec![Shape::Form(self.form(
                &content,
                &value,
                &parameter.place,
            )?)]
        } else {
            let mut shapes = self.shapes_of(&value);
            shapes.retain(|shape| order(shape) == 0);
            if shapes.is_empty() {
                self.unsupported(&parameter.place, "a list or object as `text/plain`");
                return None;
            }
            shapes
        };
        let style = match parameter.location {
            ParameterLocation::Path | ParameterLocation::Header => Style::Simple,
            _ => Style::Form,
        };
        Some(Written {
            value,
            shapes,
            style,
            explode: style == Style::Form,
            empty: Empty::Text,
            schema: content.schema.clone(),
        })
    }
}

/// The keys by which a parameter of the query is told: its own, or those of the object that it is.
fn query_keys(parameter: &Parameter) -> Vec<&str> {
    if parameter.location != Location::Query {
        return Vec::new();
    }
    let way = Way {
        style: parameter.style,
        explode: parameter.explode,
        location: parameter.location,
    };
    let mut keys = Vec::new();
    for shape in &parameter.shapes {
        match shape {
            Shape::Object { members, .. }
                if way.repeats_name() && way.style != Style::DeepObject =>
            {
                keys.extend(members.iter().map(|(key, _)| key.as_str()));
            }
            _ => keys.push(&parameter.name),
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// What a parameter is read as.
struct Written {
    value: Value,
    shapes: Vec<Shape>,
    style: Style,
    explode: bool,
    empty: Empty,
    schema: Option<Rc<Schema>>,
}

/// How a parameter is written.
#[derive(Clone, Copy)]
struct Way {
    style: Style,
    explode: bool,
    location: Location,
}

impl Way {
    /// Whether each item and member has its own `name=value`.
    fn repeats_name(self) -> bool {
        self.explode && matches!(self.location, Location::Query | Location::Cookie)
    }
}

/// What is left of the shapes of an item or member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kept {
    All,
    /// Scalars, without what cannot be written.
    Some,
    /// A JSON text in place of what cannot be written.
    Json,
    /// Nothing, so that no value can be sent.
    None,
}

/// Leaves what can be written within a list or object: scalars, and where `lists` is said, lists of them. Where there is
/// nothing else, what is written apart can be JSON.
fn keep(shapes: &mut Vec<Shape>, lists: bool, json: bool) -> Kept {
    let before = shapes.len();
    shapes.retain(|shape| match shape {
        Shape::Array(items) => lists && items.iter().all(|item| order(item) == 0),
        shape => order(shape) == 0,
    });
    if shapes.len() == before {
        return Kept::All;
    }
    if !shapes.is_empty() {
        return Kept::Some;
    }
    if !json {
        return Kept::None;
    }
    shapes.push(Shape::Json);
    Kept::Json
}

/// Whether members of an object may be lists.
fn has_lists(shape: &Shape) -> bool {
    let Shape::Object { members, others } = shape else {
        return false;
    };
    let mut shapes = members.iter().map(|(_, it)| it).chain(others);
    shapes.any(|it| it.iter().any(|shape| order(shape) == 1))
}
