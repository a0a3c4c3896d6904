//! What answers requests, once the app has started.

use std::sync::{Arc, OnceLock};

use axum::extract::Request;

use crate::failure::Errors;
use crate::guard::{AppService, ResponseFuture};
use crate::health::{Health, Phase};
use crate::refusal::Reason;

/// An app, or what stands in for it while it starts.
#[derive(Clone)]
pub(crate) struct Front(Arc<Inner>);

struct Inner {
    started: OnceLock<AppService>,
    health: Option<Arc<Health>>,
    /// How errors are told meanwhile.
    errors: Arc<Errors>,
}

impl Front {
    pub(crate) fn new(health: Option<Arc<Health>>, errors: Arc<Errors>) -> Self {
        Self(Arc::new(Inner {
            started: OnceLock::new(),
            health,
            errors,
        }))
    }

    /// Whether anything is told before the app has started.
    pub(super) fn answers_while_starting(&self) -> bool {
        self.0.health.is_some()
    }

    /// The app has started.
    pub(super) fn start(&self, service: AppService) {
        // It starts once.
        let _ = self.0.started.set(service);
        self.enter(Phase::Started);
    }

    pub(super) fn enter(&self, phase: Phase) {
        if let Some(health) = &self.0.health {
            health.enter(phase);
        }
    }

    /// Answers a request.
    pub(super) fn answer(&self, request: Request) -> ResponseFuture {
        match self.0.started.get() {
            Some(service) => service.answer(request),
            None => self.answer_early(&request),
        }
    }

    #[cold]
    fn answer_early(&self, request: &Request) -> ResponseFuture {
        let errors = &self.0.errors;
        let health = self.0.health.as_ref().and_then(|it| it.answer(request));
        match health {
            Some(answer) => ResponseFuture::of(answer, errors),
            None => ResponseFuture::refused(Reason::Starting, errors),
        }
    }

    /// Answers with a response that is there.
    #[cfg(feature = "http2")]
    pub(super) fn ready(&self, response: axum::response::Response) -> ResponseFuture {
        ResponseFuture::of(Box::pin(std::future::ready(Ok(response))), &self.0.errors)
    }
}
