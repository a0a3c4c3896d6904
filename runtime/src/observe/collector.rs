//! Where spans are sent: what the standard variables say of it, and the client that sends them.

use std::env;
use std::fs;
use std::future::{Future, ready};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use opentelemetry_http::{HttpClient, HttpError};
use tokio_rustls::rustls::crypto::ring;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::error::Error;

/// The most that is read of a collector's answer, in bytes.
const ANSWER: u64 = 1024 * 1024;

/// What the variables say, beside what the exporter reads of them itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variables {
    timeout: Duration,
    is_https: bool,
    /// The file with the authorities that are trusted, where those are not the system's.
    authorities: Option<PathBuf>,
}

impl Variables {
    /// Reads the environment; nothing is sent where it says so.
    ///
    /// # Errors
    ///
    /// All that cannot be read, and that asks for what there is not.
    pub(super) fn read() -> Result<Option<Self>, Vec<String>> {
        let is_disabled =
            value("OTEL_SDK_DISABLED").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let exporter = value("OTEL_TRACES_EXPORTER");
        if is_disabled || exporter.as_deref() == Some("none") {
            return Ok(None);
        }
        let mut faults = Vec::new();
        if exporter.is_some_and(|exporter| exporter != "otlp") {
            faults.push("`OTEL_TRACES_EXPORTER`: expected `otlp` or `none`".to_owned());
        }
        let mut check = |what: &str, expected: &str, is_it: &dyn Fn(&str) -> bool| {
            let (name, value) = of_exporter(what)?;
            // Its text is not shown: that of an endpoint may hold a password.
            match is_it(&value) {
                true => Some(value),
                false => {
                    faults.push(format!("`{name}`: expected {expected}"));
                    None
                }
            }
        };
        check("PROTOCOL", "`http/protobuf`", &|it| it == "http/protobuf");
        check("COMPRESSION", "`none`", &|it| it == "none");
        for what in ["CLIENT_CERTIFICATE", "CLIENT_KEY"] {
            check(what, "nothing, since it is not supported", &|_| false);
        }
        let endpoint = check("ENDPOINT", "a URL of `http` or `https`", &is_url);
        let timeout = check("TIMEOUT", "milliseconds, more than 0", &|it| {
            it.parse::<u64>().is_ok_and(|it| it > 0)
        });
        let authorities = of_exporter("CERTIFICATE").map(|(_, path)| path.into());
        faults.extend(sampler());
        if !faults.is_empty() {
            return Err(faults);
        }
        let timeout = timeout.and_then(|it| it.parse().ok()).unwrap_or(10_000);
        Ok(Some(Self {
            timeout: Duration::from_millis(timeout),
            is_https: endpoint.is_some_and(|it| it.starts_with("https:")),
            authorities,
        }))
    }
}

/// The text of a variable, where it says anything.
fn value(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable of the exporter and its text: that for traces, else that for everything.
fn of_exporter(what: &str) -> Option<(String, String)> {
    ["OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"]
        .into_iter()
        .map(|prefix| format!("{prefix}{what}"))
        .find_map(|name| value(&name).map(|value| (name, value)))
}

fn is_url(text: &str) -> bool {
    let url = text.parse::<Uri>();
    url.is_ok_and(|url| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some())
}

/// What is wrong with the sampler: the library would sample everything.
fn sampler() -> Option<String> {
    let sampler = value("OTEL_TRACES_SAMPLER")?;
    match sampler.strip_prefix("parentbased_").unwrap_or(&sampler) {
        "always_on" | "always_off" => None,
        "traceidratio" => {
            let ratio = value("OTEL_TRACES_SAMPLER_ARG");
            let ratio = ratio.and_then(|ratio| ratio.parse::<f64>().ok());
            let is_ratio = ratio.is_some_and(|ratio| (0.0..=1.0).contains(&ratio));
            (!is_ratio).then(|| {
                format!("`OTEL_TRACES_SAMPLER_ARG`: expected a number from 0 to 1 for `{sampler}`")
            })
        }
        _ => Some(
            "`OTEL_TRACES_SAMPLER`: expected `always_on`, `always_off` or `traceidratio`, or one of these after \
             `parentbased_`"
                .to_owned(),
        ),
    }
}

/// A client of the collector, which blocks: the exporter has a thread of its own.
#[derive(Debug)]
pub(super) struct Collector(Agent);

impl Collector {
    /// # Errors
    ///
    /// Authorities that cannot be read, where the collector is reached by HTTPS.
    pub(super) fn new(variables: &Variables) -> Result<Self, Error> {
        let mut config = Agent::config_builder()
            .timeout_global(Some(variables.timeout))
            .http_status_as_error(false)
            // What is meant for the collector goes nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false);
        if variables.is_https {
            let tls = TlsConfig::builder()
                .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
                .root_certs(authorities(variables.authorities.as_deref())?);
            config = config.tls_config(tls.build());
        }
        Ok(Self(config.build().new_agent()))
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let response = self.0.run(Request::from_parts(parts, &*body))?;
        let (parts, mut body) = response.into_parts();
        let body = body.with_config().limit(ANSWER).read_to_vec()?;
        Ok(Response::from_parts(parts, body.into()))
    }
}

impl HttpClient for Collector {
    fn send_bytes<'s, 'f>(
        &'s self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(ready(self.send(request)))
    }
}

/// Who says that the collector is who it should be.
fn authorities(file: Option<&Path>) -> Result<RootCerts, Error> {
    let fault = |why: String| Error::new(format!("traces cannot be sent: {why}"));
    let certificates: Vec<Certificate<'static>> = match file {
        Some(path) => {
            let named = |error: &dyn std::fmt::Display| {
                fault(format!("`OTEL_EXPORTER_OTLP_CERTIFICATE`: {error}"))
            };
            let text = fs::read(path).map_err(|error| named(&error))?;
            let items = parse_pem(&text).collect::<Result<Vec<_>, _>>();
            let items = items.map_err(|error| named(&error))?;
            items
                .into_iter()
                .filter_map(|item| match item {
                    PemItem::Certificate(certificate) => Some(certificate),
                    _ => None,
                })
                .collect()
        }
        None => {
            let native = rustls_native_certs::load_native_certs();
            let certificates = native.certs.iter();
            certificates
                .map(|it| Certificate::from_der(it).to_owned())
                .collect()
        }
    };
    match certificates.is_empty() {
        true => Err(fault(
            "no authority for TLS was found; `OTEL_EXPORTER_OTLP_CERTIFICATE` names a file with some".to_owned(),
        )),
        false => Ok(RootCerts::from(certificates)),
    }
}
