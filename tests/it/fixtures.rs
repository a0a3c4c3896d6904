//! What every diagnostic looks like: `fixtures/invalid/<code>-<what>.yaml` and, beside it, the drawing in `.stderr`.
//!
//! `cargo bless` writes the drawings anew.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use specwright_build::{
    Generator,
    diagnostic::{Code, Style, render},
};

/// Relative, so that the drawings name the same files everywhere.
const FOLDER: &str = "fixtures/invalid";

/// The documents: each file, and `main.yaml` of each folder, which holds more files.
fn fixtures() -> Vec<(String, PathBuf)> {
    let mut found: Vec<_> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() || path.extension().is_some_and(|it| it != "stderr"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let document = if path.is_dir() {
                path.join("main.yaml")
            } else {
                path
            };
            (name, document)
        })
        .collect();
    found.sort();
    found
}

/// The code that a fixture is named after: the longest that fits.
fn code_of(name: &str) -> Option<Code> {
    Code::ALL
        .iter()
        .copied()
        .filter(|code| {
            let rest = name.strip_prefix(code.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
        .max_by_key(|code| code.as_str().len())
}

#[test]
fn every_diagnostic_is_drawn_as_it_was() {
    let bless = env::var_os("SPECWRIGHT_BLESS").is_some();
    let mut faults = String::new();
    for (name, document) in fixtures() {
        let code = code_of(&name).unwrap_or_else(|| panic!("`{name}` begins with no code"));
        // What is off by default is on where its code is shown.
        let checked = Generator::new(&document)
            .server_paths(code == Code::ServerPath)
            .check();
        let drawn = render(&checked.diagnostics, &checked.sources, Style::Plain);
        if !checked.diagnostics.iter().any(|it| it.code == code) {
            faults.push_str(&format!(
                "{name}: does not give `{}`:\n{drawn}\n",
                code.as_str()
            ));
        }
        let golden = Path::new(FOLDER).join(format!("{name}.stderr"));
        if bless {
            fs::write(&golden, &drawn).unwrap();
        } else if fs::read_to_string(&golden).ok().as_deref() != Some(&drawn) {
            faults.push_str(&format!("{name}: is drawn otherwise now:\n{drawn}\n"));
        }
    }
    assert!(
        faults.is_empty(),
        "\n{faults}\nif that is right: cargo bless"
    );
}

/// Codes that no small document gives, each with the reason.
const WITHOUT_FIXTURE: &[(Code, &str)] = &[];

#[test]
fn every_code_has_a_fixture() {
    let shown: BTreeSet<Code> = fixtures()
        .iter()
        .filter_map(|(name, _)| code_of(name))
        .collect();
    for code in Code::ALL {
        let excused = WITHOUT_FIXTURE.iter().any(|(other, _)| other == code);
        assert_ne!(shown.contains(code), excused, "`{}`", code.as_str());
    }
}

#[test]
fn every_drawing_has_its_document() {
    let names: BTreeSet<String> = fixtures().into_iter().map(|(name, _)| name).collect();
    for entry in fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(names.contains(name), "{}", path.display());
    }
}
