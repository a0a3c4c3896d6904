//! Whether both sides are built from the same versions.
//!
//! The opponents have a lock file of their own, so the two can drift apart, and a ratio would then compare releases of
//! hyper rather than the code on top of it.

use std::collections::BTreeSet;
use std::path::Path;

use crate::Error;

/// The crates that both sides stand on.
const SHARED: [&str; 6] = ["axum", "hyper", "hyper-util", "http", "serde_json", "tokio"];

/// Says which shared crates differ, one line each.
pub(crate) fn differences() -> Result<Vec<String>, Error> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = std::fs::read_to_string(here.join("../../Cargo.lock"))?;
    let theirs = std::fs::read_to_string(here.join("../opponents/Cargo.lock"))?;
    let mut differences = Vec::new();
    for name in SHARED {
        let (ours, theirs) = (versions(&ours, name), versions(&theirs, name));
        // A crate that only one side has is not shared yet.
        if !ours.is_empty() && !theirs.is_empty() && ours != theirs {
            differences.push(format!(
                "note: {name} is {ours:?} in the workspace, {theirs:?} in the opponents"
            ));
        }
    }
    Ok(differences)
}

/// The versions of a crate in a lock file, where its version follows its name.
fn versions<'a>(lock: &'a str, name: &str) -> BTreeSet<&'a str> {
    let heading = format!("name = \"{name}\"");
    let mut versions = BTreeSet::new();
    let mut lines = lock.lines();
    while let Some(line) = lines.next() {
        if line == heading
            && let Some(version) = lines.next()
        {
            versions.extend(version.split('"').nth(1));
        }
    }
    versions
}
