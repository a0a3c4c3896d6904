//! Patterns mean what ECMA-262 says: `regress`, which implements it, is the oracle.

use proptest::prelude::*;
use regress::backends::PikeVMExecutor;
use specwright::pattern::{
    BacktrackingPattern, CharClass, LinearPattern, Sequence, SimplePattern, Step,
};
use specwright_build::pattern::{self, Pattern, translate};

use crate::support::corpus;

/// A translated pattern in the runtime's hands, as generated code would put it.
enum Runtime {
    Simple(SimplePattern),
    Linear(LinearPattern),
    Backtracking(BacktrackingPattern),
    Any,
}

impl Runtime {
    fn new(pattern: Pattern) -> Self {
        match pattern {
            Pattern::Simple(simple) => Self::Simple(SimplePattern::new(leak(
                simple.sequences.into_iter().map(sequence).collect(),
            ))),
            Pattern::Linear(text) => Self::Linear(LinearPattern::new(text.leak())),
            Pattern::Backtracking(text) => {
                Self::Backtracking(BacktrackingPattern::new(text.leak()))
            }
            Pattern::Any => Self::Any,
        }
    }

    /// The answer, or none where the backtrack limit is reached.
    fn is_match(&self, text: &str) -> Option<bool> {
        match self {
            Self::Simple(pattern) => Some(pattern.is_match(text)),
            Self::Linear(pattern) => Some(pattern.is_match(text)),
            Self::Backtracking(pattern) => pattern.is_match(text).ok(),
            Self::Any => Some(true),
        }
    }
}

/// Statics of generated code live for ever, so the tests may leak theirs.
fn leak<T>(items: Vec<T>) -> &'static [T] {
    Vec::leak(items)
}

fn sequence(sequence: pattern::Sequence) -> Sequence {
    let step = |step| match step {
        pattern::Step::Literal(text) => Step::Literal(text.leak()),
        pattern::Step::Class {
            ascii,
            non_ascii,
            min,
            max,
        } => {
            let class = Box::leak(Box::new(CharClass::new(ascii, leak(non_ascii))));
            Step::Class(class, min, max)
        }
    };
    Sequence {
        from_start: sequence.from_start,
        steps: leak(sequence.steps.into_iter().map(step).collect()),
        to_end: sequence.to_end,
    }
}

/// Compares the translation of a pattern with the oracle on some texts.
fn check(pattern: &str, texts: impl IntoIterator<Item = impl AsRef<str>>) {
    let oracle = oracle(pattern).unwrap_or_else(|| panic!("the oracle refuses `{pattern}`"));
    let translated = translate(pattern).unwrap_or_else(|error| panic!("`{pattern}`: {error}"));
    let runtime = Runtime::new(translated.clone());
    for text in texts {
        let text = text.as_ref();
        assert_eq!(
            runtime.is_match(text),
            Some(oracle_accepts(&oracle, text)),
            "pattern `{pattern}`, text {text:?}, translated to {translated:?}",
        );
    }
}

/// The oracle's reading: with the `u` flag, or as in Annex B where that refuses.
fn oracle(pattern: &str) -> Option<regress::Regex> {
    ["u", ""]
        .iter()
        .find_map(|flags| regress::Regex::with_flags(pattern, *flags).ok())
}

/// Asks the oracle by its engine that does not go back: the patterns of real documents are too evil for the other.
fn oracle_accepts(oracle: &regress::Regex, text: &str) -> bool {
    regress::backends::find::<PikeVMExecutor<'_, '_>>(oracle, text, 0)
        .next()
        .is_some()
}

/// Texts that tell the classes of both dialects apart, and the usual shapes of identifiers.
const TEXTS: &[&str] = &[
    "",
    "a",
    "ab",
    "abc",
    "aab",
    "aaa",
    "aba",
    "abab",
    "A",
    "AB",
    "ABC",
    "DE",
    "0",
    "42",
    "2026",
    "12345678901234567890",
    "-",
    "_",
    " ",
    "  ",
    "a b",
    " a ",
    "a\n",
    "a\nb",
    "\n",
    "\r",
    "\u{2028}",
    "\u{2029}",
    "\u{FEFF}",
    "\u{85}",
    "\u{A0}",
    "\u{180E}",
    "\t",
    "\u{B}",
    "\u{0}",
    "\u{1}",
    "é",
    "aé",
    "éa",
    "É",
    "ß",
    "K",
    "ſ",
    "٣",
    "Ω",
    "ω",
    "д",
    "漢字",
    "😀",
    "a😀b",
    "😀😀😀",
    "ABC-1234",
    "ABC-123",
    "AB-12345",
    "+4915112345678",
    "+0123",
    "DE89370400440532013000",
    "foo",
    "foobar",
    "barfoo",
    "foo-bar",
    "foo_bar",
    "foo.bar",
    "first",
    "last",
    "after:12",
    "#ff00ff",
    "user@example.com",
    "https://example.com/a?b=c",
    "$5",
    "\\",
    "]",
    "[",
    "{",
    "}",
    "{2}",
    "^",
    "&&",
    "--",
    "~~",
    "a&b",
    "\u{10FFFF}",
    "\u{FFFF}",
    "\u{E000}",
];

#[test]
fn hand_chosen_patterns_agree_with_the_oracle() {
    let patterns = [
        "^[A-Z0-9 -]{3,10}$",
        "^[A-Z]{2}$",
        r"^\+[1-9][0-9]{6,14}$",
        "^[A-Z]{3}-[0-9]{4,8}$",
        "^[a-z0-9-]+$",
        "^[0-9]{4}$",
        "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$",
        r"^\d+$",
        r"^\S+$",
        r"\S",
        r"^\s+$",
        r"^\D+$",
        r"^\w+$",
        r"^\W+$",
        r"\W",
        r"^.$",
        r"^.+$",
        r"^.{1,3}$",
        r"^.{2}$",
        r"^[^a]$",
        r"^[^a]{2,3}$",
        r"^[^]$",
        r"[]",
        r"a[]|b",
        r"^[\s\S]*$",
        "",
        "^",
        "$",
        "^$",
        "^.*",
        ".*$",
        "^.*$",
        ".^",
        "$.",
        "a*",
        "a+b",
        "a{2,}",
        "a{0}b",
        "^a{0,2}$",
        "^a{2,3}b?$",
        "^a*ab$",
        "^[ab]*b$",
        "^(a|b|)$",
        "^(?:foo|bar)$",
        "foo|bar",
        "^foo|bar$",
        "foo$",
        "^foo",
        "^(foo(bar)?|x)$",
        "^(?:first|last|after:\\d+)$",
        r"\bfoo\b",
        r"\Bo",
        r"^\Ba",
        r"a\b",
        r"é\b",
        r"\B",
        r"^\B$",
        r"[\b]",
        r"\cA",
        r"\cj",
        r"\0",
        r"\x41",
        r"\u0041",
        r"^\u{1F600}$",
        r"^\uD83D\uDE00$",
        r"^[\uD83D\uDE00]$",
        r"^[\u{1F600}-\u{1F64F}]+$",
        r"^[\u0000-\uFFFF]+$",
        r"\u{FEFF}",
        r"^\p{L}+$",
        r"^\p{Lu}",
        r"^\P{L}+$",
        r"^[\p{L}\d]+$",
        r"^[^\p{L}\d]+$",
        r"^[\P{L}a]+$",
        r"\p{Script=Greek}",
        r"\p{sc=Cyrl}",
        r"\p{Script_Extensions=Han}",
        r"\p{Emoji}",
        r"\p{Alphabetic}",
        r"\p{gc=Nd}",
        r"\p{General_Category=Decimal_Number}",
        r"\p{ASCII}",
        r"^\p{Any}+$",
        r"\p{White_Space}",
        "[[]",
        r"[\]]",
        "[a&&b]",
        "[+--b]",
        "[~~]",
        "[&&&]",
        "[.$^*]",
        "[#-']",
        r"[\-a]",
        r"[a\-z]",
        "[-a]",
        "[a-]",
        r"\/",
        r"\$\.",
        r"\^",
        r"\\",
        r"\-",
        r"\_",
        r"\@",
        r"\#",
        r"[\_\-\@\']",
        "]",
        "}",
        "{",
        "{}",
        "a{",
        "a{,2}",
        "x{a}",
        "{{a}}",
        r"[\w-.]",
        r"[a-\d]",
        r"[\w-a]",
        "(?=a)*b",
        "(?=b)?a",
        "(?=a)+a",
        "(?:a|ab)(?:c|bcd)?$",
        "a*?b",
        "a+?$",
        "^a??b$",
        "^[0-9]{1,3}?$",
        "(?<year>[0-9]{4})",
        r"^(.)\1$",
        r"(a)\1",
        r"^(?<x>a|b)\k<x>$",
        r"^(?:(\w)\1)+$",
        r"^(a)?\1b$",
        r"^(?:(a)|b)\1$",
        r"^\1(a)$",
        r"^(a\1)$",
        r"(?!(a))\1b",
        r"(?=(a))\1b",
        r"^(?:(x)|(y)|a)\1\2b$",
        "^(?=.*[A-Z])(?=.*[0-9]).{3,}$",
        "^(?!foo)",
        "foo(?!bar)",
        "foo(?=bar)",
        "(?<=foo)bar",
        "(?<!foo)bar",
        "(?<=a|bc)o",
        r"(?<=\w+)o",
        r"(?<=^a)b",
        r"(?<!\d)a",
        r"\bfoo(?=_)",
        r"(?=.)\Bo",
        "^(?=a$)",
        "(?=a)$",
        "^(?:(?=a)a|b)+$",
        "^(a+)+$",
        "^((a|b)*c?)*$",
        r"^(\S(.*\S)?)?$",
        "^$|^a",
    ];
    for pattern in patterns {
        check(pattern, TEXTS);
    }
}

#[test]
fn simple_patterns_need_no_engine() {
    let patterns = [
        "^[A-Z0-9 -]{3,10}$",
        r"^\+[1-9][0-9]{6,14}$",
        "^[A-Z]{3}-[0-9]{4,8}$",
        "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$",
        r"^\S+$",
        r"^.{1,1000000}$",
        "^(?:first|last|after:\\d+)$",
        "^[0-9]{1,5}(-[0-9]{1,5})?$",
        "foo",
        r"[\w]{1,100}",
        "^#([0-9a-f]{3}){1,2}$",
        r"^\p{L}{1,1000}$",
    ];
    for pattern in patterns {
        let translated = translate(pattern);
        assert!(
            matches!(translated, Ok(Pattern::Simple(_))),
            "`{pattern}`: {translated:?}"
        );
    }
}

#[test]
fn what_accepts_everything_is_recognised() {
    for pattern in [
        "",
        ".*",
        "^",
        "$",
        "^.*",
        "a*$",
        "(?:)",
        "^[^]*$",
        "x?|y",
        r"^[\s\S]*",
    ] {
        assert_eq!(translate(pattern), Ok(Pattern::Any), "`{pattern}`");
    }
    assert_ne!(translate("^.*$"), Ok(Pattern::Any));
}

#[test]
fn invalid_patterns_are_refused_at_the_offset() {
    let patterns = [
        ("(", 0, "unclosed group"),
        ("ab)", 2, "unmatched `)`"),
        ("a[b", 1, "unclosed character class"),
        ("[z-a]", 1, "range out of order: `z-a`"),
        ("é[z-a]", 3, "range out of order: `z-a`"),
        ("a**", 2, "nothing to repeat before `*`"),
        ("+a", 0, "nothing to repeat before `+`"),
        ("{2}", 0, "nothing to repeat before `{`"),
        ("^*", 1, "an assertion cannot be repeated"),
        ("a{3,2}", 1, "quantifier out of order: 3 is more than 2"),
        ("a\\", 1, "the pattern ends with a backslash"),
        (r"ab\z", 2, "`\\z` is not an escape of ECMA-262"),
        (r"\A", 0, "`\\A` is not an escape of ECMA-262"),
        (r"\x4", 0, "expected two hexadecimal digits after `\\x`"),
        (r"\u12", 0, "expected four hexadecimal digits after `\\u`"),
        (r"\u{110000}", 0, "U+110000 is beyond U+10FFFF"),
        (r"a\uD83D", 1, "a lone surrogate, which no text contains"),
        (
            r"[\uD800-\uDFFF]",
            1,
            "a lone surrogate, which no text contains",
        ),
        (r"(a)\2", 3, "`\\2` refers to a group that does not exist"),
        (
            r"\k<x>",
            0,
            "`\\k<x>` refers to a group that does not exist",
        ),
        (r"\p{Nonsense}", 0, "unknown property `Nonsense`"),
        (r"\p{Greek}", 0, "unknown property `Greek`"),
        (r"\p{RGI_Emoji}", 0, "unknown property `RGI_Emoji`"),
        ("(?<x>a)(?<x>b)", 10, "the group name `x` is used twice"),
    ];
    for (pattern, offset, message) in patterns {
        let error = translate(pattern).unwrap_err();
        assert_eq!(
            (error.offset, error.message.as_str()),
            (offset, message),
            "`{pattern}`"
        );
    }
    let flags = translate("ab(?i)c").unwrap_err();
    assert_eq!(flags.offset, 2);
    assert!(flags.message.contains("inline flags"), "{flags}");
}

#[test]
fn too_large_patterns_are_refused_at_the_largest_repetition() {
    for (pattern, offset) in [
        ("(ab|c){1000000}", 6),
        (r"(\p{L}|xy){1,1000}", 10),
        (r"(?=a)(((a{1000}){1000}){1000})", 23),
        // Each part fits, and the engine finds that the whole does not.
        ("(?:[a-c]x|y+){100000}", 13),
    ] {
        let error = translate(pattern).unwrap_err();
        assert!(
            error.message.contains("repeats too much"),
            "`{pattern}`: {error}"
        );
        assert_eq!(error.offset, offset, "`{pattern}`");
    }
}

#[test]
fn hostile_patterns_neither_overflow_nor_grow() {
    let times = 100_000;
    let refused = [
        ("(".repeat(times), 60, "groups nest deeper than 60"),
        ("[a".repeat(times), 0, "unclosed character class"),
        (
            "a{1,".repeat(times),
            0,
            "the pattern repeats too much: compiled it exceeds 10 MiB",
        ),
    ];
    for (pattern, offset, message) in refused {
        let error = translate(&pattern).unwrap_err();
        assert_eq!(
            (error.offset, error.message.as_str()),
            (offset, message),
            "`{pattern:.20}`"
        );
    }
    for pattern in ["a|".repeat(times), "(a|b)?".repeat(5_000)] {
        assert_eq!(translate(&pattern), Ok(Pattern::Any), "`{pattern:.20}`");
    }
    // A reference before its group is an empty group, twice as long.
    for pattern in [
        format!("{}(a)", r"\1".repeat(times)),
        "(a|b)?".repeat(5_000) + "c",
    ] {
        let (Pattern::Linear(text) | Pattern::Backtracking(text)) = translate(&pattern).unwrap()
        else {
            panic!("`{pattern:.20}` is not simple");
        };
        assert!(text.len() <= 2 * pattern.len(), "{}", text.len());
    }
}

#[test]
fn evil_texts_do_not_stall_the_server() {
    let text = "a".repeat(50_000) + "!";
    for pattern in ["^(a+)+$", "^(a|a)*$", r"^(\S(.*\S)?)?$", "(x+x+)+y"] {
        let runtime = Runtime::new(translate(pattern).unwrap());
        runtime.is_match("");
        // Tried in every way, each of these would take longer than anybody waits.
        assert!(runtime.is_match(&text).is_some());
    }
    let text = "a".repeat(4_000) + "!";
    for pattern in [
        r"^(a+)+\1b$",
        "(?=(a+)+$)b",
        "(?=.*x)a",
        "(?=a*b)",
        "((?=a)a+)+b",
    ] {
        let runtime = Runtime::new(translate(pattern).unwrap());
        assert_ne!(runtime.is_match(&text), Some(true), "`{pattern}`");
    }
}

#[test]
fn patterns_of_the_corpus_agree_with_the_oracle() {
    let Some(folder) = corpus::folder("specs") else {
        return;
    };
    let mut patterns = std::collections::BTreeSet::new();
    for file in corpus::files(&folder) {
        corpus::patterns(&file, &mut patterns);
    }
    assert!(
        patterns.len() > 200,
        "only {} patterns found",
        patterns.len()
    );
    let mut kinds = [0; 4];
    for pattern in &patterns {
        let translated = match translate(pattern) {
            Ok(translated) => translated,
            Err(error) => {
                assert!(oracle(pattern).is_none(), "`{pattern}`: {error}");
                continue;
            }
        };
        let kind = match translated {
            Pattern::Simple(_) => 0,
            Pattern::Linear(_) => 1,
            Pattern::Backtracking(_) => 2,
            Pattern::Any => 3,
        };
        kinds[kind] += 1;
        check(pattern, TEXTS);
        check(pattern, corpus::texts_like(pattern));
    }
    let [simple, linear, backtracking, any] = kinds;
    println!(
        "{} patterns: {simple} simple, {linear} linear, {backtracking} backtracking, {any} any",
        patterns.len()
    );
}

/// Patterns of all forms; those that the dialect refuses are skipped by the test.
fn patterns() -> impl Strategy<Value = String> {
    let class = prop_oneof![
        Just("[ab]"),
        Just("[^a]"),
        Just("[a-c]"),
        Just(r"[\d_-]"),
        Just(r"[^\s]"),
        Just(r"\w"),
        Just(r"\W"),
        Just(r"\d"),
        Just(r"\s"),
        Just(r"\S"),
        Just("."),
        Just("[^]"),
        Just("[]"),
        Just(r"\p{L}"),
        Just("[é-ü]"),
        Just("😀"),
        Just("é"),
    ]
    .prop_map(str::to_owned);
    let literal = "[abc1 -]".prop_map(|text| text.clone());
    let assertion = prop_oneof![Just("^"), Just("$"), Just(r"\b"), Just(r"\B")];
    let leaf = prop_oneof![
        4 => class,
        4 => literal,
        2 => assertion.prop_map(str::to_owned),
        1 => Just(r"\1".to_owned()),
        1 => Just(String::new()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let quantifier = prop_oneof![
            Just("*"),
            Just("+"),
            Just("?"),
            Just("{2}"),
            Just("{1,3}"),
            Just("{2,}"),
            Just("*?"),
            Just("{0}"),
        ];
        let opening = prop_oneof![
            6 => Just("("),
            3 => Just("(?:"),
            1 => Just("(?="),
            1 => Just("(?!"),
            1 => Just("(?<="),
            1 => Just("(?<!"),
        ];
        prop_oneof![
            (opening, inner.clone()).prop_map(|(opening, body)| format!("{opening}{body})")),
            (inner.clone(), quantifier)
                .prop_map(|(body, quantifier)| format!("{body}{quantifier}")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|parts| parts.join("|")),
            inner.prop_map(|body| format!("^{body}$")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn random_patterns_agree_with_the_oracle(
        pattern in patterns(),
        texts in prop::collection::vec("[abc1 _é😀\n-]{0,6}", 8),
    ) {
        let Some(oracle) = oracle(&pattern) else {
            prop_assert!(translate(&pattern).is_err(), "the oracle refuses `{}`", pattern);
            return Ok(());
        };
        // The oracle loses a counted repetition of lookaround that takes nothing, such as `(?=a*?){2}`.
        prop_assume!(!(pattern.contains('{') && ["(?=", "(?!", "(?<"].iter().any(|it| pattern.contains(it))));
        let translated = match translate(&pattern) {
            Ok(translated) => translated,
            Err(error) => {
                let is_known = error.message.contains("not supported")
                    // The oracle repeats `\\b`, which the grammar does not allow.
                    || error.message == "an assertion cannot be repeated"
                    || regress::Regex::with_flags(&pattern, "u").is_err();
                prop_assert!(is_known, "`{}`: {}", pattern, error);
                return Ok(());
            }
        };
        let runtime = Runtime::new(translated.clone());
        for text in &texts {
            prop_assert_eq!(
                runtime.is_match(text),
                Some(oracle.find(text).is_some()),
                "pattern `{}`, text {:?}, translated to {:?}", pattern, text, translated
            );
        }
    }

    #[test]
    fn random_texts_are_never_a_panic(pattern in r"[\\\[\](){}?*+|^$.,:=!<>a-c0-9pPukxbBdDwWsS\-]{0,24}") {
        let translated = translate(&pattern);
        if let Err(error) = &translated {
            prop_assert!(pattern.is_char_boundary(error.offset), "{}", error);
        }
        let accepted_by_unicode = regress::Regex::with_flags(&pattern, "u").is_ok();
        if accepted_by_unicode
            && let Err(error) = translated
        {
            let is_known = ["an assertion cannot be repeated", "not supported", "surrogate", "unknown property", "repeats too much"]
                .iter()
                .any(|reason| error.message.contains(reason));
            prop_assert!(is_known, "`{}`: {}", pattern, error);
        }
    }
}
