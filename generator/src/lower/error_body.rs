//! Whether the errors that the runtime itself answers with are what the document declares; where they are not, the user
//! makes their bodies.

use std::{collections::BTreeSet, rc::Rc};

use super::{Lowering, name, operation::Found};
use crate::{
    diagnostic::Code,
    document::{Response as DocumentResponse, Schema, StatusKey},
    ir::{Api, Content, ErrorBody, ErrorFormat, MediaContent, Operation, Response, Status, Type},
    source::{Entry, Mapping, Node, Place, Span, Value},
};

/// What has to be so of an operation.
type Applies = fn(&Operation) -> bool;

/// The statuses of the runtime's own errors, and what has to be so of an operation that is answered with them.
const STATUSES: [(u16, Applies); 13] = [
    (400, has_body),
    (401, is_secured),
    (403, is_secured),
    (406, has_content),
    (408, has_body),
    (412, may_send_file),
    (413, has_body),
    (415, has_body),
    (416, may_send_file),
    (422, |operation| operation.request.is_some()),
    (500, |_| true),
    (503, |_| true),
    // For another method of the same path.
    (405, |_| true),
];

fn has_body(operation: &Operation) -> bool {
    let request = operation.request.as_ref();
    request.is_some_and(|request| request.body.is_some())
}

fn is_secured(operation: &Operation) -> bool {
    !operation.security.is_empty()
}

/// Whether a client may ask for a version or a part of what it is sent. That it is a file is the handler's to say, and what
/// the protocol itself answers then need not be declared: it is no property of the operation (RFC 9110, sections 13 and 14).
fn may_send_file(operation: &Operation) -> bool {
    let mut bodies = operation.successes().iter().flat_map(|it| &it.body);
    operation.method == "GET"
        && bodies.any(|body| body.list.iter().any(|it| it.content.is_byte_stream()))
}

/// Whether a client may accept none of the media types of the successes.
fn has_content(operation: &Operation) -> bool {
    operation.successes().iter().all(|it| it.body.is_some())
}

impl Lowering<'_> {
    /// Compares every status that the runtime answers with by itself with the response that an operation declares.
    pub(super) fn compare_errors(&mut self, found: &[Found], api: &mut Api) {
        let mut undeclared = BTreeSet::new();
        let mut declares_errors = false;
        for (index, found) in found.iter().enumerate() {
            let Some(operation) = api.operations.get(index) else {
                continue;
            };
            let statuses: Vec<u16> = STATUSES
                .iter()
                .filter(|(_, applies)| applies(operation))
                .map(|(status, _)| *status)
                .collect();
            let declared = &found.operation.responses;
            declares_errors |= declared.iter().any(|(key, _)| {
                !matches!(key.value, StatusKey::Status(..400) | StatusKey::Range(..4))
            });
            let mut bodies: Vec<(u16, usize)> = Vec::new();
            let mut missing = Vec::new();
            for status in statuses {
                let keys = [
                    StatusKey::Status(status),
                    StatusKey::Range((status / 100) as u8),
                    StatusKey::Default,
                ];
                let response = keys
                    .iter()
                    .find_map(|key| declared.iter().find(|(declared, _)| declared.value == *key));
                let Some((key, response)) = response else {
                    // No operation is answered with 405.
                    if matches!(status, 405 | 412 | 416) {
                        continue;
                    }
                    missing.push(status);
                    // Whatever stands between client and server may answer the others, and no document says so; and who
                    // accepts nothing of what there is knows it.
                    if status < 500 && !matches!(status, 406 | 408) {
                        undeclared.insert(status);
                    }
                    continue;
                };
                let Some(response) = self.references.response(response, self.diagnostics) else {
                    continue;
                };
                // Where only a range or `default` takes in 405, it is about the operation itself, which has none.
                if status != 405 || key.value == StatusKey::Status(405) {
                    self.compare_headers(status, &response);
                }
                if self.fits_runtime(status, &response, api.error_format) {
                    continue;
                }
                let lowered = api.operations.get(index).and_then(|operation| {
                    let status = lowered_status(key.value);
                    operation
                        .responses()
                        .find(|it| it.status == status)
                        .cloned()
                });
                let body =
                    lowered.and_then(|it| self.error_body(&it, status, &response.place, api));
                bodies.extend(body.map(|body| (status, body)));
            }
            if let Some(operation) = api.operations.get_mut(index) {
                operation.error_bodies = bodies;
                operation.undeclared = missing;
            }
        }
        // Who documents no error at all documents something else.
        if declares_errors
            && api.error_format == ErrorFormat::Problem
            && !undeclared.is_empty()
            && !self.options.document_errors
        {
            let list: Vec<String> = undeclared.iter().map(u16::to_string).collect();
            let first = found
                .iter()
                .zip(&api.operations)
                .find(|(_, operation)| !operation.undeclared.is_empty());
            let Some((first, _)) = first else { return };
            let place = first.operation.place.clone();
            self.diagnostics
                .warning(
                    Code::UndeclaredStatus,
                    &place,
                    format!(
                        "operations do not declare statuses that the server answers by itself: {}",
                        list.join(", ")
                    ),
                )
                .help("declare them, or a `default`; `Generator::document_errors` adds them to the document as it is served");
        }
    }

    /// Tells the headers that a response requires and the runtime does not send.
    fn compare_headers(&mut self, status: u16, response: &DocumentResponse) {
        for (name, header) in &response.headers {
            let Some(header) = self.references.header(header, self.diagnostics) else {
                continue;
            };
            let place = &name.place;
            if !header.required || is_sent(status, &name.value) {
                continue;
            }
            // Many operations may have the response, and it may be for many statuses.
            let spot = format!("error header {}#{}", place.span.file.0, place.pointer);
            if self.references.is_news(spot) {
                self.diagnostics
                    .warning(
                        Code::ErrorHeader,
                        place,
                        format!(
                            "the server answers {status} by itself, without this required header"
                        ),
                    )
                    .help("add it with a layer (`App::layer`), or leave out `required: true`");
            }
        }
    }

    /// Whether what the runtime answers is what the response declares.
    fn fits_runtime(
        &mut self,
        status: u16,
        response: &DocumentResponse,
        format: ErrorFormat,
    ) -> bool {
        if response.content.is_empty() {
            // Nothing is said of a body.
            return true;
        }
        let wanted = match format {
            ErrorFormat::Problem => "application/problem+json",
            ErrorFormat::FastApi => "application/json",
        };
        let found = response.content.iter().find(|(media_type, _)| {
            let essence = media_type
                .value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim();
            essence.eq_ignore_ascii_case(wanted) || ["application/*", "*/*"].contains(&essence)
        });
        let Some((_, media_type)) = found else {
            return false;
        };
        let Some(media_type) = self.references.media_type(media_type, self.diagnostics) else {
            return true;
        };
        let Some(schema) = media_type.schema.clone() else {
            return true;
        };
        let span = response.place.span;
        samples(status, format, span)
            .iter()
            .all(|sample| self.is_accepted(&schema, sample))
    }

    fn is_accepted(&mut self, schema: &Rc<Schema>, sample: &Node) -> bool {
        self.literal_fault(schema, sample).is_none()
    }

    /// The body that the user makes of errors that have this response; `None` where nothing can be made of it.
    fn error_body(
        &mut self,
        response: &Response,
        status: u16,
        place: &Place,
        api: &mut Api,
    ) -> Option<usize> {
        let contents = &response.body.as_ref()?.list;
        let is = |wanted: fn(&Content) -> bool| contents.iter().find(|it| wanted(&it.content));
        let chosen = is(|it| matches!(it, Content::Json(_)))
            .or_else(|| is(|it| matches!(it, Content::Text(_))))?;
        let media_type = chosen.media_types.first()?.clone();
        let content = MediaContent {
            variant: chosen.variant.clone(),
            media_types: vec![media_type],
            content: chosen.content.clone(),
        };
        let known = api.error_bodies.iter().position(|it| {
            it.content.content == content.content && it.content.media_types == content.media_types
        });
        if known.is_some() {
            return known;
        }
        // What comes in several media types is made by one method.
        let mut alike = api.error_bodies.iter();
        let alike = alike.find(|it| it.content.content == content.content);
        if let Some(name) = alike.map(|it| it.name.clone()) {
            api.error_bodies.push(ErrorBody { name, content });
            return Some(api.error_bodies.len() - 1);
        }
        let wanted = match &content.content {
            Content::Json(value) | Content::Text(value) => match &value.ty {
                Type::Named(id) => self.types.get(id.0).map(|def| name::value_name(&def.name)),
                _ => None,
            },
            _ => None,
        };
        let wanted = wanted.unwrap_or_else(|| "error_body".to_owned());
        let mut names: Vec<String> = Vec::new();
        for body in &api.error_bodies {
            if !names.contains(&body.name) {
                names.push(body.name.clone());
            }
        }
        names.push(wanted);
        name::distinct(&mut names);
        let name = names.pop()?;
        self.diagnostics
            .warning(
                Code::ErrorBody,
                place,
                format!(
                    "the server answers {status} by itself, and with another body than is declared"
                ),
            )
            .label(format!(
                "`ErrorBodies::{name}`, which you implement, makes it"
            ));
        api.error_bodies.push(ErrorBody { name, content });
        Some(api.error_bodies.len() - 1)
    }
}

/// Whether the runtime's own errors of this status have a header.
fn is_sent(status: u16, header: &str) -> bool {
    let header = header.to_ascii_lowercase();
    match &*header {
        "content-type" | "content-length" | "date" | "x-request-id" => true,
        "www-authenticate" => status == 401,
        "allow" => status == 405,
        "vary" => status == 406,
        "accept" => status == 415,
        "content-range" => status == 416,
        _ => false,
    }
}

fn lowered_status(key: StatusKey) -> Status {
    match key {
        StatusKey::Status(code) => Status::Code(code),
        StatusKey::Range(digit) => Status::Range(digit),
        StatusKey::Default => Status::Default,
    }
}

/// Errors as the runtime writes them: one with all members that it may have, and one with those that it always has.
fn samples(status: u16, format: ErrorFormat, span: Span) -> Vec<Node> {
    let node = |value| Node { span, value };
    let text = |text: &str| node(Value::String(text.into()));
    let number = |number: u16| node(Value::Number(number.to_string().into()));
    let object = |members: Vec<(&str, Node)>| {
        let entries = members.into_iter().map(|(key, value)| Entry {
            key: key.into(),
            key_span: span,
            value: Rc::new(value),
        });
        node(Value::Mapping(Mapping::new(entries.collect())))
    };
    let list = |items: Vec<Node>| node(Value::Sequence(items.into_iter().map(Rc::new).collect()));
    let title = || {
        let status = http::StatusCode::from_u16(status).ok();
        status
            .and_then(|it| it.canonical_reason())
            .unwrap_or("Error")
    };
    match (format, status) {
        (ErrorFormat::FastApi, 422) => {
            let location = list(vec![text("body"), text("items"), number(0)]);
            let violation = object(vec![
                ("type", text("missing")),
                ("loc", location),
                ("msg", text("Field required")),
            ]);
            vec![object(vec![("detail", list(vec![violation]))])]
        }
        (ErrorFormat::FastApi, _) => vec![object(vec![("detail", text(title()))])],
        (ErrorFormat::Problem, 422) => {
            let of_parameter = object(vec![
                ("in", text("query")),
                ("name", text("limit")),
                ("code", text("maximum")),
                ("detail", text("must be at most 9")),
            ]);
            let of_body = object(vec![
                ("in", text("body")),
                ("pointer", text("/items/0")),
                ("code", text("required")),
                ("detail", text("is required")),
            ]);
            vec![object(vec![
                ("title", text(title())),
                ("status", number(status)),
                ("detail", text("2 violations")),
                ("errors", list(vec![of_parameter, of_body])),
            ])]
        }
        (ErrorFormat::Problem, _) => {
            let always = || vec![("title", text(title())), ("status", number(status))];
            let mut more = always();
            match status {
                400 => more.extend([
                    ("detail", text("the body is not JSON")),
                    ("line", number(1)),
                    ("column", number(1)),
                ]),
                500 => more.push(("request_id", text("abc-1"))),
                _ => more.push(("detail", text("what went wrong"))),
            }
            vec![object(always()), object(more)]
        }
    }
}
