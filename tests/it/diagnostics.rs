//! How diagnostics look, and that nothing of the document escapes from them.

use specwright_build::{
    diagnostic::{
        Code, Diagnostic, Diagnostics, Severity, Style, closest, render, summary, to_json,
    },
    source::{FileId, Memory, Place, Sources, Span, walk},
};

/// Reads files given as name and text, the first as the entry, and draws what is wrong.
fn drawn(files: &[(&str, &str)]) -> String {
    let (diagnostics, sources) = read(files);
    render(&diagnostics, &sources, Style::Plain)
}

fn read(files: &[(&str, &str)]) -> (Diagnostics, Sources) {
    let memory = files.iter().fold(Memory::new(), |memory, (name, text)| {
        memory.with(name, *text)
    });
    let mut sources = Sources::with_reader("", memory);
    let mut diagnostics = Diagnostics::new();
    sources.load(files[0].0, &mut diagnostics);
    (diagnostics, sources)
}

/// Reads the entry, then follows the reference in its member `$ref` as a document would.
fn followed(files: &[(&str, &str)]) -> String {
    let (mut diagnostics, mut sources) = read(files);
    let (entry, tree) = sources.load(files[0].0, &mut diagnostics).unwrap();
    let member = tree.get("$ref").unwrap();
    let at = Place::root(entry).join("$ref", member.value.span);
    let reference = member.value.as_str().unwrap();
    if let Some((file, tree)) = sources.load_relative(entry, reference, &at, &mut diagnostics)
        && let Some((_, fragment)) = reference.split_once('#')
        && let Err(error) = walk(&tree, file, fragment)
    {
        error.report(reference, &at, &mut diagnostics);
    }
    render(&diagnostics, &sources, Style::Plain)
}

#[test]
fn a_repeated_key_names_both_lines() {
    insta::assert_snapshot!(drawn(&[("a.yaml", "paths:\n  /x:\n    get: {}\n  /y: {}\n  /x:\n    put: {}\n")]), @r#"
    error[duplicate-key]: the key `/x` is given twice in one mapping
     --> a.yaml:5:3
      |
    2 |   /x:
      |   -- first given here
    ...
    5 |   /x:
      |   ^^ given again here
      |
      = help: merge the two, or rename one

    1 error
    "#);
}

#[test]
fn a_tab_in_the_indentation() {
    insta::assert_snapshot!(drawn(&[("a.yaml", "info:\n\ttitle: x\n")]), @r#"
    error[syntax]: a tab is used for indentation
     --> a.yaml:2:1
      |
    2 |     title: x
      | ^^^^ YAML allows only spaces here
      |
      = help: indent with spaces, two for each level

    1 error
    "#);
}

#[test]
fn a_value_with_a_colon() {
    insta::assert_snapshot!(drawn(&[("a.yaml", "info:\n  title: Pets: the API\n")]), @r#"
    error[syntax]: a mapping cannot begin here
     --> a.yaml:2:14
      |
    2 |   title: Pets: the API
      |              ^ unexpected `:`
      |
      = help: check the indentation; a value that contains `: ` needs quotes

    1 error
    "#);
}

#[test]
fn an_unclosed_brace_is_marked_where_it_opens() {
    insta::assert_snapshot!(drawn(&[("a.yaml", "info: {title: x,\n  version: \"1\"\npaths: {}\n")]), @r#"
    error[syntax]: a mapping in braces is not closed
     --> a.yaml:1:7
      |
    1 | info: {title: x,
      |       ^ this brace is not closed
    2 |   version: "1"
    3 | paths: {}
      | - expected `,` or `}`
      |
      = help: close the brace, or put quotes around text with `,`, `{` or `}`

    1 error
    "#);
}

#[test]
fn an_unclosed_quote_is_marked_where_it_opens() {
    insta::assert_snapshot!(drawn(&[("a.yaml", "info:\n  'title': \"it's\n  version: \"1\"\npaths: {}\n")]), @r#"
    error[syntax]: a quote is not closed
     --> a.yaml:2:12
      |
    2 |   'title': "it's
      |            ^ this quote is not closed
    3 |   version: "1"
      |   - indented too little to belong to the quoted text
      |
      = help: close the quote, or indent the lines that continue the text

    1 error
    "#);
}

#[test]
fn a_comment_in_json() {
    insta::assert_snapshot!(drawn(&[("a.json", "{\n  \"a\": 1, // one\n}\n")]), @r#"
    error[syntax]: JSON has no comments
     --> a.json:2:11
      |
    2 |   "a": 1, // one
      |           ^ expected a value or key
      |
      = help: remove the comment, or name the file `.yaml`, where `#` begins a comment

    1 error
    "#);
}

#[test]
fn json_with_a_slip_is_told_in_the_words_of_json() {
    insta::assert_snapshot!(drawn(&[("a", "{\n  \"a\": 1\n  \"b\": [2]\n}\n")]), @r#"
    error[syntax]: a comma is missing between two members
     --> a:3:3
      |
    3 |   "b": [2]
      |   ^ expected `,` or `}`

    1 error
    "#);
}

#[test]
fn an_empty_file() {
    insta::assert_snapshot!(drawn(&[("a.yaml", "")]), @r#"
    error[empty-file]: the file is empty
    --> a.yaml
     = help: an OpenAPI document begins with `openapi: 3.1.1`

    1 error
    "#);
}

#[test]
fn a_missing_entry() {
    let mut sources = Sources::with_reader("", Memory::new());
    let mut diagnostics = Diagnostics::new();
    assert!(sources.load("api/pets.yaml", &mut diagnostics).is_none());
    insta::assert_snapshot!(render(&diagnostics, &sources, Style::Plain), @r#"
    error[file-not-found]: there is no file `api/pets.yaml`
    --> api/pets.yaml

    1 error
    "#);
}

#[test]
fn a_missing_file_names_the_path_tried() {
    insta::assert_snapshot!(followed(&[("api/a.yaml", "$ref: ./schemas/pet.yaml#/Pet\n")]), @r#"
    error[file-not-found]: there is no file `api/schemas/pet.yaml`
     --> api/a.yaml:1:7
      |
    1 | $ref: ./schemas/pet.yaml#/Pet
      |       ^^^^^^^^^^^^^^^^^^^^^^^ not found
      |
      = help: a path is relative to the folder of the file in which it stands

    1 error
    "#);
}

#[test]
fn a_url_is_refused() {
    insta::assert_snapshot!(followed(&[("a.yaml", "$ref: https://example.com/pet.yaml\n")]), @r#"
    error[remote-reference]: `https://example.com/pet.yaml` is not a file of this project
     --> a.yaml:1:7
      |
    1 | $ref: https://example.com/pet.yaml
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ references are not followed over the network
      |
      = help: save the file beside the document and refer to it by a relative path

    1 error
    "#);
}

#[test]
fn a_reference_out_of_the_root_folder() {
    insta::assert_snapshot!(followed(&[("a.yaml", "$ref: ../pet.yaml\n")]), @r#"
    error[file-outside-root]: `../pet.yaml` leads out of the root folder `.`
     --> a.yaml:1:7
      |
    1 | $ref: ../pet.yaml
      |       ^^^^^^^^^^^ not read
      |
      = help: move the file below the root folder, or choose a root folder that holds both

    1 error
    "#);
}

#[test]
fn a_broken_file_names_where_it_is_referenced() {
    insta::assert_snapshot!(
        followed(&[("a.yaml", "x: 1\n$ref: b.yaml#/Pet\n"), ("b.yaml", "Pet:\n  type: [object\n")]),
        @r#"
        error[syntax]: a bracket is not closed
         --> b.yaml:2:9
          |
        2 |   type: [object
          |         ^ this bracket is not closed
          |
         ::: a.yaml:2:7
          |
        2 | $ref: b.yaml#/Pet
          |       ----------- referenced here

        1 error
        "#
    );
}

#[test]
fn a_dangling_pointer_suggests_what_was_meant() {
    insta::assert_snapshot!(
        followed(&[("a.yaml", "$ref: '#/components/schemas/Pest'\ncomponents:\n  schemas:\n    Pet: {}\n")]),
        @r#"
        error[unresolved-reference]: `#/components/schemas/Pest` leads to nothing
         --> a.yaml:1:7
          |
        1 | $ref: '#/components/schemas/Pest'
          |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ `#/components/schemas` has no `Pest`
          |
          = help: did you mean `#/components/schemas/Pet`?

        1 error
        "#
    );
}

#[test]
fn a_pointer_with_a_bad_escape() {
    insta::assert_snapshot!(followed(&[("a.yaml", "$ref: '#/paths/~2pets'\n")]), @r#"
    error[pointer-escape]: `~2pets` has a `~` that begins no escape
     --> a.yaml:1:7
      |
    1 | $ref: '#/paths/~2pets'
      |       ^^^^^^^^^^^^^^^^ not a JSON pointer
      |
      = help: in a pointer `~0` means `~` and `~1` means `/`

    1 error
    "#);
}

#[test]
fn a_long_line_is_cut_around_the_marks() {
    let members: String = (0..30_000)
        .map(|it| format!(r#""k{it}":{{"é":"😀"}},"#))
        .collect();
    let text = format!(r#"{{{members}"k29999":1,"k1":2}}"#);
    let drawn = drawn(&[("a.json", &text)]);
    assert!(drawn.len() < 4_000, "{}", drawn.len());
    insta::assert_snapshot!(drawn, @r#"
    error[duplicate-key]: the key `k29999` is given twice in one mapping
     --> a.json:1:558892
      |
    1 | …},"k29997":{"é":"😀"},"k29998":{"é":"😀"},"k29999":{"é":"😀"},"k29999":1,"k1":2}
      |                                            --------            ^^^^^^^^ given again here
      |                                            |
      |                                            first given here
      |
      = note: at `#/k29999`
      = help: merge the two, or rename one

    error[duplicate-key]: the key `k1` is given twice in one mapping
     --> a.json:1:558903
      |
    1 | …{"é":"😀"},"k29999":{"é":"😀"},"k29999":1,"k1":2}
      |                                            ^^^^ given again here
      |
     ::: a.json:1:17
      |
    1 | {"k0":{"é":"😀"},"k1":{"é":"😀"},"k2":{"é":"😀"},"k3":{"é":"😀"},"k4":{"é":"😀"},"k5":{"é":"😀"},"k6":{"é":"😀"},"k7":{"é":"😀"}…
      |                  ---- first given here
      |
      = note: at `#/k1`
      = help: merge the two, or rename one

    2 errors
    "#);
}

#[test]
fn nothing_of_the_document_reaches_the_terminal_raw() {
    let text = "a: \u{202e}x\nb: \"\u{9b}31m\"\n";
    let mut sources = Sources::with_reader("", Memory::new().with("x\ncargo:y.yaml", text));
    let mut diagnostics = Diagnostics::new();
    sources.load("x\ncargo:y.yaml", &mut diagnostics);
    let hostile =
        "a\ncargo::rustc-env=INJECTED=1\r\ncargo:x \u{1b}[31m\u{9b}31m\u{202e}\u{2028}\u{85}";
    let span = |start, end| Span {
        file: FileId(0),
        start,
        end,
    };
    let place = Place::root(FileId(0)).join(hostile, span(0, 8));
    diagnostics
        .error(Code::Syntax, &place, hostile)
        .label(hostile)
        .related(span(12, 14), hostile)
        .help(hostile);
    for style in [Style::Plain, Style::Colored] {
        let drawn = render(&diagnostics, &sources, style);
        for line in drawn.split('\n') {
            assert!(!line.trim_start().starts_with("cargo:"), "{drawn}");
            let own = line.replace("\u{1b}[", "");
            assert!(style == Style::Colored || own == line);
            assert!(
                !own.contains(|it: char| it.is_control() || matches!(it, '\u{202e}' | '\u{2028}')),
                "{own:?}"
            );
        }
        assert!(!drawn.contains("\u{1b}[31m"));
    }
    let lines = to_json(&diagnostics, &sources);
    assert!(lines.lines().all(|line| line.starts_with('{')));
    assert!(!lines.contains(
        |it: char| it != '\n' && (it.is_control() || matches!(it, '\u{202e}' | '\u{2028}'))
    ));
    let mut messages = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    assert!(messages.any(|line| line["message"] == hostile));
}

#[test]
fn colours_change_nothing_but_colours() {
    let (diagnostics, sources) = read(&[("a.yaml", "a: 1\na: 2\nb: !x 3\n")]);
    let colored = render(&diagnostics, &sources, Style::Colored);
    let mut plain = String::new();
    for (index, part) in colored.split("\u{1b}[").enumerate() {
        plain.push_str(if index == 0 {
            part
        } else {
            part.split_once('m').unwrap().1
        });
    }
    assert_ne!(colored, plain);
    assert_eq!(plain, render(&diagnostics, &sources, Style::Plain));
}

#[test]
fn json_lines_have_the_documented_members() {
    let (diagnostics, sources) = read(&[("a.yaml", "é: 1\né: 2\n")]);
    insta::assert_snapshot!(to_json(&diagnostics, &sources), @r#"
    {"code":"duplicate-key","severity":"error","message":"the key `é` is given twice in one mapping","file":"a.yaml","line":2,"column":1,"end":{"line":2,"column":2},"pointer":"/é","label":"given again here","related":[{"file":"a.yaml","line":1,"column":1,"end":{"line":1,"column":2},"label":"first given here"}],"help":"merge the two, or rename one"}
    "#);
}

#[test]
fn the_order_is_by_file_then_place_then_code_and_each_comes_once() {
    let place = |file, start| {
        let span = Span {
            file: FileId(file),
            start,
            end: start,
        };
        Place {
            span,
            ..Place::root(FileId(file))
        }
    };
    let mut diagnostics = Diagnostics::new();
    for (file, start, code) in [
        (1, 0, Code::Syntax),
        (0, 9, Code::UnknownTag),
        (0, 9, Code::MergeKey),
        (0, 3, Code::UnknownTag),
        (0, 9, Code::MergeKey),
    ] {
        diagnostics.push(Diagnostic::new(
            Severity::Warning,
            code,
            &place(file, start),
            "x",
        ));
    }
    let order: Vec<_> = diagnostics
        .sorted()
        .iter()
        .map(|it| (it.place.span.file.0, it.place.span.start, it.code))
        .collect();
    assert_eq!(
        order,
        [
            (0, 3, Code::UnknownTag),
            (0, 9, Code::MergeKey),
            (0, 9, Code::UnknownTag),
            (1, 0, Code::Syntax)
        ]
    );
    assert_eq!(summary(&diagnostics), "4 warnings");
}

#[test]
fn every_code_has_a_name_and_a_page() {
    let names: Vec<&str> = Code::ALL.iter().map(|it| it.as_str()).collect();
    assert!(names.is_sorted_by(|one, other| one < other), "{names:?}");
    for code in Code::ALL {
        let page = code.explanation();
        assert!(
            page.split("\n\n").count() >= 3,
            "{}: what, why and what to do",
            code.as_str()
        );
        assert!(
            page.lines()
                .all(|line| line.is_empty() || line.starts_with(' ')),
            "{page}"
        );
        assert_eq!(Code::from_name(code.as_str()), Some(*code));
    }
    assert_eq!(Code::from_name("nothing"), None);
}

#[test]
fn the_nearest_word_is_suggested_or_none() {
    let names = ["Pet", "Pets", "Person", "operationId"];
    assert_eq!(closest("pet", names), Some("Pet"));
    assert_eq!(closest("Pest", names), Some("Pet"));
    assert_eq!(closest("operationID", names), Some("operationId"));
    assert_eq!(closest("Order", names), None);
    assert_eq!(closest(&"x".repeat(1_000), names), None);
}
