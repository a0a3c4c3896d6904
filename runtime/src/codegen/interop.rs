//! Models beside other code: serde, checking of values built by hand, and the conversions of enums and newtypes.

use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de, ser};

use crate::{
    decode::{Decode, Decoder, Violations},
    encode::{Encode, to_vec},
    node::Tree,
};

/// Serializes a value by way of its JSON text.
///
/// # Errors
///
/// The value holds what JSON cannot say, or the serializer fails.
pub fn serialize<S: Serializer>(value: &impl Encode, serializer: S) -> Result<S::Ok, S::Error> {
    let text = to_vec(value).map_err(ser::Error::custom)?;
    let tree = Tree::parse(&text).map_err(ser::Error::custom)?;
    tree.root().serialize(serializer)
}

/// Deserializes a value by the checks of its schema.
///
/// # Errors
///
/// The deserializer fails, or the value breaks the schema; the message names every violation.
pub fn deserialize<'de, T: Decode, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let tree = Tree::deserialize(deserializer)?;
    let mut cx = Decoder::new();
    match T::decode(tree.root(), &mut cx) {
        Some(value) if cx.is_valid() => Ok(value),
        _ => Err(de::Error::custom(cx.into_violations())),
    }
}

/// Checks a value that was built by hand: as its text would be checked if a client sent it.
///
/// # Errors
///
/// Everything that the schema does not allow.
pub fn validate<T: Decode + Encode>(value: &T) -> Result<(), Violations> {
    let mut cx = Decoder::new();
    let valid = match to_vec(value) {
        Ok(text) => match Tree::parse(&text) {
            Ok(tree) => T::decode(tree.root(), &mut cx).is_some(),
            Err(_) => false,
        },
        Err(_) => false,
    };
    let violations = cx.into_violations();
    if valid && violations.is_empty() {
        return Ok(());
    }
    Err(violations)
}

/// `Serialize`, `Deserialize` and `Validate` for models.
#[doc(hidden)]
#[macro_export]
macro_rules! interop {
    ($($name:ident),* $(,)?) => {
        $(
            impl $crate::serde::Serialize for $name {
                fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    $crate::codegen::serialize(self, serializer)
                }
            }

            impl<'de> $crate::serde::Deserialize<'de> for $name {
                fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    $crate::codegen::deserialize(deserializer)
                }
            }

            impl $crate::Validate for $name {
                fn validate(&self) -> Result<(), $crate::Violations> {
                    $crate::codegen::validate(self)
                }
            }
        )*
    };
}

/// What an enum of strings can do, given its variants with their values.
#[doc(hidden)]
#[macro_export]
macro_rules! string_enum {
    ($($table:tt)*) => {
        $crate::string_values!(not_in_enum, $($table)*);
    };
}

/// What the enum of a `const` can do: as that of an `enum`, but a violation names the keyword `const`.
#[doc(hidden)]
#[macro_export]
macro_rules! string_const {
    ($($table:tt)*) => {
        $crate::string_values!(not_constant, $($table)*);
    };
}

/// What an enum of strings without a name of its own can do, in a document that FastAPI made.
#[doc(hidden)]
#[macro_export]
macro_rules! string_literals {
    ($($table:tt)*) => {
        $crate::string_values!(not_in_literals, $($table)*);
    };
}

/// The impls of enums of strings; `$refuse` is the decoder's method for a string that is none of the values, `$check` what
/// else is asked of it.
#[doc(hidden)]
#[macro_export]
macro_rules! string_values {
    ($refuse:ident, $name:ident { $($variant:ident = $value:literal),* $(,)? } $(, $check:expr)?) => {
        impl $name {
            /// Every value, in the order of the document.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The value as the document spells it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $value,)*
                }
            }

            fn from_text(text: &str) -> Option<Self> {
                match text {
                    $($value => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl $crate::codegen::Decode for $name {
            fn decode(
                node: $crate::codegen::Node<'_>,
                cx: &mut $crate::codegen::Decoder,
            ) -> Option<Self> {
                match Self::from_text(&cx.text(node)?) {
                    Some(value) => {
                        $(
                            let check: fn($crate::codegen::Node<'_>, &mut $crate::codegen::Decoder) -> bool = $check;
                            if !check(node, cx) {
                                return None;
                            }
                        )?
                        Some(value)
                    }
                    None => cx.$refuse(node, &[$($value),*]),
                }
            }
        }

        impl $crate::codegen::Encode for $name {
            fn encode(&self, out: &mut $crate::codegen::Encoder) {
                out.string(self.as_str());
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::UnknownValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::from_text(text).ok_or_else($crate::UnknownValue::new)
            }
        }
    };
}

/// What every newtype can do: it is made of a value that its schema accepts, and gives it back.
#[doc(hidden)]
#[macro_export]
macro_rules! newtype {
    ($name:ident, $inner:ty) => {
        impl ::std::convert::TryFrom<$inner> for $name {
            type Error = $crate::Violations;

            fn try_from(value: $inner) -> Result<Self, Self::Error> {
                let value = Self(value);
                $crate::codegen::validate(&value)?;
                Ok(value)
            }
        }

        impl ::std::ops::Deref for $name {
            type Target = $inner;

            fn deref(&self) -> &$inner {
                &self.0
            }
        }

        impl ::std::convert::From<$name> for $inner {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}
