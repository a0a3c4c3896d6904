//! Types as they are written.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;
use crate::ir::{Api, Field, Format, Integer, Presence, Type, Value};

/// The Rust type of a value.
pub(super) fn of(value: &Value, api: &Api) -> TokenStream {
    match &value.ty {
        Type::Named(id) => {
            let name = ident::ty(api.types.get(id.0).map_or("Json", |def| def.name.as_str()));
            quote! { #name }
        }
        Type::Boolean => quote! { bool },
        Type::Integer(integer) => integer_type(*integer),
        Type::F32 => quote! { f32 },
        Type::F64 => quote! { f64 },
        Type::Decimal => quote! { Decimal },
        Type::String => quote! { String },
        Type::Formatted(format) => match format {
            Format::Uuid => quote! { Uuid },
            Format::DateTime => quote! { Timestamp },
            Format::Date => quote! { Date },
            Format::Time => quote! { OffsetTime },
            Format::Duration => quote! { Duration },
            Format::Uri => quote! { Url },
            Format::Ipv4 => quote! { Ipv4Addr },
            Format::Ipv6 => quote! { Ipv6Addr },
            Format::Base64 => quote! { Bytes },
            Format::Decimal => quote! { DecimalString },
            Format::Password => quote! { Password },
        },
        Type::Json => quote! { Json },
        Type::Array(item) => {
            let item = of(item, api);
            quote! { Vec<#item> }
        }
        Type::Tuple(items) => {
            let items = items.iter().map(|item| of(item, api));
            quote! { (#(#items,)*) }
        }
        Type::Map(item) => {
            let item = of(item, api);
            quote! { IndexMap<String, #item> }
        }
        Type::Nullable(inner) => {
            let inner = of(inner, api);
            quote! { Option<#inner> }
        }
        Type::JsonText(inner) => {
            let inner = of(inner, api);
            quote! { JsonText<#inner> }
        }
        Type::Null => quote! { () },
        Type::Upload => quote! { Upload },
        Type::Part(parts) => {
            let [value, headers] = &**parts;
            let (value, headers) = (of(value, api), of(headers, api));
            quote! { BodyPart<#value, #headers> }
        }
    }
}

pub(super) fn integer_type(integer: Integer) -> TokenStream {
    match integer {
        Integer::I8 => quote! { i8 },
        Integer::I16 => quote! { i16 },
        Integer::I32 => quote! { i32 },
        Integer::I64 => quote! { i64 },
        Integer::U8 => quote! { u8 },
        Integer::U16 => quote! { u16 },
        Integer::U32 => quote! { u32 },
        Integer::U64 => quote! { u64 },
    }
}

/// How a member that may be absent or null is held.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// As it is.
    Plain,
    /// In an `Option`: absent is `None`.
    Option,
    /// In a `Maybe`: absent and null are told apart.
    Maybe,
}

/// How a field holds its member.
pub(super) fn holder(value: &Value, presence: &Presence) -> Holder {
    match (presence, &value.ty) {
        (Presence::Optional, Type::Nullable(_)) => Holder::Maybe,
        (Presence::Optional, _) => Holder::Option,
        (Presence::Required | Presence::Default(_), _) => Holder::Plain,
    }
}

/// The Rust type of a field.
pub(super) fn of_field(field: &Field, api: &Api) -> TokenStream {
    of_member(&field.value, &field.presence, field.boxed, api)
}

/// The Rust type of a member, a box included.
pub(super) fn of_member(value: &Value, presence: &Presence, boxed: bool, api: &Api) -> TokenStream {
    let wrap = |ty: TokenStream| {
        if boxed {
            quote! { Box<#ty> }
        } else {
            ty
        }
    };
    match (holder(value, presence), &value.ty) {
        (Holder::Maybe, Type::Nullable(inner)) => {
            let inner = wrap(of(inner, api));
            quote! { Maybe<#inner> }
        }
        (Holder::Option, _) => {
            let ty = wrap(of(value, api));
            quote! { Option<#ty> }
        }
        (_, Type::Nullable(inner)) => {
            let inner = wrap(of(inner, api));
            quote! { Option<#inner> }
        }
        _ => wrap(of(value, api)),
    }
}
