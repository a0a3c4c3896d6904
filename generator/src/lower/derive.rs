//! Which traits a type can derive: a fixpoint over what it is made of.

use super::{
    Lowering,
    recursion::{Waiting, users},
};
use crate::ir::{
    Additional, Derives, Format, Integer, Literal, Presence, Type, TypeDef, TypeKind, Value,
};

impl Lowering<'_> {
    /// Grants `Default` from the inside out, so that no default leads back to itself.
    fn derive_default(&mut self) {
        let users = users(&self.types);
        let mut waiting = Waiting::all(self.types.len());
        while let Some(index) = waiting.next() {
            let grants = self
                .types
                .get(index)
                .is_some_and(|def| !def.derives.default && has_default(def, &self.types));
            if grants && let Some(def) = self.types.get_mut(index) {
                def.derives.default = true;
                waiting.add(users.get(index).into_iter().flatten());
            }
        }
    }

    /// Starts from the best for every type and takes away what a part cannot do, until nothing changes.
    pub(super) fn derive_traits(&mut self) {
        for def in &mut self.types {
            def.derives = Derives {
                default: false,
                eq: true,
                hash: true,
                copy: matches!(def.kind, TypeKind::Enum(_) | TypeKind::Newtype(_)),
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
        self.derive_default();
    }
}

/// Whether every member can be left out.
fn has_default(def: &TypeDef, types: &[TypeDef]) -> bool {
    let TypeKind::Struct(it) = &def.kind else {
        return false;
    };
    it.fields.iter().all(|field| match &field.presence {
        Presence::Required => false,
        Presence::Optional => true,
        Presence::Default(literal) => is_written(literal, &field.value, types),
    })
}

/// Whether a default can be written as a Rust value.
fn is_written(literal: &Literal, value: &Value, types: &[TypeDef]) -> bool {
    match (&value.ty, literal) {
        (Type::Nullable(_), Literal::Null) => true,
        (Type::Nullable(inner), literal) => is_written(literal, inner, types),
        (Type::Boolean, Literal::Boolean(_))
        | (Type::String | Type::Formatted(Format::Password), Literal::String(_)) => true,
        (Type::Integer(integer), Literal::Number(text)) => match integer {
            Integer::I8 => text.parse::<i8>().is_ok(),
            Integer::I16 => text.parse::<i16>().is_ok(),
            Integer::I32 => text.parse::<i32>().is_ok(),
            Integer::I64 => text.parse::<i64>().is_ok(),
            Integer::U8 => text.parse::<u8>().is_ok(),
            Integer::U16 => text.parse::<u16>().is_ok(),
            Integer::U32 => text.parse::<u32>().is_ok(),
            Integer::U64 => text.parse::<u64>().is_ok(),
        },
        (Type::F32 | Type::F64, Literal::Number(text)) => {
            text.parse::<f32>().is_ok_and(f32::is_finite)
        }
        (Type::Array(_), Literal::Array(items)) => items.is_empty(),
        (Type::Map(_), Literal::Object(members)) => members.is_empty(),
        (Type::Named(id), literal) => match types.get(id.0).map(|def| (&def.kind, def.derives)) {
            Some((TypeKind::Enum(it), _)) => matches!(literal, Literal::String(text)
                if it.variants.iter().any(|variant| variant.value == *text)),
            Some((TypeKind::Alias(value), _)) => is_written(literal, value, types),
            Some((TypeKind::Struct(_), derives)) => {
                derives.default && matches!(literal, Literal::Object(members) if members.is_empty())
            }
            _ => false,
        },
        _ => false,
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
            result.hash &= !matches!(it.additional, Additional::Keep { .. });
        }
        TypeKind::Union(it) => it
            .variants
            .iter()
            .for_each(|variant| require(&variant.value)),
        TypeKind::Newtype(value) => {
            require(value);
            result.copy &= is_copy(value, known);
        }
        TypeKind::Alias(value) => require(value),
        TypeKind::Enum(_) | TypeKind::Pending => {}
    }
    result
}

fn has(
    value: &Value,
    known: &[Derives],
    ask: fn(&Derives) -> bool,
    plain: fn(&Type) -> bool,
) -> bool {
    match &value.ty {
        Type::Named(id) => known.get(id.0).is_none_or(ask),
        Type::Nullable(inner) | Type::Array(inner) | Type::JsonText(inner) => {
            has(inner, known, ask, plain)
        }
        Type::Tuple(_) | Type::Part(_) => {
            let mut parts = value.ty.parts().iter();
            parts.all(|item| has(item, known, ask, plain))
        }
        Type::Map(inner) => plain(&value.ty) && has(inner, known, ask, plain),
        ty => plain(ty),
    }
}

fn is_eq(ty: &Type) -> bool {
    // A span of calendar units has no order of its own, nor equality: a month is no number of days.
    !matches!(
        ty,
        Type::F32 | Type::F64 | Type::Formatted(Format::Duration) | Type::Upload
    )
}

fn is_copy(value: &Value, known: &[Derives]) -> bool {
    match &value.ty {
        Type::Named(id) => known.get(id.0).is_some_and(|it| it.copy),
        Type::Nullable(inner) | Type::JsonText(inner) => is_copy(inner, known),
        Type::Tuple(items) => items.iter().all(|item| is_copy(item, known)),
        Type::Boolean | Type::Integer(_) | Type::F32 | Type::F64 | Type::Decimal | Type::Null => {
            true
        }
        Type::Formatted(format) => matches!(
            format,
            Format::Uuid
                | Format::DateTime
                | Format::Date
                | Format::Decimal
                | Format::Ipv4
                | Format::Ipv6
        ),
        Type::String
        | Type::Json
        | Type::Array(_)
        | Type::Map(_)
        | Type::Upload
        | Type::Part(_) => false,
    }
}

fn is_hash(ty: &Type) -> bool {
    is_eq(ty) && !matches!(ty, Type::Json | Type::Map(_))
}
