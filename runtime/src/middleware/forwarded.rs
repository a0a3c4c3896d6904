//! What proxies say of the requests that they pass on.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use http::header::{self, HeaderMap, HeaderName};
use http::uri::{Authority, Scheme};
use ipnet::IpNet;

use crate::observe::Seen;

use super::{Answer, Gate, hosts};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What stands for whoever connects to a Unix socket.
const UNIX: &str = "unix";

/// That a request came by a Unix socket, whose clients have no address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByUnixSocket;

/// Takes over what trusted proxies say, and removes what others say under the same names.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrustedProxies {
    networks: Vec<IpNet>,
    /// Whether whoever connects to a Unix socket is one.
    trusts_unix: bool,
}

impl TrustedProxies {
    /// Adds an address, a network or `unix`; returns whether it is one of these.
    pub(super) fn add(&mut self, text: &str) -> bool {
        if text == UNIX {
            self.trusts_unix = true;
            return true;
        }
        match network(text) {
            Some(network) => self.networks.push(network),
            None => return false,
        }
        true
    }

    pub(super) fn is_empty(&self) -> bool {
        self.networks.is_empty() && !self.trusts_unix
    }

    /// Whether some are known by their address.
    pub(super) fn have_addresses(&self) -> bool {
        !self.networks.is_empty()
    }

    pub(super) fn trust_unix(&self) -> bool {
        self.trusts_unix
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }

    /// Whether the other end of the connection is one of them.
    pub(crate) fn trust_peer(&self, request: &Request) -> bool {
        let extensions = request.extensions();
        match extensions.get::<ConnectInfo<SocketAddr>>() {
            Some(peer) => self.trusts(peer.0.ip()),
            None => self.trusts_unix && extensions.get::<ByUnixSocket>().is_some(),
        }
    }

    /// The client: the last address that is no trusted proxy, since everything before it could be made up.
    fn client(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let mut first = None;
        let lists: Vec<&str> = headers
            .get_all(FOR)
            .iter()
            .map(|value| value.to_str().unwrap_or_default())
            .collect();
        for text in lists.iter().rev().flat_map(|list| list.rsplit(',')) {
            // Whoever cannot be read hides all that stand before.
            let address = address(text.trim())?;
            first = Some(address);
            if !self.trusts(address) {
                break;
            }
        }
        first
    }
}

impl Gate for TrustedProxies {
    fn pass(&self, request: &mut Request) -> Result<(), Answer> {
        if !self.trust_peer(request) {
            for name in [FOR, PROTO, HOST, header::FORWARDED] {
                request.headers_mut().remove(name);
            }
            return Ok(());
        }
        let headers = request.headers();
        let client = self.client(headers);
        let scheme = last(headers, &PROTO).and_then(|text| match text {
            "https" | "wss" => Some(Scheme::HTTPS),
            "http" | "ws" => Some(Scheme::HTTP),
            _ => None,
        });
        let host: Option<Authority> = last(headers, &HOST)
            .filter(|text| !text.contains('@'))
            .and_then(|text| text.parse().ok());
        if let Some(seen) = request.extensions().get::<Seen>() {
            if let Some(client) = client {
                seen.client(client);
            }
            if let Some(scheme) = &scheme {
                seen.scheme(scheme);
            }
        }
        if let Some(client) = client {
            // The port of the client is not told.
            let client = ConnectInfo(SocketAddr::new(client, 0));
            request.extensions_mut().insert(client);
        }
        if let Some(scheme) = scheme {
            request.extensions_mut().insert(scheme);
        }
        if let Some(host) = host {
            hosts::set_authority(request, &host);
        }
        Ok(())
    }
}

/// What the nearest proxy said.
fn last<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    Some(value.rsplit(',').next()?.trim())
}

/// An address, with or without a port; that of IPv6 may stand in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(text)
        .parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()))
        .map(|address| address.to_canonical())
}

/// A network, or the network of one address.
fn network(text: &str) -> Option<IpNet> {
    match text.parse::<IpNet>() {
        Ok(network) => Some(network),
        Err(_) => text.parse::<IpAddr>().ok().map(IpNet::from),
    }
}
