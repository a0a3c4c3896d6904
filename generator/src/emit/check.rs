//! Checks as expressions: each is `true` where the value satisfies it, and all of them are asked.

use proc_macro2::{Literal as Token, TokenStream};
use quote::quote;

use super::{ident, literal, pattern, value};
use crate::ir::{
    Api, Check, Coverage, Items, Literal, Properties, TextFormat, Type, TypeKind, TypeName, Value,
    When,
};

/// What a check's expression has at hand besides the node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// `it`: the text of a string.
    Text,
    /// `it`: an integer by reference.
    Integer,
    /// `it`: an upload by reference.
    Upload,
    /// The node, whose number is rounded to a type.
    Rounded(Float),
    /// The node alone.
    Node,
}

/// The types that round numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Float {
    F32,
    F64,
}

/// What a type's checks have at hand.
pub(super) fn subject(ty: &Type, api: &Api) -> Subject {
    match ty {
        Type::String => Subject::Text,
        Type::Integer(_) => Subject::Integer,
        Type::Upload => Subject::Upload,
        Type::F32 => Subject::Rounded(Float::F32),
        Type::F64 => Subject::Rounded(Float::F64),
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
    // The number is read once for all of its bounds.
    let exact = exact(checks, subject, node, api).map(|exact| match subject {
        Subject::Rounded(float) => {
            let method = ident::value(match float {
                Float::F32 => "exact_f32",
                Float::F64 => "exact_f64",
            });
            quote! { cx.#method(#node, |number, cx| #exact) }
        }
        _ => quote! { cx.exact(#node).is_none_or(|number| #exact) },
    });
    let all = exact.into_iter().chain(others(checks, subject, node, api));
    joined(all.collect())
}

/// A float that satisfies its checks; `None` where none of them looks at its digits, for which the float is read with them.
pub(super) fn float(value: &Value, node: &TokenStream, api: &Api) -> Option<TokenStream> {
    let subject = subject(&value.ty, api);
    let method = ident::value(match value.ty {
        Type::F32 => "f32_where",
        Type::F64 => "f64_where",
        _ => return None,
    });
    let exact = exact(&value.checks, subject, node, api)?;
    let read = quote! { cx.#method(#node, |number, cx| #exact) };
    Some(match joined(others(&value.checks, subject, node, api)) {
        Some(others) => quote! { #read.filter(|_| #others) },
        None => read,
    })
}

/// The checks that look at all digits of a number, of which they name its value `number`.
fn exact(checks: &[Check], subject: Subject, node: &TokenStream, api: &Api) -> Option<TokenStream> {
    let exact = checks.iter().filter(|check| is_exact(check, subject));
    joined(exact.map(|it| one(it, subject, node, api)).collect())
}

/// The checks that do not, each so that it can be joined with others.
fn others(checks: &[Check], subject: Subject, node: &TokenStream, api: &Api) -> Vec<TokenStream> {
    let (exact, others): (Vec<&Check>, Vec<&Check>) = checks
        .iter()
        .filter(|check| !matches!(check, Check::Message(_)))
        .partition(|check| is_exact(check, subject));
    let is_alone = exact.is_empty() && others.len() == 1;
    let spelt = others.into_iter().map(|check| {
        let spelt = one(check, subject, node, api);
        match check {
            // A block at the start of a statement would end it, and `||` binds less than `&`.
            Check::Enum(_)
            | Check::Const(_)
            | Check::OneOf(_)
            | Check::AnyOf(_)
            | Check::Where(..)
            | Check::Also(_)
            | Check::UnevaluatedProperties(..)
            | Check::UnevaluatedItems(..)
                if !is_alone =>
            {
                quote! { (#spelt) }
            }
            _ => spelt,
        }
    });
    spelt.collect()
}

fn joined(checks: Vec<TokenStream>) -> Option<TokenStream> {
    (!checks.is_empty()).then(|| quote! { #(#checks)&* })
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
        Subject::Rounded(_) | Subject::Node => false,
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
            let is = match format {
                TextFormat::Base64 => "is_base64",
                TextFormat::Date => "is_date",
                TextFormat::DateTime => "is_date_time",
                TextFormat::Duration => "is_duration",
                TextFormat::Email => "is_email",
                TextFormat::Hostname => "is_hostname",
                TextFormat::IdnEmail => "is_idn_email",
                TextFormat::IdnHostname => "is_idn_hostname",
                TextFormat::Ipv4 => "is_ipv4",
                TextFormat::Ipv6 => "is_ipv6",
                TextFormat::Iri => "is_iri",
                TextFormat::IriReference => "is_iri_reference",
                TextFormat::JsonPointer => "is_json_pointer",
                TextFormat::Regex => "is_regex",
                TextFormat::RelativeJsonPointer => "is_relative_json_pointer",
                TextFormat::Time => "is_time",
                TextFormat::Uri => "is_uri",
                TextFormat::UriReference => "is_uri_reference",
                TextFormat::UriTemplate => "is_uri_template",
                TextFormat::Uuid => "is_uuid",
            };
            let name = is.trim_start_matches("is_").replace('_', "-");
            let is = ident::value(is);
            textual(
                subject,
                node,
                |it| quote! { cx.format(#node, #it, format::#is, #name) },
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
        Check::Also(value) => value::check(value, node, api),
        Check::Where(ty, value) => {
            let ty = type_name(*ty);
            let checked = value::check(value, node, api);
            quote! { !#ty.admits(#node) || #checked }
        }
        Check::OneOf(values) => branches("one_of", values, node, api),
        Check::AnyOf(values) => branches("any_of", values, node, api),
        Check::Not(value) => {
            let accepts = accepting(value, api);
            quote! { cx.not(#node, #accepts) }
        }
        Check::If(it) => {
            let condition = accepting(&it.condition, api);
            let branch = |branch: &Option<Value>| match branch {
                Some(value) => checking(value, api),
                None => quote! { |_, _| true },
            };
            let (then, otherwise) = (branch(&it.then), branch(&it.otherwise));
            quote! { cx.if_then_else(#node, #condition, #then, #otherwise) }
        }
        Check::DependentRequired(key, names) => {
            quote! { cx.dependent_required(#node, #key, &[#(#names),*]) }
        }
        Check::DependentSchema(key, value) => {
            let checking = checking(value, api);
            quote! { cx.dependent_schema(#node, #key, #checking) }
        }
        Check::PropertyNames(value) => {
            let checking = checking(value, api);
            quote! { cx.property_names(#node, #checking) }
        }
        Check::Properties(it) => properties(it, node, api),
        Check::Items(it) => items(it, node, api),
        Check::Contains { value, min, max } => {
            let accepts = accepting(value, api);
            let min = Token::u64_unsuffixed(*min);
            let max = match max {
                Some(max) => {
                    let max = Token::u64_unsuffixed(*max);
                    quote! { Some(#max) }
                }
                None => quote! { None },
            };
            quote! { cx.contains(#node, #min, #max, #accepts) }
        }
        Check::UnevaluatedProperties(coverage, value) => {
            let refuse = quote! { |node, cx| cx.unevaluated_member(node) };
            unevaluated(
                "unevaluated_properties",
                &refuse,
                coverage,
                value,
                node,
                api,
            )
        }
        Check::UnevaluatedItems(coverage, value) => {
            let refuse = quote! { |node, cx| cx.unevaluated_item(node) };
            unevaluated("unevaluated_items", &refuse, coverage, value, node, api)
        }
        // It is said around the value.
        Check::Message(_) => quote! { true },
        Check::Never => quote! { cx.never(#node) },
    }
}

/// `|node, cx| ..`: whether a node is accepted.
fn accepting(value: &Value, api: &Api) -> TokenStream {
    value::closure(&value::accepts(value, &quote! { node }, api))
}

/// `|node, cx| ..`: whether a node is accepted, where what is wrong with it is recorded.
fn checking(value: &Value, api: &Api) -> TokenStream {
    value::closure(&value::check(value, &quote! { node }, api))
}

/// `|key, value, cx| ..`: what a member has to satisfy.
fn properties(it: &Properties, node: &TokenStream, api: &Api) -> TokenStream {
    let member = quote! { value };
    let additional = match &it.additional {
        Some(value) if is_never(value) => quote! { cx.refused(value) },
        Some(value) => value::check(value, &member, api),
        None => quote! { true },
    };
    // Members of which nothing is asked are told together, and only where the others are not free as well.
    let (idle, asked): (Vec<_>, Vec<_>) = it
        .members
        .iter()
        .partition(|(_, value)| value.checks.is_empty() && value.ty == Type::Json);
    let idle: Vec<&String> = idle.into_iter().map(|(key, _)| key).collect();
    let body = if it.patterns.is_empty() {
        let arms = asked.iter().map(|(key, value)| {
            let checked = value::check(value, &member, api);
            quote! { #key => #checked, }
        });
        let idle =
            (!idle.is_empty() && it.additional.is_some()).then(|| quote! { #(#idle)|* => true, });
        quote! { match key { #(#arms)* #idle _ => #additional, } }
    } else {
        // Where nothing is asked of the rest, nobody asks whether a member was known.
        let counts = it.additional.is_some();
        let pair = |valid: TokenStream, known: bool| match counts {
            true => quote! { (#known, #valid) },
            false => valid,
        };
        let arms = asked.iter().map(|(key, value)| {
            let valid = pair(value::check(value, &member, api), true);
            quote! { #key => #valid, }
        });
        let known = pair(quote! { true }, true);
        let idle = (!idle.is_empty() && counts).then(|| quote! { #(#idle)|* => #known, });
        let unknown = pair(quote! { true }, false);
        let variables = match counts {
            true => quote! { (mut known, mut valid) },
            false => quote! { mut valid },
        };
        let first = match arms.len() {
            0 if idle.is_none() => unknown,
            _ => quote! { match key { #(#arms)* #idle _ => #unknown, } },
        };
        let patterns = it.patterns.iter().map(|(pattern, value)| {
            let matches = match pattern {
                Some(pattern) => pattern::matches(*pattern, &member, &quote! { key }, api),
                None => quote! { true },
            };
            let checked = value::check(value, &member, api);
            let known = counts.then(|| quote! { known = true; });
            quote! { if #matches { #known valid &= #checked; } }
        });
        let rest = counts.then(|| quote! { if !known { valid &= #additional; } });
        quote! { { let #variables = #first; #(#patterns)* #rest valid } }
    };
    let key = value::named(&body, "key");
    let value = value::named(&body, "value");
    let cx = value::named(&body, "cx");
    quote! { cx.properties(#node, |#key, #value, #cx| #body) }
}

/// `|index, item, cx| ..`: what an item has to satisfy.
fn items(it: &Items, node: &TokenStream, api: &Api) -> TokenStream {
    let item = quote! { item };
    let rest = match &it.rest {
        Some(value) => value::check(value, &item, api),
        None => quote! { true },
    };
    let body = if it.prefix.is_empty() {
        rest
    } else {
        let arms = it.prefix.iter().enumerate().map(|(index, value)| {
            let index = Token::usize_unsuffixed(index);
            let checked = value::check(value, &item, api);
            quote! { #index => #checked, }
        });
        quote! { match index { #(#arms)* _ => #rest, } }
    };
    let index = value::named(&body, "index");
    let item = value::named(&body, "item");
    let cx = value::named(&body, "cx");
    quote! { cx.each_item(#node, |#index, #item, #cx| #body) }
}

fn is_never(value: &Value) -> bool {
    value.checks == [Check::Never]
}

fn unevaluated(
    method: &str,
    refuse: &TokenStream,
    coverage: &Coverage,
    value: &Value,
    node: &TokenStream,
    api: &Api,
) -> TokenStream {
    let method = ident::value(method);
    let coverage = emit_coverage(coverage, api);
    let checking = if is_never(value) {
        refuse.clone()
    } else {
        checking(value, api)
    };
    quote! {
        {
            static COVERAGE: Coverage = #coverage;
            cx.#method(#node, &COVERAGE, #checking)
        }
    }
}

fn emit_coverage(it: &Coverage, api: &Api) -> TokenStream {
    let mut fields = Vec::new();
    if !it.names.is_empty() {
        let names = &it.names;
        fields.push(quote! { names: &[#(#names),*] });
    }
    if !it.patterns.is_empty() {
        let patterns = it.patterns.iter().map(|pattern| {
            let (key, value) = (quote! { key }, quote! { value });
            let matches = pattern::matches(*pattern, &value, &key, api);
            let value = value::named(&matches, "value");
            let cx = value::named(&matches, "cx");
            quote! { |key, #value, #cx| #matches }
        });
        fields.push(quote! { patterns: &[#(#patterns),*] });
    }
    if it.all_members {
        fields.push(quote! { all_members: true });
    }
    if it.prefix > 0 {
        let prefix = Token::usize_unsuffixed(it.prefix);
        fields.push(quote! { prefix: #prefix });
    }
    if !it.contains.is_empty() {
        let contains = it.contains.iter().map(|value| accepting(value, api));
        fields.push(quote! { contains: &[#(#contains),*] });
    }
    if it.all_items {
        fields.push(quote! { all_items: true });
    }
    if !it.when.is_empty() {
        let when = it.when.iter().map(|(when, coverage)| {
            let coverage = emit_coverage(coverage, api);
            let when = match when {
                When::Accepts(value) => {
                    let accepts = accepting(value, api);
                    quote! { When::Accepts(#accepts) }
                }
                When::Rejects(value) => {
                    let accepts = accepting(value, api);
                    quote! { When::Rejects(#accepts) }
                }
                When::Has(key) => quote! { When::Has(#key) },
            };
            quote! { (#when, #coverage) }
        });
        fields.push(quote! { when: &[#(#when),*] });
    }
    quote! { Coverage { #(#fields,)* ..Coverage::NOTHING } }
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
