//! A server as a process of its own, with the environment that it is given.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The server, which ends with this.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) output: BufReader<ChildStdout>,
    /// Where it runs.
    pub(crate) folder: TempDir,
}

/// Settings are variables, and the text of a file `.env`.
pub(crate) fn command(variables: &[(&str, &str)], file: &str) -> (Command, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), file).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_served"));
    command
        .current_dir(folder.path())
        .envs(variables.iter().copied());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    (command, folder)
}

pub(crate) fn start(variables: &[(&str, &str)], file: &str) -> Process {
    let (mut command, folder) = command(variables, file);
    let mut child = command.spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    Process {
        child,
        output,
        folder,
    }
}

impl Process {
    /// Where it listens, as it says.
    pub(crate) fn place(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let place = line.trim_end().strip_prefix("listening on ");
        place.unwrap_or_else(|| panic!("{line}")).to_owned()
    }

    /// The address of TCP that it listens on.
    pub(crate) fn address(&mut self) -> String {
        self.place().strip_prefix("http://").unwrap().to_owned()
    }

    /// Tells it to stop, and returns what it has said on its standard error.
    pub(crate) fn logged(mut self) -> String {
        let mut log = self.child.stderr.take().unwrap();
        self.stop();
        let mut text = String::new();
        log.read_to_string(&mut text).unwrap();
        text
    }

    /// Tells it to stop, and returns what it says after that.
    pub(crate) fn stop(mut self) -> String {
        let id = Pid::from_child(&self.child);
        kill_process(id, Signal::TERM).unwrap();
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success());
        rest
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Where it has ended already, nothing is left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn exchange(mut stream: TcpStream, head: &str) -> String {
    stream.write_all(head.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

pub(crate) const GREET: &str =
    "GET /greetings/Ada HTTP/1.1\r\nhost: hello.example\r\nconnection: close\r\n\r\n";
