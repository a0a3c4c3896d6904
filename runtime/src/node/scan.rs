//! Looks for the bytes that end a plain run of a string, eight at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The position of the first quote, backslash or control character from `start` on, or the length of `bytes`.
#[inline(always)]
pub(super) fn stop(bytes: &[u8], start: usize) -> usize {
    let mut rest = bytes.get(start..).unwrap_or_default();
    while let Some((chunk, tail)) = rest.split_first_chunk::<8>() {
        let hits = specials(u64::from_le_bytes(*chunk));
        if hits != 0 {
            return bytes.len() - rest.len() + first(hits);
        }
        rest = tail;
    }
    bytes.len() - rest.len() + first(specials(padded(rest))).min(rest.len())
}

/// As [`stop`], with the [`fingerprint`] of the bytes that were passed.
#[inline(always)]
pub(super) fn stop_and_fingerprint(bytes: &[u8], start: usize) -> (usize, u64) {
    let mut rest = bytes.get(start..).unwrap_or_default();
    let mut print = 0;
    while let Some((chunk, tail)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let hits = specials(word);
        if hits != 0 {
            let at = first(hits);
            return (bytes.len() - rest.len() + at, mix(print, leading(word, at)));
        }
        print = mix(print, word);
        rest = tail;
    }
    let word = padded(rest);
    let at = first(specials(word)).min(rest.len());
    (bytes.len() - rest.len() + at, mix(print, leading(word, at)))
}

/// A cheap hash of a key: equal keys have equal ones. Nothing else may depend on it, since anyone can make keys collide.
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let print = chunks
        .iter()
        .fold(0, |print, chunk| mix(print, u64::from_le_bytes(*chunk)));
    mix(print, padded(rest))
}

#[inline(always)]
fn mix(print: u64, word: u64) -> u64 {
    (print.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Marks with its high bit each byte that is a quote, a backslash or a control character.
///
/// The subtractions may also mark bytes above the first hit, so only the lowest mark means anything.
#[inline(always)]
fn specials(word: u64) -> u64 {
    let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    let control = word.wrapping_sub(ONES * 0x20);
    (quote | backslash | control) & !word & HIGHS
}

/// The number of the lowest marked byte; 8 when none is marked.
#[inline(always)]
fn first(hits: u64) -> usize {
    (hits.trailing_zeros() / 8) as usize
}

/// The first `count` bytes of a word, which has more of them.
#[inline(always)]
fn leading(word: u64, count: usize) -> u64 {
    word & !(u64::MAX << (count * 8))
}

/// Fewer than 8 bytes as a word.
#[inline(always)]
fn padded(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, &byte| word << 8 | u64::from(byte))
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
    use super::{fingerprint, stop, stop_and_fingerprint};

    #[test]
    fn eight_at_a_time_stop_where_one_does() {
        for byte in 0..=u8::MAX {
            for at in 0..40 {
                let mut bytes = [b'\xc3'; 48];
                bytes[at] = byte;
                bytes[at + 3] = b'"';
                let special = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
                let expected = bytes.iter().position(special).expect("a quote");
                for end in [at + 4, 48] {
                    let bytes = &bytes[..end];
                    assert_eq!(stop(bytes, 0), expected);
                    let print = fingerprint(&bytes[..expected]);
                    assert_eq!(stop_and_fingerprint(bytes, 0), (expected, print));
                }
            }
        }
    }
}
