//! Compiling the servers and sending them instances.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use specwright_servers::{Crate, Server, Workspace, project, shards, write_if_changed};

use crate::{
    Error,
    case::Group,
    generate::{Generated, Refusal},
    options::Options,
};

/// The folder and name of the program that sends the instances.
const RUNNER: &str = "runner";

/// The code of a number that its Rust type has no room for, the one rule that is added to a document's.
pub(crate) const RANGE: &str = "\"unsupported_range\"";

/// What became of one instance.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It reached the handler, which answered this.
    Accepted(String),
    /// It was answered with 422, and this body.
    Refused(String),
    /// Anything else, in words.
    Failed(String),
    /// There is no server.
    NoServer(Refusal),
}

/// One instance and where it is sent.
#[derive(Debug)]
pub(crate) struct Case {
    /// The name of the server's module.
    pub(crate) server: String,
    pub(crate) path: String,
    pub(crate) body: String,
}

/// Compiles the servers and asks them: the answers are those of each group's tests, in order.
pub(crate) fn run(
    options: &Options,
    groups: &[Group],
    generated: &mut [Generated],
) -> Result<Vec<Vec<Answer>>, Error> {
    let mut servers: Vec<Option<&Server>> = generated.iter().map(Generated::server).collect();
    let (program, mut refusals) = compile(options, &mut servers)?;
    for it in generated.iter_mut() {
        let name = it.server().map_or("", |it| it.name.as_str());
        if let Some(refusal) = refusals.remove(name) {
            *it = Generated::Refused(refusal);
        }
    }
    let mut cases = Vec::new();
    for (group, generated) in groups.iter().zip(&*generated) {
        if let Generated::Server(server) = generated {
            cases.extend(group.tests.iter().map(|test| Case {
                server: server.name.clone(),
                path: "/".to_owned(),
                body: test.data.get().to_owned(),
            }));
        }
    }
    let mut answers = ask(options, &program, &cases)?.into_iter();
    let of_group = |(group, generated): (&Group, &Generated)| match generated {
        Generated::Server(_) => answers.by_ref().take(group.tests.len()).collect(),
        Generated::Refused(refusal) => {
            vec![Answer::NoServer(refusal.clone()); group.tests.len()]
        }
    };
    Ok(groups.iter().zip(&*generated).map(of_group).collect())
}

/// Compiles all servers; those that rustc refuses become none, with what it said by their names. The path of the program.
pub(crate) fn compile(
    options: &Options,
    servers: &mut [Option<&Server>],
) -> Result<(PathBuf, BTreeMap<String, Refusal>), Error> {
    let workspace = Workspace {
        folder: options.target.join("compile"),
        target: options.compiled.clone(),
        servers: options.target.join("servers"),
    };
    let mut refusals = BTreeMap::new();
    loop {
        let rest: Vec<&Server> = servers.iter().copied().flatten().collect();
        let shards = shards(rest.iter().copied().enumerate(), options.lines);
        let crates: Vec<Crate<'_>> = shards
            .iter()
            .enumerate()
            .map(|(number, shard)| Crate {
                name: format!("servers_{number}"),
                servers: shard
                    .iter()
                    .filter_map(|at| rest.get(*at).copied())
                    .collect(),
            })
            .collect();
        write_runner(&workspace.folder.join(RUNNER), &crates)?;
        workspace.write(&crates, &[RUNNER])?;
        let mut checked = workspace.cargo(&["build", "--keep-going"], &crates)?;
        if checked.is_success {
            return Ok((workspace.target.join("debug").join(RUNNER), refusals));
        }
        if checked.failed.is_empty() {
            let finding = checked.elsewhere;
            return Err(format!("{}\n{}", finding.headline, finding.rendered).into());
        }
        for it in servers.iter_mut() {
            let Some(server) = it.filter(|it| checked.failed.contains(&it.name)) else {
                continue;
            };
            let mut findings = checked.findings.remove(&server.name).unwrap_or_default();
            findings.retain(|it| it.is_error);
            let texts: Vec<&str> = findings.iter().map(|it| it.rendered.as_str()).collect();
            let headline = findings.first().map_or("", |it| it.headline.as_str());
            let refusal = Refusal {
                headline: format!("rustc: {headline}"),
                text: texts.join("\n"),
                is_known_gap: false,
                is_unsatisfiable: false,
            };
            refusals.insert(server.name.clone(), refusal);
            *it = None;
        }
    }
}

/// Writes the program that sends the instances.
fn write_runner(folder: &Path, crates: &[Crate<'_>]) -> io::Result<()> {
    fs::create_dir_all(folder.join("src"))?;
    let runtime = project().join("runtime");
    let mut manifest = format!(
        "[package]\nname = {RUNNER:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         specwright = {{ path = {runtime:?} }}\nserde_json = \"1\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt\"] }}\n\
         tower = {{ version = \"0.5\", default-features = false, features = [\"util\"] }}\n"
    );
    let mut servers = "//! The servers by name.\n\n/// The server of this name.\n\
                       pub fn api(name: &str) -> Option<specwright::Api> {\n    Some(match name {\n"
        .to_owned();
    for krate in crates {
        let name = &krate.name;
        manifest.push_str(&format!("{name} = {{ path = \"../{name}\" }}\n"));
        for server in &krate.servers {
            let module = &server.name;
            servers.push_str(&format!(
                "        {module:?} => {name}::{module}::stub(),\n"
            ));
        }
    }
    servers.push_str("        _ => return None,\n    })\n}\n");
    write_if_changed(&folder.join("Cargo.toml"), &manifest)?;
    write_if_changed(
        &folder.join("src/main.rs"),
        include_str!("../runner/main.rs"),
    )?;
    write_if_changed(&folder.join("src/servers.rs"), &servers)
}

/// Sends all bodies. Where a body ends the process, that is its answer, and another process goes on after it.
pub(crate) fn ask(options: &Options, program: &Path, cases: &[Case]) -> Result<Vec<Answer>, Error> {
    let mut text = String::new();
    for case in cases {
        text.push_str(&serde_json::to_string(&(
            &case.server,
            &case.path,
            &case.body,
        ))?);
        text.push('\n');
    }
    let file = options.target.join("cases.jsonl");
    fs::write(&file, text)?;
    let mut answers = Vec::new();
    while answers.len() < cases.len() {
        let output = Command::new(program)
            .arg(&file)
            .arg(answers.len().to_string())
            .stderr(Stdio::piped())
            .output()?;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok((status, text)) = serde_json::from_str::<(u16, String)>(line) else {
                break;
            };
            answers.push(match status {
                // What handlers answer: nothing of use, or what they were sent.
                501 | 200 => Answer::Accepted(text),
                422 => Answer::Refused(text),
                status => Answer::Failed(format!("answered {status}: {text}")),
            });
        }
        if answers.len() < cases.len() {
            let words = String::from_utf8_lossy(&output.stderr).replace('\n', " ");
            answers.push(Answer::Failed(format!("{}: {words}", output.status)));
        }
    }
    Ok(answers)
}
