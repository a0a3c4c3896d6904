//! What the tests and the benchmarks share.

pub mod hostile;
