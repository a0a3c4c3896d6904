//! Unions: `oneOf` and `anyOf` as enums, and the quick way to their branch where it gives the same answer as trying all.

use std::{collections::BTreeSet, rc::Rc};

use super::{
    Lowering,
    direction::Direction,
    facet::{Conjunction, Facets, UnionFacet, unevaluated_key},
    name,
    schema::{Peeled, Slot},
};
use crate::{
    diagnostic::Code,
    document::{Schema, Type as SchemaType},
    ir::{Check, Dispatch, Kind, TypeKind, Union, UnionRule, Value, Variant},
};

/// So many unions may stand beside each other for one of them to become an enum: each is part of every branch of the
/// others.
const MOST_UNIONS: usize = 3;

/// So many branches may a union have to become an enum.
const MOST_BRANCHES: usize = 256;

/// So many branches may be lowered with what stands beside their unions, and the unions in them, for one schema with a
/// name: with every level of unions in unions their number grows by a factor.
const MOST_SPREAD: usize = 256;

/// So many types may stand in a `type` for it to be a choice between them.
const MOST_TYPES: usize = 4;

impl Lowering<'_> {
    /// The union that the facets hold, where one of them has branches with types of their own.
    pub(super) fn union(
        &mut self,
        facets: &mut Facets,
        conjunction: &Conjunction,
        slot: &mut Slot,
    ) -> Option<Value> {
        if facets.unions.len() > MOST_UNIONS {
            return None;
        }
        let mut chosen = None;
        for (index, union) in facets.unions.iter().enumerate() {
            if !self.is_constraint(union, facets) {
                chosen = Some(index);
                break;
            }
        }
        let mut union = facets.unions.get(chosen?)?.clone();
        if union.branches.len() > MOST_BRANCHES || self.spread >= MOST_SPREAD {
            self.warn_of_wide_union(&union);
            return None;
        }
        // What no branch evaluates is known only once the branch is, so it is asked of the union as a whole.
        let (checks, conjunction) = self.without_unevaluated(facets, conjunction, slot.direction);
        let (facets, conjunction) = (&*facets, &conjunction);
        self.drop_unreachable(&mut union, conjunction);
        if let [only] = union.branches.as_slice()
            && self.adds_nothing(facets, only, &union)
        {
            let mut value = self.value_of(&Rc::clone(only), &slot.name, slot.direction);
            value.checks.extend(checks);
            return Some(value);
        }
        if let Some(merged) = self.merged_enum(facets, &union, slot) {
            return Some(merged);
        }
        // The variants may refer to the union, so it has its name before they are lowered.
        let id = self.reserve(slot, facets);
        let owner = self
            .types
            .get(id.0)
            .map_or_else(|| slot.name.clone(), |def| def.name.clone());
        let names = self.variant_names(&union);
        let mut variants = Vec::new();
        let mut branch_facets = Vec::new();
        for (branch, name) in union.branches.iter().zip(names) {
            let alone = self.adds_nothing(facets, branch, &union);
            let branch_conjunction = if alone {
                Conjunction::of(branch)
            } else {
                let mut schemas = conjunction.schemas.clone();
                schemas.push(Rc::clone(branch));
                Conjunction {
                    schemas,
                    without: conjunction
                        .without
                        .iter()
                        .cloned()
                        .chain([union.key()])
                        .collect(),
                }
            };
            branch_facets.push(self.gather(&branch_conjunction));
            let hint = format!("{owner}{name}");
            let value = if alone {
                self.value_of(branch, &hint, slot.direction)
            } else {
                self.spread += 1;
                self.inline(branch_conjunction, &hint, slot.direction)
            };
            variants.push(Variant {
                name,
                value,
                boxed: false,
            });
        }
        let dispatch = self.dispatch(&union, &branch_facets, slot.direction);
        Some(self.define(
            id,
            TypeKind::Union(Union {
                rule: union.rule,
                variants,
                dispatch,
                checks,
            }),
        ))
    }

    /// Says that a union is not an enum, once.
    fn warn_of_wide_union(&mut self, union: &UnionFacet) {
        if !self.references.is_news(format!("wide {}", union.key())) {
            return;
        }
        let headline = match union.branches.len() {
            count @ ..=MOST_BRANCHES => {
                format!(
                    "these {count} branches are told apart by so many others that no enum is made of them"
                )
            }
            count => format!("{count} branches are more than an enum is made of"),
        };
        self.diagnostics
            .warning(Code::WideUnion, &union.place, headline)
            .label("every branch is tried, and the value is `Json`")
            .help("give the branches schemas of their own, with nothing beside the union");
    }

    /// One of several types, where `type` lists a few: `type: [string, integer]` is an enum as well.
    pub(super) fn type_union(
        &mut self,
        types: &[SchemaType],
        facets: &Facets,
        conjunction: &Conjunction,
        slot: &mut Slot,
    ) -> Option<Value> {
        let types: Vec<SchemaType> = types
            .iter()
            .copied()
            .filter(|ty| *ty != SchemaType::Integer || !types.contains(&SchemaType::Number))
            .collect();
        // Null has no part in it where it could not be taken out, and nearly every type is no choice.
        if !(2..=MOST_TYPES).contains(&types.len()) || types.contains(&SchemaType::Null) {
            return None;
        }
        let id = self.reserve(slot, facets);
        let owner = self
            .types
            .get(id.0)
            .map_or_else(|| slot.name.clone(), |def| def.name.clone());
        let mut variants = Vec::new();
        let mut kinds = Vec::new();
        for (index, ty) in types.into_iter().enumerate() {
            let name = type_variant_name(ty, facets);
            let mut part = Slot {
                key: format!("{}@{}", slot.key, ty.as_str()),
                name: format!("{owner}{name}"),
                is_named: false,
                pointer: slot.pointer.clone(),
                direction: slot.direction,
                id: None,
                nullable: false,
            };
            let value = self.typed(ty, facets, conjunction, &mut part);
            variants.push(Variant {
                name,
                value,
                boxed: false,
            });
            kinds.push((kind(ty), index));
        }
        Some(self.define(
            id,
            TypeKind::Union(Union {
                rule: UnionRule::One,
                variants,
                dispatch: Dispatch::Kind(kinds),
                checks: Vec::new(),
            }),
        ))
    }

    /// Takes `unevaluatedProperties` and `unevaluatedItems` out of what the branches have to satisfy.
    fn without_unevaluated(
        &mut self,
        facets: &mut Facets,
        conjunction: &Conjunction,
        direction: Direction,
    ) -> (Vec<Check>, Conjunction) {
        let mut owners = std::mem::take(&mut facets.unevaluated_properties);
        owners.append(&mut facets.unevaluated_items);
        let mut checks = Vec::new();
        let mut conjunction = conjunction.clone();
        for owner in owners {
            // A schema with both keywords is there twice, and says both the first time.
            checks.extend(self.unevaluated(&owner, &conjunction.without, direction));
            conjunction.without.insert(unevaluated_key(&owner));
        }
        (checks, conjunction)
    }

    /// Leaves out the branches that what stands beside the union excludes: no value can ever be one of them.
    fn drop_unreachable(&mut self, union: &mut UnionFacet, conjunction: &Conjunction) {
        let mut reachable = Vec::new();
        for branch in &union.branches {
            let mut schemas = conjunction.schemas.clone();
            schemas.push(Rc::clone(branch));
            let without = conjunction
                .without
                .iter()
                .cloned()
                .chain([union.key()])
                .collect();
            let facets = self.gather(&Conjunction { schemas, without });
            if facets.conflict {
                let place = branch.place.clone();
                self.diagnostics
                    .warning(Code::Unsatisfiable, &place, "no value can be this branch")
                    .label("its types and those beside the union have nothing in common");
            } else {
                reachable.push(Rc::clone(branch));
            }
        }
        if !reachable.is_empty() {
            union.branches = reachable;
        }
    }

    /// The unions whose branches only constrain what the schema describes itself, such as
    /// `oneOf: [{required: [a]}, {required: [b]}]`, as checks.
    pub(super) fn constraint_unions(
        &mut self,
        facets: &Facets,
        known: SchemaType,
        direction: Direction,
    ) -> Vec<Check> {
        let unions = facets.unions.iter();
        unions
            .map(|union| self.union_check(union, Some(known), direction))
            .collect()
    }

    /// Whether the branches describe nothing, but only constrain what stands beside them.
    fn is_constraint(&mut self, union: &UnionFacet, facets: &Facets) -> bool {
        let described: BTreeSet<&str> = facets
            .objects
            .iter()
            .flat_map(|it| it.schema.properties.iter().map(|(key, _)| &**key))
            .collect();
        let scalar = facets.types.as_ref().is_some_and(|types| {
            !types.contains(&SchemaType::Object)
                && !types.contains(&SchemaType::Array)
                && types.len() <= 2
        });
        let mut all = true;
        for branch in &union.branches {
            let branch = self.gather(&Conjunction::of(branch));
            let only_known_members = branch.objects.iter().all(|it| {
                it.schema
                    .properties
                    .iter()
                    .all(|(key, _)| described.contains(&**key))
            });
            let constrains_object =
                !described.is_empty() && only_known_members && !branch.asks_of_arrays();
            let constrains_scalar = scalar && branch.values.is_none() && branch.types.is_none();
            all &= branch.unions.is_empty() && (constrains_object || constrains_scalar);
        }
        all
    }

    /// Whether what stands beside the union adds nothing to a branch.
    fn adds_nothing(&mut self, facets: &Facets, branch: &Rc<Schema>, union: &UnionFacet) -> bool {
        let alone = Facets {
            unions: facets
                .unions
                .iter()
                .filter(|it| it.key() != union.key())
                .cloned()
                .collect(),
            types: None,
            ..self.gather_empty(facets)
        };
        if !(alone.is_type_only() && facets_without_union_are_type_only(facets, union)) {
            return false;
        }
        let Some(types) = &facets.types else {
            return true;
        };
        let branch = self.gather(&Conjunction::of(branch));
        match branch.types.clone() {
            Some(own) => own.is_subset(types),
            // A branch without a type is one by its keywords.
            None => {
                let implied = branch.implied_types();
                self.options.implied_types && !implied.is_empty() && implied.is_subset(types)
            }
        }
    }

    fn gather_empty(&mut self, facets: &Facets) -> Facets {
        self.gather(&Conjunction {
            schemas: Vec::new(),
            without: facets.unions.iter().map(UnionFacet::key).collect(),
        })
    }

    /// One enum, where every branch is an enum or const of strings and no value stands in two of them.
    fn merged_enum(
        &mut self,
        facets: &Facets,
        union: &UnionFacet,
        slot: &mut Slot,
    ) -> Option<Value> {
        let mut values = Vec::new();
        for branch in &union.branches {
            let branch = self.gather(&Conjunction::of(branch));
            if !branch.unions.is_empty() || branch.asks_of_any() || !branch.textual.is_empty() {
                return None;
            }
            for value in branch.values? {
                value.value.as_str()?;
                if values.iter().any(|it: &crate::document::Literal| {
                    super::literal::equal(&it.value, &value.value)
                }) {
                    return None;
                }
                values.push(value);
            }
        }
        if values.is_empty() || !facets_without_union_are_type_only(facets, union) {
            return None;
        }
        let mut merged = self.gather_empty(facets);
        merged.docs = facets.docs.clone();
        merged.deprecated = facets.deprecated;
        merged.place = facets.place.clone();
        merged.values = Some(values);
        Some(self.string_enum(&merged, slot))
    }

    /// Names of the variants: of the schema that a branch refers to, its title, or its type.
    fn variant_names(&mut self, union: &UnionFacet) -> Vec<String> {
        let mut names = Vec::new();
        for (index, branch) in union.branches.iter().enumerate() {
            let name = match self.peel(branch) {
                Peeled::Named(target) => self.references.schema_name(&target, &mut self.names),
                Peeled::Inline(schema) => match &schema.title {
                    Some(title) => name::type_name(title),
                    None => {
                        let facets = self.gather(&Conjunction::of(&schema));
                        variant_name(&facets).unwrap_or_else(|| format!("Variant{}", index + 1))
                    }
                },
            };
            names.push(name);
        }
        name::distinct(&mut names);
        names
    }

    /// The quick way to the branch. It has to give the same answer as trying all of them, so each branch must refuse
    /// what the others are told by.
    fn dispatch(
        &mut self,
        union: &UnionFacet,
        branches: &[Facets],
        direction: Direction,
    ) -> Dispatch {
        if let Some(kinds) = by_kind(branches) {
            return Dispatch::Kind(kinds);
        }
        let mut keys: Vec<Rc<str>> = union
            .discriminator()
            .map(|it| Rc::clone(&it.property_name))
            .into_iter()
            .collect();
        if let Some(first) = branches.first() {
            keys.extend(first.required.iter().map(|name| Rc::clone(&name.value)));
        }
        for key in keys {
            if let Some(values) = self.by_tag(&key, branches, direction) {
                return Dispatch::Tag {
                    key: key.to_string(),
                    values,
                };
            }
        }
        if let Some(discriminator) = union.discriminator() {
            let place = discriminator.place.clone();
            let property = Rc::clone(&discriminator.property_name);
            self.diagnostics
                .warning(
                    Code::LooseDiscriminator,
                    &place,
                    format!("`{property}` does not tell the branches apart by itself"),
                )
                .label("every branch is tried, and exactly those that accept count")
                .help(format!(
                    "require `{property}` in each branch and give it a `const` of its own there"
                ));
        }
        Dispatch::Try
    }

    /// The values of a member that tell the branches apart: each branch requires it and has values of its own.
    fn by_tag(
        &mut self,
        key: &str,
        branches: &[Facets],
        direction: Direction,
    ) -> Option<Vec<(String, usize)>> {
        let mut found: Vec<(String, usize)> = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let object = branch
                .types
                .as_ref()
                .is_some_and(|types| types.len() == 1 && types.contains(&SchemaType::Object))
                || branch.types.is_none()
                    && self.options.implied_types
                    && branch.implied_types().len() == 1;
            if !object || branch.never || !branch.required.iter().any(|name| *name.value == *key) {
                return None;
            }
            let member = super::object::members(branch, &[])
                .into_iter()
                .find(|member| *member.key == *key)?;
            // A member of the other direction is not there to tell them apart.
            let is_other = |it| self.is_of_other_direction(it, direction);
            if member.schemas.iter().any(is_other) {
                return None;
            }
            let facets = self.gather(&Conjunction {
                schemas: member.schemas,
                without: BTreeSet::new(),
            });
            for value in facets.values? {
                let text = value.value.as_str()?.to_owned();
                if found.iter().any(|(known, _)| *known == text) {
                    return None;
                }
                found.push((text, index));
            }
        }
        Some(found)
    }
}

fn facets_without_union_are_type_only(facets: &Facets, union: &UnionFacet) -> bool {
    facets.values.is_none()
        && !facets.asks_of_any()
        && facets.implied_types().is_empty()
        && facets.unions.iter().all(|it| it.key() == union.key())
}

/// The JSON kinds of the branches, where no two branches share one.
fn by_kind(branches: &[Facets]) -> Option<Vec<(Kind, usize)>> {
    let mut found: Vec<(Kind, usize)> = Vec::new();
    for (index, branch) in branches.iter().enumerate() {
        if branch.never || !branch.unions.is_empty() {
            return None;
        }
        let types = branch.types.as_ref()?;
        let kinds: BTreeSet<Kind> = types.iter().map(|ty| kind(*ty)).collect();
        for kind in kinds {
            if found.iter().any(|(known, _)| *known == kind) {
                return None;
            }
            found.push((kind, index));
        }
    }
    Some(found)
}

fn kind(ty: SchemaType) -> Kind {
    match ty {
        SchemaType::Null => Kind::Null,
        SchemaType::Boolean => Kind::Boolean,
        SchemaType::Integer | SchemaType::Number => Kind::Number,
        SchemaType::String => Kind::String,
        SchemaType::Array => Kind::Array,
        SchemaType::Object => Kind::Object,
    }
}

/// A name by what the facets allow: their one value, or their one type.
fn variant_name(facets: &Facets) -> Option<String> {
    if let Some([value]) = facets.values.as_deref()
        && let Some(text) = value.value.as_str()
    {
        return Some(name::type_name(text));
    }
    let types = facets
        .types
        .clone()
        .unwrap_or_else(|| facets.implied_types());
    let types: Vec<_> = types
        .into_iter()
        .filter(|ty| *ty != SchemaType::Integer || facets.types.is_some())
        .collect();
    match types.as_slice() {
        [SchemaType::Integer, SchemaType::Number] => Some("Number".to_owned()),
        [only] => Some(type_variant_name(*only, facets)),
        _ => None,
    }
}

/// A name by one type that the facets allow.
fn type_variant_name(ty: SchemaType, facets: &Facets) -> String {
    let name = match ty {
        SchemaType::Null => "Null",
        SchemaType::Boolean => "Boolean",
        SchemaType::Integer => "Integer",
        SchemaType::Number => "Number",
        SchemaType::String if facets.values.is_some() => "Known",
        SchemaType::String => match facets.formats.first() {
            Some(format) => return name::type_name(&format.value),
            None => "Text",
        },
        SchemaType::Array => "List",
        SchemaType::Object => "Object",
    };
    name.to_owned()
}
