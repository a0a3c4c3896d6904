//! Metrics on an address of their own.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Beside, Connections, Connector, Front, Listener, run};
use crate::error::Error;
use crate::failure::Errors;
use crate::guard::{AppService, Guards};
use crate::lifespan::Lifespan;
use crate::observe::{self, Recorder};
use crate::tasks::Tasks;

/// A second server, which ends with this.
pub(super) struct MetricsServer {
    stop: DropGuard,
    running: JoinHandle<crate::Result>,
}

impl MetricsServer {
    /// Listens, where metrics have an address of their own.
    pub(super) async fn start(recorder: Option<&Arc<Recorder>>) -> Result<Option<Self>, Error> {
        let Some(recorder) = recorder else {
            return Ok(None);
        };
        let Some(address) = &recorder.address else {
            return Ok(None);
        };
        let listener = Listener::bind(address).await?;
        let connector = Connector::new(&Connections::default())?;
        let errors = Arc::new(Errors::default());
        let guards = Guards {
            request_ids: false,
            catch_panics: true,
            request_timeout: None,
        };
        let service = AppService::new(
            recorder.router(),
            None,
            guards,
            Arc::clone(&errors),
            false,
            Tasks::new(),
        );
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let running = tokio::spawn(async move {
            run(
                listener,
                connector,
                Front::new(None, errors, false),
                Box::pin(std::future::ready(Ok(service))),
                Beside {
                    tasks: Tasks::new(),
                    lifespan: Lifespan::default(),
                    observe: observe::Settings::default(),
                },
                || stopped.clone().cancelled_owned(),
            )
            .await
        });
        let stop = stop.drop_guard();
        Ok(Some(Self { stop, running }))
    }

    /// Ends it at once: nobody is harmed by a scrape that fails.
    pub(super) async fn stop(self) {
        drop(self.stop);
        self.running.abort();
        let _ = self.running.await;
    }
}
