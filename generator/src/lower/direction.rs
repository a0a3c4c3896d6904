//! Read and write: which schemas differ between requests and responses, decided by the schemas alone.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::Lowering;
use crate::document::Schema;

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Direction {
    /// From the server: without writeOnly members.
    Read,
    /// To the server: without readOnly members.
    Write,
}

/// What is known of which schemas are split.
#[derive(Default)]
pub(super) struct Directions {
    /// By the key of a referenced schema: whether something below it is readOnly or writeOnly.
    split: HashMap<String, bool>,
}

impl Lowering<'_> {
    /// Whether the schema says something else for requests than for responses.
    pub(super) fn is_split(&mut self, schema: &Rc<Schema>) -> bool {
        let mut references = Vec::new();
        if marks(schema, &mut references) {
            return true;
        }
        // The graph of references is walked once for each schema that is not known yet; what is found holds for all
        // that were reached where it is `false`.
        let mut reached: Vec<String> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut rest = references;
        let mut found = false;
        while let Some(reference) = rest.pop() {
            let Some(target) = self.references.schema(&reference, self.diagnostics) else {
                continue;
            };
            let key = super::schema::key(&target);
            match self.directions.split.get(&key) {
                Some(true) => {
                    found = true;
                    break;
                }
                Some(false) => continue,
                None => {}
            }
            if !seen.insert(key.clone()) {
                continue;
            }
            reached.push(key.clone());
            let mut below = Vec::new();
            if marks(&target, &mut below) {
                self.directions.split.insert(key, true);
                found = true;
                break;
            }
            rest.extend(below);
        }
        if !found {
            self.directions
                .split
                .extend(reached.into_iter().map(|key| (key, false)));
        }
        found
    }

    /// Whether the schema, which is reached by a reference, is split; remembered.
    pub(super) fn is_target_split(&mut self, key: &str, schema: &Rc<Schema>) -> bool {
        if let Some(split) = self.directions.split.get(key) {
            return *split;
        }
        let split = self.is_split(schema);
        self.directions.split.insert(key.to_owned(), split);
        split
    }
}

/// Whether the schema itself, references aside, marks a member; collects the references that it holds.
fn marks(schema: &Rc<Schema>, references: &mut Vec<crate::document::Reference>) -> bool {
    if schema.read_only || schema.write_only {
        return true;
    }
    references.extend(schema.reference.clone());
    subschemas(schema)
        .iter()
        .any(|schema| marks(schema, references))
}

/// The schemas directly below a schema that apply to it or to its parts.
pub(super) fn subschemas(schema: &Schema) -> Vec<&Rc<Schema>> {
    let mut all: Vec<&Rc<Schema>> = Vec::new();
    for list in [
        &schema.all_of,
        &schema.any_of,
        &schema.one_of,
        &schema.prefix_items,
    ]
    .into_iter()
    .flatten()
    {
        all.extend(&list.value);
    }
    all.extend(schema.properties.iter().map(|(_, schema)| schema));
    all.extend(schema.pattern_properties.iter().map(|(_, schema)| schema));
    all.extend(schema.dependent_schemas.iter().map(|(_, schema)| schema));
    let single = [
        &schema.items,
        &schema.contains,
        &schema.unevaluated_items,
        &schema.additional_properties,
        &schema.property_names,
        &schema.unevaluated_properties,
        &schema.not,
        &schema.if_,
        &schema.then,
        &schema.else_,
        &schema.content_schema,
    ];
    all.extend(single.into_iter().flatten());
    all
}
