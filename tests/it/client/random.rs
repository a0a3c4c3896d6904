//! Random values of the types that generated requests are made of.

use specwright::bytes::Bytes;
use specwright::indexmap::IndexMap;
use specwright::jiff::{Timestamp, civil::Date};
use specwright::uuid::Uuid;
use specwright::{BodyPart, Json, Maybe, Upload};

/// A small generator (xorshift), so that a seed gives the same values everywhere.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    /// One of several.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

pub(crate) trait Random {
    fn random(rng: &mut Rng) -> Self;
}

/// What a text may hold that means something somewhere.
const SIGNS: [char; 44] = [
    'a', 'b', 'Z', '0', '9', ' ', ',', ';', '=', '&', '|', '+', '%', '/', '\\', '.', '"', '\'',
    '{', '}', '[', ']', '(', ')', '#', '?', '~', '-', '_', ':', '@', '!', '$', '*', '<', '>', '^',
    '`', '\n', '\t', '\r', 'é', '☃', '😀',
];

const WORDS: [&str; 12] = [
    "abc", "word", "x y", "é", "red", "12", "true", "null", "a.b", "%41", "ab-cd", "sku",
];

impl Random for String {
    fn random(rng: &mut Rng) -> Self {
        if rng.below(5) > 0 {
            return rng.pick(&WORDS).to_owned();
        }
        (0..rng.below(4)).map(|_| rng.pick(&SIGNS)).collect()
    }
}

impl Random for i64 {
    fn random(rng: &mut Rng) -> Self {
        rng.pick(&[1, 2, 3, 5, 9, 0, -1, 90, Self::MAX, Self::MIN])
    }
}

impl Random for i32 {
    fn random(rng: &mut Rng) -> Self {
        rng.pick(&[0, 1, 2, 3, 7, 1000, -1, -1000, 1001, Self::MAX])
    }
}

impl Random for f64 {
    fn random(rng: &mut Rng) -> Self {
        rng.pick(&[0.0, 1.0, 1.5, 2.25, 1e-7, 1e300, 123_456_789.125, -2.5])
    }
}

impl Random for bool {
    fn random(rng: &mut Rng) -> Self {
        rng.below(2) == 0
    }
}

impl Random for Uuid {
    fn random(rng: &mut Rng) -> Self {
        Self::from_u128(u128::from(rng.0))
    }
}

impl Random for Date {
    fn random(rng: &mut Rng) -> Self {
        Self::constant(2000 + i16::try_from(rng.below(99)).unwrap(), 2, 28)
    }
}

impl Random for Timestamp {
    fn random(rng: &mut Rng) -> Self {
        let nanosecond = rng.pick(&[0, 1, 250_000_000]);
        let second = i64::try_from(rng.below(4_000_000_000)).unwrap();
        Self::new(second, nanosecond).unwrap()
    }
}

impl Random for Bytes {
    fn random(rng: &mut Rng) -> Self {
        let bytes = (0..rng.below(9)).map(|_| u8::try_from(rng.below(256)).unwrap());
        bytes.collect::<Vec<u8>>().into()
    }
}

impl Random for Json {
    fn random(rng: &mut Rng) -> Self {
        let texts = [
            "1",
            "-2.50",
            "\"a\"",
            "\"a,b\"",
            "true",
            "null",
            "[1,\"b\"]",
            "{\"k\":[]}",
        ];
        Self::parse(rng.pick(&texts)).unwrap()
    }
}

impl Random for Upload {
    fn random(rng: &mut Rng) -> Self {
        let types = ["image/png", "image/png", "image/jpeg", "text/plain"];
        let names = ["a.png", "b c.png", "é.png", "semi;colon=.png", "\"q\".png"];
        Self::new(rng.pick(&names), rng.pick(&types), Bytes::random(rng))
    }
}

impl<T: Random> Random for Option<T> {
    fn random(rng: &mut Rng) -> Self {
        (rng.below(3) > 0).then(|| T::random(rng))
    }
}

impl<T: Random> Random for Maybe<T> {
    fn random(rng: &mut Rng) -> Self {
        match rng.below(3) {
            0 => Self::Absent,
            1 => Self::Null,
            _ => Self::Value(T::random(rng)),
        }
    }
}

impl<T: Random, U: Random> Random for (T, U) {
    fn random(rng: &mut Rng) -> Self {
        (T::random(rng), U::random(rng))
    }
}

impl<T: Random> Random for Vec<T> {
    fn random(rng: &mut Rng) -> Self {
        (0..rng.below(4)).map(|_| T::random(rng)).collect()
    }
}

impl<T: Random> Random for IndexMap<String, T> {
    fn random(rng: &mut Rng) -> Self {
        let members = (0..rng.below(3)).map(|_| (String::random(rng), T::random(rng)));
        members.collect()
    }
}

impl<T: Random, H: Random> Random for BodyPart<T, H> {
    fn random(rng: &mut Rng) -> Self {
        Self::new(T::random(rng), H::random(rng))
    }
}

/// Random structs, unions, and enums of strings.
macro_rules! random {
    () => {};
    (struct $($path:ident)::+ { $($field:ident),* $(,)? } $($rest:tt)*) => {
        impl $crate::client::random::Random for $($path)::+ {
            fn random(rng: &mut $crate::client::random::Rng) -> Self {
                let _ = &rng;
                Self { $($field: $crate::client::random::Random::random(rng)),* }
            }
        }
        $crate::client::random::random!($($rest)*);
    };
    (enum $($path:ident)::+ { $($variant:ident),* $(,)? } $($rest:tt)*) => {
        impl $crate::client::random::Random for $($path)::+ {
            fn random(rng: &mut $crate::client::random::Rng) -> Self {
                let made: &[fn(&mut $crate::client::random::Rng) -> Self] = &[
                    $(|rng| Self::$variant($crate::client::random::Random::random(rng))),*
                ];
                made[rng.below(made.len())](rng)
            }
        }
        $crate::client::random::random!($($rest)*);
    };
    (strings $($path:ident)::+; $($rest:tt)*) => {
        impl $crate::client::random::Random for $($path)::+ {
            fn random(rng: &mut $crate::client::random::Rng) -> Self {
                Self::ALL[rng.below(Self::ALL.len())]
            }
        }
        $crate::client::random::random!($($rest)*);
    };
}

pub(crate) use random;
