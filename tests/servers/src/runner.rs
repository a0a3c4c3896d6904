//! What every runner does around its work.

#![expect(clippy::print_stdout, reason = "a runner's words are its product")]

use std::{path::Path, process::ExitCode};

/// What goes wrong in a run: it ends the run and is printed, so its text is all that matters.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Runs, and tells what went wrong under the runner's name; what is not good fails too.
pub fn run(name: &str, work: impl FnOnce() -> Result<bool, Error>) -> ExitCode {
    match work() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether a run is left out, which is said, since there is no such folder of test data.
pub fn is_skipped(folder: &Path) -> bool {
    let is_missing = !folder.is_dir();
    if is_missing {
        println!(
            "skipped: there is no folder {} (set SPECWRIGHT_CORPUS or name one)",
            folder.display()
        );
    }
    is_missing
}
