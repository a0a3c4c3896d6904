//! Forms: texts of `name=value` pairs that are one object (application/x-www-form-urlencoded).

use std::borrow::Cow;

use super::{
    Parameter, Shape,
    group::Group,
    read::{Place, Reading, read_shape},
    source::{Fault, Sources, decode, pairs},
    write::Writer,
};
use crate::decode::Keyword;

const NOT_UTF8: Fault = (
    Keyword::Encoding,
    Cow::Borrowed("must be UTF-8 with valid percent-encoding"),
);
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

    /// What the values of other names may be; `None` where they do not matter.
    pub others: Option<&'static [Shape]>,
}

impl Form {
    /// Writes the object that a text says.
    pub(super) fn write(&'static self, text: &str, out: &mut Writer<'_>) {
        if text.bytes().filter(|&byte| byte == b'&').count() >= MOST_PAIRS {
            out.fail(TOO_MANY);
            return out.builder.null();
        }
        let headers = http::HeaderMap::new();
        let sources = Sources {
            query: text,
            headers: &headers,
        };
        out.builder.begin_object();
        for parameter in self.parts {
            let place = Place {
                parameter,
                others: self.parts,
                reserved: &[],
                segment: None,
                sources,
            };
            self.write_part(&place, out);
        }
        if let Some(shapes) = self.others {
            self.write_others(text, shapes, out);
        }
        out.builder.end();
    }

    /// Writes a property by the first of its shapes that can be read.
    fn write_part(&self, place: &Place<'_>, out: &mut Writer<'_>) {
        let mut unfit = None;
        for shape in place.parameter.shapes {
            let mark = out.builder.mark();
            out.builder.key(place.parameter.name);
            match read_shape(place, shape, out.builder, out.coercion) {
                Reading::Present | Reading::Null => return,
                Reading::Absent => {}
                Reading::Unfit(fault) => unfit = unfit.or(Some(fault)),
            }
            out.builder.rewind(mark);
        }
        if let Some(fault) = unfit {
            out.fail(fault);
        }
    }

    /// Writes what no property claims.
    fn write_others(&self, text: &str, shapes: &'static [Shape], out: &mut Writer<'_>) {
        let mut group = Group::default();
        for (key, value) in pairs(text) {
            let is_part = |part: &Parameter| part.name == key || part.claims(&key);
            if self.parts.iter().any(is_part) {
                continue;
            }
            match decode(value, true) {
                Some(value) => group.push(key, value),
                None => out.fail(NOT_UTF8),
            }
        }
        group.write_members(&Shape::OpenObject(&[], shapes), out);
    }
}
