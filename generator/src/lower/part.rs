//! Parts of multipart bodies: which are files, and which have headers of their own.

use std::rc::Rc;

use super::{
    Lowering,
    content::{Essence, is_length},
    direction::Direction,
    facet::{Conjunction, Facets},
    form::{Untyped, encoding_of, says_style},
    name,
    object::{Member, members},
    schema::{Peeled, Slot, directed},
};
use crate::{
    diagnostic::Code,
    document::{
        Encoding, Header, Located, MediaType, OrReference, ParameterValue, Schema,
        Type as SchemaType,
    },
    ir::{
        Additional, Check, Docs, Empty, Field, FormContent, FormPart, HeaderLayout, Literal,
        Presence, Shape, Struct, Style, Type, TypeKind, Value,
    },
};

/// What is asked of a file, or of each file of a list.
pub(super) struct File {
    checks: Vec<Check>,
    /// What is asked of the list.
    list: Option<Vec<Check>>,
}

/// The headers of the part of a property.
pub(super) struct HeadersOf {
    pub(super) key: Rc<str>,
    /// The struct that they are.
    pub(super) value: Value,
    /// How they are written.
    pub(super) fields: Vec<FormPart>,
}

/// Whose headers are asked for.
pub(super) struct PartOf<'a> {
    /// What their type is named by.
    pub(super) owner: &'a str,
    /// The part, in words.
    pub(super) what: &'a str,
    pub(super) direction: Direction,
}

/// A property of a multipart body that is more than a value.
struct Special {
    key: Rc<str>,
    schemas: Vec<Rc<Schema>>,
    file: Option<File>,
    headers: Option<Value>,
}

impl Lowering<'_> {
    /// A multipart body whose parts have names (OAS 3.2, Encoding `multipart` Media Types; RFC 7578).
    pub(super) fn multipart(
        &mut self,
        schema: &Rc<Schema>,
        media_type: &MediaType,
        hint: &str,
        direction: Direction,
    ) -> Result<FormContent, Untyped> {
        let facets = self.gather(&Conjunction::of(schema));
        let name = match self.peel(schema) {
            Peeled::Named(target) => {
                let name = self.references.schema_name(&target, &mut self.names);
                format!("{name}Form")
            }
            Peeled::Inline(_) => hint.to_owned(),
        };
        let is_plain = facets.unions.is_empty()
            && facets.not.is_empty()
            && facets.conditionals.is_empty()
            && facets.values.is_none();
        let (mut special, mut headers) = (Vec::new(), Vec::new());
        for member in members(&facets, &[]) {
            let encoding = encoding_of(media_type, &member.key);
            let file = self.file(&member.schemas, encoding)?;
            let found = match encoding {
                Some(encoding) if is_plain => {
                    let owner = format!("{name}{}", name::type_name(&member.key));
                    let what = format!("the part `{}`", member.key.escape_debug());
                    let part = PartOf {
                        owner: &owner,
                        what: &what,
                        direction,
                    };
                    self.headers_of(&part, &member, file.as_ref(), encoding)
                }
                Some(encoding) => {
                    if let Some((first, _)) = declared_headers(encoding).next() {
                        let why = "its form is one of several";
                        let what = format!("the part `{}`", member.key.escape_debug());
                        self.untyped_headers(&what, first, why);
                    }
                    None
                }
                None => None,
            };
            if file.is_some() || found.is_some() {
                special.push(Special {
                    key: Rc::clone(&member.key),
                    schemas: member.schemas.clone(),
                    file,
                    headers: found.as_ref().map(|it| it.value.clone()),
                });
            }
            headers.extend(found);
        }
        let value = if special.is_empty() {
            self.value_of(schema, hint, direction)
        } else if is_plain {
            self.with_parts(schema, &facets, &special, name, direction)?
        } else {
            return Err("a file beside `oneOf`, `anyOf`, `not`, `if` or `enum` has no type");
        };
        self.fields(value, media_type, Some(&headers))
    }

    /// The struct of a body with files or headers.
    fn with_parts(
        &mut self,
        schema: &Rc<Schema>,
        facets: &Facets,
        special: &[Special],
        name: String,
        direction: Direction,
    ) -> Result<Value, Untyped> {
        // Bodies in which the same properties are the same files share one type.
        let mut keys: Vec<String> = Vec::new();
        for part in special {
            let headers = part.headers.as_ref().map(|it| match it.ty {
                Type::Named(id) => format!(" with the headers {}", id.0),
                _ => String::new(),
            });
            keys.push(format!("{}{}", part.key, headers.unwrap_or_default()));
        }
        let conjunction = Conjunction::of(schema);
        let differs = self.direction_of(&conjunction.schemas, direction);
        let slot_key = format!(
            "{} with the files {}",
            directed(&conjunction.key(), differs),
            keys.join(",")
        );
        if let Some(value) = self.known.get(&slot_key) {
            return Ok(value.clone());
        }
        let mut slot = Slot {
            key: slot_key,
            name,
            is_named: false,
            pointer: facets.place.pointer.to_string(),
            direction,
            id: None,
            nullable: false,
        };
        let value = self.object(facets, &conjunction, &mut slot, Vec::new());
        let Type::Named(id) = value.ty else {
            return Err("its schema is not an object with properties");
        };
        let mut dropped = Vec::new();
        if let Some(def) = self.types.get_mut(id.0)
            && let TypeKind::Struct(it) = &mut def.kind
        {
            def.has_parts = true;
            for field in &mut it.fields {
                let Some(part) = special.iter().find(|part| *part.key == *field.key) else {
                    continue;
                };
                part.replace(&mut field.value);
                let Presence::Default(default) = &field.presence else {
                    continue;
                };
                // A list without items has no part that would need a file or headers.
                let is_empty = matches!(default, Literal::Array(items) if items.is_empty());
                if !is_empty || !matches!(field.value.ty, Type::Array(_)) {
                    field.presence = Presence::Optional;
                    dropped.push(part);
                }
            }
        }
        for part in dropped {
            self.dropped_default(part);
        }
        Ok(value)
    }

    /// Says that the default of a part is not applied.
    fn dropped_default(&mut self, part: &Special) {
        let Some(default) = self.annotations(&part.schemas).default else {
            return;
        };
        let why = match part.headers {
            Some(_) => "nothing says what its headers would be",
            None => "the part is a file",
        };
        let key = part.key.escape_debug();
        self.diagnostics
            .warning(
                Code::NotTypedYet,
                &default.place,
                format!("the default of the part `{key}` is not typed yet: {why}"),
            )
            .label("where the part is absent, the handler gets `None`");
    }

    /// The headers of the part of a property; none where they are not declared, or cannot be typed, which is told.
    pub(super) fn headers_of(
        &mut self,
        part: &PartOf<'_>,
        member: &Member,
        file: Option<&File>,
        encoding: &Encoding,
    ) -> Option<HeadersOf> {
        let PartOf {
            owner,
            what,
            direction,
        } = *part;
        let declared: Vec<_> = declared_headers(encoding).collect();
        let (first, _) = declared.first()?;
        if let Err(why) = self.takes_headers(member, file, encoding) {
            self.untyped_headers(what, first, why);
            return None;
        }
        let name = format!("{owner}Headers");
        let (mut fields, mut written) = (Vec::new(), Vec::new());
        for (header_name, header) in declared {
            let header = self.references.header(header, self.diagnostics)?;
            let hint = format!("{name}{}", name::type_name(&header_name.value));
            let (value, layout) = self.header_value(&header, &hint, direction)?;
            let schemas = match &header.value {
                ParameterValue::Schema(schema) => vec![Rc::clone(schema)],
                ParameterValue::Content(..) => Vec::new(),
            };
            let annotations = self.annotations(&schemas);
            let presence = match (header.required, &annotations.default) {
                (true, _) => Presence::Required,
                (false, Some(default)) => self.default_of(default, &schemas, &value),
                (false, None) => Presence::Optional,
            };
            let mut shapes = match layout {
                HeaderLayout::Json => vec![Shape::Json],
                HeaderLayout::Simple | HeaderLayout::Exploded => self.shapes_of(&value),
            };
            if shapes.is_empty() {
                shapes.push(Shape::Text);
            }
            let description = header.description.as_deref().map(str::to_owned);
            fields.push(Field {
                name: name::value_name(&header_name.value),
                key: header_name.value.to_string(),
                docs: Docs {
                    summary: description
                        .is_none()
                        .then(|| format!("The header `{}`.", header_name.value)),
                    description,
                },
                deprecated: annotations.deprecated,
                is_secret: annotations.write_only,
                value,
                presence,
                boxed: false,
            });
            written.push(FormPart {
                name: header_name.value.to_string(),
                style: Style::Simple,
                explode: layout == HeaderLayout::Exploded,
                shapes,
                empty: Empty::Text,
                allow_reserved: false,
            });
        }
        let kind = struct_of(fields);
        let docs = format!("The headers of {what}.");
        Some(HeadersOf {
            key: Rc::clone(&member.key),
            value: self.type_at(&name, &encoding.place, docs, kind),
            fields: written,
        })
    }

    /// Whether each part of a property can have headers of its own.
    fn takes_headers(
        &mut self,
        member: &Member,
        file: Option<&File>,
        encoding: &Encoding,
    ) -> Result<(), &'static str> {
        let facets = self.gather(&Conjunction {
            schemas: member.schemas.clone(),
            without: Default::default(),
        });
        let has = |ty| {
            facets
                .types
                .as_ref()
                .is_some_and(|types| types.contains(&ty))
        };
        if has(SchemaType::Object) && says_style(encoding) {
            return Err("its members are parts of their own");
        }
        if file.is_some() || !has(SchemaType::Array) {
            return Ok(());
        }
        let is_length = |check: &Check| matches!(check, Check::MinItems(_) | Check::MaxItems(_));
        let is_plain_list = facets.types.as_ref().is_some_and(|types| types.len() == 1)
            && facets.array.iter().all(is_length)
            && facets.contains.is_empty()
            && facets.unevaluated_items.is_empty()
            && facets.unions.is_empty()
            && !facets.asks_of_values()
            && facets.arrays.iter().all(|it| it.prefix_items.is_none());
        if is_plain_list {
            Ok(())
        } else {
            Err("more is asked of the list that several parts make than how long it is")
        }
    }

    /// Says that what is declared of the headers of a part is not checked.
    fn untyped_headers(&mut self, what: &str, header: &Located<Rc<str>>, why: &str) {
        self.diagnostics
            .warning(
                Code::NotTypedYet,
                &header.place,
                format!("the headers of {what} are not typed yet: {why}"),
            )
            .label("they are neither asked for nor checked");
    }

    /// Whether a property is a file: bytes, by its schema or by the content type of its part.
    pub(super) fn file(
        &mut self,
        schemas: &[Rc<Schema>],
        encoding: Option<&Encoding>,
    ) -> Result<Option<File>, Untyped> {
        let conjunction = Conjunction {
            schemas: schemas.to_vec(),
            without: Default::default(),
        };
        let facets = self.gather(&conjunction);
        if let Some(checks) = file_checks(&facets, encoding)? {
            return Ok(Some(File { checks, list: None }));
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
        let asks_of_items = facets.array.contains(&Check::UniqueItems)
            || !facets.contains.is_empty()
            || !facets.unevaluated_items.is_empty();
        if asks_of_items || facets.asks_of_values() {
            return Err("what its schema asks of the files of a list is not checked");
        }
        Ok(Some(File {
            checks,
            list: Some(facets.array.clone()),
        }))
    }
}

impl File {
    /// A file that is no list of them.
    pub(super) fn alone(checks: Vec<Check>) -> Self {
        Self { checks, list: None }
    }

    /// What the property is.
    pub(super) fn value(&self) -> Value {
        let upload = Value {
            ty: Type::Upload,
            checks: self.checks.clone(),
        };
        match &self.list {
            None => upload,
            Some(checks) => Value {
                ty: Type::Array(Box::new(upload)),
                checks: checks.clone(),
            },
        }
    }
}

impl Special {
    /// Makes the value of the property that of its parts.
    fn replace(&self, value: &mut Value) {
        if let Some(file) = &self.file {
            *value = file.value();
        }
        if let Some(headers) = &self.headers {
            let part = match &mut value.ty {
                Type::Array(item) => item,
                _ => value,
            };
            let inner = std::mem::replace(part, Value::plain(Type::Null));
            part.ty = Type::Part(Box::new([inner, headers.clone()]));
        }
    }
}

/// The headers that are declared for a part, but for Content-Type, which `contentType` says (OAS 3.2, Encoding Object).
pub(super) fn declared_headers(
    encoding: &Encoding,
) -> impl Iterator<Item = &(Located<Rc<str>>, OrReference<Header>)> {
    let headers = encoding.headers.iter();
    headers.filter(|(name, _)| !name.value.eq_ignore_ascii_case("content-type"))
}

/// Whether a value is a file.
pub(super) fn is_file(value: &Value) -> bool {
    match &value.ty {
        Type::Upload => true,
        Type::Part(parts) => is_file(&parts[0]),
        _ => false,
    }
}

/// How many bytes a file, or each of several, may have.
pub(super) fn max_size(value: &Value) -> Option<u64> {
    match &value.ty {
        Type::Upload => {
            let mut sizes = Vec::new();
            for check in &value.checks {
                if let Check::MaxLength(most) = check {
                    sizes.push(*most);
                }
            }
            sizes.into_iter().min()
        }
        Type::Array(inner) | Type::Nullable(inner) => max_size(inner),
        Type::Part(parts) => max_size(&parts[0]),
        _ => None,
    }
}

/// What is asked of a file; `None` where the schema is not one of a file.
///
/// Bytes are said by `format: binary` in 3.0, by `contentMediaType` without `contentEncoding` or by no `type` at all in
/// 3.1 (OAS 3.2, Working with Binary Data), and by a content type that is neither text nor JSON.
pub(super) fn file_checks(
    facets: &Facets,
    encoding: Option<&Encoding>,
) -> Result<Option<Vec<Check>>, Untyped> {
    let says_nothing = facets.says_nothing();
    if !facets.says_string() && !says_nothing {
        return Ok(None);
    }
    let is_written_binary = encoding
        .and_then(|encoding| encoding.content_type.as_ref())
        .is_some_and(|types| {
            types.value.split(',').any(|it| {
                let essence = Essence::of(it);
                !essence.is_text() && !essence.is_json() && !essence.is_form()
            })
        });
    if !(facets.is_binary() || is_written_binary || says_nothing && encoding_says_no_json(encoding))
    {
        return Ok(None);
    }
    if facets.asks_of_values() || !facets.textual.iter().all(is_length) {
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

/// A struct of members that are no properties of one schema: headers, or parts by their position.
pub(super) fn struct_of(mut fields: Vec<Field>) -> TypeKind {
    let mut names: Vec<String> = fields.iter().map(|it| it.name.clone()).collect();
    name::distinct(&mut names);
    for (field, name) in fields.iter_mut().zip(names) {
        field.name = name;
    }
    TypeKind::Struct(Struct {
        fields,
        ignored: Vec::new(),
        additional: Additional::Ignore,
        checks: Vec::new(),
    })
}
