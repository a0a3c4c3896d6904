//! Where letters go.

use std::{
    io::{Error, ErrorKind},
    path::{Path, PathBuf},
    time::Duration,
};

use apalis::prelude::{AbortError, BoxDynError, Data, TaskId};

use crate::letters::LetterInput;

/// How long the postman waits after each time that a letter could not be delivered; then it is returned.
const WAITS: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_millis(1600),
    Duration::from_millis(6400),
];

/// A folder with a folder for each mailbox, in which each letter is a file.
#[derive(Clone, Debug)]
pub struct Mailboxes(PathBuf);

impl Mailboxes {
    /// The mailboxes are the folders within this one.
    ///
    /// # Errors
    ///
    /// It is no folder.
    pub fn open(folder: impl Into<PathBuf>) -> std::io::Result<Self> {
        let folder = folder.into();
        match folder.is_dir() {
            true => Ok(Self(folder)),
            false => Err(Error::new(
                ErrorKind::NotADirectory,
                format!("the mailboxes are no folder: {}", folder.display()),
            )),
        }
    }

    /// Puts a letter into its mailbox.
    async fn put(&self, file: &Path, text: &str) -> std::io::Result<()> {
        tokio::fs::write(self.0.join(file), text).await
    }

    /// Whether nobody has such a mailbox, while all of them are there.
    fn is_nobody(&self, mailbox: &str) -> bool {
        self.0.is_dir() && !self.0.join(mailbox).exists()
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
    let file = Path::new(&letter.to).join(format!("{id}.txt"));
    let mut waits = WAITS.iter();
    loop {
        let Err(error) = mailboxes.put(&file, &letter.text).await else {
            return Ok(());
        };
        let wait = match mailboxes.is_nobody(&letter.to) {
            true => None,
            false => waits.next(),
        };
        let Some(wait) = wait else {
            tracing::warn!("letter {id} is returned: {error}");
            return Err(AbortError::new(error).into());
        };
        tracing::info!("letter {id} is not delivered yet: {error}");
        tokio::time::sleep(*wait).await;
    }
}
