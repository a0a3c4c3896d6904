//! The body of a form whose parts are handed over as they come: what is read of it, step by step.

use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use multer::Field;

use crate::decode::{Keyword, Section, Violation, Violations};
use crate::form::{Multipart, Part, content_type_of, pointer_of};
use crate::node::{Kind, Node};
use crate::parameter::Fault;
use crate::refusal::Refusal;

use super::flow::FlowRules;
use super::parser::{Parser, malformed, too_long};

pub(super) struct Source {
    parser: Parser,
    pub(super) description: &'static Multipart,
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
pub(super) enum Found {
    Text(String, HeaderMap, Bytes),
    File(&'static Part, HeaderMap, Option<String>),
    Fault(String, Fault),
    End,
}

impl Source {
    pub(super) fn new(parser: Parser, description: &'static Multipart, rules: FlowRules) -> Self {
        Self {
            parser,
            description,
            rules,
            seen: Vec::new(),
            step: Step::Seek,
        }
    }

    /// The next bytes of the file that is handed over; `None` where there is no such file any more.
    pub(super) fn poll_file(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Option<Poll<Result<Option<Bytes>, Refusal>>> {
        let Step::File(file) = &mut self.step else {
            return None;
        };
        let chunk = match file.first.take() {
            Some(first) => Ok(Some(first)),
            None => match self.parser.poll_chunk(&mut file.field, cx) {
                Poll::Ready(chunk) => chunk,
                Poll::Pending => return Some(Poll::Pending),
            },
        };
        Some(Poll::Ready(match chunk {
            Ok(Some(chunk)) => {
                file.size += chunk.len() as u64;
                match file.size <= file.most {
                    true => Ok(Some(chunk)),
                    false => Err(too_long(file.key, file.most, file.size)),
                }
            }
            Ok(None) => {
                self.step = Step::Seek;
                Ok(None)
            }
            Err(refusal) => Err(refusal),
        }))
    }

    /// Drops what is left of the file that is handed over: nothing more of it can be read from now on.
    pub(super) fn leave_file(&mut self) {
        match std::mem::replace(&mut self.step, Step::Seek) {
            Step::File(file) => self.step = Step::Skip(file.field),
            step => self.step = step,
        }
    }

    /// Goes on to the next part that is to be handed over.
    pub(super) fn poll_found(&mut self, cx: &mut Context<'_>) -> Poll<Result<Found, Refusal>> {
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
                // A file was left before.
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
                Some(_) => too_many_items(most),
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

    /// Counts what a part holds: its position where it is of a list, or the first of its items.
    ///
    /// # Errors
    ///
    /// The list has too many items with these.
    pub(super) fn admit(&mut self, name: &str, node: Node<'_>) -> Result<Option<u64>, Fault> {
        let list = self.rules.lists.iter().find(|(key, ..)| *key == name);
        let parts = self.description.form.parts.iter().map(|part| part.name);
        let mut names = parts.chain(self.description.parts.iter().map(|part| part.name));
        let Some(name) = names.find(|it| *it == name) else {
            return Ok(None);
        };
        let more = match node.kind() {
            Kind::Array if list.is_some() => node.len() as u64,
            _ => 1,
        };
        let before = match self.seen.iter_mut().find(|(key, _)| *key == name) {
            Some((_, count)) => std::mem::replace(count, *count + more),
            None => {
                self.seen.push((name, more));
                0
            }
        };
        match list {
            Some((_, _, most)) if before + more > *most => Err(too_many_items(*most)),
            Some(_) => Ok(Some(before)),
            None => Ok(None),
        }
    }

    /// What is wrong once all parts have come.
    pub(super) fn missing(&self) -> Violations {
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
        for (name, least, _) in self.rules.lists {
            if count(name).is_some_and(|count| count < *least) {
                let detail = format!("must have at least {least} items");
                tell(name, Keyword::MinItems, detail);
            }
        }
        violations
    }
}

fn too_many_items(most: u64) -> Fault {
    let detail = format!("must have at most {most} items");
    (Keyword::MaxItems, detail.into())
}
