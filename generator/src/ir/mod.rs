//! Rust's nouns: what is going to be generated, as plain data.
//!
//! **Invariant:** no references, no new names and no decisions from here on; no tokens yet. `document` is not known here.

#![deny(missing_docs)]

mod check;
mod http;
mod types;

pub use check::*;
pub use http::*;
pub use types::*;

/// Everything that one document becomes.
#[derive(Debug, Default)]
pub struct Api {
    /// The document's title.
    pub title: String,
    /// The document's own version.
    pub version: String,
    /// The path of the document's server, before the templates of its operations; mostly empty.
    pub base: String,
    /// Words about the whole API.
    pub docs: Docs,
    /// The named types; a [`TypeId`] is an index into them.
    pub types: Vec<TypeDef>,
    /// The named types in the order in which they are written.
    pub type_order: Vec<TypeId>,
    /// The patterns that checks refer to; a [`PatternId`] is an index into them.
    pub patterns: Vec<PatternDef>,
    /// The traits that the user implements.
    pub traits: Vec<HandlerTrait>,
    /// The name of the struct of handlers, one for each trait.
    pub handlers: String,
    /// The names of the client, where one is asked for.
    pub client: Option<ClientNames>,
    /// The operations in document order; traits refer to them by index.
    pub operations: Vec<Operation>,
    /// The responses of `components/responses` that operations share.
    pub shared_responses: Vec<SharedResponse>,
    /// Who may call; absent where every operation is public.
    pub security: Option<Security>,
    /// The bodies of errors of the runtime that the user makes.
    pub error_bodies: Vec<ErrorBody>,
    /// The format of errors that the responses describe.
    pub error_format: ErrorFormat,
    /// The names of members and parameters whose values are never shown; the empty name stands for every body.
    pub secrets: Vec<String>,
    /// The `recursion_limit` that the generated code needs, where rustc's default of 128 is too low.
    pub recursion_limit: Option<usize>,
    /// The document as it is served.
    pub served: Served,
    /// How much became what.
    pub statistics: Statistics,
}

/// How many schemas were lowered, for reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// The schemas.
    pub schemas: usize,
    /// Those that became `Json`, with their checks, although they say what they are: several types, an enum of objects
    /// or of values of several types, items of several kinds. A schema that says nothing is not counted.
    pub untyped: usize,
}

/// Words for a doc comment: untrusted CommonMark, made inert when it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Docs {
    /// The first line.
    pub summary: Option<String>,
    /// What follows it.
    pub description: Option<String>,
}

/// The document as the server hands it out.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// As JSON.
    pub json: String,
    /// As YAML.
    pub yaml: String,
}
