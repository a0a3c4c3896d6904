//! Read and write: which schemas differ between requests and responses, decided by the schemas alone.

use std::collections::{BTreeSet, HashMap, HashSet};
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
    /// To the server as a merge patch (RFC 7396): as `Write`, and what is absent stays as it is, so that no default
    /// stands for it.
    Patch,
}

impl Direction {
    /// Whether a member with these annotations belongs to another direction.
    pub(super) fn leaves_out(self, read_only: bool, write_only: bool) -> bool {
        match self {
            Self::Read => write_only,
            Self::Write | Self::Patch => read_only,
        }
    }
}

/// Whether a schema that holds lets the value pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sense {
    /// It does.
    #[default]
    Positive,
    /// It is turned round, as below `not`.
    Negative,
    /// It may go either way, as the condition of `if`.
    Exact,
}

impl Sense {
    /// The sense of what stands below a `not`.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Positive => Self::Negative,
            Self::Negative => Self::Positive,
            Self::Exact => Self::Exact,
        }
    }
}

/// The members of the value at hand that belong to another direction, so that nobody may be asked for them.
///
/// A schema that asks for one is taken not to, where that only lets more values pass. Where it would let fewer pass, or
/// choose another branch, the member is what it is: absent.
#[derive(Clone, Debug, Default)]
pub(super) struct LeftOut {
    pub(super) names: BTreeSet<Rc<str>>,
    pub(super) sense: Sense,
    /// Those that are absent in every sense, since branches are told apart by them.
    absent: BTreeSet<Rc<str>>,
}

impl LeftOut {
    /// The same for a part of the value, whose members are other ones.
    pub(super) fn of_part(&self) -> Self {
        Self {
            sense: self.sense,
            ..Self::default()
        }
    }

    /// The same for the branches of a `oneOf`, of which one more that accepts is one too many.
    pub(super) fn in_one_of(&self, branches: &[Rc<Schema>]) -> Self {
        let mut inner = self.clone();
        if self.sense != Sense::Positive {
            inner.sense = Sense::Exact;
        }
        // Where every branch asks for one, none could accept, so it is asked for by none.
        let asks = |branch: &Rc<Schema>| {
            branch
                .required
                .iter()
                .any(|it| self.names.contains(&it.value))
        };
        if !branches.iter().all(asks) {
            inner.absent.clone_from(&self.names);
        }
        inner
    }

    /// What is to be asked for where these members are; `None` where one of them is, and is absent.
    pub(super) fn asked<'n>(
        &self,
        names: impl Iterator<Item = &'n Rc<str>>,
    ) -> Option<Vec<String>> {
        let mut asked = Vec::new();
        for name in names {
            if !self.names.contains(name) {
                asked.push(name.to_string());
            } else if self.sense != Sense::Positive || self.absent.contains(name) {
                return None;
            }
        }
        Some(asked)
    }
}

/// What makes a schema say something else in another direction.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Mark {
    /// A member is readOnly or writeOnly.
    Access,
    /// A member has a default.
    Default,
}

impl Mark {
    fn is_on(self, schema: &Schema) -> bool {
        match self {
            Self::Access => schema.read_only || schema.write_only,
            Self::Default => schema.default.is_some(),
        }
    }
}

/// What is known of which schemas are split.
#[derive(Default)]
pub(super) struct Directions {
    /// By the key of a referenced schema, and whether it stands for a member itself: whether it, or a member below it, has
    /// the mark.
    marked: HashMap<(Mark, String, bool), bool>,
}

impl Lowering<'_> {
    /// The direction that makes a difference for the schemas: `Read` is what all of them have.
    pub(super) fn direction_of(
        &mut self,
        schemas: &[Rc<Schema>],
        direction: Direction,
    ) -> Direction {
        let mut is = |mark| schemas.iter().any(|schema| self.is_marked(schema, mark));
        match direction {
            Direction::Patch if is(Mark::Default) => Direction::Patch,
            Direction::Patch | Direction::Write if is(Mark::Access) => Direction::Write,
            _ => Direction::Read,
        }
    }

    /// As [`direction_of`](Self::direction_of), for a schema that is reached by a reference; remembered.
    pub(super) fn direction_of_target(
        &mut self,
        schema: &Rc<Schema>,
        direction: Direction,
    ) -> Direction {
        let key = super::schema::key(schema);
        let mut is = |mark| {
            let key = (mark, key.clone(), false);
            if let Some(is_marked) = self.directions.marked.get(&key) {
                return *is_marked;
            }
            let is_marked = self.is_marked(schema, mark);
            self.directions.marked.insert(key, is_marked);
            is_marked
        };
        match direction {
            Direction::Patch if is(Mark::Default) => Direction::Patch,
            Direction::Patch | Direction::Write if is(Mark::Access) => Direction::Write,
            _ => Direction::Read,
        }
    }

    /// Whether a member below the schema has the mark.
    fn is_marked(&mut self, schema: &Rc<Schema>, mark: Mark) -> bool {
        let mut rest = Vec::new();
        if marks(schema, mark, false, &mut rest) {
            return true;
        }
        // The graph of references is walked once for each schema that is not known yet; what is found holds for all
        // that were reached where it is `false`.
        let mut reached: HashSet<(String, bool)> = HashSet::new();
        let mut found = false;
        while let Some((reference, is_member)) = rest.pop() {
            let Some(target) = self.references.schema(&reference, self.diagnostics) else {
                continue;
            };
            if is_member && mark.is_on(&target) {
                found = true;
                break;
            }
            let key = super::schema::key(&target);
            match self.directions.marked.get(&(mark, key.clone(), is_member)) {
                Some(true) => {
                    found = true;
                    break;
                }
                Some(false) => continue,
                None => {}
            }
            if !reached.insert((key.clone(), is_member)) {
                continue;
            }
            if marks(&target, mark, is_member, &mut rest) {
                self.directions.marked.insert((mark, key, is_member), true);
                found = true;
                break;
            }
        }
        if !found {
            let reached = reached
                .into_iter()
                .map(|(key, is_member)| ((mark, key, is_member), false));
            self.directions.marked.extend(reached);
        }
        found
    }
}

/// Whether a member below the schema is marked, references aside; collects the references, each with whether it stands
/// for a member itself.
fn marks(
    schema: &Rc<Schema>,
    mark: Mark,
    is_member: bool,
    references: &mut Vec<(Reference, bool)>,
) -> bool {
    if is_member && mark.is_on(schema) {
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
        &schema.not,
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
        .any(|(schema, is_member)| marks(schema, mark, is_member, references))
}
