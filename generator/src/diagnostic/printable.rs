//! Text of the document in a form that a terminal and Cargo leave alone.
//!
//! **Invariant:** what comes out holds no line break, no control character and nothing that turns the direction of
//! writing, so it can neither move the cursor nor begin a line of output.

use std::borrow::Cow;

/// Longer messages are cut: a value can be as long as its file.
const LONGEST: usize = 600;

/// Characters for private use, which mark places in a drawing that is not finished.
pub(super) const OPEN: char = '\u{e000}';
pub(super) const CLOSE: char = '\u{e001}';

/// A message with every unprintable character written as an escape, and cut where it is very long.
pub(super) fn message(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && !text.chars().any(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().min(LONGEST));
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            out.push('…');
            break;
        }
        if is_unprintable(character) {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// The same for a character of an excerpt, where carets stand below and each character should keep its width.
pub(super) fn push_excerpt(out: &mut String, character: char) {
    match character {
        // The renderer draws tabs, and counts them as one column.
        '\t' => out.push('\t'),
        '\u{7f}' => out.push('␡'),
        '\0'..='\u{1f}' => {
            out.push(char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'))
        }
        _ if is_unprintable(character) => out.push('\u{fffd}'),
        _ => out.push(character),
    }
}

/// Control characters, line and paragraph separators, and what turns or hides text.
pub(super) fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | OPEN
                | CLOSE
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}
