//! Values: the expressions that decode a node and that ask whether it is accepted.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use super::{check, ident, ty};
use crate::ir::{Additional, Api, Check, Format, Type, TypeKind, Value};

/// An expression of type `Option<T>` that decodes `node` with `cx`.
pub(super) fn decode(value: &Value, node: &TokenStream, api: &Api) -> TokenStream {
    let decoded = decode_type(&value.ty, node, api);
    let decoded = filtered(&decoded, value, node, api);
    authored(decoded, value, node)
}

/// The expression with the document's own words for what is wrong with the value, where it has some.
fn authored(decoded: TokenStream, value: &Value, node: &TokenStream) -> TokenStream {
    let messages = value.checks.iter().find_map(|check| match check {
        Check::Message(messages) => Some(messages),
        _ => None,
    });
    let Some(messages) = messages else {
        return decoded;
    };
    let messages = messages
        .iter()
        .map(|(keyword, text)| quote! { (#keyword, #text) });
    quote! { cx.authored(#node, &[#(#messages),*], |cx| #decoded) }
}

fn has_message(value: &Value) -> bool {
    value
        .checks
        .iter()
        .any(|it| matches!(it, Check::Message(_)))
}

/// The decoded value, if it satisfies its checks.
fn filtered(decoded: &TokenStream, value: &Value, node: &TokenStream, api: &Api) -> TokenStream {
    let subject = check::subject(&value.ty, api);
    if let Some(float) = check::float(value, node, api) {
        return float;
    }
    let Some(checks) = check::all(&value.checks, subject, node, api) else {
        return decoded.clone();
    };
    if matches!(value.ty, Type::Array(_) | Type::Map(_)) {
        // Asked first, so that a wrong length is reported beside faults of the items.
        let filter = match &value.ty {
            Type::Array(item)
                if value.checks.contains(&Check::UniqueItems) && is_respelled(item, api) =>
            {
                quote! { |it| valid && cx.stay_unique(#node, it) }
            }
            _ => quote! { |_| valid },
        };
        return quote! {
            {
                let valid = #checks;
                #decoded.filter(#filter)
            }
        };
    }
    if value
        .checks
        .iter()
        .any(|it| check::needs_value(it, subject))
    {
        quote! { #decoded.filter(|it| #checks) }
    } else {
        quote! { #decoded.filter(|_| #checks) }
    }
}

/// Whether two texts of the value may become one, such as two spellings of one point in time.
fn is_respelled(value: &Value, api: &Api) -> bool {
    match &value.ty {
        Type::F32 | Type::F64 => true,
        Type::Formatted(format) => *format != Format::Password,
        Type::Nullable(inner) => is_respelled(inner, api),
        Type::Named(id) => match api.types.get(id.0).map(|def| &def.kind) {
            Some(TypeKind::Alias(inner) | TypeKind::Newtype(inner)) => is_respelled(inner, api),
            _ => false,
        },
        _ => false,
    }
}

fn decode_type(ty: &Type, node: &TokenStream, api: &Api) -> TokenStream {
    match ty {
        Type::Named(id) => match api.types.get(id.0) {
            Some(def) => match &def.kind {
                TypeKind::Alias(value) => decode(value, node, api),
                _ => {
                    let name = ident::ty(&def.name);
                    quote! { #name::decode(#node, cx) }
                }
            },
            None => quote! { cx.json(#node) },
        },
        Type::Boolean => quote! { cx.boolean(#node) },
        Type::Integer(integer) => {
            let ty = ty::integer_type(*integer);
            quote! { cx.integer::<#ty>(#node) }
        }
        Type::F32 => quote! { cx.f32(#node) },
        Type::F64 => quote! { cx.f64(#node) },
        Type::Decimal => quote! { cx.decimal(#node) },
        Type::String => quote! { cx.string(#node) },
        Type::Formatted(format) => {
            let method = ident::value(format_method(*format));
            quote! { cx.#method(#node) }
        }
        Type::Json => quote! { cx.json(#node) },
        Type::Null => quote! { cx.null(#node) },
        Type::Upload => quote! { cx.upload(#node) },
        Type::Part(parts) => {
            let [value, headers] = &**parts;
            let (value, headers) = (decoder(value, api), decoder(headers, api));
            quote! { cx.part(#node, #value, #headers) }
        }
        Type::Array(item) => wrapped("array", item, node, api),
        Type::Tuple(items) => tuple(items, node, api),
        Type::Map(item) => wrapped("map", item, node, api),
        Type::Nullable(inner) => wrapped("nullable", inner, node, api),
        Type::JsonText(inner) => wrapped("json_text", inner, node, api),
    }
}

/// `cx.array(node, |item, cx| ..)`, or the item's own function where that is all.
fn wrapped(method: &str, inner: &Value, node: &TokenStream, api: &Api) -> TokenStream {
    let method = ident::value(method);
    let decoder = decoder(inner, api);
    quote! { cx.#method(#node, #decoder) }
}

/// `cx.tuple(node, |[item_1, item_2], cx| ..)`: every item is decoded before one that is missing ends it.
fn tuple(items: &[Value], node: &TokenStream, api: &Api) -> TokenStream {
    let names: Vec<_> = (1..=items.len())
        .map(|index| ident::value(&format!("item_{index}")))
        .collect();
    let decoded = items.iter().zip(&names).map(|(item, name)| {
        let decoded = decode(item, &quote! { #name }, api);
        quote! { let #name = #decoded; }
    });
    quote! {
        cx.tuple(#node, |[#(#names),*], cx| {
            #(#decoded)*
            Some((#(#names?,)*))
        })
    }
}

/// An expression of type `bool`: whether `node` satisfies the value, where what is wrong with it is recorded.
pub(super) fn check(value: &Value, node: &TokenStream, api: &Api) -> TokenStream {
    match &value.ty {
        Type::Json => match check::all(&value.checks, check::Subject::Node, node, api) {
            Some(checks) if has_message(value) => {
                let asked = authored(quote! { (#checks).then_some(()) }, value, node);
                quote! { #asked.is_some() }
            }
            Some(checks) => checks,
            None => quote! { true },
        },
        Type::Named(id) if value.checks.is_empty() => match api.types.get(id.0) {
            Some(def) => match &def.kind {
                TypeKind::Alias(inner) => check(inner, node, api),
                _ => {
                    let name = ident::ty(&def.name);
                    quote! { #name::check(#node, cx) }
                }
            },
            None => quote! { true },
        },
        _ => {
            let decoded = decode(value, node, api);
            quote! { #decoded.is_some() }
        }
    }
}

/// What decodes the value where it is called with a node: its type's function, or a closure.
pub(super) fn decoder(value: &Value, api: &Api) -> TokenStream {
    closure(&decode(value, &quote! { node }, api))
}

/// `|node, cx| body`, where what the body does not name has no name.
pub(super) fn closure(body: &TokenStream) -> TokenStream {
    if let Some(function) = function_alone(body) {
        return function;
    }
    let node = named(body, "node");
    let cx = named(body, "cx");
    quote! { |#node, #cx| #body }
}

/// The function, where the tokens do nothing but call one with the node and the decoder: `Book::accepts(node, cx)`.
fn function_alone(body: &TokenStream) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = body.clone().into_iter().collect();
    let (TokenTree::Group(arguments), path) = tokens.split_last()? else {
        return None;
    };
    let is_path = !path.is_empty()
        && path.iter().all(|token| match token {
            TokenTree::Ident(_) => true,
            TokenTree::Punct(punct) => punct.as_char() == ':',
            _ => false,
        });
    let takes_both = arguments.stream().to_string() == quote! { node, cx }.to_string();
    (is_path && takes_both).then(|| path.iter().cloned().collect())
}

/// The binding of what some tokens may name: `_` where they do not.
pub(super) fn named(tokens: &TokenStream, name: &str) -> TokenStream {
    if mentions(tokens, name) {
        let name = ident::value(name);
        quote! { #name }
    } else {
        quote! { _ }
    }
}

/// Whether the tokens hold this identifier.
pub(super) fn mentions(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(&group.stream(), name),
        TokenTree::Ident(ident) => ident == name,
        _ => false,
    })
}

fn format_method(format: Format) -> &'static str {
    match format {
        Format::Uuid => "uuid",
        Format::DateTime => "date_time",
        Format::Date => "date",
        Format::Time => "time",
        Format::Duration => "duration",
        Format::Uri => "uri",
        Format::Ipv4 => "ipv4",
        Format::Ipv6 => "ipv6",
        Format::Base64 => "base64",
        Format::Decimal => "decimal_string",
        Format::Password => "password",
    }
}

/// An expression of type `bool`: whether `node` is accepted.
pub(super) fn accepts(value: &Value, node: &TokenStream, api: &Api) -> TokenStream {
    let subject = check::subject(&value.ty, api);
    let checks = check::all(&value.checks, subject, node, api);
    let with_checks = |accepted: TokenStream| match &checks {
        Some(checks) => quote! { #accepted && (#checks) },
        None => accepted,
    };
    match &value.ty {
        Type::String => match &checks {
            Some(checks) if mentions(checks, "it") => {
                quote! { cx.text(#node).is_some_and(|it| { let it = &*it; #checks }) }
            }
            Some(checks) => quote! { cx.text(#node).is_some() && (#checks) },
            None => quote! { cx.text(#node).is_some() },
        },
        Type::Named(id) => match api.types.get(id.0) {
            Some(def) => match &def.kind {
                TypeKind::Alias(inner) => {
                    let mut both = inner.clone();
                    both.checks.extend(value.checks.iter().cloned());
                    accepts(&both, node, api)
                }
                _ => {
                    let name = ident::ty(&def.name);
                    with_checks(quote! { #name::accepts(#node, cx) })
                }
            },
            None => quote! { true },
        },
        Type::Json => match checks {
            Some(checks) => checks,
            None => quote! { true },
        },
        Type::Array(item) => {
            let every = closure(&accepts(item, &quote! { node }, api));
            with_checks(quote! { cx.every_item(#node, #every) })
        }
        Type::Map(item) => {
            let every = closure(&accepts(item, &quote! { node }, api));
            with_checks(quote! { cx.every_member(#node, #every) })
        }
        Type::Tuple(items) => {
            let names: Vec<_> = (1..=items.len())
                .map(|index| ident::value(&format!("item_{index}")))
                .collect();
            let accepted = items
                .iter()
                .zip(&names)
                .map(|(item, name)| accepts(item, &quote! { #name }, api));
            let body = quote! { Some(#((#accepted))&&*) };
            let names = names.iter().map(|name| named(&body, &name.to_string()));
            let cx = named(&body, "cx");
            with_checks(quote! { cx.tuple(#node, |[#(#names),*], #cx| #body) == Some(true) })
        }
        Type::Nullable(inner) => {
            let inner = accepts(inner, node, api);
            let accepted = quote! { #node.kind() == Kind::Null || #inner };
            match &checks {
                Some(checks) => quote! { (#accepted) && (#checks) },
                None => accepted,
            }
        }
        _ => {
            let decoded = decode(value, node, api);
            quote! { #decoded.is_some() }
        }
    }
}

/// A branch of a union.
pub(super) fn branch(name: &str, value: &Value, api: &Api) -> TokenStream {
    let node = quote! { node };
    let accepts = accepts(value, &node, api);
    let accepts = closure(&accepts);
    let explain = closure(&check(value, &node, api));
    let covers = covers(value, api);
    let exact = is_exact(value, api);
    quote! {
        Branch {
            name: #name,
            accepts: #accepts,
            explain: #explain,
            covers: #covers,
            exact: #exact,
        }
    }
}

/// Which members of an object the value evaluates.
fn covers(value: &Value, api: &Api) -> TokenStream {
    match &value.ty {
        Type::Map(_) => quote! { Covers::Everything },
        Type::Nullable(inner) => covers(inner, api),
        Type::Named(id) => match api.types.get(id.0).map(|def| &def.kind) {
            Some(TypeKind::Struct(it))
                if matches!(
                    it.additional,
                    Additional::Ignore
                        | Additional::Keep {
                            evaluated: false,
                            ..
                        }
                ) =>
            {
                let keys = it.fields.iter().map(|field| &field.key).chain(&it.ignored);
                quote! { Covers::Named(&[#(#keys),*]) }
            }
            Some(TypeKind::Struct(_)) => quote! { Covers::Everything },
            Some(TypeKind::Newtype(value) | TypeKind::Alias(value)) => covers(value, api),
            _ => quote! { Covers::Nothing },
        },
        _ => quote! { Covers::Nothing },
    }
}

/// Whether the value is an enum or a const.
fn is_exact(value: &Value, api: &Api) -> bool {
    value
        .checks
        .iter()
        .any(|check| matches!(check, Check::Const(_) | Check::Enum(_)))
        || match &value.ty {
            Type::Named(id) => match api.types.get(id.0).map(|def| &def.kind) {
                Some(TypeKind::Enum(_)) => true,
                Some(TypeKind::Newtype(value) | TypeKind::Alias(value)) => is_exact(value, api),
                _ => false,
            },
            _ => false,
        }
}
