//! `ipv4` and `ipv6`.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Reads four decimal numbers with dots: RFC 2673, section 3.2. A leading zero is refused.
pub fn parse_ipv4(text: &str) -> Option<Ipv4Addr> {
    text.parse().ok()
}

/// Reads an IPv6 address: RFC 4291, section 2.2. A zone and brackets are refused.
pub fn parse_ipv6(text: &str) -> Option<Ipv6Addr> {
    text.parse().ok()
}

/// Tells whether a text is an IPv4 address.
pub fn is_ipv4(text: &str) -> bool {
    parse_ipv4(text).is_some()
}

/// Tells whether a text is an IPv6 address.
pub fn is_ipv6(text: &str) -> bool {
    parse_ipv6(text).is_some()
}
