//! Path items, operations, request bodies and responses.

use std::rc::Rc;

use crate::{
    diagnostic::Code,
    document::{
        Dialect, Located, Operation, OrReference, Parameter, ParameterLocation, PathItem,
        RequestBody, Response, StatusKey,
    },
    source::{Mapping, Node, Place},
};

use super::{Field, Reader, fields, is_extension, push_extension};

pub(super) const PATH_ITEM: &[&str] = &[
    "$ref",
    "summary",
    "description",
    "get",
    "put",
    "post",
    "delete",
    "options",
    "head",
    "patch",
    "trace",
    "query",
    "additionalOperations",
    "servers",
    "parameters",
];
pub(super) const OPERATION: &[&str] = &[
    "tags",
    "summary",
    "description",
    "externalDocs",
    "operationId",
    "parameters",
    "requestBody",
    "responses",
    "callbacks",
    "deprecated",
    "security",
    "servers",
];
pub(super) const REQUEST_BODY: &[&str] = &["description", "content", "required"];
pub(super) const RESPONSE: &[&str] = &["summary", "description", "headers", "content", "links"];
pub(super) const LINK: &[&str] = &[
    "operationRef",
    "operationId",
    "parameters",
    "requestBody",
    "description",
    "server",
];

/// The methods that have a field of their own.
const METHODS: [&str; 9] = [
    "GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "QUERY",
];

impl Reader<'_> {
    /// Reads a path item.
    pub fn read_path_item(&mut self, node: &Rc<Node>, place: &Place) -> Option<Rc<PathItem>> {
        let mapping = self.mapping(node, place, "a path item")?;
        let mut item = PathItem {
            place: place.clone(),
            reference: None,
            parameters: Vec::new(),
            operations: Vec::new(),
            servers: Vec::new(),
        };
        for field in fields(mapping, place) {
            match &**field.key {
                "$ref" => item.reference = self.reference_target(&field),
                "summary" | "description" => {
                    self.text(&field);
                }
                "parameters" => item.parameters = self.parameters(&field),
                "servers" => item.servers = self.servers(&field),
                "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace" => {
                    let method = field.key.to_ascii_uppercase();
                    self.method(&mut item, &field, &method);
                }
                "query" => self.query_method(&mut item, &field),
                "additionalOperations" => self.additional_operations(&mut item, &field),
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "a path item", mapping, PATH_ITEM),
            }
        }
        Some(Rc::new(item))
    }

    fn query_method(&mut self, item: &mut PathItem, field: &Field<'_>) {
        if self.dialect < Dialect::V3_2 {
            let ours = self.dialect.as_str();
            self.error(
                Code::NewerField,
                &field.place(),
                format!("the method `query` came with OpenAPI 3.2; this document says {ours}"),
            )
            .help("write `openapi: 3.2.0` at the root of the document");
        }
        self.method(item, field, "QUERY");
    }

    fn additional_operations(&mut self, item: &mut PathItem, field: &Field<'_>) {
        self.newer_field(field, Dialect::V3_2);
        let place = field.place();
        for field in self
            .fields(field.node, &place, "`additionalOperations`")
            .into_iter()
            .flatten()
        {
            if let Some(method) = METHODS
                .iter()
                .find(|method| field.key.eq_ignore_ascii_case(method))
            {
                self.error(
                    Code::InvalidMethod,
                    &field.place(),
                    format!(
                        "`{}` has a field of its own and cannot be in `additionalOperations`",
                        field.key
                    ),
                )
                .help(format!(
                    "move it to `{}` of the path item",
                    method.to_ascii_lowercase()
                ));
            } else if !super::token::is_token(field.key) {
                let name = field.key.escape_debug();
                self.error(
                    Code::InvalidMethod,
                    &field.place(),
                    format!("`{name}` is not a method"),
                );
                continue;
            }
            self.method(item, &field, field.key);
        }
    }

    fn method(&mut self, item: &mut PathItem, field: &Field<'_>, method: &str) {
        let place = field.place();
        if field.node.get("$ref").is_some() {
            self.warning(
                Code::MisplacedReference,
                &place,
                format!("the operation `{}` is a `$ref`, which the specification does not allow; it is followed", field.key),
            )
            .help("put the `$ref` in place of the path item");
        }
        if let Some(operation) = self.read_operation(field.node, &place) {
            item.operations.push((Rc::from(method), operation));
        }
    }

    /// Reads an operation or, where the document has one in its place, a reference to it.
    pub fn read_operation(
        &mut self,
        node: &Rc<Node>,
        place: &Place,
    ) -> Option<OrReference<Operation>> {
        self.or_reference(node, place, Self::operation)
    }

    fn operation(&mut self, node: &Rc<Node>, place: &Place) -> Option<Operation> {
        let mapping = self.mapping(node, place, "an operation")?;
        let mut operation = Operation {
            place: place.clone(),
            operation_id: None,
            tags: Vec::new(),
            summary: None,
            description: None,
            deprecated: false,
            parameters: Vec::new(),
            request_body: None,
            responses: Vec::new(),
            security: None,
            servers: Vec::new(),
            extensions: Vec::new(),
        };
        for field in fields(mapping, place) {
            match &**field.key {
                "tags" => operation.tags = self.strings(&field).unwrap_or_default(),
                "summary" => operation.summary = self.text(&field),
                "description" => operation.description = self.text(&field),
                "externalDocs" => self.external_docs(&field),
                "operationId" => operation.operation_id = self.located_string(&field),
                "parameters" => operation.parameters = self.parameters(&field),
                "requestBody" => {
                    operation.request_body = self.read_request_body(field.node, &field.place())
                }
                "responses" => operation.responses = self.responses(&field),
                "callbacks" => self.callbacks(&field),
                "deprecated" => operation.deprecated = self.flag(&field).unwrap_or(false),
                "security" => operation.security = self.security(&field),
                "servers" => operation.servers = self.servers(&field),
                key if is_extension(key) => push_extension(&mut operation.extensions, &field),
                _ => self.unknown_field(&field, "an operation", mapping, OPERATION),
            }
        }
        if self.dialect == Dialect::V3_0 && mapping.get("responses").is_none() {
            self.warning(
                Code::MissingField,
                place,
                "the operation has no `responses`, which OpenAPI 3.0 requires",
            )
            .help("write `responses: {default: {description: ...}}`");
        }
        Some(operation)
    }

    /// Callbacks are requests that the server sends; they are read for their diagnostics.
    fn callbacks(&mut self, field: &Field<'_>) {
        if self.is_blank(field) {
            return;
        }
        let place = field.place();
        for field in self
            .fields(field.node, &place, "`callbacks`")
            .into_iter()
            .flatten()
        {
            if !is_extension(field.key) {
                self.callback(field.node, &field.place());
            }
        }
    }

    pub(super) fn callback(&mut self, node: &Rc<Node>, place: &Place) {
        if self
            .reference(node, place, &["summary", "description"])
            .is_ok()
        {
            return;
        }
        for field in self.fields(node, place, "a callback").into_iter().flatten() {
            if !is_extension(field.key) {
                self.read_path_item(field.node, &field.place());
            }
        }
    }

    /// Reads a request body or a reference to one.
    pub fn read_request_body(
        &mut self,
        node: &Rc<Node>,
        place: &Place,
    ) -> Option<OrReference<RequestBody>> {
        self.or_reference(node, place, Self::request_body)
    }

    fn request_body(&mut self, node: &Rc<Node>, place: &Place) -> Option<RequestBody> {
        let mapping = self.mapping(node, place, "a request body")?;
        let mut body = RequestBody {
            place: place.clone(),
            description: None,
            required: false,
            content: Vec::new(),
        };
        for field in fields(mapping, place) {
            match &**field.key {
                "description" => body.description = self.text(&field),
                "required" => body.required = self.flag(&field).unwrap_or(false),
                "content" => {
                    body.content = self.content(&field);
                    if field
                        .node
                        .as_mapping()
                        .is_some_and(|mapping| mapping.entries().is_empty())
                    {
                        self.error(
                            Code::EmptyContent,
                            &field.place(),
                            "the `content` of a request body is empty",
                        )
                        .label("no body can be sent")
                        .help("name a media type, such as `application/json: {schema: ...}`");
                    }
                }
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "a request body", mapping, REQUEST_BODY),
            }
        }
        if mapping.get("content").is_none() {
            self.error(
                Code::MissingField,
                place,
                "the request body has no `content`",
            )
            .help("name a media type, such as `content: {application/json: {schema: ...}}`");
        }
        Some(body)
    }

    fn responses(&mut self, field: &Field<'_>) -> Vec<(Located<StatusKey>, OrReference<Response>)> {
        let place = field.place();
        let Some(mapping) = self.mapping(field.node, &place, "`responses`") else {
            return Vec::new();
        };
        let mut responses = Vec::new();
        for field in fields(mapping, &place).filter(|field| !is_extension(field.key)) {
            let place = field.place();
            let Some(status) = status_key(field.key) else {
                self.invalid_status(&field, &place);
                continue;
            };
            if let Some(response) = self.read_response(field.node, &place) {
                responses.push((
                    Located {
                        value: status,
                        place,
                    },
                    response,
                ));
            }
        }
        if mapping.entries().is_empty() {
            self.warning(Code::EmptyList, &place, "`responses` is empty")
                .help("write at least `default: {description: ...}`");
        }
        responses
    }

    fn invalid_status(&mut self, field: &Field<'_>, place: &Place) {
        let key = field.key.escape_debug();
        let diagnostic = self
            .error(
                Code::InvalidStatus,
                place,
                format!("`{key}` is not a status"),
            )
            .label("expected `100` to `599`, `1XX` to `5XX` or `default`");
        if status_key(&field.key.to_ascii_uppercase()).is_some() {
            diagnostic.help(format!("write `{}`", field.key.to_ascii_uppercase()));
        }
    }

    /// Reads a response or a reference to one.
    pub fn read_response(
        &mut self,
        node: &Rc<Node>,
        place: &Place,
    ) -> Option<OrReference<Response>> {
        self.or_reference(node, place, Self::response)
    }

    fn response(&mut self, node: &Rc<Node>, place: &Place) -> Option<Response> {
        let mapping = self.mapping(node, place, "a response")?;
        let mut response = Response {
            place: place.clone(),
            description: None,
            headers: Vec::new(),
            content: Vec::new(),
        };
        for field in fields(mapping, place) {
            match &**field.key {
                "description" => response.description = self.text(&field),
                "summary" => {
                    self.newer_field(&field, Dialect::V3_2);
                    self.text(&field);
                }
                "headers" => response.headers = self.headers(&field),
                "content" => response.content = self.content(&field),
                "links" => self.links(&field),
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "a response", mapping, RESPONSE),
            }
        }
        if self.dialect < Dialect::V3_2 && mapping.get("description").is_none() {
            self.warning(
                Code::MissingField,
                place,
                "the response has no `description`",
            );
        }
        Some(response)
    }

    /// Links describe what a client may do next; they are read for their diagnostics.
    fn links(&mut self, field: &Field<'_>) {
        if self.is_blank(field) {
            return;
        }
        let place = field.place();
        for field in self
            .fields(field.node, &place, "`links`")
            .into_iter()
            .flatten()
        {
            let place = field.place();
            if is_extension(field.key)
                || self
                    .reference(field.node, &place, &["summary", "description"])
                    .is_ok()
            {
                continue;
            }
            let Some(link) = self.mapping(field.node, &place, "a link") else {
                continue;
            };
            self.check_link(link, &place);
        }
    }

    fn check_link(&mut self, link: &Mapping, place: &Place) {
        for field in fields(link, place) {
            if !is_extension(field.key) && !LINK.contains(&&**field.key) {
                self.unknown_field(&field, "a link", link, LINK);
            }
        }
    }

    /// Reads a list of parameters, each distinct.
    pub(super) fn parameters(&mut self, field: &Field<'_>) -> Vec<OrReference<Parameter>> {
        if self.is_blank(field) {
            return Vec::new();
        }
        let place = field.place();
        let items = self
            .items(field.node, &place, "`parameters`")
            .into_iter()
            .flatten();
        let parameters: Vec<_> = items
            .filter_map(|(node, place)| self.read_parameter(node, &place))
            .collect();
        self.check_parameters(&parameters);
        parameters
    }

    fn check_parameters(&mut self, parameters: &[OrReference<Parameter>]) {
        let inline = || {
            parameters.iter().filter_map(|parameter| match parameter {
                OrReference::Inline(parameter) => Some(parameter),
                OrReference::Reference(_) => None,
            })
        };
        let mut seen: std::collections::HashMap<(ParameterLocation, String), &Parameter> =
            std::collections::HashMap::new();
        for parameter in inline() {
            let name = match parameter.location {
                ParameterLocation::Header => parameter.name.value.to_ascii_lowercase(),
                _ => parameter.name.value.to_string(),
            };
            if let Some(first) = seen.get(&(parameter.location, name.clone())) {
                self.error(
                    Code::DuplicateParameter,
                    &parameter.place,
                    format!(
                        "the parameter `{}` is declared twice",
                        parameter.name.value.escape_debug()
                    ),
                )
                .label("again here")
                .related(first.place.span, "first here");
            } else {
                seen.insert((parameter.location, name), parameter);
            }
        }
        let querystring =
            inline().find(|parameter| parameter.location == ParameterLocation::Querystring);
        let query = inline().find(|parameter| parameter.location == ParameterLocation::Query);
        if let (Some(querystring), Some(query)) = (querystring, query) {
            self.error(
                Code::DuplicateParameter,
                &querystring.place,
                "a parameter `in: querystring` is the whole query and cannot stand beside one `in: query`",
            )
            .related(query.place.span, "this one is in the query");
        }
    }
}

/// `200`, `4XX` or `default` (OAS 3.2, Responses Object).
fn status_key(key: &str) -> Option<StatusKey> {
    match key.as_bytes() {
        b"default" => Some(StatusKey::Default),
        [digit @ b'1'..=b'5', b'X', b'X'] => Some(StatusKey::Range(digit - b'0')),
        [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => key.parse().ok().map(StatusKey::Status),
        _ => None,
    }
}
