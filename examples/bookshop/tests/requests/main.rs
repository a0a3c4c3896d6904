//! Real requests to the shop: what the contract promises, asked for in process and over TCP.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed expectation is what a test is for"
)]

mod accounts;
mod books;
mod client;
mod faults;
mod orders;
mod reviews;
mod server;
mod typed;
