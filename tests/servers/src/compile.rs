//! Compiling what was generated: several servers a crate, one workspace around the crates.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::PathBuf,
    process::Command,
};

use crate::{Finding, Server, message, project, write_if_changed};

/// A workspace of generated crates, which use the runtime and the versions of this project.
#[derive(Debug)]
pub struct Workspace {
    /// The folder of the workspace.
    pub folder: PathBuf,
    /// The folder that Cargo writes to.
    pub target: PathBuf,
    /// The folder that the servers' modules are in.
    pub servers: PathBuf,
}

/// A crate of generated servers.
#[derive(Debug)]
pub struct Crate<'s> {
    /// Its name, which is that of its folder too.
    pub name: String,
    /// The modules that it has.
    pub servers: Vec<&'s Server>,
}

/// What rustc said about some crates.
#[derive(Debug)]
pub struct Checked {
    /// Whether all of them compile.
    pub is_success: bool,
    /// The modules with errors.
    pub failed: BTreeSet<String>,
    /// The findings of each module.
    pub findings: BTreeMap<String, Vec<Finding>>,
    /// What stands in no module.
    pub elsewhere: Finding,
}

/// The servers in groups of at most so many lines, by their indices.
pub fn shards<'s>(
    servers: impl IntoIterator<Item = (usize, &'s Server)>,
    lines: usize,
) -> Vec<Vec<usize>> {
    let mut shards: Vec<Vec<usize>> = Vec::new();
    let mut sum = 0;
    for (at, server) in servers {
        match shards.last_mut() {
            Some(shard) if sum + server.lines <= lines => {
                sum += server.lines;
                shard.push(at);
            }
            _ => {
                sum = server.lines;
                shards.push(vec![at]);
            }
        }
    }
    shards
}

impl Workspace {
    /// Writes the workspace with these crates; `others` are folders of members that are there already.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn write(&self, crates: &[Crate<'_>], others: &[&str]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let lock = fs::read_to_string(project().join("Cargo.lock"))?;
        write_if_changed(&self.folder.join("Cargo.lock"), &lock)?;
        let names = crates.iter().map(|it| it.name.as_str());
        let members: Vec<&str> = names.chain(others.iter().copied()).collect();
        // Nobody looks for a place in code that is only run once.
        let manifest = format!(
            "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[profile.dev]\ndebug = false\n"
        );
        for krate in crates {
            self.write_crate(krate)?;
        }
        write_if_changed(&self.folder.join("Cargo.toml"), &manifest)
    }

    /// Runs Cargo on the workspace.
    ///
    /// # Errors
    ///
    /// Cargo cannot be run.
    pub fn cargo(&self, arguments: &[&str], crates: &[Crate<'_>]) -> io::Result<Checked> {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .args(["--quiet", "--offline", "--message-format=json"])
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("RUSTC_WRAPPER")
            .current_dir(&self.folder)
            .output()?;
        let mut checked = Checked {
            is_success: output.status.success(),
            failed: BTreeSet::new(),
            findings: BTreeMap::new(),
            elsewhere: Finding {
                is_error: true,
                code: String::new(),
                headline: format!("cargo: {}", output.status),
                rendered: String::from_utf8_lossy(&output.stderr).into_owned(),
            },
        };
        let is_own = |name: &str| crates.iter().any(|krate| krate.name == name);
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Some((module, finding)) = message::finding(line, is_own, &self.servers) else {
                continue;
            };
            let Some(module) = module else {
                if finding.is_error {
                    checked.elsewhere = finding;
                }
                continue;
            };
            if finding.is_error {
                checked.failed.insert(module.clone());
            }
            checked.findings.entry(module).or_default().push(finding);
        }
        Ok(checked)
    }

    fn write_crate(&self, krate: &Crate<'_>) -> io::Result<()> {
        let folder = self.folder.join(&krate.name);
        fs::create_dir_all(folder.join("src"))?;
        let runtime = project().join("runtime");
        // The lints that a careful user has.
        let manifest = format!(
            "[package]\nname = {:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [lib]\ndoctest = false\n\n\
             [dependencies]\nspecwright = {{ path = {runtime:?} }}\n\n\
             [lints.rust]\nmissing_docs = \"warn\"\nrust_2018_idioms = {{ level = \"warn\", priority = -1 }}\n\
             unsafe_code = \"forbid\"\n\n[lints.clippy]\nall = {{ level = \"warn\", priority = -1 }}\n",
            krate.name
        );
        let limit = krate
            .servers
            .iter()
            .filter_map(|it| it.recursion_limit)
            .max()
            .map_or_else(String::new, |it| {
                format!("#![recursion_limit = \"{it}\"]\n")
            });
        let mut root = format!("//! Generated servers.\n\n{limit}");
        for server in &krate.servers {
            root.push_str(&format!(
                "\n/// {:?}\n#[path = {:?}]\npub mod {};\n",
                server.title,
                server.folder.join("mod.rs"),
                server.name
            ));
        }
        write_if_changed(&folder.join("Cargo.toml"), &manifest)?;
        write_if_changed(&folder.join("src/lib.rs"), &root)
    }
}
