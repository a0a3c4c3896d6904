//! The parser of multipart bodies (RFC 2046, section 5.1), within limits.

use std::future::poll_fn;
use std::io::{self, Write as _};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderMap, header};
use multer::Field;
use tempfile::NamedTempFile;

use crate::chunks::Chunks;
use crate::decode::Decoder;
use crate::form::{Part, content_type_of, too_many};
use crate::node::TreeBuilder;
use crate::parameter::Fault;
use crate::problem::Unexpected;
use crate::refusal::Refusal;
use crate::value::{Upload, UploadData};

/// How much of the files of one request, or of one item of a stream, is kept in memory; what comes after it is written to
/// temporary files.
const MOST_IN_MEMORY: usize = 1 << 20;

/// How long all parts together may be that are no files.
const MOST_TEXT: usize = 1 << 20;

/// How long what stands before the content of a part may be.
const MOST_HEADERS: u64 = 16 << 10;

/// How long the boundary may be: RFC 2046, section 5.1.1. The parser's work grows with it.
const LONGEST_BOUNDARY: usize = 70;

/// How much of a file is written at once.
const WRITTEN_AT_ONCE: usize = 256 << 10;

/// The most parts that a body may have that is read whole.
const MOST_PARTS: usize = 1000;

/// A body that is read part by part.
pub(crate) struct Parser {
    body: multer::Multipart<'static>,
    progress: Arc<Mutex<Progress>>,
    /// How many more parts there may be.
    left: usize,
    /// How much of files may still be kept in memory.
    memory: usize,
    /// How much text may still come.
    text: usize,
    /// The limits of each item, where the body is a stream of them.
    item_limit: Option<u64>,
}

impl Parser {
    /// Parts of a body that is read whole.
    ///
    /// # Errors
    ///
    /// 400 where the content type has no boundary.
    pub(crate) fn new(headers: &HeaderMap, chunks: Chunks) -> Result<Self, Refusal> {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        // The parser of the header takes no other kind of multipart, and all have the same parameter.
        let parameters = content_type.split_once(';').map_or("", |(_, rest)| rest);
        let boundary = multer::parse_boundary(format!("multipart/form-data;{parameters}"))
            .map_err(|_| malformed("its content type has no boundary"))?;
        if boundary.is_empty() || boundary.len() > LONGEST_BOUNDARY {
            return Err(malformed(format_args!(
                "its boundary must have 1 to {LONGEST_BOUNDARY} characters"
            )));
        }
        let progress = Arc::new(Mutex::new(Progress::default()));
        let frames = Frames {
            chunks,
            has_given: false,
            progress: Arc::clone(&progress),
        };
        Ok(Self {
            body: multer::Multipart::new(frames, boundary),
            progress,
            left: MOST_PARTS,
            memory: MOST_IN_MEMORY,
            text: MOST_TEXT,
            item_limit: None,
        })
    }

    /// Makes each part an item with limits of its own, of which there may be any number.
    pub(crate) fn item_limit(mut self, limit: u64) -> Self {
        self.item_limit = Some(limit);
        self
    }

    /// Lets the parts that are no files be no longer than this.
    pub(crate) fn text_limit(mut self, limit: u64) -> Self {
        self.text = usize::try_from(limit).unwrap_or(MOST_TEXT).min(MOST_TEXT);
        self
    }

    /// The next part; none where there is none left.
    ///
    /// # Errors
    ///
    /// 400 where the body is malformed, 413 where there are too many parts, or what stands before one is too long, and what
    /// the body itself may fail with.
    pub(crate) async fn next(&mut self) -> Result<Option<Field<'static>>, Refusal> {
        poll_fn(|cx| self.poll_part(cx)).await
    }

    /// As [`next`](Self::next); what the part before holds must have been read to its end.
    pub(super) fn poll_part(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Field<'static>>, Refusal>> {
        self.begin_headers(true);
        let next = ready!(self.body.poll_next_field(cx));
        self.begin_headers(false);
        let part = next.map_err(|error| self.refusal(&error))?;
        match self.item_limit {
            Some(limit) => {
                self.memory = MOST_IN_MEMORY;
                self.text = usize::try_from(limit).unwrap_or(usize::MAX);
            }
            None if part.is_some() => self.left = self.left.checked_sub(1).ok_or_else(too_many)?,
            None => {}
        }
        Poll::Ready(Ok(part))
    }

    /// Says whether the headers of the next part are being read.
    fn begin_headers(&self, are_next: bool) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let count = progress.headers.unwrap_or(0);
        progress.headers = are_next.then_some(count);
    }

    /// Why the parser failed: the body itself, or what it holds.
    fn refusal(&self, error: &multer::Error) -> Refusal {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.refusal.take().unwrap_or_else(|| malformed(error))
    }

    pub(crate) async fn chunk(&self, part: &mut Field<'static>) -> Result<Option<Bytes>, Refusal> {
        part.chunk().await.map_err(|error| self.refusal(&error))
    }

    /// The next bytes of a part, which are never none.
    pub(super) fn poll_chunk(
        &self,
        part: &mut Field<'static>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Refusal>> {
        loop {
            return Poll::Ready(match ready!(Pin::new(&mut *part).poll_next(cx)) {
                Some(Ok(bytes)) if bytes.is_empty() => continue,
                Some(Ok(bytes)) => Ok(Some(bytes)),
                Some(Err(error)) => Err(self.refusal(&error)),
                None => Ok(None),
            });
        }
    }

    pub(crate) async fn skip(&self, mut part: Field<'static>) -> Result<(), Refusal> {
        while self.chunk(&mut part).await?.is_some() {}
        Ok(())
    }

    pub(crate) async fn text(&mut self, mut part: Field<'static>) -> Result<Bytes, Refusal> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.chunk(&mut part).await? {
            self.spend_text(chunk.len())?;
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// Counts what was read of parts that are no files.
    pub(super) fn spend_text(&mut self, length: usize) -> Result<(), Refusal> {
        self.text = self.text.checked_sub(length).ok_or_else(|| {
            Refusal::part_too_large(match self.item_limit {
                Some(limit) => format!("a part must not be longer than {limit} bytes"),
                None => format!(
                    "the parts that are no files must not be longer than {MOST_TEXT} bytes together"
                ),
            })
        })?;
        Ok(())
    }

    /// Reads a file, which violations call by a key; `None` where a browser says that none was chosen.
    pub(crate) async fn file(
        &mut self,
        known: &Part,
        key: &str,
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
            if let Some(limit) = self.item_limit.filter(|limit| size > *limit) {
                return Err(Refusal::part_too_large(format!(
                    "a part must not be longer than {limit} bytes"
                )));
            }
            if size > known.max_size {
                return Err(too_long(key, known.max_size, size));
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
pub(super) fn too_long(key: &str, most: u64, received: u64) -> Refusal {
    let mut form = TreeBuilder::new();
    form.begin_object();
    form.key(key);
    form.text("");
    form.end();
    let mut cx = Decoder::new();
    match form.finish() {
        Ok(form) => {
            for (_, node) in form.root().members() {
                let upload =
                    Upload::received(None, None, received, UploadData::Memory(Bytes::new()));
                cx.max_size(node, &upload, most);
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

pub(super) fn malformed(why: impl std::fmt::Display) -> Refusal {
    Refusal::malformed(format!(
        "the body is not what its multipart content type says: {why}"
    ))
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
