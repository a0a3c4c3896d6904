//! The members of one object while its decoder walks over them.

use indexmap::IndexMap;

use super::Decoder;
use crate::node::Node;

/// What was found of an object's members: how many of those that have to be there, and whether all are valid.
///
/// Keys are distinct in a [`Tree`](crate::node::Tree), so counting is enough.
#[derive(Debug)]
pub struct Found {
    present: usize,
    is_valid: bool,
}

impl Found {
    /// Nothing was found yet, and nothing is wrong.
    #[expect(
        clippy::new_without_default,
        reason = "only generated code makes one, and says what it does"
    )]
    #[inline]
    pub fn new() -> Self {
        Self {
            present: 0,
            is_valid: true,
        }
    }

    /// Takes a member that has to be there; `None` is one that is not valid.
    #[inline(always)]
    pub fn required<T>(&mut self, decoded: Option<T>) -> Option<T> {
        self.present += 1;
        self.optional(decoded)
    }

    /// Takes a member that may be absent; `None` is one that is not valid.
    #[inline(always)]
    pub fn optional<T>(&mut self, decoded: Option<T>) -> Option<T> {
        self.is_valid &= decoded.is_some();
        decoded
    }

    /// Takes a member that no property names.
    #[inline]
    pub fn keep<T>(&mut self, members: &mut IndexMap<String, T>, key: &str, decoded: Option<T>) {
        match decoded {
            Some(value) => {
                members.insert(key.to_owned(), value);
            }
            None => self.is_valid = false,
        }
    }

    /// Takes the answer of a check.
    #[inline(always)]
    pub fn check(&mut self, is_valid: bool) {
        self.is_valid &= is_valid;
    }

    /// Tells whether all of the members that have to be there were found; records those that are missing.
    #[inline(always)]
    pub fn all(&mut self, cx: &mut Decoder, node: Node<'_>, names: &[&str]) {
        if self.present != names.len() {
            self.is_valid = cx.missing(node, names);
        }
    }

    /// Ends the decoder where a member is missing, or something is not valid.
    #[inline(always)]
    pub fn complete(mut self, cx: &mut Decoder, node: Node<'_>, names: &[&str]) -> Option<()> {
        self.all(cx, node, names);
        self.valid()
    }

    /// Ends the decoder where something is not valid.
    #[inline(always)]
    pub fn valid(&self) -> Option<()> {
        self.is_valid.then_some(())
    }
}

/// A variable for each of several members of an object, none of which was found yet.
#[doc(hidden)]
#[macro_export]
macro_rules! members {
    ($($member:ident),*) => {
        $(let mut $member = ::std::option::Option::None;)*
    };
}
