//! Patterns: one static each, and the checks that refer to them.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal as Token, TokenStream, TokenTree};
use quote::quote;

use super::{docs, ident};
use crate::{
    ir::{Api, PatternId},
    pattern::{Pattern, Sequence, Step},
};

/// The statics of the patterns that the items name: a schema that is merged into another leaves its own behind.
pub(super) fn emit_patterns(items: &[TokenStream], api: &Api) -> Vec<TokenStream> {
    let mut named = BTreeSet::new();
    for item in items {
        collect(item.clone(), &mut named);
    }
    let patterns = api.patterns.iter().enumerate();
    let named = patterns.filter(|(index, _)| named.contains(&name(PatternId(*index)).to_string()));
    let statics = named.map(|(index, def)| {
        let name = name(PatternId(index));
        let docs = docs::line(&format!("`{}`", def.source.replace(['`', '\n', '\r'], " ")));
        match &def.pattern {
            Pattern::Simple(simple) => {
                let sequences = simple.sequences.iter().map(sequence);
                quote! { #docs static #name: SimplePattern = SimplePattern::new(&[#(#sequences),*]); }
            }
            Pattern::Linear(text) => quote! { #docs static #name: LinearPattern = LinearPattern::new(#text); },
            Pattern::Backtracking(text) => {
                quote! { #docs static #name: BacktrackingPattern = BacktrackingPattern::new(#text); }
            }
            Pattern::Any => quote! { #docs static #name: LinearPattern = LinearPattern::new(""); },
        }
    });
    statics.collect()
}

/// The names of statics among the tokens.
fn collect(tokens: TokenStream, named: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), named),
            TokenTree::Ident(ident) => {
                let ident = ident.to_string();
                if ident.starts_with(PREFIX) {
                    named.insert(ident);
                }
            }
            _ => {}
        }
    }
}

/// What the names of statics begin with.
const PREFIX: &str = "PATTERN_";

fn name(PatternId(index): PatternId) -> Ident {
    ident::ty(&format!("{PREFIX}{index}"))
}

/// The check of a text against a pattern.
pub(super) fn check(
    id: PatternId,
    node: &TokenStream,
    text: &TokenStream,
    api: &Api,
) -> TokenStream {
    let Some(def) = api.patterns.get(id.0) else {
        return quote! { true };
    };
    let method = ident::value(match &def.pattern {
        Pattern::Simple(_) => "simple_pattern",
        Pattern::Linear(_) | Pattern::Any => "linear_pattern",
        Pattern::Backtracking(_) => "backtracking_pattern",
    });
    let (name, source) = (name(id), &def.source);
    quote! { cx.#method(#node, #text, &#name, #source) }
}

/// Whether the key of a member matches a pattern.
pub(super) fn matches(
    id: PatternId,
    member: &TokenStream,
    key: &TokenStream,
    api: &Api,
) -> TokenStream {
    let name = name(id);
    match api.patterns.get(id.0).map(|def| &def.pattern) {
        Some(Pattern::Backtracking(_)) => quote! { cx.key_matches(#member, #key, &#name) },
        Some(_) => quote! { #name.is_match(#key) },
        None => quote! { true },
    }
}

fn sequence(sequence: &Sequence) -> TokenStream {
    let Sequence {
        from_start,
        steps,
        to_end,
    } = sequence;
    let steps = steps.iter().map(step);
    quote! {
        Sequence {
            from_start: #from_start,
            steps: &[#(#steps),*],
            to_end: #to_end,
        }
    }
}

fn step(step: &Step) -> TokenStream {
    match step {
        Step::Literal(text) => quote! { Step::Literal(#text) },
        Step::Class {
            ascii,
            non_ascii,
            min,
            max,
        } => {
            let ascii: TokenStream = format!("{ascii:#034x}").parse().unwrap_or_default();
            let ranges = non_ascii
                .iter()
                .map(|(first, last)| quote! { (#first, #last) });
            let min = Token::u32_unsuffixed(*min);
            let max = match max {
                Some(max) => {
                    let max = Token::u32_unsuffixed(*max);
                    quote! { Some(#max) }
                }
                None => quote! { None },
            };
            quote! { Step::Class(&CharClass::new(#ascii, &[#(#ranges),*]), #min, #max) }
        }
    }
}
