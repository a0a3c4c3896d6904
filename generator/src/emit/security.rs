//! The security trait: who may call.

use proc_macro2::TokenStream;
use quote::quote;

use super::{docs, ident, model};
use crate::ir::{Api, Credential, CredentialKind, Operation, SecurityAlternative};

pub(super) fn emit_trait(api: &Api) -> Option<TokenStream> {
    let security = api.security.as_ref()?;
    let methods = security.methods.iter().map(|method| {
        let name = ident::value(&method.name);
        let arguments = method.credentials.iter().map(|credential| {
            let name = ident::value(&credential.argument);
            let ty = credential_type(&credential.kind);
            quote! { #name: #ty, }
        });
        let mut lines = docs::paragraphs(
            &method.docs,
            "Tells who sent these credentials, and whether they may.",
        );
        lines.push(String::new());
        lines.push(format!(
            "Sent as {}.",
            method
                .credentials
                .iter()
                .map(sent_as)
                .collect::<Vec<_>>()
                .join(" and ")
        ));
        lines.push(String::new());
        lines.push("`scopes` are the scopes or roles that the operation asks for.".to_owned());
        let docs = docs::lines(&lines);
        quote! {
            #docs
            fn #name(&self, cx: &Context, #(#arguments)* scopes: &[&str])
                -> impl Future<Output = Result<Self::Principal, Denied>> + Send;
        }
    });
    Some(quote! {
        #[doc = " Who may call: one method for each set of credentials that the document asks for."]
        #[diagnostic::on_unimplemented(
            message = "`{Self}` does not implement `Security`, and the document has secured operations",
            note = "write `impl Security for {Self}` with `type Principal` and a method for each set of credentials"
        )]
        pub trait Security: Send + Sync + 'static {
            #[doc = " Who is calling, as handlers get it."]
            type Principal: Send + Sync;

            #(#methods)*
        }
    })
}

fn credential_type(kind: &CredentialKind) -> TokenStream {
    match kind {
        CredentialKind::HeaderKey(_)
        | CredentialKind::QueryKey(_)
        | CredentialKind::CookieKey(_) => quote! { ApiKey },
        CredentialKind::Basic => quote! { Basic },
        CredentialKind::Bearer => quote! { Bearer },
    }
}

fn sent_as(credential: &Credential) -> String {
    match &credential.kind {
        CredentialKind::HeaderKey(name) => format!("the header `{}`", model::inline(name)),
        CredentialKind::QueryKey(name) => format!("the query parameter `{}`", model::inline(name)),
        CredentialKind::CookieKey(name) => format!("the cookie `{}`", model::inline(name)),
        CredentialKind::Basic => "`Authorization: Basic`".to_owned(),
        CredentialKind::Bearer => "`Authorization: Bearer`".to_owned(),
    }
}

/// The handler's argument for who is calling; none where the operation is public.
pub(super) fn principal(operation: &Operation) -> TokenStream {
    if operation.security.is_empty() {
        TokenStream::new()
    } else if is_optional(operation) {
        quote! { user: Option<App::Principal>, }
    } else {
        quote! { user: App::Principal, }
    }
}

fn is_optional(operation: &Operation) -> bool {
    operation
        .security
        .iter()
        .any(|alternative| alternative.method.is_none())
}

/// The statement that finds out who is calling.
pub(super) fn authenticate(operation: &Operation, api: &Api) -> TokenStream {
    let Some(security) = &api.security else {
        return TokenStream::new();
    };
    if operation.security.is_empty() {
        return TokenStream::new();
    }
    let optional = is_optional(operation);
    let challenge = operation
        .security
        .iter()
        .filter_map(|it| security.methods.get(it.method?))
        .flat_map(|method| &method.credentials)
        .map(|credential| challenge(&credential.kind))
        .next()
        .unwrap_or("ApiKey");
    let attempts = operation.security.iter().filter_map(|alternative| {
        let method = security.methods.get(alternative.method?)?;
        Some(attempt(
            alternative,
            &method.name,
            &method.credentials,
            optional,
        ))
    });
    let otherwise = if optional {
        quote! { None }
    } else {
        quote! { return Err(Refusal::unauthenticated(#challenge)) }
    };
    quote! {
        let user = #(#attempts else)* { #otherwise };
    }
}

/// `if let Some(key) = .. { .. }` for one way to be let in.
fn attempt(
    alternative: &SecurityAlternative,
    method: &str,
    credentials: &[Credential],
    optional: bool,
) -> TokenStream {
    let method = ident::value(method);
    let names: Vec<_> = credentials
        .iter()
        .map(|credential| ident::value(&credential.argument))
        .collect();
    let found: Vec<TokenStream> = credentials
        .iter()
        .map(|credential| match &credential.kind {
            CredentialKind::HeaderKey(name) => quote! { call.api_key_in_header(#name) },
            CredentialKind::QueryKey(name) => quote! { call.api_key_in_query(#name) },
            CredentialKind::CookieKey(name) => quote! { call.api_key_in_cookie(#name) },
            CredentialKind::Basic => quote! { call.basic() },
            CredentialKind::Bearer => quote! { call.bearer() },
        })
        .collect();
    let condition = match (names.as_slice(), found.as_slice()) {
        ([name], [found]) => quote! { let Some(#name) = #found },
        _ => quote! { let (#(Some(#names)),*) = (#(#found),*) },
    };
    let scopes = &alternative.scopes;
    let challenge = credentials
        .first()
        .map_or("ApiKey", |credential| challenge(&credential.kind));
    let asked = quote! {
        app.#method(call.context(), #(#names,)* &[#(#scopes),*]).await.map_err(|denied| denied.into_refusal(#challenge))?
    };
    let asked = if optional {
        quote! { Some(#asked) }
    } else {
        asked
    };
    quote! { if #condition { #asked } }
}

/// The value of `WWW-Authenticate` (RFC 9110, section 11.6.1). For keys there is no registered scheme.
fn challenge(kind: &CredentialKind) -> &'static str {
    match kind {
        CredentialKind::HeaderKey(_)
        | CredentialKind::QueryKey(_)
        | CredentialKind::CookieKey(_) => "ApiKey",
        CredentialKind::Basic => "Basic realm=\"api\", charset=\"UTF-8\"",
        CredentialKind::Bearer => "Bearer",
    }
}

/// The names of the credentials that an operation takes in the query, each once.
pub(super) fn query_keys<'a>(operation: &Operation, api: &'a Api) -> Vec<&'a String> {
    let mut keys = Vec::new();
    let methods = api.security.iter().flat_map(|security| {
        let used = operation.security.iter().filter_map(|it| it.method);
        used.filter_map(|index| security.methods.get(index))
    });
    for credential in methods.flat_map(|method| &method.credentials) {
        if let CredentialKind::QueryKey(name) = &credential.kind
            && !keys.contains(&name)
        {
            keys.push(name);
        }
    }
    keys
}
