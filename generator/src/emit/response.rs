//! Responses: what handlers return, and how it is sent.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal as Token, TokenStream};
use quote::quote;

use super::{
    content, docs, ident, model,
    send::{checker, sent_content, sent_contents, written},
    ty,
};
use crate::ir::{
    Api, Content, Contents, HeaderLayout, Operation, Response, ResponseHeader, SharedResponse,
    Status, Success, Type,
};

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
    Some(quote! {
        #docs
        #[derive(Debug)]
        pub enum #name {
            #(#variants,)*
            #[doc = " Anything else: a problem that is answered as it is, or an error that becomes an opaque 500."]
            Unexpected(Unexpected),
        }
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
        Some(_) if is_all_shared(operation, api) => quote! { Err(error) => error.send(), },
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

/// The table of an operation's error: what it is made of, and its statuses where those are all that it says.
pub(super) fn emit_error_table(operation: &Operation, api: &Api) -> Option<TokenStream> {
    let name = ident::ty(operation.error.as_ref()?);
    let shared = operation.errors.iter().filter_map(|response| {
        let shared = convertible(response, operation, api)?;
        Some((response, ident::ty(&response.name), ident::ty(shared)))
    });
    if is_all_shared(operation, api) {
        let entries = shared.filter_map(|(response, variant, shared)| {
            let status = ident::ty(&constant(response.status)?);
            Some(quote! { #variant(#shared) = #status })
        });
        return Some(quote! { errors!(#name { #(#entries),* }); });
    }
    let entries = shared.map(|(_, variant, shared)| quote! { #variant(#shared) });
    Some(quote! { conversions!(#name { #(#entries),* }); })
}

/// Whether an operation's errors are nothing but shared responses, each with one status that has a name.
fn is_all_shared(operation: &Operation, api: &Api) -> bool {
    operation.errors.iter().all(|response| {
        convertible(response, operation, api).is_some()
            && constant(response.status).is_some()
            && !asks_call(response)
    })
}

/// The name of the shared response that an operation's error is made of. The status of a range is the handler's to choose,
/// and of two errors that share a response it has to say which.
fn convertible<'a>(response: &Response, operation: &Operation, api: &'a Api) -> Option<&'a String> {
    let shared = api.shared_responses.get(response.shared?)?;
    let mut same = operation.errors.iter();
    let is_only = same.all(|it| it.name == response.name || it.shared != response.shared);
    (!needs_status(response) && is_only).then_some(&shared.name)
}

/// The constant of `StatusCode`.
fn constant(status: Status) -> Option<String> {
    match status {
        Status::Code(code) => status_name(code),
        Status::Range(_) | Status::Default => None,
    }
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
        let call = asks_call(response).then(|| quote! { , &call });
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

/// A local variable for each header.
pub(super) fn header_locals(response: &Response) -> Vec<Ident> {
    const TAKEN: [&str; 17] = [
        "answer",
        "body",
        "call",
        "check_status",
        "content",
        "empty",
        "form",
        "header",
        "header_as",
        "json",
        "media",
        "optional_header",
        "optional_header_as",
        "request",
        "sent",
        "status",
        "user",
    ];
    ident::locals(response.headers.iter().map(|it| &it.field), &TAKEN)
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

/// The responses that operations share, those that one of them has.
pub(super) fn shared_responses(api: &Api) -> impl Iterator<Item = &SharedResponse> {
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
    shared.filter_map(move |(index, shared)| used.contains(&index).then_some(shared))
}

/// How the responses that operations share are sent, each with the status of the operation.
pub(super) fn emit_shared(api: &Api) -> Vec<TokenStream> {
    let shared = shared_responses(api).map(|shared| {
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
                let (arms, can_fail) = sent_contents(several, status, body, api);
                let arms = several
                    .iter()
                    .zip(arms)
                    .enumerate()
                    .map(|(index, (it, sent))| {
                        let own = written(it);
                        if index + 1 == several.len() {
                            quote! { _ => #sent, }
                        } else {
                            quote! { #(#own)|* => #sent, }
                        }
                    });
                let chosen = quote! { call.preferred(&[#(#types),*]) };
                (quote! { match #chosen { #(#arms)* } }, can_fail)
            }
            (several, Some(name)) => {
                let name = ident::ty(name);
                let (arms, can_fail) = sent_contents(several, status, &quote! { body }, api);
                let arms = several.iter().zip(arms).map(|(it, sent)| {
                    let variant = ident::ty(&it.variant);
                    quote! { #name::#variant(body) => #sent, }
                });
                (quote! { match #body { #(#arms)* } }, can_fail)
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
        let layout = match header.layout {
            HeaderLayout::Simple => None,
            HeaderLayout::Exploded => Some(quote! { HeaderLayout::Exploded, }),
            HeaderLayout::Json => Some(quote! { HeaderLayout::Json, }),
        };
        let function = ident::value(match (header.required, layout.is_some()) {
            (true, false) => "header",
            (true, true) => "header_as",
            (false, false) => "optional_header",
            (false, true) => "optional_header_as",
        });
        let check = match &header.value.ty {
            Type::Nullable(inner) => checker(inner, api),
            _ => checker(&header.value, api),
        };
        quote! { #function(&mut sent, #name, #layout &#field, #check)?; }
    });
    quote! {
        {
            let mut sent: Response = #sent;
            #(#headers)*
            Ok(sent)
        }
    }
}

/// Whether sending a response asks the call, such as which media type is preferred.
fn asks_call(response: &Response) -> bool {
    let Some(Contents { name, list }) = &response.body else {
        return false;
    };
    let is_made_by_call = |content: &Content| {
        content.is_streamed() || matches!(content, Content::Multipart(_) | Content::Parts(_))
    };
    if list.iter().any(|it| is_made_by_call(&it.content)) {
        return true;
    }
    let mut typed = list.iter().filter(|it| it.content != Content::Media);
    name.is_none() && list.len() > 1 || typed.any(|it| it.media_types.len() > 1)
}

pub(super) fn status_code(code: u16) -> TokenStream {
    match status_name(code) {
        Some(name) => {
            let name = ident::ty(&name);
            quote! { StatusCode::#name }
        }
        None => quote! { status(#code) },
    }
}

/// What `StatusCode` calls a status.
fn status_name(code: u16) -> Option<String> {
    let status = http::StatusCode::from_u16(code).ok()?;
    if code == 418 {
        return Some("IM_A_TEAPOT".to_owned());
    }
    let constant = |sign: char| match sign {
        _ if sign.is_ascii_alphanumeric() => sign.to_ascii_uppercase(),
        _ => '_',
    };
    Some(status.canonical_reason()?.chars().map(constant).collect())
}
