//! Parts of multipart bodies: files, which stand in a tree by their number, and parts with headers, which are an object of
//! both.

use super::{Decoder, Expected, Keyword};
use crate::{
    node::Node,
    value::{BodyPart, PART_HEADERS, PART_VALUE, Upload},
};

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

    /// A part of a body with headers of its own.
    ///
    /// What is wrong with the value is told at the part itself, and what is wrong with its headers at `headers` below it.
    pub fn part<T, H>(
        &mut self,
        node: Node<'_>,
        value: impl FnOnce(Node<'_>, &mut Self) -> Option<T>,
        headers: impl FnOnce(Node<'_>, &mut Self) -> Option<H>,
    ) -> Option<BodyPart<T, H>> {
        let (Some(of_value), Some(of_headers)) = (node.get(PART_VALUE), node.get(PART_HEADERS))
        else {
            self.violation(node, Keyword::Type, "must be a part of a body");
            return None;
        };
        let before = self.violation_count();
        let value = value(of_value, self);
        if self.violation_count() > before {
            self.lift_violations(before, &of_value.pointer());
        }
        let headers = headers(of_headers, self);
        Some(BodyPart::new(value?, headers?))
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
