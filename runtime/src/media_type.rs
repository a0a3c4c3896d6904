//! Media types and the ranges that a document declares: RFC 9110, section 8.3.1, and OAS 3.2, "Media Types".

/// Returns which of the declared ranges fits a content type best: the type itself, then `type/*`, then `*/*`.
///
/// Parameters of the content type such as `charset` play no part.
pub(crate) fn find(declared: &[&str], content_type: &str) -> Option<usize> {
    if let Some(exact) = declared.iter().position(|range| *range == content_type) {
        return Some(exact);
    }
    let essence = essence(content_type);
    let (kind, subtype) = essence.split_once('/')?;
    if kind.is_empty() || subtype.is_empty() {
        return None;
    }
    let position =
        |fits: &dyn Fn(&str) -> bool| declared.iter().position(|range| fits(self::essence(range)));
    position(&|range| range.eq_ignore_ascii_case(essence))
        .or_else(|| {
            position(&|range| {
                range
                    .strip_suffix("/*")
                    .is_some_and(|declared| declared.eq_ignore_ascii_case(kind))
            })
        })
        .or_else(|| position(&|range| range == "*/*"))
}

/// Returns a media type without its parameters.
fn essence(media_type: &str) -> &str {
    media_type
        .split_once(';')
        .map_or(media_type, |(essence, _)| essence)
        .trim_matches([' ', '\t'])
}
