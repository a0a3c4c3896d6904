//! `Debug` of structs with members that are `writeOnly`, which never shows those.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;
use crate::ir::{Additional, Api, Format, Struct, Type, TypeKind};

/// Whether a struct has members that its derived `Debug` would show, and must not.
pub(super) fn has_secrets(it: &Struct) -> bool {
    // A password hides itself.
    it.fields
        .iter()
        .any(|field| field.is_secret && field.value.ty != Type::Formatted(Format::Password))
}

/// The impls of `Debug` of all such structs.
pub(super) fn emit_debug(api: &Api) -> Vec<TokenStream> {
    let defs = api.type_order.iter().filter_map(|id| api.types.get(id.0));
    let structs = defs.filter_map(|def| match &def.kind {
        TypeKind::Struct(it) if has_secrets(it) => Some((&def.name, it)),
        _ => None,
    });
    structs.map(|(name, it)| debug(name, it)).collect()
}

fn debug(name: &str, it: &Struct) -> TokenStream {
    let ty = ident::ty(name);
    let fields = it.fields.iter().map(|field| {
        let key = field.name.trim_start_matches("r#");
        let member = ident::value(&field.name);
        match field.is_secret {
            true => quote! { .field(#key, &format_args!("redacted")) },
            false => quote! { .field(#key, &self.#member) },
        }
    });
    let additional = match &it.additional {
        Additional::Keep { name, .. } => {
            let member = ident::value(name);
            Some(quote! { .field(#name, &self.#member) })
        }
        Additional::Ignore | Additional::Refuse { .. } => None,
    };
    quote! {
        impl ::std::fmt::Debug for #ty {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#name) #(#fields)* #additional .finish()
            }
        }
    }
}
