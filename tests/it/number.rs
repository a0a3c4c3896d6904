//! Decimal arithmetic against `num-bigint`.

use std::{
    cmp::Ordering,
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use num_bigint::BigInt;
use proptest::prelude::*;
use specwright::number::{
    Decimal, compare, is_integer, is_multiple_of, to_f64, to_i64, to_i128, to_u64,
};

/// A number as the oracle has it: an integer, and the power of ten that it is multiplied with.
struct Exact {
    mantissa: BigInt,
    exponent: i64,
}

impl Exact {
    fn of(text: &str) -> Self {
        let (significand, exponent) = match text.split_once(['e', 'E']) {
            Some((significand, exponent)) => (significand, exponent.parse().expect("small")),
            None => (text, 0),
        };
        let fraction = significand
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        Self {
            mantissa: significand.replace('.', "").parse().expect("digits"),
            exponent: exponent - fraction as i64,
        }
    }

    /// Both numbers in units of the smaller power of ten.
    fn aligned(one: &Self, other: &Self) -> (BigInt, BigInt) {
        let unit = one.exponent.min(other.exponent);
        let scale = |number: &Self| {
            let power = u32::try_from(number.exponent - unit).expect("small");
            &number.mantissa * BigInt::from(10).pow(power)
        };
        (scale(one), scale(other))
    }

    fn integer(&self) -> Option<BigInt> {
        let (value, one) = Self::aligned(self, &Self::of("1"));
        (&value % &one == BigInt::ZERO).then(|| value / one)
    }
}

fn decimal(text: &str) -> Decimal<'_> {
    Decimal::parse(text).expect(text)
}

fn number() -> impl Strategy<Value = String> {
    let integer = prop_oneof![
        Just("0".to_owned()),
        "[1-9][0-9]{0,3}",
        "[1-9][0-9]{0,17}0{0,5}",
        "[1-9][0-9]{18,45}",
        "1844674407370955161[3-7]",
        "922337203685477580[6-9]",
    ];
    let fraction = prop_oneof![
        Just(String::new()),
        "\\.[0-9]{1,2}",
        "\\.0{1,3}",
        "\\.[0-9]{1,40}",
    ];
    let exponent = prop_oneof![
        4 => Just(String::new()),
        1 => "[eE][+-]?[0-9]",
        1 => "[eE][+-]?0?[0-9]{2}",
        1 => "e[+-]?[23][0-9]{2}",
    ];
    ("-?", integer, fraction, exponent)
        .prop_map(|(sign, integer, fraction, exponent)| sign + &integer + &fraction + &exponent)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn order_and_hash_are_exact(one in number(), other in number()) {
        let (exact_one, exact_other) = Exact::aligned(&Exact::of(&one), &Exact::of(&other));
        let expected = exact_one.cmp(&exact_other);
        prop_assert_eq!(compare(decimal(&one), decimal(&other)), expected);
        prop_assert_eq!(compare(decimal(&other), decimal(&one)), expected.reverse());
        let seed = RandomState::new();
        let alike = seed.hash_one(decimal(&one)) == seed.hash_one(decimal(&other));
        prop_assert_eq!(alike, expected == Ordering::Equal);
    }

    #[test]
    fn other_spellings_are_equal(text in number(), shift in 0_usize..30) {
        let (significand, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
        let exponent: i64 = exponent.parse().expect("small");
        let point = if significand.contains('.') { "" } else { "." };
        let zeros = "0".repeat(shift + 1);
        let longer = format!("{significand}{point}{zeros}e{exponent}");
        let digits = significand.replace('.', "");
        let fraction = significand.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", &*digits),
        };
        let trimmed = digits.trim_start_matches('0');
let whole = if trimmed.is_empty() { "0".to_owned() } else { format!("{trimmed}{zeros}") };
        let shifted = format!("{sign}{whole}E{}", exponent - fraction as i64 - shift as i64 - 1);
        let small = format!("{sign}0.{zeros}{digits}e{}", exponent - fraction as i64 + (digits.len() + shift + 1) as i64);
        let seed = RandomState::new();
        for other in [longer, shifted, small] {
            prop_assert_eq!(decimal(&text), decimal(&other), "{}", other);
            prop_assert_eq!(seed.hash_one(decimal(&text)), seed.hash_one(decimal(&other)), "{}", other);
            prop_assert_eq!(is_integer(&text), is_integer(&other));
            prop_assert_eq!(to_i128(&text), to_i128(&other));
        }
    }

    #[test]
    fn integers_are_exact(text in number()) {
        let integer = Exact::of(&text).integer();
        prop_assert_eq!(is_integer(&text), integer.is_some());
        prop_assert_eq!(to_i64(&text), integer.as_ref().and_then(|integer| i64::try_from(integer).ok()));
        prop_assert_eq!(to_u64(&text), integer.as_ref().and_then(|integer| u64::try_from(integer).ok()));
        prop_assert_eq!(to_i128(&text), integer.as_ref().and_then(|integer| i128::try_from(integer).ok()));
    }

    #[test]
    fn floats_are_the_nearest(text in number()) {
        let expected: f64 = text.parse().expect("std reads it");
        let found = to_f64(&text);
        prop_assert_eq!(found.map(f64::to_bits), expected.is_finite().then(|| expected.to_bits()));
    }

    #[test]
    fn multiples_are_exact(value in number(), divisor in number()) {
        let (exact, by) = Exact::aligned(&Exact::of(&value), &Exact::of(&divisor));
        let expected = if by == BigInt::ZERO {
            exact == BigInt::ZERO
        } else {
            exact % by == BigInt::ZERO
        };
        prop_assert_eq!(is_multiple_of(decimal(&value), decimal(&divisor)), expected);
    }

    #[test]
    fn products_are_multiples(divisor in number(), factor in any::<i64>(), shift in 0..400_i64) {
        let exact = Exact::of(&divisor);
        let product = format!("{}e{}", exact.mantissa * factor, exact.exponent + shift);
        prop_assume!(!decimal(&divisor).is_zero());
        prop_assert!(is_multiple_of(decimal(&product), decimal(&divisor)), "{}", product);
    }

    #[test]
    fn only_json_numbers_are_read(text in "[-+]?[0-9.eE+-]{0,24}") {
        let valid = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        prop_assert_eq!(Decimal::parse(&text).is_some(), valid);
        prop_assert!(valid || to_i64(&text).is_none());
        prop_assert!(valid || to_u64(&text).is_none());
        prop_assert!(valid || to_f64(&text).is_none());
        prop_assert!(valid || !is_integer(&text));
    }
}

#[test]
fn named_cases() {
    assert_eq!(compare(decimal("1e400"), decimal("1e401")), Ordering::Less);
    assert_eq!(
        compare(decimal("-1e400"), decimal("1e-401")),
        Ordering::Less
    );
    assert_eq!(compare(decimal("-0"), decimal("0.0e7")), Ordering::Equal);
    let huge = "1e999999999999999999999";
    let tiny = "1e-999999999999999999999";
    assert!(decimal(huge) > decimal("1e999999999"));
    assert!(decimal(tiny) < decimal("1e-999999999") && decimal(tiny) > decimal("0"));
    assert!(is_integer(huge) && !is_integer(tiny) && is_integer("0e-999999999999999999999"));
    assert_eq!(
        (to_i64(huge), to_f64(huge), to_f64(tiny)),
        (None, None, Some(0.0))
    );
    for (value, divisor, expected) in [
        ("39.44", "0.01", true),
        ("45600.615038194315", "0.01", false),
        ("1e308", "0.5", true),
        ("1e308", "0.123456789", false),
        (huge, "0.0001", true),
        (huge, "3", false),
        (tiny, "3", false),
        ("0.0075", "0.0001", true),
        ("0.00751", "0.0001", false),
        ("12345678901234567890123", "0.12345678901234567890123", true),
        ("-0", "0", true),
        ("1", "0", false),
    ] {
        let found = is_multiple_of(decimal(value), decimal(divisor));
        assert_eq!(found, expected, "{value} by {divisor}");
    }
    for (text, expected) in [
        ("1.0", Some(1)),
        ("1e2", Some(100)),
        ("-0", Some(0)),
        ("1.50e1", Some(15)),
        ("1.5", None),
        ("-9223372036854775808", Some(i64::MIN)),
        ("9223372036854775807.0", Some(i64::MAX)),
        ("9223372036854775808", None),
        ("100e-2", Some(1)),
    ] {
        assert_eq!(to_i64(text), expected, "{text}");
    }
    assert_eq!(to_f64("-0").map(f64::to_bits), Some((-0.0_f64).to_bits()));
}

#[test]
fn constants_equal_their_text() {
    const PRICE: Decimal<'static> = Decimal::from_parts(false, 9549, -2);
    const MOST: Decimal<'static> = Decimal::from_parts(false, u64::MAX, 0);
    const MINUS_HUNDRED: Decimal<'static> = Decimal::from_parts(true, 1, 2);
    let seed = RandomState::new();
    let values: HashMap<_, _, RandomState> =
        HashMap::from_iter([(PRICE, "price"), (MOST, "most"), (MINUS_HUNDRED, "minus")]);
    for (text, expected) in [
        ("95.490", "price"),
        ("9549e-2", "price"),
        ("18446744073709551615", "most"),
        ("1844674407370955161.50e1", "most"),
        ("-100", "minus"),
    ] {
        assert_eq!(values.get(&decimal(text)), Some(&expected), "{text}");
    }
    assert_eq!(seed.hash_one(PRICE), seed.hash_one(decimal("95.49")));
}

#[test]
fn long_numbers_take_little_time() {
    let digits = "7".repeat(2_000_000);
    let fraction = format!("0.{digits}e-3");
    let started = std::time::Instant::now();
    let (one, other) = (decimal(&digits), decimal(&fraction));
    assert!(one > other);
    assert!(!is_multiple_of(
        one,
        Decimal::from_parts(false, u64::MAX, -300)
    ));
    assert!(is_multiple_of(one, decimal("7")));
    let shorter = &digits[..100_000];
    assert!(!is_multiple_of(
        decimal(shorter),
        decimal("123456789012345678901234567")
    ));
    assert_eq!((to_i64(&digits), to_f64(&digits)), (None, None));
    assert!(to_f64(&fraction).is_some());
    // Even unoptimised; anything quadratic would take hours.
    assert!(started.elapsed().as_secs() < 10);
}
