//! The component schemas of real documents, with instances that another validator judges.
//!
//! Each document becomes another one that refers to it: with one operation for each component schema, which takes a value
//! of the schema and gives it back.

use std::{
    fs,
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};

use fastrand::Rng;
use serde_json::{Map, Value, json};
use specwright_build::{
    Generator,
    config::Options as Choices,
    diagnostic::Diagnostics,
    ir::{Api, Content, Success},
    source::{self, Node, Sources},
};
use specwright_servers::{Server, isolated, write_if_changed};

use crate::{
    Error,
    options::Options,
    oracle::{self, Oracle},
    run::{self, Answer, Case},
    sample,
};

/// A document that takes longer has failed.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// How many valid and how many changed instances each schema gets at most.
const VALID: usize = 4;
const CHANGED: usize = 8;

/// One component schema of a document.
struct Component {
    document: String,
    name: String,
    /// The path of its operation.
    path: String,
    /// Whether its operation gives back what it takes: not where requests and responses differ.
    echoes: bool,
    instances: Vec<Instance>,
    oracle: Oracle,
}

struct Instance {
    value: Value,
    valid: bool,
}

/// What is counted.
#[derive(Default)]
struct Figures {
    documents: usize,
    schemas: usize,
    samples: usize,
    valid: usize,
    returned: usize,
    disagreements: usize,
}

/// Compares verdicts, and what comes back; whether nothing differs.
pub(crate) fn corpus(options: &Options) -> Result<bool, Error> {
    let folder = specwright_servers::corpus().join("specs");
    if specwright_servers::is_skipped(&folder) {
        return Ok(true);
    }
    let folder = folder.canonicalize()?;
    let mut figures = Figures::default();
    let mut servers = Vec::new();
    let mut components = Vec::new();
    for file in specwright_servers::documents(&folder)? {
        if !file.contains(&options.only) {
            continue;
        }
        match document(options, &folder, &file) {
            Ok((server, own)) => {
                if server.lines > options.most_lines {
                    println!("left aside: {file}: {} lines of code", server.lines);
                    continue;
                }
                figures.documents += 1;
                servers.push(server);
                components.extend(own);
            }
            Err(error) => println!("left aside: {file}: {error}"),
        }
    }
    let mut named: Vec<Option<&Server>> = servers.iter().map(Some).collect();
    let (program, refusals) = run::compile(options, &mut named)?;
    for (name, refusal) in &refusals {
        println!("FAILED: {name}: {}", refusal.headline);
        figures.disagreements += 1;
    }
    let compiled: Vec<&str> = named.iter().flatten().map(|it| it.name.as_str()).collect();
    components.retain(|it| compiled.contains(&module_name(&it.document).as_str()));
    let cases: Vec<Case> = components
        .iter()
        .flat_map(|component| {
            component.instances.iter().map(|instance| Case {
                server: module_name(&component.document),
                path: component.path.clone(),
                body: instance.value.to_string(),
            })
        })
        .collect();
    let mut answers = run::ask(options, &program, &cases)?.into_iter();
    for component in &components {
        figures.schemas += 1;
        for instance in &component.instances {
            let Some(answer) = answers.next() else { break };
            figures.samples += 1;
            figures.valid += usize::from(instance.valid);
            figures.returned += usize::from(instance.valid && component.echoes);
            if let Some(difference) = difference(component, instance, &answer) {
                figures.disagreements += 1;
                println!(
                    "FAILED: {}: {}: {difference}\n    {}",
                    component.document, component.name, instance.value
                );
            }
        }
    }
    println!(
        "round-trip: {} documents, {} schemas, {} samples, {} of them valid, {} given back, {} disagreements",
        figures.documents,
        figures.schemas,
        figures.samples,
        figures.valid,
        figures.returned,
        figures.disagreements
    );
    Ok(figures.disagreements == 0)
}

/// What differs between the verdicts, or between what was sent and what came back.
fn difference(component: &Component, instance: &Instance, answer: &Answer) -> Option<String> {
    match (answer, instance.valid) {
        (Answer::Refused(text), _) if text.contains(run::RANGE) => None,
        (Answer::Refused(_), false) => None,
        (Answer::Refused(text), true) => Some(format!("refused, although it is valid: {text}")),
        (Answer::Accepted(_), false) => Some("accepted, although it is invalid".to_owned()),
        (Answer::Accepted(_), true) if !component.echoes => None,
        (Answer::Accepted(text), true) => match serde_json::from_str(text) {
            Ok(found) => component
                .oracle
                .lost(&instance.value, &found)
                .map(|what| format!("given back without or with another {what}: {text}")),
            Err(error) => Some(format!("what was given back is no JSON: {error}: {text}")),
        },
        (Answer::Failed(words), _) => Some(words.clone()),
        (Answer::NoServer(refusal), _) => Some(refusal.headline.clone()),
    }
}

/// The server of a document and its component schemas.
fn document(
    options: &Options,
    folder: &Path,
    file: &str,
) -> Result<(Server, Vec<Component>), Error> {
    let path = folder.join(file);
    let mut sources = Sources::new(folder);
    let loaded = sources.load(&path, &mut Diagnostics::new());
    let (_, root) = loaded.ok_or("it cannot be read")?;
    let root = json_of(&root);
    let version = root["openapi"].as_str().unwrap_or_default().to_owned();
    let Some(schemas) = root
        .pointer("/components/schemas")
        .and_then(Value::as_object)
    else {
        return Err("it has no component schemas".into());
    };
    let schemas = oracle::projected(schemas, version.starts_with("3.0"));
    let names: Vec<String> = schemas
        .as_object()
        .into_iter()
        .flat_map(|them| them.keys().cloned())
        .collect();
    let mut paths = Map::new();
    let target = relative(&options.target.join("documents"), &path);
    let mut components = Vec::new();
    let mut rng = Rng::with_seed(options.seed);
    for (index, name) in names.iter().enumerate() {
        let Ok(mut oracle) = Oracle::new(&schemas, name) else {
            continue;
        };
        let instances = instances(&mut rng, &oracle);
        oracle.forget_validator();
        let escaped = name.replace('~', "~0").replace('/', "~1");
        let reference = json!({"$ref": format!("../{target}#/components/schemas/{escaped}")});
        let content = json!({"application/json": {"schema": reference}});
        let operation = format!("/{index}");
        paths.insert(
            operation.clone(),
            json!({"post": {
                "operationId": format!("check{index}"),
                "requestBody": {"required": true, "content": content},
                "responses": {"200": {"description": "The same.", "content": content}},
            }}),
        );
        components.push(Component {
            document: file.to_owned(),
            name: name.clone(),
            path: operation,
            echoes: false,
            instances,
            oracle,
        });
    }
    let given = root
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .map_or(0, Map::len);
    if components.len() < given {
        println!(
            "{file}: {} schemas are not for the other validator",
            given - components.len()
        );
    }
    let written = json!({
        "openapi": version,
        "info": {"title": file, "version": "1"},
        "paths": paths,
    });
    let module = module_name(file);
    let own = options.target.join("documents").join(&module);
    fs::create_dir_all(&own)?;
    let entry = own.join("openapi.json");
    write_if_changed(&entry, &format!("{written:#}\n"))?;
    let generator = Generator::new(&entry).root("/").options(Choices {
        implied_types: false,
        format_annotation: true,
        ..Choices::default()
    });
    let servers = options.target.join("servers");
    let title = file.to_owned();
    let name = module.clone();
    let generated = isolated(TIME_LIMIT, move || {
        let generated = generator.check();
        let Some(api) = &generated.api else {
            let errors = generated.diagnostics.sorted();
            let first = errors
                .iter()
                .find(|it| it.severity == specwright_build::diagnostic::Severity::Error);
            return Err(first.map_or_else(String::new, |it| {
                format!("{}: {}", it.code.as_str(), it.headline)
            }));
        };
        let echoing = echoing(api);
        let modules = generator.emit(api);
        Server::write(&servers, &name, &title, api, &modules, &echoing)
            .map(|server| (server, echoing))
            .map_err(|error| error.to_string())
    });
    let (server, echoing) = generated??;
    for component in &mut components {
        let index = component.path.trim_start_matches('/');
        component.echoes = echoing.contains(&format!("check{index}"));
    }
    Ok((server, components))
}

/// The methods whose body has the type of their response.
fn echoing(api: &Api) -> Vec<String> {
    let mut names = Vec::new();
    for operation in &api.operations {
        let body = operation.request.as_ref().and_then(|it| it.body.as_ref());
        if let Some(body) = body
            && let Some(Content::Json(taken)) = body.contents.only()
            && let Success::Plain(response) = &operation.success
            && let Some(given) = &response.body
            && let Some(Content::Json(given)) = given.only()
            && taken.ty == given.ty
        {
            names.push(operation.name.clone());
        }
    }
    names
}

/// Instances that the schema accepts, and such with a change.
fn instances(rng: &mut Rng, oracle: &Oracle) -> Vec<Instance> {
    let mut values: Vec<Value> = Vec::new();
    let mut found: Vec<Instance> = Vec::new();
    let mut valid = 0;
    for _ in 0..40 {
        let value = sample::like(rng, oracle.schema(), oracle.root(), 0);
        if values.contains(&value) {
            continue;
        }
        let is_valid = oracle.is_valid(&value);
        if is_valid && valid >= VALID || !is_valid && found.len() >= VALID + 2 {
            continue;
        }
        valid += usize::from(is_valid);
        values.push(value.clone());
        found.push(Instance {
            value,
            valid: is_valid,
        });
    }
    for _ in 0..CHANGED {
        let Some(value) = values.get(rng.usize(..values.len().max(1))) else {
            break;
        };
        let value = sample::changed(rng, value.clone());
        if !found.iter().any(|it| it.value == value) {
            let valid = oracle.is_valid(&value);
            found.push(Instance { value, valid });
        }
    }
    found
}

/// The name of a document's module.
fn module_name(file: &str) -> String {
    let name: String = file
        .chars()
        .map(|sign| match sign {
            sign if sign.is_ascii_alphanumeric() => sign.to_ascii_lowercase(),
            _ => '_',
        })
        .collect();
    format!("d_{name}")
}

/// A node of a document as JSON.
fn json_of(node: &Rc<Node>) -> Value {
    match &node.value {
        source::Value::Null => Value::Null,
        source::Value::Bool(value) => Value::Bool(*value),
        source::Value::Number(text) => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_string()))
        }
        source::Value::String(text) => Value::String(text.to_string()),
        source::Value::Sequence(items) => items.iter().map(json_of).collect(),
        source::Value::Mapping(mapping) => mapping
            .entries()
            .iter()
            .map(|entry| (entry.key.to_string(), json_of(&entry.value)))
            .collect(),
    }
}

/// The way from a folder to a file, both absolute.
fn relative(folder: &Path, file: &Path) -> String {
    let shared = folder
        .components()
        .zip(file.components())
        .take_while(|(left, right)| left == right)
        .count();
    let up = folder.components().skip(shared).map(|_| "..".into());
    let down = file
        .components()
        .skip(shared)
        .map(|it| PathBuf::from(it.as_os_str()));
    let parts: Vec<PathBuf> = up.chain(down).collect();
    let parts: Vec<String> = parts
        .iter()
        .map(|it| it.to_string_lossy().into_owned())
        .collect();
    parts.join("/")
}
