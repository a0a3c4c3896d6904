//! Compiling the servers and sending them the tests' instances.

use std::{
    fs, io,
    path::Path,
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

/// What became of one test.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// The instance reached the handler.
    Accepted,
    /// The instance was answered with 422, and this body.
    Refused(String),
    /// Anything else, in words.
    Failed(String),
    /// There is no server.
    NoServer(Refusal),
}

/// Compiles the servers and asks them: the answers are those of each group's tests, in order.
pub(crate) fn run(
    options: &Options,
    groups: &[Group],
    generated: &mut [Generated],
) -> Result<Vec<Vec<Answer>>, Error> {
    let program = compile(options, generated)?;
    let mut cases = String::new();
    let mut bodies = 0;
    for (group, generated) in groups.iter().zip(&*generated) {
        if let Generated::Server(server) = generated {
            for test in &group.tests {
                let case = (&server.name, test.data.get());
                cases.push_str(&serde_json::to_string(&case)?);
                cases.push('\n');
                bodies += 1;
            }
        }
    }
    let file = options.target.join("cases.jsonl");
    fs::write(&file, cases)?;
    let mut answers = ask(Path::new(&program), &file, bodies)?.into_iter();
    let of_group = |(group, generated): (&Group, &Generated)| match generated {
        Generated::Server(_) => answers.by_ref().take(group.tests.len()).collect(),
        Generated::Refused(refusal) => {
            vec![Answer::NoServer(refusal.clone()); group.tests.len()]
        }
    };
    Ok(groups.iter().zip(&*generated).map(of_group).collect())
}

/// Compiles all servers; those that rustc refuses are left out and say so. The path of the program.
fn compile(options: &Options, generated: &mut [Generated]) -> Result<String, Error> {
    let workspace = Workspace {
        folder: options.target.join("compile"),
        target: options.compiled.clone(),
        servers: options.target.join("servers"),
    };
    loop {
        let servers: Vec<&Server> = generated
            .iter()
            .filter_map(|it| match it {
                Generated::Server(server) => Some(server),
                Generated::Refused(_) => None,
            })
            .collect();
        let shards = shards(servers.iter().copied().enumerate(), options.lines);
        let crates: Vec<Crate<'_>> = shards
            .iter()
            .enumerate()
            .map(|(number, shard)| Crate {
                name: format!("servers_{number}"),
                servers: shard
                    .iter()
                    .filter_map(|at| servers.get(*at).copied())
                    .collect(),
            })
            .collect();
        write_runner(&workspace.folder.join(RUNNER), &crates)?;
        workspace.write(&crates, &[RUNNER])?;
        let mut checked = workspace.cargo(&["build", "--keep-going"], &crates)?;
        if checked.is_success {
            let program = workspace.target.join("debug").join(RUNNER);
            return Ok(program.to_string_lossy().into_owned());
        }
        let failed: Vec<String> = checked.failed.iter().cloned().collect();
        if failed.is_empty() {
            let finding = checked.elsewhere;
            return Err(format!("{}\n{}", finding.headline, finding.rendered).into());
        }
        for it in generated.iter_mut() {
            let Generated::Server(server) = it else {
                continue;
            };
            if !failed.contains(&server.name) {
                continue;
            }
            let findings = checked.findings.remove(&server.name).unwrap_or_default();
            let errors = findings.iter().filter(|it| it.is_error);
            let texts: Vec<&str> = errors.clone().map(|it| it.rendered.as_str()).collect();
            let text = texts.join("\n");
            let headline = errors.map(|it| it.headline.as_str()).next().unwrap_or("");
            *it = Generated::Refused(Refusal {
                headline: format!("rustc: {headline}"),
                text,
                is_known_gap: false,
                is_unsatisfiable: false,
            });
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
fn ask(program: &Path, cases: &Path, bodies: usize) -> Result<Vec<Answer>, Error> {
    let mut answers = Vec::new();
    while answers.len() < bodies {
        let before = answers.len();
        let output = Command::new(program)
            .arg(cases)
            .arg(before.to_string())
            .stderr(Stdio::piped())
            .output()?;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok((status, text)) = serde_json::from_str::<(u16, String)>(line) else {
                break;
            };
            answers.push(match status {
                // What the handlers answer.
                501 => Answer::Accepted,
                422 => Answer::Refused(text),
                status => Answer::Failed(format!("answered {status}: {text}")),
            });
        }
        if answers.len() < bodies {
            let words = String::from_utf8_lossy(&output.stderr).replace('\n', " ");
            answers.push(Answer::Failed(format!("{}: {words}", output.status)));
        }
    }
    Ok(answers)
}
