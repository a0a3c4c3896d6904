//! `uuid`.

use uuid::Uuid;

/// Where the hyphens are.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Tells whether a text is a UUID in the form with hyphens: RFC 4122, section 3, of any version and variant.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| {
            if HYPHENS.contains(&index) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}

/// Reads a UUID in the form with hyphens.
pub fn parse_uuid(text: &str) -> Option<Uuid> {
    // The library reads three other forms too, which differ in length.
    (text.len() == 36)
        .then(|| Uuid::try_parse(text).ok())
        .flatten()
}
