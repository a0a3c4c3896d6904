//! Media types and the ranges that a document declares: RFC 9110, section 8.3.1, and OAS 3.2, "Media Types".

use http::header::{self, HeaderMap, HeaderValue};

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
    let position = |fits: &dyn Fn(&str) -> bool| {
        declared
            .iter()
            .position(|range| fits(self::essence(range)))
            // Text in another charset than UTF-8 is not read.
            .filter(|index| {
                !declared.get(*index).is_some_and(|range| is_text(range)) || is_utf8(content_type)
            })
    };
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

/// Whether it is JSON text (RFC 6839, section 3.1).
pub(crate) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    let is = |name: &str| essence.eq_ignore_ascii_case(name);
    let suffix = essence
        .len()
        .checked_sub(5)
        .and_then(|at| essence.get(at..));
    is("application/json")
        || is("text/json")
        || suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json"))
}

/// Whether it is a sequence of JSON texts (RFC 7464, and the suffix of RFC 8091).
pub(crate) fn is_json_sequence(media_type: &str) -> bool {
    let essence = essence(media_type).to_ascii_lowercase();
    essence == "application/json-seq" || essence.ends_with("+json-seq")
}

pub(crate) fn is_text(media_type: &str) -> bool {
    let kind = media_type.get(..5);
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("text/"))
}

/// Whether the text of this content type is UTF-8: by what `charset` says, or because it says nothing.
pub(crate) fn is_utf8(content_type: &str) -> bool {
    parameters(content_type).all(|(name, value)| {
        !name.eq_ignore_ascii_case("charset")
            || value.eq_ignore_ascii_case("utf-8")
            || value.eq_ignore_ascii_case("us-ascii")
    })
}

/// Whether a media type is of a range.
pub(crate) fn is_within(range: &str, media_type: &str) -> bool {
    find(&[range], media_type).is_some()
}

/// Returns which of the media types that can be written a client likes best (RFC 9110, section 12.5.1): by quality, and
/// among equals the one that is offered first. `None` where it accepts none.
///
/// An offer may be a range, of which the handler will write one. Parameters of what the client accepts count where the
/// offer has parameters too; then all of them have to be among those.
pub(crate) fn negotiate(offers: &[&str], headers: &HeaderMap) -> Option<usize> {
    if accepted(headers).next().is_none() {
        return (!offers.is_empty()).then_some(0);
    }
    let mut best: Option<(u16, usize)> = None;
    for (index, offer) in offers.iter().enumerate() {
        let quality = accepted_quality(offer, headers).unwrap_or(0);
        if quality > best.map_or(0, |(quality, _)| quality) {
            best = Some((quality, index));
        }
    }
    best.map(|(_, index)| index)
}

/// How much a client likes an offer, in thousandths; `None` where it does not say.
fn accepted_quality(offer: &str, headers: &HeaderMap) -> Option<u16> {
    let fitting =
        || accepted(headers).filter_map(|range| Some((specificity(range, offer)?, range)));
    // Of the ranges that all of the offer is within, the most specific decides, whatever the others say.
    let whole = fitting()
        .filter(|(_, range)| !is_part(range, offer))
        .max_by_key(|(specificity, _)| *specificity)
        .map(|(_, range)| quality(range));
    // Of what is within the offer, the handler may write whichever the client likes best.
    let part = fitting()
        .filter(|(_, range)| is_part(range, offer))
        .map(|(_, range)| quality(range))
        .max();
    whole.max(part)
}

/// Whether an accepted range that fits an offer fits a part of it only, because the offer is a wider range.
fn is_part(range: &str, offer: &str) -> bool {
    let (range, offer) = (essence(range), essence(offer));
    offer.ends_with("/*") && range != "*/*" && !range.eq_ignore_ascii_case(offer)
}

/// Tells caches that another `Accept` may get another response (RFC 9110, section 12.5.5).
pub(crate) fn vary(headers: &mut HeaderMap) {
    let lines = headers.get_all(header::VARY).iter();
    let mut names = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim);
    if !names.any(|name| name == "*" || name.eq_ignore_ascii_case("accept")) {
        headers.append(header::VARY, HeaderValue::from_static("Accept"));
    }
}

/// The ranges of all lines of `Accept`.
fn accepted(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::ACCEPT).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
}

/// How precisely an accepted range names an offer; `None` where it does not.
fn specificity(range: &str, offer: &str) -> Option<u8> {
    let (wanted, offered) = (essence(range), essence(offer));
    if wanted.eq_ignore_ascii_case(offered) {
        let mut asked = parameters(range).filter(|(name, _)| !name.eq_ignore_ascii_case("q"));
        let has = |(name, value): (&str, &str)| {
            parameters(offer).any(|(other, given)| {
                other.eq_ignore_ascii_case(name) && given.eq_ignore_ascii_case(value)
            })
        };
        let is_plain = asked.clone().next().is_none() || parameters(offer).next().is_none();
        return match is_plain {
            true => Some(3),
            false => asked.all(has).then_some(4),
        };
    }
    let (kind, subtype) = wanted.split_once('/')?;
    let (offered_kind, offered_subtype) = offered.split_once('/')?;
    if wanted == "*/*" || offered == "*/*" {
        return Some(1);
    }
    let is_range = subtype == "*" || offered_subtype == "*";
    (is_range && kind.eq_ignore_ascii_case(offered_kind)).then_some(2)
}

/// The quality of an accepted range in thousandths; what is malformed counts as nothing said.
fn quality(range: &str) -> u16 {
    let quality = parameters(range)
        .find(|(name, _)| name.eq_ignore_ascii_case("q"))
        .and_then(|(_, value)| value.parse::<f32>().ok())
        .filter(|quality| (0.0..=1.0).contains(quality));
    quality.map_or(1000, |quality| (quality * 1000.0) as u16)
}

/// The parameters of a media type, values without their quotes.
fn parameters(media_type: &str) -> impl Iterator<Item = (&str, &str)> + Clone {
    let parameters = media_type.split(';').skip(1);
    parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        Some((name.trim(), value.trim().trim_matches('"')))
    })
}

/// Returns a media type without its parameters.
pub(crate) fn essence(media_type: &str) -> &str {
    media_type
        .split_once(';')
        .map_or(media_type, |(essence, _)| essence)
        .trim_matches([' ', '\t'])
}
