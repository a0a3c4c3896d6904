//! Looks for the bytes that end a plain run of a string, sixteen at a time.

/// The position of the first quote, backslash or control character from `start` on, or the length of `bytes`.
#[inline(always)]
pub(super) fn stop(bytes: &[u8], start: usize) -> usize {
    let mut rest = bytes.get(start..).unwrap_or_default();
    while let Some((chunk, tail)) = rest.split_first_chunk::<16>() {
        let hits = specials(*chunk);
        if hits != 0 {
            return bytes.len() - rest.len() + first(hits);
        }
        rest = tail;
    }
    bytes.len() - rest.len() + first(specials(padded(rest).to_le_bytes())).min(rest.len())
}

/// A cheap hash of a key: equal keys have equal ones. Nothing else may depend on it, since anyone can make keys collide.
#[inline(always)]
pub(super) fn fingerprint(key: &[u8]) -> u64 {
    let (one, other) = match (key.first_chunk::<8>(), key.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (padded_short(key), key.len() as u64),
    };
    // Where the ends overlap or repeat each other, only the length is left to tell keys apart.
    (one ^ other.rotate_left(23) ^ key.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Marks each byte that is a quote, a backslash or a control character. In this form compilers make a few vector
/// instructions of it.
#[inline(always)]
fn specials(chunk: [u8; 16]) -> u128 {
    u128::from_le_bytes(chunk.map(|byte| {
        let is_special = (byte == b'"') | (byte == b'\\') | (byte < b' ');
        if is_special { u8::MAX } else { 0 }
    }))
}

/// The number of the lowest marked byte; 16 when none is marked.
#[inline(always)]
fn first(hits: u128) -> usize {
    (hits.trailing_zeros() / 8) as usize
}

/// Fewer than 16 bytes as a word: two reads that may overlap, since a bit that is set twice is set.
#[inline(always)]
fn padded(bytes: &[u8]) -> u128 {
    match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            let last = u128::from(u64::from_le_bytes(*last)) << ((bytes.len() - 8) * 8);
            u128::from(u64::from_le_bytes(*first)) | last
        }
        _ => u128::from(padded_short(bytes)),
    }
}

/// Fewer than 8 bytes as a word, likewise.
#[inline(always)]
fn padded_short(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let last = u64::from(u32::from_le_bytes(*last)) << ((length - 4) * 8);
        u64::from(u32::from_le_bytes(*first)) | last
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<2>(), bytes.last_chunk::<2>()) {
        let last = u64::from(u16::from_le_bytes(*last)) << ((length - 2) * 8);
        u64::from(u16::from_le_bytes(*first)) | last
    } else {
        bytes.first().copied().map_or(0, u64::from)
    }
}

/// The position of the first byte from `start` on that is not white space (RFC 8259 section 2), or the length of `bytes`.
///
/// Indentation is mostly spaces, so those are taken eight at a time.
pub(super) fn skip_whitespace(bytes: &[u8], start: usize) -> usize {
    const SPACES: u64 = u64::from_le_bytes(*b"        ");
    let mut pos = start;
    loop {
        if let Some(chunk) = bytes.get(pos..).and_then(<[u8]>::first_chunk::<8>) {
            let others = u64::from_le_bytes(*chunk) ^ SPACES;
            pos += (others.trailing_zeros() / 8) as usize;
            if others == 0 {
                continue;
            }
        }
        match bytes.get(pos) {
            Some(b' ' | b'\n' | b'\r' | b'\t') => pos += 1,
            _ => return pos,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{fingerprint, stop};

    #[test]
    fn sixteen_at_a_time_stop_where_one_does() {
        for byte in 0..=u8::MAX {
            for at in 0..40 {
                let mut bytes = [b'\xc3'; 60];
                bytes[at] = byte;
                bytes[at + 3] = b'"';
                let special = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
                let expected = bytes.iter().position(special).expect("a quote");
                for end in at + 4..60 {
                    assert_eq!(stop(&bytes[..end], 0), expected);
                }
                assert_eq!(stop(&bytes[..expected], 0), expected);
            }
        }
    }

    #[test]
    fn fingerprints_tell_keys_apart_by_every_byte_at_their_ends() {
        for length in 1..24 {
            let key = vec![b'a'; length];
            let print = fingerprint(&key);
            assert_ne!(print, fingerprint(&vec![b'a'; length + 1]));
            for at in (0..length).filter(|&at| at < 8 || at + 8 >= length) {
                let mut other = key.clone();
                other[at] = b'b';
                assert_ne!(print, fingerprint(&other), "{length} {at}");
            }
        }
    }
}
