//! The tree of a pattern: ECMA-262, section 22.2.1 "Patterns", with escapes and classes already resolved.

use regex_syntax::hir::ClassUnicode;

/// A part of a pattern and where it starts.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// In bytes from the start of the pattern; of a repetition, where its quantifier starts.
    pub(super) offset: usize,
    pub(super) kind: Kind,
}

/// What a part of a pattern is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Matches the empty text.
    Empty,
    /// One character.
    Char(char),
    /// One character of a class.
    Class(Class),
    /// `^`.
    Start,
    /// `$`.
    End,
    /// `\b` and `\B`.
    WordBoundary {
        negated: bool,
    },
    /// `(?=`, `(?!`, `(?<=` and `(?<!`.
    Look {
        ahead: bool,
        negated: bool,
        body: Box<Node>,
    },
    /// A group; `index` counts capturing groups from 1.
    Group {
        index: Option<u32>,
        body: Box<Node>,
    },
    /// The text that a group has captured.
    Backreference(u32),
    /// A repetition; `max` of `None` is without end. Greed never changes whether a text matches.
    Repeat {
        min: u32,
        max: Option<u32>,
        body: Box<Node>,
    },
    Concat(Vec<Node>),
    Alternation(Vec<Node>),
}

/// A set of characters, and how it is written when properties have a part in it.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) set: ClassUnicode,
    /// The class in the syntax of `regex`, with properties by name; absent where the ranges are the better text.
    pub(super) symbolic: Option<String>,
}

impl Node {
    /// Makes a node.
    pub(super) fn new(offset: usize, kind: Kind) -> Self {
        Self { offset, kind }
    }

    /// The parts of this node, in the order of the text.
    pub(super) fn children(&self) -> &[Self] {
        match &self.kind {
            Kind::Look { body, .. } | Kind::Group { body, .. } | Kind::Repeat { body, .. } => {
                std::slice::from_ref(body)
            }
            Kind::Concat(parts) | Kind::Alternation(parts) => parts,
            Kind::Empty
            | Kind::Char(_)
            | Kind::Class(_)
            | Kind::Start
            | Kind::End
            | Kind::WordBoundary { .. }
            | Kind::Backreference(_) => &[],
        }
    }
}
