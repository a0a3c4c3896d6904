//! Static descriptions of a document and its operations, written by the generator.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::client::{Answers, ResponseFault, ResponseReader};
use crate::failure::ErrorFormat;
use crate::form::Multipart;
use crate::parameter::Parameter;

/// A document as it is served to clients.
#[derive(Debug)]
#[non_exhaustive]
pub struct Document {
    /// The title of the API.
    pub title: &'static str,

    /// The version of the API, not of OpenAPI.
    pub version: &'static str,

    /// The bundled document as JSON.
    pub json: &'static str,

    /// The bundled document as YAML.
    pub yaml: &'static str,

    /// The format of errors that its responses describe.
    pub error_format: ErrorFormat,

    /// The path of its server, such as `/v1`, under which its operations and the document itself are; empty unless the
    /// generator was told to follow `servers`.
    pub base: &'static str,

    /// The names of members and parameters that are passwords or `writeOnly`, whose values are never shown. The empty name
    /// stands for every body.
    pub secrets: &'static [&'static str],
}

impl Document {
    /// Describes a document.
    #[must_use]
    pub const fn new(
        title: &'static str,
        version: &'static str,
        json: &'static str,
        yaml: &'static str,
    ) -> Self {
        Self {
            title,
            version,
            json,
            yaml,
            error_format: ErrorFormat::Problem,
            base: "",
            secrets: &[],
        }
    }

    /// Sets the format of errors that its responses describe.
    #[must_use]
    pub const fn with_error_format(mut self, format: ErrorFormat) -> Self {
        self.error_format = format;
        self
    }

    /// Sets the path of its server.
    #[must_use]
    pub const fn with_base(mut self, base: &'static str) -> Self {
        self.base = base;
        self
    }

    /// Sets the names whose values are never shown.
    #[must_use]
    pub const fn with_secrets(mut self, names: &'static [&'static str]) -> Self {
        self.secrets = names;
        self
    }
}

/// An operation of a document: OAS 3.2, "Operation Object".
///
/// A `&'static Operation` is in the extensions of the responses to its requests, so a layer around the API can count or
/// name them.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The `operationId`, or the name that the generator gave it.
    pub id: &'static str,

    /// The HTTP method, in upper case.
    pub method: &'static str,

    /// The path template as it is in the document, without any prefix under which the API is nested.
    pub template: &'static str,

    /// The path of its own server, where that is another than the document's.
    pub base: Option<&'static str>,

    /// The tags, in the document's order. The first is the one whose trait has its handler.
    pub tags: &'static [&'static str],

    /// The body that it takes.
    pub body: Option<RequestBody>,

    /// The parameters that it takes, those of its path item included.
    pub parameters: &'static [Parameter],

    /// The media types and ranges that its successes may have; empty where one has no body.
    pub produces: &'static [&'static str],

    /// The names of credentials that it takes in the query, which are no parameters.
    pub query_keys: &'static [&'static str],

    /// The statuses of errors whose bodies the application makes, each with the number of the body.
    pub error_bodies: &'static [(u16, usize)],

    /// How long it may take, in place of [`App::request_timeout`](crate::App::request_timeout) (`x-timeout`).
    pub timeout: Option<Duration>,

    /// How many bytes its body may have, in place of [`App::body_limit`](crate::App::body_limit) (`x-max-body`).
    pub max_body: Option<u64>,

    /// How its answers are held against the document, where a client was generated.
    pub(crate) answers: Option<Answers>,
}

/// The body of a request: OAS 3.2, "Request Body Object".
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RequestBody {
    /// The media type ranges that it may have.
    pub content: &'static [&'static str],

    /// Those of them whose items are read one by one.
    pub streamed: &'static [&'static str],

    /// The parts of those of them that are multipart.
    pub parts: &'static [(&'static str, Multipart)],

    /// The fields that are told to be missing where there is no body; empty where the body itself is.
    pub fields: &'static [&'static str],

    /// Whether the fields are parameters of their own to FastAPI, which made the document.
    pub is_embedded: bool,
}

impl Operation {
    /// Describes an operation without tags, body and parameters.
    #[must_use]
    pub const fn new(id: &'static str, method: &'static str, template: &'static str) -> Self {
        Self {
            id,
            method,
            template,
            base: None,
            tags: &[],
            body: None,
            parameters: &[],
            produces: &[],
            query_keys: &[],
            error_bodies: &[],
            timeout: None,
            max_body: None,
            answers: None,
        }
    }

    /// Sets the path of its own server.
    #[must_use]
    pub const fn with_base(mut self, base: &'static str) -> Self {
        self.base = Some(base);
        self
    }

    /// Sets the tags.
    #[must_use]
    pub const fn with_tags(mut self, tags: &'static [&'static str]) -> Self {
        self.tags = tags;
        self
    }

    /// Sets the media type ranges that the body may have.
    #[must_use]
    pub const fn with_body(mut self, content: &'static [&'static str]) -> Self {
        self.body = Some(RequestBody {
            content,
            streamed: &[],
            parts: &[],
            fields: &[],
            is_embedded: false,
        });
        self
    }

    /// Sets the fields that are told to be missing where there is no body.
    #[must_use]
    pub const fn with_fields(mut self, names: &'static [&'static str]) -> Self {
        if let Some(body) = &mut self.body {
            body.fields = names;
        }
        self
    }

    /// Says that the fields of the body are parameters of their own to FastAPI.
    #[must_use]
    pub const fn embedded(mut self) -> Self {
        if let Some(body) = &mut self.body {
            body.is_embedded = true;
        }
        self
    }

    /// Sets which media types of the body are read item by item.
    #[must_use]
    pub const fn with_streamed(mut self, streamed: &'static [&'static str]) -> Self {
        if let Some(body) = &mut self.body {
            body.streamed = streamed;
        }
        self
    }

    /// Sets the parts of media types that are multipart.
    #[must_use]
    pub const fn with_parts(mut self, parts: &'static [(&'static str, Multipart)]) -> Self {
        if let Some(body) = &mut self.body {
            body.parts = parts;
        }
        self
    }

    /// Sets the media types and ranges that its successes may have.
    #[must_use]
    pub const fn with_produces(mut self, produces: &'static [&'static str]) -> Self {
        self.produces = produces;
        self
    }

    /// Sets the statuses of errors whose bodies the application makes.
    #[must_use]
    pub const fn with_error_bodies(mut self, bodies: &'static [(u16, usize)]) -> Self {
        self.error_bodies = bodies;
        self
    }

    /// Sets what tells whether an answer is one that the document describes, and the media types of bodies that have no end
    /// of their own. Generated code calls it, with generated code, which is kept only with the feature `test`: a server in
    /// production is not linked with it.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_answers(
        mut self,
        check: fn(ResponseReader) -> BoxFuture<'static, Result<(), ResponseFault>>,
        streams: &'static [&'static str],
    ) -> Self {
        if cfg!(feature = "test") {
            self.answers = Some(Answers::new(check, streams));
        }
        self
    }

    /// Sets how many milliseconds it may take.
    #[must_use]
    pub const fn with_timeout_ms(mut self, milliseconds: u64) -> Self {
        self.timeout = Some(Duration::from_millis(milliseconds));
        self
    }

    /// Sets how many bytes its body may have.
    #[must_use]
    pub const fn with_max_body(mut self, bytes: u64) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// Sets the names of credentials in the query.
    #[must_use]
    pub const fn with_query_keys(mut self, names: &'static [&'static str]) -> Self {
        self.query_keys = names;
        self
    }

    /// Sets the parameters.
    #[must_use]
    pub const fn with_parameters(mut self, parameters: &'static [Parameter]) -> Self {
        self.parameters = parameters;
        self
    }
}
