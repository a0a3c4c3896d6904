//! Lints: what a module has to let pass, since its names and types are the document's.

use proc_macro2::TokenStream;
use quote::quote;

use super::{client, model};
use crate::ir::{Api, Success, TypeKind};

/// What the lints of whoever includes the module have to let pass.
pub(super) fn allowances(api: &Api, module: &str) -> TokenStream {
    let mut allowances = TokenStream::new();
    if uses_deprecated(api, module) {
        allowances.extend(quote! {
            #[allow(deprecated, reason = "what the document deprecates is still served")]
        });
    }
    if module == "models" && model::has_silent(api) {
        allowances.extend(quote! {
            #[allow(missing_docs, reason = "where the document has no words, the names say it")]
        });
    }
    let has_choices = match module {
        "responses" => api.operations.iter().any(|it| {
            let mut bodies = it.responses().filter_map(|it| it.body.as_ref());
            it.error.is_some()
                || matches!(it.success, Success::Enum { .. })
                || bodies.any(|body| body.name.is_some())
        }),
        "requests" => api.operations.iter().any(|it| {
            let body = it.request.as_ref().and_then(|it| it.body.as_ref());
            body.is_some_and(|body| body.contents.name.is_some())
        }),
        "models" => api
            .types
            .iter()
            .any(|def| matches!(def.kind, TypeKind::Union(_))),
        _ => false,
    };
    if has_choices {
        allowances.extend(quote! {
            #[allow(clippy::large_enum_variant, reason = "a box would be in the way of whoever matches")]
        });
    }
    if matches!(module, "models" | "wire") && api.types.iter().any(|def| def.recursive) {
        allowances.extend(quote! {
            #[allow(clippy::use_self, reason = "a type within itself reads best by its name")]
        });
    }
    if module == "wire" && has_placeholder(api) {
        allowances.extend(quote! {
            #[allow(clippy::disallowed_names, reason = "values have the names that the document gives them")]
        });
    }
    let methods = methods(api, module);
    if methods.iter().any(|name| is_convention(name)) {
        allowances.extend(quote! {
            #[allow(clippy::wrong_self_convention, reason = "methods have the names that the document gives them")]
        });
    }
    if methods.contains(&"new") {
        allowances.extend(quote! {
            #[allow(clippy::new_ret_no_self, reason = "it is an operation of the document")]
        });
    }
    if module == "client" && methods.contains(&"len") {
        allowances.extend(quote! {
            #[allow(clippy::len_without_is_empty, reason = "it is an operation of the document")]
        });
    }
    allowances
}

/// The methods of a module that the document names.
fn methods<'a>(api: &'a Api, module: &str) -> Vec<&'a str> {
    let operations = api.operations.iter();
    match module {
        "client" => operations
            .filter(|it| client::sends(it, api))
            .map(|it| it.name.as_str())
            .collect(),
        "handlers" => {
            let schemes = api.security.iter().flat_map(|it| &it.methods);
            let errors = api.error_bodies.iter().map(|it| it.name.as_str());
            operations
                .map(|it| it.name.as_str())
                .chain(schemes.map(|it| it.name.as_str()))
                .chain(errors)
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a value has a name that clippy takes for a placeholder.
fn has_placeholder(api: &Api) -> bool {
    let fields = api.types.iter().flat_map(|def| match &def.kind {
        TypeKind::Struct(it) => it.fields.as_slice(),
        _ => &[],
    });
    let requests = api.operations.iter().filter_map(|it| it.request.as_ref());
    let parameters = requests.flat_map(|it| &it.parameters);
    let headers = api.operations.iter().flat_map(|it| it.responses());
    let headers = headers.flat_map(|it| &it.headers);
    fields
        .map(|it| &it.name)
        .chain(parameters.map(|it| &it.field))
        .chain(headers.map(|it| &it.field))
        .any(|name| matches!(name.as_str(), "foo" | "baz" | "quux"))
}

/// Whether a method of this name is expected to take another `self` than `&self`.
fn is_convention(name: &str) -> bool {
    let begins = |prefix: &str| name.starts_with(prefix);
    name == "new" || begins("from_") || begins("into_") || begins("to_") && name.ends_with("_mut")
}

/// Whether a module names what the document deprecates.
fn uses_deprecated(api: &Api, module: &str) -> bool {
    let parts = || {
        api.operations.iter().any(|operation| {
            let mut parameters = operation.request.iter().flat_map(|it| &it.parameters);
            operation.deprecated || parameters.any(|parameter| parameter.deprecated)
        }) || api.types.iter().any(|def| {
            matches!(&def.kind, TypeKind::Struct(it) if it.fields.iter().any(|field| field.deprecated))
        })
    };
    api.types.iter().any(|def| def.deprecated) || matches!(module, "client" | "wire") && parts()
}
