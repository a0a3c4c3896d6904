//! Requests while they are written: the mirror of `codegen::read`.

use axum::body::Body;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::ClientOptions;
use super::credentials::{self, SentCredential};
use super::error::RequestError;
use super::parts;
use crate::body::ReceivedBody;
use crate::codegen::Incoming;
use crate::decode::{Decoder, Section};
use crate::encode::{Encode, to_vec};
use crate::media_type;
use crate::node::Tree;
use crate::operation::{Document, Operation};
use crate::parameter::{self, Coercion, Escape, Form, Parameters, Sources, joined, scalar};
use crate::problem::Unexpected;
use crate::refusal::Refusal;
use crate::template::Template;
use crate::value::Maybe;

/// One request while it is written: the parameters in the order of their descriptions, then the body.
pub struct RequestWriter<'o> {
    operation: &'static Operation,
    options: &'o ClientOptions,
    /// The parameters that were not written yet.
    parameters: std::slice::Iter<'static, parameter::Parameter>,
    /// The values of the path, as JSON.
    path: Vec<(&'static parameter::Parameter, Vec<u8>)>,
    query: Vec<String>,
    headers: HeaderMap,
    cookies: Vec<String>,
    /// The templates of the document that take a path before this operation does.
    pub(super) before: &'static [&'static str],
    /// All that the operation takes, known or not.
    credentials: Vec<SentCredential<'o>>,
    /// Those that are sent.
    sent: Vec<SentCredential<'o>>,
    body: Option<WrittenBody>,
    fault: Option<RequestError>,
}

/// A body as it is sent, and as the server would have received it.
pub(super) struct WrittenBody {
    pub(super) body: Body,
    pub(super) received: ReceivedBody,
}

/// A request as the server would read it.
pub struct Sent {
    operation: &'static Operation,
    path: Vec<(String, String)>,
    query: String,
    headers: HeaderMap,
}

/// A request that is written.
pub(super) struct Written {
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    pub(super) sent: Sent,
    pub(super) received: Option<ReceivedBody>,
}

impl<'o> RequestWriter<'o> {
    pub(super) fn new(operation: &'static Operation, options: &'o ClientOptions) -> Self {
        Self {
            operation,
            options,
            parameters: operation.parameters.iter(),
            path: Vec::new(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            before: &[],
            credentials: Vec::new(),
            sent: Vec::new(),
            body: None,
            fault: None,
        }
    }

    pub(super) fn options(&self) -> &'o ClientOptions {
        self.options
    }

    /// The next parameter, one that has a value.
    pub fn required(&mut self, value: &impl Encode) {
        if let Some(parameter) = self.parameters.next() {
            self.parameter(parameter, value);
        }
    }

    /// The next parameter, where it has a value.
    pub fn optional<T: Encode>(&mut self, value: &Option<T>) {
        if let (Some(parameter), Some(value)) = (self.parameters.next(), value) {
            self.parameter(parameter, value);
        }
    }

    /// The next parameter, which may be null where it has a value.
    pub fn maybe<T: Encode>(&mut self, value: &Maybe<T>) {
        match (self.parameters.next(), value) {
            (Some(parameter), Maybe::Value(value)) => self.parameter(parameter, value),
            (Some(parameter), Maybe::Null) => self.spell(parameter, b"null".to_vec()),
            _ => {}
        }
    }

    fn parameter(&mut self, parameter: &'static parameter::Parameter, value: &impl Encode) {
        match to_vec(value) {
            Ok(json) => self.spell(parameter, json),
            Err(error) => self.fail(of_parameter(parameter, &error.to_string())),
        }
    }

    fn spell(&mut self, parameter: &'static parameter::Parameter, json: Vec<u8>) {
        // Where it stands among others is known only when all are there.
        if parameter.section == Section::Path {
            self.path.push((parameter, json));
            return;
        }
        let spelled = match Tree::parse(&json) {
            Ok(tree) => self.spell_tree(parameter, &tree),
            Err(error) => Err(error.to_string()),
        };
        if let Err(why) = spelled {
            self.fail(of_parameter(parameter, &why));
        }
    }

    fn spell_tree(
        &mut self,
        parameter: &'static parameter::Parameter,
        tree: &Tree<'_>,
    ) -> Result<(), String> {
        let node = tree.root();
        match parameter.section {
            Section::Query => self.query.push(joined(&parameter.pairs(node)?)),
            Section::Querystring => self.query.push(parameter.query_text(node)?),
            Section::Cookie => {
                for field in parameter.pairs(node)? {
                    self.cookies.push(format!("{}={}", field.name, field.value));
                }
            }
            Section::Header => {
                let value = parameter.header_value(node)?;
                let name = HeaderName::try_from(parameter.name);
                let name = name.map_err(|error| error.to_string())?;
                if self.headers.contains_key(&name) {
                    return Err("a credential is sent in this header".to_owned());
                }
                self.headers.insert(name, value);
            }
            Section::Path | Section::Body => {}
        }
        Ok(())
    }

    /// A body of JSON. `content` are the positions of the media types that it may have.
    pub fn json(&mut self, content: &[usize], value: &impl Encode) {
        match to_vec(value) {
            Ok(json) => self.whole(content, "application/json", json),
            Err(error) => self.fail(of_body(&error.to_string())),
        }
    }

    /// A body of text that is the value, without quotes.
    pub fn text(&mut self, content: &[usize], value: &impl Encode) {
        let json = match to_vec(value) {
            Ok(json) => json,
            Err(error) => return self.fail(of_body(&error.to_string())),
        };
        let tree = Tree::parse(&json).ok();
        match tree.and_then(|tree| scalar(tree.root())) {
            Some(text) => self.whole(content, "text/plain", text),
            None => self.fail(of_body("it is null, a list or an object, which is no text")),
        }
    }

    /// A body of bytes as they are.
    pub fn bytes(&mut self, content: &[usize], value: &Bytes) {
        self.whole(content, "application/octet-stream", value.clone());
    }

    /// A body of `application/x-www-form-urlencoded`.
    pub fn form(&mut self, content: &[usize], form: &'static Form, value: &impl Encode) {
        let json = match to_vec(value) {
            Ok(json) => json,
            Err(error) => return self.fail(of_body(&error.to_string())),
        };
        let fields = match Tree::parse(&json) {
            Ok(tree) => form.fields(tree.root(), Escape::Percent),
            Err(error) => return self.fail(of_body(&error.to_string())),
        };
        match fields {
            Ok(fields) => self.whole(
                content,
                "application/x-www-form-urlencoded",
                joined(&fields),
            ),
            Err((name, why)) => self.fail(of_body(&format!("of the property `{name}`, {why}"))),
        }
    }

    /// A multipart body.
    pub fn multipart(&mut self, content: &[usize], value: &impl Encode) {
        let Some((position, media_type)) = self.media_type(content, "multipart/form-data") else {
            return;
        };
        let described = self.operation.body.as_ref();
        let parts = described.and_then(|it| it.parts.iter().find(|(name, _)| *name == media_type));
        let Some((declared, parts)) = parts else {
            return self.fail(of_body("nothing says what its parts are"));
        };
        match parts::write(declared, parts, position, value) {
            Ok((content_type, length, body)) => {
                self.headers.insert(header::CONTENT_TYPE, content_type);
                self.headers.insert(header::CONTENT_LENGTH, length.into());
                self.body = Some(body);
            }
            Err(error) => self.fail(error),
        }
    }

    /// A body that is there at once.
    fn whole(&mut self, content: &[usize], default: &str, bytes: impl Into<Bytes>) {
        let Some((position, media_type)) = self.media_type(content, default) else {
            return;
        };
        let is_bare = media_type::is_text(&media_type)
            && !media_type.to_ascii_lowercase().contains("charset");
        let value = match is_bare {
            true => HeaderValue::try_from(format!("{media_type}; charset=utf-8")),
            false => HeaderValue::try_from(media_type),
        };
        let Ok(value) = value else {
            return self.fail(of_body("its media type is no header"));
        };
        self.headers.insert(header::CONTENT_TYPE, value);
        let bytes = bytes.into();
        self.body = Some(WrittenBody {
            body: Body::from(bytes.clone()),
            received: ReceivedBody {
                bytes,
                content: position,
                unread: None,
                form: None,
            },
        });
    }

    /// The media type in which a body is sent, and its position: the one that the options name, the first that is no
    /// range, or the default where a range has it.
    fn media_type(&mut self, content: &[usize], default: &str) -> Option<(usize, String)> {
        let declared = self.operation.body.map_or(&[][..], |body| body.content);
        let is_ours = |media_type: &str| {
            media_type::find(declared, media_type).filter(|position| content.contains(position))
        };
        let asked = self.options.headers.get(header::CONTENT_TYPE);
        if let Some(asked) = asked.and_then(|it| it.to_str().ok())
            && let Some(position) = is_ours(asked)
        {
            return Some((position, asked.to_owned()));
        }
        let mut named = content.iter().filter_map(|it| declared.get(*it));
        let concrete = named.find(|it| !media_type::essence(it).ends_with("/*"));
        let chosen = concrete.map_or(default, |it| *it);
        match is_ours(chosen) {
            Some(position) => Some((position, chosen.to_owned())),
            None => {
                let why = "only a range of media types is declared: the header `Content-Type` of the client's options says which";
                self.fail(of_body(why));
                None
            }
        }
    }

    /// Credentials: of the alternatives, the first of which all are known. Where none is, none is sent.
    pub fn credentials(&mut self, alternatives: &[&[SentCredential<'o>]]) {
        self.credentials = alternatives.concat();
        for credential in credentials::chosen(alternatives) {
            self.sent.push(*credential);
            let put = credential.put(&mut self.headers, &mut self.query, &mut self.cookies);
            if let Err(error) = put {
                self.fail(error);
            }
        }
    }

    fn fail(&mut self, error: RequestError) {
        self.fault.get_or_insert(error);
    }

    /// The request, with its path under that of its server.
    pub(super) fn finish(mut self, document: &'static Document) -> Result<Written, RequestError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let template = Template::parse(self.operation.template).map_err(RequestError::new)?;
        let path = template.compose(|name, is_beside| {
            let value = self.path.iter().find(|(it, _)| it.name == name);
            let (parameter, json) = value.ok_or_else(|| {
                RequestError::new(format!("the path parameter `{name}` is missing"))
            })?;
            let spelled = match Tree::parse(json) {
                Ok(tree) => parameter.path_text(tree.root(), is_beside),
                Err(_) => Err("it is no JSON"),
            };
            spelled.map_err(|why| of_parameter(parameter, why))
        })?;
        // RFC 3986, section 5.2.4: on its way, such a segment would be taken away.
        if path.split('/').any(|it| matches!(it, "." | "..")) {
            let why = "a segment of the path would be `.` or `..`";
            return Err(RequestError::new(why));
        }
        let ranges = template.matches(&path).ok_or_else(|| {
            RequestError::new("a parameter of the path is empty, or holds what stands beside it")
        })?;
        for before in self.before {
            let other = Template::parse(before).map_err(RequestError::new)?;
            if other.matches(&path).is_some() {
                let why = format!("its path is that of `{before}`, which is another operation's");
                return Err(RequestError::new(why));
            }
        }
        let values = ranges.into_iter().map(|range| {
            let range = range.start as usize..range.end as usize;
            path.get(range).unwrap_or_default().to_owned()
        });
        let names = template.names().iter().cloned();
        let values: Vec<(String, String)> = names.zip(values).collect();
        self.query.retain(|pairs| !pairs.is_empty());
        let query = self.query.join("&");
        // Before anything is read back, so that the options change nothing of what is.
        self.add_options()?;
        if !self.cookies.is_empty() {
            let cookies = HeaderValue::try_from(self.cookies.join("; "));
            let mut cookies =
                cookies.map_err(|_| RequestError::new("a cookie holds what no header may hold"))?;
            cookies.set_sensitive(true);
            self.headers.insert(header::COOKIE, cookies);
        }
        for credential in &self.sent {
            credential.check(&self.headers, &query)?;
        }
        let base = self.operation.base.unwrap_or(document.base);
        let prefix = self.options.prefix.trim_end_matches('/');
        let mut target = format!("{prefix}{base}{path}");
        if !query.is_empty() {
            target.push('?');
            target.push_str(&query);
        }
        let (body, received) = match self.body {
            Some(it) => (it.body, Some(it.received)),
            None => (Body::empty(), None),
        };
        Ok(Written {
            target,
            headers: self.headers.clone(),
            body,
            sent: Sent {
                operation: self.operation,
                path: values,
                query,
                headers: self.headers,
            },
            received,
        })
    }
}

impl RequestWriter<'_> {
    /// Adds the headers of the options that the request does not have.
    ///
    /// # Errors
    ///
    /// One of them has the name of a parameter or a credential of the operation, which it would stand for.
    fn add_options(&mut self) -> Result<(), RequestError> {
        let options = self.options;
        for name in options.headers.keys() {
            let values = options.headers.get_all(name);
            if *name == header::COOKIE {
                for value in values {
                    self.add_cookies(value)?;
                }
            } else if *name != header::CONTENT_TYPE && !self.headers.contains_key(name) {
                let is = |it: &str| it.eq_ignore_ascii_case(name.as_str());
                let mut own = self.own(Section::Header, |it| it.header());
                if own.any(is) {
                    return Err(taken("header", name.as_str()));
                }
                drop(own);
                for value in values {
                    self.headers.append(name, value.clone());
                }
            }
        }
        Ok(())
    }

    /// Adds the cookies of a header that the request does not have.
    fn add_cookies(&mut self, value: &HeaderValue) -> Result<(), RequestError> {
        let text = value.to_str().map_err(|_| {
            RequestError::new("the header `Cookie` of the client's options is no text")
        })?;
        let pairs = text.split(';').map(str::trim).filter(|it| !it.is_empty());
        for pair in pairs {
            let name_of = |pair: &str| pair.split('=').next().unwrap_or_default().trim().to_owned();
            let name = name_of(pair);
            if self.cookies.iter().any(|it| name_of(it) == name) {
                continue;
            }
            let mut own = self.own(Section::Cookie, |it| it.cookie());
            if own.any(|it| it == name) {
                return Err(taken("cookie", &name));
            }
            drop(own);
            self.cookies.push(pair.to_owned());
        }
        Ok(())
    }

    /// The names of the operation's parameters and credentials of one place.
    fn own(
        &self,
        section: Section,
        credential: impl Fn(SentCredential<'_>) -> Option<&'static str>,
    ) -> impl Iterator<Item = &'static str> {
        let parameters = self.operation.parameters.iter();
        let parameters = parameters.filter(move |it| it.section == section);
        let credentials = self.credentials.iter().copied();
        let credentials = credentials.filter_map(credential);
        parameters.map(|it| it.name).chain(credentials)
    }
}

fn taken(what: &str, name: &str) -> RequestError {
    RequestError::new(format!(
        "the {what} `{name}` of the client's options is a parameter or a credential of the operation, which the request does \
         not have"
    ))
}

fn of_parameter(parameter: &parameter::Parameter, why: &str) -> RequestError {
    RequestError::new(format!(
        "the {} parameter `{}` cannot be written: {why}",
        parameter.section.as_str(),
        parameter.name
    ))
}

pub(super) fn of_body(why: &str) -> RequestError {
    RequestError::new(format!("the body cannot be written: {why}"))
}

impl Incoming for Sent {
    fn operation(&self) -> &'static Operation {
        self.operation
    }

    fn parameters(&self) -> Result<Parameters, Refusal> {
        let path = self.path.iter();
        parameter::read(
            self.operation.parameters,
            self.operation.query_keys,
            path.map(|(name, value)| (name.as_str(), value.as_str())),
            Sources {
                query: &self.query,
                headers: &self.headers,
            },
            Coercion::Strict,
        )
        .map_err(|error| Unexpected::from(error).into())
    }

    fn decoder(&self) -> Decoder {
        Decoder::new()
    }
}
