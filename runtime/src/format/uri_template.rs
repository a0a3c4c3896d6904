//! `uri-template`: RFC 6570, section 2.

/// Tells whether a text is a URI template of any level. An operator that is reserved for extensions is refused.
pub fn is_uri_template(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (literals, after) = rest.split_at(at);
        let Some((expression, after)) = after
            .strip_prefix('{')
            .and_then(|after| after.split_once('}'))
        else {
            return false;
        };
        if !is_literals(literals) || !is_expression(expression) {
            return false;
        }
        rest = after;
    }
    is_literals(rest)
}

/// Characters that stand for themselves: section 2.1, with the apostrophe that its erratum 6937 lets in.
fn is_literals(text: &str) -> bool {
    let is_literal = |sign: char| match sign {
        '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | ' ' => false,
        sign if sign.is_ascii() => !sign.is_ascii_control(),
        // `ucschar` and `iprivate` of RFC 3987, section 2.2: neither controls nor noncharacters.
        '\u{80}'..='\u{9F}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FFF0}'..='\u{FFFF}' => false,
        sign => u32::from(sign) & 0xFFFE != 0xFFFE,
    };
    text.chars().all(is_literal) && has_whole_escapes(text)
}

/// Whether every `%` begins an escape of two hexadecimal digits.
fn has_whole_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// What stands between braces: an operator and variables, section 2.2.
fn is_expression(text: &str) -> bool {
    let variables = text
        .strip_prefix(['+', '#', '.', '/', ';', '?', '&'])
        .unwrap_or(text);
    variables.split(',').all(is_variable)
}

/// A variable with its modifier: sections 2.3 and 2.4.
fn is_variable(text: &str) -> bool {
    let name = match (text.strip_suffix('*'), text.split_once(':')) {
        (Some(name), _) => name,
        (None, Some((name, length))) if is_length(length) => name,
        (None, Some(_)) => return false,
        (None, None) => text,
    };
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'%';
    name.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(is_sign))
        && has_whole_escapes(name)
}

/// The length of a prefix: 1 to 9999, without zeros in front.
fn is_length(text: &str) -> bool {
    (1..=4).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.starts_with('0')
}
