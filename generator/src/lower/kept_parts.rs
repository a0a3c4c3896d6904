//! Which structs within a value keep the members that no property names, since something is asked of the whole value that
//! looks into its parts.

use super::kept::{DEEPEST, InPlace, MOST, Search, rest};
use crate::ir::{
    Additional, Check, Conditional, Items, Literal, Properties, Type, TypeId, TypeKind, UnionRule,
    Value,
};

/// What a value is built as, where it has parts.
#[derive(Clone, Copy)]
pub(super) enum Built<'t> {
    Struct(usize),
    Map(&'t Value),
    /// An array with items of one type, or a tuple.
    Items(&'t [Value]),
}

impl Built<'_> {
    fn key(self) -> usize {
        match self {
            Self::Struct(index) => index,
            Self::Map(value) => address(value),
            Self::Items(values) => values.as_ptr().addr(),
        }
    }
}

/// Tells one value of the document from all others.
fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

impl<'t> Search<'t> {
    /// What a value may be built as.
    pub(super) fn built(&self, value: &'t Value) -> Vec<Built<'t>> {
        let mut built = Vec::new();
        let mut seen = Vec::new();
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            let Some(value) = self.resolved(value) else {
                continue;
            };
            match &value.ty {
                Type::Array(item) => built.push(Built::Items(std::slice::from_ref(item))),
                Type::Tuple(items) => built.push(Built::Items(items)),
                Type::Map(value) => built.push(Built::Map(value)),
                Type::Named(TypeId(index)) => match self.types.get(*index).map(|it| &it.kind) {
                    Some(TypeKind::Struct(_)) => built.push(Built::Struct(*index)),
                    Some(TypeKind::Union(it)) if !seen.contains(index) => {
                        seen.push(*index);
                        open.extend(it.variants.iter().map(|it| &it.value));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        built
    }

    /// Marks the structs within a value of which checks on the whole may need what they do not describe.
    pub(super) fn keep_within(&mut self, of: Built<'t>, checks: &'t [Check]) {
        self.ask_checks(checks, of, false, DEEPEST);
    }

    /// Looks into a value for what checks on it ask of its parts. Where the answer may be turned round, as below `not`, it
    /// must neither change from yes to no nor from no to yes.
    fn ask_checks(&mut self, checks: &'t [Check], of: Built<'t>, both: bool, depth: usize) {
        for check in checks {
            self.ask_check(check, of, both, depth);
        }
    }

    fn ask_check(&mut self, check: &'t Check, of: Built<'t>, both: bool, depth: usize) {
        match check {
            Check::UniqueItems => self.keep_all_below(of),
            Check::Const(value) if has_parts(value) => self.keep_all_below(of),
            Check::Enum(values) if values.iter().any(has_parts) => self.keep_all_below(of),
            Check::Also(value) | Check::Where(_, value) | Check::DependentSchema(_, value) => {
                self.ask_whole(value, of, both, depth);
            }
            Check::Not(value) => self.ask_whole(value, of, true, depth),
            Check::OneOf(values) => {
                for value in values {
                    self.ask_whole(value, of, true, depth);
                }
            }
            Check::AnyOf(values) => {
                for value in values {
                    self.ask_whole(value, of, both, depth);
                }
            }
            Check::If(it) => {
                let Conditional {
                    condition,
                    then,
                    otherwise,
                } = &**it;
                self.ask_whole(condition, of, true, depth);
                for branch in then.iter().chain(otherwise) {
                    self.ask_whole(branch, of, both, depth);
                }
            }
            Check::Contains { value, max, .. } => {
                self.ask_parts(value, items(of), both || max.is_some(), depth);
            }
            Check::Items(Items { prefix, rest }) => {
                for value in prefix.iter().chain(rest.as_deref()) {
                    self.ask_parts(value, items(of), both, depth);
                }
            }
            Check::Properties(Properties {
                members,
                patterns,
                additional,
            }) => {
                for (key, value) in members {
                    self.ask_parts(value, self.member(of, key), both, depth);
                }
                let patterns = patterns.iter().map(|(_, value)| value);
                for value in patterns.chain(additional.as_deref()) {
                    self.ask_parts(value, self.members(of), both, depth);
                }
            }
            Check::UnevaluatedProperties(coverage, value)
            | Check::UnevaluatedItems(coverage, value) => {
                for condition in check.values_in_place() {
                    self.ask_whole(condition, of, true, depth);
                }
                // Those of `contains` are about the items; asking them of conditions too costs no more than space.
                for condition in coverage.values() {
                    self.ask_parts(condition, items(of), true, depth);
                }
                self.ask_parts(value, self.members(of), both, depth);
                self.ask_parts(value, items(of), both, depth);
            }
            _ => {}
        }
    }

    /// Looks into a value for what another asks of its parts.
    fn ask_whole(&mut self, asked: &'t Value, of: Built<'t>, both: bool, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return self.keep_all_below(of);
        };
        if !self.asked.insert((address(asked), of.key(), both)) {
            return;
        }
        self.ask_checks(&asked.checks, of, both, depth);
        match self.in_place(asked) {
            Some(InPlace::Struct(it)) => {
                self.ask_checks(&it.checks, of, both, depth);
                for field in &it.fields {
                    self.ask_parts(&field.value, self.member(of, &field.key), both, depth);
                }
                if let Additional::Keep { value, .. } = &it.additional {
                    self.ask_parts(value, self.members(of), both, depth);
                }
            }
            Some(InPlace::Union(it)) => {
                self.ask_checks(&it.checks, of, both, depth);
                let both = both || it.rule == UnionRule::One;
                for variant in &it.variants {
                    self.ask_whole(&variant.value, of, both, depth);
                }
            }
            Some(InPlace::Other(inner)) => self.ask_whole(inner, of, both, depth),
            None => match &asked.ty {
                Type::Array(item) => self.ask_parts(item, items(of), both, depth),
                Type::Tuple(values) => {
                    for value in values {
                        self.ask_parts(value, items(of), both, depth);
                    }
                }
                Type::Map(value) => self.ask_parts(value, self.members(of), both, depth),
                _ => {}
            },
        }
    }

    /// Marks the structs among parts of which something is asked, and those within them.
    fn ask_parts(&mut self, asked: &'t Value, parts: Vec<&'t Value>, both: bool, depth: usize) {
        let built: Vec<Built<'t>> = parts.into_iter().flat_map(|it| self.built(it)).collect();
        for of in built {
            if let Built::Struct(index) = of
                && let Some(it) = self.open_struct(index)
            {
                let rest = rest(it);
                self.left.set(MOST);
                let mut keeps = self.needs(asked, &rest, DEEPEST);
                if both && !keeps {
                    self.left.set(MOST);
                    keeps = self.gains(asked, &rest, DEEPEST);
                }
                if keeps {
                    self.keeping.insert(index);
                }
            }
            self.ask_whole(asked, of, both, depth);
        }
    }

    /// Marks every struct within a value.
    fn keep_all_below(&mut self, of: Built<'t>) {
        let mut open = self.members(of);
        open.extend(items(of));
        while let Some(value) = open.pop() {
            if !self.kept_below.insert(address(value)) {
                continue;
            }
            for of in self.built(value) {
                if let Built::Struct(index) = of
                    && self.open_struct(index).is_some()
                {
                    self.keeping.insert(index);
                }
                open.extend(self.members(of));
                open.extend(items(of));
            }
        }
    }

    /// What the member with this key is built as.
    fn member(&self, of: Built<'t>, key: &str) -> Vec<&'t Value> {
        if let Built::Struct(index) = of
            && let Some(TypeKind::Struct(it)) = self.types.get(index).map(|it| &it.kind)
            && let Some(field) = it.fields.iter().find(|it| it.key == key)
        {
            return vec![&field.value];
        }
        match of {
            Built::Struct(index) => self.additional(index).collect(),
            _ => self.members(of),
        }
    }

    /// What the members are built as.
    fn members(&self, of: Built<'t>) -> Vec<&'t Value> {
        match of {
            Built::Struct(index) => {
                let fields = match self.types.get(index).map(|it| &it.kind) {
                    Some(TypeKind::Struct(it)) => it.fields.as_slice(),
                    _ => &[],
                };
                let values = fields.iter().map(|field| &field.value);
                values.chain(self.additional(index)).collect()
            }
            Built::Map(value) => vec![value],
            Built::Items(_) => Vec::new(),
        }
    }

    /// What the members of a struct are built as that have no field.
    fn additional(&self, index: usize) -> impl Iterator<Item = &'t Value> + use<'t> {
        let value = match self.types.get(index).map(|it| &it.kind) {
            Some(TypeKind::Struct(it)) => match &it.additional {
                Additional::Keep { value, .. } => Some(&**value),
                _ => None,
            },
            _ => None,
        };
        value.into_iter()
    }
}

/// What the items are built as.
fn items(of: Built<'_>) -> Vec<&Value> {
    match of {
        Built::Items(values) => values.iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether a value of the document is equal to others only by its parts.
fn has_parts(value: &Literal) -> bool {
    matches!(value, Literal::Array(_) | Literal::Object(_))
}
