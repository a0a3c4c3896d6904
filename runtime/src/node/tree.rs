//! The tree and its nodes: what is stored, and the questions that one node answers.

use std::{borrow::Cow, fmt};

use super::{Items, Members, SyntaxError, escape, parse};

/// A parsed JSON text, or values written by a [`TreeBuilder`](super::TreeBuilder).
///
/// The nodes stand in document order: a container is followed by its items, or by key and value of each of its members
/// in turn.
pub struct Tree<'t> {
    pub(super) text: &'t str,
    /// Texts that are not slices of `text`: keys without their escapes, and everything that was written by hand.
    pub(super) scratch: String,
    pub(super) nodes: Vec<Entry>,
}

/// One value of a [`Tree`]: small and `Copy`.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    pub(super) tree: &'t Tree<'t>,
    pub(super) index: u32,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`.
    Null,
    /// `false`.
    False,
    /// `true`.
    True,
    /// A number, kept as the text it was written in.
    Number,
    /// A string.
    String,
    /// A scalar whose JSON type is not known, such as a query parameter: whoever decodes it parses it.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A node as it is stored, in 12 bytes.
///
/// For scalars and keys `start` and `end` are a range of bytes in the text or in the scratch. For containers `start` is
/// the number of items or members and `end` the index after the subtree.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) flags: u8,
    /// Of keys: a hash that tells most different keys apart without looking at their text.
    pub(super) fingerprint: u16,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// The range is one of the scratch, and no escapes are left in it.
pub(super) const IN_SCRATCH: u8 = 1;
/// The range holds escapes.
pub(super) const ESCAPED: u8 = 2;

impl Entry {
    /// Stands where an index is out of range, which no node of a finished tree is.
    pub(super) const NULL: Self = Self::new(Kind::Null, 0, 0, 0);

    #[inline]
    pub(super) const fn new(kind: Kind, flags: u8, start: u32, end: u32) -> Self {
        Self {
            kind,
            flags,
            fingerprint: 0,
            start,
            end,
        }
    }

    /// The index after the subtree of the node that is stored at `index`.
    #[inline]
    pub(super) fn after(self, index: u32) -> u32 {
        match self.kind {
            Kind::Array | Kind::Object => self.end,
            _ => index + 1,
        }
    }
}

impl<'t> Tree<'t> {
    /// Parses a whole JSON text (RFC 8259) in UTF-8.
    ///
    /// Stricter than the RFC demands where two readers of one text could disagree: a byte order mark, a lone surrogate
    /// and a repeated key (section 4) are errors.
    ///
    /// # Errors
    ///
    /// The first fault of the text, with its place.
    pub fn parse(bytes: &'t [u8]) -> Result<Self, SyntaxError> {
        parse::parse(bytes, 0)
    }

    /// Parses a text that is to be copied into a tree, at a place within `depth` containers, which count as its own.
    pub(crate) fn parse_within(bytes: &'t [u8], depth: usize) -> Result<Self, SyntaxError> {
        parse::parse(bytes, depth)
    }

    /// A tree of one scalar whose JSON type is not known, such as a body of plain text; `None` for 4 GiB or more.
    pub fn text(text: &'t str) -> Option<Self> {
        let end = u32::try_from(text.len()).ok()?;
        Some(Self {
            text,
            scratch: String::new(),
            nodes: vec![Entry::new(Kind::Text, 0, 0, end)],
        })
    }

    /// The outermost value.
    #[inline]
    pub fn root(&self) -> Node<'_> {
        Node {
            tree: self,
            index: 0,
        }
    }

    /// The node at an index that [`Node::index`] gave; `None` when the tree has no value there.
    pub fn node(&self, index: u32) -> Option<Node<'_>> {
        (index < self.len()).then_some(Node { tree: self, index })
    }

    /// How many nodes there are, keys included: every [`Node::index`] is below it.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "a tree has a root")]
    pub fn len(&self) -> u32 {
        self.nodes.len() as u32
    }

    /// How many bytes it takes, but for a text that it borrows.
    pub(crate) fn size(&self) -> usize {
        self.scratch.len() + size_of_val(&*self.nodes)
    }

    #[inline]
    pub(super) fn entry(&self, index: u32) -> Entry {
        self.nodes
            .get(index as usize)
            .copied()
            .unwrap_or(Entry::NULL)
    }

    /// The range of a scalar or key, escapes as they stand.
    #[inline]
    pub(super) fn slice(&self, entry: Entry) -> &str {
        slice(self.text, &self.scratch, entry)
    }
}

/// The range of a scalar or key in the text or the scratch, escapes as they stand.
#[inline]
pub(super) fn slice<'a>(text: &'a str, scratch: &'a str, entry: Entry) -> &'a str {
    let source = if entry.flags & IN_SCRATCH == 0 {
        text
    } else {
        scratch
    };
    source
        .get(entry.start as usize..entry.end as usize)
        .unwrap_or("")
}

/// A scalar to be put in place of another.
#[derive(Debug)]
pub(crate) struct Scalar {
    kind: Kind,
    text: String,
}

impl Scalar {
    /// A boolean, or a number or string of these characters.
    pub(crate) fn new(kind: Kind, text: &str) -> Self {
        Self {
            kind,
            text: text.to_owned(),
        }
    }
}

impl Tree<'_> {
    /// Puts a scalar in place of the one at the index. Nothing happens where there is no scalar, or no room for its text.
    pub(crate) fn put(&mut self, index: u32, scalar: &Scalar) {
        let start = self.scratch.len();
        let end = start + scalar.text.len();
        if let Some(entry) = self.nodes.get_mut(index as usize)
            && !matches!(entry.kind, Kind::Array | Kind::Object)
            && let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end))
        {
            *entry = Entry::new(scalar.kind, IN_SCRATCH, start, end);
            self.scratch.push_str(&scalar.text);
        }
    }
}

impl<'t> Node<'t> {
    #[inline]
    pub(super) fn entry(self) -> Entry {
        self.tree.entry(self.index)
    }

    /// What the node is.
    #[inline]
    pub fn kind(self) -> Kind {
        self.entry().kind
    }

    /// The place of the node in its tree, unique there; the root's is 0.
    #[inline]
    pub fn index(self) -> u32 {
        self.index
    }

    /// The index after the subtree of this node.
    #[inline]
    pub fn end(self) -> u32 {
        self.entry().after(self.index)
    }

    /// The boolean, where the node is one.
    #[inline]
    pub fn as_bool(self) -> Option<bool> {
        match self.kind() {
            Kind::False => Some(false),
            Kind::True => Some(true),
            _ => None,
        }
    }

    /// The characters of a [`Kind::String`] or [`Kind::Text`]; borrowed unless there are escapes.
    #[inline(always)]
    pub fn as_str(self) -> Option<Cow<'t, str>> {
        let entry = self.entry();
        match entry.kind {
            Kind::String | Kind::Text if entry.flags & ESCAPED == 0 => {
                Some(Cow::Borrowed(self.tree.slice(entry)))
            }
            Kind::String => Some(Cow::Owned(escape::unescape(self.tree.slice(entry)))),
            _ => None,
        }
    }

    /// The text of a [`Kind::Number`] as it stands.
    #[inline]
    pub fn number(self) -> Option<&'t str> {
        let entry = self.entry();
        (entry.kind == Kind::Number).then(|| self.tree.slice(entry))
    }

    /// The number of items of an array or members of an object; 0 for other kinds. Takes constant time.
    #[inline]
    #[expect(
        clippy::len_without_is_empty,
        reason = "most nodes are not containers, so being empty would mislead"
    )]
    pub fn len(self) -> usize {
        let entry = self.entry();
        match entry.kind {
            Kind::Array | Kind::Object => entry.start as usize,
            _ => 0,
        }
    }

    /// The items of an array in order; nothing for other kinds.
    #[inline]
    pub fn items(self) -> Items<'t> {
        Items::new(self)
    }

    /// The members of an object in the order of the text, their keys distinct; nothing for other kinds.
    #[inline]
    pub fn members(self) -> Members<'t> {
        Members::new(self)
    }

    /// The keys of the members as strings, in the order of the text; nothing for other kinds. The pointer of a key is its
    /// member's.
    pub fn keys(self) -> impl Iterator<Item = Self> {
        let mut members = self.members();
        std::iter::from_fn(move || {
            let (_, value) = members.next_entry()?;
            Some(Node {
                tree: self.tree,
                index: value - 1,
            })
        })
    }

    /// The member with this key. Takes time linear in the number of members: to read several, walk them once.
    pub fn get(self, key: &str) -> Option<Self> {
        self.members()
            .find_map(|(name, value)| (name == key).then_some(value))
    }
}

/// Shows the shape only: the values may be confidential.
impl fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree")
            .field("root", &self.root().kind())
            .field("len", &self.len())
            .finish()
    }
}

/// Shows kind and place only: the value may be confidential.
impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("kind", &self.kind())
            .field("index", &self.index)
            .finish()
    }
}
