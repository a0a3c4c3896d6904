//! What answers requests, once the app has started.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use axum::extract::Request;
use http::header::{self, HeaderValue};
use http::{StatusCode, Version};

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
    /// Whether it goes on for a while when it stops.
    is_delayed: bool,
    is_stopping: AtomicBool,
}

impl Front {
    /// `is_delayed` says that it goes on for a while when it is told to stop.
    pub(crate) fn new(health: Option<Arc<Health>>, errors: Arc<Errors>, is_delayed: bool) -> Self {
        Self(Arc::new(Inner {
            started: OnceLock::new(),
            health,
            errors,
            is_delayed,
            is_stopping: AtomicBool::new(false),
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
        if phase == Phase::Stopping {
            self.0.is_stopping.store(true, Ordering::Relaxed);
        }
        if let Some(health) = &self.0.health {
            health.enter(phase);
        }
    }

    /// Answers a request.
    pub(super) fn answer(&self, request: Request) -> ResponseFuture {
        match self.0.started.get() {
            Some(service) if self.0.is_delayed && request.version() < Version::HTTP_2 => {
                self.answer_with_end(service.answer(request))
            }
            Some(service) => service.answer(request),
            None => self.answer_early(&request),
        }
    }

    /// Closes the connection after the response where the server was told to stop, so that the client makes its next one
    /// elsewhere.
    #[cold]
    fn answer_with_end(&self, response: ResponseFuture) -> ResponseFuture {
        let front = self.clone();
        let response = async move {
            let mut response = response.await?;
            let is_upgrade = response.status() == StatusCode::SWITCHING_PROTOCOLS;
            if front.0.is_stopping.load(Ordering::Relaxed) && !is_upgrade {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            Ok(response)
        };
        ResponseFuture::of(Box::pin(response), &self.0.errors)
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
