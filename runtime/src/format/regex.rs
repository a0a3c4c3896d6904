//! `regex`: a regular expression of ECMA-262, section 22.2.1, with the part of Annex B that patterns in the wild need.

use std::collections::HashSet;

/// Tells whether a text is a regular expression of ECMA-262.
///
/// The dialect is that of `pattern` in documents: a brace or bracket that opens nothing stands for itself, and an escape
/// that other dialects have and this one has not (`\A`, `\z`) is refused. Whether Unicode has a property of the name in
/// `\p{..}` is not asked. It takes one pass, however deep groups nest.
pub fn is_regex(text: &str) -> bool {
    let mut reader = Reader {
        rest: text,
        open: Vec::new(),
        groups: 0,
        names: HashSet::new(),
        references: Vec::new(),
        named_references: Vec::new(),
    };
    reader.read().is_some()
        && reader
            .references
            .iter()
            .all(|number| *number <= reader.groups)
        && reader
            .named_references
            .iter()
            .all(|name| reader.names.contains(name))
}

/// What a term is to the quantifier after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Term {
    /// There is none, or it has a quantifier already.
    Nothing,
    /// It may be repeated.
    Atom,
    /// It is a place, not a text.
    Assertion,
}

struct Reader<'t> {
    rest: &'t str,
    /// What each open group is going to be once it is closed.
    open: Vec<Term>,
    /// How many groups capture.
    groups: u64,
    names: HashSet<&'t str>,
    references: Vec<u64>,
    named_references: Vec<&'t str>,
}

impl<'t> Reader<'t> {
    fn read(&mut self) -> Option<()> {
        let mut term = Term::Nothing;
        while let Some(sign) = self.next() {
            term = match sign {
                '^' | '$' => Term::Assertion,
                '|' => Term::Nothing,
                '(' => {
                    let group = self.group()?;
                    self.open.push(group);
                    Term::Nothing
                }
                ')' => self.open.pop()?,
                '[' => {
                    self.class()?;
                    Term::Atom
                }
                '\\' => self.escape()?,
                '*' | '+' | '?' => self.repeated(term)?,
                '{' => match self.braces()? {
                    true => self.repeated(term)?,
                    false => Term::Atom,
                },
                _ => Term::Atom,
            };
        }
        self.open.is_empty().then_some(())
    }

    /// The end of a quantifier after such a term.
    fn repeated(&mut self, term: Term) -> Option<Term> {
        self.eat("?");
        (term == Term::Atom).then_some(Term::Nothing)
    }

    /// The rest of `{2}`, `{2,}` or `{2,3}`; `Some(false)` where the brace stands for itself.
    fn braces(&mut self) -> Option<bool> {
        let before = self.rest;
        let least = self.digits(10);
        let most = if least.is_empty() {
            None
        } else if self.eat(",") {
            Some(self.digits(10))
        } else {
            Some(least)
        };
        match most.filter(|_| self.eat("}")) {
            Some(most) => (most.is_empty() || !is_less(most, least)).then_some(true),
            None => {
                self.rest = before;
                Some(false)
            }
        }
    }

    /// The start of a group whose parenthesis is taken; what it is going to be.
    fn group(&mut self) -> Option<Term> {
        if ["?<=", "?<!"].iter().any(|it| self.eat(it)) {
            return Some(Term::Assertion);
        }
        // Annex B lets a look ahead be repeated.
        if ["?=", "?!", "?:"].iter().any(|it| self.eat(it)) {
            return Some(Term::Atom);
        }
        self.groups += 1;
        if self.eat("?<") {
            let name = self.name()?;
            return self.names.insert(name).then_some(Term::Atom);
        }
        (!self.rest.starts_with('?')).then_some(Term::Atom)
    }

    /// The name of a group, up to and including `>`.
    fn name(&mut self) -> Option<&'t str> {
        let (name, rest) = self.rest.split_once('>')?;
        let is_name = !name.is_empty()
            && !name.starts_with(char::is_numeric)
            && name
                .chars()
                .all(|sign| sign == '$' || sign == '_' || sign.is_alphanumeric());
        self.rest = rest;
        is_name.then_some(name)
    }

    /// What a backslash begins outside of a class.
    fn escape(&mut self) -> Option<Term> {
        match self.rest.chars().next()? {
            'b' | 'B' => {
                self.next();
                Some(Term::Assertion)
            }
            '1'..='9' => {
                let digits = self.digits(10);
                self.references.push(digits.parse().unwrap_or(u64::MAX));
                Some(Term::Atom)
            }
            'k' => {
                self.next();
                if !self.eat("<") {
                    return None;
                }
                let name = self.name()?;
                self.named_references.push(name);
                Some(Term::Atom)
            }
            _ => self.character().map(|_| Term::Atom),
        }
    }

    /// The rest of an escape that stands for characters: the code of the only one, where it is one.
    fn character(&mut self) -> Option<Option<u32>> {
        let sign = self.next()?;
        Some(match sign {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => None,
            'p' | 'P' => {
                let (name, rest) = self.rest.strip_prefix('{')?.split_once('}')?;
                let is_word = |word: &str| {
                    !word.is_empty()
                        && word
                            .bytes()
                            .all(|it| it == b'_' || it.is_ascii_alphanumeric())
                };
                let mut words = name.splitn(2, '=');
                if !words.all(is_word) {
                    return None;
                }
                self.rest = rest;
                None
            }
            't' => Some(0x9),
            'n' => Some(0xA),
            'v' => Some(0xB),
            'f' => Some(0xC),
            'r' => Some(0xD),
            'c' => {
                let letter = self.next().filter(char::is_ascii_alphabetic)?;
                Some(u32::from(letter) & 0x1F)
            }
            '0' => {
                if self.rest.starts_with(|next: char| next.is_ascii_digit()) {
                    return None;
                }
                Some(0)
            }
            'x' => Some(self.hexadecimal(2)?),
            'u' if self.eat("{") => {
                // A number too long for 32 bits is no character either.
                let code = u32::from_str_radix(self.digits(16), 16).ok()?;
                if code > 0x10_FFFF || !self.eat("}") {
                    return None;
                }
                Some(code)
            }
            'u' => {
                let high = self.hexadecimal(4)?;
                let before = self.rest;
                let low = if (0xD800..0xDC00).contains(&high) && self.eat("\\u") {
                    self.hexadecimal(4)
                } else {
                    None
                };
                match low.filter(|low| (0xDC00..0xE000).contains(low)) {
                    Some(low) => Some(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)),
                    None => {
                        self.rest = before;
                        Some(high)
                    }
                }
            }
            other if other.is_alphanumeric() => return None,
            other => Some(u32::from(other)),
        })
    }

    fn hexadecimal(&mut self, count: usize) -> Option<u32> {
        let digits = self.rest.get(..count)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        self.rest = self.rest.get(count..)?;
        u32::from_str_radix(digits, 16).ok()
    }

    /// The rest of a class whose bracket is taken.
    fn class(&mut self) -> Option<()> {
        self.eat("^");
        loop {
            if self.eat("]") {
                return Some(());
            }
            let first = self.member()?;
            let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]");
            if is_range && self.eat("-") {
                let last = self.member()?;
                // Next to a class the hyphen is a member like any other.
                if first.zip(last).is_some_and(|(first, last)| first > last) {
                    return None;
                }
            }
        }
    }

    /// A member of a class: its code, where it is one character.
    fn member(&mut self) -> Option<Option<u32>> {
        match self.next()? {
            '\\' if self.eat("b") => Some(Some(0x8)),
            '\\' => self.character(),
            sign => Some(Some(u32::from(sign))),
        }
    }

    fn next(&mut self) -> Option<char> {
        let mut signs = self.rest.chars();
        let sign = signs.next()?;
        self.rest = signs.as_str();
        Some(sign)
    }

    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn digits(&mut self, radix: u32) -> &'t str {
        let end = self
            .rest
            .find(|sign: char| !sign.is_digit(radix))
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits
    }
}

/// Compares two decimal numbers of any length.
fn is_less(left: &str, right: &str) -> bool {
    let left = left.trim_start_matches('0');
    let right = right.trim_start_matches('0');
    (left.len(), left) < (right.len(), right)
}
