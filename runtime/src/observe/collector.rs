//! The client that sends spans.

use std::fs;
use std::future::{Future, ready};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};
use tokio_rustls::rustls::crypto::ring;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::variables::Variables;
use crate::error::Error;

/// The most that is read of a collector's answer, in bytes.
const ANSWER: u64 = 1024 * 1024;

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
        if variables.is_https() {
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
