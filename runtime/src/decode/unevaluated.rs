//! `unevaluatedProperties` and `unevaluatedItems`: what the other keywords leave over.
//!
//! Which members and items a schema evaluates is static but for the branches that a value may take; so nothing is marked
//! while a value is decoded, and only values of such schemas pay: for them the branches are asked again.

use super::{Decoder, Keyword};
use crate::node::{Kind, Node};

/// The members and items that a schema evaluates (JSON Schema 2020-12 Core, section 11).
#[derive(Clone, Copy)]
pub struct Coverage {
    /// The members with these keys.
    pub names: &'static [&'static str],
    /// The members whose keys match.
    pub patterns: &'static [fn(&str, Node<'_>, &mut Decoder) -> bool],
    /// All members.
    pub all_members: bool,
    /// So many items from the first.
    pub prefix: usize,
    /// The items that one of these accepts.
    pub contains: &'static [fn(Node<'_>, &mut Decoder) -> bool],
    /// All items.
    pub all_items: bool,
    /// What is evaluated only where something holds for the value.
    pub when: &'static [(When, Self)],
}

/// What has to hold for a value.
#[derive(Clone, Copy)]
pub enum When {
    /// It is accepted.
    Accepts(fn(Node<'_>, &mut Decoder) -> bool),
    /// It is not accepted.
    Rejects(fn(Node<'_>, &mut Decoder) -> bool),
    /// It has this member.
    Has(&'static str),
}

impl Coverage {
    /// Nothing is evaluated.
    pub const NOTHING: Self = Self {
        names: &[],
        patterns: &[],
        all_members: false,
        prefix: 0,
        contains: &[],
        all_items: false,
        when: &[],
    };
}

impl Decoder {
    /// `unevaluatedProperties`: the members that are left over have to satisfy this.
    pub fn unevaluated_properties(
        &mut self,
        node: Node<'_>,
        coverage: &'static Coverage,
        mut check: impl FnMut(Node<'_>, &mut Self) -> bool,
    ) -> bool {
        if node.kind() != Kind::Object {
            return true;
        }
        let coverages = self.holding(node, coverage);
        self.properties(node, |key, value, cx| {
            coverages.iter().any(|it| it.has_member(key, value, cx)) || check(value, cx)
        })
    }

    /// `unevaluatedItems`: the items that are left over have to satisfy this.
    pub fn unevaluated_items(
        &mut self,
        node: Node<'_>,
        coverage: &'static Coverage,
        mut check: impl FnMut(Node<'_>, &mut Self) -> bool,
    ) -> bool {
        if node.kind() != Kind::Array {
            return true;
        }
        let coverages = self.holding(node, coverage);
        self.each_item(node, |index, item, cx| {
            coverages.iter().any(|it| it.has_item(index, item, cx)) || check(item, cx)
        })
    }

    /// Records that a member is left over. Always `false`.
    #[cold]
    pub fn unevaluated_member(&mut self, member: Node<'_>) -> bool {
        self.violation(
            member,
            Keyword::UnevaluatedProperties,
            "is not a member of this object",
        )
    }

    /// Records that an item is left over. Always `false`.
    #[cold]
    pub fn unevaluated_item(&mut self, item: Node<'_>) -> bool {
        self.violation(
            item,
            Keyword::UnevaluatedItems,
            "is not an item of this array",
        )
    }

    /// The coverage and all parts of it whose condition holds for the node.
    fn holding(&mut self, node: Node<'_>, coverage: &'static Coverage) -> Vec<&'static Coverage> {
        let mut holding = vec![coverage];
        let mut index = 0;
        while let Some(coverage) = holding.get(index) {
            index += 1;
            for (when, part) in coverage.when {
                let holds = match when {
                    When::Accepts(accepts) => self.probe(|cx| accepts(node, cx)),
                    When::Rejects(accepts) => !self.probe(|cx| accepts(node, cx)),
                    When::Has(key) => node.get(key).is_some(),
                };
                if holds {
                    holding.push(part);
                }
            }
        }
        holding
    }
}

impl Coverage {
    fn has_member(&self, key: &str, value: Node<'_>, cx: &mut Decoder) -> bool {
        self.all_members
            || self.names.contains(&key)
            || self.patterns.iter().any(|matches| matches(key, value, cx))
    }

    fn has_item(&self, index: usize, item: Node<'_>, cx: &mut Decoder) -> bool {
        self.all_items
            || index < self.prefix
            || self
                .contains
                .iter()
                .any(|accepts| cx.probe(|cx| accepts(item, cx)))
    }
}
