//! Generates the servers that the tests send requests to, as a user's build script does.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use specwright_build::Generator;

/// Documents of the corpus whose servers are tested, by the name of their module.
const CORPUS: [(&str, &str); 2] = [
    ("museum", "specs/examples/museum/openapi.yaml"),
    ("petstore", "specs/examples/petstore/openapi.yaml"),
];

fn main() {
    for folder in ["fixtures/serve", "../specs"] {
        println!("cargo::rerun-if-changed={folder}");
        for document in documents(Path::new(folder)) {
            let follows_servers = document.ends_with("servers.yaml");
            Generator::new(document)
                .server_paths(follows_servers)
                .client(true)
                .run();
        }
    }
    println!("cargo::rustc-check-cfg=cfg(bless, corpus)");
    println!("cargo::rerun-if-env-changed=SPECWRIGHT_BLESS");
    if env::var_os("SPECWRIGHT_BLESS").is_some() {
        println!("cargo::rustc-cfg=bless");
    }
    println!("cargo::rerun-if-env-changed=SPECWRIGHT_CORPUS");
    let corpus = env::var_os("SPECWRIGHT_CORPUS")
        .map_or_else(|| PathBuf::from("../../shared/corpus"), PathBuf::from);
    if CORPUS.iter().all(|(_, path)| corpus.join(path).is_file()) {
        println!("cargo::rustc-cfg=corpus");
        for (name, path) in CORPUS {
            Generator::new(corpus.join(path))
                .name(name)
                .client(true)
                .run();
        }
    }
}

/// The documents directly in a folder, in order.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|it| it == "yaml"))
        .collect();
    paths.sort();
    paths
}
