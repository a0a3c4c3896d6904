//! Folders of files beside the API.

use std::convert::Infallible;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use tower::util::ServiceExt as _;

use crate::api::Elsewhere;
use crate::context::REQUEST_ID;
use crate::media_type;
use crate::problem::Unexpected;
use crate::read_only;
use crate::refusal::Refusal;
use crate::stream::{self, ByteStream, bytes_response};

/// A folder and where it is served.
pub(super) struct Folder {
    /// Without a slash at the end; empty for the root.
    prefix: String,
    folder: PathBuf,
    /// Whether its `index.html` is served for all paths that a browser goes to.
    is_page: bool,
}

/// What a folder has for a request.
enum Found {
    Nothing,
    File(PathBuf),
    /// It is a folder, whose path has to end with a slash, or links of its page would lead elsewhere.
    Folder,
}

impl Folder {
    pub(super) fn new(path: &str, folder: PathBuf) -> Self {
        let prefix = match path.trim_matches('/') {
            "" => String::new(),
            path => format!("/{path}"),
        };
        Self {
            prefix,
            folder,
            is_page: false,
        }
    }

    pub(super) fn single_page(folder: PathBuf) -> Self {
        Self {
            is_page: true,
            ..Self::new("/", folder)
        }
    }

    /// What is asked for, if the folder has it.
    ///
    /// # Errors
    ///
    /// What is neither there nor not there, such as a failing disk.
    async fn find(&self, uri: &Uri, headers: &HeaderMap) -> io::Result<Found> {
        let Some(rest) = uri.path().strip_prefix(&self.prefix) else {
            return Ok(Found::Nothing);
        };
        if rest.is_empty() {
            return Ok(Found::Folder);
        }
        let found = match below(rest) {
            Some(path) => look(self.folder.join(path), rest.ends_with('/')).await?,
            None => Found::Nothing,
        };
        match found {
            Found::Nothing if self.is_page && wants_html(headers) => {
                look(self.folder.join("index.html"), false).await
            }
            found => Ok(found),
        }
    }
}

/// The path below a folder; `None` where it would lead out of it, or cannot be one.
fn below(path: &str) -> Option<PathBuf> {
    let path = path.strip_prefix('/')?;
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    // On some systems a backslash separates, and a colon names a disk or stream.
    let has_slash = path
        .as_bytes()
        .windows(3)
        .any(|it| it.eq_ignore_ascii_case(b"%2f"));
    if has_slash || decoded.contains(['\0', '\\', ':']) {
        return None;
    }
    let path = Path::new(&*decoded);
    let is_below = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    is_below.then(|| path.to_owned())
}

/// What is at a path.
async fn look(path: PathBuf, as_folder: bool) -> io::Result<Found> {
    let metadata = match tokio::fs::metadata(&path).await {
        Ok(metadata) => metadata,
        Err(error) if is_not_there(&error) => return Ok(Found::Nothing),
        Err(error) => return Err(error),
    };
    if metadata.is_file() && !as_folder {
        return Ok(Found::File(path));
    }
    if !metadata.is_dir() {
        return Ok(Found::Nothing);
    }
    let index = path.join("index.html");
    match tokio::fs::metadata(&index).await {
        Ok(metadata) if metadata.is_file() && as_folder => Ok(Found::File(index)),
        Ok(metadata) if metadata.is_file() => Ok(Found::Folder),
        Ok(_) => Ok(Found::Nothing),
        Err(error) if is_not_there(&error) => Ok(Found::Nothing),
        Err(error) => Err(error),
    }
}

/// Whether an error says that nobody can have this path, whoever's fault that is.
fn is_not_there(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidFilename
    )
}

/// Whether it is a browser that goes to a page: others take everything, and mean something else.
fn wants_html(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter();
    let mut named = accepts
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| range.split(';').next().unwrap_or_default().trim());
    named.any(|range| range.eq_ignore_ascii_case("text/html"))
        && media_type::negotiate(&["text/html"], headers).is_some()
}

/// A file as a response, or that part of it that the client asks for.
async fn send(path: &Path, method: &Method, headers: &HeaderMap) -> Result<Response, Refusal> {
    let file = ByteStream::open(path).await.map_err(Unexpected::from)?;
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    // Text on disk is UTF-8 today.
    let charset = match guess.type_() == mime_guess::mime::TEXT {
        true => "; charset=utf-8",
        false => "",
    };
    let content_type = HeaderValue::try_from(format!("{}{charset}", guess.essence_str()))
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let id = headers.get(REQUEST_ID).cloned();
    let mut response = bytes_response(StatusCode::OK, content_type, file, "static files", id);
    stream::select(&mut response, method, headers)?;
    Ok(response)
}

/// All folders, and what is behind them.
struct Folders {
    folders: Vec<Folder>,
    rest: Router,
    elsewhere: Arc<Elsewhere>,
}

impl Folders {
    async fn answer(&self, request: Request) -> Response {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let folders = self.folders.iter().filter(|_| is_read);
        let (method, uri, headers) = (request.method(), request.uri(), request.headers());
        for folder in folders {
            let found = match folder.find(uri, headers).await {
                Ok(Found::Nothing) => continue,
                Ok(Found::Folder) => return to_folder(uri),
                Ok(Found::File(path)) => send(&path, method, headers).await,
                Err(error) => Err(Unexpected::from(error).into()),
            };
            let response = found
                .unwrap_or_else(|refusal| self.elsewhere.respond(refusal, uri.path(), headers));
            let mut response = read_only::answered(method, response);
            if folder.is_page {
                media_type::vary(response.headers_mut());
            }
            return response;
        }
        let is_page = is_read && self.folders.iter().any(|folder| folder.is_page);
        let Ok(mut response): Result<_, Infallible> = self.rest.clone().oneshot(request).await;
        if is_page && response.status() == StatusCode::NOT_FOUND {
            media_type::vary(response.headers_mut());
        }
        response
    }
}

/// To the same path with a slash at its end.
fn to_folder(uri: &Uri) -> Response {
    let query = uri
        .query()
        .map_or(String::new(), |query| format!("?{query}"));
    // A path that begins with two slashes would be another host.
    let path = uri.path().trim_start_matches('/');
    match HeaderValue::try_from(format!("/{path}/{query}")) {
        Ok(location) => {
            let headers = [(header::LOCATION, location)];
            (StatusCode::TEMPORARY_REDIRECT, headers).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Puts the folders behind hand-written routes, in the order in which they were named.
pub(super) fn beside(
    folders: Vec<Folder>,
    beside: Option<Router>,
    elsewhere: &Arc<Elsewhere>,
) -> Option<Router> {
    if folders.is_empty() {
        return beside;
    }
    let routes = beside.unwrap_or_default();
    let folders = Arc::new(Folders {
        folders,
        // No route of it matches by then, so this is its fallback.
        rest: routes.clone(),
        elsewhere: Arc::clone(elsewhere),
    });
    let service = tower::service_fn(move |request: Request| {
        let folders = Arc::clone(&folders);
        async move { Ok::<_, Infallible>(folders.answer(request).await) }
    });
    Some(routes.fallback_service(service))
}
