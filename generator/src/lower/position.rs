//! Parts without names: what each is, by its position (OAS 3.2, Encoding By Position).

use std::rc::Rc;

use super::{
    Lowering,
    content::Essence,
    direction::Direction,
    facet::{Conjunction, Facets},
    form::{Untyped, says_style},
    object::Member,
    part::{File, PartOf, declared_headers, file_checks, max_size},
    shape::order,
};
use crate::{
    document::{Encoding, MediaType, Schema},
    ir::{
        Check, Content, Field, FormPart, Literal, Part, PositionContent, Positions, Presence,
        Shape, StreamContent, StreamItem, Type, Value,
    },
};

const TOGETHER: Untyped = "what its schema asks of all parts together is not checked";

/// A part, and what its value is.
struct Described {
    part: Part,
    value: Value,
    /// Whether it is more than the value of its schema.
    is_special: bool,
}

impl Lowering<'_> {
    /// Whether the parts of a multipart body are told by their positions, and not by their names.
    pub(super) fn is_positional(&mut self, media_type: &MediaType) -> bool {
        let Some(schema) = &media_type.schema else {
            return media_type.item_schema.is_some();
        };
        let facets = self.gather(&Conjunction::of(schema));
        media_type.item_schema.is_some() || facets.says_array() || facets.asks_of_arrays()
    }

    /// A multipart body whose parts are told by their positions.
    pub(super) fn positional(
        &mut self,
        media_type: &MediaType,
        hint: &str,
        direction: Direction,
    ) -> Result<Content, Untyped> {
        let whole = media_type.schema.as_ref();
        let facets = whole.map(|schema| self.gather(&Conjunction::of(schema)));
        if let Some(item) = &media_type.item_schema {
            if direction == Direction::Read {
                return Err("parts that are made while they are sent are not written");
            }
            if facets.is_some_and(|it| !it.says_nothing() && !it.is_type_only()) {
                return Err(
                    "what its `schema` asks of all items together is not checked while they come",
                );
            }
            return self.part_stream(item, media_type, hint, direction);
        }
        let (Some(schema), Some(facets)) = (whole, facets) else {
            return Err("nothing is said of its parts");
        };
        let prefix = match facets.arrays.as_slice() {
            [array] => array.prefix_items.as_ref().map(|it| it.value.clone()),
            arrays if arrays.iter().any(|it| it.prefix_items.is_some()) => return Err(TOGETHER),
            _ => None,
        };
        match prefix {
            Some(prefix) => self.members_by_position(&facets, &prefix, media_type, hint, direction),
            None => self.list_of_parts(schema, &facets, media_type, hint, direction),
        }
    }

    /// Parts that are the items of a stream.
    fn part_stream(
        &mut self,
        item: &Rc<Schema>,
        media_type: &MediaType,
        hint: &str,
        direction: Direction,
    ) -> Result<Content, Untyped> {
        let stem = hint.trim_end_matches("Multipart").trim_end_matches("Body");
        let (value, positions, _) =
            self.same_parts(item, media_type, &format!("{stem}Item"), direction)?;
        Ok(Content::Stream(StreamContent {
            item: StreamItem::Part(PositionContent { value, positions }),
            is_received: true,
        }))
    }

    /// A list in which one schema describes all parts.
    fn list_of_parts(
        &mut self,
        schema: &Rc<Schema>,
        facets: &Facets,
        media_type: &MediaType,
        hint: &str,
        direction: Direction,
    ) -> Result<Content, Untyped> {
        let items: Vec<Rc<Schema>> = facets
            .arrays
            .iter()
            .filter_map(|it| it.items.clone())
            .collect();
        let [item] = items.as_slice() else {
            return Err("nothing is said of each of its parts");
        };
        let (item, positions, is_special) =
            self.same_parts(item, media_type, &format!("{hint}Item"), direction)?;
        let value = if !is_special {
            self.value_of(schema, hint, direction)
        } else if is_plain_list(facets) {
            Value {
                ty: Type::Array(Box::new(item)),
                checks: facets.array.clone(),
            }
        } else {
            return Err(TOGETHER);
        };
        Ok(Content::Parts(PositionContent { value, positions }))
    }

    /// What parts of one schema are: each as its position says.
    fn same_parts(
        &mut self,
        item: &Rc<Schema>,
        media_type: &MediaType,
        hint: &str,
        direction: Direction,
    ) -> Result<(Value, Positions, bool), Untyped> {
        let rest = self.part_at(item, media_type.item_encoding.as_ref(), hint, direction)?;
        let mut prefix = Vec::new();
        for encoding in &media_type.prefix_encoding {
            let part = self.part_at(item, Some(encoding), hint, direction)?;
            if part.value != rest.value {
                return Err(
                    "some of its parts are files or have headers, and others of the same schema do not",
                );
            }
            prefix.push(part.part);
        }
        let positions = Positions {
            prefix,
            rest: Some(rest.part),
            is_object: false,
            most: None,
        };
        Ok((rest.value, positions, rest.is_special))
    }

    /// A struct with a member for each of the first parts.
    fn members_by_position(
        &mut self,
        facets: &Facets,
        schemas: &[Rc<Schema>],
        media_type: &MediaType,
        hint: &str,
        direction: Direction,
    ) -> Result<Content, Untyped> {
        let (mut least, mut most) = (0, None);
        for check in &facets.array {
            match check {
                Check::MinItems(count) => least = least.max(*count),
                Check::MaxItems(count) => {
                    most = Some(most.map_or(*count, |it: u64| it.min(*count)))
                }
                _ => return Err(TOGETHER),
            }
        }
        let count = schemas.len() as u64;
        if !is_plain_list(facets) || least > count {
            return Err(TOGETHER);
        }
        let (mut fields, mut prefix) = (Vec::new(), Vec::new());
        for (index, schema) in schemas.iter().enumerate() {
            let encoding = media_type.prefix_encoding.get(index);
            let encoding = encoding.or(media_type.item_encoding.as_ref());
            let hint = format!("{hint}Part{}", index + 1);
            let found = self.part_at(schema, encoding, &hint, direction)?;
            let mut annotations = self.annotations(std::slice::from_ref(schema));
            let docs = &mut annotations.docs;
            if docs.summary.is_none() && docs.description.is_none() {
                docs.summary = Some(format!("Part {}.", index + 1));
            }
            fields.push(Field {
                name: annotations
                    .name
                    .unwrap_or_else(|| format!("part{}", index + 1)),
                key: index.to_string(),
                docs: annotations.docs,
                deprecated: annotations.deprecated,
                is_secret: annotations.write_only,
                value: found.value,
                presence: match index as u64 {
                    index if index < least => Presence::Required,
                    _ => Presence::Optional,
                },
                boxed: false,
            });
            prefix.push(found.part);
        }
        let rest = facets.arrays.iter().find_map(|it| it.items.as_ref());
        let mut part_of_rest = None;
        match rest {
            Some(schema) if schema.boolean == Some(false) => {
                most = Some(most.map_or(count, |it| it.min(count)));
            }
            Some(schema) if schema.boolean.is_none() => {
                let encoding = media_type.item_encoding.as_ref();
                let found = self.part_at(schema, encoding, &format!("{hint}Rest"), direction)?;
                let summary = format!("Those from number {} on.", count + 1);
                fields.push(Field {
                    name: "rest".to_owned(),
                    key: "rest".to_owned(),
                    docs: crate::ir::Docs {
                        summary: Some(summary),
                        description: None,
                    },
                    deprecated: false,
                    is_secret: false,
                    value: Value::plain(Type::Array(Box::new(found.value))),
                    presence: Presence::Default(Literal::Array(Vec::new())),
                    boxed: false,
                });
                part_of_rest = Some(found.part);
            }
            // Of others nothing is said, so nothing is made of them.
            _ => {}
        }
        let kind = super::part::struct_of(fields);
        let summary = "The parts of a body, in their order.".to_owned();
        let value = self.type_at(hint, &media_type.place, summary, kind);
        if let Type::Named(id) = value.ty
            && let Some(def) = self.types.get_mut(id.0)
        {
            def.has_parts = true;
        }
        let positions = Positions {
            prefix,
            rest: part_of_rest,
            is_object: true,
            most,
        };
        Ok(Content::Parts(PositionContent { value, positions }))
    }

    /// What one part is.
    fn part_at(
        &mut self,
        schema: &Rc<Schema>,
        encoding: Option<&Encoding>,
        hint: &str,
        direction: Direction,
    ) -> Result<Described, Untyped> {
        if encoding.is_some_and(says_style) {
            return Err(
                "the specification does not say how a part without a name is written in a `style`",
            );
        }
        let facets = self.gather(&Conjunction::of(schema));
        let file = file_checks(&facets, encoding)?;
        let is_file = file.is_some();
        let mut value = match file {
            Some(checks) => Value {
                ty: Type::Upload,
                checks,
            },
            None => self.value_of(schema, hint, direction),
        };
        let content_types = self.declared_types(encoding);
        let shapes = match is_file {
            true => Vec::new(),
            false => self.shapes_of_part(&value, &content_types)?,
        };
        let max_size = max_size(&value).filter(|_| is_file);
        let mut headers: Vec<FormPart> = Vec::new();
        let declared = encoding.filter(|it| declared_headers(it).next().is_some());
        if let Some(encoding) = declared {
            let member = Member {
                key: Rc::from("part"),
                schemas: vec![Rc::clone(schema)],
            };
            let file = is_file.then(|| File::alone(value.checks.clone()));
            let of = PartOf {
                owner: hint,
                what: "the part",
                direction,
            };
            if let Some(found) = self.headers_of(&of, &member, file.as_ref(), encoding) {
                headers = found.fields;
                let inner = std::mem::replace(&mut value, Value::plain(Type::Null));
                value.ty = Type::Part(Box::new([inner, found.value]));
            }
        }
        Ok(Described {
            is_special: is_file || !headers.is_empty(),
            part: Part {
                key: String::new(),
                is_file,
                is_list: false,
                content_types,
                max_size,
                headers,
                shapes,
            },
            value,
        })
    }

    /// What the content of a part may be that is no file: JSON, text, or whichever its content type says.
    fn shapes_of_part(
        &self,
        value: &Value,
        content_types: &[String],
    ) -> Result<Vec<Shape>, Untyped> {
        let is_json = |name: &String| Essence::of(name).is_json();
        if !content_types.is_empty() && content_types.iter().all(is_json) {
            return Ok(vec![Shape::Json]);
        }
        let mut shapes = self.shapes_of(value);
        let needs_json = shapes.iter().any(|shape| order(shape) > 0);
        shapes.retain(|shape| order(shape) == 0);
        let is_untyped = value.ty == Type::Json;
        if content_types.is_empty() {
            // OAS 3.2, Encoding Object: the default of `contentType`.
            if needs_json {
                shapes.insert(0, Shape::Json);
            }
        } else {
            if needs_json && !is_untyped && shapes.is_empty() {
                return Err("a list or object in a part is read as JSON only");
            }
            if content_types.iter().any(is_json) {
                shapes.insert(0, Shape::Json);
            }
        }
        if shapes.is_empty() {
            shapes.push(Shape::Text);
        }
        Ok(shapes)
    }
}

/// Whether nothing is asked of an array but its items and their number.
fn is_plain_list(facets: &Facets) -> bool {
    let is_length = |check: &Check| matches!(check, Check::MinItems(_) | Check::MaxItems(_));
    facets.array.iter().all(is_length)
        && facets.contains.is_empty()
        && facets.unevaluated_items.is_empty()
        && facets.unions.is_empty()
        && facets.values.is_none()
        && !facets.asks_of_any()
}
