//! Reading files: the corpus against an oracle, aliases and limits, references between files, pointers.

use std::{
    cell::Cell,
    fs, io,
    path::{Path, PathBuf},
    rc::Rc,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use specwright_build::{
    diagnostic::{Code, Diagnostics, Style, render},
    source::{
        FileId, FileReader, MAX_DEPTH, MAX_FAULTS, Memory, Node, Place, PointerError, Sources,
        Span, Value, walk,
    },
};

/// The test data; none where it is not at hand.
fn corpus() -> Option<PathBuf> {
    let folder = match std::env::var_os("SPECWRIGHT_CORPUS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"),
    };
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln_skipped(&folder);
    None
}

#[expect(clippy::print_stderr, reason = "a test that does nothing must say so")]
fn eprintln_skipped(folder: &Path) {
    eprintln!("skipped: no corpus at {}", folder.display());
}

/// Every file below a folder, sorted.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|it| it.to_str()).unwrap_or("")
}

/// Reads one file from memory.
fn read(name: &str, text: impl Into<Vec<u8>>) -> (Option<Rc<Node>>, Diagnostics, Sources) {
    let mut diagnostics = Diagnostics::new();
    let mut sources = Sources::with_reader("", Memory::new().with(name, text));
    let tree = sources.load(name, &mut diagnostics).map(|(_, tree)| tree);
    (tree, diagnostics, sources)
}

#[track_caller]
fn read_clean(name: &str, text: &str) -> Rc<Node> {
    let (tree, diagnostics, sources) = read(name, text);
    assert!(
        diagnostics.is_empty(),
        "{}",
        render(&diagnostics, &sources, Style::Plain)
    );
    tree.unwrap()
}

fn codes(diagnostics: &Diagnostics) -> Vec<&'static str> {
    diagnostics
        .sorted()
        .iter()
        .map(|it| it.code.as_str())
        .collect()
}

/// The tree as compact JSON text.
fn json(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(it) => it.to_string(),
        Value::Number(text) => text.to_string(),
        Value::String(text) => serde_json::Value::from(&**text).to_string(),
        Value::Sequence(items) => {
            let items: Vec<String> = items.iter().map(|it| json(it)).collect();
            format!("[{}]", items.join(","))
        }
        Value::Mapping(mapping) => {
            let members: Vec<String> = mapping
                .entries()
                .iter()
                .map(|it| format!("{}:{}", serde_json::Value::from(&*it.key), json(&it.value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// Integers beyond 64 bits, at which the oracle gives up the file. It is given them as floats.
const TOO_LARGE_FOR_THE_ORACLE: [&str; 2] = ["18446744073709552000", "-9223372036854776000"];

/// What the oracle reads otherwise, from how the text is written, each with its reason.
///
/// It takes digits behind a zero for text, as YAML 1.1 had octal numbers there; the core schema of YAML 1.2 says
/// `[-+]? [0-9]+`, whatever the first digit.
fn is_known_difference(source: &str) -> bool {
    let digits = source.trim_start_matches(['-', '+']);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|it| it.is_ascii_digit())
}

/// Where a tree and the oracle's differ, as text; `text` is the file.
fn differences(
    node: &Node,
    oracle: &serde_yaml::Value,
    text: &str,
    path: &str,
    found: &mut Vec<String>,
) {
    let source = &text[node.span.start as usize..node.span.end as usize];
    let is_same = match (&node.value, oracle) {
        (Value::Null, serde_yaml::Value::Null) => true,
        (Value::Bool(one), serde_yaml::Value::Bool(other)) => one == other,
        (Value::String(one), serde_yaml::Value::String(other)) => **one == **other,
        (Value::Number(one), serde_yaml::Value::Number(other)) => {
            if let Some(integer) = other.as_u64() {
                one.parse() == Ok(integer)
            } else if let Some(integer) = other.as_i64() {
                one.parse() == Ok(integer)
            } else {
                one.parse().ok() == other.as_f64()
            }
        }
        (Value::Sequence(one), serde_yaml::Value::Sequence(other)) => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                differences(one, other, text, &format!("{path}/{index}"), found);
            }
            one.len() == other.len()
        }
        (Value::Mapping(one), serde_yaml::Value::Mapping(other)) => {
            for (entry, (key, value)) in one.entries().iter().zip(other) {
                let key = key_text(key);
                if *entry.key != *key {
                    found.push(format!("{path}: key {} or {key}", entry.key));
                }
                differences(&entry.value, value, text, &format!("{path}/{key}"), found);
            }
            one.entries().len() == other.len()
        }
        _ => false,
    };
    if !is_same && !is_known_difference(source) {
        found.push(format!("{path}: {} or {oracle:?}", json(node)));
    }
}

fn key_text(key: &serde_yaml::Value) -> String {
    match key {
        serde_yaml::Value::String(key) => key.clone(),
        serde_yaml::Value::Null => "null".to_owned(),
        key => serde_yaml::to_string(key).unwrap().trim_end().to_owned(),
    }
}

/// Merges what the oracle leaves for a call of its own. It puts merged members at the end, so the members are brought
/// into the tree's order; what the tree lacks stays behind.
fn merge_in_order(oracle: &mut serde_yaml::Value, node: &Node) {
    oracle.apply_merge().unwrap();
    reorder(oracle, node);
}

fn reorder(oracle: &mut serde_yaml::Value, node: &Node) {
    match (oracle, &node.value) {
        (serde_yaml::Value::Sequence(items), Value::Sequence(nodes)) => {
            for (item, node) in items.iter_mut().zip(nodes) {
                reorder(item, node);
            }
        }
        (serde_yaml::Value::Mapping(members), Value::Mapping(mapping)) => {
            let mut rest: Vec<_> = std::mem::take(members).into_iter().collect();
            for entry in mapping.entries() {
                let found = rest
                    .iter()
                    .position(|(key, _)| *key_text(key) == *entry.key);
                if let Some(found) = found {
                    let (key, mut value) = rest.remove(found);
                    reorder(&mut value, &entry.value);
                    members.insert(key, value);
                }
            }
            members.extend(rest);
        }
        _ => {}
    }
}

#[test]
fn corpus_documents_have_the_values_that_the_oracle_reads() {
    let Some(corpus) = corpus() else { return };
    let manifest = fs::read_to_string(corpus.join("specs/manifest.tsv")).unwrap();
    let entries: Vec<PathBuf> = manifest
        .lines()
        .skip(1)
        .map(|line| corpus.join("specs").join(line.split('\t').next().unwrap()))
        .collect();
    let files = files_below(&corpus.join("specs"));
    for entry in &entries {
        assert!(files.contains(entry), "{}", entry.display());
    }
    let mut wrong = Vec::new();
    let mut compared = 0;
    let mut merged = 0;
    for path in files
        .iter()
        .filter(|it| matches!(extension(it), "yaml" | "yml" | "json"))
    {
        let mut diagnostics = Diagnostics::new();
        let mut sources = Sources::beside(path);
        let loaded = sources.load(path, &mut diagnostics);
        let Some((file, tree)) = loaded.filter(|_| !diagnostics.has_errors()) else {
            wrong.push(render(&diagnostics, &sources, Style::Plain));
            continue;
        };
        let text = sources.text(file);
        if extension(path) == "json" {
            let oracle: serde_json::Value = serde_json::from_str(text).unwrap();
            let own: serde_json::Value = serde_json::from_str(&json(&tree)).unwrap();
            if own != oracle {
                wrong.push(format!("{}: other than the JSON oracle", path.display()));
            }
        } else {
            let as_floats = TOO_LARGE_FOR_THE_ORACLE
                .iter()
                .fold(text.to_owned(), |text, number| {
                    text.replace(number, &format!("{number}.0"))
                });
            match serde_yaml::from_str(&as_floats) {
                Ok(mut oracle) => {
                    if diagnostics.iter().any(|it| it.code == Code::MergeKey) {
                        merged += 1;
                        merge_in_order(&mut oracle, &tree);
                    }
                    let path = path.display().to_string();
                    differences(&tree, &oracle, text, &path, &mut wrong);
                }
                Err(error) => wrong.push(format!(
                    "{}: refused by the oracle: {error}",
                    path.display()
                )),
            }
        }
        compared += 1;
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(compared >= entries.len());
    assert!(merged >= 2, "{merged} documents with merge keys");
}

#[test]
fn invalid_documents_are_refused_at_the_right_line_and_soon() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("invalid");
    let mut refused = Vec::new();
    for path in files_below(&folder) {
        if !matches!(extension(&path), "yaml" | "yml" | "json") {
            continue;
        }
        let mut diagnostics = Diagnostics::new();
        let mut sources = Sources::beside(&path);
        let begin = Instant::now();
        let tree = sources.load(&path, &mut diagnostics);
        render(&diagnostics, &sources, Style::Plain);
        assert!(
            begin.elapsed() < Duration::from_secs(5),
            "{}",
            path.display()
        );
        assert!(
            tree.is_some() || diagnostics.has_errors(),
            "{}",
            path.display()
        );
        for diagnostic in diagnostics.sorted() {
            let name = path.strip_prefix(&folder).unwrap().display();
            let line = sources.line_column(diagnostic.place.span).0;
            refused.push(format!("{name}:{line} {}", diagnostic.code.as_str()));
        }
    }
    insta::assert_snapshot!(refused.join("\n"), @r"
    deep-nesting-flow.json:1 too-deep
    mermade/yamlbomb.yaml:5 alias-cycle
    ref-bad-file/broken.yaml:2 syntax
    yaml-alias-bomb-schemas.yaml:25 too-large
    yaml-alias-bomb.yaml:8 too-large
    yaml-alias-cycle.yaml:13 alias-cycle
    yaml-bad-utf8.yaml:2 syntax
    yaml-duplicate-key.yaml:8 duplicate-key
    yaml-empty.yaml:1 empty-file
    yaml-tab-indent.yaml:3 syntax
    yaml-unclosed-flow.yaml:2 syntax
    yaml-unknown-alias.yaml:10 unknown-alias
    ");
}

#[test]
fn json_is_accepted_and_refused_as_the_suite_says() {
    let Some(corpus) = corpus() else { return };
    for path in files_below(&corpus.join("json-parsing/test_parsing")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut diagnostics = Diagnostics::new();
        let mut sources = Sources::beside(&path);
        let tree = sources.load(&path, &mut diagnostics);
        let repeats_a_key = name.contains("duplicated_key");
        match &name[..2] {
            "y_" if repeats_a_key => assert_eq!(codes(&diagnostics), ["duplicate-key"], "{name}"),
            "y_" => {
                assert!(
                    diagnostics.is_empty(),
                    "{}",
                    render(&diagnostics, &sources, Style::Plain)
                );
                let (file, tree) = tree.unwrap();
                let own: serde_json::Value = serde_json::from_str(&json(&tree)).unwrap();
                let oracle: serde_json::Value = serde_json::from_str(sources.text(file)).unwrap();
                assert_eq!(own, oracle, "{name}");
            }
            "n_" => assert!(tree.is_none() && diagnostics.has_errors(), "{name}"),
            _ => assert_eq!(tree.is_none(), diagnostics.has_errors(), "{name}"),
        }
    }
}

#[test]
fn plain_scalars_have_the_types_of_the_core_schema() {
    let text = "[Y, on, No, ~, null, {a}, TRUE, 1, +1, 0x1F, 0o17, .5, 1e3, '1', \"x\", 2024-01-01, 1.10, 1_0]\n";
    let expected = r#"["Y","on","No",null,null,{"a":null},true,1,1,31,15,0.5,1e3,"1","x","2024-01-01",1.10,"1_0"]"#;
    assert_eq!(json(&read_clean("a.yaml", text)), expected);
}

#[test]
fn block_scalars_end_as_written() {
    assert_eq!(
        json(&read_clean(
            "a.yaml",
            "a: |\n  x\n\n  y\n\nb: >-\n  x\n  y\n"
        )),
        r#"{"a":"x\n\ny\n","b":"x y"}"#
    );
    for (text, expected) in [
        ("a: |\n  x\n", r#"{"a":"x\n"}"#),
        ("a: |\n  x", r#"{"a":"x"}"#),
        ("a: |+\n  x", r#"{"a":"x"}"#),
        ("a: |-\n  x", r#"{"a":"x"}"#),
        ("a: |\n  x\n# c", r#"{"a":"x\n"}"#),
        ("a: |\n  x\n ", r#"{"a":"x\n"}"#),
    ] {
        assert_eq!(json(&read_clean("a.yaml", text)), expected, "{text:?}");
    }
}

#[test]
fn tags_of_the_core_schema_count() {
    let tree = read_clean(
        "a.yaml",
        "[!!str 1, !!int '5', !!float 2, ! 3, !!bool true, !!str , !!timestamp 2024-01-01]\n",
    );
    assert_eq!(json(&tree), r#"["1",5,2,"3",true,"","2024-01-01"]"#);
    for text in [
        "!!int x",
        "!!bool 1",
        "!!int 1.5",
        "!!map 1",
        "!!str [1]",
        "!!null 0",
    ] {
        let (_, diagnostics, _) = read("a.yaml", text);
        assert_eq!(codes(&diagnostics), ["tag-mismatch"], "{text}");
    }
    let (tree, diagnostics, _) = read("a.yaml", "!include [1]");
    assert_eq!(codes(&diagnostics), ["unknown-tag"]);
    assert_eq!(json(&tree.unwrap()), "[1]");
}

#[test]
fn keys_are_text_as_written() {
    let tree = read_clean(
        "a.yaml",
        "200: a\n1.0: b\ntrue: c\n~: d\n0x1F: e\n? f\n: g\n",
    );
    assert_eq!(
        json(&tree),
        r#"{"200":"a","1.0":"b","true":"c","~":"d","0x1F":"e","f":"g"}"#
    );
}

#[test]
fn an_alias_shares_its_node() {
    let tree = read_clean("a.yaml", "a: &x {b: 1}\nc: *x\n&k d: e\nf: *k\n");
    let [a, c] = ["a", "c"].map(|key| &tree.get(key).unwrap().value);
    assert!(Rc::ptr_eq(a, c));
    assert_eq!(tree.get("f").unwrap().value.as_str(), Some("d"));
}

#[test]
fn an_alias_may_be_a_key() {
    let tree = read_clean("a.yaml", "a: &k 200\nb: {*k : ok}\n");
    assert_eq!(json(&tree), r#"{"a":200,"b":{"200":"ok"}}"#);
}

#[test]
fn merge_keys_add_members_where_they_stand() {
    for (text, expected) in [
        (
            "b: &b {x: 1, y: 2}\na: {p: 0, <<: *b, x: 3}\n",
            r#"{"p":0,"y":2,"x":3}"#,
        ),
        (
            "b: [&b {x: 1, y: 2}, &c {y: 3, z: 4}]\na: {<<: [*b, *c], w: 5}\n",
            r#"{"x":1,"y":2,"z":4,"w":5}"#,
        ),
        ("a:\n  !!merge <<: {x: 1}\n", r#"{"x":1}"#),
        ("a: {<<: [], x: 1}\n", r#"{"x":1}"#),
        (
            "c: [&c {x: 1}, &b {<<: *c, y: 2}]\na: {<<: *b}\n",
            r#"{"x":1,"y":2}"#,
        ),
    ] {
        let (tree, diagnostics, sources) = read("a.yaml", text);
        assert_eq!(codes(&diagnostics), ["merge-key"], "{text}");
        let tree = tree.unwrap();
        let a = &tree.get("a").unwrap().value;
        assert_eq!(json(a), expected, "{text}");
        for entry in a.as_mapping().unwrap().entries() {
            let range = entry.key_span.start as usize..entry.key_span.end as usize;
            let (file, _) = sources.line_column(entry.key_span);
            assert!(file > 0 && sources.text(entry.key_span.file)[range] == *entry.key);
        }
    }
    for text in ["a: {\"<<\": {x: 1}}\n", "a: {!!str <<: {x: 1}}\n"] {
        let tree = read_clean("a.yaml", text);
        assert_eq!(json(&tree), r#"{"a":{"<<":{"x":1}}}"#, "{text}");
    }
    let tree = read_clean("a.json", r#"{"a": {"<<": {"x": 1}}}"#);
    assert_eq!(json(&tree), r#"{"a":{"<<":{"x":1}}}"#);
}

#[test]
fn only_mappings_are_merged() {
    for (text, expected) in [
        ("a: {<<: 1}\n", vec!["merge-key", "wrong-kind"]),
        ("a: {<<: }\n", vec!["merge-key", "wrong-kind"]),
        (
            "a: {<<: [{}, [], x]}\n",
            vec!["merge-key", "wrong-kind", "wrong-kind"],
        ),
        ("a: {<<: *no}\n", vec!["merge-key", "unknown-alias"]),
        ("a: &a {<<: *a}\n", vec!["merge-key", "alias-cycle"]),
        ("a: {<<: {}, <<: {}}\n", vec!["merge-key", "duplicate-key"]),
    ] {
        assert_eq!(codes(&read("a.yaml", text).1), expected, "{text}");
    }
}

#[test]
fn merging_is_limited_like_aliases() {
    let members: String = (0..1000).map(|it| format!("k{it}: 0, ")).collect();
    let again = "*b, ".repeat(1000);
    let text = format!("b: &b {{{members}}}\na: {{<<: [{again}]}}\n");
    assert_eq!(codes(&read("a.yaml", text).1), ["merge-key", "too-large"]);
    // Each level holds the level below twice, under other names.
    let levels: String = (1..40)
        .map(|it| {
            let below = it - 1;
            format!("- &a{it} {{<<: *a{below}, x{it}: *a{below}, y{it}: *a{below}}}\n")
        })
        .collect();
    let text = format!("- &a0 {{x0: 0}}\n{levels}");
    assert_eq!(codes(&read("a.yaml", text).1), ["merge-key", "too-large"]);
    let nested = format!("{}1{}", "{<<: ".repeat(1000), "}".repeat(1000));
    assert_eq!(codes(&read("a.yaml", nested).1), ["merge-key", "too-deep"]);
}

#[test]
fn reading_goes_on_behind_a_fault() {
    let text = "a: 1\na: 2\nb: *no\n[c]: 3\n? {d: 4}\n: 5\ne: .nan\nf: 1\nf: 2\n";
    let (tree, diagnostics, sources) = read("a.yaml", text);
    assert!(tree.is_none(), "a part is missing");
    let lines: Vec<(usize, &str)> = diagnostics
        .sorted()
        .iter()
        .map(|it| (sources.line_column(it.place.span).0, it.code.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            (2, "duplicate-key"),
            (3, "unknown-alias"),
            (4, "non-scalar-key"),
            (5, "non-scalar-key"),
            (7, "not-a-json-number"),
            (9, "duplicate-key"),
        ]
    );
}

#[test]
fn the_first_of_a_repeated_key_stays() {
    for count in [2, 40] {
        let members: String = (0..count).map(|it| format!("k{it}: {it}\n")).collect();
        let (tree, diagnostics, _) = read("a.yaml", format!("{members}k1: again\n"));
        assert_eq!(codes(&diagnostics), ["duplicate-key"]);
        let tree = tree.unwrap();
        assert_eq!(json(&tree.get("k1").unwrap().value), "1");
        assert_eq!(tree.as_mapping().unwrap().entries().len(), count);
    }
}

#[test]
fn nesting_is_limited_with_aliases_followed() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for name in ["a.yaml", "a.json"] {
        read_clean(name, &nested(MAX_DEPTH));
        for depth in [MAX_DEPTH + 1, MAX_DEPTH + 2, 100_000] {
            let (tree, diagnostics, _) = read(name, nested(depth));
            assert!(tree.is_none());
            assert_eq!(codes(&diagnostics), ["too-deep"], "{name} {depth}");
        }
    }
    let block: String = (0..1000)
        .map(|it| format!("{}a:\n", " ".repeat(it)))
        .collect();
    assert_eq!(codes(&read("a.yaml", block).1), ["too-deep"]);
    let chain: String = (1..5000)
        .map(|it| format!("- &a{it} [*a{}]\n", it - 1))
        .collect();
    assert_eq!(
        codes(&read("a.yaml", format!("- &a0 []\n{chain}")).1),
        ["too-deep"]
    );
}

#[test]
fn alias_bombs_are_refused() {
    let bomb: String = (1..60)
        .map(|it| format!("x{it}: &x{it} [*x{0}, *x{0}]\n", it - 1))
        .collect();
    // Written out, it would not end.
    let (tree, diagnostics, _) = read("a.yaml", format!("x0: &x0 [1, 2]\n{bomb}"));
    assert!(tree.is_none());
    assert_eq!(codes(&diagnostics), ["too-large"]);
}

#[test]
fn faults_without_end_are_given_up() {
    let (_, diagnostics, _) = read("a.yaml", "a:\n".repeat(100_000));
    assert_eq!(diagnostics.len(), MAX_FAULTS);
    let (tree, diagnostics, _) = read("a.yaml", "- *a\n".repeat(100_000));
    assert!(tree.is_none());
    assert!(diagnostics.len() <= MAX_FAULTS + 2);
    assert!(codes(&diagnostics).contains(&"too-large"));
}

#[test]
fn files_that_are_no_document() {
    let code_of = |name: &str, content: &[u8]| codes(&read(name, content).1).join(" ");
    assert_eq!(code_of("a.yaml", b""), "empty-file");
    assert_eq!(code_of("a.json", b" \n"), "empty-file");
    assert_eq!(code_of("a.yaml", b"# nothing\n"), "empty-file");
    assert_eq!(
        code_of("a.yaml", b"a: 1\n---\nb: 2\n"),
        "multiple-documents"
    );
    assert_eq!(code_of("a.yaml", b"a: \xff\n"), "syntax");
    assert_eq!(code_of("a.yaml", b"\xff\xfea\0:\0"), "syntax");
    assert_eq!(code_of("a.json", b"{\"a\": 1,}"), "syntax");
    assert_eq!(code_of("a.yaml", b"{\"a\": 1,}"), "");
    assert_eq!(code_of("a.yaml", b"\xef\xbb\xbfa: 1"), "");
    assert_eq!(code_of("a.json", b"\xef\xbb\xbf{\"a\": 1}"), "");
}

#[test]
fn lines_and_columns_count_from_one_in_characters() {
    let text = "\u{feff}ä: 1\r\n\r\nx: \"😀é\"\r\nlast: [a, ö]";
    let (tree, _, sources) = read("a.yaml", text);
    let tree = tree.unwrap();
    let at = |span: Span| {
        (
            sources.line_column(span),
            &text[span.start as usize..span.end as usize],
        )
    };
    let x = tree.get("x").unwrap();
    assert_eq!(at(x.key_span), ((3, 1), "x"));
    assert_eq!(at(x.value.span), ((3, 4), "\"😀é\""));
    let last = &tree.get("last").unwrap().value;
    assert_eq!(at(last.span), ((4, 7), "[a, ö]"));
    assert_eq!(at(last.as_sequence().unwrap()[1].span), ((4, 11), "ö"));
}

/// Counts the files it is asked for.
#[derive(Debug)]
struct Counting(Memory, Rc<Cell<usize>>);

impl FileReader for Counting {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.1.set(self.1.get() + 1);
        self.0.read(path)
    }
}

#[test]
fn each_file_is_read_once_and_its_faults_are_told_once() {
    let reads = Rc::new(Cell::new(0));
    let files = Memory::new()
        .with("api/main.yaml", "a: 1")
        .with("api/s/x y.yaml", "b: 2")
        .with("api/broken.yaml", "a: [");
    let mut sources = Sources::with_reader("api", Counting(files, Rc::clone(&reads)));
    let mut diagnostics = Diagnostics::new();
    let (main, _) = sources.load("api/main.yaml", &mut diagnostics).unwrap();
    let at = Place::root(main);
    let (one, tree) = sources
        .load_relative(main, "s/x%20y.yaml#/b", &at, &mut diagnostics)
        .unwrap();
    assert_eq!(sources.name(one), "api/s/x y.yaml");
    let (other, again) = sources
        .load_relative(main, "./s/../s/x y.yaml", &at, &mut diagnostics)
        .unwrap();
    assert_eq!(one, other);
    assert!(Rc::ptr_eq(&tree, &again));
    let back = sources
        .load_relative(one, "../main.yaml#", &at, &mut diagnostics)
        .unwrap();
    assert_eq!(back.0, main);
    assert_eq!(
        sources
            .load_relative(one, "#/b", &at, &mut diagnostics)
            .unwrap()
            .0,
        one
    );
    assert_eq!(reads.get(), 2);
    assert!(diagnostics.is_empty());
    for _ in 0..2 {
        assert!(
            sources
                .load_relative(main, "broken.yaml", &at, &mut diagnostics)
                .is_none()
        );
    }
    assert_eq!(reads.get(), 3);
    assert_eq!(codes(&diagnostics), ["syntax"]);
}

#[test]
fn references_stay_below_the_root_folder_and_off_the_network() {
    let files = Memory::new()
        .with("api/main.yaml", "a: 1")
        .with("secret.yaml", "b: 2")
        .with("apiary.yaml", "c: 3");
    let mut sources = Sources::with_reader("api", files);
    let mut diagnostics = Diagnostics::new();
    let (main, _) = sources.load("api/main.yaml", &mut diagnostics).unwrap();
    for (reference, code) in [
        ("../secret.yaml", Code::FileOutsideRoot),
        ("%2e%2e/secret.yaml", Code::FileOutsideRoot),
        ("x/../../secret.yaml", Code::FileOutsideRoot),
        ("../apiary.yaml", Code::FileOutsideRoot),
        ("../../../../etc/passwd", Code::FileOutsideRoot),
        ("nowhere.yaml", Code::FileNotFound),
        ("%ff.yaml", Code::FileNotFound),
        ("http://example.com/a.yaml", Code::RemoteReference),
        ("HTTPS://example.com/a.yaml", Code::RemoteReference),
        ("file:///etc/passwd", Code::RemoteReference),
        ("//example.com/a.yaml", Code::RemoteReference),
        ("urn:x", Code::RemoteReference),
    ] {
        let mut diagnostics = Diagnostics::new();
        let loaded = sources.load_relative(main, reference, &Place::root(main), &mut diagnostics);
        assert!(loaded.is_none(), "{reference}");
        assert_eq!(codes(&diagnostics), [code.as_str()], "{reference}");
    }
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out_of_the_root_folder() {
    let folder = std::env::temp_dir().join(format!("specwright-links-{}", std::process::id()));
    let root = folder.join("api");
    fs::create_dir_all(&root).unwrap();
    fs::write(folder.join("secret.yaml"), "secret: 1").unwrap();
    fs::write(root.join("main.yaml"), "a: 1").unwrap();
    fs::write(root.join("other.yaml"), "b: 1").unwrap();
    std::os::unix::fs::symlink(folder.join("secret.yaml"), root.join("out.yaml")).unwrap();
    std::os::unix::fs::symlink(root.join("other.yaml"), root.join("in.yaml")).unwrap();
    let mut diagnostics = Diagnostics::new();
    let mut sources = Sources::beside(&root.join("main.yaml"));
    let (main, _) = sources
        .load(root.join("main.yaml"), &mut diagnostics)
        .unwrap();
    let at = Place::root(main);
    assert!(
        sources
            .load_relative(main, "in.yaml", &at, &mut diagnostics)
            .is_some()
    );
    assert!(diagnostics.is_empty());
    assert!(
        sources
            .load_relative(main, "out.yaml", &at, &mut diagnostics)
            .is_none()
    );
    assert!(
        sources
            .load_relative(main, ".", &at, &mut diagnostics)
            .is_none()
    );
    assert_eq!(
        codes(&diagnostics),
        ["file-outside-root", "unreadable-file"]
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn pointers_lead_to_nodes() {
    let tree = read_clean("a.yaml", "a: {b/c: [x, {d~: 1}], '%': 2, é: 3, '': 4}\n");
    let file = FileId(0);
    let to = |fragment: &str| {
        walk(&tree, file, fragment).map(|(node, place)| (json(&node), place.pointer.to_string()))
    };
    let found = |fragment: &str| to(fragment).unwrap().0;
    assert_eq!(found("#/a/b~1c/0"), "\"x\"");
    assert_eq!(found("/a/b~1c/1/d~0"), "1");
    assert_eq!(found("#/a/b%7E1c/1/d%7e0"), "1");
    assert_eq!(found("#/a/%25"), "2");
    assert_eq!(found("#/a/%C3%A9"), "3");
    assert_eq!(found("#/a/é"), "3");
    assert_eq!(found("#/a/"), "4");
    assert_eq!(to("#/a/b%2Fc").unwrap_err_kind(), "not found");
    assert_eq!(to("").unwrap().1, "");
    assert_eq!(to("#/a/b~1c/0").unwrap().1, "/a/b~1c/0");
    for (fragment, kind) in [
        ("#name", "no pointer"),
        ("#/a/b~2c", "tilde"),
        ("#/a/b~", "tilde"),
        ("#/%FF", "percent"),
        ("#/a/x", "not found"),
        ("#/a/b~1c/2", "not found"),
        ("#/a/b~1c/00", "not found"),
        ("#/a/b~1c/+1", "not found"),
        ("#/a/b~1c/-", "not found"),
        ("#/a/b~1c/0/z", "not found"),
    ] {
        assert_eq!(to(fragment).unwrap_err_kind(), kind, "{fragment}");
    }
}

/// The kind of a pointer's error, in a word.
trait ErrorKindOf {
    fn unwrap_err_kind(self) -> &'static str;
}

impl<T: std::fmt::Debug> ErrorKindOf for Result<T, PointerError> {
    fn unwrap_err_kind(self) -> &'static str {
        match self.unwrap_err() {
            PointerError::NotAPointer => "no pointer",
            PointerError::BadPercentEscape => "percent",
            PointerError::BadTildeEscape(_) => "tilde",
            PointerError::NotFound(_) => "not found",
        }
    }
}

#[test]
fn a_missing_pointer_says_how_far_it_leads_and_what_was_meant() {
    let tree = read_clean("a.yaml", "components: {schemas: {Pet: {}, Person: {}}}\n");
    let Err(PointerError::NotFound(missing)) =
        walk(&tree, FileId(0), "#/components/schemas/pet/type")
    else {
        panic!("there is no such schema");
    };
    assert_eq!(missing.reached.pointer.to_string(), "/components/schemas");
    assert_eq!(missing.missing, "pet");
    assert_eq!(missing.suggestion(), Some("Pet"));
}

/// Every span of a tree lies inside its file and between characters, and children lie inside their parents.
fn check_spans(node: &Node, text: &str) {
    let check = |span: Span| {
        assert!(
            text.get(span.start as usize..span.end as usize).is_some(),
            "{span:?} of {text:?}"
        );
    };
    check(node.span);
    for item in node.as_sequence().unwrap_or_default() {
        check_spans(item, text);
    }
    for entry in node.as_mapping().map_or(&[][..], |it| it.entries()) {
        check(entry.key_span);
        check_spans(&entry.value, text);
    }
}

/// Pieces that make up both whole and broken documents.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b",
        ": ",
        ":",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "\r\n",
        "\t",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "\"",
        "'",
        "\\",
        "\\u00e9",
        "&x ",
        "*x",
        "&y ",
        "*y ",
        "!!str ",
        "!t ",
        "|\n  ",
        ">-\n ",
        "<<: ",
        "? ",
        "#",
        " # c\n",
        "---\n",
        "...\n",
        "é",
        "😀",
        "\u{feff}",
        "\u{85}",
        "\u{2028}",
        "\u{1b}[31m",
        "1",
        ".5",
        "0x1F",
        "-",
        "~",
        "null",
        ".nan",
        "%TAG ! x\n",
        "@",
        "cargo:x\n",
        "cargo::y=\r",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Reads a text in both ways and checks all that holds of any text.
fn check_any(bytes: &[u8]) {
    for name in ["a.yaml", "a.json"] {
        let (tree, diagnostics, sources) = read(name, bytes);
        let text = sources.text(FileId(0));
        assert!(tree.is_some() || diagnostics.has_errors());
        if let Some(tree) = tree {
            check_spans(&tree, text);
        }
        for diagnostic in diagnostics.iter() {
            let spans = diagnostic.related.iter().map(|(span, _)| *span);
            for span in spans.chain([diagnostic.place.span]) {
                assert!(
                    text.get(span.start as usize..span.end as usize).is_some(),
                    "{span:?} of {text:?}"
                );
            }
        }
        let drawn = render(&diagnostics, &sources, Style::Plain);
        for line in drawn.split('\n') {
            assert!(!line.starts_with("cargo:"), "{drawn}");
            assert!(!line.contains(|it: char| it.is_control()), "{drawn:?}");
        }
    }
}

/// A bracket that the parser reports beside itself is still marked by whole characters.
#[test]
fn marks_never_split_a_character() {
    check_any("<<: \t[é\u{2028}:  # c\n\n  !t !!str !t nullnull\u{1b}[31m#".as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_strange(text in pieces()) {
        check_any(text.as_bytes());
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check_any(&bytes);
    }
}
