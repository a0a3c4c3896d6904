//! `uri`, `uri-reference`, `iri` and `iri-reference`: RFC 3986, which browsers' URLs are not held to, and RFC 3987.

use iri_string::spec::{IriSpec, UriSpec};
use iri_string::validate;

use super::is_ipv6;

/// Tells whether a text is a URI, which has a scheme.
pub fn is_uri(text: &str) -> bool {
    validate::iri::<UriSpec>(text).is_ok() && has_valid_literal(text)
}

/// Tells whether a text is a URI or a relative reference.
pub fn is_uri_reference(text: &str) -> bool {
    validate::iri_reference::<UriSpec>(text).is_ok() && has_valid_literal(text)
}

/// Tells whether a text is an IRI, which has a scheme: RFC 3987.
pub fn is_iri(text: &str) -> bool {
    validate::iri::<IriSpec>(text).is_ok() && has_valid_literal(text)
}

/// Tells whether a text is an IRI or a relative reference.
pub fn is_iri_reference(text: &str) -> bool {
    validate::iri_reference::<IriSpec>(text).is_ok() && has_valid_literal(text)
}

/// Checks the address in brackets, where the library is not strict about the IPv4 part.
fn has_valid_literal(text: &str) -> bool {
    let Some((_, rest)) = text.split_once('[') else {
        return true;
    };
    let Some((address, _)) = rest.split_once(']') else {
        return false;
    };
    address.starts_with(['v', 'V']) || is_ipv6(address)
}
