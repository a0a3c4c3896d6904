//! Whether anything goes on on a connection of HTTP/2, of which hyper does not keep the time.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::response::Response;
use http::Version;
use http_body::Body as _;
use pin_project_lite::pin_project;
use tokio::time::Instant;

use super::flow::Pieces;

/// What goes on on a connection.
#[derive(Debug, Default)]
pub(super) struct Activity(Mutex<State>);

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// No request came yet.
    #[default]
    Silent,
    /// Requests are one after the other, and hyper keeps the time.
    Http1,
    /// So many requests are being answered.
    Running(usize),
    /// None is, since then.
    Idle(Instant),
}

/// Whether a connection has had nothing to do for too long.
pub(super) enum Idle {
    /// It never had.
    Silent,
    /// It has not.
    Yes,
    /// It may be so then.
    Until(Instant),
    /// That is for hyper to say.
    Http1,
}

impl Activity {
    /// A request begins, until what is returned is dropped.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> Option<Running> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if version != Version::HTTP_2 {
            *state = State::Http1;
            return None;
        }
        *state = match *state {
            State::Running(count) => State::Running(count + 1),
            _ => State::Running(1),
        };
        Some(Running(Arc::clone(self)))
    }

    /// Whether nothing went on for so long.
    pub(super) fn is_idle(&self, timeout: Duration) -> Idle {
        let now = Instant::now();
        let state = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match state {
            State::Silent => return Idle::Silent,
            State::Http1 => return Idle::Http1,
            State::Running(_) => now,
            State::Idle(since) => since,
        };
        match since.checked_add(timeout) {
            Some(end) if end <= now => Idle::Yes,
            Some(end) => Idle::Until(end),
            // Beyond all time.
            None => Idle::Http1,
        }
    }
}

/// A request that is being answered.
pub(super) struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = match *state {
            State::Running(count @ 2..) => State::Running(count - 1),
            _ => State::Idle(Instant::now()),
        };
    }
}

pin_project! {
    /// A response to come, which goes on on its connection until the end of its body.
    pub(super) struct Counted<F> {
        #[pin]
        response: F,
        running: Option<Running>,
    }
}

impl<F> Counted<F> {
    /// Where nothing runs, it is one of HTTP/1.1, and left alone.
    pub(super) fn new(response: F, running: Option<Running>) -> Self {
        Self { response, running }
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for Counted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.response.poll(cx))?;
        let running = this.running.take();
        Poll::Ready(Ok(
            match running.is_none() || response.body().is_end_stream() {
                true => response,
                false => response.map(|body| Pieces::of(body, running)),
            },
        ))
    }
}
