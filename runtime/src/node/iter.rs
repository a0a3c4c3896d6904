//! Walks over the items of an array and the members of an object.

use std::iter::FusedIterator;

use super::{
    Kind, Node, Tree,
    tree::{Entry, slice},
};

/// The items of an array, from [`Node::items`].
#[derive(Clone)]
pub struct Items<'t> {
    tree: &'t Tree<'t>,
    next: u32,
    left: u32,
}

/// The members of an object, from [`Node::members`].
#[derive(Clone)]
pub struct Members<'t> {
    tree: &'t Tree<'t>,
    next: u32,
    left: u32,
}

impl<'t> Items<'t> {
    #[inline]
    pub(super) fn new(node: Node<'t>) -> Self {
        let entry = node.entry();
        Self {
            tree: node.tree,
            next: node.index + 1,
            left: if entry.kind == Kind::Array {
                entry.start
            } else {
                0
            },
        }
    }
}

impl<'t> Members<'t> {
    #[inline]
    pub(super) fn new(node: Node<'t>) -> Self {
        let entry = node.entry();
        Self {
            tree: node.tree,
            next: node.index + 1,
            left: if entry.kind == Kind::Object {
                entry.start
            } else {
                0
            },
        }
    }

    /// The first `count` members of the object that is stored at `object`, which may still grow.
    #[inline]
    pub(super) fn first(tree: &'t Tree<'t>, object: u32, count: u32) -> Self {
        Self {
            tree,
            next: object + 1,
            left: count,
        }
    }

    /// The next member as it is stored: its key, and the index of its value.
    #[inline]
    pub(super) fn next_entry(&mut self) -> Option<(Entry, u32)> {
        self.left = self.left.checked_sub(1)?;
        let at = self.next as usize;
        let &[key, value] = self.tree.nodes.get(at..)?.first_chunk::<2>()?;
        let index = self.next + 1;
        self.next = value.after(index);
        Some((key, index))
    }
}

impl<'t> Iterator for Items<'t> {
    type Item = Node<'t>;

    #[inline]
    fn next(&mut self) -> Option<Node<'t>> {
        self.left = self.left.checked_sub(1)?;
        let index = self.next;
        self.next = self.tree.nodes.get(index as usize)?.after(index);
        Some(Node {
            tree: self.tree,
            index,
        })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl<'t> Iterator for Members<'t> {
    type Item = (&'t str, Node<'t>);

    #[inline]
    fn next(&mut self) -> Option<(&'t str, Node<'t>)> {
        let (key, index) = self.next_entry()?;
        let tree = self.tree;
        Some((slice(tree.text, &tree.scratch, key), Node { tree, index }))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Items<'_> {}
impl ExactSizeIterator for Members<'_> {}
impl FusedIterator for Items<'_> {}
impl FusedIterator for Members<'_> {}
