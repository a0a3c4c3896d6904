//! Uploads: files that stand in a tree by their number.

use super::{Decoder, Expected, Keyword};
use crate::{node::Node, value::Upload};

impl Decoder {
    /// A file that the body of the request brought.
    pub fn upload(&mut self, node: Node<'_>) -> Option<Upload> {
        let number = node.as_str().and_then(|number| number.parse().ok());
        let upload = number.and_then(|number: usize| self.uploads()?.get(number).cloned());
        if upload.is_none() {
            self.violation(node, Keyword::Type, "must be a file");
        }
        upload
    }

    /// Whether a file has at least so many bytes.
    pub fn min_size(&mut self, node: Node<'_>, upload: &Upload, least: u64) -> bool {
        upload.size >= least
            || self.broken(
                node,
                Keyword::MinLength,
                Expected::Count {
                    limit: least,
                    found: None,
                },
                format_args!("must be a file of at least {least} bytes"),
            )
    }

    /// Whether a file has at most so many bytes.
    pub fn max_size(&mut self, node: Node<'_>, upload: &Upload, most: u64) -> bool {
        upload.size <= most
            || self.broken(
                node,
                Keyword::MaxLength,
                Expected::Count {
                    limit: most,
                    found: None,
                },
                format_args!("must be a file of at most {most} bytes"),
            )
    }
}
