//! Multipart bodies whose parts have no names: each is told by its position (OAS 3.2, Encoding By Position).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use multer::Field;

use crate::decode::Keyword;
use crate::form::{Part, ReceivedForm, content_type_of, finish};
use crate::media_type;
use crate::node::TreeBuilder;
use crate::parameter::{self, Fault, Shape};
use crate::refusal::Refusal;
use crate::value::Upload;

use super::headers::write_part;
use super::parser::{Parser, malformed};

/// What each of the parts is, by its position.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Positions {
    /// The first parts.
    pub prefix: &'static [Part],

    /// Each of those that follow; absent where nothing is made of them.
    pub rest: Option<Part>,

    /// Whether each of the first is a member of an object, and those that follow are its member `rest`; else all are one
    /// list.
    pub is_object: bool,

    /// How many parts there may be.
    pub most: u64,
}

impl Positions {
    /// Describes parts that are one list.
    #[must_use]
    pub const fn list(prefix: &'static [Part], rest: Option<Part>) -> Self {
        Self {
            prefix,
            rest,
            is_object: false,
            most: u64::MAX,
        }
    }

    /// Describes parts of which each of the first is a member of its own.
    #[must_use]
    pub const fn members(prefix: &'static [Part], rest: Option<Part>) -> Self {
        Self {
            is_object: true,
            ..Self::list(prefix, rest)
        }
    }

    /// Sets how many parts there may be.
    #[must_use]
    pub const fn most(mut self, most: u64) -> Self {
        self.most = most;
        self
    }

    pub(super) fn part(&'static self, index: usize) -> Option<&'static Part> {
        self.prefix.get(index).or(self.rest.as_ref())
    }
}

/// What was made of parts so far.
struct Gathered {
    builder: TreeBuilder,
    faults: Vec<(String, Fault)>,
    uploads: Vec<Upload>,
}

/// Reads all parts.
pub(super) async fn read(
    positions: &'static Positions,
    mut parser: Parser,
) -> Result<ReceivedForm, Refusal> {
    let mut gathered = Gathered::new();
    match positions.is_object {
        true => gathered.builder.begin_object(),
        false => gathered.builder.begin_array(),
    }
    let (mut index, mut count, mut has_rest) = (0, 0_u64, false);
    while let Some(part) = parser.next().await? {
        count += 1;
        let Some(known) = positions.part(index).filter(|_| count <= positions.most) else {
            parser.skip(part).await?;
            continue;
        };
        if positions.is_object {
            if index < positions.prefix.len() {
                gathered.builder.key(&index.to_string());
            } else if !std::mem::replace(&mut has_rest, true) {
                gathered.builder.key("rest");
                gathered.builder.begin_array();
            }
        }
        let key = index.to_string();
        let received = receive(&mut parser, known, &key, part).await?;
        gathered.add(known, &format!("/{key}"), received);
        index += 1;
    }
    if has_rest {
        gathered.builder.end();
    }
    gathered.builder.end();
    if count > positions.most {
        let detail = format!("must have at most {} parts", positions.most);
        let fault = (Keyword::MaxItems, detail.into());
        gathered.faults.push((String::new(), fault));
    }
    let mut form = gathered.finish()?;
    form.rest = has_rest.then_some(positions.prefix.len());
    Ok(form)
}

/// A part as it was received.
struct Received {
    headers: HeaderMap,
    content: Result<Content, Fault>,
}

enum Content {
    Bytes(Bytes),
    File(Upload),
}

async fn receive(
    parser: &mut Parser,
    known: &'static Part,
    key: &str,
    part: Field<'static>,
) -> Result<Received, Refusal> {
    let headers = part.headers().clone();
    // What stands before the first empty line is taken for headers, so content without any would be lost.
    if headers.is_empty() {
        return Err(malformed("a part has no headers"));
    }
    let content = if known.is_file {
        match parser.file(known, key, part).await? {
            Some(file) => file.map(Content::File),
            // A file without name and content is one all the same: the position is taken.
            None => Ok(Content::File(Upload::new("", "", Bytes::new()))),
        }
    } else {
        let bytes = parser.text(part).await?;
        match known.wrong_type(content_type_of(&headers)) {
            Some(fault) => Err(fault),
            None => Ok(Content::Bytes(bytes)),
        }
    };
    Ok(Received { headers, content })
}

impl Gathered {
    fn new() -> Self {
        Self {
            builder: TreeBuilder::new(),
            faults: Vec::new(),
            uploads: Vec::new(),
        }
    }

    /// Adds a part, which has this pointer.
    fn add(&mut self, known: &'static Part, pointer: &str, received: Received) {
        let Received { headers, content } = received;
        let mut fault = None;
        let uploads = &mut self.uploads;
        let write = |builder: &mut TreeBuilder| match content {
            Ok(Content::File(upload)) => {
                builder.text(&uploads.len().to_string());
                uploads.push(upload);
            }
            Ok(Content::Bytes(bytes)) => fault = write_content(known, &headers, &bytes, builder),
            Err(found) => {
                builder.null();
                fault = Some(found);
            }
        };
        if known.headers.is_empty() {
            write(&mut self.builder);
        } else {
            write_part(
                known,
                &headers,
                pointer,
                &mut self.builder,
                &mut self.faults,
                write,
            );
        }
        if let Some(fault) = fault {
            self.faults.push((pointer.to_owned(), fault));
        }
    }

    fn finish(self) -> Result<ReceivedForm, Refusal> {
        Ok(ReceivedForm {
            tree: finish(self.builder)?,
            faults: self.faults,
            uploads: self.uploads,
            rest: None,
        })
    }
}

/// Writes what a part holds: as JSON or as text, whichever its content type says where it may be both.
fn write_content(
    known: &'static Part,
    headers: &HeaderMap,
    bytes: &[u8],
    builder: &mut TreeBuilder,
) -> Option<Fault> {
    let content_type = content_type_of(headers);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) if content_type.is_none_or(media_type::is_utf8) => text,
        _ => {
            builder.null();
            return Some((Keyword::Encoding, "must be UTF-8".into()));
        }
    };
    let is_json = content_type.is_some_and(media_type::is_json);
    let shapes = match known.shapes {
        [Shape::Json, others @ ..] if !is_json && !others.is_empty() => others,
        [json @ Shape::Json, ..] => std::slice::from_ref(json),
        shapes => shapes,
    };
    parameter::write_text(text, shapes, builder)
}

/// A body whose parts are the items of a stream.
pub(crate) struct PartItems {
    state: State,
}

/// What reads the next part, and what comes out of it.
type Reading =
    Pin<Box<dyn Future<Output = (Reader, Result<Option<ReceivedForm>, Refusal>)> + Send>>;

enum State {
    Idle(Box<Reader>),
    Reading(Reading),
    Done,
}

struct Reader {
    parser: Parser,
    positions: &'static Positions,
    index: usize,
}

impl PartItems {
    pub(crate) fn new(positions: &'static Positions, parser: Parser) -> Self {
        let reader = Reader {
            parser,
            positions,
            index: 0,
        };
        Self {
            state: State::Idle(Box::new(reader)),
        }
    }

    /// The next part; nothing follows an error.
    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<ReceivedForm, Refusal>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Poll::Ready(None),
                State::Idle(mut reader) => {
                    self.state = State::Reading(Box::pin(async move {
                        let read = reader.next().await;
                        (*reader, read)
                    }));
                }
                State::Reading(mut reading) => {
                    let polled = reading.as_mut().poll(cx);
                    if polled.is_pending() {
                        self.state = State::Reading(reading);
                    }
                    let (reader, read) = ready!(polled);
                    return Poll::Ready(match read {
                        Ok(Some(form)) => {
                            self.state = State::Idle(Box::new(reader));
                            Some(Ok(form))
                        }
                        Ok(None) => None,
                        Err(refusal) => Some(Err(refusal)),
                    });
                }
            }
        }
    }
}

impl Reader {
    async fn next(&mut self) -> Result<Option<ReceivedForm>, Refusal> {
        let Some(part) = self.parser.next().await? else {
            return Ok(None);
        };
        let index = self.index;
        self.index += 1;
        let Some(known) = self.positions.part(index) else {
            return Ok(None);
        };
        let received = receive(&mut self.parser, known, &index.to_string(), part).await?;
        let mut gathered = Gathered::new();
        gathered.add(known, "", received);
        gathered.finish().map(Some)
    }
}
