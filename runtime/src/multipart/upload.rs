//! Files of forms that are read as they come.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::problem::Unexpected;

use super::flow::{Shared, lock};

/// A file of a form that is read as it comes.
///
/// Everything that the client says of the file is the client's word: do not use its name as a path.
pub struct UploadStream {
    /// The name that the client gave it.
    pub filename: Option<String>,

    /// The media type that the client says it has.
    pub content_type: Option<String>,

    pub(super) shared: Arc<Mutex<Shared>>,
    /// Which of the files it is.
    pub(super) number: u64,
    pub(super) is_done: bool,
}

impl UploadStream {
    /// The next bytes; `None` after the last.
    ///
    /// # Errors
    ///
    /// The file is longer than the document allows, the body broke off or stopped to come: this is a problem that is
    /// answered as it is, no part follows, and [`PartStream`](crate::PartStream) tells it as well. Or the next part was
    /// asked for before the file was read to its end. Without an error, all of the file came.
    pub async fn next(&mut self) -> Option<Result<Bytes, Unexpected>> {
        poll_fn(|cx| self.poll_bytes(cx)).await
    }

    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Unexpected>>> {
        if self.is_done {
            return Poll::Ready(None);
        }
        let next = ready!(lock(&self.shared).poll_file(self.number, cx)).transpose();
        self.is_done = !matches!(next, Some(Ok(_)));
        Poll::Ready(next)
    }
}

impl Stream for UploadStream {
    type Item = Result<Bytes, Unexpected>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_bytes(cx)
    }
}

impl fmt::Debug for UploadStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadStream")
            .field("filename", &self.filename)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}
