//! Responses: what handlers return, and how it is sent.

use proc_macro2::TokenStream;
use quote::quote;

use super::{content, docs, ident, model, ty};
use crate::ir::{Api, Operation, Response, ResponseHeader, Status, Success, Type};

pub(super) fn emit_responses(api: &Api) -> Vec<TokenStream> {
    let mut items: Vec<TokenStream> = api
        .shared_responses
        .iter()
        .map(|shared| {
            let docs = docs::of(&shared.response.docs, "A response that operations share.");
            response_struct(&shared.name, &shared.response, &docs, false, api)
        })
        .collect();
    items.extend(api.shared_responses.iter().filter_map(|shared| {
        let body = shared.response.body.as_ref()?;
        content::emit_enum(body, &format!("The body of [`{}`].", shared.name), api)
    }));
    for operation in &api.operations {
        items.extend(success(operation, api));
        items.extend(error(operation, api));
        let own = operation.responses().filter(|it| it.shared.is_none());
        items.extend(own.filter_map(|response| {
            let what = format!(
                "The body of {} of `{}`.",
                status_words(response.status).to_lowercase(),
                operation.name
            );
            content::emit_enum(response.body.as_ref()?, &what, api)
        }));
    }
    items
}

/// The type that a handler returns where it succeeds.
pub(super) fn success_type(operation: &Operation, api: &Api) -> TokenStream {
    match &operation.success {
        Success::Plain(response) => response
            .body
            .as_ref()
            .map_or_else(|| quote! { () }, |body| content::of(body, api)),
        Success::Struct(response) => {
            let name = ident::ty(&response.name);
            quote! { #name }
        }
        Success::Enum { name, .. } => {
            let name = ident::ty(name);
            quote! { #name }
        }
    }
}

/// The type that a handler returns where it fails.
pub(super) fn error_type(operation: &Operation) -> TokenStream {
    match &operation.error {
        Some(name) => {
            let name = ident::ty(name);
            quote! { #name }
        }
        None => quote! { Unexpected },
    }
}

pub(super) fn needs_status(response: &Response) -> bool {
    !matches!(response.status, Status::Code(_))
}

/// Whether the response is a body alone, or nothing.
pub(super) fn is_bare(response: &Response) -> bool {
    response.headers.is_empty() && !needs_status(response)
}

fn status_words(status: Status) -> String {
    match status {
        Status::Code(code) => format!("`{code}`"),
        Status::Range(digit) => format!("`{digit}XX`"),
        Status::Default => "Any other status".to_owned(),
    }
}

fn response_docs(response: &Response) -> TokenStream {
    let mut lines = docs::paragraphs(&response.docs, "");
    let status = status_words(response.status);
    match lines.first_mut() {
        Some(first) => *first = format!("{status}: {first}"),
        None => lines.push(format!("{status}.")),
    }
    docs::lines(&lines)
}

fn header_type(header: &ResponseHeader, api: &Api) -> TokenStream {
    let ty = match &header.value.ty {
        Type::Nullable(inner) => ty::of(inner, api),
        _ => ty::of(&header.value, api),
    };
    if header.required {
        ty
    } else {
        quote! { Option<#ty> }
    }
}

/// The fields of a response that is more than its body.
fn fields(
    response: &Response,
    visibility: &TokenStream,
    with_status: bool,
    api: &Api,
) -> TokenStream {
    let status = (with_status && needs_status(response)).then(|| {
        let words = match response.status {
            Status::Range(digit) => format!("The status, {digit}00 to {digit}99."),
            _ => "The status, one that is not documented.".to_owned(),
        };
        let docs = docs::line(&words);
        quote! { #docs #visibility status: StatusCode, }
    });
    let headers = response.headers.iter().map(|header| {
        let name = ident::value(&header.field);
        let ty = header_type(header, api);
        let docs = docs::of(
            &header.docs,
            &format!("The header `{}`.", model::inline(&header.name)),
        );
        quote! { #docs #visibility #name: #ty, }
    });
    let body = response.body.as_ref().map(|body| {
        let ty = content::of(body, api);
        let docs = docs::line("The body.");
        quote! { #docs #visibility body: #ty, }
    });
    quote! { #status #(#headers)* #body }
}

fn response_struct(
    name: &str,
    response: &Response,
    docs: &TokenStream,
    with_status: bool,
    api: &Api,
) -> TokenStream {
    let name = ident::ty(name);
    let visibility = quote! { pub };
    if response.headers.is_empty() && !(with_status && needs_status(response)) {
        return match &response.body {
            Some(body) => {
                let ty = content::of(body, api);
                let derives = content::derives([body]);
                quote! { #docs #derives pub struct #name(pub #ty); }
            }
            None => quote! { #docs #[derive(Clone, Copy, Debug, PartialEq, Eq)] pub struct #name; },
        };
    }
    let fields = fields(response, &visibility, with_status, api);
    let derives = content::derives(&response.body);
    quote! { #docs #derives pub struct #name { #fields } }
}

fn success(operation: &Operation, api: &Api) -> Option<TokenStream> {
    match &operation.success {
        Success::Plain(_) => None,
        Success::Struct(response) => Some(response_struct(
            &response.name,
            response,
            &response_docs(response),
            true,
            api,
        )),
        Success::Enum { name, responses } => {
            let name = ident::ty(name);
            let docs = docs::line(&format!("The successes of `{}`.", operation.name));
            let variants = responses.iter().map(|response| variant(response, api));
            let derives = content::derives(responses.iter().flat_map(|it| &it.body));
            Some(quote! {
                #docs
                #derives
                pub enum #name { #(#variants),* }
            })
        }
    }
}

fn error(operation: &Operation, api: &Api) -> Option<TokenStream> {
    let name = ident::ty(operation.error.as_ref()?);
    let docs = docs::line(&format!("The errors of `{}`.", operation.name));
    let variants = operation
        .errors
        .iter()
        .map(|response| variant(response, api));
    let conversions = operation.errors.iter().filter_map(|response| {
        let shared = api.shared_responses.get(response.shared?)?;
        // The status of a range is the handler's to choose, so there is nothing to convert from.
        if needs_status(response)
            || operation
                .errors
                .iter()
                .filter(|it| it.shared == response.shared)
                .count()
                > 1
        {
            return None;
        }
        let (shared, variant) = (ident::ty(&shared.name), ident::ty(&response.name));
        Some(quote! {
            impl From<#shared> for #name {
                fn from(response: #shared) -> Self {
                    Self::#variant(response)
                }
            }
        })
    });
    Some(quote! {
        #docs
        #[derive(Debug)]
        pub enum #name {
            #(#variants,)*
            #[doc = " Anything else: a problem that is answered as it is, or an error that becomes an opaque 500."]
            Unexpected(Unexpected),
        }

        impl<E: Into<Unexpected>> From<E> for #name {
            fn from(error: E) -> Self {
                Self::Unexpected(error.into())
            }
        }

        #(#conversions)*
    })
}

fn variant(response: &Response, api: &Api) -> TokenStream {
    let name = ident::ty(&response.name);
    let docs = response_docs(response);
    if let Some(shared) = response
        .shared
        .and_then(|index| api.shared_responses.get(index))
    {
        let shared = ident::ty(&shared.name);
        if needs_status(response) {
            let status = docs::line("The status.");
            let words = docs::line("The response.");
            return quote! { #docs #name { #status status: StatusCode, #words response: #shared } };
        }
        return quote! { #docs #name(#shared) };
    }
    if is_bare(response) {
        return match &response.body {
            Some(body) => {
                let ty = content::of(body, api);
                quote! { #docs #name(#ty) }
            }
            None => quote! { #docs #name },
        };
    }
    let fields = fields(response, &TokenStream::new(), true, api);
    quote! { #docs #name { #fields } }
}
