//! What is told of a violation beyond the rule and its place: the value that was sent, and the branches of unions on the
//! way to it.

use std::collections::HashMap;

use super::{Expected, Keyword, Violation};
use crate::node::{Kind, Node, push_token, write_json_string};

/// How a decoder goes about its work.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    /// Whether violations hold the value that was sent.
    pub(crate) echoes: bool,
    /// The names of members and parameters whose values are never echoed; the empty name stands for every body.
    pub(crate) secrets: &'static [&'static str],
    /// Where it is there, every branch of a union is explained, and pointers hold what this makes of the branch's name.
    pub(crate) branch_name: Option<fn(&'static str) -> &'static str>,
    /// Whether a JSON string may stand for the number or boolean that it spells.
    pub(crate) is_lax: bool,
}

/// What stands in place of a secret, as Pydantic shows one.
const REDACTED: &str = "\"**********\"";

/// The most bytes that all echoed values of one request may have together; those past it are left out.
const MOST_ECHOED: usize = 64 << 10;

/// The state of telling.
#[derive(Debug)]
pub(super) struct Reporter {
    pub(super) manner: Manner,
    pub(super) echoed: usize,
    /// The names of the branches that were taken at a node.
    branches: HashMap<u32, Vec<String>>,
}

/// Most pointers are no longer than this, in bytes.
const SHORT_POINTER: usize = 32;

impl Reporter {
    pub(super) fn new(manner: Manner) -> Self {
        Self {
            manner,
            echoed: 0,
            branches: HashMap::new(),
        }
    }

    /// One for a tree within this one: what is echoed of both is bounded together.
    pub(super) fn for_other_tree(&self) -> Self {
        Self {
            echoed: self.echoed,
            ..Self::new(self.manner)
        }
    }

    /// Takes over how much another that was made of this one has echoed.
    pub(super) fn count_echoed(&mut self, other: &Self) {
        self.echoed = other.echoed;
    }

    /// Forgets the branches: nodes of another tree have the same indices.
    pub(super) fn enter_tree(&mut self) {
        self.branches.clear();
    }

    /// Notes that a node is decoded as this branch.
    pub(super) fn enter_branch(&mut self, node: Node<'_>, name: impl Into<String>) {
        let names = self.branches.entry(node.index()).or_default();
        names.push(name.into());
    }

    /// Forgets the branch that was noted last.
    pub(super) fn leave_branch(&mut self, node: Node<'_>) {
        if let Some(names) = self.branches.get_mut(&node.index()) {
            names.pop();
        }
    }

    /// Says where a node, or a member of it, is. In the tree of all parameters the first token is the parameter's slot.
    pub(super) fn locate(
        &self,
        violation: &mut Violation,
        node: Node<'_>,
        member: Option<&str>,
        is_parameter: bool,
    ) {
        let Violation {
            pointer, positions, ..
        } = violation;
        pointer.reserve(SHORT_POINTER);
        let (mut step, mut depth) = (0, 0);
        node.visit_path(|at, token| {
            match token {
                Some((token, is_position)) if !is_parameter || step > 1 => {
                    if is_position && depth < u128::BITS {
                        *positions |= 1 << depth;
                    }
                    depth += 1;
                    pointer.push_str(token);
                }
                _ => {}
            }
            step += 1;
            for name in self.branches.get(&at.index()).into_iter().flatten() {
                push_token(pointer, name);
                depth += 1;
            }
        });
        if let Some(member) = member {
            push_token(pointer, member);
        }
    }

    /// Shows the value: that of the object where a member is missing.
    pub(super) fn show(&mut self, violation: &mut Violation, node: Node<'_>) {
        violation.found = Some(node.kind());
        if !self.manner.echoes || self.echoed >= MOST_ECHOED {
            return;
        }
        let mut text = Vec::new();
        if self.is_secret(violation) {
            text.extend_from_slice(REDACTED.as_bytes());
        } else {
            write_redacted(
                node,
                self.manner.secrets,
                MOST_ECHOED - self.echoed,
                &mut text,
            );
        }
        self.echoed += text.len();
        if self.echoed < MOST_ECHOED {
            violation.input = String::from_utf8(text).ok();
        }
    }

    /// Whether nothing of the value may be shown.
    pub(super) fn is_secret(&self, violation: &Violation) -> bool {
        let secrets = self.manner.secrets;
        if secrets.is_empty() {
            return false;
        }
        // What stands in place of an object may be its text, with the secrets in it. Only what has to be a scalar is none
        // in disguise.
        let is_container = match (violation.keyword, &violation.expected) {
            (_, Expected::Tag { .. }) => true,
            (Keyword::Type, Expected::Type(name)) => matches!(*name, "object" | "array"),
            (keyword, _) => matches!(
                keyword,
                Keyword::Type
                    | Keyword::OneOf
                    | Keyword::AnyOf
                    | Keyword::AllOf
                    | Keyword::Not
                    | Keyword::FalseSchema
                    | Keyword::ContentMediaType
            ),
        };
        let is_named = |name: &str| secrets.contains(&name);
        let may_hold = matches!(
            violation.found,
            Some(Kind::String | Kind::Text | Kind::Array)
        );
        is_container && may_hold
            || is_named(&violation.name)
            || violation.tokens().any(|(token, _)| is_named(&token))
    }
}

/// Writes a value with what stands under the names of secrets left out; it ends early past the limit.
fn write_redacted(node: Node<'_>, secrets: &[&str], limit: usize, out: &mut Vec<u8>) {
    node.write_json_with(out, &mut |key, value, out| {
        if key.is_some_and(|key| secrets.contains(&key)) {
            out.extend_from_slice(REDACTED.as_bytes());
            return true;
        }
        if out.len() > limit {
            return true;
        }
        match value.kind() {
            Kind::String | Kind::Text => match value.as_str() {
                Some(text) => write_json_string(out, &text),
                None => out.extend_from_slice(b"null"),
            },
            _ => return false,
        }
        true
    });
}
