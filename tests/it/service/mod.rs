//! What stands around handlers: dependencies, tasks in the background, and the end of the server.

mod background;
mod blocking;
mod dependencies;
mod endings;
mod environment;
mod lifespan;
mod requirements;
mod serving;
mod shop;
mod shutdown;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, AppService};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use crate::support::request::Answer;

specwright::include_api!(pub mod service);

use shop::Shop;

/// An app that ends whatever hangs: nothing here takes an hour unless it is broken.
fn app(shop: &Shop) -> App {
    App::new(service::api(shop.clone())).shutdown_timeout(Duration::from_secs(3600))
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

/// Asks a service in this process.
async fn ask(service: &AppService, request: Request<Body>) -> Answer {
    Answer::of(service.clone().oneshot(request).await.unwrap()).await
}

/// Runs `GET /orders/{way}`, waits for what it leaves, and returns the status with what the shop noted.
async fn run(way: &str) -> (u16, Vec<String>) {
    let shop = Shop::default();
    let service = app(&shop).into_service().unwrap();
    let answer = ask(&service, get(&format!("/orders/{way}"))).await;
    service.tasks().drained().await;
    (answer.status, shop.notes())
}

/// A server on a socket, which stops when it is told to.
struct Server {
    address: SocketAddr,
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

async fn serve(app: App) -> Server {
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
    async fn send(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    /// Sends a request, and reads all that comes.
    async fn exchange(&self, path: &str) -> String {
        read(self.send(path).await).await
    }

    /// Tells it to stop, and waits until it has.
    async fn stop(self) {
        self.stop.notify_one();
        self.ended().await;
    }

    /// Tells it to stop, where time passes only when nothing else is left to happen: what is cut off is cut off at once, and
    /// what is done then is done however slow the machine is.
    async fn stop_without_time(self) {
        tokio::time::pause();
        self.stop().await;
        tokio::time::resume();
    }

    async fn ended(self) {
        tokio::time::timeout(Duration::from_secs(60), self.task)
            .await
            .expect("the server should end")
            .unwrap();
    }
}

/// Reads all that comes, also where the connection breaks in the end.
async fn read(mut stream: TcpStream) -> String {
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
