//! The objects around the schemas (OAS 3.2, section 4).

use std::rc::Rc;

use super::{
    Literal, Located, Members, OrReference, Reference, Schema, SecurityRequirement, SecurityScheme,
};
use crate::source::{Node, Place};

/// The whole description of an API: the root of the entry document.
#[derive(Debug)]
pub struct Document {
    /// The root.
    pub place: Place,
    /// The version as written, such as `3.1.0`; for the served document only.
    pub openapi: Rc<str>,
    /// Metadata.
    pub info: Info,
    /// Where the API is served.
    pub servers: Vec<Server>,
    /// The paths in document order.
    pub paths: Members<Rc<PathItem>>,
    /// Names of webhooks, which a server sends and does not serve.
    pub webhooks: Members<Place>,
    /// Named, reusable objects.
    pub components: Components,
    /// The security of operations that have none of their own; `None` where absent.
    pub security: Option<Vec<SecurityRequirement>>,
    /// Tags in document order.
    pub tags: Vec<Tag>,
    /// The root's `x-` members.
    pub extensions: Members<Literal>,
}

/// Metadata of the API.
#[derive(Debug, Default)]
pub struct Info {
    /// Its title.
    pub title: Rc<str>,
    /// Its version.
    pub version: Rc<str>,
    /// Its description, in CommonMark.
    pub description: Option<Rc<str>>,
}

/// A server.
#[derive(Debug)]
pub struct Server {
    /// The URL template.
    pub url: Located<Rc<str>>,
    /// The variables of the template.
    pub variables: Members<ServerVariable>,
}

/// A variable of a server's URL.
#[derive(Debug)]
pub struct ServerVariable {
    /// What it is unless a client chooses.
    pub default: Rc<str>,
    /// What it may be; empty where anything.
    pub values: Vec<Rc<str>>,
}

/// A tag with its words.
#[derive(Debug)]
pub struct Tag {
    /// The name that operations refer to.
    pub name: Located<Rc<str>>,
    /// What it stands for.
    pub description: Option<Rc<str>>,
}

/// The named objects of the entry document, read where they stand.
#[derive(Debug, Default)]
pub struct Components {
    /// Schemas.
    pub schemas: Members<Rc<Schema>>,
    /// Responses.
    pub responses: Members<OrReference<Response>>,
    /// Parameters.
    pub parameters: Members<OrReference<Parameter>>,
    /// Request bodies.
    pub request_bodies: Members<OrReference<RequestBody>>,
    /// Headers.
    pub headers: Members<OrReference<Header>>,
    /// Security schemes.
    pub security_schemes: Members<OrReference<SecurityScheme>>,
    /// Path items.
    pub path_items: Members<Rc<PathItem>>,
}

/// One path and its operations.
#[derive(Debug)]
pub struct PathItem {
    /// Where it stands.
    pub place: Place,
    /// A `$ref` to a path item, whose fields these extend.
    pub reference: Option<Reference>,
    /// Parameters of every operation of the path.
    pub parameters: Vec<OrReference<Parameter>>,
    /// The operations by method, upper case, in document order; `additionalOperations` included.
    pub operations: Members<OrReference<Operation>>,
    /// Servers of this path instead of the document's.
    pub servers: Vec<Server>,
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// Where it stands.
    pub place: Place,
    /// Its unique name.
    pub operation_id: Option<Located<Rc<str>>>,
    /// The tags that group it.
    pub tags: Vec<Located<Rc<str>>>,
    /// What it does, in a line.
    pub summary: Option<Rc<str>>,
    /// What it does, in CommonMark.
    pub description: Option<Rc<str>>,
    /// Whether clients should stop to use it.
    pub deprecated: bool,
    /// Its parameters.
    pub parameters: Vec<OrReference<Parameter>>,
    /// Its request body.
    pub request_body: Option<OrReference<RequestBody>>,
    /// Its responses by status (`200`, `4XX`, `default`) in document order.
    pub responses: Vec<(Located<StatusKey>, OrReference<Response>)>,
    /// Its security instead of the document's; an empty list makes it public.
    pub security: Option<Vec<SecurityRequirement>>,
    /// Its servers instead of the path's.
    pub servers: Vec<Server>,
    /// Its `x-` members.
    pub extensions: Members<Literal>,
}

/// The key of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StatusKey {
    /// One status, 100 to 599.
    Status(u16),
    /// A range by its first digit: `4` for `4XX`.
    Range(u8),
    /// Every status that is not named.
    Default,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ParameterLocation {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// The whole query (OAS 3.2).
    Querystring,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// How a parameter is written (OAS 3.2, Style Values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Style {
    /// `;color=blue`
    Matrix,
    /// `.blue`
    Label,
    /// `blue,black`
    Simple,
    /// `color=blue`
    Form,
    /// `color=blue%20black`
    SpaceDelimited,
    /// `color=blue%7Cblack`
    PipeDelimited,
    /// `color[R]=100`
    DeepObject,
    /// `color=blue; size=5` in a cookie, not percent-encoded (OAS 3.2)
    Cookie,
}

/// A parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Where it stands.
    pub place: Place,
    /// Its name as sent.
    pub name: Located<Rc<str>>,
    /// Where it is sent.
    pub location: ParameterLocation,
    /// What it is for, in CommonMark.
    pub description: Option<Rc<str>>,
    /// Whether it has to be sent.
    pub required: bool,
    /// Whether clients should stop to send it.
    pub deprecated: bool,
    /// Whether an empty value stands for none.
    pub allow_empty_value: bool,
    /// How it is written, the location's default filled in.
    pub style: Style,
    /// Whether items and members are written apart, the style's default filled in.
    pub explode: bool,
    /// Whether reserved characters are sent as they are.
    pub allow_reserved: bool,
    /// What its value has to be, or its one media type.
    pub value: ParameterValue,
    /// Examples of the value, as far as they stand here as values.
    pub examples: Vec<Located<Rc<Node>>>,
    /// Its `x-` members.
    pub extensions: Members<Literal>,
}

/// What a parameter or header carries.
#[derive(Debug)]
pub enum ParameterValue {
    /// A value in the parameter's style.
    Schema(Rc<Schema>),
    /// A text of one media type.
    Content(Rc<str>, OrReference<MediaType>),
}

impl Parameter {
    /// Whether the parameter is a header that another field describes (`Accept`, `Content-Type`, `Authorization`), whose
    /// definition "shall be ignored" (OAS 3.2, Parameter Object).
    pub fn is_ignored(&self) -> bool {
        const IGNORED: [&str; 3] = ["accept", "content-type", "authorization"];
        self.location == ParameterLocation::Header
            && IGNORED
                .iter()
                .any(|name| self.name.value.eq_ignore_ascii_case(name))
    }
}

/// A header of a response or part.
#[derive(Debug)]
pub struct Header {
    /// Where it stands.
    pub place: Place,
    /// What it is for.
    pub description: Option<Rc<str>>,
    /// Whether it is always sent.
    pub required: bool,
    /// Whether it is going away.
    pub deprecated: bool,
    /// Whether members are written apart.
    pub explode: bool,
    /// What its value has to be.
    pub value: ParameterValue,
}

/// A request body.
#[derive(Debug)]
pub struct RequestBody {
    /// Where it stands.
    pub place: Place,
    /// What it is for.
    pub description: Option<Rc<str>>,
    /// Whether it has to be sent.
    pub required: bool,
    /// What it may be, by media type or range.
    pub content: Vec<(Located<Rc<str>>, OrReference<MediaType>)>,
}

/// A response.
#[derive(Debug)]
pub struct Response {
    /// Where it stands.
    pub place: Place,
    /// What it means.
    pub description: Option<Rc<str>>,
    /// Its headers in document order.
    pub headers: Vec<(Located<Rc<str>>, OrReference<Header>)>,
    /// What it may be, by media type or range.
    pub content: Vec<(Located<Rc<str>>, OrReference<MediaType>)>,
}

/// What a body of one media type is.
#[derive(Debug)]
pub struct MediaType {
    /// Where it stands.
    pub place: Place,
    /// What the whole content has to be.
    pub schema: Option<Rc<Schema>>,
    /// What each item of a sequential media type has to be (OAS 3.2).
    pub item_schema: Option<Rc<Schema>>,
    /// Whether the content flows: `x-stream`.
    pub stream: Option<Located<bool>>,
    /// How the properties of a form are written.
    pub encoding: Members<Encoding>,
    /// Examples of the content, as far as they stand here as values.
    pub examples: Vec<Located<Rc<Node>>>,
}

/// How one property of a form is written.
#[derive(Debug)]
pub struct Encoding {
    /// Where it stands.
    pub place: Place,
    /// The media types or ranges that the property may have; `None` where they follow from its schema.
    pub content_type: Option<Located<Rc<str>>>,
    /// The headers of its part.
    pub headers: Vec<(Located<Rc<str>>, OrReference<Header>)>,
    /// How it is written in a form.
    pub style: Option<Style>,
    /// Whether items and members are written apart.
    pub explode: Option<bool>,
    /// Whether reserved characters are sent as they are.
    pub allow_reserved: Option<bool>,
}
