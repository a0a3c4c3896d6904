//! A server as a process: started on a free port, ended when dropped.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::{Error, machine};

/// The bytes that raw hyper answers are fixed, so the contract is not asked of it.
const FLOOR: &str = "hyper-floor";

/// A binary to measure.
pub(crate) struct Server {
    /// The name of its row.
    pub(crate) name: String,
    /// The binary, called as `PATH ADDRESS [--defaults]`.
    pub(crate) path: PathBuf,
}

impl Server {
    /// Whether it is held to the contract.
    pub(crate) fn keeps_contract(&self) -> bool {
        self.name != FLOOR
    }
}

/// What a server is asked to carry.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Variant {
    /// Routing, decoding and checks, nothing around them.
    Bare,
    /// With timeouts, body limit, panic guard and request id.
    Defaults,
}

impl Variant {
    /// Its name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Defaults => "defaults",
        }
    }
}

/// A running server.
pub(crate) struct Process {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts a server.
    pub(crate) fn start(server: &Server, variant: Variant) -> Result<Self, Error> {
        Self::spawn(Command::new(&server.path), variant)
    }

    /// Starts a server under callgrind, which writes its log to `log`.
    pub(crate) fn start_counted(
        server: &Server,
        variant: Variant,
        log: &Path,
    ) -> Result<Self, Error> {
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(format!("--log-file={}", log.display()))
            .arg(&server.path);
        Self::spawn(command, variant)
    }

    fn spawn(mut command: Command, variant: Variant) -> Result<Self, Error> {
        // The port is free again when the listener is dropped at the end of the statement.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        command.arg(address.to_string());
        if variant == Variant::Defaults {
            command.arg("--defaults");
        }
        // One worker thread: the server has one core, and counts stay steady.
        let child = command
            .env("TOKIO_WORKER_THREADS", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot start {command:?}: {error}"))?;
        Ok(Self { child, address })
    }

    /// Connects as soon as the server listens.
    pub(crate) fn connect(&mut self) -> Result<Client, Error> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            match Client::connect(self.address) {
                Ok(client) => return Ok(client),
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => {}
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("the server ended before it listened: {status}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends the server and waits until it is gone.
    pub(crate) fn stop(mut self) -> Result<(), Error> {
        machine::terminate(&mut self.child)?;
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.child.try_wait()?.is_none() {
            if Instant::now() > deadline {
                return Err("the server did not end in a minute".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Process {
    /// Nothing is left running, also after an error.
    fn drop(&mut self) {
        // Both fail only where the process is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
