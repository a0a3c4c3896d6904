//! Folders of files beside the API.

use std::convert::Infallible;
use std::path::PathBuf;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::{self, HeaderValue};
use http::{Method, StatusCode, Uri, uri};
use tower::util::ServiceExt as _;
use tower_http::services::{ServeDir, ServeFile};

use crate::media_type;

/// A folder and where it is served.
#[derive(Clone)]
pub(super) struct Folder {
    /// Without a slash at the end; empty for the root.
    prefix: String,
    files: ServeDir,
    /// What is served for all paths that a browser asks for.
    page: Option<ServeFile>,
}

impl Folder {
    pub(super) fn new(path: &str, folder: PathBuf) -> Self {
        let prefix = match path.trim_matches('/') {
            "" => String::new(),
            path => format!("/{path}"),
        };
        Self {
            prefix,
            files: ServeDir::new(folder),
            page: None,
        }
    }

    pub(super) fn single_page(folder: PathBuf) -> Self {
        Self {
            page: Some(ServeFile::new(folder.join("index.html"))),
            ..Self::new("/", folder)
        }
    }

    /// The file that is asked for, if there is one.
    async fn find(self, asked: Asked) -> Option<Response> {
        let request = asked.at(asked.below(&self.prefix)?)?;
        let Ok(mut response) = self.files.oneshot(request).await;
        // To a folder without a slash at its end; this was told of the path below the prefix.
        if let Some(location) = response.headers().get(header::LOCATION)
            && let Ok(location) = location.to_str()
        {
            let location = HeaderValue::try_from(format!("{}{location}", self.prefix)).ok()?;
            response.headers_mut().insert(header::LOCATION, location);
        }
        if response.status() != StatusCode::NOT_FOUND {
            return Some(response.map(Body::new));
        }
        let page = self.page.filter(|_| asked.wants_html())?;
        let Ok(response) = page.oneshot(asked.at(asked.uri.clone())?).await;
        (response.status() != StatusCode::NOT_FOUND).then(|| response.map(Body::new))
    }
}

/// The head of a request for a file.
struct Asked {
    method: Method,
    uri: Uri,
    headers: http::HeaderMap,
}

impl Asked {
    /// `None` for methods that no file answers.
    fn of(request: &Request) -> Option<Self> {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        is_read.then(|| Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
        })
    }

    /// What is asked for below a prefix.
    fn below(&self, prefix: &str) -> Option<Uri> {
        let rest = self.uri.path().strip_prefix(prefix)?;
        let path = match rest {
            "" => "/",
            rest if rest.starts_with('/') => rest,
            _ => return None,
        };
        let target: uri::PathAndQuery = match self.uri.query() {
            Some(query) => format!("{path}?{query}").parse().ok()?,
            None => path.parse().ok()?,
        };
        Some(Uri::from(target))
    }

    fn at(&self, uri: Uri) -> Option<http::Request<()>> {
        let mut request = http::Request::builder()
            .method(self.method.clone())
            .uri(uri)
            .body(())
            .ok()?;
        request.headers_mut().clone_from(&self.headers);
        Some(request)
    }

    /// Whether it is a browser that goes to a page.
    fn wants_html(&self) -> bool {
        self.headers.contains_key(header::ACCEPT)
            && media_type::negotiate(&["text/html"], &self.headers).is_some()
    }
}

/// Puts the folders behind hand-written routes, in the order in which they were named.
pub(super) fn beside(folders: Vec<Folder>, beside: Option<Router>) -> Option<Router> {
    if folders.is_empty() {
        return beside;
    }
    let routes = beside.unwrap_or_default();
    // No route of it matches by then, so this is its fallback.
    let rest = routes.clone();
    let service = tower::service_fn(move |request: Request| {
        let (folders, rest) = (folders.clone(), rest.clone());
        async move {
            for folder in folders {
                let Some(asked) = Asked::of(&request) else {
                    break;
                };
                if let Some(response) = folder.find(asked).await {
                    return Ok(response);
                }
            }
            rest.oneshot(request).await as Result<Response, Infallible>
        }
    });
    Some(routes.fallback_service(service))
}
