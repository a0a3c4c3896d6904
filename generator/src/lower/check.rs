//! Which checks a schema's keywords become, and what tests a pattern.

use std::rc::Rc;

use super::{Lowering, facet::Facets};
use crate::{
    diagnostic::Code,
    document::{Located, Schema},
    ir::{Check, PatternDef, PatternId},
    pattern::{self, Pattern},
};

impl Lowering<'_> {
    pub(super) fn gather_checks(&mut self, schema: &Rc<Schema>, facets: &mut Facets) {
        type Numeric<'s> = (&'s Option<Located<Rc<str>>>, fn(String) -> Check);
        let numeric: [Numeric<'_>; 5] = [
            (&schema.minimum, Check::Minimum),
            (&schema.maximum, Check::Maximum),
            (&schema.exclusive_minimum, Check::ExclusiveMinimum),
            (&schema.exclusive_maximum, Check::ExclusiveMaximum),
            (&schema.multiple_of, Check::MultipleOf),
        ];
        for (value, check) in numeric {
            if let Some(value) = value {
                add(&mut facets.numeric, check(value.value.to_string()));
            }
        }
        if let Some(least) = &schema.min_length
            && least.value > 0
        {
            add(&mut facets.textual, Check::MinLength(least.value));
        }
        if let Some(most) = &schema.max_length {
            add(&mut facets.textual, Check::MaxLength(most.value));
        }
        if let Some(pattern) = &schema.pattern
            && let Some(id) = self.pattern(pattern)
        {
            add(&mut facets.textual, Check::Pattern(id));
        }
        if let Some(least) = &schema.min_items
            && least.value > 0
        {
            add(&mut facets.array, Check::MinItems(least.value));
        }
        if let Some(most) = &schema.max_items {
            add(&mut facets.array, Check::MaxItems(most.value));
        }
        if schema.unique_items.as_ref().is_some_and(|it| it.value) {
            add(&mut facets.array, Check::UniqueItems);
        }
        if let Some(least) = &schema.min_properties
            && least.value > 0
        {
            add(&mut facets.object, Check::MinProperties(least.value));
        }
        if let Some(most) = &schema.max_properties {
            add(&mut facets.object, Check::MaxProperties(most.value));
        }
    }

    /// What tests a pattern; each pattern is translated once. `None` where it accepts everything, or is invalid and
    /// was reported.
    pub(super) fn pattern(&mut self, source: &Located<Rc<str>>) -> Option<PatternId> {
        if let Some(known) = self.pattern_ids.get(&*source.value) {
            return *known;
        }
        let id = match pattern::translate(&source.value) {
            Ok(Pattern::Any) => None,
            Ok(pattern) => {
                self.patterns.push(PatternDef {
                    source: source.value.to_string(),
                    pattern,
                });
                Some(PatternId(self.patterns.len() - 1))
            }
            Err(error) => {
                self.diagnostics
                    .error(
                        Code::InvalidPattern,
                        &source.place,
                        format!(
                            "`{}` is not a regular expression that can be enforced",
                            source.value
                        ),
                    )
                    .label(format!("at offset {}: {}", error.offset, error.message));
                None
            }
        };
        self.pattern_ids.insert(source.value.to_string(), id);
        id
    }
}

fn add(checks: &mut Vec<Check>, check: Check) {
    if !checks.contains(&check) {
        checks.push(check);
    }
}
