//! The table of codes: one rule each, in alphabetical order.

/// Declares the codes with their kebab-case names and explanations.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// The rule that a diagnostic speaks for; `specwright explain CODE` prints its page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Every code, in alphabetical order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name that a diagnostic shows: `unresolved-reference`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The page of the code: what the rule is, why it is there and what to do.
            pub fn explanation(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc, "\n"),+),)+
                }
            }

            /// The code of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == name)
            }
        }
    };
}

codes! {
    /// An alias stands inside the node that it repeats.
    ///
    /// `&name` names a node and `*name` repeats it. Where the alias is a part of the named node, the node would
    /// contain itself without end.
    ///
    /// Instead of `Node: &node { properties: { next: *node } }` write a reference, which may be circular:
    /// `next: { $ref: "#/components/schemas/Node" }`.
    AliasCycle = "alias-cycle",
    /// A mapping gives one key twice.
    ///
    /// YAML and JSON forbid it, and parsers differ in which of the two they keep, so half of the document would be
    /// lost without a word. The first is kept here until the document is mended.
    ///
    /// Merge the two: `/pets: { get: ..., post: ... }` instead of `/pets` with `get` and again `/pets` with `post`.
    DuplicateKey = "duplicate-key",
    /// The file holds no document.
    ///
    /// It is empty, or holds nothing but white space and comments.
    ///
    /// The smallest document is `openapi: 3.1.1`, `info: { title: Pets, version: "1" }` and `paths: {}`.
    EmptyFile = "empty-file",
    /// A file is not where the document or the command says.
    ///
    /// The path in a reference is relative to the folder of the file in which the reference stands, not to the working
    /// directory; the message names the path that was tried.
    ///
    /// In `api/paths/pets.yaml` the file `api/schemas.yaml` is `../schemas.yaml`.
    FileNotFound = "file-not-found",
    /// A reference leads out of the root folder.
    ///
    /// Only files below the root folder are read, links followed, so that a document from elsewhere cannot pull in
    /// private files. The root folder is the folder of the entry document unless another is chosen.
    ///
    /// With `api/main.yaml` and `shared/errors.yaml`, choose the folder that holds both as the root folder.
    FileOutsideRoot = "file-outside-root",
    /// A number is written with zeros in front.
    ///
    /// In YAML 1.2 `00501` is the number 501; in other versions it is an octal number or text. A zip code or version
    /// written like this loses its zeros.
    ///
    /// Write `"00501"` where the text is meant and `501` where the number is.
    LeadingZeros = "leading-zeros",
    /// The key `<<` is a key like any other.
    ///
    /// Merging was an extension of YAML 1.1 and is not part of YAML 1.2, which OpenAPI asks for. Tools differ, so a
    /// document that relies on it does not say the same everywhere.
    ///
    /// Instead of `<<: *base` write the members out, or combine schemas with `allOf: [{ $ref: "#/..." }]`.
    MergeKey = "merge-key",
    /// The file holds more than one YAML document.
    ///
    /// A line `---` ends one document and begins the next. A reference names a file, so a file can hold only one.
    ///
    /// Move what follows the second `---` into a file of its own.
    MultipleDocuments = "multiple-documents",
    /// A key is a list or a mapping.
    ///
    /// OpenAPI documents have JSON's types, where keys are text. Mostly it is text that needs quotes.
    ///
    /// Instead of `{id}: ...` write `"{id}": ...`.
    NonScalarKey = "non-scalar-key",
    /// A value is a number in YAML that JSON cannot write.
    ///
    /// JSON has neither infinity nor NaN, and octal or hexadecimal numbers are read up to 128 bits.
    ///
    /// Leave out `maximum: .inf`: without `maximum` there is no upper bound.
    NotAJsonNumber = "not-a-json-number",
    /// A reference is not escaped as a JSON pointer in a URI fragment is.
    ///
    /// In a pointer `~1` stands for `/` and `~0` for `~`; any other character after `~` is a mistake. A percent sign
    /// begins the code of a UTF-8 byte.
    ///
    /// The path item `/pets/{id}` is `#/paths/~1pets~1{id}`.
    PointerEscape = "pointer-escape",
    /// A reference is a URL.
    ///
    /// The generator never opens a network connection: the same document must give the same code tomorrow, and without
    /// a network.
    ///
    /// Save the file beside the document and write its relative path: `./common.yaml#/components/schemas/Error`.
    RemoteReference = "remote-reference",
    /// The file is not YAML or JSON, or not UTF-8.
    ///
    /// A file whose name ends in `.json` is read as JSON, every other as YAML 1.2. Nothing after the fault can be read,
    /// so there may be more to mend.
    ///
    /// Common faults: a tab in the indentation, a bracket or quote that is not closed, a value with `: ` or a leading
    /// `*`, `@` or `%` that needs quotes.
    Syntax = "syntax",
    /// A tag of YAML does not fit its value.
    ///
    /// `!!int`, `!!bool` and the like say the type of a value, which must then be written as one of that type.
    ///
    /// Instead of `!!int five` write `5`; instead of `!!str 5` simply `"5"`.
    TagMismatch = "tag-mismatch",
    /// Lists and mappings nest too deep.
    ///
    /// The limit of 256 levels, aliases followed, is far beyond any real document and protects the reader.
    ///
    /// Give the inner part a name below `components` and refer to it.
    TooDeep = "too-deep",
    /// The file has too many nodes, or too many faults.
    ///
    /// A file may have 4,000,000 nodes, its aliases may repeat 500,000, and 1,000 faults are told. Few lines of nested aliases can stand for
    /// billions of nodes, which is an attack and not a document.
    ///
    /// Use `$ref` in place of aliases, or split the document into several files.
    TooLarge = "too-large",
    /// An alias repeats a node that was not named before.
    ///
    /// `*name` repeats the node that `&name` names further up. Often it is text that begins with an asterisk.
    ///
    /// Instead of `pattern: *.txt` write `pattern: "*.txt"`.
    UnknownAlias = "unknown-alias",
    /// A tag of YAML is not known.
    ///
    /// Tags such as `!include` or `!Ref` are orders to one tool and mean nothing in an OpenAPI document. The value is
    /// read as if the tag were not there.
    ///
    /// Instead of `!include pet.yaml` write `$ref: pet.yaml`.
    UnknownTag = "unknown-tag",
    /// A file is there, but cannot be read.
    ///
    /// It may be a folder, larger than 256 MiB, or closed to this user; the message says which.
    ///
    /// A reference to a folder lacks the name of the file: `./schemas/pet.yaml` in place of `./schemas`.
    UnreadableFile = "unreadable-file",
    /// A reference leads to nothing.
    ///
    /// The file was read, but it has no such member. The message says how far the way exists.
    ///
    /// Names are case-sensitive: `#/components/schemas/pet` is not `#/components/schemas/Pet`.
    UnresolvedReference = "unresolved-reference",
}
