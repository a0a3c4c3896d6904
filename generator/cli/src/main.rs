//! The generator at the command line.

use std::{env, path::Path, process::ExitCode};

use specwright_build::{
    Generator,
    diagnostic::{Style, render},
};

#[expect(clippy::print_stderr, clippy::print_stdout, reason = "it is a command")]
fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (spec, folder) = match words.as_slice() {
        ["check", spec] => (*spec, None),
        ["generate", spec, "-o", folder] => (*spec, Some(*folder)),
        _ => {
            eprintln!("usage: specwright check SPEC | specwright generate SPEC -o DIR");
            return ExitCode::from(2);
        }
    };
    let generator = Generator::new(spec);
    let generated = generator.check();
    print!(
        "{}",
        render(&generated.diagnostics, &generated.sources, Style::Plain)
    );
    let Some(api) = &generated.api else {
        return ExitCode::FAILURE;
    };
    if let Some(folder) = folder
        && let Err(error) = generator.write_to(api, Path::new(folder))
    {
        eprintln!("error: {folder}: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
