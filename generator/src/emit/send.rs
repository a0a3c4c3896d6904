//! How what handlers return is sent.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal as Token, TokenStream};
use quote::quote;

use super::{
    ident,
    response::{is_bare, needs_status},
    value,
};
use crate::ir::{
    Api, Content, Contents, HeaderLayout, MediaContent, Operation, Response, Status, StreamItem,
    Success, Type, Value,
};

/// The expression that sends what the handler returned.
pub(super) fn send(operation: &Operation, api: &Api) -> TokenStream {
    let documented = documented(operation);
    let success = match &operation.success {
        Success::Plain(response) => {
            let sent = sent(
                response,
                &status_expression(response.status, &documented),
                &quote! { body },
                &TokenStream::new(),
                api,
            );
            if response.body.is_some() {
                quote! { Ok(body) => #sent, }
            } else {
                quote! { Ok(()) => #sent, }
            }
        }
        Success::Struct(response) => {
            let name = ident::ty(&response.name);
            let arm = arm(
                response,
                &quote! { Ok },
                &quote! { #name },
                true,
                &documented,
                api,
            );
            quote! { #arm }
        }
        Success::Enum { name, responses } => {
            let name = ident::ty(name);
            let arms = responses.iter().map(|response| {
                let variant = ident::ty(&response.name);
                arm(
                    response,
                    &quote! { Ok },
                    &quote! { #name::#variant },
                    false,
                    &documented,
                    api,
                )
            });
            quote! { #(#arms)* }
        }
    };
    let errors = match &operation.error {
        None => quote! { Err(error) => Err(error.into()), },
        Some(name) => {
            let name = ident::ty(name);
            let arms = operation.errors.iter().map(|response| {
                let variant = ident::ty(&response.name);
                arm(
                    response,
                    &quote! { Err },
                    &quote! { #name::#variant },
                    false,
                    &documented,
                    api,
                )
            });
            quote! {
                #(#arms)*
                Err(#name::Unexpected(error)) => Err(error.into()),
            }
        }
    };
    quote! { #success #errors }
}

/// A match arm that takes a response apart and sends it; `result` is `Ok` or `Err`.
fn arm(
    response: &Response,
    result: &TokenStream,
    path: &TokenStream,
    is_struct: bool,
    documented: &[Status],
    api: &Api,
) -> TokenStream {
    let status = status_expression(response.status, documented);
    if response.shared.is_some() && !is_struct {
        let call = asks_call(response).then(|| quote! { , call });
        return if needs_status(response) {
            quote! { #result(#path { status, response }) => response.send(#status #call), }
        } else {
            quote! { #result(#path(response)) => response.send(#status #call), }
        };
    }
    let sent = sent(
        response,
        &status,
        &quote! { body },
        &TokenStream::new(),
        api,
    );
    if is_bare(response) {
        return match &response.body {
            Some(_) => quote! { #result(#path(body)) => #sent, },
            None => quote! { #result(#path) => #sent, },
        };
    }
    let headers = response
        .headers
        .iter()
        .zip(header_locals(response))
        .map(|(header, local)| {
            let field = ident::value(&header.field);
            if field == local {
                quote! { #field }
            } else {
                quote! { #field: #local }
            }
        });
    let body = response.body.as_ref().map(|_| quote! { body, });
    let status = needs_status(response).then(|| quote! { status, });
    quote! { #result(#path { #status #(#headers,)* #body }) => #sent, }
}

/// A local variable for each header, apart from the functions and variables that the code around it uses.
fn header_locals(response: &Response) -> Vec<Ident> {
    const TAKEN: [&str; 19] = [
        "app",
        "body",
        "call",
        "check_status",
        "content",
        "empty",
        "events",
        "header",
        "json",
        "json_events",
        "json_items",
        "media",
        "optional_header",
        "request",
        "sent",
        "status",
        "text",
        "text_events",
        "user",
    ];
    let mut locals: Vec<Ident> = Vec::new();
    for header in &response.headers {
        let mut name = header.field.clone();
        let mut local = ident::local(&name);
        while TAKEN.iter().any(|taken| local == taken) || locals.contains(&local) {
            name.push('_');
            local = ident::value(&name);
        }
        locals.push(local);
    }
    locals
}

/// The status to send; that of a range is the handler's, in the variable `status`.
fn status_expression(status: Status, documented: &[Status]) -> TokenStream {
    let (range, others): (_, Vec<_>) = match status {
        Status::Code(code) => return status_code(code),
        Status::Range(digit) => (
            statuses(status),
            documented
                .iter()
                .filter(
                    |other| matches!(other, Status::Code(code) if code / 100 == u16::from(digit)),
                )
                .collect(),
        ),
        Status::Default => (
            statuses(status),
            documented
                .iter()
                .filter(|other| **other != Status::Default)
                .collect(),
        ),
    };
    let others = others.into_iter().map(|other| statuses(*other));
    quote! { check_status(status, #range, &[#(#others),*])? }
}

/// The statuses of every response that the operation documents.
fn documented(operation: &Operation) -> Vec<Status> {
    let successes = match &operation.success {
        Success::Plain(response) | Success::Struct(response) => std::slice::from_ref(response),
        Success::Enum { responses, .. } => responses,
    };
    let responses = successes.iter().chain(&operation.errors);
    responses.map(|response| response.status).collect()
}

/// The statuses that a response is for, as a range.
fn statuses(status: Status) -> TokenStream {
    let (first, last) = match status {
        Status::Code(code) => (code, code),
        Status::Range(digit) => (u16::from(digit) * 100, u16::from(digit) * 100 + 99),
        Status::Default => (200, 599),
    };
    let (first, last) = (Token::u16_unsuffixed(first), Token::u16_unsuffixed(last));
    quote! { #first..=#last }
}

/// How the responses that operations share are sent, each with the status of the operation.
pub(super) fn emit_shared(api: &Api) -> Vec<TokenStream> {
    let used: BTreeSet<usize> = api
        .operations
        .iter()
        .flat_map(|operation| {
            let successes = match &operation.success {
                Success::Enum { responses, .. } => responses.as_slice(),
                Success::Plain(_) | Success::Struct(_) => &[],
            };
            successes.iter().chain(&operation.errors)
        })
        .filter_map(|response| response.shared)
        .collect();
    let shared = api.shared_responses.iter().enumerate();
    let shared = shared.filter(|(index, _)| used.contains(index));
    let shared = shared.map(|(_, shared)| {
        let name = ident::ty(&shared.name);
        let body = if shared.response.headers.is_empty() {
            quote! { self.0 }
        } else {
            quote! { self.body }
        };
        let sent = sent(
            &shared.response,
            &quote! { status },
            &body,
            &quote! { self. },
            api,
        );
        let call = asks_call(&shared.response).then(|| quote! { , call: &Call });
        quote! {
            impl #name {
                fn send(self, status: StatusCode #call) -> Result<Response, Refusal> {
                    #sent
                }
            }
        }
    });
    shared.collect()
}

/// The expression that sends a response whose body is `body` and whose headers are fields of `owner`, or variables.
fn sent(
    response: &Response,
    status: &TokenStream,
    body: &TokenStream,
    owner: &TokenStream,
    api: &Api,
) -> TokenStream {
    let (sent, can_fail) = match &response.body {
        None => (quote! { empty(#status) }, false),
        Some(contents) => match (contents.list.as_slice(), &contents.name) {
            ([only], _) => sent_content(only, status, body, api),
            (several, None) => {
                let types: Vec<String> = several.iter().flat_map(written).collect();
                let arms = several.iter().enumerate().map(|(index, it)| {
                    let own = written(it);
                    let (sent, can_fail) = sent_content(it, status, body, api);
                    let sent = if can_fail {
                        sent
                    } else {
                        quote! { Ok(#sent) }
                    };
                    if index + 1 == several.len() {
                        quote! { _ => #sent, }
                    } else {
                        quote! { #(#own)|* => #sent, }
                    }
                });
                (
                    quote! { match call.preferred(&[#(#types),*]) { #(#arms)* } },
                    true,
                )
            }
            (several, Some(name)) => {
                let name = ident::ty(name);
                let arms = several.iter().map(|it| {
                    let variant = ident::ty(&it.variant);
                    let (sent, can_fail) = sent_content(it, status, &quote! { body }, api);
                    let sent = if can_fail {
                        sent
                    } else {
                        quote! { Ok(#sent) }
                    };
                    quote! { #name::#variant(body) => #sent, }
                });
                (quote! { match #body { #(#arms)* } }, true)
            }
        },
    };
    if response.headers.is_empty() {
        return if can_fail {
            sent
        } else {
            quote! { Ok(#sent) }
        };
    }
    let sent = if can_fail {
        quote! { #sent? }
    } else {
        sent
    };
    let locals = header_locals(response);
    let headers = response.headers.iter().zip(locals).map(|(header, local)| {
        let field = if owner.is_empty() {
            quote! { #local }
        } else {
            let field = ident::value(&header.field);
            quote! { #owner #field }
        };
        let name = &header.name;
        let layout = ident::ty(match header.layout {
            HeaderLayout::Simple => "Simple",
            HeaderLayout::Exploded => "Exploded",
            HeaderLayout::Json => "Json",
        });
        let check = match &header.value.ty {
            Type::Nullable(inner) => checker(inner, api),
            _ => checker(&header.value, api),
        };
        if header.required {
            quote! { header(&mut sent, #name, HeaderLayout::#layout, &#field, #check)?; }
        } else {
            quote! {
                optional_header(&mut sent, #name, HeaderLayout::#layout, #field.as_ref(), #check)?;
            }
        }
    });
    quote! {
        {
            let mut sent: Response = #sent;
            #(#headers)*
            Ok(sent)
        }
    }
}

/// The expression that sends one content, and whether it can fail.
fn sent_content(
    it: &MediaContent,
    status: &TokenStream,
    body: &TokenStream,
    api: &Api,
) -> (TokenStream, bool) {
    let types = written(it);
    let media_type = match types.as_slice() {
        [only] => quote! { #only },
        several => quote! { call.preferred(&[#(#several),*]) },
    };
    match &it.content {
        Content::Json(value) => {
            let check = checker(value, api);
            (quote! { json(#status, #media_type, &#body, #check) }, true)
        }
        Content::Text(value) if value.ty == Type::String && value.checks.is_empty() => {
            (quote! { content(#status, #media_type, #body) }, false)
        }
        Content::Text(value) => {
            let check = checker(value, api);
            (quote! { text(#status, #media_type, &#body, #check) }, true)
        }
        Content::Stream(stream) => {
            let (function, value) = match &stream.item {
                StreamItem::Json(value) => ("json_items", value),
                StreamItem::Event(value) => ("events", value),
                StreamItem::EventJson(value) => ("json_events", value),
                StreamItem::EventText(value) => ("text_events", value),
            };
            let function = ident::value(function);
            let check = checker(value, api);
            (
                quote! { #function(call, #status, #media_type, #body, #check) },
                false,
            )
        }
        Content::Media => {
            let ranges = &it.media_types;
            (quote! { media(#status, &[#(#ranges),*], #body) }, true)
        }
        Content::Bytes | Content::Form(_) | Content::Multipart(_) => {
            (quote! { content(#status, #media_type, #body) }, false)
        }
    }
}

/// The media types that a content is written in.
fn written(it: &MediaContent) -> Vec<String> {
    let types = it.media_types.iter();
    types.map(|name| written_as(&it.content, name)).collect()
}

/// Whether sending a response asks the call which media type is preferred.
fn asks_call(response: &Response) -> bool {
    let Some(Contents { name, list }) = &response.body else {
        return false;
    };
    if list
        .iter()
        .any(|it| matches!(it.content, Content::Stream(_)))
    {
        return true;
    }
    let mut typed = list.iter().filter(|it| it.content != Content::Media);
    name.is_none() && list.len() > 1 || typed.any(|it| it.media_types.len() > 1)
}

/// The media type that a content is written in, where the document says a range or no charset.
pub(super) fn written_as(content: &Content, media_type: &str) -> String {
    let media_type = media_type.trim();
    let essence = media_type.split(';').next().unwrap_or("").trim();
    match content {
        Content::Media => media_type.to_owned(),
        Content::Text(_) if essence.ends_with("/*") => "text/plain; charset=utf-8".to_owned(),
        Content::Text(_)
            if essence.to_ascii_lowercase().starts_with("text/")
                && !media_type.to_ascii_lowercase().contains("charset") =>
        {
            format!("{media_type}; charset=utf-8")
        }
        Content::Json(_) if essence.ends_with("/*") => "application/json".to_owned(),
        _ if essence.ends_with("/*") => "application/octet-stream".to_owned(),
        _ => media_type.to_owned(),
    }
}

/// What tells whether a response's text is what the document says.
fn checker(value: &Value, api: &Api) -> TokenStream {
    value::closure(&value::check(value, &quote! { node }, api))
}

pub(super) fn status_code(code: u16) -> TokenStream {
    let name = http::StatusCode::from_u16(code)
        .ok()
        .and_then(|status| match code {
            418 => Some("IM_A_TEAPOT".to_owned()),
            _ => status.canonical_reason().map(|reason| {
                reason
                    .chars()
                    .map(|sign| {
                        if sign.is_ascii_alphanumeric() {
                            sign.to_ascii_uppercase()
                        } else {
                            '_'
                        }
                    })
                    .collect()
            }),
        });
    match name {
        Some(name) => {
            let name = ident::ty(&name);
            quote! { StatusCode::#name }
        }
        None => quote! { status(#code) },
    }
}
