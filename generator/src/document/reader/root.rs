//! The root of a document: version, metadata, servers, tags, paths and components.

use std::{collections::HashMap, rc::Rc};

use crate::{
    diagnostic::{Code, Diagnostics},
    document::{
        Components, Dialect, Document, Info, Members, OrReference, PathItem, PathTemplate, Schema,
        Tag, second_opinion, token,
    },
    source::{FileId, Mapping, Node, Place, Span, Value},
};

use super::{Field, Reader, check_security, fields, is_extension, push_extension};

pub(super) const ROOT: &[&str] = &[
    "openapi",
    "$self",
    "info",
    "jsonSchemaDialect",
    "servers",
    "paths",
    "webhooks",
    "components",
    "security",
    "tags",
    "externalDocs",
];
pub(super) const INFO: &[&str] = &[
    "title",
    "summary",
    "description",
    "termsOfService",
    "contact",
    "license",
    "version",
];
pub(super) const TAG: &[&str] = &[
    "name",
    "summary",
    "description",
    "externalDocs",
    "parent",
    "kind",
];
pub(super) const COMPONENTS: &[&str] = &[
    "schemas",
    "responses",
    "parameters",
    "examples",
    "requestBodies",
    "headers",
    "securitySchemes",
    "links",
    "callbacks",
    "pathItems",
    "mediaTypes",
];

/// Reads the entry document: the root of a file.
///
/// The dialect is the one by which fragments of the same file are to be read. `None` where there is nothing that could
/// be read as an OpenAPI 3 document.
pub fn read_document(
    root: &Rc<Node>,
    file: FileId,
    diagnostics: &mut Diagnostics,
) -> Option<(Document, Dialect)> {
    let place = Place::root(file);
    let mut reader = Reader::new(diagnostics, Dialect::V3_1);
    let mapping = reader.mapping(root, &place, "an OpenAPI document")?;
    reader.dialect = reader.version(mapping, &place)?;
    let document = reader.root(mapping, &place);
    if reader.dialect == Dialect::V3_0 {
        second_opinion::hear(mapping, &place, reader.diagnostics);
    }
    check_security(&document, reader.diagnostics);
    Some((document, reader.dialect))
}

impl Reader<'_> {
    fn version(&mut self, root: &Mapping, place: &Place) -> Option<Dialect> {
        if let Some(entry) = root.get("swagger") {
            self.error(
                Code::UnsupportedVersion,
                &place.join("swagger", entry.key_span),
                "this is a Swagger 2.0 document; OpenAPI 3.0 to 3.2 can be read",
            )
            .help("convert it to OpenAPI 3, for instance with Swagger Editor or `swagger2openapi`");
            return None;
        }
        let Some(entry) = root.get("openapi") else {
            self.error(
                Code::MissingField,
                place,
                "the document has no `openapi` field, which says its version",
            )
            .help("write `openapi: 3.1.1` at the root");
            // Reading on shows what else is wrong with a document that lacks nothing but this line.
            let likely = root.get("info").is_some() || root.get("paths").is_some();
            return likely.then_some(Dialect::V3_1);
        };
        let place = place.join("openapi", entry.key_span);
        let text: &str = match &entry.value.value {
            Value::String(text) => text,
            Value::Number(text) => {
                let patch = if text.matches('.').count() == 1 {
                    ".0"
                } else {
                    ""
                };
                self.error(
                    Code::WrongKind,
                    &place,
                    format!("`openapi` must be a string, found the number {text}"),
                )
                .help(format!("write `openapi: \"{text}{patch}\"`"));
                text
            }
            _ => {
                self.wrong_kind(&entry.value, &place, "`openapi`", "a string")
                    .help("write `openapi: \"3.1.1\"`");
                return None;
            }
        };
        let mut parts = text.splitn(3, '.');
        let dialect = match (parts.next(), parts.next()) {
            (Some("3"), Some("0")) => Dialect::V3_0,
            (Some("3"), Some("1")) => Dialect::V3_1,
            (Some("3"), Some("2")) => Dialect::V3_2,
            _ => {
                self.error(Code::UnsupportedVersion, &place, format!("`openapi` is `{text}`; OpenAPI 3.0 to 3.2 can be read"))
                    .help("write the version of the specification that the document follows, such as `openapi: 3.1.1`");
                return None;
            }
        };
        if parts.next().is_none() && matches!(entry.value.value, Value::String(_)) {
            self.warning(
                Code::InvalidValue,
                &place,
                format!("`openapi` is `{text}`, without a patch version"),
            )
            .help(format!("write `openapi: {text}.0`"));
        }
        Some(dialect)
    }

    fn root(&mut self, root: &Mapping, place: &Place) -> Document {
        let mut document = Document {
            place: place.clone(),
            openapi: Rc::from(""),
            info: Info::default(),
            servers: Vec::new(),
            paths: Vec::new(),
            webhooks: Vec::new(),
            components: Components::default(),
            security: None,
            tags: Vec::new(),
            extensions: Vec::new(),
        };
        for field in fields(root, place) {
            match &**field.key {
                "openapi" => {
                    document.openapi = match &field.node.value {
                        Value::String(text) => Rc::clone(text),
                        Value::Number(text) => Rc::from(&**text),
                        _ => continue,
                    }
                }
                "info" => document.info = self.info(&field),
                "servers" => document.servers = self.servers(&field),
                "paths" => document.paths = self.paths(&field),
                "webhooks" => document.webhooks = self.webhooks(&field),
                "components" => document.components = self.components(&field),
                "security" => document.security = self.security(&field),
                "tags" => document.tags = self.tag_objects(&field),
                "jsonSchemaDialect" => self.schema_dialect(&field),
                // References are resolved against it where they are followed.
                "$self" => {
                    self.newer_field(&field, Dialect::V3_2);
                    self.string(&field);
                }
                "externalDocs" => self.external_docs(&field),
                key if is_extension(key) => push_extension(&mut document.extensions, &field),
                _ => self.unknown_root_field(&field, root),
            }
        }
        if root.get("info").is_none() {
            self.error(Code::MissingField, place, "the document has no `info`")
                .help("write `info: {title: ..., version: \"...\"}`");
        }
        self.check_containers(root, place);
        self.check_operation_ids(&document);
        document
    }

    fn unknown_root_field(&mut self, field: &Field<'_>, root: &Mapping) {
        self.unknown_field(field, "the document", root, ROOT);
    }

    fn check_containers(&mut self, root: &Mapping, place: &Place) {
        let has = |names: &[&str]| names.iter().any(|name| root.get(name).is_some());
        if self.dialect == Dialect::V3_0 {
            if !has(&["paths"]) {
                self.error(
                    Code::MissingField,
                    place,
                    "the document has no `paths`, which OpenAPI 3.0 requires",
                )
                .help("write `paths: {}` where there are none");
            }
        } else if !has(&["paths", "components", "webhooks"]) {
            self.error(
                Code::MissingField,
                place,
                "the document has none of `paths`, `components` and `webhooks`",
            )
            .help("write `paths: {}` where there are none");
        }
    }

    fn info(&mut self, field: &Field<'_>) -> Info {
        let mut info = Info::default();
        let place = field.place();
        let Some(mapping) = self.mapping(field.node, &place, "`info`") else {
            return info;
        };
        for field in fields(mapping, &place) {
            match &**field.key {
                "title" => info.title = self.text(&field).unwrap_or_default(),
                "version" => info.version = self.text(&field).unwrap_or_default(),
                "description" => info.description = self.text(&field),
                "summary" => {
                    self.newer_field(&field, Dialect::V3_1);
                    self.text(&field);
                }
                "termsOfService" => {
                    self.text(&field);
                }
                "contact" => self.words(&field, &["name", "url", "email"]),
                "license" => self.words(&field, &["name", "identifier", "url"]),
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "the info object", mapping, INFO),
            }
        }
        for name in ["title", "version"] {
            if mapping.get(name).is_none() {
                self.error(
                    Code::MissingField,
                    &place,
                    format!("`info` has no `{name}`"),
                );
            }
        }
        info
    }

    /// An object of texts that no code depends on.
    fn words(&mut self, field: &Field<'_>, known: &[&'static str]) {
        let place = field.place();
        let what = format!("`{}`", field.key);
        let Some(mapping) = self.mapping(field.node, &place, &what) else {
            return;
        };
        for field in fields(mapping, &place) {
            if known.contains(&&**field.key) {
                self.text(&field);
            } else if !is_extension(field.key) {
                self.unknown_field(&field, &what, mapping, known);
            }
        }
    }

    pub(super) fn external_docs(&mut self, field: &Field<'_>) {
        self.words(field, &["description", "url"]);
    }

    fn schema_dialect(&mut self, field: &Field<'_>) {
        self.newer_field(field, Dialect::V3_1);
        self.dialect(field);
    }

    fn tag_objects(&mut self, field: &Field<'_>) -> Vec<Tag> {
        if self.is_blank(field) {
            return Vec::new();
        }
        let place = field.place();
        let items = self
            .items(field.node, &place, "`tags`")
            .into_iter()
            .flatten();
        let tags: Vec<Tag> = items
            .filter_map(|(node, place)| self.tag(node, &place))
            .collect();
        let names: Vec<_> = tags.iter().map(|tag| tag.name.clone()).collect();
        self.check_distinct(&place, &names, "`tags`");
        tags
    }

    fn tag(&mut self, node: &Node, place: &Place) -> Option<Tag> {
        let mapping = self.mapping(node, place, "a tag")?;
        let (mut name, mut description) = (None, None);
        for field in fields(mapping, place) {
            match &**field.key {
                "name" => name = self.located_string(&field),
                "description" => description = self.text(&field),
                "externalDocs" => self.external_docs(&field),
                "summary" | "parent" | "kind" => {
                    self.newer_field(&field, Dialect::V3_2);
                    self.text(&field);
                }
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "a tag", mapping, TAG),
            }
        }
        if mapping.get("name").is_none() {
            self.error(Code::MissingField, place, "the tag has no `name`");
        }
        let name = name?;
        Some(Tag { name, description })
    }

    fn paths(&mut self, field: &Field<'_>) -> Members<Rc<PathItem>> {
        let place = field.place();
        let Some(mapping) = self.mapping(field.node, &place, "`paths`") else {
            return Vec::new();
        };
        let mut paths = Vec::new();
        let mut shapes: HashMap<Vec<u8>, (Rc<str>, Span, usize)> = HashMap::new();
        for field in fields(mapping, &place).filter(|field| !is_extension(field.key)) {
            let place = field.place();
            let template = match PathTemplate::parse(field.key) {
                Ok(template) => template,
                Err(fault) => {
                    let help = if !field.key.starts_with('/') {
                        format!("write `/{}`", field.key)
                    } else if field.key.contains("}{") {
                        "put text between them, such as `/` or `-`".to_owned()
                    } else {
                        "write a path such as `/books/{id}`".to_owned()
                    };
                    self.error(
                        Code::InvalidPath,
                        &place,
                        format!("the path `{}` {fault}", field.key),
                    )
                    .help(help);
                    continue;
                }
            };
            if field.key.contains(['?', '#']) {
                self.warning(
                    Code::InvalidPath,
                    &place,
                    format!("the path `{}` has a query or fragment in it", field.key),
                )
                .label("no request has this path: what follows `?` or `#` is not part of it");
            }
            let Some(item) = self.read_path_item(field.node, &place) else {
                continue;
            };
            let shape = template.shape();
            if let Some((other, span, index)) = shapes.get(&shape) {
                let earlier: Option<&(Rc<str>, Rc<PathItem>)> = paths.get(*index);
                self.check_same_shape(
                    &field,
                    &item,
                    other,
                    *span,
                    earlier.map(|(_, item)| &**item),
                );
            } else {
                shapes.insert(shape, (Rc::clone(field.key), field.span, paths.len()));
            }
            paths.push((Rc::clone(field.key), item));
        }
        paths
    }

    /// Two paths that match the same requests: fine where only names and methods differ.
    fn check_same_shape(
        &mut self,
        field: &Field<'_>,
        item: &PathItem,
        other: &str,
        span: Span,
        earlier: Option<&PathItem>,
    ) {
        let key = field.key;
        let methods = |item: &PathItem| -> Vec<Rc<str>> {
            item.operations
                .iter()
                .map(|(method, _)| Rc::clone(method))
                .collect()
        };
        let earlier = earlier.map(methods).unwrap_or_default();
        let shared = methods(item)
            .into_iter()
            .find(|method| earlier.contains(method));
        let names = |text| {
            PathTemplate::parse(text)
                .map(|template| template.names().map(str::to_owned).collect::<Vec<_>>())
        };
        if let Some(method) = shared {
            self.error(
                Code::DuplicatePath,
                &field.place(),
                format!("`{key}` and `{other}` match the same requests, and both have `{method}`"),
            )
            .label("the same path again")
            .related(span, "first here")
            .help("join the two, or give one of them text of its own, as in `/books/by-title/{title}`");
        } else if names(key) == names(other) {
            self.error(
                Code::DuplicatePath,
                &field.place(),
                format!("`{key}` and `{other}` are the same path, percent-decoded"),
            )
            .label("the same path again")
            .related(span, "first here");
        } else {
            self.warning(
                Code::DuplicatePath,
                &field.place(),
                format!("`{key}` and `{other}` differ only in names; both are served, since their methods differ"),
            )
            .related(span, "first here");
        }
    }

    fn webhooks(&mut self, field: &Field<'_>) -> Members<Place> {
        self.newer_field(field, Dialect::V3_1);
        let place = field.place();
        let webhooks = self
            .fields(field.node, &place, "`webhooks`")
            .into_iter()
            .flatten();
        let mut names = Vec::new();
        for field in webhooks.filter(|field| !is_extension(field.key)) {
            let place = field.place();
            // Read for its diagnostics: what a server sends is not generated.
            self.read_path_item(field.node, &place);
            names.push((Rc::clone(field.key), place));
        }
        names
    }

    fn components(&mut self, field: &Field<'_>) -> Components {
        let mut components = Components::default();
        if self.is_blank(field) {
            return components;
        }
        let place = field.place();
        let Some(mapping) = self.mapping(field.node, &place, "`components`") else {
            return components;
        };
        for field in fields(mapping, &place) {
            match &**field.key {
                "schemas" => components.schemas = self.section(&field, Self::named_schema),
                "responses" => components.responses = self.section(&field, Self::read_response),
                "parameters" => components.parameters = self.section(&field, Self::read_parameter),
                "requestBodies" => {
                    components.request_bodies = self.section(&field, Self::read_request_body)
                }
                "headers" => components.headers = self.section(&field, Self::read_header),
                "securitySchemes" => {
                    components.security_schemes = self.section(&field, Self::read_security_scheme)
                }
                "pathItems" => {
                    if self.dialect == Dialect::V3_0 {
                        self.error(
                            Code::NewerField,
                            &field.place(),
                            "`pathItems` came with OpenAPI 3.1; this document says 3.0",
                        );
                    }
                    components.path_items = self.section(&field, Self::read_path_item);
                }
                "mediaTypes" => {
                    self.newer_field(&field, Dialect::V3_2);
                    self.section(&field, Self::read_media_type);
                }
                "examples" | "links" => {
                    self.section(&field, |reader, node, place| {
                        reader
                            .mapping(node, place, "an example or link")
                            .map(|_| ())
                    });
                }
                "callbacks" => {
                    self.section(&field, |reader, node, place| {
                        reader.callback(node, place);
                        Some(())
                    });
                }
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "`components`", mapping, COMPONENTS),
            }
        }
        components
    }

    /// One kind of components, by name.
    fn section<T>(
        &mut self,
        field: &Field<'_>,
        read: impl Fn(&mut Self, &Rc<Node>, &Place) -> Option<T>,
    ) -> Members<T> {
        if self.is_blank(field) {
            return Vec::new();
        }
        let place = field.place();
        let what = format!("`{}`", field.key);
        let mut members = Vec::new();
        for field in self.fields(field.node, &place, &what).into_iter().flatten() {
            if is_extension(field.key) && field.node.as_mapping().is_none() {
                continue;
            }
            let place = field.place();
            if !token::is_component_name(field.key) {
                self.error(
                    Code::InvalidComponentName,
                    &place,
                    format!("`{}` is not a component name", field.key.escape_debug()),
                )
                .label("letters, digits, `.`, `-` and `_` only");
            }
            if let Some(value) = read(self, field.node, &place) {
                members.push((Rc::clone(field.key), value));
            }
        }
        members
    }

    fn named_schema(&mut self, node: &Rc<Node>, place: &Place) -> Option<Rc<Schema>> {
        self.read_schema(node, place)
    }

    fn check_operation_ids(&mut self, document: &Document) {
        let mut seen: HashMap<Rc<str>, Span> = HashMap::new();
        let operations = document.paths.iter().flat_map(|(_, item)| &item.operations);
        for (_, operation) in operations {
            let OrReference::Inline(operation) = operation else {
                continue;
            };
            let Some(id) = &operation.operation_id else {
                continue;
            };
            if let Some(first) = seen.get(&id.value) {
                self.error(
                    Code::DuplicateOperationId,
                    &id.place,
                    format!(
                        "the operationId `{}` is used twice",
                        id.value.escape_debug()
                    ),
                )
                .label("again here")
                .related(*first, "first here");
            } else {
                seen.insert(Rc::clone(&id.value), id.place.span);
            }
        }
    }
}
