//! Handlers that give back what they are sent, or answer 501, and verifiers that do as the request says: with them, rustc checks every bound of the generated code.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;
use syn::{Item, ItemTrait, TraitItem};

/// The module around a generated one.
pub(crate) const ROOT: &str = "\
//! A document's server.

/// The generated module.
pub mod api;

#[allow(warnings, clippy::all, reason = \"only the generated code is of interest\")]
mod stub;

/// What implements every trait of the document.
#[derive(Debug)]
pub struct Stub;

pub use self::stub::stub;
";

/// The handlers for these traits, and the function that makes the API of them.
pub(crate) fn stub(handlers: &str, echoing: &[String]) -> syn::Result<String> {
    let file = syn::parse_file(handlers)?;
    let mut items = Vec::new();
    let mut traits = 0;
    for item in &file.items {
        match item {
            Item::Use(it) => items.push(rewritten(quote! { #it })),
            Item::Trait(it) => {
                traits += usize::from(it.ident != "Security");
                items.push(implementation(it, echoing));
            }
            _ => {}
        }
    }
    let argument = (traits > 0).then(|| quote! { super::Stub });
    items.push(quote! {
        pub fn stub() -> ::specwright::Api {
            super::api::api(#argument)
        }
    });
    let file: syn::File = syn::parse2(quote! { #(#items)* })?;
    Ok(prettyplease::unparse(&file))
}

fn implementation(it: &ItemTrait, echoing: &[String]) -> TokenStream {
    let name = &it.ident;
    let it_is_security = name == "Security";
    let members = it.items.iter().filter_map(|item| match item {
        TraitItem::Type(it) => {
            let name = &it.ident;
            Some(quote! { type #name = (); })
        }
        // What has a default is as good as that.
        TraitItem::Fn(it) if it.default.is_none() => {
            let signature = &it.sig;
            let plain = rewritten(quote! { #signature });
            if name == "ErrorBodies" {
                return Some(quote! {
                    #plain {
                        ::core::panic!("no body is made of errors")
                    }
                });
            }
            if it_is_security {
                return Some(quote! {
                    #plain {
                        async {
                            // Who tests a server says in the request what is thought of its credentials.
                            match cx.extensions().get::<bool>() {
                                ::core::option::Option::Some(true) => ::core::result::Result::Ok(()),
                                ::core::option::Option::Some(false) => ::core::result::Result::Err(
                                    ::specwright::Denied::unauthenticated()
                                ),
                                ::core::option::Option::None => ::core::result::Result::Err(
                                    ::core::convert::Into::into(::specwright::Problem::new(
                                        ::specwright::StatusCode::NOT_IMPLEMENTED
                                    ))
                                ),
                            }
                        }
                    }
                });
            }
            let echoes = echoing.iter().any(|name| signature.ident == name);
            let signature = rewritten(quote! { #signature });
            if echoes {
                return Some(quote! {
                    #signature {
                        async move { ::core::result::Result::Ok(request.body) }
                    }
                });
            }
            // Nothing is named without its path, since the document may name a type alike.
            Some(quote! {
                #signature {
                    async {
                        ::core::result::Result::Err(::core::convert::Into::into(
                            ::specwright::Problem::new(::specwright::StatusCode::NOT_IMPLEMENTED)
                        ))
                    }
                }
            })
        }
        _ => None,
    });
    quote! {
        impl super::api::handlers::#name for super::Stub { #(#members)* }
    }
}

/// The same tokens one module further down: `super` is the generated module, and `App::Principal` is `()`.
fn rewritten(tokens: TokenStream) -> TokenStream {
    let mut rewritten = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                let inner = rewritten_group(&group);
                rewritten.extend([TokenTree::Group(inner)]);
            }
            TokenTree::Ident(name) if name == "super" => rewritten.extend(quote! { super::api }),
            TokenTree::Ident(name)
                if name == "App"
                    && matches!(tokens.peek(), Some(TokenTree::Punct(it)) if it.as_char() == ':') =>
            {
                // Two colons and `Principal`.
                for _ in 0..3 {
                    tokens.next();
                }
                rewritten.extend(quote! { () });
            }
            token => rewritten.extend([token]),
        }
    }
    rewritten
}

fn rewritten_group(group: &Group) -> Group {
    let mut inner = Group::new(group.delimiter(), rewritten(group.stream()));
    inner.set_span(group.span());
    inner
}
