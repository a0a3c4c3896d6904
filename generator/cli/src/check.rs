//! `specwright check`: what is wrong with documents.

use std::{
    io::{self, stdout},
    path::PathBuf,
    process::ExitCode,
};

use specwright_build::diagnostic::{render, summary, to_json};

use crate::{
    reading::Reading,
    terminal::{self, Color},
};

/// What is checked, and how the answer looks.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) specs: Vec<PathBuf>,
    pub(crate) reading: Reading,
    pub(crate) format: Format,
    pub(crate) color: Color,
}

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object a line.
    Json,
}

pub(crate) fn run(command: &Check) -> io::Result<ExitCode> {
    let style = command.color.style(&stdout());
    let mut has_errors = false;
    for spec in &command.specs {
        let generator = command.reading.generator(spec);
        let checked = generator.check();
        let (diagnostics, sources) = (&checked.diagnostics, &checked.sources);
        has_errors |= diagnostics.has_errors();
        let text = match command.format {
            Format::Json => to_json(diagnostics, sources),
            Format::Text if diagnostics.is_empty() => {
                format!("{}: {}\n", spec.display(), summary(diagnostics))
            }
            Format::Text => render(diagnostics, sources, style),
        };
        terminal::print(&text)?;
    }
    Ok(if has_errors {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
