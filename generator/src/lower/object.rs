//! Objects and arrays: structs, maps and lists.

use std::rc::Rc;

use super::{
    Lowering,
    direction::Direction,
    facet::{Conjunction, Facets},
    literal, name,
    schema::{Peeled, Slot},
};
use crate::{
    diagnostic::Code,
    document::Schema,
    ir::{Additional, Check, Field, Literal, Presence, Struct, Type, TypeKind, Value},
};

impl Lowering<'_> {
    pub(super) fn array(&mut self, facets: &Facets, slot: &mut Slot) -> Value {
        let item = match facets.items.as_slice() {
            [] => Value::plain(Type::Json),
            items => self.conjunction_value(items, &format!("{}Item", slot.name), slot.direction),
        };
        let mut value = Value {
            ty: Type::Array(Box::new(item)),
            checks: facets.array.clone(),
        };
        self.check_values(facets, &mut value);
        value
    }

    /// The value of one or several schemas that all apply.
    pub(super) fn conjunction_value(
        &mut self,
        schemas: &[Rc<Schema>],
        hint: &str,
        direction: Direction,
    ) -> Value {
        match schemas {
            [only] => self.value_of(only, hint, direction),
            several => {
                let conjunction = Conjunction {
                    schemas: several.to_vec(),
                    without: Default::default(),
                };
                self.inline(conjunction, hint, direction)
            }
        }
    }

    pub(super) fn object(
        &mut self,
        facets: &Facets,
        slot: &mut Slot,
        mut checks: Vec<Check>,
    ) -> Value {
        checks.splice(0..0, facets.object.iter().cloned());
        let members = members(facets);
        if members.is_empty() && facets.required.is_empty() && !is_closed(facets) {
            return self.map(facets, slot, checks);
        }
        if facets.values.is_some() {
            let mut value = Value {
                ty: Type::Json,
                checks,
            };
            self.check_values(facets, &mut value);
            return value;
        }
        // The fields may refer to the struct, so it has its name before they are lowered.
        let id = self.reserve(slot, facets);
        let owner = self
            .types
            .get(id.0)
            .map_or_else(|| slot.name.clone(), |def| def.name.clone());
        let mut fields = Vec::new();
        let mut ignored = Vec::new();
        for member in &members {
            let required = facets
                .required
                .iter()
                .any(|name| *name.value == *member.key);
            match self.field(member, required, &owner, slot.direction) {
                Some(field) => fields.push(field),
                None => ignored.push(member.key.to_string()),
            }
        }
        for name in &facets.required {
            if !members.iter().any(|member| *member.key == *name.value) {
                fields.push(undescribed(
                    &name.value,
                    facets,
                    self,
                    &owner,
                    slot.direction,
                ));
            }
        }
        let additional = self.additional(facets, &owner, slot.direction);
        let mut names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
        name::distinct(&mut names);
        for (field, name) in fields.iter_mut().zip(names) {
            field.name = name;
        }
        let additional = match additional {
            Additional::Keep { value, .. } => {
                let mut name = "additional_properties".to_owned();
                while fields.iter().any(|field| field.name == name) {
                    name.push('_');
                }
                Additional::Keep { name, value }
            }
            other => other,
        };
        self.define(
            id,
            TypeKind::Struct(Struct {
                fields,
                ignored,
                additional,
                checks,
            }),
        )
    }

    /// An object without named members.
    fn map(&mut self, facets: &Facets, slot: &mut Slot, checks: Vec<Check>) -> Value {
        let value = match self.additional(facets, &slot.name, slot.direction) {
            Additional::Ignore => Value::plain(Type::Json),
            Additional::Keep { value, .. } | Additional::Check(value) => *value,
            Additional::Refuse => Value {
                ty: Type::Json,
                checks: vec![Check::Never],
            },
        };
        let mut value = Value {
            ty: Type::Map(Box::new(value)),
            checks,
        };
        self.check_values(facets, &mut value);
        value
    }

    /// What happens to members that no property names.
    fn additional(&mut self, facets: &Facets, owner: &str, direction: Direction) -> Additional {
        if is_closed(facets) {
            return Additional::Refuse;
        }
        let schemas: Vec<Rc<Schema>> = facets
            .objects
            .iter()
            .filter_map(|object| object.schema.additional_properties.clone())
            .collect();
        if schemas.is_empty() {
            return Additional::Ignore;
        }
        Additional::Keep {
            name: String::new(),
            value: Box::new(self.conjunction_value(&schemas, &format!("{owner}Value"), direction)),
        }
    }

    /// The field of a member; `None` where the member belongs to the other direction.
    fn field(
        &mut self,
        member: &Member,
        required: bool,
        owner: &str,
        direction: Direction,
    ) -> Option<Field> {
        let annotations = self.annotations(&member.schemas);
        let other = match direction {
            Direction::Write => annotations.read_only,
            Direction::Read => annotations.write_only,
        };
        if other {
            return None;
        }
        let hint = format!("{owner}{}", name::type_name(&member.key));
        self.members += 1;
        let value = self.conjunction_value(&member.schemas, &hint, direction);
        self.members -= 1;
        if required
            && value.checks.contains(&Check::Never)
            && let Some(schema) = member.schemas.first()
        {
            let place = schema.place.clone();
            self.diagnostics.warning(
                Code::Unsatisfiable,
                &place,
                format!(
                    "`{}` is required, but no value satisfies its schemas",
                    member.key
                ),
            );
        }
        let presence = match (required, annotations.default) {
            (true, _) => Presence::Required,
            (false, Some(default)) => self.default_of(&default, &value),
            (false, None) => Presence::Optional,
        };
        Some(Field {
            name: annotations
                .name
                .unwrap_or_else(|| name::value_name(&member.key)),
            key: member.key.to_string(),
            docs: annotations.docs,
            deprecated: annotations.deprecated,
            value,
            presence,
            boxed: false,
        })
    }

    /// What the schemas of a member say besides their assertions; a bare reference says what its target says.
    pub(super) fn annotations(&mut self, schemas: &[Rc<Schema>]) -> Annotations {
        let (docs, deprecated) = self.docs_of(schemas);
        let mut annotations = Annotations {
            docs,
            deprecated,
            ..Annotations::default()
        };
        for schema in schemas {
            let mut both = vec![Rc::clone(schema)];
            match self.peel(schema) {
                Peeled::Named(target) | Peeled::Inline(target) => both.push(target),
            }
            for schema in both {
                annotations.read_only |= schema.read_only;
                annotations.write_only |= schema.write_only;
                if annotations.default.is_none() {
                    annotations.default.clone_from(&schema.default);
                }
            }
            if let Some((_, literal)) = schema
                .extensions
                .iter()
                .find(|(key, _)| &**key == "x-rust-name")
                && let Some(asked) = literal.value.as_str()
                && name::value_name(asked) == asked
            {
                annotations.name = Some(asked.to_owned());
            }
        }
        annotations
    }

    /// The default, where its value fits the type; it was reported where not.
    pub(super) fn default_of(
        &mut self,
        default: &crate::document::Literal,
        value: &Value,
    ) -> Presence {
        let found = literal::literal(&default.value);
        if self.fits(&found, value) {
            return Presence::Default(found);
        }
        let headline = "the default is no value of its own schema";
        // A default of another type is a slip that many documents have; one that is merely not among the values of an
        // enum was meant to count.
        let diagnostic = if self.is_enum(value) && matches!(found, Literal::String(_)) {
            self.diagnostics
                .error(Code::InvalidDefault, &default.place, headline)
        } else {
            self.diagnostics
                .warning(Code::InvalidDefault, &default.place, headline)
        };
        diagnostic.label("this value would be refused in a request, so it is not applied");
        Presence::Optional
    }

    fn is_enum(&self, value: &Value) -> bool {
        match &value.ty {
            Type::Named(id) => matches!(
                self.types.get(id.0).map(|def| &def.kind),
                Some(TypeKind::Enum(_))
            ),
            Type::Nullable(inner) => self.is_enum(inner),
            _ => false,
        }
    }

    /// Whether a literal is of the value's type, as far as that can be told without running the checks.
    fn fits(&self, literal: &Literal, value: &Value) -> bool {
        match (&value.ty, literal) {
            (Type::Nullable(_), Literal::Null) => true,
            (Type::Nullable(inner), literal) => self.fits(literal, inner),
            (Type::Named(id), literal) => match self.types.get(id.0).map(|def| &def.kind) {
                Some(TypeKind::Enum(found)) => {
                    matches!(literal, Literal::String(text) if found.variants.iter().any(|it| it.value == *text))
                }
                Some(TypeKind::Struct(_)) => matches!(literal, Literal::Object(_)),
                Some(TypeKind::Newtype(value) | TypeKind::Alias(value)) => {
                    self.fits(literal, value)
                }
                _ => true,
            },
            (Type::Boolean, literal) => matches!(literal, Literal::Boolean(_)),
            (Type::Integer(_), Literal::Number(text)) => literal::integer(text).is_some(),
            (Type::F32 | Type::F64 | Type::Decimal, literal) => {
                matches!(literal, Literal::Number(_))
            }
            (Type::String | Type::Formatted(_), literal) => matches!(literal, Literal::String(_)),
            (Type::Array(_), literal) => matches!(literal, Literal::Array(_)),
            (Type::Map(_), literal) => matches!(literal, Literal::Object(_)),
            (Type::Null, literal) => *literal == Literal::Null,
            (Type::Json, _) => true,
            (Type::Integer(_) | Type::Upload, _) => false,
        }
    }
}

/// Whether members that no property names are refused.
fn is_closed(facets: &Facets) -> bool {
    facets.objects.iter().any(|object| {
        let additional = object.schema.additional_properties.as_ref();
        additional.is_some_and(|schema| schema.boolean == Some(false))
    })
}

/// What schemas say besides their assertions.
#[derive(Default)]
pub(super) struct Annotations {
    pub(super) docs: crate::ir::Docs,
    pub(super) deprecated: bool,
    pub(super) read_only: bool,
    pub(super) write_only: bool,
    pub(super) default: Option<crate::document::Literal>,
    /// The name that `x-rust-name` asks for.
    pub(super) name: Option<String>,
}

/// A member and the schemas that apply to it.
pub(super) struct Member {
    pub(super) key: Rc<str>,
    pub(super) schemas: Vec<Rc<Schema>>,
}

/// The named members: each with the schemas of every part, its `additionalProperties` where it does not name it.
pub(super) fn members(facets: &Facets) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    for object in &facets.objects {
        for (key, _) in &object.schema.properties {
            if members.iter().any(|member| member.key == *key) {
                continue;
            }
            let mut schemas: Vec<Rc<Schema>> = Vec::new();
            for object in &facets.objects {
                let own = object
                    .schema
                    .properties
                    .iter()
                    .find(|(name, _)| name == key);
                let applied = own
                    .map(|(_, schema)| schema)
                    .or(object.schema.additional_properties.as_ref());
                if let Some(schema) = applied
                    && schema.boolean != Some(true)
                    && !schemas.iter().any(|it| Rc::ptr_eq(it, schema))
                {
                    schemas.push(Rc::clone(schema));
                }
            }
            if schemas.is_empty()
                && let Some((_, schema)) = object
                    .schema
                    .properties
                    .iter()
                    .find(|(name, _)| name == key)
            {
                schemas.push(Rc::clone(schema));
            }
            members.push(Member {
                key: Rc::clone(key),
                schemas,
            });
        }
    }
    members
}

/// The field of a member that is required and described nowhere.
fn undescribed(
    key: &str,
    facets: &Facets,
    cx: &mut Lowering<'_>,
    owner: &str,
    direction: Direction,
) -> Field {
    let value = match cx.additional(facets, owner, direction) {
        Additional::Keep { value, .. } | Additional::Check(value) => *value,
        Additional::Ignore => Value::plain(Type::Json),
        Additional::Refuse => Value {
            ty: Type::Json,
            checks: vec![Check::Never],
        },
    };
    Field {
        name: name::value_name(key),
        key: key.to_owned(),
        docs: crate::ir::Docs::default(),
        deprecated: false,
        value,
        presence: Presence::Required,
        boxed: false,
    }
}
