//! One request as it is counted.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::Seen;
use super::found::Found;
use super::metrics::{Active, Ended, Recorder};

/// What is counted of a request until its end.
pub(super) struct Counted {
    recorder: Arc<Recorder>,
    /// Of what it is for, once that is known.
    active: Mutex<Option<Active>>,
    /// The bytes that were read of its body.
    received: AtomicU64,
}

impl Counted {
    pub(super) fn begin(recorder: &Arc<Recorder>) -> Self {
        Self {
            recorder: Arc::clone(recorder),
            active: Mutex::new(Some(recorder.active(None))),
            received: AtomicU64::new(0),
        }
    }

    /// It turns out what the request is for.
    pub(super) fn found(&self, found: &Found) {
        let active = self.recorder.active(Some(found));
        *self.active.lock().unwrap_or_else(PoisonError::into_inner) = Some(active);
    }

    pub(super) fn end(&self, ended: &Ended<'_>) {
        // Whoever still holds this is beside the response.
        drop(
            self.active
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        self.recorder
            .record(ended, self.received.load(Ordering::Relaxed));
    }
}

/// A body of which is counted what is read.
pub(super) fn body(body: Body, seen: Seen) -> Body {
    Body::new(CountedBody { body, seen })
}

struct CountedBody {
    body: Body,
    seen: Seen,
}

impl http_body::Body for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let (Some(data), Some(counted)) = (frame.data_ref(), &self.seen.0.counted)
        {
            counted
                .received
                .fetch_add(data.len() as u64, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
