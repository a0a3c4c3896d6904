//! Runners over the corpus, the suites and the benchmarks.
