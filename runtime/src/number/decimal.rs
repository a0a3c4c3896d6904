//! A number as sign, digits and exponent.

use std::{
    cmp::Ordering,
    hash::{Hash, Hasher},
};

/// The exact value of a JSON number text.
///
/// Equality, order and hash go by value: `1`, `1.0` and `10e-1` are equal, and so are `0` and `-0`.
///
/// Exponents beyond ±10^17 are taken as ±10^17. Numbers that large or small still have their order towards all others;
/// among themselves only sign and digits count.
#[derive(Clone, Copy, Debug)]
pub struct Decimal<'t> {
    pub(super) negative: bool,
    pub(super) digits: Digits<'t>,
    /// The power of ten that the digits, read as an integer, are multiplied with.
    pub(super) exponent: i64,
}

/// The digits of a number, without leading zeros.
#[derive(Clone, Copy, Debug)]
pub(super) enum Digits<'t> {
    /// Digits that make a `u64`; 0 for zero alone.
    Short(u64),
    /// Digits that do not, in ASCII: those of `head`, then those of `tail`. The last is not zero.
    Long { head: &'t [u8], tail: &'t [u8] },
}

/// Up to so many digits always fit into a `u64`.
pub(super) const SHORT: usize = 19;

const MOST_EXPONENT: i64 = 100_000_000_000_000_000;

/// Compares two numbers exactly.
pub fn compare(one: Decimal<'_>, other: Decimal<'_>) -> Ordering {
    one.cmp(&other)
}

impl Decimal<'static> {
    /// `mantissa` times ten to the power of `exponent`, or the negative of it.
    pub const fn from_parts(negative: bool, mantissa: u64, exponent: i32) -> Self {
        Self {
            negative,
            digits: Digits::Short(mantissa),
            exponent: exponent as i64,
        }
    }
}

impl<'t> Decimal<'t> {
    /// Reads a JSON number text (RFC 8259 section 6); `None` when it is not one.
    #[inline]
    pub fn parse(text: &'t str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (negative, unsigned) = match bytes.split_first() {
            Some((b'-', rest)) => (true, rest),
            _ => (false, bytes),
        };
        if unsigned.len() <= SHORT {
            parse_short(negative, unsigned)
        } else {
            parse_long(negative, unsigned)
        }
    }

    /// The number with this sign.
    pub(crate) fn signed(self, negative: bool) -> Self {
        Self { negative, ..self }
    }

    /// Whether the number is 0 or -0.
    #[inline]
    pub const fn is_zero(&self) -> bool {
        matches!(self.digits, Digits::Short(0))
    }

    /// Whether the number is 0, or has no more than so many significant digits and its first one, as well as its last one,
    /// within so many places of the point.
    #[inline]
    pub(crate) fn has_digits(&self, most: u32, places: i64) -> bool {
        match self.digits {
            Digits::Short(0) => true,
            Digits::Short(mantissa) => {
                mantissa < 10_u64.pow(most)
                    && -places <= self.exponent
                    && self.exponent <= places - i64::from(most)
            }
            Digits::Long { .. } => false,
        }
    }

    /// The number without its text; `None` where it has too many digits for that.
    pub(crate) fn short(self) -> Option<Decimal<'static>> {
        match self.digits {
            Digits::Short(mantissa) => Some(Decimal {
                negative: self.negative,
                digits: Digits::Short(mantissa),
                exponent: self.exponent,
            }),
            Digits::Long { .. } => None,
        }
    }

    /// Whether the number has no fractional part.
    pub fn is_integer(&self) -> bool {
        if self.exponent >= 0 {
            return true;
        }
        match self.digits {
            Digits::Short(0) => true,
            Digits::Short(mantissa) => power_of_ten(self.exponent.unsigned_abs())
                .is_some_and(|power| mantissa.is_multiple_of(power)),
            Digits::Long { .. } => false,
        }
    }

    /// The power of ten of the place before the first digit: 0 for 0.1, 1 for 1, 2 for 10.
    fn magnitude(&self) -> i64 {
        let count = match self.digits {
            Digits::Short(0) => 0,
            Digits::Short(mantissa) => 1 + i64::from(mantissa.ilog10()),
            Digits::Long { head, tail } => (head.len() + tail.len()) as i64,
        };
        self.exponent + count
    }

    fn compare_absolute(&self, other: &Self) -> Ordering {
        match (self.digits, other.digits) {
            (Digits::Short(one), Digits::Short(another)) => {
                match scaled(one, another, self.exponent - other.exponent) {
                    Some((one, another)) => one.cmp(&another),
                    None => self.compare_magnitude(other),
                }
            }
            _ => self.compare_magnitude(other),
        }
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        self.magnitude()
            .cmp(&other.magnitude())
            .then_with(|| self.compare_digits(other))
    }

    /// Compares two numbers of the same magnitude, whose first digits therefore have the same weight.
    fn compare_digits(&self, other: &Self) -> Ordering {
        let (mut buffer, mut other_buffer) = ([0; SHORT + 1], [0; SHORT + 1]);
        let (head, tail) = self.digits.as_ascii(&mut buffer);
        let (other_head, other_tail) = other.digits.as_ascii(&mut other_buffer);
        let mut one = head.iter().chain(tail);
        let mut another = other_head.iter().chain(other_tail);
        loop {
            let (digit, other_digit) = match (one.next(), another.next()) {
                (None, None) => return Ordering::Equal,
                (digit, other_digit) => (digit.unwrap_or(&b'0'), other_digit.unwrap_or(&b'0')),
            };
            if digit != other_digit {
                return digit.cmp(other_digit);
            }
        }
    }

    /// Digits without trailing zeros, and the exponent that goes with them: the same for equal numbers.
    fn normalized(&self) -> (Digits<'t>, i64) {
        match self.digits {
            Digits::Short(0) => (Digits::Short(0), 0),
            Digits::Short(mut mantissa) => {
                let mut exponent = self.exponent;
                while mantissa.is_multiple_of(10) {
                    mantissa /= 10;
                    exponent += 1;
                }
                (Digits::Short(mantissa), exponent)
            }
            Digits::Long { .. } => (self.digits, self.exponent),
        }
    }
}

impl<'t> Digits<'t> {
    /// The digits in ASCII, in two parts.
    fn as_ascii<'b>(self, buffer: &'b mut [u8; SHORT + 1]) -> (&'b [u8], &'b [u8])
    where
        't: 'b,
    {
        let mut rest = match self {
            Self::Long { head, tail } => return (head, tail),
            Self::Short(mantissa) => mantissa,
        };
        let mut start = buffer.len();
        for place in buffer.iter_mut().rev() {
            if rest == 0 {
                break;
            }
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
            start -= 1;
        }
        (buffer.get(start..).unwrap_or_default(), &[])
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => Ordering::Equal,
            (true, false) => sign_order(other.negative).reverse(),
            (false, true) => sign_order(self.negative),
            (false, false) if self.negative != other.negative => sign_order(self.negative),
            (false, false) if self.negative => self.compare_absolute(other).reverse(),
            (false, false) => self.compare_absolute(other),
        }
    }
}

/// How a number of this sign compares with 0.
fn sign_order(negative: bool) -> Ordering {
    if negative {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal<'_> {}

impl Hash for Decimal<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (digits, exponent) = self.normalized();
        (self.negative && !self.is_zero()).hash(state);
        exponent.hash(state);
        match digits {
            Digits::Short(mantissa) => mantissa.hash(state),
            Digits::Long { head, tail } => {
                // In blocks cut alike, since the point may stand anywhere between the digits.
                let mut block = [0; 64];
                let mut used = 0;
                for &digit in head.iter().chain(tail) {
                    if let Some(place) = block.get_mut(used) {
                        *place = digit;
                    }
                    used += 1;
                    if used == block.len() {
                        state.write(&block);
                        used = 0;
                    }
                }
                state.write(block.get(..used).unwrap_or_default());
            }
        }
    }
}

/// Reads a number without its sign, of so few bytes that the digits cannot overflow.
#[inline]
fn parse_short<'t>(negative: bool, bytes: &'t [u8]) -> Option<Decimal<'t>> {
    let mut mantissa = 0;
    let mut point = None;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at),
            _ => return parse_long(negative, bytes),
        }
    }
    let integer = point.unwrap_or(bytes.len());
    let fraction = point.map_or(0, |point| bytes.len() - point - 1);
    let has_leading_zero = integer > 1 && bytes.first() == Some(&b'0');
    if integer == 0 || has_leading_zero || (point.is_some() && fraction == 0) {
        return None;
    }
    Some(Decimal {
        negative,
        digits: Digits::Short(mantissa),
        exponent: -(fraction as i64),
    })
}

/// Reads any number without its sign.
#[cold]
fn parse_long<'t>(negative: bool, bytes: &'t [u8]) -> Option<Decimal<'t>> {
    let (significand, exponent) = match bytes.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        None => (bytes, 0),
        Some(at) => (bytes.get(..at)?, parse_exponent(bytes.get(at + 1..)?)?),
    };
    let (integer, fraction) = match significand.iter().position(|&byte| byte == b'.') {
        None => (significand, None),
        Some(at) => (significand.get(..at)?, Some(significand.get(at + 1..)?)),
    };
    if !are_digits(integer)
        || !fraction.is_none_or(are_digits)
        || (integer.len() > 1 && integer.first() == Some(&b'0'))
    {
        return None;
    }
    let fraction = fraction.unwrap_or_default();
    let mut exponent = exponent - fraction.len() as i64;
    let (mut head, mut tail) = (without_leading_zeros(integer), fraction);
    if head.is_empty() {
        tail = without_leading_zeros(tail);
    }
    for part in [&mut tail, &mut head] {
        let kept = part
            .iter()
            .rposition(|&byte| byte != b'0')
            .map_or(0, |last| last + 1);
        exponent += (part.len() - kept) as i64;
        *part = part.get(..kept)?;
        if kept > 0 {
            break;
        }
    }
    let digits = match to_u64(head, tail) {
        Some(mantissa) => Digits::Short(mantissa),
        None => Digits::Long { head, tail },
    };
    Some(Decimal {
        negative,
        digits,
        exponent,
    })
}

fn parse_exponent(bytes: &[u8]) -> Option<i64> {
    let (negative, digits) = match bytes.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, bytes),
    };
    if !are_digits(digits) {
        return None;
    }
    let value = digits.iter().fold(0_i64, |value, &digit| {
        (value * 10 + i64::from(digit - b'0')).min(MOST_EXPONENT)
    });
    Some(if negative { -value } else { value })
}

fn are_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

fn to_u64(head: &[u8], tail: &[u8]) -> Option<u64> {
    if head.len() + tail.len() > SHORT + 1 {
        return None;
    }
    head.iter().chain(tail).try_fold(0_u64, |value, &digit| {
        value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })
}

/// Two integers as multiples of the same power of ten, where `one` is that of a power larger by `shift`.
#[inline]
fn scaled(one: u64, another: u64, shift: i64) -> Option<(u64, u64)> {
    let power = power_of_ten(shift.unsigned_abs())?;
    if shift < 0 {
        Some((one, another.checked_mul(power)?))
    } else {
        Some((one.checked_mul(power)?, another))
    }
}

/// Ten to this power, where it fits into a `u64`.
#[inline]
pub(super) fn power_of_ten(exponent: u64) -> Option<u64> {
    const POWERS: [u64; SHORT + 1] = powers_of_ten();
    POWERS.get(usize::try_from(exponent).ok()?).copied()
}

const fn powers_of_ten() -> [u64; SHORT + 1] {
    let mut powers = [1; SHORT + 1];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
}
