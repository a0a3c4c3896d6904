//! Types and the values that are made of them.

use super::{Check, Docs};

/// The index of a named type in [`Api::types`](super::Api::types).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub usize);

/// A named type.
#[derive(Clone, Debug)]
pub struct TypeDef {
    /// Its Rust name.
    pub name: String,
    /// The words of its schema.
    pub docs: Docs,
    /// The pointer of its schema, for the doc comment and late messages.
    pub pointer: String,
    /// Whether the schema is deprecated.
    pub deprecated: bool,
    /// What it is.
    pub kind: TypeKind,
    /// The traits it can derive beyond `Clone`, `Debug` and `PartialEq`.
    pub derives: Derives,
    /// Whether the type contains itself.
    pub recursive: bool,
    /// Whether some union asks whether a value is one without building it.
    pub accepts: bool,
    /// Whether it holds files or headers of parts: then it is a multipart body, and no JSON.
    pub has_parts: bool,
    /// Whether what was asked about a value is remembered: the type contains itself, and asks about its parts.
    pub remembers: bool,
}

/// Traits that a type can derive because all of its parts have them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Derives {
    /// `Default`
    pub default: bool,
    /// `Eq`
    pub eq: bool,
    /// `Hash`
    pub hash: bool,
    /// `Copy`
    pub copy: bool,
}

/// What a named type is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TypeKind {
    /// Reserved while its parts are lowered; never left in a finished [`Api`](super::Api).
    Pending,
    /// An object with named members.
    Struct(Struct),
    /// One of several strings.
    Enum(Enum),
    /// One of several schemas.
    Union(Union),
    /// A value with checks of its own, behind a private field.
    Newtype(Value),
    /// Another name for a value without checks.
    Alias(Value),
}

/// An object with named members.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Struct {
    /// The members in document order.
    pub fields: Vec<Field>,
    /// Keys that are accepted and dropped: members of the other direction.
    pub ignored: Vec<String>,
    /// What happens to keys that are not named.
    pub additional: Additional,
    /// Checks on the object as a whole.
    pub checks: Vec<Check>,
}

/// What happens to members that no property names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Additional {
    /// They are ignored.
    Ignore,
    /// Each is a violation.
    Refuse {
        /// Of `unevaluatedProperties`, not of `additionalProperties`.
        is_unevaluated: bool,
    },
    /// They are kept in a map.
    Keep {
        /// The map's field.
        name: String,
        /// What each of them has to be.
        value: Box<Value>,
        /// Whether the schema evaluates them. Where not, they are kept since the value would not hold without them.
        evaluated: bool,
    },
}

/// A member of a struct.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// The Rust name.
    pub name: String,
    /// The key on the wire.
    pub key: String,
    /// The words of its schema.
    pub docs: Docs,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// Whether its value is never shown, because it is `writeOnly`.
    pub is_secret: bool,
    /// What it holds, null included.
    pub value: Value,
    /// Whether it has to be there.
    pub presence: Presence,
    /// Whether it stands in a `Box`, because the type would contain itself or be too large.
    pub boxed: bool,
}

/// Whether a member has to be there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// It has to be there.
    Required,
    /// It may be absent.
    Optional,
    /// Where it is absent, this value stands for it.
    Default(Literal),
}

/// One of several strings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Enum {
    /// The variants in document order.
    pub variants: Vec<EnumVariant>,
    /// Whether the one variant is said by `const`.
    pub constant: bool,
    /// What is asked of the text besides being one of them.
    pub checks: Vec<Check>,
    /// Whether it has a name in the document.
    pub is_named: bool,
}

/// A variant of a string enum.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EnumVariant {
    /// The Rust name.
    pub name: String,
    /// The value on the wire.
    pub value: String,
}

/// One of several schemas.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Union {
    /// How many branches have to accept.
    pub rule: UnionRule,
    /// The branches in document order.
    pub variants: Vec<Variant>,
    /// The quick way to the branch, where there is one.
    pub dispatch: Dispatch,
    /// Checks on the value as a whole.
    pub checks: Vec<Check>,
}

/// How many branches have to accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnionRule {
    /// Exactly one (`oneOf`).
    One,
    /// At least one; the best of them is built (`anyOf`).
    Any,
}

/// A branch of a union.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    /// The Rust name.
    pub name: String,
    /// What it holds.
    pub value: Value,
    /// Whether it stands in a `Box`.
    pub boxed: bool,
}

/// How a union finds its branch; never a different answer than trying all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Dispatch {
    /// Every branch is tried.
    Try,
    /// A member tells the branches apart: each value with its branch.
    Tag {
        /// The member's key.
        key: String,
        /// Each value and the index of its branch.
        values: Vec<(String, usize)>,
    },
    /// The JSON type tells the branches apart.
    Kind(Vec<(Kind, usize)>),
}

/// The types of JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number
    Number,
    /// A string
    String,
    /// An array
    Array,
    /// An object
    Object,
}

/// What a place holds: a type and the checks that are not the type's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Value {
    /// The type.
    pub ty: Type,
    /// The checks, in the order of their keywords.
    pub checks: Vec<Check>,
}

/// A Rust type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// A type of this document.
    Named(TypeId),
    /// `bool`
    Boolean,
    /// An integer type.
    Integer(Integer),
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// `rust_decimal::Decimal`, from a number.
    Decimal,
    /// `String`
    String,
    /// A string with a type of its own.
    Formatted(Format),
    /// Any JSON value: `specwright::Json`.
    Json,
    /// `Vec<T>`
    Array(Box<Value>),
    /// A tuple, from an array with a schema for each of its items.
    Tuple(Vec<Value>),
    /// `IndexMap<String, T>`
    Map(Box<Value>),
    /// `Option<T>`: the value or null.
    Nullable(Box<Value>),
    /// `JsonText<T>`: a string that holds the JSON text of the value.
    JsonText(Box<Value>),
    /// `()`, from null.
    Null,
    /// `specwright::Upload`: a file in a multipart body.
    Upload,
    /// `specwright::BodyPart<T, H>`: a part of a multipart body, and the headers that are declared for it.
    Part(Box<[Value; 2]>),
}

/// The integer types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the type of its name")]
pub enum Integer {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

/// Formats with a Rust type of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `uuid::Uuid`
    Uuid,
    /// `jiff::Timestamp`
    DateTime,
    /// `jiff::civil::Date`
    Date,
    /// A time of day with its offset.
    Time,
    /// `jiff::Span`
    Duration,
    /// `url::Url`
    Uri,
    /// `std::net::Ipv4Addr`
    Ipv4,
    /// `std::net::Ipv6Addr`
    Ipv6,
    /// `Bytes`, from base64 text.
    Base64,
    /// `specwright::DecimalString`, a decimal number in a string.
    Decimal,
    /// A string that is never shown.
    Password,
}

/// A JSON value of the document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Literal {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number, as its text.
    Number(String),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
}

impl Type {
    /// The values that it is made of.
    pub fn parts(&self) -> &[Value] {
        match self {
            Self::Array(inner)
            | Self::Map(inner)
            | Self::Nullable(inner)
            | Self::JsonText(inner) => std::slice::from_ref(inner),
            Self::Tuple(items) => items,
            Self::Part(parts) => &**parts,
            _ => &[],
        }
    }
}

impl Value {
    /// A value without checks.
    pub fn plain(ty: Type) -> Self {
        Self {
            ty,
            checks: Vec::new(),
        }
    }
}
