//! Forms: what their fields are written as, and which parts of a multipart body are files.

use std::rc::Rc;

use super::{
    Lowering,
    content::{Essence, is_length},
    direction::Direction,
    facet::{Conjunction, Facets},
    object::members,
    schema::{Peeled, Slot},
};
use crate::{
    document::{Encoding, MediaType, Schema, Style, Type as SchemaType},
    ir::{
        Additional, Check, FieldKind, FieldList, Form, FormField, FormRest, Type, TypeKind, Value,
    },
};

/// Why a form has no type.
type Untyped = &'static str;

/// A property of a multipart body that is a file, or a list of files.
struct File {
    key: Rc<str>,
    checks: Vec<Check>,
    list: Option<Vec<Check>>,
}

impl Lowering<'_> {
    /// A form of `application/x-www-form-urlencoded` (OAS 3.2, Encoding the `x-www-form-urlencoded` Media Type).
    pub(super) fn urlencoded(
        &mut self,
        schema: &Rc<Schema>,
        media_type: &MediaType,
        hint: &str,
    ) -> Result<Form, Untyped> {
        let value = self.value_of(schema, hint, Direction::Write);
        self.form(value, media_type, false)
    }

    /// A form of `multipart/form-data` (OAS 3.2, Encoding `multipart` Media Types; RFC 7578).
    pub(super) fn multipart(
        &mut self,
        schema: &Rc<Schema>,
        media_type: &MediaType,
        hint: &str,
    ) -> Result<Form, Untyped> {
        let conjunction = Conjunction::of(schema);
        let facets = self.gather(&conjunction);
        let mut files = Vec::new();
        for member in members(&facets, &[]) {
            let encoding = encoding_of(media_type, &member.key);
            if let Some(file) = self.file(&member.key, &member.schemas, encoding)? {
                files.push(file);
            }
        }
        let value = if files.is_empty() {
            self.value_of(schema, hint, Direction::Write)
        } else {
            self.with_files(schema, &facets, &files, hint)?
        };
        self.form(value, media_type, true)
    }

    /// The struct of a body with files.
    fn with_files(
        &mut self,
        schema: &Rc<Schema>,
        facets: &Facets,
        files: &[File],
        hint: &str,
    ) -> Result<Value, Untyped> {
        if !facets.unions.is_empty()
            || !facets.not.is_empty()
            || !facets.conditionals.is_empty()
            || facets.values.is_some()
        {
            return Err("a file beside `oneOf`, `anyOf`, `not`, `if` or `enum` has no type");
        }
        // Bodies in which the same properties are files share one type.
        let keys: Vec<&str> = files.iter().map(|file| &*file.key).collect();
        let slot_key = format!(
            "{} with the files {}",
            Conjunction::of(schema).key(),
            keys.join(",")
        );
        if let Some(value) = self.known.get(&slot_key) {
            return Ok(value.clone());
        }
        let name = match self.peel(schema) {
            Peeled::Named(target) => {
                let name = self.references.schema_name(&target, &mut self.names);
                format!("{name}Form")
            }
            Peeled::Inline(_) => hint.to_owned(),
        };
        let mut slot = Slot {
            key: slot_key,
            name,
            is_named: false,
            pointer: facets.place.pointer.to_string(),
            direction: Direction::Write,
            id: None,
            nullable: false,
        };
        let value = self.object(facets, &Conjunction::of(schema), &mut slot, Vec::new());
        let Type::Named(id) = value.ty else {
            return Err("its schema is not an object with properties");
        };
        if let Some(def) = self.types.get_mut(id.0)
            && let TypeKind::Struct(it) = &mut def.kind
        {
            def.has_uploads = true;
            for field in &mut it.fields {
                let Some(file) = files.iter().find(|file| *file.key == *field.key) else {
                    continue;
                };
                let upload = Value {
                    ty: Type::Upload,
                    checks: file.checks.clone(),
                };
                field.value = match &file.list {
                    None => upload,
                    Some(checks) => Value {
                        ty: Type::Array(Box::new(upload)),
                        checks: checks.clone(),
                    },
                };
                if matches!(field.presence, crate::ir::Presence::Default(_)) {
                    field.presence = crate::ir::Presence::Optional;
                }
            }
        }
        Ok(value)
    }

    /// Whether a property is a file: bytes, by its schema or by the content type of its part.
    fn file(
        &mut self,
        key: &Rc<str>,
        schemas: &[Rc<Schema>],
        encoding: Option<&Encoding>,
    ) -> Result<Option<File>, Untyped> {
        let conjunction = Conjunction {
            schemas: schemas.to_vec(),
            without: Default::default(),
        };
        let facets = self.gather(&conjunction);
        if let Some(checks) = file_checks(&facets, encoding)? {
            let key = Rc::clone(key);
            return Ok(Some(File {
                key,
                checks,
                list: None,
            }));
        }
        let is_array = facets
            .types
            .as_ref()
            .is_some_and(|types| types.contains(&SchemaType::Array));
        let items: Vec<Rc<Schema>> = facets
            .arrays
            .iter()
            .filter_map(|schema| schema.items.clone())
            .collect();
        let is_tuple = facets.arrays.iter().any(|it| it.prefix_items.is_some());
        if !is_array || items.is_empty() || is_tuple {
            return Ok(None);
        }
        let items = self.gather(&Conjunction {
            schemas: items,
            without: Default::default(),
        });
        let Some(checks) = file_checks(&items, encoding)? else {
            return Ok(None);
        };
        if facets.array.contains(&Check::UniqueItems) {
            return Err("`uniqueItems` of files is not checked");
        }
        Ok(Some(File {
            key: Rc::clone(key),
            checks,
            list: Some(facets.array.clone()),
        }))
    }

    /// What the fields of a form are, given what all of them together are.
    fn form(
        &mut self,
        value: Value,
        media_type: &MediaType,
        is_multipart: bool,
    ) -> Result<Form, Untyped> {
        let mut fields = Vec::new();
        let mut rest = FormRest::Ignored;
        let mut seen = Vec::new();
        self.form_fields(
            &value,
            media_type,
            is_multipart,
            &mut fields,
            &mut rest,
            &mut seen,
        )?;
        Ok(Form {
            value,
            fields,
            rest,
        })
    }

    /// Gathers the fields of a type and of the branches of a union.
    fn form_fields(
        &self,
        value: &Value,
        media_type: &MediaType,
        is_multipart: bool,
        fields: &mut Vec<FormField>,
        rest: &mut FormRest,
        seen: &mut Vec<usize>,
    ) -> Result<(), Untyped> {
        const MIXED: Untyped = "its branches write one field in different ways";
        let mut set_rest = |found: FormRest| {
            if *rest != FormRest::Ignored && found != FormRest::Ignored && *rest != found {
                return Err(MIXED);
            }
            if found != FormRest::Ignored {
                *rest = found;
            }
            Ok(())
        };
        match &value.ty {
            Type::Named(id) => {
                if seen.contains(&id.0) {
                    return Ok(());
                }
                seen.push(id.0);
                match self.types.get(id.0).map(|def| &def.kind) {
                    Some(TypeKind::Struct(it)) => {
                        for field in &it.fields {
                            let encoding = encoding_of(media_type, &field.key);
                            let found =
                                self.form_field(&field.key, &field.value, encoding, is_multipart)?;
                            match fields.iter().find(|other| other.key == found.key) {
                                Some(other) if *other != found => return Err(MIXED),
                                Some(_) => {}
                                None => fields.push(found),
                            }
                        }
                        match &it.additional {
                            Additional::Ignore => Ok(()),
                            Additional::Refuse { .. } => set_rest(FormRest::Text),
                            Additional::Keep { value, .. } | Additional::Check(value) => {
                                set_rest(self.rest_of(value)?)
                            }
                        }
                    }
                    Some(TypeKind::Union(union)) => {
                        for variant in &union.variants {
                            self.form_fields(
                                &variant.value,
                                media_type,
                                is_multipart,
                                fields,
                                rest,
                                seen,
                            )?;
                        }
                        Ok(())
                    }
                    Some(TypeKind::Newtype(inner) | TypeKind::Alias(inner)) => {
                        self.form_fields(inner, media_type, is_multipart, fields, rest, seen)
                    }
                    _ => Err("its schema is not an object"),
                }
            }
            Type::Nullable(inner) => {
                self.form_fields(inner, media_type, is_multipart, fields, rest, seen)
            }
            Type::Map(inner) => set_rest(self.rest_of(inner)?),
            Type::Json => set_rest(FormRest::Text),
            _ => Err("its schema is not an object"),
        }
    }

    fn rest_of(&self, value: &Value) -> Result<FormRest, Untyped> {
        Ok(match self.kind_of(value)? {
            (FieldKind::Text, false) => FormRest::Text,
            (FieldKind::Text, true) => FormRest::List,
            (_, false) => FormRest::Json,
            (_, true) => return Err("lists of objects that no property names have no type"),
        })
    }

    fn form_field(
        &self,
        key: &str,
        value: &Value,
        encoding: Option<&Encoding>,
        is_multipart: bool,
    ) -> Result<FormField, Untyped> {
        let content_types: Vec<String> = encoding
            .and_then(|encoding| encoding.content_type.as_ref())
            .map(|types| {
                types
                    .value
                    .split(',')
                    .map(|it| it.trim().to_owned())
                    .collect()
            })
            .unwrap_or_default();
        let style = encoding.and_then(|encoding| encoding.style);
        let explode = encoding.and_then(|encoding| encoding.explode);
        // Where a style is said, `contentType` is ignored (OAS 3.2, Encoding Object).
        let says_style = style.is_some()
            || explode.is_some()
            || encoding.is_some_and(|encoding| encoding.allow_reserved.is_some());
        let says_json = !says_style
            && !content_types.is_empty()
            && content_types.iter().all(|it| Essence::of(it).is_json());
        let (kind, is_list) = match self.kind_of(value) {
            Ok((FieldKind::File, is_list)) => (FieldKind::File, is_list),
            _ if says_json => (FieldKind::Json, false),
            found => found?,
        };
        if kind == FieldKind::Json && says_style {
            return Err("an object in a `style` of its own is not read from a form yet");
        }
        let list = is_list.then_some(match style {
            _ if is_multipart && !says_style => FieldList::Repeated,
            Some(Style::SpaceDelimited) => FieldList::Space,
            Some(Style::PipeDelimited) => FieldList::Pipe,
            _ if explode == Some(false) => FieldList::Comma,
            _ => FieldList::Repeated,
        });
        Ok(FormField {
            key: key.to_owned(),
            kind,
            list,
            content_types: if is_multipart && !says_style {
                content_types
            } else {
                Vec::new()
            },
        })
    }

    /// What a property is written as where nothing says otherwise, and whether it is a list.
    fn kind_of(&self, value: &Value) -> Result<(FieldKind, bool), Untyped> {
        self.kind_within(value, 16)
    }

    fn kind_within(&self, value: &Value, depth: usize) -> Result<(FieldKind, bool), Untyped> {
        const MIXED: Untyped = "a property that is text or something else has no type yet";
        let depth = depth.checked_sub(1).ok_or(MIXED)?;
        if self.is_text(value) {
            return Ok((FieldKind::Text, false));
        }
        match &value.ty {
            Type::Upload => Ok((FieldKind::File, false)),
            Type::Nullable(inner) => self.kind_within(inner, depth),
            Type::Array(item) => match self.kind_within(item, depth)? {
                (kind, false) => Ok((kind, true)),
                (_, true) => Ok((FieldKind::Json, true)),
            },
            Type::Map(_) | Type::Tuple(_) => Ok((FieldKind::Json, false)),
            Type::Named(id) => match self.types.get(id.0).map(|def| &def.kind) {
                Some(TypeKind::Struct(_)) => Ok((FieldKind::Json, false)),
                Some(TypeKind::Newtype(inner) | TypeKind::Alias(inner)) => {
                    self.kind_within(inner, depth)
                }
                Some(TypeKind::Union(union)) => {
                    let mut kinds = union
                        .variants
                        .iter()
                        .map(|variant| self.kind_within(&variant.value, depth));
                    let first = kinds.next().unwrap_or(Err(MIXED))?;
                    for kind in kinds {
                        if kind? != first {
                            return Err(MIXED);
                        }
                    }
                    Ok(first)
                }
                _ => Ok((FieldKind::Text, false)),
            },
            _ => Ok((FieldKind::Text, false)),
        }
    }
}

fn encoding_of<'m>(media_type: &'m MediaType, key: &str) -> Option<&'m Encoding> {
    media_type
        .encoding
        .iter()
        .find(|(name, _)| **name == *key)
        .map(|(_, encoding)| encoding)
}

/// What is asked of a file; `None` where the schema is not one of a file.
///
/// Bytes are said by `format: binary` in 3.0, by `contentMediaType` without `contentEncoding` or by no `type` at all in
/// 3.1 (OAS 3.2, Working with Binary Data), and by a content type that is neither text nor JSON.
fn file_checks(
    facets: &Facets,
    encoding: Option<&Encoding>,
) -> Result<Option<Vec<Check>>, Untyped> {
    let says_string = facets.types.as_ref().is_some_and(|types| {
        types.contains(&SchemaType::String)
            && types
                .iter()
                .all(|ty| matches!(ty, SchemaType::String | SchemaType::Null))
    });
    let says_nothing = facets.types.is_none() && !facets.never && facets.is_type_only();
    if !says_string && !says_nothing {
        return Ok(None);
    }
    let is_binary = facets
        .formats
        .iter()
        .any(|format| &*format.value == "binary")
        || facets.content_media_type.is_some() && facets.formats.is_empty();
    let is_written_binary = encoding
        .and_then(|encoding| encoding.content_type.as_ref())
        .is_some_and(|types| {
            types.value.split(',').any(|it| {
                let essence = Essence::of(it);
                !essence.is_text() && !essence.is_json() && !essence.is_form()
            })
        });
    if !(is_binary || is_written_binary || says_nothing && encoding_says_no_json(encoding)) {
        return Ok(None);
    }
    if facets.values.is_some() || !facets.textual.iter().all(is_length) {
        return Err("what its schema asks of the bytes of a file is not checked");
    }
    Ok(Some(facets.textual.clone()))
}

fn encoding_says_no_json(encoding: Option<&Encoding>) -> bool {
    encoding
        .and_then(|encoding| encoding.content_type.as_ref())
        .is_none_or(|types| {
            !types
                .value
                .split(',')
                .all(|it| Essence::of(it).is_json() || Essence::of(it).is_text())
        })
}
