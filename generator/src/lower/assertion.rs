//! Assertions: schemas that only test a value, such as that of `not`, as checks by the letter of JSON Schema.
//!
//! Nothing is built of them, so they need no type of their own: a keyword is a check, and what a reference leads to is
//! asked by the type that it has.

use std::{collections::BTreeSet, rc::Rc};

use super::{
    Lowering,
    direction::{Direction, LeftOut, Sense},
    facet::{Conjunction, Facets, LONGEST_CHAIN, UnionFacet},
    schema::{Peeled, key, type_name},
};
use crate::{
    diagnostic::Code,
    document::{Schema, Type as SchemaType},
    ir::{Check, Conditional, Coverage, Items, Properties, Type, TypeName, UnionRule, Value, When},
};

/// So many schemas may say what one of them evaluates.
const MOST_COVERED: usize = 4_096;

/// Accepts every value.
fn anything() -> Value {
    Value::plain(Type::Json)
}

/// Accepts no value.
fn nothing() -> Value {
    Value {
        ty: Type::Json,
        checks: vec![Check::Never],
    }
}

impl Lowering<'_> {
    /// The value of a schema that only tests.
    pub(super) fn tested(
        &mut self,
        schema: &Rc<Schema>,
        known: Option<SchemaType>,
        direction: Direction,
    ) -> Value {
        match self.peel(schema) {
            Peeled::Named(target) => self.named(&target, direction),
            Peeled::Inline(schema) => Value {
                ty: Type::Json,
                checks: self.assertions(&schema, &BTreeSet::new(), known, direction),
            },
        }
    }

    /// As [`tested`](Self::tested), for a part of the value at hand, which has members of its own.
    pub(super) fn tested_part(
        &mut self,
        schema: &Rc<Schema>,
        known: Option<SchemaType>,
        direction: Direction,
    ) -> Value {
        let part = self.left_out.of_part();
        let whole = std::mem::replace(&mut self.left_out, part);
        let value = self.tested(schema, known, direction);
        self.left_out = whole;
        value
    }

    /// As [`tested`](Self::tested), where the answer is turned round or counted.
    fn tested_as(
        &mut self,
        sense: Sense,
        schema: &Rc<Schema>,
        known: Option<SchemaType>,
        direction: Direction,
    ) -> Value {
        let outer = std::mem::replace(&mut self.left_out.sense, sense);
        let value = self.tested(schema, known, direction);
        self.left_out.sense = outer;
        value
    }

    /// The checks of a conjunction whose value has no Rust type.
    pub(super) fn conjunction_assertions(
        &mut self,
        conjunction: &Conjunction,
        known: Option<SchemaType>,
        direction: Direction,
    ) -> Vec<Check> {
        let mut checks = Vec::new();
        for schema in &conjunction.schemas {
            checks.extend(self.assertions(schema, &conjunction.without, known, direction));
        }
        checks
    }

    /// What a schema asks of a value, keyword by keyword; `known` is the type that the value has already.
    fn assertions(
        &mut self,
        schema: &Rc<Schema>,
        without: &BTreeSet<String>,
        known: Option<SchemaType>,
        direction: Direction,
    ) -> Vec<Check> {
        if schema.boolean == Some(false) {
            return vec![Check::Never];
        }
        let outer = self.left_out.clone();
        let checks = self.keyword_assertions(schema, without, known, direction);
        self.left_out = outer;
        checks
    }

    /// Whether a schema asks, by itself or by its parts, what is asked elsewhere already: the union of which this is a branch.
    fn asks_what_is_left_out(&mut self, schema: &Rc<Schema>, without: &BTreeSet<String>) -> bool {
        if without.is_empty() {
            return false;
        }
        let mut conjunction = Conjunction::of(schema);
        let all = self.gather(&conjunction);
        conjunction.without.clone_from(without);
        let rest = self.gather(&conjunction);
        let count = |facets: &Facets| {
            facets.unions.len()
                + facets.unevaluated_properties.len()
                + facets.unevaluated_items.len()
        };
        count(&all) != count(&rest)
    }

    fn keyword_assertions(
        &mut self,
        schema: &Rc<Schema>,
        without: &BTreeSet<String>,
        known: Option<SchemaType>,
        direction: Direction,
    ) -> Vec<Check> {
        let own = self.gather_own(schema, without);
        let mut checks = Vec::new();
        if let Some(types) = &own.types
            && !known.is_some_and(|known| types.contains(&known))
        {
            let types: Vec<TypeName> = types
                .iter()
                .filter(|ty| **ty != SchemaType::Integer || !types.contains(&SchemaType::Number))
                .map(|ty| type_name(*ty))
                .collect();
            checks.push(Check::Type(types));
        }
        checks.extend(self.values_check(&own));
        checks.extend(own.numeric.iter().cloned());
        checks.extend(own.textual.iter().cloned());
        checks.extend(own.array.iter().cloned());
        checks.extend(own.object.iter().cloned());
        for format in &own.formats {
            checks.extend(super::scalar::format_check(&format.value));
        }
        self.member_assertions(schema, direction, &mut checks);
        self.item_assertions(schema, direction, &mut checks);
        for schema in &own.not {
            checks.push(self.negated(schema, known, direction));
        }
        checks.extend(self.conditional(schema, known, direction));
        for union in &own.unions {
            checks.push(self.union_check(union, known, direction));
        }
        for reference in schema.references() {
            let Some(target) = self.references.schema(reference, self.diagnostics) else {
                continue;
            };
            let (Peeled::Named(target) | Peeled::Inline(target)) = self.peel(&target);
            if self.asks_what_is_left_out(&target, without) {
                checks.extend(self.assertions(&target, without, known, direction));
            } else {
                checks.push(Check::Also(Box::new(self.named(&target, direction))));
            }
        }
        for schema in schema.all_of.iter().flat_map(|list| &list.value) {
            if self.asks_what_is_left_out(schema, without) {
                let (Peeled::Named(schema) | Peeled::Inline(schema)) = self.peel(schema);
                checks.extend(self.assertions(&schema, without, known, direction));
                continue;
            }
            let value = self.tested(schema, known, direction);
            match value.ty {
                Type::Json => checks.extend(value.checks),
                _ => checks.push(Check::Also(Box::new(value))),
            }
        }
        checks.extend(self.unevaluated(schema, without, direction));
        checks
    }

    /// A union whose branches only test.
    pub(super) fn union_check(
        &mut self,
        union: &UnionFacet,
        known: Option<SchemaType>,
        direction: Direction,
    ) -> Check {
        let left_out = match union.rule {
            UnionRule::One => self.left_out.in_one_of(&union.branches),
            UnionRule::Any => self.left_out.clone(),
        };
        let outer = std::mem::replace(&mut self.left_out, left_out);
        let branches = union
            .branches
            .iter()
            .map(|branch| self.tested(branch, known, direction))
            .collect();
        self.left_out = outer;
        match union.rule {
            UnionRule::One => Check::OneOf(branches),
            UnionRule::Any => Check::AnyOf(branches),
        }
    }

    /// `not`
    pub(super) fn negated(
        &mut self,
        schema: &Rc<Schema>,
        known: Option<SchemaType>,
        direction: Direction,
    ) -> Check {
        let sense = self.left_out.sense.negated();
        Check::Not(Box::new(self.tested_as(sense, schema, known, direction)))
    }

    /// What a schema asks of the members of an object.
    fn member_assertions(
        &mut self,
        schema: &Rc<Schema>,
        direction: Direction,
        checks: &mut Vec<Check>,
    ) {
        let own: Vec<Rc<str>> = schema
            .properties
            .iter()
            .filter(|(_, member)| self.is_of_other_direction(member, direction))
            .map(|(key, _)| Rc::clone(key))
            .collect();
        // They are no less left out for what stands below.
        self.left_out.names.extend(own);
        let required = schema.required.iter().map(|name| &name.value);
        match self.left_out.asked(required) {
            Some(required) if required.is_empty() => {}
            Some(required) => checks.push(Check::Required(required)),
            None => checks.push(Check::Where(TypeName::Object, Box::new(nothing()))),
        }
        let has_members = !schema.properties.is_empty()
            || !schema.pattern_properties.is_empty()
            || schema.additional_properties.is_some();
        if has_members {
            let mut properties = self.patterns_and_rest(schema, direction);
            for (key, member) in &schema.properties {
                let value = if self.left_out.names.contains(key) {
                    anything()
                } else {
                    self.tested_part(member, None, direction)
                };
                properties.members.push((key.to_string(), value));
            }
            push_properties(properties, checks);
        }
        checks.extend(self.dependencies(schema, direction));
    }

    /// `patternProperties` and `additionalProperties` of one schema; its `properties` are the caller's.
    pub(super) fn patterns_and_rest(
        &mut self,
        schema: &Rc<Schema>,
        direction: Direction,
    ) -> Properties {
        let mut properties = Properties::default();
        for (pattern, member) in &schema.pattern_properties {
            let id = self.pattern(pattern);
            let value = self.tested_part(member, None, direction);
            properties.patterns.push((id, value));
        }
        properties.additional = schema
            .additional_properties
            .as_ref()
            .map(|rest| Box::new(self.tested_part(rest, None, direction)));
        properties
    }

    /// The members that belong to the other direction, of all the schemas that describe the value.
    pub(super) fn left_out_of(&mut self, facets: &Facets, direction: Direction) -> LeftOut {
        let mut left_out = LeftOut::default();
        for object in &facets.objects {
            for (key, member) in &object.schema.properties {
                if self.is_of_other_direction(member, direction) {
                    left_out.names.insert(Rc::clone(key));
                }
            }
        }
        left_out
    }

    /// Whether a member belongs to the other direction, so that it is neither sent nor asked for in this one.
    pub(super) fn is_of_other_direction(
        &mut self,
        member: &Rc<Schema>,
        direction: Direction,
    ) -> bool {
        let annotations = self.annotations(std::slice::from_ref(member));
        direction.leaves_out(annotations.read_only, annotations.write_only)
    }

    /// `propertyNames`, `dependentRequired` and `dependentSchemas`.
    pub(super) fn dependencies(&mut self, schema: &Rc<Schema>, direction: Direction) -> Vec<Check> {
        let mut checks = Vec::new();
        if let Some(names) = &schema.property_names {
            let value = self.tested_part(names, Some(SchemaType::String), direction);
            checks.push(Check::PropertyNames(Box::new(value)));
        }
        for (key, names) in &schema.dependent_required {
            if self.left_out.names.contains(key) {
                continue;
            }
            let key = key.to_string();
            match self.left_out.asked(names.iter().map(|name| &name.value)) {
                Some(names) if names.is_empty() => {}
                Some(names) => checks.push(Check::DependentRequired(key, names)),
                None => checks.push(Check::DependentSchema(key, Box::new(nothing()))),
            }
        }
        for (key, dependent) in &schema.dependent_schemas {
            if self.left_out.names.contains(key) {
                continue;
            }
            let value = self.tested(dependent, Some(SchemaType::Object), direction);
            checks.push(Check::DependentSchema(key.to_string(), Box::new(value)));
        }
        checks
    }

    /// What a schema asks of the items of an array.
    fn item_assertions(
        &mut self,
        schema: &Rc<Schema>,
        direction: Direction,
        checks: &mut Vec<Check>,
    ) {
        let items = self.items_of(schema, direction);
        if items != Items::default() {
            checks.push(Check::Items(items));
        }
        checks.extend(self.contains(schema, direction));
    }

    /// `prefixItems` and `items` of one schema.
    pub(super) fn items_of(&mut self, schema: &Rc<Schema>, direction: Direction) -> Items {
        let prefix = schema.prefix_items.iter().flat_map(|list| &list.value);
        Items {
            prefix: prefix
                .map(|item| self.tested_part(item, None, direction))
                .collect(),
            rest: schema
                .items
                .as_ref()
                .map(|rest| Box::new(self.tested_part(rest, None, direction))),
        }
    }

    /// `contains` with `minContains` and `maxContains`.
    pub(super) fn contains(&mut self, schema: &Rc<Schema>, direction: Direction) -> Option<Check> {
        let value = self.tested_part(schema.contains.as_ref()?, None, direction);
        let min = schema.min_contains.as_ref().map_or(1, |it| it.value);
        let max = schema.max_contains.as_ref().map(|it| it.value);
        (min > 0 || max.is_some()).then(|| Check::Contains {
            value: Box::new(value),
            min,
            max,
        })
    }

    /// `if` with `then` and `else`.
    pub(super) fn conditional(
        &mut self,
        schema: &Rc<Schema>,
        known: Option<SchemaType>,
        direction: Direction,
    ) -> Option<Check> {
        let condition = schema.if_.as_ref()?;
        if schema.then.is_none() && schema.else_.is_none() {
            return None;
        }
        let condition = self.tested_as(Sense::Exact, condition, known, direction);
        let branch = |cx: &mut Self, branch: &Option<Rc<Schema>>| {
            branch
                .as_ref()
                .map(|branch| cx.tested(branch, known, direction))
        };
        let then = branch(self, &schema.then);
        let otherwise = branch(self, &schema.else_);
        Some(Check::If(Box::new(Conditional {
            condition,
            then,
            otherwise,
        })))
    }

    /// `unevaluatedProperties` and `unevaluatedItems`.
    pub(super) fn unevaluated(
        &mut self,
        schema: &Rc<Schema>,
        without: &BTreeSet<String>,
        direction: Direction,
    ) -> Vec<Check> {
        if without.contains(&super::facet::unevaluated_key(schema)) {
            return Vec::new();
        }
        let mut checks = Vec::new();
        let asserts =
            |keyword: &Option<Rc<Schema>>| keyword.clone().filter(|it| it.boolean != Some(true));
        if let Some(rest) = asserts(&schema.unevaluated_properties) {
            let mut coverage = self.coverage(schema, direction);
            if !coverage.all_members {
                drop_items(&mut coverage);
                let value = self.tested_part(&rest, None, direction);
                checks.push(Check::UnevaluatedProperties(
                    Box::new(coverage),
                    Box::new(value),
                ));
            }
        }
        if let Some(rest) = asserts(&schema.unevaluated_items) {
            let mut coverage = self.coverage(schema, direction);
            if !coverage.all_items {
                drop_members(&mut coverage);
                let value = self.tested_part(&rest, None, direction);
                checks.push(Check::UnevaluatedItems(Box::new(coverage), Box::new(value)));
            }
        }
        checks
    }

    /// What the keywords of a schema evaluate, its own `unevaluatedProperties` and `unevaluatedItems` aside.
    pub(super) fn coverage(&mut self, schema: &Rc<Schema>, direction: Direction) -> Coverage {
        let mut coverage = Coverage::default();
        let mut trail = vec![key(schema)];
        // The conditions of one may ask what others evaluate, which is part of the same walk.
        let outer = self
            .coverage_left
            .replace(self.coverage_left.unwrap_or(MOST_COVERED));
        self.cover(schema, direction, &mut trail, &mut coverage);
        let left = self.coverage_left;
        if outer.is_none() {
            self.coverage_left = None;
        }
        if left == Some(0) {
            let place = schema.place.clone();
            if self.references.is_news(format!("coverage {}", key(schema))) {
                self.diagnostics
                    .error(
                        Code::TooDeep,
                        &place,
                        "so many schemas say what this one evaluates that it cannot be enforced",
                    )
                    .help("say it with fewer branches, or close the object with `additionalProperties`");
            }
            return Coverage {
                all_members: true,
                all_items: true,
                ..Coverage::default()
            };
        }
        coverage
    }

    fn cover(
        &mut self,
        schema: &Rc<Schema>,
        direction: Direction,
        trail: &mut Vec<String>,
        coverage: &mut Coverage,
    ) {
        let names = schema.properties.iter().map(|(key, _)| key.to_string());
        coverage.names.extend(names);
        coverage.names.sort();
        coverage.names.dedup();
        for (pattern, _) in &schema.pattern_properties {
            match self.pattern(pattern) {
                Some(id) if coverage.patterns.contains(&id) => {}
                Some(id) => coverage.patterns.push(id),
                None => coverage.all_members = true,
            }
        }
        coverage.all_members |= schema.additional_properties.is_some();
        coverage.all_items |= schema.items.is_some();
        let prefix = schema.prefix_items.as_ref().map_or(0, |it| it.value.len());
        coverage.prefix = coverage.prefix.max(prefix);
        if let Some(contains) = &schema.contains {
            let value = self.tested_part(contains, None, direction);
            coverage.contains.push(value);
        }
        for reference in schema.references() {
            let Some(target) = self.references.schema(reference, self.diagnostics) else {
                continue;
            };
            self.cover_below(&target, direction, trail, coverage);
        }
        for part in schema.all_of.iter().flat_map(|list| &list.value) {
            self.cover_below(part, direction, trail, coverage);
        }
        for branch in schema.any_of.iter().flat_map(|list| &list.value) {
            let accepts = |cx: &mut Self| When::Accepts(cx.tested(branch, None, direction));
            self.cover_where(accepts, branch, direction, trail, coverage);
        }
        let branches = schema.one_of.as_ref().map_or(&[][..], |list| &list.value);
        for branch in branches {
            let accepts = |cx: &mut Self| {
                let left_out = cx.left_out.in_one_of(branches);
                let outer = std::mem::replace(&mut cx.left_out, left_out);
                let value = cx.tested(branch, None, direction);
                cx.left_out = outer;
                When::Accepts(value)
            };
            self.cover_where(accepts, branch, direction, trail, coverage);
        }
        if let Some(condition) = &schema.if_ {
            let value = |cx: &mut Self| cx.tested_as(Sense::Exact, condition, None, direction);
            let accepts = |cx: &mut Self| When::Accepts(value(cx));
            self.cover_where(accepts, condition, direction, trail, coverage);
            if let Some(then) = &schema.then {
                self.cover_where(accepts, then, direction, trail, coverage);
            }
            if let Some(otherwise) = &schema.else_ {
                let rejects = |cx: &mut Self| When::Rejects(value(cx));
                self.cover_where(rejects, otherwise, direction, trail, coverage);
            }
        }
        for (name, dependent) in &schema.dependent_schemas {
            let mut part = Coverage::default();
            self.cover_below(dependent, direction, trail, &mut part);
            if !part.is_empty() {
                coverage.when.push((When::Has(name.to_string()), part));
            }
        }
    }

    /// What a schema below, which is about the same value, evaluates.
    fn cover_below(
        &mut self,
        schema: &Rc<Schema>,
        direction: Direction,
        trail: &mut Vec<String>,
        coverage: &mut Coverage,
    ) {
        let own = key(schema);
        if trail.contains(&own) {
            return;
        }
        // The same schema may be reached by ever more ways, and each is a branch of its own.
        let left = self.coverage_left.unwrap_or(MOST_COVERED);
        let left = match trail.len() < LONGEST_CHAIN {
            true => left.saturating_sub(1),
            false => 0,
        };
        self.coverage_left = Some(left);
        if left == 0 {
            return;
        }
        coverage.all_members |= schema.unevaluated_properties.is_some();
        coverage.all_items |= schema.unevaluated_items.is_some();
        trail.push(own);
        self.cover(schema, direction, trail, coverage);
        trail.pop();
    }

    /// What a schema below evaluates where something holds for the value.
    fn cover_where(
        &mut self,
        when: impl FnOnce(&mut Self) -> When,
        schema: &Rc<Schema>,
        direction: Direction,
        trail: &mut Vec<String>,
        coverage: &mut Coverage,
    ) {
        let mut part = Coverage::default();
        self.cover_below(schema, direction, trail, &mut part);
        if part.is_empty() {
            return;
        }
        let when = when(self);
        coverage.when.push((when, part));
    }
}

/// Adds what is said about members, unless it says nothing.
pub(super) fn push_properties(properties: Properties, checks: &mut Vec<Check>) {
    let accepts_all = |value: &Value| value.ty == Type::Json && value.checks.is_empty();
    let is_idle = properties.members.iter().all(|(_, it)| accepts_all(it))
        && properties.patterns.iter().all(|(_, it)| accepts_all(it))
        && properties.additional.as_deref().is_none_or(accepts_all);
    if !is_idle {
        checks.push(Check::Properties(properties));
    }
}

fn drop_items(coverage: &mut Coverage) {
    coverage.prefix = 0;
    coverage.contains.clear();
    coverage.all_items = false;
    coverage.when.iter_mut().for_each(|(_, it)| drop_items(it));
    coverage.when.retain(|(_, it)| !it.is_empty());
}

fn drop_members(coverage: &mut Coverage) {
    coverage.names.clear();
    coverage.patterns.clear();
    coverage.all_members = false;
    coverage
        .when
        .iter_mut()
        .for_each(|(_, it)| drop_members(it));
    coverage.when.retain(|(_, it)| !it.is_empty());
}
