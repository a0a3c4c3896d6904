//! Checking of values that were built by hand.

use std::fmt;

use crate::decode::Violations;

/// A model that can be held against its schema.
pub trait Validate {
    /// Checks the value as if a client had sent it.
    ///
    /// # Errors
    ///
    /// Everything that the schema does not allow.
    fn validate(&self) -> Result<(), Violations>;
}

/// A text that is none of an enum's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnknownValue(());

impl UnknownValue {
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self(())
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is none of the values")
    }
}

impl std::error::Error for UnknownValue {}
