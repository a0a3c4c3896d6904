//! The grammar of a path: literal text with names in braces (OAS 3.2, section 4.8.2).

/// A path template, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathTemplate<'a> {
    parts: Vec<Part<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part<'a> {
    Literal(&'a str),
    Parameter(&'a str),
}

impl<'a> PathTemplate<'a> {
    /// The template of a key in `paths`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words that go on from "the path".
    pub fn parse(text: &'a str) -> Result<Self, String> {
        if !text.starts_with('/') {
            return Err("must begin with `/`".to_owned());
        }
        let mut parts: Vec<Part<'a>> = Vec::new();
        let mut rest = text;
        while let Some(index) = rest.find(['{', '}']) {
            let (literal, braced) = rest.split_at(index);
            if !literal.is_empty() {
                parts.push(Part::Literal(literal));
            }
            let Some(open) = braced.strip_prefix('{') else {
                return Err("has a `}` without its `{`".to_owned());
            };
            let Some((name, after)) = open.split_once('}') else {
                return Err("has a `{` without its `}`".to_owned());
            };
            if name.is_empty() {
                return Err("has `{}` without a name in it".to_owned());
            }
            let name = without_operators(name);
            if name.contains('{') {
                return Err("has a `{` inside of braces".to_owned());
            }
            if let Some(Part::Parameter(before)) = parts.last() {
                return Err(format!(
                    "has nothing between `{{{before}}}` and `{{{name}}}`, so nobody can tell them apart"
                ));
            }
            if parts.contains(&Part::Parameter(name)) {
                return Err(format!("names `{{{name}}}` twice"));
            }
            parts.push(Part::Parameter(name));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest));
        }
        Ok(Self { parts })
    }

    /// The names in braces, in order, without the operators of RFC 6570 (`{.name*}`).
    pub fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Parameter(name) => Some(*name),
            Part::Literal(_) => None,
        })
    }

    /// The template as requests see it, percent-decoded and without names: two paths of the same shape match the same
    /// requests.
    pub fn shape(&self) -> Vec<u8> {
        let mut shape = Vec::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => shape.extend(percent_decoded(text)),
                Part::Parameter(_) => shape.extend(b"{}"),
            }
        }
        shape
    }
}

/// The name in `{.name*}`: some documents write the style of the parameter in the way of RFC 6570 as well.
fn without_operators(name: &str) -> &str {
    let bare = name.strip_prefix(['.', ';', '+']).unwrap_or(name);
    let bare = bare.strip_suffix('*').unwrap_or(bare);
    if bare.is_empty() { name } else { bare }
}

/// The bytes of a text with `%61` as `a`; `%2F` stays, since a slash in a segment is not one between segments.
fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let decoded = match (byte, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        match decoded {
            Some(b'/') => {
                bytes.extend(b"%2F");
                rest = after.get(2..).unwrap_or(&[]);
            }
            Some(value) => {
                bytes.push(value);
                rest = after.get(2..).unwrap_or(&[]);
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    bytes
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests;
