//! What a text may look like to be a number or a boolean.

use std::borrow::Cow;

use super::Shape;
use crate::number::Decimal;

/// How strictly the texts of parameters are read as integers, numbers and booleans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coercion {
    /// Integers are an optional minus and digits, numbers are those of JSON, booleans `true` and `false`.
    #[default]
    Strict,
    /// As FastAPI reads them: blanks around numbers, `+1`, `1.0` and `1_000` for integers, `.5` and `1.` for numbers, and
    /// `1`, `on`, `t`, `y`, `yes` and their opposites in any case for booleans.
    Lax,
}

impl Coercion {
    /// The text as the strict reading has it; one that is none of its kind stays as it is, and is refused as such.
    pub(super) fn apply<'t>(self, text: Cow<'t, str>, shape: &Shape) -> Cow<'t, str> {
        if self == Self::Strict {
            return text;
        }
        let canonical = match shape {
            Shape::Integer => integer(&text),
            Shape::Number => number(&text),
            Shape::Boolean => boolean(&text).map(str::to_owned),
            _ => None,
        };
        canonical.map_or(text, Cow::Owned)
    }
}

fn boolean(text: &str) -> Option<&'static str> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "1", "on", "t", "y", "yes"]) {
        Some("true")
    } else if is(&["false", "0", "off", "f", "n", "no"]) {
        Some("false")
    } else {
        None
    }
}

/// A sign, digits, and no more behind the point than zeros.
fn integer(text: &str) -> Option<String> {
    let (sign, text) = sign(text.trim());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = digits(whole)?;
    let is_whole = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    is_whole.then(|| format!("{sign}{digits}"))
}

fn number(text: &str) -> Option<String> {
    let (sign, text) = sign(text.trim());
    let at = text.find(['e', 'E']).unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at_checked(at)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole = match whole {
        "" => "0".to_owned(),
        _ => digits(whole)?,
    };
    let fraction = match fraction {
        "" => "0",
        _ => fraction,
    };
    let text = format!("{sign}{whole}.{fraction}{exponent}");
    let is_number = Decimal::parse(&text).is_some();
    is_number.then_some(text)
}

fn sign(text: &str) -> (&'static str, &str) {
    match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Digits, with single underscores between them left out and without needless zeros in front.
fn digits(text: &str) -> Option<String> {
    let groups = text.split('_');
    let all = groups
        .clone()
        .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    let digits: String = if all { groups.collect() } else { return None };
    Some(match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        rest => rest.to_owned(),
    })
}
