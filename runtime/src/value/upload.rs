//! Files that clients upload.

use std::{
    fmt,
    io::{self, Write as _},
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use tempfile::{NamedTempFile, TempPath};
use tokio::io::{AsyncRead, ReadBuf};

/// A file in a multipart body.
///
/// Of those that are received, small ones are in memory; what does not fit there is in a temporary file, which is gone with
/// the last clone. Everything that the client says of the file is the client's word: do not use its name as a path.
///
/// A response is given one that was received, bytes ([`new`](Self::new)), or a file on disk ([`open`](Self::open)), which
/// is read while it is sent.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use specwright::Upload;
///
/// let upload = Upload::new("cover.png", "image/png", &b"\x89PNG"[..]);
/// assert_eq!(upload.filename.as_deref(), Some("cover.png"));
/// assert_eq!(upload.size, 4);
/// assert_eq!(upload.bytes().await?, &b"\x89PNG"[..]);
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Upload {
    /// The name that the client gave it, or is told.
    pub filename: Option<String>,

    /// The media type that the client says it has, or is told. In a response it has to be one that the document declares for
    /// the part; without one, it is the first of those, else `application/octet-stream`.
    pub content_type: Option<String>,

    /// How many bytes it has.
    pub size: u64,

    data: UploadData,
}

/// Where the bytes of an upload are.
#[derive(Clone)]
pub(crate) enum UploadData {
    Memory(Bytes),
    /// A file that nobody has open.
    File(Arc<TempPath>),
    /// The same, of somebody else, who keeps it.
    Kept(Arc<Path>),
}

impl Upload {
    /// Makes one of bytes, for a response or a test of a handler.
    pub fn new(
        filename: impl Into<String>,
        content_type: impl Into<String>,
        bytes: impl Into<Bytes>,
    ) -> Self {
        let bytes = bytes.into();
        Self::received(
            Some(filename.into()),
            Some(content_type.into()),
            bytes.len() as u64,
            UploadData::Memory(bytes),
        )
    }

    /// Makes one of a file on disk, for a response. Its name is the last part of the path, and its length is that at this
    /// time; it is opened when it is sent, and read in pieces of 64 KiB.
    ///
    /// The path is taken as it is: one that a client has a say in has to be checked before. Where the file is shorter or
    /// gone by then, the response ends before its end, which is logged.
    ///
    /// # Errors
    ///
    /// There is no such file, or it is none, such as a directory.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::{Upload, Unexpected};
    ///
    /// async fn cover() -> Result<Upload, Unexpected> {
    ///     Ok(Upload::open("covers/12.png", "image/png").await?)
    /// }
    /// ```
    pub async fn open(path: impl AsRef<Path>, content_type: impl Into<String>) -> io::Result<Self> {
        let path = path.as_ref();
        let metadata = tokio::fs::metadata(path).await?;
        if !metadata.is_file() {
            let message = "it is no regular file";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        Ok(Self {
            filename: path.file_name().map(|it| it.to_string_lossy().into_owned()),
            content_type: Some(content_type.into()),
            size: metadata.len(),
            data: UploadData::Kept(path.into()),
        })
    }

    pub(crate) fn received(
        filename: Option<String>,
        content_type: Option<String>,
        size: u64,
        data: UploadData,
    ) -> Self {
        Self {
            filename,
            content_type,
            size,
            data,
        }
    }

    /// The same with other bytes.
    pub(crate) fn with_bytes(&self, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            size: bytes.len() as u64,
            data: UploadData::Memory(bytes),
            ..self.clone()
        }
    }

    /// Its bytes, with what another one says of itself.
    pub(crate) fn told_as(&self, other: &Self) -> Self {
        Self {
            filename: other.filename.clone(),
            content_type: other.content_type.clone(),
            ..self.clone()
        }
    }

    /// Its bytes, where they are in memory.
    pub(crate) fn in_memory(&self) -> Option<&Bytes> {
        match &self.data {
            UploadData::Memory(bytes) => Some(bytes),
            UploadData::File(_) | UploadData::Kept(_) => None,
        }
    }

    /// Whether it is in memory, so that reading it costs no system call.
    pub fn is_in_memory(&self) -> bool {
        self.in_memory().is_some()
    }

    /// All of its bytes; a large file is read into memory.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub async fn bytes(&self) -> io::Result<Bytes> {
        match &self.data {
            UploadData::Memory(bytes) => Ok(bytes.clone()),
            UploadData::File(file) => tokio::fs::read(&**file).await.map(Bytes::from),
            UploadData::Kept(path) => tokio::fs::read(path).await.map(Bytes::from),
        }
    }

    /// A reader of its bytes from the first on; each has a position of its own.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be opened.
    pub async fn reader(&self) -> io::Result<UploadReader> {
        Ok(UploadReader(match &self.data {
            UploadData::Memory(bytes) => Reader::Memory(io::Cursor::new(bytes.clone())),
            UploadData::File(file) => Reader::File(tokio::fs::File::open(&**file).await?),
            UploadData::Kept(path) => Reader::File(tokio::fs::File::open(path).await?),
        }))
    }

    /// Keeps it as a file at `path`, in place of one that is there, with the permissions of a new file.
    ///
    /// A temporary file is moved where that is possible, and copied where it is on another file system or a clone of the
    /// upload is still around. The file is complete when it appears at `path`.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub async fn persist(self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref().to_owned();
        let kept = tokio::task::spawn_blocking(move || keep(self.data, &path));
        kept.await.map_err(io::Error::other)?
    }
}

/// Puts a file at a path.
fn keep(data: UploadData, path: &Path) -> io::Result<()> {
    // Temporary files are private to the user; a new file beside the path has the permissions that one there has.
    let mut new = new_file_beside(path)?;
    match data {
        UploadData::Memory(bytes) => new.write_all(&bytes)?,
        UploadData::Kept(kept) => copy(&kept, &mut new)?,
        UploadData::File(file) => match Arc::try_unwrap(file) {
            Ok(file) => {
                std::fs::set_permissions(&file, new.as_file().metadata()?.permissions())?;
                match file.persist(path) {
                    Ok(()) => return Ok(()),
                    Err(failed) => copy(&failed.path, &mut new)?,
                }
            }
            Err(shared) => copy(&shared, &mut new)?,
        },
    }
    new.persist(path)?;
    Ok(())
}

fn copy(from: &Path, to: &mut NamedTempFile) -> io::Result<()> {
    io::copy(&mut std::fs::File::open(from)?, to)?;
    Ok(())
}

/// A file in the folder of a path, which is gone unless it is kept.
fn new_file_beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        // The system takes away what the umask says.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Two uploads are equal when they say the same of themselves and have the same bytes; those in temporary files when
/// they are clones of one, and those on disk when they have the same path.
impl PartialEq for Upload {
    fn eq(&self, other: &Self) -> bool {
        self.filename == other.filename
            && self.content_type == other.content_type
            && self.size == other.size
            && match (&self.data, &other.data) {
                (UploadData::Memory(one), UploadData::Memory(other)) => one == other,
                (UploadData::File(one), UploadData::File(other)) => Arc::ptr_eq(one, other),
                (UploadData::Kept(one), UploadData::Kept(other)) => one == other,
                _ => false,
            }
    }
}

/// Shows what is said of the file; its bytes may be confidential.
impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("filename", &self.filename)
            .field("content_type", &self.content_type)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// Reads an [`Upload`].
pub struct UploadReader(Reader);

enum Reader {
    Memory(io::Cursor<Bytes>),
    File(tokio::fs::File),
}

impl AsyncRead for UploadReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Reader::Memory(reader) => Pin::new(reader).poll_read(cx, buffer),
            Reader::File(reader) => Pin::new(reader).poll_read(cx, buffer),
        }
    }
}

/// Shows where the bytes are, and none of them.
impl fmt::Debug for UploadReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.0 {
            Reader::Memory(_) => "memory",
            Reader::File(_) => "file",
        };
        f.debug_tuple("UploadReader").field(&place).finish()
    }
}
