//! Forms: what their fields are written as.

use std::rc::Rc;

use super::{
    Lowering,
    content::Essence,
    direction::Direction,
    part::{HeadersOf, is_file, max_size},
    shape::order,
};
use crate::{
    diagnostic::Code,
    document::{Encoding, MediaType, Schema, Style as DocumentStyle},
    ir::{
        Additional, Empty, Form, FormContent, FormPart, Part, Shape, Style, Type, TypeKind, Value,
    },
    source::Place,
};

/// Why a form has no type.
pub(super) type Untyped = &'static str;

const NO_OBJECT: Untyped = "a value that is no object is no form";
const MIXED: Untyped = "its branches write one field in different ways";
const TEXT_OR_JSON: Untyped = "a property that is an object or something else has no type yet";

impl Lowering<'_> {
    /// A form of `application/x-www-form-urlencoded` (OAS 3.2, Encoding the `x-www-form-urlencoded` Media Type).
    pub(super) fn urlencoded(
        &mut self,
        schema: &Rc<Schema>,
        media_type: &MediaType,
        hint: &str,
        direction: Direction,
    ) -> Result<FormContent, Untyped> {
        let value = self.value_of(schema, hint, direction);
        self.fields(value, media_type, None)
    }

    /// How the value of a form is written that is no body; `None` where that cannot be said, which was reported.
    pub(super) fn form(
        &mut self,
        media_type: &MediaType,
        value: &Value,
        place: &Place,
    ) -> Option<Form> {
        match self.fields(value.clone(), media_type, None) {
            Ok(found) => Some(found.form),
            Err(why) => {
                self.diagnostics
                    .error(
                        Code::UndefinedStyle,
                        place,
                        format!("the specification does not say how this is written as a form: {why}"),
                    )
                    .help("describe an object of scalars and lists of them, or say `contentType: application/json` in the `encoding` of a property");
                None
            }
        }
    }

    /// What the fields of a form are, given what all of them together are; of a multipart body, also its parts.
    pub(super) fn fields(
        &self,
        value: Value,
        media_type: &MediaType,
        multipart: Option<&[HeadersOf]>,
    ) -> Result<FormContent, Untyped> {
        let mut members = Vec::new();
        let mut parts: Vec<Part> = Vec::new();
        let mut form = Form {
            parts: Vec::new(),
            others: None,
            counts_others: false,
        };
        self.form_members(&value, &mut members, &mut form, &mut Vec::new())?;
        form.counts_others &= form.others.is_none();
        for (key, member) in members {
            let value = &member;
            let encoding = encoding_of(media_type, &key);
            let content_types = match multipart {
                Some(_) => self.declared_types(encoding),
                None => Vec::new(),
            };
            let (is_list, part) = match &value.ty {
                Type::Array(item) => (true, &**item),
                _ => (false, value),
            };
            let is_file = is_file(part);
            let max_size = max_size(part).filter(|_| is_file);
            let headers = multipart.into_iter().flatten();
            let headers = headers.filter(|it| *it.key == *key && matches!(part.ty, Type::Part(_)));
            let headers: Vec<FormPart> = headers.flat_map(|it| it.fields.clone()).collect();
            if !is_file {
                let field = self.form_field(&key, value, encoding)?;
                match form.parts.iter().find(|known| known.name == key) {
                    Some(known) if *known != field => return Err(MIXED),
                    Some(_) => {}
                    None => form.parts.push(field),
                }
            }
            let is_news = !parts.iter().any(|known| known.key == key);
            if is_news && (is_file || !content_types.is_empty() || !headers.is_empty()) {
                parts.push(Part {
                    key,
                    is_file,
                    is_list: is_list && (is_file || !headers.is_empty()),
                    content_types,
                    max_size,
                    headers,
                    shapes: Vec::new(),
                });
            }
        }
        Ok(FormContent { value, form, parts })
    }

    /// The media types and ranges that a part may have, as far as they are declared.
    pub(super) fn declared_types(&self, encoding: Option<&Encoding>) -> Vec<String> {
        let encoding = encoding.filter(|it| !says_style(it));
        let types = encoding.and_then(|it| it.content_type.as_ref());
        types.map_or_else(Vec::new, |types| {
            let types = types.value.split(',');
            types.map(|it| it.trim().to_owned()).collect()
        })
    }

    /// Gathers the members of a type and of the branches of a union.
    fn form_members(
        &self,
        value: &Value,
        members: &mut Vec<(String, Value)>,
        form: &mut Form,
        seen: &mut Vec<usize>,
    ) -> Result<(), Untyped> {
        // What is asked of an object may be asked of any member: of their number, their keys, that one is not there.
        form.counts_others |= !value.checks.is_empty();
        match &value.ty {
            Type::Named(id) => {
                if seen.contains(&id.0) {
                    return Ok(());
                }
                seen.push(id.0);
                match self.types.get(id.0).map(|def| &def.kind) {
                    Some(TypeKind::Struct(it)) => {
                        let fields = it.fields.iter();
                        members.extend(fields.map(|it| (it.key.clone(), it.value.clone())));
                        form.counts_others |= !it.checks.is_empty();
                        match &it.additional {
                            Additional::Ignore => {}
                            Additional::Refuse { .. } => self.add_others(None, &mut form.others)?,
                            Additional::Keep { value, .. } => {
                                self.add_others(Some(value), &mut form.others)?;
                            }
                        }
                    }
                    Some(TypeKind::Union(union)) => {
                        for variant in &union.variants {
                            self.form_members(&variant.value, members, form, seen)?;
                        }
                    }
                    Some(TypeKind::Newtype(inner) | TypeKind::Alias(inner)) => {
                        self.form_members(inner, members, form, seen)?;
                    }
                    _ => return Err(NO_OBJECT),
                }
            }
            Type::Nullable(inner) => self.form_members(inner, members, form, seen)?,
            Type::Map(inner) => self.add_others(Some(inner), &mut form.others)?,
            Type::Json => self.add_others(None, &mut form.others)?,
            _ => return Err(NO_OBJECT),
        }
        Ok(())
    }

    /// Adds what members may be that no property names; where nothing is known of them, they are read as written.
    fn add_others(
        &self,
        value: Option<&Value>,
        others: &mut Option<Vec<Shape>>,
    ) -> Result<(), Untyped> {
        let mut shapes = value.map_or_else(Vec::new, |value| self.shapes_of(value));
        write_objects_as_json(&mut shapes)?;
        match others {
            Some(known) if *known != shapes => return Err(MIXED),
            _ => *others = Some(shapes),
        }
        Ok(())
    }

    /// How a property is written (OAS 3.2, Encoding Object).
    pub(super) fn form_field(
        &self,
        key: &str,
        value: &Value,
        encoding: Option<&Encoding>,
    ) -> Result<FormPart, Untyped> {
        let style = match encoding.and_then(|encoding| encoding.style) {
            Some(DocumentStyle::SpaceDelimited) => Style::SpaceDelimited,
            Some(DocumentStyle::PipeDelimited) => Style::PipeDelimited,
            Some(DocumentStyle::DeepObject) => Style::DeepObject,
            _ => Style::Form,
        };
        let explode = encoding.and_then(|encoding| encoding.explode);
        let mut shapes = self.shapes_of(value);
        let has_style = encoding.is_some_and(says_style);
        let is_json = |types: &str| types.split(',').all(|it| Essence::of(it).is_json());
        if has_style {
            if style != Style::DeepObject {
                check_flat(&shapes)?;
            }
        } else if encoding
            .and_then(|encoding| encoding.content_type.as_ref())
            .is_some_and(|types| is_json(&types.value))
        {
            // A list may be one JSON text, or have one for each of its items.
            let is_list = shapes.iter().any(|shape| order(shape) == 1);
            shapes = vec![Shape::Json];
            if is_list {
                shapes.push(Shape::Array(vec![Shape::Json]));
            }
        } else {
            match write_objects_as_json(&mut shapes) {
                // A text that is a JSON object is one, and any other is the scalar.
                Err(TEXT_OR_JSON) if is_scalar_or_json(&shapes) => shapes.reverse(),
                written => written?,
            }
        }
        if shapes.is_empty() {
            shapes.push(Shape::Text);
        }
        Ok(FormPart {
            name: key.to_owned(),
            style,
            explode: explode.unwrap_or(style == Style::Form),
            shapes,
            empty: match &value.ty {
                Type::Nullable(inner) if !self.takes_empty_text(inner) => Empty::Null,
                _ => Empty::Text,
            },
            allow_reserved: encoding.is_some_and(|it| it.allow_reserved == Some(true)),
        })
    }
}

pub(super) fn says_style(encoding: &Encoding) -> bool {
    encoding.style.is_some() || encoding.explode.is_some() || encoding.allow_reserved.is_some()
}

/// Objects, and lists in lists, are JSON texts (OAS 3.2, Encoding Object, the default of `contentType`).
fn write_objects_as_json(shapes: &mut [Shape]) -> Result<(), Untyped> {
    for shape in shapes.iter_mut() {
        match shape {
            Shape::Object { .. } => *shape = Shape::Json,
            Shape::Array(items) => {
                for item in items.iter_mut().filter(|item| order(item) > 0) {
                    *item = Shape::Json;
                }
                if items.len() > 1 && items.contains(&Shape::Json) {
                    return Err(TEXT_OR_JSON);
                }
            }
            _ => {}
        }
    }
    if shapes.len() > 1 && shapes.contains(&Shape::Json) {
        return Err(TEXT_OR_JSON);
    }
    Ok(())
}

fn is_scalar_or_json(shapes: &[Shape]) -> bool {
    match shapes {
        [scalar, Shape::Json] => order(scalar) == 0 && *scalar != Shape::Json,
        _ => false,
    }
}

/// Whether a style other than `deepObject` can write it: scalars, and lists and objects of them.
fn check_flat(shapes: &[Shape]) -> Result<(), Untyped> {
    let is_scalar = |shapes: &Vec<Shape>| shapes.iter().all(|shape| order(shape) == 0);
    let is_flat = shapes.iter().all(|shape| match shape {
        Shape::Array(items) => is_scalar(items),
        Shape::Object { members, others } => members
            .iter()
            .map(|(_, shapes)| shapes)
            .chain(others)
            .all(is_scalar),
        _ => true,
    });
    if is_flat {
        Ok(())
    } else {
        Err(
            "the specification does not say how lists or objects within others are written in its `style`",
        )
    }
}

pub(super) fn encoding_of<'m>(media_type: &'m MediaType, key: &str) -> Option<&'m Encoding> {
    media_type
        .encoding
        .iter()
        .find(|(name, _)| **name == *key)
        .map(|(_, encoding)| encoding)
}
