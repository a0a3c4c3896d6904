//! What generated code hands to checks: names of types, and JSON values of the document.

use std::sync::OnceLock;

use crate::{
    node::{Kind, Node, Tree},
    number,
};

/// JSON Schema's names of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the type of its name")]
pub enum TypeName {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl TypeName {
    /// Whether the node is of this type. A parameter's text is of every type that it can be read as.
    pub fn admits(self, node: Node<'_>) -> bool {
        match (self, node.kind()) {
            (Self::Null, Kind::Null)
            | (Self::Boolean, Kind::True | Kind::False)
            | (Self::Number, Kind::Number)
            | (Self::String, Kind::String | Kind::Text)
            | (Self::Array, Kind::Array)
            | (Self::Object, Kind::Object) => true,
            (Self::Integer, Kind::Number) => node.number().is_some_and(number::is_integer),
            (Self::Boolean, Kind::Text) => {
                matches!(node.as_str().as_deref(), Some("true" | "false"))
            }
            (Self::Number, Kind::Text) => node
                .as_str()
                .is_some_and(|text| number::Decimal::parse(&text).is_some()),
            (Self::Integer, Kind::Text) => node.as_str().is_some_and(|text| {
                number::Decimal::parse(&text).is_some() && number::is_integer(&text)
            }),
            _ => false,
        }
    }
}

/// The values of an `enum` or `const`, parsed when they are first needed.
#[derive(Debug)]
pub struct Values {
    json: &'static str,
    tree: OnceLock<Option<Tree<'static>>>,
}

impl Values {
    /// The values of this JSON array.
    pub const fn new(json: &'static str) -> Self {
        Self {
            json,
            tree: OnceLock::new(),
        }
    }

    /// Whether the node equals one of them, as JSON values do; a parameter's text equals a value that is written so.
    pub(super) fn contain(&self, node: Node<'_>) -> bool {
        let tree = self
            .tree
            .get_or_init(|| Tree::parse(self.json.as_bytes()).ok());
        let Some(tree) = tree else { return false };
        tree.root().items().any(|value| {
            if node.kind() == Kind::Text {
                let text = node.as_str();
                match value.kind() {
                    Kind::String => value.as_str() == text,
                    Kind::True => text.as_deref() == Some("true"),
                    Kind::False => text.as_deref() == Some("false"),
                    Kind::Number => {
                        let text = text.unwrap_or_default();
                        number::Decimal::parse(&text).is_some_and(|number| {
                            value.number().and_then(number::Decimal::parse) == Some(number)
                        })
                    }
                    _ => false,
                }
            } else {
                value.equals(node)
            }
        })
    }
}
