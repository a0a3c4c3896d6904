//! Proves at generation that an engine takes a pattern, so that the server never meets one that it does not.

use regex_automata::nfa::thompson::NFA;

use super::PatternError;
use super::ast::{Kind, Node};
use super::print::{Engine, print};

/// The limit of `regex` on a compiled pattern, in bytes: its own default, which the runtime leaves alone.
const SIZE_LIMIT: usize = 10 * (1 << 20);

/// The least that one repeated character takes in a compiled pattern, in bytes.
const CHARACTER_SIZE: u64 = 8;

/// From how many ranges and repetitions on the size of a class is measured: `\p{L}` takes some 20 KB, not 8 bytes.
const MEASURED_RANGES: usize = 32;
const MEASURED_TIMES: u64 = 16;

/// Writes a pattern for `regex`.
///
/// # Errors
///
/// Fails at the largest repetition when the compiled pattern would exceed the size limit.
pub(super) fn linear(node: &Node) -> Result<String, PatternError> {
    refuse_hopeless(node)?;
    let text = print(node, Engine::Linear);
    match regex::RegexBuilder::new(&text)
        .size_limit(SIZE_LIMIT)
        .build()
    {
        Ok(_) => Ok(text),
        Err(regex::Error::CompiledTooBig(_)) => Err(too_large(node)),
        Err(error) => Err(unsupported(node, &error)),
    }
}

/// Writes a pattern for `fancy-regex`.
///
/// # Errors
///
/// Fails like [`linear`], and where a lookbehind is of a form that `fancy-regex` does not know.
pub(super) fn backtracking(node: &Node) -> Result<String, PatternError> {
    refuse_hopeless(node)?;
    let text = print(node, Engine::Backtracking);
    match fancy_regex::RegexBuilder::new(&text)
        .delegate_size_limit(SIZE_LIMIT)
        .build()
    {
        Ok(_) => Ok(text),
        Err(fancy_regex::Error::CompileError(error)) if is_too_large(&error) => {
            Err(too_large(node))
        }
        Err(error) => Err(unsupported(node, &error)),
    }
}

fn is_too_large(error: &fancy_regex::CompileError) -> bool {
    match error {
        fancy_regex::CompileError::InnerError(error) => error.size_limit().is_some(),
        _ => false,
    }
}

/// Refuses what cannot fit before an engine tries, because trying costs memory and seconds.
pub(super) fn refuse_hopeless(node: &Node) -> Result<(), PatternError> {
    let mut left = u64::try_from(SIZE_LIMIT).unwrap_or(u64::MAX);
    match fits(node, 1, &mut left) {
        true => Ok(()),
        false => Err(too_large(node)),
    }
}

/// Takes off the least that a node can take when compiled so many times; false where nothing is left.
fn fits(node: &Node, times: u64, left: &mut u64) -> bool {
    let size = match &node.kind {
        Kind::Class(class)
            if times >= MEASURED_TIMES && class.set.ranges().len() >= MEASURED_RANGES =>
        {
            class_size(node)
        }
        _ if node.children().is_empty() => CHARACTER_SIZE,
        _ => 0,
    };
    let Some(rest) = left.checked_sub(size.saturating_mul(times)) else {
        return false;
    };
    *left = rest;
    let times = times.saturating_mul(copies(node));
    node.children().iter().all(|child| fits(child, times, left))
}

/// The size of a class in a compiled pattern: what the second one of two adds.
fn class_size(node: &Node) -> u64 {
    let class = print(node, Engine::Linear);
    let size = |pattern: &str| NFA::new(pattern).map_or(0, |nfa| nfa.memory_usage());
    let added = size(&format!("{class}{class}")).saturating_sub(size(&class));
    u64::try_from(added).unwrap_or(u64::MAX)
}

/// How often an engine writes out the body of a node.
fn copies(node: &Node) -> u64 {
    match &node.kind {
        Kind::Repeat { min, max, .. } => u64::from(max.unwrap_or(*min).max(*min).max(1)),
        _ => 1,
    }
}

/// How many characters a pattern has when its repetitions are written out.
fn characters(node: &Node) -> u64 {
    let inner = node.children().iter().map(characters);
    let sum = inner.fold(0, u64::saturating_add);
    match node.children() {
        [] => 1,
        _ => sum.saturating_mul(copies(node)),
    }
}

fn too_large(node: &Node) -> PatternError {
    let offset = largest_repetition(node).map_or(node.offset, |node| node.offset);
    let limit = SIZE_LIMIT >> 20;
    let message = format!("the pattern repeats too much: compiled it exceeds {limit} MiB");
    PatternError::new(offset, message)
}

fn largest_repetition(node: &Node) -> Option<&Node> {
    let inner = node
        .children()
        .iter()
        .filter_map(largest_repetition)
        .max_by_key(|node| characters(node));
    match node.kind {
        Kind::Repeat { .. } if inner.is_none_or(|inner| characters(inner) <= characters(node)) => {
            Some(node)
        }
        _ => inner,
    }
}

/// An engine's refusal for a reason of its own, which concerns lookbehinds in all known cases.
fn unsupported(node: &Node, error: &dyn std::error::Error) -> PatternError {
    let reason = error.to_string();
    let reason = reason.lines().last().unwrap_or_default();
    let offset = first_lookbehind(node).map_or(node.offset, |node| node.offset);
    PatternError::new(offset, format!("not supported: {reason}"))
}

fn first_lookbehind(node: &Node) -> Option<&Node> {
    match node.kind {
        Kind::Look { ahead: false, .. } => Some(node),
        _ => node.children().iter().find_map(first_lookbehind),
    }
}
