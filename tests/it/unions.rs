//! What a hostile client would pick: bodies at the limit of size that take time in proportion to it; and the quick ways to
//! a branch, which give the answer of trying all.

use proptest::prelude::*;
use specwright::codegen::{Decode, Decoder};
use specwright::node::Tree;
use specwright_build::Generator;
use specwright_build::ir::{Dispatch, TypeKind};
use specwright_tests::limit::{LIMIT, Sink, cases, hostile, nested};

use crate::support::request::post_to;

specwright::include_api!(mod dispatch);

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

/// JSON that the branches of `dispatch.yaml` nearly accept.
fn nearly() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        prop_oneof![
            Just("a"),
            Just("b"),
            Just("bb"),
            Just("c"),
            Just("d"),
            Just("")
        ]
        .prop_map(|it| format!("\"{it}\"")),
        prop_oneof![
            Just("0"),
            Just("1"),
            Just("2.0"),
            Just("-1"),
            Just("1.5"),
            Just("true"),
            Just("null")
        ]
        .prop_map(str::to_owned),
    ];
    scalar.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![
            Just("kind"),
            Just("kind"),
            Just("n"),
            Just("list"),
            Just("x")
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|it| format!("[{}]", it.join(","))),
            prop::collection::btree_map(key, inner, 0..4).prop_map(|it| {
                let members = it.iter().map(|(key, value)| format!("\"{key}\":{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

/// What a type says of a value, the same whichever way it is asked.
fn verdict<T: Decode>(text: &str) -> bool {
    let tree = Tree::parse(text.as_bytes()).unwrap();
    let mut cx = Decoder::new();
    let is_built = T::decode(tree.root(), &mut cx).is_some();
    assert_eq!(is_built, cx.is_valid(), "{text}");
    assert_eq!(
        T::accepts(tree.root(), &mut Decoder::new()),
        is_built,
        "{text}"
    );
    assert_eq!(
        T::check(tree.root(), &mut Decoder::new()),
        is_built,
        "{text}"
    );
    is_built
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_quick_way_to_a_branch_gives_the_answer_of_trying_all(text in nearly()) {
        use dispatch::*;
        prop_assert_eq!(verdict::<ByDiscriminator>(&text), verdict::<TriedDiscriminator>(&text));
        prop_assert_eq!(verdict::<ByConstant>(&text), verdict::<TriedConstant>(&text));
        prop_assert_eq!(verdict::<ByType>(&text), verdict::<TriedType>(&text));
        prop_assert_eq!(verdict::<ByKeys>(&text), verdict::<TriedKeys>(&text));
        prop_assert_eq!(verdict::<ByElsewhere>(&text), verdict::<TriedElsewhere>(&text));
    }
}

/// The document's enums really are told apart at once; else the test above would compare nothing.
#[test]
fn those_unions_have_a_quick_way() {
    let generated = Generator::new("fixtures/serve/dispatch.yaml").check();
    let api = generated.api.unwrap();
    let dispatch = |name: &str| {
        let def = api.types.iter().find(|def| def.name == name).unwrap();
        match &def.kind {
            TypeKind::Union(union) => union.dispatch.clone(),
            other => panic!("{name}: {other:?}"),
        }
    };
    assert!(matches!(dispatch("ByDiscriminator"), Dispatch::Tag { .. }));
    assert!(matches!(dispatch("ByConstant"), Dispatch::Tag { .. }));
    assert!(matches!(dispatch("ByElsewhere"), Dispatch::Tag { .. }));
    assert!(matches!(dispatch("ByType"), Dispatch::Kind(_)));
    assert!(matches!(dispatch("ByKeys"), Dispatch::Try));
}
