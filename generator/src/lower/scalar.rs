//! Scalars: which Rust type a boolean, number or string becomes.

use super::{Lowering, facet::Facets, literal, schema::Slot, stream::json_held};
use crate::{
    document::Decimal,
    ir::{Check, Format, Integer, TextFormat, Type, TypeName, Value},
    source::{Node, Value as NodeValue},
};

/// Whether the format is one of JSON Schema's own (2020-12 Validation, section 7.3), which may be an annotation only.
pub(super) fn is_json_schema_format(format: &str) -> bool {
    const FORMATS: [&str; 19] = [
        "date",
        "date-time",
        "duration",
        "email",
        "hostname",
        "idn-email",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "iri",
        "iri-reference",
        "json-pointer",
        "regex",
        "relative-json-pointer",
        "time",
        "uri",
        "uri-reference",
        "uri-template",
        "uuid",
    ];
    FORMATS.contains(&format)
}

/// The Rust type of a string of this format; formats without one are annotations or checks.
fn string_format(format: &str) -> Option<Format> {
    Some(match format {
        "uuid" => Format::Uuid,
        "date-time" => Format::DateTime,
        "date" => Format::Date,
        "time" => Format::Time,
        "duration" => Format::Duration,
        "uri" => Format::Uri,
        "ipv4" => Format::Ipv4,
        "ipv6" => Format::Ipv6,
        "byte" | "base64" => Format::Base64,
        "decimal" => Format::Decimal,
        "password" => Format::Password,
        _ => return None,
    })
}

/// The check of a format, where the Rust type does not say it.
fn text_format(format: &str) -> Option<TextFormat> {
    Some(match format {
        "byte" => TextFormat::Base64,
        "date" => TextFormat::Date,
        "date-time" => TextFormat::DateTime,
        "duration" => TextFormat::Duration,
        "email" => TextFormat::Email,
        "hostname" => TextFormat::Hostname,
        "idn-email" => TextFormat::IdnEmail,
        "idn-hostname" => TextFormat::IdnHostname,
        "ipv4" => TextFormat::Ipv4,
        "ipv6" => TextFormat::Ipv6,
        "iri" => TextFormat::Iri,
        "iri-reference" => TextFormat::IriReference,
        "json-pointer" => TextFormat::JsonPointer,
        "regex" => TextFormat::Regex,
        "relative-json-pointer" => TextFormat::RelativeJsonPointer,
        "time" => TextFormat::Time,
        "uri" => TextFormat::Uri,
        "uri-reference" => TextFormat::UriReference,
        "uri-template" => TextFormat::UriTemplate,
        "uuid" => TextFormat::Uuid,
        _ => return None,
    })
}

/// What a format asks of a value that has no Rust type of its own.
pub(super) fn format_check(format: &str) -> Option<Check> {
    if let Some(format) = text_format(format) {
        return Some(Check::Format(format));
    }
    let (applies_to, ty) = match string_format(format) {
        // Every string is a password, and by itself an encoding asserts nothing (2020-12 Validation, section 8.1).
        Some(Format::Password | Format::Base64) => return None,
        Some(format) => (TypeName::String, Type::Formatted(format)),
        None => (TypeName::Integer, Type::Integer(integer_format(format)?)),
    };
    Some(Check::Where(applies_to, Box::new(Value::plain(ty))))
}

fn integer_format(format: &str) -> Option<Integer> {
    Some(match format {
        "int8" => Integer::I8,
        "int16" => Integer::I16,
        "int32" => Integer::I32,
        "int64" => Integer::I64,
        "uint8" => Integer::U8,
        "uint16" => Integer::U16,
        "uint32" => Integer::U32,
        "uint64" => Integer::U64,
        _ => return None,
    })
}

/// The checks of the formats but the one that the Rust type says, each once.
fn format_checks(facets: &Facets, said: Option<&str>) -> Vec<Check> {
    let mut checks = Vec::new();
    for format in &facets.formats {
        let check = match said == Some(&*format.value) {
            true => None,
            false => format_check(&format.value),
        };
        checks.extend(check.filter(|check| !checks.contains(check)));
    }
    checks
}

impl Lowering<'_> {
    pub(super) fn boolean(&mut self, facets: &Facets) -> Value {
        let mut value = Value::plain(Type::Boolean);
        self.check_values(facets, &mut value);
        value
    }

    /// `i64`, unless format or bounds say otherwise.
    pub(super) fn integer(&mut self, facets: &Facets) -> Value {
        let said = facets
            .formats
            .iter()
            .map(|format| &*format.value)
            .find(|format| integer_format(format).is_some());
        let format = said.and_then(integer_format);
        let beyond = facets.numeric.iter().any(|check| {
            matches!(check, Check::Maximum(most) | Check::ExclusiveMaximum(most)
                if literal::integer(most).is_some_and(|most| most > i128::from(i64::MAX)))
        });
        let natural = facets.numeric.iter().any(|check| {
            matches!(check, Check::Minimum(least) if literal::integer(least).is_some_and(|least| least >= 0))
                || matches!(check, Check::ExclusiveMinimum(least)
                    if literal::integer(least).is_some_and(|least| least >= -1))
        });
        let values = || {
            let literals = facets.values.iter().flatten();
            literals.filter_map(|it| match &it.value.value {
                NodeValue::Number(text) => literal::integer(text),
                _ => None,
            })
        };
        let beyond = beyond || values().any(|it| it > i128::from(i64::MAX));
        let natural = natural || facets.values.is_some() && values().all(|it| it >= 0);
        let ty = format.unwrap_or(if beyond && natural {
            Integer::U64
        } else {
            Integer::I64
        });
        let mut value = Value {
            ty: Type::Integer(ty),
            checks: facets.numeric.clone(),
        };
        // Where several formats apply, the type says one of them.
        let others = format_checks(facets, said).into_iter();
        value
            .checks
            .extend(others.filter(|check| matches!(check, Check::Where(TypeName::Integer, _))));
        self.check_values(facets, &mut value);
        value
    }

    pub(super) fn number(&mut self, facets: &Facets) -> Value {
        let ty = facets
            .formats
            .iter()
            .find_map(|format| match &*format.value {
                "float" => Some(Type::F32),
                "double" => Some(Type::F64),
                "decimal" => Some(Type::Decimal),
                _ => None,
            });
        let ty = ty.unwrap_or(Type::F64);
        let mut value = Value {
            checks: facets.numeric.clone(),
            ty,
        };
        // A value that the type rounds would be sent as another, which is not allowed.
        let is_rounded = facets
            .values
            .iter()
            .flatten()
            .any(|it| is_rounded(&it.value, &value.ty));
        if is_rounded {
            self.untyped += 1;
            value.ty = Type::Json;
            value.checks.insert(0, Check::Type(vec![TypeName::Number]));
        }
        self.check_values(facets, &mut value);
        value
    }

    pub(super) fn string(&mut self, facets: &Facets, slot: &mut Slot) -> Value {
        let held = json_held(facets);
        if let (Some(place), None) = (&facets.typed_content, &held) {
            self.refuse_typed_content(place);
        }
        if (facets.is_json_text || facets.typed_content.is_some())
            && let Some(content) = held
        {
            let value = match content {
                Some(content) => self.value_of(&content, &slot.name, slot.direction),
                None => Value::plain(Type::Json),
            };
            return Value::plain(Type::JsonText(Box::new(value)));
        }
        // One format can be said by the type; with an enum, or a second format, it is a check.
        let formatted = match facets.values {
            Some(_) => None,
            None => facets
                .formats
                .iter()
                .find_map(|format| Some((&*format.value, string_format(&format.value)?))),
        };
        let mut value = match (formatted, &facets.values) {
            (_, Some(_)) => self.string_enum(facets, slot),
            (Some((_, formatted)), None) => Value::plain(Type::Formatted(formatted)),
            (None, None) => Value::plain(Type::String),
        };
        value.checks.extend(facets.textual.iter().cloned());
        let said = formatted.map(|(name, _)| name);
        value.checks.extend(format_checks(facets, said));
        value
    }

    /// Adds `enum` or `const` as a check, where the Rust type does not say it.
    pub(super) fn check_values(&mut self, facets: &Facets, value: &mut Value) {
        value.checks.extend(self.values_check(facets));
    }

    /// `enum` or `const` as a check.
    pub(super) fn values_check(&self, facets: &Facets) -> Option<Check> {
        let values = facets.values.as_ref()?;
        let mut values: Vec<_> = values
            .iter()
            .map(|value| literal::literal(&value.value))
            .collect();
        Some(match values.pop() {
            Some(only) if facets.constant && values.is_empty() => Check::Const(only),
            last => {
                values.extend(last);
                Check::Enum(values)
            }
        })
    }
}

/// Whether a number comes back from a Rust type as another one.
fn is_rounded(node: &Node, ty: &Type) -> bool {
    let NodeValue::Number(text) = &node.value else {
        return false;
    };
    let written = match ty {
        Type::F32 => text.parse::<f32>().map(|it| it.to_string()),
        Type::F64 => text.parse::<f64>().map(|it| it.to_string()),
        _ => return false,
    };
    written.map_or(true, |it| Decimal::parse(&it) != Decimal::parse(text))
}
