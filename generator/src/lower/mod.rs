//! Every decision between the document and Rust, one file per decision.
//!
//! **Invariant:** after this room there is no `$ref`, and no name is made outside of [`name`]. What cannot be honoured
//! is a diagnostic with its place, never a rule that is dropped in silence.

mod assertion;
mod check;
mod content;
mod derive;
mod direction;
mod discriminator;
mod enumeration;
mod error_body;
mod error_format;
mod facet;
mod flow;
mod form;
mod kept;
mod kept_parts;
mod limit;
mod literal;
mod literal_fault;
mod message;
mod name;
mod object;
mod operation;
mod parameter;
mod part;
mod position;
mod recursion;
mod reference;
mod repeat;
mod resource;
mod response;
mod scalar;
mod schema;
mod secret;
mod security;
mod server;
mod shape;
mod size;
mod stream;
mod union;

use std::collections::{HashMap, HashSet, VecDeque};

use crate::{
    config::Options,
    diagnostic::Diagnostics,
    document::{Dialect, Document},
    ir::{Api, ClientNames, Docs, PatternDef, PatternId, TypeDef, Value},
    source::Sources,
};

use direction::{Directions, LeftOut};
use name::Names;
use reference::References;
use schema::Deferred;

/// Lowers a document to what is going to be generated. What it returns is complete only where no error was found.
pub(crate) fn lower(
    document: &Document,
    dialect: Dialect,
    sources: &mut Sources,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Api {
    let mut cx = Lowering {
        document,
        references: References::new(document, dialect, sources),
        options,
        diagnostics,
        names: Names::new(),
        directions: Directions::default(),
        types: Vec::new(),
        known: HashMap::new(),
        active: Vec::new(),
        depth: 0,
        deferred: VecDeque::new(),
        json_texts: HashSet::new(),
        patterns: Vec::new(),
        pattern_ids: HashMap::new(),
        members: 0,
        left_out: LeftOut::default(),
        spread: 0,
        coverage_left: None,
        schemas: 0,
        untyped: 0,
    };
    let operations = cx.find_operations();
    let events = cx.event_streams(&operations);
    cx.find_json_texts(&events);
    cx.reserve_components();
    cx.lower_components();
    let mut api = cx.lower_operations(&operations);
    api.title = document.info.title.to_string();
    api.version = document.info.version.to_string();
    api.base = cx.document_base();
    api.docs = Docs {
        summary: (!document.info.title.is_empty()).then(|| document.info.title.to_string()),
        description: document.info.description.as_deref().map(str::to_owned),
    };
    cx.keep_what_decides();
    cx.share_repeated();
    cx.break_cycles();
    cx.mark_accepts();
    cx.derive_traits();
    api.recursion_limit = cx.recursion_limit();
    api.type_order = cx.type_order();
    api.statistics = crate::ir::Statistics {
        schemas: cx.schemas,
        untyped: cx.untyped,
    };
    api.secrets = cx.secrets(&operations);
    // After all others, so that the document's own names come first.
    api.handlers = cx.names.reserve("Handlers", "handlers");
    api.client = options.client.then(|| cx.client_names());
    api.patterns = cx.patterns;
    api.types = cx.types;
    error_format::name_missing_fields(&mut api);
    api
}

impl Lowering<'_> {
    /// What the parts of the client are called, apart from all that its methods name.
    fn client_names(&mut self) -> ClientNames {
        let mut name = |wanted: [&str; 2]| {
            let free = wanted.into_iter().find(|it| self.names.is_free(it));
            self.names.reserve(free.unwrap_or(wanted[1]), "client")
        };
        ClientNames {
            client: name(["Client", "ApiClient"]),
            credentials: name(["Credentials", "ClientCredentials"]),
            transport: name(["T", "Transport"]),
        }
    }
}

/// What lowering knows on its way.
struct Lowering<'a> {
    document: &'a Document,
    references: References<'a>,
    options: &'a Options,
    diagnostics: &'a mut Diagnostics,
    names: Names,
    directions: Directions,
    types: Vec<TypeDef>,
    /// The value of each schema, or conjunction of schemas, that was lowered or is being lowered, by its key.
    known: HashMap<String, Value>,
    /// The conjunctions that are being lowered without a type of their own.
    active: Vec<String>,
    /// How many schemas are being lowered, each as a part of the one before.
    depth: usize,
    /// The types that were too deep to be defined at once.
    deferred: VecDeque<Deferred>,
    /// The schemas of strings that are typed as the JSON that they hold, by key.
    json_texts: HashSet<String>,
    patterns: Vec<PatternDef>,
    pattern_ids: HashMap<String, Option<PatternId>>,
    /// How deep in members lowering is: a member that nothing satisfies leaves the object itself possible.
    members: usize,
    /// The members of the value at hand that belong to the other direction, so that nothing may ask for them.
    left_out: LeftOut,
    /// How many branches were lowered with what stands beside their unions, for the schema with a name at hand.
    spread: usize,
    /// How many more schemas may be walked to tell what one evaluates, while that is being told.
    coverage_left: Option<usize>,
    /// How many schemas were lowered.
    schemas: usize,
    /// How many of them became `Json` although they say what they are.
    untyped: usize,
}
