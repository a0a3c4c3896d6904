//! Which hosts requests may be for, and which scheme they have to come by.

use axum::extract::Request;
use http::header::{self, HeaderValue};
use http::{Uri, uri};

use super::{Answer, Gate};
use crate::context;
use crate::refusal::Reason;

/// Refuses requests for other hosts.
pub(super) struct TrustedHosts {
    hosts: Vec<String>,
}

impl TrustedHosts {
    /// Of names in lower case.
    pub(super) fn new(hosts: Vec<String>) -> Self {
        Self { hosts }
    }

    fn trusts(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.hosts
            .iter()
            .any(|trusted| match trusted.strip_prefix('*') {
                Some("") => true,
                // `*.example.com` is not `example.com` itself, and no `badexample.com`.
                Some(domain) => {
                    domain.starts_with('.') && host.len() > domain.len() && host.ends_with(domain)
                }
                None => *trusted == host,
            })
    }
}

impl Gate for TrustedHosts {
    fn pass(&self, request: &mut Request) -> Result<(), Answer> {
        match authority(request) {
            Some(authority) if self.trusts(authority.host()) => Ok(()),
            _ => Err(Reason::UntrustedHost.into()),
        }
    }
}

/// Sends clients to HTTPS.
pub(super) struct HttpsRedirect;

impl Gate for HttpsRedirect {
    fn pass(&self, request: &mut Request) -> Result<(), Answer> {
        if *context::scheme(request.extensions()) == uri::Scheme::HTTPS {
            return Ok(());
        }
        let Some(authority) = authority(request) else {
            return Err(Reason::UntrustedHost.into());
        };
        // The port is that of plain HTTP.
        let host = authority.host();
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", uri::PathAndQuery::as_str);
        match HeaderValue::try_from(format!("https://{host}{path}")) {
            Ok(location) => Err(Answer::Redirect(location)),
            Err(_) => Err(Reason::UntrustedHost.into()),
        }
    }
}

/// Whom a request is for: the only `Host`, or in HTTP/2 the authority of its target (RFC 9110, section 7.2).
fn authority(request: &Request) -> Option<uri::Authority> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let authority: uri::Authority = match (request.uri().authority(), hosts.next()) {
        (Some(authority), _) => authority.clone(),
        (None, Some(host)) => host.to_str().ok()?.parse().ok()?,
        (None, None) => return None,
    };
    let has_user = authority.as_str().contains('@');
    (hosts.next().is_none() && !has_user && !authority.host().is_empty()).then_some(authority)
}

/// Whether it is a host, with or without a port.
pub(super) fn is_authority(text: &str) -> bool {
    Uri::builder()
        .scheme(uri::Scheme::HTTP)
        .authority(text)
        .path_and_query("/")
        .build()
        .is_ok()
}
