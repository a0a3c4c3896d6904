//! The client's half of HTTP/1.1: one connection, one request at a time, answers framed by `content-length`.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::Error;

/// The longest answer that is read, in bytes.
const LIMIT: usize = 1 << 20;

/// How long a blocking client waits for an answer; valgrind slows a server down fifty times.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection that waits for each answer by blocking.
pub(crate) struct Client {
    stream: TcpStream,
    answer: Answer,
}

impl Client {
    /// Connects without delaying small writes.
    pub(crate) fn connect(address: SocketAddr) -> Result<Self, Error> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            answer: Answer::default(),
        })
    }

    /// Sends `request` and returns status and body of its answer.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<(u16, &[u8]), Error> {
        self.stream.write_all(request)?;
        self.answer.clear();
        loop {
            if let Some(head) = self.answer.head()? {
                return Ok((head.status, &self.answer.bytes[head.body..]));
            }
            let count = self.stream.read(self.answer.room())?;
            self.answer.grow(count)?;
        }
    }
}

/// A connection of the load generator.
pub(crate) struct AsyncClient {
    stream: tokio::net::TcpStream,
    answer: Answer,
}

impl AsyncClient {
    /// Connects without delaying small writes.
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self, Error> {
        let stream = tokio::net::TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            answer: Answer::default(),
        })
    }

    /// Sends `request` and returns the status of its answer, read to the end.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<u16, Error> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        loop {
            if let Some(head) = self.answer.head()? {
                return Ok(head.status);
            }
            let count = self.stream.read(self.answer.room()).await?;
            self.answer.grow(count)?;
        }
    }
}

/// An answer as far as it has arrived.
#[derive(Default)]
struct Answer {
    /// The room is kept between answers, so its length says nothing.
    bytes: Vec<u8>,
    filled: usize,
    head: Option<Head>,
}

/// What the head of an answer says.
#[derive(Clone, Copy)]
struct Head {
    status: u16,
    /// Where the body starts.
    body: usize,
    /// Length of head and body together.
    length: usize,
}

impl Answer {
    fn clear(&mut self) {
        self.filled = 0;
        self.head = None;
    }

    /// The room for the next read, which is never empty.
    fn room(&mut self) -> &mut [u8] {
        if self.bytes.len() < self.filled + 4096 {
            self.bytes.resize(self.filled + 16_384, 0);
        }
        &mut self.bytes[self.filled..]
    }

    fn grow(&mut self, count: usize) -> Result<(), Error> {
        if count == 0 {
            return Err("the server closed the connection inside an answer".into());
        }
        self.filled += count;
        if self.filled > LIMIT {
            return Err("the answer is longer than 1 MiB".into());
        }
        Ok(())
    }

    /// The head, once head and body have arrived.
    fn head(&mut self) -> Result<Option<Head>, Error> {
        if self.head.is_none() {
            self.head = read_head(&self.bytes[..self.filled])?;
        }
        let Some(head) = self.head else {
            return Ok(None);
        };
        if self.filled > head.length {
            return Err("the server sent more than one answer".into());
        }
        if self.filled < head.length {
            return Ok(None);
        }
        self.bytes.truncate(self.filled);
        Ok(Some(head))
    }
}

fn read_head(bytes: &[u8]) -> Result<Option<Head>, Error> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let mut lines = std::str::from_utf8(&bytes[..end])?.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/1.1 "))
        .and_then(|line| line.get(..3)?.parse().ok())
        .ok_or("the answer does not start with a status line of HTTP/1.1")?;
    let length: usize = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .ok_or("the answer has no `content-length`")?;
    let body = end + 4;
    Ok(Some(Head {
        status,
        body,
        length: body + length,
    }))
}
