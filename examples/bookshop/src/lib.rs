//! A small bookshop.
//!
//! `specs/bookshop.yaml` is its contract. The generated module [`bookshop`] decodes and checks requests and encodes
//! responses; what is here is what only a shop can know: its books, its prices and its people.

specwright::include_api!(
    /// What `specs/bookshop.yaml` became.
    pub mod bookshop
);

mod accounts;
mod books;
mod catalogue;
mod categories;
mod column;
mod orders;
mod problem;
mod request;
mod reviews;
mod security;
mod service;
mod shop;

pub use crate::security::User;
pub use crate::shop::{Database, Shop};
