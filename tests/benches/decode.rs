//! How long it takes to read a request body: text to tree, and text to typed, checked values.
//!
//! What serde_json and garde take for the same is measured in `tests/opponents`, under the same names.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::de::IgnoredAny;
use specwright::codegen::{Decode, Decoder, Node};
use specwright::node::Tree;
use specwright_tests::hostile::{LIMIT, distinct, filled_with, keys, nested};

specwright::include_api!(mod orders);
specwright::include_api!(mod hostile);

const ORDER: &str = include_str!("../bench/order.json");
const BAD: &str = include_str!("../bench/bad.json");
const BULK: &str = include_str!("../bench/bulk.json");

criterion_group!(benches, tree, decode, at_the_limit);
criterion_main!(benches);

/// Text to tree, against `serde_json` skipping the same text and building its `Value`.
fn tree(criterion: &mut Criterion) {
    for (name, text) in [("order", ORDER), ("bulk", BULK)] {
        let text = text.as_bytes();
        let mut group = criterion.benchmark_group(format!("tree/{name}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("specwright", |bencher| {
            bencher.iter(|| Tree::parse(black_box(text)).map(|tree| tree.len()));
        });
        group.bench_function("serde_json_ignored", |bencher| {
            bencher.iter(|| serde_json::from_slice::<IgnoredAny>(black_box(text)));
        });
        group.bench_function("serde_json_value", |bencher| {
            bencher.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(text)));
        });
        group.finish();
    }
}

/// Text to orders, with every check of the contract.
fn decode(criterion: &mut Criterion) {
    let order = |node: Node<'_>, cx: &mut Decoder| orders::NewOrder::decode(node, cx).is_some();
    let bulk = |node: Node<'_>, cx: &mut Decoder| {
        cx.array(node, orders::NewOrder::decode)
            .is_some_and(|_| cx.max_items(node, 200))
    };
    measure(criterion, "decode/order", ORDER, order);
    measure(criterion, "decode/bad", BAD, order);
    measure(criterion, "decode/bulk", BULK, bulk);
}

/// Bodies at the limit of size that a hostile client would pick.
fn at_the_limit(criterion: &mut Criterion) {
    let union =
        |node: Node<'_>, cx: &mut Decoder| cx.array(node, hostile::Nested::decode).is_some();
    for (name, inner) in [("valid", "1"), ("faulty", "null")] {
        let text = filled_with(&nested(120, inner));
        measure(criterion, &format!("limit/nested-{name}"), &text, union);
    }
    measure(criterion, "limit/distinct", &distinct(), |node, cx| {
        cx.array(node, |node, cx| cx.json(node)).is_some() && cx.unique_items(node)
    });
    let integers = |node: Node<'_>, cx: &mut Decoder| {
        cx.map(node, |node, cx| cx.integer::<i64>(node)).is_some()
    };
    measure(criterion, "limit/keys", &keys(LIMIT / 8 - 1), integers);
    measure(criterion, "limit/keys-300000", &keys(300_000), integers);
}

fn measure(
    criterion: &mut Criterion,
    name: &str,
    text: &str,
    decode: impl Fn(Node<'_>, &mut Decoder) -> bool,
) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("specwright", |bencher| {
        bencher.iter(|| {
            let tree = Tree::parse(black_box(text.as_bytes())).ok()?;
            let mut cx = Decoder::new();
            let is_valid = decode(tree.root(), &mut cx);
            Some((is_valid, cx.into_violations().len()))
        });
    });
    group.finish();
}
