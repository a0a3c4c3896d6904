//! `email` and `idn-email`: the mailbox of RFC 5321, section 4.1.2, and its extension in RFC 6531, section 3.3.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::{is_ipv4, is_ipv6};

/// The longest local part, in bytes: RFC 5321, section 4.5.3.1.1.
const LOCAL_LIMIT: usize = 64;

/// The longest domain, in bytes: RFC 5321, section 4.5.3.1.2.
const DOMAIN_LIMIT: usize = 255;

/// The longest label of a domain, in bytes: RFC 1035, section 2.3.4.
const LABEL_LIMIT: usize = 63;

/// Tells whether a text is an e-mail address.
///
/// Any domain will do, also one of a single label or of special use such as `localhost` or `example`.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    text.is_ascii()
        && is_local_part(local.as_bytes())
        && (is_domain(domain.as_bytes()) || is_literal(domain))
}

/// Tells whether a text is an e-mail address that may have characters beyond ASCII on both sides.
pub fn is_idn_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    is_local_part(local.as_bytes())
        && (is_domain(domain.as_bytes())
            || is_literal(domain)
            || !domain.is_ascii() && is_internationalized_domain(domain))
}

/// A domain in Unicode: it need not be normalized, since whoever sends mail to it normalizes it.
fn is_internationalized_domain(domain: &str) -> bool {
    Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .is_ok()
}

/// The part before the `@`; bytes beyond ASCII, of UTF-8, count as those of an atom (RFC 6531, section 3.3).
fn is_local_part(local: &[u8]) -> bool {
    if local.len() > LOCAL_LIMIT {
        return false;
    }
    match local {
        [b'"', inner @ .., b'"'] => is_quoted(inner),
        _ => local
            .split(|byte| *byte == b'.')
            .all(|atom| !atom.is_empty() && atom.iter().copied().all(is_atom_byte)),
    }
}

/// `atext` of RFC 5322, section 3.2.3.
fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_quoted(mut inner: &[u8]) -> bool {
    loop {
        inner = match inner {
            [] => return true,
            [b'\\', b' '..=b'~', rest @ ..] => rest,
            [b'\\' | b'"', ..] => return false,
            [b' '..=b'~' | 0x80.., rest @ ..] => rest,
            _ => return false,
        };
    }
}

fn is_domain(domain: &[u8]) -> bool {
    let is_label = |label: &[u8]| {
        label.len() <= LABEL_LIMIT
            && label.first().is_some_and(u8::is_ascii_alphanumeric)
            && label.last().is_some_and(u8::is_ascii_alphanumeric)
            && label
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    domain.len() <= DOMAIN_LIMIT && domain.split(|byte| *byte == b'.').all(is_label)
}

/// An address in brackets: RFC 5321, section 4.1.3.
fn is_literal(domain: &str) -> bool {
    let Some(address) = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    else {
        return false;
    };
    match address.split_at_checked(5) {
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6:") => is_ipv6(address),
        _ => is_ipv4(address),
    }
}
