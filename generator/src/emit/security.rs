//! The security trait: who may call.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::{docs, ident, model, operation::SHADOWED};
use crate::ir::{
    Api, Credential, CredentialKind, Operation, SchemeChallenge, Security, SecurityAlternative,
    SecurityMethod,
};

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
        let (said, scopes) = match method.credentials.len() {
            1 => ("", quote! { &[&str] }),
            count => {
                let count = Literal::usize_unsuffixed(count);
                (
                    ", those of each scheme by itself",
                    quote! { [&[&str]; #count] },
                )
            }
        };
        lines.push(format!(
            "`scopes` are the scopes or roles that the operation asks for{said}."
        ));
        let docs = docs::lines(&lines);
        quote! {
            #docs
            fn #name(&self, cx: &Context, #(#arguments)* scopes: #scopes)
                -> impl Future<Output = Result<Self::Principal, Denied>> + Send;
        }
    });
    let challenges = security
        .challenges
        .iter()
        .map(|it| challenge_method(it, api));
    let mut lines = vec![
        "Who may call: one method for each set of credentials that the document asks for."
            .to_owned(),
    ];
    let has_alternatives = api.operations.iter().any(|operation| {
        let alternatives = operation.security.iter();
        alternatives.filter(|it| it.method.is_some()).count() > 1
    });
    if has_alternatives {
        lines.push(String::new());
        lines.push(
            "Where an operation takes one of several, those that were sent are asked in the document's order, until one \
             accepts."
                .to_owned(),
        );
    }
    let docs = docs::lines(&lines);
    Some(quote! {
        #docs
        #[diagnostic::on_unimplemented(
            message = "`{Self}` does not implement `Security`, and the document has secured operations",
            note = "write `impl Security for {Self}` with `type Principal` and a method for each set of credentials"
        )]
        pub trait Security: Send + Sync + 'static {
            #[doc = " Who is calling, as handlers get it."]
            type Principal: Clone + Send + Sync + 'static;

            #(#methods)*

            #(#challenges)*
        }
    })
}

/// The method that makes what a 401 asks for, where its scheme is among what would do.
fn challenge_method(challenge: &SchemeChallenge, api: &Api) -> TokenStream {
    let name = ident::value(&challenge.name);
    let scheme = model::inline(&challenge.scheme);
    let mut lines = vec![format!(
        "What a 401 asks for where `{scheme}` would do: a value of `WWW-Authenticate`."
    )];
    let realm = &api.title;
    let made = match &challenge.kind {
        CredentialKind::Basic => quote! { Challenge::basic(#realm) },
        CredentialKind::Bearer => quote! { Challenge::bearer(#realm) },
        CredentialKind::Http(scheme) if scheme == "digest" => {
            lines.push(String::new());
            lines.push(
                "Whoever checks nonces makes them as well, such as with `specwright::DigestVerifier`."
                    .to_owned(),
            );
            quote! { Challenge::digest(#realm) }
        }
        CredentialKind::Http(scheme) => {
            let scheme = capitalized(scheme);
            quote! { Challenge::new(#scheme) }
        }
        CredentialKind::HeaderKey(_)
        | CredentialKind::QueryKey(_)
        | CredentialKind::CookieKey(_)
        | CredentialKind::Certificate => return TokenStream::new(),
    };
    let docs = docs::lines(&lines);
    quote! {
        #docs
        fn #name(&self, _cx: &Context) -> Challenge { #made }
    }
}

pub(super) fn credential_type(kind: &CredentialKind) -> TokenStream {
    match kind {
        CredentialKind::HeaderKey(_)
        | CredentialKind::QueryKey(_)
        | CredentialKind::CookieKey(_) => quote! { ApiKey },
        CredentialKind::Basic => quote! { Basic },
        CredentialKind::Bearer => quote! { Bearer },
        CredentialKind::Http(_) => quote! { HttpCredentials },
        CredentialKind::Certificate => quote! { PeerCertificate },
    }
}

pub(super) fn sent_as(credential: &Credential) -> String {
    match &credential.kind {
        CredentialKind::HeaderKey(name) => format!("the header `{}`", model::inline(name)),
        CredentialKind::QueryKey(name) => format!("the query parameter `{}`", model::inline(name)),
        CredentialKind::CookieKey(name) => format!("the cookie `{}`", model::inline(name)),
        CredentialKind::Basic => "`Authorization: Basic`".to_owned(),
        CredentialKind::Bearer => "`Authorization: Bearer`".to_owned(),
        CredentialKind::Http(scheme) => {
            format!("`Authorization: {}`", model::inline(&capitalized(scheme)))
        }
        CredentialKind::Certificate => "the certificate of the connection".to_owned(),
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
///
/// Several ways to be let in are tried in the document's order, until one accepts.
pub(super) fn authenticate(operation: &Operation, api: &Api) -> TokenStream {
    let Some(security) = &api.security else {
        return TokenStream::new();
    };
    let alternatives: Vec<(&SecurityAlternative, &SecurityMethod)> = operation
        .security
        .iter()
        .filter_map(|alternative| Some((alternative, security.methods.get(alternative.method?)?)))
        .collect();
    let challenges = challenges(&alternatives, security);
    let optional = is_optional(operation);
    let has_basic = alternatives
        .iter()
        .flat_map(|(_, method)| &method.credentials)
        .any(|credential| credential.kind == CredentialKind::Basic);
    // What was meant as a password is no reason to be let in as nobody.
    let malformed = has_basic.then(|| quote! { call.no_malformed_basic(challenges)?; });
    let attempts = alternatives.iter().map(|(alternative, method)| {
        let names: Vec<Ident> = method
            .credentials
            .iter()
            .map(|it| ident::value(&it.argument))
            .collect();
        let found = method.credentials.iter().map(found);
        let condition = match names.as_slice() {
            [name] => quote! { let Some(#name) = #(#found)* },
            _ => quote! { let (#(Some(#names)),*) = (#(#found),*) },
        };
        let scopes = alternative
            .scopes
            .iter()
            .map(|scopes| quote! { &[#(#scopes),*] });
        let scopes = match names.len() {
            1 => quote! { #(#scopes)* },
            _ => quote! { [#(#scopes),*] },
        };
        let arguments = quote! { call.context(), #(#names,)* #scopes };
        let function = ident::value(&method.name);
        let asked = match SHADOWED.contains(&method.name.as_str()) {
            true => quote! { Security::#function(&*app.security, #arguments).await },
            false => quote! { app.security.#function(#arguments).await },
        };
        let judged_tokens = method.credentials.iter().zip(&alternative.scopes);
        let judged_tokens = judged_tokens
            .filter(|(it, _)| it.kind == CredentialKind::Bearer)
            .map(|(_, scopes)| quote! { .of_bearer(&[#(#scopes),*]) });
        (condition, asked, quote! { denied #(#judged_tokens)* })
    });
    let found = match attempts.collect::<Vec<_>>().as_slice() {
        [] => return TokenStream::new(),
        [(condition, asked, denied)] => {
            let asked = quote! { #asked.map_err(|denied| #denied.into_refusal(challenges))? };
            match optional {
                true => quote! { if #condition { Some(#asked) } else { #malformed None } },
                false => quote! {
                    if #condition { #asked } else {
                        return Err(Refusal::unauthenticated(challenges()))
                    }
                },
            }
        }
        attempts => {
            let attempts = attempts.iter().map(|(condition, asked, denied)| {
                let user = match optional {
                    true => quote! { Some(user) },
                    false => quote! { user },
                };
                quote! {
                    if #condition {
                        match #asked {
                            Ok(user) => break 'user #user,
                            Err(denied) => denials.keep(#denied)?,
                        }
                    }
                }
            });
            let otherwise = match optional {
                true => quote! {
                    denials.unless_denied(challenges)?;
                    #malformed
                    None
                },
                false => quote! { return Err(denials.refuse(challenges)) },
            };
            quote! {
                'user: {
                    let mut denials = Denials::default();
                    #(#attempts)*
                    #otherwise
                }
            }
        }
    };
    let (user, known) = match optional {
        true => (quote! { Some(user) }, quote! { user.as_ref() }),
        false => (quote! { user }, quote! { Some(&user) }),
    };
    // A test may say who is calling.
    quote! {
        let challenges = || [#(#challenges),*];
        let user = match call.principal()? {
            Some(user) => #user,
            None => #found,
        };
        call.keep_principal(#known);
    }
}

fn found(credential: &Credential) -> TokenStream {
    match &credential.kind {
        CredentialKind::HeaderKey(name) => quote! { call.api_key_in_header(#name) },
        CredentialKind::QueryKey(name) => quote! { call.api_key_in_query(#name) },
        CredentialKind::CookieKey(name) => quote! { call.api_key_in_cookie(#name) },
        CredentialKind::Basic => quote! { call.basic() },
        CredentialKind::Bearer => quote! { call.bearer() },
        CredentialKind::Http(scheme) => quote! { call.http_credentials(#scheme) },
        CredentialKind::Certificate => quote! { call.peer_certificate() },
    }
}

/// What is asked for in a 401, in the document's order: one for each kind of credentials that would do.
fn challenges(
    alternatives: &[(&SecurityAlternative, &SecurityMethod)],
    security: &Security,
) -> Vec<TokenStream> {
    let mut asked = Vec::new();
    let mut challenges = Vec::new();
    for (alternative, method) in alternatives {
        for (credential, scopes) in method.credentials.iter().zip(&alternative.scopes) {
            let made_by = credential
                .challenge
                .and_then(|it| security.challenges.get(it));
            // What asks for scopes of its own is another challenge.
            let scopes: &[String] = match credential.kind {
                CredentialKind::Bearer => scopes,
                _ => &[],
            };
            let what = match made_by {
                Some(challenge) => &challenge.name,
                None => unregistered(&credential.kind),
            };
            if asked.contains(&(what, scopes)) {
                continue;
            }
            asked.push((what, scopes));
            let scopes = (!scopes.is_empty()).then(|| quote! { .for_scopes(&[#(#scopes),*]) });
            challenges.push(match made_by {
                Some(challenge) => {
                    let name = ident::value(&challenge.name);
                    quote! { app.security.#name(call.context()) #scopes }
                }
                None => quote! { Challenge::new(#what) },
            });
        }
    }
    challenges
}

/// What keys and certificates are called, for which there is no registered scheme (RFC 9110, section 11.6.1).
fn unregistered(kind: &CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Certificate => "MutualTLS",
        _ => "ApiKey",
    }
}

/// A scheme as it is mostly written: `Digest`.
fn capitalized(scheme: &str) -> String {
    let mut chars = scheme.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
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
