//! What cannot be seen from outside: which patterns never reach an engine.

use super::{compile::refuse_hopeless, parse::parse};

/// Trying to compile these takes seconds and all the memory that the limit allows, so it must not come to that.
#[test]
fn hopeless_patterns_are_refused_before_an_engine_tries() {
    for (pattern, offset) in [
        ("(ab|c){1000000}", 6),
        ("(((a{1000}){1000}){1000})x|b+", 18),
        (r"(\p{L}|xy){1,1000}", 10),
        ("((((((((((x+y|z){9}){9}){9}){9}){9}){9}){9}){9}){9})", 48),
        (r"(((((b|a+){1000}){1000}){1000}){1000})", 31),
        (r"(?=a)(((a{1000}){1000}){1000})", 23),
        ("((a*|b){50000}c){50000}", 16),
    ] {
        let node = parse(pattern).expect(pattern);
        let error = refuse_hopeless(&node).expect_err(pattern);
        assert!(
            error.message.contains("repeats too much"),
            "`{pattern}`: {error}"
        );
        assert_eq!(error.offset, offset, "`{pattern}`");
    }
}
