//! The errors that operations share, as the contract's reusable responses: `?` turns each into the operation's own error.

use specwright::StatusCode;

use crate::bookshop::{Conflict, Forbidden, NotFound, Problem};

/// A problem document with the reason phrase of its status as the title.
pub(crate) fn problem(status: StatusCode, detail: impl Into<String>) -> Problem {
    Problem {
        r#type: None,
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: i32::from(status.as_u16()),
        detail: Some(detail.into()),
    }
}

/// There is no such thing: `no book has this id`.
pub(crate) fn not_found(detail: impl Into<String>) -> NotFound {
    NotFound(problem(StatusCode::NOT_FOUND, detail))
}

/// It does not go together with what the shop has.
pub(crate) fn conflict(detail: impl Into<String>) -> Conflict {
    Conflict(problem(StatusCode::CONFLICT, detail))
}

/// The credentials do not allow this.
pub(crate) fn forbidden(detail: impl Into<String>) -> Forbidden {
    Forbidden(problem(StatusCode::FORBIDDEN, detail))
}
