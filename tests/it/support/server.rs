//! Servers on sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use specwright::App;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// A server on a socket, which stops when it is told to.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) stop: Arc<Notify>,
    pub(crate) task: JoinHandle<()>,
}

pub(crate) async fn serve(app: App) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = Arc::new(Notify::new());
    let signal = Arc::clone(&stop);
    let task = tokio::spawn(async move {
        app.serve_until(listener, || signal.notified())
            .await
            .unwrap();
    });
    Server {
        address,
        stop,
        task,
    }
}

impl Server {
    /// Sends a request, and returns the connection with the answer still to come.
    pub(crate) async fn send(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    /// Sends a request, and reads all that comes.
    pub(crate) async fn exchange(&self, path: &str) -> String {
        read(self.send(path).await).await
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.notify_one();
        self.ended().await;
    }

    /// Tells it to stop, where time passes only when nothing else is left to happen: what is cut off is cut off at once, and
    /// what is done then is done however slow the machine is.
    pub(crate) async fn stop_without_time(self) {
        tokio::time::pause();
        self.stop().await;
        tokio::time::resume();
    }

    pub(crate) async fn ended(self) {
        tokio::time::timeout(Duration::from_secs(60), self.task)
            .await
            .expect("the server should end")
            .unwrap();
    }
}

/// Reads all that comes, also where the connection breaks in the end.
pub(crate) async fn read(mut stream: TcpStream) -> String {
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(length) = stream.read(&mut chunk).await {
        if length == 0 {
            break;
        }
        received.extend_from_slice(&chunk[..length]);
    }
    String::from_utf8(received).unwrap()
}
