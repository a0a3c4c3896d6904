//! What comes out: tables for the eye, and the same figures as JSON.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use serde_json::{Value, json};

use crate::Error;

/// The opponents that the ratios are taken against.
const BASELINES: [&str; 2] = ["axum-tuned", "axum-json"];

/// All tables of a run.
#[derive(Default)]
pub(crate) struct Report {
    /// In the order in which they were measured.
    pub(crate) tables: Vec<Table>,
}

/// One method and variant: a row for each server, a column for each scenario.
pub(crate) struct Table {
    /// The line above the table.
    pub(crate) title: String,
    /// What a figure counts.
    pub(crate) unit: &'static str,
    /// The variant of the servers.
    pub(crate) variant: &'static str,
    /// The names of the columns.
    pub(crate) scenarios: Vec<&'static str>,
    /// The servers.
    pub(crate) rows: Vec<Row>,
}

/// The figures of one server.
pub(crate) struct Row {
    /// The server's name.
    pub(crate) server: String,
    /// One figure for each column.
    pub(crate) figures: Vec<Figure>,
}

/// A figure and how far its rounds lie apart.
pub(crate) struct Figure {
    /// The middle of the rounds.
    pub(crate) median: f64,
    /// The lowest round.
    pub(crate) min: f64,
    /// The highest round.
    pub(crate) max: f64,
}

impl Figure {
    /// A figure that is the same in every round.
    pub(crate) fn steady(value: f64) -> Self {
        Self {
            median: value,
            min: value,
            max: value,
        }
    }

    /// The median of rounds, of which there is at least one.
    pub(crate) fn median(mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        let middle = rounds.len() / 2;
        let median = if rounds.len().is_multiple_of(2) {
            f64::midpoint(rounds[middle - 1], rounds[middle])
        } else {
            rounds[middle]
        };
        Self {
            median,
            min: rounds[0],
            max: rounds[rounds.len() - 1],
        }
    }

    fn is_steady(&self) -> bool {
        self.min == self.max
    }
}

impl Report {
    /// Writes all figures as JSON.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        let tables: Vec<Value> = self.tables.iter().map(Table::to_json).collect();
        Ok(std::fs::write(path, serde_json::to_vec_pretty(&tables)?)?)
    }
}

impl Table {
    fn row(&self, server: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.server == server)
    }

    fn to_json(&self) -> Value {
        let figures: Vec<Value> = self
            .rows
            .iter()
            .flat_map(|row| {
                row.figures
                    .iter()
                    .zip(&self.scenarios)
                    .map(|(figure, scenario)| {
                        json!({
                            "server": row.server,
                            "scenario": scenario,
                            "median": figure.median,
                            "min": figure.min,
                            "max": figure.max,
                        })
                    })
            })
            .collect();
        json!({ "unit": self.unit, "variant": self.variant, "figures": figures })
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}", self.title)?;
        self.heading(f)?;
        for row in &self.rows {
            self.line(f, &row.server, |index| grouped(row.figures[index].median))?;
            if row.figures.iter().any(|figure| !figure.is_steady()) {
                self.line(f, "  from .. to", |index| {
                    let Figure { min, max, .. } = row.figures[index];
                    format!("{}..{}", grouped(min), grouped(max))
                })?;
            }
        }
        for baseline in BASELINES.iter().filter_map(|name| self.row(name)) {
            writeln!(f, "relative to {}", baseline.server)?;
            for row in &self.rows {
                self.line(f, &row.server, |index| {
                    format!(
                        "{:.3}",
                        row.figures[index].median / baseline.figures[index].median
                    )
                })?;
            }
        }
        Ok(())
    }
}

impl Table {
    fn heading(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.line(f, "", |index| self.scenarios[index].to_owned())
    }

    fn line(
        &self,
        f: &mut Formatter<'_>,
        name: &str,
        cell: impl Fn(usize) -> String,
    ) -> fmt::Result {
        write!(f, "{name:<14}")?;
        for index in 0..self.scenarios.len() {
            write!(f, "{:>18}", cell(index))?;
        }
        writeln!(f)
    }
}

/// Rounds a figure and groups its digits by commas.
fn grouped(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
