//! What runs in place of the document's patterns.
//!
//! The generator has translated them from ECMA-262; nothing here knows that dialect. All three kinds are `const`
//! constructible, so generated code keeps them in statics.

use std::fmt;
use std::sync::OnceLock;

/// How many steps back a [`BacktrackingPattern`] may take for one text.
const BACKTRACK_LIMIT: usize = 100_000;

/// How long a text may be for a [`BacktrackingPattern`], in bytes.
///
/// The steps that count against the limit may each look at the whole text, so the text has to be bounded too.
const BACKTRACK_TEXT_LIMIT: usize = 4 * 1024;

/// A pattern of a few sequences that are decided without an engine.
///
/// # Examples
///
/// ```
/// use specwright::pattern::{CharClass, Sequence, SimplePattern, Step};
///
/// // `^[0-9]{4}-`
/// static YEAR: SimplePattern = SimplePattern::new(&[Sequence {
///     from_start: true,
///     steps: &[
///         Step::Class(&CharClass::new(0x3FF << b'0', &[]), 4, Some(4)),
///         Step::Literal("-"),
///     ],
///     to_end: false,
/// }]);
///
/// assert!(YEAR.is_match("2026-11"));
/// assert!(!YEAR.is_match("26-11"));
/// ```
#[derive(Debug)]
pub struct SimplePattern {
    sequences: &'static [Sequence],
}

impl SimplePattern {
    /// Makes a pattern that accepts what one of the sequences accepts.
    pub const fn new(sequences: &'static [Sequence]) -> Self {
        Self { sequences }
    }

    /// Tells whether the pattern accepts a text.
    #[inline]
    pub fn is_match(&self, text: &str) -> bool {
        self.sequences
            .iter()
            .any(|sequence| sequence.is_match(text))
    }
}

/// Steps that are taken one after another, each as far as it goes; none is ever taken back.
#[derive(Debug)]
pub struct Sequence {
    /// Whether the first step must start where the text does; if not, it may start at any character.
    pub from_start: bool,

    /// The steps in the order of the text.
    pub steps: &'static [Step],

    /// Whether the last step must end where the text does.
    pub to_end: bool,
}

impl Sequence {
    #[inline]
    fn is_match(&self, text: &str) -> bool {
        if self.from_start {
            return self.is_match_at(text, 0);
        }
        match self.steps {
            [Step::Literal(literal)] if !self.to_end => text.contains(literal),
            _ => (0..=text.len())
                .filter(|offset| text.is_char_boundary(*offset))
                .any(|offset| self.is_match_at(text, offset)),
        }
    }

    #[inline]
    fn is_match_at(&self, text: &str, mut offset: usize) -> bool {
        for step in self.steps {
            match step.end(text, offset) {
                Some(end) => offset = end,
                None => return false,
            }
        }
        !self.to_end || offset == text.len()
    }
}

/// One step of a [`Sequence`].
#[derive(Debug)]
pub enum Step {
    /// This text.
    Literal(&'static str),

    /// Characters of a class: at least so many, and at most so many.
    Class(&'static CharClass, u32, Option<u32>),
}

impl Step {
    /// Gives the offset after this step, when it can be taken.
    #[inline]
    fn end(&self, text: &str, offset: usize) -> Option<usize> {
        match self {
            Self::Literal(literal) => {
                let rest = text.as_bytes().get(offset..)?;
                rest.starts_with(literal.as_bytes())
                    .then(|| offset + literal.len())
            }
            Self::Class(class, min, max) => {
                let limit = max.map_or(usize::MAX, |max| max as usize);
                let (count, end) = class.run(text, offset, limit);
                (count >= *min as usize).then_some(end)
            }
        }
    }
}

/// A set of characters.
#[derive(Debug)]
pub struct CharClass {
    /// One entry a byte, because a look-up costs less than taking a bit out of a word. The half beyond ASCII is empty,
    /// so a byte needs no comparison before it.
    bytes: [bool; 256],
    non_ascii: &'static [(char, char)],
}

impl CharClass {
    /// Makes a class: in `ascii` the bit of each member's code is set, `non_ascii` has the other members as inclusive
    /// ranges in ascending order.
    pub const fn new(ascii: u128, non_ascii: &'static [(char, char)]) -> Self {
        let mut bytes = [false; 256];
        let mut code = 0;
        while code < 128 {
            bytes[code] = ascii >> code & 1 == 1;
            code += 1;
        }
        Self { bytes, non_ascii }
    }

    /// Tells whether a byte is a member in ASCII.
    #[inline]
    const fn contains_byte(&self, byte: u8) -> bool {
        self.bytes[byte as usize]
    }

    /// Tells whether a character beyond ASCII is a member.
    fn contains_char(&self, character: char) -> bool {
        let after = self
            .non_ascii
            .partition_point(|(start, _)| *start <= character);
        after
            .checked_sub(1)
            .and_then(|index| self.non_ascii.get(index))
            .is_some_and(|(_, end)| character <= *end)
    }

    /// Takes as many members as follow, at most `limit`: how many, and the offset after them.
    #[inline]
    fn run(&self, text: &str, offset: usize, limit: usize) -> (usize, usize) {
        let rest = text.as_bytes().get(offset..).unwrap_or_default();
        // One slice of the right length leaves the loop a single comparison a byte.
        let window = rest.get(..limit).unwrap_or(rest);
        let count = window
            .iter()
            .position(|byte| !self.contains_byte(*byte))
            .unwrap_or(window.len());
        let end = offset + count;
        let next = rest.get(count).copied().unwrap_or_default();
        if next < 0x80 || count == limit || self.non_ascii.is_empty() {
            return (count, end);
        }
        let (more, end) = self.run_chars(text, end, limit - count);
        (count + more, end)
    }

    /// Does the same where characters beyond ASCII have been met.
    fn run_chars(&self, text: &str, offset: usize, limit: usize) -> (usize, usize) {
        let rest = text.get(offset..).unwrap_or_default();
        let mut count = 0;
        for (index, character) in rest.char_indices() {
            let is_member = match u8::try_from(character) {
                Ok(byte) if byte.is_ascii() => self.contains_byte(byte),
                _ => self.contains_char(character),
            };
            if count == limit || !is_member {
                return (count, offset + index);
            }
            count += 1;
        }
        (count, text.len())
    }
}

/// A pattern for the crate `regex`: decided in time linear in the text.
///
/// It is compiled when it is first used.
#[derive(Debug)]
pub struct LinearPattern {
    syntax: &'static str,
    regex: OnceLock<Option<regex::Regex>>,
}

impl LinearPattern {
    /// Makes a pattern of the syntax of `regex`.
    pub const fn new(syntax: &'static str) -> Self {
        Self {
            syntax,
            regex: OnceLock::new(),
        }
    }

    /// Tells whether the pattern accepts a text.
    ///
    /// One that `regex` does not take accepts nothing; the generator has tried it, so that cannot be one of its.
    #[inline]
    pub fn is_match(&self, text: &str) -> bool {
        self.regex
            .get_or_init(|| report(self.syntax, regex::Regex::new(self.syntax)))
            .as_ref()
            .is_some_and(|regex| regex.is_match(text))
    }
}

/// A pattern for the crate `fancy-regex`, with lookaround or backreferences.
///
/// It is compiled when it is first used.
#[derive(Debug)]
pub struct BacktrackingPattern {
    syntax: &'static str,
    regex: OnceLock<Option<fancy_regex::Regex>>,
}

impl BacktrackingPattern {
    /// Makes a pattern of the syntax of `fancy-regex`.
    pub const fn new(syntax: &'static str) -> Self {
        Self {
            syntax,
            regex: OnceLock::new(),
        }
    }

    /// Tells whether the pattern accepts a text.
    ///
    /// # Errors
    ///
    /// Fails when the answer is not found within 100,000 steps back, and for a text of more than 4 KiB.
    pub fn is_match(&self, text: &str) -> Result<bool, BacktrackLimitReached> {
        if text.len() > BACKTRACK_TEXT_LIMIT {
            return Err(BacktrackLimitReached);
        }
        let compile = || {
            fancy_regex::RegexBuilder::new(self.syntax)
                .backtrack_limit(BACKTRACK_LIMIT)
                .build()
        };
        match self.regex.get_or_init(|| report(self.syntax, compile())) {
            Some(regex) => regex.is_match(text).map_err(|_| BacktrackLimitReached),
            None => Ok(false),
        }
    }
}

/// Neither yes nor no: finding out would take too long. The text is to be refused, and the reason told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BacktrackLimitReached;

impl fmt::Display for BacktrackLimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text takes too long to match")
    }
}

impl std::error::Error for BacktrackLimitReached {}

fn report<T, E: fmt::Display>(syntax: &str, regex: Result<T, E>) -> Option<T> {
    regex
        .inspect_err(|error| tracing::error!(syntax, %error, "pattern does not compile"))
        .ok()
}
