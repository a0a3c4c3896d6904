//! Merge keys of YAML 1.1: `<<: *base` gives a mapping the members of others.

use std::{collections::HashSet, rc::Rc};

use super::{Entry, Node, Span, Value};

/// One `<<` of a mapping.
pub(super) struct Merge {
    /// Where the key stands.
    pub(super) key_span: Span,
    /// How many members stand before it.
    pub(super) position: usize,
    /// A mapping, or a list of them.
    pub(super) value: Rc<Node>,
}

/// The members of a mapping, those of its merges where each `<<` stands, and the values that cannot be merged.
///
/// The mapping's own members win over merged ones, and earlier mappings over later ones (YAML 1.1, merge type). A
/// merged member is marked at its own place.
pub(super) fn merged(own: Vec<Entry>, merges: &[Merge]) -> (Vec<Entry>, Vec<Rc<Node>>) {
    let mut keys: HashSet<Rc<str>> = own.iter().map(|entry| Rc::clone(&entry.key)).collect();
    let mut refused = Vec::new();
    let mut merges = merges.iter().peekable();
    let mut entries = Vec::with_capacity(own.len());
    let mut own = own.into_iter();
    for position in 0.. {
        while let Some(merge) = merges.next_if(|merge| merge.position == position) {
            for mapping in mappings(&merge.value) {
                match &mapping.value {
                    Value::Mapping(members) => entries.extend(
                        members
                            .entries()
                            .iter()
                            .filter(|entry| keys.insert(Rc::clone(&entry.key)))
                            .cloned(),
                    ),
                    _ => refused.push(Rc::clone(mapping)),
                }
            }
        }
        match own.next() {
            Some(entry) => entries.push(entry),
            None => break,
        }
    }
    (entries, refused)
}

fn mappings(value: &Rc<Node>) -> &[Rc<Node>] {
    match &value.value {
        Value::Sequence(items) => items,
        _ => std::slice::from_ref(value),
    }
}
