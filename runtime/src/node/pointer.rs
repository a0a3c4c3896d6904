//! Where a node is, as a JSON Pointer (RFC 6901): worked out when asked for, never stored.

use super::{Kind, Node};

/// Most tokens are no longer than this, in bytes.
const SHORT_TOKEN: usize = 32;

impl Node<'_> {
    /// The JSON Pointer of this node from the root; the root's is empty.
    ///
    /// Takes time linear in the number of values before it on each level of its path.
    pub fn pointer(self) -> String {
        let mut pointer = String::new();
        self.visit_path(|_, token| {
            if let Some((token, _)) = token {
                pointer.push_str(token);
            }
        });
        pointer
    }

    /// Visits the nodes on the way from the root to this node, each with the reference token that leads to it, its slash
    /// included, and whether that is a position in a list.
    pub(crate) fn visit_path(self, mut visit: impl FnMut(Self, Option<(&str, bool)>)) {
        let mut token = String::with_capacity(SHORT_TOKEN);
        let mut at = self.tree.root();
        visit(at, None);
        while at.index < self.index {
            token.clear();
            let is_position = at.kind() == Kind::Array;
            let Some(next) = self.step(at, &mut token) else {
                break;
            };
            at = next;
            visit(at, Some((&token, is_position)));
        }
    }

    /// Goes from a container around this node to its item or member that is or holds this node.
    fn step<'t>(self, from: Node<'t>, pointer: &mut String) -> Option<Node<'t>> {
        let holds = |node: Node<'_>| self.index < node.end();
        match from.kind() {
            Kind::Array => {
                let (position, item) = match self.step_over_scalars(from) {
                    Some(found) => found,
                    None => from.items().enumerate().find(|(_, item)| holds(*item))?,
                };
                pointer.push('/');
                pointer.push_str(itoa::Buffer::new().format(position));
                Some(item)
            }
            Kind::Object => {
                let tree = from.tree;
                let mut members = from.members();
                loop {
                    let (key, index) = members.next_entry()?;
                    let value = Node { tree, index };
                    if holds(value) {
                        push_token(pointer, tree.slice(key));
                        return Some(value);
                    }
                }
            }
            _ => None,
        }
    }

    /// In an array of scalars the index tells the position, which matters in long ones.
    fn step_over_scalars<'t>(self, array: Node<'t>) -> Option<(usize, Node<'t>)> {
        let first = array.index + 1;
        let all_scalars = (array.end() - first) as usize == array.len();
        let item = Node {
            tree: array.tree,
            index: self.index,
        };
        all_scalars.then_some(((self.index - first) as usize, item))
    }
}

/// Appends a reference token, with `~` and `/` escaped.
pub(crate) fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    let mut rest = token;
    // Hardly any token holds one, and bytes are told faster than characters.
    if !token.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        return pointer.push_str(token);
    }
    while let Some(at) = rest.find(['~', '/']) {
        let (plain, special) = rest.split_at(at);
        pointer.push_str(plain);
        pointer.push_str(if special.starts_with('~') { "~0" } else { "~1" });
        rest = special.get(1..).unwrap_or_default();
    }
    pointer.push_str(rest);
}
