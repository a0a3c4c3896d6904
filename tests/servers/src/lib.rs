//! Generated servers on disk and in crates of their own, for the runners that compile what they generate.

mod compile;
mod documents;
mod isolate;
mod message;
mod runner;
mod server;
mod stub;

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

pub use compile::{Checked, Crate, Workspace, shards};
pub use documents::documents;
pub use isolate::isolated;
pub use message::Finding;
pub use runner::{Error, is_skipped, run};
pub use server::Server;

/// The root of the project's workspace.
pub fn project() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package).to_path_buf()
}

/// The folder of test data: `SPECWRIGHT_CORPUS`, else beside the project.
pub fn corpus() -> PathBuf {
    env::var_os("SPECWRIGHT_CORPUS")
        .map_or_else(|| project().join("../shared/corpus"), PathBuf::from)
}

/// The folder that a runner writes to, made where it is not there.
///
/// # Errors
///
/// It cannot be made.
pub fn target(runner: &str) -> io::Result<PathBuf> {
    let folder = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| project().join("target"), PathBuf::from)
        .join(runner);
    fs::create_dir_all(&folder)?;
    folder.canonicalize()
}

/// Writes a file; Cargo compiles what is newer, so what has not changed does not become newer.
///
/// # Errors
///
/// It cannot be written.
pub fn write_if_changed(path: &Path, text: &str) -> io::Result<()> {
    match fs::read(path) {
        Ok(before) if before == text.as_bytes() => Ok(()),
        _ => fs::write(path, text),
    }
}
