//! Arrays, maps and the members of objects.

use indexmap::IndexMap;

use super::{Decoder, Expected, Keyword};
use crate::{
    node::{Kind, Node, Tree},
    value::JsonText,
};

/// The members of an object, in the order of the text.
pub use crate::node::Members;

impl Decoder {
    /// The members of an object; a `type` violation where the node is none.
    #[inline]
    pub fn members<'t>(&mut self, node: Node<'t>) -> Option<Members<'t>> {
        if node.kind() != Kind::Object {
            self.mistyped(node, "object", "must be an object");
            return None;
        }
        self.spend(node, node.len() as u32 + 1)
            .then(|| node.members())
    }

    /// The items of an array; a `type` violation where the node is none.
    #[inline]
    pub fn items<'t>(&mut self, node: Node<'t>) -> Option<crate::node::Items<'t>> {
        if node.kind() != Kind::Array {
            self.mistyped(node, "array", "must be an array");
            return None;
        }
        self.spend(node, node.len() as u32 + 1)
            .then(|| node.items())
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
        if node.kind() != Kind::Object {
            self.unexpected(node, Keyword::Type, Expected::Map, "must be an object");
            return None;
        }
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

    /// Decodes an array of so many items as a tuple.
    #[inline]
    pub fn tuple<'t, const N: usize, T>(
        &mut self,
        node: Node<'t>,
        decode: impl FnOnce([Node<'t>; N], &mut Self) -> Option<T>,
    ) -> Option<T> {
        let mut items = self.items(node)?;
        if node.len() != N {
            let keyword = if node.len() < N {
                Keyword::MinItems
            } else {
                Keyword::MaxItems
            };
            let plural = if N == 1 { "" } else { "s" };
            let expected = Expected::Count {
                limit: N as u64,
                found: Some(node.len() as u64),
            };
            let detail = format_args!("must have {N} item{plural}");
            self.broken(node, keyword, expected, detail);
            return None;
        }
        // There are as many items as places.
        decode(std::array::from_fn(|_| items.next().unwrap_or(node)), self)
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

    /// Decodes the JSON text that a string holds.
    pub fn json_text<T>(
        &mut self,
        node: Node<'_>,
        decode: impl Fn(Node<'_>, &mut Self) -> Option<T>,
    ) -> Option<JsonText<T>> {
        let text = self.text(node)?;
        let tree = match Tree::parse(text.as_bytes()) {
            Ok(tree) => tree,
            Err(error) => {
                let detail = format_args!("must hold JSON: {error}");
                self.broken(node, Keyword::ContentMediaType, Expected::Nothing, detail);
                return None;
            }
        };
        self.within(node, |cx| cx.json_tree(tree, decode))
            .map(JsonText)
    }

    /// Names the required members that are not there. Always `false`.
    #[cold]
    pub fn missing(&mut self, node: Node<'_>, required: &[&str]) -> bool {
        self.has_members(node, required);
        false
    }

    /// Whether every item of an array is accepted.
    pub fn every_item(
        &mut self,
        node: Node<'_>,
        mut accepts: impl FnMut(Node<'_>, &mut Self) -> bool,
    ) -> bool {
        match self.items(node) {
            Some(mut items) => items.all(|item| accepts(item, self)),
            None => false,
        }
    }

    /// Whether the value of every member of an object is accepted.
    pub fn every_member(
        &mut self,
        node: Node<'_>,
        mut accepts: impl FnMut(Node<'_>, &mut Self) -> bool,
    ) -> bool {
        match self.members(node) {
            Some(mut members) => members.all(|(_, member)| accepts(member, self)),
            None => false,
        }
    }

    /// Decodes a default of the document that has no spelling in Rust. What is known of the request's nodes says nothing
    /// about those of the default, so it has a decoder of its own.
    #[cold]
    pub fn default_value<T>(
        &mut self,
        json: &'static str,
        decode: impl FnOnce(Node<'_>, &mut Self) -> Option<T>,
    ) -> Option<T> {
        decode(Tree::parse(json.as_bytes()).ok()?.root(), &mut Self::new())
    }

    /// Records that a member is not allowed. Always `false`.
    #[cold]
    pub fn refused(&mut self, member: Node<'_>) -> bool {
        self.violation(
            member,
            Keyword::AdditionalProperties,
            "is not a member of this object",
        )
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
