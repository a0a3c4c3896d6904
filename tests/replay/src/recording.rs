//! What was recorded.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::Engine as _;
use serde::Deserialize;

use crate::{Error, options::Options};

/// One recorded application.
pub(crate) struct Application {
    /// The name of its folder.
    pub(crate) name: String,
    /// Its document.
    pub(crate) document: PathBuf,
    /// Whether the document has security schemes.
    pub(crate) is_secured: bool,
    /// What was sent and answered, in order.
    pub(crate) exchanges: Vec<Exchange>,
}

/// A request and its answer.
#[derive(Deserialize)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    /// The path with its query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Text,
    pub(crate) status: u16,
    pub(crate) resp_headers: Vec<(String, String)>,
    pub(crate) resp_body: Text,
    /// Which of the exchanges with the same method and path it is.
    #[serde(skip)]
    number: usize,
}

/// A body: text, or what is no text in base64.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Text {
    Plain(String),
    Encoded { b64: String },
}

impl Text {
    /// The bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Plain(text) => text.clone().into_bytes(),
            Self::Encoded { b64 } => base64::engine::general_purpose::STANDARD
                .decode(b64)
                .unwrap_or_default(),
        }
    }

    /// The text; empty where it is none.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Encoded { .. } => "",
        }
    }
}

impl Exchange {
    /// What tells it apart from the others of its application.
    pub(crate) fn title(&self) -> String {
        format!("{} {} #{}", self.method, self.path, self.number)
    }

    /// The values of the headers and query parameters that may hold credentials.
    fn credentials(&self) -> String {
        let headers = self.headers.iter().filter(|(name, _)| {
            // What a client library adds to every request tells nobody apart.
            ![
                "host",
                "accept",
                "accept-encoding",
                "connection",
                "user-agent",
                "content-length",
                "content-type",
            ]
            .contains(&name.to_ascii_lowercase().as_str())
        });
        let query = self.path.split_once('?').map_or("", |(_, query)| query);
        format!("{query} {:?}", headers.collect::<Vec<_>>())
    }
}

impl Application {
    /// Reads all applications of the folder.
    pub(crate) fn read_all(options: &Options) -> Result<Vec<Self>, Error> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&options.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().join("exchanges.jsonl").is_file() && name.contains(&options.only) {
                names.push(name);
            }
        }
        names.sort();
        let read = |name: &String| Self::read(&options.folder, name);
        names.iter().map(read).collect()
    }

    fn read(folder: &Path, name: &str) -> Result<Self, Error> {
        let document = folder.join(name).join("openapi.json");
        let root: serde_json::Value = serde_json::from_slice(&fs::read(&document)?)?;
        let text = fs::read_to_string(folder.join(name).join("exchanges.jsonl"))?;
        let mut exchanges: Vec<Exchange> = Vec::new();
        for line in text.lines() {
            let mut exchange: Exchange = serde_json::from_str(line)?;
            let is_alike =
                |other: &&Exchange| other.method == exchange.method && other.path == exchange.path;
            exchange.number = 1 + exchanges.iter().filter(is_alike).count();
            exchanges.push(exchange);
        }
        Ok(Self {
            name: name.to_owned(),
            document,
            is_secured: root.pointer("/components/securitySchemes").is_some(),
            exchanges,
        })
    }

    /// Whether the recorded application lets in who sends no credentials, although its document asks for some: FastAPI has
    /// no words for that in a document.
    pub(crate) fn has_optional_security(&self) -> bool {
        let anonymous = |status: u16| {
            let mut of_nobody = self.exchanges.iter().filter(|it| it.credentials() == " []");
            of_nobody.any(|it| it.status == status)
        };
        self.is_secured && anonymous(200) && !anonymous(401)
    }

    /// Whether the recorded application let in who sent these credentials, in this or another exchange.
    pub(crate) fn accepts(&self, exchange: &Exchange) -> bool {
        let credentials = exchange.credentials();
        self.exchanges
            .iter()
            .any(|other| !matches!(other.status, 401 | 403) && other.credentials() == credentials)
    }
}
