//! Grows the tree from a stream of scalars and collections, whatever parser they come from.
//!
//! **Invariant:** no walk over the finished tree goes deeper than [`MAX_DEPTH`] or meets more than [`MAX_NODES`]
//! nodes, aliases followed; recursion over it and expansion of it are safe.

use std::{collections::HashMap, rc::Rc};

use super::{
    Entry, FileId, Mapping, Node, Place, Pointer, Span, Value,
    merge::{Merge, merged},
};
use crate::diagnostic::{Code, Diagnostics};

/// How deep collections may nest, aliases followed. Real documents stay below 60.
pub const MAX_DEPTH: usize = 256;

/// How many nodes a file may have, a node counted once for each alias through which it is reached.
///
/// GitHub's document, one of the largest, has 125 thousand.
pub const MAX_NODES: usize = 4_000_000;

/// How many of those nodes may be reached through aliases. What shares without bound is not a document.
pub const MAX_SHARED_NODES: usize = 500_000;

/// How many faults of a file are told, its syntax apart; with more of them, reading stops.
pub const MAX_FAULTS: usize = 1_000;

/// Says that the file is given up; the reason is a diagnostic already.
pub(super) struct GivenUp;

/// A tree that grows.
pub(super) struct Tree<'d> {
    file: FileId,
    pub(super) diagnostics: &'d mut Diagnostics,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Anchor>,
    root: Option<Rc<Node>>,
    nodes: usize,
    shared: usize,
    last_end: u32,
    incomplete: bool,
    faults: usize,
    /// Whether a merge key was met; the warning of it is given once.
    merges: bool,
}

/// A collection whose end was not met yet.
struct Frame {
    start: u32,
    anchor: usize,
    kind: FrameKind,
    size: usize,
    height: usize,
    is_key: bool,
    is_flow: bool,
}

enum FrameKind {
    Sequence(Vec<Rc<Node>>),
    Mapping {
        entries: Vec<Entry>,
        key: Key,
        merges: Vec<Merge>,
    },
}

/// What a mapping waits for.
enum Key {
    /// A key.
    Wanted,
    /// The value of this key.
    Met(Rc<str>, Span),
    /// What `<<` merges.
    Merge(Span),
    /// A value to drop, since its key was refused.
    Refused,
}

/// What an alias shares.
struct Anchor {
    span: Span,
    /// Absent while the collection is open.
    node: Option<Rc<Node>>,
    /// The text as a key, where the node is a scalar.
    key: Option<Rc<str>>,
    size: usize,
    height: usize,
}

impl<'d> Tree<'d> {
    pub(super) fn new(file: FileId, diagnostics: &'d mut Diagnostics) -> Self {
        Self {
            file,
            diagnostics,
            frames: Vec::new(),
            anchors: HashMap::new(),
            root: None,
            nodes: 0,
            shared: 0,
            last_end: 0,
            incomplete: false,
            faults: 0,
            merges: false,
        }
    }

    /// The finished tree; none where a part of it is missing.
    pub(super) fn finish(self) -> Option<Rc<Node>> {
        self.root
            .filter(|_| !self.incomplete && self.frames.is_empty())
    }

    /// The stretch of the file between two bytes.
    pub(super) fn span(&self, start: u32, end: u32) -> Span {
        Span {
            file: self.file,
            start,
            end: end.max(start),
        }
    }

    /// Whether the next node is a key.
    pub(super) fn expects_key(&self) -> bool {
        matches!(
            self.frames.last(),
            Some(Frame {
                kind: FrameKind::Mapping {
                    key: Key::Wanted,
                    ..
                },
                ..
            })
        )
    }

    /// The end of the last scalar, alias or bracket.
    pub(super) fn last_end(&self) -> u32 {
        self.last_end
    }

    /// Where the innermost collection in brackets begins.
    pub(super) fn open_bracket(&self) -> Option<u32> {
        self.frames
            .iter()
            .rev()
            .find(|frame| frame.is_flow)
            .map(|frame| frame.start)
    }

    /// The place of a fault in the value that comes next, marked at `span`.
    pub(super) fn place(&mut self, span: Span) -> Place {
        self.faults += 1;
        let mut pointer = Pointer::root();
        for frame in &self.frames {
            pointer = match &frame.kind {
                FrameKind::Sequence(items) => pointer.join(&items.len().to_string()),
                FrameKind::Mapping {
                    key: Key::Met(text, _),
                    ..
                } => pointer.join(text),
                FrameKind::Mapping {
                    key: Key::Merge(_), ..
                } => pointer.join("<<"),
                FrameKind::Mapping { .. } => pointer,
            };
        }
        Place { span, pointer }
    }

    /// Takes a key.
    pub(super) fn key(&mut self, text: Rc<str>, span: Span) {
        self.last_end = span.end;
        if let Some(Frame {
            kind: FrameKind::Mapping { key, .. },
            ..
        }) = self.frames.last_mut()
        {
            *key = Key::Met(text, span);
        }
    }

    /// Takes the key `<<`, whose value is merged into the mapping.
    pub(super) fn merge_key(&mut self, span: Span) {
        self.last_end = span.end;
        if !self.merges {
            self.merges = true;
            let place = self.place(span).join("<<", span);
            self.diagnostics
                .warning(
                    Code::MergeKey,
                    &place,
                    "`<<` is a key like any other in YAML 1.2",
                )
                .label("merged here, as YAML 1.1 says")
                .help("for tools that do not merge, write the members out, or combine schemas with `allOf`");
        }
        self.set_key(Key::Merge(span));
    }

    /// Takes a scalar value.
    pub(super) fn scalar(&mut self, value: Value, span: Span) -> Result<Rc<Node>, GivenUp> {
        self.last_end = span.end;
        self.count(1, span)?;
        let node = Rc::new(Node { span, value });
        self.attach(Rc::clone(&node), 1, 0);
        Ok(node)
    }

    /// Names a scalar for aliases to come.
    pub(super) fn anchor_scalar(&mut self, id: usize, node: Rc<Node>, key: Rc<str>) {
        let anchor = Anchor {
            span: node.span,
            node: Some(node),
            key: Some(key),
            size: 1,
            height: 0,
        };
        self.anchors.insert(id, anchor);
    }

    /// Says where the name of an anchor stands.
    pub(super) fn name_anchor(&mut self, id: usize, span: Span) {
        if let Some(anchor) = self.anchors.get_mut(&id) {
            anchor.span = span;
        }
    }

    /// Begins a list; `anchor` 0 is none.
    pub(super) fn open_sequence(
        &mut self,
        span: Span,
        anchor: usize,
        is_flow: bool,
    ) -> Result<(), GivenUp> {
        self.open(span, anchor, is_flow, FrameKind::Sequence(Vec::new()))
    }

    /// Begins a mapping; `anchor` 0 is none.
    pub(super) fn open_mapping(
        &mut self,
        span: Span,
        anchor: usize,
        is_flow: bool,
    ) -> Result<(), GivenUp> {
        let kind = FrameKind::Mapping {
            entries: Vec::new(),
            key: Key::Wanted,
            merges: Vec::new(),
        };
        self.open(span, anchor, is_flow, kind)
    }

    fn open(
        &mut self,
        span: Span,
        anchor: usize,
        is_flow: bool,
        kind: FrameKind,
    ) -> Result<(), GivenUp> {
        self.count(1, span)?;
        if self.frames.len() >= MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        let is_key = self.expects_key();
        if is_key {
            self.refuse_key(span);
        }
        if anchor != 0 {
            let open = Anchor {
                span,
                node: None,
                key: None,
                size: 0,
                height: 0,
            };
            self.anchors.insert(anchor, open);
        }
        self.frames.push(Frame {
            start: span.start,
            anchor,
            kind,
            size: 1,
            height: 0,
            is_key,
            is_flow,
        });
        Ok(())
    }

    /// Ends the innermost collection; a block collection ends with its last member.
    pub(super) fn close(&mut self, end: u32) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let end = if frame.is_flow { end } else { self.last_end };
        self.last_end = self.last_end.max(end);
        let span = self.span(frame.start, end);
        let value = match frame.kind {
            FrameKind::Sequence(items) => Value::Sequence(items),
            FrameKind::Mapping {
                entries, merges, ..
            } => {
                let entries = self.merge(entries, &merges);
                let (mapping, repeated) = Mapping::distinct(entries);
                self.report_repeated(&repeated);
                Value::Mapping(mapping)
            }
        };
        let node = Rc::new(Node { span, value });
        let height = frame.height + 1;
        if let Some(anchor) = self.anchors.get_mut(&frame.anchor) {
            anchor.node = Some(Rc::clone(&node));
            anchor.size = frame.size;
            anchor.height = height;
        }
        if !frame.is_key {
            self.attach(node, frame.size, height);
        }
    }

    /// Takes an alias, which shares the node of its anchor.
    pub(super) fn alias(&mut self, id: usize, name: &str, span: Span) -> Result<(), GivenUp> {
        self.last_end = span.end;
        let Some(anchor) = self.anchors.get(&id) else {
            return self.unknown_alias(name, span);
        };
        let anchor_span = anchor.span;
        let Some(node) = anchor.node.clone() else {
            let place = self.place(span);
            self.diagnostics
                .error(
                    Code::AliasCycle,
                    &place,
                    format!("`*{name}` stands inside the node that it repeats"),
                )
                .label("a node cannot contain itself")
                .related(anchor_span, format!("`&{name}` names this node"))
                .help(
                    "use a `$ref` to a named schema: references may be circular, aliases may not",
                );
            return self.placeholder(span);
        };
        if self.expects_key() {
            match anchor.key.clone() {
                Some(text) => self.key(text, span),
                None => self.refuse_key(span),
            }
            return Ok(());
        }
        let (size, height) = (anchor.size, anchor.height);
        self.shared = self.shared.saturating_add(size);
        self.count(size, span)?;
        if self.shared > MAX_SHARED_NODES {
            let place = self.place(span);
            self.diagnostics
                .error(
                    Code::TooLarge,
                    &place,
                    format!("the aliases of the file repeat more than {MAX_SHARED_NODES} nodes"),
                )
                .label("the limit is passed here")
                .related(anchor_span, "this node is repeated");
            return Err(GivenUp);
        }
        if self.frames.len() + height > MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        self.attach(node, size, height);
        Ok(())
    }

    /// Reports an alias without an anchor.
    pub(super) fn unknown_alias(&mut self, name: &str, span: Span) -> Result<(), GivenUp> {
        self.last_end = span.end;
        let place = self.place(span);
        self.diagnostics
            .error(Code::UnknownAlias, &place, format!("no node is named `&{name}` before this alias"))
            .label("the alias repeats nothing")
            .help(format!(
                "name a node above with `&{name}`, or put quotes around the text if it is meant to begin with `*`"
            ));
        self.placeholder(span)
    }

    /// Stands for a node that could not be had, so that reading goes on.
    fn placeholder(&mut self, span: Span) -> Result<(), GivenUp> {
        self.incomplete = true;
        if self.expects_key() {
            self.set_key(Key::Refused);
            return Ok(());
        }
        self.scalar(Value::Null, span).map(|_| ())
    }

    fn attach(&mut self, node: Rc<Node>, size: usize, height: usize) {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.size = frame.size.saturating_add(size);
        frame.height = frame.height.max(height);
        match &mut frame.kind {
            FrameKind::Sequence(items) => items.push(node),
            FrameKind::Mapping {
                entries,
                key,
                merges,
            } => match std::mem::replace(key, Key::Wanted) {
                Key::Met(key, key_span) => entries.push(Entry {
                    key,
                    key_span,
                    value: node,
                }),
                Key::Merge(key_span) => merges.push(Merge {
                    key_span,
                    position: entries.len(),
                    value: node,
                }),
                Key::Wanted | Key::Refused => {}
            },
        }
    }

    fn set_key(&mut self, new: Key) {
        if let Some(Frame {
            kind: FrameKind::Mapping { key, .. },
            ..
        }) = self.frames.last_mut()
        {
            *key = new;
        }
    }

    fn refuse_key(&mut self, span: Span) {
        let place = self.place(span);
        self.diagnostics
            .error(
                Code::NonScalarKey,
                &place,
                "a list or a mapping cannot be a key",
            )
            .label("expected text as the key")
            .help("put quotes around the key if it is text with brackets or braces");
        self.set_key(Key::Refused);
    }

    /// The members of a mapping with those that its `<<` adds. Each of them was counted when its alias was met.
    fn merge(&mut self, own: Vec<Entry>, merges: &[Merge]) -> Vec<Entry> {
        let [first, others @ ..] = merges else {
            return own;
        };
        for merge in others.iter().take(MAX_FAULTS) {
            let place = self.place(merge.key_span).join("<<", merge.key_span);
            self.diagnostics
                .error(
                    Code::DuplicateKey,
                    &place,
                    "the key `<<` is given twice in one mapping",
                )
                .label("given again here")
                .related(first.key_span, "first given here")
                .help("merge several mappings with a list: `<<: [*first, *second]`");
        }
        let (entries, refused) = merged(own, merges);
        for node in refused.iter().take(MAX_FAULTS) {
            // Where a part of the file is missing, a null stands for it, and its reason is told already.
            if self.incomplete && matches!(node.value, Value::Null) {
                continue;
            }
            let place = self.place(node.span).join("<<", node.span);
            self.diagnostics
                .error(
                    Code::WrongKind,
                    &place,
                    format!("`<<` merges mappings, found {}", node.kind()),
                )
                .label("not a mapping")
                .help("write `<<: *name` where `&name` is a mapping, or `\"<<\"` in quotes if the key is meant");
        }
        entries
    }

    fn report_repeated(&mut self, repeated: &[(Span, Entry)]) {
        for (first, entry) in repeated.iter().take(MAX_FAULTS) {
            let place = self.place(entry.key_span).join(&entry.key, entry.key_span);
            self.diagnostics
                .error(
                    Code::DuplicateKey,
                    &place,
                    format!("the key `{}` is given twice in one mapping", entry.key),
                )
                .label("given again here")
                .related(*first, "first given here")
                .help("merge the two, or rename one");
        }
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), GivenUp> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes <= MAX_NODES && self.faults <= MAX_FAULTS {
            return Ok(());
        }
        let place = self.place(span);
        if self.nodes <= MAX_NODES {
            self.diagnostics
                .error(
                    Code::TooLarge,
                    &place,
                    format!("the file has more than {MAX_FAULTS} faults"),
                )
                .label("the rest is not read");
            return Err(GivenUp);
        }
        self.diagnostics
            .error(
                Code::TooLarge,
                &place,
                format!("the file has more than {MAX_NODES} nodes"),
            )
            .label("the limit is passed here")
            .help("split the document into several files");
        Err(GivenUp)
    }

    /// Reports that collections nest too deep.
    pub(super) fn too_deep(&mut self, span: Span) -> GivenUp {
        let place = self.place(span);
        self.diagnostics
            .error(
                Code::TooDeep,
                &place,
                format!("lists and mappings nest deeper than {MAX_DEPTH} levels"),
            )
            .label("the limit is passed here");
        GivenUp
    }
}
