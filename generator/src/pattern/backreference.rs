//! Refuses the backreferences whose meaning the backtracking engine cannot keep.

use std::collections::BTreeMap;

use super::PatternError;
use super::analysis::may_be_empty;
use super::ast::{Kind, Node};

/// Checks every backreference of a pattern.
///
/// ECMA-262 forgets the captures inside of a repetition at the start of each iteration and matches lookbehinds
/// backwards; `fancy-regex` does neither. A reference is kept where that makes no difference: its group is captured by
/// every iteration of what repeats it, none of them empty, and neither of the two is in a lookbehind.
///
/// # Errors
///
/// Fails at the first reference for which this cannot be shown.
pub(super) fn check(root: &Node) -> Result<(), PatternError> {
    let mut places = BTreeMap::new();
    locate(root, Place::default(), &mut places);
    walk(root, &places, false)
}

fn walk(
    node: &Node,
    places: &BTreeMap<u32, Place>,
    in_lookbehind: bool,
) -> Result<(), PatternError> {
    if let Kind::Backreference(index) = node.kind {
        let refuse = |message: &str| Err(PatternError::new(node.offset, message));
        let place = places.get(&index).copied().unwrap_or_default();
        if in_lookbehind {
            return refuse("a backreference in a lookbehind is not supported");
        }
        if place.in_lookbehind {
            return refuse("a backreference to a group in a lookbehind is not supported");
        }
        if place.is_reset {
            return refuse(
                "a backreference to a group that an iteration may leave out is not supported",
            );
        }
    }
    let in_lookbehind = in_lookbehind || matches!(node.kind, Kind::Look { ahead: false, .. });
    node.children()
        .iter()
        .try_for_each(|child| walk(child, places, in_lookbehind))
}

#[derive(Clone, Copy, Default)]
struct Place {
    in_lookbehind: bool,
    in_repetition: bool,
    /// A repetition is around it, and an iteration may pass without capturing it anew.
    is_reset: bool,
}

/// Notes where each capturing group stands.
fn locate(node: &Node, mut place: Place, places: &mut BTreeMap<u32, Place>) {
    match &node.kind {
        Kind::Group {
            index: Some(index), ..
        } => {
            places.insert(*index, place);
        }
        Kind::Look { ahead, .. } => {
            place.in_lookbehind |= !ahead;
            place.is_reset |= place.in_repetition;
        }
        Kind::Alternation(_) => place.is_reset |= place.in_repetition,
        Kind::Repeat { min, max, body } => {
            place.is_reset |= place.in_repetition && *min == 0;
            if *max != Some(1) {
                place.in_repetition = true;
                place.is_reset |= may_be_empty(body);
            }
        }
        _ => {}
    }
    for child in node.children() {
        locate(child, place, places);
    }
}
