//! Bodies and responses: what is sent with which status, and what is Rust's success and error.

use super::{Lowering, content::Essence, direction::Direction, name, shape::order};
use crate::{
    diagnostic::Code,
    document::{
        Header, Located, OrReference, ParameterValue, Response as DocumentResponse, StatusKey,
    },
    ir::{
        Body, Content, Contents, Docs, HeaderLayout, MediaContent, Response, ResponseHeader, Shape,
        SharedResponse, Status, Success, Type, Value,
    },
};

/// The status of a response that switches to another protocol.
const SWITCHING: Status = Status::Code(101);

/// The reason phrase of a status as a name (RFC 9110, section 15), or its number.
pub(super) fn status_name(status: u16) -> String {
    let phrase = match status {
        200 => "Ok",
        226 => "ImUsed",
        418 => "ImATeapot",
        _ => match http::StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason())
        {
            Some(phrase) => return name::type_name(phrase),
            None => return format!("Status{status}"),
        },
    };
    phrase.to_owned()
}

impl Lowering<'_> {
    /// The request body.
    pub(super) fn body(
        &mut self,
        body: &OrReference<crate::document::RequestBody>,
        owner: &str,
    ) -> Option<Body> {
        let body = self.references.request_body(body, self.diagnostics)?;
        let contents = self.contents(&body.content, &format!("{owner}Body"), Direction::Write)?;
        Some(Body {
            field: "body".to_owned(),
            docs: Docs {
                summary: None,
                description: body.description.as_deref().map(str::to_owned),
            },
            required: body.required,
            contents,
            missing: Vec::new(),
            is_embedded: false,
        })
    }

    /// What an operation answers: success and errors.
    pub(super) fn responses(
        &mut self,
        responses: &[(Located<StatusKey>, OrReference<DocumentResponse>)],
        owner: &str,
        shared: &mut Vec<SharedResponse>,
    ) -> (Success, Vec<Response>) {
        let mut successes = Vec::new();
        let mut errors = Vec::new();
        let mut fallback = None;
        for (key, response) in responses {
            let (status, name) = match key.value {
                StatusKey::Status(code) => (Status::Code(code), status_name(code)),
                StatusKey::Range(digit) => (
                    Status::Range(digit),
                    match digit {
                        1 => "Informational",
                        2 => "Successful",
                        3 => "Redirection",
                        4 => "ClientError",
                        _ => "ServerError",
                    }
                    .to_owned(),
                ),
                StatusKey::Default => (Status::Default, "Default".to_owned()),
            };
            let Some(response) = self.response(response, status, name, owner, shared) else {
                continue;
            };
            match key.value {
                StatusKey::Status(400..) | StatusKey::Range(4 | 5) => errors.push(response),
                StatusKey::Default => fallback = Some(response),
                StatusKey::Status(101) => successes.push(response),
                // An interim response is the server's, never the handler's last word (RFC 9110, section 15.2).
                StatusKey::Status(100..200) | StatusKey::Range(1) => {
                    self.diagnostics
                        .warning(
                            Code::InterimResponse,
                            &key.place,
                            "an informational response is not the handler's to send",
                        )
                        .label("the server sends it where HTTP asks for it");
                }
                StatusKey::Status(_) | StatusKey::Range(_) => successes.push(response),
            }
        }
        match fallback {
            Some(fallback) if successes.is_empty() => successes.push(fallback),
            Some(fallback) => errors.push(fallback),
            None => {}
        }
        (self.success(successes, owner), errors)
    }

    fn success(&mut self, successes: Vec<Response>, owner: &str) -> Success {
        let simple = |response: &Response| {
            response.headers.is_empty() && matches!(response.status, Status::Code(_))
        };
        match <[Response; 1]>::try_from(successes) {
            Ok([only]) if simple(&only) => Success::Plain(only),
            Ok([mut only]) => {
                only.name = self
                    .names
                    .reserve(&format!("{owner}Response"), &format!("{owner} response"));
                Success::Struct(only)
            }
            Err(none) if none.is_empty() => Success::Plain(Response {
                name: "NoContent".to_owned(),
                status: Status::Code(204),
                docs: Docs::default(),
                headers: Vec::new(),
                body: None,
                shared: None,
            }),
            Err(responses) => Success::Enum {
                name: self
                    .names
                    .reserve(&format!("{owner}Response"), &format!("{owner} response")),
                responses,
            },
        }
    }

    fn response(
        &mut self,
        response: &OrReference<DocumentResponse>,
        status: Status,
        name: String,
        owner: &str,
        shared: &mut Vec<SharedResponse>,
    ) -> Option<Response> {
        // What switches protocols is no response that another status could share.
        if status != SWITCHING
            && let OrReference::Reference(reference) = response
            && let Some((pointer, component)) = self.references.target(reference, self.diagnostics)
        {
            let wanted = name::type_name(&component);
            let known = shared.iter().position(|it| it.pointer == pointer);
            let index = match known {
                Some(index) => index,
                None => {
                    let found = self.references.response(response, self.diagnostics)?;
                    let lowered = self.describe(&found, status, name.clone(), &wanted);
                    let rust_name = self.names.reserve(&shared_name(&wanted, self), &pointer);
                    shared.push(SharedResponse {
                        name: rust_name,
                        pointer,
                        response: lowered,
                    });
                    shared.len() - 1
                }
            };
            let mut own = shared.get(index)?.response.clone();
            own.name = name;
            own.status = status;
            own.shared = Some(index);
            // Without its body it is another response than the one that is shared.
            if self.drop_body(&mut own, response) {
                own.shared = None;
            }
            return Some(own);
        }
        let found = self.references.response(response, self.diagnostics)?;
        let hint = format!("{owner}{name}");
        let mut own = self.describe(&found, status, name, &hint);
        self.drop_body(&mut own, response);
        // It ends HTTP on the connection, so what follows is nothing that the document describes.
        if status == SWITCHING {
            own.body = Some(Contents {
                name: None,
                list: vec![MediaContent {
                    variant: "Upgrade".to_owned(),
                    media_types: Vec::new(),
                    content: Content::Upgrade,
                }],
            });
        }
        Some(own)
    }

    /// Takes the body away where the status allows none (RFC 9110, section 6.4.1); whether there was one.
    fn drop_body(&mut self, own: &mut Response, response: &OrReference<DocumentResponse>) -> bool {
        if !matches!(own.status, Status::Code(101 | 204 | 205 | 304)) || own.body.take().is_none() {
            return false;
        }
        let place = match response {
            OrReference::Inline(response) => &response.place,
            OrReference::Reference(reference) => &reference.place,
        };
        self.diagnostics.warning(
            Code::BodyNotAllowed,
            place,
            "a response with this status has no body; its `content` is not sent",
        );
        true
    }

    fn describe(
        &mut self,
        response: &DocumentResponse,
        status: Status,
        name: String,
        hint: &str,
    ) -> Response {
        let body = self.contents(&response.content, &format!("{hint}Body"), Direction::Read);
        let mut headers = Vec::new();
        for (header_name, header) in &response.headers {
            let Some(header) = self.references.header(header, self.diagnostics) else {
                continue;
            };
            // Content-Type is said by `content` (OAS 3.2, Response Object).
            if header_name.value.eq_ignore_ascii_case("content-type") {
                continue;
            }
            let hint = format!("{hint}{}", name::type_name(&header_name.value));
            let Some((value, layout)) = self.header_value(&header, &hint, Direction::Read) else {
                continue;
            };
            headers.push(ResponseHeader {
                field: field_name(&header_name.value),
                name: header_name.value.to_string(),
                docs: Docs {
                    summary: None,
                    description: header.description.as_deref().map(str::to_owned),
                },
                shapes: match layout {
                    HeaderLayout::Json => vec![Shape::Json],
                    HeaderLayout::Simple | HeaderLayout::Exploded => self.shapes_of(&value),
                },
                value,
                layout,
                required: header.required,
            });
        }
        let mut names: Vec<String> = headers.iter().map(|header| header.field.clone()).collect();
        names.insert(0, "body".to_owned());
        names.insert(0, "status".to_owned());
        name::distinct(&mut names);
        for (header, name) in headers.iter_mut().zip(names.split_off(2)) {
            header.field = name;
        }
        Response {
            name,
            status,
            docs: Docs {
                summary: None,
                description: response.description.as_deref().map(str::to_owned),
            },
            headers,
            body,
            shared: None,
        }
    }

    /// What a header holds, and how it is written; `None` where it cannot be, which is reported.
    pub(super) fn header_value(
        &mut self,
        header: &Header,
        hint: &str,
        direction: Direction,
    ) -> Option<(Value, HeaderLayout)> {
        let schema = match &header.value {
            ParameterValue::Schema(schema) => schema,
            ParameterValue::Content(media_type, content) => {
                let content = self.references.media_type(content, self.diagnostics)?;
                let essence = Essence::of(media_type);
                let (untyped, layout) = match essence.is_json() {
                    true => (Type::Json, HeaderLayout::Json),
                    false if essence.is_plain_text() => (Type::String, HeaderLayout::Simple),
                    false => {
                        let media_type = media_type.escape_debug();
                        self.unsupported(&header.place, &format!("a header with `{media_type}`"));
                        return None;
                    }
                };
                let value = match &content.schema {
                    Some(schema) => self.value_of(schema, hint, direction),
                    None => Value::plain(untyped),
                };
                return Some((value, layout));
            }
        };
        let value = self.value_of(schema, hint, direction);
        let is_scalar =
            |shapes: &Vec<Shape>| shapes.is_empty() || shapes.iter().any(|shape| order(shape) == 0);
        let fits = self.shapes_of(&value).iter().all(|shape| match shape {
            Shape::Array(items) => is_scalar(items),
            Shape::Object { members, others } => members
                .iter()
                .map(|(_, it)| it)
                .chain(others)
                .all(is_scalar),
            _ => true,
        });
        if !fits {
            self.diagnostics
                .error(
                    Code::UndefinedStyle,
                    &header.place,
                    "the specification does not say how lists or objects within a list or object are written in a header",
                )
                .help("write `content: {application/json: {schema: ...}}` in place of `schema`");
            return None;
        }
        let layout = match header.explode {
            true => HeaderLayout::Exploded,
            false => HeaderLayout::Simple,
        };
        Some((value, layout))
    }
}

/// The name of a header's field; `ETag` is one word.
fn field_name(header: &str) -> String {
    if header.eq_ignore_ascii_case("etag") {
        "etag".to_owned()
    } else {
        name::value_name(header)
    }
}

/// The name of a shared response: its own, unless a schema has it.
fn shared_name(wanted: &str, cx: &Lowering<'_>) -> String {
    if cx.names.is_free(wanted) {
        wanted.to_owned()
    } else {
        format!("{wanted}Response")
    }
}
