//! Compiling what was generated: several documents a crate, one crate after the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
    process::Command,
    time::Instant,
};

use crate::{
    generate::{Outcome, write_if_changed},
    message::{self, Finding},
    options::{Options, project},
};

/// Compiles every generated server and records what rustc found.
///
/// Errors of one document hide those of its neighbours, so a crate that does not compile is compiled again without the
/// documents whose errors were seen, until the rest of it does.
pub(crate) fn compile(options: &Options, outcomes: &mut [Outcome]) -> io::Result<()> {
    write_workspace(options)?;
    let mut shards = shards(outcomes, options.lines);
    shards.reverse();
    while let Some(shard) = shards.pop() {
        let documents: Vec<&Outcome> = shard.iter().filter_map(|at| outcomes.get(*at)).collect();
        let started = Instant::now();
        let mut checked = check(options, &documents)?;
        println!(
            "compiled {} documents, {} lines, in {:.1} s; errors in {}",
            documents.len(),
            documents.iter().map(|it| it.lines).sum::<usize>(),
            started.elapsed().as_secs_f64(),
            checked.failed.len()
        );
        let mut rest = Vec::new();
        for at in shard {
            let Some(outcome) = outcomes.get_mut(at) else {
                continue;
            };
            let name = module_name(outcome);
            if checked.is_success || checked.failed.contains(&name) {
                outcome.compiled = Some(checked.is_success);
                outcome.findings = checked.findings.remove(&name).unwrap_or_default();
                if let Some(first) = outcome.findings.iter().find(|it| it.is_error) {
                    println!("  {}: {} {}", outcome.file, first.code, first.headline);
                }
            } else {
                rest.push(at);
            }
        }
        if checked.is_success || rest.is_empty() {
            continue;
        }
        if !checked.failed.is_empty() {
            shards.push(rest);
            continue;
        }
        // The errors stand in no document: whose they are shows in a crate of its own.
        if let [at] = rest.as_slice() {
            if let Some(outcome) = outcomes.get_mut(*at) {
                outcome.compiled = Some(false);
                outcome.findings = vec![checked.elsewhere];
            }
        } else {
            let (left, right) = rest.split_at(rest.len() / 2);
            shards.extend([right.to_vec(), left.to_vec()]);
        }
    }
    Ok(())
}

/// The generated documents in groups of at most so many lines.
fn shards(outcomes: &[Outcome], lines: usize) -> Vec<Vec<usize>> {
    let mut shards: Vec<Vec<usize>> = Vec::new();
    let mut sum = 0;
    for (at, outcome) in outcomes.iter().enumerate() {
        if outcome.module.is_none() {
            continue;
        }
        match shards.last_mut() {
            Some(shard) if sum + outcome.lines <= lines => {
                sum += outcome.lines;
                shard.push(at);
            }
            _ => {
                sum = outcome.lines;
                shards.push(vec![at]);
            }
        }
    }
    shards
}

/// The name of an outcome's module.
fn module_name(outcome: &Outcome) -> String {
    let module = outcome.module.as_deref().and_then(Path::file_name);
    module.map_or_else(String::new, |it| it.to_string_lossy().into_owned())
}

/// What rustc said about one crate.
struct Checked {
    is_success: bool,
    /// The modules with errors.
    failed: BTreeSet<String>,
    /// The findings of each module.
    findings: BTreeMap<String, Vec<Finding>>,
    /// What stands in no module.
    elsewhere: Finding,
}

/// Compiles these documents as one crate.
fn check(options: &Options, documents: &[&Outcome]) -> io::Result<Checked> {
    // Named by its first document, so that what was compiled by an earlier run is found again.
    let first = documents.first().map(|it| module_name(it));
    let krate = format!("shard_{}", first.unwrap_or_default());
    write_crate(options, &krate, documents)?;
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .arg(if options.clippy { "clippy" } else { "check" })
        .args(["--quiet", "--offline", "--message-format=json"])
        .env("CARGO_TARGET_DIR", options.target.join("target"))
        .env_remove("RUSTC_WRAPPER")
        .current_dir(options.target.join("compile"))
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
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Some((module, finding)) = message::finding(line, &krate) else {
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

/// Writes the workspace around the crate, which uses the runtime and the versions of this project.
fn write_workspace(options: &Options) -> io::Result<()> {
    let folder = options.target.join("compile");
    fs::create_dir_all(folder.join("src"))?;
    write_if_changed(
        &folder.join("Cargo.lock"),
        &fs::read_to_string(project().join("Cargo.lock"))?,
    )
}

/// Writes the crate that holds these documents.
fn write_crate(options: &Options, krate: &str, documents: &[&Outcome]) -> io::Result<()> {
    let folder = options.target.join("compile");
    let runtime = project().join("runtime");
    // The lints that a careful user has.
    let manifest = format!(
        "[package]\nname = \"{krate}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nspecwright = {{ path = {runtime:?} }}\n\n\
         [lints.rust]\nmissing_docs = \"warn\"\nrust_2018_idioms = {{ level = \"warn\", priority = -1 }}\n\
         unsafe_code = \"forbid\"\n\n[lints.clippy]\nall = {{ level = \"warn\", priority = -1 }}\n\n[workspace]\n"
    );
    let limit = documents
        .iter()
        .filter_map(|it| it.recursion_limit)
        .max()
        .map_or_else(String::new, |it| {
            format!("#![recursion_limit = \"{it}\"]\n")
        });
    let mut root = format!("//! Generated servers.\n\n{limit}");
    for document in documents {
        if let Some(module) = &document.module {
            root.push_str(&format!(
                "\n/// {:?}\n#[path = {:?}]\npub mod {};\n",
                document.file,
                module.join("mod.rs"),
                module_name(document)
            ));
        }
    }
    write_if_changed(&folder.join("Cargo.toml"), &manifest)?;
    write_if_changed(&folder.join("src/lib.rs"), &root)
}
