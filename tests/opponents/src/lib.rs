//! The contract of `specs/orders.yaml`, written by hand with axum, serde and garde.
//!
//! The binaries differ in how they read a JSON body: `axum-json` uses `axum::Json`, `axum-tuned` takes the bytes to
//! `serde_json`. `hyper-floor` decodes nothing and answers fixed bytes, which is what HTTP itself costs.
//!
//! Two rules are looser than the contract, in favour of these servers: `multipleOf` holds within a tolerance, and a
//! payment may have members that the contract does not name.

pub mod app;
pub mod checks;
pub mod defaults;
pub mod extract;
pub mod problem;
pub mod request;
pub mod response;
pub mod serve;
pub mod store;

/// The order that the store is seeded with, and that `hyper-floor` answers.
pub const ORDER: &str = include_str!("../../bench/order.json");
