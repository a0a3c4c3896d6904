//! Ids of requests: taken over from the client or a proxy, or made here.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::HeaderValue;
use uuid::Uuid;

/// The longest id that is taken over, in bytes.
const MOST_BYTES: usize = 128;

/// Whether an id from outside may be echoed and logged: letters, digits and a few marks.
pub(crate) fn is_valid(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=MOST_BYTES).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=@".contains(byte))
}

/// Makes an id in the form of a random UUID (version 4).
///
/// It has to be unique, not secret, so two seeds of this process and a counter are enough, and cost no system call.
pub(crate) fn make() -> HeaderValue {
    static SEEDS: LazyLock<(u64, u64)> = LazyLock::new(|| {
        let seed = |n: u8| RandomState::new().hash_one(n);
        (seed(0), seed(1))
    });
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let high = mix(SEEDS.0.wrapping_add(count));
    let low = mix(SEEDS.1.wrapping_add(count));
    let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
    let uuid = uuid::Builder::from_random_bytes(bytes).into_uuid();
    let mut buffer = Uuid::encode_buffer();
    let text = uuid.hyphenated().encode_lower(&mut buffer);
    // Hexadecimal digits and hyphens are a good header value.
    HeaderValue::from_maybe_shared(Bytes::copy_from_slice(text.as_bytes()))
        .unwrap_or_else(|_| HeaderValue::from_static("-"))
}

/// Spreads consecutive numbers over all bits, each to another number (the finalizer of SplitMix64).
fn mix(number: u64) -> u64 {
    let number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
