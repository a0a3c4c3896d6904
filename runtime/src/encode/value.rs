//! How the types that schemas become are written.

use std::{
    borrow::Cow,
    io::Write as _,
    net::{Ipv4Addr, Ipv6Addr},
};

use bytes::Bytes;
use indexmap::IndexMap;

use super::{Encode, Encoder};
use crate::{
    format,
    value::{
        BodyPart, DecimalString, Json, JsonText, Maybe, OffsetTime, PART_HEADERS_KEY,
        PART_VALUE_KEY, Password, Upload,
    },
};

impl Encode for bool {
    fn encode(&self, out: &mut Encoder) {
        out.raw(if *self { "true" } else { "false" });
    }
}

/// Null.
impl Encode for () {
    fn encode(&self, out: &mut Encoder) {
        out.raw("null");
    }
}

macro_rules! integers {
    ($($ty:ident)+) => {
        $(
            impl Encode for $ty {
                #[inline]
                fn encode(&self, out: &mut Encoder) {
                    out.raw(itoa::Buffer::new().format(*self));
                }
            }
        )+
    };
}

integers!(i8 i16 i32 i64 u8 u16 u32 u64);

macro_rules! floats {
    ($($ty:ident)+) => {
        $(
            /// The shortest text that reads back as the same number.
            impl Encode for $ty {
                fn encode(&self, out: &mut Encoder) {
                    if self.is_finite() {
                        out.raw(zmij::Buffer::new().format_finite(*self));
                    } else {
                        out.fault("a number that is not finite");
                    }
                }
            }
        )+
    };
}

floats!(f32 f64);

/// A number with all of its decimals.
impl Encode for rust_decimal::Decimal {
    fn encode(&self, out: &mut Encoder) {
        let _ = write!(out.bytes(), "{self}");
    }
}

impl Encode for DecimalString {
    fn encode(&self, out: &mut Encoder) {
        let _ = write!(out.bytes(), "\"{self}\"");
    }
}

impl Encode for str {
    #[inline]
    fn encode(&self, out: &mut Encoder) {
        out.string(self);
    }
}

impl Encode for String {
    #[inline]
    fn encode(&self, out: &mut Encoder) {
        out.string(self);
    }
}

impl Encode for Cow<'_, str> {
    #[inline]
    fn encode(&self, out: &mut Encoder) {
        out.string(self);
    }
}

impl Encode for Password {
    fn encode(&self, out: &mut Encoder) {
        out.string(self.expose());
    }
}

impl Encode for uuid::Uuid {
    fn encode(&self, out: &mut Encoder) {
        let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
        out.raw("\"");
        out.raw(self.hyphenated().encode_lower(&mut buffer));
        out.raw("\"");
    }
}

impl Encode for jiff::Timestamp {
    fn encode(&self, out: &mut Encoder) {
        out.raw("\"");
        format::write_date_time(out.bytes(), *self);
        out.raw("\"");
    }
}

macro_rules! displayed {
    ($($ty:ty)+) => {
        $(
            impl Encode for $ty {
                fn encode(&self, out: &mut Encoder) {
                    // None of these has a character that JSON escapes.
                    let _ = write!(out.bytes(), "\"{self}\"");
                }
            }
        )+
    };
}

displayed!(jiff::civil::Date OffsetTime url::Url Ipv4Addr Ipv6Addr);

/// A duration (ISO 8601).
impl Encode for jiff::SpanFieldwise {
    fn encode(&self, out: &mut Encoder) {
        let _ = write!(out.bytes(), "\"{}\"", self.0);
    }
}

/// The JSON text of the value, as a string.
impl<T: Encode> Encode for JsonText<T> {
    fn encode(&self, out: &mut Encoder) {
        match super::to_vec(&self.0) {
            // What was encoded is UTF-8.
            Ok(text) => out.string(&String::from_utf8_lossy(&text)),
            Err(_) => out.fault("a value within a string"),
        }
    }
}

/// Base64 (RFC 4648, section 4).
impl Encode for Bytes {
    fn encode(&self, out: &mut Encoder) {
        out.raw("\"");
        out.raw(&format::encode_base64(self));
        out.raw("\"");
    }
}

impl Encode for serde_json::Value {
    fn encode(&self, out: &mut Encoder) {
        if serde_json::to_writer(out.bytes(), self).is_err() {
            out.fault("a value of serde");
        }
    }
}

impl Encode for Json {
    fn encode(&self, out: &mut Encoder) {
        out.raw(self.as_str());
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Encoder) {
        let mut array = out.array();
        for item in self {
            array.item(item);
        }
        array.end();
    }
}

/// A tuple is an array of its parts.
macro_rules! encode_tuple {
    ($($name:ident)+) => {
        impl<$($name: Encode),+> Encode for ($($name,)+) {
            fn encode(&self, out: &mut Encoder) {
                #[expect(non_snake_case, reason = "each part is named by its type")]
                let ($($name,)+) = self;
                let mut array = out.array();
                $(array.item($name);)+
                array.end();
            }
        }
    };
}

encode_tuple!(A);
encode_tuple!(A B);
encode_tuple!(A B C);
encode_tuple!(A B C D);
encode_tuple!(A B C D E);
encode_tuple!(A B C D E F);
encode_tuple!(A B C D E F G);
encode_tuple!(A B C D E F G H);
encode_tuple!(A B C D E F G H I);
encode_tuple!(A B C D E F G H I J);
encode_tuple!(A B C D E F G H I J K);
encode_tuple!(A B C D E F G H I J K L);

impl<T: Encode> Encode for IndexMap<String, T> {
    fn encode(&self, out: &mut Encoder) {
        let mut object = out.object();
        object.members(self);
        object.end();
    }
}

/// `None` is null.
impl<T: Encode> Encode for Option<T> {
    fn encode(&self, out: &mut Encoder) {
        match self {
            Some(value) => value.encode(out),
            None => out.raw("null"),
        }
    }
}

/// Where a member is absent, nobody writes it; written as an item, it is null.
impl<T: Encode> Encode for Maybe<T> {
    fn encode(&self, out: &mut Encoder) {
        match self {
            Self::Value(value) => value.encode(out),
            Self::Absent | Self::Null => out.raw("null"),
        }
    }
}

impl<T: Encode> Encode for Box<T> {
    #[inline]
    fn encode(&self, out: &mut Encoder) {
        (**self).encode(out);
    }
}

/// A file stands by its number.
impl Encode for Upload {
    fn encode(&self, out: &mut Encoder) {
        out.upload(self);
    }
}

/// An object of what the part holds and its headers.
impl<T: Encode, H: Encode> Encode for BodyPart<T, H> {
    fn encode(&self, out: &mut Encoder) {
        let mut object = out.object();
        object.member(PART_VALUE_KEY, &self.value);
        object.member(PART_HEADERS_KEY, &self.headers);
        object.end();
    }
}
