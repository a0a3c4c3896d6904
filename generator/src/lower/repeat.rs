//! One type for each repeated shape: what several schemas describe alike is one type with several names.

use std::collections::HashMap;

use super::Lowering;
use crate::ir::{Additional, Type, TypeDef, TypeId, TypeKind, Value};

impl Lowering<'_> {
    /// Makes an inline type an alias of the first that is the same to the last word.
    ///
    /// Each keeps its name, which says where it is from, so what is repeated today may differ tomorrow. Components are
    /// the author's own nouns, and stay apart even where they are alike.
    pub(super) fn share_repeated(&mut self) {
        // A type's parts are lowered after it, so that they have been seen here when it is.
        let mut shapes: HashMap<(TypeKind, bool), usize> = HashMap::new();
        let mut class: Vec<usize> = (0..self.types.len()).collect();
        for (index, def) in self.types.iter().enumerate().rev() {
            if is_component(def) || matches!(def.kind, TypeKind::Pending | TypeKind::Alias(_)) {
                continue;
            }
            let shape = (shape(&def.kind, &class), def.has_parts);
            let first = *shapes.entry(shape).or_insert(index);
            if let Some(class) = class.get_mut(index) {
                *class = first;
            }
        }
        // The first of all that are alike is the one that is kept.
        let mut kept: HashMap<usize, usize> = HashMap::new();
        for (index, class) in class.into_iter().enumerate() {
            let first = *kept.entry(class).or_insert(index);
            if first != index
                && let Some(def) = self.types.get_mut(index)
            {
                def.kind = TypeKind::Alias(Value::plain(Type::Named(TypeId(first))));
            }
        }
    }
}

/// Whether the type has a name of the author's.
fn is_component(def: &TypeDef) -> bool {
    let mut tokens = def.pointer.rsplit('/');
    let _name = tokens.next();
    matches!(
        tokens.next(),
        None | Some("" | "schemas" | "$defs" | "definitions")
    )
}

/// The type with each type that it is made of replaced by the one that stands for all alike.
fn shape(kind: &TypeKind, class: &[usize]) -> TypeKind {
    let mut shape = kind.clone();
    match &mut shape {
        TypeKind::Struct(it) => {
            for field in &mut it.fields {
                replace(&mut field.value, class);
            }
            if let Additional::Keep { value, .. } = &mut it.additional {
                replace(value, class);
            }
        }
        TypeKind::Union(it) => {
            for variant in &mut it.variants {
                replace(&mut variant.value, class);
            }
        }
        TypeKind::Newtype(value) => replace(value, class),
        TypeKind::Enum(_) | TypeKind::Alias(_) | TypeKind::Pending => {}
    }
    shape
}

/// What checks are made of stays as it is: it makes no types that users see.
fn replace(value: &mut Value, class: &[usize]) {
    match &mut value.ty {
        Type::Named(id) => *id = TypeId(class.get(id.0).copied().unwrap_or(id.0)),
        Type::Array(inner) | Type::Map(inner) | Type::Nullable(inner) | Type::JsonText(inner) => {
            replace(inner, class)
        }
        Type::Tuple(items) => items.iter_mut().for_each(|item| replace(item, class)),
        Type::Part(parts) => parts.iter_mut().for_each(|part| replace(part, class)),
        _ => {}
    }
}
