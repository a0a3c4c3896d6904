//! The value of a header as a text, both ways.
//!
//! For HTTP it is octets, and nothing says which characters those beyond ASCII are: some take them for ISO 8859-1, others for
//! UTF-8, and new headers are asked to have none (RFC 9110, section 5.5). So what a document describes has none either: a
//! text beyond ASCII is refused where it was sent, and never sent. JSON can say it in ASCII (`content: {application/json: ..}`).

use std::borrow::Cow;

use http::HeaderValue;

use super::{source::Fault, spell::Unwritable};
use crate::decode::Keyword;

const NOT_TEXT: Fault = (
    Keyword::Encoding,
    Cow::Borrowed("must consist of visible ASCII characters"),
);
const BEYOND: Unwritable = "it has characters beyond ASCII, which no two readers of headers need agree on; JSON, as \
                            `content: {application/json: ..}`, can say them";
const CONTROL: Unwritable = "it has a control character, such as a line break";
const BLANKS: Unwritable = "it has blanks around it, which get lost on the way";

/// Reads the value of a header: visible ASCII characters, blanks and tabs.
///
/// # Errors
///
/// It holds other octets.
pub(crate) fn read(value: &HeaderValue) -> Result<&str, Fault> {
    value.to_str().map_err(|_| NOT_TEXT)
}

/// Writes the value of a header that is read back as this text.
///
/// # Errors
///
/// There is none.
pub(crate) fn write(text: &str) -> Result<HeaderValue, Unwritable> {
    if !text.is_ascii() {
        return Err(BEYOND);
    }
    if trimmed(text) != text {
        return Err(BLANKS);
    }
    HeaderValue::try_from(text).map_err(|_| CONTROL)
}

/// What is left of a text without the blanks that may stand around it in a header (RFC 9110, sections 5.5 and 5.6.1).
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
