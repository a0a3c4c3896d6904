//! TLS: the certificate and the key of a server, and what its connections are made with.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, ServerConnection};

use crate::error::Error;
use crate::security::PeerCertificate;

/// The files, in PEM.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) certificates: PathBuf,
    pub(crate) key: PathBuf,
    /// The authorities whose certificates clients may have.
    pub(crate) client_authorities: Option<PathBuf>,
}

/// What connections are made with, by the files as they are when one begins.
pub(super) struct Tls {
    files: Files,
    current: Mutex<Current>,
}

struct Current {
    acceptor: TlsAcceptor,
    /// Those of the files that were read last, whether they could be used or not.
    stamps: [Option<Stamp>; 3],
}

/// What is another once a file was replaced or written.
#[derive(PartialEq, Eq)]
struct Stamp {
    modified: SystemTime,
    length: u64,
    #[cfg(unix)]
    inode: u64,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// What is wrong with which of them.
    pub(super) fn new(files: &Files) -> Result<Self, Error> {
        // What changes in between is seen by the first connection.
        let stamps = files.stamps();
        let acceptor = acceptor(files)?;
        Ok(Self {
            files: files.clone(),
            current: Mutex::new(Current { acceptor, stamps }),
        })
    }

    /// What the next connection is made with. Files that have changed are read again; where they cannot be used, as between
    /// the change of one and of the other, what there was before is.
    ///
    /// To ask for the state of three files takes much less time than to shake hands.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps = self.files.stamps();
        if stamps != current.stamps {
            current.stamps = stamps;
            match acceptor(&self.files) {
                Ok(acceptor) => {
                    tracing::info!("the files of TLS have changed, and are used from here on");
                    current.acceptor = acceptor;
                }
                Err(error) => {
                    tracing::error!("{error}; it goes on with what it held before");
                }
            }
        }
        current.acceptor.clone()
    }
}

impl Files {
    /// Without that of a file which is not there.
    fn stamps(&self) -> [Option<Stamp>; 3] {
        let files = [
            Some(&self.certificates),
            Some(&self.key),
            self.client_authorities.as_ref(),
        ];
        files.map(|path| {
            let state = fs::metadata(path?).ok()?;
            Some(Stamp {
                modified: state.modified().ok()?,
                length: state.len(),
                #[cfg(unix)]
                inode: std::os::unix::fs::MetadataExt::ino(&state),
            })
        })
    }
}

/// Reads the files.
///
/// # Errors
///
/// What is wrong with which of them.
fn acceptor(files: &Files) -> Result<TlsAcceptor, Error> {
    let provider = Arc::new(ring::default_provider());
    let certificates = certificates(&files.certificates)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| match error {
        pem::Error::NoItemsFound => fault(&files.key, &"it holds no private key in PEM"),
        error => unread(&files.key, &error),
    })?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let builder = match &files.client_authorities {
        Some(path) => builder.with_client_cert_verifier(verifier(path, provider)?),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder
        .with_single_cert(certificates, key)
        .map_err(|error| {
            let what = format!(
                "{error} (with the certificate in `{}`)",
                files.certificates.display()
            );
            fault(&files.key, &what)
        })?;
    config.alpn_protocols = [
        #[cfg(feature = "http2")]
        b"h2".to_vec(),
        b"http/1.1".to_vec(),
    ]
    .into();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// What lets clients in that have no certificate, or a good one: which operations need one is the document's to say.
fn verifier(
    path: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| fault(path, &error))?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    builder
        .allow_unauthenticated()
        .build()
        .map_err(|error| fault(path, &error))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match certificates {
        Ok(certificates) if certificates.is_empty() => {
            Err(fault(path, &"it holds no certificate in PEM"))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(unread(path, &error)),
    }
}

fn unread(path: &Path, error: &pem::Error) -> Error {
    match error {
        pem::Error::Io(error) => fault(path, error),
        // How a file of secrets is broken is told without its text.
        _ => fault(path, &"it is no PEM"),
    }
}

fn fault(path: &Path, what: &dyn std::fmt::Display) -> Error {
    Error::new(format!("cannot use `{}` for TLS: {what}", path.display()))
}

/// The certificate that the client has shown, which is verified.
pub(super) fn peer_certificate(connection: &ServerConnection) -> Option<PeerCertificate> {
    let chain = connection.peer_certificates()?;
    let chain = chain.iter().map(|it| Bytes::copy_from_slice(it));
    Some(PeerCertificate::new(chain))
}
