//! Whether defaults and examples are values of their own schemas, with references followed.

use std::rc::Rc;

use super::{Lowering, reference::References};
use crate::{
    diagnostic::{Code, Diagnostics},
    document::{Beyond, Judge, Located, Reference, Schema, fault},
    pattern,
    source::{Node, Place},
};

/// How many references one value is judged through, so that none leads around in a circle.
const LONGEST_CHAIN: usize = 256;

/// Follows references, and tries patterns.
struct Everything<'a, 'r> {
    references: &'a mut References<'r>,
    diagnostics: &'a mut Diagnostics,
    followed: usize,
}

impl Beyond for Everything<'_, '_> {
    fn schema(&mut self, reference: &Reference) -> Option<Rc<Schema>> {
        self.followed += 1;
        if self.followed > LONGEST_CHAIN {
            return None;
        }
        // What is wrong with a reference is said once, wherever it is followed first.
        self.references.schema(reference, self.diagnostics)
    }

    fn matches(&mut self, pattern: &str, text: &str) -> Option<bool> {
        pattern::matches(pattern, text)
    }
}

impl Lowering<'_> {
    /// Why a schema refuses a value of the document, in words that follow "the default".
    pub(super) fn literal_fault(&mut self, schema: &Schema, value: &Node) -> Option<String> {
        let mut everything = Everything {
            references: &mut self.references,
            diagnostics: self.diagnostics,
            followed: 0,
        };
        fault(schema, value, &mut Judge::new(&mut everything))
    }

    /// Warns of examples that the schema refuses, once.
    pub(super) fn check_examples(&mut self, schema: &Rc<Schema>) {
        if schema.examples.is_empty()
            || !self
                .references
                .is_news(format!("examples {}", super::schema::key(schema)))
        {
            return;
        }
        self.warn_of_examples(schema, &schema.examples);
    }

    /// Warns of examples of a parameter or content that its schema refuses, once.
    pub(super) fn check_examples_of(
        &mut self,
        place: &Place,
        schema: &Rc<Schema>,
        examples: &[Located<Rc<Node>>],
    ) {
        let news = format!("examples {}#{}", place.span.file.0, place.pointer);
        if !examples.is_empty() && self.references.is_news(news) {
            self.warn_of_examples(schema, examples);
        }
    }

    fn warn_of_examples(&mut self, schema: &Rc<Schema>, examples: &[Located<Rc<Node>>]) {
        for example in examples {
            if let Some(fault) = self.literal_fault(schema, &example.value) {
                self.diagnostics
                    .warning(
                        Code::InvalidExample,
                        &example.place,
                        format!("the example {fault}"),
                    )
                    .label("this value would be refused")
                    .help("write an example that the schema allows");
            }
        }
    }
}
