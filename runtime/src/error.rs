//! The error that ends a server: it cannot start, or cannot go on.

use std::error::Error as StdError;
use std::fmt;

use crate::problem::Chain;

/// What `main` returns: `async fn main() -> specwright::Result`.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Why a server cannot start or cannot go on.
///
/// Any [`std::error::Error`] converts into it, so `main` can use `?` on everything. `Debug` prints the error and its
/// sources on one line, because that is what Rust shows when `main` returns an error. For the same reason it does not
/// implement [`std::error::Error`] itself.
pub struct Error(Box<dyn StdError + Send + Sync>);

impl Error {
    /// Creates an error from a message, or from whatever converts into a boxed error.
    pub fn new(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Chain(&*self.0), f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Chain(&*self.0), f)
    }
}
