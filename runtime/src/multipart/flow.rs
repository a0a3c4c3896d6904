//! Parts of a form that are handed over as they come.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, StatusCode};

use crate::body::ReceivedBody;
use crate::decode::{Decoder, Manner, Section, Violation, Violations};
use crate::form::{Multipart, Parts, content_type_of, pointer_of};
use crate::node::{BuildError, Kind, Node, Tree, TreeBuilder};
use crate::parameter::Fault;
use crate::problem::{Problem, Unexpected};
use crate::refusal::Refusal;

use super::parser::Parser;
use super::source::{Found, Source};
use super::upload::UploadStream;

/// What is asked of all parts together, where they are handed over as they come.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FlowRules {
    /// The parts that must come.
    pub required: &'static [&'static str],

    /// How many parts of a name there may be, where they make a list: at least and at most.
    pub lists: &'static [(&'static str, u64, u64)],

    /// Whether a part of another name is a violation.
    pub is_closed: bool,
}

impl FlowRules {
    /// Describes what is asked.
    #[must_use]
    pub const fn new(
        required: &'static [&'static str],
        lists: &'static [(&'static str, u64, u64)],
        is_closed: bool,
    ) -> Self {
        Self {
            required,
            lists,
            is_closed,
        }
    }
}

/// The parts of a form as they come, so that files never have to be stored: where the document says `x-stream: true` beside
/// the schema of a multipart body.
///
/// Each part is one of an enum; those that are no files are checked against the document before, and a list is handed over
/// item by item. A part that breaks the document is a [`Problem`] with status 422, or
/// [`App::violation_status`](crate::App::violation_status); what follows it can still be read. After the last part, those
/// that are missing are told in the same way. Where the body itself is broken (400), stops to come (408) or is beyond a
/// limit (413), nothing follows; so it is where a file is longer than the document allows. Defaults are not applied.
///
/// A part that holds more items than a list may still have is a [`Problem`] as a whole.
///
/// A file that is not read to its end when the next part is asked for is skipped. The body as a whole may be of any length;
/// the parts that are no files may be 1 MiB long together, or [`App::body_limit`](crate::App::body_limit) where that is
/// less.
pub struct PartStream<P> {
    shared: Arc<Mutex<Shared>>,
    decode: DecodePart<P>,
    /// What was read and is not handed over yet.
    pending: Option<Pending>,
}

/// Makes a part: of its name, its node, and its content where it is a file.
pub(crate) type DecodePart<P> = fn(&str, Node<'_>, Option<UploadStream>, &mut Decoder) -> Option<P>;

/// What the stream of parts and the file that it has handed over have in common.
pub(super) struct Shared {
    source: Option<Source>,
    /// How many files were handed over.
    files: u64,
    /// Who waits for more of a file: it may be read in a task of its own, which would not learn that the file was left.
    reader: Option<Waker>,
    /// Why a file could not be read to its end, until the stream of parts has told it.
    failed: Option<Problem>,
    request_id: Option<HeaderValue>,
    violation_status: StatusCode,
    manner: Manner,
}

/// A part that was read: a value, or the items of a list.
struct Pending {
    name: String,
    tree: Tree<'static>,
    /// The node that is decoded next, and how many there are still.
    next: u32,
    left: usize,
    /// The position of the next item, where it is one of a list.
    position: Option<u64>,
    file: Option<UploadStream>,
}

pub(super) fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A body of parts that is not read yet.
pub(crate) struct Unread {
    pub(crate) parser: Parser,
    pub(crate) description: &'static Multipart,
    pub(crate) rules: FlowRules,
    pub(crate) manner: Manner,
    pub(crate) violation_status: StatusCode,
    pub(crate) request_id: Option<HeaderValue>,
}

impl<P> PartStream<P> {
    /// The parts of a body; none where it is none.
    pub(crate) fn received(body: ReceivedBody, decode: DecodePart<P>) -> Option<Self> {
        let unread = body.unread?.into_parts()?;
        let source = Source::new(unread.parser, unread.description, unread.rules);
        Some(Self {
            shared: Arc::new(Mutex::new(Shared {
                source: Some(source),
                files: 0,
                reader: None,
                failed: None,
                request_id: unread.request_id,
                violation_status: unread.violation_status,
                manner: unread.manner,
            })),
            decode,
            pending: None,
        })
    }

    /// The next part; `None` after the last.
    ///
    /// # Errors
    ///
    /// The part, or the body, is not what it has to be.
    pub async fn next(&mut self) -> Option<Result<P, Problem>> {
        poll_fn(|cx| self.poll_part(cx)).await
    }

    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<P, Problem>>> {
        loop {
            if let Some(next) = self.decode_next() {
                return Poll::Ready(Some(next));
            }
            let reader = lock(&self.shared).leave_file();
            // Not under the lock: who is woken may read at once.
            if let Some(reader) = reader {
                reader.wake();
            }
            match ready!(lock(&self.shared).poll_pending(&self.shared, cx)) {
                Some(Ok(pending)) => self.pending = pending,
                Some(Err(problem)) => return Poll::Ready(Some(Err(problem))),
                None => return Poll::Ready(None),
            }
        }
    }

    /// Makes the next value of what was read.
    fn decode_next(&mut self) -> Option<Result<P, Problem>> {
        while let Some(pending) = &mut self.pending {
            let Some(left) = pending.left.checked_sub(1) else {
                break;
            };
            pending.left = left;
            let node = pending.tree.node(pending.next)?;
            pending.next = node.end();
            let (name, file) = (&pending.name, pending.file.take());
            let mut cx = Decoder::with_manner(lock(&self.shared).manner);
            let made = match &mut pending.position {
                None => (self.decode)(name, node, file, &mut cx),
                Some(position) => {
                    let at = *position;
                    *position += 1;
                    let alone = match alone(name, node) {
                        Ok(alone) => alone,
                        Err(error) => {
                            let refusal = Unexpected::from(error).into();
                            return Some(Err(lock(&self.shared).refuse(refusal)));
                        }
                    };
                    let item = alone.root().get(name).and_then(|it| it.items().next());
                    let made = item.and_then(|item| (self.decode)(name, item, file, &mut cx));
                    let list = pointer_of(name);
                    cx.move_violations(&format!("{list}/0"), &format!("{list}/{at}"));
                    made
                }
            };
            let violations = cx.into_violations();
            if !violations.is_empty() {
                return Some(Err(lock(&self.shared).problem(violations)));
            }
            if let Some(part) = made {
                return Some(Ok(part));
            }
        }
        self.pending = None;
        None
    }
}

/// An item of a list in a tree of its own: in a long one it would take long to say where each is.
fn alone(name: &str, item: Node<'_>) -> Result<Tree<'static>, BuildError> {
    let mut builder = TreeBuilder::new();
    builder.begin_object();
    builder.key(name);
    builder.begin_array();
    builder.copy(item);
    builder.end();
    builder.end();
    builder.finish()
}

impl Shared {
    /// Leaves the file that was handed over; who waits for more of it has to be told.
    fn leave_file(&mut self) -> Option<Waker> {
        if let Some(source) = &mut self.source {
            source.leave_file();
        }
        self.reader.take()
    }

    /// Reads on, up to a part that is to be decoded, which may hold nothing.
    fn poll_pending(
        &mut self,
        own: &Arc<Mutex<Self>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Option<Pending>, Problem>>> {
        let Some(source) = &mut self.source else {
            return Poll::Ready(self.failed.take().map(Err));
        };
        let mut parts = Parts::new(source.description);
        Poll::Ready(Some(match ready!(source.poll_found(cx)) {
            Err(refusal) => Err(self.refuse(refusal)),
            Ok(Found::End) => {
                let violations = source.missing();
                self.source = None;
                if violations.is_empty() {
                    return Poll::Ready(None);
                }
                Err(self.problem(violations))
            }
            Ok(Found::Fault(pointer, fault)) => Err(self.faults([(pointer, fault)])),
            Ok(Found::Text(name, headers, bytes)) => {
                parts.field(name.clone(), &headers, &bytes);
                self.admit(name, parts, None)
            }
            Ok(Found::File(part, headers, filename)) => {
                // The node stands for the content, which comes beside it.
                parts.flowing(part, &headers);
                self.files += 1;
                let file = UploadStream {
                    filename,
                    content_type: content_type_of(&headers).map(str::to_owned),
                    shared: Arc::clone(own),
                    number: self.files,
                    is_done: false,
                };
                self.admit(part.name.to_owned(), parts, Some(file))
            }
        }))
    }

    /// What is to be decoded of a part.
    fn admit(
        &mut self,
        name: String,
        parts: Parts,
        file: Option<UploadStream>,
    ) -> Result<Option<Pending>, Problem> {
        let form = parts.finish().map_err(|refusal| self.refuse(refusal))?;
        let list = pointer_of(&name);
        let mut position = None;
        let node = form.tree.root().get(&name);
        if let (Some(node), Some(source)) = (node, &mut self.source) {
            let admitted = source.admit(&name, node);
            position = admitted.map_err(|fault| self.faults([(list.clone(), fault)]))?;
        }
        if !form.faults.is_empty() {
            let first = position.unwrap_or(0);
            let faults = form.faults.into_iter();
            return Err(self.faults(faults.map(|(pointer, fault)| {
                let item = pointer
                    .strip_prefix(&list)
                    .and_then(|it| it.strip_prefix('/'));
                let item = item.filter(|_| position.is_some()).unwrap_or_default();
                let (index, below) = item.split_at(item.find('/').unwrap_or(item.len()));
                match index.parse::<u64>() {
                    Ok(index) => (format!("{list}/{}{below}", first + index), fault),
                    Err(_) => (pointer, fault),
                }
            })));
        }
        let Some(node) = node else {
            return Ok(None);
        };
        let (next, left) = match node.kind() {
            Kind::Array if position.is_some() => (node.index() + 1, node.len()),
            _ => (node.index(), 1),
        };
        Ok(Some(Pending {
            next,
            left,
            name,
            position,
            file,
            tree: form.tree,
        }))
    }

    /// The next bytes of the file of this number; `None` after its last.
    pub(super) fn poll_file(
        &mut self,
        number: u64,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Unexpected>> {
        let source = self.source.as_mut().filter(|_| self.files == number);
        match source.and_then(|source| source.poll_file(cx)) {
            None => Poll::Ready(Err(left())),
            Some(Poll::Pending) => {
                self.reader = Some(cx.waker().clone());
                Poll::Pending
            }
            Some(Poll::Ready(Ok(bytes))) => Poll::Ready(Ok(bytes)),
            Some(Poll::Ready(Err(refusal))) => {
                let problem = self.refuse(refusal);
                self.failed = Some(problem.clone());
                Poll::Ready(Err(problem.into()))
            }
        }
    }

    /// The problem of what cannot be read on.
    fn refuse(&mut self, refusal: Refusal) -> Problem {
        self.source = None;
        let is_invalid = refusal.is_invalid();
        let mut problem = refusal.into_problem(self.request_id.as_ref());
        if is_invalid {
            problem.set_status(self.violation_status);
        }
        problem
    }

    /// The problem of a part that is not what the document says.
    fn problem(&self, violations: Violations) -> Problem {
        let mut problem = Refusal::invalid(violations).into_problem(self.request_id.as_ref());
        problem.set_status(self.violation_status);
        problem
    }

    /// The problem of faults, each with its pointer.
    fn faults(&self, faults: impl IntoIterator<Item = (String, Fault)>) -> Problem {
        let mut violations = Violations::default();
        for (pointer, (keyword, detail)) in faults.into_iter().take(Violations::LIMIT) {
            let mut violation = Violation::new(Section::Body, "", keyword, detail);
            violation.pointer = pointer;
            violations.push(violation);
        }
        self.problem(violations)
    }
}

#[cold]
fn left() -> Unexpected {
    Unexpected::new("the file was left: the next part was asked for before it was read to its end")
}

impl<P: Unpin> Stream for PartStream<P> {
    type Item = Result<P, Problem>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_part(cx)
    }
}

impl<P> fmt::Debug for PartStream<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartStream").finish_non_exhaustive()
    }
}
