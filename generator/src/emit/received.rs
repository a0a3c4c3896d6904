//! Answers: how a client reads what the server sends, the way back of `response` and `send`.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::{
    content, ident,
    request::{self, Way},
    response, value,
};
use crate::ir::{
    Api, Content, Contents, FormContent, MediaContent, Operation, PositionContent, Response,
    ResponseHeader, Status, Success, Type,
};

/// The function that reads the answers of an operation.
pub(super) fn function(operation: &Operation) -> Ident {
    format_ident!("receive_{}", operation.name)
}

/// The functions that read the answers of all operations, and the responses that they share.
pub(super) fn emit_readers(api: &Api) -> Vec<TokenStream> {
    let operations = api.operations.iter();
    let mut items: Vec<TokenStream> = operations.map(|it| emit_reader(it, api)).collect();
    let shared = response::shared_responses(api);
    items.extend(shared.map(|shared| {
        let name = ident::ty(&shared.name);
        let mut own = shared.response.clone();
        // It is each operation's own.
        own.status = Status::Code(0);
        let read = steps(&own, api);
        let path = quote! { Self };
        let made = match (own.headers.is_empty(), &own.body) {
            (true, Some(_)) => quote! { body.map(Self) },
            (true, None) => quote! { body.map(|()| Self) },
            (false, _) => {
                let built = built(&own, &path);
                let bodiless = own.body.is_none().then(|| quote! { body?; });
                quote! { #bodiless Some(#built) }
            }
        };
        quote! {
            impl #name {
                async fn receive(answer: &mut ::specwright::codegen::ResponseReader) -> Option<Self> {
                    #read
                    #made
                }
            }
        }
    }));
    items
}

fn emit_reader(operation: &Operation, api: &Api) -> TokenStream {
    let function = function(operation);
    let success = response::success_type(operation, api);
    let error = match &operation.error {
        Some(name) => {
            let name = ident::ty(name);
            quote! { #name }
        }
        None => quote! { ::std::convert::Infallible },
    };
    let mut arms: Vec<(Status, TokenStream)> = Vec::new();
    for it in operation.successes() {
        let (path, is_variant) = match &operation.success {
            Success::Plain(_) => (None, false),
            Success::Struct(_) => (Some(ident::ty(&it.name)), false),
            Success::Enum { name, .. } => (Some(ident::ty(name)), true),
        };
        let path = path.map(|name| match is_variant {
            true => {
                let variant = ident::ty(&it.name);
                quote! { #name::#variant }
            }
            false => quote! { #name },
        });
        let arm = arm(it, path.as_ref(), is_variant, "success", api);
        arms.push((it.status, arm));
    }
    for it in &operation.errors {
        let variant = ident::ty(&it.name);
        let path = quote! { #error::#variant };
        arms.push((it.status, arm(it, Some(&path), true, "failure", api)));
    }
    // A status of its own comes before a range, and a range before the rest (OAS 3.2, Responses Object).
    arms.sort_by_key(|(status, _)| match status {
        Status::Code(_) => 0,
        Status::Range(_) => 1,
        Status::Default => 2,
    });
    let own = own_of_files(operation, &arms);
    let is_complete = arms.iter().any(|(status, _)| *status == Status::Default);
    let rest = (!is_complete).then(|| quote! { _ => answer.undocumented(), });
    let read = match (arms.as_slice(), &own) {
        ([(Status::Default, arm)], None) => arm.clone(),
        _ => {
            let arms = arms.iter().map(|(status, arm)| {
                let pattern = pattern(*status, &arms);
                quote! { #pattern => { #arm } }
            });
            quote! { match answer.code() { #own #(#arms)* #rest } }
        }
    };
    quote! {
        pub(super) async fn #function(mut answer: ::specwright::codegen::ResponseReader) -> ::specwright::codegen::Received<#success, #error> {
            #read
        }
    }
}

/// The codes of an arm.
fn pattern(status: Status, arms: &[(Status, TokenStream)]) -> TokenStream {
    match status {
        Status::Code(code) => {
            let code = Literal::u16_unsuffixed(code);
            quote! { #code }
        }
        Status::Range(digit) => {
            // A range that begins or ends with a code of its own would overlap it, as clippy sees it.
            let is_own = |code: u16| arms.iter().any(|(it, _)| *it == Status::Code(code));
            let (mut first, mut last) = (u16::from(digit) * 100, u16::from(digit) * 100 + 99);
            first += u16::from(is_own(first));
            last -= u16::from(is_own(last));
            let (first, last) = (
                Literal::u16_unsuffixed(first),
                Literal::u16_unsuffixed(last),
            );
            quote! { #first..=#last }
        }
        Status::Default => quote! { _ },
    }
}

/// The arm of the statuses with which the runtime answers conditions and ranges of files (RFC 9110, sections 13 and 14), where
/// only a range of statuses or `default` would take them, which mean other answers.
fn own_of_files(operation: &Operation, arms: &[(Status, TokenStream)]) -> Option<TokenStream> {
    let contents = operation
        .successes()
        .iter()
        .filter_map(|it| it.body.as_ref());
    let is_file =
        |it: &MediaContent| matches!(it.content, Content::ByteStream | Content::MediaStream);
    if !contents.flat_map(|body| &body.list).any(is_file) {
        return None;
    }
    let statuses = [206_u16, 304].into_iter().filter(|code| {
        let has = |status: Status| arms.iter().any(|(it, _)| *it == status);
        let digit = if *code == 206 { 2 } else { 3 };
        !has(Status::Code(*code)) && (has(Status::Range(digit)) || has(Status::Default))
    });
    let statuses: Vec<Literal> = statuses.map(Literal::u16_unsuffixed).collect();
    (!statuses.is_empty()).then(|| quote! { #(#statuses)|* => answer.undocumented(), })
}

/// The statements that read one response; `path` is what it is put into.
fn arm(
    it: &Response,
    path: Option<&TokenStream>,
    is_variant: bool,
    method: &str,
    api: &Api,
) -> TokenStream {
    let method = ident::value(method);
    if let Some(shared) = it.shared.and_then(|at| api.shared_responses.get(at))
        && is_variant
    {
        let shared = ident::ty(&shared.name);
        let read = quote! { let response = #shared::receive(&mut answer).await; };
        return if response::needs_status(it) {
            quote! {
                let status = answer.status();
                #read
                answer.#method(|| Some(#path { status, response: response? }))
            }
        } else {
            quote! { #read answer.#method(|| response.map(#path)) }
        };
    }
    let read = steps(it, api);
    let Some(path) = path else {
        return quote! { #read answer.#method(|| body) };
    };
    let made = if response::is_bare(it) {
        match (&it.body, is_variant) {
            (Some(_), _) => quote! { body.map(#path) },
            (None, _) => quote! { body.map(|()| #path) },
        }
    } else {
        let built = built(it, path);
        match it.body {
            Some(_) => quote! { Some(#built) },
            None => quote! { { body?; Some(#built) } },
        }
    };
    quote! { #read answer.#method(|| #made) }
}

/// The statements that read status, headers and body into variables.
fn steps(it: &Response, api: &Api) -> TokenStream {
    let status = response::needs_status(it).then(|| quote! { let status = answer.status(); });
    let headers = it
        .headers
        .iter()
        .zip(response::header_locals(it))
        .map(|(header, local)| {
            let read = read_header(header, api);
            quote! { let #local = #read; }
        });
    let body = match &it.body {
        Some(contents) => read_contents(contents, api),
        None => quote! { answer.empty() },
    };
    quote! { #status #(#headers)* let body = #body; }
}

/// The expression that puts the variables together.
fn built(it: &Response, path: &TokenStream) -> TokenStream {
    let status = response::needs_status(it).then(|| quote! { status, });
    let headers = it
        .headers
        .iter()
        .zip(response::header_locals(it))
        .map(|(header, local)| {
            let field = ident::value(&header.field);
            quote! { #field: #local? }
        });
    let body = it.body.as_ref().map(|_| quote! { body: body?, });
    quote! { #path { #status #(#headers,)* #body } }
}

fn read_header(header: &ResponseHeader, api: &Api) -> TokenStream {
    let described = request::response_header(header);
    let decoder = match &header.value.ty {
        Type::Nullable(inner) => value::decoder(inner, api),
        _ => value::decoder(&header.value, api),
    };
    let method = ident::value(match header.required {
        true => "header",
        false => "optional_header",
    });
    quote! { answer.#method(#described, #decoder) }
}

/// An expression that reads whichever content the answer has.
fn read_contents(contents: &Contents, api: &Api) -> TokenStream {
    let reads: Vec<TokenStream> = contents
        .list
        .iter()
        .map(|it| {
            let read = read_content(it, api);
            let variant = contents.name.as_ref().map(|name| {
                let (name, variant) = (ident::ty(name), ident::ty(&it.variant));
                quote! { .map(#name::#variant) }
            });
            quote! { #read #variant }
        })
        .collect();
    if let [only] = reads.as_slice() {
        return only.clone();
    }
    let types: Vec<&String> = content::media_types(contents)
        .map(|(_, name)| name)
        .collect();
    let arms = reads.iter().enumerate().map(|(index, read)| {
        if index + 1 == reads.len() {
            return quote! { Some(_) => #read, };
        }
        let positions = content::media_types(contents)
            .enumerate()
            .filter(|(_, (content, _))| *content == index)
            .map(|(position, _)| Literal::usize_unsuffixed(position));
        quote! { Some(#(#positions)|*) => #read, }
    });
    quote! { match answer.content(&[#(#types),*]) { #(#arms)* None => None, } }
}

fn read_content(it: &MediaContent, api: &Api) -> TokenStream {
    let types = &it.media_types;
    let types = quote! { &[#(#types),*] };
    match &it.content {
        Content::Json(value) => {
            let decoder = value::decoder(value, api);
            quote! { answer.json(#types, #decoder) }
        }
        Content::Text(value) => {
            let decoder = value::decoder(value, api);
            quote! { answer.text(#types, #decoder) }
        }
        Content::Bytes => quote! { answer.bytes(#types) },
        Content::Media => quote! { answer.media(#types) },
        Content::ByteStream => quote! { answer.byte_stream(#types) },
        Content::MediaStream => quote! { answer.media_stream(#types) },
        Content::Form(it) => {
            let decoder = value::decoder(&it.value, api);
            let form = request::form(&it.form, Way::Read);
            quote! {
                {
                    static FORM: FormFields = #form;
                    answer.form(#types, &FORM, #decoder)
                }
            }
        }
        Content::Multipart(FormContent { value, .. })
        | Content::Parts(PositionContent { value, .. }) => {
            let decoder = value::decoder(value, api);
            let parts = content::multipart(&it.content);
            quote! {
                {
                    static PARTS: MultipartForm = #parts;
                    answer.multipart(#types, &PARTS, #decoder).await
                }
            }
        }
        Content::Stream(_) | Content::PartStream(_) => quote! { answer.stream(#types) },
        Content::Upgrade => quote! { answer.upgrade() },
    }
}
