//! Settings of an [`App`] from the environment, and from a file `.env`.

use std::collections::HashMap;
use std::env;
use std::time::Duration;

use crate::app::App;
#[cfg(feature = "log")]
use crate::observe::LogFormat;

/// What stands before the names of variables unless another prefix is chosen.
const PREFIX: &str = "SPECWRIGHT_";

/// What is longer is no path of a file of TLS, but most likely what such a file holds.
#[cfg(feature = "tls")]
const LONGEST_PATH: usize = 255;

/// The units of a time, in milliseconds.
const TIMES: [(&str, f64); 4] = [("ms", 1.0), ("s", 1e3), ("m", 60e3), ("h", 3600e3)];

/// The units of a size, in bytes.
const SIZES: [(&str, f64); 7] = [
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("kB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("B", 1.0),
];

/// A year in milliseconds, and an exabyte: what is longer is no limit, but a slip.
const MOST: (f64, f64) = (365.0 * 24.0 * 3600e3, 1e18);

const TIME: &str = "a time such as `500ms`, `30s`, `2m` or a number of seconds";
const TIMEOUT: &str = "a time above zero such as `500ms`, `30s`, `2m` or a number of seconds";
const SIZE: &str = "a size such as `64KiB`, `10MiB` or a number of bytes";
const COUNT: &str = "a whole number above zero";
const SWITCH: &str = "`true` or `false`";

impl App {
    /// Takes settings from the environment, from variables that begin with `SPECWRIGHT_`, and from a file `.env` in the
    /// current folder or one above it, where the environment does not have them.
    ///
    /// What is set there takes the place of what was said before this call, and is replaced by what is said after it. An empty
    /// variable says nothing. All faults are told at once when the server starts, each with the name of its variable, what it
    /// holds and what is expected; then nothing is opened.
    ///
    /// | variable | holds | as |
    /// |---|---|---|
    /// | `HOST` and `PORT` | a host or an address; a port | [`bind`](Self::bind) |
    /// | `BIND` | `host:port`, or `unix:` and a path, in place of both | [`bind`](Self::bind) |
    /// | `BODY_LIMIT` | a size | [`body_limit`](Self::body_limit) |
    /// | `BODY_IDLE_TIMEOUT` | a time, or `none` | [`body_idle_timeout`](Self::body_idle_timeout) |
    /// | `REQUEST_LIMIT` | a number, or `none` | [`request_limit`](Self::request_limit) |
    /// | `REQUEST_TIMEOUT` | a time, or `none` | [`request_timeout`](Self::request_timeout) |
    /// | `CONNECTION_LIMIT` | a number, or `none` | [`connection_limit`](Self::connection_limit) |
    /// | `HEADER_LIMIT` | a number | [`header_limit`](Self::header_limit) |
    /// | `HEADER_SIZE_LIMIT` | a size | [`header_size_limit`](Self::header_size_limit) |
    /// | `HEADER_READ_TIMEOUT` | a time, or `none` | [`header_read_timeout`](Self::header_read_timeout) |
    /// | `WRITE_TIMEOUT` | a time, or `none` | [`write_timeout`](Self::write_timeout) |
    /// | `SHUTDOWN_TIMEOUT` | a time | [`shutdown_timeout`](Self::shutdown_timeout) |
    /// | `SHUTDOWN_DELAY` | a time | [`shutdown_delay`](Self::shutdown_delay) |
    /// | `TRUSTED_HOSTS` | hosts, separated by commas | [`trusted_hosts`](Self::trusted_hosts) |
    /// | `TRUSTED_PROXIES` | addresses, networks and `unix`, separated by commas | [`trusted_proxies`](Self::trusted_proxies) |
    /// | `HTTPS_REDIRECT` | `true` or `false` | [`https_redirect`](Self::https_redirect) |
    /// | `CORS_ORIGINS` | origins, separated by commas | `App::cors`, with the feature `cors` |
    /// | `COMPRESSION` | `true` or `false` | `App::compression`, with the feature `compression` |
    /// | `ACCESS_LOG` | `true` or `false` | [`access_log`](Self::access_log) |
    /// | `LOG` | what is logged, such as `info` or `info,sqlx=warn` | `App::log`, with the feature `log` |
    /// | `LOG_FORMAT` | `text` or `json` | `App::log`, with the feature `log` |
    /// | `TLS_CERTIFICATES` and `TLS_KEY` | paths of files | `App::tls`, with the feature `tls` |
    /// | `TLS_CLIENT_AUTHORITIES` | the path of a file, beside both | `App::tls_client_authorities` |
    ///
    /// The variables of `App::open_telemetry` (`OTEL_...`) have no such prefix, and are read from the file as well.
    ///
    /// A time is a number of seconds or has a unit (`500ms`, `30s`, `2m`, `1h`), and so has a size (`64KiB`, `10MiB`, `1GB`).
    /// Zero is a fault where it is no time to wait, but for `SHUTDOWN_DELAY`: no limit is `none`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn serve(api: specwright::Api) -> impl Future<Output = specwright::Result> {
    /// specwright::App::new(api).env().serve()
    /// # }
    /// ```
    pub fn env(self) -> Self {
        self.env_with_prefix(PREFIX)
    }

    /// As [`env`](Self::env), with another prefix than `SPECWRIGHT_`, such as `SHOP_`.
    pub fn env_with_prefix(mut self, prefix: &str) -> Self {
        let mut env = Environment::new(prefix);
        self = self.take_limits(&mut env);
        self = self.take_address(&mut env);
        self = self.take_middleware(&mut env);
        self = self.take_log(&mut env);
        #[cfg(feature = "opentelemetry")]
        self.observe.traces.take_file(&env.file);
        for fault in env.faults {
            self.middleware.fault(fault);
        }
        self
    }

    fn take_address(mut self, env: &mut Environment) -> Self {
        let is_port = |text: &str| text.parse::<u16>().ok();
        let host = env.parsed("HOST", "a host or an address", |text| {
            (!text.contains(['/', ' '])).then(|| text.to_owned())
        });
        let port = env.parsed("PORT", "a number from 0 to 65535", is_port);
        let bind = env.parsed("BIND", "`host:port`, or `unix:` and a path", |text| {
            let is_address =
                |(host, port): (&str, &str)| !host.is_empty() && is_port(port).is_some();
            let is_good = text.strip_prefix("unix:").map_or_else(
                || text.rsplit_once(':').is_some_and(is_address),
                |path| !path.is_empty(),
            );
            is_good.then(|| text.to_owned())
        });
        if bind.is_some() && (host.is_some() || port.is_some()) {
            env.fault(
                "BIND",
                "is set beside `HOST` or `PORT`: expected one or the other",
            );
        }
        if let Some(address) = bind {
            return self.bind(address);
        }
        if host.is_some() || port.is_some() {
            let (old_host, old_port) = match self.connections.address.rsplit_once(':') {
                Some((host, port)) if !host.starts_with("unix") => (host, port),
                _ => ("127.0.0.1", "8000"),
            };
            let host = match host {
                // Between brackets, so that its colons are none before a port.
                Some(host) if host.contains(':') && !host.starts_with('[') => format!("[{host}]"),
                Some(host) => host,
                None => old_host.to_owned(),
            };
            let port = port.map_or_else(|| old_port.to_owned(), |port| port.to_string());
            self = self.bind(format!("{host}:{port}"));
        }
        self
    }

    fn take_limits(mut self, env: &mut Environment) -> Self {
        if let Some(limit) = env.parsed("BODY_LIMIT", SIZE, size) {
            self = self.body_limit(limit);
        }
        if let Some(timeout) = env.optional("BODY_IDLE_TIMEOUT", TIMEOUT, timeout) {
            self = self.body_idle_timeout(timeout);
        }
        if let Some(limit) = env.optional("REQUEST_LIMIT", COUNT, count) {
            self = self.request_limit(limit);
        }
        if let Some(timeout) = env.optional("REQUEST_TIMEOUT", TIMEOUT, timeout) {
            self = self.request_timeout(timeout);
        }
        if let Some(limit) = env.optional("CONNECTION_LIMIT", COUNT, count) {
            self = self.connection_limit(limit);
        }
        if let Some(limit) = env.parsed("HEADER_LIMIT", COUNT, count) {
            self = self.told(env, "HEADER_LIMIT", |app| app.header_limit(limit));
        }
        if let Some(limit) = env.parsed("HEADER_SIZE_LIMIT", SIZE, size) {
            self = self.header_size_limit(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        if let Some(timeout) = env.optional("HEADER_READ_TIMEOUT", TIMEOUT, timeout) {
            self = self.header_read_timeout(timeout);
        }
        if let Some(timeout) = env.optional("WRITE_TIMEOUT", TIMEOUT, timeout) {
            self = self.write_timeout(timeout);
        }
        if let Some(timeout) = env.parsed("SHUTDOWN_TIMEOUT", TIMEOUT, timeout) {
            self = self.shutdown_timeout(timeout);
        }
        if let Some(delay) = env.parsed("SHUTDOWN_DELAY", TIME, time) {
            self = self.shutdown_delay(delay);
        }
        self
    }

    fn take_middleware(mut self, env: &mut Environment) -> Self {
        // What each of a list has to be, the methods say.
        if let Some(hosts) = env.value("TRUSTED_HOSTS") {
            self.middleware.forget_hosts();
            self = self.told(env, "TRUSTED_HOSTS", |app| app.trusted_hosts(list(&hosts)));
        }
        if let Some(networks) = env.value("TRUSTED_PROXIES") {
            self.middleware.forget_proxies();
            self = self.told(env, "TRUSTED_PROXIES", |app| {
                app.trusted_proxies(list(&networks))
            });
        }
        if let Some(on) = env.parsed("HTTPS_REDIRECT", SWITCH, switch) {
            self = self.https_redirect(on);
        }
        #[cfg(feature = "cors")]
        if let Some(origins) = env.value("CORS_ORIGINS") {
            self = self.told(env, "CORS_ORIGINS", |app| app.cors(list(&origins)));
        }
        #[cfg(feature = "compression")]
        if let Some(on) = env.parsed("COMPRESSION", SWITCH, switch) {
            self = self.compression(on);
        }
        #[cfg(feature = "tls")]
        {
            self = self.take_tls(env);
        }
        for (name, feature, is_on) in FEATURES {
            if !is_on && env.value(name).is_some() {
                let what = format!("is set, and needs the feature `{feature}` of the crate");
                env.fault(name, &what);
            }
        }
        self
    }

    fn take_log(mut self, env: &mut Environment) -> Self {
        if let Some(on) = env.parsed("ACCESS_LOG", SWITCH, switch) {
            self = self.access_log(on);
        }
        #[cfg(feature = "log")]
        {
            let filter = env.value("LOG");
            let format = env.parsed("LOG_FORMAT", "`text` or `json`", |text| match text {
                "text" => Some(LogFormat::Text),
                "json" => Some(LogFormat::Json),
                _ => None,
            });
            if filter.is_some() || format.is_some() {
                let mut log = self.observe.log().cloned().unwrap_or_default();
                if let Some(format) = format {
                    log = log.format(format);
                }
                if let Some(filter) = filter {
                    log = log.filter(filter);
                }
                self = self.told(env, "LOG", |app| app.log(log));
            }
        }
        self
    }

    /// Says of the faults of a setting which variable they are of.
    fn told(self, env: &mut Environment, name: &str, set: impl FnOnce(Self) -> Self) -> Self {
        let known = self.middleware.faults.len();
        let mut app = set(self);
        for fault in app.middleware.faults.split_off(known) {
            env.fault(name, &format!("cannot be: {fault}"));
        }
        app
    }

    #[cfg(feature = "tls")]
    fn take_tls(mut self, env: &mut Environment) -> Self {
        let expected = format!("the path of a file in PEM, of {LONGEST_PATH} bytes at most");
        let mut path = |name| {
            let text = env.value(name)?;
            // Where it is the key itself, nobody should see it.
            let is_contents = text.contains(['\n', '\r']) || text.contains("-----BEGIN");
            match is_contents || text.len() > LONGEST_PATH {
                true => {
                    env.fault(
                        name,
                        &format!("holds what is not shown here: expected {expected}"),
                    );
                    None
                }
                false => Some(text),
            }
        };
        let files = (path("TLS_CERTIFICATES"), path("TLS_KEY"));
        let authorities = path("TLS_CLIENT_AUTHORITIES");
        match files {
            (Some(certificates), Some(key)) => self = self.tls(certificates, key),
            (None, None) => {}
            (Some(_), None) if env.value("TLS_KEY").is_none() => {
                env.fault(
                    "TLS_KEY",
                    "is not set, and `TLS_CERTIFICATES` is: expected both",
                );
            }
            (None, Some(_)) if env.value("TLS_CERTIFICATES").is_none() => {
                env.fault(
                    "TLS_CERTIFICATES",
                    "is not set, and `TLS_KEY` is: expected both",
                );
            }
            _ => {}
        }
        match authorities {
            Some(path) if self.connections.tls.is_some() => self.tls_client_authorities(path),
            Some(_) if env.faults.is_empty() => {
                let what = "is set, and needs `TLS_CERTIFICATES` and `TLS_KEY` beside it";
                env.fault("TLS_CLIENT_AUTHORITIES", what);
                self
            }
            _ => self,
        }
    }
}

/// Variables that mean something only where a feature of the crate is on.
const FEATURES: [(&str, &str, bool); 7] = [
    ("CORS_ORIGINS", "cors", cfg!(feature = "cors")),
    ("COMPRESSION", "compression", cfg!(feature = "compression")),
    ("LOG", "log", cfg!(feature = "log")),
    ("LOG_FORMAT", "log", cfg!(feature = "log")),
    ("TLS_CERTIFICATES", "tls", cfg!(feature = "tls")),
    ("TLS_KEY", "tls", cfg!(feature = "tls")),
    ("TLS_CLIENT_AUTHORITIES", "tls", cfg!(feature = "tls")),
];

/// Variables of a prefix, and what is wrong with them.
struct Environment {
    prefix: String,
    /// What the file says, for what the environment does not.
    file: HashMap<String, String>,
    faults: Vec<String>,
}

impl Environment {
    fn new(prefix: &str) -> Self {
        let mut env = Self {
            prefix: prefix.to_owned(),
            file: HashMap::new(),
            faults: Vec::new(),
        };
        env.read_file();
        env
    }

    fn read_file(&mut self) {
        let entries = match dotenvy::dotenv_iter() {
            Ok(entries) => entries,
            Err(error) if error.not_found() => return,
            Err(error) => {
                return self
                    .faults
                    .push(format!("cannot read `.env`: {}", of_file(&error)));
            }
        };
        let mut last = None;
        for entry in entries {
            match entry {
                Ok((name, value)) => {
                    last = Some(name.clone());
                    self.file.entry(name).or_insert(value);
                }
                Err(error) => {
                    let place = last.as_ref().map_or_else(
                        || "at its beginning".to_owned(),
                        |name| format!("after `{name}`"),
                    );
                    self.faults
                        .push(format!("cannot read `.env` {place}: {}", of_file(&error)));
                }
            }
        }
    }

    /// The text of a variable, where it says anything.
    fn value(&mut self, name: &str) -> Option<String> {
        let full = format!("{}{name}", self.prefix);
        let value = match env::var(&full) {
            Ok(value) => Some(value),
            Err(env::VarError::NotPresent) => self.file.get(&full).cloned(),
            Err(env::VarError::NotUnicode(_)) => {
                self.fault(name, "holds what is not text (UTF-8)");
                None
            }
        };
        value
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// What a variable holds, where it can be read so.
    fn parsed<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(name)?;
        let parsed = parse(&value);
        if parsed.is_none() {
            let value = value.escape_debug();
            self.fault(name, &format!("is `{value}`: expected {expected}"));
        }
        parsed
    }

    /// As [`parsed`](Self::parsed), where `none` is nothing.
    fn optional<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Option<T>> {
        let expected = format!("{expected}, or `none`");
        self.parsed(name, &expected, |text| match text {
            "none" => Some(None),
            text => parse(text).map(Some),
        })
    }

    fn fault(&mut self, name: &str, what: &str) {
        self.faults.push(format!("`{}{name}` {what}", self.prefix));
    }
}

/// What is wrong with the file, without its text, which may be secret.
fn of_file(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::Io(error) => error.to_string(),
        _ => "expected lines such as `NAME=value` or `NAME=\"two words\"`".to_owned(),
    }
}

/// The items of a list.
fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

fn switch(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn count(text: &str) -> Option<usize> {
    text.parse().ok().filter(|count| *count > 0)
}

fn time(text: &str) -> Option<Duration> {
    let time = amount(text, 1e3, &TIMES).filter(|it| *it <= MOST.0)?;
    Some(Duration::from_millis(time as u64))
}

/// A time that ends something.
fn timeout(text: &str) -> Option<Duration> {
    time(text).filter(|time| !time.is_zero())
}

fn size(text: &str) -> Option<u64> {
    let size = amount(text, 1.0, &SIZES).filter(|it| *it <= MOST.1)?;
    Some(size as u64)
}

/// A number, or a number and a unit, in the smallest of its units.
fn amount(text: &str, plain: f64, units: &[(&str, f64)]) -> Option<f64> {
    let unit = units
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (number, factor) = unit.unwrap_or((text, plain));
    let number = number.trim_end();
    // No sign, and nothing that is no number to people, such as `inf`.
    let is_number = number.starts_with(|first: char| first.is_ascii_digit());
    let amount = number.parse::<f64>().ok().filter(|_| is_number)? * factor;
    amount.is_finite().then(|| amount.ceil())
}
