//! `uuid`.

use uuid::Uuid;

/// Tells whether a text is a UUID in the form with hyphens: RFC 4122, section 3, of any version and variant.
pub fn is_uuid(text: &str) -> bool {
    parse_uuid(text).is_some()
}

/// Reads a UUID in the form with hyphens.
pub fn parse_uuid(text: &str) -> Option<Uuid> {
    // The library reads three other forms too, which differ in length.
    (text.len() == 36)
        .then(|| Uuid::try_parse(text).ok())
        .flatten()
}
