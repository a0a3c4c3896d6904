//! Trees of values that were never JSON text.

use std::{error::Error, fmt, fmt::Write as _};

use super::{
    Kind, MAX_DEPTH, Node, Tree, keys, scan,
    tree::{Entry, IN_SCRATCH},
};
use crate::number::Decimal;

/// Builds a [`Tree`] value by value, in document order.
///
/// A fault does not interrupt: the first is kept and returned by [`finish`](Self::finish).
///
/// ```
/// use specwright::node::TreeBuilder;
///
/// let mut builder = TreeBuilder::new();
/// builder.begin_object();
/// builder.key("limit");
/// builder.text("20");
/// builder.key("tags");
/// builder.begin_array();
/// builder.string("new");
/// builder.end();
/// builder.end();
/// let tree = builder.finish()?;
/// assert_eq!(tree.root().len(), 2);
/// # Ok::<(), specwright::node::BuildError>(())
/// ```
#[derive(Debug)]
pub struct TreeBuilder {
    tree: Tree<'static>,
    open: Vec<Open>,
    fault: Option<BuildError>,
}

/// A container that is being filled.
#[derive(Debug)]
struct Open {
    index: u32,
    is_object: bool,
    count: u32,
    /// An object's key was written and waits for its value.
    has_key: bool,
}

/// A state of the builder to return to.
pub(crate) struct Mark {
    nodes: usize,
    scratch: usize,
    count: u32,
}

/// Why values do not make a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// There is no root, a second one, a container that is not ended, or a key or value where none belongs.
    Misplaced,
    /// A key occurs twice in one object.
    RepeatedKey,
    /// The text of a number is not one of JSON, or the number is not finite.
    InvalidNumber,
    /// Containers are nested more than [`MAX_DEPTH`](super::MAX_DEPTH) deep.
    TooDeep,
    /// There are 4 GiB of text or more.
    TooLarge,
}

impl Default for TreeBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl TreeBuilder {
    /// A builder without a value.
    pub fn new() -> Self {
        Self {
            tree: Tree {
                text: "",
                scratch: String::new(),
                nodes: Vec::new(),
            },
            open: Vec::new(),
            fault: None,
        }
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.value(Kind::Null, "");
    }

    /// Writes a boolean.
    pub fn bool(&mut self, value: bool) {
        self.value(if value { Kind::True } else { Kind::False }, "");
    }

    /// Writes a number, given as JSON number text.
    pub fn number(&mut self, text: &str) {
        if Decimal::parse(text).is_none() {
            self.fail(BuildError::InvalidNumber);
        }
        self.value(Kind::Number, text);
    }

    /// Writes a number, given as something that shows itself as JSON number text, without a string in between.
    pub(super) fn number_from(&mut self, number: fmt::Arguments<'_>) {
        let start = self.tree.scratch.len();
        if self.fault.is_none() && self.tree.scratch.write_fmt(number).is_err() {
            self.fail(BuildError::InvalidNumber);
        }
        self.value_in_scratch(Kind::Number, start);
    }

    /// Writes a string.
    pub fn string(&mut self, text: &str) {
        self.value(Kind::String, text);
    }

    /// Writes a scalar whose JSON type is not known.
    pub fn text(&mut self, text: &str) {
        self.value(Kind::Text, text);
    }

    /// Begins an array; the values up to its [`end`](Self::end) are its items.
    pub fn begin_array(&mut self) {
        self.begin(Kind::Array);
    }

    /// Begins an object; up to its [`end`](Self::end), each value must follow a [`key`](Self::key).
    pub fn begin_object(&mut self) {
        self.begin(Kind::Object);
    }

    /// Writes the key of the next member.
    pub fn key(&mut self, key: &str) {
        match self.open.last_mut() {
            Some(open) if open.is_object && !open.has_key => open.has_key = true,
            _ => return self.fail(BuildError::Misplaced),
        }
        let start = self.write(key);
        let mut entry = self.range(Kind::String, start);
        entry.fingerprint = (scan::fingerprint(key.as_bytes()) >> 48) as u16;
        self.push(entry);
    }

    /// Ends the innermost array or object.
    pub fn end(&mut self) {
        let Some(open) = self.open.pop() else {
            return self.fail(BuildError::Misplaced);
        };
        if open.has_key {
            self.fail(BuildError::Misplaced);
        }
        let end = self.tree.len();
        if let Some(entry) = self.tree.nodes.get_mut(open.index as usize) {
            entry.start = open.count;
            entry.end = end;
        }
        if self.fault.is_none()
            && open.is_object
            && keys::find_repeated(&self.tree, open.index, open.count).is_some()
        {
            self.fail(BuildError::RepeatedKey);
        }
    }

    /// Writes a value of another tree with all that is in it.
    pub fn copy(&mut self, node: Node<'_>) {
        match node.kind() {
            Kind::Null | Kind::True | Kind::False => self.value(node.kind(), ""),
            Kind::Number => self.value(Kind::Number, node.number().unwrap_or("0")),
            kind @ (Kind::String | Kind::Text) => {
                self.value(kind, &node.as_str().unwrap_or_default());
            }
            Kind::Array => {
                self.begin_array();
                node.items().for_each(|item| self.copy(item));
                self.end();
            }
            Kind::Object => {
                self.begin_object();
                for (key, member) in node.members() {
                    self.key(key);
                    self.copy(member);
                }
                self.end();
            }
        }
    }

    /// How many containers are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Where [`rewind`](Self::rewind) returns to.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            nodes: self.tree.nodes.len(),
            scratch: self.tree.scratch.len(),
            count: self.open.last().map_or(0, |open| open.count),
        }
    }

    /// Takes back what was written into the innermost container since the mark.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.tree.nodes.truncate(mark.nodes);
        self.tree.scratch.truncate(mark.scratch);
        if let Some(open) = self.open.last_mut() {
            open.count = mark.count;
            open.has_key = false;
        }
    }

    /// The tree of the values that were written.
    ///
    /// # Errors
    ///
    /// The first fault since the builder was made.
    pub fn finish(mut self) -> Result<Tree<'static>, BuildError> {
        if !self.open.is_empty() || self.tree.nodes.is_empty() {
            self.fail(BuildError::Misplaced);
        }
        match self.fault {
            None => Ok(self.tree),
            Some(fault) => Err(fault),
        }
    }

    fn begin(&mut self, kind: Kind) {
        if self.open.len() == MAX_DEPTH {
            self.fail(BuildError::TooDeep);
        }
        self.place();
        self.open.push(Open {
            index: self.tree.len(),
            is_object: kind == Kind::Object,
            count: 0,
            has_key: false,
        });
        self.push(Entry::new(kind, 0, 0, 0));
    }

    fn value(&mut self, kind: Kind, text: &str) {
        let start = self.write(text);
        self.value_in_scratch(kind, start);
    }

    /// Keeps a text, unless there was a fault; where it begins.
    fn write(&mut self, text: &str) -> usize {
        let start = self.tree.scratch.len();
        if u32::try_from(start + text.len()).is_err() {
            self.fail(BuildError::TooLarge);
        }
        if self.fault.is_none() {
            self.tree.scratch.push_str(text);
        }
        start
    }

    fn value_in_scratch(&mut self, kind: Kind, start: usize) {
        self.place();
        let entry = self.range(kind, start);
        self.push(entry);
    }

    /// Counts a value in the container around it.
    fn place(&mut self) {
        let fits = match self.open.last_mut() {
            None => self.tree.nodes.is_empty(),
            Some(open) => {
                open.count += 1;
                std::mem::replace(&mut open.has_key, false) == open.is_object
            }
        };
        if !fits {
            self.fail(BuildError::Misplaced);
        }
    }

    /// An entry of the scratch from `start` on.
    fn range(&mut self, kind: Kind, start: usize) -> Entry {
        let end = self.tree.scratch.len();
        if u32::try_from(end).is_err() {
            self.fail(BuildError::TooLarge);
        }
        Entry::new(kind, IN_SCRATCH, start as u32, end as u32)
    }

    /// After a fault nothing is kept any more.
    fn push(&mut self, entry: Entry) {
        if self.tree.nodes.len() >= u32::MAX as usize {
            self.fail(BuildError::TooLarge);
        }
        if self.fault.is_none() {
            self.tree.nodes.push(entry);
        }
    }

    fn fail(&mut self, fault: BuildError) {
        self.fault.get_or_insert(fault);
    }

    /// The first fault so far.
    pub(super) fn fault(&self) -> Option<BuildError> {
        self.fault
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Misplaced => "values and keys do not make one tree",
            Self::RepeatedKey => "repeated key in an object",
            Self::InvalidNumber => "not a finite number",
            Self::TooDeep => return write!(f, "nested more than {MAX_DEPTH} levels deep"),
            Self::TooLarge => "4 GiB of text or more",
        })
    }
}

impl Error for BuildError {}
