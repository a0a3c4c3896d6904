//! `date-time`, `date` and `time`: RFC 3339, section 5.6.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// A time of day with the offset from UTC that it was given with.
///
/// RFC 3339 demands the offset, and no time of `jiff` alone can hold it; without it the instant of the day would be
/// lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OffsetTime {
    /// The time on the clock; a leap second is second 59.
    pub time: Time,

    /// How far that clock is ahead of UTC, in whole minutes.
    pub offset: Offset,
}

impl fmt::Display for OffsetTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.offset.seconds() / 60;
        match minutes {
            0 => write!(f, "{}Z", self.time),
            _ => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                write!(
                    f,
                    "{}{sign}{:02}:{:02}",
                    self.time,
                    minutes / 60,
                    minutes % 60
                )
            }
        }
    }
}

/// Reads a date and time with its offset, such as `2026-11-21T08:15:00Z`.
///
/// A leap second is second 59, and digits of the fraction after the ninth are dropped, as `jiff` does too. None is also
/// the answer for the last 26 hours of the year 9999, which [`Timestamp`] has no room for.
pub fn parse_date_time(text: &str) -> Option<Timestamp> {
    let (date, time) = read_date_time(text)?;
    let date_time = DateTime::from_parts(date, time.time);
    time.offset.to_timestamp(date_time).ok()
}

/// Reads a date, such as `2026-11-21`.
pub fn parse_date(text: &str) -> Option<Date> {
    let (date, rest) = read_date(text.as_bytes())?;
    rest.is_empty().then_some(date)
}

/// Reads a time with its offset, such as `08:15:00Z` or `08:15:00.5+01:00`.
pub fn parse_time(text: &str) -> Option<OffsetTime> {
    read_time(text.as_bytes())
}

/// Tells whether a text is a date and time with its offset.
pub fn is_date_time(text: &str) -> bool {
    read_date_time(text).is_some()
}

/// Tells whether a text is a date.
pub fn is_date(text: &str) -> bool {
    parse_date(text).is_some()
}

/// Tells whether a text is a time with its offset.
pub fn is_time(text: &str) -> bool {
    parse_time(text).is_some()
}

/// Writes a date and time in UTC, with as many digits of the fraction as it needs.
pub fn write_date_time(out: &mut Vec<u8>, timestamp: Timestamp) {
    let date_time = Offset::UTC.to_datetime(timestamp);
    let Ok(year) = u32::try_from(date_time.year()) else {
        // Years before 0 have no form in RFC 3339; this one is what `jiff` reads again.
        out.extend_from_slice(timestamp.to_string().as_bytes());
        return;
    };
    let two = |number: i8| u32::from(number.unsigned_abs());
    write_digits(out, year, 4);
    out.push(b'-');
    write_digits(out, two(date_time.month()), 2);
    out.push(b'-');
    write_digits(out, two(date_time.day()), 2);
    out.push(b'T');
    write_digits(out, two(date_time.hour()), 2);
    out.push(b':');
    write_digits(out, two(date_time.minute()), 2);
    out.push(b':');
    write_digits(out, two(date_time.second()), 2);
    let nanoseconds = date_time.subsec_nanosecond().unsigned_abs();
    if nanoseconds > 0 {
        out.push(b'.');
        write_digits(out, nanoseconds, 9);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
    out.push(b'Z');
}

/// Writes the last `count` digits of a number, at most 9.
fn write_digits(out: &mut Vec<u8>, mut number: u32, count: usize) {
    let mut digits = [b'0'; 9];
    for digit in digits.iter_mut().rev().take(count) {
        *digit += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
    out.extend(digits.iter().skip(9 - count));
}

fn read_date_time(text: &str) -> Option<(Date, OffsetTime)> {
    let (date, rest) = read_date(text.as_bytes())?;
    match rest {
        [b'T' | b't', rest @ ..] => Some((date, read_time(rest)?)),
        _ => None,
    }
}

fn read_date(text: &[u8]) -> Option<(Date, &[u8])> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, rest @ ..] = text else {
        return None;
    };
    let year = i16::from(two(*y1, *y2)?) * 100 + i16::from(two(*y3, *y4)?);
    let date = Date::new(year, two(*m1, *m2)?, two(*d1, *d2)?).ok()?;
    Some((date, rest))
}

fn read_time(text: &[u8]) -> Option<OffsetTime> {
    let [h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = text else {
        return None;
    };
    let (hour, minute, second) = (two(*h1, *h2)?, two(*m1, *m2)?, two(*s1, *s2)?);
    let (nanosecond, rest) = read_fraction(rest)?;
    let minutes = read_offset(rest)?;
    if second == 60 {
        // A leap second is the last one of a day in UTC: RFC 3339, section 5.7.
        let here = i32::from(hour) * 60 + i32::from(minute);
        if (here - minutes).rem_euclid(24 * 60) != 24 * 60 - 1 {
            return None;
        }
    }
    let second = if second == 60 { 59 } else { second };
    Some(OffsetTime {
        time: Time::new(hour, minute, second, nanosecond).ok()?,
        offset: Offset::from_seconds(minutes * 60).ok()?,
    })
}

/// Reads a fraction of a second where there is one, in nanoseconds.
fn read_fraction(text: &[u8]) -> Option<(i32, &[u8])> {
    let [b'.', rest @ ..] = text else {
        return Some((0, text));
    };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = rest.split_at_checked(length)?;
    let padded = digits.iter().chain([b'0'; 9].iter()).take(9);
    let nanoseconds = padded.fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
    (length > 0).then_some((nanoseconds, rest))
}

/// Reads an offset up to the end of the text, in minutes.
fn read_offset(text: &[u8]) -> Option<i32> {
    match text {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two(*h1, *h2)?, two(*m1, *m2)?);
            let total = i32::from(hours) * 60 + i32::from(minutes);
            let is_valid = hours < 24 && minutes < 60;
            is_valid.then_some(if *sign == b'-' { -total } else { total })
        }
        _ => None,
    }
}

/// The number that two digits make.
fn two(tens: u8, ones: u8) -> Option<i8> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| byte.wrapping_sub(b'0'));
    i8::try_from(digit(tens)? * 10 + digit(ones)?).ok()
}
