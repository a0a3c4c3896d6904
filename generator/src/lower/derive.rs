//! Which traits a type can derive: a fixpoint over what it is made of.

use super::{
    Lowering,
    recursion::{Waiting, users},
};
use crate::ir::{Additional, Derives, Format, Literal, Presence, Type, TypeDef, TypeKind, Value};

impl Lowering<'_> {
    /// Starts from the best for every type and takes away what a part cannot do, until nothing changes.
    pub(super) fn derive_traits(&mut self) {
        for def in &mut self.types {
            def.derives = Derives {
                default: matches!(def.kind, TypeKind::Struct(_)),
                eq: true,
                hash: true,
                copy: matches!(def.kind, TypeKind::Enum(_)),
            };
        }
        let users = users(&self.types);
        let mut known: Vec<Derives> = self.types.iter().map(|def| def.derives).collect();
        // A type is asked again only where a part of it has lost a trait.
        let mut waiting = Waiting::all(self.types.len());
        while let Some(index) = waiting.next() {
            let Some(def) = self.types.get_mut(index) else {
                continue;
            };
            let now = derives(def, &known);
            if now != def.derives {
                def.derives = now;
                waiting.add(users.get(index).into_iter().flatten());
            }
            if let Some(known) = known.get_mut(index) {
                *known = now;
            }
        }
    }
}

fn derives(def: &TypeDef, known: &[Derives]) -> Derives {
    let mut result = def.derives;
    let mut require = |value: &Value| {
        result.eq &= has(value, known, |it| it.eq, is_eq);
        result.hash &= has(value, known, |it| it.hash, is_hash);
    };
    match &def.kind {
        TypeKind::Struct(it) => {
            it.fields.iter().for_each(|field| require(&field.value));
            if let Additional::Keep { value, .. } = &it.additional {
                require(value);
            }
            result.default &= it.fields.iter().all(|field| match &field.presence {
                Presence::Required => false,
                Presence::Optional => true,
                Presence::Default(literal) => is_scalar(literal),
            });
            result.hash &= !matches!(it.additional, Additional::Keep { .. });
        }
        TypeKind::Union(it) => it
            .variants
            .iter()
            .for_each(|variant| require(&variant.value)),
        TypeKind::Newtype(value) | TypeKind::Alias(value) => require(value),
        TypeKind::Enum(_) | TypeKind::Pending => {}
    }
    result
}

/// Whether a default can be written as a Rust value.
fn is_scalar(literal: &Literal) -> bool {
    match literal {
        Literal::Null | Literal::Boolean(_) | Literal::Number(_) | Literal::String(_) => true,
        Literal::Array(items) => items.is_empty(),
        Literal::Object(members) => members.is_empty(),
    }
}

fn has(
    value: &Value,
    known: &[Derives],
    ask: fn(&Derives) -> bool,
    plain: fn(&Type) -> bool,
) -> bool {
    match &value.ty {
        Type::Named(id) => known.get(id.0).is_none_or(ask),
        Type::Nullable(inner) | Type::Array(inner) => has(inner, known, ask, plain),
        Type::Map(inner) => plain(&value.ty) && has(inner, known, ask, plain),
        ty => plain(ty),
    }
}

fn is_eq(ty: &Type) -> bool {
    // A span of calendar units has no order of its own, nor equality: a month is no number of days.
    !matches!(
        ty,
        Type::F32 | Type::F64 | Type::Formatted(Format::Duration)
    )
}

fn is_hash(ty: &Type) -> bool {
    is_eq(ty) && !matches!(ty, Type::Json | Type::Map(_))
}
