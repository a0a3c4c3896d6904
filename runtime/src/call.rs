//! One request on its way through generated code.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::response::Response;
use futures_util::future::{self, BoxFuture, Either, Ready};
use http::Method;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http_body::Body as _;

use crate::body::{self, ReceivedBody};
use crate::context::{Change, Context, REQUEST_ID};
use crate::decode::{Decoder, Section};
use crate::dependency::{Outcome, Scope};
use crate::media_type;
use crate::operation::Operation;
use crate::parameter::{self, Parameters, Sources, UnknownQuery};
use crate::problem::Unexpected;
use crate::refusal::Refusal;
use crate::routes::{Endpoint, Settings};
use crate::security::{self, ApiKey, Basic, Bearer, Challenge, HttpCredentials, PeerCertificate};
use crate::sent::{Ending, SentBody, Settling};
use crate::stream;

/// A request that has found its operation.
///
/// Generated code drives it: credentials first, then the body, then the parameters, and the response at the end.
pub struct Call {
    /// On the heap, because futures hold a call and are moved.
    state: Box<State>,
}

struct State {
    context: Context,
    /// Never locked: a body is not `Sync`, and a reference to this has to be `Send`.
    body: Mutex<Option<Body>>,
    path_values: Vec<Range<u32>>,
    /// Whether the body of the response is made while it is sent.
    streams: AtomicBool,
    /// Whether `Accept` had a say in the media type of the response.
    negotiated: AtomicBool,
}

impl Call {
    pub(crate) fn new(
        parts: Parts,
        body: Body,
        endpoint: Arc<Endpoint>,
        path_values: Vec<Range<u32>>,
    ) -> Self {
        Self {
            state: Box::new(State {
                context: Context::new(parts, endpoint),
                body: Mutex::new(Some(body)),
                path_values,
                streams: AtomicBool::new(false),
                negotiated: AtomicBool::new(false),
            }),
        }
    }

    /// Returns what the handler is given.
    pub fn context(&self) -> &Context {
        &self.state.context
    }

    /// Returns the id of the request, where it has one.
    pub(crate) fn request_id(&self) -> Option<&HeaderValue> {
        self.headers().get(REQUEST_ID)
    }

    fn headers(&self) -> &HeaderMap {
        self.state.context.headers()
    }

    fn endpoint(&self) -> &Endpoint {
        self.state.context.endpoint()
    }

    /// Says that the body of the response is made while it is sent.
    pub(crate) fn streams(&self) {
        self.state.streams.store(true, Ordering::Relaxed);
    }

    /// Asks for the dependencies that the operation needs before its handler runs.
    ///
    /// # Errors
    ///
    /// What one of them is refused with.
    pub async fn admit(&self) -> Result<&Self, Refusal> {
        for requirement in &self.endpoint().requirements {
            requirement.check(&self.state.context).await?;
        }
        Ok(self)
    }

    /// Reads an API key from a header.
    pub fn api_key_in_header(&self, name: &str) -> Option<ApiKey> {
        security::key_in_header(self.headers(), name)
    }

    /// Reads an API key from a query parameter.
    pub fn api_key_in_query(&self, name: &str) -> Option<ApiKey> {
        parameter::only_query_value(self.state.context.uri().query()?, name).map(ApiKey::new)
    }

    /// Reads an API key from a cookie.
    pub fn api_key_in_cookie(&self, name: &str) -> Option<ApiKey> {
        parameter::cookie_value(self.headers(), name)
            .filter(|key| !key.is_empty())
            .map(ApiKey::new)
    }

    /// Reads the credentials of `Authorization: Basic`.
    pub fn basic(&self) -> Option<Basic> {
        security::basic(self.headers())
    }

    /// Reads the token of `Authorization: Bearer`.
    pub fn bearer(&self) -> Option<Bearer> {
        security::bearer(self.headers())
    }

    /// Reads the credentials of `Authorization` with another scheme, named in lower case.
    pub fn http_credentials(&self, scheme: &'static str) -> Option<HttpCredentials> {
        security::http(self.headers(), scheme)
    }

    /// Returns the certificate that the connection was made with.
    pub fn peer_certificate(&self) -> Option<PeerCertificate> {
        self.state.context.extensions().get().cloned()
    }

    /// Lets the rest of the request know who calls.
    pub fn keep_principal<P: Clone + Send + Sync + 'static>(&self, principal: Option<&P>) {
        if let Some(principal) = principal {
            self.state.context.keep_principal(principal.clone());
        }
    }

    /// Refuses `Authorization: Basic` that cannot be read, where nobody has to send any.
    ///
    /// # Errors
    ///
    /// 401 with these challenges.
    pub fn no_malformed_basic<C: Into<Vec<Challenge>>>(
        &self,
        challenges: impl FnOnce() -> C,
    ) -> Result<(), Refusal> {
        let is_malformed =
            security::http(self.headers(), "basic").is_some() && self.basic().is_none();
        match is_malformed {
            true => Err(Refusal::unauthenticated(challenges())),
            false => Ok(()),
        }
    }

    /// Returns which of the media types the client likes best; the first where it says nothing or likes none.
    pub fn preferred(&self, offers: &[&'static str]) -> &'static str {
        self.state.negotiated.store(true, Ordering::Relaxed);
        let index = media_type::negotiate(offers, self.headers()).unwrap_or_default();
        offers.get(index).copied().unwrap_or_default()
    }

    /// Asks for what the operation needs, checks type and length of the body by the headers, and reads it.
    ///
    /// It is `None` when there is none, or when the operation takes none. Without a byte, a body of JSON is none, and one of
    /// another declared type is empty. Whether it must be there is for the caller to say, beside the violations of the
    /// parameters.
    ///
    /// # Errors
    ///
    /// As [`admit`](Self::admit); 415, 413, 408 when no byte arrives for too long, and 400 when it ends early.
    pub async fn read_body(&mut self) -> Result<Option<ReceivedBody>, Refusal> {
        self.admit().await?;
        let body = self
            .state
            .body
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        match (self.state.context.operation().body, body.take()) {
            (Some(description), Some(body)) => {
                body::read(
                    &description,
                    self.state.context.headers(),
                    body,
                    self.state.context.endpoint(),
                )
                .await
            }
            _ => Ok(None),
        }
    }

    /// Reads the declared parameters, undecoded beyond their style.
    ///
    /// # Errors
    ///
    /// A 500 when there are 4 GiB of text, which no server lets in.
    pub fn parameters(&self) -> Result<Parameters, Refusal> {
        let names = self.endpoint().template.names().iter().map(String::as_str);
        let values = self
            .state
            .path_values
            .iter()
            .map(|range| self.path_slice(range).unwrap_or_default());
        let operation = self.state.context.operation();
        parameter::read(
            operation.parameters,
            operation.query_keys,
            names.zip(values),
            Sources {
                query: self.state.context.uri().query().unwrap_or_default(),
                headers: self.headers(),
            },
            self.endpoint().settings.coercion,
        )
        .map_err(|error| Unexpected::from(error).into())
    }

    /// What decodes the request; it has found the parameters of the query that the document does not know already, where
    /// the app refuses them.
    pub fn decoder(&self) -> Decoder {
        let Settings {
            errors, coercion, ..
        } = &*self.endpoint().settings;
        let mut cx = Decoder::with_manner(errors.manner(self.endpoint().document, *coercion));
        self.check_query(&mut cx);
        cx
    }

    fn check_query(&self, cx: &mut Decoder) {
        if self.endpoint().settings.unknown_query == UnknownQuery::Reject
            && let Some(query) = self.state.context.uri().query()
        {
            let operation = self.state.context.operation();
            for name in parameter::unclaimed(operation.parameters, operation.query_keys, query) {
                cx.unknown_parameter(Section::Query, name.into_owned());
            }
        }
    }

    fn path_slice(&self, range: &Range<u32>) -> Option<&str> {
        let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
        self.state.context.uri().path().get(range)
    }

    /// Finishes the response: what the handler set through its [`Context`], and the errors in their one format; then the
    /// dependencies of the request, whose release may make another response of it.
    pub fn respond(
        &mut self,
        result: Result<Response, Refusal>,
    ) -> Either<Ready<Response>, BoxFuture<'_, Response>> {
        let changes = self.state.context.take_changes();
        let Some(scope) = self.state.context.take_scope() else {
            return Either::Left(future::ready(self.complete(result, changes)));
        };
        let response = self.complete(result, changes.clone());
        // On the heap, so that a request without dependencies has no place for it.
        Either::Right(Box::pin(self.settle(scope, response, changes)))
    }

    fn complete(&mut self, result: Result<Response, Refusal>, changes: Vec<Change>) -> Response {
        let mut response = match result {
            Ok(response) => response,
            Err(refusal) => refusal.respond(self.endpoint().asked(self.headers())),
        };
        Change::apply(changes, response.headers_mut());
        // A file is chosen from when all that is said of it is known.
        let (method, headers) = (self.state.context.method(), self.state.context.headers());
        if let Err(refusal) = stream::select(&mut response, method, headers) {
            let own = std::mem::take(response.headers_mut());
            response = refusal.respond(self.endpoint().asked(headers));
            keep_headers(own, response.headers_mut());
        }
        if *self.state.negotiated.get_mut() {
            media_type::vary(response.headers_mut());
        }
        if self.endpoint().settings.annotate {
            let operation: &'static Operation = self.state.context.operation();
            response.extensions_mut().insert(operation);
        }
        response
    }

    /// Releases the dependencies, now or when the stream that is the response has ended, and leaves what is to do after it to
    /// its body.
    ///
    /// Where this is dropped, the scope is too, and all is released.
    async fn settle(
        &mut self,
        mut scope: Box<Scope>,
        mut response: Response,
        changes: Vec<Change>,
    ) -> Response {
        let is_unsent = *self.state.context.method() == Method::HEAD;
        let mut is_stream =
            *self.state.streams.get_mut() && !is_unsent && !response.body().is_end_stream();
        let mut outcome = Outcome::of(response.status());
        let jobs = scope.take_jobs();
        let mut batch = None;
        if outcome.is_success() && !jobs.is_empty() {
            // Before anything is kept: where there is no place, the request has failed.
            match self.endpoint().settings.background.admit(jobs) {
                Ok(admitted) => batch = Some(admitted),
                Err(refusal) => {
                    response = self.complete(Err(refusal), changes.clone());
                    outcome = Outcome::of(response.status());
                    is_stream = false;
                }
            }
        }
        let mut ending = Ending {
            scope,
            outcome,
            batch,
        };
        if !is_stream {
            let Some((left, released)) = Settling::of(ending).settled().await else {
                return response;
            };
            ending = left;
            if let Err(error) = released {
                response = self.complete(Err(error.into()), changes);
                ending.outcome = Outcome::of(response.status());
                ending.batch = None;
            }
        }
        if ending.is_empty() {
            return response;
        }
        response.map(|body| Body::new(SentBody::new(body, ending, is_unsent)))
    }
}

/// Keeps the headers of a response that are about nothing it would have held, such as cookies.
fn keep_headers(own: HeaderMap, headers: &mut HeaderMap) {
    let is_of_content = |name: &HeaderName| {
        name.as_str().starts_with("content-")
            || matches!(
                *name,
                header::CACHE_CONTROL | header::EXPIRES | header::LAST_MODIFIED
            )
    };
    let mut last = None;
    for (name, value) in own {
        // Only the first value of a name says which it is.
        last = name.or(last);
        if let Some(name) = last.as_ref().filter(|name| !is_of_content(name)) {
            headers.append(name.clone(), value);
        }
    }
}
