//! The keys of who issues tokens, as they are published (RFC 7517).

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, timeout};

use super::Denied;
use crate::log;
use crate::problem::{Unexpected, unavailable_for};
use crate::tasks::catch_panic;

/// For so long a set is not asked for again.
const FRESH: Duration = Duration::from_secs(10 * 60);

/// Until then nobody waits for a set to be loaded again; on a quiet server the first who comes later does, so that a key which
/// was withdrawn in the meantime is good for nobody.
const OVERDUE: Duration = FRESH.saturating_mul(2);

/// For so long a set is good that cannot be loaded again.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// So long after a load a key that is not there is none; whoever sends tokens could ask for loads without end.
const PAUSE: Duration = Duration::from_secs(30);

/// The same where the load has failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// For so long a load may take.
const LIMIT: Duration = Duration::from_secs(10);

type Fetch = dyn Fn() -> BoxFuture<'static, Result<Bytes, Unexpected>> + Send + Sync;

/// Keys that are loaded when they are needed, and kept.
pub(super) struct KeySet {
    fetch: Box<Fetch>,
    known: RwLock<Known>,
    /// Held by whoever loads.
    loading: Arc<Mutex<()>>,
}

#[derive(Clone, Default)]
struct Known {
    keys: Arc<[Key]>,
    /// When they were loaded.
    loaded: Option<Instant>,
    /// When a load began or ended last, and whether it has worked out.
    asked: Option<(Instant, bool)>,
    /// When a load has failed last, where none has worked out since.
    failed: Option<Instant>,
}

struct Key {
    id: Option<String>,
    /// The algorithm that it is for, where it names one or its curve does.
    algorithm: Option<Algorithm>,
    key: Arc<DecodingKey>,
}

/// As it is published; keys that cannot be read are passed over, since they are for others.
#[derive(Deserialize)]
struct Published {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    pub(super) fn new(
        fetch: impl Fn() -> BoxFuture<'static, Result<Bytes, Unexpected>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            fetch: Box::new(fetch),
            known: RwLock::default(),
            loading: Arc::default(),
        }
    }

    /// Finds the key of a token.
    ///
    /// # Errors
    ///
    /// 401 where there is no such key, 503 where there are none at all.
    pub(super) async fn find(
        self: &Arc<Self>,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Arc<DecodingKey>, Denied> {
        let known = self.known();
        if let Some(key) = known.find(id, algorithm)
            && !known.is_overdue()
        {
            // Nobody waits for what is only a little old, and one of those who come loads it again.
            if !known.is_fresh()
                && known.may_load()
                && let Ok(guard) = Arc::clone(&self.loading).try_lock_owned()
            {
                drop(self.load(guard));
            }
            return Ok(key);
        }
        // Who loads already does it for all who wait here.
        let guard = Arc::clone(&self.loading).lock_owned().await;
        let known = self.known();
        let is_needed = known.is_overdue() || known.find(id, algorithm).is_none();
        if is_needed && known.may_load() {
            // A task, so that a client that goes away does not end it for the others.
            let _ = self.load(guard).await;
        }
        let known = self.known();
        match known.find(id, algorithm) {
            Some(key) => Ok(key),
            None if !known.is_usable() => {
                let seconds = PAUSE_AFTER_FAILURE.as_secs();
                Err(unavailable_for(seconds, "tokens cannot be checked now").into())
            }
            None => Err(Denied::unauthenticated()),
        }
    }

    fn known(&self) -> Known {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn load(self: &Arc<Self>, guard: OwnedMutexGuard<()>) -> tokio::task::JoinHandle<()> {
        let set = Arc::clone(self);
        set.has_failed();
        tokio::spawn(async move {
            let _guard = guard;
            let read = async { read(&(set.fetch)().await?) };
            match catch_panic(timeout(LIMIT, read)).await {
                Ok(Ok(Ok(keys))) => {
                    return set.change(|known| {
                        let now = Instant::now();
                        *known = Known {
                            keys,
                            loaded: Some(now),
                            asked: Some((now, true)),
                            failed: None,
                        };
                    });
                }
                Ok(Ok(Err(error))) => not_loaded(&error.words()),
                Ok(Err(late)) => not_loaded(&late),
                Err(panic) => not_loaded(&format_args!("panicked: {panic}")),
            }
            // The pause follows the load; those who have waited for it do not begin the next one.
            set.has_failed();
            set.change(|known| known.failed = Some(Instant::now()));
        })
    }

    /// So a load stands until it has worked out.
    fn has_failed(&self) {
        self.change(|known| known.asked = Some((Instant::now(), false)));
    }
}

impl Known {
    fn is_fresh(&self) -> bool {
        self.loaded.is_some_and(|loaded| loaded.elapsed() < FRESH)
    }

    /// Whether the set is loaded again before it is believed. Where that has just failed, nobody waits for it once more.
    fn is_overdue(&self) -> bool {
        let has_just_failed = self.failed.is_some_and(|failed| failed.elapsed() < PAUSE);
        self.loaded
            .is_some_and(|loaded| loaded.elapsed() >= OVERDUE)
            && !has_just_failed
    }

    fn is_usable(&self) -> bool {
        self.loaded.is_some_and(|loaded| loaded.elapsed() < STALE)
    }

    fn may_load(&self) -> bool {
        self.asked.is_none_or(|(asked, worked)| {
            asked.elapsed() >= if worked { PAUSE } else { PAUSE_AFTER_FAILURE }
        })
    }

    /// The key with this id; of a token that names none, the only one that fits.
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<DecodingKey>> {
        if !self.is_usable() {
            return None;
        }
        let mut fitting = self.keys.iter().filter(|key| {
            key.algorithm.is_none_or(|own| own == algorithm)
                && key.key.family() == algorithm.family()
                && (id.is_none() || key.id.as_deref() == id)
        });
        let first = fitting.next()?;
        match id.is_none() && fitting.next().is_some() {
            true => None,
            false => Some(Arc::clone(&first.key)),
        }
    }
}

#[cold]
fn not_loaded(why: &dyn fmt::Display) {
    log::error(
        None,
        &format_args!("the keys of tokens were not loaded: {why}"),
    );
}

fn read(text: &[u8]) -> Result<Arc<[Key]>, Unexpected> {
    let published: Published = serde_json::from_slice(text)?;
    let keys: Arc<[Key]> = published.keys.into_iter().filter_map(key).collect();
    match keys.is_empty() {
        // Who issues tokens has keys, so this is a mistake, for which good ones are not given up.
        true => Err(Unexpected::new("no key among them can be used")),
        false => Ok(keys),
    }
}

fn key(published: serde_json::Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(published).ok()?;
    let is_shared = matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_));
    let is_for_signatures = match &jwk.common.public_key_use {
        None | Some(PublicKeyUse::Signature) => true,
        Some(_) => false,
    };
    // RFC 7517, section 4.3.
    let operations = jwk.common.key_operations.as_ref();
    let may_verify = operations.is_none_or(|it| it.contains(&KeyOperations::Verify));
    if is_shared || !is_for_signatures || !may_verify {
        return None;
    }
    let named: Option<Algorithm> = match jwk.common.key_algorithm {
        // One for something else than signatures is for others.
        Some(algorithm) => Some(algorithm.to_string().parse().ok()?),
        None => None,
    };
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::EllipticCurve(key) => {
            let own = of_curve(&key.curve)?;
            if named.is_some_and(|named| named != own) {
                return None;
            }
            Some(own)
        }
        _ => named,
    };
    Some(Key {
        id: jwk.common.key_id.clone(),
        algorithm,
        key: Arc::new(DecodingKey::from_jwk(&jwk).ok()?),
    })
}

/// The one algorithm of a curve (RFC 7518, section 3.4).
fn of_curve(curve: &EllipticCurve) -> Option<Algorithm> {
    match curve {
        EllipticCurve::P256 => Some(Algorithm::ES256),
        EllipticCurve::P384 => Some(Algorithm::ES384),
        _ => None,
    }
}
