//! The cookies of one host: RFC 6265, section 5.

use cookie::time::{Duration, OffsetDateTime};
use cookie::{Cookie, Expiration};
use http::HeaderMap;
use http::header::{COOKIE, HeaderValue, SET_COOKIE};

/// The cookies that were set and are not over, in the order in which they were set first.
pub(super) struct Cookies {
    /// The host that the client calls, without a port.
    host: String,
    kept: Vec<Kept>,
}

struct Kept {
    name: String,
    value: String,
    path: String,
    /// `None` stays until the client is dropped.
    until: Option<OffsetDateTime>,
}

impl Default for Cookies {
    fn default() -> Self {
        Self::of("localhost")
    }
}

impl Cookies {
    /// None, of a host that may have a port.
    pub(super) fn of(host: &str) -> Self {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
            _ => host,
        };
        Self {
            host: name.to_ascii_lowercase(),
            kept: Vec::new(),
        }
    }

    /// None, of the same host.
    pub(super) fn of_same_host(&self) -> Self {
        Self {
            host: self.host.clone(),
            kept: Vec::new(),
        }
    }

    /// The value of a cookie of this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let now = OffsetDateTime::now_utc();
        let found = self
            .kept
            .iter()
            .find(|it| it.name == name && it.is_good(now));
        found.map(|it| it.value.as_str())
    }

    /// Keeps what an answer sets, and forgets what it takes back.
    ///
    /// The connection counts as a safe one, as that to `localhost` does in browsers, so `Secure` asks for nothing.
    pub(super) fn keep(&mut self, path: &str, headers: &HeaderMap) {
        let now = OffsetDateTime::now_utc();
        for line in headers.get_all(SET_COOKIE) {
            let text = String::from_utf8_lossy(line.as_bytes());
            let Ok(cookie) = Cookie::parse(text.as_ref()) else {
                continue;
            };
            if !is_accepted(&cookie, &self.host) {
                continue;
            }
            let until = match (cookie.max_age(), cookie.expires()) {
                // A time that no calendar has is never.
                (Some(age), _) if age <= Duration::ZERO => Some(OffsetDateTime::UNIX_EPOCH),
                (Some(age), _) => now.checked_add(age),
                (None, Some(Expiration::DateTime(time))) => Some(time),
                (None, _) => None,
            };
            let path = match cookie.path() {
                Some(path) if path.starts_with('/') => path,
                _ => default_path(path),
            };
            let kept = Kept {
                name: cookie.name().to_owned(),
                value: cookie.value().to_owned(),
                path: path.to_owned(),
                until,
            };
            let known = |it: &&mut Kept| it.name == kept.name && it.path == kept.path;
            match self.kept.iter_mut().find(known) {
                Some(known) => *known = kept,
                None => self.kept.push(kept),
            }
        }
        self.kept.retain(|it| it.is_good(now));
    }

    /// Adds the cookies for a path to those that a request has already.
    pub(super) fn put(&self, path: &str, headers: &mut HeaderMap) {
        let now = OffsetDateTime::now_utc();
        let own = headers.get_all(COOKIE).iter();
        let own = own
            .filter_map(|it| it.to_str().ok())
            .filter(|it| !it.is_empty());
        let own = own.collect::<Vec<_>>().join("; ");
        let has = |name: &str| {
            let mut pairs = own.split(';').filter_map(|pair| pair.split_once('='));
            pairs.any(|(it, _)| it.trim() == name)
        };
        let fits = |it: &&Kept| it.is_good(now) && is_below(path, &it.path) && !has(&it.name);
        let mut fitting: Vec<&Kept> = self.kept.iter().filter(fits).collect();
        // Section 5.4: longer paths come first.
        fitting.sort_by_key(|it| std::cmp::Reverse(it.path.len()));
        let pairs = fitting.iter().map(|it| format!("{}={}", it.name, it.value));
        let all: Vec<String> = std::iter::once(own.clone())
            .filter(|it| !it.is_empty())
            .chain(pairs)
            .collect();
        if let Ok(value) = HeaderValue::try_from(all.join("; "))
            && !all.is_empty()
        {
            headers.insert(COOKIE, value);
        }
    }
}

impl Kept {
    fn is_good(&self, now: OffsetDateTime) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

/// Whether a browser would keep it, of this host: its domain, and what the prefix of its name promises.
fn is_accepted(cookie: &Cookie<'_>, host: &str) -> bool {
    // The host itself, or a domain that it is below (section 5.1.3).
    let is_ours = cookie.domain().is_none_or(|domain| {
        let domain = domain.trim_start_matches('.').to_ascii_lowercase();
        let below = host.strip_suffix(domain.as_str());
        below.is_some_and(|it| it.is_empty() || it.ends_with('.') && !domain.is_empty())
    });
    let is_secure = cookie.secure() == Some(true);
    let keeps_promise = match cookie.name() {
        name if name.starts_with("__Host-") => {
            is_secure && cookie.path() == Some("/") && cookie.domain().is_none()
        }
        name if name.starts_with("__Secure-") => is_secure,
        _ => true,
    };
    is_ours && keeps_promise
}

/// The path of a cookie that says none (section 5.1.4).
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(end) => path.get(..end).unwrap_or("/"),
    }
}

/// Whether a path is that of a cookie, or below it (section 5.1.4).
fn is_below(path: &str, of_cookie: &str) -> bool {
    path.strip_prefix(of_cookie)
        .is_some_and(|rest| rest.is_empty() || of_cookie.ends_with('/') || rest.starts_with('/'))
}
