//! How large types are: where a part of a type is boxed because the type would be too large to be moved around.
//!
//! A type that holds others by value is as large as all of them, so types that refer to each other often grow by a factor
//! with every level: from a page to megabytes, which no stack has room for.

use super::{Lowering, recursion::by_value};
use crate::ir::{Additional, Format, Integer, Presence, Type, TypeKind, Value};

/// So many bytes a type may have before its largest parts are boxed.
const LARGEST: usize = 1024;

/// A smaller part is not worth a box.
const SMALLEST_BOXED: usize = 64;

const POINTER: usize = 8;

impl Lowering<'_> {
    /// Boxes the largest parts of every type that is too large, once no type contains itself by value.
    pub(super) fn box_large(&mut self) {
        let mut sizes = vec![None; self.types.len()];
        let mut entered = vec![false; self.types.len()];
        for start in 0..self.types.len() {
            // Explicit, since a chain of types may be longer than the stack is deep.
            let mut open = vec![(start, false)];
            while let Some((index, parts_are_known)) = open.pop() {
                if parts_are_known {
                    let size = self.shrink(index, &sizes);
                    if let Some(known) = sizes.get_mut(index) {
                        *known = Some(size);
                    }
                    continue;
                }
                let Some(entered) = entered.get_mut(index).filter(|it| !**it) else {
                    continue;
                };
                *entered = true;
                open.push((index, true));
                let held = self.values_by_value(index).into_iter();
                open.extend(held.flat_map(by_value).map(|target| (target.0, false)));
            }
        }
    }

    /// The values that a type holds without a box.
    fn values_by_value(&self, index: usize) -> Vec<&Value> {
        match self.types.get(index).map(|def| &def.kind) {
            Some(TypeKind::Struct(it)) => {
                let fields = it.fields.iter().filter(|it| !it.boxed);
                fields.map(|it| &it.value).collect()
            }
            Some(TypeKind::Union(it)) => {
                let variants = it.variants.iter().filter(|it| !it.boxed);
                variants.map(|it| &it.value).collect()
            }
            Some(TypeKind::Newtype(value) | TypeKind::Alias(value)) => vec![value],
            _ => Vec::new(),
        }
    }

    /// The size of a type whose parts' sizes are known, after its largest parts are boxed where it is too large.
    fn shrink(&mut self, index: usize, sizes: &[Option<usize>]) -> usize {
        let Some(def) = self.types.get_mut(index) else {
            return 0;
        };
        match &mut def.kind {
            TypeKind::Struct(it) => {
                let rest = match it.additional {
                    Additional::Keep { .. } => MAP,
                    _ => 0,
                };
                let mut size = rest;
                let mut parts = Vec::new();
                for field in &mut it.fields {
                    let own = size_of(&field.value, sizes);
                    let optional = match field.presence {
                        Presence::Optional => optional(&field.value),
                        Presence::Required | Presence::Default(_) => 0,
                    };
                    size += if field.boxed { POINTER } else { own } + optional;
                    parts.push((own, &field.value, &mut field.boxed));
                }
                // The largest first; of two that are as large, the first.
                parts.retain(|(own, value, boxed)| can_be_boxed(*own, value, boxed));
                parts.sort_by_key(|(own, ..)| std::cmp::Reverse(*own));
                let mut last = 0;
                for (own, _, boxed) in parts {
                    // Fields of one type look alike, so either all of them are boxed or none.
                    if size <= LARGEST && own != last {
                        break;
                    }
                    *boxed = true;
                    size = size - own + POINTER;
                    last = own;
                }
                size
            }
            TypeKind::Union(it) => {
                let mut size = POINTER;
                for variant in &mut it.variants {
                    let own = size_of(&variant.value, sizes);
                    if own + POINTER > LARGEST && can_be_boxed(own, &variant.value, &variant.boxed)
                    {
                        variant.boxed = true;
                    }
                    size = size.max(if variant.boxed { POINTER } else { own } + POINTER);
                }
                size
            }
            TypeKind::Newtype(value) | TypeKind::Alias(value) => size_of(value, sizes),
            _ => 1,
        }
    }
}

fn can_be_boxed(size: usize, value: &Value, boxed: &bool) -> bool {
    !boxed && size >= SMALLEST_BOXED && by_value(value).next().is_some()
}

/// `IndexMap`
const MAP: usize = 72;

/// What a value takes, in bytes, on a machine of 64 bits: close enough to tell large from small.
fn size_of(value: &Value, sizes: &[Option<usize>]) -> usize {
    match &value.ty {
        Type::Named(id) => sizes.get(id.0).copied().flatten().unwrap_or(POINTER),
        Type::Nullable(inner) => size_of(inner, sizes) + optional(inner),
        Type::JsonText(inner) => size_of(inner, sizes),
        Type::Tuple(_) | Type::Part(_) => {
            let parts = value.ty.parts().iter();
            parts.map(|it| size_of(it, sizes)).sum()
        }
        Type::Null => 0,
        Type::Boolean | Type::Integer(Integer::I8 | Integer::U8) => 1,
        Type::Integer(Integer::I16 | Integer::U16) => 2,
        Type::F32 | Type::Integer(Integer::I32 | Integer::U32) => 4,
        Type::F64 | Type::Integer(Integer::I64 | Integer::U64) => 8,
        Type::Decimal => 16,
        Type::Formatted(format) => match format {
            Format::Ipv4 => 4,
            Format::Date => 4,
            Format::Uuid | Format::DateTime | Format::Time | Format::Ipv6 => 16,
            Format::Duration => 64,
            Format::Uri => 88,
            Format::Base64 | Format::Decimal | Format::Password => 32,
        },
        Type::String | Type::Array(_) => 24,
        Type::Json => 32,
        Type::Map(_) => MAP,
        Type::Upload => 128,
    }
}

/// What it takes at most to say that the value is absent or null: nothing where the value has a pattern of bits to spare.
fn optional(value: &Value) -> usize {
    match &value.ty {
        Type::Boolean | Type::String | Type::Array(_) | Type::Map(_) | Type::Json => 0,
        _ => POINTER,
    }
}
