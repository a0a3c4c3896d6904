//! Objects and arrays, member by member.

use super::{Encode, Encoder};
use crate::value::Maybe;

/// An object that is being written.
#[derive(Debug)]
pub struct Object<'e> {
    encoder: &'e mut Encoder,
    before: u8,
}

/// An array that is being written.
#[derive(Debug)]
pub struct Array<'e> {
    encoder: &'e mut Encoder,
    before: u8,
}

impl<'e> Object<'e> {
    pub(super) fn new(encoder: &'e mut Encoder) -> Self {
        Self {
            encoder,
            before: b'{',
        }
    }

    /// Writes a member. `key` is its key as JSON text with the colon: `"name":`.
    #[inline]
    pub fn member(&mut self, key: &str, value: &(impl Encode + ?Sized)) {
        self.key(key);
        value.encode(self.encoder);
    }

    /// Writes a member where there is a value.
    #[inline]
    pub fn optional(&mut self, key: &str, value: Option<&impl Encode>) {
        if let Some(value) = value {
            self.member(key, value);
        }
    }

    /// Writes a member unless it is absent.
    #[inline]
    pub fn maybe(&mut self, key: &str, value: &Maybe<impl Encode>) {
        match value {
            Maybe::Absent => {}
            Maybe::Null => self.member(key, &()),
            Maybe::Value(value) => self.member(key, value),
        }
    }

    /// Writes members that no property names.
    pub fn members<'m, T: Encode + 'm>(
        &mut self,
        members: impl IntoIterator<Item = (&'m String, &'m T)>,
    ) {
        for (key, value) in members {
            self.encoder.out.push(self.before);
            self.before = b',';
            self.encoder.string(key);
            self.encoder.out.push(b':');
            value.encode(self.encoder);
        }
    }

    #[inline]
    fn key(&mut self, key: &str) {
        self.encoder.out.push(self.before);
        self.before = b',';
        self.encoder.raw(key);
    }

    /// Ends the object.
    #[inline]
    pub fn end(self) {
        self.encoder
            .raw(if self.before == b'{' { "{}" } else { "}" });
    }
}

impl<'e> Array<'e> {
    pub(super) fn new(encoder: &'e mut Encoder) -> Self {
        Self {
            encoder,
            before: b'[',
        }
    }

    /// Writes an item.
    #[inline]
    pub fn item(&mut self, value: &(impl Encode + ?Sized)) {
        self.encoder.out.push(self.before);
        self.before = b',';
        value.encode(self.encoder);
    }

    /// Ends the array.
    #[inline]
    pub fn end(self) {
        self.encoder
            .raw(if self.before == b'[' { "[]" } else { "]" });
    }
}
