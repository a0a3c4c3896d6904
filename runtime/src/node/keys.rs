//! Repeated keys of one object, found without quadratic time.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use super::{Members, Tree, tree::Entry};

/// Up to so many keys are compared with each other; more go through a hash set.
pub(super) const FEW: u32 = 32;

/// The index of the first key that an earlier one equals, among the first `count` members of the object at `object`.
pub(super) fn find_repeated(tree: &Tree<'_>, object: u32, count: u32) -> Option<u32> {
    if count <= FEW {
        find_among_few(tree, object, count)
    } else {
        find_among_many(tree, object, count)
    }
}

/// Whether one of the first `count` members of the object at `object` has a key like this.
pub(super) fn is_among_first(tree: &Tree<'_>, object: u32, count: u32, key: Entry) -> bool {
    let mut members = Members::first(tree, object, count);
    while let Some((other, _)) = members.next_entry() {
        if other.fingerprint == key.fingerprint
            && other.end - other.start == key.end - key.start
            && tree.slice(other) == tree.slice(key)
        {
            return true;
        }
    }
    false
}

fn find_among_few(tree: &Tree<'_>, object: u32, count: u32) -> Option<u32> {
    let mut members = Members::first(tree, object, count);
    (0..count).find_map(|earlier| {
        let (key, value) = members.next_entry()?;
        is_among_first(tree, object, earlier, key).then_some(value - 1)
    })
}

/// Sorted hashes show sooner than a set of texts that nothing is repeated, which is the rule.
///
/// The hasher is seeded at random, so no choice of keys makes either slow.
fn find_among_many(tree: &Tree<'_>, object: u32, count: u32) -> Option<u32> {
    let seed = RandomState::new();
    let mut hashes = Vec::with_capacity(count as usize);
    let mut members = Members::first(tree, object, count);
    while let Some((key, _)) = members.next_entry() {
        hashes.push(seed.hash_one(tree.slice(key)));
    }
    hashes.sort_unstable();
    if hashes.array_windows().all(|[one, next]| one != next) {
        return None;
    }
    let mut members = Members::first(tree, object, count);
    let mut seen = HashSet::with_capacity(count as usize);
    while let Some((key, value)) = members.next_entry() {
        if !seen.insert(tree.slice(key)) {
            return Some(value - 1);
        }
    }
    None
}
