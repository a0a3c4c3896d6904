//! How often one client may ask.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::{Answer, Gate};
use crate::refusal::Reason;

/// So many clients are told apart. While there are more, all are counted in [`GROUPS`], so that made-up addresses fill no
/// memory.
const MOST_CLIENTS: usize = 100_000;

/// Into so many groups clients fall, by chance, where there are too many to tell apart.
const GROUPS: u64 = 4_096;

/// How long to wait until clients that have asked for nothing lately are looked for again, which takes a while.
const LOOKED_FOR_EVERY: Duration = Duration::from_secs(1);

/// How often one client may ask: a number of requests in a second or minute, and how many of them at once.
///
/// A client is an address, or in IPv6 its network of 64 bits, since a household has one of these. Behind a proxy it is what
/// the [`trusted_proxies`](crate::App::trusted_proxies) say. Requests whose address is not known share one allowance. Where
/// more than 100,000 clients ask at a time, they share 4,096 allowances.
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

/// Who is counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Client {
    /// An address or network.
    Known(IpAddr),
    /// One of many of which there are too many.
    OneOf(u64),
    /// Nobody knows.
    Unknown,
}

/// Counts the requests of each client.
pub(super) struct Limiter {
    clients: DefaultKeyedRateLimiter<Client>,
    clock: DefaultClock,
    /// By which groups are made; seeded at random, so nobody chooses whom to share one with.
    groups: RandomState,
    /// When the clients of late were last looked for.
    looked: Mutex<Option<Instant>>,
}

impl Limiter {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self {
            clients: DefaultKeyedRateLimiter::keyed(limit.quota),
            clock: DefaultClock::default(),
            groups: RandomState::new(),
            looked: Mutex::new(None),
        }
    }

    /// Who asks, as far as is told apart.
    fn client(&self, request: &Request) -> Client {
        let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() else {
            return Client::Unknown;
        };
        let client = network(peer.ip());
        if self.clients.len() >= MOST_CLIENTS {
            self.forget();
            if self.clients.len() >= MOST_CLIENTS {
                return Client::OneOf(self.groups.hash_one(client) % GROUPS);
            }
        }
        Client::Known(client)
    }

    /// Forgets clients that are as good as new.
    fn forget(&self) {
        let now = Instant::now();
        let is_due = {
            let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
            let is_due = looked.is_none_or(|then| now.duration_since(then) >= LOOKED_FOR_EVERY);
            if is_due {
                *looked = Some(now);
            }
            is_due
        };
        if is_due {
            self.clients.retain_recent();
        }
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
