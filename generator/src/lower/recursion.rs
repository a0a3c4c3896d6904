//! Recursion: where a type contains itself and needs a box, and which types unions ask about.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::Lowering;
use crate::{
    diagnostic::Code,
    ir::{Additional, Check, Dispatch, Presence, Type, TypeDef, TypeId, TypeKind, Value},
    source::{FileId, Place},
};

impl Lowering<'_> {
    /// A type that asks itself about the very same value would ask for ever: JSON Schema leaves undefined what such a schema
    /// accepts (2020-12 Core, section 9.4.1).
    fn report_endless_questions(&mut self) {
        let edges: Vec<BTreeSet<usize>> = self.types.iter().map(types_in_place).collect();
        let components = components(&edges);
        let mut told = BTreeSet::new();
        for (index, is_cyclic) in cyclic(&edges, &components).into_iter().enumerate() {
            let Some(def) = self.types.get(index).filter(|_| is_cyclic) else {
                continue;
            };
            if !told.insert(components.get(index).copied()) {
                continue;
            }
            let headline = format!(
                "`{}` leads back to itself for the very same value",
                def.name
            );
            let place = self.place_of_part(&def.pointer, None);
            let is_told = self
                .diagnostics
                .iter()
                .any(|it| it.code == Code::InfiniteType && it.place.span == place.span);
            if is_told {
                continue;
            }
            self.diagnostics
                .error(Code::ReferenceCycle, &place, headline)
                .help("a schema may contain itself in its properties or items, not in its own branches");
        }
    }

    /// Gives a type of its own to every alias that leads back to itself by nothing but aliases, such as a list of itself.
    fn name_endless_aliases(&mut self) {
        let edges: Vec<BTreeSet<usize>> = self
            .types
            .iter()
            .map(|def| match &def.kind {
                TypeKind::Alias(value) => types_in(value)
                    .into_iter()
                    .filter(|target| {
                        self.types
                            .get(*target)
                            .is_some_and(|def| matches!(def.kind, TypeKind::Alias(_)))
                    })
                    .collect(),
                _ => BTreeSet::new(),
            })
            .collect();
        let is_endless = cyclic(&edges, &components(&edges));
        for (def, is_endless) in self.types.iter_mut().zip(is_endless) {
            if is_endless && let TypeKind::Alias(value) = &def.kind {
                def.kind = TypeKind::Newtype(value.clone());
            }
        }
    }

    /// Boxes a field or variant wherever a type would otherwise contain itself, or be too large.
    pub(super) fn break_cycles(&mut self) {
        self.name_endless_aliases();
        let edges: Vec<BTreeSet<usize>> = self.types.iter().map(all_types).collect();
        let components = components(&edges);
        for (def, is_cyclic) in self.types.iter_mut().zip(cyclic(&edges, &components)) {
            def.recursive = is_cyclic;
        }
        let mut asking = BTreeSet::new();
        for (def, component) in self.types.iter().zip(&components) {
            each_check(def, &mut |check| {
                if check.is_probing() || matches!(check, Check::Also(_)) {
                    asking.insert(*component);
                }
            });
        }
        for (def, component) in self.types.iter_mut().zip(&components) {
            def.remembers = def.recursive && asking.contains(component);
        }
        // A depth-first walk over what is contained by value; an edge back to a type on the way is boxed.
        let mut state = vec![State::New; self.types.len()];
        for start in 0..self.types.len() {
            self.box_from(start, &mut state);
        }
        self.box_large();
        self.report_infinite();
        self.report_endless_questions();
    }

    /// The `recursion_limit` that the types need, where it is more than rustc's default.
    ///
    /// To tell whether a type is `Send`, rustc goes into what it contains: at most through all of the types that contain
    /// each other, three levels each (`Option`, `Box` or `Vec`, and the type itself).
    pub(super) fn recursion_limit(&mut self) -> Option<usize> {
        const DEFAULT: usize = 128;
        const PER_TYPE: usize = 3;
        const AROUND: usize = 32;
        let edges: Vec<BTreeSet<usize>> = self.types.iter().map(contained_types).collect();
        let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, component) in components(&edges).into_iter().enumerate() {
            members.entry(component).or_default().push(index);
        }
        // Of two that are as large, the one that begins first.
        let largest = members
            .into_values()
            .max_by_key(|it| (it.len(), std::cmp::Reverse(it.first().copied())))?;
        let limit = (PER_TYPE * largest.len() + AROUND).next_power_of_two();
        if limit <= DEFAULT {
            return None;
        }
        if limit > self.options.recursion_limit {
            let pointer = largest
                .first()
                .and_then(|index| self.types.get(*index))
                .map_or("", |def| def.pointer.as_str());
            let place = self.place_of_part(pointer, None);
            let count = largest.len();
            self.diagnostics
                .warning(
                    Code::RecursionLimit,
                    &place,
                    format!("{count} types contain each other, which is too deep for rustc's default limit"),
                )
                .label("one of them")
                .help(format!(
                    "write `#![recursion_limit = \"{limit}\"]` at the top of the crate's root, and `Generator::recursion_limit({limit})`"
                ));
        }
        Some(limit)
    }

    fn box_from(&mut self, start: usize, state: &mut [State]) {
        // Explicit, since a chain of types may be longer than the stack is deep.
        let mut stack: Vec<(usize, Vec<(Part, usize)>)> = Vec::new();
        if state.get(start) != Some(&State::New) {
            return;
        }
        if let Some(state) = state.get_mut(start) {
            *state = State::Active;
        }
        stack.push((start, self.parts(start)));
        while let Some((current, parts)) = stack.last_mut() {
            let current = *current;
            let Some((part, target)) = parts.pop() else {
                if let Some(state) = state.get_mut(current) {
                    *state = State::Done;
                }
                stack.pop();
                continue;
            };
            match state.get(target) {
                Some(State::Active) => self.box_part(current, part),
                Some(State::New) => {
                    if let Some(state) = state.get_mut(target) {
                        *state = State::Active;
                    }
                    let parts = self.parts(target);
                    stack.push((target, parts));
                }
                _ => {}
            }
        }
    }

    /// What a type contains by value, last first.
    fn parts(&self, index: usize) -> Vec<(Part, usize)> {
        let mut parts = Vec::new();
        let mut add = |part: Part, value: &Value, boxed: bool| {
            if !boxed {
                let mut held = Vec::new();
                self.held_by_value(value, &mut held);
                parts.extend(held.into_iter().map(|target| (part, target)));
            }
        };
        match self.types.get(index).map(|def| &def.kind) {
            Some(TypeKind::Struct(it)) => {
                for (index, field) in it.fields.iter().enumerate() {
                    add(Part(index), &field.value, field.boxed);
                }
            }
            Some(TypeKind::Union(it)) => {
                for (index, variant) in it.variants.iter().enumerate() {
                    add(Part(index), &variant.value, variant.boxed);
                }
            }
            _ => {}
        }
        parts.reverse();
        parts
    }

    /// The structs and unions that a value holds by value. What only wraps another has no part that could be boxed, so it
    /// is seen through.
    fn held_by_value(&self, value: &Value, held: &mut Vec<usize>) {
        let mut open: Vec<&Value> = vec![value];
        let mut seen = BTreeSet::new();
        while let Some(value) = open.pop() {
            for TypeId(target) in by_value(value) {
                match self.types.get(target).map(|def| &def.kind) {
                    Some(TypeKind::Newtype(inner) | TypeKind::Alias(inner)) => {
                        if seen.insert(target) {
                            open.push(inner);
                        }
                    }
                    _ => held.push(target),
                }
            }
        }
    }

    fn box_part(&mut self, index: usize, Part(part): Part) {
        let Some(def) = self.types.get_mut(index) else {
            return;
        };
        match &mut def.kind {
            TypeKind::Struct(it) => {
                if let Some(field) = it.fields.get_mut(part) {
                    field.boxed = true;
                }
            }
            TypeKind::Union(it) => {
                if let Some(variant) = it.variants.get_mut(part) {
                    variant.boxed = true;
                }
            }
            _ => {}
        }
    }

    /// A type that requires itself has no finite value.
    fn report_infinite(&mut self) {
        let mut finite = vec![false; self.types.len()];
        let users = users(&self.types);
        // A type is asked again only where a part of it turned out to have a value.
        let mut waiting = Waiting::all(self.types.len());
        while let Some(index) = waiting.next() {
            let Some(def) = self.types.get(index) else {
                continue;
            };
            if finite.get(index) == Some(&false) && is_finite(def, &finite) {
                if let Some(finite) = finite.get_mut(index) {
                    *finite = true;
                }
                waiting.add(users.get(index).into_iter().flatten());
            }
        }
        let mut told = vec![false; self.types.len()];
        for start in 0..self.types.len() {
            if finite.get(start) == Some(&false) && told.get(start) == Some(&false) {
                self.report_infinite_from(start, &finite, &mut told);
            }
        }
    }

    /// Follows the first part without a finite value from type to type until one comes again, and reports the cycle
    /// unless it was told already.
    fn report_infinite_from(&mut self, start: usize, finite: &[bool], told: &mut [bool]) {
        let mut way: Vec<(usize, Option<String>)> = Vec::new();
        let mut current = start;
        let cycle = loop {
            if let Some(begin) = way.iter().position(|(index, _)| *index == current) {
                break way.split_off(begin);
            }
            if told.get(current) != Some(&false) {
                return;
            }
            if let Some(told) = told.get_mut(current) {
                *told = true;
            }
            let Some(def) = self.types.get(current) else {
                return;
            };
            let Some((next, key)) = infinite_part(def, finite) else {
                return;
            };
            way.push((current, key));
            current = next;
        };
        let names: Vec<String> = cycle
            .iter()
            .chain(cycle.first().filter(|_| cycle.len() > 1))
            .filter_map(|(index, _)| self.types.get(*index))
            .map(|def| format!("`{}`", def.name))
            .collect();
        let Some((def, key)) = cycle
            .first()
            .and_then(|(index, key)| Some((self.types.get(*index)?, key.as_deref())))
        else {
            return;
        };
        let place = self.place_of_part(&def.pointer, key);
        let headline = match names.as_slice() {
            [only] => format!("{only} requires itself, so it has no finite value"),
            _ => format!(
                "{} requires itself, so it has no finite value: {}",
                names.first().map_or("", String::as_str),
                names.join(" to ")
            ),
        };
        let help = match key {
            Some(_) => "make a member on the way back optional, nullable or an array",
            None => "add a branch that does not lead back",
        };
        self.diagnostics
            .error(Code::InfiniteType, &place, headline)
            .help(help);
    }

    /// Where the member of a schema, or its first branch, stands; or else the schema.
    fn place_of_part(&self, pointer: &str, member: Option<&str>) -> Place {
        let Some(place) = self.references.place_of(pointer) else {
            return Place::root(FileId(0));
        };
        let key = format!("{}#{pointer}", place.span.file.0);
        let part = self.references.known_schema(&key).and_then(|schema| {
            let branches = [&schema.one_of, &schema.any_of];
            match member {
                Some(member) => schema
                    .properties
                    .iter()
                    .find(|(name, _)| **name == *member)
                    .map(|(_, schema)| schema.place.clone()),
                None => branches
                    .into_iter()
                    .flatten()
                    .find_map(|list| Some(list.value.first()?.place.clone())),
            }
        });
        part.unwrap_or(place)
    }

    /// Marks the types that a union asks about without building them.
    pub(super) fn mark_accepts(&mut self) {
        let mut rest: Vec<usize> = Vec::new();
        for (index, def) in self.types.iter().enumerate() {
            let mut probed = Vec::new();
            if def.remembers {
                probed.push(index);
            }
            if let TypeKind::Union(union) = &def.kind
                && union.dispatch == Dispatch::Try
            {
                probed.extend(
                    union
                        .variants
                        .iter()
                        .flat_map(|variant| types_in(&variant.value)),
                );
            }
            each_check(def, &mut |check| {
                if check.is_probing() {
                    probed.extend(types_in_check(check));
                }
            });
            rest.extend(probed);
        }
        while let Some(index) = rest.pop() {
            let Some(def) = self.types.get_mut(index) else {
                continue;
            };
            if !std::mem::replace(&mut def.accepts, true) {
                rest.extend(all_types(def));
            }
        }
    }

    /// The types in the order of the document: the named ones first, each followed by those that were made for it.
    pub(super) fn type_order(&self) -> Vec<TypeId> {
        let mut order: HashMap<&str, usize> = HashMap::new();
        for (index, (name, _)) in self.document.components.schemas.iter().enumerate() {
            order.entry(name).or_insert(index);
        }
        let mut ids: Vec<TypeId> = (0..self.types.len()).map(TypeId).collect();
        let rank = |id: &TypeId| {
            let pointer = self.types.get(id.0).map_or("", |def| def.pointer.as_str());
            let component = pointer
                .strip_prefix("/components/schemas/")
                .map(|rest| rest.split('/').next().unwrap_or(""));
            let name = component.map(|name| name.replace("~1", "/").replace("~0", "~"));
            let position = name.and_then(|name| order.get(name.as_str()).copied());
            (position.unwrap_or(usize::MAX), id.0)
        };
        ids.sort_by_cached_key(rank);
        ids
    }
}

/// A field or variant by its index.
#[derive(Clone, Copy)]
struct Part(usize);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Active,
    Done,
}

/// The types that a value holds by value: lists and maps hold theirs elsewhere.
pub(super) fn by_value(value: &Value) -> Box<dyn Iterator<Item = TypeId> + '_> {
    match &value.ty {
        Type::Named(id) => Box::new(std::iter::once(*id)),
        Type::Nullable(inner) | Type::JsonText(inner) => by_value(inner),
        ty @ (Type::Tuple(_) | Type::Part(_)) => Box::new(ty.parts().iter().flat_map(by_value)),
        _ => Box::new(std::iter::empty()),
    }
}

/// The types that a value is made of.
fn types_in(value: &Value) -> Vec<usize> {
    let mut types: Vec<usize> = match &value.ty {
        Type::Named(id) => vec![id.0],
        ty => ty.parts().iter().flat_map(types_in).collect(),
    };
    for check in &value.checks {
        types.extend(types_in_check(check));
    }
    types
}

fn types_in_check(check: &Check) -> Vec<usize> {
    check.values().into_iter().flat_map(types_in).collect()
}

/// The types that are asked about the same value as the type.
fn types_in_place(def: &TypeDef) -> BTreeSet<usize> {
    fn add(value: &Value, types: &mut BTreeSet<usize>) {
        match &value.ty {
            Type::Named(id) => {
                types.insert(id.0);
            }
            Type::Nullable(inner) => add(inner, types),
            _ => {}
        }
        value
            .checks
            .iter()
            .for_each(|check| add_check(check, types));
    }
    fn add_check(check: &Check, types: &mut BTreeSet<usize>) {
        let values = check.values_in_place();
        values.into_iter().for_each(|value| add(value, types));
    }
    let mut types = BTreeSet::new();
    match &def.kind {
        TypeKind::Struct(it) => it
            .checks
            .iter()
            .for_each(|check| add_check(check, &mut types)),
        TypeKind::Union(it) => {
            it.variants
                .iter()
                .for_each(|variant| add(&variant.value, &mut types));
            it.checks
                .iter()
                .for_each(|check| add_check(check, &mut types));
        }
        TypeKind::Newtype(value) | TypeKind::Alias(value) => add(value, &mut types),
        TypeKind::Enum(it) => it
            .checks
            .iter()
            .for_each(|check| add_check(check, &mut types)),
        TypeKind::Pending => {}
    }
    types
}

/// The types that a type contains, by value or in a list, a map or a box.
fn contained_types(def: &TypeDef) -> BTreeSet<usize> {
    fn add(value: &Value, types: &mut BTreeSet<usize>) {
        if let Type::Named(id) = &value.ty {
            types.insert(id.0);
        }
        value.ty.parts().iter().for_each(|part| add(part, types));
    }
    let mut types = BTreeSet::new();
    match &def.kind {
        TypeKind::Struct(it) => {
            it.fields
                .iter()
                .for_each(|field| add(&field.value, &mut types));
            if let Additional::Keep { value, .. } = &it.additional {
                add(value, &mut types);
            }
        }
        TypeKind::Union(it) => it
            .variants
            .iter()
            .for_each(|variant| add(&variant.value, &mut types)),
        TypeKind::Newtype(value) | TypeKind::Alias(value) => add(value, &mut types),
        TypeKind::Enum(_) | TypeKind::Pending => {}
    }
    types
}

/// The types that a type is made of, checks included.
fn all_types(def: &TypeDef) -> BTreeSet<usize> {
    let mut types = BTreeSet::new();
    match &def.kind {
        TypeKind::Struct(it) => {
            for field in &it.fields {
                types.extend(types_in(&field.value));
            }
            if let Additional::Keep { value, .. } = &it.additional {
                types.extend(types_in(value));
            }
            types.extend(it.checks.iter().flat_map(types_in_check));
        }
        TypeKind::Union(it) => {
            types.extend(
                it.variants
                    .iter()
                    .flat_map(|variant| types_in(&variant.value)),
            );
            types.extend(it.checks.iter().flat_map(types_in_check));
        }
        TypeKind::Newtype(value) | TypeKind::Alias(value) => types.extend(types_in(value)),
        TypeKind::Enum(it) => types.extend(it.checks.iter().flat_map(types_in_check)),
        TypeKind::Pending => {}
    }
    types
}

/// The types that have to be asked again, each once at a time: one with many parts waits for all that are before it.
pub(super) struct Waiting {
    queue: VecDeque<usize>,
    is_queued: Vec<bool>,
}

impl Waiting {
    pub(super) fn all(count: usize) -> Self {
        Self {
            queue: (0..count).collect(),
            is_queued: vec![true; count],
        }
    }

    pub(super) fn next(&mut self) -> Option<usize> {
        let index = self.queue.pop_front()?;
        if let Some(is_queued) = self.is_queued.get_mut(index) {
            *is_queued = false;
        }
        Some(index)
    }

    pub(super) fn add<'a>(&mut self, indexes: impl Iterator<Item = &'a usize>) {
        for index in indexes {
            if let Some(is_queued) = self.is_queued.get_mut(*index)
                && !std::mem::replace(is_queued, true)
            {
                self.queue.push_back(*index);
            }
        }
    }
}

/// The types that each type is a part of.
pub(super) fn users(types: &[TypeDef]) -> Vec<Vec<usize>> {
    let mut users = vec![Vec::new(); types.len()];
    for (index, def) in types.iter().enumerate() {
        for part in all_types(def) {
            if let Some(users) = users.get_mut(part) {
                users.push(index);
            }
        }
    }
    users
}

fn each_check<'a>(def: &'a TypeDef, visit: &mut impl FnMut(&'a Check)) {
    fn value<'a>(it: &'a Value, visit: &mut impl FnMut(&'a Check)) {
        it.ty.parts().iter().for_each(|inner| value(inner, visit));
        for it in &it.checks {
            check(it, visit);
        }
    }
    fn check<'a>(it: &'a Check, visit: &mut impl FnMut(&'a Check)) {
        visit(it);
        it.values().into_iter().for_each(|it| value(it, visit));
    }
    match &def.kind {
        TypeKind::Struct(it) => {
            it.fields
                .iter()
                .for_each(|field| value(&field.value, visit));
            if let Additional::Keep { value: it, .. } = &it.additional {
                value(it, visit);
            }
            it.checks.iter().for_each(|it| check(it, visit));
        }
        TypeKind::Union(it) => {
            it.variants
                .iter()
                .for_each(|variant| value(&variant.value, visit));
            it.checks.iter().for_each(|it| check(it, visit));
        }
        TypeKind::Newtype(it) | TypeKind::Alias(it) => value(it, visit),
        TypeKind::Enum(it) => it.checks.iter().for_each(|it| check(it, visit)),
        TypeKind::Pending => {}
    }
}

/// Whether the type has a value, given which types are known to have one.
fn is_finite(def: &TypeDef, finite: &[bool]) -> bool {
    fn is_value_finite(value: &Value, finite: &[bool]) -> bool {
        match &value.ty {
            Type::Named(id) => finite.get(id.0).copied().unwrap_or(true),
            ty @ (Type::Tuple(_) | Type::Part(_)) => {
                let mut parts = ty.parts().iter();
                parts.all(|item| is_value_finite(item, finite))
            }
            _ => true,
        }
    }
    let value = |value: &Value| is_value_finite(value, finite);
    match &def.kind {
        TypeKind::Struct(it) => it
            .fields
            .iter()
            .all(|field| field.presence != Presence::Required || value(&field.value)),
        TypeKind::Union(it) => {
            it.variants.is_empty() || it.variants.iter().any(|variant| value(&variant.value))
        }
        TypeKind::Newtype(it) | TypeKind::Alias(it) => value(it),
        TypeKind::Enum(_) | TypeKind::Pending => true,
    }
}

/// The first part that keeps a type from having a finite value: its type, and its key where it is a member.
fn infinite_part(def: &TypeDef, finite: &[bool]) -> Option<(usize, Option<String>)> {
    // Null is a value of what is nullable.
    let infinite = |value: &Value| match &value.ty {
        Type::Nullable(_) => None,
        _ => by_value(value)
            .map(|TypeId(target)| target)
            .find(|target| finite.get(*target) == Some(&false)),
    };
    match &def.kind {
        TypeKind::Struct(it) => it
            .fields
            .iter()
            .filter(|field| field.presence == Presence::Required)
            .find_map(|field| Some((infinite(&field.value)?, Some(field.key.clone())))),
        TypeKind::Union(it) => it
            .variants
            .iter()
            .find_map(|variant| Some((infinite(&variant.value)?, None))),
        TypeKind::Newtype(value) | TypeKind::Alias(value) => {
            infinite(value).map(|index| (index, None))
        }
        TypeKind::Enum(_) | TypeKind::Pending => None,
    }
}

/// Whether each node leads back to itself.
fn cyclic(edges: &[BTreeSet<usize>], components: &[usize]) -> Vec<bool> {
    let mut sizes = vec![0_usize; components.len()];
    for component in components {
        if let Some(size) = sizes.get_mut(*component) {
            *size += 1;
        }
    }
    let shares = |component: &usize| sizes.get(*component).is_some_and(|size| *size > 1);
    edges
        .iter()
        .zip(components)
        .enumerate()
        .map(|(index, (edges, component))| edges.contains(&index) || shares(component))
        .collect()
}

/// The strongly connected component of each node (Tarjan's algorithm, without recursion).
fn components(edges: &[BTreeSet<usize>]) -> Vec<usize> {
    let count = edges.len();
    let mut index = vec![usize::MAX; count];
    let mut low = vec![0; count];
    let mut on_stack = vec![false; count];
    let mut component = vec![usize::MAX; count];
    let (mut next, mut found) = (0, 0);
    let mut stack = Vec::new();
    for start in 0..count {
        if index[start] != usize::MAX {
            continue;
        }
        let mut work: Vec<(usize, Vec<usize>)> =
            vec![(start, edges[start].iter().copied().collect())];
        index[start] = next;
        low[start] = next;
        next += 1;
        stack.push(start);
        on_stack[start] = true;
        while let Some((node, rest)) = work.last_mut() {
            let node = *node;
            if let Some(target) = rest.pop() {
                if target >= count {
                    continue;
                }
                if index[target] == usize::MAX {
                    index[target] = next;
                    low[target] = next;
                    next += 1;
                    stack.push(target);
                    on_stack[target] = true;
                    work.push((target, edges[target].iter().copied().collect()));
                } else if on_stack[target] {
                    low[node] = low[node].min(index[target]);
                }
                continue;
            }
            work.pop();
            if let Some((parent, _)) = work.last() {
                low[*parent] = low[*parent].min(low[node]);
            }
            if low[node] == index[node] {
                while let Some(member) = stack.pop() {
                    on_stack[member] = false;
                    component[member] = found;
                    if member == node {
                        break;
                    }
                }
                found += 1;
            }
        }
    }
    component
}
