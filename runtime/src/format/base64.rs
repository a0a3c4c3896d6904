//! `contentEncoding: base64` and OpenAPI's `byte`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Decodes base64: RFC 4648, section 4, with padding, without line breaks.
///
/// The URL-safe alphabet, missing padding and stray bits at the end are refused, so that one value has one text.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Tells whether a text is base64 that [`decode_base64`] would decode.
pub fn is_base64(text: &str) -> bool {
    decode_base64(text).is_some()
}

/// Writes bytes in base64: RFC 4648, section 4, with padding.
pub fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
