//! `idn-hostname`, and the labels of internationalized host names: IDNA 2008.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::hostname;
use crate::pattern::LinearPattern;

/// What stands between two labels: RFC 3490, section 3.1.
const SEPARATORS: [char; 4] = ['.', '\u{3002}', '\u{FF0E}', '\u{FF61}'];

/// The characters that a label may have, as far as the library does not know: RFC 5892, section 2, lets only letters,
/// digits and marks in, and lists exceptions to both sides in section 2.6.
static FOREIGN: LinearPattern = LinearPattern::new(concat!(
    r"[^\-\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}",
    r"\x{B7}\x{375}\x{5F3}\x{5F4}\x{6FD}\x{6FE}\x{F0B}\x{200C}\x{200D}\x{3007}\x{30FB}]",
    r"|[\x{640}\x{7FA}\x{302E}\x{302F}\x{3031}-\x{3035}\x{303B}",
    r"\x{1100}-\x{11FF}\x{A960}-\x{A97C}\x{D7B0}-\x{D7FF}]",
));

/// A character out of its context: RFC 5892, appendices A.3 to A.6.
static OUT_OF_CONTEXT: LinearPattern = LinearPattern::new(concat!(
    r"(?:^|[^l])\x{B7}|\x{B7}(?:[^l]|$)",
    r"|\x{375}(?:[^\p{Greek}]|$)",
    r"|(?:^|[^\p{Hebrew}])[\x{5F3}\x{5F4}]",
));

/// What a katakana middle dot needs beside it: RFC 5892, appendix A.7.
static JAPANESE: LinearPattern = LinearPattern::new(r"[\p{Hiragana}\p{Katakana}\p{Han}]");

/// Tells whether a text is the name of a host, in Unicode or in ASCII: RFC 5890, section 2.3.2.3. A dot at the end is
/// refused.
pub fn is_idn_hostname(text: &str) -> bool {
    if text.is_ascii() {
        return hostname::is_hostname(text);
    }
    // The lengths are those of the name in ASCII, and the rule of directions is about the name as a whole.
    let ascii = Uts46::new().to_ascii(
        text.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        DnsLength::Verify,
    );
    ascii.is_ok()
        && text.split(SEPARATORS).all(|label| match label.is_ascii() {
            true => hostname::is_label(label),
            false => is_u_label(label),
        })
}

/// Tells whether a label that starts with `xn--` stands for one that IDNA 2008 allows.
pub(super) fn is_a_label(label: &str) -> bool {
    unicode(label).is_some_and(|text| !text.is_ascii())
}

/// Tells whether a label is in the form that IDNA 2008 allows: lower case but for ASCII, and normalized.
fn is_u_label(label: &str) -> bool {
    unicode(label).is_some_and(|text| text == label.to_ascii_lowercase())
}

/// A label in Unicode, where IDNA 2008 allows it.
///
/// The library checks the encoding, normalization, hyphens, joiners and directions; what RFC 5892 says beyond UTS #46 is
/// checked here.
fn unicode(label: &str) -> Option<String> {
    let (text, result) =
        Uts46::new().to_unicode(label.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
    let has_any = |first: char, last: char| text.chars().any(|c| (first..=last).contains(&c));
    let is_foreign = FOREIGN.is_match(&text) || OUT_OF_CONTEXT.is_match(&text);
    let is_lone = text.contains('\u{30FB}') && !JAPANESE.is_match(&text);
    let mixes_digits = has_any('\u{660}', '\u{669}') && has_any('\u{6F0}', '\u{6F9}');
    let is_allowed = result.is_ok() && !is_foreign && !is_lone && !mixes_digits;
    is_allowed.then(|| text.into_owned())
}
