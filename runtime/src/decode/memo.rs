//! What was found out about nodes, so that what contains itself is not asked anew at every level.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::node::Node;

/// The work that remembering takes, in visits of a node: together with the budget it bounds the memory.
pub(super) const WORK: u32 = 8;

/// An answer for each node of the body or of a parameter, and each union or type that was asked about it.
#[derive(Debug)]
pub(super) struct Memo<T>(HashMap<u64, T, BuildHasherDefault<Mix>>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

/// Who was asked, and about what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked(u64);

impl Asked {
    /// `id` is that of a union or type.
    pub(super) fn new(id: u32, in_body: bool, node: Node<'_>) -> Self {
        Self(u64::from(id) << 33 | u64::from(in_body) << 32 | u64::from(node.index()))
    }
}

impl<T: Copy> Memo<T> {
    pub(super) fn get(&self, asked: Asked) -> Option<T> {
        self.0.get(&asked.0).copied()
    }

    pub(super) fn insert(&mut self, asked: Asked, answer: T) {
        self.0.insert(asked.0, answer);
    }
}

/// Spreads small numbers over all bits. Keys are places and not values, so a client cannot choose some that collide.
#[derive(Clone, Copy, Debug, Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn write_u64(&mut self, number: u64) {
        let product = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = product ^ (product >> 32);
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(self.0.rotate_left(8) ^ u64::from(byte));
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
