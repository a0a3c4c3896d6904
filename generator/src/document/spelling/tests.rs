use super::{Nearness, nearest};

const KNOWN: &[&str] = &[
    "maxItems",
    "maxLength",
    "parameters",
    "in",
    "name",
    "required",
];

#[test]
fn near_names() {
    for (written, expected) in [
        ("paramaters", Some(("parameters", Nearness::OneEdit))),
        ("requierd", Some(("required", Nearness::OneEdit))),
        ("maxLenght", Some(("maxLength", Nearness::OneEdit))),
        ("maxitems", Some(("maxItems", Nearness::OneEdit))),
        ("max_items", Some(("maxItems", Nearness::TwoEdits))),
        ("id", None),
        ("errorMessage", None),
        ("max", None),
        ("regex", None),
    ] {
        assert_eq!(nearest(written, KNOWN, |_| false), expected, "{written}");
    }
}

#[test]
fn a_name_that_is_there_was_not_meant() {
    assert_eq!(nearest("names", KNOWN, |name| name == "name"), None);
}
