//! Identifiers: the one place that knows Rust's keywords.

use proc_macro2::{Ident, Span};

/// The keywords of all editions, `gen` and `try` included.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// The identifier of a field, method or argument; raw where the name is a keyword.
pub(super) fn value(name: &str) -> Ident {
    if KEYWORDS.contains(&name) {
        Ident::new_raw(name, Span::call_site())
    } else {
        Ident::new(name, Span::call_site())
    }
}

/// The identifier of a type, variant or constant.
pub(super) fn ty(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// The identifier of a local variable that holds a member: apart from those that the code around it uses.
pub(super) fn local(name: &str) -> Ident {
    const TAKEN: [&str; 18] = [
        "additional",
        "app",
        "call",
        "cx",
        "decimal",
        "error",
        "found",
        "it",
        "key",
        "long_decimal",
        "members",
        "node",
        "object",
        "out",
        "parameters",
        "response",
        "tree",
        "value",
    ];
    if TAKEN.contains(&name) {
        Ident::new(&format!("{name}_"), Span::call_site())
    } else {
        value(name)
    }
}

/// A local variable for each of several names, all distinct and apart from those that the code around them uses, `taken`
/// included.
pub(super) fn locals<'a>(
    names: impl IntoIterator<Item = &'a String>,
    taken: &[&str],
) -> Vec<Ident> {
    let mut locals: Vec<Ident> = Vec::new();
    for name in names {
        let mut longer = name.clone();
        let mut chosen = local(name);
        while locals.contains(&chosen) || taken.iter().any(|taken| chosen == taken) {
            longer.push('_');
            chosen = local(&longer);
        }
        locals.push(chosen);
    }
    locals
}
