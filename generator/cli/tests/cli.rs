//! The binary as it is called.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

const CLEAN: &str = "\
openapi: 3.1.1
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      responses:
        '200': {description: The pets.}
";

/// Without a response, which is an error at line 5.
const BROKEN: &str = "\
openapi: 3.1.1
info: {title: Pets, version: '1'}
paths:
  /pets:
    get: {operationId: listPets, responses: {ok: {description: The pets.}}}
";

fn folder_with(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file for the test");
    }
    folder
}

fn specwright(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_specwright"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit status")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn check_says_that_a_document_is_clean() {
    let folder = folder_with(&[("pets.yaml", CLEAN)]);
    let output = specwright(folder.path(), &["check", "pets.yaml"]);
    assert_eq!(code(&output), 0);
    assert_eq!(stdout(&output), "pets.yaml: no errors, no warnings\n");
    assert_eq!(stderr(&output), "");
}

#[test]
fn check_fails_where_one_of_several_documents_has_errors() {
    let folder = folder_with(&[("a.yaml", CLEAN), ("b.yaml", BROKEN)]);
    let output = specwright(folder.path(), &["check", "b.yaml", "a.yaml"]);
    assert_eq!(code(&output), 1);
    let text = stdout(&output);
    assert!(
        text.starts_with("error[invalid-status]: `ok` is not a status\n --> b.yaml:5:"),
        "{text}"
    );
    assert!(
        text.ends_with("1 error\na.yaml: no errors, no warnings\n"),
        "{text}"
    );
}

#[test]
fn check_passes_with_warnings() {
    let text = CLEAN.replace("version: '1'", "version: 1");
    let folder = folder_with(&[("pets.yaml", &text)]);
    let output = specwright(folder.path(), &["check", "pets.yaml"]);
    assert_eq!(code(&output), 0);
    assert!(
        stdout(&output).ends_with("\n1 warning\n"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn check_writes_json_by_the_line() {
    let folder = folder_with(&[("pets.yaml", BROKEN)]);
    let output = specwright(folder.path(), &["check", "--format", "json", "pets.yaml"]);
    assert_eq!(code(&output), 1);
    let text = stdout(&output);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(
        text.starts_with(r#"{"code":"invalid-status","severity":"error","#),
        "{text}"
    );
    assert!(text.contains(r##""file":"pets.yaml","line":5,"##), "{text}");
}

#[test]
fn colours_are_for_terminals_unless_asked_for() {
    let folder = folder_with(&[("pets.yaml", BROKEN)]);
    let plain = specwright(folder.path(), &["check", "pets.yaml"]);
    assert!(!stdout(&plain).contains('\u{1b}'));
    let colored = specwright(folder.path(), &["check", "pets.yaml", "--color=always"]);
    assert!(stdout(&colored).contains('\u{1b}'));
}

#[test]
fn a_root_folder_lets_references_leave_the_documents_folder() {
    let reference = CLEAN.replace("{description: The pets.}", "{$ref: ../shared.yaml#/Pets}");
    let folder = folder_with(&[("shared.yaml", "Pets: {description: The pets.}\n")]);
    fs::create_dir(folder.path().join("api")).expect("a folder");
    fs::write(folder.path().join("api/pets.yaml"), reference).expect("a file");
    let inside = specwright(folder.path(), &["check", "api/pets.yaml"]);
    assert_eq!(code(&inside), 1);
    assert!(
        stdout(&inside).contains("error[file-outside-root]"),
        "{}",
        stdout(&inside)
    );
    let with_root = specwright(folder.path(), &["check", "api/pets.yaml", "--root", "."]);
    assert_eq!(code(&with_root), 0, "{}", stdout(&with_root));
}

#[test]
fn generate_writes_a_module_tree_and_says_so_in_the_last_line() {
    let folder = folder_with(&[("pets.yaml", CLEAN)]);
    let output = specwright(folder.path(), &["generate", "pets.yaml", "-o", "out"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let handlers = fs::read_to_string(folder.path().join("out/handlers.rs")).expect("the traits");
    assert!(handlers.contains("fn list_pets("), "{handlers}");
    let files = fs::read_dir(folder.path().join("out"))
        .expect("the folder")
        .count();
    assert_eq!(
        stdout(&output),
        format!("generated 1 operation and 0 types: {files} of {files} files in `out` changed\n")
    );
    let again = specwright(folder.path(), &["generate", "pets.yaml", "-o", "out"]);
    assert!(
        stdout(&again).contains(&format!(": 0 of {files} files")),
        "{}",
        stdout(&again)
    );
}

#[test]
fn generate_prints_diagnostics_to_the_standard_error() {
    let folder = folder_with(&[("pets.yaml", BROKEN)]);
    let output = specwright(folder.path(), &["generate", "pets.yaml", "-o", "out"]);
    assert_eq!(code(&output), 1);
    assert_eq!(stdout(&output), "");
    assert!(
        stderr(&output).starts_with("error[invalid-status]"),
        "{}",
        stderr(&output)
    );
    assert!(!folder.path().join("out").exists());
}

#[test]
fn generate_writes_into_a_named_folder_and_never_outside() {
    let folder = folder_with(&[("pets.yaml", CLEAN)]);
    let inside = ["generate", "pets.yaml", "-o", "out", "--name", "pets"];
    assert_eq!(code(&specwright(folder.path(), &inside)), 0);
    assert!(folder.path().join("out/pets/mod.rs").exists());
    for name in ["../pets", "/pets", "", "..", "a/b", "1a"] {
        let outside = ["generate", "pets.yaml", "-o", "out", "--name", name];
        let output = specwright(folder.path(), &outside);
        assert_eq!(code(&output), 2, "{name}");
        assert!(
            stderr(&output).contains("is no name of a module"),
            "{}",
            stderr(&output)
        );
    }
}

#[cfg(unix)]
#[test]
fn generate_does_not_write_through_links() {
    let folder = folder_with(&[("pets.yaml", CLEAN), ("precious.rs", "mine")]);
    fs::create_dir(folder.path().join("out")).expect("a folder");
    let link = folder.path().join("out/mod.rs");
    std::os::unix::fs::symlink(folder.path().join("precious.rs"), link).expect("a link");
    let output = specwright(folder.path(), &["generate", "pets.yaml", "-o", "out"]);
    assert_eq!(code(&output), 1);
    assert!(
        stderr(&output).contains("`mod.rs` is a link"),
        "{}",
        stderr(&output)
    );
    let precious = fs::read_to_string(folder.path().join("precious.rs")).expect("the file");
    assert_eq!(precious, "mine");
}

#[test]
fn explain_prints_the_page_of_a_code() {
    let folder = folder_with(&[]);
    let output = specwright(folder.path(), &["explain", "duplicate-key"]);
    assert_eq!(code(&output), 0);
    let page = stdout(&output);
    assert!(
        page.starts_with("duplicate-key\n\nA mapping gives one key twice.\n\n"),
        "{page}"
    );
    let all = specwright(folder.path(), &["explain"]);
    assert_eq!(code(&all), 0);
    assert!(
        stdout(&all).lines().all(|line| line.contains("  ")),
        "{}",
        stdout(&all)
    );
}

#[test]
fn wrong_command_lines_say_what_was_meant() {
    let folder = folder_with(&[]);
    for (arguments, headline, tip) in [
        (&[][..], "a command is missing", "it is one of"),
        (
            &["chek"],
            "there is no command `chek`",
            "did you mean `check`?",
        ),
        (
            &["api.yaml"],
            "there is no command `api.yaml`",
            "specwright check api.yaml",
        ),
        (
            &["check"],
            "a document is missing",
            "specwright check api.yaml",
        ),
        (
            &["check", "a.yaml", "--fromat", "json"],
            "there is no option `--fromat`",
            "did you mean `--format`?",
        ),
        (
            &["check", "a.yaml", "--format", "jsn"],
            "`--format` takes `text` or `json`, not `jsn`",
            "did you mean `json`?",
        ),
        (
            &["check", "a.yaml", "--root"],
            "`--root` needs a value",
            "For more, try `specwright help check`",
        ),
        (
            &["check", "a.yaml", "--root", "a", "--root", "b"],
            "`--root` is given twice",
            "",
        ),
        (
            &["generate", "a.yaml"],
            "the folder to write to is missing",
            "specwright generate api.yaml -o DIR",
        ),
        (
            &["generate", "a.yaml", "b.yaml", "-o", "x"],
            "unexpected argument `b.yaml`",
            "",
        ),
        (
            &["explain", "duplicate-kye"],
            "there is no code `duplicate-kye`",
            "did you mean `duplicate-key`?",
        ),
        (
            &["help", "chek"],
            "there is no command `chek`",
            "did you mean `check`?",
        ),
        (
            &["--verison"],
            "there is no option `--verison`",
            "did you mean `--version`?",
        ),
    ] {
        let output = specwright(folder.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        let text = stderr(&output);
        assert!(text.starts_with(&format!("error: {headline}\n")), "{text}");
        assert!(text.contains(tip), "{text}");
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn help_and_version_are_printed() {
    let folder = folder_with(&[]);
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["help"],
        &["help", "check"],
        &["check", "--help"],
        &["generate", "-h"],
        &["explain", "--help"],
    ] {
        let output = specwright(folder.path(), arguments);
        assert_eq!(code(&output), 0, "{arguments:?}");
        assert!(
            stdout(&output).contains("\nUsage: specwright "),
            "{arguments:?}"
        );
    }
    let version = specwright(folder.path(), &["--version"]);
    assert_eq!(
        stdout(&version),
        format!("specwright {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = folder_with(&[]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_specwright"))
        .arg("explain")
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!(code(&output), 0);
    assert_eq!(stderr(&output), "");
}
