//! Formats accept what the official tests of JSON Schema say.

use std::collections::BTreeSet;
use std::fs;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;
use specwright::format;

use crate::support::corpus;

/// The check of a format.
type Check = fn(&str) -> bool;

const FORMATS: [(&str, Check); 19] = [
    ("date", format::is_date),
    ("date-time", format::is_date_time),
    ("duration", format::is_duration),
    ("email", format::is_email),
    ("hostname", format::is_hostname),
    ("idn-email", format::is_idn_email),
    ("idn-hostname", format::is_idn_hostname),
    ("ipv4", format::is_ipv4),
    ("ipv6", format::is_ipv6),
    ("iri", format::is_iri),
    ("iri-reference", format::is_iri_reference),
    ("json-pointer", format::is_json_pointer),
    ("regex", format::is_regex),
    ("relative-json-pointer", format::is_relative_json_pointer),
    ("time", format::is_time),
    ("uri", format::is_uri),
    ("uri-reference", format::is_uri_reference),
    ("uri-template", format::is_uri_template),
    ("uuid", format::is_uuid),
];

/// Tests that are not passed: format, description of the test, reason.
const EXPECTED_FAILURES: [(&str, &str, &str); 0] = [];

#[test]
fn formats_pass_the_official_tests() {
    let folder = "json-schema-test-suite/tests/draft2020-12/optional/format";
    let Some(folder) = corpus::folder(folder) else {
        return;
    };
    let mut failures = BTreeSet::new();
    let (mut total, mut passed) = (0, 0);
    for (name, check) in FORMATS {
        let text = fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let groups: Value = serde_json::from_str(&text).unwrap();
        let tests = groups
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|group| group["tests"].as_array().unwrap());
        let (mut here, mut good) = (0, 0);
        for test in tests {
            // A format concerns texts only; whatever else is valid by definition.
            let answer = test["data"].as_str().is_none_or(check);
            here += 1;
            if Value::Bool(answer) == test["valid"] {
                good += 1;
            } else {
                let description = test["description"].as_str().unwrap().to_owned();
                failures.insert((name, description));
            }
        }
        println!("{name}: {good} of {here}");
        total += here;
        passed += good;
    }
    println!("formats: {passed} of {total}");
    let expected = EXPECTED_FAILURES
        .iter()
        .map(|(name, description, _)| (*name, (*description).to_owned()))
        .collect::<BTreeSet<_>>();
    assert_eq!(failures, expected);
}

#[test]
fn readers_give_the_values() {
    let date_time = |text| format::parse_date_time(text).map(|time| time.to_string());
    let cases = [
        ("2026-11-21T08:15:00Z", Some("2026-11-21T08:15:00Z")),
        ("2026-11-21t08:15:00.5z", Some("2026-11-21T08:15:00.5Z")),
        ("2026-11-21T00:15:00+01:00", Some("2026-11-20T23:15:00Z")),
        ("1998-12-31T23:59:60Z", Some("1998-12-31T23:59:59Z")),
        ("0000-01-01T00:00:00Z", Some("0000-01-01T00:00:00Z")),
        ("2026-11-21 08:15:00Z", None),
        ("2026-11-21T08:15:00", None),
        ("2026-11-21T08:15:00.Z", None),
        ("9999-12-31T23:59:59Z", None),
    ];
    for (text, expected) in cases {
        assert_eq!(date_time(text).as_deref(), expected, "{text}");
    }
    assert!(format::is_date_time("9999-12-31T23:59:59Z"));
    let time = |text| format::parse_time(text).map(|time| time.to_string());
    assert_eq!(
        time("08:15:00.25-03:30").as_deref(),
        Some("08:15:00.25-03:30")
    );
    assert_eq!(time("08:15:00-00:00").as_deref(), Some("08:15:00Z"));
    let duration = |text| format::parse_duration(text).map(|span| span.to_string());
    assert_eq!(
        duration("P1Y2M3DT4H5M6S").as_deref(),
        Some("P1Y2M3DT4H5M6S")
    );
    assert_eq!(duration("P2W").as_deref(), Some("P2W"));
    assert_eq!(duration(&format!("P{}D", "9".repeat(70))), None);
    assert_eq!(format::decode_base64("aGk="), Some(b"hi".to_vec()));
    for text in ["aGk", "aGk=\n", "aGl=", "a-k=", "=", "aGk=="] {
        assert_eq!(format::decode_base64(text), None, "{text:?}");
    }
    let uuid = "2eb8aa08-aa98-11ea-b4aa-73b441d16380";
    assert_eq!(format::parse_uuid(uuid).unwrap().to_string(), uuid);
    assert_eq!(format::parse_uuid("2eb8aa08aa9811eab4aa73b441d16380"), None);
}

#[test]
fn emails_keep_the_lengths_of_the_standard() {
    let local = "a".repeat(64);
    assert!(format::is_email(&format!("{local}@example.com")));
    assert!(!format::is_email(&format!("a{local}@example.com")));
    assert!(format::is_email("root@localhost"));
    assert!(format::is_email(r#""a\"b"@example.com"#));
    for text in [
        "\"a\"b\"@x.de",
        "\"a\\\"@x.de",
        "a@-x.de",
        "a@x..de",
        "é@x.de",
        "\"@x.de",
    ] {
        assert!(!format::is_email(text), "{text}");
    }
}

proptest! {
    #[test]
    fn date_times_survive_writing_and_reading(
        second in -62_167_219_200_i64..253_402_200_000,
        nanosecond in prop_oneof![Just(0), 0..1_000_000_000],
    ) {
        let timestamp = Timestamp::new(second, nanosecond).unwrap();
        let mut out = Vec::new();
        format::write_date_time(&mut out, timestamp);
        let text = String::from_utf8(out).unwrap();
        prop_assert_eq!(&text, &timestamp.to_string());
        prop_assert_eq!(format::parse_date_time(&text), Some(timestamp));
    }

    #[test]
    fn regular_expressions_are_those_of_patterns(
        text in "([a-z0-9(){}\\[\\]\\\\|^$.*+?,:=!<>-]|\\\\[0-9a-zA-Z]|\\(\\?|\\[[a-z]-[a-z]){0,12}"
    ) {
        let translated = specwright_build::pattern::translate(&text);
        // Names of properties are known at generation only.
        prop_assume!(!text.contains("\\p") && !text.contains("\\P"));
        prop_assert_eq!(format::is_regex(&text), translated.is_ok(), "{:?}", translated.err());
    }

    #[test]
    fn any_text_gets_an_answer(text in "\\PC{0,24}|[0-9TZPt:.+\\-WDMYHS@\\[\\]\"\\\\xn]{0,40}") {
        for (_, check) in FORMATS {
            check(&text);
        }
        let both = |check: bool, parse: bool| !parse || check;
        prop_assert!(both(format::is_date_time(&text), format::parse_date_time(&text).is_some()));
        prop_assert!(both(format::is_duration(&text), format::parse_duration(&text).is_some()));
        prop_assert_eq!(format::is_uuid(&text), format::parse_uuid(&text).is_some());
        prop_assert_eq!(format::is_base64(&text), format::decode_base64(&text).is_some());
    }
}
