//! Shapes: what the text of a parameter is taken apart into, by the type that its schema became.

use super::Lowering;
use crate::ir::{Additional, Check, Shape, Type, TypeKind, TypeName, Value};

/// So deep are members and items described. What lies deeper is read as it is written.
const DEEPEST: usize = 4;

/// So many members and items are described for one parameter, however its types repeat each other.
const MOST: usize = 500;

impl Lowering<'_> {
    /// What a value's text may be, in the order in which it is tried: a scalar, a list, an object.
    pub(super) fn shapes_of(&self, value: &Value) -> Vec<Shape> {
        self.shapes(value, DEEPEST, &mut MOST.clone())
    }

    fn shapes(&self, value: &Value, depth: usize, left: &mut usize) -> Vec<Shape> {
        if depth == 0 || *left == 0 {
            return Vec::new();
        }
        *left -= 1;
        match &value.ty {
            Type::Named(id) => match self.types.get(id.0).map(|def| &def.kind) {
                Some(TypeKind::Newtype(inner) | TypeKind::Alias(inner)) => {
                    self.shapes(inner, depth, left)
                }
                Some(TypeKind::Union(union)) => {
                    let mut shapes = Vec::new();
                    for variant in &union.variants {
                        for shape in self.shapes(&variant.value, depth, left) {
                            join(&mut shapes, shape);
                        }
                    }
                    shapes.sort_by_key(order);
                    shapes
                }
                Some(TypeKind::Struct(it)) => {
                    let fields = it.fields.iter().map(|field| {
                        let shapes = self.shapes(&field.value, depth - 1, left);
                        (field.key.clone(), shapes)
                    });
                    let members = fields.collect();
                    let others = match &it.additional {
                        Additional::Keep { value, .. } => Some(self.shapes(value, depth - 1, left)),
                        Additional::Ignore | Additional::Refuse { .. } => None,
                    };
                    vec![Shape::Object { members, others }]
                }
                _ => vec![Shape::Text],
            },
            Type::Array(item) => vec![Shape::Array(self.shapes(item, depth - 1, left))],
            Type::Tuple(items) => {
                let mut shapes = Vec::new();
                for item in items {
                    for shape in self.shapes(item, depth - 1, left) {
                        join(&mut shapes, shape);
                    }
                }
                shapes.sort_by_key(order);
                vec![Shape::Array(shapes)]
            }
            Type::Map(item) => vec![Shape::Object {
                members: Vec::new(),
                others: Some(self.shapes(item, depth - 1, left)),
            }],
            Type::Nullable(inner) => self.shapes(inner, depth, left),
            // Its headers stand elsewhere.
            Type::Part(parts) => self.shapes(&parts[0], depth, left),
            Type::Null => Vec::new(),
            Type::Boolean => vec![Shape::Boolean],
            Type::Integer(_) => vec![Shape::Integer],
            Type::F32 | Type::F64 | Type::Decimal => vec![Shape::Number],
            Type::String | Type::Formatted(_) | Type::JsonText(_) | Type::Upload => {
                vec![Shape::Text]
            }
            Type::Json => self.untyped(value, depth, left),
        }
    }

    /// What a value without a type of its own may be, by the types that its checks allow.
    fn untyped(&self, value: &Value, depth: usize, left: &mut usize) -> Vec<Shape> {
        let any = |ty: TypeName| match ty {
            TypeName::Array => Shape::Array(vec![Shape::Text]),
            TypeName::Object => Shape::Object {
                members: Vec::new(),
                others: Some(vec![Shape::Text, Shape::Array(vec![Shape::Text])]),
            },
            _ => Shape::Text,
        };
        let mut types = vec![TypeName::String, TypeName::Array];
        let mut shapes = Vec::new();
        for check in &value.checks {
            match check {
                Check::Type(allowed) => types.clone_from(allowed),
                // Lists and objects among the values of an enum cannot be told from texts.
                Check::Enum(_) | Check::Const(_) => types.retain(|ty| *ty != TypeName::Array),
                Check::Where(_, inner) => {
                    for shape in self.shapes(inner, depth, left) {
                        join(&mut shapes, shape);
                    }
                }
                _ => {}
            }
        }
        for ty in types.into_iter().filter(|ty| *ty != TypeName::Null) {
            let shape = any(ty);
            if !shapes.iter().any(|known| order(known) == order(&shape)) {
                shapes.push(shape);
            }
        }
        shapes.sort_by_key(order);
        shapes
    }
}

/// Scalars are tried before lists, and lists before objects.
pub(super) fn order(shape: &Shape) -> u8 {
    match shape {
        Shape::Array(_) => 1,
        Shape::Object { .. } => 2,
        _ => 0,
    }
}

/// Adds what one more branch may be. Each kind stands there once.
fn join(shapes: &mut Vec<Shape>, shape: Shape) {
    let Some(known) = shapes.iter_mut().find(|it| order(it) == order(&shape)) else {
        shapes.push(shape);
        return;
    };
    match (known, shape) {
        (Shape::Array(items), Shape::Array(others)) => {
            for other in others {
                join(items, other);
            }
            items.sort_by_key(order);
        }
        (
            Shape::Object { members, others },
            Shape::Object {
                members: more,
                others: rest,
            },
        ) => {
            for (key, shapes) in more {
                match members.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, known)) => {
                        for shape in shapes {
                            join(known, shape);
                        }
                        known.sort_by_key(order);
                    }
                    None => members.push((key, shapes)),
                }
            }
            for shape in rest.unwrap_or_default() {
                join(others.get_or_insert_with(Vec::new), shape);
            }
        }
        // A text of several kinds is whichever accepts it.
        (known, other) if *known != other => *known = Shape::Text,
        _ => {}
    }
}
