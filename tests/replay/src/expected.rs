//! The deviations that are expected, each with its reason.

use std::collections::BTreeMap;

use crate::Error;

/// The list of deviations.
pub(crate) struct Expected(BTreeMap<(String, String), String>);

impl Expected {
    /// Reads the list.
    pub(crate) fn read() -> Result<Self, Error> {
        let mut reasons = BTreeMap::new();
        for (number, line) in include_str!("../expected.tsv").lines().enumerate().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [application, title, reason] = fields.as_slice() else {
                return Err(format!("expected.tsv, line {}: not three fields", number + 1).into());
            };
            if reason.is_empty() {
                return Err(format!("expected.tsv, line {}: no reason", number + 1).into());
            }
            let key = ((*application).to_owned(), (*title).to_owned());
            if reasons.insert(key, (*reason).to_owned()).is_some() {
                return Err(format!("expected.tsv, line {}: listed twice", number + 1).into());
            }
        }
        Ok(Self(reasons))
    }

    /// Why this exchange deviates, where that is expected.
    pub(crate) fn take(&mut self, application: &str, title: &str) -> Option<String> {
        self.0.remove(&(application.to_owned(), title.to_owned()))
    }

    /// What was listed and never asked for.
    pub(crate) fn rest(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.keys()
    }
}
