//! Bodies of `multipart/form-data` (RFC 7578): read part by part, so that files never have to be in memory.

use std::io::{self, Write as _};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderMap, header};
use multer::Field;
use tempfile::NamedTempFile;

use crate::chunks::Chunks;
use crate::decode::{Decoder, Keyword};
use crate::form::{Multipart, Part, Parts, ReceivedForm, content_type_of};
use crate::node::TreeBuilder;
use crate::parameter::Fault;
use crate::problem::Unexpected;
use crate::refusal::Refusal;
use crate::value::{Upload, UploadData};

/// How much of the files of one request is kept in memory; what comes after it is written to temporary files.
const MOST_IN_MEMORY: usize = 1 << 20;

/// How long all parts together may be that are no files.
const MOST_TEXT: usize = 1 << 20;

/// How long what stands before the content of a part may be.
const MOST_HEADERS: u64 = 16 << 10;

/// How long the boundary may be: RFC 2046, section 5.1.1. The parser's work grows with it.
const LONGEST_BOUNDARY: usize = 70;

/// How much of a file is written at once.
const WRITTEN_AT_ONCE: usize = 256 << 10;

/// Reads a body of parts.
///
/// # Errors
///
/// 400 where it is malformed, 413 where it or its parts are too long or too many, 408 where it stops to arrive.
pub(crate) async fn read(
    description: &'static Multipart,
    headers: &HeaderMap,
    body: Body,
    limit: u64,
    idle: Option<Duration>,
) -> Result<ReceivedForm, Refusal> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let boundary = multer::parse_boundary(content_type)
        .map_err(|_| malformed("its content type has no boundary"))?;
    if boundary.is_empty() || boundary.len() > LONGEST_BOUNDARY {
        return Err(malformed(format_args!(
            "its boundary must have 1 to {LONGEST_BOUNDARY} characters"
        )));
    }
    let progress = Arc::new(Mutex::new(Progress::default()));
    let frames = Frames {
        chunks: Chunks::new(body, limit, idle),
        has_given: false,
        progress: Arc::clone(&progress),
    };
    let mut reader = Reader {
        body: multer::Multipart::new(frames, boundary),
        parts: Parts::new(description),
        progress,
        memory: MOST_IN_MEMORY,
        text: MOST_TEXT,
    };
    while reader.read_next().await? {}
    reader.parts.finish()
}

struct Reader {
    body: multer::Multipart<'static>,
    parts: Parts,
    progress: Arc<Mutex<Progress>>,
    /// How much of files may still be kept in memory.
    memory: usize,
    /// How much text may still come.
    text: usize,
}

impl Reader {
    /// Reads a part; `false` where there is none left.
    async fn read_next(&mut self) -> Result<bool, Refusal> {
        self.begin_headers(Some(0));
        let next = self.body.next_field().await;
        self.begin_headers(None);
        let Some(part) = next.map_err(|error| self.refusal(&error))? else {
            return Ok(false);
        };
        self.parts.count()?;
        let name = part
            .name()
            .ok_or_else(|| malformed("a part has no name"))?
            .to_owned();
        let description = self.parts.description();
        match description.part(&name) {
            Some(known) if known.is_file => {
                let headers = part.headers().clone();
                if let Some(file) = self.file(known, part).await? {
                    self.parts.file(known, &headers, file);
                }
            }
            _ if !description.form.asks_for(&name) => self.skip(part).await?,
            // A file would be no text of an additional property.
            None if part.file_name().is_some() && !description.form.is_named(&name) => {
                self.skip(part).await?;
                if description.form.counts_others {
                    // Nothing is made of it, but it is a member.
                    self.parts.field(name, &HeaderMap::new(), b"");
                } else {
                    let detail = "is not a file of this form";
                    self.parts
                        .fault(&name, (Keyword::AdditionalProperties, detail.into()));
                }
            }
            _ => {
                let headers = part.headers().clone();
                let bytes = self.text(part).await?;
                self.parts.field(name, &headers, &bytes);
            }
        }
        Ok(true)
    }

    fn begin_headers(&self, length: Option<u64>) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.headers = length;
    }

    /// Why the parser failed: the body itself, or what it holds.
    fn refusal(&self, error: &multer::Error) -> Refusal {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.refusal.take().unwrap_or_else(|| malformed(error))
    }

    async fn chunk(&self, part: &mut Field<'static>) -> Result<Option<Bytes>, Refusal> {
        part.chunk().await.map_err(|error| self.refusal(&error))
    }

    async fn skip(&self, mut part: Field<'static>) -> Result<(), Refusal> {
        while self.chunk(&mut part).await?.is_some() {}
        Ok(())
    }

    async fn text(&mut self, mut part: Field<'static>) -> Result<Bytes, Refusal> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.chunk(&mut part).await? {
            self.text = self.text.checked_sub(chunk.len()).ok_or_else(|| {
                Refusal::part_too_large(format!(
                    "the parts that are no files must not be longer than {MOST_TEXT} bytes together"
                ))
            })?;
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// Reads a file; `None` where a browser says that none was chosen.
    async fn file(
        &mut self,
        known: &Part,
        mut part: Field<'static>,
    ) -> Result<Option<Result<Upload, Fault>>, Refusal> {
        let content_type = content_type_of(part.headers()).map(str::to_owned);
        let filename = part.file_name().map(str::to_owned);
        if let Some(fault) = known.wrong_type(content_type.as_deref()) {
            let is_chosen =
                filename.as_deref() != Some("") || self.chunk(&mut part).await?.is_some();
            self.skip(part).await?;
            return Ok(is_chosen.then_some(Err(fault)));
        }
        let mut size = 0;
        let mut buffer = BytesMut::new();
        let mut spool: Option<NamedTempFile> = None;
        while let Some(chunk) = self.chunk(&mut part).await? {
            size += chunk.len() as u64;
            if size > known.max_size {
                return Err(too_long(known, size));
            }
            buffer.extend_from_slice(&chunk);
            let is_full = match &spool {
                None => buffer.len() > self.memory,
                Some(_) => buffer.len() >= WRITTEN_AT_ONCE,
            };
            if is_full {
                spool = Some(write(spool, buffer.split().freeze()).await?);
            }
        }
        if size == 0 && filename.as_deref() == Some("") {
            return Ok(None);
        }
        let data = match spool {
            None => {
                self.memory -= buffer.len();
                UploadData::Memory(buffer.freeze())
            }
            Some(file) => {
                // Closed, since a request may have more files than a process may have open.
                let file = write(Some(file), buffer.freeze()).await?;
                UploadData::File(Arc::new(file.into_temp_path()))
            }
        };
        Ok(Some(Ok(Upload::received(
            filename,
            content_type,
            size,
            data,
        ))))
    }
}

/// Refuses a file that is longer than the document allows, whatever else there is to say: nothing is read any more.
fn too_long(known: &Part, received: u64) -> Refusal {
    let mut form = TreeBuilder::new();
    form.begin_object();
    form.key(known.name);
    form.text("");
    form.end();
    let mut cx = Decoder::new();
    match form.finish() {
        Ok(form) => {
            for (_, node) in form.root().members() {
                let upload =
                    Upload::received(None, None, received, UploadData::Memory(Bytes::new()));
                cx.max_size(node, &upload, known.max_size);
            }
            Refusal::invalid(cx.into_violations())
        }
        Err(error) => Unexpected::from(error).into(),
    }
}

/// Appends to a temporary file, in a thread that may block.
async fn write(file: Option<NamedTempFile>, bytes: Bytes) -> Result<NamedTempFile, Refusal> {
    let written = tokio::task::spawn_blocking(move || {
        let mut file = match file {
            Some(file) => file,
            None => NamedTempFile::new()?,
        };
        file.write_all(&bytes)?;
        Ok::<_, io::Error>(file)
    });
    match written.await.map_err(io::Error::other).flatten() {
        Ok(file) => Ok(file),
        Err(error) => Err(Unexpected::from(error).into()),
    }
}

fn malformed(why: impl std::fmt::Display) -> Refusal {
    Refusal::malformed(format!("the body is not multipart/form-data: {why}"))
}

/// What the reader and the frames below the parser tell each other.
#[derive(Default)]
struct Progress {
    /// How many bytes came since a part was left, until the headers of the next are read.
    headers: Option<u64>,
    /// Why there are no more frames.
    refusal: Option<Refusal>,
}

/// The frames of a body as the parser takes them.
///
/// The parser buffers all that is ready, so it is given one frame at a time: what it has not parsed stays as long as one
/// frame and the headers of one part.
struct Frames {
    chunks: Chunks,
    has_given: bool,
    progress: Arc<Mutex<Progress>>,
}

impl Frames {
    fn fail(&self, refusal: Refusal) -> Poll<Option<Result<Bytes, io::Error>>> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.refusal = Some(refusal);
        Poll::Ready(Some(Err(io::Error::other("refused"))))
    }

    /// Counts a frame; `false` where it is too much before the content of a part.
    fn count(&self, length: u64) -> bool {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut progress.headers {
            Some(headers) if *headers > MOST_HEADERS => false,
            Some(headers) => {
                *headers += length;
                true
            }
            None => true,
        }
    }
}

impl Stream for Frames {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.has_given) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let bytes = match ready!(self.chunks.poll_next(cx)) {
            None => return Poll::Ready(None),
            Some(Err(refusal)) => return self.fail(refusal),
            Some(Ok(bytes)) => bytes,
        };
        if !self.count(bytes.len() as u64) {
            return self.fail(Refusal::part_too_large(format!(
                "the headers of a part must not be longer than {MOST_HEADERS} bytes"
            )));
        }
        self.has_given = true;
        Poll::Ready(Some(Ok(bytes)))
    }
}
