//! Escapes in strings (RFC 8259 section 7): checked while parsing, removed when somebody asks for the characters.

use super::SyntaxErrorKind;

/// The length of the escape that `bytes` starts with.
///
/// # Errors
///
/// What is wrong, and how far from the backslash.
pub(super) fn check(bytes: &[u8]) -> Result<usize, (SyntaxErrorKind, usize)> {
    match bytes.get(1) {
        None => Err((SyntaxErrorKind::UnexpectedEnd, bytes.len())),
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        Some(b'u') => match check_unit(bytes, 0)? {
            0xd800..=0xdbff => check_low_surrogate(bytes),
            0xdc00..=0xdfff => Err((SyntaxErrorKind::LoneSurrogate, 0)),
            _ => Ok(6),
        },
        Some(_) => Err((SyntaxErrorKind::InvalidEscape, 0)),
    }
}

fn check_low_surrogate(bytes: &[u8]) -> Result<usize, (SyntaxErrorKind, usize)> {
    if bytes.get(6..8) != Some(b"\\u") {
        return Err((SyntaxErrorKind::LoneSurrogate, 0));
    }
    match check_unit(bytes, 6)? {
        0xdc00..=0xdfff => Ok(12),
        _ => Err((SyntaxErrorKind::LoneSurrogate, 0)),
    }
}

/// The code unit of the `\uXXXX` at `at`.
fn check_unit(bytes: &[u8], at: usize) -> Result<u32, (SyntaxErrorKind, usize)> {
    let digits = bytes.get(at + 2..).unwrap_or_default();
    match unit(digits) {
        Some(unit) => Ok(unit),
        None if digits.len() < 4 && digits.iter().all(u8::is_ascii_hexdigit) => {
            Err((SyntaxErrorKind::UnexpectedEnd, bytes.len()))
        }
        None => Err((SyntaxErrorKind::InvalidEscape, at)),
    }
}

/// The code unit that four hexadecimal digits name.
fn unit(digits: &[u8]) -> Option<u32> {
    digits
        .first_chunk::<4>()?
        .iter()
        .try_fold(0, |unit, &digit| {
            Some(unit << 4 | char::from(digit).to_digit(16)?)
        })
}

/// The characters of a string whose escapes have been checked.
#[cold]
pub(super) fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    unescape_into(raw, &mut out);
    out
}

/// Appends the characters of a string whose escapes have been checked.
pub(super) fn unescape_into(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let (decoded, length) = decode(escape.as_bytes());
        out.push(decoded);
        rest = escape.get(length..).unwrap_or("");
    }
    out.push_str(rest);
}

/// The character of an escape, given from the byte after its backslash on, and the number of bytes that it takes there.
fn decode(escape: &[u8]) -> (char, usize) {
    let plain = match escape.first() {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return decode_unit(escape),
        Some(&byte) => char::from(byte),
        None => char::REPLACEMENT_CHARACTER,
    };
    (plain, 1)
}

fn decode_unit(escape: &[u8]) -> (char, usize) {
    let at = |start: usize| unit(escape.get(start..)?);
    match (at(1), at(7)) {
        (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) => {
            let code = 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
            (
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
                11,
            )
        }
        (Some(code), _) => (
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
            5,
        ),
        (None, _) => (char::REPLACEMENT_CHARACTER, 1),
    }
}
