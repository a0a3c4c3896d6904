//! How long it takes to decode and check a request body with serde_json's derive and garde, as `axum-tuned` does.
//!
//! Specwright's figures are in `tests/benches`, under the same names.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use garde::Validate;
use opponents::ORDER;
use opponents::request::{Bulk, NewOrder};
use serde::de::DeserializeOwned;

const BAD: &str = include_str!("../../bench/bad.json");
const BULK: &str = include_str!("../../bench/bulk.json");

criterion_group!(benches, decode);
criterion_main!(benches);

fn decode(criterion: &mut Criterion) {
    measure::<NewOrder>(criterion, "decode/order", ORDER);
    measure::<NewOrder>(criterion, "decode/bad", BAD);
    measure::<Bulk>(criterion, "decode/bulk", BULK);
}

fn measure<T>(criterion: &mut Criterion, name: &str, text: &str)
where
    T: DeserializeOwned + Validate<Context = ()>,
{
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("serde_json_garde", |bencher| {
        bencher.iter(|| {
            let value: T = serde_json::from_slice(black_box(text.as_bytes())).ok()?;
            Some(value.validate().map_err(|report| report.iter().count()))
        });
    });
    group.finish();
}
