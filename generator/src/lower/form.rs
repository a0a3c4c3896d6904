//! Forms: how the properties of an object are written as `name=value` pairs (OAS 3.2, Encoding Object).

use std::rc::Rc;

use super::{Lowering, response::is_json, shape::order};
use crate::{
    diagnostic::Code,
    document::MediaType,
    ir::{Form, FormPart, Shape, Style, Type, Value},
    source::{Node, Place},
};

/// What an `encoding` says of one property.
#[derive(Default)]
struct Encoding {
    content_type: Option<String>,
    style: Option<Style>,
    explode: Option<bool>,
    /// Whether it is written as a parameter of the query: one of `style`, `explode` and `allowReserved` is there.
    is_styled: bool,
}

impl Lowering<'_> {
    /// How the value of a form's media type is written; `None` where it is no object, which was reported.
    pub(super) fn form(
        &mut self,
        media_type: &MediaType,
        value: &Value,
        place: &Place,
    ) -> Option<Form> {
        let mut shapes = self.shapes_of(value);
        if value.ty == Type::Json && value.checks.is_empty() {
            shapes = vec![Shape::Object {
                members: Vec::new(),
                others: Some(Vec::new()),
            }];
        }
        let object = shapes.into_iter().find_map(|shape| match shape {
            Shape::Object { members, others } => Some((members, others)),
            _ => None,
        });
        let Some((members, others)) = object else {
            self.diagnostics
                .error(
                    Code::UndefinedStyle,
                    place,
                    "the specification does not say how a value that is no object is written as a form",
                )
                .help("describe an object: its properties are the names of the form");
            return None;
        };
        let mut parts = Vec::new();
        for (name, shapes) in members {
            let encoding = encoding_of(media_type, &name);
            parts.push(self.form_part(name, shapes, &encoding, place)?);
        }
        let others = others.map(|shapes| {
            if shapes.is_empty() {
                vec![Shape::Text, Shape::Array(vec![Shape::Text])]
            } else {
                shapes.into_iter().map(by_content).collect()
            }
        });
        Some(Form { parts, others })
    }

    fn form_part(
        &mut self,
        name: String,
        shapes: Vec<Shape>,
        encoding: &Encoding,
        place: &Place,
    ) -> Option<FormPart> {
        if encoding.is_styled {
            let style = encoding.style.unwrap_or(Style::Form);
            let explode = encoding.explode.unwrap_or(style == Style::Form);
            let is_deep = style == Style::DeepObject;
            let is_flat = |shapes: &Vec<Shape>| shapes.iter().all(|it| order(it) == 0);
            let fits = is_deep
                || shapes.iter().all(|shape| match shape {
                    Shape::Array(items) => is_flat(items),
                    Shape::Object { members, others } => {
                        members.iter().map(|(_, it)| it).chain(others).all(is_flat)
                    }
                    _ => true,
                });
            if !fits {
                let name = name.escape_debug();
                self.diagnostics
                    .error(
                        Code::UndefinedStyle,
                        place,
                        format!("the specification does not say how the lists or objects within `{name}` are written in its style"),
                    )
                    .help("write `contentType: application/json` in its encoding in place of `style` and `explode`");
                return None;
            }
            return Some(FormPart {
                name,
                style,
                explode,
                shapes,
            });
        }
        let shapes = match &encoding.content_type {
            Some(content_type) if is_json(content_type) => shapes
                .into_iter()
                .map(|shape| match shape {
                    Shape::Array(_) => Shape::Array(vec![Shape::Json]),
                    _ => Shape::Json,
                })
                .fold(Vec::new(), |mut kept, shape| {
                    if !kept.contains(&shape) {
                        kept.push(shape);
                    }
                    kept
                }),
            _ => shapes.into_iter().map(by_content).collect(),
        };
        Some(FormPart {
            name,
            style: Style::Form,
            explode: true,
            shapes,
        })
    }
}

/// What is written where nothing says how: scalars as text, lists item by item, objects and lists within lists as JSON.
fn by_content(shape: Shape) -> Shape {
    match shape {
        Shape::Array(items) => {
            let all_scalar = items.iter().all(|item| order(item) == 0);
            Shape::Array(if all_scalar { items } else { vec![Shape::Json] })
        }
        Shape::Object { .. } => Shape::Json,
        scalar => scalar,
    }
}

fn encoding_of(media_type: &MediaType, name: &str) -> Encoding {
    let mut encoding = Encoding::default();
    let node = media_type.encoding.as_ref().and_then(|it| {
        let entry = it.value.as_mapping()?.get(name)?;
        Some(Rc::clone(&entry.value))
    });
    let Some(mapping) = node.as_deref().and_then(Node::as_mapping) else {
        return encoding;
    };
    let text = |key: &str| mapping.get(key).and_then(|entry| entry.value.as_str());
    let flag = |key: &str| match mapping.get(key).map(|entry| &entry.value.value) {
        Some(crate::source::Value::Bool(value)) => Some(*value),
        _ => None,
    };
    encoding.content_type = text("contentType").map(str::to_owned);
    encoding.style = text("style").and_then(|style| match style {
        "form" => Some(Style::Form),
        "spaceDelimited" => Some(Style::SpaceDelimited),
        "pipeDelimited" => Some(Style::PipeDelimited),
        "deepObject" => Some(Style::DeepObject),
        _ => None,
    });
    encoding.explode = flag("explode");
    encoding.is_styled = ["style", "explode", "allowReserved"]
        .iter()
        .any(|key| mapping.get(key).is_some());
    encoding
}
