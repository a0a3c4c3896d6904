//! Spelling: `ir` becomes tokens, and tokens become text.
//!
//! **Invariant:** nothing is decided here and nothing can fail; `document` is not known.

mod check;
mod client;
mod content;
mod docs;
mod error_body;
mod handler;
mod ident;
mod import;
mod layout;
mod lint;
mod literal;
mod model;
mod operation;
mod pattern;
mod print;
mod received;
mod request;
mod response;
mod secret;
mod security;
mod send;
mod ty;
mod value;
mod wire;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::Api;

/// The modules of a generated API, in the order in which they are read.
pub struct Modules {
    /// The root: the `api` function and the names of all others.
    pub root: String,
    /// The modules below it, each with its name and text.
    pub children: Vec<(&'static str, String)>,
}

/// A module before it is printed.
struct Module {
    name: &'static str,
    docs: &'static str,
    /// Whether users name it.
    public: bool,
    items: Vec<TokenStream>,
}

/// Spells an API: what the user implements first, plumbing last.
pub fn emit(api: &Api) -> Modules {
    let modules = [
        Module {
            name: "handlers",
            docs: "What the server implements: one trait per tag.",
            public: true,
            items: handler::emit_handlers(api),
        },
        Module {
            name: "responses",
            docs: "What the handlers return: the successes and the documented errors of each operation.",
            public: true,
            items: response::emit_responses(api),
        },
        Module {
            name: "requests",
            docs: "What the handlers receive: parameters and bodies, already valid.",
            public: true,
            items: request::emit_requests(api),
        },
        Module {
            name: "models",
            docs: "The schemas of the document.",
            public: true,
            items: model::emit_models(api),
        },
        Module {
            name: "client",
            docs: "A client: one method for each operation.",
            public: true,
            items: client::emit_client(api),
        },
        Module {
            name: "wire",
            docs: "Decoding, checking and encoding. Nothing here is meant to be called.",
            public: false,
            items: wire::emit_wire(api),
        },
    ];
    let names = import::Names::of(api);
    let children: Vec<(&'static str, String)> = modules
        .iter()
        .filter(|module| !module.items.is_empty())
        .map(|module| {
            let uses = import::uses(&module.items, &names, module.name);
            (
                module.name,
                print::print(&[uses, module.items.clone()].concat()),
            )
        })
        .collect();
    let declared: Vec<&Module> = modules
        .iter()
        .filter(|module| !module.items.is_empty())
        .collect();
    Modules {
        root: print::print(&root(api, &declared)),
        children,
    }
}

/// The items of the root, with a declaration of each child in place of its text.
fn root(api: &Api, modules: &[&Module]) -> Vec<TokenStream> {
    let mut items = Vec::new();
    let shown: Vec<_> = modules
        .iter()
        // A client has names of its own.
        .filter(|module| module.public && module.name != "client")
        .map(|module| ident::value(module.name))
        .collect();
    if !shown.is_empty() {
        items.push(quote! { pub use self::{#(#shown::*),*}; });
    }
    items.push(operation::emit_api(api));
    items.extend(client::emit_function(api));
    for module in modules {
        let name = ident::value(module.name);
        let docs = docs::line(module.docs);
        let visibility = if module.public {
            quote! { pub }
        } else {
            TokenStream::new()
        };
        // A program that is no library would be warned of every model that it does not use.
        let unused = module.public.then(|| {
            quote! { #[allow(dead_code, reason = "a document may say more than one program uses")] }
        });
        let allowances = lint::allowances(api, module.name);
        items.push(quote! { #docs #unused #allowances #visibility mod #name; });
    }
    items
}
