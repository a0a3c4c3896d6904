//! The tokenizer: one pass over the text, no recursion.
//!
//! The open containers are linked through their own entries: until a container is closed, its `end` is the index of the
//! container around it, and its `start` keeps its count while an inner one is open.

use std::str;

use super::{
    Kind, MAX_DEPTH, SyntaxError, SyntaxErrorKind as Fault, Tree, escape, keys, scan,
    tree::{ESCAPED, Entry, IN_SCRATCH},
};
use crate::number;

/// Parses a whole text that is to stand within `depth` containers.
pub(super) fn parse(bytes: &[u8], depth: usize) -> Result<Tree<'_>, SyntaxError> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(SyntaxError::new(Fault::TooLarge, bytes, 0, ""));
    }
    let text = str::from_utf8(bytes)
        .map_err(|error| SyntaxError::new(Fault::InvalidUtf8, bytes, error.valid_up_to(), ""))?;
    let mut parser = Parser {
        bytes,
        tree: Tree {
            text,
            scratch: String::new(),
            nodes: Vec::with_capacity((bytes.len() / 8 + 1).min(MOST_NODES_AHEAD)),
        },
        container: NO_CONTAINER,
        is_object: false,
        count: 0,
        seen: 0,
        depth,
        outer_seen: [0; MAX_DEPTH + 1],
        escaped_keys: Vec::new(),
        failure: (Fault::UnexpectedEnd, 0, ""),
    };
    match parser.document(Text(bytes)) {
        Some(()) => Ok(parser.tree),
        None => {
            let (fault, offset, expected) = parser.failure;
            Err(SyntaxError::new(fault, bytes, offset, expected))
        }
    }
}

/// Space is set aside for an eighth of the bytes as nodes, but for no more than this.
const MOST_NODES_AHEAD: usize = 1 << 16;

const NO_CONTAINER: u32 = u32::MAX;

const VALUE: &str = "a value";
const CLOSING_QUOTE: &str = "`\"`";
const KEY: &str = "a key";
const KEY_OR_BRACE: &str = "a key or `}`";
const VALUE_OR_BRACKET: &str = "a value or `]`";
const COMMA_OR_BRACE: &str = "`,` or `}`";
const COMMA_OR_BRACKET: &str = "`,` or `]`";
const COLON: &str = "`:`";

struct Parser<'t> {
    bytes: &'t [u8],
    tree: Tree<'t>,
    /// The innermost open container, with what is known of it.
    container: u32,
    is_object: bool,
    count: u32,
    /// A bit for the fingerprint of each key of the open object: where the bit of a new key is free, it is no repetition.
    seen: u64,
    /// How many containers are open, those around the whole text included.
    depth: usize,
    /// `seen` of the containers around the innermost, by depth.
    outer_seen: [u64; MAX_DEPTH + 1],
    /// The nodes of keys in the scratch, and where their quotes stand in the text.
    escaped_keys: Vec<(u32, usize)>,
    /// The fault, once a method has returned `None`.
    failure: (Fault, usize, &'static str),
}

impl<'t> Parser<'t> {
    fn document(&mut self, bytes: Text<'t>) -> Option<()> {
        let mut pos = bytes.skip_whitespace(0);
        if pos == bytes.0.len() {
            return self.fail(Fault::Empty, pos, VALUE);
        }
        loop {
            pos = match bytes.peek(pos) {
                b'"' => self.string(bytes, pos)?,
                b'-' | b'0'..=b'9' => self.number(bytes, pos)?,
                b'{' => {
                    pos = self.open(bytes, pos, Kind::Object)?;
                    match bytes.peek(pos) {
                        b'"' => {
                            pos = self.key(bytes, pos)?;
                            continue;
                        }
                        b'}' => self.close(pos)?,
                        _ => return self.unexpected(pos, KEY_OR_BRACE),
                    }
                }
                b'[' => {
                    pos = self.open(bytes, pos, Kind::Array)?;
                    if bytes.peek(pos) != b']' {
                        self.count = 1;
                        continue;
                    }
                    self.close(pos)?
                }
                b't' => self.literal(bytes, pos, b"true", Kind::True)?,
                b'f' => self.literal(bytes, pos, b"false", Kind::False)?,
                b'n' => self.literal(bytes, pos, b"null", Kind::Null)?,
                _ => {
                    let first =
                        self.container != NO_CONTAINER && !self.is_object && self.count == 1;
                    return self.unexpected(pos, if first { VALUE_OR_BRACKET } else { VALUE });
                }
            };
            loop {
                pos = bytes.skip_whitespace(pos);
                if self.container == NO_CONTAINER {
                    return match bytes.peek(pos) {
                        0 if pos == bytes.0.len() => Some(()),
                        _ => self.fail(Fault::TrailingText, pos, ""),
                    };
                }
                match (bytes.peek(pos), self.is_object) {
                    (b',', true) => {
                        pos = bytes.skip_whitespace(pos + 1);
                        if bytes.peek(pos) != b'"' {
                            return self.unexpected(pos, KEY);
                        }
                        pos = self.key(bytes, pos)?;
                        break;
                    }
                    (b',', false) => {
                        pos = bytes.skip_whitespace(pos + 1);
                        self.count += 1;
                        break;
                    }
                    (b'}', true) | (b']', false) => pos = self.close(pos)?,
                    (_, true) => return self.unexpected(pos, COMMA_OR_BRACE),
                    (_, false) => return self.unexpected(pos, COMMA_OR_BRACKET),
                }
            }
        }
    }

    /// Enters a container; the position is the one after its bracket and white space.
    #[inline(always)]
    fn open(&mut self, bytes: Text<'t>, pos: usize, kind: Kind) -> Option<usize> {
        if self.depth >= MAX_DEPTH {
            return self.fail(Fault::TooDeep, pos, "");
        }
        if let Some(outer) = self.tree.nodes.get_mut(self.container as usize) {
            outer.start = self.count;
        }
        if let Some(outer_seen) = self.outer_seen.get_mut(self.depth) {
            *outer_seen = self.seen;
        }
        self.depth += 1;
        let index = self.tree.len();
        self.push(Entry::new(kind, 0, 0, self.container));
        self.container = index;
        self.is_object = kind == Kind::Object;
        self.count = 0;
        self.seen = 0;
        Some(bytes.skip_whitespace(pos + 1))
    }

    /// Leaves the innermost container, whose bracket is at `pos`.
    #[inline(always)]
    fn close(&mut self, pos: usize) -> Option<usize> {
        if self.is_object && self.count > keys::FEW {
            self.check_keys()?;
        }
        let end = self.tree.len();
        if let Some(entry) = self.tree.nodes.get_mut(self.container as usize) {
            entry.start = self.count;
            self.container = entry.end;
            entry.end = end;
        }
        self.depth = self.depth.saturating_sub(1);
        if let Some(outer) = self.tree.nodes.get(self.container as usize) {
            self.is_object = outer.kind == Kind::Object;
            self.count = outer.start;
            self.seen = self.outer_seen.get(self.depth).copied().unwrap_or(u64::MAX);
        }
        Some(pos + 1)
    }

    /// The keys past the first few are compared all at once.
    #[cold]
    fn check_keys(&mut self) -> Option<()> {
        match keys::find_repeated(&self.tree, self.container, self.count) {
            None => Some(()),
            Some(index) => {
                let known = self.escaped_keys.binary_search_by_key(&index, |key| key.0);
                let quote = match known.ok().and_then(|at| self.escaped_keys.get(at)) {
                    Some(&(_, quote)) => quote,
                    None => (self.tree.entry(index).start as usize).saturating_sub(1),
                };
                self.fail(Fault::RepeatedKey, quote, "")
            }
        }
    }

    /// Reads a key and its colon; the position is the one of the value.
    #[inline(always)]
    fn key(&mut self, bytes: Text<'t>, quote: usize) -> Option<usize> {
        let start = quote + 1;
        let stop = scan::stop(bytes.0, start);
        if bytes.peek(stop) != b'"' {
            return self.key_with_escapes(bytes, quote, stop);
        }
        let print = scan::fingerprint(bytes.0.get(start..stop).unwrap_or_default());
        let key = Entry::new(Kind::String, 0, start as u32, stop as u32);
        self.add_key(key, print, quote)?;
        self.colon(bytes, stop + 1)
    }

    /// Writes a key without its escapes to the scratch, so that it can be had as a `&str`.
    #[cold]
    fn key_with_escapes(&mut self, bytes: Text<'t>, quote: usize, stop: usize) -> Option<usize> {
        let end = self.string_with_escapes(stop)?;
        let from = self.tree.scratch.len();
        let raw = self.tree.text.get(quote + 1..end).unwrap_or("");
        escape::unescape_into(raw, &mut self.tree.scratch);
        let key = Entry::new(
            Kind::String,
            IN_SCRATCH,
            from as u32,
            self.tree.scratch.len() as u32,
        );
        let print = scan::fingerprint(self.tree.slice(key).as_bytes());
        self.escaped_keys.push((self.tree.len(), quote));
        self.add_key(key, print, quote)?;
        self.colon(bytes, end + 1)
    }

    /// Stores a key that the open object does not have yet.
    #[inline(always)]
    fn add_key(&mut self, mut key: Entry, print: u64, quote: usize) -> Option<()> {
        key.fingerprint = (print >> 48) as u16;
        let bit = 1 << (print >> 32 & 63);
        if self.seen & bit != 0
            && self.count < keys::FEW
            && keys::is_among_first(&self.tree, self.container, self.count, key)
        {
            return self.fail(Fault::RepeatedKey, quote, "");
        }
        self.seen |= bit;
        self.count += 1;
        self.push(key);
        Some(())
    }

    /// Passes the colon after a key; the position is the one of the value.
    #[inline(always)]
    fn colon(&mut self, bytes: Text<'t>, mut pos: usize) -> Option<usize> {
        if bytes.peek(pos) != b':' {
            pos = bytes.skip_whitespace(pos);
            if bytes.peek(pos) != b':' {
                return self.unexpected(pos, COLON);
            }
        }
        Some(bytes.skip_whitespace(pos + 1))
    }

    #[inline(always)]
    fn string(&mut self, bytes: Text<'t>, quote: usize) -> Option<usize> {
        let start = quote + 1;
        let stop = scan::stop(bytes.0, start);
        if bytes.peek(stop) != b'"' {
            let end = self.string_with_escapes(stop)?;
            self.push_escaped(start, end);
            return Some(end + 1);
        }
        self.push(Entry::new(Kind::String, 0, start as u32, stop as u32));
        Some(stop + 1)
    }

    #[cold]
    fn push_escaped(&mut self, start: usize, end: usize) {
        self.push(Entry::new(Kind::String, ESCAPED, start as u32, end as u32));
    }

    /// The closing quote of a string in which something else than a quote stands at `pos`.
    #[cold]
    fn string_with_escapes(&mut self, mut pos: usize) -> Option<usize> {
        loop {
            match self.bytes.get(pos) {
                Some(b'"') => return Some(pos),
                Some(b'\\') => match escape::check(self.bytes.get(pos..).unwrap_or_default()) {
                    Ok(length) => pos += length,
                    Err((fault, at)) => return self.fail(fault, pos + at, CLOSING_QUOTE),
                },
                Some(_) => return self.fail(Fault::ControlCharacter, pos, ""),
                None => return self.unexpected(pos, CLOSING_QUOTE),
            }
            pos = scan::stop(self.bytes, pos);
        }
    }

    #[inline(always)]
    fn number(&mut self, bytes: Text<'t>, start: usize) -> Option<usize> {
        let mut pos = start;
        if bytes.peek(pos) == b'-' {
            pos += 1;
        }
        let leading = pos;
        pos = self.digits(bytes, pos)?;
        if bytes.peek(leading) == b'0' && pos - leading > 1 {
            return self.fail(Fault::InvalidNumber, start, "");
        }
        if bytes.peek(pos) == b'.' {
            pos = self.digits(bytes, pos + 1)?;
        }
        let has_exponent = matches!(bytes.peek(pos), b'e' | b'E');
        if has_exponent {
            pos += 1;
            if matches!(bytes.peek(pos), b'+' | b'-') {
                pos += 1;
            }
            pos = self.digits(bytes, pos)?;
        }
        if (has_exponent || pos - start > f64::MAX_10_EXP as usize) && !self.is_finite(start, pos) {
            return self.fail(Fault::NumberOutOfRange, start, "");
        }
        self.push(Entry::new(Kind::Number, 0, start as u32, pos as u32));
        Some(pos)
    }

    /// Whether a number is in the range of `f64`.
    #[cold]
    fn is_finite(&self, start: usize, end: usize) -> bool {
        let text = self.bytes.get(start..end).unwrap_or_default();
        str::from_utf8(text).is_ok_and(|text| number::to_f64(text).is_some())
    }

    /// The position after one or more digits.
    #[inline(always)]
    fn digits(&mut self, bytes: Text<'t>, start: usize) -> Option<usize> {
        let mut pos = start;
        while bytes.peek(pos).is_ascii_digit() {
            pos += 1;
        }
        if pos > start {
            return Some(pos);
        }
        if pos == bytes.0.len() {
            return self.fail(Fault::UnexpectedEnd, pos, "a digit");
        }
        self.fail(Fault::InvalidNumber, pos, "a digit")
    }

    #[inline(always)]
    fn literal(
        &mut self,
        bytes: Text<'t>,
        start: usize,
        word: &'static [u8],
        kind: Kind,
    ) -> Option<usize> {
        let end = start + word.len();
        if bytes.0.get(start..end) != Some(word) {
            return self.misspelt(start, word);
        }
        self.push(Entry::new(kind, 0, start as u32, end as u32));
        Some(end)
    }

    #[cold]
    fn misspelt(&mut self, start: usize, word: &'static [u8]) -> Option<usize> {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let same = rest.iter().zip(word).take_while(|(a, b)| a == b).count();
        let expected = match word {
            b"true" => "`true`",
            b"false" => "`false`",
            _ => "`null`",
        };
        self.unexpected(start + same, expected)
    }

    #[inline(always)]
    fn push(&mut self, entry: Entry) {
        self.tree.nodes.push(entry);
    }

    #[cold]
    fn unexpected<T>(&mut self, pos: usize, expected: &'static str) -> Option<T> {
        let fault = if pos < self.bytes.len() {
            Fault::UnexpectedByte
        } else {
            Fault::UnexpectedEnd
        };
        self.fail(fault, pos, expected)
    }

    #[cold]
    fn fail<T>(&mut self, fault: Fault, offset: usize, expected: &'static str) -> Option<T> {
        self.failure = (fault, offset, expected);
        None
    }
}

/// The text. It is handed around by value, so that it stays in registers, which fields of the parser do not.
#[derive(Clone, Copy)]
struct Text<'t>(&'t [u8]);

impl Text<'_> {
    /// The byte at `pos`. Past the end it is NUL, which is right nowhere.
    #[inline(always)]
    fn peek(self, pos: usize) -> u8 {
        self.0.get(pos).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn skip_whitespace(self, pos: usize) -> usize {
        if self.peek(pos) > b' ' {
            pos
        } else {
            scan::skip_whitespace(self.0, pos)
        }
    }
}
