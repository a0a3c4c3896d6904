//! `duration`: RFC 3339, appendix A, which is stricter than ISO 8601.

use jiff::{Error, Span};

/// A unit of a duration: its letter, and how a span gets so many of it.
type Unit = (u8, fn(Span, i64) -> Result<Span, Error>);

const DATE: [Unit; 3] = [
    (b'Y', Span::try_years),
    (b'M', Span::try_months),
    (b'D', Span::try_days),
];
const TIME: [Unit; 3] = [
    (b'H', Span::try_hours),
    (b'M', Span::try_minutes),
    (b'S', Span::try_seconds),
];
const WEEK: [Unit; 1] = [(b'W', Span::try_weeks)];

/// Tells whether a text is a duration such as `P1Y2M`, `PT36H` or `P2W`.
///
/// Between two units none may be left out, weeks stand alone, and fractions and signs are refused.
pub fn is_duration(text: &str) -> bool {
    read(text, |_, _| Some(())).is_some()
}

/// Reads a duration.
///
/// None is also the answer for one beyond the range of [`Span`], about 20,000 years.
pub fn parse_duration(text: &str) -> Option<Span> {
    let mut span = Span::new();
    read(text, |digits, set| {
        span = set(span, digits.parse().ok()?).ok()?;
        Some(())
    })?;
    Some(span)
}

/// Gives each component, as its digits and how to set it, to `visit`.
fn read<'t>(
    text: &'t str,
    mut visit: impl FnMut(&'t str, fn(Span, i64) -> Result<Span, Error>) -> Option<()>,
) -> Option<()> {
    let rest = text.strip_prefix('P')?;
    if rest.ends_with('W') {
        let rest = components(rest, &WEEK, &mut visit)?;
        return rest.is_empty().then_some(());
    }
    let rest = match rest.starts_with('T') {
        true => rest,
        false => components(rest, &DATE, &mut visit)?,
    };
    let rest = match rest.strip_prefix('T') {
        Some(rest) => components(rest, &TIME, &mut visit)?,
        None => rest,
    };
    rest.is_empty().then_some(())
}

/// Reads one component or more, of units that follow each other without a gap, and gives what is left.
fn components<'t>(
    mut rest: &'t str,
    units: &[Unit],
    visit: &mut impl FnMut(&'t str, fn(Span, i64) -> Result<Span, Error>) -> Option<()>,
) -> Option<&'t str> {
    let mut next = None;
    while let Some(length) = rest.bytes().position(|byte| !byte.is_ascii_digit()) {
        let (digits, after) = rest.split_at_checked(length)?;
        if digits.is_empty() {
            break;
        }
        let letter = *after.as_bytes().first()?;
        let place = units.iter().position(|(unit, _)| *unit == letter)?;
        if next.is_some_and(|next| next != place) {
            return None;
        }
        let (_, set) = units.get(place)?;
        visit(digits, *set)?;
        next = Some(place + 1);
        rest = after.get(1..)?;
    }
    next.map(|_| rest)
}
