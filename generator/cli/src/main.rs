//! The generator at the command line.

mod check;
mod command_line;
mod explain;
mod generate;
mod reading;
mod terminal;

use std::{process::ExitCode, thread};

use command_line::Command;

/// The stack of the command, in bytes: that of the process is 1 MiB on Windows, which deeply nested documents exceed in
/// unoptimised code.
const STACK: usize = 16 * 1024 * 1024;

fn main() -> ExitCode {
    match thread::Builder::new()
        .stack_size(STACK)
        .spawn(run)
        .map(thread::JoinHandle::join)
    {
        Ok(Ok(code)) => code,
        // What panicked has said so.
        Ok(Err(_)) => ExitCode::from(101),
        Err(error) => {
            terminal::print_error(&format!("error: no thread can be started: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> ExitCode {
    let command = match command_line::parse() {
        Ok(command) => command,
        Err(error) => {
            terminal::print_error(&error.to_string());
            return ExitCode::from(2);
        }
    };
    let outcome = match command {
        Command::Check(command) => check::run(&command),
        Command::Generate(command) => generate::run(&command),
        Command::Explain(code) => explain::run(code.as_deref()),
        Command::Print(text) => terminal::print(text).map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|error| {
        terminal::print_error(&format!("error: {error}\n"));
        ExitCode::FAILURE
    })
}
