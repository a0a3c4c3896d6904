//! Which structs keep the members that no property names, since without them the same schema would refuse the value, or
//! another branch accept it too.
//!
//! Members that nothing describes may be left out of what is built, but a value that was accepted has to stay one: it is
//! encoded again, and whoever reads it asks the whole schema.

use std::{
    cell::Cell,
    collections::{BTreeSet, HashSet},
};

use super::{Lowering, kept_parts::Built};
use crate::ir::{
    Additional, Check, Conditional, Dispatch, Field, Literal, Presence, Properties, Struct, Type,
    TypeDef, TypeId, TypeKind, TypeName, Union, UnionRule, Value, When,
};

/// So deep, and at so many schemas, is looked for what decides; beyond, it is taken to be there.
pub(super) const DEEPEST: usize = 64;
pub(super) const MOST: usize = 10_000;

/// What stays of an object.
pub(super) struct Rest<'a> {
    keys: BTreeSet<&'a str>,
    /// How many of them are always there.
    required: u64,
}

impl Lowering<'_> {
    /// Lets structs keep all members where those decide about the value.
    pub(super) fn keep_what_decides(&mut self) {
        let mut search = Search::new(&self.types);
        for (index, def) in self.types.iter().enumerate() {
            search.visit(index, def);
        }
        for index in search.keeping {
            if let Some(TypeKind::Struct(it)) = self.types.get_mut(index).map(|def| &mut def.kind) {
                it.additional = Additional::Keep {
                    name: field_name(&it.fields),
                    value: Box::new(Value::plain(Type::Json)),
                    evaluated: false,
                };
            }
        }
    }
}

impl Lowering<'_> {
    /// Whether an object may be refused for members that nothing describes.
    pub(super) fn is_refused_for_more(&self, value: &Value) -> bool {
        let search = Search::new(&self.types);
        search.structs(value).into_iter().any(|index| {
            search.open_struct(index).is_some_and(|it| {
                let rest = rest(it);
                it.checks.iter().any(|check| {
                    search.left.set(MOST);
                    search.check_gains(check, &rest, DEEPEST)
                })
            })
        })
    }
}

/// The name of the field for the members that no property names.
pub(super) fn field_name(fields: &[Field]) -> String {
    let mut name = "additional_properties".to_owned();
    while fields.iter().any(|field| field.name == name) {
        name.push('_');
    }
    name
}

pub(super) struct Search<'t> {
    pub(super) types: &'t [TypeDef],
    /// The structs that were compared: what is left of the one is asked whether it is the other.
    compared: BTreeSet<(usize, usize)>,
    /// How many more schemas are looked at for one answer.
    pub(super) left: Cell<usize>,
    /// The structs that keep all members.
    pub(super) keeping: BTreeSet<usize>,
    /// What was asked of the parts of what already, and whether both answers have to stay.
    pub(super) asked: HashSet<(usize, usize, bool)>,
    /// The values of which every struct keeps all members.
    pub(super) kept_below: HashSet<usize>,
}

impl<'t> Search<'t> {
    fn new(types: &'t [TypeDef]) -> Self {
        Self {
            types,
            compared: BTreeSet::new(),
            left: Cell::new(0),
            keeping: BTreeSet::new(),
            asked: HashSet::new(),
            kept_below: HashSet::new(),
        }
    }

    fn visit(&mut self, index: usize, def: &'t TypeDef) {
        match &def.kind {
            TypeKind::Struct(it) => {
                self.keep_for(index, &it.checks);
                self.keep_within(Built::Struct(index), &it.checks);
                it.fields.iter().for_each(|it| self.visit_value(&it.value));
                if let Additional::Keep { value, .. } = &it.additional {
                    self.visit_value(value);
                }
            }
            TypeKind::Union(it) => {
                for (at, variant) in it.variants.iter().enumerate() {
                    self.keep_whole(&variant.value, &it.checks);
                    self.visit_value(&variant.value);
                    // Where a member or the JSON type tells the branches apart, it is told by what stays.
                    if it.rule == UnionRule::One && it.dispatch == Dispatch::Try {
                        let others = it.variants.iter().enumerate();
                        for (_, other) in others.filter(|(other, _)| *other != at) {
                            self.compare(&variant.value, &other.value);
                        }
                    }
                }
            }
            TypeKind::Newtype(value) | TypeKind::Alias(value) => self.visit_value(value),
            TypeKind::Enum(_) | TypeKind::Pending => {}
        }
    }

    fn visit_value(&mut self, value: &'t Value) {
        self.keep_whole(value, &value.checks);
        value.ty.parts().iter().for_each(|it| self.visit_value(it));
    }

    /// Marks the structs that a value is, and those within it, for checks on the whole of it.
    fn keep_whole(&mut self, value: &'t Value, checks: &'t [Check]) {
        if checks.is_empty() {
            return;
        }
        for of in self.built(value) {
            if let Built::Struct(index) = of {
                self.keep_for(index, checks);
            }
            self.keep_within(of, checks);
        }
    }

    /// Marks a struct, where one of the checks on the whole of it may need what it does not describe.
    fn keep_for(&mut self, index: usize, checks: &'t [Check]) {
        let Some(it) = self.open_struct(index) else {
            return;
        };
        let rest = rest(it);
        self.left.set(MOST);
        if checks.iter().any(|it| self.check_needs(it, &rest, DEEPEST)) {
            self.keeping.insert(index);
        }
    }

    /// Marks the structs in a value of one branch without whose other members another branch might accept it as well.
    fn compare(&mut self, one: &'t Value, other: &'t Value) {
        for index in self.structs(one) {
            self.compare_struct(index, other);
        }
        let items = |value: &'t Value| match &self.resolved(value)?.ty {
            Type::Array(item) | Type::Map(item) => Some(&**item),
            _ => None,
        };
        if let (Some(one), Some(other)) = (items(one), items(other)) {
            self.compare(one, other);
        }
    }

    fn compare_struct(&mut self, index: usize, other: &'t Value) {
        let Some(TypeKind::Struct(it)) = self.types.get(index).map(|def| &def.kind) else {
            return;
        };
        self.left.set(MOST);
        if self.stays_refused(it, other, DEEPEST) {
            return;
        }
        self.left.set(MOST);
        if self.open_struct(index).is_some() && self.gains(other, &rest(it), DEEPEST) {
            self.keeping.insert(index);
        }
        for target in self.structs(other) {
            if target == index || !self.compared.insert((index, target)) {
                continue;
            }
            let Some(TypeKind::Struct(other)) = self.types.get(target).map(|def| &def.kind) else {
                continue;
            };
            for field in &it.fields {
                if let Some(same) = other.fields.iter().find(|it| it.key == field.key) {
                    self.compare(&field.value, &same.value);
                }
            }
        }
    }

    /// A struct that leaves out what it does not describe.
    pub(super) fn open_struct(&self, index: usize) -> Option<&'t Struct> {
        match &self.types.get(index)?.kind {
            TypeKind::Struct(it) if matches!(it.additional, Additional::Ignore) => Some(it),
            _ => None,
        }
    }

    /// A value with other names of its type taken apart.
    pub(super) fn resolved(&self, value: &'t Value) -> Option<&'t Value> {
        let mut value = value;
        for _ in 0..DEEPEST {
            value = match &value.ty {
                Type::Nullable(inner) => inner,
                Type::Named(TypeId(index)) => match &self.types.get(*index)?.kind {
                    TypeKind::Newtype(inner) | TypeKind::Alias(inner) => inner,
                    _ => return Some(value),
                },
                _ => return Some(value),
            };
        }
        None
    }

    /// The structs that a value may be.
    fn structs(&self, value: &'t Value) -> BTreeSet<usize> {
        let mut structs = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            let Some(Type::Named(TypeId(index))) = self.resolved(value).map(|it| &it.ty) else {
                continue;
            };
            match self.types.get(*index).map(|def| &def.kind) {
                Some(TypeKind::Struct(_)) => {
                    structs.insert(*index);
                }
                Some(TypeKind::Union(it)) if seen.insert(*index) => {
                    open.extend(it.variants.iter().map(|it| &it.value));
                }
                _ => {}
            }
        }
        structs
    }

    /// Whether another branch refuses what the struct keeps, whatever was left out.
    fn stays_refused(&self, it: &Struct, other: &Value, depth: usize) -> bool {
        let Some(depth) = self.step(depth) else {
            return false;
        };
        let has = |name: &String| it.fields.iter().any(|field| field.key == *name);
        let by_checks = other.checks.iter().any(|check| match check {
            Check::Never => true,
            Check::Required(names) => !names.iter().all(has),
            Check::Type(types) => !types.contains(&TypeName::Object),
            Check::Also(value) => self.stays_refused(it, value, depth),
            _ => false,
        });
        by_checks
            || match self.in_place(other) {
                Some(InPlace::Struct(other)) => {
                    let mut required = other
                        .fields
                        .iter()
                        .filter(|field| field.presence == Presence::Required);
                    required.any(|field| {
                        let own = it.fields.iter().find(|own| own.key == field.key);
                        own.is_none_or(|own| self.excludes(&own.value, &field.value, depth))
                    })
                }
                Some(InPlace::Union(union)) => {
                    let mut variants = union.variants.iter();
                    variants.all(|variant| self.stays_refused(it, &variant.value, depth))
                }
                Some(InPlace::Other(inner)) => self.stays_refused(it, inner, depth),
                None => !matches!(&other.ty, Type::Json | Type::Map(_)),
            }
    }

    /// Whether no value is of both: their types differ, or the values that they allow.
    fn excludes(&self, one: &Value, other: &Value, depth: usize) -> bool {
        if let (Some(one), Some(other)) = (self.allowed(one, depth), self.allowed(other, depth)) {
            return !one
                .iter()
                .any(|one| other.iter().any(|it| may_be_equal(one, it)));
        }
        match (self.json_type(one), self.json_type(other)) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        }
    }

    /// The values that an enum or a const allows.
    fn allowed(&self, value: &Value, depth: usize) -> Option<Vec<Literal>> {
        let by_checks = value.checks.iter().find_map(|check| match check {
            Check::Const(only) => Some(vec![only.clone()]),
            Check::Enum(values) => Some(values.clone()),
            Check::Never => Some(Vec::new()),
            _ => None,
        });
        let depth = self.step(depth)?;
        by_checks.or_else(|| match &value.ty {
            Type::Named(TypeId(index)) => match &self.types.get(*index)?.kind {
                TypeKind::Enum(it) => {
                    let values = it.variants.iter();
                    Some(values.map(|it| Literal::String(it.value.clone())).collect())
                }
                TypeKind::Newtype(inner) | TypeKind::Alias(inner) => self.allowed(inner, depth),
                TypeKind::Union(it) => {
                    let mut all = Vec::new();
                    for variant in &it.variants {
                        all.extend(self.allowed(&variant.value, depth)?);
                    }
                    Some(all)
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// The one JSON type of a value, where it has but one.
    fn json_type(&self, value: &Value) -> Option<TypeName> {
        Some(match &value.ty {
            Type::Boolean => TypeName::Boolean,
            Type::Integer(_) | Type::F32 | Type::F64 | Type::Decimal => TypeName::Number,
            Type::String | Type::Formatted(_) | Type::JsonText(_) => TypeName::String,
            Type::Array(_) | Type::Tuple(_) => TypeName::Array,
            Type::Map(_) => TypeName::Object,
            Type::Null => TypeName::Null,
            Type::Named(TypeId(index)) => match &self.types.get(*index)?.kind {
                TypeKind::Struct(_) => TypeName::Object,
                TypeKind::Enum(_) => TypeName::String,
                _ => return None,
            },
            Type::Json | Type::Nullable(_) | Type::Upload | Type::Part(_) => return None,
        })
    }

    /// One step further down; none where it is too far, or took too many already.
    fn step(&self, depth: usize) -> Option<usize> {
        self.left.set(self.left.get().checked_sub(1)?);
        depth.checked_sub(1)
    }

    /// Whether an object that satisfies a check may break it once only the members with these keys are left.
    fn check_needs(&self, check: &Check, rest: &Rest<'_>, depth: usize) -> bool {
        let needs = |value: &Value| self.needs(value, rest, depth);
        let gains = |value: &Value| self.gains(value, rest, depth);
        let is_left_out = |name: &String| !rest.keys.contains(name.as_str());
        match check {
            Check::Const(_) | Check::Enum(_) => true,
            Check::MinProperties(least) => *least > rest.required,
            Check::Required(names) => names.iter().any(is_left_out),
            Check::DependentRequired(key, names) => {
                !is_left_out(key) && names.iter().any(is_left_out)
            }
            Check::DependentSchema(key, value) => !is_left_out(key) && needs(value),
            Check::Also(value) | Check::Where(TypeName::Object, value) => needs(value),
            Check::OneOf(values) => values.iter().any(|it| needs(it) || gains(it)),
            Check::AnyOf(values) => values.iter().any(needs),
            Check::Not(value) => gains(value),
            Check::If(it) => self.if_changes(it, rest, depth) || branches(it).any(needs),
            Check::UnevaluatedProperties(coverage, _) => {
                coverage.when.iter().any(|(when, _)| match when {
                    When::Accepts(value) => needs(value),
                    When::Rejects(value) => gains(value),
                    When::Has(key) => is_left_out(key),
                })
            }
            _ => false,
        }
    }

    /// As [`check_needs`](Self::check_needs), for all that a value is asked.
    pub(super) fn needs(&self, value: &Value, rest: &Rest<'_>, depth: usize) -> bool {
        let Some(depth) = self.step(depth) else {
            return true;
        };
        let any = |checks: &[Check]| checks.iter().any(|it| self.check_needs(it, rest, depth));
        any(&value.checks)
            || match self.in_place(value) {
                Some(InPlace::Struct(it)) => {
                    let is_missing = |field: &Field| {
                        field.presence == Presence::Required
                            && !rest.keys.contains(field.key.as_str())
                    };
                    it.fields.iter().any(is_missing) || any(&it.checks)
                }
                Some(InPlace::Union(it)) => {
                    let is_one = it.rule == UnionRule::One;
                    let may = |it: &Value| {
                        self.needs(it, rest, depth) || is_one && self.gains(it, rest, depth)
                    };
                    it.variants.iter().any(|it| may(&it.value)) || any(&it.checks)
                }
                Some(InPlace::Other(inner)) => self.needs(inner, rest, depth),
                None => false,
            }
    }

    /// Whether an object that breaks a check may satisfy it once only the members with these keys are left.
    fn check_gains(&self, check: &Check, rest: &Rest<'_>, depth: usize) -> bool {
        let needs = |value: &Value| self.needs(value, rest, depth);
        let gains = |value: &Value| self.gains(value, rest, depth);
        let is_left_out = |name: &String| !rest.keys.contains(name.as_str());
        match check {
            Check::MaxProperties(_)
            | Check::PropertyNames(_)
            | Check::UnevaluatedProperties(..)
            | Check::Const(_)
            | Check::Enum(_) => true,
            Check::Properties(it) => properties_ask(it, rest),
            Check::DependentRequired(key, _) => is_left_out(key),
            Check::DependentSchema(key, value) => is_left_out(key) || gains(value),
            Check::Also(value) | Check::Where(TypeName::Object, value) => gains(value),
            Check::OneOf(values) => values.iter().any(|it| needs(it) || gains(it)),
            Check::AnyOf(values) => values.iter().any(gains),
            Check::Not(value) => needs(value),
            Check::If(it) => self.if_changes(it, rest, depth) || branches(it).any(gains),
            _ => false,
        }
    }

    /// As [`check_gains`](Self::check_gains), for all that a value is asked.
    pub(super) fn gains(&self, value: &Value, rest: &Rest<'_>, depth: usize) -> bool {
        let Some(depth) = self.step(depth) else {
            return true;
        };
        let any = |checks: &[Check]| checks.iter().any(|it| self.check_gains(it, rest, depth));
        any(&value.checks)
            || match self.in_place(value) {
                Some(InPlace::Struct(it)) => {
                    let is_asked = |field: &Field| {
                        !rest.keys.contains(field.key.as_str()) && !is_anything(&field.value)
                    };
                    let is_rest_asked = match &it.additional {
                        Additional::Ignore => false,
                        Additional::Refuse { .. } => true,
                        Additional::Keep { value, .. } => !is_anything(value),
                    };
                    is_rest_asked || it.fields.iter().any(is_asked) || any(&it.checks)
                }
                Some(InPlace::Union(it)) => {
                    let is_one = it.rule == UnionRule::One;
                    let may = |it: &Value| {
                        self.gains(it, rest, depth) || is_one && self.needs(it, rest, depth)
                    };
                    it.variants.iter().any(|it| may(&it.value)) || any(&it.checks)
                }
                Some(InPlace::Other(inner)) => self.gains(inner, rest, depth),
                None => matches!(&value.ty, Type::Map(inner) if !is_anything(inner)),
            }
    }

    /// Whether a condition may come out otherwise.
    fn if_changes(&self, it: &Conditional, rest: &Rest<'_>, depth: usize) -> bool {
        self.needs(&it.condition, rest, depth) || self.gains(&it.condition, rest, depth)
    }

    /// What a value asks of the very same object besides its checks.
    pub(super) fn in_place<'v>(&self, value: &'v Value) -> Option<InPlace<'v>>
    where
        't: 'v,
    {
        match &value.ty {
            Type::Nullable(inner) => Some(InPlace::Other(inner)),
            Type::Named(TypeId(index)) => match &self.types.get(*index)?.kind {
                TypeKind::Struct(it) => Some(InPlace::Struct(it)),
                TypeKind::Union(it) => Some(InPlace::Union(it)),
                TypeKind::Newtype(inner) | TypeKind::Alias(inner) => Some(InPlace::Other(inner)),
                TypeKind::Enum(_) | TypeKind::Pending => None,
            },
            _ => None,
        }
    }
}

/// What a value asks of the very same object.
pub(super) enum InPlace<'v> {
    Struct(&'v Struct),
    Union(&'v Union),
    /// All that another value asks.
    Other(&'v Value),
}

/// Whether two values of the document may be the same.
fn may_be_equal(one: &Literal, other: &Literal) -> bool {
    match (one, other) {
        (Literal::Number(one), Literal::Number(other)) => {
            one.parse::<f64>().ok() == other.parse::<f64>().ok()
        }
        (Literal::Array(_), Literal::Array(_)) | (Literal::Object(_), Literal::Object(_)) => true,
        (one, other) => one == other,
    }
}

fn branches(it: &Conditional) -> impl Iterator<Item = &Value> {
    it.then.iter().chain(&it.otherwise)
}

pub(super) fn rest(it: &Struct) -> Rest<'_> {
    let required = it
        .fields
        .iter()
        .filter(|it| it.presence == Presence::Required);
    Rest {
        keys: it.fields.iter().map(|field| field.key.as_str()).collect(),
        required: required.count() as u64,
    }
}

fn is_anything(value: &Value) -> bool {
    value.ty == Type::Json && value.checks.is_empty()
}

/// Whether something is asked of members other than those with these keys.
fn properties_ask(it: &Properties, rest: &Rest<'_>) -> bool {
    let asks = |value: &Value| !is_anything(value);
    it.members
        .iter()
        .any(|(key, value)| !rest.keys.contains(key.as_str()) && asks(value))
        || it.patterns.iter().any(|(_, value)| asks(value))
        || it.additional.as_deref().is_some_and(asks)
}
