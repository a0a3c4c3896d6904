//! Handler traits: what the user implements.

use proc_macro2::TokenStream;
use quote::quote;

use super::{docs, error_body, ident, model, response, security};
use crate::ir::{Api, HandlerTrait, Operation, Response, Status, Success};

pub(super) fn emit_handlers(api: &Api) -> Vec<TokenStream> {
    let mut items: Vec<TokenStream> = api.traits.iter().map(|it| emit_trait(it, api)).collect();
    items.extend(security::emit_trait(api));
    items.extend(error_body::emit_trait(api));
    items
}

/// Whether a trait has a secured operation, and so needs to know the application's principal.
pub(super) fn is_secured(it: &HandlerTrait, api: &Api) -> bool {
    it.operations
        .iter()
        .filter_map(|index| api.operations.get(*index))
        .any(|operation| !operation.security.is_empty())
}

fn emit_trait(it: &HandlerTrait, api: &Api) -> TokenStream {
    let name = ident::ty(&it.name);
    let docs = docs::of(
        &it.docs,
        &format!("The operations of {}.", it.name.trim_end_matches("Api")),
    );
    let methods = it
        .operations
        .iter()
        .filter_map(|index| api.operations.get(*index))
        .map(|it| emit_method(it, api));
    let missing = format!("`{{Self}}` does not implement `{}`", it.name);
    let is_secured = is_secured(it, api);
    let of = if is_secured { "<{App}>" } else { "" };
    let note = format!(
        "write `impl {}{of} for {{Self}}` with a method for each of its operations",
        it.name
    );
    let (parameters, bound) = if is_secured {
        (quote! { <App = Self> }, quote! { where App: Security })
    } else {
        (TokenStream::new(), TokenStream::new())
    };
    quote! {
        #docs
        #[diagnostic::on_unimplemented(message = #missing, note = #note)]
        pub trait #name #parameters: Send + Sync + 'static #bound { #(#methods)* }
    }
}

/// The words of an operation: its own, its route and its responses.
pub(super) fn method_docs(operation: &Operation, api: &Api) -> TokenStream {
    let mut lines = docs::paragraphs(&operation.docs, "");
    let route = format!(
        "`{} {}`",
        operation.method,
        model::inline(&operation.template)
    );
    // The summary stays the first line, the route comes next.
    if operation.docs.summary.is_some() && !lines.is_empty() {
        let end = lines
            .iter()
            .position(String::is_empty)
            .unwrap_or(lines.len());
        lines.splice(end..end, [String::new(), route]);
    } else {
        lines.splice(0..0, [route, String::new()]);
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.extend(responses(operation, api));
    docs::lines(&lines)
}

fn emit_method(operation: &Operation, api: &Api) -> TokenStream {
    let name = ident::value(&operation.name);
    let docs = method_docs(operation, api);
    let deprecated = model::deprecated(operation.deprecated);
    let user = security::principal(operation);
    let request = operation.request.as_ref().map(|request| {
        let ty = ident::ty(&request.name);
        quote! { request: #ty, }
    });
    let success = response::success_type(operation, api);
    let error = response::error_type(operation);
    quote! {
        #docs
        #deprecated
        fn #name(&self, cx: &Context, #user #request) -> impl Future<Output = Result<#success, #error>> + Send;
    }
}

/// The documented responses as a list.
fn responses(operation: &Operation, api: &Api) -> Vec<String> {
    let mut lines = vec![String::new(), "# Responses".to_owned(), String::new()];
    let list: Vec<(&Response, Option<String>)> = match &operation.success {
        Success::Plain(it) => vec![(it, None)],
        Success::Struct(it) => vec![(it, Some(it.name.clone()))],
        Success::Enum { name, responses } => responses
            .iter()
            .map(|it| (it, Some(format!("{name}::{}", it.name))))
            .collect(),
    };
    let errors = operation.errors.iter().map(|it| {
        let path = operation
            .error
            .as_ref()
            .map(|error| format!("{error}::{}", it.name));
        (it, path)
    });
    let _ = api;
    for (response, path) in list.into_iter().chain(errors) {
        let status = match response.status {
            Status::Code(code) => code.to_string(),
            Status::Range(digit) => format!("{digit}XX"),
            Status::Default => "default".to_owned(),
        };
        let words = docs::paragraphs(&response.docs, "");
        let words = words
            .iter()
            .take_while(|line| !line.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(" ");
        let shown = match path {
            Some(path) => format!("- [`{status}`]({path})"),
            None => format!("- `{status}`"),
        };
        lines.push(if words.is_empty() {
            shown
        } else {
            format!("{shown}: {words}")
        });
    }
    lines
}
