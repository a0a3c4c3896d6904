//! What a multipart body is made of while it is sent: text, and files that are read as they leave.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use tokio::io::{AsyncRead as _, ReadBuf};

use crate::problem::Unexpected;
use crate::value::{Upload, UploadReader};

/// How much of a file is read at once.
const READ_AT_ONCE: usize = 64 << 10;

/// The contents of a body, one after the other.
#[derive(Default)]
pub(crate) struct Contents {
    left: VecDeque<Content>,
    /// How many bytes all of them have.
    length: u64,
}

/// Bytes, or a file.
pub(super) enum Content {
    Bytes(Bytes),
    File(File),
}

impl Content {
    pub(super) fn of(upload: &Upload) -> Self {
        match upload.in_memory() {
            Some(bytes) => Self::Bytes(bytes.clone()),
            None => Self::File(File {
                state: State::Closed(upload.clone()),
                left: upload.size,
                buffer: BytesMut::new(),
            }),
        }
    }

    fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(file) => file.left,
        }
    }
}

impl Contents {
    pub(super) fn push_text(&mut self, text: String) {
        self.push(Content::Bytes(text.into()));
    }

    pub(super) fn push(&mut self, content: Content) {
        self.length += content.length();
        self.left.push_back(content);
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// All of it, where nothing has to be read.
    pub(crate) fn into_bytes(self) -> Result<Bytes, Self> {
        let in_memory = |it: &Content| matches!(it, Content::Bytes(_));
        if !self.left.iter().all(in_memory) {
            return Err(self);
        }
        let mut all = BytesMut::with_capacity(usize::try_from(self.length).unwrap_or_default());
        for content in &self.left {
            if let Content::Bytes(bytes) = content {
                all.extend_from_slice(bytes);
            }
        }
        Ok(all.freeze())
    }
}

impl Stream for Contents {
    type Item = Result<Bytes, Unexpected>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let next = match self.left.front_mut() {
                None => return Poll::Ready(None),
                Some(Content::Bytes(bytes)) => {
                    Some(std::mem::take(bytes)).filter(|it| !it.is_empty())
                }
                Some(Content::File(file)) => match ready!(file.poll_read(cx)) {
                    Ok(bytes) => bytes,
                    Err(error) => {
                        self.left.clear();
                        return Poll::Ready(Some(Err(error.into())));
                    }
                },
            };
            match next {
                Some(bytes) => return Poll::Ready(Some(Ok(bytes))),
                None => self.left.pop_front(),
            };
        }
    }
}

/// A file that is opened when its turn comes.
pub(super) struct File {
    state: State,
    left: u64,
    buffer: BytesMut,
}

enum State {
    Closed(Upload),
    Opening(Pin<Box<dyn Future<Output = io::Result<UploadReader>> + Send>>),
    Open(UploadReader),
}

impl File {
    /// The next bytes; none where all were read.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        loop {
            match &mut self.state {
                State::Closed(upload) => {
                    let upload = upload.clone();
                    self.state = State::Opening(Box::pin(async move { upload.reader().await }));
                }
                State::Opening(opening) => {
                    self.state = State::Open(ready!(opening.as_mut().poll(cx))?);
                }
                State::Open(_) if self.left == 0 => return Poll::Ready(Ok(None)),
                State::Open(reader) => {
                    // No more than was said, should the file have grown.
                    let most = usize::try_from(self.left).unwrap_or(READ_AT_ONCE);
                    self.buffer.resize(most.min(READ_AT_ONCE), 0);
                    let mut buffer = ReadBuf::new(&mut self.buffer);
                    ready!(Pin::new(reader).poll_read(cx, &mut buffer))?;
                    let length = buffer.filled().len();
                    if length == 0 {
                        let message = format!("the file ended {} bytes too early", self.left);
                        return Poll::Ready(Err(io::Error::new(
                            io::ErrorKind::UnexpectedEof,
                            message,
                        )));
                    }
                    self.left -= length as u64;
                    return Poll::Ready(Ok(Some(self.buffer.split_to(length).freeze())));
                }
            }
        }
    }
}
