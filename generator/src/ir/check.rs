//! Checks: what a value has to satisfy beyond its type. Each bears the name of its JSON Schema keyword.

use super::{Literal, Value};

/// The index of a pattern in [`Api::patterns`](super::Api::patterns).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatternId(pub usize);

/// A pattern with what it became.
#[derive(Clone, Debug)]
pub struct PatternDef {
    /// The pattern as the document has it.
    pub source: String,
    /// What tests it.
    pub pattern: crate::pattern::Pattern,
}

/// One keyword with its value.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// `minimum`, as number text.
    Minimum(String),
    /// `maximum`
    Maximum(String),
    /// `exclusiveMinimum`
    ExclusiveMinimum(String),
    /// `exclusiveMaximum`
    ExclusiveMaximum(String),
    /// `multipleOf`
    MultipleOf(String),
    /// `minLength`, in Unicode code points.
    MinLength(u64),
    /// `maxLength`
    MaxLength(u64),
    /// `pattern`
    Pattern(PatternId),
    /// `format`, of those that leave the value a string.
    Format(TextFormat),
    /// `minItems`
    MinItems(u64),
    /// `maxItems`
    MaxItems(u64),
    /// `uniqueItems`
    UniqueItems,
    /// `minProperties`
    MinProperties(u64),
    /// `maxProperties`
    MaxProperties(u64),
    /// `required`, where the members have no field of their own.
    Required(Vec<String>),
    /// `type`, where the Rust type does not say it.
    Type(Vec<TypeName>),
    /// `const`, where the Rust type does not say it.
    Const(Literal),
    /// `enum`, where the Rust type does not say it.
    Enum(Vec<Literal>),
    /// `allOf`: another schema that has to accept the same value.
    Also(Box<Value>),
    /// `oneOf`: exactly one of these has to accept.
    OneOf(Vec<Value>),
    /// `anyOf`: at least one of these has to accept.
    AnyOf(Vec<Value>),
    /// `not`
    Not(Box<Value>),
    /// The same keywords for values of one type only, where others are allowed too.
    Where(TypeName, Box<Value>),
    /// The schema `false`: nothing is accepted.
    Never,
}

/// JSON Schema's names of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the type of its name")]
pub enum TypeName {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

/// Formats that are checked, where the Rust type does not say them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextFormat {
    /// `base64`
    Base64,
    /// `date`
    Date,
    /// `date-time`
    DateTime,
    /// `duration`
    Duration,
    /// `email`
    Email,
    /// `hostname`
    Hostname,
    /// `idn-email`
    IdnEmail,
    /// `idn-hostname`
    IdnHostname,
    /// `ipv4`
    Ipv4,
    /// `ipv6`
    Ipv6,
    /// `iri`
    Iri,
    /// `iri-reference`
    IriReference,
    /// `json-pointer`
    JsonPointer,
    /// `regex`
    Regex,
    /// `relative-json-pointer`
    RelativeJsonPointer,
    /// `time`
    Time,
    /// `uri`
    Uri,
    /// `uri-reference`
    UriReference,
    /// `uri-template`
    UriTemplate,
    /// `uuid`
    Uuid,
}

impl TextFormat {
    /// What such a text is, with its article.
    pub fn words(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Date => "a date as in RFC 3339",
            Self::DateTime => "a date and time as in RFC 3339",
            Self::Duration => "a duration as in ISO 8601",
            Self::Email => "an email address",
            Self::Hostname => "a host name",
            Self::IdnEmail => "an internationalized email address",
            Self::IdnHostname => "an internationalized host name",
            Self::Ipv4 => "an IPv4 address",
            Self::Ipv6 => "an IPv6 address",
            Self::Iri => "an IRI",
            Self::IriReference => "an IRI reference",
            Self::JsonPointer => "a JSON Pointer",
            Self::Regex => "a regular expression",
            Self::RelativeJsonPointer => "a relative JSON Pointer",
            Self::Time => "a time as in RFC 3339",
            Self::Uri => "a URI",
            Self::UriReference => "a URI reference",
            Self::UriTemplate => "a URI template",
            Self::Uuid => "a UUID",
        }
    }
}
