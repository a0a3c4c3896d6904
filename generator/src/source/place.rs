//! Places: a stretch of a file, and the pointer by which a value was reached.

use std::{fmt, rc::Rc};

/// A file that was read; [`Sources`](super::Sources) knows its name and text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A stretch of a file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

/// A JSON Pointer (RFC 6901), shared with the pointers that extend it.
#[derive(Clone, Default)]
pub struct Pointer(Option<Rc<Link>>);

struct Link {
    parent: Pointer,
    token: Rc<str>,
}

/// Where a value is: the pointer by which it was reached, and the span that a diagnostic marks, which is the
/// pointer's last key, or the item itself in a list.
#[derive(Clone, Debug)]
pub struct Place {
    /// What a diagnostic marks.
    pub span: Span,
    /// The way to the value from the root of its file.
    pub pointer: Pointer,
}

impl Pointer {
    /// The pointer to the whole file.
    pub fn root() -> Self {
        Self(None)
    }

    /// This pointer, one token further.
    #[must_use]
    pub fn join(&self, token: &str) -> Self {
        Self(Some(Rc::new(Link {
            parent: self.clone(),
            token: token.into(),
        })))
    }

    /// The pointer to the value that holds this one; the root has none.
    pub fn parent(&self) -> Option<Self> {
        self.0.as_ref().map(|link| link.parent.clone())
    }

    /// The last token, unescaped; the root has none.
    pub fn last(&self) -> Option<&str> {
        self.0.as_ref().map(|link| &*link.token)
    }

    /// The tokens from the root, unescaped.
    pub fn tokens(&self) -> Vec<&str> {
        let mut tokens = Vec::new();
        let mut rest = self;
        while let Some(link) = &rest.0 {
            tokens.push(&*link.token);
            rest = &link.parent;
        }
        tokens.reverse();
        tokens
    }
}

/// Writes the pointer as RFC 6901 says, `~` and `/` escaped, without a leading `#`.
impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for token in self.tokens() {
            f.write_str("/")?;
            if token.contains(['~', '/']) {
                f.write_str(&token.replace('~', "~0").replace('/', "~1"))?;
            } else {
                f.write_str(token)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", format!("#{self}"))
    }
}

impl PartialEq for Pointer {
    fn eq(&self, other: &Self) -> bool {
        self.tokens() == other.tokens()
    }
}

impl Eq for Pointer {}

impl Place {
    /// The place of the whole file, marked at its first byte.
    pub fn root(file: FileId) -> Self {
        let span = Span {
            file,
            start: 0,
            end: 0,
        };
        Self {
            span,
            pointer: Pointer::root(),
        }
    }

    /// The place of a member or item: one token further, marked at `span`.
    #[must_use]
    pub fn join(&self, token: &str, span: Span) -> Self {
        Self {
            span,
            pointer: self.pointer.join(token),
        }
    }
}
