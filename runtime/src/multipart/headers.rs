//! Parts with headers of their own (OAS 3.2, Encoding Object): objects of a value and its headers.

use http::HeaderMap;
use indexmap::IndexMap;

use crate::decode::Violations;
use crate::form::{Multipart, Part, finish, pointer_of};
use crate::node::{Kind, Node, Tree, TreeBuilder};
use crate::parameter::{self, Fault};
use crate::refusal::Refusal;
use crate::value::{PART_HEADERS, PART_VALUE};

/// How much memory the headers of a part may take that are copied to the items of a list: 16 MiB.
const MOST_COPIED: usize = 16 << 20;

/// The object of all parts, in which those with declared headers are objects of value and headers.
pub(crate) fn with_headers(
    tree: &Tree<'_>,
    description: &Multipart,
    headers: &IndexMap<&'static str, Vec<HeaderMap>>,
    faults: &mut Vec<(String, Fault)>,
) -> Result<Tree<'static>, Refusal> {
    let none = HeaderMap::new();
    let mut builder = TreeBuilder::new();
    builder.begin_object();
    for (key, node) in tree.root().members() {
        builder.key(key);
        let part = description.part(key);
        let (Some(part), Some(headers)) = (part, headers.get(key)) else {
            builder.copy(node);
            continue;
        };
        let pointer = pointer_of(key);
        if !(part.is_list && node.kind() == Kind::Array) {
            let own = headers.first().unwrap_or(&none);
            write_part(part, own, &pointer, &mut builder, faults, |it| {
                it.copy(node)
            });
            continue;
        }
        let mut shared = Shared::new(part, headers, node)?;
        builder.begin_array();
        for (index, item) in node.items().enumerate() {
            let pointer = format!("{pointer}/{index}");
            let write_value = |it: &mut TreeBuilder| it.copy(item);
            match headers.get(index) {
                Some(own) => write_part(part, own, &pointer, &mut builder, faults, write_value),
                None => shared.write(&pointer, &mut builder, faults, write_value)?,
            }
        }
        builder.end();
    }
    builder.end();
    finish(builder)
}

/// The headers of a part that holds a whole list: they are those of every item.
struct Shared {
    /// Read once, however many items there are.
    tree: Tree<'static>,
    faults: Vec<(&'static str, Fault)>,
    /// How many bytes of copies there may still be.
    left: usize,
}

impl Shared {
    fn new(part: &'static Part, headers: &[HeaderMap], list: Node<'_>) -> Result<Self, Refusal> {
        let none = HeaderMap::new();
        // Most often each item is a part of its own, and nothing is shared.
        let last = headers.last().filter(|_| list.len() > headers.len());
        let (mut builder, mut faults) = (TreeBuilder::new(), Vec::new());
        builder.begin_object();
        parameter::write_headers(
            part.headers,
            last.unwrap_or(&none),
            &mut builder,
            &mut faults,
        );
        builder.end();
        Ok(Self {
            tree: finish(builder)?,
            faults,
            left: MOST_COPIED,
        })
    }

    /// Writes an item with a copy of the headers.
    fn write(
        &mut self,
        pointer: &str,
        builder: &mut TreeBuilder,
        faults: &mut Vec<(String, Fault)>,
        write_value: impl FnOnce(&mut TreeBuilder),
    ) -> Result<(), Refusal> {
        let left = self.left.checked_sub(self.tree.size());
        self.left = left.ok_or_else(|| {
            Refusal::part_too_large("a part with headers must not hold a list of so many items")
        })?;
        let headers = self.tree.root();
        write_pair(builder, write_value, |it| it.copy(headers));
        // No more are told of a request.
        if faults.len() < Violations::LIMIT {
            tell(&self.faults, pointer, faults);
        }
        Ok(())
    }
}

/// Writes a part with its headers.
pub(super) fn write_part(
    part: &'static Part,
    headers: &HeaderMap,
    pointer: &str,
    builder: &mut TreeBuilder,
    faults: &mut Vec<(String, Fault)>,
    write_value: impl FnOnce(&mut TreeBuilder),
) {
    let mut found = Vec::new();
    write_pair(builder, write_value, |it| {
        it.begin_object();
        parameter::write_headers(part.headers, headers, it, &mut found);
        it.end();
    });
    tell(&found, pointer, faults);
}

/// Writes the object of a value and its headers.
fn write_pair(
    builder: &mut TreeBuilder,
    write_value: impl FnOnce(&mut TreeBuilder),
    write_headers: impl FnOnce(&mut TreeBuilder),
) {
    builder.begin_object();
    builder.key(PART_VALUE);
    write_value(builder);
    builder.key(PART_HEADERS);
    write_headers(builder);
    builder.end();
}

/// Tells what is wrong with the headers of the part at the pointer.
fn tell(found: &[(&'static str, Fault)], pointer: &str, faults: &mut Vec<(String, Fault)>) {
    for (name, fault) in found {
        let name = pointer_of(name);
        faults.push((format!("{pointer}/{PART_HEADERS}{name}"), fault.clone()));
    }
}
