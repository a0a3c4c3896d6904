use super::{is_media_type, is_url_reference};

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
        assert!(is_media_type(good), "{good}");
    }
    for bad in [
        "",
        "json",
        "application json",
        "application/",
        "*/json",
        "text/plain; charset",
        "a/b/c",
    ] {
        assert!(!is_media_type(bad), "{bad}");
    }
}

#[test]
fn urls() {
    for good in ["https://e.com/t", "/oauth/token", "token.php"] {
        assert!(is_url_reference(good), "{good}");
    }
    for bad in ["", "-", "https://e.com/a b", "https://e.com/\n"] {
        assert!(!is_url_reference(bad), "{bad}");
    }
}
