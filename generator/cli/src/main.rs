//! The generator at the command line.

mod check;
mod command_line;
mod explain;
mod generate;
mod terminal;

use std::process::ExitCode;

use command_line::Command;

fn main() -> ExitCode {
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
