//! The tokenizer against JSONTestSuite and `serde_json`.

use std::{fs, path::PathBuf};

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use specwright::node::{Kind, Node, SyntaxErrorKind, Tree, TreeBuilder};

/// Texts of JSONTestSuite that the RFC allows, but that we refuse because two readers could disagree about them.
const REPEATED_KEYS: [&str; 2] = [
    "y_object_duplicated_key.json",
    "y_object_duplicated_key_and_value.json",
];

#[test]
#[expect(clippy::print_stdout, reason = "says that nothing was tested")]
fn json_test_suite() {
    let folder = corpus().join("json-parsing/test_parsing");
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: no corpus");
        return;
    };
    let mut counts = [0; 3];
    for entry in entries {
        let entry = entry.expect("the folder can be listed");
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = fs::read(entry.path()).expect("the file can be read");
        let outcome = Tree::parse(&bytes);
        match name.split('_').next() {
            Some("y") if REPEATED_KEYS.contains(&name.as_str()) => {
                let error = outcome.expect_err(&name);
                assert_eq!(error.kind(), SyntaxErrorKind::RepeatedKey, "{name}");
                counts[0] += 1;
            }
            Some("y") => {
                let tree = outcome.expect(&name);
                assert_same_value(&tree, &bytes);
                counts[0] += 1;
            }
            Some("n") => {
                let error = outcome.expect_err(&name);
                assert!(error.line() >= 1 && error.column() >= 1);
                assert!(error.offset() <= bytes.len());
                counts[1] += 1;
            }
            _ => {
                if let Ok(tree) = outcome {
                    walk(tree.root());
                }
                counts[2] += 1;
            }
        }
    }
    assert!(counts.iter().all(|&count| count > 0), "{counts:?}");
}

fn corpus() -> PathBuf {
    std::env::var_os("SPECWRIGHT_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"),
        PathBuf::from,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn valid_texts_keep_their_value(value in json(), pretty: bool) {
        let text = if pretty {
            serde_json::to_string_pretty(&value).expect("JSON")
        } else {
            value.to_string()
        };
        let tree = Tree::parse(text.as_bytes()).expect("valid");
        assert_same_value(&tree, text.as_bytes());
        prop_assert_eq!(&serde_json::to_value(&tree).expect("in range"), &value);
        let built = Tree::deserialize(&value).expect("valid");
        prop_assert_eq!(&serde_json::to_value(&built).expect("in range"), &value);
        prop_assert!(tree.root().equals(built.root()));
        prop_assert!(built.root().equals(tree.root()));
        let seed = std::hash::RandomState::new();
        prop_assert_eq!(tree.root().hash_value(&seed), built.root().hash_value(&seed));
    }

    #[test]
    fn pointers_lead_back(value in json()) {
        let text = value.to_string();
        let tree = Tree::parse(text.as_bytes()).expect("valid");
        let mut nodes = vec![tree.root()];
        while let Some(node) = nodes.pop() {
            let pointer = node.pointer();
            let found = value.pointer(&pointer).expect("a pointer of the same text");
            prop_assert_eq!(&serde_json::to_value(node).expect("in range"), found);
            nodes.extend(node.items());
            nodes.extend(node.members().map(|(_, value)| value));
        }
    }

    #[test]
    fn equality_is_by_value(one in small_json(), other in small_json()) {
        let (one_text, other_text) = (one.to_string(), other.to_string());
        let one_tree = Tree::parse(one_text.as_bytes()).expect("valid");
        let other_tree = Tree::parse(other_text.as_bytes()).expect("valid");
        let equal = one_tree.root().equals(other_tree.root());
        prop_assert_eq!(equal, one == other);
        prop_assert_eq!(equal, other_tree.root().equals(one_tree.root()));
    }

    #[test]
    fn mutated_texts_are_judged_alike(
        value in json(),
        pretty: bool,
        edits in prop::collection::vec((any::<prop::sample::Index>(), edit()), 1..4),
    ) {
        let mut bytes = if pretty {
            serde_json::to_vec_pretty(&value).expect("JSON")
        } else {
            value.to_string().into_bytes()
        };
        for (place, edit) in edits {
            edit.apply(&mut bytes, place);
        }
        judge(&bytes);
    }

    #[test]
    fn fragments_are_judged_alike(fragments in prop::collection::vec(fragment(), 0..24)) {
        judge(fragments.concat().as_bytes());
    }

    #[test]
    fn any_bytes_are_judged_alike(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        judge(&bytes);
    }
}

/// Checks that a text is accepted or refused as by `serde_json`, with the same value.
fn judge(bytes: &[u8]) {
    let oracle = serde_json::from_slice::<Value>(bytes);
    match (Tree::parse(bytes), oracle) {
        (Ok(tree), Ok(_)) => assert_same_value(&tree, bytes),
        (Ok(tree), Err(error)) => {
            let beyond_it = error.to_string().contains("number out of range")
                || error.to_string().contains("recursion limit");
            assert!(beyond_it, "{error}: {}", String::from_utf8_lossy(bytes));
            walk(tree.root());
        }
        (Err(error), Ok(_)) => {
            let stricter = matches!(
                error.kind(),
                SyntaxErrorKind::RepeatedKey | SyntaxErrorKind::TooDeep
            );
            assert!(stricter, "{error}: {}", String::from_utf8_lossy(bytes));
        }
        (Err(error), Err(_)) => {
            let shown = error.to_string();
            assert!(shown.len() < 120 && shown.chars().all(|char| !char.is_control()));
        }
    }
}

fn assert_same_value(tree: &Tree<'_>, bytes: &[u8]) {
    walk(tree.root());
    let mut written = Vec::new();
    tree.root().write_json(&mut written);
    let expected: Result<Value, _> = serde_json::from_slice(bytes);
    let found: Result<Value, _> = serde_json::from_slice(&written);
    assert_eq!(
        found.expect("written as JSON"),
        expected.expect("valid for the oracle")
    );
    let again = Tree::parse(&written).expect("written as JSON");
    assert!(again.root().equals(tree.root()));
}

/// Asks every node everything.
fn walk(node: Node<'_>) {
    match node.kind() {
        Kind::Number => assert!(node.decimal().is_some()),
        Kind::String => assert!(node.as_str().is_some()),
        Kind::Array => assert_eq!(node.items().map(walk).count(), node.len()),
        Kind::Object => assert_eq!(
            node.members().map(|(_, value)| walk(value)).count(),
            node.len()
        ),
        _ => assert!(node.as_str().is_none() && node.number().is_none()),
    }
}

#[derive(Clone, Debug)]
enum Edit {
    Remove,
    Replace(u8),
    Insert(&'static str),
    Truncate,
}

impl Edit {
    fn apply(self, bytes: &mut Vec<u8>, place: prop::sample::Index) {
        let at = place.index(bytes.len() + 1);
        match self {
            Self::Remove if at < bytes.len() => {
                bytes.remove(at);
            }
            Self::Replace(byte) if at < bytes.len() => bytes[at] = byte,
            Self::Insert(text) => {
                bytes.splice(at..at, text.bytes());
            }
            Self::Truncate => bytes.truncate(at),
            Self::Remove | Self::Replace(_) => {}
        }
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        Just(Edit::Remove),
        any::<u8>().prop_map(Edit::Replace),
        prop::sample::select(FRAGMENTS).prop_map(Edit::Insert),
        Just(Edit::Truncate),
    ]
}

fn fragment() -> impl Strategy<Value = &'static str> {
    prop::sample::select(FRAGMENTS)
}

const FRAGMENTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\"a\"",
    "\"b\":",
    "\"\\u0061\":",
    "\"a\":",
    "0",
    "-",
    "-0",
    "01",
    "1.",
    ".5",
    "1.5",
    "e",
    "E+5",
    "1e5",
    "1e400",
    "-1e-400",
    "+1",
    "true",
    "false",
    "null",
    "nul",
    "NaN",
    " ",
    "\n",
    "\t",
    "          ",
    "\u{feff}",
    "\\",
    "\\n",
    "\\x",
    "\\u12",
    "\\ud83d",
    "\\ude00",
    "\\ud83d\\ude00",
    "\"\\ud83d\\ude00\"",
    "\u{1}",
    "\u{7f}",
    "é",
    "漢字",
    "\"long enough for words\"",
];

fn json() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(6, 96, 12, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..12).prop_map(Value::Array),
            prop::collection::hash_map(any::<String>(), inner.clone(), 0..12)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
            prop::collection::hash_map("[a-z_]{1,20}", inner, 0..60)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Few different values, so that two are often equal.
fn small_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        (0..2_u8).prop_map(Value::from),
        "[ab]{0,1}".prop_map(Value::from)
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::hash_map("[ab]", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1000..1000).prop_map(Value::from),
        (-1e6..1e6).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\x00-\\x7f]{0,40}".prop_map(Value::from),
    ]
}

#[test]
fn many_keys_take_little_time() {
    let mut text = String::from("{");
    for number in 0..300_000 {
        text.push_str(&format!("\"{number:x}\":0,"));
    }
    let distinct = format!("{text}\"last\":0}}");
    let started = std::time::Instant::now();
    let tree = Tree::parse(distinct.as_bytes()).expect("the keys are distinct");
    assert_eq!(tree.root().len(), 300_001);
    // Even unoptimised; a quadratic search would take minutes.
    assert!(started.elapsed().as_secs() < 5);

    let repeated = format!("{text}\"1869f\":0}}");
    let error = Tree::parse(repeated.as_bytes()).expect_err("a key is repeated");
    assert_eq!(error.kind(), SyntaxErrorKind::RepeatedKey);
    assert_eq!(error.offset(), text.len());
}

#[test]
fn depth_is_limited() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth: usize| {
            let inner = if open == "[" { "" } else { "0" };
            format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
        };
        let deepest = nested(128);
        walk(
            Tree::parse(deepest.as_bytes())
                .expect("as deep as may be")
                .root(),
        );
        let error = Tree::parse(nested(129).as_bytes()).expect_err("too deep");
        assert_eq!(error.kind(), SyntaxErrorKind::TooDeep);
        let error = Tree::parse(open.repeat(1_000_000).as_bytes()).expect_err("too deep");
        assert_eq!(error.kind(), SyntaxErrorKind::TooDeep);
        let built: Result<Tree<'static>, _> = {
            let mut deserializer = serde_json::Deserializer::from_str(&deepest);
            Tree::deserialize(&mut deserializer)
        };
        assert!(built.is_err(), "serde_json itself stops at 127");
    }
    let mut builder = TreeBuilder::new();
    for _ in 0..129 {
        builder.begin_array();
    }
    for _ in 0..129 {
        builder.end();
    }
    assert!(builder.finish().is_err());
}
