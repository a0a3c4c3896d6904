//! The checks: one method per keyword, each `true` where the value satisfies it and a violation where not.

use std::borrow::Cow;

use super::{Decoder, Expected, Integer, Keyword};
use crate::{
    format,
    node::{Kind, Node},
    number::{self, Decimal},
    pattern::{BacktrackingPattern, LinearPattern, SimplePattern},
};

/// The work of a pattern that goes back up to its limit, in visits of a node.
const BACKTRACKED: u32 = 100_000;

/// Whether the text has at least so many code points; short texts are told by their bytes alone.
#[inline]
fn has_length(text: &str, least: u64) -> bool {
    let bytes = text.len() as u64;
    // A code point takes one to four bytes.
    let too_few = least.saturating_sub(1).saturating_mul(4);
    bytes >= least && (bytes > too_few || text.chars().count() as u64 >= least)
}

#[inline]
fn within_length(text: &str, most: u64) -> bool {
    text.len() as u64 <= most || text.chars().count() as u64 <= most
}

impl Decoder {
    /// `minLength`, in code points.
    #[inline]
    pub fn min_length(&mut self, node: Node<'_>, text: &str, least: u64) -> bool {
        has_length(text, least)
            || self.miscounted(node, Keyword::MinLength, "at least", least, "character")
    }

    /// `maxLength`, in code points.
    #[inline]
    pub fn max_length(&mut self, node: Node<'_>, text: &str, most: u64) -> bool {
        within_length(text, most)
            || self.miscounted(node, Keyword::MaxLength, "at most", most, "character")
    }

    /// `pattern`, of those that are straight code.
    #[inline]
    pub fn simple_pattern(
        &mut self,
        node: Node<'_>,
        text: &str,
        pattern: &'static SimplePattern,
        source: &'static str,
    ) -> bool {
        pattern.is_match(text) || self.no_match(node, source)
    }

    /// `pattern`, of those that are matched in linear time.
    pub fn linear_pattern(
        &mut self,
        node: Node<'_>,
        text: &str,
        pattern: &'static LinearPattern,
        source: &'static str,
    ) -> bool {
        pattern.is_match(text) || self.no_match(node, source)
    }

    /// `pattern`, of those that need to go back; at the limit of going back, and for a long text, the request is refused.
    pub fn backtracking_pattern(
        &mut self,
        node: Node<'_>,
        text: &str,
        pattern: &'static BacktrackingPattern,
        source: &'static str,
    ) -> bool {
        match pattern.is_match(text) {
            Ok(true) => true,
            Ok(false) => self.no_match(node, source),
            // Neither answer would be right: below `not` or `if` each of them may let the text pass.
            Err(_) if self.is_probing() => self.exhausted(node),
            Err(_) => {
                self.violation(node, Keyword::TooComplex, "takes too much work to match");
                self.spend(node, BACKTRACKED);
                false
            }
        }
    }

    /// Records a bound that does not hold. Out of the way of the check, which is then small enough to be inlined.
    #[cold]
    #[inline(never)]
    fn beyond(
        &mut self,
        node: Node<'_>,
        keyword: Keyword,
        words: &'static str,
        bound: Expected,
    ) -> bool {
        let detail = format!("must be {words} {bound}");
        self.unexpected(node, keyword, bound, detail)
    }

    /// Records a count that is out of bounds.
    #[cold]
    #[inline(never)]
    fn miscounted(
        &mut self,
        node: Node<'_>,
        keyword: Keyword,
        words: &'static str,
        count: u64,
        noun: &'static str,
    ) -> bool {
        let plural = if count == 1 { "" } else { "s" };
        let is_container = matches!(node.kind(), Kind::Array | Kind::Object);
        let expected = Expected::Count {
            limit: count,
            found: is_container.then(|| node.len() as u64),
        };
        let detail = format_args!("must have {words} {count} {noun}{plural}");
        self.broken(node, keyword, expected, detail)
    }

    #[cold]
    fn no_match(&mut self, node: Node<'_>, source: &'static str) -> bool {
        let detail = format_args!("must match {source}");
        self.broken(node, Keyword::Pattern, Expected::Pattern(source), detail)
    }

    /// `format`, of those that leave a string as it is.
    #[inline]
    pub fn format(
        &mut self,
        node: Node<'_>,
        text: &str,
        is: fn(&str) -> bool,
        name: &'static str,
    ) -> bool {
        is(text) || self.malformed(node, name)
    }

    #[cold]
    pub(super) fn malformed(&mut self, node: Node<'_>, name: &'static str) -> bool {
        let expected = Expected::Format(name);
        self.unexpected(node, Keyword::Format, expected, format::detail(name))
    }

    /// `minimum` of an integer.
    #[inline]
    pub fn minimum<T: Integer>(&mut self, node: Node<'_>, value: T, least: i128) -> bool {
        value.into() >= least
            || self.beyond(node, Keyword::Minimum, "at least", Expected::Integer(least))
    }

    /// `maximum` of an integer.
    #[inline]
    pub fn maximum<T: Integer>(&mut self, node: Node<'_>, value: T, most: i128) -> bool {
        value.into() <= most
            || self.beyond(node, Keyword::Maximum, "at most", Expected::Integer(most))
    }

    /// `exclusiveMinimum` of an integer.
    #[inline]
    pub fn exclusive_minimum<T: Integer>(&mut self, node: Node<'_>, value: T, bound: i128) -> bool {
        value.into() > bound
            || self.beyond(
                node,
                Keyword::ExclusiveMinimum,
                "greater than",
                Expected::Integer(bound),
            )
    }

    /// `exclusiveMaximum` of an integer.
    #[inline]
    pub fn exclusive_maximum<T: Integer>(&mut self, node: Node<'_>, value: T, bound: i128) -> bool {
        value.into() < bound
            || self.beyond(
                node,
                Keyword::ExclusiveMaximum,
                "less than",
                Expected::Integer(bound),
            )
    }

    /// `multipleOf` of an integer.
    #[inline]
    pub fn multiple_of<T: Integer>(&mut self, node: Node<'_>, value: T, divisor: i128) -> bool {
        divisor != 0 && value.into() % divisor == 0
            || self.beyond(
                node,
                Keyword::MultipleOf,
                "a multiple of",
                Expected::Integer(divisor),
            )
    }

    /// The exact value of a number node or number text; `None` for anything else, to which the keywords of numbers do
    /// not apply.
    #[inline]
    pub fn exact<'t>(&self, node: Node<'t>) -> Option<Decimal<'t>> {
        match node.number() {
            Some(text) => Decimal::parse(text),
            None if node.kind() == Kind::Text => match node.as_str()? {
                Cow::Borrowed(text) => Decimal::parse(text).or_else(|| with_leading_zeros(text)),
                // A text never holds escapes.
                Cow::Owned(_) => None,
            },
            None => None,
        }
    }

    /// `minimum`, exact on the text of the number.
    #[inline]
    pub fn minimum_exact(
        &mut self,
        node: Node<'_>,
        value: Decimal<'_>,
        least: Decimal<'static>,
        text: &'static str,
    ) -> bool {
        value >= least || self.beyond(node, Keyword::Minimum, "at least", Expected::Number(text))
    }

    /// `maximum`, exact on the text of the number.
    #[inline]
    pub fn maximum_exact(
        &mut self,
        node: Node<'_>,
        value: Decimal<'_>,
        most: Decimal<'static>,
        text: &'static str,
    ) -> bool {
        value <= most || self.beyond(node, Keyword::Maximum, "at most", Expected::Number(text))
    }

    /// `exclusiveMinimum`, exact on the text of the number.
    #[inline]
    pub fn exclusive_minimum_exact(
        &mut self,
        node: Node<'_>,
        value: Decimal<'_>,
        bound: Decimal<'static>,
        text: &'static str,
    ) -> bool {
        value > bound
            || self.beyond(
                node,
                Keyword::ExclusiveMinimum,
                "greater than",
                Expected::Number(text),
            )
    }

    /// `exclusiveMaximum`, exact on the text of the number.
    #[inline]
    pub fn exclusive_maximum_exact(
        &mut self,
        node: Node<'_>,
        value: Decimal<'_>,
        bound: Decimal<'static>,
        text: &'static str,
    ) -> bool {
        value < bound
            || self.beyond(
                node,
                Keyword::ExclusiveMaximum,
                "less than",
                Expected::Number(text),
            )
    }

    /// `multipleOf`, exact on the text of the number.
    #[inline]
    pub fn multiple_of_exact(
        &mut self,
        node: Node<'_>,
        value: Decimal<'_>,
        divisor: Decimal<'static>,
        text: &'static str,
    ) -> bool {
        number::is_multiple_of(value, divisor)
            || self.beyond(
                node,
                Keyword::MultipleOf,
                "a multiple of",
                Expected::Number(text),
            )
    }

    /// `minItems`
    #[inline]
    pub fn min_items(&mut self, node: Node<'_>, least: u64) -> bool {
        node.kind() != Kind::Array
            || node.len() as u64 >= least
            || self.miscounted(node, Keyword::MinItems, "at least", least, "item")
    }

    /// `maxItems`
    #[inline]
    pub fn max_items(&mut self, node: Node<'_>, most: u64) -> bool {
        node.kind() != Kind::Array
            || node.len() as u64 <= most
            || self.miscounted(node, Keyword::MaxItems, "at most", most, "item")
    }

    /// `minProperties`
    #[inline]
    pub fn min_properties(&mut self, node: Node<'_>, least: u64) -> bool {
        node.kind() != Kind::Object
            || node.len() as u64 >= least
            || self.miscounted(node, Keyword::MinProperties, "at least", least, "member")
    }

    /// `maxProperties`
    #[inline]
    pub fn max_properties(&mut self, node: Node<'_>, most: u64) -> bool {
        node.kind() != Kind::Object
            || node.len() as u64 <= most
            || self.miscounted(node, Keyword::MaxProperties, "at most", most, "member")
    }

    /// `uniqueItems`, by JSON equality: `1` equals `1.0`, and the order of members is nothing.
    pub fn unique_items(&mut self, node: Node<'_>) -> bool {
        if node.kind() != Kind::Array || node.len() < 2 {
            return true;
        }
        // Lists of lists that are compared at every level visit what is deep many times. To hash a node is more work
        // than to visit it.
        if !self.spend(node, (node.end() - node.index()).saturating_mul(3)) {
            return false;
        }
        if has_distinct_items(node) {
            return true;
        }
        self.violation(node, Keyword::UniqueItems, "must not have equal items")
    }

    /// `type`, where the Rust type does not say it.
    pub fn has_type(
        &mut self,
        node: Node<'_>,
        types: &[super::TypeName],
        detail: &'static str,
    ) -> bool {
        types.iter().any(|ty| ty.admits(node)) || self.violation(node, Keyword::Type, detail)
    }

    /// `const`, given as a JSON array of the one value.
    pub fn is_constant(
        &mut self,
        node: Node<'_>,
        value: &'static super::Values,
        detail: &'static str,
    ) -> bool {
        value.contain(node) || self.violation(node, Keyword::Const, detail)
    }

    /// `enum`, given as one JSON array of the values.
    pub fn is_one_of(
        &mut self,
        node: Node<'_>,
        values: &'static super::Values,
        detail: &'static str,
    ) -> bool {
        values.contain(node) || self.violation(node, Keyword::Enum, detail)
    }

    /// Records that a string is none of an enum's values. Always `None`.
    #[cold]
    pub fn not_in_enum<T>(&mut self, node: Node<'_>, values: &'static [&'static str]) -> Option<T> {
        self.none_of(node, values, Expected::Values(values))
    }

    /// As [`not_in_enum`](Self::not_in_enum), for an enum without a name.
    #[cold]
    pub fn not_in_literals<T>(
        &mut self,
        node: Node<'_>,
        values: &'static [&'static str],
    ) -> Option<T> {
        self.none_of(node, values, Expected::Literals(values))
    }

    #[cold]
    fn none_of<T>(
        &mut self,
        node: Node<'_>,
        values: &'static [&'static str],
        expected: Expected,
    ) -> Option<T> {
        if self.is_probing() {
            return None;
        }
        let detail = match values {
            [value] => format!("must be {value:?}"),
            [values @ .., last] if values.len() < 20 => {
                let values: Vec<_> = values.iter().map(|value| format!("{value:?}")).collect();
                format!("must be {} or {last:?}", values.join(", "))
            }
            _ => format!("must be one of {} values", values.len()),
        };
        self.unexpected(node, Keyword::Enum, expected, detail);
        None
    }

    /// Records that a string is not the one of `const`. Always `None`.
    #[cold]
    pub fn not_constant<T>(
        &mut self,
        node: Node<'_>,
        values: &'static [&'static str],
    ) -> Option<T> {
        let value = values.first().unwrap_or(&"");
        let detail = format!("must be {value:?}");
        self.unexpected(node, Keyword::Const, Expected::Values(values), detail);
        None
    }

    /// The schema `false`. Always `false`.
    pub fn never(&mut self, node: Node<'_>) -> bool {
        self.violation(node, Keyword::FalseSchema, "is not allowed")
    }
}

/// An integer as parameters may be written, which in JSON has no zeros in front.
#[cold]
fn with_leading_zeros(text: &str) -> Option<Decimal<'_>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let rest = digits.trim_start_matches('0');
    let significant = match rest {
        "" => digits.get(digits.len().checked_sub(1)?..)?,
        rest => rest,
    };
    let number = Decimal::parse(significant)?;
    let is_integer = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_integer.then(|| number.signed(text.starts_with('-')))
}

/// Up to so many items are compared pair by pair, which is quicker than hashing them.
const FEW: usize = 8;

fn has_distinct_items(node: Node<'_>) -> bool {
    if node.len() <= FEW {
        let mut rest = node.items();
        while let Some(item) = rest.next() {
            if rest.clone().any(|other| item.equals(other)) {
                return false;
            }
        }
        return true;
    }
    // The hasher is seeded at random, so a client cannot choose items that collide.
    let build = std::collections::hash_map::RandomState::new();
    let mut items: Vec<_> = node
        .items()
        .map(|item| (item.hash_value(&build), item))
        .collect();
    items.sort_unstable_by_key(|(hash, _)| *hash);
    let mut rest = items.as_slice();
    while let [(hash, item), after @ ..] = rest {
        let mut same = after.iter().take_while(|(other, _)| other == hash);
        if same.any(|(_, other)| item.equals(*other)) {
            return false;
        }
        rest = after;
    }
    true
}
