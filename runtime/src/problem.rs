//! Problem details, the error bodies of RFC 9457, and the errors that handlers return.
//!
//! Nothing here knows a request: a problem is plain data until `refusal` answers with it.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::ops::{Deref, DerefMut};

use axum::response::IntoResponse;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use indexmap::IndexMap;
use serde::{Serialize, Serializer};

use crate::codegen;
use crate::decode::{Section, Violation, Violations};
use crate::encode::{Encode, Encoder, to_vec};

/// The media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// An error body: RFC 9457, "Problem Details for HTTP APIs".
///
/// It does not implement [`std::error::Error`], so that `?` tells a problem, which is answered as it is, from any other
/// error, which becomes an opaque 500.
///
/// # Examples
///
/// ```
/// use specwright::{Problem, StatusCode};
///
/// let problem = Problem::new(StatusCode::NOT_FOUND).with_detail("no book has this id").with("id", 7);
/// assert_eq!(
///     String::from_utf8(problem.to_json())?,
///     r#"{"title":"Not Found","status":404,"detail":"no book has this id","id":7}"#,
/// );
/// # Ok::<(), std::string::FromUtf8Error>(())
/// ```
///
/// Its members are fields: `problem.status`, `problem.detail`. They are those of [`ProblemMembers`], behind one pointer, so a
/// `Result` with a problem stays small.
#[derive(Clone, PartialEq)]
pub struct Problem(Box<ProblemMembers>);

/// The members of a [`Problem`] (RFC 9457, section 3).
#[derive(Clone, Debug, PartialEq)]
pub struct ProblemMembers {
    /// Which kind of problem this is, as a URI reference; absent means `about:blank`.
    pub type_uri: Option<Cow<'static, str>>,

    /// The kind of problem in a few words; the reason phrase of the status unless set.
    pub title: Option<Cow<'static, str>>,

    /// The status of the response.
    pub status: StatusCode,

    /// What went wrong this time.
    pub detail: Option<Cow<'static, str>>,

    /// A URI reference that names this occurrence.
    pub instance: Option<Cow<'static, str>>,

    /// Extension members, written after the standard ones.
    pub extensions: IndexMap<String, serde_json::Value>,

    /// Written as the extension member `errors`.
    pub(crate) violations: Option<Violations>,

    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,

    /// Whether the runtime made it by itself, so that no document has to describe it.
    pub(crate) is_own: bool,
}

impl Deref for Problem {
    type Target = ProblemMembers;

    fn deref(&self) -> &ProblemMembers {
        &self.0
    }
}

impl DerefMut for Problem {
    fn deref_mut(&mut self) -> &mut ProblemMembers {
        &mut self.0
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Problem").field(&self.0).finish()
    }
}

impl Problem {
    /// Creates a problem with the reason phrase of `status` as its title.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        Self(Box::new(ProblemMembers {
            type_uri: None,
            title: status.canonical_reason().map(Cow::Borrowed),
            status,
            detail: None,
            instance: None,
            extensions: IndexMap::new(),
            violations: None,
            headers: Vec::new(),
            is_own: false,
        }))
    }

    /// Says that the runtime made it by itself.
    pub(crate) fn own(mut self) -> Self {
        self.is_own = true;
        self
    }

    /// Sets the kind of problem, a URI reference.
    #[must_use]
    pub fn with_type(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.type_uri = Some(uri.into());
        self
    }

    /// Sets the kind of problem in a few words.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Says what went wrong this time.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Sets the URI reference that names this occurrence.
    #[must_use]
    pub fn with_instance(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.instance = Some(uri.into());
        self
    }

    /// Adds an extension member; the names of the standard members are left alone.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.extensions.insert(name.into(), value.into());
        self
    }

    /// Lists what the request breaks as the extension member `errors`.
    pub(crate) fn with_violations(mut self, violations: Violations) -> Self {
        self.violations = Some(violations);
        self
    }

    /// Sets another status, and its reason phrase as the title.
    pub(crate) fn set_status(&mut self, status: StatusCode) {
        if self.status != status {
            self.status = status;
            self.title = status.canonical_reason().map(Cow::Borrowed);
        }
    }

    /// Adds a header to the response, such as `Retry-After`.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Returns the problem as JSON text.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Every member is text, a number or a `Value`, none of which can fail to be written.
        to_vec(self).unwrap_or_default()
    }
}

/// The names that RFC 9457, section 3.1 defines; an extension member must not repeat one.
const STANDARD_MEMBERS: [&str; 5] = ["type", "title", "status", "detail", "instance"];

impl Encode for Problem {
    fn encode(&self, out: &mut Encoder) {
        let mut object = out.object();
        object.optional("\"type\":", self.type_uri.as_ref());
        object.optional("\"title\":", self.title.as_ref());
        object.member("\"status\":", &self.status.as_u16());
        object.optional("\"detail\":", self.detail.as_ref());
        object.optional("\"instance\":", self.instance.as_ref());
        object.members(
            self.extensions
                .iter()
                .filter(|(name, _)| !STANDARD_MEMBERS.contains(&name.as_str())),
        );
        object.optional("\"errors\":", self.violations.as_ref());
        object.end();
    }
}

impl Encode for Violations {
    fn encode(&self, out: &mut Encoder) {
        let mut array = out.array();
        for violation in self {
            array.item(violation);
        }
        array.end();
    }
}

/// A JSON text.
struct Raw<'t>(&'t str);

impl Encode for Raw<'_> {
    fn encode(&self, out: &mut Encoder) {
        out.raw(self.0);
    }
}

/// Where, which rule, and what would have been right; the value too, where the app echoes it.
impl Encode for Violation {
    fn encode(&self, out: &mut Encoder) {
        let in_body = self.section == Section::Body;
        let mut object = out.object();
        object.member("\"in\":", self.section.as_str());
        if !in_body {
            object.member("\"name\":", &self.name);
        }
        if in_body || !self.pointer.is_empty() {
            object.member("\"pointer\":", &self.pointer);
        }
        object.member("\"code\":", self.keyword.as_str());
        object.member("\"detail\":", &self.detail);
        object.optional("\"input\":", self.input.as_deref().map(Raw).as_ref());
        object.end();
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        codegen::serialize(self, serializer)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> axum::response::Response {
        let body = axum::body::Body::from(Bytes::from(self.to_json()));
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        for (name, value) in self.0.headers {
            headers.append(name, value);
        }
        response
    }
}

/// An error that the document does not declare.
///
/// Any [`std::error::Error`] converts into it with `?` and becomes an opaque 500 with the id of the request, while the
/// error and its sources are logged. A [`Problem`] converts too and is answered as it is, so that a helper or a
/// dependency can answer 404 or 503. What is only a `Box<dyn Error>`, or an `anyhow::Error`, goes through
/// [`Unexpected::new`].
pub struct Unexpected(Kind);

enum Kind {
    Problem(Problem),
    Error(Box<dyn StdError + Send + Sync>),
}

impl Unexpected {
    /// Wraps whatever converts into a boxed error.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::Unexpected;
    ///
    /// fn stock() -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    ///     Err("the warehouse does not answer".into())
    /// }
    ///
    /// fn order() -> Result<u32, Unexpected> {
    ///     Ok(stock().map_err(Unexpected::new)? - 1)
    /// }
    ///
    /// assert!(order().is_err());
    /// ```
    pub fn new(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(Kind::Error(error.into()))
    }

    /// Returns the problem that will be answered, if this is one.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match &self.0 {
            Kind::Problem(problem) => Some(problem),
            Kind::Error(_) => None,
        }
    }

    /// What the log says of it.
    pub(crate) fn words(&self) -> impl fmt::Display + '_ {
        fmt::from_fn(|f| match &self.0 {
            Kind::Problem(problem) => f.write_str(&String::from_utf8_lossy(&problem.to_json())),
            Kind::Error(error) => write!(f, "{}", Chain(&**error)),
        })
    }

    /// Splits into the problem to answer with, or the error to log.
    pub(crate) fn into_parts(self) -> Result<Problem, Box<dyn StdError + Send + Sync>> {
        match self.0 {
            Kind::Problem(problem) => Ok(problem),
            Kind::Error(error) => Err(error),
        }
    }
}

impl From<Problem> for Unexpected {
    fn from(problem: Problem) -> Self {
        Self(Kind::Problem(problem))
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Unexpected {
    fn from(error: E) -> Self {
        Self(Kind::Error(Box::new(error)))
    }
}

impl fmt::Debug for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Problem(problem) => f.debug_tuple("Unexpected").field(problem).finish(),
            Kind::Error(error) => f.debug_tuple("Unexpected").field(error).finish(),
        }
    }
}

/// An error and its sources on one line: `cannot open the shop: no such file`.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

/// A 503 of what will be there in a moment.
#[cold]
pub(crate) fn unavailable(why: &'static str) -> Unexpected {
    unavailable_for(1, why).into()
}

/// A 503 of what may be asked for again in so many seconds.
#[cold]
pub(crate) fn unavailable_for(seconds: u64, why: &'static str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE)
        .with_detail(why)
        .with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
        .own()
}
