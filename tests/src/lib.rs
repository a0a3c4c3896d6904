//! What the tests and the benchmarks share.

pub mod limit;

/// The golden files of generated code, which the strictest user compiles; not while they are written anew.
#[cfg(not(bless))]
#[deny(
    warnings,
    missing_docs,
    rust_2018_idioms,
    unreachable_pub,
    clippy::all,
    reason = "generated code passes the lints of whoever includes it"
)]
pub mod golden {
    /// The feature `all-of`.
    pub mod all_of {
        include!("../fixtures/valid/all-of/generated.rs");
    }

    /// The feature `content`.
    pub mod content {
        include!("../fixtures/valid/content/generated.rs");
    }

    /// The feature `operation`.
    pub mod operation {
        include!("../fixtures/valid/operation/generated.rs");
    }

    /// The feature `presence`.
    pub mod presence {
        include!("../fixtures/valid/presence/generated.rs");
    }

    /// The feature `repeat`.
    pub mod repeat {
        include!("../fixtures/valid/repeat/generated.rs");
    }

    /// The feature `typed-client`.
    pub mod typed_client {
        include!("../fixtures/valid/typed-client/generated.rs");
    }

    /// The feature `union`.
    pub mod union {
        include!("../fixtures/valid/union/generated.rs");
    }

    /// The feature `unnamed`.
    pub mod unnamed {
        include!("../fixtures/valid/unnamed/generated.rs");
    }
}
