//! Who hears what is logged, for servers that have nobody else: lines on the standard error.

use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::Layer as _;

use super::Settings;
use super::subscriber::{Boxed, directives};
use crate::app::App;

/// What is logged, and how: see [`App::log`].
///
/// # Examples
///
/// ```
/// use specwright::{Log, LogFormat};
///
/// let log = Log::new().filter("info,sqlx=warn").format(LogFormat::Json);
/// # let _ = log;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    filter: String,
    format: LogFormat,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogFormat {
    /// For people: the time, the level, the spans and the message with its fields.
    #[default]
    Text,
    /// For programs: an object of JSON, with the fields of the innermost span as `span`.
    Json,
}

impl Log {
    /// Text from the level `info` on.
    #[must_use]
    pub fn new() -> Self {
        Self {
            filter: "info".to_owned(),
            format: LogFormat::Text,
        }
    }

    /// Sets what is logged: a level (`error`, `warn`, `info`, `debug`, `trace` or `off`), and others for targets, such as
    /// `info,sqlx=warn`, as [`EnvFilter`] reads them.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = filter.into();
        self
    }

    /// Sets how it is written.
    #[must_use]
    pub fn format(mut self, format: LogFormat) -> Self {
        self.format = format;
        self
    }

    /// Reads the filter.
    fn directives(&self) -> Result<EnvFilter, String> {
        directives("the log", &self.filter)
    }

    /// What writes the lines, where the filter can be read.
    pub(super) fn layer(&self) -> Option<Boxed> {
        let filter = self.directives().ok()?;
        // A standard error that is closed is no reason not to serve.
        let lines = fmt::layer()
            .with_writer(io::stderr)
            .with_ansi(false)
            .log_internal_errors(false);
        Some(match self.format {
            LogFormat::Text => lines.with_filter(filter).boxed(),
            LogFormat::Json => {
                let lines = lines.json().flatten_event(true).with_span_list(false);
                lines.with_filter(filter).boxed()
            }
        })
    }
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}

impl Settings {
    /// What was asked for.
    #[cfg(feature = "env")]
    pub(crate) fn log(&self) -> Option<&Log> {
        self.log.as_ref()
    }
}

impl App {
    /// Writes what is told through [`tracing`](https://docs.rs/tracing) to the standard error, from the start of
    /// [`serve`](Self::serve) on: what the server says of itself, the [`access_log`](Self::access_log), and what handlers and
    /// libraries log.
    ///
    /// A subscriber that is set up already is left alone: then this does nothing. The app does not start where the filter
    /// cannot be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::{App, Log};
    ///
    /// fn with_log(app: App) -> App {
    ///     app.log(Log::new()).access_log(true)
    /// }
    /// ```
    pub fn log(mut self, log: Log) -> Self {
        if let Err(fault) = log.directives() {
            self.middleware.fault(fault);
        }
        self.observe.log = Some(log);
        self
    }
}
