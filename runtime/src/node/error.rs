//! What is wrong with a text that is not JSON, and where.

use std::{error::Error, fmt};

/// The first fault of a text that is not JSON.
///
/// Shown in plain words with its place: ``expected `,` or `}`, found `]` at line 3 column 7``. At most one character of
/// the text is repeated, and never a key or a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    kind: SyntaxErrorKind,
    offset: usize,
    line: usize,
    column: usize,
    expected: &'static str,
    found: Option<char>,
}

/// What is wrong with a text that is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// There is nothing but white space.
    Empty,
    /// The text ends within a value.
    UnexpectedEnd,
    /// A character is not one of those that may stand there.
    UnexpectedByte,
    /// A backslash is not followed by one of `"\/bfnrt` or by `u` and four hexadecimal digits.
    InvalidEscape,
    /// An escaped UTF-16 surrogate is not half of a pair, so it stands for no character.
    LoneSurrogate,
    /// A control character (below U+0020) stands in a string without being escaped.
    ControlCharacter,
    /// A number has a leading zero, or lacks a digit where one must be.
    InvalidNumber,
    /// A number is beyond the range of `f64`, about 1.8e308; no Rust type that a schema becomes holds it (RFC 8259,
    /// section 6, allows the limit).
    NumberOutOfRange,
    /// The bytes are not UTF-8.
    InvalidUtf8,
    /// A key occurs twice in one object.
    RepeatedKey,
    /// Containers are nested more than [`MAX_DEPTH`](super::MAX_DEPTH) deep.
    TooDeep,
    /// There is more after the value.
    TrailingText,
    /// The text has 4 GiB or more.
    TooLarge,
}

impl SyntaxError {
    #[cold]
    pub(super) fn new(
        kind: SyntaxErrorKind,
        bytes: &[u8],
        offset: usize,
        expected: &'static str,
    ) -> Self {
        let (before, after) = bytes.split_at_checked(offset).unwrap_or((bytes, &[]));
        let line_start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |newline| newline + 1);
        let line = before.get(line_start..).unwrap_or_default();
        Self {
            kind,
            offset,
            line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
            column: 1 + line.iter().filter(|&&byte| is_char_start(byte)).count(),
            expected,
            found: first_char(after),
        }
    }

    /// What is wrong.
    pub fn kind(&self) -> SyntaxErrorKind {
        self.kind
    }

    /// Where it is, in bytes from the start of the text.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The line in which it is, counted from 1; lines end with a line feed.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The place in its line in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What may stand there, in words.
    pub(crate) fn expected(&self) -> &'static str {
        self.expected
    }

    fn write_found(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.found {
            Some('\u{feff}') => f.write_str("a byte order mark"),
            Some('`') => f.write_str("a backtick"),
            Some(char @ '!'..='~') => write!(f, "`{char}`"),
            Some(char) => write!(f, "U+{:04X}", u32::from(char)),
            None => f.write_str("the end"),
        }
    }
}

/// Whether a byte of UTF-8 begins a character.
fn is_char_start(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

fn first_char(bytes: &[u8]) -> Option<char> {
    bytes
        .get(..bytes.len().min(4))?
        .utf8_chunks()
        .next()?
        .valid()
        .chars()
        .next()
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = self.expected;
        match self.kind {
            SyntaxErrorKind::Empty => return f.write_str("expected a value, found nothing"),
            SyntaxErrorKind::UnexpectedEnd => write!(f, "expected {expected}, found the end")?,
            SyntaxErrorKind::UnexpectedByte => {
                write!(f, "expected {expected}, found ")?;
                self.write_found(f)?;
            }
            SyntaxErrorKind::InvalidEscape => f.write_str("invalid escape in a string")?,
            SyntaxErrorKind::LoneSurrogate => f.write_str("lone surrogate in a string")?,
            SyntaxErrorKind::ControlCharacter => {
                f.write_str("unescaped control character ")?;
                self.write_found(f)?;
                f.write_str(" in a string")?;
            }
            SyntaxErrorKind::InvalidNumber if expected.is_empty() => {
                f.write_str("number with a leading zero")?;
            }
            SyntaxErrorKind::InvalidNumber => {
                write!(f, "invalid number: expected {expected}, found ")?;
                self.write_found(f)?;
            }
            SyntaxErrorKind::NumberOutOfRange => f.write_str("number out of range")?,
            SyntaxErrorKind::InvalidUtf8 => f.write_str("invalid UTF-8")?,
            SyntaxErrorKind::RepeatedKey => f.write_str("repeated key in an object")?,
            SyntaxErrorKind::TooDeep => {
                write!(f, "nested more than {} levels deep", super::MAX_DEPTH)?;
            }
            SyntaxErrorKind::TrailingText => {
                f.write_str("expected the end after the value, found ")?;
                self.write_found(f)?;
            }
            SyntaxErrorKind::TooLarge => return f.write_str("text of 4 GiB or more"),
        }
        write!(f, " at line {} column {}", self.line, self.column)
    }
}

impl Error for SyntaxError {}
