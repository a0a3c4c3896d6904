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
    /// Two parameters of the query are told by the same key.
    ///
    /// An exploded object of the style `form` is sent as its properties, without its own name: `{x: 1}` is `x=1`. Where
    /// another parameter is named `x`, or has such a property, nobody can tell whose `x` was sent.
    ///
    /// Rename one of them, or give the object `style: deepObject`: then it is `name[x]=1`.
    AmbiguousParameter = "ambiguous-parameter",
    /// A response whose status allows no body describes one.
    ///
    /// With 204, 205 and 304 nothing follows the head (RFC 9110, section 15), so the content can never be sent. The
    /// handler returns none.
    ///
    /// Remove `content`, or use a status with a body, such as 200.
    BodyNotAllowed = "body-not-allowed",
    /// Two bounds leave no value between them.
    ///
    /// With `minimum: 10` and `maximum: 5` no number is valid, so no request could ever be accepted.
    ///
    /// Swap the two, or correct the one that is wrong.
    ConflictingBounds = "conflicting-bounds",
    /// A content of several is not served.
    ///
    /// It is XML, which is neither read nor written, or its schema cannot be read from its media type: an object is no
    /// plain text. A request that has it is answered with 415, and responses are never written in it.
    ///
    /// Remove it, or give it a schema that fits: `text/plain: { schema: { type: string } }`.
    ContentNotServed = "content-not-served",
    /// A list names one thing twice.
    ///
    /// `required`, `enum`, `tags` and `type` are sets. The second mention changes nothing, but it is often a slip where
    /// another name was meant.
    ///
    /// Instead of `required: [id, id]` write `required: [id]`.
    DuplicateItem = "duplicate-item",
    /// A mapping gives one key twice.
    ///
    /// YAML and JSON forbid it, and parsers differ in which of the two they keep, so half of the document would be
    /// lost without a word. The first is kept here until the document is mended.
    ///
    /// Merge the two: `/pets: { get: ..., post: ... }` instead of `/pets` with `get` and again `/pets` with `post`.
    DuplicateKey = "duplicate-key",
    /// Two operations have the same operationId.
    ///
    /// It names the operation's method and types in Rust, so each operation needs one of its own (OAS 3.2, Operation
    /// Object).
    ///
    /// With `listPets` at `/pets`, name the operation at `/shop/pets` `listShopPets`.
    DuplicateOperationId = "duplicate-operation-id",
    /// One parameter is declared twice.
    ///
    /// A parameter is known by its name and place; names of headers are the same in upper and lower case, so `X-Key`
    /// and `x-key` are one. Beside a parameter `in: querystring`, which is the whole query, there is none `in: query`.
    ///
    /// Remove one of the two, or correct its name or `in`.
    DuplicateParameter = "duplicate-parameter",
    /// Two paths match the same requests.
    ///
    /// Names in braces and percent-encoding do not tell paths apart: `/pets/{id}` and `/pets/{name}` are one, and so
    /// are `/user/%61` and `/user/a`. A server could not know which operation is meant.
    ///
    /// Join the two into one path, or give one of them another segment.
    DuplicatePath = "duplicate-path",
    /// A `content` has no media type, or a parameter's has several.
    ///
    /// A body without a media type cannot be sent. A parameter has no header that would say which of several it is in.
    ///
    /// Write `content: { application/json: { schema: ... } }`.
    EmptyContent = "empty-content",
    /// The file holds no document.
    ///
    /// It is empty, or holds nothing but white space and comments.
    ///
    /// The smallest document is `openapi: 3.1.1`, `info: { title: Pets, version: "1" }` and `paths: {}`.
    EmptyFile = "empty-file",
    /// A list is empty that must not be.
    ///
    /// An `enum`, `oneOf` or `type` without an item allows no value at all; `responses` must document at least one.
    ///
    /// Add an item, or leave the keyword out where everything is allowed.
    EmptyList = "empty-list",
    /// The server answers a status by itself, and with another body than the document declares.
    ///
    /// Requests that break the document, lack credentials or fail get their response without a handler: 400, 401, 403,
    /// 406, 408, 413, 415, 422, 500 and 503, as problem documents (RFC 9457). Where an operation declares another body for
    /// one of them, by its status, its range or `default`, that is what clients will expect.
    ///
    /// Implement the generated trait `ErrorBodies`, whose methods make the declared bodies; or declare
    /// `application/problem+json` with a schema that takes `title`, `status`, `detail` and `errors`.
    ErrorBody = "error-body",
    /// An error that the server answers with by itself lacks a header that its response requires.
    ///
    /// The server knows `WWW-Authenticate`, `Allow`, `Accept` and `Content-Range`, and the id of the request; what another
    /// header is to say is known to the application only. Clients that rely on the document do not find it.
    ///
    /// Add the header with a layer (`App::layer`), where every response has it; or leave out `required: true`.
    ErrorHeader = "error-header",
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
    /// A field stands where it has no effect.
    ///
    /// In OpenAPI 3.0 everything beside a `$ref` is ignored, and in all versions header parameters named `Accept`,
    /// `Content-Type` and `Authorization` are. A rule that stands there is not enforced.
    ///
    /// Instead of `{ $ref: ..., maxLength: 5 }` write `{ allOf: [{ $ref: ... }], maxLength: 5 }`.
    IgnoredField = "ignored-field",
    /// A schema is taken as that of each item of a stream, or of what the data of server-sent events holds.
    ///
    /// By the specification `schema` is about all items together, as an array, and the items of `text/event-stream` are
    /// objects with `data`, `event`, `id` and `retry`, of which all but `retry` are strings (OAS 3.2, Sequential Media
    /// Types). No stream satisfies such a schema by the letter, so it is taken for what its author must have meant.
    ///
    /// Write `itemSchema`; for server-sent events that of the event:
    /// `{ type: object, properties: { data: { type: string, contentMediaType: application/json, contentSchema: ... } } }`.
    ImpliedItem = "implied-item",
    /// A schema has keywords of one type, such as `properties`, but no `type`.
    ///
    /// By JSON Schema it accepts values of every other type unchecked, which nobody means. It is taken to have the type
    /// that its keywords are about; `Generator::implied_types(false)` follows the letter.
    ///
    /// Instead of `{ properties: ... }` write `{ type: object, properties: ... }`.
    ImpliedType = "implied-type",
    /// A type requires itself, directly or by way of others.
    ///
    /// No finite value satisfies it, so no request could ever be accepted and no handler could build one.
    ///
    /// Make one of the members on the way back optional, nullable or an array: with `Pet: { required: [mother] }` and
    /// `mother` a `Pet`, leave `mother` out of `required`.
    InfiniteType = "infinite-type",
    /// A response has an informational status.
    ///
    /// Such a response comes before the one that answers the request (RFC 9110, section 15.2): `100 Continue` tells the
    /// client to send its body. That is between the client and the server's HTTP, and a handler returns none.
    ///
    /// Leave it out of `responses`; nothing changes.
    InterimResponse = "interim-response",
    /// The name of a component has other characters than it may have.
    ///
    /// Names match `^[a-zA-Z0-9._-]+$` (OAS 3.2, Components Object), so that they can stand in references and become
    /// names in code.
    ///
    /// Instead of `Page[Pet]` write `Page_Pet`.
    InvalidComponentName = "invalid-component-name",
    /// A default is not valid itself.
    ///
    /// The server puts a default where a request says nothing. One that the schema refuses would let in a value that
    /// no client may send. Where it is only out of bounds it is a warning, and the default is not applied.
    ///
    /// Instead of `{ type: integer, default: "10" }` write `{ type: integer, default: 10 }`.
    InvalidDefault = "invalid-default",
    /// An example is not valid itself.
    ///
    /// Whoever reads the document takes examples for values that the server accepts. Examples are checked as far as this
    /// is plain to see: formats and conditions are not looked at.
    ///
    /// Instead of `{ type: integer, example: "10" }` write `{ type: integer, example: 10 }`.
    InvalidExample = "invalid-example",
    /// An extension has a value that is not what the extension takes, or stands where it means nothing.
    ///
    /// What an `x-rust-` extension says would stand in the generated code, where another value could not be compiled or would
    /// mean something else. `x-stream` is about bytes as they are, not about values that are read from them.
    ///
    /// `x-rust-name` takes a Rust name, such as `BookTitle` for a schema and `book_title` for a property; `x-stream` takes
    /// `true` beside the schema of bytes.
    /// `x-content` takes `typed`, where `contentMediaType: application/json` says that a string holds JSON: it is read as the
    /// `contentSchema`, so nothing else can be asked of the text itself.
    /// `x-error-message` takes a text, or a mapping of keywords to texts such as `{ pattern: Two letters., maxLength: Too
    /// long. }`. Each of them is a keyword as violations name it.
    /// `x-timeout` of an operation takes a time above zero, in seconds or with a unit, such as `0.5`, `500ms`, `30s`, `2m` or
    /// `1h`; `x-max-body` takes a size, in bytes or with a unit, such as `65536`, `64KiB`, `10MiB` or `1GB`, where the
    /// operation takes a body.
    InvalidExtension = "invalid-extension",
    /// A name cannot be the name of a header.
    ///
    /// Header names are letters, digits and a few signs, without spaces (RFC 9110, section 5.6.2).
    ///
    /// Instead of `X Request Id` write `X-Request-Id`.
    InvalidHeaderName = "invalid-header-name",
    /// A text is not a media type.
    ///
    /// A media type is two words with a slash between and parameters after semicolons; `*` stands for every word.
    ///
    /// Instead of `json` write `application/json`; `text/*` and `*/*` are ranges.
    InvalidMediaType = "invalid-media-type",
    /// A key of `additionalOperations` is not a method that can stand there.
    ///
    /// It is for methods without a field of their own (OAS 3.2, Path Item Object), spelt as they are sent.
    ///
    /// `POST` belongs to the field `post`; `COPY` belongs here.
    InvalidMethod = "invalid-method",
    /// A path cannot be matched.
    ///
    /// A path begins with a slash. Each name stands in braces once, and there is text between two of them, or nobody
    /// could say where the first ends.
    ///
    /// Instead of `pets/{a}{b}` write `/pets/{a}/{b}`.
    InvalidPath = "invalid-path",
    /// A `pattern` is no regular expression of ECMA-262, or one that cannot be enforced within bounds.
    ///
    /// A pattern that is dropped would let in what the document refuses, so nothing is generated.
    ///
    /// Mend it at the offset that the message names; for `[a-z` that is `[a-z]`.
    InvalidPattern = "invalid-pattern",
    /// A key of `responses` is not a status.
    ///
    /// It is three digits, a first digit with `XX` for a range, or `default`.
    ///
    /// Instead of `2xx` write `2XX`; instead of `ok` write `200`.
    InvalidStatus = "invalid-status",
    /// A style is not one for this place.
    ///
    /// `matrix` and `label` are for the path, `deepObject`, `spaceDelimited` and `pipeDelimited` for the query, `form`
    /// for query and cookies, `simple` for path and headers (OAS 3.2, Style Values).
    ///
    /// Leave `style` out to have the usual one.
    InvalidStyle = "invalid-style",
    /// A text is not a URL.
    ///
    /// The fields whose names end in `Url` hold URLs, which may be relative to the server.
    ///
    /// Write `https://auth.example.com/token` or `/token`.
    InvalidUrl = "invalid-url",
    /// A value is not one of those that can stand here.
    ///
    /// The message says which can.
    ///
    /// Instead of `in: body` write a `requestBody`; instead of `maxLength: 2.5` write `maxLength: 2`.
    InvalidValue = "invalid-value",
    /// A number is written with zeros in front.
    ///
    /// In YAML 1.2 `00501` is the number 501; in other versions it is an octal number or text. A zip code or version
    /// written like this loses its zeros.
    ///
    /// Write `"00501"` where the text is meant and `501` where the number is.
    LeadingZeros = "leading-zeros",
    /// A `discriminator` names a property that the branches do not pin down.
    ///
    /// It cannot decide by itself then, since a discriminator must not change the outcome of validation (OAS 3.2,
    /// Discriminator Object). Every branch is tried instead, which is right and slower.
    ///
    /// Require the property in each branch and give it a `const`, or an `enum`, of its own there.
    LooseDiscriminator = "loose-discriminator",
    /// The key `<<` merges other mappings into this one.
    ///
    /// Merging was an extension of YAML 1.1 and is not part of YAML 1.2, which OpenAPI asks for. It is followed all
    /// the same: the mapping's own members win over merged ones, and of a list of mappings the earlier ones win. Tools
    /// that know YAML 1.2 only see a member `<<` and none of the merged ones. The first `<<` of a file is told.
    ///
    /// Instead of `<<: *base` write the members out, or combine schemas with `allOf: [{ $ref: "#/..." }]`; write
    /// `"<<"` in quotes where a member of this name is meant.
    MergeKey = "merge-key",
    /// A keyword belongs to another version of the schema language.
    ///
    /// OpenAPI 3.0 has `nullable` and boolean `exclusiveMinimum`; OpenAPI 3.1 has lists of types and numbers there.
    /// Where the meaning is clear all the same, the keyword is followed with a warning.
    ///
    /// In 3.0 write `{ type: string, nullable: true }`, in 3.1 `{ type: [string, "null"] }`.
    MisplacedKeyword = "misplaced-keyword",
    /// A `$ref` stands where the specification does not allow one.
    ///
    /// Many documents have one in place of an operation or of all properties, because bundling tools follow it there.
    /// It is followed here too; other tools may not do so.
    ///
    /// Put the `$ref` in place of the path item or the whole schema.
    MisplacedReference = "misplaced-reference",
    /// A field is missing that the specification requires.
    ///
    /// The message names it and the object that lacks it.
    ///
    /// The smallest document is `openapi: 3.1.1`, `info: { title: Pets, version: "1" }` and `paths: {}`.
    MissingField = "missing-field",
    /// A field has nearly the name of a known one.
    ///
    /// What a misspelt field says would be lost without a word, and with it a rule that the server should enforce.
    ///
    /// Instead of `paramaters` write `parameters`. Fields of one's own begin with `x-`.
    MisspeltField = "misspelt-field",
    /// The file holds more than one YAML document.
    ///
    /// A line `---` ends one document and begins the next. A reference names a file, so a file can hold only one.
    ///
    /// Move what follows the second `---` into a file of its own.
    MultipleDocuments = "multiple-documents",
    /// Two names of the document become the same name in Rust.
    ///
    /// One of them gets a suffix that depends on its pointer alone, so that nothing else in the document can change it.
    ///
    /// With the schemas `pet_food` and `pet-food`, say `x-rust-name: PetSnack` on one of them.
    NameCollision = "name-collision",
    /// A field came with a later version than the document's.
    ///
    /// Tools for the version that the document names do not know it.
    ///
    /// Write the later version in the `openapi` field at the root.
    NewerField = "newer-field",
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
    /// A content is of a media type, or has a schema, that is not read into a type yet.
    ///
    /// The handler gets and returns the bytes as they are; nothing that the schema says is checked. Where another content
    /// stands beside it, this one is left aside.
    ///
    /// Check the bytes in the handler, or use `application/json`.
    NotTypedYet = "not-typed-yet",
    /// A `nullable` does not allow null.
    ///
    /// It adds null to the `type` beside it and to nothing else (OAS 3.0.3, Schema Object): not to a `$ref`, a union or
    /// an `enum`, which refuse null as long as they do not name it.
    ///
    /// Instead of `{ type: string, nullable: true, enum: [a, b] }` write `enum: [a, b, null]`.
    NullableWithoutEffect = "nullable-without-effect",
    /// A path parameter is not required.
    ///
    /// The path cannot be matched without it, so it is always there, and `required: true` must say so (OAS 3.2,
    /// Parameter Object).
    ///
    /// Add `required: true`; for a part that may be missing, write a second path without it.
    OptionalPathParameter = "optional-path-parameter",
    /// A reference is not escaped as a JSON pointer in a URI fragment is.
    ///
    /// In a pointer `~1` stands for `/` and `~0` for `~`; any other character after `~` is a mistake. A percent sign
    /// begins the code of a UTF-8 byte.
    ///
    /// The path item `/pets/{id}` is `#/paths/~1pets~1{id}`.
    PointerEscape = "pointer-escape",
    /// So many schemas contain each other that rustc gives up on their types with its default limit.
    ///
    /// To know whether a type may go from one thread to another, rustc looks into the types that it contains, and into
    /// theirs. Types that contain each other make a long way, which ends with an error at the `recursion_limit`.
    ///
    /// Write `#![recursion_limit = "256"]`, with the number that the warning names, at the top of the crate's `main.rs` or
    /// `lib.rs`, and the same number in `Generator::recursion_limit`, which ends the warning.
    RecursionLimit = "recursion-limit",
    /// References, or `allOf`, lead back to where they began with nothing else on the way.
    ///
    /// Nothing is described: each says that it is what the next one is.
    ///
    /// Break the cycle. A schema may contain itself, but only in its properties or items: `Node: { properties: { next:
    /// { $ref: "#/components/schemas/Node" } } }`.
    ReferenceCycle = "reference-cycle",
    /// A reference is a URL.
    ///
    /// The generator never opens a network connection: the same document must give the same code tomorrow, and without
    /// a network.
    ///
    /// Save the file beside the document and write its relative path: `./common.yaml#/components/schemas/Error`.
    RemoteReference = "remote-reference",
    /// Another reader of OpenAPI 3.0 does not read this.
    ///
    /// The crate `openapiv3` reads each object of a 3.0 document as well. Where it refuses one or leaves out a part, and
    /// nothing else was said about it, other tools may stumble too. The generated server follows the document all the
    /// same.
    ///
    /// Compare the object with the specification; where it is right, the warning can be ignored.
    SecondOpinion = "second-opinion",
    /// The path of a server's URL cannot be followed.
    ///
    /// `Generator::server_paths` puts operations under the path of their server. Only the first server counts, with the
    /// defaults of its variables; a relative URL is taken to begin at the root (OAS 3.2, Server Object).
    ///
    /// Put the server first that this application is, and write its path from the root: `/v1` or
    /// `https://api.example.com/v1`.
    ServerPath = "server-path",
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
    /// Lists and mappings nest too deep, or references lead on too far.
    ///
    /// The limits are far beyond any real document and protect the generator: 256 levels in a file, aliases followed, and
    /// 64 references or `allOf` with nothing between them.
    ///
    /// Give the inner part a name below `components` and refer to it.
    TooDeep = "too-deep",
    /// The file has too many nodes, or too many faults.
    ///
    /// A file may have 4,000,000 nodes, its aliases may repeat 500,000, and 1,000 faults are told. Few lines of nested
    /// aliases can stand for billions of nodes, which is an attack and not a document.
    ///
    /// Use `$ref` in place of aliases, or split the document into several files.
    TooLarge = "too-large",
    /// A path and its parameters do not name the same.
    ///
    /// A parameter `in: path` is the text that stands where its name stands in the path in braces, so it needs a place
    /// there. Braces without a parameter match any text, which the handler does not get (OAS 3.2, Path Templating).
    /// Where another path goes on with the parameter's name, `/pets/{id}` beside `/pets`, the shorter path goes without
    /// it, with a warning.
    ///
    /// With `name: id` the path must contain `{id}`, and the other way round.
    UndeclaredPathParameter = "undeclared-path-parameter",
    /// Operations do not declare statuses that the server answers by itself.
    ///
    /// Clients that are made from the document do not know them. It is said once, and only of documents that declare
    /// errors at all.
    ///
    /// Declare them, or a `default` response; or let `Generator::document_errors` add them to the document as it is served.
    UndeclaredStatus = "undeclared-status",
    /// A parameter's style is combined with a type for which the specification does not define it.
    ///
    /// Styles are defined for scalars, and for lists and objects of scalars (OAS 3.2, Style Values). Beyond that clients
    /// differ in what they write. Where most of them agree, it is read their way with a warning; else it is an error.
    ///
    /// Write `content: { application/json: { schema: ... } }` in place of `schema` and `style`: the value is a JSON text
    /// then, which can be anything.
    UndefinedStyle = "undefined-style",
    /// An alias repeats a node that was not named before.
    ///
    /// `*name` repeats the node that `&name` names further up. Often it is text that begins with an asterisk.
    ///
    /// Instead of `pattern: *.txt` write `pattern: "*.txt"`.
    UnknownAlias = "unknown-alias",
    /// An object has a field that the specification does not know.
    ///
    /// It is ignored. In schemas an unknown keyword is a note and no rule (JSON Schema 2020-12 Core, section 6.5).
    ///
    /// Begin the names of fields of your own with `x-`.
    UnknownField = "unknown-field",
    /// An `encoding` is for a property that there is not.
    ///
    /// Encodings say how the properties of a form are written; one without its property says nothing.
    ///
    /// Name a property of the schema, or remove the encoding.
    UnknownProperty = "unknown-property",
    /// A security requirement asks for a scope that its scheme does not declare.
    ///
    /// No flow of the scheme hands out the scope, so perhaps nobody can call the operation.
    ///
    /// Add the scope to the `scopes` of a flow, or correct its name.
    UnknownScope = "unknown-scope",
    /// A security requirement names a scheme that there is not.
    ///
    /// Nobody could say how a caller proves who they are.
    ///
    /// Declare the scheme in `components/securitySchemes`, or correct the name.
    UnknownSecurityScheme = "unknown-security-scheme",
    /// A tag of YAML is not known.
    ///
    /// Tags such as `!include` or `!Ref` are orders to one tool and mean nothing in an OpenAPI document. The value is
    /// read as if the tag were not there.
    ///
    /// Instead of `!include pet.yaml` write `$ref: pet.yaml`.
    UnknownTag = "unknown-tag",
    /// A `type` is none of JSON's types.
    ///
    /// The types are `null`, `boolean`, `object`, `array`, `number`, `string` and `integer`; everything finer is a
    /// `format`.
    ///
    /// Instead of `type: date` write `type: string` with `format: date`.
    UnknownType = "unknown-type",
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
    /// No value satisfies the schema: its parts exclude each other.
    ///
    /// Everything in an `allOf` and beside it applies at once. A value cannot be a string and a number.
    ///
    /// Look at the `type` of the schemas that the message marks; where either is meant, write `anyOf`.
    Unsatisfiable = "unsatisfiable",
    /// A feature of OpenAPI is not supported yet.
    ///
    /// A server that left it out without a word would not do what the document says, so nothing is generated. Only where
    /// it is one of several security alternatives the others stay, with a warning, since nobody is let in by it.
    ///
    /// The README lists what is supported.
    UnsupportedFeature = "unsupported-feature",
    /// A number is beyond every number of Rust.
    ///
    /// Bounds are compared exactly, but no value that Rust can hold comes near this one.
    ///
    /// Leave the bound out.
    UnsupportedNumber = "unsupported-number",
    /// The document follows a version of the specification that cannot be read.
    ///
    /// OpenAPI 3.0, 3.1 and 3.2 can be read. Swagger 2.0 is an older language with other objects.
    ///
    /// Convert it first, for instance with Swagger Editor (Edit, Convert to OpenAPI 3).
    UnsupportedVersion = "unsupported-version",
    /// A union has more branches than an enum is made of.
    ///
    /// Each branch of a `oneOf` or `anyOf` becomes a type with all that stands beside the union, and with all that stands
    /// beside the unions around it: with every level, their number grows by a factor. Beyond 256 branches, or as many of
    /// all unions within one schema, the value is `Json`. Every rule is checked all the same.
    ///
    /// Give the branches schemas of their own in `components`, and let the union stand alone:
    /// `oneOf: [{ $ref: "#/components/schemas/Car" }, { $ref: "#/components/schemas/Boat" }]`.
    WideUnion = "wide-union",
    /// A value is of another kind than the specification says.
    ///
    /// Often the indentation makes a mapping of a list, or quotes are missing around text that looks like a number.
    ///
    /// Instead of `version: 1.0` write `version: "1.0"`; instead of `security: { key: [] }` write
    /// `security: [{ key: [] }]`.
    WrongKind = "wrong-kind",
    /// A reference leads to an object of another kind than is wanted at its place.
    ///
    /// Schemas, parameters, responses and the like have sections of their own in `components`, and one cannot stand for
    /// another.
    ///
    /// In `parameters`, instead of `#/components/schemas/Limit` write `#/components/parameters/Limit`.
    WrongReference = "wrong-reference",
}
