//! Which servers there are, and how they are built.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;
use crate::options::Options;
use crate::server::Server;

/// The hand-written servers, binaries of the package in `tests/opponents`.
const OPPONENTS: [&str; 3] = ["hyper-floor", "axum-json", "axum-tuned"];

/// Builds the servers that are asked for.
pub(crate) fn servers(options: &Options) -> Result<Vec<Server>, Error> {
    let asked =
        |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    let given = |name: &str| options.servers.iter().any(|(server, _)| server == name);
    let opponents: Vec<_> = OPPONENTS
        .into_iter()
        .filter(|name| asked(name) && !given(name))
        .collect();
    let mut servers = Vec::new();
    if !opponents.is_empty() {
        let binaries = build_opponents()?;
        servers.extend(opponents.into_iter().map(|name| Server {
            name: name.to_owned(),
            path: binaries.join(name),
        }));
    }
    for (name, path) in options.servers.iter().filter(|(name, _)| asked(name)) {
        servers.push(Server {
            name: name.clone(),
            path: path.clone(),
        });
    }
    if servers.is_empty() {
        return Err(format!("no server is called `{}`", options.only.join("`, `")).into());
    }
    Ok(servers)
}

/// The folder that cargo builds into: two above this binary.
pub(crate) fn target_directory() -> Result<PathBuf, Error> {
    let binary = std::env::current_exe()?;
    let directory = binary
        .ancestors()
        .nth(2)
        .ok_or("this binary lies in no target folder")?;
    Ok(directory.to_owned())
}

/// Builds the opponents in release, and returns the folder of their binaries.
fn build_opponents() -> Result<PathBuf, Error> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../opponents/Cargo.toml");
    let target = target_directory()?.join("opponents");
    let status = Command::new("cargo")
        .args([
            "build",
            "--release",
            "--locked",
            "--bins",
            "--manifest-path",
        ])
        .arg(&manifest)
        .arg("--target-dir")
        .arg(&target)
        .status()?;
    if !status.success() {
        return Err("the opponents do not build".into());
    }
    Ok(target.join("release"))
}
