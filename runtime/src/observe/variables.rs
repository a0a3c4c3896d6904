//! What the standard variables say of traces.
//!
//! The libraries read most of them by themselves, but only from the environment, and make the best of what they cannot
//! read.

use std::collections::HashMap;
use std::env;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};
use opentelemetry::KeyValue;
use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::{BatchConfig, BatchConfigBuilder, Sampler, TracerProviderBuilder};
use percent_encoding::percent_decode_str;

/// Where variables are looked up: in the environment, and in a file for what that does not have.
#[derive(Clone, Default)]
pub(crate) struct Lookup {
    file: HashMap<String, String>,
}

impl Lookup {
    /// Looks into what a file `.env` holds, too.
    #[cfg(feature = "env")]
    pub(super) fn with_file(file: &HashMap<String, String>) -> Self {
        let entries = file.iter().filter(|(name, _)| name.starts_with("OTEL_"));
        Self {
            file: entries
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        }
    }

    /// The text of a variable, where it says anything.
    fn value(&self, name: &str) -> Option<String> {
        let value = match env::var(name) {
            Err(env::VarError::NotPresent) => self.file.get(name).cloned(),
            found => found.ok(),
        };
        value
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// A variable of the exporter with its text: that for traces, else that for everything.
    fn of_exporter(&self, what: &str) -> Option<(String, String)> {
        ["OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"]
            .into_iter()
            .map(|prefix| format!("{prefix}{what}"))
            .find_map(|name| self.value(&name).map(|value| (name, value)))
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a file holds may be secret.
        f.debug_struct("Lookup").finish_non_exhaustive()
    }
}

/// What the variables say.
#[derive(Clone)]
pub(crate) struct Variables {
    /// The whole URL, unless it is that of the library.
    pub(super) endpoint: Option<String>,
    pub(super) headers: HashMap<String, String>,
    pub(super) timeout: Duration,
    /// The file with the authorities that are trusted, where those are not the system's.
    pub(super) authorities: Option<PathBuf>,
    service: Option<String>,
    attributes: Vec<(String, String)>,
    sampler: Sampler,
    queue: Option<u32>,
    batch: Option<u32>,
    delay: Option<u32>,
    most_attributes: Option<u32>,
    most_events: Option<u32>,
    most_links: Option<u32>,
    propagates_traces: bool,
    propagates_baggage: bool,
}

impl Variables {
    /// Reads them; nothing is sent where they say so.
    ///
    /// # Errors
    ///
    /// All that cannot be read, and that asks for what there is not.
    pub(super) fn read(lookup: &Lookup) -> Result<Option<Self>, Vec<String>> {
        let is_disabled = lookup
            .value("OTEL_SDK_DISABLED")
            .is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let exporter = lookup.value("OTEL_TRACES_EXPORTER");
        if is_disabled || exporter.as_deref() == Some("none") {
            return Ok(None);
        }
        let mut reader = Reader {
            lookup,
            faults: Vec::new(),
        };
        if exporter.is_some_and(|exporter| exporter != "otlp") {
            reader.fault("OTEL_TRACES_EXPORTER", "`otlp` or `none`");
        }
        reader.of_exporter("PROTOCOL", "`http/protobuf`", |it| {
            (it == "http/protobuf").then_some(())
        });
        reader.of_exporter("COMPRESSION", "`none`", |it| (it == "none").then_some(()));
        for what in ["CLIENT_CERTIFICATE", "CLIENT_KEY"] {
            let expected = "nothing, since it is not supported";
            reader.of_exporter(what, expected, |_| None::<()>);
        }
        let endpoint = reader.of_exporter("ENDPOINT", "a URL of `http` or `https`", url);
        let timeout = reader.of_exporter("TIMEOUT", "milliseconds, more than 0", above_zero);
        let headers = reader.of_exporter("HEADERS", PAIRS, headers);
        let authorities = lookup.of_exporter("CERTIFICATE");
        let propagators = reader.parsed("OTEL_PROPAGATORS", PROPAGATORS, propagators);
        let variables = Self {
            endpoint: endpoint.map(|(name, url)| match name.contains("_TRACES_") {
                true => url,
                false => format!("{}/v1/traces", url.trim_end_matches('/')),
            }),
            headers: headers.map(|(_, it)| it).unwrap_or_default(),
            timeout: Duration::from_millis(timeout.map_or(10_000, |(_, it)| it.into())),
            authorities: authorities.map(|(_, path)| path.into()),
            service: lookup.value("OTEL_SERVICE_NAME"),
            attributes: reader
                .parsed("OTEL_RESOURCE_ATTRIBUTES", PAIRS, attributes)
                .unwrap_or_default(),
            sampler: reader.sampler(),
            queue: reader.number("OTEL_BSP_MAX_QUEUE_SIZE"),
            batch: reader.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
            delay: reader.number("OTEL_BSP_SCHEDULE_DELAY"),
            most_attributes: reader.number("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"),
            most_events: reader.number("OTEL_SPAN_EVENT_COUNT_LIMIT"),
            most_links: reader.number("OTEL_SPAN_LINK_COUNT_LIMIT"),
            propagates_traces: propagators.is_none_or(|(traces, _)| traces),
            propagates_baggage: propagators.is_some_and(|(_, baggage)| baggage),
        };
        match reader.faults.is_empty() {
            true => Ok(Some(variables)),
            false => Err(reader.faults),
        }
    }

    pub(super) fn is_https(&self) -> bool {
        let endpoint = self.endpoint.as_deref().unwrap_or_default();
        endpoint.starts_with("https:")
    }

    /// How spans are gathered.
    pub(super) fn batches(&self) -> BatchConfig {
        let mut config = BatchConfigBuilder::default();
        if let Some(spans) = self.queue {
            config = config.with_max_queue_size(spans as usize);
        }
        if let Some(spans) = self.batch {
            config = config.with_max_export_batch_size(spans as usize);
        }
        if let Some(delay) = self.delay {
            config = config.with_scheduled_delay(Duration::from_millis(delay.into()));
        }
        config.build()
    }

    /// Says which spans are recorded, how much of each, and of which service.
    pub(super) fn apply(&self, mut provider: TracerProviderBuilder) -> TracerProviderBuilder {
        let attributes = self.attributes.iter();
        let attributes = attributes.map(|(name, value)| KeyValue::new(name.clone(), value.clone()));
        let mut resource = Resource::builder().with_attributes(attributes);
        if let Some(service) = &self.service {
            resource = resource.with_service_name(service.clone());
        }
        if let Some(most) = self.most_attributes {
            provider = provider.with_max_attributes_per_span(most);
        }
        if let Some(most) = self.most_events {
            provider = provider.with_max_events_per_span(most);
        }
        if let Some(most) = self.most_links {
            provider = provider.with_max_links_per_span(most);
        }
        provider
            .with_sampler(self.sampler.clone())
            .with_resource(resource.build())
    }

    /// What is read of requests that come, and written into those that handlers send.
    pub(super) fn propagator(&self) -> TextMapCompositePropagator {
        let mut all: Vec<Box<dyn TextMapPropagator + Send + Sync>> = Vec::new();
        if self.propagates_traces {
            all.push(Box::new(TraceContextPropagator::new()));
        }
        if self.propagates_baggage {
            all.push(Box::new(BaggagePropagator::new()));
        }
        TextMapCompositePropagator::new(all)
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An endpoint or a header may hold a password.
        f.debug_struct("Variables").finish_non_exhaustive()
    }
}

const PAIRS: &str = "`name=value`, separated by commas";
const PROPAGATORS: &str = "`tracecontext`, `baggage` or both, separated by commas, or `none`";
const SAMPLERS: &str =
    "`always_on`, `always_off` or `traceidratio`, or one of these after `parentbased_`";

/// Variables, and what is wrong with them.
struct Reader<'l> {
    lookup: &'l Lookup,
    faults: Vec<String>,
}

impl Reader<'_> {
    /// Their text is not shown: that of an endpoint may hold a password.
    fn fault(&mut self, name: &str, expected: &str) {
        self.faults.push(format!("`{name}`: expected {expected}"));
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.lookup.value(name)?;
        let parsed = parse(&value);
        if parsed.is_none() {
            self.fault(name, expected);
        }
        parsed
    }

    /// What a variable of the exporter holds, with its name.
    fn of_exporter<T>(
        &mut self,
        what: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<(String, T)> {
        let (name, _) = self.lookup.of_exporter(what)?;
        let parsed = self.parsed(&name, expected, parse)?;
        Some((name, parsed))
    }

    fn number(&mut self, name: &str) -> Option<u32> {
        self.parsed(name, "a number above 0", above_zero)
    }

    fn sampler(&mut self) -> Sampler {
        const NAME: &str = "OTEL_TRACES_SAMPLER";
        const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";
        let name = self.lookup.value(NAME);
        let name = name.as_deref().unwrap_or("parentbased_always_on");
        let own = name.strip_prefix("parentbased_");
        let sampler = match own.unwrap_or(name) {
            "always_on" => Sampler::AlwaysOn,
            "always_off" => Sampler::AlwaysOff,
            "traceidratio" => {
                let ratio = self.lookup.value(ARGUMENT);
                let ratio = ratio.and_then(|ratio| ratio.parse::<f64>().ok());
                let ratio = ratio.filter(|ratio| (0.0..=1.0).contains(ratio));
                if ratio.is_none() {
                    self.fault(ARGUMENT, &format!("a number from 0 to 1 for `{name}`"));
                }
                Sampler::TraceIdRatioBased(ratio.unwrap_or(1.0))
            }
            _ => {
                self.fault(NAME, SAMPLERS);
                Sampler::AlwaysOn
            }
        };
        match own {
            Some(_) => Sampler::ParentBased(Box::new(sampler)),
            None => sampler,
        }
    }
}

fn url(text: &str) -> Option<String> {
    let url = text.parse::<Uri>().ok()?;
    let is_http = matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some();
    is_http.then(|| text.to_owned())
}

fn above_zero(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number > 0)
}

/// Names and values; a comma at the end separates nothing.
fn pairs(text: &str) -> impl Iterator<Item = Option<(&str, &str)>> {
    let entries = text.split(',').map(str::trim);
    entries.filter(|entry| !entry.is_empty()).map(|entry| {
        let (name, value) = entry.split_once('=')?;
        Some((name.trim(), value.trim())).filter(|(name, _)| !name.is_empty())
    })
}

/// Headers as the exporter takes them, which decodes their values.
fn headers(text: &str) -> Option<HashMap<String, String>> {
    let is_header = |(name, value): &(&str, &str)| {
        let value = percent_decode_str(value).collect::<Vec<_>>();
        HeaderName::try_from(*name).is_ok() && HeaderValue::from_bytes(&value).is_ok()
    };
    let headers = pairs(text).map(|pair| pair.filter(is_header));
    headers
        .map(|pair| pair.map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect()
}

fn attributes(text: &str) -> Option<Vec<(String, String)>> {
    let decoded = pairs(text).map(|pair| {
        let (name, value) = pair?;
        let value = percent_decode_str(value).decode_utf8().ok()?;
        Some((name.to_owned(), value.into_owned()))
    });
    decoded.collect()
}

/// Whether traces are propagated, and whether baggage is.
fn propagators(text: &str) -> Option<(bool, bool)> {
    if text == "none" {
        return Some((false, false));
    }
    let mut found = (false, false);
    for name in text.split(',').map(str::trim) {
        match name {
            "tracecontext" => found.0 = true,
            "baggage" => found.1 = true,
            _ => return None,
        }
    }
    Some(found)
}
