//! Values that are sent again in another spelling than they came in, and have to satisfy their checks in that one too.
//!
//! JSON Schema asks about the text that was sent, of which a type may keep less: `0.10000000000000000001` becomes the `f64`
//! that is written as `0.1`. What is accepted has to stay a value of its schema, so a value of which the type keeps too
//! little is beyond its range.

use std::{collections::HashSet, str::FromStr};

use super::{Decoder, Expected, Keyword};
use crate::{
    encode::{self, Encode},
    node::{Kind, Node},
    number::{self, Decimal},
};

/// The types that round numbers.
trait Float: Copy + FromStr + zmij::Float {
    /// The nearest to a number and its text; `None` where that is infinite.
    fn nearest(number: Decimal<'_>, text: &str) -> Option<Self>;

    /// The format that says it.
    const FORMAT: &'static str;

    /// So many significant digits always come back as they were sent (IEEE 754-2019, section 5.12.2, less the extremes of the
    /// exponent).
    const DIGITS: u32;

    /// The powers of ten within which they do.
    const EXPONENT: i64;
}

impl Float for f32 {
    fn nearest(_: Decimal<'_>, text: &str) -> Option<Self> {
        // By way of an `f64` it would be rounded twice.
        text.parse().ok().filter(|value: &Self| value.is_finite())
    }

    const FORMAT: &'static str = "float";
    const DIGITS: u32 = Self::DIGITS;
    const EXPONENT: i64 = 37;
}

impl Float for f64 {
    #[inline]
    fn nearest(number: Decimal<'_>, text: &str) -> Option<Self> {
        number::nearest_f64(number, text)
    }

    const FORMAT: &'static str = "double";
    const DIGITS: u32 = Self::DIGITS;
    const EXPONENT: i64 = 307;
}

impl Decoder {
    /// Asks checks of a number both as it was sent and as an `f64` rounds it.
    #[inline]
    pub fn exact_f64(
        &mut self,
        node: Node<'_>,
        ask: impl Fn(Decimal<'_>, &mut Self) -> bool,
    ) -> bool {
        let number = self.exact(node);
        number.is_none_or(|number| self.rounded::<f64>(node, number, ask))
    }

    /// Asks checks of a number both as it was sent and as an `f32` rounds it.
    #[inline]
    pub fn exact_f32(
        &mut self,
        node: Node<'_>,
        ask: impl Fn(Decimal<'_>, &mut Self) -> bool,
    ) -> bool {
        let number = self.exact(node);
        number.is_none_or(|number| self.rounded::<f32>(node, number, ask))
    }

    /// A number as `f64`, rounded to the nearest, that satisfies checks both as it was sent and as it is rounded.
    #[inline]
    pub fn f64_where(
        &mut self,
        node: Node<'_>,
        ask: impl Fn(Decimal<'_>, &mut Self) -> bool,
    ) -> Option<f64> {
        self.float_where(node, ask)
    }

    /// A number as `f32`, rounded to the nearest, that satisfies checks both as it was sent and as it is rounded.
    #[inline]
    pub fn f32_where(
        &mut self,
        node: Node<'_>,
        ask: impl Fn(Decimal<'_>, &mut Self) -> bool,
    ) -> Option<f32> {
        self.float_where(node, ask)
    }

    /// The text is read once, for the value and for all that is asked of it.
    #[inline]
    fn float_where<F: Float>(
        &mut self,
        node: Node<'_>,
        ask: impl Fn(Decimal<'_>, &mut Self) -> bool,
    ) -> Option<F> {
        let text = self.number(node)?;
        let number = Decimal::parse(&text)?;
        let Some(value) = F::nearest(number, &text) else {
            self.unsupported_range(node, F::FORMAT);
            return None;
        };
        // The keywords of numbers do not apply to a string, whatever it spells.
        if node.kind() == Kind::String {
            return Some(value);
        }
        self.rounded::<F>(node, number, ask).then_some(value)
    }

    #[inline]
    fn rounded<F: Float>(
        &mut self,
        node: Node<'_>,
        mut number: Decimal<'_>,
        ask: impl Fn(Decimal<'_>, &mut Self) -> bool,
    ) -> bool {
        let mut is_rounded = false;
        // One place that asks, which so stands where it is called from; two would make a function of it.
        loop {
            let holds = ask(number, self);
            if is_rounded {
                self.probing -= 1;
                return holds || self.is_rounded_away(node, F::FORMAT);
            }
            if !holds {
                return false;
            }
            if number.has_digits(F::DIGITS, F::EXPONENT) {
                return true;
            }
            match as_rounded::<F>(node) {
                Some(rounded) if rounded != number => number = rounded,
                _ => return true,
            }
            self.probing += 1;
            is_rounded = true;
        }
    }

    #[cold]
    fn is_rounded_away(&mut self, node: Node<'_>, format: &'static str) -> bool {
        let detail = "breaks a rule of its schema once it is rounded";
        self.unexpected(
            node,
            Keyword::UnsupportedRange,
            Expected::Format(format),
            detail,
        )
    }

    /// `uniqueItems` of what became of the items, where their type keeps less than their text says.
    pub fn stay_unique<T: Encode>(&mut self, node: Node<'_>, items: &[T]) -> bool {
        if !self.spend(
            node,
            u32::try_from(items.len())
                .unwrap_or(u32::MAX)
                .saturating_mul(4),
        ) {
            return false;
        }
        let texts: HashSet<_> = items.iter().map(|it| encode::to_vec(it).ok()).collect();
        texts.len() == items.len()
            || self.violation(
                node,
                Keyword::UnsupportedRange,
                "must not have items that are equal once they are read",
            )
    }
}

/// The number that is written for what the type keeps of one. `None` where it is no number or infinite, which is said
/// elsewhere.
#[cold]
fn as_rounded<F: Float>(node: Node<'_>) -> Option<Decimal<'static>> {
    let value = node
        .number()
        .or(node.as_str().as_deref())
        .map(F::from_str)?;
    // No float is written with more digits than fit.
    Decimal::parse(zmij::Buffer::new().format(value.ok()?))?.short()
}
