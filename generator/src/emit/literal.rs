//! Values of the document as Rust expressions, and as JSON text.

use proc_macro2::{Literal as Token, TokenStream};
use quote::quote;

use super::{ident, ty};
use crate::ir::{Api, Format, Literal, Type, TypeKind, Value};

/// The literal as a value of the type, where that can be written; what cannot is decoded when it is needed.
pub(super) fn expression(literal: &Literal, value: &Value, api: &Api) -> Option<TokenStream> {
    Some(match (&value.ty, literal) {
        (Type::Nullable(_), Literal::Null) => quote! { None },
        (Type::Nullable(inner), literal) => {
            let inner = expression(literal, inner, api)?;
            quote! { Some(#inner) }
        }
        (Type::Boolean, Literal::Boolean(value)) => quote! { #value },
        (Type::Integer(integer), Literal::Number(text)) => {
            let ty = ty::integer_type(*integer).to_string();
            let number: i128 = whole(text)?;
            in_range(&ty, number)?;
            let token = Token::i128_unsuffixed(number);
            quote! { #token }
        }
        (Type::F64 | Type::F32, Literal::Number(text)) => {
            let number: f64 = text.parse().ok()?;
            if !number.is_finite() || matches!(value.ty, Type::F32) && !(number as f32).is_finite()
            {
                return None;
            }
            let token = Token::f64_unsuffixed(number);
            quote! { #token }
        }
        (Type::String, Literal::String(text)) => quote! { #text.to_owned() },
        (Type::Formatted(Format::Password), Literal::String(text)) => {
            quote! { Password::from(#text) }
        }
        (Type::Array(_), Literal::Array(items)) if items.is_empty() => quote! { Vec::new() },
        (Type::Map(_), Literal::Object(members)) if members.is_empty() => {
            quote! { IndexMap::new() }
        }
        (Type::Named(id), literal) => {
            let def = api.types.get(id.0)?;
            match (&def.kind, literal) {
                (TypeKind::Enum(found), Literal::String(text)) => {
                    let variant = found
                        .variants
                        .iter()
                        .find(|variant| variant.value == *text)?;
                    let (name, variant) = (ident::ty(&def.name), ident::ty(&variant.name));
                    quote! { #name::#variant }
                }
                (TypeKind::Alias(value), literal) => expression(literal, value, api)?,
                (TypeKind::Struct(_), Literal::Object(members))
                    if members.is_empty() && def.derives.default =>
                {
                    let name = ident::ty(&def.name);
                    quote! { #name::default() }
                }
                _ => return None,
            }
        }
        _ => return None,
    })
}

/// The integer that a number text stands for.
pub(super) fn whole(text: &str) -> Option<i128> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let (negative, mantissa, exponent) = parts(text)?;
    let exponent = u32::try_from(exponent).ok()?;
    let number = i128::from(mantissa).checked_mul(10_i128.checked_pow(exponent)?)?;
    Some(if negative { -number } else { number })
}

fn in_range(ty: &str, number: i128) -> Option<()> {
    let fits = match ty {
        "i8" => i8::try_from(number).is_ok(),
        "i16" => i16::try_from(number).is_ok(),
        "i32" => i32::try_from(number).is_ok(),
        "i64" => i64::try_from(number).is_ok(),
        "u8" => u8::try_from(number).is_ok(),
        "u16" => u16::try_from(number).is_ok(),
        "u32" => u32::try_from(number).is_ok(),
        _ => u64::try_from(number).is_ok(),
    };
    fits.then_some(())
}

/// Sign, digits as an integer without zeros at the end, and exponent; `None` where the digits are too many.
pub(super) fn parts(text: &str) -> Option<(bool, u64, i32)> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], unsigned[at + 1..].parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{integer}{fraction}");
    let significant = digits.trim_end_matches('0');
    if significant.trim_start_matches('0').is_empty() {
        return Some((false, 0, 0));
    }
    let zeros = (digits.len() - significant.len()) as i64;
    let exponent = exponent
        .checked_sub(fraction.len() as i64)?
        .checked_add(zeros)?;
    Some((
        negative,
        significant.parse().ok()?,
        i32::try_from(exponent).ok()?,
    ))
}

/// The literal as compact JSON text.
pub(super) fn json(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Boolean(value) => value.to_string(),
        Literal::Number(text) => text.clone(),
        Literal::String(text) => string(text),
        Literal::Array(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(","))
        }
        Literal::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{}:{}", string(key), json(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// A string as JSON text.
pub(super) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
