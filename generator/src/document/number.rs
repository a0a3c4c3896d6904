//! Exact decimal numbers, compared as their text says: `1.0` is `1e0`, and 2^53 + 1 is not 2^53.

use std::cmp::Ordering;

/// A finite decimal number: `0.DIGITS` times ten to the power of the exponent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Decimal {
    negative: bool,
    /// Values 0 to 9 without leading and trailing zeros; none for zero.
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// The number of a JSON text; `None` where it is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let all = || whole.bytes().chain(fraction.bytes());
        if whole.is_empty() || !all().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let leading = all().take_while(|byte| *byte == b'0').count();
        let mut digits: Vec<u8> = all().skip(leading).map(|byte| byte - b'0').collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        if digits.is_empty() {
            return Some(Self::zero());
        }
        let shift = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()?;
        Some(Self {
            negative,
            digits,
            exponent: exponent.saturating_add(shift),
        })
    }

    /// Zero.
    pub(super) fn zero() -> Self {
        Self {
            negative: false,
            digits: Vec::new(),
            exponent: 0,
        }
    }

    /// Whether it has no fractional part.
    pub(super) fn is_integer(&self) -> bool {
        i64::try_from(self.digits.len())
            .is_ok_and(|length| self.digits.is_empty() || self.exponent >= length)
    }

    /// The number as a count; `None` where it is negative or has a fractional part. A larger one than `u64` holds
    /// becomes its maximum, which no length on this side of it can exceed.
    pub(super) fn to_count(&self) -> Option<u64> {
        if self.negative || !self.is_integer() {
            return None;
        }
        let mut count = 0_u64;
        for index in 0..self.exponent.min(21) {
            let digit = usize::try_from(index)
                .ok()
                .and_then(|index| self.digits.get(index))
                .copied();
            count = count
                .saturating_mul(10)
                .saturating_add(u64::from(digit.unwrap_or(0)));
        }
        Some(count)
    }

    /// The number as an integer; `None` where it has a fractional part or `i128` has no room for it.
    pub(crate) fn to_integer(&self) -> Option<i128> {
        let value = i128::try_from(self.scaled(0)?).ok()?;
        Some(if self.negative { -value } else { value })
    }

    /// Whether it is a whole multiple of `step`; `None` where that takes more than 38 digits to say.
    pub(super) fn is_multiple_of(&self, step: &Self) -> Option<bool> {
        let lowest = self.scale()?.min(step.scale()?);
        let step = step.scaled(lowest)?;
        if step == 0 {
            return None;
        }
        Some(self.scaled(lowest)? % step == 0)
    }

    /// The power of ten of the last digit.
    fn scale(&self) -> Option<i64> {
        self.exponent
            .checked_sub(i64::try_from(self.digits.len()).ok()?)
    }

    /// The absolute value in units of ten to the power of `scale`, which is not above its own.
    fn scaled(&self, scale: i64) -> Option<u128> {
        let mut units = 0_u128;
        for digit in &self.digits {
            units = units.checked_mul(10)?.checked_add(u128::from(*digit))?;
        }
        let zeros = u32::try_from(self.scale()?.checked_sub(scale)?).ok()?;
        if units == 0 {
            return Some(0);
        }
        units.checked_mul(10_u128.checked_pow(zeros)?)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => compare_absolute(self, other),
            (true, true) => compare_absolute(other, self),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn compare_absolute(left: &Decimal, right: &Decimal) -> Ordering {
    match (left.digits.is_empty(), right.digits.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => left
            .exponent
            .cmp(&right.exponent)
            .then_with(|| left.digits.cmp(&right.digits)),
    }
}

/// The exponent's value, held within what can still be added to.
fn parse_exponent(text: &str) -> Option<i64> {
    const FARTHEST: i64 = i64::MAX / 4;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse().unwrap_or(FARTHEST).min(FARTHEST);
    Some(if text.starts_with('-') { -size } else { size })
}

#[cfg(test)]
mod tests;
