use super::PathTemplate;

#[test]
fn names_in_order() {
    let template = PathTemplate::parse("/a/{b}.json/{c}:cancel").expect("valid");
    assert_eq!(template.names().collect::<Vec<_>>(), ["b", "c"]);
}

#[test]
fn operators_are_not_part_of_names() {
    let template = PathTemplate::parse("/{.a*}/{;b}/{+c}/{*}").expect("valid");
    assert_eq!(template.names().collect::<Vec<_>>(), ["a", "b", "c", "*"]);
}

#[test]
fn wrong_templates() {
    for (text, words) in [
        ("a", "begin with"),
        ("/{a", "without its `}`"),
        ("/a}", "without its `{`"),
        ("/{}", "without a name"),
        ("/{a{b}}", "inside of braces"),
        ("/{a}{b}", "nothing between"),
        ("/{a}/{a}", "twice"),
    ] {
        let error = PathTemplate::parse(text).expect_err(text);
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn shapes() {
    let shape = |text| PathTemplate::parse(text).expect("valid").shape();
    assert_eq!(shape("/user/%61bc"), shape("/user/a%62c"));
    assert_eq!(shape("/a/{x}"), shape("/a/{y}"));
    assert_ne!(shape("/a%2fb"), shape("/a/b"));
    assert_eq!(shape("/a%2fb"), shape("/a%2Fb"));
    assert_eq!(shape("/100%"), b"/100%");
}
