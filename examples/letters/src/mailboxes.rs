//! Where letters go.

use std::{
    io::{Error, ErrorKind},
    path::PathBuf,
};

use apalis::prelude::{AbortError, BoxDynError, Data, TaskId};

use crate::letters::LetterInput;

/// A folder with a folder for each mailbox, in which each letter is a file.
#[derive(Clone, Debug)]
pub struct Mailboxes(PathBuf);

impl Mailboxes {
    /// The mailboxes are the folders within this one.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }
}

/// What the worker does with a letter.
///
/// It may be called twice for a letter, where the process ended before the queue knew that it was delivered. So it writes the same
/// file again, and does not add another.
pub(crate) async fn deliver(
    letter: LetterInput,
    id: TaskId,
    mailboxes: Data<Mailboxes>,
) -> Result<(), BoxDynError> {
    let file = mailboxes.0.0.join(&letter.to).join(format!("{id}.txt"));
    match tokio::fs::write(file, letter.text).await {
        // Nobody lives there, and nobody will when it is tried again.
        Err(error) if error.kind() == ErrorKind::NotFound => Err(AbortError::new(error).into()),
        written => written.map_err(Error::into),
    }
}
