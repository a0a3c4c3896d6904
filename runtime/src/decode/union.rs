//! Unions: which branch a node is, decided on the node, before anything is built.

use super::memo::{self, Asked};
use super::{Decoder, Expected, Keyword};
use crate::node::{Kind, Node, TreeBuilder};

/// A branch of a union.
#[derive(Clone, Copy)]
pub struct Branch {
    /// Its name, for messages.
    pub name: &'static str,
    /// Whether it accepts a node.
    pub accepts: fn(Node<'_>, &mut Decoder) -> bool,
    /// Decodes and drops a node, to learn what is wrong with it.
    pub explain: fn(Node<'_>, &mut Decoder) -> bool,
    /// Which members it evaluates.
    pub covers: Covers,
    /// Whether it is an enum or a const, which is better than a plain type.
    pub exact: bool,
}

/// The members of an object that a branch evaluates.
#[derive(Clone, Copy, Debug)]
pub enum Covers {
    /// None: it is no object, or any.
    Nothing,
    /// Those with these keys.
    Named(&'static [&'static str]),
    /// All of them.
    Everything,
}

/// What is known of a node and a union.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// This branch is it.
    Branch(usize),
    /// None is; this one came nearest.
    None(Option<usize>),
    /// Several are.
    Several(usize, usize),
}

impl Decoder {
    /// The one branch that accepts the node (`oneOf`). `id` names a union that contains itself, whose verdicts are
    /// remembered: tried anew at every level, a body of a kilobyte can cost millions of decodes.
    pub fn one_of(
        &mut self,
        node: Node<'_>,
        id: Option<u32>,
        branches: &'static [Branch],
    ) -> Option<usize> {
        let verdict = self.verdict(node, id, |cx| {
            let mut found = None;
            for (index, branch) in branches.iter().enumerate() {
                if cx.probe(|cx| (branch.accepts)(node, cx)) {
                    if let Some(first) = found {
                        return match cx.one_by_reading(node, branches) {
                            Some(only) => Verdict::Branch(only),
                            None => Verdict::Several(first, index),
                        };
                    }
                    found = Some(index);
                }
            }
            found.map_or(Verdict::None(None), Verdict::Branch)
        });
        self.settle(node, id, branches, verdict, Keyword::OneOf)
    }

    /// The one branch that accepts a text as a number, as a boolean or, last, as a string: several branches may take a text
    /// that each takes as another value, as the integer and the string of `oneOf: [{type: integer}, {type: string}]` do.
    #[cold]
    fn one_by_reading(&mut self, node: Node<'_>, branches: &'static [Branch]) -> Option<usize> {
        let text = (node.kind() == Kind::Text).then(|| node.as_str())??;
        for kind in [Kind::Number, Kind::True, Kind::String] {
            let mut builder = TreeBuilder::new();
            match kind {
                Kind::Number => builder.number(&text),
                Kind::True if *text == *"true" || *text == *"false" => {
                    builder.bool(*text == *"true")
                }
                Kind::String => builder.string(&text),
                _ => continue,
            }
            let Ok(tree) = builder.finish() else { continue };
            let only = self.elsewhere(|cx| {
                let mut accepting = branches
                    .iter()
                    .enumerate()
                    .filter(|(_, branch)| cx.probe(|cx| (branch.accepts)(tree.root(), cx)));
                let (only, _) = accepting.next()?;
                accepting.next().is_none().then_some(only)
            });
            if only.is_some() {
                return only;
            }
        }
        None
    }

    /// The best of the branches that accept the node (`anyOf`): the one that evaluates most members, then an enum or
    /// const before a plain type, then the first.
    pub fn any_of(
        &mut self,
        node: Node<'_>,
        id: Option<u32>,
        branches: &'static [Branch],
    ) -> Option<usize> {
        let verdict = self.verdict(node, id, |cx| {
            let mut best: Option<((usize, bool), usize)> = None;
            for (index, branch) in branches.iter().enumerate() {
                if cx.probe(|cx| (branch.accepts)(node, cx)) {
                    let rank = (branch.covers.count(node), branch.exact);
                    if best.is_none_or(|(best, _)| rank > best) {
                        best = Some((rank, index));
                    }
                }
            }
            best.map_or(Verdict::None(None), |(_, index)| Verdict::Branch(index))
        });
        self.settle(node, id, branches, verdict, Keyword::AnyOf)
    }

    fn verdict(
        &mut self,
        node: Node<'_>,
        id: Option<u32>,
        decide: impl FnOnce(&mut Self) -> Verdict,
    ) -> Verdict {
        if !self.spend(node, 1) {
            return Verdict::None(None);
        }
        // What holds nothing cannot hold the union again.
        let Some(id) = id.filter(|_| node.end() - node.index() > 1) else {
            return decide(self);
        };
        let asked = Asked::new(id, self.in_body(), node);
        if let Some(verdict) = self.verdicts.get(asked) {
            return verdict;
        }
        let verdict = decide(self);
        self.verdicts.insert(asked, verdict);
        self.spend(node, memo::WORK);
        verdict
    }

    fn settle(
        &mut self,
        node: Node<'_>,
        id: Option<u32>,
        branches: &'static [Branch],
        verdict: Verdict,
        keyword: Keyword,
    ) -> Option<usize> {
        match verdict {
            Verdict::Branch(index) => return Some(index),
            _ if self.is_probing() || self.is_stopped() => {}
            Verdict::None(known) => {
                self.strictly(|cx| cx.explain_branches(node, id, branches, known, keyword));
            }
            Verdict::Several(first, second) => {
                let name = |index: usize| branches.get(index).map_or("", |branch| branch.name);
                let detail = format!(
                    "must match exactly one of the schemas, but matches {} and {}",
                    name(first),
                    name(second)
                );
                self.violation(node, keyword, detail);
            }
        }
        None
    }

    /// Records what is wrong with the node as the branch that comes nearest.
    #[cold]
    fn explain_branches(
        &mut self,
        node: Node<'_>,
        id: Option<u32>,
        branches: &'static [Branch],
        known: Option<usize>,
        keyword: Keyword,
    ) {
        if let Some(name_of) = self.reporter.manner.branch_name {
            return self.explain_every_branch(node, branches, keyword, name_of);
        }
        // Where a union contains itself, the nearest branch is remembered as well: explained anew at every level,
        // the time would double with each.
        let nearest = known.or_else(|| self.nearest(node, branches));
        if let Some(id) = id {
            self.verdicts
                .insert(Asked::new(id, self.in_body(), node), Verdict::None(nearest));
        }
        let names: Vec<_> = branches.iter().take(20).map(|branch| branch.name).collect();
        let names = names.join(", ");
        let Some(branch) = nearest.and_then(|index| branches.get(index)) else {
            self.violation(node, keyword, format!("must match one of {names}"));
            return;
        };
        self.violation(
            node,
            keyword,
            format!("must match one of {names}; the nearest is {}", branch.name),
        );
        (branch.explain)(node, self);
    }

    /// Records what is wrong with the node as each of the branches. Every branch has at least one violation, and there is
    /// room for no more than [`Violations::LIMIT`](super::Violations::LIMIT), so this ends soon however unions nest.
    #[cold]
    fn explain_every_branch(
        &mut self,
        node: Node<'_>,
        branches: &'static [Branch],
        keyword: Keyword,
        name_of: fn(&'static str) -> &'static str,
    ) {
        let before = self.violation_count();
        for branch in branches {
            if self.is_stopped() {
                return;
            }
            self.reporter.enter_branch(node, name_of(branch.name));
            (branch.explain)(node, self);
            self.reporter.leave_branch(node);
        }
        if self.violation_count() == before {
            self.violation(node, keyword, "must match one of the schemas");
        }
    }

    /// The branch with the fewest violations; among them the one that evaluates most members, then the first.
    fn nearest(&mut self, node: Node<'_>, branches: &'static [Branch]) -> Option<usize> {
        let mut best: Option<(usize, usize, usize)> = None;
        for (index, branch) in branches.iter().enumerate() {
            let checkpoint = self.checkpoint();
            (branch.explain)(node, self);
            let found = self.rollback(&checkpoint);
            // A violation at the node itself, such as its type, says that it is another thing altogether.
            let weight: usize = found
                .iter()
                .map(|it| if it.keyword == Keyword::Type { 3 } else { 1 })
                .sum();
            let members = branch.covers.count(node);
            if best
                .is_none_or(|(least, most, _)| weight < least || weight == least && members > most)
            {
                best = Some((weight, members, index));
            }
            if self.is_stopped() {
                break;
            }
        }
        best.map(|(_, _, index)| index)
    }

    /// The text of a member that tells the branches apart, where it is a string.
    #[inline]
    pub fn tag<'t>(&mut self, node: Node<'t>, key: &str) -> Option<std::borrow::Cow<'t, str>> {
        let tag = node.get(key).and_then(Node::as_str);
        if self.reporter.manner.branch_name.is_some() {
            self.note_tag(node, tag.as_deref());
        }
        tag
    }

    #[cold]
    fn note_tag(&mut self, node: Node<'_>, tag: Option<&str>) {
        if !self.is_probing() {
            self.reporter.enter_branch(node, tag.unwrap_or_default());
        }
    }

    /// Records that the member that tells the branches apart is missing or names none. Always `None`.
    #[cold]
    pub fn unknown_tag<T>(
        &mut self,
        node: Node<'_>,
        key: &'static str,
        values: &'static [&'static str],
    ) -> Option<T> {
        let names_branches = self.reporter.manner.branch_name.is_some();
        if names_branches && !self.is_probing() {
            self.reporter.leave_branch(node);
        }
        if node.kind() != Kind::Object {
            self.mistyped(node, "object", "must be an object");
        } else if names_branches {
            let has_tag = node.get(key).is_some();
            let (keyword, detail) = match has_tag {
                true => (Keyword::OneOf, "must say which of the schemas it is"),
                false => (Keyword::Required, "is required"),
            };
            let expected = Expected::Tag { name: key, values };
            self.unexpected(node, keyword, expected, detail);
        } else if let Some(tag) = node.get(key) {
            self.not_in_enum::<()>(tag, values);
        } else {
            self.member_violation(node, key, Keyword::Required, "is required");
        }
        None
    }

    /// Records that no branch is of the node's JSON type. Always `None`.
    #[cold]
    pub fn unknown_kind<T>(&mut self, node: Node<'_>, detail: &'static str) -> Option<T> {
        self.violation(node, Keyword::Type, detail);
        None
    }
}

impl Covers {
    fn count(self, node: Node<'_>) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Everything => node.len(),
            Self::Named(names) => node
                .members()
                .filter(|(key, _)| names.contains(key))
                .count(),
        }
    }
}
