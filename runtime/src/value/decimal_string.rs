//! Decimal numbers that are written as strings.

use std::{fmt, ops::Deref};

use rust_decimal::Decimal;

/// A decimal number of `type: string, format: decimal`: a string on the wire, so that no reader rounds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct DecimalString(pub Decimal);

impl Deref for DecimalString {
    type Target = Decimal;

    fn deref(&self) -> &Decimal {
        &self.0
    }
}

impl fmt::Display for DecimalString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Decimal> for DecimalString {
    fn from(number: Decimal) -> Self {
        Self(number)
    }
}

impl From<DecimalString> for Decimal {
    fn from(number: DecimalString) -> Self {
        number.0
    }
}
