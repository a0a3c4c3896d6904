//! Where connections come from: a port, a Unix socket, or a socket that was opened by whoever started the server.

use std::io::{self, Write as _};
use std::net::SocketAddr;
#[cfg(unix)]
use std::path::{Path, PathBuf};

use http::uri::Scheme;
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

use crate::error::Error;

/// What stands before the path of a Unix socket.
pub(super) const UNIX: &str = "unix:";

/// What a server accepts connections from: made of a [`TcpListener`] or, where there are any, a
/// [`UnixListener`](tokio::net::UnixListener).
#[derive(Debug)]
pub struct Listener {
    /// The file of a socket that was made here, and goes before it: a client is told at once that nobody is there.
    #[cfg(unix)]
    file: Option<SocketFile>,
    socket: Socket,
    /// Whether somebody else listens on it too, who serves those that wait.
    is_shared: bool,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self {
            #[cfg(unix)]
            file: None,
            socket: Socket::Tcp(listener),
            is_shared: false,
        }
    }
}

#[cfg(unix)]
impl From<UnixListener> for Listener {
    fn from(listener: UnixListener) -> Self {
        Self {
            file: None,
            socket: Socket::Unix(listener),
            is_shared: false,
        }
    }
}

/// A socket outside of tokio.
enum Waiting {
    Tcp(std::net::TcpListener),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixListener),
}

/// A connection that was accepted.
pub(super) enum Stream {
    Tcp(TcpStream, SocketAddr),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Listener {
    /// Listens on `host:port`, or on `unix:` and a path.
    pub(super) async fn bind(address: &str) -> Result<Self, Error> {
        let bound = match address {
            #[cfg(unix)]
            _ if address.starts_with(UNIX) => bind_unix(Path::new(&address[UNIX.len()..])),
            _ => TcpListener::bind(address).await.map(Self::from),
        };
        bound.map_err(|error| Error::new(format!("cannot listen on {address}: {error}")))
    }

    /// Takes the socket that whoever started this process has opened (`LISTEN_FDS`), where there is one.
    #[cfg(feature = "socket-activation")]
    pub(super) fn inherited() -> Result<Option<Self>, Error> {
        let mut sockets = listenfd::ListenFd::from_env();
        match sockets.len() {
            0 => return Ok(None),
            1 => {}
            count => {
                let message = format!(
                    "{count} sockets were handed over (LISTEN_FDS), and one can be listened on"
                );
                return Err(Error::new(message));
            }
        }
        match take(&mut sockets) {
            Ok(listener) => Ok(Some(Self {
                is_shared: true,
                ..listener
            })),
            Err(error) => Err(Error::new(format!(
                "cannot listen on the socket that was handed over (LISTEN_FDS): {error}"
            ))),
        }
    }

    /// Waits for the next connection.
    pub(super) async fn accept(&self) -> io::Result<Stream> {
        match &self.socket {
            Socket::Tcp(listener) => listener
                .accept()
                .await
                .map(|(stream, peer)| Stream::Tcp(stream, peer)),
            #[cfg(unix)]
            Socket::Unix(listener) => listener.accept().await.map(|(it, _)| Stream::Unix(it)),
        }
    }

    /// Listens no more, and takes what the system has connected already; where the socket stays open, that is for the next
    /// server on it.
    pub(super) fn into_waiting(self) -> impl Iterator<Item = Stream> {
        #[cfg(unix)]
        drop(self.file);
        // Past the reactor of tokio, which may not have heard of them.
        let listener = match self.socket {
            Socket::Tcp(listener) => listener.into_std().map(Waiting::Tcp),
            #[cfg(unix)]
            Socket::Unix(listener) => listener.into_std().map(Waiting::Unix),
        };
        let listener = listener.ok().filter(|_| !self.is_shared);
        std::iter::from_fn(move || match listener.as_ref()? {
            Waiting::Tcp(listener) => {
                let (stream, peer) = listener.accept().ok()?;
                stream.set_nonblocking(true).ok()?;
                Some(Stream::Tcp(TcpStream::from_std(stream).ok()?, peer))
            }
            #[cfg(unix)]
            Waiting::Unix(listener) => {
                let (stream, _) = listener.accept().ok()?;
                stream.set_nonblocking(true).ok()?;
                Some(Stream::Unix(UnixStream::from_std(stream).ok()?))
            }
        })
    }

    /// Where clients find it, for people.
    pub(super) fn place(&self, scheme: &Scheme) -> io::Result<String> {
        Ok(match &self.socket {
            Socket::Tcp(listener) => format!("{scheme}://{}", listener.local_addr()?),
            #[cfg(unix)]
            Socket::Unix(listener) => match listener.local_addr()?.as_pathname() {
                Some(path) => format!("{UNIX}{}", path.display()),
                None => "a Unix socket without a name".to_owned(),
            },
        })
    }

    /// Says where on the standard output: one plain line, which is there without any logging set up.
    pub(super) fn announce(&self, scheme: &Scheme) -> io::Result<()> {
        let place = self.place(scheme)?;
        // A closed standard output is no reason not to serve.
        let _ = writeln!(io::stdout(), "listening on {place}");
        Ok(())
    }
}

#[cfg(feature = "socket-activation")]
fn take(sockets: &mut listenfd::ListenFd) -> io::Result<Listener> {
    match sockets.take_tcp_listener(0) {
        Ok(Some(listener)) => {
            check_listens(&listener)?;
            listener.set_nonblocking(true)?;
            return Ok(TcpListener::from_std(listener)?.into());
        }
        #[cfg(unix)]
        Ok(None) | Err(_) => {}
        #[cfg(not(unix))]
        Ok(None) => {}
        #[cfg(not(unix))]
        Err(error) => return Err(error),
    }
    #[cfg(unix)]
    if let Some(listener) = sockets.take_unix_listener(0)? {
        check_listens(&listener)?;
        listener.set_nonblocking(true)?;
        return Ok(UnixListener::from_std(listener)?.into());
    }
    Err(io::Error::other("it is gone"))
}

/// To accept connections of a socket that does not listen would fail again and again.
#[cfg(all(feature = "socket-activation", unix, not(target_vendor = "apple")))]
fn check_listens(socket: impl std::os::fd::AsFd) -> io::Result<()> {
    match rustix::net::sockopt::socket_acceptconn(socket)? {
        true => Ok(()),
        false => Err(io::Error::other(
            "it does not listen (in systemd, a socket unit with `Accept=no`)",
        )),
    }
}

/// Apple's systems do not tell.
#[cfg(all(
    feature = "socket-activation",
    not(all(unix, not(target_vendor = "apple")))
))]
fn check_listens<S>(_: &S) -> io::Result<()> {
    Ok(())
}

/// Makes a Unix socket in place of one that nobody listens on any more.
#[cfg(unix)]
fn bind_unix(path: &Path) -> io::Result<Listener> {
    use std::os::unix::fs::FileTypeExt as _;
    use std::os::unix::net::UnixStream as StdUnixStream;

    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket());
    if is_socket
        && let Err(error) = StdUnixStream::connect(path)
        && error.kind() == io::ErrorKind::ConnectionRefused
    {
        std::fs::remove_file(path)?;
    }
    // The file is somebody else's where this fails.
    let socket = UnixListener::bind(path)?;
    Ok(Listener {
        file: Some(SocketFile(path.to_owned())),
        socket: Socket::Unix(socket),
        is_shared: false,
    })
}

/// The file of a Unix socket, which is removed when nobody listens any more.
#[cfg(unix)]
#[derive(Debug)]
struct SocketFile(PathBuf);

#[cfg(unix)]
impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Whether only the connection that was about to be accepted is affected.
pub(super) fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
