//! What a plain scalar means in the core schema of YAML 1.2 (section 10.3.2).
//!
//! Only the spellings listed there are null, booleans or numbers: `yes`, `on`, `Y`, `1_000`, `12:30` and dates are
//! strings.

/// The meaning of a plain scalar.
#[derive(Debug, PartialEq)]
pub(super) enum Meaning {
    Null,
    Bool(bool),
    Number(Number),
    /// `.inf` or `.nan`, for which JSON has no number.
    NotFinite,
    /// An octal or hexadecimal number beyond 128 bits.
    TooLong,
    String,
}

/// A number as JSON text, all digits kept.
#[derive(Debug, PartialEq)]
pub(super) struct Number {
    pub(super) text: Box<str>,
    /// Whether zeros before the first digit were left out, as JSON has to.
    pub(super) leading_zeros: bool,
}

impl Meaning {
    /// Reads a plain scalar.
    pub(super) fn of(text: &str) -> Self {
        let Some(first) = text.bytes().next() else {
            return Self::Null;
        };
        match first {
            b'~' | b'n' | b'N' if is_null(text) => Self::Null,
            b't' | b'T' | b'f' | b'F' => bool_of(text).map_or(Self::String, Self::Bool),
            b'0'..=b'9' | b'+' | b'-' | b'.' => number_of(text),
            _ => Self::String,
        }
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "~" | "null" | "Null" | "NULL")
}

fn bool_of(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn number_of(text: &str) -> Meaning {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return radix_number_of(digits, radix);
        }
    }
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Meaning::NotFinite;
    }
    decimal_of(sign, unsigned).map_or(Meaning::String, Meaning::Number)
}

fn radix_number_of(digits: &str, radix: u32) -> Meaning {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Meaning::String;
    }
    match u128::from_str_radix(digits, radix) {
        Ok(number) => Meaning::Number(Number {
            text: number.to_string().into(),
            leading_zeros: false,
        }),
        Err(_) => Meaning::TooLong,
    }
}

/// Reads `[0-9]* (. [0-9]*)? ([eE] [-+]? [0-9]+)?` with at least one digit before the exponent.
fn decimal_of(sign: &str, unsigned: &str) -> Option<Number> {
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => unsigned.split_at(at),
        None => (unsigned, ""),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let exponent_digits = exponent
        .get(1..)
        .map(|digits| digits.strip_prefix(['-', '+']).unwrap_or(digits));
    let is_number = are_digits(whole)
        && are_digits(fraction.unwrap_or(""))
        && !(whole.is_empty() && fraction.unwrap_or("").is_empty())
        && exponent_digits.is_none_or(|digits| !digits.is_empty() && are_digits(digits));
    if !is_number {
        return None;
    }
    let significant = whole.trim_start_matches('0');
    let mut text = String::with_capacity(unsigned.len() + 2);
    text.push_str(sign);
    text.push_str(if significant.is_empty() {
        "0"
    } else {
        significant
    });
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(if fraction.is_empty() { "0" } else { fraction });
    }
    text.push_str(exponent);
    Some(Number {
        text: text.into(),
        leading_zeros: whole.len() > 1 && whole.starts_with('0'),
    })
}

fn are_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
