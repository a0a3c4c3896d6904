//! Generated clients, their transports, and the client for tests.

mod everything;
mod headers;
mod held;
mod names;
mod random;
mod refusals;
mod round_trip;
mod taker;
mod tests;
mod typed;
mod values;
