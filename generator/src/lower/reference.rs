//! References: what a `$ref` leads to, and the names of schemas that are led to.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use super::{
    name::{self, Names},
    resource::{Lookup, Resources},
};
use crate::{
    diagnostic::{Code, Diagnostics},
    document::{
        Dialect, Document, Header, MediaType, Operation, OrReference, Parameter, PathItem, Reader,
        Reference, RequestBody, Response, Schema, Scope, SecurityScheme,
    },
    source::{FileId, Node, Place, Sources, walk, walk_from},
};

/// Follows references, each only once.
pub(super) struct References<'a> {
    sources: &'a mut Sources,
    dialect: Dialect,
    /// What was found by file and pointer.
    schemas: HashMap<String, Option<Rc<Schema>>>,
    /// The places that were reported as leading nowhere.
    reported: HashSet<String>,
    /// The Rust names of schemas by key.
    names: HashMap<String, String>,
    /// The keys of the entry document's component schemas.
    components: HashSet<String>,
    /// Where each pointer of a named schema stands.
    places: HashMap<String, Place>,
    resources: Resources,
}

/// What a schema is known by: its file and pointer, and the dynamic scope that it is read in.
pub(super) fn key(place: &Place, scope: Scope) -> String {
    let mut key = format!("{}#{}", place.span.file.0, place.pointer);
    if scope != Scope::default() {
        key.push_str(&format!(" in scope {}", scope.0));
    }
    key
}

impl<'a> References<'a> {
    pub(super) fn new(document: &Document, dialect: Dialect, sources: &'a mut Sources) -> Self {
        let mut references = Self {
            sources,
            dialect,
            schemas: HashMap::new(),
            reported: HashSet::new(),
            names: HashMap::new(),
            components: HashSet::new(),
            places: HashMap::new(),
            resources: Resources::default(),
        };
        // The entry document is the first file.
        if let Some(root) = references.sources.root_of(FileId(0)) {
            references.look_through(FileId(0), &root);
        }
        for (_, schema) in &document.components.schemas {
            let key = super::schema::key(schema);
            references
                .places
                .insert(schema.place.pointer.to_string(), schema.place.clone());
            references.components.insert(key.clone());
            references.schemas.insert(key, Some(Rc::clone(schema)));
        }
        references
    }

    /// The schema that a reference leads to; `None` where it leads nowhere, which was reported.
    pub(super) fn schema(
        &mut self,
        reference: &Reference,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rc<Schema>> {
        let (node, place, resource) = self.locate(reference, diagnostics)?;
        let scope = self
            .resources
            .scope(reference, &place, resource.as_deref(), self.sources);
        let key = key(&place, scope);
        if let Some(known) = self.schemas.get(&key) {
            return known.clone();
        }
        self.expect_kind(reference, &place, "schemas", diagnostics)?;
        let schema = Reader::new(diagnostics, self.dialect)
            .in_scope(scope)
            .read_schema(&node, &place);
        if let Some(schema) = &schema {
            self.places
                .insert(schema.place.pointer.to_string(), schema.place.clone());
        }
        self.schemas.insert(key, schema.clone());
        schema
    }

    /// Whether the schema is one of the entry document's components.
    pub(super) fn is_component(&self, key: &str) -> bool {
        self.components.contains(key)
    }

    /// Gives a schema its Rust name.
    pub(super) fn name_schema(&mut self, key: &str, name: String) {
        self.names.insert(key.to_owned(), name);
    }

    /// The Rust name of a schema that a reference leads to; made from its pointer where it is no component.
    pub(super) fn schema_name(&mut self, schema: &Rc<Schema>, names: &mut Names) -> String {
        let key = super::schema::key(schema);
        if let Some(name) = self.names.get(&key) {
            return name.clone();
        }
        let tokens = schema.place.pointer.tokens();
        let stem = self.stem(schema.place.span.file);
        let wanted = match tokens.as_slice() {
            [] => name::type_name(&stem),
            ["components", _, own] | ["definitions" | "$defs", own] | [own] => name::type_name(own),
            tokens => {
                // The way to it without the words of the specification, which say nothing.
                let words: Vec<&str> = tokens
                    .iter()
                    .copied()
                    .filter(|it| {
                        !matches!(
                            *it,
                            "components"
                                | "schemas"
                                | "schema"
                                | "properties"
                                | "content"
                                | "paths"
                        )
                    })
                    .collect();
                name::type_name(&words.join(" "))
            }
        };
        let wanted = match schema.scope {
            scope if scope == Scope::default() => wanted,
            scope => name::type_name(&format!("{} {wanted}", self.resources.scope_name(scope))),
        };
        let name = names.reserve(&wanted, &key);
        self.name_schema(&key, name.clone());
        name
    }

    fn stem(&self, file: FileId) -> String {
        let name = self.sources.name(file);
        let base = name.rsplit('/').next().unwrap_or(name);
        base.split('.').next().unwrap_or(base).to_owned()
    }

    /// Whether something is said for the first time.
    pub(super) fn is_news(&mut self, what: String) -> bool {
        self.reported.insert(what)
    }

    /// The schema of this file and pointer, where a reference led to it or it is a component.
    pub(super) fn known_schema(&self, key: &str) -> Option<Rc<Schema>> {
        self.schemas.get(key).cloned().flatten()
    }

    /// Where a schema with this pointer stands.
    pub(super) fn place_of(&self, pointer: &str) -> Option<Place> {
        self.places.get(pointer).cloned()
    }

    pub(super) fn parameter(
        &mut self,
        it: &OrReference<Parameter>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rc<Parameter>> {
        self.object(
            it,
            "parameters",
            |reader, node, place| reader.read_parameter(node, place),
            diagnostics,
        )
    }

    pub(super) fn header(
        &mut self,
        it: &OrReference<Header>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rc<Header>> {
        self.object(
            it,
            "headers",
            |reader, node, place| reader.read_header(node, place),
            diagnostics,
        )
    }

    pub(super) fn request_body(
        &mut self,
        it: &OrReference<RequestBody>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rc<RequestBody>> {
        self.object(
            it,
            "requestBodies",
            |reader, node, place| reader.read_request_body(node, place),
            diagnostics,
        )
    }

    pub(super) fn response(
        &mut self,
        it: &OrReference<Response>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rc<Response>> {
        self.object(
            it,
            "responses",
            |reader, node, place| reader.read_response(node, place),
            diagnostics,
        )
    }

    pub(super) fn media_type(
        &mut self,
        it: &OrReference<MediaType>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rc<MediaType>> {
        self.object(
            it,
            "mediaTypes",
            |reader, node, place| reader.read_media_type(node, place),
            diagnostics,
        )
    }

    pub(super) fn operation(
        &mut self,
        it: &OrReference<Operation>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rc<Operation>> {
        self.object(
            it,
            "operations",
            |reader, node, place| reader.read_operation(node, place),
            diagnostics,
        )
    }

    pub(super) fn security_scheme(
        &mut self,
        it: &OrReference<SecurityScheme>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rc<SecurityScheme>> {
        self.object(
            it,
            "securitySchemes",
            |reader, node, place| reader.read_security_scheme(node, place),
            diagnostics,
        )
    }

    /// What a reference leads to is known by, and a name for it: the last token of its pointer, or its file's.
    pub(super) fn target(
        &mut self,
        reference: &Reference,
        diagnostics: &mut Diagnostics,
    ) -> Option<(String, String)> {
        let (_, place) = self.node(reference, diagnostics)?;
        let name = match place.pointer.last() {
            Some(token) => token.to_owned(),
            None => self.stem(place.span.file),
        };
        Some((format!("{}#{}", place.span.file.0, place.pointer), name))
    }

    /// The path item that a reference leads to.
    pub(super) fn path_item(
        &mut self,
        reference: &Reference,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rc<PathItem>> {
        let (node, place) = self.node(reference, diagnostics)?;
        self.expect_kind(reference, &place, "pathItems", diagnostics)?;
        Reader::new(diagnostics, self.dialect).read_path_item(&node, &place)
    }

    /// Follows references until an object stands there.
    fn object<T>(
        &mut self,
        it: &OrReference<T>,
        section: &str,
        read: impl Fn(&mut Reader<'_>, &Rc<Node>, &Place) -> Option<OrReference<T>>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rc<T>> {
        let first = match it {
            OrReference::Inline(object) => return Some(Rc::clone(object)),
            OrReference::Reference(reference) => reference,
        };
        let mut reference = first.clone();
        // What was reached, each with the reference that leads on from it.
        let mut seen: Vec<(String, Reference)> = Vec::new();
        loop {
            let (node, place) = self.node(&reference, diagnostics)?;
            let spot = format!("{}#{}", place.span.file.0, place.pointer);
            if let Some((_, out)) = seen.iter().find(|(known, _)| *known == spot) {
                if self.is_news(format!("cycle {spot}")) {
                    diagnostics
                        .error(
                            Code::ReferenceCycle,
                            &out.place,
                            "this reference leads back to itself",
                        )
                        .label("nothing but references stands on the way")
                        .help("write out one of those that it leads to");
                }
                return None;
            }
            self.expect_kind(&reference, &place, section, diagnostics)?;
            match read(&mut Reader::new(diagnostics, self.dialect), &node, &place)? {
                OrReference::Inline(object) => return Some(object),
                OrReference::Reference(next) => {
                    seen.push((spot, next.clone()));
                    reference = next;
                }
            }
        }
    }

    /// Looks a file through for schema resources; whether it was new.
    fn look_through(&mut self, file: FileId, root: &Rc<Node>) -> bool {
        self.resources.add(file, root, self.sources)
    }

    /// The node that a reference leads to, and its place.
    fn node(
        &mut self,
        reference: &Reference,
        diagnostics: &mut Diagnostics,
    ) -> Option<(Rc<Node>, Place)> {
        let (node, place, _) = self.locate(reference, diagnostics)?;
        Some((node, place))
    }

    /// The node that a reference leads to, its place, and the URI of its resource where that is known by one.
    fn locate(
        &mut self,
        reference: &Reference,
        diagnostics: &mut Diagnostics,
    ) -> Option<(Rc<Node>, Place, Option<String>)> {
        let from = reference.place.span.file;
        let spot = format!("{}#{}", from.0, reference.place.pointer);
        // A reference is followed from several rooms; what is wrong with it is said once.
        let quiet = self.reported.contains(&spot);
        let mut unheard = Diagnostics::new();
        let diagnostics = if quiet { &mut unheard } else { diagnostics };
        let mut found = self.resources.find(reference, self.sources);
        let target = match &found {
            Lookup::Uri(uri) => uri.clone(),
            _ => reference.target.to_string(),
        };
        let mut walked = None;
        if matches!(found, Lookup::File | Lookup::Uri(_)) {
            let loaded = self
                .sources
                .load_relative(from, &target, &reference.place, diagnostics);
            let Some((file, root)) = loaded else {
                self.reported.insert(spot);
                return None;
            };
            if self.look_through(file, &root) {
                // What a file says of itself is known only once it is read.
                found = self.resources.find(reference, self.sources);
            }
            let (_, fragment) = target.split_once('#').unwrap_or_default();
            walked = Some(walk(&root, file, fragment).or_else(|error| {
                let named = self.resources.anchor(file, fragment, self.sources);
                named.map(|it| (it.node, it.place)).ok_or(error)
            }));
        }
        let walked = match (found, walked) {
            (Lookup::Found(spot, resource), _) => {
                return Some((spot.node, spot.place, Some(resource)));
            }
            (Lookup::Within(root, fragment, resource), _) => {
                if fragment.is_empty() {
                    return Some((root.node, root.place, Some(resource)));
                }
                walk_from(&root.node, root.place, &fragment)
            }
            (_, walked) => walked?,
        };
        match walked {
            Ok((node, place)) => Some((node, place, None)),
            Err(error) => {
                error.report(&reference.target, &reference.place, diagnostics);
                self.reported.insert(spot);
                None
            }
        }
    }

    /// Refuses a reference into the section of another kind of object.
    fn expect_kind(
        &mut self,
        reference: &Reference,
        place: &Place,
        section: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<()> {
        let tokens = place.pointer.tokens();
        let ["components", found, _] = tokens.as_slice() else {
            return Some(());
        };
        if *found == section || section == "operations" || section == "mediaTypes" {
            return Some(());
        }
        let spot = format!(
            "{}#{}",
            reference.place.span.file.0, reference.place.pointer
        );
        let first = self.reported.insert(spot);
        // A header is a parameter without name and location, so what is meant is clear.
        if section == "headers" && *found == "parameters" {
            if first {
                diagnostics
                    .warning(
                        Code::WrongReference,
                        &reference.place,
                        "this header is described by a parameter",
                    )
                    .help("move the description to `#/components/headers`");
            }
            return Some(());
        }
        if first {
            diagnostics
                .error(
                    Code::WrongReference,
                    &reference.place,
                    format!("expected a reference to `#/components/{section}`, found one to `#/components/{found}`"),
                )
                .label(format!("leads to one of the `{found}`"))
                .related(place.span, "this is what it leads to")
                .help(format!("refer to one of `#/components/{section}`, or move what is meant there"));
        }
        None
    }
}
