//! Operations, their parameters, bodies and responses, and who may call them.

use super::{Docs, Value};

/// What the user implements: the operations of one tag.
#[derive(Clone, Debug)]
pub struct HandlerTrait {
    /// The Rust name, such as `BooksApi`.
    pub name: String,
    /// What the type that implements it is called where there is one for each trait, such as `Books`.
    pub part: String,
    /// The member that holds it there, such as `books`.
    pub field: String,
    /// The tag's words.
    pub docs: Docs,
    /// The operations, as indices into [`Api::operations`](super::Api::operations).
    pub operations: Vec<usize>,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The `operationId`, or the name that was made for it.
    pub id: String,
    /// The method's Rust name.
    pub name: String,
    /// The name of its static descriptor.
    pub constant: String,
    /// The HTTP method, upper case.
    pub method: String,
    /// The path template as the document has it.
    pub template: String,
    /// The path of its own server, where that is another than the document's.
    pub base: Option<String>,
    /// Its tags, of which the first has grouped it.
    pub tags: Vec<String>,
    /// Its words.
    pub docs: Docs,
    /// Whether clients should stop to use it.
    pub deprecated: bool,
    /// How many milliseconds it may take, where that is another time than the app's.
    pub timeout_ms: Option<u64>,
    /// How many bytes its body may have, where that is another limit than the app's.
    pub max_body: Option<u64>,
    /// The ways to be let in, tried in order; empty where it is public.
    pub security: Vec<SecurityAlternative>,
    /// What the handler receives; absent where there is nothing to receive.
    pub request: Option<Request>,
    /// What the handler returns where it succeeds.
    pub success: Success,
    /// The name of the error enum; absent where no error is documented.
    pub error: Option<String>,
    /// The documented errors.
    pub errors: Vec<Response>,
    /// The statuses of the runtime whose bodies the user makes, as indices into
    /// [`Api::error_bodies`](super::Api::error_bodies).
    pub error_bodies: Vec<(u16, usize)>,
    /// The statuses of the runtime that no response is declared for.
    pub undeclared: Vec<u16>,
}

/// A body of errors of the runtime that the user makes, because the document declares another than the runtime's own.
#[derive(Clone, Debug)]
pub struct ErrorBody {
    /// The Rust name of the method that makes it.
    pub name: String,
    /// What it holds, in one media type.
    pub content: MediaContent,
}

impl Operation {
    /// The documented successes.
    pub fn successes(&self) -> &[Response] {
        match &self.success {
            Success::Plain(response) | Success::Struct(response) => std::slice::from_ref(response),
            Success::Enum { responses, .. } => responses,
        }
    }

    /// Why no client has it yet, in words; `None` where one has.
    pub fn why_no_client(&self) -> Option<&'static str> {
        let mut bodies = self.request.iter().flat_map(|it| &it.body);
        if bodies.any(|body| body.contents.flows()) {
            return Some("its body flows");
        }
        let contents: Vec<&Content> = self
            .responses()
            .filter_map(|it| it.body.as_ref())
            .flat_map(|body| &body.list)
            .map(|it| &it.content)
            .collect();
        if self.method == "HEAD" && !contents.is_empty() {
            return Some("the body that its responses declare is never sent");
        }
        contents.into_iter().find_map(|content| match content {
            Content::Upgrade => Some("the connection switches to another protocol"),
            Content::Stream(_) | Content::PartStream(_) => {
                Some("its response is a stream of items")
            }
            _ => None,
        })
    }

    /// Every documented response.
    pub fn responses(&self) -> impl Iterator<Item = &Response> {
        self.successes().iter().chain(&self.errors)
    }
}

/// What a handler receives.
#[derive(Clone, Debug)]
pub struct Request {
    /// The Rust name, such as `CreateBookRequest`.
    pub name: String,
    /// The parameters in document order.
    pub parameters: Vec<Parameter>,
    /// The body.
    pub body: Option<Body>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The Rust name of its field.
    pub field: String,
    /// The name on the wire.
    pub name: String,
    /// Where it is sent.
    pub location: Location,
    /// Its words.
    pub docs: Docs,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// What it holds.
    pub value: Value,
    /// Whether it has to be sent.
    pub presence: super::Presence,
    /// How it is written.
    pub style: Style,
    /// Whether items and members are written apart.
    pub explode: bool,
    /// What its text may be, in the order in which it is tried.
    pub shapes: Vec<Shape>,
    /// What an empty text stands for.
    pub empty: Empty,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the location of its name")]
pub enum Location {
    Path,
    Query,
    Querystring,
    Header,
    Cookie,
}

/// How a parameter is written (OAS 3.2, Style Values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the style of its name")]
pub enum Style {
    Simple,
    Label,
    Matrix,
    Form,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
    Cookie,
}

/// What a parameter's text is taken apart into.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A text as it stands.
    Text,
    /// The text of an integer.
    Integer,
    /// The text of a number.
    Number,
    /// The text of a boolean.
    Boolean,
    /// A JSON text.
    Json,
    /// A list.
    Array(Vec<Self>),
    /// An object.
    Object {
        /// Its named members.
        members: Vec<(String, Vec<Self>)>,
        /// What other members may be; absent where they do not matter.
        others: Option<Vec<Self>>,
    },
    /// The pairs of a form, which are an object together.
    Form(Form),
}

/// How the properties of an object are written in a form (OAS 3.2, Encoding Object).
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// The properties.
    pub parts: Vec<FormPart>,
    /// What other pairs may be; absent where nothing is made of them.
    pub others: Option<Vec<Shape>>,
    /// Whether other pairs matter all the same, because something is asked of the object as a whole.
    pub counts_others: bool,
}

/// How one property is written in a form.
#[derive(Clone, Debug, PartialEq)]
pub struct FormPart {
    /// Its key.
    pub name: String,
    /// How it is written.
    pub style: Style,
    /// Whether items and members are written apart.
    pub explode: bool,
    /// What it may be, in the order in which it is tried.
    pub shapes: Vec<Shape>,
    /// What an empty text stands for.
    pub empty: Empty,
    /// Whether reserved characters stay as they are where it is written.
    pub allow_reserved: bool,
}

/// What an empty text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Empty {
    /// An empty text.
    Text,
    /// Nothing, as if the parameter was not sent.
    Absent,
    /// Null.
    Null,
}

/// The format of the errors that the runtime itself answers with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorFormat {
    /// Problem documents (RFC 9457).
    #[default]
    Problem,
    /// That of FastAPI.
    FastApi,
}

/// A request body.
#[derive(Clone, Debug)]
pub struct Body {
    /// The Rust name of its field.
    pub field: String,
    /// Its words.
    pub docs: Docs,
    /// Whether it has to be sent.
    pub required: bool,
    /// What it may hold; one content, or an enum of several.
    pub contents: Contents,
    /// The fields that are told to be missing where there is none; empty where the body itself is.
    pub missing: Vec<String>,
    /// Whether its fields are parameters of their own to FastAPI.
    pub is_embedded: bool,
}

/// What a body may hold, by its media type.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The Rust name of the enum of several. Without one there is only one content, or one value that is written in the
    /// media type that the client prefers.
    pub name: Option<String>,
    /// Each with a variant of its own.
    pub list: Vec<MediaContent>,
}

impl Contents {
    /// Whether one of them can be neither cloned nor compared, since it is there once.
    pub fn flows(&self) -> bool {
        let mut list = self.list.iter();
        list.any(|it| it.content.flows())
    }

    /// The only content; `None` where there are several.
    pub fn only(&self) -> Option<&Content> {
        match self.list.as_slice() {
            [only] => Some(&only.content),
            _ => None,
        }
    }
}

/// What a body holds in some media types.
#[derive(Clone, Debug)]
pub struct MediaContent {
    /// The variant's Rust name.
    pub variant: String,
    /// The media types and ranges that it comes in.
    pub media_types: Vec<String>,
    /// What it holds.
    pub content: Content,
}

/// What a body of one media type holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A JSON text of this value.
    Json(Value),
    /// Text that is this value, without quotes.
    Text(Value),
    /// Bytes as they are.
    Bytes,
    /// Bytes as they are, of a media type that the handler says within the range that is declared.
    Media,
    /// One item after the other.
    Stream(StreamContent),
    /// Bytes as they come, or a file.
    ByteStream,
    /// The same, of a media type that the handler says within the range that is declared.
    MediaStream,
    /// None: the connection switches to another protocol.
    Upgrade,
    /// `application/x-www-form-urlencoded`
    Form(FormContent),
    /// A multipart body whose parts have names, such as `multipart/form-data`.
    Multipart(FormContent),
    /// A form whose parts are handed over as they come.
    PartStream(FlowContent),
    /// A multipart body whose parts are told by their positions, such as `multipart/mixed`.
    Parts(PositionContent),
}

impl Content {
    /// Whether it can be neither cloned nor compared, since it is there once.
    pub fn flows(&self) -> bool {
        self.is_streamed() || *self == Self::Upgrade
    }

    /// Whether it is bytes as they come.
    pub fn is_byte_stream(&self) -> bool {
        matches!(self, Self::ByteStream | Self::MediaStream)
    }

    /// Whether what is received of it is read by the handler.
    pub fn is_streamed(&self) -> bool {
        matches!(self, Self::Stream(_) | Self::PartStream(_)) || self.is_byte_stream()
    }
}

/// A body that is one item after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamContent {
    /// What each is.
    pub item: StreamItem,
    /// Whether it is received, not sent.
    pub is_received: bool,
}

/// An item of a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamItem {
    /// A JSON text of this value.
    Json(Value),
    /// A server-sent event, all of which is this value.
    Event(Value),
    /// A server-sent event whose data is a JSON text of this value.
    EventJson(Value),
    /// A server-sent event whose data is this value without quotes.
    EventText(Value),
    /// A part of a multipart body.
    Part(PositionContent),
}

/// A body that is a form: a value whose members are its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct FormContent {
    /// What all fields together are.
    pub value: Value,
    /// How those are written that are no files.
    pub form: Form,
    /// Of a multipart body: the files, and the parts whose content type or headers are declared.
    pub parts: Vec<Part>,
}

/// A part of a multipart body.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its name on the wire.
    pub key: String,
    /// Whether it is a file.
    pub is_file: bool,
    /// Whether there may be several of it.
    pub is_list: bool,
    /// The media types and ranges that it may have; empty where it does not matter.
    pub content_types: Vec<String>,
    /// How many bytes a file may have.
    pub max_size: Option<u64>,
    /// Its headers; empty where none is declared.
    pub headers: Vec<FormPart>,
    /// What the text of a part without a name may be, in the order in which it is tried.
    pub shapes: Vec<Shape>,
}

/// A form whose parts are handed over as they come.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowContent {
    /// The Rust name of the enum of its parts.
    pub name: String,
    /// How those are written that are no files.
    pub form: Form,
    /// The files, and the parts whose content type or headers are declared.
    pub parts: Vec<Part>,
    /// The parts that must come.
    pub required: Vec<String>,
    /// The parts that make lists, with how many items there must be, and how many there may be.
    pub lists: Vec<(String, u64, u64)>,
    /// Whether a part of another name is a violation.
    pub is_closed: bool,
    /// Each part.
    pub variants: Vec<FlowPart>,
}

/// A part that is handed over as it comes.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowPart {
    /// The variant's Rust name.
    pub name: String,
    /// Its name on the wire.
    pub key: String,
    /// The words of its schema.
    pub docs: Docs,
    /// What it holds; of a list, each item.
    pub value: Value,
}

/// A multipart body whose parts are told by their positions, or each part of a stream of them.
#[derive(Clone, Debug, PartialEq)]
pub struct PositionContent {
    /// What all parts together are, or each of a stream.
    pub value: Value,
    /// What each part is.
    pub positions: Positions,
}

/// What the parts of a multipart body are, by their positions.
#[derive(Clone, Debug, PartialEq)]
pub struct Positions {
    /// The first parts.
    pub prefix: Vec<Part>,
    /// Each of those that follow; absent where nothing is made of them.
    pub rest: Option<Part>,
    /// Whether each of the first is a member of its own; else all are one list.
    pub is_object: bool,
    /// How many there may be.
    pub most: Option<u64>,
}

/// What a handler returns where it succeeds.
#[derive(Clone, Debug)]
pub enum Success {
    /// One response without headers: its body's type alone, or `()`.
    Plain(Response),
    /// One response with a struct of its own.
    Struct(Response),
    /// One of several.
    Enum {
        /// The Rust name.
        name: String,
        /// The responses.
        responses: Vec<Response>,
    },
}

/// One documented response.
#[derive(Clone, Debug)]
pub struct Response {
    /// The name of its variant or struct.
    pub name: String,
    /// Its status.
    pub status: Status,
    /// What it means.
    pub docs: Docs,
    /// Its headers.
    pub headers: Vec<ResponseHeader>,
    /// Its body; absent where it has none.
    pub body: Option<Contents>,
    /// The shared response that it is, as an index into
    /// [`Api::shared_responses`](super::Api::shared_responses).
    pub shared: Option<usize>,
}

/// The status of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// One status.
    Code(u16),
    /// A status of a range, by its first digit; the handler says which.
    Range(u8),
    /// Any status that is not documented; the handler says which.
    Default,
}

/// A header of a response.
#[derive(Clone, Debug)]
pub struct ResponseHeader {
    /// The Rust name of its field.
    pub field: String,
    /// The name on the wire.
    pub name: String,
    /// Its words.
    pub docs: Docs,
    /// What it holds.
    pub value: Value,
    /// How it is written.
    pub layout: HeaderLayout,
    /// What its text may be, in the order in which it is tried.
    pub shapes: Vec<Shape>,
    /// Whether it is always sent.
    pub required: bool,
}

/// How the value of a response's header is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeaderLayout {
    /// `a,b` and `R,100,G,200`
    Simple,
    /// `a,b` and `R=100,G=200`
    Exploded,
    /// A JSON text.
    Json,
}

/// A response of `components/responses`: one type for all operations that refer to it.
#[derive(Clone, Debug)]
pub struct SharedResponse {
    /// The Rust name.
    pub name: String,
    /// Where it stands.
    pub pointer: String,
    /// What it means, its headers and body; its status is each operation's own.
    pub response: Response,
}

/// The document's security: one trait.
#[derive(Clone, Debug, Default)]
pub struct Security {
    /// The methods, one per distinct set of schemes.
    pub methods: Vec<SecurityMethod>,
    /// What makes the challenges of those schemes that are sent as `Authorization`.
    pub challenges: Vec<SchemeChallenge>,
}

/// A method of the security trait that makes what a 401 asks for.
#[derive(Clone, Debug)]
pub struct SchemeChallenge {
    /// The Rust name, such as `bearer_challenge`.
    pub name: String,
    /// The scheme's name in the document.
    pub scheme: String,
    /// What is asked for.
    pub kind: CredentialKind,
}

/// One method of the security trait.
#[derive(Clone, Debug)]
pub struct SecurityMethod {
    /// The Rust name, such as `api_key_and_bearer`.
    pub name: String,
    /// The words of its schemes.
    pub docs: Docs,
    /// The credentials it receives.
    pub credentials: Vec<Credential>,
}

/// One credential.
#[derive(Clone, Debug, PartialEq)]
pub struct Credential {
    /// The argument's Rust name.
    pub argument: String,
    /// Where it comes from.
    pub kind: CredentialKind,
    /// What asks for it in a 401, as an index into [`Security::challenges`]; absent where that is always the same.
    pub challenge: Option<usize>,
}

/// Where a credential comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum CredentialKind {
    /// A header's value.
    HeaderKey(String),
    /// A query parameter's value.
    QueryKey(String),
    /// A cookie's value.
    CookieKey(String),
    /// `Authorization: Basic`
    Basic,
    /// `Authorization: Bearer`
    Bearer,
    /// `Authorization` with another scheme, by its name in lower case.
    Http(String),
    /// The certificate of the connection.
    Certificate,
}

/// What the parts of a generated client are called.
#[derive(Clone, Debug)]
pub struct ClientNames {
    /// The client itself.
    pub client: String,
    /// What it knows of who calls.
    pub credentials: String,
    /// The type of what sends its requests.
    pub transport: String,
}

/// One way to be let in.
#[derive(Clone, Debug)]
pub struct SecurityAlternative {
    /// The method, as an index into [`Security::methods`]; `None` lets everyone in.
    pub method: Option<usize>,
    /// The scopes or roles that are needed, those of each credential of the method.
    pub scopes: Vec<Vec<String>>,
}
