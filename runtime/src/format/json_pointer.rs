//! `json-pointer` and `relative-json-pointer`.

/// Tells whether a text is a JSON Pointer: RFC 6901, section 3.
pub fn is_json_pointer(text: &str) -> bool {
    let mut escapes = text.split('~');
    // What stands before the first `~` has no escape to finish.
    let start = escapes.next().unwrap_or_default();
    (start.starts_with('/') || text.is_empty()) && escapes.all(|rest| rest.starts_with(['0', '1']))
}

/// Tells whether a text is a relative JSON Pointer: a number of levels to go up without leading zeros, then a JSON
/// Pointer or `#` (draft-handrews-relative-json-pointer-01, section 3).
pub fn is_relative_json_pointer(text: &str) -> bool {
    let end = text
        .find(|sign: char| !sign.is_ascii_digit())
        .unwrap_or(text.len());
    let (levels, rest) = text.split_at(end);
    let is_number = !levels.is_empty() && (levels == "0" || !levels.starts_with('0'));
    is_number && (rest == "#" || is_json_pointer(rest))
}
