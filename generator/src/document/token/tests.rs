use super::{MediaTypeSyntax, is_url_reference, media_type_syntax};

#[test]
fn media_types() {
    for good in [
        "application/json",
        "*/*",
        "text/*",
        "application/vnd.api+json; charset=utf-8",
        "multipart/related; boundary=\"a;b\"",
        "text/plain;",
    ] {
        assert_eq!(media_type_syntax(good), MediaTypeSyntax::Valid, "{good}");
    }
    for half in ["text/plain; charset", "application/json;simple"] {
        assert_eq!(
            media_type_syntax(half),
            MediaTypeSyntax::WrongParameter,
            "{half}"
        );
    }
    for bad in [
        "",
        "json",
        "application json",
        "application/",
        "*/json",
        "a/b/c",
        "a/b;\r\nc",
    ] {
        assert_eq!(media_type_syntax(bad), MediaTypeSyntax::Invalid, "{bad}");
    }
}

#[test]
fn urls() {
    for good in ["https://e.com/t", "/oauth/token", "token.php", "token"] {
        assert!(is_url_reference(good), "{good}");
    }
    for bad in ["", "-", "https://e.com/a b", "https://e.com/\n"] {
        assert!(!is_url_reference(bad), "{bad}");
    }
}
