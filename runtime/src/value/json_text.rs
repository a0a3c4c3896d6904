//! Strings that hold JSON.

use std::ops::{Deref, DerefMut};

/// A value that is written as JSON within a string: `contentMediaType: application/json` with a `contentSchema`, where it
/// describes the data of server-sent events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct JsonText<T>(pub T);

impl<T> Deref for JsonText<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for JsonText<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for JsonText<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}
