//! A bookshop in the shape of generated code, so that the runtime is tested as the generator will use it.

use std::future::Future;
use std::sync::Arc;

use specwright::codegen::{
    Call, Decoder, Encode, Encoder, Node, Parameter, ReceivedBody, Refusal, Response,
};
use specwright::http::{self, HeaderName};
use specwright::node::Tree;
use specwright::{
    Api, ApiKey, Challenge, Context, Denied, Document, Keyword, Operation, Problem, StatusCode,
    Unexpected, encode,
};

/// Who may call the secured operations.
pub(crate) trait Security: Send + Sync + 'static {
    type Principal: Send + Sync;

    fn api_key(
        &self,
        cx: &Context,
        key: ApiKey,
    ) -> impl Future<Output = Result<Self::Principal, Denied>> + Send;
}

pub(crate) trait BooksApi<App = Self>: Send + Sync + 'static
where
    App: Security,
{
    fn create_book(
        &self,
        cx: &Context,
        user: App::Principal,
        request: CreateBookRequest,
    ) -> impl Future<Output = Result<Book, CreateBookError>> + Send;

    fn read_book(
        &self,
        cx: &Context,
        id: String,
    ) -> impl Future<Output = Result<Book, Unexpected>> + Send;

    fn health(&self, cx: &Context) -> impl Future<Output = Result<(), Unexpected>> + Send;
}

#[derive(Debug)]
pub(crate) struct CreateBookRequest {
    pub(crate) shelf: i64,
    pub(crate) tags: Vec<String>,
    pub(crate) copies: Option<i32>,
    pub(crate) trace: Option<String>,
    pub(crate) session: Option<String>,
    pub(crate) body: NewBook,
}

#[derive(Debug)]
pub(crate) struct NewBook {
    pub(crate) title: String,
    pub(crate) pages: i32,
}

#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) title: String,
    pub(crate) pages: f64,
}

#[derive(Debug)]
pub(crate) enum CreateBookError {
    Conflict(Book),
    Unexpected(Unexpected),
}

impl<E: Into<Unexpected>> From<E> for CreateBookError {
    fn from(error: E) -> Self {
        Self::Unexpected(error.into())
    }
}

/// The API, with handlers in `app`.
pub(crate) fn api<App>(app: App) -> Api
where
    App: BooksApi + Security,
{
    let app = Arc::new(app);
    Api::new(&DOCUMENT)
        .operation(&CREATE_BOOK, {
            let app = Arc::clone(&app);
            move |call| create_book(Arc::clone(&app), call)
        })
        .operation(&READ_BOOK, {
            let app = Arc::clone(&app);
            move |call| read_book(Arc::clone(&app), call)
        })
        .operation(&READ_BOOK_JSON, {
            let app = Arc::clone(&app);
            move |call| read_book(Arc::clone(&app), call)
        })
        .operation(&CANCEL_BOOK, {
            let app = Arc::clone(&app);
            move |call| read_book(Arc::clone(&app), call)
        })
        .operation(&READ_PAGE, {
            let app = Arc::clone(&app);
            move |call| read_page(Arc::clone(&app), call)
        })
        .operation(&HEALTH, move |call| health(Arc::clone(&app), call))
}

static DOCUMENT: Document =
    Document::new("Books", "1", r#"{"openapi":"3.1.0"}"#, "openapi: 3.1.0\n");

pub(crate) static CREATE_BOOK: Operation = Operation::new("createBook", "POST", "/books/{shelf}")
    .with_tags(&["books"])
    .with_body(&["application/json"])
    .with_parameters(&[
        Parameter::path("shelf"),
        Parameter::query("tags").array(),
        Parameter::query("copies"),
        Parameter::header("X-Trace"),
        Parameter::cookie("session"),
    ]);
static READ_BOOK: Operation =
    Operation::new("readBook", "GET", "/books/{id}").with_parameters(&[Parameter::path("id")]);
static READ_BOOK_JSON: Operation = Operation::new("readBookJson", "GET", "/books/{id}.json")
    .with_parameters(&[Parameter::path("id")]);
static CANCEL_BOOK: Operation = Operation::new("cancelBook", "POST", "/books/{name}:cancel")
    .with_parameters(&[Parameter::path("name")]);
static READ_PAGE: Operation = Operation::new("readPage", "GET", "/books/{book}/pages/{page}")
    .with_parameters(&[
        Parameter::path("page"),
        Parameter::path("book"),
        Parameter::query("ids").array().explode(false),
        Parameter::header("x-ids").array(),
    ]);
static HEALTH: Operation = Operation::new("health", "GET", "/health");

fn json(status: StatusCode, value: &impl Encode) -> Result<Response, Refusal> {
    let text = encode::to_vec(value).map_err(Unexpected::from)?;
    Ok(content(status, "application/json", text))
}

fn content(
    status: StatusCode,
    content_type: &str,
    body: impl Into<specwright::axum::body::Body>,
) -> Response {
    http::Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(body.into())
        .unwrap()
}

async fn create_book<App: BooksApi + Security>(app: Arc<App>, mut call: Call) -> Response {
    let response = answer_create_book(&*app, &mut call).await;
    call.respond(response).await
}

async fn answer_create_book<App: BooksApi + Security>(
    app: &App,
    call: &mut Call,
) -> Result<Response, Refusal> {
    let challenges = || [Challenge::new("ApiKey")];
    let Some(key) = call.api_key_in_header("x-api-key") else {
        return Err(Refusal::unauthenticated(challenges()));
    };
    let user = app
        .api_key(call.context(), key)
        .await
        .map_err(|denied| denied.into_refusal(challenges))?;
    let body = call.read_body().await?;
    if let Some(body) = &body {
        let (shown, length) = (format!("{body:?}"), body.bytes.len());
        assert_eq!(
            shown,
            format!("ReceivedBody {{ bytes: {length}, content: 0, form: None }}")
        );
    }
    let request = decode_create_book(call, body)?;
    match app.create_book(call.context(), user, request).await {
        Ok(book) => json(StatusCode::CREATED, &book),
        Err(CreateBookError::Conflict(book)) => json(StatusCode::CONFLICT, &book),
        Err(CreateBookError::Unexpected(error)) => Err(error.into()),
    }
}

fn decode_create_book(
    call: &Call,
    body: Option<ReceivedBody>,
) -> Result<CreateBookRequest, Refusal> {
    let parameters = call.parameters()?;
    let mut cx = Decoder::new();
    let mut slots = parameters.slots();
    let shelf = slots.required(&mut cx, |node, cx| cx.integer(node));
    let tags = slots.optional(&mut cx, |node, cx| {
        cx.array(node, |node, cx| cx.string(node))
    });
    let copies = slots.optional(&mut cx, |node, cx| cx.integer(node));
    let trace = slots.optional(&mut cx, |node, cx| cx.string(node));
    let session = slots.optional(&mut cx, |node, cx| cx.string(node));
    let body = match &body {
        Some(body) => decode_new_book(Tree::parse(&body.bytes)?.root(), &mut cx),
        None => return Err(Problem::new(StatusCode::BAD_REQUEST).into()),
    };
    let violations = cx.into_violations();
    match (shelf, tags, copies, trace, session, body) {
        (Some(shelf), Some(tags), Some(copies), Some(trace), Some(session), Some(body))
            if violations.is_empty() =>
        {
            Ok(CreateBookRequest {
                shelf,
                tags: tags.unwrap_or_default(),
                copies,
                trace,
                session,
                body,
            })
        }
        _ => Err(Refusal::invalid(violations)),
    }
}

fn decode_new_book(node: Node<'_>, cx: &mut Decoder) -> Option<NewBook> {
    let mut title = None;
    let mut pages = None;
    for (key, value) in cx.members(node)? {
        match key {
            "title" => title = cx.string(value),
            "pages" => {
                pages = cx.integer::<i32>(value);
                if pages.is_some_and(|pages| pages < 1) {
                    cx.violation(value, Keyword::Minimum, "must be at least 1");
                }
            }
            _ => {}
        }
    }
    Some(NewBook {
        title: title?,
        pages: pages?,
    })
}

impl Encode for Book {
    fn encode(&self, out: &mut Encoder) {
        let mut object = out.object();
        object.member("\"title\":", &self.title);
        object.member("\"pages\":", &self.pages);
        object.end();
    }
}

async fn read_book<App: BooksApi + Security>(app: Arc<App>, mut call: Call) -> Response {
    let response = answer_read_book(&*app, &call).await;
    call.respond(response).await
}

async fn answer_read_book<App: BooksApi + Security>(
    app: &App,
    call: &Call,
) -> Result<Response, Refusal> {
    let id = {
        let parameters = call.parameters()?;
        let mut cx = Decoder::new();
        let id = parameters
            .slots()
            .required(&mut cx, |node, cx| cx.string(node));
        id.ok_or_else(|| Refusal::invalid(cx.into_violations()))?
    };
    let book = app.read_book(call.context(), id).await?;
    json(StatusCode::OK, &book)
}

/// Answers with what its parameters are, as text.
async fn read_page<App: BooksApi + Security>(_: Arc<App>, mut call: Call) -> Response {
    let response = answer_read_page(&call);
    call.respond(response).await
}

fn answer_read_page(call: &Call) -> Result<Response, Refusal> {
    let parameters = call.parameters()?;
    let mut cx = Decoder::new();
    let mut slots = parameters.slots();
    let page = slots.required(&mut cx, |node, cx| cx.string(node));
    let book = slots.required(&mut cx, |node, cx| cx.string(node));
    let ids = slots.optional(&mut cx, |node, cx| {
        cx.array(node, |node, cx| cx.string(node))
    });
    let header_ids = slots.optional(&mut cx, |node, cx| {
        cx.array(node, |node, cx| cx.string(node))
    });
    let violations = cx.into_violations();
    if !violations.is_empty() {
        return Err(Refusal::invalid(violations));
    }
    let text = format!("{page:?} {book:?} {ids:?} {header_ids:?}").replace("Some", "");
    Ok(content(StatusCode::OK, "text/plain", text))
}

async fn health<App: BooksApi + Security>(app: Arc<App>, mut call: Call) -> Response {
    let response = match app.health(call.context()).await {
        Ok(()) => Ok(content(
            StatusCode::OK,
            "application/json",
            r#"{"status":"ok"}"#,
        )),
        Err(error) => Err(error.into()),
    };
    call.respond(response).await
}

/// What a handler sets as a declared header.
pub(crate) const X_SHELF: HeaderName = HeaderName::from_static("x-shelf");
