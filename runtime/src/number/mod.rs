//! Exact decimal arithmetic on the text of JSON numbers.
//!
//! **Invariants:** nothing is rounded except by [`to_f64`], which says so. Time is linear in the length of the text,
//! whatever its exponent says.

mod convert;
mod decimal;
mod multiple;

pub use convert::{is_integer, to_f64, to_i64, to_i128, to_u64};
pub use decimal::{Decimal, compare};
pub use multiple::is_multiple_of;
