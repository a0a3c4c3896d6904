//! A post office.
//!
//! `specs/letters.yaml` is its contract. A letter is answered as soon as it stands in a queue, and delivered by a worker that
//! takes letters from there. The queue outlives the process: a letter that was taken is delivered, whatever becomes of the
//! server meanwhile. What may be lost with the process is a task in the background instead (`Context::background`).

specwright::include_api!(
    /// What `specs/letters.yaml` became.
    pub mod letters
);

mod mailboxes;
mod office;
mod queue;

pub use crate::mailboxes::Mailboxes;
pub use crate::queue::{Queue, open};
