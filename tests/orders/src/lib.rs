//! The contract of `specs/orders.yaml` on Specwright, with the behaviour of the servers in `tests/opponents`.

mod shop;
mod store;

specwright::include_api!(
    /// What is generated from the contract.
    pub mod orders
);

pub use crate::shop::Shop;

/// The order that the store is seeded with.
pub const ORDER: &str = include_str!("../../bench/order.json");
