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
            Some(authority) if self.trusts(authority.host()) => {
                // Whoever reads `Host` later has to be told the same (RFC 9112, section 3.2.2).
                set_authority(request, &authority);
                Ok(())
            }
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

/// Whom a request is for: the authority of its target, or the only `Host` (RFC 9110, section 7.2).
fn authority(request: &Request) -> Option<uri::Authority> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let authority: uri::Authority = match (request.uri().authority(), hosts.next()) {
        (Some(authority), _) => authority.clone(),
        (None, Some(host)) => host.to_str().ok()?.parse().ok()?,
        (None, None) => return None,
    };
    let is_one = hosts.next().is_none() && !authority.as_str().contains('@');
    (is_one && !authority.host().is_empty()).then_some(authority)
}

/// Makes a request one for this host, in its target and in `Host`.
pub(super) fn set_authority(request: &mut Request, authority: &uri::Authority) {
    if request.uri().authority().is_some() {
        let mut parts = request.uri().clone().into_parts();
        parts.authority = Some(authority.clone());
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    if let Ok(host) = HeaderValue::try_from(authority.as_str()) {
        request.headers_mut().insert(header::HOST, host);
    }
}

/// A host, or `*.` and a domain; without a port.
pub(super) fn is_pattern(text: &str) -> bool {
    let host = text.strip_prefix("*.").unwrap_or(text);
    let authority: Result<uri::Authority, _> = host.parse();
    text == "*" || authority.is_ok_and(|it| it.host() == host && !host.contains(['*', '@']))
}
