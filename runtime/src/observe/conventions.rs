//! What spans of requests are called in OpenTelemetry: its stable conventions for HTTP servers.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use opentelemetry::trace::{SpanKind, Status};
use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::{NAME, OTHER, TARGET, known};

/// Exports spans under the names of the conventions.
pub(super) struct Conventional<E>(pub(super) E);

impl<E: SpanExporter> SpanExporter for Conventional<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        batch
            .iter_mut()
            .filter(|span| is_request(span))
            .for_each(convert);
        self.0.export(batch).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

impl<E> fmt::Debug for Conventional<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conventional").finish_non_exhaustive()
    }
}

/// Whether it is the span around a request.
fn is_request(span: &SpanData) -> bool {
    let mut attributes = span.attributes.iter();
    span.name == NAME
        && attributes.any(|it| it.key.as_str() == "target" && it.value.as_str() == TARGET)
}

fn convert(span: &mut SpanData) {
    let fields = std::mem::take(&mut span.attributes);
    let mut attributes = Attributes(Vec::with_capacity(fields.len() + 3));
    let mut method = None;
    let mut route = None;
    let mut is_operation = false;
    for KeyValue { key, value, .. } in fields {
        let text = value.as_str();
        match key.as_str() {
            "method" => method = Some(text.into_owned()),
            "route" => {
                route = Some(text.into_owned());
                attributes.set("http.route", value);
            }
            "status" => {
                if let Ok(status) = text.parse::<i64>() {
                    attributes.set("http.response.status_code", status);
                    if status >= 500 {
                        attributes.set("error.type", text.into_owned());
                        if span.status == Status::Unset {
                            span.status = Status::error("");
                        }
                    }
                }
            }
            "peer" => {
                if let Ok(peer) = text.parse::<SocketAddr>() {
                    let address = peer.ip().to_string();
                    attributes.set("network.peer.address", address.clone());
                    attributes.set("network.peer.port", i64::from(peer.port()));
                    // Unless a proxy knows better.
                    attributes.set("client.address", address);
                }
            }
            "client" => attributes.set("client.address", value),
            "target" => {}
            "operation" => {
                is_operation = true;
                attributes.set(key, value);
            }
            _ => attributes.set(key, value),
        }
    }
    // Of an operation, it is one that a document has declared; a hand-written route may take any.
    let method = method.filter(|method| is_operation || known(method).is_some());
    let verb = method.as_deref().unwrap_or("HTTP");
    span.name = match route {
        Some(route) => format!("{verb} {route}").into(),
        None => verb.to_owned().into(),
    };
    span.span_kind = SpanKind::Server;
    attributes.set(
        "http.request.method",
        method.unwrap_or_else(|| OTHER.to_owned()),
    );
    span.attributes = attributes.0;
}

/// Attributes, of which each is there once.
struct Attributes(Vec<KeyValue>);

impl Attributes {
    fn set(&mut self, key: impl Into<Key>, value: impl Into<Value>) {
        let new = KeyValue::new(key, value);
        match self.0.iter_mut().find(|it| it.key == new.key) {
            Some(old) => *old = new,
            None => self.0.push(new),
        }
    }
}
