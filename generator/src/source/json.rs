//! JSON (RFC 8259) into the tree.
//!
//! A parser of YAML reads nearly all JSON, but not a raw U+007F or U+FFFF in a string, and it accepts what is not JSON
//! without a word. This one is strict, and quick in a build script that is not optimised.

use std::rc::Rc;

use super::{
    FileId, Node, Value,
    tree::{GivenUp, Tree},
    yaml::offset,
};
use crate::diagnostic::{Code, Diagnostics};

/// Why a text is not JSON.
pub(super) struct Fault {
    start: usize,
    end: usize,
    headline: String,
    label: &'static str,
    help: Option<&'static str>,
}

/// Reads a JSON text.
///
/// # Errors
/// The first fault of its syntax. What else is wrong with the document is in the diagnostics.
pub(super) fn read(
    text: &str,
    file: FileId,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Rc<Node>>, Fault> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: if text.starts_with('\u{feff}') { 3 } else { 0 },
        tree: Tree::new(file, diagnostics),
    };
    match reader.document() {
        Ok(()) => Ok(reader.tree.finish()),
        Err(Stop::GivenUp) => Ok(None),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

impl Fault {
    /// Records the fault as a diagnostic.
    pub(super) fn report(self, file: FileId, diagnostics: &mut Diagnostics) {
        let mut tree = Tree::new(file, diagnostics);
        let span = tree.span(offset(self.start), offset(self.end));
        let place = tree.place(span);
        let diagnostic = diagnostics.error(Code::Syntax, &place, self.headline);
        diagnostic.label(self.label);
        if let Some(help) = self.help {
            diagnostic.help(help);
        }
    }
}

struct Reader<'t, 'd> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    tree: Tree<'d>,
}

enum Stop {
    GivenUp,
    Fault(Fault),
}

impl From<GivenUp> for Stop {
    fn from(_: GivenUp) -> Self {
        Self::GivenUp
    }
}

impl<'t> Reader<'t, '_> {
    fn document(&mut self) -> Result<(), Stop> {
        // The bracket that ends each open collection.
        let mut open: Vec<u8> = Vec::new();
        loop {
            if let Some(end) = self.value()? {
                open.push(end);
                if end == b'}' {
                    self.key()?;
                }
                continue;
            }
            loop {
                let next = self.peek();
                match (open.last(), next) {
                    (None, None) => return Ok(()),
                    (None, Some(_)) => {
                        return Err(self.fault(
                            "text after the end of the document",
                            "expected nothing more",
                            None,
                        ));
                    }
                    (Some(b'}'), Some(b',')) => {
                        self.at += 1;
                        self.key()?;
                        break;
                    }
                    (Some(_), Some(b',')) => {
                        self.at += 1;
                        break;
                    }
                    (Some(end), Some(byte)) if *end == byte => {
                        self.at += 1;
                        self.tree.close(offset(self.at));
                        open.pop();
                    }
                    (Some(end), _) => return Err(self.expected_more(*end)),
                }
            }
        }
    }

    /// Reads a scalar or an empty collection whole; of any other collection the opening bracket, and returns the
    /// bracket that will end it.
    fn value(&mut self) -> Result<Option<u8>, Stop> {
        let byte = self.peek();
        let start = self.at;
        match byte {
            Some(bracket @ (b'{' | b'[')) => {
                self.at += 1;
                let span = self.tree.span(offset(start), offset(self.at));
                let end = if bracket == b'{' {
                    self.tree.open_mapping(span, 0, true)?;
                    b'}'
                } else {
                    self.tree.open_sequence(span, 0, true)?;
                    b']'
                };
                if self.peek() != Some(end) {
                    return Ok(Some(end));
                }
                self.at += 1;
                self.tree.close(offset(self.at));
            }
            Some(b'"') => {
                let text = self.string()?;
                self.scalar(Value::String(text), start)?;
            }
            Some(b'-' | b'0'..=b'9') => {
                let number = self.number()?;
                self.scalar(Value::Number(number.into()), start)?;
            }
            Some(b't') if self.takes("true") => self.scalar(Value::Bool(true), start)?,
            Some(b'f') if self.takes("false") => self.scalar(Value::Bool(false), start)?,
            Some(b'n') if self.takes("null") => self.scalar(Value::Null, start)?,
            Some(b'}' | b']') => {
                let help = Some("JSON allows no comma before a closing bracket");
                return Err(self.fault(
                    "a value is missing before the bracket",
                    "expected a value",
                    help,
                ));
            }
            Some(b'/' | b'#') => return Err(self.comment()),
            Some(b'\'') => {
                let help = Some("use double quotes");
                return Err(self.fault(
                    "JSON has no single-quoted strings",
                    "expected a value",
                    help,
                ));
            }
            Some(_) => {
                return Err(self.fault(
                    "this is no JSON value",
                    "expected a value",
                    Some("text needs double quotes"),
                ));
            }
            None => {
                return Err(self.fault(
                    "the file ends where a value should stand",
                    "expected a value",
                    None,
                ));
            }
        }
        Ok(None)
    }

    fn scalar(&mut self, value: Value, start: usize) -> Result<(), Stop> {
        let span = self.tree.span(offset(start), offset(self.at));
        self.tree.scalar(value, span)?;
        Ok(())
    }

    fn key(&mut self) -> Result<(), Stop> {
        let byte = self.peek();
        let start = self.at;
        match byte {
            Some(b'"') => {}
            Some(b'}') => {
                let help = Some("JSON allows no comma before a closing bracket");
                return Err(self.fault(
                    "a key is missing before the bracket",
                    "expected a key",
                    help,
                ));
            }
            Some(b'/' | b'#') => return Err(self.comment()),
            Some(_) => {
                return Err(self.fault(
                    "a key must be a string",
                    "expected a key",
                    Some("keys need double quotes"),
                ));
            }
            None => {
                return Err(self.fault("the file ends inside an object", "expected a key", None));
            }
        }
        let text = self.string()?;
        let span = self.tree.span(offset(start), offset(self.at));
        if self.peek() != Some(b':') {
            return Err(self.fault("a colon is missing after the key", "expected `:`", None));
        }
        self.at += 1;
        self.tree.key(text, span);
        Ok(())
    }

    fn string(&mut self) -> Result<Rc<str>, Stop> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        let mut plain = self.at;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    let rest = self.slice(plain);
                    self.at += 1;
                    if text.is_empty() {
                        return Ok(rest.into());
                    }
                    text.push_str(rest);
                    return Ok(text.into());
                }
                Some(b'\\') => {
                    text.push_str(self.slice(plain));
                    text.push(self.escape()?);
                    plain = self.at;
                }
                Some(0..=0x1f) => {
                    let help = Some(r"write line breaks as `\n` and tabs as `\t`");
                    return Err(self.fault(
                        "a string holds a raw control character",
                        "not allowed in JSON",
                        help,
                    ));
                }
                Some(_) => self.at += 1,
                None => {
                    self.at = start;
                    return Err(self.fault(
                        "a string is never closed",
                        "the string begins here",
                        None,
                    ));
                }
            }
        }
    }

    /// Reads from the backslash on.
    fn escape(&mut self) -> Result<char, Stop> {
        let start = self.at;
        let letter = self.bytes.get(start + 1);
        self.at += 2;
        Ok(match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            _ => {
                self.at = start;
                let help = Some(r"a backslash itself is written `\\`");
                return Err(self.fault("JSON has no such escape", "expected a known escape", help));
            }
        })
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, Stop> {
        let first = self.hex_digits();
        if let Some(code) = first
            && let Some(character) = char::from_u32(code)
        {
            return Ok(character);
        }
        if let Some(high @ 0xd800..=0xdbff) = first
            && self.takes(r"\u")
            && let Some(low @ 0xdc00..=0xdfff) = self.hex_digits()
            && let Some(character) =
                char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
        {
            return Ok(character);
        }
        self.at = start;
        Err(match first {
            Some(_) => {
                let help =
                    Some("a character beyond U+FFFF is a pair of escapes; half of one is no text");
                self.fault(
                    "half of a surrogate pair stands alone",
                    "not a character",
                    help,
                )
            }
            None => self.fault(
                r"`\u` needs four hexadecimal digits",
                "expected a known escape",
                None,
            ),
        })
    }

    fn hex_digits(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Result<&'t str, Stop> {
        let start = self.at;
        self.at += usize::from(self.bytes.get(self.at) == Some(&b'-'));
        let whole = self.at;
        let mut is_valid =
            self.digits() > 0 && (self.bytes.get(whole) != Some(&b'0') || self.at == whole + 1);
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            is_valid &= self.digits() > 0;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            self.at += usize::from(matches!(self.bytes.get(self.at), Some(b'-' | b'+')));
            is_valid &= self.digits() > 0;
        }
        if !is_valid {
            self.at = start;
            let help = Some(
                "JSON numbers look like `0.5`, `-3` or `1e6`; anything else needs double quotes",
            );
            return Err(self.fault("this is no JSON number", "expected a number", help));
        }
        Ok(self.slice(start))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.at - start
    }

    /// The text from `start` to here.
    fn slice(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or("")
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_there = self
            .bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word.as_bytes()));
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }

    /// Skips white space and looks at the byte behind it.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                byte => return byte.copied(),
            }
        }
    }

    fn comment(&self) -> Stop {
        let help = Some("remove the comment, or name the file `.yaml`, where `#` begins a comment");
        self.fault("JSON has no comments", "expected a value or key", help)
    }

    fn expected_more(&self, end: u8) -> Stop {
        match (self.bytes.get(self.at), end) {
            (None, _) => {
                let mut fault = Fault {
                    start: self.at,
                    end: self.at,
                    headline: "the file ends inside an object or array".to_owned(),
                    label: "never closed",
                    help: None,
                };
                if let Some(bracket) = self.tree.open_bracket() {
                    fault.start = bracket as usize;
                    fault.end = fault.start + 1;
                }
                Stop::Fault(fault)
            }
            (Some(b'/' | b'#'), _) => self.comment(),
            (_, b'}') => self.fault(
                "a comma is missing between two members",
                "expected `,` or `}`",
                None,
            ),
            _ => self.fault(
                "a comma is missing between two items",
                "expected `,` or `]`",
                None,
            ),
        }
    }

    /// A fault at the current character.
    fn fault(&self, headline: &str, label: &'static str, help: Option<&'static str>) -> Stop {
        let start = self.at.min(self.text.len());
        let width = self
            .text
            .get(start..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        Stop::Fault(Fault {
            start,
            end: start + width,
            headline: headline.to_owned(),
            label,
            help,
        })
    }
}
