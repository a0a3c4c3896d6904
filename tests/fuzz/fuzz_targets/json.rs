//! The tokenizer, with `serde_json` as its oracle.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use specwright::node::{Node, SyntaxErrorKind, Tree};

fuzz_target!(|bytes: &[u8]| {
    let oracle = serde_json::from_slice::<Value>(bytes);
    match (Tree::parse(bytes), oracle) {
        (Ok(tree), Ok(expected)) => {
            walk(tree.root());
            let mut written = Vec::new();
            tree.root().write_json(&mut written);
            let found: Value = serde_json::from_slice(&written).expect("written as JSON");
            assert_eq!(found, expected);
            let again = Tree::parse(&written).expect("written as JSON");
            assert!(again.root().equals(tree.root()));
        }
        (Ok(tree), Err(error)) => {
            walk(tree.root());
            // The oracle's depth is a little less than ours.
            assert!(error.to_string().contains("recursion limit"), "{error}");
        }
        // What two readers could understand differently, and what no Rust type holds.
        (Err(error), Ok(_)) => assert!(
            matches!(
                error.kind(),
                SyntaxErrorKind::RepeatedKey
                    | SyntaxErrorKind::TooDeep
                    | SyntaxErrorKind::NumberOutOfRange
            ),
            "{error}"
        ),
        (Err(error), Err(_)) => {
            assert!(error.offset() <= bytes.len());
            assert!(error.line() >= 1 && error.column() >= 1);
        }
    }
});

/// Asks every node everything.
fn walk(node: Node<'_>) {
    let _ = (node.as_bool(), node.as_str(), node.number(), node.decimal());
    assert!(node.pointer().is_empty() == (node.index() == 0));
    assert_eq!(node.items().count().max(node.members().count()), node.len());
    node.items().for_each(walk);
    node.members().for_each(|(_, value)| walk(value));
}
