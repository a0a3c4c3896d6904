//! Exact decimal arithmetic on the text of JSON numbers.
//!
//! **Invariants:** nothing is rounded except by [`to_f64`] and what it is made of, which say so. Time is linear in the length of the text,
//! whatever its exponent says.

mod convert;
mod decimal;
mod multiple;

pub(crate) use convert::nearest_f64;
pub use convert::{is_integer, to_f64, to_i64, to_i128, to_u64};
pub use decimal::{Decimal, compare};
pub use multiple::is_multiple_of;
