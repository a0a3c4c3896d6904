//! Why a text is not of its format, in the words of the libraries that Pydantic uses; only where the text may be shown.

use super::{Fact, Words, plain};
use crate::decode::Violation;
use crate::node::Tree;

/// Type, message and context of a text that is not of its format.
pub(super) fn malformed(violation: &Violation, format: &str) -> Words {
    let tree = violation
        .input
        .as_deref()
        .and_then(|input| Tree::parse(input.as_bytes()).ok());
    let text = tree.as_ref().and_then(|tree| tree.root().as_str());
    let text = text.as_deref();
    let (code, words, reason) = match format {
        "date-time" => (
            "datetime_from_date_parsing",
            "Input should be a valid datetime or date",
            text.and_then(date),
        ),
        "date" => (
            "date_from_datetime_parsing",
            "Input should be a valid date or datetime",
            text.and_then(date),
        ),
        "time" => (
            "time_parsing",
            "Input should be in a valid time format",
            text.and_then(time),
        ),
        "duration" => (
            "time_delta_parsing",
            "Input should be a valid timedelta",
            text.map(duration),
        ),
        "uuid" => {
            let words = "Input should be a valid UUID";
            return parsed("uuid_parsing", words, text.map(uuid));
        }
        "uri" => {
            let reason = text.and_then(|text| url::Url::parse(text).err());
            let reason = reason.map(|error| error.to_string());
            return parsed("url_parsing", "Input should be a valid URL", reason);
        }
        "decimal" => return plain("decimal_parsing", "Input should be a valid decimal"),
        "ipv4" => return plain("ip_v4_address", "Input is not a valid IPv4 address"),
        "ipv6" => return plain("ip_v6_address", "Input is not a valid IPv6 address"),
        "email" => {
            let reason = text.map_or("The email address is not valid.", email);
            let message = format!("value is not a valid email address: {reason}");
            let context = vec![("reason", Fact::Text(reason.to_owned()))];
            return ("value_error".to_owned(), message, context);
        }
        _ => {
            let message = format!("Value error, {}", violation.detail);
            return plain("value_error", message);
        }
    };
    parsed(code, words, reason.map(str::to_owned))
}

fn parsed(code: &str, words: &str, reason: Option<String>) -> Words {
    let reason = reason.unwrap_or_else(|| "invalid format".to_owned());
    let message = format!("{words}, {reason}");
    (
        code.to_owned(),
        message,
        vec![("error", Fact::Text(reason))],
    )
}

/// The first fault of a date, as the crate `speedate` says it.
fn date(text: &str) -> Option<&'static str> {
    const SHORT: &str = "input is too short";
    const SEPARATOR: &str = "invalid date separator, expected `-`";
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize, fault: &'static str| {
        let digits = bytes.get(from..to).ok_or(SHORT)?;
        digits.iter().try_fold(0_u32, |number, byte| {
            let digit = char::from(*byte).to_digit(10).ok_or(fault)?;
            Ok::<u32, &'static str>(number * 10 + digit)
        })
    };
    let dash = |at: usize| match bytes.get(at) {
        Some(b'-') => Ok(()),
        Some(_) => Err(SEPARATOR),
        None => Err(SHORT),
    };
    let parse = || {
        if bytes.len() < 10 {
            return Err(SHORT);
        }
        let year = digits(0, 4, "invalid character in year")?;
        dash(4)?;
        let month = digits(5, 7, "invalid character in month")?;
        dash(7)?;
        let day = digits(8, 10, "invalid character in day")?;
        let last = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            _ => return Err("month value is outside expected range of 1-12"),
        };
        if !(1..=last).contains(&day) {
            return Err("day value is outside expected range");
        }
        match bytes.len() {
            10 => Ok(()),
            _ => Err("unexpected extra characters at the end of the input"),
        }
    };
    parse().err()
}

/// The first fault of a time of day.
fn time(text: &str) -> Option<&'static str> {
    const SHORT: &str = "input is too short";
    let bytes = text.as_bytes();
    let pair = |at: usize, most: u8, letters: &'static str, range: &'static str| {
        let (Some(tens), Some(ones)) = (bytes.get(at), bytes.get(at + 1)) else {
            return Err(SHORT);
        };
        if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
            return Err(letters);
        }
        match (tens - b'0') * 10 + (ones - b'0') <= most {
            true => Ok(()),
            false => Err(range),
        }
    };
    let parse = || -> Result<(), &'static str> {
        if bytes.len() < 5 {
            return Err(SHORT);
        }
        pair(
            0,
            23,
            "invalid character in hour",
            "hour value is outside expected range of 0-23",
        )?;
        if bytes.get(2) != Some(&b':') {
            return Err("invalid time separator, expected `:`");
        }
        pair(
            3,
            59,
            "invalid character in minute",
            "minute value is outside expected range of 0-59",
        )?;
        if bytes.get(5) == Some(&b':') {
            pair(
                6,
                59,
                "invalid character in second",
                "second value is outside expected range of 0-59",
            )?;
        }
        Err("unexpected extra characters at the end of the input")
    };
    parse().err()
}

/// The first fault of a UUID, as the crate `uuid` has said it for long.
fn uuid(text: &str) -> String {
    let (inner, offset) = match text.strip_prefix("urn:uuid:") {
        Some(rest) => (rest, text.len() - rest.len()),
        None => (text, 0),
    };
    let mut letters = inner.char_indices();
    if let Some((at, letter)) = letters.find(|(_, it)| !it.is_ascii_hexdigit() && *it != '-') {
        let at = at + offset + 1;
        return format!(
            "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `{letter}` at {at}"
        );
    }
    let groups: Vec<usize> = inner.split('-').map(str::len).collect();
    match groups.as_slice() {
        [length] => {
            format!("invalid length: expected length 32 for simple format, found {length}")
        }
        groups if groups.len() != 5 => {
            format!("invalid group count: expected 5, found {}", groups.len())
        }
        groups => {
            let lengths = [8, 4, 4, 4, 12];
            let mut pairs = groups.iter().zip(lengths).enumerate();
            match pairs.find(|(_, (found, expected))| *found != expected) {
                Some((group, (found, expected))) => format!(
                    "invalid group length in group {group}: expected {expected}, found {found}"
                ),
                None => "failed to parse a UUID".to_owned(),
            }
        }
    }
}

fn duration(text: &str) -> &'static str {
    match text.len() {
        0 => "input is too short",
        _ => "invalid digit in duration",
    }
}

/// The first fault of an email address, as the package `email-validator` says it.
fn email(text: &str) -> &'static str {
    match text.rsplit_once('@') {
        None => "An email address must have an @-sign.",
        Some(("", _)) => "There must be something before the @-sign.",
        Some((_, "")) => "There must be something after the @-sign.",
        Some((_, domain)) if !domain.contains('.') => {
            "The part after the @-sign is not valid. It should have a period."
        }
        Some(_) => "The email address is not valid.",
    }
}

/// A float as Python shows it: the shortest digits that are read back, with an exponent below 1e-4 and from 1e16 on.
pub(super) fn python_float(number: f64) -> String {
    if number == 0.0 || !number.is_finite() || (1e-4..1e16).contains(&number.abs()) {
        return format!("{number:?}");
    }
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}
