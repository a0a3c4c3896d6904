use super::{Meaning, Number};

#[track_caller]
fn number(text: &str, expected: &str) {
    match Meaning::of(text) {
        Meaning::Number(Number { text: found, .. }) => assert_eq!(&*found, expected, "of {text}"),
        other => assert_eq!(
            other,
            Meaning::String,
            "{text} should be the number {expected}"
        ),
    }
    let json: serde_json::Value = serde_json::from_str(expected).expect("the expectation is JSON");
    assert!(json.is_number());
}

#[test]
fn numbers_become_json_text_with_all_digits() {
    number("0", "0");
    number("-0", "-0");
    number("+1", "1");
    number(".5", "0.5");
    number("-.5", "-0.5");
    number("1.", "1.0");
    number("1.e5", "1.0e5");
    number("1E-3", "1E-3");
    number("007", "7");
    number("0x1F", "31");
    number("0o17", "15");
    number(
        "0xffffffffffffffffffffffffffffffff",
        "340282366920938463463374607431768211455",
    );
    number("9007199254740993", "9007199254740993");
    number(
        "0.1000000000000000055511151231257827",
        "0.1000000000000000055511151231257827",
    );
}

#[test]
fn only_the_core_spellings_are_not_strings() {
    for text in [
        "Y",
        "yes",
        "on",
        "off",
        "no",
        "tRUE",
        "nULL",
        "1_000",
        "12:30",
        "2024-01-01",
        "0x",
        "0xg",
        "0o8",
        "-0x1",
        "+",
        "-",
        ".",
        "-.",
        "e5",
        "1e",
        "1e+",
        "1.2.3",
        "--1",
        "1-2",
        ".infinity",
        "+.nan",
        "٣",
        "1 2",
    ] {
        assert_eq!(Meaning::of(text), Meaning::String, "{text}");
    }
    for text in ["", "~", "null", "Null", "NULL"] {
        assert_eq!(Meaning::of(text), Meaning::Null, "{text}");
    }
    for text in [".inf", "-.INF", "+.Inf", ".nan", ".NaN"] {
        assert_eq!(Meaning::of(text), Meaning::NotFinite, "{text}");
    }
    assert_eq!(
        Meaning::of(&format!("0x{}", "f".repeat(40))),
        Meaning::TooLong
    );
}
