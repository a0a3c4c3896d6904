//! Checks as expressions: each is `true` where the value satisfies it, and all of them are asked.

use proc_macro2::{Literal as Token, TokenStream};
use quote::quote;

use super::{ident, literal, pattern, value};
use crate::ir::{Api, Check, Literal, TextFormat, Type, TypeKind, TypeName, Value};

/// What a check's expression has at hand besides the node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// `it`: the text of a string.
    Text,
    /// `it`: an integer by reference.
    Integer,
    /// `it`: an upload by reference.
    Upload,
    /// The node alone.
    Node,
}

/// What a type's checks have at hand.
pub(super) fn subject(ty: &Type, api: &Api) -> Subject {
    match ty {
        Type::String => Subject::Text,
        Type::Integer(_) => Subject::Integer,
        Type::Upload => Subject::Upload,
        Type::Named(id) => match api.types.get(id.0).map(|def| &def.kind) {
            Some(TypeKind::Alias(value)) => subject(&value.ty, api),
            _ => Subject::Node,
        },
        _ => Subject::Node,
    }
}

/// All of the checks, joined so that each is asked; `None` where there are none.
pub(super) fn all(
    checks: &[Check],
    subject: Subject,
    node: &TokenStream,
    api: &Api,
) -> Option<TokenStream> {
    let (exact, others): (Vec<&Check>, Vec<&Check>) =
        checks.iter().partition(|check| is_exact(check, subject));
    let is_alone = exact.is_empty() && others.len() == 1;
    let exact: Vec<TokenStream> = exact
        .into_iter()
        .map(|check| one(check, subject, node, api))
        .collect();
    // The number is read once for all of its bounds.
    let exact =
        (!exact.is_empty()).then(|| quote! { cx.exact(#node).is_none_or(|number| #(#exact)&*) });
    let others = others.into_iter().map(|check| {
        let spelt = one(check, subject, node, api);
        match check {
            // A block at the start of a statement would end it, and `||` binds less than `&`.
            Check::Enum(_) | Check::OneOf(_) | Check::AnyOf(_) | Check::Where(..) if !is_alone => {
                quote! { (#spelt) }
            }
            _ => spelt,
        }
    });
    let all: Vec<TokenStream> = exact.into_iter().chain(others).collect();
    (!all.is_empty()).then(|| quote! { #(#all)&* })
}

/// Whether a check of numbers looks at all of their digits.
fn is_exact(check: &Check, subject: Subject) -> bool {
    match check {
        Check::Minimum(bound)
        | Check::Maximum(bound)
        | Check::ExclusiveMinimum(bound)
        | Check::ExclusiveMaximum(bound)
        | Check::MultipleOf(bound) => {
            subject != Subject::Integer || literal::whole(bound).is_none()
        }
        _ => false,
    }
}

/// Whether a check looks at more than the node.
pub(super) fn needs_value(check: &Check, subject: Subject) -> bool {
    match subject {
        Subject::Text => matches!(
            check,
            Check::MinLength(_) | Check::MaxLength(_) | Check::Pattern(_) | Check::Format(_)
        ),
        Subject::Integer => match check {
            Check::Minimum(bound)
            | Check::Maximum(bound)
            | Check::ExclusiveMinimum(bound)
            | Check::ExclusiveMaximum(bound)
            | Check::MultipleOf(bound) => literal::whole(bound).is_some(),
            _ => false,
        },
        Subject::Upload => matches!(check, Check::MinLength(_) | Check::MaxLength(_)),
        Subject::Node => false,
    }
}

fn one(check: &Check, subject: Subject, node: &TokenStream, api: &Api) -> TokenStream {
    match check {
        Check::Minimum(bound) => numeric("minimum", bound, subject, node),
        Check::Maximum(bound) => numeric("maximum", bound, subject, node),
        Check::ExclusiveMinimum(bound) => numeric("exclusive_minimum", bound, subject, node),
        Check::ExclusiveMaximum(bound) => numeric("exclusive_maximum", bound, subject, node),
        Check::MultipleOf(divisor) => numeric("multiple_of", divisor, subject, node),
        Check::MinLength(least) if subject == Subject::Upload => {
            let least = Token::u64_unsuffixed(*least);
            quote! { cx.min_size(#node, it, #least) }
        }
        Check::MaxLength(most) if subject == Subject::Upload => {
            let most = Token::u64_unsuffixed(*most);
            quote! { cx.max_size(#node, it, #most) }
        }
        Check::MinLength(least) => {
            let least = Token::u64_unsuffixed(*least);
            textual(
                subject,
                node,
                |it| quote! { cx.min_length(#node, #it, #least) },
            )
        }
        Check::MaxLength(most) => {
            let most = Token::u64_unsuffixed(*most);
            textual(
                subject,
                node,
                |it| quote! { cx.max_length(#node, #it, #most) },
            )
        }
        Check::Pattern(id) => textual(subject, node, |it| pattern::check(*id, node, it, api)),
        Check::Format(format) => {
            let (is, detail) = match format {
                TextFormat::Email => ("is_email", "must be an email address"),
                TextFormat::Hostname => ("is_hostname", "must be a host name"),
                TextFormat::UriReference => ("is_uri_reference", "must be a URI reference"),
                TextFormat::Regex => ("is_regex", "must be a regular expression"),
            };
            let is = ident::value(is);
            textual(
                subject,
                node,
                |it| quote! { cx.format(#node, #it, format::#is, #detail) },
            )
        }
        Check::MinItems(count) => count_check("min_items", *count, node),
        Check::MaxItems(count) => count_check("max_items", *count, node),
        Check::MinProperties(count) => count_check("min_properties", *count, node),
        Check::MaxProperties(count) => count_check("max_properties", *count, node),
        Check::UniqueItems => quote! { cx.unique_items(#node) },
        Check::Required(names) => quote! { cx.has_members(#node, &[#(#names),*]) },
        Check::Type(types) => {
            let names: Vec<TokenStream> = types.iter().map(|ty| type_name(*ty)).collect();
            let detail = format!(
                "must be {}",
                types
                    .iter()
                    .map(|ty| type_words(*ty))
                    .collect::<Vec<_>>()
                    .join(" or ")
            );
            quote! { cx.has_type(#node, &[#(#names),*], #detail) }
        }
        Check::Const(value) => {
            let json = literal::json(&Literal::Array(vec![value.clone()]));
            let detail = format!("must be {}", literal::json(value));
            quote! {
                {
                    static VALUES: Values = Values::new(#json);
                    cx.is_constant(#node, &VALUES, #detail)
                }
            }
        }
        Check::Enum(values) => {
            let json = literal::json(&Literal::Array(values.clone()));
            let detail = match values.as_slice() {
                [only] => format!("must be {}", literal::json(only)),
                few if few.len() <= 20 => {
                    format!(
                        "must be one of {}",
                        few.iter().map(literal::json).collect::<Vec<_>>().join(", ")
                    )
                }
                many => format!("must be one of {} values", many.len()),
            };
            quote! {
                {
                    static VALUES: Values = Values::new(#json);
                    cx.is_one_of(#node, &VALUES, #detail)
                }
            }
        }
        Check::Also(value) => {
            let decoded = value::decode(value, node, api);
            quote! { #decoded.is_some() }
        }
        Check::Where(ty, value) => {
            let ty = type_name(*ty);
            let decoded = value::decode(value, node, api);
            quote! { !#ty.admits(#node) || #decoded.is_some() }
        }
        Check::OneOf(values) => branches("one_of", values, node, api),
        Check::AnyOf(values) => branches("any_of", values, node, api),
        Check::Not(value) => {
            let inner = quote! { node };
            let accepts = value::accepts(value, &inner, api);
            let accepts = value::closure(&accepts);
            quote! { cx.not(#node, #accepts) }
        }
        Check::Never => quote! { cx.never(#node) },
    }
}

fn branches(method: &str, values: &[Value], node: &TokenStream, api: &Api) -> TokenStream {
    let method = ident::value(method);
    let branches = values.iter().enumerate().map(|(index, value)| {
        let name = match &value.ty {
            Type::Named(id) => api
                .types
                .get(id.0)
                .map_or_else(String::new, |def| def.name.clone()),
            _ => format!("case {}", index + 1),
        };
        value::branch(&name, value, api)
    });
    quote! {
        {
            const BRANCHES: &[Branch] = &[#(#branches),*];
            cx.#method(#node, None, BRANCHES).is_some()
        }
    }
}

fn numeric(method: &str, bound: &str, subject: Subject, node: &TokenStream) -> TokenStream {
    if subject == Subject::Integer
        && let Some(whole) = literal::whole(bound)
    {
        let method = ident::value(method);
        let bound = Token::i128_unsuffixed(whole);
        return quote! { cx.#method(#node, *it, #bound) };
    }
    let method = ident::value(&format!("{method}_exact"));
    let decimal = match literal::parts(bound) {
        Some((negative, mantissa, exponent)) => {
            let mantissa = Token::u64_unsuffixed(mantissa);
            let exponent = Token::i32_unsuffixed(exponent);
            quote! { decimal(#negative, #mantissa, #exponent) }
        }
        None => quote! { long_decimal(#bound) },
    };
    quote! { cx.#method(#node, number, #decimal, #bound) }
}

fn count_check(method: &str, count: u64, node: &TokenStream) -> TokenStream {
    let method = ident::value(method);
    let count = Token::u64_unsuffixed(count);
    quote! { cx.#method(#node, #count) }
}

/// A check of text: at once where the text is at hand, else where the node has some.
fn textual(
    subject: Subject,
    node: &TokenStream,
    check: impl Fn(&TokenStream) -> TokenStream,
) -> TokenStream {
    if subject == Subject::Text {
        return check(&quote! { it });
    }
    let check = check(&quote! { &text });
    quote! { #node.as_str().is_none_or(|text| #check) }
}

fn type_name(ty: TypeName) -> TokenStream {
    let name = ident::ty(match ty {
        TypeName::Null => "Null",
        TypeName::Boolean => "Boolean",
        TypeName::Integer => "Integer",
        TypeName::Number => "Number",
        TypeName::String => "String",
        TypeName::Array => "Array",
        TypeName::Object => "Object",
    });
    quote! { TypeName::#name }
}

fn type_words(ty: TypeName) -> &'static str {
    match ty {
        TypeName::Null => "null",
        TypeName::Boolean => "a boolean",
        TypeName::Integer => "an integer",
        TypeName::Number => "a number",
        TypeName::String => "a string",
        TypeName::Array => "an array",
        TypeName::Object => "an object",
    }
}
