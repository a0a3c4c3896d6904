//! Compiling what was generated: several documents a crate, one crate after the other.

use std::{io, time::Instant};

use specwright_servers::{Crate, Server, Workspace, shards};

use crate::{generate::Outcome, options::Options};

/// Compiles every generated server and records what rustc found.
///
/// Errors of one document hide those of its neighbours, so a crate that does not compile is compiled again without the
/// documents whose errors were seen, until the rest of it does.
pub(crate) fn compile(options: &Options, outcomes: &mut [Outcome]) -> io::Result<()> {
    let workspace = Workspace {
        folder: options.target.join("compile"),
        target: options.target.join("target"),
        servers: options.target.join("documents"),
    };
    let servers: Vec<Option<Server>> = outcomes.iter().map(|it| it.server.clone()).collect();
    let generated = servers
        .iter()
        .enumerate()
        .filter_map(|(at, server)| Some((at, server.as_ref()?)));
    let mut shards = shards(generated, options.lines);
    shards.reverse();
    while let Some(shard) = shards.pop() {
        let documents: Vec<&Server> = shard
            .iter()
            .filter_map(|at| servers.get(*at)?.as_ref())
            .collect();
        let started = Instant::now();
        // Named by its first document, so that what was compiled by an earlier run is found again.
        let first = documents.first().map_or("", |it| it.name.as_str());
        let krate = [Crate {
            name: format!("shard_{first}"),
            servers: documents.clone(),
        }];
        workspace.write(&krate, &[])?;
        let tool = if options.clippy { "clippy" } else { "check" };
        let mut checked = workspace.cargo(&[tool], &krate)?;
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
            let name = outcome
                .server
                .as_ref()
                .map_or_else(String::new, |it| it.name.clone());
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
