//! Scalars: strings, numbers, booleans, and strings with a type of their own.

use std::{
    borrow::Cow,
    net::{Ipv4Addr, Ipv6Addr},
};

use bytes::Bytes;

use super::{Decoder, Expected, Keyword};
use crate::{
    format::{self, OffsetTime},
    node::{Kind, Node},
    number::{self, Decimal},
    value::{DecimalString, Json, Password},
};

/// The integer types that a schema can ask for.
pub trait Integer: Copy + TryFrom<i128> + Into<i128> + std::str::FromStr {
    /// The format that says it, such as `int32`.
    const FORMAT: &'static str;
}

macro_rules! integers {
    ($($ty:ident $format:literal)+) => {
        $(
            impl Integer for $ty {
                const FORMAT: &'static str = $format;
            }
        )+
    };
}

integers! {
    i8 "int8"
    i16 "int16"
    i32 "int32"
    i64 "int64"
    u8 "uint8"
    u16 "uint16"
    u32 "uint32"
    u64 "uint64"
}

/// Whether the text is an integer as a parameter may be written: an optional minus and digits.
fn is_integer_text(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number of JSON that such a text spells, which has no needless zeros in front.
fn integer_number(text: &str) -> Cow<'_, str> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    match digits.trim_start_matches('0') {
        rest if rest.len() == digits.len() => Cow::Borrowed(text),
        "" => Cow::Owned(format!("{sign}0")),
        rest => Cow::Owned(format!("{sign}{rest}")),
    }
}

impl Decoder {
    /// The characters of a string, borrowed where they stand as they are.
    #[inline]
    pub fn text<'t>(&mut self, node: Node<'t>) -> Option<Cow<'t, str>> {
        let text = node.as_str();
        if text.is_none() {
            self.mistyped(node, "string", "must be a string");
        }
        text
    }

    /// A string.
    pub fn string(&mut self, node: Node<'_>) -> Option<String> {
        self.text(node).map(Cow::into_owned)
    }

    /// A string that is never shown.
    pub fn password(&mut self, node: Node<'_>) -> Option<Password> {
        self.string(node).map(Password::new)
    }

    /// `true` or `false`; in a parameter, those words.
    #[inline]
    pub fn boolean(&mut self, node: Node<'_>) -> Option<bool> {
        match node.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            Kind::Text => match node.as_str().as_deref() {
                Some("true") => Some(true),
                Some("false") => Some(false),
                _ => {
                    self.mistyped(node, "boolean", "must be true or false");
                    None
                }
            },
            _ => match self.lax_text(node) {
                Some("true") => self.spelled(node, Kind::True, "", Some(true)),
                Some("false") => self.spelled(node, Kind::False, "", Some(false)),
                _ => {
                    self.mistyped(node, "boolean", "must be a boolean");
                    None
                }
            },
        }
    }

    /// Null.
    pub fn null(&mut self, node: Node<'_>) -> Option<()> {
        if node.kind() == Kind::Null {
            return Some(());
        }
        self.mistyped(node, "null", "must be null");
        None
    }

    /// The number text of a number; in a parameter, text that is one.
    #[inline]
    pub fn number<'t>(&mut self, node: Node<'t>) -> Option<Cow<'t, str>> {
        if let Some(number) = node.number() {
            return Some(Cow::Borrowed(number));
        }
        if node.kind() == Kind::Text {
            let text = node.as_str().filter(|text| Decimal::parse(text).is_some());
            if text.is_some() {
                return text;
            }
        }
        if let Some(text) = self
            .lax_text(node)
            .filter(|text| Decimal::parse(text).is_some())
        {
            return self.spelled(node, Kind::Number, text, Some(Cow::Borrowed(text)));
        }
        self.mistyped(node, "number", "must be a number");
        None
    }

    /// A JSON string that may stand for the number or boolean that it spells, where the app reads laxly.
    ///
    /// While a union asks whether a value is one of its branches, a string is a string, so that the answer stays the same.
    #[cold]
    fn lax_text<'t>(&self, node: Node<'t>) -> Option<&'t str> {
        if self.spelled.is_none() || self.is_probing() || node.kind() != Kind::String {
            return None;
        }
        match node.as_str()? {
            Cow::Borrowed(text) => Some(text),
            // What spells a number needs no escapes.
            Cow::Owned(_) => None,
        }
    }

    /// An integer. In JSON `1.0` and `1e2` are integers too (JSON Schema 2020-12 Core, section 4.2.3); a parameter is
    /// written as an optional minus and digits.
    #[inline]
    pub fn integer<T: Integer>(&mut self, node: Node<'_>) -> Option<T> {
        match node.kind() {
            Kind::Number => {
                let text = node.number()?;
                // What `FromStr` takes beyond JSON numbers, a leading plus, no number node holds.
                match text.parse() {
                    Ok(value) => Some(value),
                    Err(_) => self.integer_slowly(node, text),
                }
            }
            Kind::Text => {
                let text = node.as_str()?;
                if !is_integer_text(&text) {
                    self.mistyped(node, "integer", "must be an integer");
                    return None;
                }
                match text.parse() {
                    Ok(value) => Some(value),
                    Err(_) => self.integer_slowly(node, text.trim_start_matches('0')),
                }
            }
            _ => match self.lax_text(node).filter(|text| is_integer_text(text)) {
                Some(text) => {
                    let number = integer_number(text);
                    let value = number
                        .parse()
                        .ok()
                        .or_else(|| self.integer_slowly(node, &number));
                    self.spelled(node, Kind::Number, &number, value)
                }
                None => {
                    self.mistyped(node, "integer", "must be an integer");
                    None
                }
            },
        }
    }

    #[cold]
    fn integer_slowly<T: Integer>(&mut self, node: Node<'_>, text: &str) -> Option<T> {
        if !number::is_integer(text) {
            self.mistyped(node, "integer", "must be an integer");
            return None;
        }
        let value = number::to_i128(text).and_then(|value| T::try_from(value).ok());
        if value.is_none() {
            self.unsupported_range(node, T::FORMAT);
        }
        value
    }

    #[cold]
    pub(super) fn unsupported_range(&mut self, node: Node<'_>, format: &'static str) -> bool {
        self.broken(
            node,
            Keyword::UnsupportedRange,
            Expected::Format(format),
            format_args!("must be in the range of {format}"),
        )
    }

    /// A number as `f64`, rounded to the nearest.
    #[inline]
    pub fn f64(&mut self, node: Node<'_>) -> Option<f64> {
        let text = self.number(node)?;
        let value = number::to_f64(&text);
        if value.is_none() {
            self.unsupported_range(node, "double");
        }
        value
    }

    /// A number as `f32`, rounded to the nearest.
    pub fn f32(&mut self, node: Node<'_>) -> Option<f32> {
        let text = self.number(node)?;
        let value = text.parse().ok().filter(|value: &f32| value.is_finite());
        if value.is_none() {
            self.unsupported_range(node, "float");
        }
        value
    }

    /// A number with all of its decimals, up to the 28 that the type holds.
    pub fn decimal(&mut self, node: Node<'_>) -> Option<rust_decimal::Decimal> {
        let text = self.number(node)?;
        self.exact_decimal(node, &text)
    }

    /// A decimal number written as a string.
    pub fn decimal_string(&mut self, node: Node<'_>) -> Option<DecimalString> {
        let text = self.text(node)?;
        if Decimal::parse(&text).is_none() {
            self.malformed(node, "decimal");
            return None;
        }
        self.exact_decimal(node, &text).map(DecimalString)
    }

    fn exact_decimal(&mut self, node: Node<'_>, text: &str) -> Option<rust_decimal::Decimal> {
        let value = if text.contains(['e', 'E']) {
            rust_decimal::Decimal::from_scientific(text).ok()
        } else {
            rust_decimal::Decimal::from_str_exact(text).ok()
        };
        if value.is_none() {
            self.unsupported_range(node, "decimal");
        }
        value
    }

    /// Any value.
    pub fn json(&mut self, node: Node<'_>) -> Option<Json> {
        Some(Json::from_node(node))
    }

    #[inline]
    fn formatted<T>(
        &mut self,
        node: Node<'_>,
        parse: impl FnOnce(&str) -> Option<T>,
        name: &'static str,
    ) -> Option<T> {
        let text = self.text(node)?;
        let value = parse(&text);
        if value.is_none() {
            self.malformed(node, name);
        }
        value
    }

    /// A UUID (RFC 9562) in its hyphenated form.
    #[inline]
    pub fn uuid(&mut self, node: Node<'_>) -> Option<uuid::Uuid> {
        self.formatted(node, format::parse_uuid, "uuid")
    }

    /// A date and time with its offset (RFC 3339, section 5.6, `date-time`).
    #[inline]
    pub fn date_time(&mut self, node: Node<'_>) -> Option<jiff::Timestamp> {
        let text = self.text(node)?;
        let value = format::parse_date_time(&text).or_else(|| self.lax_date_time(node, &text));
        if value.is_none() {
            self.malformed(node, "date-time");
        }
        value
    }

    /// A time without an offset, which is one of UTC where the app reads laxly.
    #[cold]
    fn lax_date_time(&mut self, node: Node<'_>, text: &str) -> Option<jiff::Timestamp> {
        if !self.reporter.manner.is_lax || self.is_probing() {
            return None;
        }
        let is_read = node.kind() == Kind::Text || self.spelled.is_some();
        let text = format!("{text}Z");
        let value = format::parse_date_time(&text).filter(|_| is_read)?;
        self.spelled(node, Kind::String, &text, Some(value))
    }

    /// A date (RFC 3339, section 5.6, `full-date`).
    pub fn date(&mut self, node: Node<'_>) -> Option<jiff::civil::Date> {
        self.formatted(node, format::parse_date, "date")
    }

    /// A time of day with its offset (RFC 3339, section 5.6, `full-time`).
    pub fn time(&mut self, node: Node<'_>) -> Option<OffsetTime> {
        self.formatted(node, format::parse_time, "time")
    }

    /// A duration (RFC 3339, appendix A).
    pub fn duration(&mut self, node: Node<'_>) -> Option<jiff::SpanFieldwise> {
        self.formatted(
            node,
            |text| format::parse_duration(text).map(jiff::SpanFieldwise),
            "duration",
        )
    }

    /// An absolute URI (RFC 3986).
    pub fn uri(&mut self, node: Node<'_>) -> Option<url::Url> {
        self.formatted(
            node,
            |text| {
                format::is_uri(text)
                    .then(|| url::Url::parse(text).ok())
                    .flatten()
            },
            "uri",
        )
    }

    /// An IPv4 address in dotted decimal (RFC 2673, section 3.2).
    pub fn ipv4(&mut self, node: Node<'_>) -> Option<Ipv4Addr> {
        self.formatted(node, format::parse_ipv4, "ipv4")
    }

    /// An IPv6 address (RFC 4291, section 2.2).
    pub fn ipv6(&mut self, node: Node<'_>) -> Option<Ipv6Addr> {
        self.formatted(node, format::parse_ipv6, "ipv6")
    }

    /// Bytes written in base64 (RFC 4648, section 4).
    pub fn base64(&mut self, node: Node<'_>) -> Option<Bytes> {
        self.formatted(
            node,
            |text| format::decode_base64(text).map(Bytes::from),
            "byte",
        )
    }
}
