//! Parts of a form that are handed over as they come.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderMap, HeaderValue, StatusCode};
use multer::Field;

use crate::body::ReceivedBody;
use crate::decode::{Decoder, Keyword, Manner, Section, Violation, Violations};
use crate::form::{Multipart, Part, Parts, content_type_of, pointer_of};
use crate::node::Node;
use crate::parameter::Fault;
use crate::problem::{Problem, Unexpected};
use crate::refusal::Refusal;

use super::parser::{Parser, malformed, too_long};

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
/// limit (413), nothing follows. Defaults are not applied.
///
/// A file that is not read to its end when the next part is asked for is skipped. The body as a whole may be of any length;
/// the parts that are no files may be 1 MiB long together, or [`App::body_limit`](crate::App::body_limit) where that is
/// less.
pub struct PartStream<P> {
    shared: Arc<Mutex<Shared>>,
    decode: DecodePart<P>,
    /// What is to be handed over next.
    queue: VecDeque<Result<P, Problem>>,
}

/// Makes a part: of its name, its node, and its content where it is a file.
pub(crate) type DecodePart<P> = fn(&str, Node<'_>, Option<UploadStream>, &mut Decoder) -> Option<P>;

/// A file of a form that is read as it comes.
///
/// Everything that the client says of the file is the client's word: do not use its name as a path.
pub struct UploadStream {
    /// The name that the client gave it.
    pub filename: Option<String>,

    /// The media type that the client says it has.
    pub content_type: Option<String>,

    shared: Arc<Mutex<Shared>>,
    /// Which of the files it is.
    number: u64,
    is_done: bool,
}

/// What the stream of parts and the file that it has handed over have in common.
struct Shared {
    source: Option<Source>,
    /// How many files were handed over.
    files: u64,
    request_id: Option<HeaderValue>,
    violation_status: StatusCode,
    manner: Manner,
}

struct Source {
    parser: Parser,
    description: &'static Multipart,
    rules: FlowRules,
    /// How many parts, or items, of each name there were.
    seen: Vec<(&'static str, u64)>,
    step: Step,
}

enum Step {
    /// The next part is looked for.
    Seek,
    /// A part that is no file is read.
    Text(Field<'static>, BytesMut),
    /// A file without a name may be one that nobody chose.
    Unchosen(&'static Part, Field<'static>),
    /// A file is handed over.
    File(File),
    /// What is left of a part is dropped.
    Skip(Field<'static>),
}

struct File {
    field: Field<'static>,
    key: &'static str,
    /// What was read of it already.
    first: Option<Bytes>,
    size: u64,
    most: u64,
}

/// What a step came to.
enum Found {
    Text(String, HeaderMap, Bytes),
    File(&'static Part, HeaderMap, Option<String>),
    Fault(String, Fault),
    End,
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
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
        Some(Self {
            shared: Arc::new(Mutex::new(Shared {
                source: Some(Source {
                    parser: unread.parser,
                    description: unread.description,
                    rules: unread.rules,
                    seen: Vec::new(),
                    step: Step::Seek,
                }),
                files: 0,
                request_id: unread.request_id,
                violation_status: unread.violation_status,
                manner: unread.manner,
            })),
            decode,
            queue: VecDeque::new(),
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
            if let Some(next) = self.queue.pop_front() {
                return Poll::Ready(Some(next));
            }
            let shared = Arc::clone(&self.shared);
            let mut shared = lock(&shared);
            let Some(source) = &mut shared.source else {
                return Poll::Ready(None);
            };
            match ready!(source.poll_found(cx)) {
                Err(refusal) => {
                    shared.source = None;
                    let problem = refusal.into_problem(shared.request_id.as_ref());
                    return Poll::Ready(Some(Err(problem)));
                }
                Ok(Found::End) => {
                    let violations = source.missing();
                    shared.source = None;
                    if violations.is_empty() {
                        return Poll::Ready(None);
                    }
                    let problem = shared.problem(violations);
                    return Poll::Ready(Some(Err(problem)));
                }
                Ok(Found::Fault(pointer, (keyword, detail))) => {
                    let mut violation = Violation::new(Section::Body, "", keyword, detail);
                    violation.pointer = pointer;
                    let mut violations = Violations::default();
                    violations.push(violation);
                    return Poll::Ready(Some(Err(shared.problem(violations))));
                }
                Ok(Found::Text(name, headers, bytes)) => {
                    let mut parts = Parts::new(source.description);
                    parts.field(name.clone(), &headers, &bytes);
                    drop(shared);
                    self.decode(&name, parts, None);
                }
                Ok(Found::File(part, headers, filename)) => {
                    let mut parts = Parts::new(source.description);
                    // The node stands for the content, which comes beside it.
                    parts.flowing(part, &headers);
                    shared.files += 1;
                    let file = UploadStream {
                        filename,
                        content_type: content_type_of(&headers).map(str::to_owned),
                        shared: Arc::clone(&self.shared),
                        number: shared.files,
                        is_done: false,
                    };
                    drop(shared);
                    self.decode(part.name, parts, Some(file));
                }
            }
        }
    }

    /// Makes what a part holds: one value, or the items of a list.
    fn decode(&mut self, name: &str, parts: Parts, mut file: Option<UploadStream>) {
        let shared = Arc::clone(&self.shared);
        let (manner, request_id) = {
            let shared = lock(&shared);
            (shared.manner, shared.request_id.clone())
        };
        let form = match parts.finish() {
            Ok(form) => form,
            Err(refusal) => {
                lock(&shared).source = None;
                self.queue
                    .push_back(Err(refusal.into_problem(request_id.as_ref())));
                return;
            }
        };
        let Some(node) = form.tree.root().get(name) else {
            self.queue
                .extend(Self::faults(&shared, &form.faults, Vec::new()));
            return;
        };
        let (is_list, first) = {
            let mut shared = lock(&shared);
            let source = shared.source.as_mut();
            source.map_or((false, 0), |source| source.count(name, node))
        };
        let items: Vec<Node<'_>> = match is_list {
            true => node.items().collect(),
            false => vec![node],
        };
        for (index, item) in items.into_iter().enumerate() {
            let mut cx = Decoder::with_manner(manner);
            let made = (self.decode)(name, item, file.take(), &mut cx);
            if let Some(part) = made.filter(|_| cx.is_valid() && form.faults.is_empty()) {
                self.queue.push_back(Ok(part));
                continue;
            }
            if is_list {
                let list = pointer_of(name);
                let position = first + index as u64;
                cx.move_violations(&format!("{list}/{index}"), &format!("{list}/{position}"));
            }
            let violations = cx.into_violations();
            let found: Vec<Violation> = violations.iter().cloned().collect();
            self.queue
                .extend(Self::faults(&shared, &form.faults, found));
        }
    }

    /// The problem of a part that is not what the document says.
    fn faults(
        shared: &Mutex<Shared>,
        faults: &[(String, Fault)],
        found: Vec<Violation>,
    ) -> Option<Result<P, Problem>> {
        let mut violations = Violations::default();
        for (pointer, (keyword, detail)) in faults {
            let mut violation = Violation::new(Section::Body, "", *keyword, detail.clone());
            violation.pointer.clone_from(pointer);
            violations.push(violation);
        }
        if faults.is_empty() {
            found.into_iter().for_each(|it| violations.push(it));
        }
        (!violations.is_empty()).then(|| Err(lock(shared).problem(violations)))
    }
}

impl Shared {
    fn problem(&self, violations: Violations) -> Problem {
        let mut problem = Refusal::invalid(violations).into_problem(self.request_id.as_ref());
        problem.set_status(self.violation_status);
        problem
    }
}

impl Source {
    /// Goes on to the next part that is to be handed over.
    fn poll_found(&mut self, cx: &mut Context<'_>) -> Poll<Result<Found, Refusal>> {
        loop {
            match &mut self.step {
                Step::Seek => match ready!(self.parser.poll_part(cx))? {
                    None => return Poll::Ready(Ok(Found::End)),
                    Some(field) => {
                        if let Some(found) = self.begin(field)? {
                            return Poll::Ready(Ok(found));
                        }
                    }
                },
                Step::Skip(field) | Step::File(File { field, .. }) => {
                    while ready!(self.parser.poll_chunk(field, cx))?.is_some() {}
                    self.step = Step::Seek;
                }
                Step::Text(field, bytes) => {
                    while let Some(chunk) = ready!(self.parser.poll_chunk(field, cx))? {
                        self.parser.spend_text(chunk.len())?;
                        bytes.extend_from_slice(&chunk);
                    }
                    let name = field.name().unwrap_or_default().to_owned();
                    let headers = field.headers().clone();
                    let bytes = std::mem::take(bytes).freeze();
                    self.step = Step::Seek;
                    return Poll::Ready(Ok(Found::Text(name, headers, bytes)));
                }
                Step::Unchosen(part, field) => {
                    let first = ready!(self.parser.poll_chunk(field, cx))?;
                    let part = *part;
                    let Step::Unchosen(_, field) = std::mem::replace(&mut self.step, Step::Seek)
                    else {
                        continue;
                    };
                    if first.is_some() {
                        return Poll::Ready(Ok(self.hand_over(part, field, first)));
                    }
                }
            }
        }
    }

    /// What a part is, by its head.
    fn begin(&mut self, field: Field<'static>) -> Result<Option<Found>, Refusal> {
        let name = field
            .name()
            .ok_or_else(|| malformed("a part has no name"))?;
        let (name, pointer) = (name.to_owned(), pointer_of(name));
        let part = self.description.part(&name);
        let is_named = self.description.form.is_named(&name);
        let fault = |step: &mut Step, field, fault| {
            *step = Step::Skip(field);
            Ok(Some(Found::Fault(pointer.clone(), fault)))
        };
        if part.is_none_or(|part| !part.is_file) && !is_named {
            if self.rules.is_closed {
                let detail = "must not be there".into();
                return fault(
                    &mut self.step,
                    field,
                    (Keyword::AdditionalProperties, detail),
                );
            }
            self.step = Step::Skip(field);
            return Ok(None);
        }
        let list = self.rules.lists.iter().find(|(key, ..)| *key == name);
        let most = list.map_or(1, |(_, _, most)| *most);
        let count = self.seen.iter().find(|(key, _)| *key == name);
        if count.is_some_and(|(_, count)| *count >= most) {
            let found = match list {
                Some(_) => {
                    let detail = format!("must have at most {most} items");
                    (Keyword::MaxItems, detail.into())
                }
                None => (Keyword::Repeated, "must be given only once".into()),
            };
            return fault(&mut self.step, field, found);
        }
        let Some(part) = part.filter(|part| part.is_file) else {
            self.step = Step::Text(field, BytesMut::new());
            return Ok(None);
        };
        if field.file_name() == Some("") {
            self.step = Step::Unchosen(part, field);
            return Ok(None);
        }
        if let Some(found) = part.wrong_type(content_type_of(field.headers())) {
            return fault(&mut self.step, field, found);
        }
        Ok(Some(self.hand_over(part, field, None)))
    }

    fn hand_over(
        &mut self,
        part: &'static Part,
        field: Field<'static>,
        first: Option<Bytes>,
    ) -> Found {
        let (headers, filename) = (
            field.headers().clone(),
            field.file_name().map(str::to_owned),
        );
        if let Some(fault) = part.wrong_type(content_type_of(&headers)) {
            self.step = Step::Skip(field);
            return Found::Fault(pointer_of(part.name), fault);
        }
        self.step = Step::File(File {
            field,
            key: part.name,
            first,
            size: 0,
            most: part.max_size,
        });
        Found::File(part, headers, filename)
    }

    /// Counts the parts of a name; whether they make a list, and how many there were before.
    fn count(&mut self, name: &str, node: Node<'_>) -> (bool, u64) {
        let list = self.rules.lists.iter().find(|(key, ..)| *key == name);
        let parts = self.description.form.parts.iter().map(|part| part.name);
        let mut names = parts.chain(self.description.parts.iter().map(|part| part.name));
        let Some(name) = names.find(|it| *it == name) else {
            return (false, 0);
        };
        let more = list.map_or(1, |_| node.len() as u64);
        let before = match self.seen.iter_mut().find(|(key, _)| *key == name) {
            Some((_, count)) => std::mem::replace(count, *count + more),
            None => {
                self.seen.push((name, more));
                0
            }
        };
        (list.is_some(), before)
    }

    /// What is wrong once all parts have come.
    fn missing(&self) -> Violations {
        let count = |name: &str| {
            let seen = self.seen.iter().find(|(key, _)| *key == name);
            seen.map(|(_, count)| *count)
        };
        let mut violations = Violations::default();
        let mut tell = |name: &str, keyword, detail: String| {
            let mut violation = Violation::new(Section::Body, "", keyword, detail);
            violation.pointer = pointer_of(name);
            violations.push(violation);
        };
        for name in self.rules.required {
            if count(name).is_none() {
                tell(name, Keyword::Required, "is required".to_owned());
            }
        }
        for (name, least, most) in self.rules.lists {
            match count(name) {
                Some(count) if count < *least => {
                    tell(
                        name,
                        Keyword::MinItems,
                        format!("must have at least {least} items"),
                    );
                }
                // One part may hold all of a list.
                Some(count) if count > *most => {
                    tell(
                        name,
                        Keyword::MaxItems,
                        format!("must have at most {most} items"),
                    );
                }
                _ => {}
            }
        }
        violations
    }
}

impl UploadStream {
    /// The next bytes; `None` after the last.
    ///
    /// # Errors
    ///
    /// The file is longer than the document allows, the body broke off or stopped to come, or the next part was asked for
    /// before. The error is a problem that is answered as it is, and nothing follows.
    pub async fn next(&mut self) -> Option<Result<Bytes, Unexpected>> {
        poll_fn(|cx| self.poll_bytes(cx)).await
    }

    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Unexpected>>> {
        let mut shared = lock(&self.shared);
        if self.is_done {
            return Poll::Ready(None);
        }
        if shared.files != self.number {
            self.is_done = true;
            return Poll::Ready(Some(Err(left())));
        }
        let Some(source) = &mut shared.source else {
            return Poll::Ready(None);
        };
        let Step::File(file) = &mut source.step else {
            return Poll::Ready(None);
        };
        let chunk = match file.first.take() {
            Some(first) => Ok(Some(first)),
            None => ready!(source.parser.poll_chunk(&mut file.field, cx)),
        };
        let refusal = match chunk {
            Ok(None) => {
                source.step = Step::Seek;
                return Poll::Ready(None);
            }
            Ok(Some(chunk)) => {
                file.size += chunk.len() as u64;
                if file.size <= file.most {
                    return Poll::Ready(Some(Ok(chunk)));
                }
                too_long(file.key, file.most, file.size)
            }
            Err(refusal) => refusal,
        };
        // What comes after it is not read any more.
        shared.source = None;
        let problem = refusal.into_problem(shared.request_id.as_ref());
        Poll::Ready(Some(Err(problem.into())))
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

impl Stream for UploadStream {
    type Item = Result<Bytes, Unexpected>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_bytes(cx)
    }
}

impl<P> fmt::Debug for PartStream<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartStream").finish_non_exhaustive()
    }
}

impl fmt::Debug for UploadStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadStream")
            .field("filename", &self.filename)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}
