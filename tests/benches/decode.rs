//! How long it takes to read a request body: text to tree, and text to typed, checked values.
//!
//! What serde_json and garde take for the same is measured in `tests/opponents`, under the same names.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::de::IgnoredAny;
use specwright::codegen::{Decode, Decoder, Node};
use specwright::node::Tree;

specwright::include_api!(mod orders);

const ORDER: &str = include_str!("../bench/order.json");
const BAD: &str = include_str!("../bench/bad.json");
const BULK: &str = include_str!("../bench/bulk.json");

criterion_group!(benches, tree, decode);
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
