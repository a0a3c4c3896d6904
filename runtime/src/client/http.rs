//! Requests of generated clients over HTTP/1.1, with and without TLS.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use http::{Request, Response};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::transport::{Transport, TransportError, collected};
use crate::error::Error;

/// Sends the requests of a generated client to a server, and keeps connections for the next ones.
///
/// No redirect is followed: an answer is an answer, and credentials go nowhere else. Certificates have to be of an authority
/// that the system trusts, or of those that are [given](Self::with_authorities). Clones share their connections.
///
/// | setting | default |
/// |---|---|
/// | [`timeout`](Self::timeout) | 30 seconds |
/// | [`response_limit`](Self::response_limit) | 16 MiB |
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
/// use specwright::HttpTransport;
///
/// # fn run() -> specwright::Result {
/// let shop = HttpTransport::new("https://shop.example/v1")?.timeout(Duration::from_secs(5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HttpTransport {
    client: Client<HttpsConnector<HttpConnector>, Body>,
    /// Of certificates of the server; `None` are those that the system trusts.
    authorities: Option<Arc<RootCertStore>>,
    scheme: Scheme,
    authority: Authority,
    /// What stands before all paths.
    prefix: String,
    timeout: Option<Duration>,
    response_limit: usize,
}

impl HttpTransport {
    /// Makes one for the server at a URL, whose path stands before those of all requests. Nothing is connected before the
    /// first of them.
    ///
    /// # Errors
    ///
    /// It is no URL of `http` or `https`, or holds a user, a query or a fragment; or it is one of `https` and the system has
    /// no certificates of authorities.
    pub fn new(url: &str) -> crate::Result<Self> {
        Self::trusting(url, None)
    }

    /// Makes one whose server has a certificate of these authorities, in PEM, whatever the system trusts: such as that of a
    /// company, or of a test.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); the text is no PEM, or holds no certificate.
    pub fn with_authorities(url: &str, pem: impl AsRef<[u8]>) -> crate::Result<Self> {
        let refused = || Error::new("the authorities are no certificates in PEM");
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_ref()) {
            roots.add(certificate.map_err(|_| refused())?)?;
        }
        match roots.is_empty() {
            true => Err(refused()),
            false => Self::trusting(url, Some(Arc::new(roots))),
        }
    }

    /// Shows the server who is calling, where it asks: a certificate, those between it and an authority, and its private key,
    /// all in PEM (`mutualTLS`). Connections that there are already are not used for it.
    ///
    /// # Errors
    ///
    /// The text holds no certificate or no private key, or they do not belong together; or the server is one without TLS.
    pub fn with_identity(self, pem: impl AsRef<[u8]>) -> crate::Result<Self> {
        let refused = |why: &str| Error::new(format!("the identity {why}"));
        if self.scheme != Scheme::HTTPS {
            return Err(refused("is shown to servers at `https://` only"));
        }
        let chain: Vec<_> = CertificateDer::pem_slice_iter(pem.as_ref())
            .collect::<Result<_, _>>()
            .map_err(|_| refused("holds a certificate that is none in PEM"))?;
        if chain.is_empty() {
            return Err(refused("holds no certificate in PEM"));
        }
        let key = PrivateKeyDer::from_pem_slice(pem.as_ref())
            .map_err(|_| refused("holds no private key in PEM"))?;
        Ok(Self {
            client: client(&self.scheme, self.authorities.clone(), Some((chain, key)))?,
            ..self
        })
    }

    /// `None` are the authorities that the system trusts.
    fn trusting(url: &str, authorities: Option<Arc<RootCertStore>>) -> crate::Result<Self> {
        let refused = |why: &str| Error::new(format!("the URL of the server {why}"));
        let parsed = Url::parse(url).map_err(|error| refused(&format!("is none: {error}")))?;
        let scheme = match parsed.scheme() {
            "http" => Scheme::HTTP,
            "https" => Scheme::HTTPS,
            _ => return Err(refused("must begin with `http://` or `https://`")),
        };
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(refused("must not hold credentials"));
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(refused("must end with its path"));
        }
        let authority = Authority::try_from(parsed.authority())
            .map_err(|error| refused(&format!("has no host: {error}")))?;
        Ok(Self {
            client: client(&scheme, authorities.clone(), None)?,
            authorities,
            scheme,
            authority,
            prefix: parsed.path().trim_end_matches('/').to_owned(),
            timeout: Some(Duration::from_secs(30)),
            response_limit: 16 << 20,
        })
    }

    /// Sets how long a request may take, from the connection to the last byte of the answer.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sets how many bytes the body of an answer may have.
    #[must_use]
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = bytes;
        self
    }

    async fn exchange(&self, mut request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let target = request.uri().path_and_query();
        let target = format!(
            "{}{}",
            self.prefix,
            target.map_or("/", PathAndQuery::as_str)
        );
        let uri = Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(target)
            .build();
        *request.uri_mut() =
            uri.map_err(|error| TransportError::new("the path is no URI").with_source(error))?;
        let answer = self.client.request(request).await.map_err(|error| {
            TransportError::new(format!("`{}` did not answer", self.authority)).with_source(error)
        })?;
        let (head, body) = answer.into_parts();
        let body = collected(body, self.response_limit).await?;
        Ok(Response::from_parts(head, Body::from(body)))
    }
}

/// Makes connections to servers of these authorities, as somebody, where that is said.
fn client(
    scheme: &Scheme,
    authorities: Option<Arc<RootCertStore>>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
) -> crate::Result<Client<HttpsConnector<HttpConnector>, Body>> {
    let provider = Arc::new(ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = match authorities {
        None if *scheme == Scheme::HTTPS => config.with_native_roots()?,
        // Without TLS there is nobody to trust, so that a system without certificates does as well.
        authorities => config.with_root_certificates(
            authorities.unwrap_or_else(|| Arc::new(RootCertStore::empty())),
        ),
    };
    let config = match identity {
        None => config.with_no_client_auth(),
        Some((chain, key)) => config.with_client_auth_cert(chain, key)?,
    };
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .build();
    Ok(Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .build(connector))
}

impl Transport for HttpTransport {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let exchange = self.exchange(request);
        let Some(timeout) = self.timeout else {
            return exchange.await;
        };
        let answer = tokio::time::timeout(timeout, exchange).await;
        answer.unwrap_or_else(|_| {
            let (authority, seconds) = (&self.authority, timeout.as_secs_f64());
            Err(TransportError::new(format!(
                "`{authority}` did not answer within {seconds} s"
            )))
        })
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("scheme", &self.scheme)
            .field("authority", &self.authority)
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .field("response_limit", &self.response_limit)
            .finish_non_exhaustive()
    }
}
