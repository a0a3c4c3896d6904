//! What was sent, undecoded: the places where parameters are, pair by pair.

use std::borrow::Cow;

use http::header::{self, HeaderMap};

use super::{Parameter, Style, field_value};
use crate::decode::{Keyword, Section};

/// Why the text of a parameter cannot be read.
pub(crate) type Fault = (Keyword, Cow<'static, str>);

pub(super) const NOT_UTF8: Fault = (
    Keyword::Encoding,
    Cow::Borrowed("must be UTF-8 with valid percent-encoding"),
);

/// What of a request holds parameters.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'r> {
    /// The query, without its question mark; or the text of a form.
    pub(crate) query: &'r str,
    pub(crate) headers: &'r HeaderMap,
}

/// How text is encoded where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// `%20` is a space.
    Percent,
    /// `%20` and `+` are (WHATWG URL, application/x-www-form-urlencoded).
    Form,
    /// Nothing is encoded.
    Plain,
}

impl Coding {
    pub(super) fn of(parameter: &Parameter) -> Self {
        match parameter.section {
            Section::Path => Self::Percent,
            Section::Query | Section::Querystring | Section::Body => Self::Form,
            Section::Header => Self::Plain,
            // The style `cookie` says that values are as they stand (OAS 3.2, Style Values).
            Section::Cookie if parameter.style == Style::Cookie => Self::Plain,
            Section::Cookie => Self::Percent,
        }
    }

    pub(super) fn decode(self, raw: &str) -> Result<Cow<'_, str>, Fault> {
        match self {
            Self::Plain => Ok(Cow::Borrowed(raw)),
            Self::Percent => decode(raw, false).ok_or(NOT_UTF8),
            Self::Form => decode(raw, true).ok_or(NOT_UTF8),
        }
    }
}

impl<'r> Sources<'r> {
    /// Visits the undecoded values under the parameter's own name. Those of the path are not among them.
    ///
    /// # Errors
    ///
    /// One of them is not text.
    pub(super) fn each_value(
        self,
        parameter: &Parameter,
        mut visit: impl FnMut(&'r str),
    ) -> Result<(), Fault> {
        match parameter.section {
            Section::Query | Section::Body => {
                query_values(self.query, parameter.name).for_each(visit);
                Ok(())
            }
            Section::Querystring => {
                visit(self.query);
                Ok(())
            }
            Section::Header => {
                for line in self.headers.get_all(parameter.name) {
                    visit(field_value::read(line)?);
                }
                Ok(())
            }
            Section::Cookie => {
                let repeats = parameter.repeats_name();
                // Browsers send several of one name; the first is that of the longest path.
                let most = if repeats { usize::MAX } else { 1 };
                let splits_pairs = repeats && parameter.style == Style::Form;
                for (_, value) in cookies(self.headers, splits_pairs)
                    .filter(|(key, _)| *key == parameter.name.as_bytes())
                    .take(most)
                {
                    visit(str::from_utf8(value).map_err(|_| NOT_UTF8)?);
                }
                Ok(())
            }
            Section::Path => Ok(()),
        }
    }

    /// Visits every pair of the query or of the cookies, its key decoded.
    ///
    /// # Errors
    ///
    /// A cookie is not UTF-8. Keys that are not can be no parameter's name.
    pub(super) fn each_pair(
        self,
        parameter: &Parameter,
        mut visit: impl FnMut(Cow<'r, str>, &'r str),
    ) -> Result<(), Fault> {
        if parameter.section != Section::Cookie {
            pairs(self.query).for_each(|(key, value)| visit(key, value));
            return Ok(());
        }
        for (key, value) in cookies(self.headers, parameter.style == Style::Form) {
            let Ok(key) = str::from_utf8(key) else {
                continue;
            };
            visit(
                Cow::Borrowed(key),
                str::from_utf8(value).map_err(|_| NOT_UTF8)?,
            );
        }
        Ok(())
    }
}

/// Returns the pairs of a query, their keys decoded; one without `=` has an empty value.
///
/// A pair whose key cannot be decoded is left out: no parameter has its name. [`undecodable_keys`] tells them.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    raw_pairs(query).filter_map(|(key, value)| Some((decode(key, true)?, value)))
}

/// Returns the keys of a query that are not UTF-8 with valid percent-encoding, as they were sent.
pub(super) fn undecodable_keys(query: &str) -> impl Iterator<Item = &str> {
    let keys = raw_pairs(query).map(|(key, _)| key);
    keys.filter(|key| decode(key, true).is_none())
}

/// `a=1&&b=2` has an empty pair, which is no parameter without a name.
fn raw_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(query);
    let pairs = std::iter::from_fn(move || {
        let text = rest?;
        let (pair, tail) =
            split_once(text, b'&').map_or((text, None), |(it, rest)| (it, Some(rest)));
        rest = tail;
        Some(pair)
    });
    pairs
        .filter(|pair| !pair.is_empty())
        .map(|pair| split_once(pair, b'=').unwrap_or((pair, "")))
}

/// As [`str::split_once`] with a character of ASCII. Its search is made for long texts, and pairs are short.
fn split_once(text: &str, at: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Returns the undecoded values of a query parameter.
fn query_values<'q>(query: &'q str, name: &str) -> impl Iterator<Item = &'q str> {
    raw_pairs(query).filter_map(move |(key, value)| {
        let is_it = key == name
            || (key.len() > name.len() || key.contains('+'))
                && key.contains(['%', '+'])
                && decode(key, true).is_some_and(|key| key == name);
        is_it.then_some(value)
    })
}

/// Returns the names and undecoded values of all cookies, without the quotes that may stand around values.
///
/// The style `form` writes `&` between pairs, although cookies have their own separator: OAS 3.2, Appendix D.
fn cookies(headers: &HeaderMap, splits_pairs: bool) -> impl Iterator<Item = (&[u8], &[u8])> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(move |line| {
            line.as_bytes()
                .split(move |&byte| byte == b';' || splits_pairs && byte == b'&')
        })
        .filter_map(|pair| {
            let pair = pair.trim_ascii();
            let equals = pair.iter().position(|&byte| byte == b'=')?;
            let (key, value) = pair.split_at_checked(equals)?;
            Some((key.trim_ascii(), unquote(value.get(1..)?.trim_ascii())))
        })
}

fn unquote(value: &[u8]) -> &[u8] {
    value
        .strip_prefix(b"\"")
        .and_then(|value| value.strip_suffix(b"\""))
        .unwrap_or(value)
}

/// Removes percent-encoding; `None` where it is malformed or what it encodes is not UTF-8.
pub(crate) fn decode(raw: &str, plus_is_space: bool) -> Option<Cow<'_, str>> {
    if !raw
        .bytes()
        .any(|byte| byte == b'%' || plus_is_space && byte == b'+')
    {
        return Some(Cow::Borrowed(raw));
    }
    let mut decoded = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'%' => {
                let &[high, low] = tail.first_chunk::<2>()?;
                let high = char::from(high).to_digit(16)?;
                let low = char::from(low).to_digit(16)?;
                decoded.push(u8::try_from(high << 4 | low).ok()?);
                rest = tail.get(2..)?;
            }
            b'+' if plus_is_space => decoded.push(b' '),
            byte => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// Returns the value of a query parameter that occurs once and is not empty.
pub(crate) fn only_query_value(query: &str, name: &str) -> Option<String> {
    let mut values = query_values(query, name);
    let value = decode(values.next()?, true)?;
    (values.next().is_none() && !value.is_empty()).then(|| value.into_owned())
}

/// Returns the value of a cookie; the first where browsers send several, which is that of the longest path.
pub(crate) fn cookie_value(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = cookies(headers, false).filter(|(key, _)| *key == name.as_bytes());
    let value = str::from_utf8(values.next()?.1).ok()?;
    decode(value, false).map(Cow::into_owned)
}
