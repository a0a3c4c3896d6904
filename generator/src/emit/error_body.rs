//! Bodies of errors that the server answers with by itself, where the document declares others than the runtime's.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{content, docs, ident, send};
use crate::ir::{Api, Contents, ErrorBody};

/// The trait that the user implements; none where the runtime's own errors are what the document declares.
pub(super) fn emit_trait(api: &Api) -> Option<TokenStream> {
    let mut methods: Vec<TokenStream> = Vec::new();
    for (index, body) in api.error_bodies.iter().enumerate() {
        let is_known = |before: &[ErrorBody]| before.iter().any(|it| it.name == body.name);
        if api.error_bodies.get(..index).is_some_and(is_known) {
            continue;
        }
        let name = ident::value(&body.name);
        let ty = content::of(&contents(body), api);
        let words = format!("The body of errors with {}.", statuses(&body.name, api));
        let docs = docs::line(&words);
        methods.push(quote! { #docs fn #name(&self, failure: &::specwright::Failure) -> #ty; });
    }
    if methods.is_empty() {
        return None;
    }
    let docs = docs::lines(&[
        "The bodies of errors that the server answers with by itself, as the document declares them.",
        "",
        "The status and the headers that go with the error are set already.",
    ]);
    Some(quote! {
        #docs
        #[diagnostic::on_unimplemented(
            message = "`{Self}` does not implement `ErrorBodies`, and the document declares bodies of errors that the server answers with by itself",
            note = "write `impl ErrorBodies for {Self}` with a method for each of them"
        )]
        pub trait ErrorBodies: Send + Sync + 'static { #(#methods)* }
    })
}

/// The function that makes the response of an error by the number of its body.
pub(super) fn emit_maker(api: &Api) -> Option<TokenStream> {
    let sent: Vec<TokenStream> = api.error_bodies.iter().map(|it| sent(it, api)).collect();
    let (index, body) = match sent.as_slice() {
        [] => return None,
        [only] => (quote! { _ }, quote! { #only }),
        [others @ .., last] => {
            let numbers = (0..others.len()).map(Literal::usize_unsuffixed);
            let arms = quote! { #(#numbers => #others,)* _ => #last, };
            (quote! { index }, quote! { match index { #arms } })
        }
    };
    Some(quote! {
        pub(super) fn make_error_body<App: ErrorBodies>(
            app: &App,
            failure: &::specwright::Failure,
            #index: usize,
        ) -> Result<Response, Refusal> {
            #body
        }
    })
}

fn sent(body: &ErrorBody, api: &Api) -> TokenStream {
    let name = ident::value(&body.name);
    let made = quote! { app.#name(failure) };
    let status = quote! { failure.status() };
    match send::sent_content(&body.content, &status, &made, api) {
        (sent, true) => sent,
        (sent, false) => quote! { Ok(#sent) },
    }
}

fn contents(body: &ErrorBody) -> Contents {
    Contents {
        name: None,
        list: vec![body.content.clone()],
    }
}

/// The statuses of the bodies that a method makes.
fn statuses(name: &str, api: &Api) -> String {
    let mut statuses: Vec<u16> = api
        .operations
        .iter()
        .flat_map(|operation| &operation.error_bodies)
        .filter(|(_, index)| {
            let body = api.error_bodies.get(*index);
            body.is_some_and(|body| body.name == name)
        })
        .map(|(status, _)| *status)
        .collect();
    statuses.sort_unstable();
    statuses.dedup();
    let list: Vec<String> = statuses
        .iter()
        .map(|status| format!("`{status}`"))
        .collect();
    list.join(", ")
}
