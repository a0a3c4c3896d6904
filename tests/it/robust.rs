//! No document makes the generator panic, overflow its stack or take more than its share of time.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use proptest::{prelude::*, sample::Index};
use specwright_build::{
    Generated, Generator,
    diagnostic::{Code, Style, render},
    source::Memory,
};

const DOCUMENTS: [&str; 3] = [
    include_str!("../../specs/orders.yaml"),
    include_str!("../fixtures/document/every-field.yaml"),
    include_str!("../fixtures/hostile-names.yaml"),
];

/// What is put in place of a word.
const WORDS: [&str; 44] = [
    "null",
    "true",
    "{}",
    "[]",
    "-1",
    "1e400",
    "0.1",
    "''",
    "'\\0'",
    "\"\\u2028\"",
    "*a",
    "&a [*a]",
    "!!int x",
    "object",
    "array",
    "string",
    "integer",
    "type",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "items",
    "properties",
    "required",
    "enum",
    "const",
    "default",
    "pattern",
    "format",
    "nullable",
    "readOnly",
    "writeOnly",
    "additionalProperties",
    "discriminator",
    "$ref",
    "'#'",
    "'#/components/schemas/Order'",
    "'#/paths'",
    "'other.yaml#/x'",
    "path",
    "query",
    "header",
    "default: x",
];

#[derive(Clone, Debug)]
enum Change {
    /// A byte becomes another.
    Byte(Index, u8),
    /// A word becomes another.
    Word(Index, Index),
    /// A line goes away, or comes twice.
    Cut(Index),
    Repeat(Index),
    /// A line is indented otherwise.
    Indent(Index, usize),
    /// Two lines change places.
    Swap(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        6 => (any::<Index>(), any::<Index>()).prop_map(|(at, word)| Change::Word(at, word)),
        2 => any::<Index>().prop_map(Change::Cut),
        2 => any::<Index>().prop_map(Change::Repeat),
        2 => (any::<Index>(), 0_usize..12).prop_map(|(at, depth)| Change::Indent(at, depth)),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Change::Swap(one, other)),
    ]
}

fn changed(text: &str, changes: &[Change]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = text.lines().map(|line| line.as_bytes().to_vec()).collect();
    for change in changes {
        let count = lines.len();
        match change {
            Change::Byte(at, byte) => {
                let line = &mut lines[at.index(count)];
                if !line.is_empty() {
                    let place = at.index(line.len());
                    line[place] = *byte;
                }
            }
            Change::Word(at, word) => {
                let line = &mut lines[at.index(count)];
                let text = String::from_utf8_lossy(line).into_owned();
                let words: Vec<&str> = text.split_whitespace().collect();
                if !words.is_empty() {
                    let old = words[at.index(words.len())];
                    // A key stays one.
                    let colon = if old.ends_with(':') { ":" } else { "" };
                    let new = format!("{}{colon}", WORDS[word.index(WORDS.len())]);
                    *line = text.replacen(old, &new, 1).into_bytes();
                }
            }
            Change::Cut(at) if count > 1 => {
                lines.remove(at.index(count));
            }
            Change::Cut(_) => {}
            Change::Repeat(at) => {
                let line = lines[at.index(count)].clone();
                lines.insert(at.index(count), line);
            }
            Change::Indent(at, depth) => {
                let line = &mut lines[at.index(count)];
                let rest = line.trim_ascii_start().to_vec();
                *line = [vec![b' '; *depth], rest].concat();
            }
            Change::Swap(one, other) => lines.swap(one.index(count), other.index(count)),
        }
    }
    lines.join(&b'\n')
}

fn check(text: impl Into<Vec<u8>>) -> Generated {
    Generator::new("api.yaml").check_with(Memory::new().with("api.yaml", text))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn changed_documents_never_panic(
        document in 0..DOCUMENTS.len(),
        changes in prop::collection::vec(change(), 1..5),
    ) {
        let text = changed(DOCUMENTS[document], &changes);
        let checked = check(text);
        let drawn = render(&checked.diagnostics, &checked.sources, Style::Plain);
        prop_assert_eq!(checked.api.is_none(), checked.diagnostics.has_errors(), "{}", drawn);
        if let Some(api) = &checked.api {
            let code = Generator::new("api.yaml").one_file(api);
            let parsed = syn::parse_file(&code);
            prop_assert!(parsed.is_ok(), "{:?}\n{}", parsed.err(), code);
        }
    }
}

/// A document of schemas that each lead to the next.
fn chain(length: usize, link: impl Fn(usize) -> String) -> String {
    let mut text =
        "openapi: 3.1.1\ninfo: {title: T, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n"
            .to_owned();
    for index in 0..length {
        let next = format!("{{$ref: '#/components/schemas/A{}'}}", index + 1);
        writeln!(text, "    A{index}: {}", link(index).replace("NEXT", &next)).unwrap();
    }
    writeln!(text, "    A{length}: {{type: string}}").unwrap();
    text
}

/// Runs with the stack of a small thread, as a test has it; the time is one for unoptimised code on a busy machine.
fn check_quickly(text: &str) -> Generated {
    let start = Instant::now();
    let checked = check(text);
    let time = start.elapsed();
    assert!(time < Duration::from_secs(20), "{time:?}");
    checked
}

#[test]
fn types_may_refer_to_each_other_however_deep() {
    for link in [
        "{type: object, properties: {x: NEXT}}",
        "{type: array, items: NEXT}",
        "{oneOf: [{type: integer}, NEXT]}",
        "{type: object, additionalProperties: NEXT}",
        "{type: object, properties: {x: {type: array, items: {type: array, items: {type: object, properties: {y: NEXT}}}}}}",
    ] {
        let checked = check_quickly(&chain(1_000, |_| link.to_owned()));
        let text = render(&checked.diagnostics, &checked.sources, Style::Plain);
        assert!(checked.api.is_some(), "{link}\n{text}");
    }
}

#[test]
fn long_chains_of_references_are_refused() {
    for link in ["NEXT", "{allOf: [NEXT], title: T}"] {
        let checked = check_quickly(&chain(500, |_| link.to_owned()));
        assert!(
            checked
                .diagnostics
                .iter()
                .any(|it| it.code == Code::TooDeep),
            "{link}"
        );
    }
    // As long as any that an author writes, they are followed.
    assert!(
        check_quickly(&chain(30, |_| "NEXT".to_owned()))
            .api
            .is_some()
    );
}

#[test]
fn schemas_may_nest_as_deep_as_a_file_may() {
    for (open, close) in [("{type: array, items: ", "}"), ("{not: ", "}")] {
        let nested = format!("{}{{type: string}}{}", open.repeat(240), close.repeat(240));
        assert!(
            check_quickly(&chain(1, |_| nested.clone())).api.is_some(),
            "{open}"
        );
    }
}

#[test]
fn many_faults_take_no_more_than_their_share() {
    let faulty = |_| "{type: array, items: {type: string}, maxItems: x, minItems: y}".to_owned();
    let checked = check_quickly(&chain(2_000, faulty));
    assert!(checked.diagnostics.len() >= 4_000);
}
