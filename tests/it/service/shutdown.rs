//! At its end the server waits for what it has begun, as long as there is time.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::shop::Shop;
use super::{app, read, serve};

/// So much of a response that its head is there.
async fn begin(stream: &mut TcpStream) {
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
}

#[tokio::test]
async fn tasks_in_the_background_are_waited_for() {
    let shop = Shop::default();
    let app = app(&shop);
    let tasks = app.tasks();
    let server = serve(app).await;
    server.exchange("/orders/background-gated").await;
    shop.noted("first begins").await;
    server.stop.notify_one();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!server.task.is_finished());
    shop.0.gate.add_permits(1);
    server.ended().await;
    assert_eq!(shop.notes().last().unwrap(), "last");
    assert_eq!(tasks.background().finished, 2);
}

#[tokio::test]
async fn tasks_in_the_background_are_cut_off_at_the_end() {
    let shop = Shop::default();
    let app = app(&shop).shutdown_timeout(Duration::from_secs(10));
    let tasks = app.tasks();
    let server = serve(app).await;
    server.exchange("/orders/background-gated").await;
    shop.noted("first begins").await;
    server.stop_without_time().await;
    tasks.drained().await;
    assert_eq!(tasks.background().dropped, 2);
    assert!(!shop.notes().iter().any(|it| it == "first ends"));
}

#[tokio::test]
async fn a_second_signal_waits_for_nothing() {
    let shop = Shop::default();
    let app = app(&shop);
    let tasks = app.tasks();
    let server = serve(app).await;
    server.exchange("/orders/background-gated").await;
    shop.noted("first begins").await;
    let _hanging = server.send("/orders/hang").await;
    shop.noted("hanging").await;
    server.stop.notify_one();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!server.task.is_finished());
    server.stop.notify_one();
    server.ended().await;
    tasks.drained().await;
    assert_eq!(tasks.background().dropped, 2);
}

/// A stream that has an end of its own comes to it.
#[tokio::test]
async fn streams_are_waited_for() {
    let shop = Shop::default();
    let server = serve(app(&shop)).await;
    let mut stream = server.send("/lines/hang").await;
    begin(&mut stream).await;
    server.stop.notify_one();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!server.task.is_finished());
    assert_eq!(shop.notes().last().unwrap(), "streaming");
    drop(stream);
    server.ended().await;
    assert_eq!(shop.notes().last().unwrap(), "-connection cancelled");
}

#[tokio::test]
async fn requests_and_streams_are_cut_off_in_time_to_release_what_they_have() {
    let shop = Shop::default();
    let app = app(&shop).shutdown_timeout(Duration::from_secs(10));
    let server = serve(app).await;
    let mut stream = server.send("/lines/hang").await;
    begin(&mut stream).await;
    let request = server.send("/orders/hang").await;
    shop.noted("hanging").await;
    server.stop_without_time().await;
    // All is done when the server is.
    let notes = shop.notes();
    let count = |note: &str| notes.iter().filter(|it| *it == note).count();
    assert_eq!(count("-transaction cancelled"), 2, "{notes:?}");
    assert_eq!(count("-connection cancelled"), 2, "{notes:?}");
    assert_eq!(read(request).await, "");
    assert!(!read(stream).await.ends_with("0\r\n\r\n"));
}

/// Without an end of its own, a stream can be told to end.
#[tokio::test]
async fn streams_end_when_they_are_told_of_it() {
    let shop = Shop::default();
    let server = serve(app(&shop)).await;
    let mut stream = server.send("/events").await;
    begin(&mut stream).await;
    server.stop.notify_one();
    let text = read(stream).await;
    assert!(text.ends_with("\r\n0\r\n\r\n"), "{text}");
    server.ended().await;
    assert_eq!(shop.notes()[2..], ["-transaction 200", "-connection 200"]);
}

/// Whoever asks meanwhile is answered, and asks elsewhere then.
#[tokio::test]
async fn during_the_delay_connections_are_closed_after_their_responses() {
    let shop = Shop::default();
    let server = serve(app(&shop).shutdown_delay(Duration::from_secs(3600))).await;
    let head = "GET /orders/nothing HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut kept = TcpStream::connect(server.address).await.unwrap();
    kept.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = kept.read(&mut answer).await.unwrap();
    let text = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(
        text.starts_with("HTTP/1.1 200") && !text.contains("connection:"),
        "{text}"
    );
    // It began before, and is answered meanwhile.
    let mut waiting = TcpStream::connect(server.address).await.unwrap();
    let gated = head.replace("nothing", "blocking");
    waiting.write_all(gated.as_bytes()).await.unwrap();
    shop.noted("blocking").await;
    server.stop.notify_one();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    shop.0.gate.add_permits(1);
    kept.write_all(head.as_bytes()).await.unwrap();
    let mut fresh = TcpStream::connect(server.address).await.unwrap();
    fresh.write_all(head.as_bytes()).await.unwrap();
    for stream in [kept, waiting, fresh] {
        // To its end, which the server makes.
        let text = read(stream).await;
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        assert!(text.contains("\r\nconnection: close\r\n"), "{text}");
    }
    assert!(!server.task.is_finished());
    server.stop().await;
}
