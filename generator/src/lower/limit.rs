//! `x-timeout` and `x-max-body`: how long an operation may take, and how much it may be sent.

use super::{Lowering, operation::Found};
use crate::{
    diagnostic::Code,
    document::Literal,
    source::{Node, Value},
};

/// The units of a time, in milliseconds.
const TIMES: [(&str, f64); 4] = [("ms", 1.0), ("s", 1e3), ("m", 60e3), ("h", 3600e3)];

/// The units of a size, in bytes.
const SIZES: [(&str, f64); 7] = [
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("kB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("B", 1.0),
];

/// A year in milliseconds, and an exabyte: what is longer is no limit, but a slip.
const MOST: (f64, f64) = (365.0 * 24.0 * 3600e3, 1e18);

impl Lowering<'_> {
    /// How many milliseconds an operation may take, where it says so.
    pub(super) fn timeout_ms(&mut self, found: &Found) -> Option<u64> {
        let literal = extension(found, "x-timeout")?;
        let amount = amount(&literal.value, 1e3, &TIMES).filter(|it| (1.0..=MOST.0).contains(it));
        if amount.is_none() {
            self.diagnostics
                .error(
                    Code::InvalidExtension,
                    &literal.place,
                    "`x-timeout` must be a time above zero",
                )
                .help("write seconds as a number, or a text such as `500ms`, `30s`, `2m` or `1h`");
        }
        amount.map(|it| it as u64)
    }

    /// How many bytes the body of an operation may have, where it says so.
    pub(super) fn max_body(&mut self, found: &Found, has_body: bool) -> Option<u64> {
        let literal = extension(found, "x-max-body")?;
        let amount = amount(&literal.value, 1.0, &SIZES).filter(|it| (0.0..=MOST.1).contains(it));
        match amount {
            None => {
                self.diagnostics
                    .error(
                        Code::InvalidExtension,
                        &literal.place,
                        "`x-max-body` must be a size",
                    )
                    .help("write bytes as a number, or a text such as `64KiB`, `10MiB` or `1GB`");
            }
            Some(_) if !has_body => {
                self.diagnostics.error(
                    Code::InvalidExtension,
                    &literal.place,
                    "`x-max-body` is about a body, and the operation takes none",
                );
            }
            Some(_) => {}
        }
        amount.map(|it| it as u64)
    }
}

fn extension<'f>(found: &'f Found, name: &str) -> Option<&'f Literal> {
    let mut extensions = found.operation.extensions.iter();
    let found = extensions.find(|(key, _)| &**key == name);
    found.map(|(_, literal)| literal)
}

/// A number, or the text of a number and a unit, in the smallest of its units.
fn amount(node: &Node, plain: f64, units: &[(&str, f64)]) -> Option<f64> {
    let (number, unit) = match &node.value {
        Value::Number(number) => (&**number, plain),
        Value::String(text) => units
            .iter()
            .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?.trim_end(), *factor)))
            // `s` ends `ms` too, and `B` all others; a unit that is not known leaves what is no number.
            .filter(|(number, _)| number.starts_with(|first: char| first.is_ascii_digit()))?,
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    let amount = number * unit;
    amount.is_finite().then(|| amount.ceil())
}
