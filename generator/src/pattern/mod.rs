//! Patterns: ECMA-262 regular expressions, read at generation and translated into what the server runs.
//!
//! The dialect is ECMA-262 with the `u` flag, searched anywhere in the text, as JSON Schema's `pattern` and
//! `patternProperties` ask for. This module knows neither documents nor Rust code; it turns text into data.

mod analysis;
mod ast;
mod backreference;
mod class;
mod compile;
mod escape;
mod parse;
mod print;
mod simple;
#[cfg(test)]
mod tests;

use std::fmt;

pub use simple::{Sequence, Simple, Step};

/// Translates a pattern into the cheapest form that accepts exactly the same texts.
///
/// The dialect is that of ECMA-262 with the `u` flag. Beyond it, the parts of Annex B that occur in real documents and
/// cannot be misread are accepted: escapes of punctuation that need none (`\-`, `\_`, `\@`), unescaped `]`, `{` and
/// `}`, a class escape at the end of a range (`[\w-.]`), and quantified lookaheads.
///
/// # Errors
///
/// Refused, with the offset: a pattern that is not of this dialect, a property that is not known, a lone surrogate
/// (no text contains one), what would need more memory than the default limit of `regex`, and the few forms of
/// backreference and lookbehind whose meaning `fancy-regex` cannot keep.
pub fn translate(pattern: &str) -> Result<Pattern, PatternError> {
    let node = parse::parse(pattern)?;
    if analysis::accepts_everything(&node) {
        return Ok(Pattern::Any);
    }
    if let Some(pattern) = simple::lower(&node) {
        return Ok(pattern);
    }
    backreference::check(&node)?;
    match analysis::needs_backtracking(&node) {
        true => compile::backtracking(&node).map(Pattern::Backtracking),
        false => match compile::linear(&node) {
            Ok(text) => Ok(Pattern::Linear(text)),
            // A long repetition of a large class is too much for an automaton, but only a counter for a loop.
            Err(error) => simple::lower_large(&node).ok_or(error),
        },
    }
}

/// Whether a text matches a pattern; nothing where the pattern is refused, or the answer takes too long.
pub(crate) fn matches(pattern: &str, text: &str) -> Option<bool> {
    let node = parse::parse(pattern).ok()?;
    if analysis::accepts_everything(&node) {
        return Some(true);
    }
    if analysis::needs_backtracking(&node) {
        let pattern = compile::backtracking(&node).ok()?;
        return fancy_regex::Regex::new(&pattern).ok()?.is_match(text).ok();
    }
    let pattern = compile::linear(&node).ok()?;
    Some(regex::Regex::new(&pattern).ok()?.is_match(text))
}

/// What the server runs in place of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// A few sequences of literals and counted character classes that are decided without backtracking.
    Simple(Simple),

    /// Syntax of the crate `regex`; `is_match` gives the answer in time linear in the text.
    Linear(String),

    /// Syntax of the crate `fancy-regex`: the pattern has lookaround or backreferences.
    Backtracking(String),

    /// Every text is accepted.
    Any,
}

/// Why a pattern is refused, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// Where in the pattern, in bytes from 0; at most the pattern's length.
    pub offset: usize,

    /// What is wrong: lowercase, without a final stop.
    pub message: String,
}

impl PatternError {
    fn new(offset: usize, message: impl Into<String>) -> Self {
        Self {
            offset,
            message: message.into(),
        }
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at offset {})", self.message, self.offset)
    }
}

impl std::error::Error for PatternError {}
