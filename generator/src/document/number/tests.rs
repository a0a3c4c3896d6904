use super::Decimal;

fn number(text: &str) -> Decimal {
    Decimal::parse(text).expect(text)
}

#[test]
fn equal_numbers_of_different_text() {
    for (left, right) in [
        ("1.0", "1"),
        ("100", "1e2"),
        ("-0", "0"),
        ("0.010", "1e-2"),
        ("12.5E1", "125"),
    ] {
        assert_eq!(number(left), number(right), "{left} and {right}");
    }
}

#[test]
fn order_is_exact() {
    for (less, more) in [
        ("9007199254740992", "9007199254740993"),
        ("-2", "-1"),
        ("-1", "0"),
        ("0", "1e-9999999999999999999999"),
        ("9", "10"),
        ("0.1", "0.11"),
        ("1e9999999999", "1e99999999999"),
    ] {
        assert!(number(less) < number(more), "{less} and {more}");
    }
}

#[test]
fn counts() {
    for (text, count) in [
        ("3.0", Some(3)),
        ("1e3", Some(1000)),
        ("1.5", None),
        ("-1", None),
        ("0", Some(0)),
        ("1e400", Some(u64::MAX)),
    ] {
        assert_eq!(number(text).to_count(), count, "{text}");
    }
}

#[test]
fn multiples() {
    for (value, step, expected) in [
        ("0.3", "0.1", true),
        ("7", "2", false),
        ("1e3", "10", true),
        ("0", "5", true),
        ("-4", "2", true),
    ] {
        assert_eq!(
            number(value).is_multiple_of(&number(step)),
            Some(expected),
            "{value} and {step}"
        );
    }
    assert_eq!(number("1").is_multiple_of(&number("0")), None);
    assert_eq!(number("1e99999").is_multiple_of(&number("3")), None);
}

#[test]
fn not_numbers() {
    for text in ["", "-", "1.", ".5", "1e", "0x1", "+1", "1_0", "NaN"] {
        assert_eq!(Decimal::parse(text), None, "{text}");
    }
}
