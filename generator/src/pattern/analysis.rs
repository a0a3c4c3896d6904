//! Questions about a pattern as a whole.

use super::ast::{Kind, Node};

/// Tells whether every text has a match, so that nothing is left to check.
///
/// Only a proof counts: an empty match at the start, or one at the end, or everything between both.
pub(super) fn accepts_everything(node: &Node) -> bool {
    nullable(node, Edge::Start) || nullable(node, Edge::End) || is_everything(node)
}

/// Tells whether a node has lookaround or backreferences, which no finite automaton decides.
pub(super) fn needs_backtracking(node: &Node) -> bool {
    // `\B` in ASCII also holds between the bytes of one character, where the linear engine finds a match, throws it
    // away and stops looking.
    matches!(
        node.kind,
        Kind::Look { .. } | Kind::Backreference(_) | Kind::WordBoundary { negated: true }
    ) || node.children().iter().any(needs_backtracking)
}

/// Tells whether a node can match the empty text wherever it is tried, as far as that is easily seen.
pub(super) fn may_be_empty(node: &Node) -> bool {
    match &node.kind {
        Kind::Char(_) | Kind::Class(_) => false,
        Kind::Empty
        | Kind::Start
        | Kind::End
        | Kind::WordBoundary { .. }
        | Kind::Look { .. }
        | Kind::Backreference(_) => true,
        Kind::Group { body, .. } => may_be_empty(body),
        Kind::Repeat { min, body, .. } => *min == 0 || may_be_empty(body),
        Kind::Concat(parts) => parts.iter().all(may_be_empty),
        Kind::Alternation(parts) => parts.iter().any(may_be_empty),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Edge {
    Start,
    End,
}

/// Tells whether a node certainly matches the empty text at one edge of any text.
fn nullable(node: &Node, edge: Edge) -> bool {
    match &node.kind {
        Kind::Empty => true,
        Kind::Start => edge == Edge::Start,
        Kind::End => edge == Edge::End,
        Kind::Char(_)
        | Kind::Class(_)
        | Kind::WordBoundary { .. }
        | Kind::Look { .. }
        | Kind::Backreference(_) => false,
        Kind::Group { body, .. } => nullable(body, edge),
        Kind::Repeat { min, body, .. } => *min == 0 || nullable(body, edge),
        Kind::Concat(parts) => parts.iter().all(|part| nullable(part, edge)),
        Kind::Alternation(parts) => parts.iter().any(|part| nullable(part, edge)),
    }
}

/// Tells whether a node is `^`, any number of any character, `$`.
fn is_everything(node: &Node) -> bool {
    let Kind::Concat(parts) = &node.kind else {
        return false;
    };
    let is_edge = |part: &&Node| !matches!(part.kind, Kind::Start | Kind::End);
    let mut inner = parts.iter().filter(is_edge);
    match (inner.next(), inner.next()) {
        (Some(part), None) => is_any_number_of_anything(part),
        _ => false,
    }
}

fn is_any_number_of_anything(node: &Node) -> bool {
    match &node.kind {
        Kind::Group { body, .. } => is_any_number_of_anything(body),
        Kind::Repeat {
            min: 0,
            max: None,
            body,
        } => is_anything(body),
        _ => false,
    }
}

fn is_anything(node: &Node) -> bool {
    match &node.kind {
        Kind::Group { body, .. } => is_anything(body),
        Kind::Class(class) => {
            let mut rest = class.set.clone();
            rest.negate();
            rest.ranges().is_empty()
        }
        _ => false,
    }
}
