//! Models: the types of the schemas, without their impls.

use proc_macro2::TokenStream;
use quote::quote;

use super::{docs, ident, secret, ty};
use crate::ir::{
    Additional, Api, Derives, Field, Literal, Presence, Struct, Type, TypeDef, TypeKind, Union,
    Value,
};

pub(super) fn emit_models(api: &Api) -> Vec<TokenStream> {
    let defs = api.type_order.iter().filter_map(|id| api.types.get(id.0));
    defs.map(|def| emit_model(def, api)).collect()
}

fn emit_model(def: &TypeDef, api: &Api) -> TokenStream {
    let name = ident::ty(&def.name);
    let otherwise = format!("The schema `#{}`.", def.pointer.replace('`', "'"));
    let docs = docs::of(&def.docs, &otherwise);
    let deprecated = deprecated(def.deprecated);
    match &def.kind {
        TypeKind::Struct(it) => {
            let shown = Derives {
                default: def.derives.default && derives_default(it),
                ..def.derives
            };
            let derives = derive(shown, !secret::has_secrets(it));
            let fields = it.fields.iter().map(|field| emit_field(field, api));
            let additional = additional_field(it, api);
            quote! {
                #docs
                #deprecated
                #derives
                pub struct #name { #(#fields)* #additional }
            }
        }
        TypeKind::Enum(it) => {
            let derives = derives(def.derives);
            let variants = it.variants.iter().map(|variant| {
                let name = ident::ty(&variant.name);
                let docs = (!says(&variant.name, &variant.value))
                    .then(|| docs::line(&format!("`{}`", inline(&variant.value))));
                quote! { #docs #name }
            });
            let asked = Value {
                ty: Type::String,
                checks: it.checks.clone(),
            };
            let constraints = constraints(&[docs::constraints(&asked, &api.patterns)]);
            quote! {
                #docs
                #constraints
                #deprecated
                #derives
                pub enum #name { #(#variants),* }
            }
        }
        TypeKind::Union(it) => {
            let derives = derives(def.derives);
            let variants = variants(it, api);
            quote! {
                #docs
                #deprecated
                #derives
                pub enum #name { #(#variants),* }
            }
        }
        TypeKind::Newtype(value) => {
            let derives = derives(def.derives);
            let inner = ty::of(value, api);
            let constraints = constraints(&[docs::constraints(value, &api.patterns)]);
            quote! {
                #docs
                #constraints
                #deprecated
                #derives
                pub struct #name(pub(super) #inner);
            }
        }
        TypeKind::Alias(value) => {
            let inner = ty::of(value, api);
            quote! {
                #docs
                #deprecated
                pub type #name = #inner;
            }
        }
        TypeKind::Pending => TokenStream::new(),
    }
}

/// Whether every field's default is the one of its Rust type, so that the struct's can be derived.
pub(super) fn derives_default(it: &Struct) -> bool {
    it.fields.iter().all(|field| match &field.presence {
        Presence::Required => false,
        Presence::Optional => true,
        Presence::Default(literal) => match (literal, &field.value.ty) {
            (Literal::Null, _) => true,
            (_, Type::Named(_) | Type::Nullable(_) | Type::Json) => false,
            (Literal::Boolean(value), _) => !value,
            (Literal::Number(text), _) => text == "0",
            (Literal::String(text), _) => text.is_empty(),
            (Literal::Array(items), _) => items.is_empty(),
            (Literal::Object(members), _) => members.is_empty(),
        },
    })
}

/// Text for a code span.
pub(super) fn inline(text: &str) -> String {
    text.chars()
        .map(|sign| {
            if sign.is_control()
                || matches!(sign, '`' | '\u{2028}' | '\u{2029}')
                || docs::is_direction(sign)
            {
                ' '
            } else {
                sign
            }
        })
        .collect()
}

/// A paragraph of constraints after the words.
fn constraints(sentences: &[Option<String>]) -> TokenStream {
    sentences
        .iter()
        .flatten()
        .map(|sentence| docs::lines(&["", sentence]))
        .collect()
}

pub(super) fn deprecated(deprecated: bool) -> TokenStream {
    if deprecated {
        quote! { #[deprecated] }
    } else {
        TokenStream::new()
    }
}

/// Whether a member or value needs no words: the document has none, and the name is the same.
fn says(name: &str, in_document: &str) -> bool {
    let letters = |text: &str| -> String {
        let letters = text.chars().filter(|it| it.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    letters(name) == letters(in_document)
}

fn emit_field(field: &Field, api: &Api) -> TokenStream {
    let name = ident::value(&field.name);
    let ty = ty::of_field(field, api);
    let mut lines = field_docs(field);
    let default = match &field.presence {
        Presence::Default(literal) => Some(format!(
            "Default: `{}`.",
            inline(&super::literal::json(literal))
        )),
        _ => None,
    };
    let sentences = [docs::constraints(&field.value, &api.patterns), default];
    for sentence in sentences.into_iter().flatten() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(sentence);
    }
    let docs = docs::lines(&lines);
    let deprecated = deprecated(field.deprecated);
    quote! { #docs #deprecated pub #name: #ty, }
}

/// The words of a field.
fn field_docs(field: &Field) -> Vec<String> {
    let otherwise = match says(&field.name, &field.key) {
        true => String::new(),
        false => format!("The member `{}`.", inline(&field.key)),
    };
    docs::paragraphs(&field.docs, &otherwise)
}

/// Whether a model has fields or variants without words of their own.
pub(super) fn has_silent(api: &Api) -> bool {
    api.types.iter().any(|def| match &def.kind {
        TypeKind::Struct(it) => it.fields.iter().any(|field| field_docs(field).is_empty()),
        TypeKind::Enum(it) => it.variants.iter().any(|it| says(&it.name, &it.value)),
        TypeKind::Union(_) => true,
        TypeKind::Newtype(_) | TypeKind::Alias(_) | TypeKind::Pending => false,
    })
}

fn additional_field(it: &Struct, api: &Api) -> TokenStream {
    let Additional::Keep {
        name,
        value,
        evaluated,
    } = &it.additional
    else {
        return TokenStream::new();
    };
    let name = ident::value(name);
    let ty = ty::of(value, api);
    let docs = docs::line(match evaluated {
        true => "The members that no property names.",
        false => {
            "The members that no property names. What the schema asks of the whole depends on them."
        }
    });
    quote! { #docs pub #name: IndexMap<String, #ty>, }
}

fn variants<'a>(it: &'a Union, api: &'a Api) -> impl Iterator<Item = TokenStream> + 'a {
    it.variants.iter().map(|variant| {
        let name = ident::ty(&variant.name);
        let ty = ty::of(&variant.value, api);
        let ty = if variant.boxed {
            quote! { Box<#ty> }
        } else {
            ty
        };
        quote! { #name(#ty) }
    })
}

fn derives(derives: Derives) -> TokenStream {
    derive(derives, true)
}

/// The traits of a type; without `Debug`, that is written by hand.
fn derive(derives: Derives, debug: bool) -> TokenStream {
    let mut names = vec!["Clone"];
    if derives.copy {
        names.push("Copy");
    }
    if debug {
        names.push("Debug");
    }
    if derives.default {
        names.push("Default");
    }
    names.push("PartialEq");
    if derives.eq {
        names.push("Eq");
    }
    if derives.hash {
        names.push("Hash");
    }
    let names = names.into_iter().map(ident::ty);
    quote! { #[derive(#(#names),*)] }
}
