//! Arrays, maps and the members of objects.

use indexmap::IndexMap;

use super::{Decoder, Keyword};
use crate::node::{Kind, Node};

/// The members of an object, in the order of the text.
pub use crate::node::Members;

/// Which of a struct's named members were there: a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Seen<WORDS> {
    /// None of them.
    pub const NONE: Self = Self([0; WORDS]);

    /// The members with these indices.
    pub const fn of(members: &[usize]) -> Self {
        let mut words = [0; WORDS];
        let mut at = 0;
        while at < members.len() {
            words[members[at] / 64] |= 1 << (members[at] % 64);
            at += 1;
        }
        Self(words)
    }

    /// Notes a member.
    #[inline]
    pub fn insert(&mut self, member: usize) {
        if let Some(word) = self.0.get_mut(member / 64) {
            *word |= 1 << (member % 64);
        }
    }

    /// Whether all of the members in `other` are here.
    #[inline]
    pub fn contains(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(have, want)| have & want == *want)
    }

    fn has(&self, member: usize) -> bool {
        self.0.get(member / 64).is_some_and(|word| word & (1 << (member % 64)) != 0)
    }
}

impl Decoder {
    /// The members of an object; a `type` violation where the node is none.
    #[inline]
    pub fn members<'t>(&mut self, node: Node<'t>) -> Option<Members<'t>> {
        if node.kind() != Kind::Object {
            self.violation(node, Keyword::Type, "must be an object");
            return None;
        }
        self.spend(node, node.len() as u32 + 1).then(|| node.members())
    }

    /// The items of an array; a `type` violation where the node is none.
    #[inline]
    pub fn items<'t>(&mut self, node: Node<'t>) -> Option<crate::node::Items<'t>> {
        if node.kind() != Kind::Array {
            self.violation(node, Keyword::Type, "must be an array");
            return None;
        }
        self.spend(node, node.len() as u32 + 1).then(|| node.items())
    }

    /// Decodes an array, each item by `decode`.
    #[inline]
    pub fn array<T>(
        &mut self,
        node: Node<'_>,
        mut decode: impl FnMut(Node<'_>, &mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.items(node)?;
        // A client's items may be tiny where the type is large; growth from here on is paid by real items.
        let mut values = Vec::with_capacity(node.len().min(1024));
        let mut valid = true;
        for item in items {
            match decode(item, self) {
                Some(value) if valid => values.push(value),
                Some(_) => {}
                None => {
                    valid = false;
                    if self.is_probing() || self.is_stopped() {
                        return None;
                    }
                }
            }
        }
        valid.then_some(values)
    }

    /// Decodes an object as a map, each value by `decode`.
    #[inline]
    pub fn map<T>(
        &mut self,
        node: Node<'_>,
        mut decode: impl FnMut(Node<'_>, &mut Self) -> Option<T>,
    ) -> Option<IndexMap<String, T>> {
        let members = self.members(node)?;
        let mut values = IndexMap::with_capacity(node.len().min(1024));
        let mut valid = true;
        for (key, member) in members {
            match decode(member, self) {
                Some(value) if valid => {
                    values.insert(key.to_owned(), value);
                }
                Some(_) => {}
                None => {
                    valid = false;
                    if self.is_probing() || self.is_stopped() {
                        return None;
                    }
                }
            }
        }
        valid.then_some(values)
    }

    /// Decodes null as `None` and anything else by `decode`.
    #[inline]
    pub fn nullable<T>(
        &mut self,
        node: Node<'_>,
        decode: impl FnOnce(Node<'_>, &mut Self) -> Option<T>,
    ) -> Option<Option<T>> {
        if node.kind() == Kind::Null {
            return Some(None);
        }
        decode(node, self).map(Some)
    }

    /// Whether all of the required members were seen; names those that were not.
    #[inline]
    pub fn required<const WORDS: usize>(
        &mut self,
        node: Node<'_>,
        seen: Seen<WORDS>,
        required: &Seen<WORDS>,
        names: &'static [&'static str],
    ) -> bool {
        seen.contains(required) || self.missing(node, seen, required, names)
    }

    #[cold]
    fn missing<const WORDS: usize>(
        &mut self,
        node: Node<'_>,
        seen: Seen<WORDS>,
        required: &Seen<WORDS>,
        names: &'static [&'static str],
    ) -> bool {
        for (index, name) in names.iter().enumerate() {
            if required.has(index) && !seen.has(index) {
                self.member_violation(node, name, Keyword::Required, "is required");
            }
        }
        false
    }

    /// Records that a member is not allowed. Always `false`.
    #[cold]
    pub fn refused(&mut self, member: Node<'_>) -> bool {
        self.violation(member, Keyword::AdditionalProperties, "is not a member of this object")
    }

    /// Whether the object has all of these members.
    pub fn has_members(&mut self, node: Node<'_>, names: &[&str]) -> bool {
        if node.kind() != Kind::Object {
            return true;
        }
        let mut valid = true;
        for name in names {
            if !node.members().any(|(key, _)| key == *name) {
                valid = self.member_violation(node, name, Keyword::Required, "is required");
            }
        }
        valid
    }
}
