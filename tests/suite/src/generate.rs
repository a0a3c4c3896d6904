//! The server of each group: document, generated code, module.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::json;
use specwright_build::{
    Generator,
    config::Options as Choices,
    diagnostic::{Code, Severity, Style, render},
};
use specwright_servers::{Server, isolated, write_if_changed};

use crate::{
    Error,
    case::{Group, Part},
    metaschema,
    options::Options,
};

/// A schema that takes longer has failed.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// What became of a group's schema.
#[derive(Debug)]
pub(crate) enum Generated {
    /// A server.
    Server(Server),
    /// The generator refused the schema, or panicked; or rustc refused what was generated.
    Refused(Refusal),
}

impl Generated {
    /// The server, where there is one.
    pub(crate) fn server(&self) -> Option<&Server> {
        match self {
            Self::Server(server) => Some(server),
            Self::Refused(_) => None,
        }
    }
}

/// Why there is no server.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// The first error in one line.
    pub(crate) headline: String,
    /// Everything that was said.
    pub(crate) text: String,
    /// Whether the generator says that it does not support a keyword yet, and nothing worse.
    pub(crate) is_known_gap: bool,
    /// Whether the generator says that no value satisfies a schema, and nothing worse.
    pub(crate) is_unsatisfiable: bool,
}

/// Generates the server of each group.
pub(crate) fn generate(options: &Options, groups: &[Group]) -> Result<Vec<Generated>, Error> {
    let documents = options.target.join("documents");
    let servers = options.target.join("servers");
    let meta_schemas = options.target.join("json-schema.org");
    metaschema::write(&meta_schemas)?;
    let mut generated = Vec::new();
    for group in groups {
        let folder = documents.join(&group.name);
        fs::create_dir_all(&folder)?;
        write_document(&folder, group)?;
        let job = Job {
            generator: generator(options, group, &folder).map_uri(metaschema::URI, &meta_schemas),
            name: group.name.clone(),
            title: format!("{}: {}", group.file, group.description),
            servers: servers.clone(),
        };
        generated.push(match isolated(TIME_LIMIT, move || job.run()) {
            Ok(result) => result?,
            Err(failure) => Generated::Refused(Refusal {
                headline: failure.clone(),
                text: failure,
                is_known_gap: false,
                is_unsatisfiable: false,
            }),
        });
    }
    Ok(generated)
}

/// The schema stands in a file of its own, so that references in it are about itself and not about the document.
fn write_document(folder: &Path, group: &Group) -> io::Result<()> {
    let document = json!({
        "openapi": group.dialect().version(),
        "info": {"title": group.file, "version": "1"},
        "paths": {"/": {"post": {
            "operationId": "check",
            "summary": group.description,
            "requestBody": {
                "required": true,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Value"}}},
            },
            "responses": {"204": {"description": "The value is valid."}},
        }}},
        "components": {"schemas": {"Value": {"$ref": "schema.json"}}},
    });
    write_if_changed(&folder.join("openapi.json"), &format!("{document:#}\n"))?;
    write_if_changed(
        &folder.join("schema.json"),
        &format!("{}\n", group.schema.get()),
    )
}

fn generator(options: &Options, group: &Group, folder: &Path) -> Generator {
    let is_annotation = match group.part {
        Part::Draft2020 | Part::Draft4 | Part::Optional | Part::Random => !group.asserts_format(),
        Part::Format => false,
    };
    let choices = Choices {
        implied_types: false,
        format_annotation: is_annotation,
        ..Choices::default()
    };
    Generator::new(folder.join("openapi.json"))
        .options(choices)
        .map_uri("http://localhost:1234/", options.folder.join("remotes"))
}

struct Job {
    generator: Generator,
    name: String,
    title: String,
    servers: PathBuf,
}

impl Job {
    fn run(&self) -> io::Result<Generated> {
        let generated = self.generator.check();
        if let Some(api) = &generated.api {
            let modules = self.generator.emit(api);
            let server = Server::write(&self.servers, &self.name, &self.title, api, &modules, &[])?;
            return Ok(Generated::Server(server));
        }
        let mut errors = generated.diagnostics.sorted();
        errors.retain(|it| it.severity == Severity::Error);
        Ok(Generated::Refused(Refusal {
            headline: errors.first().map_or_else(String::new, |it| {
                format!("{}: {}", it.code.as_str(), it.headline)
            }),
            text: render(&generated.diagnostics, &generated.sources, Style::Plain),
            is_known_gap: errors.iter().all(|it| it.code == Code::UnsupportedFeature),
            is_unsatisfiable: errors
                .iter()
                .all(|it| matches!(it.code, Code::Unsatisfiable | Code::ConflictingBounds)),
        }))
    }
}
