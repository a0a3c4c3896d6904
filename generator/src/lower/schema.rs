//! What a schema becomes: a type of its own, or a value that is made of others.

use std::{collections::BTreeSet, rc::Rc};

use super::{
    Lowering,
    direction::Direction,
    facet::{Conjunction, Facets},
    name,
};
use crate::{
    diagnostic::{Code, Diagnostic, Severity},
    document::{Schema, Type as SchemaType},
    ir::{Check, Derives, Docs, Type, TypeDef, TypeId, TypeKind, TypeName, Value},
    source::Place,
};

/// A type that is reached deeper than this gets its name at once and is defined later: how far schemas refer to each
/// other is for the document to say, and the stack is not.
const DEEPEST: usize = 64;

/// A type that is going to be defined.
pub(super) struct Deferred {
    id: TypeId,
    key: String,
    facets: Facets,
    conjunction: Conjunction,
    slot: Slot,
}

/// What a schema is known by: its file and pointer, and the dynamic scope that it is read in.
pub(super) fn key(schema: &Rc<Schema>) -> String {
    super::reference::key(&schema.place, schema.scope)
}

/// Where a type is going to be defined, if one turns out to be needed.
pub(super) struct Slot {
    /// What the schemas are known by, with their direction.
    pub(super) key: String,
    /// The name that is wanted.
    pub(super) name: String,
    /// Whether the name was given to this schema already, so that nothing else can have it.
    pub(super) is_named: bool,
    pub(super) pointer: String,
    pub(super) direction: Direction,
    /// The type, where it is reserved already: a schema with a name always gets one.
    pub(super) id: Option<TypeId>,
    pub(super) nullable: bool,
}

impl Lowering<'_> {
    /// Gives the named schemas their names before anything else gets one, so that no operation can take them.
    pub(super) fn reserve_components(&mut self) {
        let schemas: Vec<_> = self.document.components.schemas.clone();
        // A name that is Rust's already comes first: `FooBar` keeps its name, `foo_bar` makes way.
        let (own, made): (Vec<_>, Vec<_>) = schemas
            .into_iter()
            .partition(|(name, _)| *name::type_name(name) == **name);
        for (name, schema) in own.into_iter().chain(made) {
            let wanted = self.wanted_name(&schema, name::type_name(&name));
            if let Some(owner) = self.names.owner(&wanted) {
                let first = self.references.place_of(owner);
                let owner = owner.rsplit('/').next().unwrap_or(owner);
                let headline = format!(
                    "the schemas `{owner}` and `{}` both become `{wanted}`",
                    name.escape_debug()
                );
                let diagnostic = self
                    .diagnostics
                    .warning(Code::NameCollision, &schema.place, headline)
                    .label("this one gets a suffix")
                    .help("say `x-rust-name` on one of them");
                if let Some(first) = first {
                    diagnostic.related(first.span, format!("this one is `{wanted}`"));
                }
            }
            let reserved = self
                .names
                .reserve(&wanted, &schema.place.pointer.to_string());
            self.references.name_schema(&key(&schema), reserved);
        }
    }

    /// The name that `x-rust-name` asks for, or the one that was made.
    fn wanted_name(&mut self, schema: &Rc<Schema>, made: String) -> String {
        let Some((_, literal)) = schema
            .extensions
            .iter()
            .find(|(key, _)| &**key == "x-rust-name")
        else {
            return made;
        };
        match literal.value.as_str() {
            Some(asked) if name::type_name(asked) == asked => asked.to_owned(),
            _ => {
                self.diagnostics.error(
                    Code::InvalidExtension,
                    &literal.place,
                    "`x-rust-name` must be a Rust name in UpperCamelCase",
                );
                made
            }
        }
    }

    /// Lowers every schema of the entry document's components, used or not.
    pub(super) fn lower_components(&mut self) {
        for (_, schema) in self.document.components.schemas.clone() {
            self.named(&schema, Direction::Read);
            if self.direction_of_target(&schema, Direction::Write) == Direction::Write {
                self.named(&schema, Direction::Write);
            }
        }
    }

    /// The value of a schema; `hint` names its type where it has no name of its own.
    pub(super) fn value_of(
        &mut self,
        schema: &Rc<Schema>,
        hint: &str,
        direction: Direction,
    ) -> Value {
        match self.peel(schema) {
            Peeled::Named(target) => self.named(&target, direction),
            Peeled::Inline(schema) => self.inline(Conjunction::of(&schema), hint, direction),
        }
    }

    /// Follows references that say nothing besides, and `allOf` with one schema and nothing besides.
    pub(super) fn peel(&mut self, schema: &Rc<Schema>) -> Peeled {
        let mut current = Rc::clone(schema);
        let mut seen = BTreeSet::new();
        let mut named = false;
        loop {
            if !seen.insert(key(&current)) || seen.len() > super::facet::LONGEST_CHAIN {
                // A cycle of bare references, or nearly one; gathering it says so.
                return Peeled::Inline(current);
            }
            if !asserts_nothing_itself(&current) {
                break;
            }
            let schema = Rc::clone(&current);
            let mut references = schema.references();
            match (references.next(), &schema.all_of) {
                (Some(reference), None) if references.next().is_none() => {
                    let Some(target) = self.references.schema(reference, self.diagnostics) else {
                        break;
                    };
                    // What a reference leads to has a name, unless it leads into an alternative of one.
                    named = true;
                    let is_component = self.references.is_component(&key(&target));
                    // A schema with a URI of its own is one for whoever refers to it, even where it only refers on.
                    let leads_on = target.id.is_none() && target.references().next().is_some();
                    current = target;
                    if is_component && !leads_on {
                        break;
                    }
                }
                (None, Some(all_of)) if all_of.value.len() == 1 => match all_of.value.first() {
                    Some(only) if !named => current = Rc::clone(only),
                    _ => break,
                },
                _ => break,
            }
        }
        if named {
            Peeled::Named(current)
        } else {
            Peeled::Inline(current)
        }
    }

    /// The value of a schema that is reached by a reference, and so has a type with a name.
    pub(super) fn named(&mut self, schema: &Rc<Schema>, direction: Direction) -> Value {
        let differs = self.direction_of_target(schema, direction);
        let key = directed(&key(schema), differs);
        if let Some(value) = self.known.get(&key) {
            return value.clone();
        }
        self.depth += 1;
        let value = self.new_named(schema, key, differs, direction);
        self.depth -= 1;
        self.finish_deferred();
        value
    }

    fn new_named(
        &mut self,
        schema: &Rc<Schema>,
        key: String,
        differs: Direction,
        direction: Direction,
    ) -> Value {
        let mut name = self.references.schema_name(schema, &mut self.names);
        let (suffix, what) = match differs {
            Direction::Read => ("", ""),
            Direction::Write => ("Input", "requests"),
            Direction::Patch => ("Patch", "patches"),
        };
        if !suffix.is_empty() {
            name = self.names.reserve(
                &format!("{name}{suffix}"),
                &format!("{} for {what}", schema.place.pointer),
            );
        }
        // A schema with a name is judged by itself, whoever refers to it.
        let conjunction = Conjunction::of(schema);
        let facets = self.gather(&conjunction);
        let mut slot = Slot {
            key,
            name,
            is_named: true,
            pointer: schema.place.pointer.to_string(),
            direction,
            id: None,
            nullable: false,
        };
        let (facets, conjunction, nullable) = self.without_null(facets, conjunction);
        slot.nullable = nullable;
        let id = self.reserve(&mut slot, &facets);
        let deferred = Deferred {
            id,
            key: slot.key.clone(),
            facets,
            conjunction,
            slot,
        };
        let key = deferred.key.clone();
        if self.depth > DEEPEST && deferred.facets.leads_on() {
            self.deferred.push_back(deferred);
        } else {
            self.finish_named(deferred);
        }
        self.known
            .get(&key)
            .cloned()
            .unwrap_or_else(|| Value::plain(Type::Named(id)))
    }

    /// Defines a type that has its name already.
    fn finish_named(&mut self, mut deferred: Deferred) {
        // It stands by itself, wherever it was referred to first.
        let members = std::mem::take(&mut self.members);
        // Whatever leads back here finds the name, so what is on the way may be entered again.
        let active = std::mem::take(&mut self.active);
        let spread = std::mem::take(&mut self.spread);
        let value = self.shape(deferred.facets, deferred.conjunction, &mut deferred.slot);
        self.spread = spread;
        self.members = members;
        self.active = active;
        if let Some(def) = self.types.get_mut(deferred.id.0)
            && matches!(def.kind, TypeKind::Pending)
        {
            def.kind = if value.checks.is_empty() {
                TypeKind::Alias(value)
            } else {
                TypeKind::Newtype(value)
            };
        }
    }

    /// Defines the types that were put off, where nothing else is being lowered.
    fn finish_deferred(&mut self) {
        if self.depth > 0 {
            return;
        }
        while let Some(deferred) = self.deferred.pop_front() {
            self.depth += 1;
            self.finish_named(deferred);
            self.depth -= 1;
        }
    }

    /// The value of schemas without a name.
    pub(super) fn inline(
        &mut self,
        conjunction: Conjunction,
        hint: &str,
        direction: Direction,
    ) -> Value {
        let differs = self.direction_of(&conjunction.schemas, direction);
        let key = directed(&conjunction.key(), differs);
        if let Some(value) = self.known.get(&key) {
            return value.clone();
        }
        if self.active.contains(&key) {
            let place = conjunction
                .schemas
                .first()
                .map(|schema| schema.place.clone());
            if let Some(place) = place {
                self.unsupported(&place, "a schema without a name that contains itself");
            }
            return Value::plain(Type::Json);
        }
        self.active.push(key.clone());
        if self.depth == 0 {
            self.spread = 0;
        }
        self.depth += 1;
        let facets = self.gather(&conjunction);
        let (facets, conjunction, nullable) = self.without_null(facets, conjunction);
        let mut slot = Slot {
            pointer: facets.place.pointer.to_string(),
            key,
            name: if differs == Direction::Write {
                format!("{hint}Input")
            } else {
                hint.to_owned()
            },
            is_named: false,
            direction,
            id: None,
            nullable,
        };
        let value = self.shape(facets, conjunction, &mut slot);
        self.active.pop();
        self.depth -= 1;
        self.finish_deferred();
        if nullable && slot.id.is_none() {
            return nullable_value(value);
        }
        match slot.id {
            Some(_) => self.known.get(&slot.key).cloned().unwrap_or(value),
            None => value,
        }
    }

    /// Takes null out of what is allowed, so that the rest can be a type of its own.
    fn without_null(
        &mut self,
        mut facets: Facets,
        mut conjunction: Conjunction,
    ) -> (Facets, Conjunction, bool) {
        if facets.never {
            return (facets, conjunction, false);
        }
        // `oneOf: [X, {type: null}]` is the nullable X.
        let unions = match self.asks_of_null(&facets) {
            true => Vec::new(),
            false => facets.unions.clone(),
        };
        for union in unions {
            let nulls: Vec<bool> = union
                .branches
                .iter()
                .map(|branch| self.is_null(branch))
                .collect();
            if nulls.iter().filter(|it| **it).count() != 1 || !facets.admits_null() {
                continue;
            }
            let rest: Vec<_> = union
                .branches
                .iter()
                .zip(&nulls)
                .filter(|(_, null)| !**null)
                .map(|(branch, _)| branch)
                .collect();
            // Where another branch takes null as well, `oneOf` refuses it.
            let mut others_take_null = false;
            for branch in &rest {
                others_take_null |= self.takes_null(branch);
            }
            if others_take_null {
                continue;
            }
            let without = conjunction
                .without
                .iter()
                .cloned()
                .chain([union.key()])
                .collect();
            let mut schemas = conjunction.schemas.clone();
            if let [only] = rest.as_slice() {
                schemas.push(Rc::clone(only));
                let docs = facets.docs.clone();
                conjunction = Conjunction { schemas, without };
                facets = self.gather(&conjunction);
                facets.docs = docs;
                return (facets, conjunction, true);
            }
            let rest = rest.into_iter().cloned().collect();
            if let Some(found) = facets.unions.iter_mut().find(|it| it.key() == union.key()) {
                found.branches = rest;
            }
            if let Some(types) = &mut facets.types {
                types.remove(&SchemaType::Null);
            }
            return (facets, conjunction, true);
        }
        if self.asks_of_null(&facets) {
            return (facets, conjunction, false);
        }
        let admits = facets.admits_null();
        let explicit = facets.types.is_some() || facets.values.is_some();
        let other = facets.types.as_ref().is_none_or(|types| types.len() > 1)
            && facets.values.as_ref().is_none_or(|values| values.len() > 1);
        if !(admits && explicit && other) {
            return (facets, conjunction, false);
        }
        // Every branch of a union has to take null too, or null is not allowed after all.
        for union in facets.unions.clone() {
            let mut taking = 0;
            for branch in &union.branches {
                taking += usize::from(self.takes_null(branch));
            }
            let accepted = match union.rule {
                crate::ir::UnionRule::One => taking == 1,
                crate::ir::UnionRule::Any => taking > 0,
            };
            if !accepted {
                if let Some(types) = &mut facets.types {
                    types.remove(&SchemaType::Null);
                }
                return (facets, conjunction, false);
            }
        }
        if !facets.unions.is_empty() {
            // The union itself takes null by one of its branches.
            return (facets, conjunction, false);
        }
        if let Some(types) = &mut facets.types {
            types.remove(&SchemaType::Null);
        }
        if let Some(values) = &mut facets.values {
            values.retain(|value| !matches!(value.value.value, crate::source::Value::Null));
        }
        (facets, conjunction, true)
    }

    /// Whether null is more than a value to take out: `if` and `not` are about values of every type, unless what must not
    /// hold cannot hold for null.
    fn asks_of_null(&mut self, facets: &Facets) -> bool {
        let mut asks = !facets.conditionals.is_empty();
        for schema in &facets.not {
            asks |= self.gather(&Conjunction::of(schema)).admits_null();
        }
        asks
    }

    /// Whether the schema is the type null and nothing else.
    fn is_null(&mut self, schema: &Rc<Schema>) -> bool {
        let facets = self.gather(&Conjunction::of(schema));
        let types = facets.types.as_ref().map_or(0, BTreeSet::len);
        let values = facets.values.as_ref().map_or(0, Vec::len);
        let is_plain = !facets.never && facets.unions.is_empty() && !facets.asks_of_any();
        is_plain && facets.admits_null() && (types == 1 || values == 1)
    }

    /// Whether the schema takes null among others, as far as types and values say.
    fn takes_null(&mut self, schema: &Rc<Schema>) -> bool {
        let facets = self.gather(&Conjunction::of(schema));
        if !facets.admits_null() || facets.never {
            return false;
        }
        // A schema that says nothing of types takes null, unless its keywords imply another type.
        facets.types.is_some()
            || facets.values.is_some()
            || !self.options.implied_types
            || facets.is_type_only()
    }

    /// Reserves the slot's type, so that its parts can refer to it.
    pub(super) fn reserve(&mut self, slot: &mut Slot, facets: &Facets) -> TypeId {
        if let Some(id) = slot.id {
            return id;
        }
        let name = if slot.is_named {
            slot.name.clone()
        } else {
            self.names.reserve(&slot.name, &slot.pointer)
        };
        let id = TypeId(self.types.len());
        self.types.push(TypeDef {
            name,
            docs: facets.docs.clone(),
            pointer: slot.pointer.clone(),
            deprecated: facets.deprecated,
            kind: TypeKind::Pending,
            derives: Derives::default(),
            recursive: false,
            accepts: false,
            has_parts: false,
            remembers: false,
        });
        slot.id = Some(id);
        let value = Value::plain(Type::Named(id));
        let value = if slot.nullable {
            nullable_value(value)
        } else {
            value
        };
        self.known.insert(slot.key.clone(), value);
        id
    }

    /// The type of what has no schema of its own, which is known by its place.
    pub(super) fn type_at(
        &mut self,
        name: &str,
        place: &Place,
        summary: String,
        kind: TypeKind,
    ) -> Value {
        let key = super::reference::key(place, Default::default());
        if let Some(value) = self.known.get(&key) {
            return value.clone();
        }
        let pointer = place.pointer.to_string();
        let id = TypeId(self.types.len());
        self.types.push(TypeDef {
            name: self.names.reserve(name, &pointer),
            docs: Docs {
                summary: Some(summary),
                description: None,
            },
            pointer,
            deprecated: false,
            kind,
            derives: Derives::default(),
            recursive: false,
            accepts: false,
            has_parts: false,
            remembers: false,
        });
        let value = Value::plain(Type::Named(id));
        self.known.insert(key, value.clone());
        value
    }

    /// Defines the slot's type.
    pub(super) fn define(&mut self, id: TypeId, kind: TypeKind) -> Value {
        if let Some(def) = self.types.get_mut(id.0) {
            def.kind = kind;
        }
        Value::plain(Type::Named(id))
    }

    /// What the facets become, null aside.
    fn shape(&mut self, facets: Facets, conjunction: Conjunction, slot: &mut Slot) -> Value {
        self.schemas += 1;
        if facets.never {
            if facets.conflict {
                // A member can be absent, and a request can be refused; but a handler has to answer something.
                let severity = match (self.members, slot.direction) {
                    (0, Direction::Read) => Severity::Error,
                    _ => Severity::Warning,
                };
                let headline = "no value satisfies this schema: its types exclude each other";
                let diagnostic = self.diagnostics.push(Diagnostic::new(
                    severity,
                    Code::Unsatisfiable,
                    &facets.place,
                    headline,
                ));
                for types in &facets.typed {
                    let names: Vec<&str> = types.value.iter().map(|ty| ty.as_str()).collect();
                    diagnostic.related(
                        types.place.span,
                        format!("only {} here", names.join(" or ")),
                    );
                }
            }
            return Value {
                ty: Type::Json,
                checks: vec![Check::Never],
            };
        }
        let left_out = self.left_out_of(&facets, slot.direction);
        let outer = std::mem::replace(&mut self.left_out, left_out);
        let value = self.possible(facets, conjunction, slot);
        self.left_out = outer;
        value
    }

    /// As [`shape`](Self::shape), of what some value may satisfy.
    fn possible(&mut self, mut facets: Facets, conjunction: Conjunction, slot: &mut Slot) -> Value {
        if let Some(value) = self.union(&mut facets, &conjunction, slot) {
            return value;
        }
        let types = self.decide_types(&mut facets);
        match types.as_slice() {
            [only] => self.typed(*only, &facets, &conjunction, slot),
            [SchemaType::Integer, SchemaType::Number] => {
                self.typed(SchemaType::Number, &facets, &conjunction, slot)
            }
            types => match self.type_union(types, &facets, &conjunction, slot) {
                Some(value) => value,
                None => self.any(&facets, types, &conjunction, slot),
            },
        }
    }

    /// What the facets become where values of one type are left.
    pub(super) fn typed(
        &mut self,
        ty: SchemaType,
        facets: &Facets,
        conjunction: &Conjunction,
        slot: &mut Slot,
    ) -> Value {
        let checks = self.checks_of_any(facets, ty, slot.direction);
        let mut value = match ty {
            SchemaType::Null if facets.admits_null() => Value::plain(Type::Null),
            // What `enum` or `const` list is never null.
            SchemaType::Null => {
                return Value {
                    ty: Type::Json,
                    checks: vec![Check::Never],
                };
            }
            SchemaType::Boolean => self.boolean(facets),
            SchemaType::Integer => self.integer(facets),
            SchemaType::Number => self.number(facets),
            SchemaType::String => self.string(facets, slot),
            SchemaType::Array => self.array(facets, slot),
            SchemaType::Object => return self.object(facets, conjunction, slot, checks),
        };
        value.checks.extend(checks);
        // What is asked of an enum's texts besides being one of them is its own to check, whoever refers to it.
        if let Type::Named(id) = value.ty
            && let Some(TypeKind::Enum(it)) = self.types.get_mut(id.0).map(|def| &mut def.kind)
        {
            it.checks.append(&mut value.checks);
        }
        value
    }

    /// The checks that are about values of every type: `not`, `if`, and unions that only constrain.
    fn checks_of_any(
        &mut self,
        facets: &Facets,
        known: SchemaType,
        direction: Direction,
    ) -> Vec<Check> {
        let mut checks = self.constraint_unions(facets, known, direction);
        for schema in &facets.not {
            checks.push(self.negated(schema, Some(known), direction));
        }
        for schema in &facets.conditionals {
            checks.extend(self.conditional(schema, Some(known), direction));
        }
        checks
    }

    /// The types that are allowed, in order; empty where all are.
    fn decide_types(&mut self, facets: &mut Facets) -> Vec<SchemaType> {
        if let Some(types) = &facets.types {
            return types.iter().copied().collect();
        }
        if let Some(values) = &facets.values {
            let types: BTreeSet<SchemaType> = values
                .iter()
                .map(|value| super::enumeration::type_of(&value.value))
                .collect();
            if types.len() == 1 {
                return types.into_iter().collect();
            }
            return Vec::new();
        }
        let implied = facets.implied_types();
        if self.options.implied_types && implied.len() == 1 {
            let ty = implied.iter().next().map_or("", |ty| ty.as_str());
            let place = facets.place.clone();
            self.diagnostics
                .warning(
                    Code::ImpliedType,
                    &place,
                    format!("this schema has no `type`; it is taken as `type: {ty}`"),
                )
                .help(format!("say `type: {ty}`"));
            return implied.into_iter().collect();
        }
        Vec::new()
    }

    /// A value of several types, or of any.
    fn any(
        &mut self,
        facets: &Facets,
        types: &[SchemaType],
        conjunction: &Conjunction,
        slot: &Slot,
    ) -> Value {
        let checks = self.conjunction_assertions(conjunction, None, slot.direction);
        // Where every type is allowed and no values are given, nothing says more than that it is JSON.
        let is_anything = types.is_empty() || EVERY_TYPE.iter().all(|ty| types.contains(ty));
        if !is_anything || facets.values.is_some() {
            self.untyped += 1;
        }
        Value {
            ty: Type::Json,
            checks,
        }
    }

    /// The words for a doc comment of an inline value, from its facets.
    pub(super) fn docs_of(&mut self, schemas: &[Rc<Schema>]) -> (Docs, bool) {
        let mut docs = Docs::default();
        let mut deprecated = false;
        for schema in schemas {
            deprecated |= schema.deprecated;
            if docs == Docs::default() {
                docs = Docs {
                    summary: schema.title.as_deref().map(str::to_owned),
                    description: schema.description.as_deref().map(str::to_owned),
                };
            }
        }
        (docs, deprecated)
    }
}

/// The types of all values, null aside; integers are numbers.
const EVERY_TYPE: [SchemaType; 5] = [
    SchemaType::Boolean,
    SchemaType::Number,
    SchemaType::String,
    SchemaType::Array,
    SchemaType::Object,
];

/// Where a schema leads once nothing but references is left out.
pub(super) enum Peeled {
    /// To a schema with a name.
    Named(Rc<Schema>),
    /// To a schema of its own.
    Inline(Rc<Schema>),
}

/// The key with the direction.
pub(super) fn directed(key: &str, direction: Direction) -> String {
    match direction {
        Direction::Read => key.to_owned(),
        Direction::Write => format!("{key} for requests"),
        Direction::Patch => format!("{key} for patches"),
    }
}

/// The value, or null.
pub(super) fn nullable_value(value: Value) -> Value {
    let takes_null = match value.ty {
        Type::Nullable(_) | Type::Null => true,
        Type::Json => value.checks.is_empty(),
        _ => false,
    };
    if takes_null {
        return value;
    }
    Value::plain(Type::Nullable(Box::new(value)))
}

pub(super) fn type_name(ty: SchemaType) -> TypeName {
    match ty {
        SchemaType::Null => TypeName::Null,
        SchemaType::Boolean => TypeName::Boolean,
        SchemaType::Integer => TypeName::Integer,
        SchemaType::Number => TypeName::Number,
        SchemaType::String => TypeName::String,
        SchemaType::Array => TypeName::Array,
        SchemaType::Object => TypeName::Object,
    }
}

/// Whether all that the schema asserts is said by its `$ref` or `allOf`.
fn asserts_nothing_itself(schema: &Schema) -> bool {
    schema.boolean.is_none()
        && schema.types.is_none()
        && schema.enum_.is_none()
        && schema.const_.is_none()
        && schema.multiple_of.is_none()
        && schema.minimum.is_none()
        && schema.maximum.is_none()
        && schema.exclusive_minimum.is_none()
        && schema.exclusive_maximum.is_none()
        && schema.min_length.is_none()
        && schema.max_length.is_none()
        && schema.pattern.is_none()
        && schema.format.is_none()
        && schema.content_encoding.is_none()
        && schema.items.is_none()
        && schema.prefix_items.is_none()
        && schema.contains.is_none()
        && schema.min_items.is_none()
        && schema.max_items.is_none()
        && schema.unique_items.is_none()
        && schema.unevaluated_items.is_none()
        && schema.properties.is_empty()
        && schema.pattern_properties.is_empty()
        && schema.additional_properties.is_none()
        && schema.property_names.is_none()
        && schema.required.is_empty()
        && schema.dependent_required.is_empty()
        && schema.dependent_schemas.is_empty()
        && schema.min_properties.is_none()
        && schema.max_properties.is_none()
        && schema.unevaluated_properties.is_none()
        && schema.any_of.is_none()
        && schema.one_of.is_none()
        && schema.not.is_none()
        && schema.if_.is_none()
}
