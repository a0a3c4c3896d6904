//! Generated code as reviewers see it. The golden files are compiled too, by this package's library.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use specwright_build::Generator;
use specwright_build::source::Memory;

/// The subfolders of a folder, in order.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// The files that are generated from a document, with their names in the folder of its golden files.
fn generate(document: &Path) -> [(&'static str, String); 2] {
    let has_client = document
        .parent()
        .is_some_and(|it| it.ends_with("typed-client"));
    let generator = Generator::new(document).client(has_client);
    let generated = generator.check();
    let api = generated
        .api
        .unwrap_or_else(|| panic!("{}", document.display()));
    [
        ("generated.rs", generator.one_file(&api)),
        ("openapi.json", api.served.json),
    ]
}

#[test]
fn generated_code_is_as_reviewed() {
    let bless = env::var_os("SPECWRIGHT_BLESS").is_some();
    let features = folders(Path::new("fixtures/valid"));
    assert!(features.len() >= 5);
    for feature in features {
        for (name, found) in generate(&feature.join("openapi.yaml")) {
            let file = feature.join(name);
            if bless {
                fs::write(&file, &found).unwrap();
                continue;
            }
            let golden = fs::read_to_string(&file).unwrap_or_default();
            let different = golden.lines().zip(found.lines()).position(|(a, b)| a != b);
            let line =
                different.unwrap_or_else(|| golden.lines().count().min(found.lines().count()));
            assert!(
                golden == found,
                "{} differs from line {} on; `cargo bless` accepts it:\n- {}\n+ {}",
                file.display(),
                line + 1,
                golden.lines().nth(line).unwrap_or("(the end)"),
                found.lines().nth(line).unwrap_or("(the end)"),
            );
        }
    }
}

#[test]
fn every_golden_file_is_compiled() {
    let library = fs::read_to_string("src/lib.rs").unwrap();
    for feature in folders(Path::new("fixtures/valid")) {
        let file = format!("../{}/generated.rs", feature.display());
        assert!(
            library.contains(&file),
            "`src/lib.rs` does not include {file}"
        );
    }
}

#[test]
fn generating_twice_gives_the_same_bytes() {
    let mut documents: Vec<_> = ["fixtures/serve", "../specs"]
        .into_iter()
        .flat_map(|folder| folders(Path::new(folder)))
        .filter(|file| file.extension().is_some_and(|it| it == "yaml"))
        .collect();
    documents.sort();
    assert!(documents.len() > 20);
    for document in documents {
        assert_eq!(generate(&document), generate(&document));
    }
}

#[test]
fn the_order_of_files_changes_nothing() {
    let entry = r#"
openapi: 3.1.1
info: {title: Files, version: "1"}
paths: {}
components:
  schemas:
    A: {type: object, properties: {b: {$ref: "b.yaml#/B"}, c: {$ref: "c.yaml"}}}
"#;
    let files = [
        ("api.yaml", entry),
        (
            "b.yaml",
            "B: {type: object, properties: {c: {$ref: c.yaml}}}",
        ),
        ("c.yaml", "{type: string, enum: [x, y]}"),
    ];
    let generate = |order: [usize; 3]| {
        let memory = order.into_iter().fold(Memory::new(), |memory, index| {
            let (name, text) = files[index];
            memory.with(name, text)
        });
        let generator = Generator::new("api.yaml");
        let generated = generator.check_with(memory);
        generator.one_file(generated.api.as_ref().unwrap())
    };
    let first = generate([0, 1, 2]);
    assert!(first.contains("pub struct B"));
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(generate(order), first);
    }
}
