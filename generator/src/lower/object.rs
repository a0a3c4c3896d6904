//! Objects and arrays: structs, maps and lists.

use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    Lowering,
    assertion::push_properties,
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
        let mut value = match self.tuple(facets, slot) {
            Some(tuple) => tuple,
            None => self.list(facets, slot),
        };
        for schema in &facets.contains {
            value.checks.extend(self.contains(schema, slot.direction));
        }
        self.check_values(facets, &mut value);
        value
    }

    /// A list: of one type where every item has the same schemas.
    fn list(&mut self, facets: &Facets, slot: &mut Slot) -> Value {
        let mut checks = facets.array.clone();
        let has_prefix = facets.arrays.iter().any(|it| it.prefix_items.is_some());
        let item = if has_prefix {
            for schema in &facets.arrays {
                let items = self.items_of(schema, slot.direction);
                checks.push(Check::Items(items));
            }
            self.untyped += 1;
            Value::plain(Type::Json)
        } else {
            let items: Vec<Rc<Schema>> = facets
                .arrays
                .iter()
                .filter_map(|it| it.items.clone())
                .collect();
            match items.as_slice() {
                [] => Value::plain(Type::Json),
                items => {
                    self.conjunction_value(items, &format!("{}Item", slot.name), slot.direction)
                }
            }
        };
        for schema in &facets.unevaluated_items {
            checks.extend(self.unevaluated(schema, &Default::default(), slot.direction));
        }
        Value {
            ty: Type::Array(Box::new(item)),
            checks,
        }
    }

    /// Whether a value holds, other than in a list or a map, a type that is still being lowered.
    fn holds_pending(&self, value: &Value) -> bool {
        match &value.ty {
            Type::Named(id) => match self.types.get(id.0).map(|def| &def.kind) {
                Some(TypeKind::Pending) | None => true,
                Some(TypeKind::Newtype(inner) | TypeKind::Alias(inner)) => {
                    self.holds_pending(inner)
                }
                Some(_) => false,
            },
            Type::Nullable(inner) | Type::JsonText(inner) => self.holds_pending(inner),
            Type::Tuple(items) => items.iter().any(|item| self.holds_pending(item)),
            _ => false,
        }
    }

    /// A tuple, where one schema describes each of the items and their number is fixed.
    fn tuple(&mut self, facets: &Facets, slot: &mut Slot) -> Option<Value> {
        let [schema] = facets.arrays.as_slice() else {
            return None;
        };
        let prefix = &schema.prefix_items.as_ref()?.value;
        let count = prefix.len() as u64;
        // Beyond so many items a tuple has no traits.
        if !(1..=12).contains(&count) {
            return None;
        }
        // Its own `prefixItems` evaluate every item; those of another schema might not.
        let is_own = |owner: &Rc<Schema>| Rc::ptr_eq(owner, schema);
        if !facets.array.contains(&Check::MinItems(count))
            || !facets.unevaluated_items.iter().all(is_own)
        {
            return None;
        }
        let is_never =
            |it: &Option<Rc<Schema>>| it.as_ref().is_some_and(|it| it.boolean == Some(false));
        let is_closed = is_never(&schema.items)
            || facets.array.contains(&Check::MaxItems(count))
            || is_never(&schema.unevaluated_items) && has_no_applicators(schema);
        if !is_closed {
            return None;
        }
        let mut items = Vec::new();
        for (index, item) in prefix.iter().enumerate() {
            let hint = format!("{}Item{}", slot.name, index + 1);
            items.push(self.value_of(item, &hint, slot.direction));
        }
        // What is still being lowered may hold this very tuple, which then would hold itself.
        if items.iter().any(|item| self.holds_pending(item)) {
            return None;
        }
        let is_said = |check: &Check| match check {
            Check::MinItems(least) => *least <= count,
            Check::MaxItems(most) => *most >= count,
            _ => false,
        };
        let checks = facets.array.iter().filter(|check| !is_said(check));
        Some(Value {
            ty: Type::Tuple(items),
            checks: checks.cloned().collect(),
        })
    }

    /// The value of one or several schemas that all apply.
    pub(super) fn conjunction_value(
        &mut self,
        schemas: &[Rc<Schema>],
        hint: &str,
        direction: Direction,
    ) -> Value {
        let value = match schemas {
            [only] => self.value_of(only, hint, direction),
            several => {
                let conjunction = Conjunction {
                    schemas: several.to_vec(),
                    without: Default::default(),
                };
                self.inline(conjunction, hint, direction)
            }
        };
        self.authored(value, schemas)
    }

    pub(super) fn object(
        &mut self,
        facets: &Facets,
        conjunction: &Conjunction,
        slot: &mut Slot,
        mut checks: Vec<Check>,
    ) -> Value {
        if facets.values.is_some() {
            self.untyped += 1;
            return Value {
                ty: Type::Json,
                checks: self.conjunction_assertions(conjunction, None, slot.direction),
            };
        }
        checks.splice(0..0, facets.object.iter().cloned());
        for schema in &facets.dependent {
            checks.extend(self.dependencies(schema, slot.direction));
        }
        let mut closing = Vec::new();
        for schema in &facets.unevaluated_properties {
            match self.closing(schema, slot.direction) {
                Some(part) => closing.push(part),
                None => {
                    checks.extend(self.unevaluated(schema, &BTreeSet::new(), slot.direction));
                }
            }
        }
        let members = members(facets, &closing);
        if members.is_empty() && facets.required.is_empty() && !is_closed(facets, &closing) {
            return self.map(facets, &closing, slot, checks);
        }
        for object in &facets.objects {
            self.check_patterns(&object.schema, slot.direction, &mut checks);
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
                let rest = self.additional(facets, &closing, &owner, slot.direction);
                fields.push(undescribed(&name.value, rest));
            }
        }
        let mut additional = self.additional(facets, &closing, &owner, slot.direction);
        if matches!(additional, Additional::Ignore)
            && self.evaluates_more(facets, &members, slot.direction)
        {
            additional = Additional::Keep {
                name: String::new(),
                value: Box::new(Value::plain(Type::Json)),
                evaluated: true,
            };
        }
        let mut names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
        name::distinct(&mut names);
        for (field, name) in fields.iter_mut().zip(names) {
            field.name = name;
        }
        let additional = match additional {
            Additional::Keep {
                value, evaluated, ..
            } => Additional::Keep {
                name: super::kept::field_name(&fields),
                value,
                evaluated,
            },
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
    fn map(
        &mut self,
        facets: &Facets,
        closing: &[Closing],
        slot: &mut Slot,
        mut checks: Vec<Check>,
    ) -> Value {
        let value = match self.additional(facets, closing, &slot.name, slot.direction) {
            Additional::Ignore => Value::plain(Type::Json),
            Additional::Keep { value, .. } => *value,
            Additional::Refuse { .. } => Value {
                ty: Type::Json,
                checks: vec![Check::Never],
            },
        };
        for object in &facets.objects {
            self.check_patterns(&object.schema, slot.direction, &mut checks);
        }
        Value {
            ty: Type::Map(Box::new(value)),
            checks,
        }
    }

    /// What happens to members that no property names.
    fn additional(
        &mut self,
        facets: &Facets,
        closing: &[Closing],
        owner: &str,
        direction: Direction,
    ) -> Additional {
        if is_closed(facets, closing) {
            return Additional::Refuse {
                is_unevaluated: !is_closed(facets, &[]),
            };
        }
        let keep = |value: Value| Additional::Keep {
            name: String::new(),
            value: Box::new(value),
            evaluated: true,
        };
        let hint = format!("{owner}Value");
        let own = facets.objects.iter().filter(|it| !it.has_patterns());
        let schemas: Vec<Rc<Schema>> = own
            .filter_map(|it| it.schema.additional_properties.clone())
            .chain(closing.iter().map(|it| Rc::clone(&it.rest)))
            .collect();
        let patterned: Vec<&Rc<Schema>> = facets
            .objects
            .iter()
            .filter(|it| it.has_patterns())
            .map(|it| &it.schema)
            .collect();
        match (patterned.as_slice(), schemas.as_slice()) {
            ([], []) => Additional::Ignore,
            ([], schemas) => keep(self.conjunction_value(schemas, &hint, direction)),
            // All that is not refused matches the one pattern.
            ([only], [])
                if only.pattern_properties.len() == 1
                    && only
                        .additional_properties
                        .as_ref()
                        .is_some_and(|it| it.boolean == Some(false)) =>
            {
                let schemas: Vec<Rc<Schema>> = only
                    .pattern_properties
                    .iter()
                    .map(|(_, schema)| Rc::clone(schema))
                    .collect();
                keep(self.conjunction_value(&schemas, &hint, direction))
            }
            (_, []) => keep(Value::plain(Type::Json)),
            (_, schemas) => {
                let mut checks = Vec::new();
                for schema in schemas {
                    let value = self.tested_part(schema, None, direction);
                    checks.push(Check::Also(Box::new(value)));
                }
                keep(Value {
                    ty: Type::Json,
                    checks,
                })
            }
        }
    }

    /// Checks members by the patterns of their keys; what the properties themselves ask is their fields' to say.
    fn check_patterns(
        &mut self,
        schema: &Rc<Schema>,
        direction: Direction,
        checks: &mut Vec<Check>,
    ) {
        if schema.pattern_properties.is_empty() {
            return;
        }
        let mut properties = self.patterns_and_rest(schema, direction);
        let names = schema.properties.iter().map(|(key, _)| key.to_string());
        properties.members = names.map(|key| (key, Value::plain(Type::Json))).collect();
        push_properties(properties, checks);
    }

    /// `unevaluatedProperties` as if it were `additionalProperties`, where what is evaluated does not depend on the
    /// value.
    fn closing(&mut self, schema: &Rc<Schema>, direction: Direction) -> Option<Closing> {
        let coverage = self.coverage(schema, direction);
        let is_plain = coverage.patterns.is_empty()
            && !coverage.all_members
            && coverage
                .when
                .iter()
                .all(|(_, it)| it.names.is_empty() && it.patterns.is_empty() && !it.all_members);
        let rest = schema.unevaluated_properties.clone()?;
        is_plain.then_some(Closing {
            names: coverage.names,
            rest,
        })
    }

    /// Whether the schemas of `if` and its like evaluate members that no field holds.
    fn evaluates_more(
        &mut self,
        facets: &Facets,
        members: &[Member],
        direction: Direction,
    ) -> bool {
        let owners = facets.conditionals.iter().chain(&facets.dependent);
        let owners: Vec<Rc<Schema>> = owners.cloned().collect();
        owners.iter().any(|owner| {
            let coverage = self.coverage(owner, direction);
            coverage.when.iter().any(|(_, it)| {
                it.all_members
                    || !it.patterns.is_empty()
                    || it
                        .names
                        .iter()
                        .any(|name| !members.iter().any(|member| *member.key == **name))
            })
        }) || facets.unevaluated_properties.iter().any(|it| {
            it.unevaluated_properties
                .as_ref()
                .is_some_and(|it| it.boolean.is_none())
        })
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
        if direction.leaves_out(annotations.read_only, annotations.write_only) {
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
            (false, Some(default)) if direction != Direction::Patch => {
                self.default_of(&default, &member.schemas, &value)
            }
            (false, _) => Presence::Optional,
        };
        Some(Field {
            name: annotations
                .name
                .unwrap_or_else(|| name::value_name(&member.key)),
            key: member.key.to_string(),
            docs: annotations.docs,
            deprecated: annotations.deprecated,
            is_secret: annotations.write_only,
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

    /// The default, where its value fits the type and its schemas do not refuse it; it was reported where not.
    pub(super) fn default_of(
        &mut self,
        default: &crate::document::Literal,
        schemas: &[Rc<Schema>],
        value: &Value,
    ) -> Presence {
        let found = literal::literal(&default.value);
        if self.fits(&found, value) {
            for schema in schemas {
                // What the schema says by itself was an error already; `default: {}` beside a reference to something with
                // required members is a habit of generated documents.
                if let Some(fault) = self.literal_fault(schema, &default.value) {
                    self.diagnostics
                        .warning(
                            Code::InvalidDefault,
                            &default.place,
                            format!("the default {fault}; it is not applied"),
                        )
                        .help("write a default that the schema allows, or none");
                    return Presence::Optional;
                }
            }
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
            (Type::String | Type::Formatted(_) | Type::JsonText(_), literal) => {
                matches!(literal, Literal::String(_))
            }
            (Type::Array(_) | Type::Tuple(_), literal) => matches!(literal, Literal::Array(_)),
            (Type::Map(_), literal) => matches!(literal, Literal::Object(_)),
            (Type::Null, literal) => *literal == Literal::Null,
            (Type::Json, _) => true,
            (Type::Integer(_) | Type::Upload | Type::Part(_), _) => false,
        }
    }
}

/// `unevaluatedProperties` where what is evaluated does not depend on the value.
pub(super) struct Closing {
    /// The members that are evaluated.
    names: Vec<String>,
    /// What the others have to satisfy.
    rest: Rc<Schema>,
}

/// Whether members that no property names are refused.
fn is_closed(facets: &Facets, closing: &[Closing]) -> bool {
    let own = facets.objects.iter().filter(|it| !it.has_patterns());
    own.filter_map(|it| it.schema.additional_properties.as_ref())
        .chain(closing.iter().map(|it| &it.rest))
        .any(|schema| schema.boolean == Some(false))
}

/// Whether nothing besides the schema's own keywords evaluates items.
fn has_no_applicators(schema: &Schema) -> bool {
    schema.reference.is_none()
        && schema.dynamic_reference.is_none()
        && schema.all_of.is_none()
        && schema.any_of.is_none()
        && schema.one_of.is_none()
        && schema.if_.is_none()
        && schema.dependent_schemas.is_empty()
        && schema.contains.is_none()
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

/// The named members: each with the schemas of every part that names it, and those for the members that a part does not
/// name.
pub(super) fn members(facets: &Facets, closing: &[Closing]) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for object in &facets.objects {
        for (key, schema) in &object.schema.properties {
            let index = *places.entry(key).or_insert_with(|| {
                members.push(Member {
                    key: Rc::clone(key),
                    schemas: Vec::new(),
                });
                members.len() - 1
            });
            if let Some(member) = members.get_mut(index) {
                member.add(schema);
            }
        }
    }
    for member in &mut members {
        // Where patterns stand beside the properties, which members are left is told by their keys.
        let silent = facets.objects.iter().filter(|object| {
            !object.has_patterns()
                && !object
                    .schema
                    .properties
                    .iter()
                    .any(|(name, _)| *name == member.key)
        });
        let rest = silent.filter_map(|object| object.schema.additional_properties.as_ref());
        let unevaluated = closing
            .iter()
            .filter(|it| !it.names.iter().any(|name| **name == *member.key))
            .map(|it| &it.rest);
        let rest: Vec<&Rc<Schema>> = rest.chain(unevaluated).collect();
        for schema in rest {
            if schema.boolean != Some(true) {
                member.add(schema);
            }
        }
        // That everything is accepted is said only where nothing else is.
        if member.schemas.len() > 1 {
            member.schemas.retain(|it| it.boolean != Some(true));
        }
    }
    members
}

impl Member {
    fn add(&mut self, schema: &Rc<Schema>) {
        if !self.schemas.iter().any(|it| Rc::ptr_eq(it, schema)) {
            self.schemas.push(Rc::clone(schema));
        }
    }
}

/// The field of a member that is required and described nowhere.
fn undescribed(key: &str, rest: Additional) -> Field {
    let value = match rest {
        Additional::Keep { value, .. } => *value,
        Additional::Ignore => Value::plain(Type::Json),
        Additional::Refuse { .. } => Value {
            ty: Type::Json,
            checks: vec![Check::Never],
        },
    };
    Field {
        name: name::value_name(key),
        key: key.to_owned(),
        docs: crate::ir::Docs::default(),
        deprecated: false,
        is_secret: false,
        value,
        presence: Presence::Required,
        boxed: false,
    }
}
