//! Forms whose parts are handed over as they come: what each part is, and what is asked of all of them.

use std::rc::Rc;

use super::{
    Lowering,
    direction::Direction,
    facet::{Conjunction, Facets},
    form::{Untyped, encoding_of},
    name,
    object::members,
    part::{PartOf, is_file, max_size},
};
use crate::{
    document::{MediaType, Schema},
    ir::{Check, Content, FlowContent, FlowPart, Form, Part, Shape, Style, Type, Value},
};

const TOGETHER: Untyped =
    "what its schema asks of all parts together is not checked while they come";

impl Lowering<'_> {
    /// Whether a form has a part that is a file.
    pub(super) fn has_files(&mut self, schema: &Rc<Schema>, media_type: &MediaType) -> bool {
        let facets = self.gather(&Conjunction::of(schema));
        members(&facets, &[]).into_iter().any(|member| {
            let encoding = encoding_of(media_type, &member.key);
            matches!(self.file(&member.schemas, encoding), Ok(Some(_)))
        })
    }

    /// Whether all that is asked of a form can be told part by part.
    pub(super) fn can_flow(&mut self, schema: &Rc<Schema>) -> bool {
        let facets = self.gather(&Conjunction::of(schema));
        is_plain_object(&facets)
    }

    /// A form whose parts are handed over as they come.
    pub(super) fn flow(
        &mut self,
        schema: &Rc<Schema>,
        media_type: &MediaType,
        hint: &str,
    ) -> Result<Content, Untyped> {
        let facets = self.gather(&Conjunction::of(schema));
        if !is_plain_object(&facets) {
            return Err(TOGETHER);
        }
        let stem = hint.trim_end_matches("Multipart").trim_end_matches("Body");
        let name = self.names.reserve(
            &format!("{stem}Part"),
            &format!("{} parts", media_type.place.pointer),
        );
        let mut content = FlowContent {
            name: name.clone(),
            form: Form {
                parts: Vec::new(),
                others: None,
                counts_others: false,
            },
            parts: Vec::new(),
            required: Vec::new(),
            lists: Vec::new(),
            is_closed: facets.objects.iter().any(|object| {
                let rest = object.schema.additional_properties.as_ref();
                rest.is_some_and(|rest| rest.boolean == Some(false))
            }),
            variants: Vec::new(),
        };
        for member in members(&facets, &[]) {
            let encoding = encoding_of(media_type, &member.key);
            let file = self.file(&member.schemas, encoding)?;
            let mut value = match &file {
                Some(file) => file.value(),
                None => {
                    let hint = format!("{name}{}", name::type_name(&member.key));
                    self.conjunction_value(&member.schemas, &hint, Direction::Write)
                }
            };
            if !is_file(&value) && !matches!(&value.ty, Type::Array(item) if is_file(item)) {
                let field = self.form_field(&member.key, &value, encoding)?;
                let has_lists = field.shapes.iter().any(|it| matches!(it, Shape::Array(_)));
                let is_apart = field.style == Style::DeepObject
                    || field
                        .shapes
                        .iter()
                        .any(|it| matches!(it, Shape::Object { .. }));
                if is_apart || has_lists && !matches!(value.ty, Type::Array(_)) {
                    return Err(
                        "a property that several parts make is not handed over part by part",
                    );
                }
                content.form.parts.push(field);
            }
            let list = match &value.ty {
                Type::Array(_) => Some(list_length(&value.checks)?),
                _ => None,
            };
            if let Some((least, most)) = list {
                content.lists.push((member.key.to_string(), least, most));
                if let Type::Array(item) = value.ty {
                    value = *item;
                }
            }
            let headers = match encoding {
                Some(encoding) => {
                    let owner = format!("{name}{}", name::type_name(&member.key));
                    let what = format!("the part `{}`", member.key.escape_debug());
                    let part = PartOf {
                        owner: &owner,
                        what: &what,
                        direction: Direction::Write,
                    };
                    self.headers_of(&part, &member, file.as_ref(), encoding)
                }
                None => None,
            };
            let is_file = is_file(&value);
            let max_size = max_size(&value).filter(|_| is_file);
            let content_types = self.declared_types(encoding);
            let mut fields = Vec::new();
            if let Some(found) = headers {
                fields = found.fields;
                let inner = std::mem::replace(&mut value, Value::plain(Type::Null));
                value.ty = Type::Part(Box::new([inner, found.value]));
            }
            if is_file || !content_types.is_empty() || !fields.is_empty() {
                content.parts.push(Part {
                    key: member.key.to_string(),
                    is_file,
                    is_list: list.is_some() && (is_file || !fields.is_empty()),
                    content_types,
                    max_size,
                    headers: fields,
                    shapes: Vec::new(),
                });
            }
            if facets.required.iter().any(|it| *it.value == *member.key) {
                content.required.push(member.key.to_string());
            }
            let annotations = self.annotations(&member.schemas);
            content.variants.push(FlowPart {
                name: name::type_name(annotations.name.as_deref().unwrap_or(&member.key)),
                key: member.key.to_string(),
                docs: annotations.docs,
                value,
            });
        }
        // What has no property of its own could only come as a part that nothing describes.
        let is_known = |key: &str| content.variants.iter().any(|it| it.key == *key);
        if !facets.required.iter().all(|it| is_known(&it.value)) || content.variants.is_empty() {
            return Err(TOGETHER);
        }
        let mut names: Vec<String> = content.variants.iter().map(|it| it.name.clone()).collect();
        name::distinct(&mut names);
        for (variant, name) in content.variants.iter_mut().zip(names) {
            variant.name = name;
        }
        Ok(Content::PartStream(content))
    }
}

/// Whether nothing is asked of an object but what its members are, and which must be there.
fn is_plain_object(facets: &Facets) -> bool {
    let is_rest_plain = facets.objects.iter().all(|object| {
        let rest = object.schema.additional_properties.as_ref();
        !object.has_patterns() && rest.is_none_or(|rest| rest.boolean.is_some())
    });
    is_rest_plain
        && facets.object.is_empty()
        && facets.dependent.is_empty()
        && facets.unevaluated_properties.is_empty()
        && facets.unions.is_empty()
        && facets.values.is_none()
        && !facets.asks_of_any()
}

/// How many items a list may have of which nothing else is asked.
fn list_length(checks: &[Check]) -> Result<(u64, u64), Untyped> {
    let (mut least, mut most) = (0, u64::MAX);
    for check in checks {
        match check {
            Check::MinItems(count) => least = least.max(*count),
            Check::MaxItems(count) => most = most.min(*count),
            _ => {
                return Err(
                    "what its schema asks of a list as a whole is not checked while its items come",
                );
            }
        }
    }
    Ok((least, most))
}
