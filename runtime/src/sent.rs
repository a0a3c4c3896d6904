//! The body of a response after which something is left to do: dependencies to release, tasks to begin.

use std::error::Error as StdError;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;
use http_body::{Frame, SizeHint};
use tokio::sync::oneshot;

use crate::background::Batch;
use crate::dependency::{Outcome, Phase, Scope};
use crate::problem::Unexpected;

/// What becomes of a release.
type Released = oneshot::Receiver<Result<(), Unexpected>>;

type Fault = Box<dyn StdError + Send + Sync>;

/// What is left to do once a response is sent.
pub(crate) struct Ending {
    pub(crate) scope: Box<Scope>,
    pub(crate) outcome: Outcome,
    /// The tasks that begin then.
    pub(crate) batch: Option<Batch>,
}

impl Ending {
    /// Whether there is nothing left.
    pub(crate) fn is_empty(&self) -> bool {
        self.batch.is_none()
            && !self.scope.holds(Phase::BeforeResponse)
            && !self.scope.holds(Phase::AfterResponse)
    }

    /// Everything is sent and, where something had to be released before, that is done. What is released after the response is
    /// there until the tasks have ended, which may use it.
    fn finish(mut self) {
        let (batch, runtime) = (self.batch.take(), self.scope.runtime().cloned());
        match (batch, runtime) {
            (Some(batch), Some(runtime)) => {
                let origin = self.scope.origin.clone();
                batch.start(&runtime, origin, move || self.release());
            }
            _ => self.release(),
        }
    }

    fn release(mut self) {
        drop(self.scope.release(Phase::AfterResponse, self.outcome));
    }

    /// As [`finish`](Self::finish), where something is still being released: the tasks begin when that has worked out.
    fn finish_after(mut self, released: Released) {
        let (Some(batch), Some(runtime)) = (&self.batch, self.scope.runtime().cloned()) else {
            return self.release();
        };
        let tasks = batch.tasks().clone();
        tasks.spawn(&runtime, async move {
            match released.await {
                Ok(Ok(())) => return self.finish(),
                Ok(Err(error)) => self.scope.origin.log_release(&error),
                Err(_) => {}
            }
            self.batch = None;
            self.release();
        });
    }

    /// The response ends, one way or the other, and nobody waits for what is released.
    fn end(mut self, outcome: Outcome) {
        let is_held = self.scope.holds(Phase::BeforeResponse);
        // The tasks follow what the handler did, as far as that is kept.
        if is_held && !outcome.is_success() {
            self.batch = None;
        }
        let released = self.scope.release(Phase::BeforeResponse, outcome);
        self.outcome = outcome;
        match is_held {
            true => self.finish_after(released),
            false => self.finish(),
        }
    }
}

/// What is released before the response is sent, and what is left to do then. Dropped, as where nobody waits for the response
/// any more, it still does the rest: what the handler did is kept, and so is what follows from it.
pub(crate) struct Settling(Option<(Ending, Released)>);

impl Settling {
    pub(crate) fn of(mut ending: Ending) -> Self {
        let released = ending.scope.release(Phase::BeforeResponse, ending.outcome);
        Self(Some((ending, released)))
    }

    /// Waits until it is released; returns what is left, and what became of it. It is never `None`.
    pub(crate) async fn settled(mut self) -> Option<(Ending, Result<(), Unexpected>)> {
        let (_, released) = self.0.as_mut()?;
        let released = released.await.unwrap_or_else(|_| {
            let why = "a dependency was not released before the server ended";
            Err(Unexpected::new(why))
        });
        let (ending, _) = self.0.take()?;
        Some((ending, released))
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        if let Some((mut ending, released)) = self.0.take() {
            ending.outcome = Outcome::of_drop();
            ending.finish_after(released);
        }
    }
}

/// A body that does the rest when it has been sent, or is dropped.
pub(crate) struct SentBody {
    body: Body,
    state: State,
    /// How many bytes are to come, where that is known.
    left: Option<u64>,
}

enum State {
    Sending(Ending),
    /// All is sent but the end, which waits until this is done.
    Releasing(Ending, Released),
    Ended,
}

impl SentBody {
    /// `is_unsent` says that a client gets nothing of it, as of the answer to HEAD.
    pub(crate) fn new(body: Body, ending: Ending, is_unsent: bool) -> Self {
        let left = match is_unsent {
            true => Some(0),
            false => http_body::Body::size_hint(&body).exact(),
        };
        Self {
            body,
            state: State::Sending(ending),
            left,
        }
    }

    /// Whether all bytes were handed over.
    fn is_complete(&self) -> bool {
        self.left == Some(0) || http_body::Body::is_end_stream(&self.body)
    }

    /// The body has no more items.
    fn end(&mut self) -> State {
        match mem::replace(&mut self.state, State::Ended) {
            State::Sending(mut ending) if ending.scope.holds(Phase::BeforeResponse) => {
                let outcome = ending.outcome;
                let released = ending.scope.release(Phase::BeforeResponse, outcome);
                State::Releasing(ending, released)
            }
            State::Sending(ending) => {
                ending.finish();
                State::Ended
            }
            state => state,
        }
    }
}

impl http_body::Body for SentBody {
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let this = &mut *self;
        if let State::Sending(_) = this.state {
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let length = frame.data_ref().map_or(0, Bytes::len) as u64;
                    this.left = this.left.map(|left| left.saturating_sub(length));
                    return Poll::Ready(Some(Ok(frame)));
                }
                Some(Err(error)) => {
                    if let State::Sending(ending) = mem::replace(&mut this.state, State::Ended) {
                        ending.end(Outcome::Failed(StatusCode::INTERNAL_SERVER_ERROR));
                    }
                    return Poll::Ready(Some(Err(error.into())));
                }
                None => this.state = this.end(),
            }
        }
        let State::Releasing(_, released) = &mut this.state else {
            return Poll::Ready(None);
        };
        let released = ready!(Pin::new(released).poll(cx));
        let State::Releasing(mut ending, _) = mem::replace(&mut this.state, State::Ended) else {
            return Poll::Ready(None);
        };
        let error = match released {
            Ok(Ok(())) => {
                ending.finish();
                return Poll::Ready(None);
            }
            Ok(Err(error)) => error,
            Err(_) => Unexpected::new("it was cut off"),
        };
        ending.scope.origin.log_release(&error);
        ending.batch = None;
        ending.end(Outcome::Failed(StatusCode::INTERNAL_SERVER_ERROR));
        Poll::Ready(Some(Err("the stream ended early".into())))
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            // Whoever sends it has to come for the end, where something happens before.
            State::Sending(_) | State::Releasing(..) => false,
            State::Ended => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        http_body::Body::size_hint(&self.body)
    }
}

impl Drop for SentBody {
    fn drop(&mut self) {
        let is_complete = self.is_complete();
        match mem::replace(&mut self.state, State::Ended) {
            State::Sending(ending) if is_complete => {
                let outcome = ending.outcome;
                ending.end(outcome);
            }
            State::Sending(ending) => ending.end(Outcome::of_drop()),
            State::Releasing(mut ending, released) => {
                ending.outcome = Outcome::of_drop();
                ending.finish_after(released);
            }
            State::Ended => {}
        }
    }
}
