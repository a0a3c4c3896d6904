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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// The words for what breaks the others, each with the keyword that it is for; those for no keyword are for all.
    Message(Vec<(String, String)>),
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
    /// `dependentRequired`: where this member is there, these have to be there too.
    DependentRequired(String, Vec<String>),
    /// `dependentSchemas`: where this member is there, the object has to satisfy this.
    DependentSchema(String, Box<Value>),
    /// `propertyNames`: what every key has to satisfy.
    PropertyNames(Box<Value>),
    /// `properties`, `patternProperties` and `additionalProperties` of one schema, where no fields say it.
    Properties(Properties),
    /// `prefixItems` and `items` of one schema, where the Rust type does not say it.
    Items(Items),
    /// `contains`: so many items have to satisfy this.
    Contains {
        /// What they have to satisfy.
        value: Box<Value>,
        /// `minContains`, or 1.
        min: u64,
        /// `maxContains`
        max: Option<u64>,
    },
    /// `unevaluatedProperties`: what the members that the schema does not evaluate have to satisfy.
    UnevaluatedProperties(Box<Coverage>, Box<Value>),
    /// `unevaluatedItems`: the same for items.
    UnevaluatedItems(Box<Coverage>, Box<Value>),
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
    /// `if`, `then` and `else`
    If(Box<Conditional>),
    /// The same keywords for values of one type only, where others are allowed too.
    Where(TypeName, Box<Value>),
    /// The schema `false`: nothing is accepted.
    Never,
}

/// What one schema says about members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Properties {
    /// `properties`, and the members of the other direction with a value that accepts everything.
    pub members: Vec<(String, Value)>,
    /// `patternProperties`; `None` is a pattern that every key matches.
    pub patterns: Vec<(Option<PatternId>, Value)>,
    /// `additionalProperties`
    pub additional: Option<Box<Value>>,
}

/// What one schema says about items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Items {
    /// `prefixItems`
    pub prefix: Vec<Value>,
    /// `items`
    pub rest: Option<Box<Value>>,
}

/// `if`, `then` and `else`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Conditional {
    /// `if`
    pub condition: Value,
    /// `then`
    pub then: Option<Value>,
    /// `else`
    pub otherwise: Option<Value>,
}

/// The members and items that a schema evaluates (JSON Schema 2020-12 Core, section 11).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Coverage {
    /// The members with these keys.
    pub names: Vec<String>,
    /// The members whose keys match these patterns.
    pub patterns: Vec<PatternId>,
    /// All members.
    pub all_members: bool,
    /// So many items from the first.
    pub prefix: usize,
    /// The items that satisfy one of these.
    pub contains: Vec<Value>,
    /// All items.
    pub all_items: bool,
    /// What is evaluated only where something holds for the value.
    pub when: Vec<(When, Self)>,
}

/// What has to hold for a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// It satisfies this.
    Accepts(Value),
    /// It does not satisfy this.
    Rejects(Value),
    /// It has this member.
    Has(String),
}

impl Check {
    /// The values that it is made of.
    pub fn values(&self) -> Vec<&Value> {
        match self {
            Self::OneOf(values) | Self::AnyOf(values) => values.iter().collect(),
            Self::Also(value)
            | Self::Not(value)
            | Self::Where(_, value)
            | Self::DependentSchema(_, value)
            | Self::PropertyNames(value)
            | Self::Contains { value, .. } => vec![value],
            Self::Properties(it) => {
                let members = it.members.iter().map(|(_, value)| value);
                let patterns = it.patterns.iter().map(|(_, value)| value);
                members
                    .chain(patterns)
                    .chain(it.additional.as_deref())
                    .collect()
            }
            Self::Items(it) => it.prefix.iter().chain(it.rest.as_deref()).collect(),
            Self::If(it) => [&it.condition]
                .into_iter()
                .chain(&it.then)
                .chain(&it.otherwise)
                .collect(),
            Self::UnevaluatedProperties(coverage, value)
            | Self::UnevaluatedItems(coverage, value) => {
                let mut values = coverage.values();
                values.push(value);
                values
            }
            Self::Message(_)
            | Self::Minimum(_)
            | Self::Maximum(_)
            | Self::ExclusiveMinimum(_)
            | Self::ExclusiveMaximum(_)
            | Self::MultipleOf(_)
            | Self::MinLength(_)
            | Self::MaxLength(_)
            | Self::Pattern(_)
            | Self::Format(_)
            | Self::MinItems(_)
            | Self::MaxItems(_)
            | Self::UniqueItems
            | Self::MinProperties(_)
            | Self::MaxProperties(_)
            | Self::Required(_)
            | Self::DependentRequired(..)
            | Self::Type(_)
            | Self::Const(_)
            | Self::Enum(_)
            | Self::Never => Vec::new(),
        }
    }

    /// The values among them that are about the same value as the check, not about a part of it.
    pub fn values_in_place(&self) -> Vec<&Value> {
        match self {
            Self::Contains { .. }
            | Self::PropertyNames(_)
            | Self::Properties(_)
            | Self::Items(_) => Vec::new(),
            Self::UnevaluatedProperties(coverage, _) | Self::UnevaluatedItems(coverage, _) => {
                coverage.conditions()
            }
            _ => self.values(),
        }
    }

    /// Whether values are asked about without being built or explained.
    pub fn is_probing(&self) -> bool {
        matches!(
            self,
            Self::OneOf(_)
                | Self::AnyOf(_)
                | Self::Not(_)
                | Self::If(_)
                | Self::Contains { .. }
                | Self::UnevaluatedProperties(..)
                | Self::UnevaluatedItems(..)
        )
    }
}

impl Coverage {
    /// Whether it depends on the value.
    pub fn is_conditional(&self) -> bool {
        !self.when.is_empty() || !self.contains.is_empty()
    }

    /// Whether nothing is evaluated, whatever the value.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The values that it asks about.
    pub fn values(&self) -> Vec<&Value> {
        let mut values = self.conditions();
        self.each(&mut |it| values.extend(&it.contains));
        values
    }

    /// The values that it asks about the value itself.
    fn conditions(&self) -> Vec<&Value> {
        let mut values = Vec::new();
        self.each(&mut |it| {
            values.extend(it.when.iter().filter_map(|(when, _)| match when {
                When::Accepts(value) | When::Rejects(value) => Some(value),
                When::Has(_) => None,
            }));
        });
        values
    }

    fn each<'c>(&'c self, visit: &mut impl FnMut(&'c Self)) {
        visit(self);
        self.when.iter().for_each(|(_, it)| it.each(visit));
    }
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
