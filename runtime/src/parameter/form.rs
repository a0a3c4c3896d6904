//! Forms: texts of `name=value` pairs that are one object (application/x-www-form-urlencoded).

use std::borrow::Cow;

use http::HeaderMap;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    Coercion, Parameter, Shape,
    group::Group,
    read::{Place, Reading, read_shape},
    source::{Fault, NOT_UTF8, Sources, decode, pairs, undecodable_keys},
    write::Writer,
};
use crate::{decode::Keyword, node::TreeBuilder};

const TOO_MANY: Fault = (
    Keyword::TooComplex,
    Cow::Borrowed("must not have more than 10000 pairs"),
);

/// So many pairs may a form have.
const MOST_PAIRS: usize = 10_000;

/// How the properties of an object are written in a form: OAS 3.2, "Encoding Object".
#[derive(Debug)]
pub struct Form {
    /// The properties, each as a parameter of its name.
    pub parts: &'static [Parameter],

    /// What the values of other names may be; `None` where nothing is made of them.
    pub others: Option<&'static [Shape]>,

    /// Whether other names matter all the same, because the schema asks something of the object as a whole, such as
    /// `maxProperties` or `propertyNames`.
    pub counts_others: bool,
}

impl Form {
    /// Whether somebody asks for a field of this name.
    pub(crate) fn asks_for(&self, name: &str) -> bool {
        self.takes_others() || self.is_named(name)
    }

    fn takes_others(&self) -> bool {
        self.others.is_some() || self.counts_others
    }

    /// Whether it is, or belongs to, a property.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.parts.iter().any(|part| part.is_part(name))
    }

    /// Writes the object that a text says.
    pub(super) fn write(&'static self, text: &str, out: &mut Writer<'_>) {
        if text.bytes().filter(|&byte| byte == b'&').count() >= MOST_PAIRS {
            out.fail(TOO_MANY);
            return out.builder.null();
        }
        // A name that cannot be read could be any, also one that the object must not have.
        if undecodable_keys(text).next().is_some() {
            out.fail(NOT_UTF8);
            return out.builder.null();
        }
        let mut faults = Vec::new();
        out.builder.begin_object();
        self.write_members(pairs(text), out.builder, out.coercion, &mut faults);
        out.builder.end();
        if let Some((_, fault)) = faults.into_iter().next() {
            out.fail(fault);
        }
    }

    /// Writes the members that pairs say into the object that is open: keys are decoded, values are not. What cannot be
    /// read is left out, and told by its name.
    pub(crate) fn write_members<'r>(
        &'static self,
        pairs: impl Iterator<Item = (Cow<'r, str>, &'r str)>,
        builder: &mut TreeBuilder,
        coercion: Coercion,
        faults: &mut Vec<(String, Fault)>,
    ) {
        // Each property looks through its own pairs only, however long the others are.
        let mut own = vec![String::new(); self.parts.len()];
        let mut group = Group::default();
        for (key, value) in pairs {
            let mut is_claimed = false;
            for (part, text) in self.parts.iter().zip(&mut own) {
                if part.is_part(&key) {
                    is_claimed = true;
                    text.extend(utf8_percent_encode(&key, NON_ALPHANUMERIC));
                    text.extend(["=", value, "&"]);
                }
            }
            if is_claimed || !self.takes_others() {
                continue;
            }
            match decode(value, true) {
                Some(value) => group.push(key, value),
                None => faults.push((key.into_owned(), NOT_UTF8)),
            }
        }
        let headers = HeaderMap::new();
        for (parameter, text) in self.parts.iter().zip(&own) {
            if text.is_empty() {
                continue;
            }
            let place = Place {
                parameter,
                others: self.parts,
                reserved: &[],
                segment: None,
                sources: Sources {
                    query: text,
                    headers: &headers,
                },
            };
            if let Some(fault) = write_part(&place, builder, coercion) {
                faults.push((parameter.name.to_owned(), fault));
            }
        }
        let mut out = Writer::new(builder, coercion);
        for (key, member) in group.members() {
            out.builder.key(key);
            member.write(self.others.unwrap_or_default(), &mut out);
            if let Some(fault) = out.fault.take() {
                faults.push((key.to_string(), fault));
            }
        }
    }
}

impl Parameter {
    /// Whether a pair of a form is, or belongs to, this property.
    fn is_part(&self, key: &str) -> bool {
        self.name == key || self.claims(key)
    }
}

/// Writes the headers of a part of a body into the object that is open. What cannot be read is left out, and told by its
/// name.
pub(crate) fn write_headers(
    parameters: &'static [Parameter],
    headers: &HeaderMap,
    builder: &mut TreeBuilder,
    faults: &mut Vec<(&'static str, Fault)>,
) {
    for parameter in parameters {
        let place = Place {
            parameter,
            others: parameters,
            reserved: &[],
            segment: None,
            sources: Sources { query: "", headers },
        };
        if let Some(fault) = write_part(&place, builder, Coercion::Strict) {
            faults.push((parameter.name, fault));
        }
    }
}

/// Writes a property by the first of its shapes that can be read.
fn write_part(place: &Place<'_>, builder: &mut TreeBuilder, coercion: Coercion) -> Option<Fault> {
    let mut unfit = None;
    let shapes = place.parameter.shapes;
    let may_be_list = shapes.iter().any(|it| matches!(it, Shape::Array(_)));
    for shape in shapes {
        // A list is one JSON text, or has one for each of its items; an object is one, and anything else is a text.
        let opening = if may_be_list { '[' } else { '{' };
        if matches!(shape, Shape::Json) && shapes.len() > 1 && !place.opens_json(opening) {
            continue;
        }
        let mark = builder.mark();
        builder.key(place.parameter.name);
        match read_shape(place, shape, builder, coercion) {
            Reading::Present | Reading::Null => return None,
            Reading::Absent => {}
            Reading::Unfit(fault) => unfit = unfit.or(Some(fault)),
        }
        builder.rewind(mark);
    }
    unfit
}
