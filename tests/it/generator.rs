//! What a build script does: what is written, when nothing is, and what Cargo is told.

use std::{fs, path::PathBuf, time::SystemTime};

use specwright_build::{Generator, Outcome, Written, source::Memory};
use tempfile::TempDir;

const PETS: &str = "\
openapi: 3.1.1
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      responses:
        '200':
          description: The pets.
          content: {application/json: {schema: {$ref: 'pet.yaml#/Pet'}}}
";

const PET: &str = "Pet: {type: object, properties: {name: {type: string}}}\n";

/// A folder with a document of two files, and one to generate into.
struct Package {
    folder: TempDir,
}

impl Package {
    fn new() -> Self {
        let package = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        package.write("pets.yaml", PETS);
        package.write("pet.yaml", PET);
        package
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn generator(&self) -> Generator {
        Generator::new(self.path("pets.yaml"))
    }

    fn run(&self) -> Outcome {
        self.generator().run_in(self.folder.path()).unwrap().outcome
    }

    fn written(&self) -> String {
        fs::read_to_string(self.path("pets/mod.rs")).unwrap()
    }

    fn time(&self) -> SystemTime {
        fs::metadata(self.path("pets/mod.rs"))
            .unwrap()
            .modified()
            .unwrap()
    }
}

fn generated(changed: usize) -> Outcome {
    Outcome::Generated(Written { files: 3, changed })
}

#[test]
fn unchanged_inputs_generate_nothing() {
    let package = Package::new();
    assert_eq!(package.run(), generated(3));
    let time = package.time();
    assert_eq!(package.run(), Outcome::Unchanged);
    assert_eq!(package.time(), time);
    // The same text once more is no change, whatever the time of the file says.
    package.write("pets.yaml", PETS);
    assert_eq!(package.run(), Outcome::Unchanged);
}

#[test]
fn a_changed_document_is_generated_again() {
    let package = Package::new();
    package.run();
    package.write("pets.yaml", &PETS.replace("listPets", "allPets"));
    assert_eq!(package.run(), generated(3));
    assert!(package.written().contains("fn all_pets"));
    // A document of several files is served as one text without its comments.
    package.write(
        "pets.yaml",
        &format!("{}# the end\n", PETS.replace("listPets", "allPets")),
    );
    assert_eq!(package.run(), generated(0));
}

#[test]
fn a_changed_file_that_is_referred_to_is_noticed() {
    let package = Package::new();
    package.run();
    package.write("pet.yaml", &PET.replace("name", "nick"));
    assert_eq!(package.run(), generated(3));
    assert!(package.written().contains("nick"));
    assert_eq!(package.run(), Outcome::Unchanged);
}

#[test]
fn a_file_that_was_missing_is_found_when_it_appears() {
    let package = Package::new();
    fs::remove_file(package.path("pet.yaml")).unwrap();
    assert_eq!(package.run(), Outcome::Failed);
    assert_eq!(package.run(), Outcome::Failed);
    package.write("pet.yaml", PET);
    assert_eq!(package.run(), generated(3));
}

#[test]
fn a_file_that_goes_away_after_a_success_is_an_error() {
    let package = Package::new();
    package.run();
    fs::remove_file(package.path("pet.yaml")).unwrap();
    assert_eq!(package.run(), Outcome::Failed);
    // And what was generated before still fits when it is back.
    package.write("pet.yaml", PET);
    assert_eq!(package.run(), Outcome::Unchanged);
}

#[test]
fn a_deleted_or_cut_output_is_written_again() {
    let package = Package::new();
    package.run();
    for name in ["mod.rs", "openapi.json", "openapi.yaml"] {
        fs::remove_file(package.path("pets").join(name)).unwrap();
        assert_eq!(package.run(), generated(1), "{name}");
    }
    fs::write(package.path("pets/mod.rs"), "").unwrap();
    assert_eq!(package.run(), generated(1));
    fs::write(package.path("pets/stamp.json"), "{").unwrap();
    assert_eq!(package.run(), generated(0));
    assert_eq!(package.run(), Outcome::Unchanged);
}

#[test]
fn another_option_generates_again() {
    let package = Package::new();
    let out = package.folder.path();
    package.run();
    let strict = package.generator().implied_types(false);
    assert_eq!(strict.run_in(out).unwrap().outcome, generated(0));
    assert_eq!(strict.run_in(out).unwrap().outcome, Outcome::Unchanged);
    let rooted = package.generator().root(out);
    assert_eq!(rooted.run_in(out).unwrap().outcome, generated(0));
}

#[test]
fn every_file_is_watched_also_where_the_document_has_errors() {
    let package = Package::new();
    package.write("pet.yaml", "Pet: {type: strng}\n");
    let run = package.generator().run_in(package.folder.path()).unwrap();
    assert_eq!(run.outcome, Outcome::Failed);
    let watched = format!(
        "cargo::rerun-if-changed={}\ncargo::rerun-if-changed={}\n",
        package.path("pets.yaml").display(),
        package.path("pet.yaml").display()
    );
    assert_eq!(run.directives(), watched);
    assert!(run.text.starts_with("error[unknown-type]"), "{}", run.text);
    package.write("pet.yaml", PET);
    for _ in 0..2 {
        let run = package.generator().run_in(package.folder.path()).unwrap();
        assert_eq!(run.directives(), watched);
    }
}

#[test]
fn warnings_are_told_line_by_line_and_again_when_nothing_changed() {
    let package = Package::new();
    package.write("pets.yaml", &PETS.replace("version: '1'", "version: 1"));
    let first = package.generator().run_in(package.folder.path()).unwrap();
    assert_eq!(first.outcome, generated(3));
    let directives = first.directives();
    assert!(
        directives.contains("\ncargo::warning=warning[wrong-kind]: `version` should be"),
        "{directives}"
    );
    assert!(directives.lines().all(|line| {
        line.starts_with("cargo::warning=") || line.starts_with("cargo::rerun-if-changed=")
    }));
    let second = package.generator().run_in(package.folder.path()).unwrap();
    assert_eq!(second.outcome, Outcome::Unchanged);
    assert_eq!(second.directives(), directives);
}

#[test]
fn nothing_of_a_document_becomes_a_directive() {
    let package = Package::new();
    let hostile = r#""a\ncargo::rustc-env=A=1\rcargo:rustc-cfg=b\u2028cargo:x""#;
    let text = PETS
        .replace("listPets", hostile)
        .replace("'200'", hostile)
        .replace("'pet.yaml#/Pet'", hostile);
    package.write("pets.yaml", &text);
    let run = package.generator().run_in(package.folder.path()).unwrap();
    assert_eq!(run.outcome, Outcome::Failed);
    for line in run.directives().lines() {
        assert!(
            line.starts_with("cargo::rerun-if-changed=") || line.starts_with("cargo::warning="),
            "{line}"
        );
    }
    for line in run.text.lines() {
        assert!(!line.starts_with("cargo:"), "{line}");
    }
}

#[test]
fn the_module_has_a_name_that_rust_allows() {
    let folder = tempfile::tempdir().unwrap();
    for (document, name) in [
        ("book-shop.v1.yaml", "book_shop_v1"),
        ("3scale.yaml", "_3scale"),
        ("match.yaml", "_match"),
        ("_.yaml", "__api"),
        (".yaml", "_yaml"),
        ("größe.yaml", "größe"),
    ] {
        let path = folder.path().join(document);
        fs::write(
            &path,
            "openapi: 3.1.1\ninfo: {title: T, version: '1'}\npaths: {}\n",
        )
        .unwrap();
        Generator::new(&path).run_in(folder.path()).unwrap();
        assert!(
            folder.path().join(name).join("mod.rs").exists(),
            "{document}"
        );
    }
    let path = folder.path().join("3scale.yaml");
    let outside = Generator::new(path).name("../outside");
    outside.run_in(folder.path()).unwrap();
    assert!(folder.path().join("___outside/mod.rs").exists());
}

/// The corpus runner reports it.
#[test]
fn schemas_that_lose_their_type_are_counted() {
    for (schema, untyped) in [
        ("{type: string}", 0),
        ("{type: [integer, number]}", 0),
        ("{type: [string, 'null']}", 0),
        ("{}", 0),
        ("{not: {type: string}}", 0),
        (
            "{type: [boolean, object, array, number, string, 'null']}",
            0,
        ),
        ("{type: object, properties: {a: {}, b: {type: string}}}", 0),
        ("{type: array}", 0),
        ("{type: [string, integer]}", 0),
        ("{enum: [a, 1]}", 1),
        ("{type: object, const: {a: 1}}", 1),
        (
            "{type: [string, object], properties: {a: {}}, enum: [a, {a: 1}]}",
            1,
        ),
        ("{type: array, prefixItems: [{type: string}]}", 1),
        (
            "{type: object, properties: {a: {const: {x: 1}}, b: {enum: [1, true]}}}",
            2,
        ),
    ] {
        let text = format!(
            "openapi: 3.1.1\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ncomponents: {{schemas: {{S: {schema}}}}}\n"
        );
        let memory = Memory::new().with("api.yaml", text);
        let api = Generator::new("api.yaml").check_with(memory).api.unwrap();
        assert_eq!(api.statistics.untyped, untyped, "{schema}");
    }
}

/// What the server answers by itself is in the document that it serves, where that is asked for.
#[test]
fn errors_of_the_server_are_added_to_the_served_document() {
    let pets = "\
openapi: 3.1.1
info: {title: Pets, version: '1'}
paths:
  /pets/{id}:
    put:
      operationId: putPet
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses:
        '204': {description: Stored.}
        '413': {description: Too long.}
";
    let generated = |on: bool| {
        let files = Memory::new().with("pets.yaml", pets);
        let generator = Generator::new("pets.yaml").document_errors(on);
        let generated = generator.check_with(files);
        let codes: Vec<_> = generated
            .diagnostics
            .sorted()
            .iter()
            .map(|it| it.code.as_str())
            .collect();
        (codes, generated.api.unwrap().served)
    };
    let (codes, served) = generated(false);
    assert_eq!(codes, ["undeclared-status"]);
    assert_eq!(served.yaml, pets);
    let (codes, served) = generated(true);
    assert!(codes.is_empty(), "{codes:?}");
    let document: serde_json::Value = serde_json::from_str(&served.json).unwrap();
    assert_eq!(
        serde_yaml::from_str::<serde_json::Value>(&served.yaml).unwrap(),
        document
    );
    let responses = document["paths"]["/pets/{id}"]["put"]["responses"].as_object();
    let statuses: Vec<&String> = responses.unwrap().keys().collect();
    assert_eq!(
        statuses,
        ["204", "400", "408", "413", "415", "422", "500", "503"]
    );
    assert_eq!(responses.unwrap()["413"]["description"], "Too long.");
    let added = &responses.unwrap()["422"];
    assert_eq!(added["description"], "Unprocessable Entity");
    assert!(added["content"]["application/problem+json"]["schema"].is_object());
}
