//! `hostname`: RFC 1123, section 2.1, with the A-labels of RFC 5890.

use super::internationalized::is_a_label;

/// The longest name, in bytes: RFC 1035, section 2.3.4, less the two bytes that only the wire needs.
const NAME_LIMIT: usize = 253;

/// The longest label, in bytes.
const LABEL_LIMIT: usize = 63;

/// Tells whether a text is the name of a host. A dot at the end is refused.
pub fn is_hostname(text: &str) -> bool {
    text.len() <= NAME_LIMIT && text.split('.').all(is_label)
}

pub(super) fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    let is_plain = bytes.len() <= LABEL_LIMIT
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let is_encoded = || {
        bytes
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"xn--"))
    };
    is_plain && (!is_encoded() || is_a_label(label))
}
