//! Values that were sent apart and belong together: members of an object, items below brackets.

use std::borrow::Cow;

use indexmap::IndexMap;

use super::{Shape, source::Fault, write::Writer};
use crate::decode::Keyword;

/// So many brackets may follow each other in a key. The specification knows one (OAS 3.2, Style Values, `deepObject`).
pub(super) const DEEPEST: usize = 16;

const BRACKETS: Fault = (
    Keyword::Style,
    Cow::Borrowed("must have matching brackets, 16 at most, after the name"),
);
const MIXED: Fault = (
    Keyword::Style,
    Cow::Borrowed("must not have a value and members at one place"),
);

/// What stands at one place.
#[derive(Debug, Default)]
pub(super) struct Group<'r> {
    /// The texts that were sent for the place itself.
    texts: Vec<Cow<'r, str>>,
    /// What was sent for places below it.
    members: IndexMap<Cow<'r, str>, Self>,
}

impl<'r> Group<'r> {
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.members.is_empty()
    }

    /// Adds a text of a member.
    pub(super) fn push(&mut self, key: Cow<'r, str>, text: Cow<'r, str>) {
        self.members.entry(key).or_default().texts.push(text);
    }

    /// Adds a text where the brackets say: `[status]`, or `[a][b]`, `[]` and `[0]` as frameworks write them.
    ///
    /// # Errors
    ///
    /// The brackets do not match, or what stands there already excludes the text.
    pub(super) fn push_at(&mut self, brackets: &str, text: Cow<'r, str>) -> Result<(), Fault> {
        let mut place = self;
        let mut rest = brackets;
        let mut depth = 0;
        while !rest.is_empty() {
            let (step, tail) = rest
                .strip_prefix('[')
                .and_then(|rest| rest.split_once(']'))
                .filter(|(step, _)| !step.contains('[') && depth < DEEPEST)
                .ok_or(BRACKETS)?;
            if !place.texts.is_empty() {
                return Err(MIXED);
            }
            place = place
                .members
                .entry(Cow::Owned(step.to_owned()))
                .or_default();
            rest = tail;
            depth += 1;
        }
        if !place.members.is_empty() {
            return Err(MIXED);
        }
        place.texts.push(text);
        Ok(())
    }

    /// The members with their keys.
    pub(super) fn members(&self) -> impl Iterator<Item = (&Cow<'r, str>, &Self)> {
        self.members.iter()
    }

    /// Writes an object of the members, whatever their number.
    pub(super) fn write_object(&self, shape: &Shape, out: &mut Writer<'_>) {
        out.builder.begin_object();
        self.write_members(shape, out);
        out.builder.end();
    }

    /// Writes the members into the object that is open.
    pub(super) fn write_members(&self, shape: &Shape, out: &mut Writer<'_>) {
        for (key, member) in &self.members {
            out.builder.key(key);
            member.write(shape.member(key).unwrap_or_default(), out);
        }
    }

    /// Writes the value that the shapes make of it. What fits none of them is written as it was sent, so that the decoder
    /// says what is wrong, and where.
    pub(super) fn write(&self, shapes: &[Shape], out: &mut Writer<'_>) {
        let items = shapes.iter().find_map(|shape| match shape {
            Shape::Array(items) => Some(*items),
            _ => None,
        });
        if self.members.is_empty() {
            match self.texts.as_slice() {
                [only] if items.is_none() || shapes.first().is_some_and(Shape::is_scalar) => {
                    out.text(only, shapes);
                }
                texts => {
                    out.builder.begin_array();
                    for text in texts {
                        out.text(text, items.unwrap_or_default());
                    }
                    out.builder.end();
                }
            }
        } else if let Some(items) = items
            && let Some(places) = self.positions()
        {
            out.builder.begin_array();
            places
                .iter()
                .for_each(|place| place.write_items(items, out));
            out.builder.end();
        } else {
            let object = shapes.iter().find(|shape| shape.is_object());
            self.write_object(object.unwrap_or(&Shape::Text), out);
        }
    }

    /// The places below as items of a list, where each is written as `[]` or `[0]`; in the order of their numbers.
    fn positions(&self) -> Option<Vec<&Self>> {
        let position = |key: &str| match key {
            "" => Some(u32::MAX),
            key if key.bytes().all(|byte| byte.is_ascii_digit()) => key.parse().ok(),
            _ => None,
        };
        let mut places: Vec<(u32, &Self)> = self
            .members
            .iter()
            .map(|(key, member)| Some((position(key)?, member)))
            .collect::<Option<_>>()?;
        places.sort_by_key(|(position, _)| *position);
        Some(places.into_iter().map(|(_, place)| place).collect())
    }

    /// Writes what stands at one place of a list: `[]` stands for as many items as it has texts.
    fn write_items(&self, items: &[Shape], out: &mut Writer<'_>) {
        if self.members.is_empty() {
            self.texts.iter().for_each(|text| out.text(text, items));
        } else {
            self.write(items, out);
        }
    }
}
