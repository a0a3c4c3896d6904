//! How long it takes to read a request body.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::de::IgnoredAny;
use specwright::node::Tree;

const ORDER: &[u8] = include_bytes!("../bench/order.json");
const BULK: &[u8] = include_bytes!("../bench/bulk.json");

criterion_group!(benches, tree);
criterion_main!(benches);

/// Text to tree, against `serde_json` skipping the same text and building its `Value`.
fn tree(criterion: &mut Criterion) {
    for (name, text) in [("order", ORDER), ("bulk", BULK)] {
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
