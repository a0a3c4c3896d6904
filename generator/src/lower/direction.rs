//! Read and write: which schemas differ between requests and responses, decided by the schemas alone.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::Lowering;
use crate::document::{Reference, Schema};

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
    /// Whether the schema says something else for requests than for responses: a member below it is readOnly or
    /// writeOnly.
    pub(super) fn is_split(&mut self, schema: &Rc<Schema>) -> bool {
        let mut rest = Vec::new();
        if marks(schema, false, &mut rest) {
            return true;
        }
        // The graph of references is walked once for each schema that is not known yet; what is found holds for all
        // that were reached where it is `false`.
        let mut reached: HashSet<String> = HashSet::new();
        let mut found = false;
        while let Some((reference, is_member)) = rest.pop() {
            let Some(target) = self.references.schema(&reference, self.diagnostics) else {
                continue;
            };
            if is_member && (target.read_only || target.write_only) {
                found = true;
                break;
            }
            let key = super::schema::key(&target);
            match self.directions.split.get(&key) {
                Some(true) => {
                    found = true;
                    break;
                }
                Some(false) => continue,
                None => {}
            }
            if !reached.insert(key.clone()) {
                continue;
            }
            if marks(&target, is_member, &mut rest) {
                self.directions.split.insert(key, true);
                found = true;
                break;
            }
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

/// Whether a member below the schema is marked, references aside; collects the references, each with whether it stands
/// for a member itself.
fn marks(schema: &Rc<Schema>, is_member: bool, references: &mut Vec<(Reference, bool)>) -> bool {
    if is_member && (schema.read_only || schema.write_only) {
        return true;
    }
    references.extend(schema.references().map(|it| (it.clone(), is_member)));
    let members = schema.properties.iter().map(|(_, schema)| (schema, true));
    let patterned = schema
        .pattern_properties
        .iter()
        .map(|(_, schema)| (schema, true));
    // What stands in `allOf` and its like is about the same value.
    let same = [&schema.all_of, &schema.any_of, &schema.one_of]
        .into_iter()
        .flatten()
        .flat_map(|list| &list.value)
        .map(|schema| (schema, is_member));
    let dependent = schema
        .dependent_schemas
        .iter()
        .map(|(_, schema)| (schema, false));
    let items = schema
        .prefix_items
        .iter()
        .flat_map(|list| &list.value)
        .map(|schema| (schema, false));
    let single = [
        &schema.items,
        &schema.contains,
        &schema.unevaluated_items,
        &schema.additional_properties,
        &schema.unevaluated_properties,
        &schema.if_,
        &schema.then,
        &schema.else_,
        &schema.content_schema,
    ]
    .into_iter()
    .flatten()
    .map(|schema| (schema, false));
    members
        .chain(patterned)
        .chain(same)
        .chain(dependent)
        .chain(items)
        .chain(single)
        .any(|(schema, is_member)| marks(schema, is_member, references))
}
