//! Operations: their descriptions, and the way from a call to the handler and back.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::{client, content, docs, error_body, handler, ident, request, response, security, send};
use crate::ir::{Api, Body, Content, ErrorFormat, Operation};

/// The function that makes the API of an application.
pub(super) fn emit_api(api: &Api) -> TokenStream {
    let docs = docs::lines(&[
        format!("{}: its routes, answered by `app`.", one_line(&api.title)),
        String::new(),
        "Serve it with [`App`](::specwright::App).".to_owned(),
    ]);
    if api.operations.is_empty() {
        return quote! {
            #docs
            pub fn api() -> ::specwright::Api {
                ::specwright::Api::new(&wire::DOCUMENT)
            }
        };
    }
    let bounds = api.traits.iter().map(|it| {
        let name = ident::ty(&it.name);
        quote! { handlers::#name }
    });
    let beside = beside(api);
    // Whoever has one trait to implement has nothing to split.
    if api.traits.len() + usize::from(!beside.is_empty()) < 2 {
        let fields = api.traits.iter().map(|it| ident::value(&it.field));
        let routes = routes(api);
        return quote! {
            #docs
            pub fn api<App>(app: App) -> ::specwright::Api
            where
                App: #(#bounds)+*,
            {
                use ::specwright::codegen::handler;

                #(let #fields = ::std::sync::Arc::new(app);)*
                #routes
            }
        };
    }
    let handlers = ident::ty(&api.handlers);
    let fields = api.traits.iter().map(|it| ident::value(&it.field));
    let app = (!beside.is_empty()).then(|| quote! { app: Arc::clone(&app), });
    let split = emit_split(api, &beside);
    let beside = beside.iter();
    quote! {
        #docs
        #[allow(dead_code, reason = "its handlers may as well be several values")]
        pub fn api<App>(app: App) -> ::specwright::Api
        where
            App: #(#bounds)+* #(+ #beside)*,
        {
            use ::std::sync::Arc;

            let app = Arc::new(app);
            api_of(#handlers { #app #(#fields: Arc::clone(&app)),* })
        }

        #split
    }
}

/// The traits of the application itself, besides those of handlers.
fn beside(api: &Api) -> Vec<TokenStream> {
    let security = api.security.as_ref().map(|_| quote! { handlers::Security });
    let bodies = (!api.error_bodies.is_empty()).then(|| quote! { handlers::ErrorBodies });
    security.into_iter().chain(bodies).collect()
}

/// The handlers as one value for each trait, and the function that makes the API of them.
fn emit_split(api: &Api, beside: &[TokenStream]) -> TokenStream {
    let name = ident::ty(&api.handlers);
    let title = one_line(&api.title);
    let struct_docs = docs::lines(&[
        format!("{title}: a value for each trait, where one does not implement them all."),
        String::new(),
        "One value may be several of them: its `Arc` can be cloned.".to_owned(),
    ]);
    let docs = docs::lines(&[
        format!("{title}: its routes, answered by `handlers`."),
        String::new(),
        "Serve it with [`App`](::specwright::App).".to_owned(),
    ]);
    let has_app = !beside.is_empty();
    let app = has_app.then(|| quote! { App, });
    let app_bound = has_app.then(|| quote! { App: #(#beside)+*, });
    let app_field = has_app.then(|| {
        let implemented = [
            api.security.as_ref().map(|_| "[`Security`]"),
            (!api.error_bodies.is_empty()).then_some("[`ErrorBodies`]"),
        ];
        let implemented: Vec<&str> = implemented.into_iter().flatten().collect();
        let docs = docs::line(&format!("What implements {}.", implemented.join(" and ")));
        quote! { #docs pub app: ::std::sync::Arc<App>, }
    });
    let app_name = has_app.then(|| quote! { app, });
    let parts: Vec<Ident> = api.traits.iter().map(|it| ident::ty(&it.part)).collect();
    let fields: Vec<Ident> = api
        .traits
        .iter()
        .map(|it| ident::value(&it.field))
        .collect();
    let field_docs = api
        .traits
        .iter()
        .map(|it| docs::line(&format!("What implements [`{0}`].", it.name)));
    let bounds = api.traits.iter().zip(&parts).map(|(it, part)| {
        let name = ident::ty(&it.name);
        let app = handler::is_secured(it, api).then(|| quote! { <App> });
        quote! { #part: handlers::#name #app }
    });
    let secured: Vec<&Ident> = api
        .traits
        .iter()
        .zip(&fields)
        .filter(|(it, _)| handler::is_secured(it, api))
        .map(|(_, field)| field)
        .collect();
    let import = (!secured.is_empty()).then(|| quote! { , secured });
    let routes = routes(api);
    quote! {
        #struct_docs
        pub struct #name<#app #(#parts),*> {
            #app_field
            #(#field_docs pub #fields: ::std::sync::Arc<#parts>,)*
        }

        #docs
        pub fn api_of<#app #(#parts),*>(handlers: #name<#app #(#parts),*>) -> ::specwright::Api
        where
            #app_bound
            #(#bounds,)*
        {
            use ::specwright::codegen::{handler #import};

            let #name { #app_name #(#fields),* } = handlers;
            #(let #secured = secured(&app, &#secured);)*
            #routes
        }
    }
}

/// The API with all operations, where each trait's handlers are what its field is called.
fn routes(api: &Api) -> TokenStream {
    let operations = api.operations.iter().enumerate().map(|(index, operation)| {
        let (constant, function) = (ident::ty(&operation.constant), answering(operation));
        let it = api.traits.iter().find(|it| it.operations.contains(&index));
        let handlers = it.map(|it| ident::value(&it.field));
        quote! { .operation(&wire::#constant, handler(&#handlers, wire::#function)) }
    });
    let makes = (!api.error_bodies.is_empty()).then(|| {
        quote! { .error_bodies(::specwright::codegen::error_bodies(&app, wire::make_error_body)) }
    });
    quote! { ::specwright::Api::new(&wire::DOCUMENT) #(#operations)* #makes }
}

fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.replace(['`', '[', ']', '<', '>', '\\'], "");
    let text = text.replace(docs::is_direction, "");
    if text.is_empty() {
        "The API".to_owned()
    } else {
        text
    }
}

/// The descriptions and functions of all operations.
pub(super) fn emit_operations(api: &Api) -> Vec<TokenStream> {
    let (title, version) = (&api.title, &api.version);
    let format = (api.error_format == ErrorFormat::FastApi)
        .then(|| quote! { .with_error_format(::specwright::ErrorFormat::FastApi) });
    let secrets = &api.secrets;
    let secrets = (!secrets.is_empty()).then(|| quote! { .with_secrets(&[#(#secrets),*]) });
    let base = &api.base;
    let base = (!base.is_empty()).then(|| quote! { .with_base(#base) });
    let document = quote! {
        Document::new(#title, #version, include_str!("openapi.json"), include_str!("openapi.yaml"))
            #format #base #secrets
    };
    let mut items = vec![quote! {
        #[doc = " The document, as it is served."]
        pub(super) static DOCUMENT: Document = #document;
    }];
    for operation in &api.operations {
        items.push(description(operation, api));
        items.extend(response::emit_error_table(operation, api));
        items.push(function(operation, api));
    }
    items.extend(error_body::emit_maker(api));
    items
}

fn description(operation: &Operation, api: &Api) -> TokenStream {
    let constant = ident::ty(&operation.constant);
    let Operation {
        id,
        method,
        template,
        tags,
        ..
    } = operation;
    let base = operation.base.as_ref();
    let base = base.map(|base| quote! { .with_base(#base) });
    let tags = (!tags.is_empty()).then(|| quote! { .with_tags(&[#(#tags),*]) });
    let body = operation.request.as_ref().and_then(|it| it.body.as_ref());
    let parts: Vec<TokenStream> = body.into_iter().flat_map(parts).collect();
    let body = body.map(|body| {
        let types = content::media_types(&body.contents).map(|(_, name)| name);
        let parts = (!parts.is_empty()).then(|| quote! { .with_parts(PARTS) });
        let missing = &body.missing;
        let fields = (!missing.is_empty()).then(|| quote! { .with_fields(&[#(#missing),*]) });
        let is_embedded = body.is_embedded && api.error_format == ErrorFormat::FastApi;
        let embedded = is_embedded.then(|| quote! { .embedded() });
        let streamed = body
            .contents
            .list
            .iter()
            .filter(|it| it.content.is_streamed())
            .flat_map(|it| &it.media_types);
        let streamed: Vec<&String> = streamed.collect();
        let streamed = (!streamed.is_empty()).then(|| quote! { .with_streamed(&[#(#streamed),*]) });
        quote! { .with_body(&[#(#types),*]) #streamed #parts #fields #embedded }
    });
    let produces = produces(operation);
    let produces = (!produces.is_empty()).then(|| quote! { .with_produces(&[#(#produces),*]) });
    let parameters = operation
        .request
        .as_ref()
        .filter(|request| !request.parameters.is_empty())
        .map(|request| {
            let parameters = request::descriptions(request);
            quote! { .with_parameters(#parameters) }
        });
    let keys: Vec<&String> = security::query_keys(operation, api);
    let keys = (!keys.is_empty()).then(|| quote! { .with_query_keys(&[#(#keys),*]) });
    let timeout = operation.timeout_ms.map(Literal::u64_unsuffixed);
    let timeout = timeout.map(|it| quote! { .with_timeout_ms(#it) });
    let max_body = operation.max_body.map(Literal::u64_unsuffixed);
    let max_body = max_body.map(|it| quote! { .with_max_body(#it) });
    let bodies = operation.error_bodies.iter().map(|(status, index)| {
        let (status, index) = (
            Literal::u16_unsuffixed(*status),
            Literal::usize_unsuffixed(*index),
        );
        quote! { (#status, #index) }
    });
    let bodies = (!operation.error_bodies.is_empty())
        .then(|| quote! { .with_error_bodies(&[#(#bodies),*]) });
    let answers = client::answers(operation, api);
    let described = quote! {
        Operation::new(#id, #method, #template) #base #tags #body #parameters #keys #produces #bodies #timeout #max_body #answers
    };
    let described = match parts.as_slice() {
        [] => described,
        parts => quote! { { const PARTS: &[(&str, MultipartForm)] = &[#(#parts),*]; #described } },
    };
    quote! { pub(super) static #constant: Operation = #described; }
}

/// The media types of a body that are multipart, each with what its parts are.
fn parts(body: &Body) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    for it in &body.contents.list {
        if let Some(described) = content::multipart(&it.content) {
            let media_types = it.media_types.iter();
            parts.extend(media_types.map(|name| quote! { (#name, #described) }));
        }
    }
    parts
}

/// The media types of the successes.
fn produces(operation: &Operation) -> Vec<String> {
    let mut produces: Vec<String> = Vec::new();
    for response in operation.successes() {
        let Some(body) = &response.body else {
            // What has no body is in every media type.
            return Vec::new();
        };
        if body.list.iter().any(|it| it.content == Content::Upgrade) {
            return Vec::new();
        }
        for (index, name) in content::media_types(body) {
            let content = body.list.get(index).map(|it| &it.content);
            let name = content.map_or_else(|| name.clone(), |it| send::written_as(it, name));
            if !produces.contains(&name) {
                produces.push(name);
            }
        }
    }
    produces
}

/// The methods that the traits of the prelude give to every `Arc`.
pub(super) const SHADOWED: [&str; 14] = [
    "as_ref",
    "clone",
    "clone_from",
    "clone_into",
    "cmp",
    "eq",
    "into",
    "ne",
    "partial_cmp",
    "to_owned",
    "to_string",
    "try_into",
    "max",
    "min",
];

/// The function of an operation: no name of a document is one that generated code imports, or makes of another.
fn answering(operation: &Operation) -> Ident {
    format_ident!("answer_{}", operation.name)
}

fn function(operation: &Operation, api: &Api) -> TokenStream {
    let name = ident::value(&operation.name);
    let trait_def = api.traits.iter().find(|it| {
        it.operations.iter().any(|index| {
            api.operations
                .get(*index)
                .is_some_and(|it| it.constant == operation.constant)
        })
    });
    let Some(trait_def) = trait_def else {
        return TokenStream::new();
    };
    let trait_name = ident::ty(&trait_def.name);
    let (parameter, app, handlers) = if handler::is_secured(trait_def, api) {
        (
            quote! { <App: Security> },
            quote! { SecuredHandlers<App, impl #trait_name<App>> },
            quote! { app.handlers },
        )
    } else {
        (
            TokenStream::new(),
            quote! { impl #trait_name },
            quote! { app },
        )
    };
    let authenticate = security::authenticate(operation, api);
    let user = (!operation.security.is_empty()).then(|| quote! { user, });
    let reads_body = operation
        .request
        .as_ref()
        .is_some_and(|request| request.body.is_some());
    let body = reads_body.then(|| quote! { let body = call.read_body().await?; });
    let request = match &operation.request {
        Some(_) => {
            let reader = format_ident!("read_{}", operation.name);
            match reads_body {
                // What the operation needs is asked for before its body is read.
                true => quote! { let request = #reader(&call, body)?; },
                false => quote! { let request = #reader(call.admit().await?)?; },
            }
        }
        None => quote! { read(call.admit().await?, |_| Some(()))?; },
    };
    let argument = operation.request.as_ref().map(|_| quote! { request });
    let arms = response::send(operation, api);
    let function = answering(operation);
    let arguments = quote! { call.context(), #user #argument };
    // What an `Arc` has a method for by itself would be found before the handler.
    let handled = if SHADOWED.contains(&operation.name.as_str()) {
        quote! { #trait_name::#name(&*#handlers, #arguments).await }
    } else {
        quote! { #handlers.#name(#arguments).await }
    };
    quote! {
        pub(super) async fn #function #parameter(app: Arc<#app>, mut call: Call) -> Response {
            let answer = async {
                #authenticate
                #body
                #request
                match #handled { #arms }
            }.await;
            call.respond(answer).await
        }
    }
}
