//! The small grammars of HTTP and OpenAPI that names and keys must follow.

/// Whether the text is an HTTP token (RFC 9110, section 5.6.2), as header names and the halves of media types are.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// How well a text follows the grammar of media types and ranges (RFC 9110, sections 8.3.1 and 12.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaTypeSyntax {
    /// As it should be.
    Valid,
    /// A type with a parameter that is none, such as `application/json;simple`.
    WrongParameter,
    /// Something else.
    Invalid,
}

/// Checks a media type or range with its parameters.
pub(super) fn media_type_syntax(text: &str) -> MediaTypeSyntax {
    let mut parts = split_outside_quotes(text, b';').into_iter();
    let essence = parts.next().unwrap_or("").trim();
    let Some((kind, subtype)) = essence.split_once('/') else {
        return MediaTypeSyntax::Invalid;
    };
    let half_range = kind == "*" && subtype != "*";
    if !is_token(kind) || !is_token(subtype) || half_range || text.contains(char::is_control) {
        MediaTypeSyntax::Invalid
    } else if parts.all(|part| is_media_type_parameter(part.trim())) {
        MediaTypeSyntax::Valid
    } else {
        MediaTypeSyntax::WrongParameter
    }
}

/// Whether the text names a component: `^[a-zA-Z0-9._-]+$` (OAS 3.2, Components Object).
pub(super) fn is_component_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Whether the text can be a URL or relative reference of an OAuth flow, such as `token` (OAS 3.2, Relative References in
/// API URLs): no spaces or control characters, and a letter or digit in it.
pub(super) fn is_url_reference(text: &str) -> bool {
    let clean = text
        .bytes()
        .all(|byte| byte > b' ' && !b"<>\"\\^`{|}".contains(&byte) && byte != 0x7f);
    clean && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

fn is_media_type_parameter(part: &str) -> bool {
    // A trailing `;` is tolerated, as RFC 9110 itself does (section 5.6.6).
    part.is_empty()
        || part.split_once('=').is_some_and(|(name, value)| {
            is_token(name)
                && (is_token(value)
                    || (value.len() > 1 && value.starts_with('"') && value.ends_with('"')))
        })
}

fn split_outside_quotes(text: &str, separator: u8) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if byte == separator && !quoted => {
                parts.extend(text.get(start..index));
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

#[cfg(test)]
mod tests;
