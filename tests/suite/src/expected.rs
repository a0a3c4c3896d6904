//! The failures that are expected, each with its reason.

use std::collections::BTreeMap;

use crate::Error;

/// The list of failures that are expected.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// The reasons by file, group and test.
    reasons: BTreeMap<(String, String, String), String>,
}

impl Expected {
    /// Reads the list.
    pub(crate) fn read() -> Result<Self, Error> {
        let mut expected = Self::default();
        for (number, line) in include_str!("../expected.tsv").lines().enumerate().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [file, group, test, reason] = fields.as_slice() else {
                return Err(format!("expected.tsv, line {}: not four fields", number + 1).into());
            };
            if reason.is_empty() {
                return Err(format!("expected.tsv, line {}: no reason", number + 1).into());
            }
            let key = ((*file).to_owned(), (*group).to_owned(), (*test).to_owned());
            if expected.reasons.insert(key, (*reason).to_owned()).is_some() {
                return Err(format!("expected.tsv, line {}: listed twice", number + 1).into());
            }
        }
        Ok(expected)
    }

    /// Why this test fails, where that is expected.
    pub(crate) fn reason(&self, file: &str, group: &str, test: &str) -> Option<&str> {
        let key = (file.to_owned(), group.to_owned(), test.to_owned());
        self.reasons.get(&key).map(String::as_str)
    }

    /// Every test on the list: file, group, test.
    pub(crate) fn tests(&self) -> impl Iterator<Item = &(String, String, String)> {
        self.reasons.keys()
    }
}
