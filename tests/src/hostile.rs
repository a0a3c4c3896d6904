//! Bodies that cost a careless reader far more than their size, for `fixtures/serve/hostile.yaml`.

use std::fmt::Write as _;

/// The most bytes that a body may have unless an app sets another limit.
pub const LIMIT: usize = 2 << 20;

/// A value of the schema `Nested`: so many objects in each other, with `inner` in the innermost.
pub fn nested(depth: usize, inner: &str) -> String {
    let open = r#"{"next":"#.repeat(depth);
    let close = r#","right":true}"#.repeat(depth);
    format!("{open}{inner}{close}")
}

/// As many of an item as fit into the limit, as an array.
pub fn filled_with(item: &str) -> String {
    let count = (LIMIT - 2) / (item.len() + 1);
    format!("[{}]", vec![item; count].join(","))
}

/// As many distinct integers as fit into the limit, as an array.
pub fn distinct() -> String {
    let mut text = String::from("[0");
    for number in 1.. {
        if text.len() + 9 > LIMIT {
            break;
        }
        let _ = write!(text, ",{number}");
    }
    text + "]"
}

/// An object with so many keys of three characters, of which there are 753,571; the first is `###`.
pub fn keys(count: usize) -> String {
    let alphabet: Vec<char> = ('#'..='~').filter(|&char| char != '\\').collect();
    let mut members = Vec::with_capacity(count);
    for first in &alphabet {
        for second in &alphabet {
            for third in &alphabet {
                if members.len() == count {
                    return format!("{{{}}}", members.join(","));
                }
                members.push(format!("\"{first}{second}{third}\":0"));
            }
        }
    }
    format!("{{{}}}", members.join(","))
}
