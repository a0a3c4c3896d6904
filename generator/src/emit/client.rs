//! The client: how requests are written and answers are read, and what users call.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::{content, docs, handler, ident, model, received, request, response, security, ty};
use crate::ir::{
    Api, Body, ClientNames, Content, Credential, CredentialKind, MediaContent, Operation,
    Parameter, Presence,
};
use request::Way;
use ty::Holder;

/// Whether a client has the operation.
pub(super) fn sends(operation: &Operation, api: &Api) -> bool {
    api.client.is_some() && operation.why_no_client().is_none()
}

/// The function that makes the client.
pub(super) fn emit_function(api: &Api) -> Option<TokenStream> {
    let ClientNames {
        client, transport, ..
    } = api.client.as_ref().filter(|_| has_client(api))?;
    let (client, transport) = (ident::ty(client), ident::ty(transport));
    let docs = docs::lines(&[
        "A client of the API, whose requests `transport` sends: an [`AppService`](::specwright::AppService) within the \
         process, or a server elsewhere.",
        "",
        "It knows no credentials until they are put into its field, where it has one.",
    ]);
    let credentials = has_credentials(api).then(|| quote! { credentials: Default::default(), });
    Some(quote! {
        #docs
        #[allow(dead_code, reason = "a server need not be a client")]
        pub fn client<#transport: ::specwright::Transport>(transport: #transport) -> client::#client<#transport> {
            client::#client { transport, options: Default::default(), #credentials }
        }
    })
}

fn has_client(api: &Api) -> bool {
    !api.operations.is_empty()
}

fn has_credentials(api: &Api) -> bool {
    !credentials(api).is_empty()
}

/// The module of the client.
pub(super) fn emit_client(api: &Api) -> Vec<TokenStream> {
    let Some(names) = api.client.as_ref().filter(|_| has_client(api)) else {
        return Vec::new();
    };
    let (client, transport) = (ident::ty(&names.client), ident::ty(&names.transport));
    let docs = client_docs(api);
    let field = has_credentials(api).then(|| {
        let ty = ident::ty(&names.credentials);
        quote! {
            #[doc = " What is sent to operations that ask for it, and to no others."]
            pub credentials: #ty,
        }
    });
    let methods = api.operations.iter().filter(|it| sends(it, api));
    let methods: Vec<TokenStream> = methods.map(|it| method(it, api)).collect();
    let block = (!methods.is_empty()).then(|| {
        quote! { impl<#transport: ::specwright::Transport> #client<#transport> { #(#methods)* } }
    });
    let uses = (!methods.is_empty()).then(|| {
        quote! {
            use ::specwright::codegen as runtime;
            use super::wire;
        }
    });
    let mut items: Vec<TokenStream> = uses.into_iter().collect();
    items.push(quote! {
        #docs
        #[derive(Clone, Debug)]
        pub struct #client<#transport> {
            #[doc = " How requests get to a server."]
            pub transport: #transport,
            #[doc = " What is done with all requests."]
            pub options: ::specwright::ClientOptions,
            #field
        }
    });
    items.extend(emit_credentials(names, api));
    items.extend(block);
    items
}

fn client_docs(api: &Api) -> TokenStream {
    let mut lines = vec![
        "A client: each operation is a method, which takes what the handler receives and returns what it returns."
            .to_owned(),
        String::new(),
        "A documented error is [`ClientError::Documented`](::specwright::ClientError::Documented).".to_owned(),
    ];
    let left_out = api
        .operations
        .iter()
        .filter_map(|it| Some((it, it.why_no_client()?)));
    let left_out: Vec<String> = left_out
        .map(|(it, why)| format!("- `{}`: {why}", model::inline(&it.id)))
        .collect();
    if !left_out.is_empty() {
        lines.extend([String::new(), "It does not have:".to_owned(), String::new()]);
        lines.extend(left_out);
    }
    docs::lines(&lines)
}

/// The credentials of all operations, each once; those that connections have are not among them.
fn credentials(api: &Api) -> Vec<&Credential> {
    let mut all: Vec<&Credential> = Vec::new();
    let methods = api.security.iter().flat_map(|it| &it.methods);
    for credential in methods.flat_map(|it| &it.credentials) {
        let is_known = all.iter().any(|it| it.argument == credential.argument);
        if !is_known && credential.kind != CredentialKind::Certificate {
            all.push(credential);
        }
    }
    all
}

fn emit_credentials(names: &ClientNames, api: &Api) -> Option<TokenStream> {
    let all = credentials(api);
    if all.is_empty() {
        return None;
    }
    let name = ident::ty(&names.credentials);
    let fields = all.iter().map(|it| {
        let (field, ty) = (
            ident::value(&it.argument),
            security::credential_type(&it.kind),
        );
        let docs = docs::line(&format!("Sent as {}.", security::sent_as(it)));
        quote! { #docs pub #field: Option<#ty>, }
    });
    let rest = (all.len() > 1).then(|| quote! { , ..Default::default() });
    let constructors = all.iter().map(|it| {
        let (field, ty) = (
            ident::value(&it.argument),
            security::credential_type(&it.kind),
        );
        let docs = docs::line(&format!("With `{}` alone.", it.argument));
        quote! {
            #docs
            #[must_use]
            pub fn #field(#field: #ty) -> Self {
                Self { #field: Some(#field) #rest }
            }
        }
    });
    Some(quote! {
        #[doc = " What the client knows of who is calling."]
        #[derive(Clone, Debug, Default)]
        pub struct #name { #(#fields)* }

        impl #name { #(#constructors)* }
    })
}

fn method(operation: &Operation, api: &Api) -> TokenStream {
    let name = ident::value(&operation.name);
    let constant = ident::ty(&operation.constant);
    let docs = handler::method_docs(operation, api);
    let deprecated = model::deprecated(operation.deprecated);
    let success = response::success_type(operation, api);
    let error = operation.error.as_ref().map(|error| {
        let error = ident::ty(error);
        quote! { <#error> }
    });
    let argument = operation.request.as_ref().map(|request| {
        let ty = ident::ty(&request.name);
        quote! { , request: #ty }
    });
    let before = templates_before(operation, api);
    let before = (!before.is_empty()).then(|| quote! { .after(&[#(#before),*]) });
    let credentials = sent_credentials(operation, api);
    let request = operation.request.as_ref().map(|request| {
        let write = writer(operation);
        let read = format_ident!("read_{}", operation.name);
        let read = match &request.body {
            Some(_) => quote! { wire::#read },
            None => quote! { |sent, _| wire::#read(sent) },
        };
        quote! { .request(&request, wire::#write, #read) }
    });
    let receive = received::function(operation);
    quote! {
        #docs
        #deprecated
        pub async fn #name(&self #argument) -> Result<#success, ::specwright::ClientError #error> {
            runtime::Exchange::new(
                &wire::DOCUMENT,
                &wire::#constant,
                &self.transport,
                &self.options,
            )
            #before
            #credentials
            #request
            .receive(wire::#receive)
            .await
        }
    }
}

/// The templates that take some of the paths of an operation before it does: where both match, a literal comes before a
/// parameter, from the left, and then the template with more literal text beside its parameters, as the server routes.
fn templates_before<'a>(operation: &Operation, api: &'a Api) -> Vec<&'a str> {
    let own: Vec<&str> = operation.template.split('/').collect();
    let mut found: Vec<&str> = Vec::new();
    for other in api.operations.iter().filter(|it| it.base == operation.base) {
        let segments: Vec<&str> = other.template.split('/').collect();
        let is_known = found.contains(&other.template.as_str());
        if !is_known && segments.len() == own.len() && comes_before(&segments, &own) {
            found.push(&other.template);
        }
    }
    found
}

fn comes_before(one: &[&str], other: &[&str]) -> bool {
    let is_literal = |segment: &&str| !segment.contains('{');
    let mut pairs = one.iter().zip(other);
    if pairs.any(|(one, other)| is_literal(one) && is_literal(other) && one != other) {
        return false;
    }
    let mut kinds = one.iter().zip(other);
    match kinds.find(|(one, other)| is_literal(one) != is_literal(other)) {
        Some((one, _)) => is_literal(one),
        None => text_beside(one) > text_beside(other),
    }
}

/// How much literal text stands beside the parameters of segments.
fn text_beside(segments: &[&str]) -> usize {
    let with_parameters = segments.iter().filter(|it| it.contains('{'));
    with_parameters
        .map(|it| {
            it.split('{')
                .map(|part| part.rsplit('}').next().map_or(0, str::len))
                .sum::<usize>()
        })
        .sum()
}

/// The call that says which credentials an operation takes, where it takes any.
fn sent_credentials(operation: &Operation, api: &Api) -> Option<TokenStream> {
    let methods = &api.security.as_ref()?.methods;
    let alternatives = operation
        .security
        .iter()
        .filter_map(|it| methods.get(it.method?));
    let alternatives: Vec<TokenStream> = alternatives
        .map(|method| {
            let all = method.credentials.iter().map(sent_credential);
            quote! { &[#(#all),*] }
        })
        .collect();
    (!alternatives.is_empty()).then(|| quote! { .credentials(&[#(#alternatives),*]) })
}

fn sent_credential(credential: &Credential) -> TokenStream {
    let field = ident::value(&credential.argument);
    let of = quote! { runtime::credentials };
    let known = quote! { &self.credentials.#field };
    match &credential.kind {
        CredentialKind::HeaderKey(name) => quote! { #of::header(#name, #known) },
        CredentialKind::QueryKey(name) => quote! { #of::query(#name, #known) },
        CredentialKind::CookieKey(name) => quote! { #of::cookie(#name, #known) },
        CredentialKind::Http(scheme) => quote! { #of::http(#scheme, #known) },
        CredentialKind::Basic => quote! { #of::basic(#known) },
        CredentialKind::Bearer => quote! { #of::bearer(#known) },
        CredentialKind::Certificate => quote! { #of::certificate() },
    }
}

fn writer(operation: &Operation) -> Ident {
    format_ident!("write_{}", operation.name)
}

/// The functions that write requests and read answers.
pub(super) fn emit_wire(api: &Api) -> Vec<TokenStream> {
    if api.client.is_none() {
        return Vec::new();
    }
    let sent = api.operations.iter().filter(|it| sends(it, api));
    let mut items: Vec<TokenStream> = sent.filter_map(emit_writer).collect();
    items.extend(received::emit_readers(api));
    items
}

fn emit_writer(operation: &Operation) -> Option<TokenStream> {
    let request = operation.request.as_ref()?;
    let (function, name) = (writer(operation), ident::ty(&request.name));
    let parameters = request.parameters.iter().map(write_parameter);
    let body = request.body.as_ref().map(|body| {
        let field = ident::value(&body.field);
        let write = |value: &TokenStream| match (&body.contents.name, body.contents.list.as_slice())
        {
            (Some(name), list) => {
                let name = ident::ty(name);
                let arms = list.iter().enumerate().map(|(index, it)| {
                    let variant = ident::ty(&it.variant);
                    let write = write_content(index, it, body, &quote! { body });
                    quote! { #name::#variant(body) => #write, }
                });
                quote! { match #value { #(#arms)* } }
            }
            (None, [first, ..]) => {
                let write = write_content(0, first, body, value);
                quote! { #write; }
            }
            (None, []) => TokenStream::new(),
        };
        if body.required {
            write(&quote! { &request.#field })
        } else {
            let write = write(&quote! { body });
            quote! { if let Some(body) = &request.#field { #write } }
        }
    });
    Some(quote! {
        pub(super) fn #function(request: &#name, write: &mut ::specwright::codegen::RequestWriter<'_>) {
            #(#parameters)*
            #body
        }
    })
}

fn write_parameter(parameter: &Parameter) -> TokenStream {
    let field = ident::value(&parameter.field);
    let method = match (
        &parameter.presence,
        ty::holder(&parameter.value, &parameter.presence),
    ) {
        (_, Holder::Maybe) => "maybe",
        (Presence::Optional, Holder::Option) => "optional",
        _ => "required",
    };
    let method = ident::value(method);
    quote! { write.#method(&request.#field); }
}

/// The expression that writes one content of a body.
fn write_content(index: usize, it: &MediaContent, body: &Body, value: &TokenStream) -> TokenStream {
    let positions = content::media_types(&body.contents)
        .enumerate()
        .filter(|(_, (content, _))| *content == index)
        .map(|(position, _)| Literal::usize_unsuffixed(position));
    let positions = quote! { &[#(#positions),*] };
    match &it.content {
        Content::Json(_) => quote! { write.json(#positions, #value) },
        Content::Text(_) => quote! { write.text(#positions, #value) },
        Content::Form(form) => {
            let form = request::form(&form.form, Way::Read);
            quote! {
                {
                    static FORM: FormFields = #form;
                    write.form(#positions, &FORM, #value)
                }
            }
        }
        Content::Multipart(_) | Content::Parts(_) => {
            quote! { write.multipart(#positions, #value) }
        }
        // What flows is in no client.
        Content::Bytes
        | Content::Media
        | Content::Stream(_)
        | Content::ByteStream
        | Content::MediaStream
        | Content::Upgrade
        | Content::PartStream(_) => quote! { write.bytes(#positions, #value) },
    }
}

/// The call that says how answers are held against the document, where there is a client.
pub(super) fn answers(operation: &Operation, api: &Api) -> Option<TokenStream> {
    api.client.as_ref()?;
    let function = received::function(operation);
    let bodies = operation.responses().filter_map(|it| it.body.as_ref());
    let streams = bodies
        .flat_map(|body| &body.list)
        .filter(|it| matches!(it.content, Content::Stream(_) | Content::PartStream(_)));
    let streams = streams.flat_map(|it| &it.media_types);
    Some(quote! {
        .with_answers(|answer| ::specwright::codegen::checked(#function(answer)), &[#(#streams),*])
    })
}
