//! The tree: what a YAML or JSON file says, with the place of every part.

use std::{
    collections::{HashMap, hash_map},
    rc::Rc,
};

use super::Span;

/// One value of a file.
///
/// An alias shares the node of its anchor, so a node may be reached by several pointers.
#[derive(Debug)]
pub struct Node {
    /// Where the value stands in its file.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a node is, in the JSON data model.
#[derive(Debug)]
pub enum Value {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A finite number as JSON text (the source's own digits, so no precision is lost).
    Number(Box<str>),
    /// A string.
    String(Rc<str>),
    /// A list.
    Sequence(Vec<Rc<Node>>),
    /// A mapping, in source order, its keys distinct.
    Mapping(Mapping),
}

/// The members of a mapping node in source order.
#[derive(Debug, Default)]
pub struct Mapping {
    entries: Vec<Entry>,
    /// Where the member of a key stands in `entries`; small mappings are searched instead.
    #[expect(
        clippy::box_collection,
        reason = "an index in place would double the size of every node"
    )]
    index: Option<Box<HashMap<Rc<str>, usize>>>,
}

/// Up to this many members a search is quicker than an index.
const SEARCHED: usize = 16;

/// One member of a mapping.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key; scalars other than strings are keys by their source text (`200:` is `"200"`).
    pub key: Rc<str>,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Rc<Node>,
}

impl Mapping {
    /// A mapping of these members; of members with one key, the first stays.
    pub fn new(entries: Vec<Entry>) -> Self {
        Self::distinct(entries).0
    }

    /// A mapping of these members and, for each member whose key was there before, the span of the first such key and
    /// the member left out.
    pub(super) fn distinct(entries: Vec<Entry>) -> (Self, Vec<(Span, Entry)>) {
        let mut repeated = Vec::new();
        let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
        if entries.len() <= SEARCHED {
            for entry in entries {
                match kept.iter().find(|first| first.key == entry.key) {
                    Some(first) => repeated.push((first.key_span, entry)),
                    None => kept.push(entry),
                }
            }
            return (
                Self {
                    entries: kept,
                    index: None,
                },
                repeated,
            );
        }
        let mut index = HashMap::with_capacity(entries.len());
        for entry in entries {
            match index.entry(entry.key.clone()) {
                hash_map::Entry::Occupied(first) => {
                    let first: &usize = first.get();
                    repeated.push((kept[*first].key_span, entry));
                }
                hash_map::Entry::Vacant(place) => {
                    place.insert(kept.len());
                    kept.push(entry);
                }
            }
        }
        (
            Self {
                entries: kept,
                index: Some(Box::new(index)),
            },
            repeated,
        )
    }

    /// The members in source order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The member with this key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        match &self.index {
            Some(index) => self.entries.get(*index.get(key)?),
            None => self.entries.iter().find(|entry| &*entry.key == key),
        }
    }
}

impl Node {
    /// The members, where the node is a mapping.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The items, where the node is a list.
    pub fn as_sequence(&self) -> Option<&[Rc<Self>]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The text, where the node is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The member with this key, where the node is a mapping.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.as_mapping()?.get(key)
    }

    /// What the node is, in the words of a message: `a string`, `a list`.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}
