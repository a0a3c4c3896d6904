//! How often one client may ask.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::{Answer, Gate};
use crate::refusal::Reason;

/// So many clients are remembered; the rest share one allowance, so that made-up addresses fill no memory.
const MOST_CLIENTS: usize = 100_000;

/// How often one client may ask: a number of requests in a second or minute, and how many of them at once.
///
/// A client is an address, or in IPv6 its network of 64 bits, since a household has one of these. Behind a proxy it is what
/// the [`trusted_proxies`](crate::App::trusted_proxies) say. Requests whose address is not known share one allowance.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    quota: Quota,
}

impl RateLimit {
    /// Allows so many requests a second, and as many at once; 0 is taken as 1.
    #[must_use]
    pub fn per_second(requests: u32) -> Self {
        Self {
            quota: Quota::per_second(at_least_one(requests)),
        }
    }

    /// Allows so many requests a minute, and as many at once; 0 is taken as 1.
    #[must_use]
    pub fn per_minute(requests: u32) -> Self {
        Self {
            quota: Quota::per_minute(at_least_one(requests)),
        }
    }

    /// Sets how many requests may come at once, before the rate holds; 0 is taken as 1.
    #[must_use]
    pub fn burst(mut self, requests: u32) -> Self {
        self.quota = self.quota.allow_burst(at_least_one(requests));
        self
    }
}

fn at_least_one(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)
}

/// Counts the requests of each client.
pub(super) struct Limiter {
    clients: DefaultKeyedRateLimiter<Option<IpAddr>>,
    clock: DefaultClock,
}

impl Limiter {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self {
            clients: DefaultKeyedRateLimiter::keyed(limit.quota),
            clock: DefaultClock::default(),
        }
    }

    /// Who asks, as far as is told apart.
    fn client(&self, request: &Request) -> Option<IpAddr> {
        let client = network(
            request
                .extensions()
                .get::<ConnectInfo<SocketAddr>>()?
                .0
                .ip(),
        );
        if self.clients.len() >= MOST_CLIENTS {
            // Those that have asked for nothing lately are as good as new.
            self.clients.retain_recent();
            if self.clients.len() >= MOST_CLIENTS {
                return None;
            }
        }
        Some(client)
    }
}

impl Gate for Limiter {
    fn pass(&self, request: &mut Request) -> Result<(), Answer> {
        match self.clients.check_key(&self.client(request)) {
            Ok(()) => Ok(()),
            Err(not_until) => {
                let wait: Duration = not_until.wait_time_from(self.clock.now());
                Err(Reason::TooManyRequests(wait).into())
            }
        }
    }
}

/// The address, or its network where one client has many.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let bits = address.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        }
        address => address,
    }
}
