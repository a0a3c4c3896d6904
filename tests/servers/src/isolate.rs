//! Work in a thread of its own, so that a panic or work without an end is a failure of this work only.

use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

/// What a build script's main thread has on Linux.
const STACK_SIZE: usize = 8 << 20;

/// Does some work within a limit of time.
///
/// # Errors
///
/// The words of the panic, or that the time is over; the thread goes on then, and nobody listens.
pub fn isolated<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let panicked = Arc::new(Mutex::new(String::new()));
    let words = Arc::clone(&panicked);
    std::panic::set_hook(Box::new(move |info| {
        if let Ok(mut words) = words.lock() {
            *words = info.to_string().replace('\n', " ");
        }
    }));
    let (send, receive) = mpsc::channel();
    let spawned = thread::Builder::new()
        .stack_size(STACK_SIZE)
        .spawn(move || {
            // Nobody listens where the time is over.
            let _ = send.send(work());
        });
    let answer = match spawned {
        Ok(_) => receive.recv_timeout(limit).map_err(|error| match error {
            mpsc::RecvTimeoutError::Timeout => format!("no end after {} s", limit.as_secs()),
            mpsc::RecvTimeoutError::Disconnected => panicked
                .lock()
                .map_or_else(|_| "panicked".to_owned(), |words| words.clone()),
        }),
        Err(error) => Err(error.to_string()),
    };
    drop(std::panic::take_hook());
    answer
}
