//! What handlers receive where a request is a stream: items as they come, each checked by itself.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use futures_core::Stream;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::event::{EventData, ServerEvent};
use super::framing::{EventFields, Framing, Item, Splitter};
use crate::body::ReceivedBody;
use crate::chunks::Chunks;
use crate::context::REQUEST_ID;
use crate::decode::{Decoder, Manner};
use crate::form::Multipart;
use crate::multipart::{Parser, PartItems, Unread};
use crate::node::{BuildError, Node, Tree, TreeBuilder};
use crate::problem::{Problem, Unexpected};
use crate::refusal::Refusal;
use crate::routes::{Endpoint, Settings};

/// A request body that is one item after the other, each checked against the document when it has come.
///
/// Bytes are read as items are asked for, so a client that sends faster waits, and no more than one item is in memory. An
/// item that breaks the document is a [`Problem`] with status 422, or
/// [`App::violation_status`](crate::App::violation_status), whose pointers begin with the position of the item; what
/// follows it can still be read. Where the body itself is broken (400), stops to come (408) or has an item longer than
/// [`App::body_limit`](crate::App::body_limit) (413), nothing follows. The body as a whole may be of any length.
///
/// # Examples
///
/// ```
/// use specwright::{ItemStream, Problem};
///
/// async fn total(mut numbers: ItemStream<u64>) -> Result<u64, Problem> {
///     let mut total = 0;
///     while let Some(number) = numbers.next().await {
///         total += number?;
///     }
///     Ok(total)
/// }
/// ```
pub struct ItemStream<T> {
    /// Never locked: a body is not `Sync`, and requests should be.
    state: Mutex<State<T>>,
}

/// Makes a value of an item; what is wrong with it is in the decoder, or the error.
type Read<T> = Box<dyn FnMut(Item, &mut Decoder) -> Result<Option<T>, Refusal> + Send>;

struct State<T> {
    /// Where the items are parts; then there are no bytes of its own.
    parts: Option<PartItems>,
    chunks: Option<Chunks>,
    splitter: Splitter,
    limit: usize,
    read: Read<T>,
    /// The position of the next item.
    index: u64,
    /// How items are decoded.
    manner: Manner,
    /// The status of items that break the document.
    violation_status: StatusCode,
    request_id: Option<HeaderValue>,
}

impl<T> ItemStream<T> {
    /// The next item; `None` after the last.
    ///
    /// # Errors
    ///
    /// The item, or the body, is not what it has to be.
    pub async fn next(&mut self) -> Option<Result<T, Problem>> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Problem>>> {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let item = ready!(state.poll_item(cx));
        Poll::Ready(
            item.map(|item| {
                item.map_err(|refusal| refusal.into_problem(state.request_id.as_ref()))
            }),
        )
    }
}

impl<T> Stream for ItemStream<T> {
    type Item = Result<T, Problem>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(cx)
    }
}

impl<T> fmt::Debug for ItemStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemStream").finish_non_exhaustive()
    }
}

impl<T> State<T> {
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Refusal>>> {
        if let Some(parts) = &mut self.parts {
            return match ready!(parts.poll_next(cx)) {
                Some(Ok(form)) => Poll::Ready(Some(self.read(Item::Part(Box::new(form))))),
                Some(Err(refusal)) => self.fail(refusal),
                None => Poll::Ready(None),
            };
        }
        loop {
            if let Some(item) = self.splitter.next() {
                // It may have come together with its end.
                if item.len() > self.limit {
                    return self.fail(self.too_long());
                }
                return Poll::Ready(Some(self.read(item)));
            }
            let Some(chunks) = &mut self.chunks else {
                if self.splitter.is_complete() {
                    return Poll::Ready(None);
                }
                self.splitter.complete();
                continue;
            };
            if self.splitter.pending() > self.limit {
                return self.fail(self.too_long());
            }
            match ready!(chunks.poll_next(cx)) {
                Some(Ok(bytes)) => self.splitter.push(&bytes),
                Some(Err(refusal)) => return self.fail(refusal),
                None => self.chunks = None,
            }
        }
    }

    fn too_long(&self) -> Refusal {
        let Self { index, limit, .. } = self;
        Refusal::part_too_large(format!(
            "item {index} of the body must not be longer than {limit} bytes"
        ))
    }

    /// Reads no further.
    fn fail(&mut self, refusal: Refusal) -> Poll<Option<Result<T, Refusal>>> {
        (self.parts, self.chunks) = (None, None);
        self.splitter = Splitter::new(Framing::Lines);
        Poll::Ready(Some(Err(refusal)))
    }

    fn read(&mut self, item: Item) -> Result<T, Refusal> {
        let index = self.index;
        self.index += 1;
        let mut cx = Decoder::with_manner(self.manner);
        match (self.read)(item, &mut cx) {
            Ok(Some(value)) if cx.is_valid() => Ok(value),
            Ok(_) => {
                let mut violations = cx.into_violations();
                violations.put_within(&index.to_string());
                let mut problem =
                    Refusal::invalid(violations).into_problem(self.request_id.as_ref());
                problem.set_status(self.violation_status);
                Err(problem.into())
            }
            Err(refusal) => Err(refusal.of_item(index)),
        }
    }
}

enum Incoming {
    Bytes(Chunks),
    Parts(PartItems),
    Form(Box<Unread>),
}

/// A body that is not read yet.
pub(crate) struct Received {
    source: Incoming,
    framing: Framing,
    limit: u64,
    manner: Manner,
    violation_status: StatusCode,
    request_id: Option<HeaderValue>,
}

impl Received {
    /// A body of this media type, each of whose items is held against the document and the settings as a body is.
    pub(crate) fn new(
        body: Body,
        media_type: &str,
        parts: Option<&'static Multipart>,
        headers: &HeaderMap,
        endpoint: &Endpoint,
    ) -> Result<Self, Refusal> {
        let Settings {
            errors, coercion, ..
        } = &*endpoint.settings;
        let limit = endpoint.body_limit();
        let chunks = Chunks::new(body, u64::MAX, endpoint.settings.body_idle_timeout);
        let manner = errors.manner(endpoint.document, *coercion);
        let request_id = headers.get(REQUEST_ID).cloned();
        let source = match parts {
            Some(Multipart {
                positions: Some(positions),
                ..
            }) => {
                let parser = Parser::new(headers, chunks)?.item_limit(limit);
                Incoming::Parts(PartItems::new(positions, parser))
            }
            Some(
                description @ Multipart {
                    flow: Some(rules), ..
                },
            ) => Incoming::Form(Box::new(Unread {
                parser: Parser::new(headers, chunks)?.text_limit(limit),
                description,
                rules: *rules,
                manner,
                violation_status: errors.violation_status,
                request_id: request_id.clone(),
            })),
            _ => Incoming::Bytes(chunks),
        };
        Ok(Self {
            source,
            framing: Framing::of(media_type),
            limit,
            manner,
            violation_status: errors.violation_status,
            request_id,
        })
    }

    /// The bytes as they come, and the id of the request.
    pub(super) fn into_chunks(self) -> (Option<Chunks>, Option<HeaderValue>) {
        let chunks = match self.source {
            Incoming::Bytes(chunks) => Some(chunks),
            Incoming::Parts(_) | Incoming::Form(_) => None,
        };
        (chunks, self.request_id)
    }

    /// The form, where its parts are handed over as they come.
    pub(crate) fn into_parts(self) -> Option<Unread> {
        match self.source {
            Incoming::Form(unread) => Some(*unread),
            Incoming::Bytes(_) | Incoming::Parts(_) => None,
        }
    }
}

fn stream<T>(
    body: ReceivedBody,
    read: impl FnMut(Item, &mut Decoder) -> Result<Option<T>, Refusal> + Send + 'static,
) -> ItemStream<T> {
    let read = Box::new(read);
    let state = match body.unread {
        Some(unread) => {
            let (parts, chunks) = match unread.source {
                Incoming::Bytes(chunks) => (None, Some(chunks)),
                Incoming::Parts(parts) => (Some(parts), None),
                Incoming::Form(_) => (None, None),
            };
            State {
                parts,
                chunks,
                splitter: Splitter::new(unread.framing),
                limit: usize::try_from(unread.limit).unwrap_or(usize::MAX),
                read,
                index: 0,
                manner: unread.manner,
                violation_status: unread.violation_status,
                request_id: unread.request_id,
            }
        }
        // Nothing was sent, and that is an empty stream.
        None => State {
            parts: None,
            chunks: None,
            splitter: Splitter::new(Framing::Lines),
            limit: 0,
            read,
            index: 0,
            manner: Manner::default(),
            violation_status: StatusCode::UNPROCESSABLE_ENTITY,
            request_id: None,
        },
    };
    ItemStream {
        state: Mutex::new(state),
    }
}

/// A function that decodes a value.
type Decode<T> = fn(Node<'_>, &mut Decoder) -> Option<T>;

/// The JSON values of a body.
pub(crate) fn receive_items<T: 'static>(body: ReceivedBody, decode: Decode<T>) -> ItemStream<T> {
    stream(body, move |item, cx| match item {
        Item::Json(json) => Ok(cx.json_tree(Tree::parse(&json)?, decode)),
        Item::Broken(why) => Err(broken(why)),
        Item::Event(_) | Item::Part(_) => Ok(None),
    })
}

/// The parts of a body, each an item.
pub(crate) fn receive_parts<T: 'static>(body: ReceivedBody, decode: Decode<T>) -> ItemStream<T> {
    stream(body, move |item, cx| match item {
        Item::Part(form) => Ok(form.decode(cx, decode)),
        Item::Json(_) | Item::Broken(_) | Item::Event(_) => Ok(None),
    })
}

/// The events of a body, of which the document says all.
pub(crate) fn receive_events<T: 'static>(body: ReceivedBody, decode: Decode<T>) -> ItemStream<T> {
    stream(body, move |item, cx| match item {
        Item::Event(event) => {
            let tree = tree_of(&event).map_err(Unexpected::from)?;
            Ok(decode(tree.root(), cx))
        }
        Item::Json(_) | Item::Broken(_) | Item::Part(_) => Ok(None),
    })
}

/// The events of a body, of which the document says what their data is.
pub(crate) fn receive_data_events<T: 'static>(
    body: ReceivedBody,
    data: EventData,
    decode: Decode<T>,
) -> ItemStream<ServerEvent<T>> {
    stream(body, move |item, cx| {
        let Item::Event(fields) = item else {
            return Ok(None);
        };
        let text = fields.data.unwrap_or_default();
        let tree = match data {
            EventData::Json => Tree::parse(text.as_bytes())?,
            EventData::Text => Tree::text(&text).ok_or_else(|| broken("is too long"))?,
        };
        let value = cx.json_tree(tree, decode);
        Ok(value.map(|value| {
            let mut event = ServerEvent::new(value);
            event.event = fields.event;
            event.id = fields.id;
            event.retry = fields.retry.map(Duration::from_millis);
            event
        }))
    })
}

/// An event as OAS 3.2 describes it to schemas: an object of strings, with `retry` as a number.
fn tree_of(event: &EventFields) -> Result<Tree<'static>, BuildError> {
    let mut tree = TreeBuilder::new();
    tree.begin_object();
    let texts = [
        ("data", &event.data),
        ("event", &event.event),
        ("id", &event.id),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            tree.key(key);
            tree.string(text);
        }
    }
    if let Some(retry) = event.retry {
        tree.key("retry");
        tree.number(&retry.to_string());
    }
    tree.end();
    tree.finish()
}

fn broken(why: &str) -> Refusal {
    Refusal::malformed(why.to_owned())
}
