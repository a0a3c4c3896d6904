//! The Schema Object: JSON Schema 2020-12 with OpenAPI's own words.

use std::rc::Rc;

use super::{Literal, Located, Members, Reference, Scope};
use crate::source::Place;

/// A schema.
#[derive(Debug)]
pub struct Schema {
    /// Where it stands; with the file it is the schema's identity.
    pub place: Place,
    /// The dynamic scope that it is read in: part of its identity.
    pub scope: Scope,
    /// `true` or `false` in place of an object.
    pub boolean: Option<bool>,

    /// `$ref`
    pub reference: Option<Reference>,
    /// `$dynamicRef`
    pub dynamic_reference: Option<Reference>,
    /// `$id`
    pub id: Option<Located<Rc<str>>>,
    /// `$anchor`
    pub anchor: Option<Located<Rc<str>>>,
    /// `$dynamicAnchor`
    pub dynamic_anchor: Option<Located<Rc<str>>>,
    /// `$defs`
    pub defs: Members<Rc<Self>>,

    /// `type`, one or several; `None` where every type is allowed.
    pub types: Option<Located<Vec<Type>>>,
    /// `enum`
    pub enum_: Option<Located<Vec<Literal>>>,
    /// `const`
    pub const_: Option<Literal>,

    /// `multipleOf`, as number text.
    pub multiple_of: Option<Located<Rc<str>>>,
    /// `minimum`
    pub minimum: Option<Located<Rc<str>>>,
    /// `maximum`
    pub maximum: Option<Located<Rc<str>>>,
    /// `exclusiveMinimum`
    pub exclusive_minimum: Option<Located<Rc<str>>>,
    /// `exclusiveMaximum`
    pub exclusive_maximum: Option<Located<Rc<str>>>,

    /// `minLength`
    pub min_length: Option<Located<u64>>,
    /// `maxLength`
    pub max_length: Option<Located<u64>>,
    /// `pattern`
    pub pattern: Option<Located<Rc<str>>>,
    /// `format`
    pub format: Option<Located<Rc<str>>>,
    /// `contentEncoding`
    pub content_encoding: Option<Located<Rc<str>>>,
    /// `contentMediaType`
    pub content_media_type: Option<Located<Rc<str>>>,
    /// `contentSchema`
    pub content_schema: Option<Rc<Self>>,

    /// `items`
    pub items: Option<Rc<Self>>,
    /// `prefixItems`
    pub prefix_items: Option<Located<Vec<Rc<Self>>>>,
    /// `contains`
    pub contains: Option<Rc<Self>>,
    /// `minContains`
    pub min_contains: Option<Located<u64>>,
    /// `maxContains`
    pub max_contains: Option<Located<u64>>,
    /// `minItems`
    pub min_items: Option<Located<u64>>,
    /// `maxItems`
    pub max_items: Option<Located<u64>>,
    /// `uniqueItems`
    pub unique_items: Option<Located<bool>>,
    /// `unevaluatedItems`
    pub unevaluated_items: Option<Rc<Self>>,

    /// `properties`
    pub properties: Members<Rc<Self>>,
    /// A `$ref` in place of all properties, to a mapping of names to schemas elsewhere. The specification does not allow
    /// it; documents that are bundled before use have it.
    pub properties_reference: Option<Reference>,
    /// `patternProperties`
    pub pattern_properties: Vec<(Located<Rc<str>>, Rc<Self>)>,
    /// `additionalProperties`
    pub additional_properties: Option<Rc<Self>>,
    /// `propertyNames`
    pub property_names: Option<Rc<Self>>,
    /// `required`
    pub required: Vec<Located<Rc<str>>>,
    /// `dependentRequired`
    pub dependent_required: Members<Vec<Located<Rc<str>>>>,
    /// `dependentSchemas`
    pub dependent_schemas: Members<Rc<Self>>,
    /// `minProperties`
    pub min_properties: Option<Located<u64>>,
    /// `maxProperties`
    pub max_properties: Option<Located<u64>>,
    /// `unevaluatedProperties`
    pub unevaluated_properties: Option<Rc<Self>>,

    /// `allOf`
    pub all_of: Option<Located<Vec<Rc<Self>>>>,
    /// `anyOf`
    pub any_of: Option<Located<Vec<Rc<Self>>>>,
    /// `oneOf`
    pub one_of: Option<Located<Vec<Rc<Self>>>>,
    /// `not`
    pub not: Option<Rc<Self>>,
    /// `if`
    pub if_: Option<Rc<Self>>,
    /// `then`
    pub then: Option<Rc<Self>>,
    /// `else`
    pub else_: Option<Rc<Self>>,
    /// `discriminator`
    pub discriminator: Option<Discriminator>,

    /// `title`
    pub title: Option<Rc<str>>,
    /// `description`
    pub description: Option<Rc<str>>,
    /// `default`
    pub default: Option<Literal>,
    /// `examples`, with `example` as the first.
    pub examples: Vec<Literal>,
    /// `deprecated`
    pub deprecated: bool,
    /// `readOnly`
    pub read_only: bool,
    /// `writeOnly`
    pub write_only: bool,

    /// `x-` members.
    pub extensions: Members<Literal>,
}

impl Schema {
    /// `$ref` and `$dynamicRef`.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.reference.iter().chain(&self.dynamic_reference)
    }

    /// A schema without any keyword, which accepts every value.
    pub fn new(place: Place) -> Self {
        Self {
            place,
            scope: Scope::default(),
            boolean: None,
            reference: None,
            dynamic_reference: None,
            id: None,
            anchor: None,
            dynamic_anchor: None,
            defs: Vec::new(),
            types: None,
            enum_: None,
            const_: None,
            multiple_of: None,
            minimum: None,
            maximum: None,
            exclusive_minimum: None,
            exclusive_maximum: None,
            min_length: None,
            max_length: None,
            pattern: None,
            format: None,
            content_encoding: None,
            content_media_type: None,
            content_schema: None,
            items: None,
            prefix_items: None,
            contains: None,
            min_contains: None,
            max_contains: None,
            min_items: None,
            max_items: None,
            unique_items: None,
            unevaluated_items: None,
            properties: Vec::new(),
            properties_reference: None,
            pattern_properties: Vec::new(),
            additional_properties: None,
            property_names: None,
            required: Vec::new(),
            dependent_required: Vec::new(),
            dependent_schemas: Vec::new(),
            min_properties: None,
            max_properties: None,
            unevaluated_properties: None,
            all_of: None,
            any_of: None,
            one_of: None,
            not: None,
            if_: None,
            then: None,
            else_: None,
            discriminator: None,
            title: None,
            description: None,
            default: None,
            examples: Vec::new(),
            deprecated: false,
            read_only: false,
            write_only: false,
            extensions: Vec::new(),
        }
    }
}

/// The types of the JSON data model, and `integer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// `null`
    Null,
    /// `boolean`
    Boolean,
    /// A number without a fractional part; `1.0` is one (JSON Schema 2020-12 Core, section 4.2.3).
    Integer,
    /// `number`
    Number,
    /// `string`
    String,
    /// `array`
    Array,
    /// `object`
    Object,
}

impl Type {
    /// All types, in the order of their names in JSON Schema 2020-12 Validation, section 6.1.1.
    pub const ALL: [Self; 7] = [
        Self::Null,
        Self::Boolean,
        Self::Object,
        Self::Array,
        Self::Number,
        Self::String,
        Self::Integer,
    ];

    /// The name as `type` holds it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// The type of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ty| ty.as_str() == name)
    }
}

/// How a union's branch is named in the value (OAS 3.2, Discriminator Object).
#[derive(Debug)]
pub struct Discriminator {
    /// Where it stands.
    pub place: Place,
    /// The property that holds the name.
    pub property_name: Rc<str>,
    /// Names with the component names or URI references they stand for.
    pub mapping: Members<Located<Rc<str>>>,
    /// What a name without a mapping stands for (OAS 3.2).
    pub default_mapping: Option<Located<Rc<str>>>,
}
