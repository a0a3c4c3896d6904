//! What a hostile client would pick: bodies at the limit of size that take time in proportion to it.

use specwright::codegen::{Decode, Decoder};
use specwright::node::Tree;
use specwright_tests::limit::{LIMIT, Sink, cases, hostile, nested};

use crate::support::request::post_to;

/// The nodes that are visited to decode a value of the schema `Nested`, and whether it was one.
fn work(text: &str) -> (u32, bool) {
    let tree = Tree::parse(text.as_bytes()).unwrap();
    let mut cx = Decoder::new();
    let value = hostile::Nested::decode(tree.root(), &mut cx);
    (cx.work(), value.is_some())
}

#[test]
fn a_doubly_recursive_union_takes_linear_work() {
    for (inner, is_valid) in [("1", true), ("null", false), (r#"{"next":1}"#, false)] {
        let at = |depth: usize| work(&nested(depth, inner));
        let per_level = (at(40).0 - at(20).0) / 20;
        // Tried anew at every level, depth 40 would take 2^40 visits.
        assert!(per_level < 100, "{inner}: {per_level} visits for a level");
        for depth in [30, 60, 120] {
            let (work, value) = at(depth);
            let expected = at(20).0 + per_level * (depth as u32 - 20);
            assert_eq!((work, value), (expected, is_valid), "{inner} {depth}");
        }
    }
}

#[tokio::test]
async fn bodies_at_the_limit_are_answered() {
    for case in cases() {
        assert!(case.body.len() <= LIMIT, "{}", case.name);
        let answer = post_to(hostile::api(Sink), case.path, case.body).await;
        assert_eq!(answer.status, case.status, "{}", case.name);
    }
}
