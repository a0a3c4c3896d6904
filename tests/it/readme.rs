//! What the README shows is what there is: its excerpts are parts of the files and of the generated code that it names.

use std::fs;

use specwright_build::Generator;

/// A fenced block and the comment above it, which says where it is from.
struct Excerpt {
    source: String,
    text: String,
}

fn excerpts(readme: &str) -> Vec<Excerpt> {
    let mut found = Vec::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        let Some(source) = line
            .strip_prefix("<!-- ")
            .and_then(|line| line.strip_suffix(" -->"))
        else {
            continue;
        };
        assert!(
            lines.next().is_some_and(|fence| fence.starts_with("```")),
            "`{source}` stands above no block"
        );
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        found.push(Excerpt {
            source: source.to_owned(),
            text: text.join("\n") + "\n",
        });
    }
    found
}

/// The modules of the code that is generated from a document.
fn generated(document: &str) -> String {
    let generator = Generator::new(format!("../{document}"));
    let api = generator.check().api.unwrap();
    let modules = generator.emit(&api);
    modules
        .children
        .into_iter()
        .map(|(_, text)| text)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn excerpts_are_what_they_say_to_be() {
    let readme = fs::read_to_string("../README.md").unwrap();
    let excerpts = excerpts(&readme);
    let mut from_generated = 0;
    for Excerpt { source, text } in &excerpts {
        let whole = match source.strip_prefix("generated from ") {
            Some(document) => {
                from_generated += 1;
                generated(document)
            }
            None => fs::read_to_string(format!("../{source}")).unwrap(),
        };
        assert!(
            format!("\n{whole}").contains(&format!("\n{text}")),
            "this is no part of {source} any more:\n{text}"
        );
    }
    assert!(excerpts.len() >= 7 && from_generated >= 3);
}

#[test]
fn its_links_and_commands_lead_somewhere() {
    let readme = fs::read_to_string("../README.md").unwrap();
    // Every second part stands between fences, where a bracket is code.
    let prose = readme.split("```").step_by(2);
    let links = prose
        .flat_map(|part| part.split("](").skip(1))
        .filter_map(|rest| rest.split_once(')'));
    for (link, _) in links {
        assert!(
            fs::exists(format!("../{link}")).unwrap(),
            "the README links to {link}"
        );
    }
    let manifest = fs::read_to_string("../Cargo.toml").unwrap();
    for (package, folder) in [
        ("bookshop", "examples/bookshop"),
        ("specwright-cli", "generator/cli"),
    ] {
        assert!(readme.contains(&format!("cargo run -p {package}")));
        assert!(manifest.contains(&format!("\"{folder}\"")));
    }
}
