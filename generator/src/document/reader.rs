//! The reader: a tree becomes the specification's nouns, and what is wrong with it becomes diagnostics.
//!
//! **Invariant:** reading is total. An unusable part is a diagnostic and an absence; the rest is read. `source` bounds how
//! deep a tree is and how often aliases repeat, so plain recursion is safe here.

mod content;
mod member;
mod operation;
mod parameter;
mod root;
mod schema;
mod security;
mod server;

pub use root::read_document;
pub use security::check_security;

use std::rc::Rc;

use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics},
    source::{Mapping, Node, Place, Pointer, Span, Value},
};

use super::{Dialect, Literal, Located, Members, OrReference, Reference, Scope, spelling, token};

/// Reads objects in the dialect of the file that they stand in, or of the file that refers to them.
pub struct Reader<'a> {
    diagnostics: &'a mut Diagnostics,
    pub(super) dialect: Dialect,
    /// The schemas around the one being read that have `$recursiveAnchor: true`, the innermost last.
    recursive_anchors: Vec<Pointer>,
    /// The dynamic scope of what is read.
    scope: Scope,
}

/// A member of a mapping, on its way to be read.
#[derive(Clone, Copy)]
struct Field<'n> {
    parent: &'n Place,
    key: &'n Rc<str>,
    span: Span,
    node: &'n Rc<Node>,
}

impl Field<'_> {
    /// The place of the member. Made when needed: most members are scalars without a fault.
    fn place(&self) -> Place {
        self.parent.join(self.key, self.span)
    }
}

impl<'a> Reader<'a> {
    /// A reader that reports to `diagnostics`.
    pub fn new(diagnostics: &'a mut Diagnostics, dialect: Dialect) -> Self {
        Self {
            diagnostics,
            dialect,
            recursive_anchors: Vec::new(),
            scope: Scope::default(),
        }
    }

    /// Reads schemas in a dynamic scope.
    #[must_use]
    pub fn in_scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    pub(super) fn error(
        &mut self,
        code: Code,
        place: &Place,
        headline: impl Into<String>,
    ) -> &mut Diagnostic {
        self.diagnostics.error(code, place, headline)
    }

    pub(super) fn warning(
        &mut self,
        code: Code,
        place: &Place,
        headline: impl Into<String>,
    ) -> &mut Diagnostic {
        self.diagnostics.warning(code, place, headline)
    }

    /// The members of a mapping; an error where `node` is none.
    fn mapping<'n>(&mut self, node: &'n Node, place: &Place, what: &str) -> Option<&'n Mapping> {
        let Value::Mapping(mapping) = &node.value else {
            self.wrong_kind(node, place, what, "a mapping");
            return None;
        };
        Some(mapping)
    }

    /// The members of a mapping on their way; none and an error where `node` is no mapping.
    fn fields<'n>(
        &mut self,
        node: &'n Node,
        place: &'n Place,
        what: &str,
    ) -> Option<impl Iterator<Item = Field<'n>> + use<'n>> {
        Some(fields(self.mapping(node, place, what)?, place))
    }

    /// The items of a list with their places; none and an error where `node` is no list.
    fn items<'n>(
        &mut self,
        node: &'n Node,
        place: &'n Place,
        what: &str,
    ) -> Option<impl Iterator<Item = (&'n Rc<Node>, Place)> + use<'n>> {
        let Value::Sequence(items) = &node.value else {
            self.wrong_kind(node, place, what, "a list");
            return None;
        };
        let located = items.iter().enumerate();
        Some(located.map(move |(index, item)| (item, place.join(&index.to_string(), item.span))))
    }

    fn wrong_kind(
        &mut self,
        node: &Node,
        place: &Place,
        what: &str,
        expected: &str,
    ) -> &mut Diagnostic {
        let found = node.kind();
        self.error(
            Code::WrongKind,
            place,
            format!("{what} must be {expected}, found {found}"),
        )
        .label(format!("expected {expected}, found {found}"))
    }

    /// Whether nothing was written after a key, as where every item is commented out; a warning where so.
    fn is_blank(&mut self, field: &Field<'_>) -> bool {
        let blank = matches!(field.node.value, Value::Null);
        if blank {
            self.warning(
                Code::WrongKind,
                &field.place(),
                format!("`{}` has no value; it is read as empty", field.key),
            )
            .help("leave it out, or write `[]` or `{}`");
        }
        blank
    }

    /// A member that the object does not have: an error where a known one was meant, else a warning.
    fn unknown_field(
        &mut self,
        field: &Field<'_>,
        what: &str,
        siblings: &Mapping,
        known: &[&'static str],
    ) {
        let key = field.key;
        if &**key == "<<" {
            // The key of YAML's merging has its own diagnostic.
            return;
        }
        let present = |name: &str| siblings.get(name).is_some();
        let place = field.place();
        match spelling::nearest(key, known, present) {
            Some((meant, _)) => {
                self.error(
                    Code::MisspeltField,
                    &place,
                    format!("{what} has no field `{key}`"),
                )
                .label(format!("did you mean `{meant}`?"))
                .help(format!(
                    "write `{meant}`, or `x-{key}` for a field of your own"
                ));
            }
            None => {
                self.warning(
                    Code::UnknownField,
                    &place,
                    format!("{what} has no field `{key}`; it is ignored"),
                )
                .help(format!("write `x-{key}` for a field of your own"));
            }
        }
    }

    /// A field that came with a version after this document's: what it says is read, since its meaning is clear.
    fn newer_field(&mut self, field: &Field<'_>, since: Dialect) {
        self.newer(&field.place(), &format!("`{}`", field.key), since);
    }

    /// As [`newer_field`](Self::newer_field), for what is no field.
    fn newer(&mut self, place: &Place, what: &str, since: Dialect) {
        if self.dialect < since {
            let (since, ours) = (since.as_str(), self.dialect.as_str());
            self.warning(
                Code::NewerField,
                place,
                format!("{what} came with OpenAPI {since}; this document says {ours}"),
            )
            .help(format!(
                "write `openapi: {since}.0` at the root of the document"
            ));
        }
    }

    /// A field of OpenAPI 3.2 whose meaning the generated server does not carry out.
    fn unsupported(&mut self, place: &Place, headline: &str) {
        self.error(
            Code::UnsupportedFeature,
            place,
            format!("{headline} is not supported yet"),
        );
    }

    /// The reference of an object that holds one: `Err` where it holds none, `Ok(None)` where it is unusable.
    fn reference(
        &mut self,
        node: &Node,
        place: &Place,
        allowed: &[&str],
    ) -> Result<Option<Reference>, ()> {
        let entry = node.get("$ref").ok_or(())?;
        let Some(siblings) = node.as_mapping() else {
            return Err(());
        };
        let ignored: Vec<_> = siblings
            .entries()
            .iter()
            .map(|entry| &*entry.key)
            .filter(|key| *key != "$ref" && !key.starts_with("x-") && !allowed.contains(key))
            .map(|key| format!("`{key}`"))
            .collect();
        if !ignored.is_empty() {
            let ignored = ignored.join(", ");
            self.warning(
                Code::IgnoredField,
                place,
                format!("{ignored} beside `$ref` is ignored"),
            )
            .label("a reference stands alone here");
        }
        let field = Field {
            parent: place,
            key: &entry.key,
            span: entry.key_span,
            node: &entry.value,
        };
        Ok(self.reference_target(&field))
    }

    /// The value of a `$ref` or another field that refers.
    fn reference_target(&mut self, field: &Field<'_>) -> Option<Reference> {
        let target = self.string(field)?;
        let place = field.place();
        Some(Reference {
            scope: self.scope,
            ..Reference::new(target, place)
        })
    }

    /// An object or a reference to one.
    fn or_reference<T>(
        &mut self,
        node: &Rc<Node>,
        place: &Place,
        read: impl FnOnce(&mut Self, &Rc<Node>, &Place) -> Option<T>,
    ) -> Option<OrReference<T>> {
        match self.reference(node, place, &["summary", "description"]) {
            Ok(reference) => reference.map(OrReference::Reference),
            Err(()) => read(self, node, place).map(|object| OrReference::Inline(Rc::new(object))),
        }
    }
}

/// Whether the reader has a use for this field in some object, be it to leave it out on purpose.
pub(super) fn is_known_field(name: &str) -> bool {
    const OBJECTS: [&[&str]; 16] = [
        root::ROOT,
        root::INFO,
        server::SERVER,
        server::VARIABLE,
        root::TAG,
        root::COMPONENTS,
        operation::PATH_ITEM,
        operation::OPERATION,
        operation::REQUEST_BODY,
        operation::RESPONSE,
        operation::LINK,
        parameter::PARAMETER,
        parameter::HEADER,
        content::MEDIA_TYPE,
        content::ENCODING,
        security::SCHEME,
    ];
    const OTHERS: &[&str] = &[
        "propertyName",
        "mapping",
        "title",
        "xml",
        "$comment",
        "$schema",
        "definitions",
        "example",
        "examples",
        "value",
        "externalValue",
    ];
    let known =
        OBJECTS
            .iter()
            .chain(&[schema::ASSERTIONS, security::FLOWS, security::FLOW, OTHERS]);
    known.copied().flatten().any(|known| *known == name)
}

/// The members of a mapping on their way to be read.
fn fields<'n>(
    mapping: &'n Mapping,
    parent: &'n Place,
) -> impl Iterator<Item = Field<'n>> + use<'n> {
    mapping.entries().iter().map(move |entry| Field {
        parent,
        key: &entry.key,
        span: entry.key_span,
        node: &entry.value,
    })
}

fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

fn literal(field: &Field<'_>) -> Literal {
    Located {
        value: Rc::clone(field.node),
        place: field.place(),
    }
}

fn push_extension(extensions: &mut Members<Literal>, field: &Field<'_>) {
    extensions.push((Rc::clone(field.key), literal(field)));
}
