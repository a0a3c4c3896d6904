//! `multipleOf` (JSON Schema 2020-12 Validation section 6.2.1), exactly.

use super::decimal::{Decimal, Digits, power_of_ten};

/// Whether `value` divided by `divisor` is an integer, exactly: 39.44 is a multiple of 0.01.
///
/// Of zero, which JSON Schema does not allow as a divisor, only zero is a multiple. Takes time linear in the digits of
/// `value`; with a divisor of more digits than a `u64` holds, times the digits of `divisor`.
pub fn is_multiple_of(value: Decimal<'_>, divisor: Decimal<'_>) -> bool {
    if value.is_zero() || divisor.is_zero() {
        return value.is_zero();
    }
    // value / divisor is value's digits times 10^shift, divided by divisor's digits.
    let shift = value.exponent - divisor.exponent;
    match (value.digits, divisor.digits) {
        (Digits::Short(value), Digits::Short(divisor)) if shift < 0 => {
            let down = power_of_ten(shift.unsigned_abs());
            down.is_some_and(|power| {
                value.is_multiple_of(power) && (value / power).is_multiple_of(divisor)
            })
        }
        (Digits::Short(value), Digits::Short(divisor)) => {
            is_shifted_multiple(value % divisor, shift, divisor)
        }
        // The last digit is not zero, so there is no factor of ten to divide by.
        (Digits::Long { .. }, _) if shift < 0 => false,
        (Digits::Long { head, tail }, Digits::Short(divisor)) => {
            is_shifted_multiple(remainder(head, tail, divisor), shift, divisor)
        }
        (Digits::Short(value), Digits::Long { head, tail }) => {
            // Where shift is negative, value's digits would have to be at least as long as divisor's.
            let digits = value.to_string();
            shift >= 0 && Divisor::new(head, tail).divides(digits.as_bytes(), &[], shift)
        }
        (
            Digits::Long {
                head: value_head,
                tail: value_tail,
            },
            Digits::Long { head, tail },
        ) => Divisor::new(head, tail).divides(value_head, value_tail, shift),
    }
}

/// Whether `remainder` times ten to the power of `shift` is a multiple of `divisor`.
fn is_shifted_multiple(mut remainder: u64, shift: i64, divisor: u64) -> bool {
    // A u64 has at most 63 factors of two or five, so more tens than that change nothing.
    let mut left = shift.min(64);
    while remainder != 0 && left > 0 {
        let step = left.min(19);
        let power = power_of_ten(step.unsigned_abs()).unwrap_or(1);
        remainder = (u128::from(remainder) * u128::from(power) % u128::from(divisor)) as u64;
        left -= step;
    }
    remainder == 0
}

/// The remainder of an integer of any number of digits.
fn remainder(head: &[u8], tail: &[u8], divisor: u64) -> u64 {
    const BLOCK: u64 = 1_000_000_000_000_000_000;
    let (mut remainder, mut block, mut power) = (0_u64, 0_u64, 1_u64);
    let mut flush = |block: u64, power: u64| {
        let value = u128::from(remainder) * u128::from(power) + u128::from(block);
        remainder = (value % u128::from(divisor)) as u64;
        remainder
    };
    for &digit in head.iter().chain(tail) {
        block = block * 10 + u64::from(digit - b'0');
        power *= 10;
        if power == BLOCK {
            flush(block, power);
            (block, power) = (0, 1);
        }
    }
    flush(block, power)
}

/// A divisor that no `u64` holds, for division by hand.
struct Divisor {
    /// In base 10^9, the lowest first.
    limbs: Vec<u32>,
    digits: usize,
}

const BASE: u32 = 1_000_000_000;

impl Divisor {
    fn new(head: &[u8], tail: &[u8]) -> Self {
        let digits = head.len() + tail.len();
        let mut limbs = vec![0; digits / 9 + 2];
        for &digit in head.iter().chain(tail) {
            push_digit(&mut limbs, u32::from(digit - b'0'));
        }
        Self { limbs, digits }
    }

    /// Whether an integer times ten to the power of `shift` is a multiple.
    fn divides(&self, head: &[u8], tail: &[u8], shift: i64) -> bool {
        // As many tens as the divisor can have factors of two or five; more change nothing.
        let zeros = usize::try_from(shift).map_or(0, |shift| shift.min(4 * self.digits));
        let mut remainder = vec![0; self.limbs.len()];
        for &digit in head
            .iter()
            .chain(tail)
            .chain(std::iter::repeat_n(&b'0', zeros))
        {
            push_digit(&mut remainder, u32::from(digit - b'0'));
            while remainder.iter().rev().ge(self.limbs.iter().rev()) {
                self.subtract_from(&mut remainder);
            }
        }
        remainder.iter().all(|&limb| limb == 0)
    }

    fn subtract_from(&self, remainder: &mut [u32]) {
        let mut borrow = 0;
        for (limb, &subtrahend) in remainder.iter_mut().zip(&self.limbs) {
            let subtrahend = subtrahend + borrow;
            borrow = u32::from(*limb < subtrahend);
            *limb = *limb + borrow * BASE - subtrahend;
        }
    }
}

/// Multiplies by ten and adds a digit.
fn push_digit(limbs: &mut [u32], digit: u32) {
    let mut carry = u64::from(digit);
    for limb in limbs {
        let value = u64::from(*limb) * 10 + carry;
        *limb = (value % u64::from(BASE)) as u32;
        carry = value / u64::from(BASE);
    }
}
