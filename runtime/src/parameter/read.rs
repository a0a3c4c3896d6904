//! Reads the parameters of one request into a tree: for each parameter one node for each of its shapes.

use std::borrow::Cow;

use indexmap::IndexSet;

use super::{
    Coercion, Empty, Parameter, Shape, Style,
    delimiter::{Delimiter, matrix_value, trimmed, without_prefix},
    group::Group,
    slots::Parameters,
    source::{Coding, Fault, Sources, pairs, undecodable_keys},
    write::Writer,
};
use crate::{
    decode::{Keyword, Section},
    node::{BuildError, Kind, TreeBuilder},
};

const REPEATED: Fault = (Keyword::Repeated, Cow::Borrowed("must be given only once"));
const DELIMITED: Fault = (Keyword::Type, Cow::Borrowed("must be one value"));
const NO_TURNS: Fault = (
    Keyword::Style,
    Cow::Borrowed("must be names and values in turn"),
);
const NO_PAIRS: Fault = (
    Keyword::Style,
    Cow::Borrowed("must be pairs of the form `name=value`"),
);

/// Reads the parameters of a request. `reserved` are keys of the query that are credentials.
///
/// # Errors
///
/// When there are 4 GiB of text.
pub(crate) fn read<'r>(
    parameters: &'static [Parameter],
    reserved: &'static [&'static str],
    path: impl Iterator<Item = (&'r str, &'r str)> + Clone,
    sources: Sources<'r>,
    coercion: Coercion,
) -> Result<Parameters, BuildError> {
    let mut builder = TreeBuilder::new();
    let (mut nulls, mut faults) = (Vec::new(), Vec::new());
    let mut index = 0;
    builder.begin_array();
    for parameter in parameters {
        let segment = match parameter.section {
            Section::Path => path
                .clone()
                .find_map(|(name, value)| (name == parameter.name).then_some(value)),
            _ => None,
        };
        let place = Place {
            parameter,
            others: parameters,
            reserved,
            segment,
            sources,
        };
        for shape in parameter.shapes {
            match read_shape(&place, shape, &mut builder, coercion) {
                Reading::Absent | Reading::Present => {}
                Reading::Null => nulls.push(index),
                Reading::Unfit(fault) => faults.push((index, fault)),
            }
            index += 1;
        }
    }
    builder.end();
    Ok(Parameters::new(
        builder.finish()?,
        parameters,
        nulls,
        faults,
    ))
}

/// The keys of a query that no parameter claims, each once. Those that cannot be decoded are among them, as they were sent.
pub(crate) fn unclaimed<'r>(
    parameters: &'static [Parameter],
    reserved: &'static [&'static str],
    query: &'r str,
) -> IndexSet<Cow<'r, str>> {
    // What is wrong with the keys of a form, the form tells.
    let is_form = |it: &Parameter| it.section == Section::Querystring;
    if parameters.iter().any(is_form) {
        return IndexSet::new();
    }
    let keys = pairs(query).map(|(key, _)| key);
    // A name is also read as it stands.
    let undecodable =
        undecodable_keys(query).filter(|key| !parameters.iter().any(|it| it.name == *key));
    keys.filter(|key| !parameters.iter().any(|it| it.claims(key)))
        .chain(undecodable.map(Cow::Borrowed))
        .filter(|key| !reserved.contains(&&**key))
        .collect()
}

/// A parameter, and where it is looked for.
pub(super) struct Place<'r> {
    pub(super) parameter: &'static Parameter,
    /// The parameters beside it, itself included.
    pub(super) others: &'static [Parameter],
    /// Keys of the query that are no parameters.
    pub(super) reserved: &'static [&'static str],
    /// Its part of the path.
    pub(super) segment: Option<&'r str>,
    pub(super) sources: Sources<'r>,
}

/// What one shape makes of what was sent. One node is written in any case.
pub(super) enum Reading {
    /// Nothing was sent; null stands in its place.
    Absent,
    Present,
    /// A null that was sent.
    Null,
    /// What was sent is not of this shape; the node means nothing.
    Unfit(Fault),
}

/// Writes one node. Each shape looks at what was sent anew; nearly all parameters have one.
pub(super) fn read_shape(
    place: &Place<'_>,
    shape: &'static Shape,
    builder: &mut TreeBuilder,
    coercion: Coercion,
) -> Reading {
    let mut out = Writer::new(builder, coercion);
    let parameter = place.parameter;
    let reading = match shape {
        Shape::Text | Shape::Integer | Shape::Number | Shape::Boolean => {
            scalar(place, shape, &mut out)
        }
        Shape::Json => json(place, &mut out),
        Shape::Form(_) if place.sources.query.is_empty() => absent(&mut out),
        Shape::Form(form) => {
            form.write(place.sources.query, &mut out);
            Ok(Reading::Present)
        }
        _ if parameter.style == Style::DeepObject => bracketed(place, shape, &mut out),
        Shape::Array(items) => array(place, items, &mut out),
        Shape::Object(_) | Shape::OpenObject(..) if parameter.repeats_name() => {
            exploded_object(place, shape, &mut out)
        }
        Shape::Object(_) | Shape::OpenObject(..) => object(place, shape, &mut out),
    };
    match (reading, out.fault.take()) {
        (Ok(reading), None) => reading,
        (Ok(_), Some(fault)) => Reading::Unfit(fault),
        (Err(fault), _) => {
            out.builder.null();
            Reading::Unfit(fault)
        }
    }
}

/// What the readers return; at a fault they have written nothing.
type Read = Result<Reading, Fault>;

fn absent(out: &mut Writer<'_>) -> Read {
    out.builder.null();
    Ok(Reading::Absent)
}

impl<'r> Place<'r> {
    /// Visits the undecoded texts that were sent under the parameter's own name.
    fn each_value(&self, mut visit: impl FnMut(&'r str)) -> Result<(), Fault> {
        if let Some(segment) = self.segment {
            visit(segment);
            return Ok(());
        }
        self.sources.each_value(self.parameter, visit)
    }

    /// The one undecoded text that was sent.
    fn only_value(&self) -> Result<Option<&'r str>, Fault> {
        let mut value = None;
        let mut is_repeated = false;
        self.each_value(|raw| match value {
            None => value = Some(raw),
            Some(_) => is_repeated = true,
        })?;
        if is_repeated {
            return Err(REPEATED);
        }
        Ok(value)
    }

    /// Whether one text was sent, and it is a JSON array (`[`) or object (`{`) if it is JSON.
    pub(super) fn opens_json(&self, opening: char) -> bool {
        let value = self.only_value().ok().flatten();
        let text = value.and_then(|raw| self.decode(raw).ok());
        text.is_some_and(|text| text.trim_start().starts_with(opening))
    }

    /// The parts between the delimiters, undecoded; `None` where nothing was sent.
    fn parts(&self) -> Result<Option<Vec<&'r str>>, Fault> {
        let parameter = self.parameter;
        let delimiter = Delimiter::of(parameter);
        if parameter.section != Section::Header {
            let Some(raw) = self.only_value()? else {
                return Ok(None);
            };
            let raw = without_prefix(parameter, raw, false)?;
            return Ok(Some(delimiter.split(raw).collect()));
        }
        // The lines of a header continue each other (RFC 9110, section 5.3).
        let mut parts = None;
        self.each_value(|line| {
            let parts = parts.get_or_insert_with(Vec::new);
            parts.extend(delimiter.split(line).map(|part| trimmed(parameter, part)));
        })?;
        Ok(parts)
    }

    fn decode(&self, raw: &'r str) -> Result<Cow<'r, str>, Fault> {
        Coding::of(self.parameter).decode(raw)
    }
}

fn scalar(place: &Place<'_>, shape: &Shape, out: &mut Writer<'_>) -> Read {
    let parameter = place.parameter;
    let Some(raw) = place.only_value()? else {
        return absent(out);
    };
    let raw = without_prefix(parameter, raw, true)?;
    // A text with a delimiter is no scalar where it can be a list.
    let is_alone = parameter.shapes.len() == 1
        || parameter.repeats_name()
        || parameter.style == Style::DeepObject;
    if !is_alone && Delimiter::of(parameter).stands_in(raw) {
        return Err(DELIMITED);
    }
    let text = place.decode(raw)?;
    match parameter.empty {
        Empty::Absent if text.is_empty() => absent(out),
        Empty::Null if text.is_empty() => {
            out.builder.null();
            Ok(Reading::Null)
        }
        _ => {
            out.builder.text(&out.coercion.apply(text, shape));
            Ok(Reading::Present)
        }
    }
}

fn json(place: &Place<'_>, out: &mut Writer<'_>) -> Read {
    let Some(raw) = place.only_value()? else {
        return absent(out);
    };
    // A request without a query has none that is empty.
    if raw.is_empty() && place.parameter.section == Section::Querystring {
        return absent(out);
    }
    Ok(match out.json(&place.decode(raw)?) {
        Kind::Null => Reading::Null,
        _ => Reading::Present,
    })
}

fn array(place: &Place<'_>, items: &[Shape], out: &mut Writer<'_>) -> Read {
    let parameter = place.parameter;
    if parameter.repeats_name() {
        let mut is_open = false;
        let read = place.each_value(|raw| {
            if !std::mem::replace(&mut is_open, true) {
                out.builder.begin_array();
            }
            match place.decode(raw) {
                Ok(text) => out.text(&text, items),
                Err(fault) => out.fail(fault),
            }
        });
        if let Err(fault) = read {
            out.fail(fault);
        }
        if !is_open {
            return absent(out);
        }
        out.builder.end();
        return Ok(Reading::Present);
    }
    let Some(parts) = place.parts()? else {
        return absent(out);
    };
    out.builder.begin_array();
    for part in parts {
        // RFC 9110, section 5.6.1.2: empty items of a header mean nothing.
        if part.is_empty() && parameter.section == Section::Header {
            continue;
        }
        let item = match (parameter.style, parameter.explode) {
            (Style::Matrix, true) => matrix_value(parameter, part),
            _ => Ok(part),
        };
        match item.and_then(|item| place.decode(item)) {
            Ok(text) => out.text(&text, items),
            Err(fault) => out.fail(fault),
        }
    }
    out.builder.end();
    Ok(Reading::Present)
}

/// An object within one text: `R,100,G,200`, or exploded `R=100,G=200`.
fn object(place: &Place<'_>, shape: &Shape, out: &mut Writer<'_>) -> Read {
    let Some(parts) = place.parts()? else {
        return absent(out);
    };
    let parameter = place.parameter;
    let mut group = Group::default();
    if parameter.explode {
        for part in parts {
            let (key, value) = match part.split_once('=') {
                Some(pair) => pair,
                // RFC 6570, section 3.2.7: the style `matrix` leaves out the sign where the value is empty.
                None if parameter.style == Style::Matrix => (part, ""),
                None => return Err(NO_PAIRS),
            };
            group.push(place.decode(key)?, place.decode(value)?);
        }
    } else {
        // One text is no object, so its delimiters were escaped with all else, as form encoders do.
        let parts: Vec<&str> = match (parts.as_slice(), parameter.section) {
            ([whole], Section::Query | Section::Body) if parameter.style == Style::Form => {
                Delimiter::Encoded(b',').split(whole).collect()
            }
            _ => parts,
        };
        let mut parts = parts.into_iter();
        while let Some(key) = parts.next() {
            let value = parts.next().ok_or(NO_TURNS)?;
            group.push(place.decode(key)?, place.decode(value)?);
        }
    }
    group.write_object(shape, out);
    Ok(Reading::Present)
}

/// An object whose members are pairs of the query, or cookies.
fn exploded_object(place: &Place<'_>, shape: &Shape, out: &mut Writer<'_>) -> Read {
    let (named, is_open) = match *shape {
        Shape::Object(named) => (named, false),
        Shape::OpenObject(named, _) => (named, true),
        _ => (&[][..], false),
    };
    // A name in the cookies says nothing about the query.
    let is_beside = |other: &Parameter| {
        other.section == place.parameter.section && !std::ptr::eq(other, place.parameter)
    };
    let is_free = |key: &str| {
        !place.reserved.contains(&key)
            && !place
                .others
                .iter()
                .any(|other| is_beside(other) && other.names(key))
    };
    let mut group = Group::default();
    let mut fault = None;
    place.sources.each_pair(place.parameter, |key, value| {
        let is_named = named.iter().any(|(name, _)| *name == key);
        if is_named || is_open && is_free(&key) {
            match place.decode(value) {
                Ok(value) => group.push(key, value),
                Err(found) => fault = Some(found),
            }
        }
    })?;
    if let Some(fault) = fault {
        return Err(fault);
    }
    if group.is_empty() {
        return absent(out);
    }
    group.write_object(shape, out);
    Ok(Reading::Present)
}

/// `color[R]=100&color[G]=200`.
fn bracketed(place: &Place<'_>, shape: &'static Shape, out: &mut Writer<'_>) -> Read {
    let mut group = Group::default();
    for (key, value) in pairs(place.sources.query) {
        let Some(brackets) = key
            .strip_prefix(place.parameter.name)
            .filter(|rest| rest.is_empty() || rest.starts_with('['))
        else {
            continue;
        };
        group.push_at(brackets, place.decode(value)?)?;
    }
    if group.is_empty() {
        return absent(out);
    }
    group.write(std::slice::from_ref(shape), out);
    Ok(Reading::Present)
}
