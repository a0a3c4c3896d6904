//! Reads what follows a backslash, inside and outside of classes.

use super::PatternError;
use super::ast::Class;
use super::class;
use super::parse::Cursor;

/// What an escape stands for.
pub(super) enum Escape {
    Char(char),
    Class(Class),
}

/// Reads an escape whose backslash, at `offset`, is taken already.
///
/// Annex B would let `\` before a letter, a digit or an incomplete number stand for that character itself. Those
/// escapes mean something else in the dialects that people mix up with this one (`\A`, `\z`, `\h`, `\1`), so they are
/// refused as the `u` flag demands; before punctuation the backslash is merely superfluous.
pub(super) fn parse(cursor: &mut Cursor<'_>, offset: usize) -> Result<Escape, PatternError> {
    let Some(character) = cursor.next() else {
        return cursor.error(offset, "the pattern ends with a backslash");
    };
    let character = match character {
        't' => '\t',
        'n' => '\n',
        'v' => '\u{B}',
        'f' => '\u{C}',
        'r' => '\r',
        'd' | 'D' | 's' | 'S' | 'w' | 'W' => {
            return Ok(Escape::Class(class::shorthand(character)));
        }
        'p' | 'P' => return class::property(cursor, offset, character == 'P').map(Escape::Class),
        'c' => control(cursor, offset)?,
        '0' if !matches!(cursor.peek(), Some('0'..='9')) => '\0',
        'x' => match cursor.digits(16, 2) {
            digits if digits.len() == 2 => scalar(cursor, offset, digits)?,
            _ => return cursor.error(offset, "expected two hexadecimal digits after `\\x`"),
        },
        'u' => unicode(cursor, offset)?,
        other if other.is_alphanumeric() => {
            let message = format!("`\\{other}` is not an escape of ECMA-262");
            return cursor.error(offset, message);
        }
        other => other,
    };
    Ok(Escape::Char(character))
}

fn control(cursor: &mut Cursor<'_>, offset: usize) -> Result<char, PatternError> {
    match cursor.next() {
        Some(letter) if letter.is_ascii_alphabetic() => {
            let code = u8::try_from(letter).unwrap_or_default() & 0x1F;
            Ok(char::from(code))
        }
        _ => cursor.error(offset, "expected a letter after `\\c`"),
    }
}

fn unicode(cursor: &mut Cursor<'_>, offset: usize) -> Result<char, PatternError> {
    if cursor.eat("{") {
        let digits = cursor.digits(16, usize::MAX);
        if digits.is_empty() || !cursor.eat("}") {
            return cursor.error(offset, "expected hexadecimal digits and `}` after `\\u{`");
        }
        return scalar(cursor, offset, digits);
    }
    let high = cursor.digits(16, 4);
    if high.len() != 4 {
        return cursor.error(offset, "expected four hexadecimal digits after `\\u`");
    }
    let unit = |digits| u16::from_str_radix(digits, 16).unwrap_or_default();
    let high = unit(high);
    let after_high = cursor.offset;
    if (0xD800..0xDC00).contains(&high) && cursor.eat("\\u") {
        let low = cursor.digits(16, 4);
        let pair = [high, unit(low)];
        if low.len() == 4
            && let Some(Ok(character)) = char::decode_utf16(pair).next()
        {
            return Ok(character);
        }
        cursor.offset = after_high;
    }
    match char::from_u32(u32::from(high)) {
        Some(character) => Ok(character),
        None => lone_surrogate(cursor, offset),
    }
}

fn scalar(cursor: &Cursor<'_>, offset: usize, digits: &str) -> Result<char, PatternError> {
    match u32::from_str_radix(digits.trim_start_matches('0'), 16) {
        _ if digits.bytes().all(|digit| digit == b'0') => Ok('\0'),
        Ok(0xD800..=0xDFFF) => lone_surrogate(cursor, offset),
        Ok(number) if number <= 0x10_FFFF => Ok(char::from_u32(number).unwrap_or_default()),
        _ => cursor.error(offset, format!("U+{digits} is beyond U+10FFFF")),
    }
}

fn lone_surrogate<T>(cursor: &Cursor<'_>, offset: usize) -> Result<T, PatternError> {
    cursor.error(offset, "a lone surrogate, which no text contains")
}
