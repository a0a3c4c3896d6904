//! The plumbing: how each type is decoded, checked and encoded.

use std::collections::HashMap;

use proc_macro2::{Ident, Literal as Token, TokenStream};
use quote::quote;

use super::{
    check::{self, Subject},
    client, ident, literal, model, operation, pattern, request, response, secret,
    ty::{self, Holder},
    value,
};
use crate::ir::{
    Additional, Api, Dispatch, Enum, ErrorFormat, Field, Kind, Presence, Struct, Type, TypeDef,
    TypeKind, Union, UnionRule, Value,
};

pub(super) fn emit_wire(api: &Api) -> Vec<TokenStream> {
    let mut items = operation::emit_operations(api);
    items.extend(request::emit_readers(api));
    items.extend(client::emit_wire(api));
    items.extend(response::emit_shared(api));
    items.extend(secret::emit_debug(api));
    let mut interop = Vec::new();
    for (index, def) in api
        .type_order
        .iter()
        .filter_map(|id| Some((id.0, api.types.get(id.0)?)))
    {
        if matches!(def.kind, TypeKind::Alias(_) | TypeKind::Pending) {
            continue;
        }
        if !def.has_parts {
            interop.push(ident::ty(&def.name));
        }
        items.extend(emit_type(def, index, api));
    }
    if !interop.is_empty() {
        items.push(quote! { interop!(#(#interop),*); });
    }
    let patterns = pattern::emit_patterns(&items, api);
    items.extend(patterns);
    items
}

fn emit_type(def: &TypeDef, index: usize, api: &Api) -> Vec<TokenStream> {
    let name = ident::ty(&def.name);
    match &def.kind {
        TypeKind::Struct(it) => emit_struct(&name, it, def, index, api),
        TypeKind::Enum(it) => emit_enum(&name, it, api),
        TypeKind::Union(it) => emit_union(&name, it, def, index, api),
        TypeKind::Newtype(value) => emit_newtype(&name, value, def, index, api),
        TypeKind::Alias(_) | TypeKind::Pending => Vec::new(),
    }
}

fn emit_struct(
    name: &Ident,
    it: &Struct,
    def: &TypeDef,
    index: usize,
    api: &Api,
) -> Vec<TokenStream> {
    let locals = ident::locals(it.fields.iter().map(|it| &it.name), &[]);
    let required: Vec<&Field> = it
        .fields
        .iter()
        .filter(|field| field.presence == Presence::Required)
        .collect();
    let node = quote! { value };
    let whole = quote! { node };
    let checks = check::all(&it.checks, Subject::Node, &whole, api);

    let mut steps = Vec::new();
    for (field, local) in it.fields.iter().zip(&locals) {
        let decoded = value::decode(&field.value, &node, api);
        let method = ident::value(match field.presence {
            Presence::Required => "required",
            _ => "optional",
        });
        steps.push((&field.key, quote! { #local = found.#method(#decoded) }));
    }
    let mut arms: Vec<TokenStream> = steps
        .iter()
        .map(|(key, step)| quote! { #key => #step, })
        .collect();
    let ignores_rest = matches!(it.additional, Additional::Ignore);
    if !it.ignored.is_empty() && !ignores_rest {
        let ignored = &it.ignored;
        arms.push(quote! { #(#ignored)|* => {} });
    }
    let refuse = ident::value(match it.additional {
        Additional::Refuse {
            is_unevaluated: true,
        } => "unevaluated_member",
        _ => "refused",
    });
    let mut kept = TokenStream::new();
    let rest = match &it.additional {
        Additional::Ignore => quote! { _ => {} },
        Additional::Refuse { .. } => quote! { _ => found.check(cx.#refuse(value)), },
        Additional::Keep { value: inner, .. } => {
            let decoded = value::decode(inner, &node, api);
            kept = quote! { let mut additional = IndexMap::new(); };
            quote! { _ => found.keep(&mut additional, key, #decoded), }
        }
    };
    arms.push(rest);

    let complete = (!required.is_empty()).then(|| {
        let names = required.iter().map(|field| &field.key);
        match checks {
            Some(_) => quote! { found.all(cx, node, &[#(#names),*]); },
            None => quote! { found.complete(cx, node, &[#(#names),*])?; },
        }
    });
    let checked = checks
        .as_ref()
        .map(|checks| quote! { found.check(#checks); });
    let built = it
        .fields
        .iter()
        .zip(&locals)
        .map(|(field, local)| build_field(field, local, api));
    let built_additional = match &it.additional {
        Additional::Keep { name, .. } => {
            let name = ident::value(name);
            quote! { #name: additional, }
        }
        _ => TokenStream::new(),
    };
    let walk = match steps.as_slice() {
        [] if ignores_rest => quote! { cx.members(node)?; },
        [] if it.ignored.is_empty() && matches!(it.additional, Additional::Refuse { .. }) => {
            quote! {
                for (_, value) in cx.members(node)? {
                    found.check(cx.#refuse(value));
                }
            }
        }
        [(key, step)] if ignores_rest => quote! {
            for (key, value) in cx.members(node)? {
                if key == #key { #step; }
            }
        },
        _ => quote! {
            for (key, value) in cx.members(node)? {
                match key { #(#arms)* }
            }
        },
    };
    let is_fallible =
        !it.fields.is_empty() || !matches!(it.additional, Additional::Ignore) || checked.is_some();
    let (found, guard) = if is_fallible {
        (
            quote! { let mut found = Found::new(); },
            match &complete {
                Some(_) if checks.is_none() => TokenStream::new(),
                _ => quote! { found.valid()?; },
            },
        )
    } else {
        (TokenStream::new(), TokenStream::new())
    };
    // A few read best as what they are.
    let declared = match locals.as_slice() {
        few if few.len() < 4 => quote! { #(let mut #few = None;)* },
        many => quote! { members!(#(#many),*); },
    };
    let accepts = def.accepts.then(|| accepts_struct(it, &required, api));
    let asked = asked(accepts, None, def, index);
    let mut items = vec![quote! {
        impl Decode for #name {
            fn decode(node: Node<'_>, cx: &mut Decoder) -> Option<Self> {
                #declared
                #kept
                #found
                #walk
                #complete
                #checked
                #guard
                Some(Self { #(#built)* #built_additional })
            }
            #asked
        }
    }];

    let members = it.fields.iter().map(|field| {
        let key = format!("{}:", literal::string(&field.key));
        let name = ident::value(&field.name);
        match ty::holder(&field.value, &field.presence) {
            Holder::Plain => quote! { object.member(#key, &self.#name); },
            Holder::Option => quote! { object.optional(#key, self.#name.as_ref()); },
            Holder::Maybe => quote! { object.maybe(#key, &self.#name); },
        }
    });
    let rest = match &it.additional {
        Additional::Keep { name, .. } => {
            let name = ident::value(name);
            quote! { object.members(&self.#name); }
        }
        _ => TokenStream::new(),
    };
    let binding = if it.fields.is_empty() && !matches!(it.additional, Additional::Keep { .. }) {
        quote! { let object = out.object(); }
    } else {
        quote! { let mut object = out.object(); }
    };
    let encode = quote! {
        impl Encode for #name {
            fn encode(&self, out: &mut Encoder) {
                #binding
                #(#members)*
                #rest
                object.end();
            }
        }
    };
    items.push(encode);
    if def.derives.default && !model::derives_default(it) {
        items.push(default_impl(name, it, api));
    }
    items
}

/// How a field is made of its local.
fn build_field(field: &Field, local: &Ident, api: &Api) -> TokenStream {
    let name = ident::value(&field.name);
    let nullable = matches!(field.value.ty, Type::Nullable(_));
    let holder = ty::holder(&field.value, &field.presence);
    let value = match (&field.presence, holder) {
        (Presence::Required, _) if field.boxed && nullable => quote! { #local?.map(Box::new) },
        (Presence::Required, _) if field.boxed => quote! { Box::new(#local?) },
        (Presence::Required, _) => quote! { #local? },
        (Presence::Default(default), _) => {
            let inner = match literal::expression(default, &field.value, api) {
                Some(default) => default,
                None => {
                    // What has no spelling in Rust is decoded as a client's would be.
                    let json = literal::json(default);
                    let decoder = value::decoder(&field.value, api);
                    quote! { cx.default_value(#json, #decoder)? }
                }
            };
            let made = match inner.to_string().as_str() {
                "false" | "0" | "Vec :: new ()" | "IndexMap :: new ()" | "None" => {
                    quote! { #local.unwrap_or_default() }
                }
                text if text.ends_with(":: default ()") => quote! { #local.unwrap_or_default() },
                text if text.starts_with("cx .") => {
                    quote! { match #local { Some(value) => value, None => #inner } }
                }
                text if text.contains('(') || text.contains("to_owned") => {
                    quote! { #local.unwrap_or_else(|| #inner) }
                }
                _ => quote! { #local.unwrap_or(#inner) },
            };
            if field.boxed && nullable {
                quote! { #made.map(Box::new) }
            } else if field.boxed {
                quote! { Box::new(#made) }
            } else {
                made
            }
        }
        (Presence::Optional, Holder::Maybe) if field.boxed => {
            quote! { Maybe::of_member(#local).map(Box::new) }
        }
        (Presence::Optional, Holder::Maybe) => quote! { Maybe::of_member(#local) },
        (Presence::Optional, _) if field.boxed => quote! { #local.map(Box::new) },
        (Presence::Optional, _) => quote! { #local },
    };
    if name == value.to_string() {
        quote! { #name, }
    } else {
        quote! { #name: #value, }
    }
}

fn accepts_struct(it: &Struct, required: &[&Field], api: &Api) -> TokenStream {
    let node = quote! { value };
    let whole = quote! { node };
    let mut arms = Vec::new();
    for field in &it.fields {
        let key = &field.key;
        let accepts = value::accepts(&field.value, &node, api);
        arms.push(if field.presence == Presence::Required {
            quote! { #key => { present += 1; #accepts } }
        } else {
            quote! { #key => #accepts, }
        });
    }
    if !it.ignored.is_empty() {
        let ignored = &it.ignored;
        arms.push(quote! { #(#ignored)|* => true, });
    }
    arms.push(match &it.additional {
        Additional::Ignore => quote! { _ => true, },
        Additional::Refuse { .. } => quote! { _ => false, },
        Additional::Keep { value: inner, .. } => {
            let accepts = value::accepts(inner, &node, api);
            quote! { _ => #accepts, }
        }
    });
    let checks = check::all(&it.checks, Subject::Node, &whole, api);
    let count = Token::usize_unsuffixed(required.len());
    let (present, complete) = if required.is_empty() {
        (TokenStream::new(), quote! { true })
    } else {
        (
            quote! { let mut present = 0; },
            quote! { present == #count },
        )
    };
    let result = match (checks, required.is_empty()) {
        (Some(checks), true) => checks,
        (Some(checks), false) => quote! { #complete && (#checks) },
        (None, _) => complete,
    };
    let walk = if arms.len() == 1 && matches!(it.additional, Additional::Ignore) {
        quote! { if cx.members(node).is_none() { return false; } }
    } else if arms.len() == 1 && matches!(it.additional, Additional::Refuse { .. }) {
        quote! { if cx.members(node).is_none_or(|members| members.len() > 0) { return false; } }
    } else {
        let value = value::named(&quote! { #(#arms)* }, "value");
        quote! {
            let Some(members) = cx.members(node) else { return false };
            #present
            for (key, #value) in members {
                let valid = match key { #(#arms)* };
                if !valid {
                    return false;
                }
            }
        }
    };
    quote! { #walk #result }
}

/// The methods that ask about a value without keeping it: `accepts` is for a value that has to be built to be explained,
/// `check` for one that is nothing but its checks.
///
/// Where a type that contains itself asks about its parts, what was found is remembered: asked anew at every level, the
/// time would double with each.
fn asked(
    accepts: Option<TokenStream>,
    check: Option<TokenStream>,
    def: &TypeDef,
    index: usize,
) -> TokenStream {
    let id = Token::usize_unsuffixed(index);
    let method = |name: &str, body: TokenStream| {
        let name = ident::value(name);
        quote! {
            fn #name(node: Node<'_>, cx: &mut Decoder) -> bool {
                #body
            }
        }
    };
    let remembered = |body: TokenStream| match def.remembers {
        true => quote! { cx.remember(#id, node, |cx| { #body }) },
        false => body,
    };
    let explained = (def.remembers && check.is_none()).then(|| {
        let body = quote! {
            Self::accepts(node, cx)
                || cx.explain(#id, node, |cx| Self::decode(node, cx).is_some())
        };
        method("check", body)
    });
    let check = check.map(|body| method("check", remembered(body)));
    let accepts = accepts.map(|body| match def.remembers {
        // A walk may return early, and only from what is remembered.
        true => method(
            "accepts",
            quote! { cx.probe(|cx| cx.remember(#id, node, |cx| { #body })) },
        ),
        false => method("accepts", body),
    });
    quote! { #check #explained #accepts }
}

fn default_impl(name: &Ident, it: &Struct, api: &Api) -> TokenStream {
    let fields = it.fields.iter().map(|field| {
        let name = ident::value(&field.name);
        let value = match &field.presence {
            Presence::Default(default) => match literal::expression(default, &field.value, api) {
                Some(default) if field.boxed => quote! { Box::new(#default) },
                Some(default) => default,
                // `derives` grants `Default` only where each default can be written.
                None => quote! { Default::default() },
            },
            _ => match ty::holder(&field.value, &field.presence) {
                Holder::Maybe => quote! { Maybe::Absent },
                _ => quote! { None },
            },
        };
        quote! { #name: #value, }
    });
    let additional = match &it.additional {
        Additional::Keep { name, .. } => {
            let name = ident::value(name);
            quote! { #name: IndexMap::new(), }
        }
        _ => TokenStream::new(),
    };
    quote! {
        impl Default for #name {
            fn default() -> Self {
                Self { #(#fields)* #additional }
            }
        }
    }
}

fn emit_enum(name: &Ident, it: &Enum, api: &Api) -> Vec<TokenStream> {
    let values = it.variants.iter().map(|variant| &variant.value);
    let variants = it.variants.iter().map(|variant| ident::ty(&variant.name));
    let table = ident::value(if it.constant {
        "string_const"
    } else if !it.is_named && api.error_format == ErrorFormat::FastApi {
        "string_literals"
    } else {
        "string_enum"
    });
    let checked = check::all(&it.checks, Subject::Node, &quote! { node }, api)
        .map(|checks| value::closure(&checks))
        .map(|checked| quote! { , #checked });
    vec![quote! { #table!(#name { #(#variants = #values),* } #checked); }]
}

fn emit_union(
    name: &Ident,
    it: &Union,
    def: &TypeDef,
    index: usize,
    api: &Api,
) -> Vec<TokenStream> {
    let node = quote! { node };
    let variants: Vec<Ident> = it
        .variants
        .iter()
        .map(|variant| ident::ty(&variant.name))
        .collect();
    let decoded: Vec<TokenStream> = it
        .variants
        .iter()
        .zip(&variants)
        .map(|(variant, name)| {
            let decoded = value::decode(&variant.value, &node, api);
            if variant.boxed {
                quote! { #decoded.map(Box::new).map(Self::#name) }
            } else {
                quote! { #decoded.map(Self::#name) }
            }
        })
        .collect();
    let accepted: Vec<TokenStream> = it
        .variants
        .iter()
        .map(|variant| value::accepts(&variant.value, &node, api))
        .collect();
    let constant = ident::ty(&format!("BRANCHES_{index}"));
    let method = ident::value(match it.rule {
        UnionRule::One => "one_of",
        UnionRule::Any => "any_of",
    });
    let id = if def.recursive {
        let id = Token::usize_unsuffixed(index);
        quote! { Some(#id) }
    } else {
        quote! { None }
    };
    let checks = check::all(&it.checks, Subject::Node, &node, api);
    let mut items = Vec::new();
    let branches = || {
        let branches = it
            .variants
            .iter()
            .map(|variant| value::branch(&variant.name, &variant.value, api));
        quote! { const #constant: &[Branch] = &[#(#branches),*]; }
    };
    let indices: Vec<Token> = (0..variants.len()).map(Token::usize_unsuffixed).collect();
    let (decode_body, accepts_body) = match &it.dispatch {
        Dispatch::Try => {
            items.push(branches());
            (
                quote! {
                    match cx.#method(node, #id, #constant)? {
                        #(#indices => #decoded,)*
                        _ => None,
                    }
                },
                quote! { cx.#method(node, #id, #constant).is_some() },
            )
        }
        Dispatch::Tag { key, values } => {
            let texts: Vec<&String> = values.iter().map(|(text, _)| text).collect();
            let arms = values.iter().filter_map(|(text, branch)| {
                let decoded = decoded.get(*branch)?;
                Some(quote! { Some(#text) => #decoded, })
            });
            let accepting = values.iter().filter_map(|(text, branch)| {
                let accepted = accepted.get(*branch)?;
                Some(quote! { Some(#text) => #accepted, })
            });
            (
                quote! {
                    match cx.tag(node, #key).as_deref() {
                        #(#arms)*
                        _ => cx.unknown_tag(node, #key, &[#(#texts),*]),
                    }
                },
                quote! {
                    match cx.tag(node, #key).as_deref() {
                        #(#accepting)*
                        _ => false,
                    }
                },
            )
        }
        Dispatch::Kind(kinds) => {
            // A parameter's text may be read as several kinds: a number or boolean before a string.
            let mut readings: Vec<usize> = Vec::new();
            for is_text in [false, true] {
                for (kind, branch) in kinds {
                    let is_scalar = matches!(kind, Kind::Boolean | Kind::Number | Kind::String);
                    if is_scalar && (*kind == Kind::String) == is_text && !readings.contains(branch)
                    {
                        readings.push(*branch);
                    }
                }
            }
            let only_reading = match readings.as_slice() {
                [only] => Some(*only),
                _ => None,
            };
            let arms: Vec<(TokenStream, usize)> = by_branch(kinds)
                .into_iter()
                .map(|(branch, mut patterns)| {
                    if only_reading == Some(branch) {
                        patterns.push(quote! { Kind::Text });
                    }
                    (quote! { #(#patterns)|* }, branch)
                })
                .collect();
            let decoding = arms.iter().filter_map(|(pattern, branch)| {
                let decoded = decoded.get(*branch)?;
                Some(quote! { #pattern => #decoded, })
            });
            let accepting = arms.iter().filter_map(|(pattern, branch)| {
                let accepted = accepted.get(*branch)?;
                Some(quote! { #pattern => #accepted, })
            });
            let words: Vec<&str> = kinds.iter().map(|(kind, _)| kind_words(*kind)).collect();
            let detail = format!("must be {}", words.join(" or "));
            let text = (readings.len() > 1).then(|| {
                let tries = readings.iter().filter_map(|branch| {
                    let (accepted, decoded) = (accepted.get(*branch)?, decoded.get(*branch)?);
                    Some(quote! { if cx.probe(|cx| #accepted) { return #decoded; } })
                });
                quote! { Kind::Text => { #(#tries)* cx.unknown_kind(node, #detail) } }
            });
            let text_accepts = (readings.len() > 1)
                .then(|| quote! { Kind::Text => Self::decode(node, cx).is_some(), });
            (
                quote! {
                    match node.kind() {
                        #(#decoding)*
                        #text
                        _ => cx.unknown_kind(node, #detail),
                    }
                },
                quote! {
                    match node.kind() {
                        #(#accepting)*
                        #text_accepts
                        _ => false,
                    }
                },
            )
        }
    };
    let decode_body = match &checks {
        Some(checks) => quote! {
            let value = { #decode_body };
            value.filter(|_| #checks)
        },
        None => decode_body,
    };
    let accepts_body = match &checks {
        Some(checks) => quote! { (#accepts_body) && (#checks) },
        None => accepts_body,
    };
    let asked = asked(def.accepts.then_some(accepts_body), None, def, index);
    items.push(quote! {
        impl Decode for #name {
            fn decode(node: Node<'_>, cx: &mut Decoder) -> Option<Self> {
                #decode_body
            }
            #asked
        }
    });
    items.push(quote! {
        impl Encode for #name {
            fn encode(&self, out: &mut Encoder) {
                match self { #(Self::#variants(value) => value.encode(out),)* }
            }
        }
    });
    let texts: Vec<String> = it
        .variants
        .iter()
        .map(|variant| expanded(&variant.value, api, ALIASES))
        .collect();
    let mut count: HashMap<&str, usize> = HashMap::new();
    for text in &texts {
        *count.entry(text).or_default() += 1;
    }
    for ((variant, variant_name), text) in it.variants.iter().zip(&variants).zip(&texts) {
        let ty = ty::of(&variant.value, api);
        // Two branches of one Rust type cannot both convert.
        let unique = count.get(text.as_str()) == Some(&1);
        if !unique || !matches!(variant.value.ty, Type::Named(_)) {
            continue;
        }
        let made = if variant.boxed {
            quote! { Box::new(value) }
        } else {
            quote! { value }
        };
        items.push(quote! {
            impl From<#ty> for #name {
                fn from(value: #ty) -> Self {
                    Self::#variant_name(#made)
                }
            }
        });
    }
    items
}

/// So many aliases of aliases are taken apart.
const ALIASES: usize = 64;

/// The Rust type with aliases taken apart: equal texts are one type.
fn expanded(value: &Value, api: &Api, left: usize) -> String {
    let Some(left) = left.checked_sub(1) else {
        return ty::of(value, api).to_string();
    };
    match &value.ty {
        Type::Named(id) => match api.types.get(id.0).map(|def| &def.kind) {
            Some(TypeKind::Alias(inner)) => expanded(inner, api, left),
            _ => ty::of(value, api).to_string(),
        },
        Type::Array(inner) => format!("Vec<{}>", expanded(inner, api, left)),
        Type::Map(inner) => format!("IndexMap<{}>", expanded(inner, api, left)),
        Type::Tuple(items) => {
            let items: Vec<_> = items.iter().map(|item| expanded(item, api, left)).collect();
            format!("({})", items.join(", "))
        }
        Type::Nullable(inner) => format!("Option<{}>", expanded(inner, api, left)),
        _ => ty::of(value, api).to_string(),
    }
}

/// The patterns of the kinds, by the branch that they lead to.
fn by_branch(kinds: &[(Kind, usize)]) -> Vec<(usize, Vec<TokenStream>)> {
    let mut branches: Vec<(usize, Vec<TokenStream>)> = Vec::new();
    for (kind, branch) in kinds {
        let pattern = kind_pattern(*kind);
        match branches.iter_mut().find(|(known, _)| known == branch) {
            Some((_, patterns)) => patterns.push(pattern),
            None => branches.push((*branch, vec![pattern])),
        }
    }
    branches
}

fn kind_pattern(kind: Kind) -> TokenStream {
    match kind {
        Kind::Null => quote! { Kind::Null },
        Kind::Boolean => quote! { Kind::True | Kind::False },
        Kind::Number => quote! { Kind::Number },
        Kind::String => quote! { Kind::String },
        Kind::Array => quote! { Kind::Array },
        Kind::Object => quote! { Kind::Object },
    }
}

fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Boolean => "a boolean",
        Kind::Number => "a number",
        Kind::String => "a string",
        Kind::Array => "an array",
        Kind::Object => "an object",
    }
}

fn emit_newtype(
    name: &Ident,
    value: &Value,
    def: &TypeDef,
    index: usize,
    api: &Api,
) -> Vec<TokenStream> {
    let node = quote! { node };
    let inner = ty::of(value, api);
    let (decoded, asked) = if value.ty == Type::Json {
        // Nothing is built before all is checked, so the checks serve every question.
        let check = value::check(value, &node, api);
        (
            quote! { Self::check(node, cx).then(|| cx.json(node)).flatten() },
            asked(None, Some(check), def, index),
        )
    } else {
        let accepts = def.accepts.then(|| value::accepts(value, &node, api));
        (
            value::decode(value, &node, api),
            asked(accepts, None, def, index),
        )
    };
    vec![
        quote! {
            impl Decode for #name {
                fn decode(node: Node<'_>, cx: &mut Decoder) -> Option<Self> {
                    #decoded.map(Self)
                }
                #asked
            }
        },
        quote! {
            impl Encode for #name {
                fn encode(&self, out: &mut Encoder) {
                    self.0.encode(out);
                }
            }
        },
        quote! { newtype!(#name, #inner); },
    ]
}
