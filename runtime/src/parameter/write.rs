//! Writes texts and what belongs together as nodes.

use std::borrow::Cow;

use super::{Coercion, Shape, source::Fault};
use crate::{
    decode::Keyword,
    node::{Kind, SyntaxErrorKind, Tree, TreeBuilder},
};

/// Writes values; the first fault is kept, and the nodes go on, so that the tree stays whole.
pub(super) struct Writer<'b> {
    pub(super) builder: &'b mut TreeBuilder,
    pub(super) coercion: Coercion,
    pub(super) fault: Option<Fault>,
}

impl<'b> Writer<'b> {
    pub(super) fn new(builder: &'b mut TreeBuilder, coercion: Coercion) -> Self {
        Self {
            builder,
            coercion,
            fault: None,
        }
    }

    pub(super) fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// Writes a text as the first of the shapes that takes one.
    pub(super) fn text(&mut self, text: &str, shapes: &[Shape]) {
        match shapes.first() {
            Some(Shape::Json) => {
                self.json(text);
            }
            Some(shape) => {
                let text = self.coercion.apply(Cow::Borrowed(text), shape);
                self.builder.text(&text);
            }
            None => self.builder.text(text),
        }
    }

    /// Writes what a JSON text says. The containers that are open around it count against the limit of nesting.
    pub(super) fn json(&mut self, text: &str) -> Kind {
        match Tree::parse_within(text.as_bytes(), self.builder.depth()) {
            Ok(tree) => {
                self.builder.copy(tree.root());
                tree.root().kind()
            }
            Err(error) => {
                let detail = match error.kind() {
                    SyntaxErrorKind::TooDeep => Cow::Borrowed("must not be nested too deeply"),
                    _ => format!("must be JSON: {error}").into(),
                };
                self.fail((Keyword::Syntax, detail));
                self.builder.null();
                Kind::Null
            }
        }
    }
}
