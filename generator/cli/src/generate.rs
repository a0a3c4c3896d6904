//! `specwright generate`: the code of a server, to read.

use std::{
    io::{self, stderr},
    path::PathBuf,
    process::ExitCode,
};

use specwright_build::diagnostic::render;

use crate::{
    reading::Reading,
    terminal::{self, Color},
};

/// What is generated, and where.
#[derive(Debug)]
pub(crate) struct Generate {
    pub(crate) spec: PathBuf,
    pub(crate) output: PathBuf,
    pub(crate) reading: Reading,
    /// Whether a client is generated too.
    pub(crate) client: bool,
    pub(crate) name: Option<String>,
    pub(crate) color: Color,
}

pub(crate) fn run(command: &Generate) -> io::Result<ExitCode> {
    let generator = command
        .reading
        .generator(&command.spec)
        .client(command.client);
    let generated = generator.check();
    terminal::print_error(&render(
        &generated.diagnostics,
        &generated.sources,
        command.color.style(&stderr()),
    ));
    let Some(api) = &generated.api else {
        return Ok(ExitCode::FAILURE);
    };
    let folder = match &command.name {
        Some(name) => command.output.join(name),
        None => command.output.clone(),
    };
    let written = generator
        .write_to(api, &folder)
        .map_err(|error| io::Error::other(format!("`{}`: {error}", folder.display())))?;
    terminal::print(&format!(
        "generated {} and {}: {} of {} files in `{}` changed\n",
        counted(api.operations.len(), "operation"),
        counted(api.types.len(), "type"),
        written.changed,
        written.files,
        folder.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
