//! Which servers there are, and how they are built.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;
use crate::options::Options;
use crate::server::Server;

/// The hand-written servers, binaries of the package in `tests/opponents`.
const OPPONENTS: [&str; 3] = ["hyper-floor", "axum-json", "axum-tuned"];

/// The server that is measured against them, the binary `specwright-orders` of the package in `tests/orders`.
const SPECWRIGHT: &str = "specwright";

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
        let manifest = here().join("../opponents/Cargo.toml");
        let binaries = build(&manifest, &target_directory()?.join("opponents"))?;
        servers.extend(opponents.into_iter().map(|name| Server {
            name: name.to_owned(),
            path: binaries.join(name),
        }));
    }
    if asked(SPECWRIGHT) && !given(SPECWRIGHT) {
        let manifest = here().join("../orders/Cargo.toml");
        servers.push(Server {
            name: SPECWRIGHT.to_owned(),
            path: build(&manifest, &target_directory()?)?.join("specwright-orders"),
        });
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

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Builds the binaries of a package in release, and returns their folder.
fn build(manifest: &Path, target: &Path) -> Result<PathBuf, Error> {
    let status = Command::new("cargo")
        .args([
            "build",
            "--release",
            "--locked",
            "--bins",
            "--manifest-path",
        ])
        .arg(manifest)
        .arg("--target-dir")
        .arg(target)
        .status()?;
    if !status.success() {
        return Err(format!("{} does not build", manifest.display()).into());
    }
    Ok(target.join("release"))
}
