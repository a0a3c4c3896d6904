//! The body of a response that is observed until its end.

use std::error::Error as StdError;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};

use super::{End, Observation};

/// A body that tells its observation what is sent of it.
pub(super) struct ObservedBody {
    body: Body,
    observation: Box<Observation>,
    /// How many bytes are to come, where that is known.
    left: Option<u64>,
}

impl ObservedBody {
    /// `is_unsent` says that a client gets nothing of it, as of the answer to HEAD.
    pub(super) fn around(body: Body, observation: Box<Observation>, is_unsent: bool) -> Body {
        let left = match is_unsent {
            true => Some(0),
            false => body.size_hint().exact(),
        };
        Body::new(Self {
            body,
            observation,
            left,
        })
    }
}

impl http_body::Body for ObservedBody {
    type Data = Bytes;
    type Error = Box<dyn StdError + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let body = Pin::new(&mut this.body);
        // What makes a stream logs as the handler does.
        let polled = this.observation.span().in_scope(|| body.poll_frame(cx));
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len) as u64;
                this.observation.sent += length;
                this.left = this.left.map(|left| left.saturating_sub(length));
            }
            Poll::Ready(Some(Err(_))) => {
                this.observation.end = End::Failed;
                // There is no more, and that is not the end that it should have.
                this.left = None;
            }
            Poll::Ready(None) if this.observation.end == End::Aborted => {
                this.observation.end = End::Complete;
            }
            Poll::Ready(None) | Poll::Pending => {}
        }
        polled.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ObservedBody {
    fn drop(&mut self) {
        // What a stream leaves to be done is of this request.
        let body = std::mem::take(&mut self.body);
        let is_end_stream = body.is_end_stream();
        self.observation.span().in_scope(|| drop(body));
        let is_complete = self.left == Some(0) || is_end_stream;
        if self.observation.end == End::Aborted && is_complete {
            self.observation.end = End::Complete;
        }
    }
}
