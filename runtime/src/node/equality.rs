//! JSON equality (JSON Schema 2020-12 Core section 4.2.2), and a hash that agrees with it.

use std::{
    borrow::Cow,
    collections::HashMap,
    hash::{BuildHasher, Hash, Hasher},
};

use super::{Kind, Node, keys};
use crate::number::Decimal;

impl<'t> Node<'t> {
    /// Whether two values are equal as JSON: numbers by their exact value (`1`, `1.0` and `10e-1` are equal), strings by
    /// their characters, objects without regard to order.
    ///
    /// A [`Kind::Text`] equals the strings and texts of its characters. Takes time linear in the size of both.
    pub fn equals(self, other: Node<'_>) -> bool {
        match (self.kind(), other.kind()) {
            (Kind::Number, Kind::Number) => equal_numbers(self, other),
            (Kind::String | Kind::Text, Kind::String | Kind::Text) => {
                self.as_str() == other.as_str()
            }
            (Kind::Array, Kind::Array) => {
                self.len() == other.len()
                    && self.items().zip(other.items()).all(|(a, b)| a.equals(b))
            }
            (Kind::Object, Kind::Object) => equal_objects(self, other),
            (one, another) => one == another,
        }
    }

    /// A hash of the value: equal for values that are [equal](Self::equals), under one `build`.
    ///
    /// With a randomly seeded `build`, as `std`'s `RandomState` is, nobody can make values collide at will.
    pub fn hash_value(self, build: &impl BuildHasher) -> u64 {
        let kind = self.kind();
        let mut state = build.build_hasher();
        match kind {
            Kind::Null | Kind::False | Kind::True => kind.hash(&mut state),
            Kind::Number => {
                kind.hash(&mut state);
                self.decimal().hash(&mut state);
            }
            Kind::String | Kind::Text => {
                Kind::String.hash(&mut state);
                self.as_str().unwrap_or(Cow::Borrowed("")).hash(&mut state);
            }
            Kind::Array => {
                kind.hash(&mut state);
                for item in self.items() {
                    state.write_u64(item.hash_value(build));
                }
            }
            Kind::Object => {
                kind.hash(&mut state);
                // A sum does not depend on the order of the members.
                state.write_u64(self.members().fold(0, |sum: u64, (key, value)| {
                    sum.wrapping_add(build.hash_one((key, value.hash_value(build))))
                }));
            }
        }
        state.finish()
    }

    /// The exact value of a [`Kind::Number`].
    #[inline]
    pub fn decimal(self) -> Option<Decimal<'t>> {
        Decimal::parse(self.number()?)
    }
}

fn equal_numbers(one: Node<'_>, other: Node<'_>) -> bool {
    one.number() == other.number() || one.decimal() == other.decimal()
}

fn equal_objects(one: Node<'_>, other: Node<'_>) -> bool {
    if one.len() != other.len() {
        return false;
    }
    if one.len() <= keys::FEW as usize {
        return equal_members(one, other, |key| other.get(key));
    }
    let by_key: HashMap<&str, Node<'_>> = other.members().collect();
    equal_members(one, other, |key| by_key.get(key).copied())
}

/// Objects are mostly written in the same order, so the member at the same position is tried before the look-up.
fn equal_members<'b>(
    one: Node<'_>,
    other: Node<'b>,
    find: impl Fn(&str) -> Option<Node<'b>>,
) -> bool {
    one.members()
        .zip(other.members())
        .all(|((key, value), (other_key, other_value))| {
            if key == other_key {
                value.equals(other_value)
            } else {
                find(key).is_some_and(|found| value.equals(found))
            }
        })
}
