//! From number text to Rust's number types.

use super::decimal::{Decimal, Digits, SHORT, power_of_ten};

/// Whether a JSON number text names an integer: `1`, `1.0`, `1e2`, `-0` and `1.50e1` do.
#[inline]
pub fn is_integer(text: &str) -> bool {
    short_digits(text).is_some() || Decimal::parse(text).is_some_and(|decimal| decimal.is_integer())
}

/// The `i64` that a JSON number text names, in any form (`1e2` is 100); `None` beyond its range or with a fraction.
#[inline]
pub fn to_i64(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    match short_digits(digits).map(i64::try_from) {
        Some(Ok(value)) => Some(if negative { -value } else { value }),
        _ => i64::try_from(to_i128(text)?).ok(),
    }
}

/// The `u64` that a JSON number text names, in any form; `None` beyond its range or with a fraction.
#[inline]
pub fn to_u64(text: &str) -> Option<u64> {
    match short_digits(text) {
        Some(value) => Some(value),
        None => u64::try_from(to_i128(text)?).ok(),
    }
}

/// The `i128` that a JSON number text names, in any form; `None` beyond its range or with a fraction.
pub fn to_i128(text: &str) -> Option<i128> {
    let decimal = Decimal::parse(text)?;
    let absolute = to_u128(&decimal)?;
    if decimal.negative {
        0_i128.checked_sub_unsigned(absolute)
    } else {
        i128::try_from(absolute).ok()
    }
}

/// The nearest `f64`, rounded to even; `None` when that is infinite (from about 1.8e308) or the text is no JSON number.
pub fn to_f64(text: &str) -> Option<f64> {
    nearest_f64(Decimal::parse(text)?, text)
}

/// The same of a text that was read.
#[inline]
pub(crate) fn nearest_f64(decimal: Decimal<'_>, text: &str) -> Option<f64> {
    if let Digits::Short(mantissa) = decimal.digits
        && mantissa < 1 << f64::MANTISSA_DIGITS
        && let Some(power) = exact_power(decimal.exponent)
    {
        // Both numbers are exact, so the one operation rounds correctly.
        let absolute = if decimal.exponent < 0 {
            mantissa as f64 / power
        } else {
            mantissa as f64 * power
        };
        return Some(if decimal.negative {
            -absolute
        } else {
            absolute
        });
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The number of a few digits without a sign, a point or a leading zero.
#[inline]
fn short_digits(text: &str) -> Option<u64> {
    let digits = text.as_bytes();
    if digits.is_empty()
        || digits.len() > SHORT
        || (digits.len() > 1 && digits.first() == Some(&b'0'))
    {
        return None;
    }
    digits.iter().try_fold(0, |value, &digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + u64::from(digit - b'0'))
    })
}

fn to_u128(decimal: &Decimal<'_>) -> Option<u128> {
    let shift = decimal.exponent.unsigned_abs();
    let mantissa = match decimal.digits {
        Digits::Short(0) => return Some(0),
        Digits::Short(mantissa) if decimal.exponent < 0 => {
            let power = power_of_ten(shift)?;
            return mantissa
                .is_multiple_of(power)
                .then(|| u128::from(mantissa / power));
        }
        Digits::Short(mantissa) => u128::from(mantissa),
        Digits::Long { .. } if decimal.exponent < 0 => return None,
        Digits::Long { head, tail } => {
            head.iter().chain(tail).try_fold(0_u128, |value, &digit| {
                value.checked_mul(10)?.checked_add(u128::from(digit - b'0'))
            })?
        }
    };
    mantissa.checked_mul(10_u128.checked_pow(u32::try_from(shift).ok()?)?)
}

/// Ten to the power of the absolute exponent, where an `f64` holds it exactly.
fn exact_power(exponent: i64) -> Option<f64> {
    const POWERS: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];
    POWERS
        .get(usize::try_from(exponent.unsigned_abs()).ok()?)
        .copied()
}
