//! Where operations are: the paths of their servers' URLs (OAS 3.2, Server Object).

use std::rc::Rc;

use super::{Lowering, operation::Found};
use crate::{diagnostic::Code, document::Server};

impl Lowering<'_> {
    /// The path that all operations without servers of their own are under; empty where there is none.
    pub(super) fn document_base(&mut self) -> String {
        match self.options.server_paths {
            true => self.base(&self.document.servers),
            false => String::new(),
        }
    }

    /// The path that an operation is under, where its servers or those of its path item lead to another than the document's.
    pub(super) fn own_base(&mut self, found: &Found) -> Option<String> {
        if !self.options.server_paths {
            return None;
        }
        let (item, operation) = (Rc::clone(&found.item), Rc::clone(&found.operation));
        let mut lists = [&operation.servers, &item.servers].into_iter();
        let servers = lists.find(|servers| !servers.is_empty())?;
        let base = self.base(servers);
        (base != self.document_base()).then_some(base)
    }

    /// The path of the first server; that others have another is told.
    fn base(&mut self, servers: &[Server]) -> String {
        let Some((first, others)) = servers.split_first() else {
            // The default is one with the URL `/`.
            return String::new();
        };
        // Each is told once, however many operations it is for.
        let place = &first.url.place;
        let spot = format!("server {}#{}", place.span.file.0, place.pointer);
        let is_news = self.references.is_news(spot);
        let base = path_of(&expand(first, None));
        if !is_news {
            return base;
        }
        self.check_server(first, &base);
        for other in others {
            let path = path_of(&expand(other, None));
            if path != base {
                self.diagnostics
                    .warning(
                        Code::ServerPath,
                        &other.url.place,
                        format!(
                            "nothing is served under the path of this server, `{}`",
                            shown(&path)
                        ),
                    )
                    .related(
                        place.span,
                        format!(
                            "the path of the first server, `{}`, is the one that counts",
                            shown(&base)
                        ),
                    )
                    .help("put the server first whose path is to be served");
            }
        }
        base
    }

    /// Tells what of a server's URL cannot be followed.
    fn check_server(&mut self, server: &Server, base: &str) {
        let place = &server.url.place;
        let url = expand(server, None);
        if base.contains(['{', '}']) {
            self.diagnostics
                .error(
                    Code::ServerPath,
                    place,
                    "the path of this server has a brace, or a variable that is not described",
                )
                .help("describe it in `variables`, with a `default`");
        }
        if url.contains(['?', '#']) {
            self.diagnostics.warning(
                Code::ServerPath,
                place,
                "a server's URL has no query and no fragment; they are not asked for",
            );
        }
        if !base.is_empty() && is_relative(&url) {
            self.diagnostics
                .warning(
                    Code::ServerPath,
                    place,
                    "where a relative server URL leads depends on where the document was read",
                )
                .label(format!("it is taken to be `{base}`"))
                .help(format!("write `{base}`"));
        }
        for (name, variable) in &server.variables {
            let differs = |value: &Rc<str>| path_of(&expand(server, Some((name, value)))) != base;
            if variable.values.iter().any(differs) {
                self.diagnostics
                    .warning(
                        Code::ServerPath,
                        place,
                        format!("the path of this server depends on `{name}`"),
                    )
                    .label(format!("`{}` is served, for its default", shown(base)))
                    .help("make an operation's path begin with it, as a parameter, to serve all of its values");
            }
        }
    }
}

/// A path as it is shown.
fn shown(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

/// The URL with the variables' defaults, but for one that is chosen.
fn expand(server: &Server, chosen: Option<(&str, &str)>) -> String {
    let mut url = String::new();
    let mut rest: &str = &server.url.value;
    while let Some((literal, tail)) = rest.split_once('{') {
        let Some((name, tail)) = tail.split_once('}') else {
            break;
        };
        let described = server.variables.iter().find(|(known, _)| **known == *name);
        let default = described.map(|(_, variable)| &*variable.default);
        let chosen = chosen.filter(|(known, _)| *known == name);
        url.push_str(literal);
        match chosen.map(|(_, value)| value).or(default) {
            Some(value) => url.push_str(value),
            None => url.extend(["{", name, "}"]),
        }
        rest = tail;
    }
    url + rest
}

/// The path of a URL, without a slash at its end. A relative one begins at the root (RFC 3986, section 5.2.4).
fn path_of(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = url.get(..end).unwrap_or_default();
    let after_authority = match url.split_once("://") {
        Some((_, rest)) => Some(rest),
        None => url.strip_prefix("//"),
    };
    let path = match after_authority {
        Some(rest) => rest
            .find('/')
            .and_then(|at| rest.get(at..))
            .unwrap_or_default(),
        None => url,
    };
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.trim_matches('/').split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    segments.iter().flat_map(|segment| ["/", segment]).collect()
}

/// Whether a URL has neither authority nor a path from the root.
fn is_relative(url: &str) -> bool {
    !url.contains("://") && !url.starts_with('/')
}
