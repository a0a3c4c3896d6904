//! What the tree says about small texts.

use super::{BuildError, Kind, Node, SyntaxErrorKind, Tree, TreeBuilder, write_json_string};

fn parsed(text: &str) -> Tree<'_> {
    Tree::parse(text.as_bytes()).expect("valid JSON")
}

fn written(node: Node<'_>) -> String {
    let mut out = Vec::new();
    node.write_json(&mut out);
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn entries_take_12_bytes() {
    assert_eq!(size_of::<super::tree::Entry>(), 12);
    assert_eq!(size_of::<Node<'_>>(), 16);
}

#[test]
fn errors_name_their_place_in_plain_words() {
    for (text, expected) in [
        ("", "expected a value, found nothing"),
        (" \n", "expected a value, found nothing"),
        (
            "[1, 2",
            "expected `,` or `]`, found the end at line 1 column 6",
        ),
        (
            "{\"a\": [1,\n\"é\"\n \t 2]}",
            "expected `,` or `]`, found `2` at line 3 column 4",
        ),
        (
            "{\"é\": 1]",
            "expected `,` or `}`, found `]` at line 1 column 8",
        ),
        ("{\"a\" 1}", "expected `:`, found `1` at line 1 column 6"),
        (
            "{a: 1}",
            "expected a key or `}`, found `a` at line 1 column 2",
        ),
        ("{\"a\":1,}", "expected a key, found `}` at line 1 column 8"),
        ("[1,]", "expected a value, found `]` at line 1 column 4"),
        (
            "[}",
            "expected a value or `]`, found `}` at line 1 column 2",
        ),
        (
            "\u{feff}1",
            "expected a value, found a byte order mark at line 1 column 1",
        ),
        (
            "\u{200b}1",
            "expected a value, found U+200B at line 1 column 1",
        ),
        ("`", "expected a value, found a backtick at line 1 column 1"),
        ("trux", "expected `true`, found `x` at line 1 column 4"),
        ("nul", "expected `null`, found the end at line 1 column 4"),
        ("01", "number with a leading zero at line 1 column 1"),
        (
            "[1.]",
            "invalid number: expected a digit, found `]` at line 1 column 4",
        ),
        ("-", "expected a digit, found the end at line 1 column 2"),
        (
            "1 2",
            "expected the end after the value, found `2` at line 1 column 3",
        ),
        ("\"a\\x\"", "invalid escape in a string at line 1 column 3"),
        (
            "\"\\ud800\"",
            "lone surrogate in a string at line 1 column 2",
        ),
        (
            "\"\\ud800\\u0041\"",
            "lone surrogate in a string at line 1 column 2",
        ),
        (
            "\"a\nb\"",
            "unescaped control character U+000A in a string at line 1 column 3",
        ),
        ("\"abc", "expected `\"`, found the end at line 1 column 5"),
        (
            "\"ab\\u12",
            "expected `\"`, found the end at line 1 column 8",
        ),
        (
            "{\"pin\":1,\"\\u0070in\":2}",
            "repeated key in an object at line 1 column 10",
        ),
    ] {
        let error = Tree::parse(text.as_bytes()).expect_err(text);
        assert_eq!(error.to_string(), expected, "{text}");
    }
    let error = Tree::parse(b"[\"\xff\"]").expect_err("not UTF-8");
    assert_eq!(
        (error.kind(), error.offset()),
        (SyntaxErrorKind::InvalidUtf8, 2)
    );
    assert_eq!(error.to_string(), "invalid UTF-8 at line 1 column 3");
}

#[test]
fn strings_borrow_unless_escaped() {
    let tree = parsed(r#"["plain", "\ud83d\ude00\t\/\u00e9", {"k\u0065y": 1}]"#);
    let strings: Vec<_> = tree.root().items().map(Node::as_str).collect();
    assert!(matches!(
        &strings[0],
        Some(std::borrow::Cow::Borrowed("plain"))
    ));
    assert_eq!(strings[1].as_deref(), Some("😀\t/é"));
    assert!(strings[2].is_none());
    let object = tree.root().items().last().expect("three items");
    assert_eq!(object.get("key").and_then(Node::number), Some("1"));
    assert_eq!(
        object.members().next().expect("a member").1.pointer(),
        "/2/key"
    );
}

#[test]
fn repeated_keys_are_found_at_any_count() {
    for count in [1, 2, 8, 31, 32, 33, 34, 100] {
        for (first, second) in [
            ("same", "same"),
            ("s\\u0061me", "same"),
            ("same", "s\\u0061me"),
        ] {
            let others: String = (0..count)
                .map(|n| format!("\"a longer key {n}\":[{{}}],"))
                .collect();
            let text = format!(
                "{{{others}\"{first}\":0,{}\"{second}\":0}}",
                others.replace("key", "word")
            );
            let error = Tree::parse(text.as_bytes()).expect_err("a key is repeated");
            assert_eq!(error.kind(), SyntaxErrorKind::RepeatedKey);
            assert_eq!(
                error.offset(),
                text.len() - second.len() - 5,
                "{count} {first} {second}"
            );
        }
    }
    parsed(r#"{"a":{"a":{"a":1},"b":{"a":1}},"b":{"a":1,"b":2}}"#);
}

#[test]
fn equality_ignores_spelling_and_order() {
    let many = |order: &mut dyn Iterator<Item = u32>| {
        let members: Vec<String> = order.map(|n| format!("\"k{n}\":{n}.0")).collect();
        format!("{{{}}}", members.join(","))
    };
    let (up, down) = (many(&mut (0..50)), many(&mut (0..50).rev()));
    let seed = std::hash::RandomState::new();
    for (one, other, equal) in [
        ("[1,\"a\",null]", "[ 1.0, \"\\u0061\", null ]", true),
        ("{\"a\":1,\"b\":[10e-1]}", "{\"b\":[1],\"\\u0061\":1}", true),
        (&up, &down, true),
        ("{\"a\":1}", "{\"b\":1}", false),
        ("{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}", false),
        ("1", "true", false),
        ("0", "false", false),
        ("[]", "{}", false),
        ("\"1\"", "1", false),
        ("1e300", "10e299", true),
    ] {
        let (one, other) = (parsed(one), parsed(other));
        let (one, other) = (one.root(), other.root());
        assert_eq!(one.equals(other), equal);
        assert_eq!(one.hash_value(&seed) == other.hash_value(&seed), equal);
    }
}

#[test]
fn pointers_escape_their_tokens() {
    let tree = parsed(r#"{"a/b":{"m~n":[0,[1,{"":2}]]}}"#);
    let pointers: Vec<String> = (0..tree.len())
        .filter_map(|index| tree.node(index))
        .map(Node::pointer)
        .collect();
    assert_eq!(pointers.first().map(String::as_str), Some(""));
    assert_eq!(pointers.last().map(String::as_str), Some("/a~1b/m~0n/1/1/"));
    assert!(tree.node(tree.len()).is_none());
}

#[test]
fn built_trees_read_like_parsed_ones() {
    let mut builder = TreeBuilder::new();
    builder.begin_object();
    builder.key("a \"quoted\" key");
    builder.begin_array();
    builder.null();
    builder.bool(true);
    builder.number("1.50");
    builder.string("line\nbreak");
    builder.text("20");
    builder.end();
    builder.key("empty");
    builder.begin_object();
    builder.end();
    builder.end();
    let tree = builder.finish().expect("one value");
    let text = r#"{"a \"quoted\" key":[null,true,1.50,"line\nbreak","20"],"empty":{}}"#;
    assert_eq!(written(tree.root()), text);
    assert!(tree.root().equals(parsed(text).root()));
    let item = tree
        .root()
        .members()
        .next()
        .and_then(|(_, array)| array.items().last());
    assert_eq!(item.map(Node::kind), Some(Kind::Text));
}

#[test]
fn misuse_of_the_builder_is_an_error() {
    let outcome = |write: &dyn Fn(&mut TreeBuilder)| {
        let mut builder = TreeBuilder::new();
        write(&mut builder);
        builder.finish().map(|tree| written(tree.root()))
    };
    assert_eq!(outcome(&|_| {}), Err(BuildError::Misplaced));
    assert_eq!(outcome(&|b| b.end()), Err(BuildError::Misplaced));
    assert_eq!(outcome(&|b| b.key("a")), Err(BuildError::Misplaced));
    assert_eq!(outcome(&|b| b.begin_array()), Err(BuildError::Misplaced));
    assert_eq!(outcome(&|b| b.number("1.")), Err(BuildError::InvalidNumber));
    let two_roots = |b: &mut TreeBuilder| (b.null(), b.null()).1;
    assert_eq!(outcome(&two_roots), Err(BuildError::Misplaced));
    let no_key = |b: &mut TreeBuilder| (b.begin_object(), b.null(), b.end()).2;
    assert_eq!(outcome(&no_key), Err(BuildError::Misplaced));
    let no_value = |b: &mut TreeBuilder| (b.begin_object(), b.key("a"), b.end()).2;
    assert_eq!(outcome(&no_value), Err(BuildError::Misplaced));
    let twice = |b: &mut TreeBuilder| {
        b.begin_object();
        for _ in 0..2 {
            b.key("a");
            b.null();
        }
        b.end();
    };
    assert_eq!(outcome(&twice), Err(BuildError::RepeatedKey));
}

#[test]
fn strings_are_written_with_the_escapes_they_need() {
    for char in (0..=0x180_u32)
        .chain([0x2028, 0xffff, 0x1f600])
        .filter_map(char::from_u32)
    {
        for before in 0..9 {
            let text = format!("{}{char}z{char}", "x".repeat(before));
            let mut out = Vec::new();
            write_json_string(&mut out, &text);
            assert_eq!(out, serde_json::to_vec(&text).expect("a string"));
        }
    }
}
