//! Printing: tokens become text as rustfmt would have it, with the blank lines that make it readable.

use proc_macro2::{TokenStream, TokenTree};

use super::layout;

/// The text of a module's items.
pub(super) fn print(items: &[TokenStream]) -> String {
    let mut text = String::new();
    for tokens in items {
        let printed = match syn::parse2::<syn::File>(tokens.clone()) {
            Ok(file) => {
                // Several items may come in one stream.
                let parts: Vec<String> = file.items.into_iter().map(print_item).collect();
                parts.join("\n")
            }
            // Emission makes items only; should it ever not, rustc says where better than we could.
            Err(_) => format!("{tokens}\n"),
        };
        let is_use = printed.starts_with("use ");
        let continues_uses = is_use && last_item_is_use(&text);
        if !text.is_empty() && !continues_uses {
            text.push('\n');
        }
        text.push_str(&printed);
    }
    text
}

fn print_item(item: syn::Item) -> String {
    if let syn::Item::Macro(it) = &item
        && let Some(text) = print_table(it)
    {
        return text;
    }
    let file = syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item],
    };
    spaced(&layout::refit(&prettyplease::unparse(&file)))
}

/// A macro that is given a name and a table, `name!(Type { A = "a", B = "b" })`, with a line for each entry where they do
/// not fit on one. The pretty-printer would fill lines with them.
fn print_table(item: &syn::ItemMacro) -> Option<String> {
    let mut tokens = item.mac.tokens.clone().into_iter();
    let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(table)), None) =
        (tokens.next(), tokens.next(), tokens.next())
    else {
        return None;
    };
    let head = format!("{}!({name} {{", item.mac.path.get_ident()?);
    let mut entries: Vec<String> = Vec::new();
    let mut is_new = true;
    for token in table.stream() {
        match (token, entries.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => is_new = true,
            (token, Some(entry)) if !is_new => {
                if !matches!(token, TokenTree::Group(_)) {
                    entry.push(' ');
                }
                entry.push_str(&token.to_string());
            }
            (token, _) => {
                is_new = false;
                entries.push(token.to_string());
            }
        }
    }
    let line = match entries.as_slice() {
        [] => format!("{head}}});\n"),
        _ => format!("{head} {} }});\n", entries.join(", ")),
    };
    if line.chars().count() <= layout::WIDTH {
        return Some(line);
    }
    let lines: String = entries.iter().map(|it| format!("    {it},\n")).collect();
    Some(format!("{head}\n{lines}}});\n"))
}

fn last_item_is_use(text: &str) -> bool {
    let end = text.trim_end();
    let last = end.rfind("\nuse ").map_or(0, |at| at + 1);
    end[last..].starts_with("use ") && end[last..].matches(';').count() == 1
}

/// The item with a blank line before each method, and around each field and variant that is documented.
///
/// String literals keep their line breaks escaped, so a line that begins a doc comment is one.
fn spaced(item: &str) -> String {
    let mut out = String::with_capacity(item.len() + item.len() / 8);
    let mut previous = "";
    let mut is_documented = false;
    for line in item.lines() {
        let trimmed = line.trim_start();
        let is_indented = line.len() > trimmed.len();
        let is_head = trimmed.starts_with("///") || trimmed.starts_with("#[");
        let is_method = trimmed.starts_with("fn ") || trimmed.starts_with("pub fn ");
        let continues =
            previous.trim_start().starts_with("///") || previous.trim_start().starts_with("#[");
        let opens = previous.ends_with('{') || previous.ends_with('(') || previous.is_empty();
        let is_closed = trimmed.starts_with(['}', ')', ']']);
        let ends_documented = is_documented && !is_closed && previous.ends_with(',');
        if is_indented && !continues && !opens && (is_head || is_method || ends_documented) {
            out.push('\n');
        }
        if !continues {
            is_documented = is_indented && trimmed.starts_with("///");
        }
        out.push_str(line);
        out.push('\n');
        previous = line;
    }
    out
}
