//! Generating and compiling the servers, and sending them what was recorded.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::json;
use specwright_build::{
    Generator,
    diagnostic::{Style, render},
};
use specwright_servers::{Crate, Server, Workspace, isolated, project, write_if_changed};

use crate::{Error, judge::Answer, options::Options, recording::Application};

/// The folder and name of the program that sends the requests.
const RUNNER: &str = "runner";

/// The crate of all servers.
const SERVERS: &str = "servers";

/// A document that takes longer has failed.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The answers to all exchanges of each application.
pub(crate) fn run(
    options: &Options,
    applications: &[Application],
) -> Result<Vec<Vec<Answer>>, Error> {
    let servers = generate(options, applications)?;
    let program = compile(options, &servers)?;
    ask(options, &program, applications)
}

fn generate(options: &Options, applications: &[Application]) -> Result<Vec<Server>, Error> {
    let folder = options.target.join("servers");
    let mut servers = Vec::new();
    let mut refusals = String::new();
    for application in applications {
        let optional_security = application.has_optional_security();
        let (document, name, folder) = (
            application.document.clone(),
            application.name.clone(),
            folder.clone(),
        );
        let made = isolated(TIME_LIMIT, move || -> Result<Server, String> {
            let generator = Generator::new(document).optional_security(optional_security);
            let generated = generator.check();
            let Some(api) = &generated.api else {
                return Err(render(
                    &generated.diagnostics,
                    &generated.sources,
                    Style::Plain,
                ));
            };
            let modules = generator.emit(api);
            Server::write(&folder, &name, &name, api, &modules, &[]).map_err(|it| it.to_string())
        });
        match made.flatten() {
            Ok(server) => servers.push(server),
            Err(words) => refusals.push_str(&format!("\n{}: {words}", application.name)),
        }
    }
    match refusals.is_empty() {
        true => Ok(servers),
        false => Err(format!("documents that do not become servers:{refusals}").into()),
    }
}

/// Compiles all servers in one crate; the path of the program.
fn compile(options: &Options, servers: &[Server]) -> Result<PathBuf, Error> {
    let workspace = Workspace {
        folder: options.target.join("compile"),
        target: options.target.join("target"),
        servers: options.target.join("servers"),
    };
    let crates = [Crate {
        name: SERVERS.to_owned(),
        servers: servers.iter().collect(),
    }];
    write_runner(&workspace.folder.join(RUNNER), servers)?;
    workspace.write(&crates, &[RUNNER])?;
    let checked = workspace.cargo(&["build"], &crates)?;
    if checked.is_success {
        return Ok(workspace.target.join("debug").join(RUNNER));
    }
    let mut words = "servers that do not compile:".to_owned();
    for (name, findings) in &checked.findings {
        for finding in findings.iter().filter(|it| it.is_error) {
            words.push_str(&format!("\n{name}: {}", finding.rendered));
        }
    }
    if checked.failed.is_empty() {
        words.push_str(&checked.elsewhere.rendered);
    }
    Err(words.into())
}

/// Writes the program that sends the requests.
fn write_runner(folder: &Path, servers: &[Server]) -> io::Result<()> {
    fs::create_dir_all(folder.join("src"))?;
    let runtime = project().join("runtime");
    let manifest = format!(
        "[package]\nname = {RUNNER:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         {SERVERS} = {{ path = \"../{SERVERS}\" }}\n\
         specwright = {{ path = {runtime:?} }}\nserde_json = \"1\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt\"] }}\n\
         tower = {{ version = \"0.5\", default-features = false, features = [\"util\"] }}\n"
    );
    let mut table = "//! The servers by name.\n\n/// The server of this name.\n\
                     pub fn api(name: &str) -> Option<specwright::Api> {\n    Some(match name {\n"
        .to_owned();
    for server in servers {
        let module = &server.name;
        table.push_str(&format!(
            "        {module:?} => {SERVERS}::{module}::stub(),\n"
        ));
    }
    table.push_str("        _ => return None,\n    })\n}\n");
    write_if_changed(&folder.join("Cargo.toml"), &manifest)?;
    write_if_changed(
        &folder.join("src/main.rs"),
        include_str!("../runner/main.rs"),
    )?;
    write_if_changed(&folder.join("src/servers.rs"), &table)
}

fn ask(
    options: &Options,
    program: &Path,
    applications: &[Application],
) -> Result<Vec<Vec<Answer>>, Error> {
    let mut text = String::new();
    for application in applications {
        for exchange in &application.exchanges {
            let case = json!({
                "server": application.name,
                "method": exchange.method,
                "path": exchange.path,
                "headers": exchange.headers,
                "body": exchange.body.bytes(),
                "accepts": application.accepts(exchange),
            });
            text.push_str(&format!("{case}\n"));
        }
    }
    let file = options.target.join("requests.jsonl");
    fs::write(&file, text)?;
    let output = Command::new(program).arg(&file).output()?;
    let lines = String::from_utf8(output.stdout)?;
    let mut answers = lines.lines().map(|line| {
        let (status, body) = serde_json::from_str(line)?;
        Ok(Answer { status, body })
    });
    let mut all = Vec::new();
    for application in applications {
        let own = answers.by_ref().take(application.exchanges.len());
        let own: Vec<Answer> = own.collect::<Result<_, Error>>()?;
        if own.len() < application.exchanges.len() {
            let error = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{}: the server ended: {error}", application.name).into());
        }
        all.push(own);
    }
    Ok(all)
}
