//! The bytes of a body as they come.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::Body as _;
use tokio::time::Sleep;

use crate::body::broken;
use crate::refusal::{Reason, Refusal};

/// A body that is read piece by piece, within a limit and without waiting for too long.
pub(crate) struct Chunks {
    body: Body,
    limit: u64,
    length: u64,
    idle: Option<Duration>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Chunks {
    /// Of so many bytes at most; `u64::MAX` is no limit.
    pub(crate) fn new(body: Body, limit: u64, idle: Option<Duration>) -> Self {
        Self {
            body,
            limit,
            length: 0,
            idle,
            sleep: None,
        }
    }

    /// The next bytes, which are never none.
    ///
    /// # Errors
    ///
    /// 400 where the body ends early, 408 where nothing comes for too long, 413 past the limit.
    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Refusal>>> {
        loop {
            let frame = match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    let Some(idle) = self.idle else {
                        return Poll::Pending;
                    };
                    // The timer is set only where the bytes are not there yet.
                    let sleep = self
                        .sleep
                        .get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
                    return match sleep.as_mut().poll(cx) {
                        Poll::Ready(()) => {
                            Poll::Ready(Some(Err(Refusal::new(Reason::BodyTimeout))))
                        }
                        Poll::Pending => Poll::Pending,
                    };
                }
            };
            self.sleep = None;
            let bytes = match frame {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(broken(&error, self.limit)))),
                // Trailers say nothing that a document could declare.
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            };
            if bytes.is_empty() {
                continue;
            }
            self.length = self.length.saturating_add(bytes.len() as u64);
            if self.length > self.limit {
                return Poll::Ready(Some(Err(Refusal::new(Reason::BodyTooLarge(self.limit)))));
            }
            return Poll::Ready(Some(Ok(bytes)));
        }
    }
}
