//! The keywords that apply schemas to a value or to its parts (JSON Schema 2020-12 Core, section 10), where no type is
//! built: each is `true` where the value satisfies it.

use super::{Decoder, Expected, Keyword};
use crate::{
    node::{Kind, Node},
    pattern::BacktrackingPattern,
};

impl Decoder {
    /// `not`: the value must not be accepted.
    pub fn not(
        &mut self,
        node: Node<'_>,
        accepts: impl FnOnce(Node<'_>, &mut Self) -> bool,
    ) -> bool {
        let accepted = self.probe(|cx| accepts(node, cx));
        // What could not be decided is neither; the reason is recorded.
        !self.is_stopped()
            && (!accepted
                || self.violation(node, Keyword::Not, "must not match the schema of `not`"))
    }

    /// `if`: a value that is accepted has to satisfy `then`, any other `else`.
    pub fn if_then_else(
        &mut self,
        node: Node<'_>,
        accepts: impl FnOnce(Node<'_>, &mut Self) -> bool,
        then: impl FnOnce(Node<'_>, &mut Self) -> bool,
        otherwise: impl FnOnce(Node<'_>, &mut Self) -> bool,
    ) -> bool {
        let accepted = self.probe(|cx| accepts(node, cx));
        // What could not be decided is neither.
        if self.is_stopped() {
            false
        } else if accepted {
            then(node, self)
        } else {
            otherwise(node, self)
        }
    }

    /// `dependentSchemas`: an object with this member has to satisfy more.
    pub fn dependent_schema(
        &mut self,
        node: Node<'_>,
        key: &str,
        check: impl FnOnce(Node<'_>, &mut Self) -> bool,
    ) -> bool {
        node.get(key).is_none() || check(node, self)
    }

    /// `dependentRequired`: an object with this member has to have others.
    pub fn dependent_required(&mut self, node: Node<'_>, key: &str, names: &[&str]) -> bool {
        if node.get(key).is_none() {
            return true;
        }
        let mut valid = true;
        for name in names {
            if node.get(name).is_none() {
                let detail = format!("is required beside `{key}`");
                valid = self.member_violation(node, name, Keyword::DependentRequired, detail);
            }
        }
        valid
    }

    /// `properties`, `patternProperties` and `additionalProperties`: every member has to satisfy what its key asks for.
    pub fn properties<'t>(
        &mut self,
        node: Node<'t>,
        mut check: impl FnMut(&'t str, Node<'t>, &mut Self) -> bool,
    ) -> bool {
        if node.kind() != Kind::Object {
            return true;
        }
        let mut valid = self.spend(node, node.len() as u32 + 1);
        if valid {
            for (key, value) in node.members() {
                valid &= check(key, value, self);
                if !valid && (self.is_probing() || self.is_stopped()) {
                    break;
                }
            }
        }
        valid
    }

    /// `prefixItems` and `items`: every item has to satisfy what its position asks for.
    pub fn each_item<'t>(
        &mut self,
        node: Node<'t>,
        mut check: impl FnMut(usize, Node<'t>, &mut Self) -> bool,
    ) -> bool {
        if node.kind() != Kind::Array {
            return true;
        }
        let mut valid = self.spend(node, node.len() as u32 + 1);
        if valid {
            for (index, item) in node.items().enumerate() {
                valid &= check(index, item, self);
                if !valid && (self.is_probing() || self.is_stopped()) {
                    break;
                }
            }
        }
        valid
    }

    /// `propertyNames`: every key has to satisfy this.
    pub fn property_names(
        &mut self,
        node: Node<'_>,
        mut check: impl FnMut(Node<'_>, &mut Self) -> bool,
    ) -> bool {
        if node.kind() != Kind::Object {
            return true;
        }
        let mut valid = self.spend(node, node.len() as u32 + 1);
        for key in node.keys() {
            if !valid && (self.is_probing() || self.is_stopped()) {
                break;
            }
            let checkpoint = self.checkpoint();
            if check(key, self) {
                continue;
            }
            // The name has no pointer of its own, so what is wrong with it is said of the member.
            let found = self.rollback(&checkpoint);
            let detail = found.first().map_or("is not allowed", |it| &it.detail);
            let detail = format!("its name {detail}");
            valid = self.violation(key, Keyword::PropertyNames, detail);
        }
        valid
    }

    /// `contains` with `minContains` and `maxContains`: so many items have to be accepted.
    pub fn contains(
        &mut self,
        node: Node<'_>,
        min: u64,
        max: Option<u64>,
        mut accepts: impl FnMut(Node<'_>, &mut Self) -> bool,
    ) -> bool {
        if node.kind() != Kind::Array {
            return true;
        }
        if !self.spend(node, node.len() as u32 + 1) {
            return false;
        }
        let mut count = 0;
        for item in node.items() {
            if max.is_none() && count >= min || max.is_some_and(|max| count > max) {
                break;
            }
            if self.probe(|cx| accepts(item, cx)) {
                count += 1;
            }
        }
        if self.is_stopped() {
            return false;
        }
        if count < min {
            let keyword = if min == 1 {
                Keyword::Contains
            } else {
                Keyword::MinContains
            };
            return self.broken(
                node,
                keyword,
                Expected::Count {
                    limit: min,
                    found: None,
                },
                format_args!("must have at least {min} matching the schema of `contains`"),
            );
        }
        match max {
            Some(max) if count > max => self.broken(
                node,
                Keyword::MaxContains,
                Expected::Count {
                    limit: max,
                    found: None,
                },
                format_args!("must have at most {max} matching the schema of `contains`"),
            ),
            _ => true,
        }
    }

    /// Whether the key of a member matches a pattern that needs to go back.
    pub fn key_matches(
        &mut self,
        member: Node<'_>,
        key: &str,
        pattern: &'static BacktrackingPattern,
    ) -> bool {
        match pattern.is_match(key) {
            Ok(is_match) => is_match,
            Err(_) => {
                // Neither answer would be right, and while probing nothing else would stop the request.
                self.exhausted(member);
                false
            }
        }
    }
}
